#!/usr/bin/env bats
# make dist: from the same sources always the same tarball.

# shellcheck disable=SC2016  # awk's own $
bats_require_minimum_version 1.5.0

: "${top_srcdir:?}" "${top_builddir:?}"

# dist NAME [VARIABLE=VALUE...]: makes the tarball, as a person types it, and keeps it as $BATS_TEST_TMPDIR/NAME.
dist() {
    local name=$1
    shift
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES "$@" make -C "$top_builddir" dist >"$BATS_TEST_TMPDIR/log" 2>&1 || {
        cat "$BATS_TEST_TMPDIR/log" >&2
        return 1
    }
    mv "$top_builddir"/fcgi-bearer-*.tar.xz "$BATS_TEST_TMPDIR/$name"
}

@test "two tarballs are the same, whatever umask, locale and time zone; sorted, of no user, with one time" {
    local names
    (umask 022 && dist one TZ=UTC0 LC_ALL=C)
    (umask 077 && dist two TZ=UTC+9 LC_ALL=C.UTF-8)
    cmp "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
    names=$(TZ=UTC0 tar --full-time -tvJf "$BATS_TEST_TMPDIR/one")
    [[ $(awk '{ print $2, $4, $5 }' <<<"$names" | sort -u) == "0/0 $(date -u -d "@$("$top_srcdir/build-aux/source-time.sh")" '+%F %T')" ]]
    run ! grep -v '^-rw-r--r-- \|^-rwxr-xr-x \|^drwxr-xr-x ' <<<"$names"
    # Directory by directory.
    names=$(awk '{ print $NF }' <<<"$names")
    [[ $(tr / '\1' <<<"$names") == "$(tr / '\1' <<<"$names" | LC_ALL=C sort)" && $names == *fcgi-bearer-*/src/fcgi/main.c* ]]
}

@test "another SOURCE_DATE_EPOCH is the time of its files" {
    dist one SOURCE_DATE_EPOCH=1000000000
    [[ $(TZ=UTC0 tar --full-time -tvJf "$BATS_TEST_TMPDIR/one" | awk '{ print $4, $5 }' | sort -u) == '2001-09-09 01:46:40' ]]
}

@test "without git the time is that of the files" {
    mkdir "$BATS_TEST_TMPDIR/build-aux"
    cp "$top_srcdir/build-aux/source-time.sh" "$BATS_TEST_TMPDIR/build-aux"
    touch -d @1234567890 "$BATS_TEST_TMPDIR/NEWS"
    run -0 "$BATS_TEST_TMPDIR/build-aux/source-time.sh"
    # shellcheck disable=SC2154  # of run
    [[ $output == 1234567890 ]]
}

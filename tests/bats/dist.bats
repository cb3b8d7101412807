#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# make dist: from the same sources always the same tarball, and all that ./dev package needs in it.

# shellcheck disable=SC2016  # awk's own $
bats_require_minimum_version 1.5.0
load ../support/untraced

: "${top_srcdir:?}" "${top_builddir:?}"

# dist NAME [VARIABLE=VALUE...]: makes the tarball, as a person types it, and keeps it as $BATS_TEST_TMPDIR/NAME; packed
# quickly, as how small it is has no part in this.
dist() {
    local name=$1
    shift
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES XZ_OPT=-0 "$@" make -C "$top_builddir" dist >"$BATS_TEST_TMPDIR/log" 2>&1 || {
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
    [[ $(tr / '\1' <<<"$names") == "$(tr / '\1' <<<"$names" | LC_ALL=C sort)" && $names == *fcgi-bearer-*/src/main/bearer_fcgi.c* ]]
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

# stub NAME: a program of that name that comes first; what it does is on standard input.
stub() {
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    cat - >"$BATS_TEST_TMPDIR/bin/$1"
    chmod 755 "$BATS_TEST_TMPDIR/bin/$1"
}

# ./dev check builds the package itself, from a checkout: here dpkg-buildpackage only keeps what it is given.
@test "S6: without git an unpacked release makes the package, of the same version and sources as a checkout" {
    local release=$BATS_TEST_TMPDIR/release taken=$BATS_TEST_TMPDIR/taken version file
    export release taken
    version=$(sed -n 's/^AC_INIT(\[fcgi-bearer\], \[\(.*\)\])/\1/p' "$top_srcdir/configure.ac")
    dist one
    mkdir "$release"
    tar -xJf "$BATS_TEST_TMPDIR/one" -C "$release" --strip-components=1
    mkdir "$release/build" "$release/build-san" # which are not sources
    echo 'echo "git was asked" >&2; exit 1' | stub git
    stub dpkg-buildpackage <<'END'
#!/bin/sh
set -eu
cp -R . "$taken"
version=$(sed -n '1s/^fcgi-bearer (\(.*\)) .*/\1/p' debian/changelog)
for kind in deb changes buildinfo; do
    : >"../fcgi-bearer_$version.$kind"
done
END
    stub lintian </dev/null
    run -0 env PATH="$BATS_TEST_TMPDIR/bin:$PATH" sh -c 'set -eu; umask 022; top=$release; parts=$top/build-aux/dev
        . "$parts/lib.sh"; . "$parts/package.sh"; clean_environment; need_packages() { :; }
        package'
    [[ $output == *"build-package/fcgi-bearer_$version.deb"* && $output != *'git was asked'* ]]
    [[ -n $version && -e $release/build-package/fcgi-bearer_$version.deb && -x $taken/debian/rules ]]
    run -1 diff -r "$release" "$taken"
    [[ $output == "Only in $release: build"$'\n'"Only in $release: build-package"$'\n'"Only in $release: build-san" ]]
    # What git has, a checkout's package is made of; but for what nobody builds with.
    if [[ -e $top_srcdir/.git ]]; then
        while read -r file; do
            cmp "$top_srcdir/$file" "$taken/$file"
        done < <(git -c safe.directory="$top_srcdir" -C "$top_srcdir" ls-files | grep -vx '.gitignore\|bench/results\..*')
    fi
}

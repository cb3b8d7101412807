#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # run sets $stderr
# make install puts things where README says, and what is installed runs.

bats_require_minimum_version 1.5.0
load ../support/untraced
load ../support/installed

: "${top_srcdir:?}" "${top_builddir:?}"

setup_file() {
    export ROOT=$BATS_FILE_TMPDIR/root
    user_make -C "$top_builddir" install DESTDIR="$ROOT" prefix=/usr sysconfdir=/etc localstatedir=/var \
        >"$BATS_FILE_TMPDIR/log" 2>&1 || {
        cat "$BATS_FILE_TMPDIR/log" >&2
        return 1
    }
}

@test "programs, manual pages and examples are where README says" {
    local file
    for file in libexec/fcgi-bearer/bearer.fcgi bin/bearerctl bin/bearer-issuer; do
        [[ -x $ROOT/usr/$file ]]
    done
    for file in man8/bearer.fcgi.8 man1/bearerctl.1 man1/bearer-issuer.1 man5/bearer.env.5; do
        [[ -s $ROOT/usr/share/man/$file ]]
    done
    for file in README.md NEWS LICENSE SECURITY.md examples/lighttpd-conf/fcgi-bearer.conf \
        examples/apache-conf/proxy-fcgi.conf examples/apache-conf/fcgid-vhost.conf examples/apache-conf/cgi.conf \
        examples/apache-conf/shared-hosting/.htaccess; do
        [[ -s $ROOT/usr/share/doc/fcgi-bearer/$file ]]
    done
}

@test "make html renders each manual page, with links between them; make clean takes them away" {
    local page
    run -0 user_make -C "$top_builddir" html
    cd "$top_builddir/doc/html"
    for page in bearer.fcgi.8 bearerctl.1 bearer-issuer.1 bearer.env.5; do
        grep -qF "<title>${page%.*}(${page##*.})</title>" <(tr '[:upper:]' '[:lower:]' <"$page.html")
    done
    grep -q 'href="bearer.env.5.html"' bearerctl.1.html
    # Of other programs: elsewhere, and never a file that is not there.
    [[ $(cat -- *.html | grep -o 'class="Xr" href="[^"]*"' | cut -d '"' -f 4 | sort -u |
        while read -r page; do [[ $page == https://manpages.debian.org/* || -s $page ]] || echo "$page"; done) == '' ]]
    # Not done: other tests of this build use what else it takes away.
    run -0 user_make -n -C "$top_builddir" clean-local
    grep -q '^rm -rf .*\<doc/html\>' <<<"$output"
}

@test "without mandoc make html says what to install" {
    run -2 --separate-stderr user_make -C "$top_builddir" html MANDOC=
    [[ $stderr == *"make html needs mandoc. On Debian: apt-get install mandoc"* ]]
}

@test "bash-completion finds the completion of bearerctl by its name" {
    cmp "$top_srcdir/completion/bearerctl" "$ROOT/usr/share/bash-completion/completions/bearerctl"
}

@test "the cache directory is made, closed to others, for the workers' user" {
    local owner
    owner=$(id -un)
    if [[ $(id -u) == 0 ]]; then
        owner=www-data # --with-worker-user's default
    fi
    [[ $(stat -c '%a %U' "$ROOT/var/cache/fcgi-bearer") == "700 $owner" ]]
}

@test "D7: a link in the place of the cache directory is not followed" {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p link/var/cache target
    chmod 755 target
    ln -s "$PWD/target" link/var/cache/fcgi-bearer
    run -2 user_make -C "$top_builddir" install-data-local DESTDIR="$PWD/link" prefix=/usr localstatedir=/var
    [[ $output == *'/var/cache/fcgi-bearer is a link: what it points to would be made the workers'* ]]
    [[ $(stat -c '%a %U' target) == "755 $(id -un)" ]]
}

@test "--help and --version of each installed program" {
    local program
    for program in libexec/fcgi-bearer/bearer.fcgi bin/bearerctl bin/bearer-issuer; do
        run --separate-stderr -0 "$ROOT/usr/$program" --version </dev/null
        [[ $output == "${program##*/} (fcgi-bearer) "[0-9]* && -z $stderr ]]
        run --separate-stderr -0 "$ROOT/usr/$program" --help </dev/null
        [[ $output == "Usage: ${program##*/} "* && -z $stderr ]]
    done
}

@test "usage errors: 64, with a sentence" {
    run --separate-stderr -64 "$ROOT/usr/libexec/fcgi-bearer/bearer.fcgi" --nonsense </dev/null
    [[ $stderr == *"--help"* && -z $output ]]
    run --separate-stderr -64 "$ROOT/usr/bin/bearerctl" nonsense </dev/null
    [[ $stderr == *"'nonsense'"* && -z $output ]]
    run --separate-stderr -64 "$ROOT/usr/bin/bearerctl" refresh --nonsense </dev/null
    [[ $stderr == *"'--nonsense'"* && -z $output ]]
    run --separate-stderr -64 "$ROOT/usr/bin/bearerctl" </dev/null
    [[ $stderr == *"--help"* && -z $output ]]
}

@test "started by hand: a bad configuration is 78, with variable, place and remedy" {
    run --separate-stderr -78 env -i BEARER_CONFIG= AUTH0_DOMAIN=https://x.example/ AUTH0_API_AUDIENCE=a \
        "$ROOT/usr/libexec/fcgi-bearer/bearer.fcgi" </dev/null
    [[ $stderr == *AUTH0_DOMAIN* && $stderr == *environment* && $stderr == *"x.example"* && -z $output ]]
    run --separate-stderr -64 env -i BEARER_CONFIG= AUTH0_DOMAIN=x.example AUTH0_API_AUDIENCE=a \
        "$ROOT/usr/libexec/fcgi-bearer/bearer.fcgi" </dev/null
    [[ $stderr == *"configuration is good"* ]]
}

@test "the worker links neither libcurl nor libjwt, and bearerctl neither libjwt nor libfcgi" {
    run -0 ldd "$ROOT/usr/libexec/fcgi-bearer/bearer.fcgi"
    [[ $output == *libfcgi* && $output != *libcurl* && $output != *libjwt* ]]
    run -0 ldd "$ROOT/usr/bin/bearerctl"
    [[ $output == *libcurl* && $output != *libjwt* && $output != *libfcgi* ]]
}

@test "the programs are hardened: position independent, full RELRO, no executable stack" {
    local program
    for program in libexec/fcgi-bearer/bearer.fcgi bin/bearerctl bin/bearer-issuer; do
        run -0 readelf -hldW "$ROOT/usr/$program"
        [[ $output == *"DYN (Position-Independent Executable"* ]]
        [[ $output == *GNU_RELRO* && $output == *BIND_NOW* ]]
        grep -q 'GNU_STACK.* RW ' <<<"$output"
    done
}

@test "D10: the programs are hardened: what is forgotten is zero, and no check is taken away, where the compiler has that" {
    local compiler flags flag program
    compiler=$(sed -n 's/^CC = //p' "$top_builddir/Makefile")
    flags=" $(sed -n 's/^AM_CFLAGS = //p' "$top_builddir/Makefile") "
    for flag in -ftrivial-auto-var-init=zero -fno-strict-overflow -fno-delete-null-pointer-checks; do
        # shellcheck disable=SC2086  # words
        $compiler -Werror "$flag" -c -x c -o /dev/null /dev/null || continue
        [[ $flags == *" $flag "* ]]
        # gcc writes into what it has compiled for a debugger how it did that.
        for program in libexec/fcgi-bearer/bearer.fcgi bin/bearerctl bin/bearer-issuer; do
            readelf --debug-dump=info --dwarf-depth=1 "$ROOT/usr/$program" 2>/dev/null | grep 'DW_AT_producer.*: GNU C[0-9]' >"$BATS_TEST_TMPDIR/units" || continue
            run ! grep -vF -- " $flag" "$BATS_TEST_TMPDIR/units"
        done
    done
}

@test "make uninstall takes every file away again" {
    cp -a "$ROOT" "$BATS_TEST_TMPDIR/root"
    user_make -C "$top_builddir" uninstall DESTDIR="$BATS_TEST_TMPDIR/root" prefix=/usr sysconfdir=/etc localstatedir=/var
    [[ -z $(find "$BATS_TEST_TMPDIR/root" ! -type d) ]]
}

@test "bearerctl reads what the workers read, wherever it lies itself" {
    cd "$BATS_TEST_TMPDIR"
    mkdir bin libexec
    chmod 0755 . bin libexec
    cp "$ROOT/usr/bin/bearerctl" bin
    cp "$ROOT/usr/libexec/fcgi-bearer/bearer.fcgi" libexec
    ln -s ../libexec/bearer.fcgi bin/bearer.fcgi
    "$ROOT/usr/bin/bearer-issuer" init issuer --issuer https://localhost/ </dev/null >kid
    {
        echo AUTH0_ISSUER=https://localhost/
        echo AUTH0_API_AUDIENCE=api
        echo "BEARER_JWKS_URI=file://$PWD/issuer/www/.well-known/jwks.json"
    } >libexec/bearer.env
    run --separate-stderr -0 env -i "$PWD/bin/bearerctl" refresh </dev/null
    [[ $output == *"$PWD/issuer/www/.well-known/jwks.json by the workers themselves"* ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ./dev where it does not build anything, and the configuration files it ships: what it serves is shown by
# "./dev demo --once", which ./dev check runs.

bats_require_minimum_version 1.5.0
load ../support/untraced

: "${top_srcdir:?}" "${top_builddir:?}"

dev=$top_srcdir/dev
substitute=$top_srcdir/tests/support/substitute.sh

teardown() {
    if [[ -s $BATS_TEST_TMPDIR/listener.pid ]]; then
        kill "$(<"$BATS_TEST_TMPDIR/listener.pid")"
    fi
}

# in_dev CODE: runs shell code among the functions of ./dev.
in_dev() {
    # shellcheck disable=SC2016  # for the inner shell
    sh -c 'set -eu; top=$1; parts=$top/build-aux/dev
        for part in lib packages ports; do . "$parts/$part.sh"; done
        eval "$2"' sh "$top_srcdir" "$1"
}

@test "help is the same for help, --help, -h and no argument" {
    run -0 "$dev" help
    [[ $output == "usage: ./dev COMMAND"* ]]
    help=$output
    for argument in --help -h; do
        run -0 "$dev" "$argument"
        [[ $output == "$help" ]]
    done
    run -0 "$dev"
    [[ $output == "$help" ]]
}

@test "every command that exists is in the help, and nothing else" {
    run -0 "$dev" help
    listed=$(sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' <<<"$output" | sort -u)
    known=$(sed -n 's/^    \([-a-z |]*\))$/\1/p' "$dev" | tr -d ' ' | tr '|' '\n' | grep -v '^-' | sort -u)
    [[ $listed == "$known" ]]
}

@test "what is not understood exits 64 and names the help" {
    for arguments in frobnicate "demo --twice" "demo --once more" "check now" "analyze now" "coverage now" "directives now" "bundle now" "cleanroom now" "cleanroom trixie bookworm" \
        "mutations now" "package now" "package --test now" fuzz "fuzz 0" "fuzz ten" "fuzz -1" "fuzz 1 no-such-fuzzer"; do
        # shellcheck disable=SC2086  # words on purpose
        run -64 "$dev" $arguments
        [[ $output == *"Try: ./dev help"* ]]
    done
}

@test "a PORT that is none exits 64 before anything is built" {
    for port in 0 65536 123456789 http -1 "80 80"; do
        PORT=$port run -64 "$dev" demo
        [[ $output == *"PORT=$port is no port"* ]]
    done
}

@test "a busy port: by what, and how to choose another" {
    port=$(in_dev free_port)
    spawn-fcgi -a 127.0.0.1 -p "$port" -P "$BATS_TEST_TMPDIR/listener.pid" -- /bin/sleep 60 3>&- 4>&-
    PORT=$port run -1 "$dev" demo
    [[ ${lines[0]} == "dev: port $port is in use by sleep (process $(<"$BATS_TEST_TMPDIR/listener.pid"))" ]]
    [[ ${lines[1]} == *"PORT="[0-9]*" ./dev demo" ]]
}

@test "a free port has no holder" {
    run -0 in_dev "holder \"\$(free_port)\""
    [[ -z $output ]]
}

@test "without root and sudo a missing package is named, with the command that installs it" {
    # The user need not be able to enter the checkout.
    code=$(cat "$top_srcdir/build-aux/dev/lib.sh" "$top_srcdir/build-aux/dev/packages.sh")
    # shellcheck disable=SC2016  # for the inner shell
    run -1 setpriv --reuid=nobody --regid=nogroup --clear-groups -- sh -c '
        set -eu
        eval "$1"
        PATH=/usr/bin:/bin
        sudo() { return 1; }
        packages_table() {
            echo "build libc6"
            echo "build fcgi-bearer-no-such-package"
            echo "build fcgi-bearer-other-package sh"
            echo "check fcgi-bearer-not-asked-for"
        }
        need_packages build </dev/null' sh "$code"
    echo "$output"
    [[ $output == *"As root, run"*"apt-get install --no-install-recommends fcgi-bearer-no-such-package"* ]]
    [[ $output != *libc6* && $output != *other-package* && $output != *not-asked-for* ]]
}

@test "a checkout in which ./configure was run is not built beside, and is told how to be" {
    cp -R "$top_srcdir/dev" "$top_srcdir/build-aux" "$BATS_TEST_TMPDIR"
    chmod -R u+w "$BATS_TEST_TMPDIR"
    touch "$BATS_TEST_TMPDIR/config.status"
    run -1 "$BATS_TEST_TMPDIR/dev" bundle
    [[ $output == *"./configure was run in $BATS_TEST_TMPDIR itself"*'run "make distclean" there first'* ]]
    [[ ! -e $BATS_TEST_TMPDIR/configure && ! -e $BATS_TEST_TMPDIR/build/config.status ]]
}

@test "settings of the person's shell do not get into a build or a test" {
    AUTH0_DOMAIN=tenant.example BEARER_CONFIG=/x GATEWAY_INTERFACE=CGI/1.1 MAKEFLAGS=-n \
        run -0 in_dev 'clean_environment; env'
    [[ $output != *AUTH0_* && $output != *BEARER_* && $output != *GATEWAY_* && $output != *MAKEFLAGS* ]]
}

@test "a directory of the demo can be entered by the user that workers run as" {
    # shellcheck disable=SC2016  # for the inner shell
    TMPDIR=/root run -0 in_dev 'new_state_dir fcgi-bearer-test; as_worker ls "$state_dir"; rmdir "$state_dir"; echo "$state_dir"'
    [[ $output == /tmp/fcgi-bearer-test.* || $output == /var/tmp/fcgi-bearer-test.* ]]
}

# with_program FILE: what lighttpd thinks of a configuration where bearer.fcgi is installed below /usr (in a namespace).
with_program() {
    # shellcheck disable=SC2016  # for the inner shell
    unshare --mount sh -c 'mount -t tmpfs tmpfs /usr/libexec && mkdir /usr/libexec/fcgi-bearer &&
        cp "$1" /usr/libexec/fcgi-bearer/ && lighttpd -tt -f "$2"' sh "$top_builddir/bearer.fcgi" "$1"
}

@test "the lighttpd snippet is valid as it stands, in Debian's own configuration" {
    cat >"$BATS_TEST_TMPDIR/lighttpd.conf" <<EOF
include "/etc/lighttpd/lighttpd.conf"
include "$top_srcdir/lighttpd-conf/fcgi-bearer.conf"
EOF
    run with_program "$BATS_TEST_TMPDIR/lighttpd.conf"
    echo "$output"
    [[ $status -eq 0 && -z $output ]]
    # The same without the program gives a complaint: what was silent above has been looked at.
    sed 's|/usr/libexec|/nowhere|' "$top_srcdir/lighttpd-conf/fcgi-bearer.conf" >"$BATS_TEST_TMPDIR/fcgi-bearer.conf"
    sed -i '2s|.*|include "fcgi-bearer.conf"|' "$BATS_TEST_TMPDIR/lighttpd.conf"
    run with_program "$BATS_TEST_TMPDIR/lighttpd.conf"
    [[ $output == *'invalid "bin-path" => "/nowhere/fcgi-bearer/bearer.fcgi"'* ]]
}

@test "the demo's lighttpd configuration is valid as it stands" {
    run -0 lighttpd -t -f "$top_srcdir/lighttpd-conf/demo.conf"
    [[ $output == "Syntax OK" ]]
}

@test "substitute.sh changes nothing unless told to" {
    for file in "$top_srcdir"/lighttpd-conf/*; do
        run -0 "$substitute" "$file"
        [[ $output == "$(<"$file")" ]]
    done
}

@test "substitute.sh changes what it is told to, and never part of a value" {
    printf '%s\n' '"/run/lighttpd/x" /run/fcgi-bearer.sock' '127.0.0.1:8000' '18000 www-data /etc/fcgi-bearer' \
        >"$BATS_TEST_TMPDIR/conf"
    FB_RUN=/tmp/8000/run/fcgi-bearer FB_PORT=8443 FB_TLS_PORT=9 FB_USER=nobody FB_SYSCONF=/tmp/www-data \
        run -0 "$substitute" "$BATS_TEST_TMPDIR/conf"
    [[ ${lines[0]} == '"/tmp/8000/run/fcgi-bearer/x" /tmp/8000/run/fcgi-bearer.sock' ]]
    [[ ${lines[1]} == 127.0.0.1:8443 ]]
    [[ ${lines[2]} == '18000 nobody /tmp/www-data' ]]
}

@test "substitute.sh refuses a value that would mean something to a server" {
    for value in '/tmp/a b' '/tmp/"x' '/tmp/|x' '/tmp/&' '/tmp/*' '/tmp/\x'; do
        FB_RUN=$value run -64 "$substitute" "$top_srcdir/lighttpd-conf/demo.conf"
        [[ $output == *"FB_RUN=$value has characters"* ]]
    done
    run -64 "$substitute"
    [[ $output == usage:* ]]
}

@test "S7: a clean room of another release comes from the mirror of this machine's own" {
    local of
    cat >"$BATS_TEST_TMPDIR/apt-get" <<'EOF'
#!/bin/sh
printf 'Debian bookworm%s main\n' ' http://mirror.example/debian/' '-updates http://mirror.example/debian/' \
    '-security http://mirror.example/security/' '-backports http://mirror.example/debian/'
echo 'Other bookworm http://other.example/ main'
EOF
    chmod 755 "$BATS_TEST_TMPDIR/apt-get"
    for of in bookworm trixie; do
        # shellcheck disable=SC2016  # for the inner shell
        PATH=$BATS_TEST_TMPDIR:$PATH run -0 in_dev '. "$parts/cleanroom.sh"; release=bookworm; debian='"$of"'
            find_mirror; printf "%s\n" "$mirror" "$sources"'
        [[ $output == "http://mirror.example/debian/
http://mirror.example/debian/ $of main
http://mirror.example/debian/ $of-updates main
http://mirror.example/security/ $of-security main" ]]
    done
}

@test "S7: warnings are errors and the form is judged in CI on the release it names, nowhere else" {
    local pinned
    pinned=$(sed -n 's/^pinned=//p' "$top_srcdir/.ci/run")
    [[ $pinned ]]
    # shellcheck disable=SC2016  # for the inner shell
    code='. "$parts/build.sh"; build_in() { echo "$@"; }; build_gcc; build_sanitized; strictness'
    CI=true run -0 in_dev "release=$pinned; $code"
    [[ $(grep -c -e --enable-werror <<<"$output") -eq 3 ]]
    # shellcheck disable=SC2016  # the script's own
    grep -qF 'CC=clang CFLAGS=-O0 $(strictness)"' "$top_srcdir/build-aux/dev/check.sh"
    CI=true run -0 in_dev "release=another; $code"
    [[ ${#lines[@]} -eq 2 && $output != *werror* ]]
    CI='' run -0 in_dev "release=$pinned; $code"
    [[ ${#lines[@]} -eq 2 && $output != *werror* ]]
}

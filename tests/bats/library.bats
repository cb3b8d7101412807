#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # each test has its own $output, which run sets
# The installed libraries: what they export, and programs of others that are built with nothing but pkg-config.

bats_require_minimum_version 1.5.0
load ../support/untraced
load ../support/installed

: "${top_srcdir:?}" "${top_builddir:?}"

setup_file() {
    install_into "$BATS_FILE_TMPDIR/installed" || return
    export LD_LIBRARY_PATH=$INSTALLED/lib
    cd "$BATS_FILE_TMPDIR" || return
    chmod 755 .
    "$INSTALLED/bin/bearer-issuer" init issuer --issuer https://issuer.test/ </dev/null >kid
    {
        echo AUTH0_ISSUER=https://issuer.test/
        echo AUTH0_API_AUDIENCE=api
        echo BEARER_REALM=door
        echo "BEARER_JWKS_URI=file://$PWD/issuer/www/.well-known/jwks.json"
    } >bearer.env
}

token() {
    "$INSTALLED/bin/bearer-issuer" token "$BATS_FILE_TMPDIR/issuer" --aud api --sub somebody "$@" </dev/null
}

# flags LIBRARY...: what pkg-config says, as words.
flags() {
    read -r -a FLAGS < <(pkg-config --cflags --libs "$@")
}

# exported LIBRARY: the names that it offers, with their versions.
exported() {
    nm -D --defined-only --with-symbol-versions "$INSTALLED/lib/$1" | awk '$2 != "A" { sub(/@@/, "@", $3); print $3 }' | LC_ALL=C sort
}

# listed LIBRARY: those that a change of debian/libbearer0.symbols would make more or fewer.
listed() {
    awk -v library="$1" '/^[^ ]/ { ours = $1 == library; next } ours && $1 !~ /^BEARER/ { print $1 }' "$top_srcdir/debian/libbearer0.symbols" | LC_ALL=C sort
}

# declared HEADER: the functions in it.
declared() {
    sed -n 's/^BEARER_API .*[ *]\(bearer_[a-z_]*\)(.*/\1/p' "$INSTALLED/include/$1" | LC_ALL=C sort
}

@test "the libraries export the names that debian/libbearer0.symbols lists and their headers declare, and no others" {
    local library
    for library in bearer bearer-app; do
        diff <(exported "lib$library.so.0") <(listed "lib$library.so.0")
        diff <(exported "lib$library.so.0" | sed 's/@.*//') <(declared "$library.h")
    done
    [[ $(exported libbearer.so.0) == *bearer_guard_check@BEARER_0* ]]
    run ! grep -v '^bearer_[a-z_]*@BEARER_\(APP_\)\?0$' <(exported libbearer.so.0 && exported libbearer-app.so.0)
}

@test "each exported function has a manual page" {
    local name
    for name in $(declared bearer.h) $(declared bearer-app.h); do
        grep -q "^\.F[no] $name\>" "$INSTALLED/share/man/man3/$name.3"
    done
}

@test "soname, what they need, how they are hardened; bearer.fcgi loads neither" {
    local library
    for library in libbearer.so.0 libbearer-app.so.0; do
        run -0 readelf -dlW "$INSTALLED/lib/$library"
        [[ $output == *"soname: [$library]"* && $output == *libgnutls* && $output == *libjson-c* ]]
        [[ $output == *GNU_RELRO* && $output == *BIND_NOW* && $output != *libcurl* && $output != *libjwt* ]]
        [[ $library == libbearer-app* || $output != *libfcgi* ]]
        [[ $(readlink "$INSTALLED/lib/${library%.0}") == "$library" ]]
    done
    run -0 readelf -dW "$INSTALLED/libexec/fcgi-bearer/bearer.fcgi"
    [[ $output == *libfcgi* && $output != *libbearer* ]]
}

# build COMPILER-WORD...: outcomes.c, far from the tree, without a warning.
build() {
    cp "$top_srcdir/tests/library/outcomes.c" .
    flags bearer
    "$@" -Wall -Wextra -Wpedantic -Werror -o outcomes outcomes.c "${FLAGS[@]}"
}

# says STATUS-LINE FRAGMENT...: of what `run` has run.
says() {
    local part
    grep -qxF "$1" <<<"$output"
    shift
    for part in "$@"; do
        [[ $output == *"$part"* ]] || { echo "not there: $part" && return 1; }
    done
}

# outcomes: each kind of answer, as a program of somebody else's gets it.
outcomes() {
    local env=$BATS_FILE_TMPDIR/bearer.env good
    good=$(token --scope read:reports)
    run -0 ./outcomes "$env" scope=read:reports "Bearer $good"
    says "200 ok" "body "$'\n' "sub somebody" '"scope":"read:reports"' "meets 1"
    run -0 ./outcomes "$env" optional
    says "200 ok" "sub -" "claims -" "meets 0"
    run -0 ./outcomes "$env" valid-token
    says "401 no-credentials" 'WWW-Authenticate: Bearer realm="door"' 'Cache-Control: no-store' 'Content-Type: application/json' \
        'body {"detail":"Not authenticated"}' 'log fcgi-bearer: warn: denied status=401 reason=no-credentials' 'path="/x"'
    run -0 ./outcomes "$env" valid-token "Bearer $good, Bearer $good"
    says "400 two-credentials" 'error="invalid_request"'
    run -0 ./outcomes "$env" valid-token "Bearer ${good%?????}AAAAA"
    says "401 signature" 'error="invalid_token"'
    run -0 ./outcomes "$env" scope=write:reports "Bearer $good"
    says "403 not-granted" 'error="insufficient_scope", scope="write:reports"' 'body {"detail":"Required: scope=write:reports"}' "sub -"
    run -0 ./outcomes "$env" "" "Bearer $good"
    says "500 misconfigured" 'body {"detail":' 'log fcgi-bearer: error: BEARER_REQUIRE: '
    echo "no keys" >none
    sed "s|^BEARER_JWKS_URI=.*|BEARER_JWKS_URI=file://$PWD/none|" "$env" >none.env
    run -0 ./outcomes "$PWD/none.env" valid-token "Bearer $good"
    says "503 no-keys" 'Retry-After: 30'
    run -1 ./outcomes "$PWD/missing.env" valid-token
    says "error BEARER_CONFIG (environment): there is no file $PWD/missing.env; make it, or unset the variable"
}

@test "a C program outside of the tree, with nothing but pkg-config: every kind of answer" {
    cd "$BATS_TEST_TMPDIR"
    build cc -std=c11
    outcomes
}

@test "and a C++ program" {
    cd "$BATS_TEST_TMPDIR"
    build c++ -x c++ -std=c++17
    outcomes
}

# example PAGE NUMBER: that example of a manual page.
example() {
    awk -v wanted="$2" '/^\.Bd -literal/ { inside = ++count == wanted; next } /^\.Ed/ { inside = 0 } inside' "$top_srcdir/man/$1" | sed 's/\\e/\\/g'
}

@test "the examples of the manual pages are built as they say, and run" {
    cd "$BATS_TEST_TMPDIR"
    {
        example bearer_guard.3 1 | sed "s|/etc/fcgi-bearer/bearer.env|$BATS_FILE_TMPDIR/bearer.env|; s|printf(\"%d .*|deny(verdict);|; /bearer_verdict_body(verdict, NULL));/d; /^int main/i static void deny(const struct bearer_verdict *verdict);"
        example bearer_verdict.3 1
    } >example.c
    example bearer_guard.3 2 >build.sh
    sh -e build.sh
    run -0 ./a.out
    [[ $output == *$'Status: 401\r\nWWW-Authenticate: Bearer realm="door", error="invalid_token"'* && $output == *$'\r\n\r\n{"detail":'* ]]
    sed -i "s/Bearer x\.y\.z/Bearer $(token --scope read:reports)/" example.c
    sh -e build.sh
    run -0 ./a.out
    [[ $output == *"It is somebody."* ]]
}

# ask PATH STATUS BODY [AUTHORIZATION]: of the example's server.
ask() {
    local answer
    answer=$(curl -q -s --noproxy '*' -m 20 ${4+-H "Authorization: $4"} -D headers -w '\n%{http_code}' "$url$1")
    [[ $answer == "$3"$'\n'"$2" || $answer == "$3"$'\n\n'"$2" ]] || { echo "$1: $answer" && return 1; }
}

@test "the example of bearer_app(3) is built as it says, and answers" {
    cd "$BATS_TEST_TMPDIR"
    example bearer_app.3 2 >item.c
    example bearer_app.3 3 >build.sh
    example bearer_app.3 4 | sed 's/^\\&//' >call.sh
    export CFLAGS="-Wall -Wextra -Wpedantic -Werror"
    sh -e build.sh
    echo '{"sub":"me"}' >claims.json
    run -0 sh -e call.sh
    [[ $output == 'Status: 200 OK'*'an item' ]]
    sed -i 's|/items/1|/items/10|' call.sh
    run -1 sh -e call.sh
    [[ $output == 'Status: 404 Not Found'*'{"detail":"no such item"}' ]]
}

@test "examples/guard-mhd: a server with threads guards itself" {
    local url='' server token i
    cp -R "$INSTALLED/share/doc/fcgi-bearer/examples/guard-mhd" "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR/guard-mhd"
    user_make CFLAGS='-O2 -Wall -Wextra -Werror'
    ./guard-mhd "$BATS_FILE_TMPDIR/bearer.env" 0 >said 2>log 3>&- &
    server=$!
    for ((i = 0; i < 1000; i++)); do
        url=$(sed -n 's|/$||p' said)
        [[ -z $url ]] || break
        sleep 0.02
    done
    token=$(token --scope read:files)
    ask /public 200 'Hello, everybody!'
    ask /reports 401 '{"detail":"Not authenticated"}'
    grep -qi '^www-authenticate: Bearer realm="door"' headers
    ask /reports 200 'Hello, somebody!' "Bearer $token"
    ask /reports 403 '{"detail":"Required: scope=read:files"}' "Bearer $(token)"
    grep -qi '^www-authenticate: .*error="insufficient_scope"' headers
    # Two headers: neither is believed.
    run -0 curl -q -s --noproxy '*' -m 20 -H "Authorization: Bearer $token" -H 'Authorization: Basic eA==' -w '\n%{http_code}' "$url/reports"
    [[ $output == *'"More than one credential was sent"'*$'\n'400 ]]
    # Many at a time.
    curl -q -s --noproxy '*' -m 60 -Z --parallel-max 16 -H "Authorization: Bearer $token" -o /dev/null -w '%{http_code}\n' "$url/reports?[1-200]" >answers
    [[ $(sort answers | uniq -c | awk '{ print $1, $2 }') == '200 200' ]]
    kill "$server"
    wait "$server"
    run ! grep -q "$token" log
}

@test "ThreadSanitizer has nothing to say of eight threads, while configuration, keys and list change" {
    local log=$BATS_TEST_TMPDIR/log
    user_make -C "$top_builddir" -j "$(nproc)" threads-tsan CFLAGS='-g -O1' >"$log" 2>&1 || { cat "$log" && return 1; }
    # It needs its places in memory, which newer kernels may give to something else.
    run -0 env TSAN_OPTIONS='halt_on_error=1 exitcode=66' setarch -R "$top_builddir/threads-tsan"
    [[ $output == *'every answer was right'* && $output != *WARNING:* ]]
}

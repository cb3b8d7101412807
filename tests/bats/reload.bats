#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Edit and see: workers that a web server has started take up a changed bearer.env without being started anew, and none that is bad or gone. (When exactly, and what
# else there is to it: test_reload.c.)

# shellcheck disable=SC2154  # kind, and what http-cases.bash sets

bats_require_minimum_version 1.5.0
load ../support/keycache

: "${top_builddir:?}"

setup_file() {
    mkdir "$BATS_FILE_TMPDIR/tokens"
    issuer_run init "$BATS_FILE_TMPDIR/issuer" --issuer "$ISSUER" >"$BATS_FILE_TMPDIR/init.out"
    cp "$BATS_FILE_TMPDIR/issuer/www/.well-known/jwks.json" "$BATS_FILE_TMPDIR"
    mint good
}

setup() {
    ln -s "$BATS_FILE_TMPDIR/tokens" "$BATS_TEST_TMPDIR"
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || { cat "$BATS_TEST_TMPDIR"/said.* && server_log | tail -n 30; } >&2
    server_remove
}

serve() {
    case $kind in
        lighttpd) start_lighttpd snippet ;;
        *) start_apache "$kind" ;;
    esac
}

# change FILE SCRIPT: by sed, and a rename, as sed -i does it.
change() {
    sed -e "$2" "$1" >"$1.new"
    mv "$1.new" "$1"
}

# each PATTERN: every one of lighttpd's four workers, asked with the good token, gives an answer like that, or logs it.
each() {
    local socket said=$BATS_TEST_TMPDIR/said number=0 good
    good=$(<"$BATS_TEST_TMPDIR/tokens/good")
    for socket in "$SERVER_DIR"/run/fcgi-bearer.socket-*; do
        number=$((number + 1))
        timeout 20 "$top_builddir/fcgi-peer" "$socket" REQUEST_METHOD=GET PATH_INFO=/private "HTTP_AUTHORIZATION=Bearer $good" \
            >>"$said.$number" 2>&1
        grep -q -e "$1" "$said.$number" || return 1
    done
    ((number == 4))
}

# each_once TEXT: what each has logged up to now has it once.
each_once() {
    local said
    for said in "$BATS_TEST_TMPDIR"/said.*; do
        [[ $(grep -cF -e "$1" "$said") == 1 ]]
    done
}

# forget: what they have said so far.
forget() {
    rm -f "$BATS_TEST_TMPDIR"/said.*
}

@test "lighttpd: all workers take it up, and forget what they have verified" {
    local file workers
    kind=lighttpd new_server
    file=$SERVER_DIR/libexec/bearer.env
    each '^Status: 200'
    workers=$(workers_running)

    change "$file" 's|^\(AUTH0_API_AUDIENCE\)=.*|\1=https://another.example.test/|'
    await each '^{"detail":"The token is for another audience (aud)"}'
    each_once "warn: configuration read again from $file"

    forget
    change "$file" 's|^AUTH0_API_AUDIENCE.*|&\nAUTH0_ALGORITHMS=HS256|'
    await each "error: the changed configuration is not used, .* AUTH0_ALGORITHMS ($file:[0-9]*): HS256 is symmetric"
    each '^Status: 401'
    each_once 'is not used'
    call GET /private "$(bearer good)" # and as the web server has it
    denied 401 'The token is for another audience (aud)' invalid_token

    forget
    mv "$file" "$file.away"
    await each "error: $file is gone; what was read from it stays in use"
    each '^Status: 401'
    each_once 'is gone'
    call GET /private "$(bearer good)"
    denied 401 'The token is for another audience (aud)' invalid_token

    forget
    change "$file.away" "s|^\(AUTH0_API_AUDIENCE\)=.*|\1=$AUDIENCE|; /HS256/d"
    mv "$file.away" "$file"
    await each '^Status: 200'
    call GET /private "$(bearer good)"
    answer 200 "$(claims good)"

    [[ $(workers_running) == "$workers" ]]
}

# gets STATUS [TEXT]: the answer to a request with the good token; the log has the text.
gets() {
    call GET /private "$(bearer good)"
    [[ $http_status == "$1" ]] && { (($# < 2)) || server_log | grep -q -e "$2"; }
}

@test "Apache with mod_fcgid: a bad configuration at the start, mended; a bad one after it" {
    local file workers
    kind=fcgid new_server "BEARER_JWKS_URI=file://\$SERVER_DIR/etc/jwks.json"
    file=$SERVER_DIR/etc/bearer.env
    gets 500 "no usable configuration: BEARER_JWKS_URI ($file:[0-9]*)"
    workers=$(workers_running)
    change "$file" "s|\\\$SERVER_DIR|$SERVER_DIR|"
    await gets 200 "warn: configuration read again from $file"
    change "$file" 's|^AUTH0_ISSUER|AUTH0_ISUER|; s|^BEARER_LOG_LEVEL|BEARER_LOGLEVEL|'
    await gets 200 "error: the changed configuration is not used, .*BEARER_LOGLEVEL ($file:[0-9]*): .* did you mean BEARER_LOG_LEVEL?"
    [[ $(workers_running) == "$workers" ]]
}

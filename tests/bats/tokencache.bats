#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Verified tokens that a worker remembers (BEARER_TOKEN_CACHE_BYTES): the answers are the same, octet by octet, and so are the log's lines.

bats_require_minimum_version 1.5.0
load ../support/issuer

: "${top_builddir:?}"

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit
    issuer init i --issuer https://localhost/ --alg ES256 >kid
    mkdir tokens pids
    mint good --sub 'auth0|42' --scope 'read:messages' --claim 'azp="client"' --claim 'org="acme"'
    mint another --sub 'auth0|43'
    mint expired --exp -60
    {
        echo AUTH0_ISSUER=https://localhost/
        echo AUTH0_API_AUDIENCE=api
        echo AUTH0_ALGORITHMS=ES256
        echo "BEARER_JWKS_URI=file://$PWD/i/www/.well-known/jwks.json"
        echo BEARER_FORWARD_CLAIMS=org
        echo BEARER_LOG_LEVEL=info
    } >bearer.env
    start 0
    start 262144
    start 4194304
}

teardown_file() {
    local file
    for file in "$BATS_FILE_TMPDIR"/pids/*; do
        kill "$(<"$file")" || true
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit
}

mint() {
    issuer token i --aud api "${@:2}" >"tokens/$1"
}

# start BYTES: a worker that remembers so much, on ./BYTES.socket.
start() {
    local deadline=$((SECONDS + 10))
    env -i BEARER_CONFIG="$PWD/bearer.env" BEARER_TOKEN_CACHE_BYTES="$1" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} \
        spawn-fcgi -n -s "$PWD/$1.socket" -- "$top_builddir/bearer.fcgi" >"$1.out" 2>&1 </dev/null 3>&- 4>&- &
    echo $! >"pids/$1"
    until [[ -S $1.socket ]]; do
        ((SECONDS < deadline)) || { cat "$1.out" >&2 && return 1; }
        read -rt 0.02 <> <(:) || true
    done
}

# ask BYTES TOKEN ARGUMENT...: what that worker answers and logs.
ask() {
    timeout 20 "$top_builddir/fcgi-peer" "$1.socket" REQUEST_METHOD=GET "HTTP_AUTHORIZATION=Bearer $(<"tokens/$2")" "${@:3}" 2>&1
}

# same PATTERN TOKEN ARGUMENT...: every worker gives this answer, however often it is asked, with another token in between.
same() {
    local bytes answer first
    first=$(ask 0 "${@:2}")
    # shellcheck disable=SC2053  # a pattern
    [[ $first == $1 ]] || { printf 'wanted %s, got\n%s\n' "$1" "$first" >&2 && return 1; }
    for bytes in 0 262144 4194304 4194304 262144; do
        ask "$bytes" another PATH_INFO=/private >/dev/null
        for _ in 1 2; do
            answer=$(ask "$bytes" "${@:2}")
            [[ $answer == "$first" ]] || { printf '%s remembered:\n%s\nnone remembered:\n%s\n' "$bytes" "$answer" "$first" >&2 && return 1; }
        done
    done
}

@test "an endpoint" {
    same 'Status: 200 *"sub":"auth0|42"*' good PATH_INFO=/private
    same 'Status: 200 *"sub":"auth0|42"*' good PATH_INFO=/private-scoped
    same '*Status: 403 *insufficient_scope*' another PATH_INFO=/private-scoped
    same '*Status: 401 *expired*' expired PATH_INFO=/private
}

@test "a guarded location" {
    same 'Status: 200 *Variable-REMOTE_USER: auth0|42*{"org":"acme"}*' good --role 2 BEARER_REQUIRE=valid-token
    same '*Status: 403 *permission=write*' good --role 2 BEARER_REQUIRE=permission=write
    same '*Status: 503 *would be allowed*' good --role 2 BEARER_REQUIRE=valid-token BEARER_ROLE=deny
    same '*Status: 401 *expired*' expired --role 2 BEARER_REQUIRE=optional
}

@test "a key that is withdrawn takes with it what it has signed" {
    local bytes
    for bytes in 0 262144 4194304; do
        ask "$bytes" good PATH_INFO=/private | grep -q '^Status: 200 '
    done
    issuer rotate i >/dev/null
    for bytes in 0 262144 4194304; do
        ask "$bytes" good PATH_INFO=/private | grep -q '^Status: 200 '
        ask "$bytes" good PATH_INFO=/private | grep -q '^Status: 200 '
    done
    issuer rotate i --drop >/dev/null
    for bytes in 0 262144 4194304; do
        ask "$bytes" good PATH_INFO=/private | grep -q 'reason=kid-unknown'
    done
}

@test "a number that is none is refused, with the range" {
    local bad
    # Started by hand it says so and ends; 78 is EX_CONFIG.
    for bad in x -1 1073741825 1.5; do
        run -78 env -i BEARER_CONFIG="$PWD/bearer.env" BEARER_TOKEN_CACHE_BYTES="$bad" "$top_builddir/bearer.fcgi"
        [[ $output == *"BEARER_TOKEN_CACHE_BYTES"*"is not a number of bytes from 0 to 1073741824"* ]]
    done
    for bad in 1 1000 262143; do
        run -78 env -i BEARER_CONFIG="$PWD/bearer.env" BEARER_TOKEN_CACHE_BYTES="$bad" "$top_builddir/bearer.fcgi"
        [[ $output == *"BEARER_TOKEN_CACHE_BYTES ("*"): $bad bytes are too few to remember tokens; write 0 (remember none), or 262144 or more"* ]]
    done
}

@test "D9: the number of tokens is no setting any more, and what is one now is said" {
    { cat bearer.env && echo BEARER_TOKEN_CACHE=1000; } >old.env
    run -78 env -i BEARER_CONFIG="$PWD/old.env" "$top_builddir/bearer.fcgi"
    [[ $output == *"BEARER_TOKEN_CACHE"*"did you mean BEARER_TOKEN_CACHE_BYTES"* ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Case 135, and every other call that can fail, failed in turn: the answer is one that the failure allows and never good for a bad token, nothing
# crashes but in libraries, no descriptor and no memory is lost, the cache is whole, and a worker goes on. tests/support/torture.c says how.
#
# With sanitizers a process takes several times as long to start, so that build has one worker for all failures where the other has a process for each, and sees
# what memory is lost by LeakSanitizer as well.

bats_require_minimum_version 1.5.0
load ../support/keycache

: "${top_builddir:?}"

# Kinds of calls (tests/support/failing.h).
MEMORY=memory,libraries
FILES=open,read,write,sync,rename,unlink,stat,lock,space,close,copy,spawn,poll,clock
# Of a refresh: libcurl's polling and its clock are its own.
REFRESH_FILES=open,read,write,sync,rename,unlink,stat,lock,space,close,copy

setup_file() {
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
    issuer_up RS256
    settings AUTH0_ALGORITHMS=RS256 BEARER_JWKS_COOLDOWN=0
    install -m 755 "$top_builddir/torture" "$top_builddir/failing.so" "$SERVER_DIR/libexec"
    save old
    issuer_run rotate "$KEYS" --publish >/dev/null
    issuer_run rotate "$KEYS" >/dev/null
    sign rotated
    save new
    tampered
    unknown
    install -m 644 "$BATS_FILE_TMPDIR"/tokens/* "$SERVER_DIR/etc"
    URI=${ISSUER}.well-known/jwks.json # http-cases.bash sets ISSUER again for each test
    export CACHE URI
}

setup() {
    rm -f "$SERVER_DIR/run/said"
}

teardown() {
    # What the programs said, sanitizers too.
    [[ -n ${BATS_TEST_COMPLETED-} ]] || tail -n 40 "$SERVER_DIR/run/said" >&2
}

teardown_file() {
    server_remove
}

# save NAME: what the cache holds now, a minute old.
save() {
    ctl refresh >/dev/null
    pass 60 0
    install -m 644 "$(cache_file)" "$SERVER_DIR/etc/$1.json"
}

# The good token with another signature, and with a kid that nobody has.
tampered() {
    local good
    good=$(token good)
    printf '%s' "${good%????????}AAAAAAAA" >"$BATS_TEST_TMPDIR/tokens/bad"
}

unknown() {
    local good header
    good=$(token good)
    header=$(printf '{"alg":"RS256","kid":"nobody"}' | base64 -w 0 | tr -d = | tr +/ -_)
    printf '%s.%s' "$header" "${good#*.}" >"$BATS_TEST_TMPDIR/tokens/unknown"
}

sanitized() {
    nm -D "$top_builddir/bearer.fcgi" | grep -q __asan_init
}

# With sanitizers, too, who crashes is to end by the signal (handle_segv).
# torture MODE WANT TOKEN SAVED KINDS [NAME=VALUE...] [-- PROGRAM ARGUMENT...]
torture() {
    local mode=$1 want=$2 token=$3 saved=$4 kinds=$5 environment=() program=(bearer.fcgi) options=(--cache "$CACHE")
    shift 5
    while (($# > 0)); do
        case $1 in
            --)
                shift
                program=("$@")
                break
                ;;
            --*)
                options+=("$1" "$2")
                shift
                ;;
            *) environment+=("$1") ;;
        esac
        shift
    done
    [[ -z $saved ]] || options+=(--saved "$SERVER_DIR/etc/$saved.json")
    as_worker env -i PATH="$PATH" LANG=C ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0:handle_segv=0" "${environment[@]}" \
        "$SERVER_DIR/libexec/torture" --mode "$mode" --want "$want" --kinds "$kinds" --preload "$SERVER_DIR/libexec/failing.so" \
        --work "$SERVER_DIR/run" "${options[@]}" --uri "$URI" --ca "$SERVER_DIR/etc/ca.pem" \
        --token "$SERVER_DIR/etc/$token" --good "$SERVER_DIR/etc/good" "$SERVER_DIR/libexec/${program[0]}" "${program[@]:1}" </dev/null
}

# each_failed KIND...: at least one call of each of these kinds was there to fail.
each_failed() {
    local kind
    for kind; do
        if ! grep -Eq ": [1-9][0-9]* $kind calls failed" <<<"$output"; then
            printf 'no %s call failed:\n%s\n' "$kind" "$output" >&2
            return 1
        fi
    done
}

@test "a worker, a good token" {
    run torture fcgi good good new $MEMORY,$FILES
    echo "$output" && [[ $status == 0 ]]
    each_failed memory libraries open read write stat close
}

@test "a worker, a bad token" {
    run torture fcgi bad bad new $MEMORY,$FILES
    echo "$output" && [[ $status == 0 ]]
    each_failed memory libraries open read write stat close
}

@test "a worker, an unknown kid that a refresh does not find either (not with sanitizers)" {
    sanitized && return
    run torture fresh bad unknown new $FILES
    echo "$output" && [[ $status == 0 ]]
    each_failed open read write stat lock space close copy spawn poll
}

@test "a worker, a kid that only a refresh brings" {
    run torture fresh good rotated old $FILES
    echo "$output" && [[ $status == 0 ]]
    each_failed open read write stat lock space close copy spawn poll
}

@test "a worker without a cache directory: keys through a pipe" {
    run torture fresh good good '' $FILES BEARER_CACHE_DIR=/nonexistent/cache --cache /nonexistent/cache
    echo "$output" && [[ $status == 0 ]]
    each_failed read stat close copy spawn poll
}

@test "a refresh" {
    run torture run good good old $REFRESH_FILES -- bearerctl refresh
    echo "$output" && [[ $status == 0 ]]
    each_failed open read write sync rename unlink stat lock space close copy
}

@test "plain CGI, a good token" {
    run torture cgi good good new $FILES
    echo "$output" && [[ $status == 0 ]]
    each_failed open read write stat close
}

@test "plain CGI, a cold start (not with sanitizers)" {
    sanitized && return
    run torture cgi good good '' $FILES
    echo "$output" && [[ $status == 0 ]]
    each_failed open read write stat lock space close copy spawn poll
}

# The rest takes thousands of processes: not with sanitizers, which have had the same code above.

@test "plain CGI, memory: a good token, a bad one (not with sanitizers)" {
    sanitized && return
    run torture cgi good good new $MEMORY
    echo "$output" && [[ $status == 0 ]]
    each_failed memory libraries
    run torture cgi bad bad new $MEMORY
    echo "$output" && [[ $status == 0 ]]
    each_failed memory libraries
}

@test "plain CGI, memory: a cold start (not with sanitizers)" {
    sanitized && return
    run torture cgi good good '' $MEMORY
    echo "$output" && [[ $status == 0 ]]
    each_failed memory libraries
}

@test "plain CGI, memory: a kid that only a refresh brings, and one that it does not (not with sanitizers)" {
    sanitized && return
    run torture cgi good rotated old $MEMORY --step 3
    echo "$output" && [[ $status == 0 ]]
    each_failed memory libraries
    run torture cgi bad unknown new $MEMORY --step 3
    echo "$output" && [[ $status == 0 ]]
    each_failed memory libraries
}

@test "a refresh, memory (not with sanitizers)" {
    sanitized && return
    run torture run good good old memory -- bearerctl refresh
    echo "$output" && [[ $status == 0 ]]
    each_failed memory
    run torture run good good old libraries --step 40 -- bearerctl refresh
    echo "$output" && [[ $status == 0 ]]
    each_failed libraries
}

@test "memory that really runs out, page by page (not with sanitizers)" {
    sanitized && return
    run torture cgi good good new pages
    echo "$output" && [[ $status == 0 ]]
    [[ $output == *', 500 '[1-9]* && $output == *': 200 '[1-9]* ]]
    run torture cgi bad bad new pages
    echo "$output" && [[ $status == 0 ]]
    run torture run good good old pages -- bearerctl refresh
    echo "$output" && [[ $status == 0 ]]
}

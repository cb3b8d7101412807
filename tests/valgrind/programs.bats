#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Each program a few times under valgrind: no error, no leak. For ./dev analyze; what the answers have to be, the other tests say.

bats_require_minimum_version 1.5.0
load ../support/keycache

: "${top_srcdir:?}" "${top_builddir:?}"

setup() {
    issuer_up
    ctl refresh >/dev/null
    # The workers' user may not be able to read the checkout.
    install -m 644 "$top_srcdir/build-aux/dev/valgrind.supp" "$SERVER_DIR/etc"
    mkdir -m 1777 "$SERVER_DIR/said" "$SERVER_DIR/scratch"
    valgrind=("$(command -v valgrind)" -q --error-exitcode=99 --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all
        --num-callers=30 --suppressions="$SERVER_DIR/etc/valgrind.supp" --log-file="$SERVER_DIR/said/%p")
}

teardown() {
    [[ -z $(worker) ]] || kill -KILL "$(worker)" 2>/dev/null || true
    [[ -n ${BATS_TEST_COMPLETED-} ]] || cat "$SERVER_DIR"/said/* >&2
    keycache_down
}

# watched [NAME=VALUE...] PROGRAM ARGUMENT...: under valgrind, as the workers' user, in this environment.
watched() {
    local environment=(PATH="$PATH")
    while [[ $1 == *=* ]]; do
        environment+=("$1")
        shift
    done
    as_worker env -i "${environment[@]}" "${valgrind[@]}" "$@" </dev/null
}

# nothing_said: valgrind was there, and had no complaint.
nothing_said() {
    local said=("$SERVER_DIR"/said/*)
    [[ -e ${said[0]} ]] || return
    if [[ -n $(cat "${said[@]}") ]]; then
        cat "${said[@]}" >&2
        return 1
    fi
}

# cgi [NAME=VALUE...]: a request for /private as plain CGI; prints the answer.
cgi() {
    watched GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET SCRIPT_NAME=/api PATH_INFO=/private "$@" \
        "$SERVER_DIR/libexec/bearer.fcgi"
}

# peer NAME=VALUE...: one request of the worker; prints the answer.
peer() {
    "$top_builddir/fcgi-peer" "$SERVER_DIR/scratch/socket" "$@" REQUEST_METHOD=GET SCRIPT_NAME=/api
}

# worker: the process id of the FastCGI worker, by what valgrind calls its log; nothing if there is none.
worker() {
    [[ ! -S $SERVER_DIR/scratch/socket ]] || basename "$SERVER_DIR"/said/*
}

await_worker() {
    local deadline=$((SECONDS + 60))
    until [[ $(worker) == [1-9]* ]]; do
        ((SECONDS < deadline)) || return
        sleep 0.1
    done
}

@test "bearer.fcgi as CGI: a good token" {
    run -0 --separate-stderr cgi HTTP_AUTHORIZATION="Bearer $(token good)"
    [[ $output == *"Status: 200"* ]]
    nothing_said
}

@test "bearer.fcgi as CGI: bad tokens and none" {
    forge forged "$(published_kids)"
    sign expired --exp -60
    for token in x "$(token forged)" "$(token expired)"; do
        run -0 --separate-stderr cgi HTTP_AUTHORIZATION="Bearer $token"
        [[ $output == *"Status: 401"*invalid_token* ]]
    done
    run -0 --separate-stderr cgi
    [[ $output == *"Status: 401"* ]]
    nothing_said
}

@test "bearer.fcgi as CGI: misconfigured" {
    run --separate-stderr cgi AUTH0_ALGORITHMS=HS256 BEARER_LEEWAY=x
    [[ $output == *"Status: 500"* ]]
    nothing_said
}

@test "bearer.fcgi as FastCGI: good and bad requests, until SIGTERM" {
    forge unknown nobody
    as_worker env -i PATH="$PATH" spawn-fcgi -n -s "$SERVER_DIR/scratch/socket" -- \
        "${valgrind[@]}" "$SERVER_DIR/libexec/bearer.fcgi" >"$BATS_TEST_TMPDIR/worker.log" 2>&1 </dev/null 3>&- &
    shell=$!
    await_worker
    for _ in 1 2 3; do
        run -0 --separate-stderr peer PATH_INFO=/public
        [[ $output == *"Status: 200"* ]]
        run -0 --separate-stderr peer PATH_INFO=/private HTTP_AUTHORIZATION="Bearer $(token good)"
        [[ $output == *"Status: 200"* ]]
        run -0 --separate-stderr peer PATH_INFO=/private HTTP_AUTHORIZATION="Bearer $(token unknown)"
        [[ $output == *"Status: 401"* ]]
        run -0 --separate-stderr peer --role 2 BEARER_REQUIRE=scope=none HTTP_AUTHORIZATION="Bearer $(token good)"
        [[ $output == *"Status: 403"* ]]
    done
    kill -TERM "$(worker)"
    status=0
    wait "$shell" || status=$?
    nothing_said
    [[ $status -eq 0 ]]
}

@test "bearerctl refresh: a document, and none to be had" {
    run -0 watched "$SERVER_DIR/libexec/bearerctl" refresh
    stop_keys_server "$KEYS"
    run -75 watched "$SERVER_DIR/libexec/bearerctl" refresh
    nothing_said
}

@test "bearerctl doctor" {
    run watched "$SERVER_DIR/libexec/bearerctl" doctor "$(<"$KEYS/issuer")"
    [[ $status -lt 99 && $output == *"cache: "* && $output == *"without a token: "* ]]
    nothing_said
}

@test "bearer-issuer: an issuer, a token, a rotation" {
    install -m 755 "$top_builddir/bearer-issuer" "$SERVER_DIR/libexec"
    local place=$SERVER_DIR/scratch/issuer
    run -0 watched "$SERVER_DIR/libexec/bearer-issuer" init "$place" --issuer https://localhost/
    run -0 watched "$SERVER_DIR/libexec/bearer-issuer" token "$place" --aud api --scope read:messages
    run -0 watched "$SERVER_DIR/libexec/bearer-issuer" rotate "$place"
    nothing_said
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bearer.fcgi as a FastCGI process, asked directly: kept connections, signals, what is cut off, too long or given twice.

bats_require_minimum_version 1.5.0
load ../support/issuer

: "${top_builddir:?}"

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    issuer init i --issuer https://localhost/ >kid
    TOKEN=$(issuer token i --aud api --scope read:messages)
    settings >bearer.env
    worker=
}

teardown() {
    stop KILL
}

settings() {
    echo AUTH0_ISSUER=https://localhost/
    echo AUTH0_API_AUDIENCE=api
    echo "BEARER_JWKS_URI=file://$PWD/i/www/.well-known/jwks.json"
    echo BEARER_LOG_LEVEL=info
}

# start [COMMAND...]: one worker on ./socket, which COMMAND executes; its process id in $worker.
start() {
    env -i PATH="$PATH" BEARER_CONFIG="$PWD/bearer.env" "$@" spawn-fcgi -n -s "$PWD/socket" -- "$top_builddir/bearer.fcgi" \
        >worker.log 2>&1 </dev/null 3>&- &
    worker=$!
    await grep -q " 00010000 .* $PWD/socket\$" /proc/net/unix # it listens: the file is there sooner
}

# policy: that of the worker's scheduling, as in sched.h.
policy() {
    local fields
    read -r fields <"/proc/$worker/stat"
    read -ra fields <<<"${fields##*) }" # from the third on
    echo "${fields[38]}"
}

# start_unblocked: one worker on ./socket, whose accept() does not wait.
start_unblocked() {
    # shellcheck disable=SC2016  # perl's own $
    env -i BEARER_CONFIG="$PWD/bearer.env" perl -MSocket -MFcntl -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && fcntl(S, F_SETFL, O_NONBLOCK) &&
        bind(S, pack_sockaddr_un("new")) && listen(S, 5) && rename("new", $ARGV[0]) && open(STDIN, "<&S") && exec $ARGV[1]; die' \
        "$PWD/socket" "$top_builddir/bearer.fcgi" >worker.log 2>&1 3>&- &
    worker=$!
    await test -S socket
}

# stop SIGNAL: ends the worker, if it still runs. Its exit status is in $status.
stop() {
    [[ -n $worker ]] || return 0
    kill -"$1" "$worker" 2>/dev/null || true
    status=0
    wait "$worker" 2>/dev/null || status=$?
    worker=
}

# await COMMAND...: until it is true, for ten seconds at most.
await() {
    local deadline=$((SECONDS + 10))
    until "$@"; do
        ((SECONDS < deadline)) || {
            echo "not true in 10 s: $*" >&2
            cat worker.log >&2
            return 1
        }
        read -rt 0.02 <> <(:) || true
    done
}

# sockets N: whether the worker holds N sockets (the one it listens on, and one for each connection).
sockets() {
    [[ $(find "/proc/$worker/fd" -lname 'socket:*' 2>/dev/null | wc -l) == "$1" ]]
}

peer() {
    "$top_builddir/fcgi-peer" "$PWD/socket" "$@"
}

# ask PATH [ARGUMENT...]: a GET with the good token.
ask() {
    peer REQUEST_METHOD=GET PATH_INFO="$1" HTTP_AUTHORIZATION="Bearer $TOKEN" REMOTE_ADDR=192.0.2.7 "${@:2}"
}

# answers PATTERN PATH [ARGUMENT...]: what comes back begins like this; standard error is in ./err.
answers() {
    local answer
    answer=$(ask "${@:2}" 2>err)
    # shellcheck disable=SC2053  # a pattern
    [[ $answer == $1 ]] || {
        printf 'wanted %s, got:\n%s\n' "$1" "$answer" >&2
        cat err >&2
        return 1
    }
}

@test "a kept connection: each request gets its own answer, a body that nobody wanted notwithstanding" {
    start
    head -c 200000 /dev/zero >body
    run -0 ask /private --times 3 --body body
    [[ $(grep -o 'Status: 200 OK' <<<"$output" | wc -l) == 3 ]]
}

@test "a body beyond all bounds ends the connection, not the worker" {
    start
    head -c 40000000 /dev/zero >body
    run ask /private --times 2 --body body
    [[ $(grep -o 'Status: 200 OK' <<<"$output" | wc -l) == 1 ]]
    answers 'Status: 200 OK*' /public
}

# A request in hand: its params are there, its body is not at its end yet.
graceful() {
    start
    sockets 1
    mkfifo body
    ask /private --body - <body >answer &
    local client=$!
    exec 7>body
    await sockets 2
    kill -"$1" "$worker"
    echo the end >&7
    exec 7>&-
    wait "$client"
    [[ $(<answer) == 'Status: 200 OK'* ]]
    status=0
    wait "$worker" || status=$?
    worker=
    [[ $status == 0 ]]
    run -69 peer REQUEST_METHOD=GET PATH_INFO=/public
}

@test "SIGTERM: the request in hand is answered, then the worker ends with 0" { graceful TERM; }

@test "SIGUSR1: likewise" { graceful USR1; }

@test "an idle worker ends with 0 on SIGTERM and on SIGUSR1" {
    local signal
    for signal in TERM USR1; do
        start
        answers 'Status: 200 OK*' /public # so it waits for the next one
        stop "$signal"
        [[ $status == 0 ]]
        rm socket
    done
}

@test "a worker does not take the processor from its web server (SCHED_BATCH); a policy that somebody chose stays" {
    start
    answers 'Status: 200 OK*' /private
    [[ $(policy) == 3 ]]
    stop TERM
    rm socket
    start chrt --idle 0
    answers 'Status: 200 OK*' /private
    [[ $(policy) == 5 ]]
}

# As after half a minute without a request, for which accept() has a time-out: a socket that never blocks says the same at once.
@test "a worker that nobody asks stays" {
    start_unblocked
    answers 'Status: 200 OK*' /public
    answers 'Status: 200 OK*' /private
    stop TERM
    [[ $status == 0 ]]
}

@test "params cut off anywhere: no private answer, and the worker lives" {
    start
    local n length out
    # A short stand-in for the header keeps the number of places small; the path is public, so that only what is missing can close the door.
    set -- FIRST=1 PATH_INFO=/public REQUEST_METHOD=GET HTTP_AUTHORIZATION=x LAST=1
    length=$(printf '%s' "$@" | wc -c) # an equals sign less, two lengths more, for each
    length=$((length + $#))
    for ((n = 0; n < length; n++)); do
        out=$(peer --cut "$n" "$@" 2>/dev/null || true)
        [[ $out != *'Status: 200'* ]] || {
            echo "answered 200 when cut at $n of $length" >&2
            return 1
        }
    done
    [[ $(peer "$@" 2>/dev/null) == 'Status: 200 OK'* ]]
}

@test "what decides about the answer must not come twice" {
    start
    answers 'Status: 400 Bad Request*invalid_request*' /private HTTP_AUTHORIZATION="Bearer $TOKEN"
    grep -q 'status=400 reason=two-credentials client=192.0.2.7' err
    answers 'Status: 400 Bad Request*' /public PATH_INFO=/private
    answers 'Status: 400 Bad Request*' /private REQUEST_METHOD=OPTIONS
    run -0 peer PATH_INFO=/public
    [[ $output == *'Status: 400 Bad Request'* ]]
}

@test "a name of ours that we do not know closes everything, and the log says which was meant" {
    start
    answers 'Status: 500 Internal Server Error*Server misconfigured*' /public BEARER_JWKS_TLL=5
    grep -q 'BEARER_JWKS_TLL.*did you mean BEARER_JWKS_TTL' err
    answers 'Status: 200 OK*' /public
}

@test "a setting that comes with a request is ignored, and the log says so, once" {
    start
    answers 'Status: 200 OK*' /private AUTH0_API_AUDIENCE=other
    grep -q 'AUTH0_API_AUDIENCE comes as a request parameter' err
    answers 'Status: 200 OK*' /private AUTH0_API_AUDIENCE=other
    [[ ! -s err ]]
}

@test "the role of a filter is refused" {
    start
    answers 'Status: 500 Internal Server Error*' /public --role 3
    grep -q FILTER err
}

@test "a token of 9 MiB is refused as too long, and the worker lives (case 18)" {
    start
    { printf 'Bearer ' && head -c 9437184 /dev/zero | tr '\0' a; } >credentials
    run --separate-stderr -0 peer REQUEST_METHOD=GET PATH_INFO=/private HTTP_AUTHORIZATION=@credentials
    [[ $output == 'Status: 401 Unauthorized'*'longer than 16 KiB'* ]]
    answers 'Status: 200 OK*' /private
}

@test "a bad configuration at start: 500 and the cause, until it is mended; no restart" {
    settings | grep -v AUDIENCE >bearer.env
    start
    answers 'Status: 500 Internal Server Error*{"detail":"Server misconfigured"}' /public
    grep -q 'AUTH0_API_AUDIENCE' err
    grep -q "$PWD/bearer.env" err
    settings >bearer.env
    await answers 'Status: 200 OK*' /private 2>/dev/null
}

@test "keys in a file: a new document is taken up by the next request, a bad one is not" {
    start
    answers 'Status: 200 OK*' /private
    issuer rotate i >kid
    TOKEN=$(issuer token i --aud api)
    answers 'Status: 200 OK*' /private
    echo 'not a key set' >i/www/.well-known/jwks.json
    answers 'Status: 200 OK*' /private
    grep -q 'the keys read before stay in use' err
    answers 'Status: 200 OK*' /private
    [[ ! -s err ]]
}

@test "the worker opens no connection and holds nothing that a request left behind" {
    start
    answers 'Status: 200 OK*' /private
    await sockets 1
    before=$(find "/proc/$worker/fd" | wc -l)
    for _ in {1..20}; do
        ask /private >/dev/null
        ask /nowhere >/dev/null 2>&1
    done
    await sockets 1
    [[ $(find "/proc/$worker/fd" | wc -l) == "$before" ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# FastCGI peers that misbehave, on Unix sockets and on TCP: what they send, in which order, and how long they take. Whatever it is, nobody gets an answer that a
# request did not earn, and the same worker answers the next one. The cases of time use bearer-hasty, which is bearer.fcgi with a bound of three seconds.

# shellcheck disable=SC2154  # worker_pid and worker_address: workers.bash

bats_require_minimum_version 1.5.0
load ../support/issuer
load ../support/workers

: "${top_builddir:?}"

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    issuer init i --issuer https://localhost/ >kid
    TOKEN=$(issuer token i --aud api)
    worker_settings >bearer.env
    echo BEARER_LOG_LEVEL=info >>bearer.env
    GET=$(param REQUEST_METHOD GET)
    PUBLIC=$GET$(param PATH_INFO /public)
    # Its params, in a request that lets go of the connection.
    QUESTION=$(begin)$(record "$PARAMS" "$PUBLIC")$(record "$PARAMS")$(record "$STDIN")
}

teardown() {
    workers_stop
}

param() {
    pair "$(hex "$1")" "$(hex "$2")" "${@:3}"
}

# gets PATTERN TITLE OCTETS: what comes back, from each worker there is; and that it goes on afterwards.
gets() {
    local name got
    for name in "${!worker_pid[@]}"; do
        got=$(raw "$name" "$3")
        # shellcheck disable=SC2053  # a pattern
        if [[ $got != $1 ]] || ! worker_good "$name" || ! worker_same "$name"; then
            printf '%s, %s: wanted %s, got: %s\n' "$name" "$2" "$1" "$got" >&2
            return 1
        fi
    done
}

OK='STDOUT Status: 200 OK STDOUT END_REQUEST 0'
NOTHING=''
REFUSED='STDERR *was refused STDERR STDOUT Status: 400 Bad Request STDOUT END_REQUEST 0'

both() {
    worker unix
    worker tcp tcp
    worker_good unix
    worker_good tcp
}

# never_early: of what fcgi-raw --cut all said, in ./out: an answer that says yes has seen all params, and the whole question gets one.
never_early() {
    local all=$((${#QUESTION} / 2))
    local enough=$((all - 8)) # octets of STDIN's end
    grep -q "^$all: STDOUT Status: 200 OK" out
    awk -F: -v enough=$enough '/Status: 200/ && $1 < enough { print; bad = 1 } END { exit bad }' out
    awk -F: '/STDOUT Status/ && !/Status: (200|400)/ { print; bad = 1 } END { exit bad }' out
}

@test "a request cut off at every octet: none that is not whole is answered as if it were" {
    both
    local name
    for name in unix tcp; do
        octets "$QUESTION" | "$top_builddir/fcgi-raw" "${worker_address[$name]}" --cut all >out
        never_early
        worker_good "$name"
        worker_same "$name"
    done
}

@test "params aborted at every octet: never answered as if they were whole" {
    both
    local name
    for name in unix tcp; do
        "$top_builddir/fcgi-peer" "${worker_address[$name]}" --cut all --abort 1 REQUEST_METHOD=GET PATH_INFO=/public LAST=1 >out 2>err
        run ! grep -q 'Status: 200' out
        grep -q 'Status: 400' out
        worker_good "$name"
        worker_same "$name"
    done
}

both_processes() {
    pgrep -P "${worker_pid[unix]},${worker_pid[tcp]}" | sort
}

@test "a peer that falls silent at any octet: every worker is free again" {
    worker unix unix multiwatch -f 30 -- "$top_builddir/bearer-hasty"
    worker tcp tcp multiwatch -f 30 -- "$top_builddir/bearer-hasty"
    worker_await worker_good unix
    worker_await worker_good tcp
    local name unix tcp before
    before=$(both_processes)
    octets "$QUESTION" | "$top_builddir/fcgi-raw" "${worker_address[unix]}" --cut all --then hold >unix.out &
    unix=$!
    octets "$QUESTION" | "$top_builddir/fcgi-raw" "${worker_address[tcp]}" --cut all --then hold >tcp.out &
    tcp=$!
    wait $unix
    wait $tcp
    for name in unix tcp; do
        mv "$name.out" out
        never_early
        worker_await worker_good "$name"
    done
    [[ $(both_processes) == "$before" ]]
}

@test "records out of order, of the wrong kind, too many or none" {
    both
    local zero=0000000000000000 rest long
    rest=$(record "$PARAMS" "$PUBLIC")$(record "$PARAMS")$(record "$STDIN")
    gets "$OK" 'good' "$QUESTION"
    gets "$NOTHING" 'nothing' ''
    gets "$NOTHING" 'params before the beginning' "$rest"
    gets "$REFUSED" 'STDIN before params' "$(begin)$(record "$STDIN" 00)$rest"
    gets "$REFUSED" 'the end of STDIN before params' "$(begin)$(record "$STDIN")$rest"
    gets "$REFUSED" 'DATA before params' "$(begin)$(record "$DATA" 00)$rest"
    gets "$REFUSED" 'no params' "$(begin)$(record "$PARAMS")$(record "$STDIN")"
    gets "$OK" 'the end of params twice' "$(begin)$(record "$PARAMS" "$PUBLIC")$(record "$PARAMS")$(record "$PARAMS")"
    gets "$NOTHING" 'an end first' "$(record "$END" $zero)$QUESTION"
    gets "$REFUSED" 'an end before params' "$(begin)$(record "$END" $zero)$rest"
    gets "$OK" 'an end instead of STDIN' "$(begin)$(record "$PARAMS" "$PUBLIC")$(record "$PARAMS")$(record "$END" $zero)"
    gets "$REFUSED" 'abort after the beginning' "$(begin)$(record "$ABORT")"
    gets "$REFUSED" 'abort in params' "$(begin)$(record "$PARAMS" "$PUBLIC")$(record "$ABORT")"
    gets "$OK" 'abort after params' "$(begin)$(record "$PARAMS" "$PUBLIC")$(record "$PARAMS")$(record "$ABORT")"
    gets "$OK" 'abort in STDIN' "$(begin)$(record "$PARAMS" "$PUBLIC")$(record "$PARAMS")$(record "$STDIN" 00)$(record "$ABORT")"
    gets "$REFUSED" 'an unknown type in a request' "$(begin)$(record 99)$rest"
    gets "UNKNOWN_TYPE $OK" 'an unknown type of management' "$(record 99 '' 0)$QUESTION"
    gets "UNKNOWN_TYPE $OK" 'the same within a request' "$(begin)$(record 99 '' 0)$rest"
    gets "GET_VALUES_RESULT $OK" 'asked for values' "$(record "$GET_VALUES" "$(param FCGI_MAX_CONNS '')$(param NOBODY '')" 0)$QUESTION"
    gets "GET_VALUES_RESULT $OK" 'the same within a request' "$(begin)$(record "$GET_VALUES" "$(param FCGI_MPXS_CONNS '')" 0)$rest"
    gets "$NOTHING" 'the same, malformed' "$(record "$GET_VALUES" ff 0)$QUESTION"
    gets "$NOTHING" 'another version' "$(VERSION=2 begin)$rest"
    gets "$REFUSED" 'another version of params' "$(begin)$(VERSION=0 record "$PARAMS" "$PUBLIC")$rest"
    gets "$REFUSED" 'the params of another request' "$(begin)$(record "$PARAMS" "$PUBLIC" 2)$(record "$PARAMS")$(record "$STDIN")"
    gets "$OK" 'params of another request between ours' "$(begin)$(record "$PARAMS" "$(param PATH_INFO /private)" 2)$rest"
    gets "$OK" 'the end of them, after ours' "$(begin)$(record "$PARAMS" "$PUBLIC")$(record "$PARAMS" '' 2)$(record "$PARAMS")$(record "$STDIN")"
    gets "$REFUSED" 'the end of them, before ours, with which libfcgi loses ours' "$(begin)$(record "$PARAMS" '' 2)$rest"
    gets "END_REQUEST 1 $OK" 'begun twice' "$(begin)$(begin)$rest"
    gets "END_REQUEST 1 $OK" 'another begun within' "$(begin)$(begin 0 1 2)$(record "$PARAMS" "$(param PATH_INFO /private)" 2)$rest"
    gets "$NOTHING" 'begun without content' "$(record "$BEGIN")$QUESTION"
    gets "$NOTHING" 'begun with too little' "$(record "$BEGIN" 00010000000000)$QUESTION"
    gets "$NOTHING" 'begun with too much' "$(record "$BEGIN" 000100000000000000)$QUESTION"
    gets "$NOTHING" 'no role' "$(begin 0 0)$rest"
    gets "$NOTHING" 'a role nobody knows' "$(begin 0 9)$rest"
    gets "$NOTHING" 'request 0' "$(begin 0 1 0)$QUESTION"
    gets "$OK" 'request 65535' "$(begin 0 1 65535)$(record "$PARAMS" "$PUBLIC" 65535)$(record "$PARAMS" '' 65535)$(record "$STDIN" '' 65535)"
    gets "$OK" 'the longest padding' "$(begin)$(record "$PARAMS" "$PUBLIC" 1 255)$(record "$PARAMS" '' 1 255)$(record "$STDIN" '' 1 255)"
    gets "$REFUSED" 'a padded beginning, of which libfcgi loses the padding' "$(record "$BEGIN" 0001000000000000 1 255)$rest"
    for ((i = 0; i < ${#PUBLIC}; i += 2)); do long+=$(record "$PARAMS" "${PUBLIC:i:2}" 1 1); done
    gets "$OK" 'params octet by octet' "$(begin)$long$(record "$PARAMS")$(record "$STDIN")"
    gets "$OK" 'two at once, of which libfcgi loses the second' "$(begin 1)$rest$QUESTION"
    gets "$NOTHING" 'HTTP' "$(hex 'GET / HTTP/1.1')0d0a0d0a"
    gets "$NOTHING" 'TLS' 1603010200010001fc0303
    gets "$NOTHING" 'zeros' "$(printf '%0*d' 2000 0)"
    gets "$NOTHING" 'ones' "$(printf '%0*d' 2000 0 | tr 0 f)"
}

# answers CODE REASON TITLE PARAMS: to a GET with these params on top.
answers() {
    gets "$([[ $2 == - ]] || echo "STDERR *$2* STDERR ")STDOUT Status: $1 * STDOUT END_REQUEST 0" "$3" "$(begin)$(record "$PARAMS" "$GET$4")$(record "$PARAMS")$(record "$STDIN")"
}

@test "odd names: only what is exactly a name of ours counts, and what counts twice is refused" {
    both
    local path bearer
    path=$(param PATH_INFO /private)
    bearer="Bearer $TOKEN"
    good=$path$(param HTTP_AUTHORIZATION "$bearer")
    answers 200 - 'good' "$good"
    answers 200 - 'an empty name' "$(param '' x)$(param '' '')$good"
    answers 200 - 'lengths of four octets' "$(param HTTP_AUTHORIZATION "$bearer" 4)$(param PATH_INFO /private 4)"
    answers 400 two-credentials 'the same name twice' "$good$(param HTTP_AUTHORIZATION x)"
    answers 400 two-credentials 'an equals sign in a name makes it that name' "$good$(param HTTP_AUTHORIZATION=x y)"
    answers 401 token-base64 'the same, alone: with the sign it is no token' "$path$(param "HTTP_AUTHORIZATION=$bearer" x)"
    answers 403 not-granted 'the same, of what is required' "$good$(param BEARER_REQUIRE=scope=none '')"
    answers 401 no-credentials 'one before it' "$path$(param '=HTTP_AUTHORIZATION' "$bearer")"
    answers 401 no-credentials 'a NUL after a name' "$path$(pair "$(hex HTTP_AUTHORIZATION)00" "$(hex "$bearer")")"
    answers 401 no-credentials 'a NUL before it' "$path$(pair "00$(hex HTTP_AUTHORIZATION)" "$(hex "$bearer")")"
    answers 401 no-credentials 'a NUL in the path: it ends there' "$(pair "$(hex PATH_INFO)" "$(hex /private)00$(hex /public)")"
    answers 401 token-segments 'a NUL in a token: likewise' "$path$(pair "$(hex HTTP_AUTHORIZATION)" "$(hex 'Bearer x')00$(hex "$TOKEN")")"
    answers 401 no-credentials 'small letters' "$path$(param http_authorization "$bearer")"
    answers 401 no-credentials 'large and small letters' "$path$(param Http_Authorization "$bearer")"
    answers 401 no-credentials 'a space before' "$path$(param ' HTTP_AUTHORIZATION' "$bearer")"
    answers 401 no-credentials 'too short, too long' "$path$(param HTTP_AUTHORIZATIO "$bearer")$(param HTTP_AUTHORIZATIONS "$bearer")"
    answers 200 - 'after a redirect' "$path$(param REDIRECT_HTTP_AUTHORIZATION "$bearer")"
    answers 401 no-credentials 'after two redirects' "$path$(param REDIRECT_REDIRECT_HTTP_AUTHORIZATION "$bearer")"
    answers 404 not-found 'a path from before a redirect' "$(param REDIRECT_PATH_INFO /private)$(param HTTP_AUTHORIZATION "$bearer")"
    answers 200 - 'policy from a client' "$good$(param HTTP_BEARER_REQUIRE scope=none)$(param HTTP_BEARER_ROLE deny)"
    answers 200 - 'policy from before a redirect' "$good$(param REDIRECT_BEARER_REQUIRE scope=none)$(param REDIRECT_BEARER_ROLE deny)"
    answers 500 'did you mean BEARER_REQUIRE' 'policy in small letters' "$good$(param bearer_require scope=none)"
}

@test "params of 16 MiB, in one and in 10,000" {
    both
    local name many=()
    head -c 16777216 /dev/zero | tr '\0' a >long
    many=({1..10000})
    for name in unix tcp; do
        [[ $(worker_ask "$name" LONG=@long) == 'Status: 200 OK'* ]]
        [[ $(worker_ask "$name" HTTP_COOKIE=@long HTTP_AUTHORIZATION=@long) == 'Status: 400 '* ]]
        [[ $(worker_ask "$name" "${many[@]/%/=x}") == 'Status: 200 OK'* ]]
        [[ $(worker_ask "$name" "${many[@]/*/X=x}") == 'Status: 200 OK'* ]]
        [[ $(worker_ask "$name" "${many[@]/*/HTTP_AUTHORIZATION=x}") == 'Status: 400 '* ]]
        worker_good "$name"
        worker_same "$name"
    done
}

# holds NAME SAYS OCTETS [ARGUMENT...]: a peer that sends this much, and stays; all the same its worker answers somebody else. SAYS: what the peer has
# been told by then, a pattern.
holds() (
    trap 'exec 2>/dev/null; kill "$peer" || true; workers_stop' EXIT
    local peer=
    worker "$1" "${1%%-*}" "$top_builddir/bearer-hasty" && worker_await worker_good "$1" || exit
    octets "$3" >"$1.octets"
    "$top_builddir/fcgi-raw" "${worker_address[$1]}" --then stay "${@:4}" <"$1.octets" >"$1.out" 2>&1 3>&- &
    peer=$!
    worker_await grep -qs sent "$1.out" || exit
    # The worker takes one after the other: this one comes after that peer. Again, because on a slow machine the bound may hit it, too.
    worker_await worker_good "$1" || exit
    kill -0 "$peer" && worker_same "$1" || exit
    # shellcheck disable=SC2053  # a pattern
    [[ $(sed '/^sent$/d; s/^[0-9]*: //' "$1.out" | paste -sd' ') == $2 ]] || exit
    touch "$1.good"
)

@test "a peer that stays, silent, dripping or not reading, holds its worker no longer than the bound" {
    local kind stage begun whole kept body other filler long bad=
    begun=$(begin)
    whole=$begun$(record "$PARAMS" "$PUBLIC")$(record "$PARAMS")
    kept=$(begin 1)$(record "$PARAMS" "$PUBLIC")$(record "$PARAMS")
    body=$(printf '%0*d' 2000 0)
    other=$(record "$PARAMS" "$(printf '%0*d' 80000 0)" 2) # libfcgi reads past it
    # libfcgi reads 8192 octets at once: each request is exactly that.
    TOKEN=$(issuer token i --aud api --claim "long=\"$(printf '%0*d' 4000 0)\"")
    long=$GET$(param PATH_INFO /private)$(param HTTP_AUTHORIZATION "Bearer $TOKEN")
    filler=$((8192 - 16 - 8 - ${#long} / 2 - 12 - 8 - 8))
    long=$(begin 1)$(record "$PARAMS" "$long$(pair "$(hex FILL)" "$(printf '%0*d' $((filler * 2)) 0)" 4)")$(record "$PARAMS")$(record "$STDIN")
    ((${#long} == 16384))
    for kind in unix tcp; do
        holds $kind-nothing '' '' &
        holds $kind-header '' "${begun:0:10}" &
        holds $kind-begin '' "${begun:0:24}" &
        holds $kind-begun "$REFUSED" "$begun" &
        holds $kind-param '' "$begun$(record "$PARAMS" "${PUBLIC:0:40}")" &
        holds $kind-params "$REFUSED" "$begun$(record "$PARAMS" "$PUBLIC")" &
        holds $kind-aborted "$REFUSED" "$begun$(record "$PARAMS" "$PUBLIC")$(record "$ABORT")" &
        holds $kind-no-stdin "$OK" "$whole" &
        holds $kind-stdin "$OK" "$whole$(record "$STDIN" "$body" | head -c 100)" &
        holds $kind-stdin-kept "$OK" "$kept$(record "$STDIN" "$body" | head -c 100)" &
        holds $kind-answered "$OK" "$QUESTION" &
        holds $kind-idle "$OK" "$kept$(record "$STDIN")" &
        # More than drips within any bound: a whole record without another one behind it would get an answer.
        holds $kind-next "$OK" "$kept$(record "$STDIN")$begun$(record "$PARAMS" "$(pair 58 "$body")")" --at-once $(((${#kept} + 16) / 2)) &
        holds $kind-drip '' "$begun$(record "$PARAMS" "$(pair 58 "$body")")" --at-once 30 &
        holds $kind-drip-stdin "$OK" "$whole$(record "$STDIN" "$body")" --at-once $((${#whole} / 2)) &
        holds $kind-drip-stdin-kept "$OK" "$kept$(record "$STDIN" "$body")" --at-once $((${#whole} / 2)) &
        holds $kind-drip-after "$OK" "$QUESTION$body" --at-once $((${#QUESTION} / 2)) &
        holds $kind-flood '' "$begun$(record "$PARAMS" "${PUBLIC:0:40}")$other" --flood $((${#begun} / 2 + 28)) &
        holds $kind-flood-after '*' "$QUESTION$other" --flood $((${#QUESTION} / 2)) & # TCP may lose the answer
        holds $kind-unread '' "$long" --again 1 &
    done
    wait
    for kind in unix tcp; do
        for stage in nothing header begin begun param params aborted no-stdin stdin stdin-kept answered idle next drip drip-stdin drip-stdin-kept drip-after flood flood-after unread; do
            [[ -e $kind-$stage.good ]] || {
                echo "not as it should be: $kind-$stage; the peer was told:" >&2
                cat "$kind-$stage.out" "$kind-$stage.log" >&2
                bad=yes
            }
        done
    done
    [[ -z $bad ]]
}

# traced NAME CALLS...: a worker whose system calls of these names are written to NAME.calls.
traced() {
    worker "$1" unix strace -D -o "$1.calls" -e trace="$2" "$top_builddir/bearer.fcgi"
    worker_good "$1"
}

@test "the real bound is 40 seconds, and costs no system call for each request" {
    traced w alarm,setitimer,timer_settime,setsockopt
    local _
    grep -Fq 'alarm(40)' w.calls
    for _ in {1..20}; do worker_good w; done
    (($(grep -c alarm w.calls) < 10)) # set again after ten seconds at most
    run ! grep -v alarm w.calls
    "$top_builddir/fcgi-peer" "${worker_address[w]}" --times 20 REQUEST_METHOD=GET PATH_INFO=/public >/dev/null
    run ! grep -v alarm w.calls
}

@test "a connection is closed at once after a whole request; after one that is not, when the peer has closed it" {
    traced w shutdown,poll
    local _
    for _ in {1..20}; do worker_good w; done
    run ! grep . w.calls
    "$top_builddir/fcgi-peer" "${worker_address[w]}" --stdin 0 --role 2 REQUEST_METHOD=GET PATH_INFO=/public BEARER_REQUIRE=optional >/dev/null
    worker_await grep -q shutdown w.calls
    worker_await grep -q poll w.calls
    worker_good w
}

@test "a worker that runs out of descriptors waits for one, and does not end" {
    traced w accept4
    local free=0
    while [[ -e /proc/${worker_pid[w]}/fd/$free ]]; do free=$((free + 1)); done
    prlimit --pid "${worker_pid[w]}" --nofile=$free:4096
    worker_good w &
    local asking=$!
    worker_await grep -q EMFILE w.calls
    prlimit --pid "${worker_pid[w]}" --nofile=4096:4096
    wait $asking
    worker_same w
}

@test "who is not in FCGI_WEB_SERVER_ADDRS gets no answer by TCP, of either kind" {
    local name
    worker listed tcp env FCGI_WEB_SERVER_ADDRS=192.0.2.1,127.0.0.1 "$top_builddir/bearer.fcgi"
    worker both tcp46 env FCGI_WEB_SERVER_ADDRS="127.0.0.1, 192.0.2.1" "$top_builddir/bearer.fcgi"
    worker socket unix env FCGI_WEB_SERVER_ADDRS=192.0.2.1 "$top_builddir/bearer.fcgi"
    worker empty tcp env FCGI_WEB_SERVER_ADDRS= "$top_builddir/bearer.fcgi"
    for name in listed both socket empty; do
        worker_good "$name"
    done
    worker other tcp env FCGI_WEB_SERVER_ADDRS=192.0.2.1,127.0.0.10,27.0.0.1,,127.0.0. "$top_builddir/bearer.fcgi"
    worker other6 tcp46 env FCGI_WEB_SERVER_ADDRS=::1,::ffff:127.0.0.2 "$top_builddir/bearer.fcgi"
    for name in other other6 other other6; do # twice: it goes on
        run -1 worker_ask "$name"
        [[ -z $output ]]
    done
}

@test "a silent peer does not keep a worker from ending" {
    local signal peer
    for signal in TERM USR1; do
        worker $signal
        worker_good $signal
        octets "$(begin)$(record "$PARAMS" "${PUBLIC:0:40}")" >part
        "$top_builddir/fcgi-raw" "${worker_address[$signal]}" --then stay <part >$signal.out &
        peer=$!
        worker_await grep -q sent $signal.out
        kill -$signal "${worker_pid[$signal]}"
        wait "${worker_pid[$signal]}" # with 0
        kill -0 $peer
        kill $peer
    done
}

# refusals NAME: how often this worker has said that it refuses a length.
refusals() {
    grep -c 'a FastCGI peer claims a name or value of 32 MiB or more: connection closed' "$1.log" || true
}

@test "D8: a name or value that claims 32 MiB or more is refused before libfcgi makes room for it, and the worker goes on" {
    both
    local lengths octet apart name count=0 text
    text=$(hex "$(printf 'x%.0s' {1..4096})")
    for lengths in ffffffffffffffff ffffffff01 01ffffffff fffffffefffffffe fffffffe01 01fffffffe c000000000 bfffffffbfffffff 8200000001 0182000000; do
        apart=
        for ((octet = 0; octet < ${#lengths}; octet += 2)); do
            apart+=$(record "$PARAMS" "${lengths:octet:2}")
        done
        gets "$NOTHING" "$lengths" "$(begin)$(record "$PARAMS" "$lengths$text")"
        gets "$NOTHING" "$lengths, behind others" "$(begin)$(record "$PARAMS" "$PUBLIC$lengths")$(record "$PARAMS")$(record "$STDIN")"
        gets "$NOTHING" "$lengths, each octet in a record" "$(begin)$apart$(record "$PARAMS" "$text")"
        gets "$NOTHING" "$lengths, in FCGI_GET_VALUES" "$(record "$GET_VALUES" "$lengths$text" 0)$QUESTION"
        count=$((count + 4))
        for name in unix tcp; do
            [[ $(refusals "$name") == "$count" ]]
        done
    done
    for lengths in 81ffffff81ffffff 0181ffffff; do # as long as may be: it does not come, which is another thing
        gets "$NOTHING" "$lengths" "$(begin)$(record "$PARAMS" "$lengths$text")"
        [[ $(refusals unix) == "$count" ]]
    done
}

# What libfcgi does not survive: who sends such things could as well say who they are, for they are the web server (SECURITY.md).
@test "records that end a worker: it has not answered, and its successor does" {
    ulimit -c 0
    worker w unix multiwatch -f 1 -r 100 -t 1000 -- "$top_builddir/bearer.fcgi"
    local octets got before after _
    for octets in "$(record "$GET_VALUES" "$(for _ in {1..4}; do param FCGI_MPXS_CONNS ''; done)" 0)" \
        "$(record "$GET_VALUES" "$(for _ in {1..100}; do param FCGI_MAX_CONNS ''; done)" 0)"; do
        worker_await worker_good w 2>/dev/null
        before=$(pgrep -P "${worker_pid[w]}")
        got=$(raw w "$octets$QUESTION")
        worker_good w
        after=$(pgrep -P "${worker_pid[w]}")
        [[ $before == "$after" || $got != *STDOUT* ]]
    done
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Endpoints of somebody's own (tests/support/endpoints.c) as FastCGI workers and as plain CGI: bodies, streams, and handlers that take too long, crash, answer
# twice or break off. None of that harms another request. A peer has three seconds here. What needs no process is in tests/unit/test_call.c.

# shellcheck disable=SC2154  # worker_pid and worker_address: workers.bash; status, output: run

bats_require_minimum_version 1.5.0
load ../support/issuer
load ../support/workers

: "${top_builddir:?}"

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    issuer init i --issuer https://localhost/ >kid
    TOKEN=$(issuer token i --aud api --scope write)
    worker_settings >bearer.env
}

teardown() {
    workers_stop
}

# ask NAME PATH [ARGUMENT...]: the whole answer of that worker.
ask() {
    timeout 60 "$top_builddir/fcgi-peer" "${worker_address[$1]}" REQUEST_METHOD=GET PATH_INFO="$2" "${@:3}"
}

# post NAME PATH FILE LENGTH [ARGUMENT...]
post() {
    timeout 60 "$top_builddir/fcgi-peer" "${worker_address[$1]}" --body "$3" REQUEST_METHOD=POST PATH_INFO="$2" CONTENT_TYPE=application/octet-stream \
        ${4:+CONTENT_LENGTH="$4"} "${@:5}"
}

# answer: what a file has behind the head.
answer() {
    sed '1,/^\r$/d' "$1"
}

process() {
    ask "$1" /process >said.process
    answer said.process
}

denied() {
    [[ $(head -n 1 "$1") == "Status: $2 "* && $(answer "$1") == "{\"detail\":\"$3\"}" ]] || { cat "$1" && return 1; }
}

CUT='The body is not as long as it was said to be'

@test "bodies: whole, cut short, longer than said, of unknown length, too large" {
    worker w unix "$top_builddir/endpoints"
    local before file
    before=$(process w)
    head -c 150000 /dev/urandom >octets
    post w /echo octets 150000 >said
    cmp octets <(answer said)
    post w /echo octets '' >said
    cmp octets <(answer said)
    post w /echo octets -1 >said
    cmp octets <(answer said)
    post w /echo octets 150001 >said
    denied said 400 "$CUT"
    post w /echo octets 149999 >said
    denied said 400 "$CUT"
    post w /count octets 150000 >said
    [[ $(answer said) == '150000 octets, whole' ]]
    post w /count octets 150001 >said
    [[ $(answer said) == '150000 octets, not whole' ]]
    # 10 GB announced, and 64 MiB sent: answered before, and the connection ends.
    head -c 67108864 /dev/zero >zeros
    post w /echo zeros 10737418240 >said || true
    denied said 413 'The body is too large'
    post w /echo zeros '' >said || true
    denied said 413 'The body is too large'
    for file in '' x '7, 7' 99999999999999999999999; do
        post w /echo /dev/null "$file" >said
    done
    denied said 413 'The body is too large'
    [[ $(process w) == "$before" ]]
}

@test "nothing is read of a body that somebody may not send, and a kept connection goes on" {
    worker w unix "$top_builddir/endpoints"
    head -c 100000 /dev/zero >zeros
    post w /private zeros 100000 >said
    denied said 401 'Not authenticated'
    post w /private zeros 100000 HTTP_AUTHORIZATION="Bearer $TOKEN" >said
    cmp zeros <(answer said)
    post w /private zeros 100000 HTTP_AUTHORIZATION="Bearer $(issuer token i --aud api)" >said
    denied said 403 'Required: scope=write'
    # Of the same connection: the body is none of the next request's.
    post w /private zeros 100000 --times 3 >said
    [[ $(grep -o 'Status: 401 ' said | wc -l) == 3 ]]
}

# drip: an octet four times a second, for longer than any bound.
drip() {
    local i
    for ((i = 0; i < 240; i++)); do
        echo -n x || return 0
        read -rt 0.25 <> <(:) || true
    done
}

@test "a body that drips is cut after the peer's time, whole or by pieces, and the worker is the same" {
    echo BEARER_STREAM_SECONDS=2 >>bearer.env
    worker w unix "$top_builddir/endpoints"
    local before
    before=$(process w)
    drip | post w /echo - 1000 >said || true
    denied said 400 "$CUT"
    drip | post w /count - 1000 >said || true
    [[ ! -s said || $(answer said) == *' octets, not whole' ]]
    [[ $(process w) == "$before" ]]
}

@test "a stream arrives piece by piece; HEAD has none of it" {
    worker w unix "$top_builddir/endpoints"
    local asking
    ask w /stream QUERY_STRING="until=$PWD/go" >said &
    asking=$!
    worker_await grep -qx one said
    run ! grep -q two said
    run ! grep -q Content-Length said
    touch go
    wait "$asking"
    [[ $(answer said) == $'one\ntwo' ]]
    timeout 60 "$top_builddir/fcgi-peer" "${worker_address[w]}" REQUEST_METHOD=HEAD PATH_INFO=/stream QUERY_STRING="until=$PWD/go" >said
    [[ $(answer said) == '' ]]
    grep -q 'Content-Type: text/event-stream' said
}

@test "a stream whose client is gone ends, and so does one that takes too long; the worker is the same" {
    echo BEARER_STREAM_SECONDS=2 >>bearer.env
    worker w unix "$top_builddir/endpoints"
    local before asking
    before=$(process w)
    ask w /for-ever >said &
    asking=$!
    worker_await test -s said
    kill "$(pgrep -P "$asking")" "$asking" 2>/dev/null || kill "$asking"
    wait "$asking" || true
    [[ $(process w) == "$before" ]]
    run -1 ask w /for-ever # the connection ended before the request did
    [[ $(process w) == "$before" ]]
}

@test "a stream that breaks off is cut: the server is not told that it is whole" {
    worker w unix "$top_builddir/endpoints"
    run -1 ask w /broken
    [[ $output == *half* && $output == *'the answer of GET /broken is not whole: its connection is cut'* ]]
    [[ -n $(process w) ]]
}

# others WAS: another process answers.
others() {
    local now
    now=$(process w 2>/dev/null)
    [[ -n $now && $now != "$1" ]]
}

@test "a handler that hangs ends with its process, one that crashes too, and others answer" {
    echo BEARER_HANDLER_SECONDS=1 >>bearer.env
    worker w unix multiwatch -f 1 -- "$top_builddir/endpoints"
    local before
    worker_await process w
    before=$(process w)
    run -1 ask w /hang
    worker_await others "$before"
    grep -q "fcgi-bearer: error: an endpoint's handler takes longer than BEARER_HANDLER_SECONDS: this process ends" w.log
    before=$(process w)
    run -1 ask w /crash
    worker_await others "$before"
}

@test "within its time no system call of a handler is interrupted, though a peer's time is over" {
    worker w unix "$top_builddir/endpoints"
    ask w /long >said
    [[ $(answer said) == 'interrupted 0 times' ]]
}

@test "of two answers the first one stands" {
    worker w unix "$top_builddir/endpoints"
    ask w /twice >said 2>err
    [[ $(answer said) == first ]]
    grep -q 'the handler of GET /twice answers twice: the first answer stands' err
}

# cgi METHOD PATH [NAME=VALUE...]: by plain CGI.
cgi() {
    env -i BEARER_CONFIG="$PWD/bearer.env" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD="$1" PATH_INFO="$2" "${@:3}" "$top_builddir/endpoints"
}

@test "plain CGI: bodies, streams, the handler's time" {
    local type=CONTENT_TYPE=application/octet-stream
    head -c 150000 /dev/urandom >octets
    cgi POST /echo CONTENT_LENGTH=150000 "$type" <octets >said
    cmp octets <(answer said)
    # Not an octet more is read: it may belong to somebody else.
    { cgi POST /echo CONTENT_LENGTH=5 "$type" >said && cat >rest; } <<<"12345rest"
    [[ $(answer said) == 12345 && $(<rest) == rest ]]
    cgi POST /echo HTTP_TRANSFER_ENCODING=chunked "$type" <octets >said
    cmp octets <(answer said)
    cgi POST /echo CONTENT_LENGTH=150001 "$type" <octets >said
    denied said 400 "$CUT"
    cgi POST /count CONTENT_LENGTH=150000 "$type" <octets >said
    [[ $(answer said) == '150000 octets, whole' ]]
    touch go
    cgi GET /stream QUERY_STRING="until=$PWD/go" >said
    [[ $(answer said) == $'one\ntwo' ]]
    run -1 cgi GET /broken
    echo BEARER_HANDLER_SECONDS=1 >>bearer.env
    run -70 cgi GET /hang
    # The client is gone: no signal ends the handler.
    cgi GET /for-ever 2>err | head -c 2000 >/dev/null
    grep -q 'the client is gone' err
}

@test "a bad route, or a setup that fails, stops the program at the start, and says which" {
    run -78 env -i BEARER_CONFIG="$PWD/bearer.env" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/process BAD_ROUTE=1 "$top_builddir/endpoints"
    [[ $output == *'the route GET /bad: it says not what it requires'* && $output != *Status* ]]
    run -78 env -i BEARER_CONFIG="$PWD/bearer.env" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/process BAD_SETUP=1 "$top_builddir/endpoints"
    [[ $output == *"the program's setup failed (7)"* && $output != *Status* ]]
    run -78 env -i BEARER_CONFIG="$PWD/bearer.env" BAD_ROUTE=1 "$top_builddir/endpoints"
    [[ $output == *'the route GET /bad: it says not what it requires'* ]]
}

@test "--call answers one request by hand, for whom the claims say, and is nothing to a web server" {
    echo '{"sub":"me","scope":"write"}' >claims
    echo -n abc >body
    run -0 "$top_builddir/endpoints" --call 'POST /private' --claims claims --body body
    [[ $output == 'Status: 200 OK'*'abc' ]]
    run -1 "$top_builddir/endpoints" --call 'POST /private' --body body
    [[ $output == *'Status: 401 Unauthorized'*'{"detail":"Not authenticated"}' ]]
    echo '{"sub":"me"}' >claims
    run -1 "$top_builddir/endpoints" --call 'POST /private' --claims claims --body body
    [[ $output == *'Status: 403 Forbidden'* ]]
    run -1 "$top_builddir/endpoints" --call 'GET /stream?unti=x'
    [[ $output == *'{"detail":[{"type":"missing","loc":["query","until"],"msg":"Field required"}]}' ]]
    run -0 "$top_builddir/endpoints" --call 'GET /proces%73'
    run -1 "$top_builddir/endpoints" --call 'GET /a+b'
    run -65 "$top_builddir/endpoints" --call '/process'
    run -65 "$top_builddir/endpoints" --call 'GET /process' --claims none
    run -65 "$top_builddir/endpoints" --call 'GET /process' --body none
    run -64 "$top_builddir/endpoints" --call 'GET /process' --claims
    run -64 "$top_builddir/endpoints" --call
    run -0 env -i BEARER_CONFIG="$PWD/bearer.env" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST PATH_INFO=/private \
        "$top_builddir/endpoints" --call 'POST /private' --claims claims
    [[ $output == *'Status: 401 Unauthorized'* ]]
    run -0 "$top_builddir/endpoints" --version
    [[ $output == 'Endpoints for tests 0.1' ]]
}

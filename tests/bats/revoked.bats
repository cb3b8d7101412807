#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The list of revoked tokens (BEARER_REVOKED_FILE): every worker, every role and plain CGI refuse what is on it, remembered or not, and keep the list that was
# good. (When exactly, and what a line may say: test_revocations.c, test_revoked.c.)

bats_require_minimum_version 1.5.0
load ../support/issuer

: "${top_builddir:?}"

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit
    issuer init i --issuer https://localhost/ --alg ES256 >kid
    mkdir tokens pids
    mint good --sub 'auth0|42' --claim 'azp="app"' --claim 'jti="j-1"' --claim 'sid="s-1"'
    mint other --sub 'auth0|43' --claim 'client_id="web"'
    {
        echo AUTH0_ISSUER=https://localhost/
        echo AUTH0_API_AUDIENCE=api
        echo AUTH0_ALGORITHMS=ES256
        echo "BEARER_JWKS_URI=file://$PWD/i/www/.well-known/jwks.json"
        echo "BEARER_REVOKED_FILE=$PWD/revoked"
        echo BEARER_LOG_LEVEL=info
    } >bearer.env
    list '# nobody yet'
    start one
    start two
    start authorizer BEARER_ROLE=authorizer
    start deny BEARER_ROLE=deny
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

# list LINE...: is what stands in the file, by rename, since an hour.
list() {
    printf '%s\n' "$@" >revoked.new
    touch -d '1 hour ago' revoked.new
    mv revoked.new revoked
}

# start NAME [VARIABLE=VALUE...]: a worker on ./NAME.socket.
start() {
    local deadline=$((SECONDS + 10))
    env -i BEARER_CONFIG="$PWD/bearer.env" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "${@:2}" \
        spawn-fcgi -n -s "$PWD/$1.socket" -- "$top_builddir/bearer.fcgi" >"$1.out" 2>&1 </dev/null 3>&- 4>&- &
    echo $! >"pids/$1"
    until [[ -S $1.socket ]]; do
        ((SECONDS < deadline)) || { cat "$1.out" >&2 && return 1; }
        read -rt 0.02 <> <(:) || true
    done
}

# ask WORKER TOKEN: its answer, and what it logs.
ask() {
    timeout 20 "$top_builddir/fcgi-peer" "$1.socket" REQUEST_METHOD=GET PATH_INFO=/private BEARER_REQUIRE=valid-token \
        "HTTP_AUTHORIZATION=Bearer $(<"tokens/$2")" 2>&1
}

# cgi TOKEN [VARIABLE=VALUE...]: the same, of plain CGI.
cgi() {
    env -i BEARER_CONFIG="$PWD/bearer.env" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET \
        PATH_INFO=/private BEARER_REQUIRE=valid-token "HTTP_AUTHORIZATION=Bearer $(<"tokens/$1")" "${@:2}" "$top_builddir/bearer.fcgi" 2>&1
}

# each TOKEN STATUS: what every worker and plain CGI answer; whoever only shows denials says 503 where the token is good.
each() {
    local worker wanted
    for worker in one two authorizer deny; do
        wanted=$2
        [[ $worker:$2 != deny:200 ]] || wanted=503
        [[ $'\n'$(ask "$worker" "$1") == *$'\nStatus: '"$wanted "* ]] || return 1
    done
    [[ $(cgi "$1") == *"Status: $2 "* && $(cgi "$1" FCGI_ROLE=AUTHORIZER) == *"Status: $2 "* ]]
}

await() {
    local deadline=$((SECONDS + 20))
    until "$@"; do
        ((SECONDS < deadline)) || { echo "in 20 s this did not come true: $*" >&2 && return 1; }
        read -rt 0.05 <> <(:) || true
    done
}

@test "what is on the list is refused by all workers, roles and CGI; what is off it is good again" {
    local line
    each good 200 && each good 200
    for line in "sub='auth0|42'" client=app jti=j-1 sid=s-1 "kid=$(<kid)" issuer=https://localhost/ "sub='auth0|42' client=app issuer=https://localhost/"; do
        list "$line # for the test"
        await each good 401
        case $line in
            kid=* | issuer=*) each other 401 ;;
            *) each other 200 ;;
        esac
        list '# nobody'
        await each good 200
    done
}

@test "the answer and the log line say so, and no more" {
    local answer
    list "sub='auth0|42' before=2100-01-01T00:00:00Z"
    await each good 401
    answer=$(ask authorizer good)
    [[ $answer == *'WWW-Authenticate: Bearer realm="api", error="invalid_token", error_description="The token has been revoked"'* ]]
    [[ $answer == *'{"detail":"The token has been revoked"}'* ]]
    [[ $answer == *'info: denied status=401 reason=revoked client=- kid='* ]]
    list "sub='auth0|42' before=2020-01-01T00:00:00Z" "sub='auth0|42' until=2020-01-01T00:00:00Z"
    await each good 200
}

@test "a bad list, or none, leaves the one there was; one that starts then says 500, and why" {
    local said
    list client=web
    await each other 401
    list 'sub=auth0|42'
    await eval '[[ $(ask one other) == *"the changed list of revoked tokens is not used"* ]]'
    [[ $(ask one other) == *'Status: 401 '* && $(ask one good) == *'Status: 200 '* ]]
    said=$(cgi good)
    [[ $said == *'Status: 500 '* && $said == *"no usable configuration: BEARER_REVOKED_FILE: $PWD/revoked: line 1: sub="*"sub='auth0|42'"* ]]
    rm revoked
    await eval '[[ $(ask two other) == *"$PWD/revoked is missing; put it back"* ]]'
    [[ $(ask two other) == *'Status: 401 '* ]]
    said=$(cgi good)
    [[ $said == *'Status: 500 '* && $said == *"install -m 644 /dev/null $PWD/revoked"* ]]

    # Another configuration with such a list is not taken up.
    sed 's/^AUTH0_API_AUDIENCE=.*/AUTH0_API_AUDIENCE=else/' bearer.env >bearer.new
    touch -d '1 hour ago' bearer.new
    cp bearer.env bearer.old
    mv bearer.new bearer.env
    await eval '[[ $(ask one good) == *"the changed configuration is not used"*"revoked is missing"* ]]'
    [[ $(ask one good) == *'Status: 200 '* && $(ask one other) == *'Status: 401 '*revoked* ]]
    mv bearer.old bearer.env
    list '# nobody'
    await each other 200
}

@test "many lines, every one of which counts" {
    local i
    mint last --sub user-10000
    for ((i = 1; i <= 10000; i++)); do
        echo "sub=user-$i issuer=https://localhost/ until=2100-01-01T00:00:00Z"
    done >many
    list "$(<many)"
    await each last 401
    each good 200
    list "$(<many)" client=web
    await eval '[[ $(ask one other) == *"revoked: line 10001: this is line number 10001, and more do not count"* ]]'
    [[ $(ask one last) == *'Status: 401 '* && $(ask one other) == *'Status: 200 '* && $(cgi last) == *'Status: 500 '* ]]
    list '# nobody'
    await each last 200
}

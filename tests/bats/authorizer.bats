#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The roles authorizer and deny, and BEARER_REQUIRE: bearer.fcgi asked directly, as FastCGI and as plain CGI.

bats_require_minimum_version 1.5.0
load ../support/issuer

: "${top_builddir:?}"

# How an authorizer can be asked; what it answers must not depend on it.
WAYS=(fcgi-role fcgi-param fcgi-setting cgi)

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit
    issuer init i --issuer https://localhost/ --alg ES256 >kid
    cp -r i j
    issuer rotate j >kid
    mkdir tokens
    mint good --sub 'auth0|42' --scope 'read write' --claim 'permissions=["do:this","do:that"]' --claim 'org="acme"' \
        --claim 'level=7' --claim 'https://x.example/roles?v=["admin","audit"]' --claim 'staff=true' --claim 'azp="client"'
    mint bare
    mint expired --exp -60 --scope 'read write'
    issuer token i --aud other --scope 'read write' >tokens/elsewhere
    issuer token j --aud api --scope 'read write' >tokens/unknown-key
    # its last but one character: the last one has bits that must be zero
    sed 's/A\(.\)$/B\1/; t; s/.\(.\)$/A\1/' tokens/good >tokens/forged
    settings >bearer.env
    mkdir pids
    start auto
    start authorizer BEARER_ROLE=authorizer
    start deny BEARER_ROLE=deny
}

teardown_file() {
    local file
    for file in "$BATS_FILE_TMPDIR"/pids/*; do
        end "$file"
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit
    answer=$BATS_TEST_TMPDIR/answer log=$BATS_TEST_TMPDIR/log
}

mint() {
    issuer token i --aud api "${@:2}" >"tokens/$1"
}

settings() {
    echo AUTH0_ISSUER=https://localhost/
    echo AUTH0_API_AUDIENCE=api
    echo AUTH0_ALGORITHMS=ES256
    echo "BEARER_JWKS_URI=file://$PWD/i/www/.well-known/jwks.json"
    echo "BEARER_FORWARD_CLAIMS=org https://x.example/roles?v absent"
    echo BEARER_LOG_LEVEL=info
}

# start NAME [VARIABLE=VALUE...]: a worker on ./NAME.socket with these settings in its environment.
start() {
    local name=$1 deadline=$((SECONDS + 10))
    shift
    env -i BEARER_CONFIG="$PWD/bearer.env" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$@" \
        spawn-fcgi -n -s "$PWD/$name.socket" -- "$top_builddir/bearer.fcgi" >"$name.out" 2>&1 </dev/null 3>&- 4>&- &
    echo $! >"pids/$name"
    until [[ -S $name.socket ]]; do
        ((SECONDS < deadline)) || { cat "$name.out" >&2 && return 1; }
        read -rt 0.02 <> <(:) || true
    done
}

# end PIDFILE: stops that worker; as it belongs to setup_file it may be no child of this shell.
end() {
    local pid deadline=$((SECONDS + 10))
    pid=$(<"$1")
    kill "$pid" 2>/dev/null || return 0
    until [[ ! -e /proc/$pid ]] || grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null; do
        ((SECONDS < deadline)) || { kill -KILL "$pid" && echo "a worker did not end" >&2 && return 1; }
        read -rt 0.02 <> <(:) || true
    done
}

# bearer TOKEN-NAME: the param with it; none, basic and two are no tokens.
bearer() {
    case $1 in
        none) echo UNUSED= ;;
        basic) echo "HTTP_AUTHORIZATION=Basic eDp5" ;;
        two) echo "HTTP_AUTHORIZATION=Bearer a.b.c, Bearer d.e.f" ;;
        *) echo "HTTP_AUTHORIZATION=Bearer $(<"tokens/$1")" ;;
    esac
}

# send WAY PARAM...: one request; what comes back is in $answer, what is logged in $log. A later param does not replace an earlier one.
send() {
    local way=$1
    shift
    case $way in
        fcgi-role) set -- auto.socket --role 2 "$@" ;;
        fcgi-param) set -- auto.socket "$@" BEARER_ROLE=authorizer ;;
        fcgi-setting) set -- authorizer.socket "$@" ;;
        fcgi-deny) set -- auto.socket --role 2 "$@" BEARER_ROLE=deny ;;
        fcgi-responder) set -- auto.socket "$@" ;;
        cgi) set -- "$@" BEARER_ROLE=authorizer ;;
        cgi-deny) set -- "$@" BEARER_ROLE=deny ;;
    esac
    case $way in
        cgi*)
            env -i GATEWAY_INTERFACE=CGI/1.1 BEARER_CONFIG="$PWD/bearer.env" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$@" \
                "$top_builddir/bearer.fcgi" >"$answer" 2>"$log" </dev/null
            ;;
        *) timeout 20 "$top_builddir/fcgi-peer" "$@" >"$answer" 2>"$log" ;;
    esac
}

complain() {
    printf '%s\n' "$@" '--- the answer:' "$(<"$answer")" '--- the log:' "$(<"$log")" >&2
    return 1
}

# is STATUS [TEXT...]: the last answer begins with that status and holds these texts.
is() {
    local text first
    IFS= read -r first <"$answer" || true
    [[ $first == "Status: $1 "* ]] || complain "wanted status $1" || return
    for text in "${@:2}"; do
        grep -qF -e "$text" "$answer" || complain "it does not hold: $text" || return
    done
}

logged() {
    local text
    for text; do
        grep -qF -e "$text" "$log" || complain "not logged: $text" || return
    done
}

# guard REQUIRE TOKEN STATUS [TEXT...]: a guarded location is asked in every way, and gives this answer, octet by octet the same.
guard() {
    local way
    for way in "${WAYS[@]}"; do
        send "$way" REQUEST_METHOD=GET "BEARER_REQUIRE=$1" "$(bearer "$2")"
        is "${@:3}" || complain "$way, BEARER_REQUIRE=$1, token $2" || return
        if [[ $way == "${WAYS[0]}" ]]; then
            cp "$answer" "$answer.first"
        else
            cmp "$answer" "$answer.first" || complain "$way answers other than ${WAYS[0]}" || return
        fi
    done
}

granted() { # REQUIRE TOKEN
    guard "$1" "$2" 200 'Variable-BEARER_SUB'
}

refused() { # REQUIRE TOKEN CHALLENGE-REST: 403, named as it is configured
    guard "$1" "$2" 403 "WWW-Authenticate: Bearer realm=\"api\", error=\"insufficient_scope\", $3" "{\"detail\":\"Required: $1\"}"
}

NOT_GRANTED='error_description="The token does not grant what is required"'

@test "yes: 200, the variables, and nothing else" {
    guard valid-token good 200
    printf '%s\r\n' 'Status: 200 OK' 'Variable-REMOTE_USER: auth0|42' 'Variable-AUTH_TYPE: Bearer' 'Variable-BEARER_SUB: auth0|42' \
        'Variable-BEARER_SCOPE: read write' 'Variable-BEARER_PERMISSIONS: do:this do:that' 'Variable-BEARER_CLIENT_ID: client' \
        'Variable-BEARER_ISSUER: https://localhost/' 'Variable-BEARER_PROFILE: default' \
        "Variable-BEARER_EXP: $(token_part 2 "$(<tokens/good)" | sed 's/.*"exp":\([0-9]*\).*/\1/')" \
        'Variable-BEARER_CLAIMS: {"org":"acme","https://x.example/roles?v":["admin","audit"]}' 'Variable-BEARER_CLAIM_ORG: acme' \
        'Variable-BEARER_CLAIM_HTTPS___X_EXAMPLE_ROLES_V: admin audit' 'Variable-BEARER_CLAIM_ABSENT: ' '' >"$answer.wanted"
    cmp "$answer" "$answer.wanted" || complain "that is more, or less"
}

@test "no: the denials of the responder, octet by octet" {
    local token
    for token in none basic two expired elsewhere unknown-key forged; do
        send fcgi-responder REQUEST_METHOD=GET PATH_INFO=/private "$(bearer "$token")"
        cp "$answer" "$answer.responder"
        case $token in
            none | basic) guard valid-token "$token" 401 'WWW-Authenticate: Bearer realm="api"' '{"detail":"Not authenticated"}' ;;
            two) guard valid-token "$token" 400 'error="invalid_request"' ;;
            *) guard valid-token "$token" 401 'error="invalid_token", error_description="' ;;
        esac
        cmp "$answer" "$answer.responder" || complain "$token: the responder answers otherwise"
    done
}

@test "a denial is logged with reason and client; a token never is" {
    local way token
    for way in "${WAYS[@]}"; do
        for token in good expired forged; do
            send "$way" REQUEST_METHOD=GET BEARER_REQUIRE=scope=none "$(bearer "$token")" REMOTE_ADDR=192.0.2.7
            logged 'denied status=40' 'client=192.0.2.7'
            run -1 grep -qF -e "$(cut -d . -f 3 "tokens/$token")" "$log" "$answer"
        done
        logged 'reason=signature'
    done
}

# role_is ROLE WHAT: how the last request to /public, with the good token, was answered.
role_is() {
    case $1 in
        0) is 200 'Hello from a public endpoint' || complain "$2" ;;
        1)
            is 200 'Variable-BEARER_SUB: auth0|42' || complain "$2" || return
            [[ $(<"$answer") != *Hello* ]] || complain "$2"
            ;;
        2) is 503 '{"detail":"The request would be allowed now"}' 'Retry-After: 1' || complain "$2" ;;
    esac
}

@test "of the setting, FCGI_ROLE and the param the strictest role counts" {
    local words=(auto authorizer deny) setting fcgi param strictest
    for setting in 0 1 2; do
        for fcgi in 0 1; do
            for param in '' 0 1 2; do
                strictest=$(printf '%s\n' "$setting" "$fcgi" "${param:-0}" | sort -n | tail -n 1)
                "$top_builddir/fcgi-peer" "${words[setting]}.socket" --role $((fcgi + 1)) REQUEST_METHOD=GET PATH_INFO=/public \
                    BEARER_REQUIRE=valid-token "$(bearer good)" ${param:+"BEARER_ROLE=${words[param]}"} >"$answer" 2>"$log"
                role_is "$strictest" "setting ${words[setting]}, FCGI_ROLE $fcgi, param $param"
            done
        done
    done
}

@test "a process that is an authorizer never answers /public itself" {
    local role
    for role in authorizer deny; do
        "$top_builddir/fcgi-peer" "$role.socket" REQUEST_METHOD=GET PATH_INFO=/public >"$answer" 2>"$log"
        is 500
        "$top_builddir/fcgi-peer" "$role.socket" REQUEST_METHOD=GET PATH_INFO=/public BEARER_ROLE=auto FCGI_ROLE=RESPONDER \
            BEARER_REQUIRE=valid-token >"$answer" 2>"$log"
        is 401
        "$top_builddir/fcgi-peer" "$role.socket" REQUEST_METHOD=OPTIONS PATH_INFO=/public BEARER_REQUIRE=valid-token >"$answer" 2>"$log"
        is 401
    done
}

@test "a role nobody knows, or one said twice: 500" {
    local param
    for param in BEARER_ROLE=responder BEARER_ROLE= BEARER_ROLE=Authorizer BEARER_ROLE=authorizer,deny HTTP_X=1; do
        [[ $param != HTTP_X=1 ]] || set -- --role 3
        "$top_builddir/fcgi-peer" auto.socket "$@" REQUEST_METHOD=GET PATH_INFO=/public "$(bearer good)" BEARER_REQUIRE=valid-token "$param" \
            >"$answer" 2>"$log"
        is 500 '{"detail":"Server misconfigured"}' || complain "$param $*"
    done
    logged FILTER
    send fcgi-param REQUEST_METHOD=GET BEARER_ROLE=authorizer "$(bearer good)" BEARER_REQUIRE=valid-token
    is 500
    send cgi-deny REQUEST_METHOD=GET BEARER_REQUIRE=valid-token "$(bearer good)"
    is 503 would
}

# opens_to_tokens_only WAY METHOD [PARAM]
opens_to_tokens_only() {
    send "$1" "REQUEST_METHOD=$2" "${3-UNUSED=}" BEARER_REQUIRE=scope=read "$(bearer good)"
    is 200 'Variable-REMOTE_USER: auth0|42' || complain "$*" || return
    send "$1" "REQUEST_METHOD=$2" "${3-UNUSED=}" BEARER_REQUIRE=scope=read
    is 401 || complain "$*" || return
    [[ $(<"$answer") != *Variable* ]] || complain "$*"
}

@test "neither method nor path is looked at" {
    local way word
    for way in fcgi-role cgi; do
        for word in GET HEAD POST PUT DELETE OPTIONS TRACE CONNECT PROPFIND BREW get ''; do
            opens_to_tokens_only "$way" "$word"
        done
        for word in '' /public /private-scoped /nowhere '/../%2e;x//' '*'; do
            opens_to_tokens_only "$way" GET "PATH_INFO=$word"
        done
        opens_to_tokens_only "$way" OPTIONS PATH_INFO=/public
    done
    send fcgi-role BEARER_REQUIRE=scope=read "$(bearer good)"
    is 400 # params without a method are no request
}

@test "HEAD: a denial without its body" {
    local way
    for way in "${WAYS[@]}"; do
        send "$way" REQUEST_METHOD=HEAD BEARER_REQUIRE=valid-token
        is 401 'Content-Length: 30'
        [[ $(tail -c 4 "$answer" | od -An -c | tr -d ' ') == '\r\n\r\n' ]]
    done
}

# misconfigured TOKEN LOG PARAM...: 500 in every way, and the log says why.
misconfigured() {
    local way token=$1 said=$2
    shift 2
    for way in "${WAYS[@]}"; do
        send "$way" REQUEST_METHOD=GET PATH_INFO=/public "$(bearer "$token")" "$@"
        is 500 '{"detail":"Server misconfigured"}' || complain "$way, $token, $*" || return
        [[ $(<"$answer") != *WWW-Authenticate* ]] || complain "a challenge" || return
        logged "$said" || return
    done
}

@test "S10: what Apache looks up for itself is denied, and nothing is said of it" {
    local token
    for token in good none; do
        send fcgi-role REQUEST_METHOD=GET SERVER_PROTOCOL=INCLUDED "$(bearer "$token")"
        is 500 '{"detail":"Server misconfigured"}'
        [[ ! -s $log ]] || complain 'logged'
        send fcgi-role REQUEST_METHOD=GET SERVER_PROTOCOL=HTTP/1.0 "$(bearer "$token")"
        is 500
        logged 'guarded location without BEARER_REQUIRE' reason=misconfigured
    done
    send fcgi-role REQUEST_METHOD=GET SERVER_PROTOCOL=INCLUDED BEARER_REQUIRE=valid-token "$(bearer expired)"
    is 401
    [[ ! -s $log ]] || complain 'logged'
    send fcgi-role REQUEST_METHOD=GET SERVER_PROTOCOL=INCLUDED BEARER_REQUIRE=scop "$(bearer good)"
    is 500
    logged 'BEARER_REQUIRE: '
}

@test "BEARER_REQUIRE absent: 500, and the log says how each server passes it" {
    local token text
    for token in good none; do
        for text in setenv.set-environment 'SetEnvIf Request_URI ^ BEARER_REQUIRE=valid-token' fastcgi_param; do
            misconfigured "$token" "$text"
        done
        # Names that are near it, or a client's.
        misconfigured "$token" 'guarded location without BEARER_REQUIRE' HTTP_BEARER_REQUIRE=optional REDIRECT_HTTP_BEARER_REQUIRE=optional
        misconfigured "$token" 'guarded location without BEARER_REQUIRE' REDIRECT_BEARER_REQUIRE=optional
        misconfigured "$token" 'guarded location without BEARER_REQUIRE' REDIRECT_REDIRECT_BEARER_REQUIRE=optional
    done
}

@test "BEARER_REQUIRE empty, unknown, or mistyped: 500, and the log says what would be right" {
    local text
    for text in '' ' ' 'scopes=read' read:files 'valid_token' 'Optional' 'scope=read & x' 'valid-token nonsense'; do
        misconfigured good 'BEARER_REQUIRE: ' "BEARER_REQUIRE=$text"
        logged 'scope=V, permission=V, either=V, claim:NAME, claim:NAME=V, claim:NAME~=V'
    done
    for text in '|' 'scope=' 'scope=read|' 'optional|scope=read' 'scope=read|acr=x' 'claim:=a' '!scope=read' 'max-age=1h'; do
        misconfigured good 'BEARER_REQUIRE: character ' "BEARER_REQUIRE=$text"
    done
    misconfigured none 'character 1, "scopes=read": unknown term' BEARER_REQUIRE=scopes=read
    misconfigured good "a value with a space: 'Team A'" 'BEARER_REQUIRE=claim:groups=Team A'
    misconfigured good 'in single quotes' $'BEARER_REQUIRE=scope=\xc3\xa9'
    misconfigured good 'did you mean BEARER_REQUIRE' BEARER_REQIRE=optional
    misconfigured good 'did you mean BEARER_REQUIRE' BEARER_REQUIRE=valid-token bearer_require=optional
}

@test "BEARER_REQUIRE twice: 500, be they the same or not" {
    local way
    for way in fcgi-role fcgi-param fcgi-setting fcgi-responder fcgi-deny; do
        for second in valid-token optional; do
            send "$way" REQUEST_METHOD=GET PATH_INFO=/public "$(bearer good)" BEARER_REQUIRE=valid-token "BEARER_REQUIRE=$second"
            is 500 || complain "$way $second"
            logged 'BEARER_REQUIRE twice'
        done
    done
}

@test "each kind of term opens to whom it says, and refuses others with challenge and name" {
    granted valid-token bare
    granted scope=read good
    refused scope=read bare 'scope="read"'
    refused scope=rea good 'scope="rea"'
    refused scope=do:this good 'scope="do:this"'
    granted permission=do:that good
    refused permission=do:that bare "$NOT_GRANTED"
    refused permission=read good "$NOT_GRANTED"
    granted either=read good
    granted either=do:this good
    refused either=other good 'scope="other"'
    granted claim:org=acme good
    refused claim:org=acm good "$NOT_GRANTED"
    refused claim:org=acme bare "$NOT_GRANTED"
    granted claim:level=7 good
    refused claim:level=07 good "$NOT_GRANTED"
    granted claim:staff=true good
    granted 'claim:https://x.example/roles?v=admin' good
    refused 'claim:https://x.example/roles?v=adm' good "$NOT_GRANTED"
    granted 'scope=read permission=do:this claim:org=acme' good
    refused 'scope=read permission=do:nothing' good 'scope="read"'
    granted 'scope=none|permission=do:this claim:org=acme|claim:org=other' good
    refused 'scope=none|scope=neither claim:org=acme scope=read' good 'scope="none read"'
    granted "claim:sub='auth0|42' claim:sub~='auth0|*' !claim:suspended" good
    refused "!claim:sub='auth0|42'" good "$NOT_GRANTED"
    refused '!claim:/sub/x' good "$NOT_GRANTED"
}

@test "a token that is not meant for the location, and a user who has to sign in again: 401" {
    guard 'audience=https://other.example/ scope=none' good 401 'error="invalid_token", error_description="The token is for another audience or from'
    guard 'acr=gold|acr=silver max-age=60 scope=read' good 401 'error="insufficient_user_authentication", acr_values="gold silver", max_age="60"'
    guard 'acr=gold scope=none' good 403 'scope="none"'
    guard 'acr=gold' none 401 'Not authenticated'
}

@test "optional beside other terms: nobody passes, and somebody must meet the rest" {
    guard 'optional scope=read' none 200 'Variable-AUTH_TYPE: '
    guard 'optional scope=read' good 200 'Variable-AUTH_TYPE: Bearer'
    guard 'scope=read optional' bare 403 'scope="read"'
    guard 'optional scope=read' expired 401 'error="invalid_token"'
}

@test "optional: without credentials as nobody, with them as whoever they say, and not with bad ones" {
    local token
    for token in none basic; do
        guard optional "$token" 200
        printf '%s\r\n' 'Status: 200 OK' Variable-{REMOTE_USER,AUTH_TYPE,BEARER_{SUB,SCOPE,PERMISSIONS,CLIENT_ID,ISSUER,PROFILE,EXP,CLAIMS,CLAIM_{ORG,HTTPS___X_EXAMPLE_ROLES_V,ABSENT}}}': ' '' >"$answer.wanted"
        cmp "$answer" "$answer.wanted" || complain "that is more, or less"
    done
    guard optional good 200 'Variable-REMOTE_USER: auth0|42'
    guard optional bare 200
    for token in expired elsewhere unknown-key forged; do
        guard optional "$token" 401 'error="invalid_token"'
    done
    guard optional two 400 'error="invalid_request"'
}

@test "what an authorizer before us, or a client, says of itself is not looked at" {
    local way lies=(REMOTE_USER=admin AUTH_TYPE=Bearer BEARER_SUB=admin BEARER_SCOPE=all BEARER_PERMISSIONS=all BEARER_CLIENT_ID=x
        BEARER_ISSUER=x BEARER_EXP=1 'BEARER_CLAIMS={"org":"evil"}' BEARER_CLAIM_ORG=evil REDIRECT_HTTP_BEARER_SUB=admin REDIRECT_BEARER_SUB=admin)
    guard valid-token good 200
    for way in "${WAYS[@]}"; do
        send "$way" REQUEST_METHOD=GET BEARER_REQUIRE=valid-token "$(bearer good)" "${lies[@]}"
        cmp "$answer" "$answer.first" || complain "$way: they make a difference"
        send "$way" REQUEST_METHOD=GET BEARER_REQUIRE=valid-token "${lies[@]}"
        is 401
        send "$way" REQUEST_METHOD=GET BEARER_REQUIRE=scope=all "$(bearer good)" "${lies[@]}"
        is 403
        send "$way" REQUEST_METHOD=GET BEARER_REQUIRE=optional "${lies[@]}"
        is 200
        [[ $(<"$answer") != *admin* && $(<"$answer") != *evil* ]]
    done
    lies+=(HTTP_BEARER_SUB=admin HTTP_REMOTE_USER=admin) # an endpoint looks at none of them
    send fcgi-responder REQUEST_METHOD=GET PATH_INFO=/private "${lies[@]}"
    is 401
    send fcgi-responder REQUEST_METHOD=GET PATH_INFO=/private "$(bearer good)" "${lies[@]}"
    is 200 '"sub":"auth0|42"'
}

@test "D2: a guard refuses a header that a program could read as ours, with any token or none, and says which it was" {
    local way token name tokens='good none expired'
    for name in HTTP_BEARER.PERMISSIONS HTTP_BEARER_ http_remote_user 'HTTP_AUTH|TYPE'; do
        for way in "${WAYS[@]}" fcgi-deny cgi-deny; do
            for token in $tokens; do
                send "$way" REQUEST_METHOD=GET BEARER_REQUIRE=optional "$(bearer "$token")" "$name=s3cret"
                is 400 '{"detail":"A request header is not allowed"}' 'Cache-Control: no-store'
                [[ $(<"$answer") != *WWW-Authenticate* && $(<"$answer") != *Variable-* ]] || complain "$way, $token, $name"
                [[ $(<"$log") != *s3cret* ]] || complain "$way, $token, $name: the log"
                if [[ $way == *deny ]]; then
                    [[ ! -s $log ]] || complain "$way, $token, $name: logged a second time"
                else
                    logged "arrived as \"$name\"" reason=forged-header
                    [[ $(grep -c "$name" "$log") == 1 ]] || complain "$way, $token, $name: the log"
                fi
            done
        done
        tokens=good
    done
    send fcgi-role REQUEST_METHOD=GET BEARER_REQUIRE=valid-token "$(bearer good)" $'HTTP_BEARER_\x1b[31m"=x'
    is 400
    logged 'HTTP_BEARER_\x1b[31m\"'
    guard optional good 200
    send fcgi-role REQUEST_METHOD=GET BEARER_REQUIRE=valid-token "$(bearer good)" HTTP_BEARER=x HTTP_BEARERFOO=x HTTP_X_BEARER_SUB=x HTTP_REMOTE_USERS=x
    is 200 'Variable-BEARER_SUB: auth0|42'
}

@test "deny: shows every denial again, and never allows" {
    local way token
    for way in fcgi-deny cgi-deny; do
        for token in none basic two expired elsewhere unknown-key forged bare; do
            send fcgi-role REQUEST_METHOD=GET BEARER_REQUIRE=scope=read "$(bearer "$token")"
            cp "$answer" "$answer.first"
            [[ $(<"$answer") == 'Status: 40'* ]]
            logged 'denied status=4'
            send "$way" REQUEST_METHOD=GET BEARER_REQUIRE=scope=read "$(bearer "$token")"
            cmp "$answer" "$answer.first" || complain "$way, $token: not what the authorizer said"
            [[ ! -s $log ]] || complain "$way, $token: S10: one denial is logged twice"
            send "$way" REQUEST_METHOD=GET PATH_INFO=/public REDIRECT_BEARER_REQUIRE=scope=read "$(bearer "$token")"
            cmp "$answer" "$answer.first" || complain "$way, $token: not with the redirected param"
        done
        for token in good none; do
            send "$way" REQUEST_METHOD=GET PATH_INFO=/public BEARER_REQUIRE=optional "$(bearer "$token")"
            is 503 '{"detail":"The request would be allowed now"}' 'Retry-After: 1'
            logged reason=would-allow
            [[ $(<"$answer") != *Variable* ]]
        done
        send "$way" REQUEST_METHOD=GET "$(bearer good)" BEARER_REQUIRE=scope=none REDIRECT_BEARER_REQUIRE=optional
        is 403 'scope="none"'
        send "$way" REQUEST_METHOD=GET "$(bearer good)"
        is 500
        logged 'without BEARER_REQUIRE'
        send "$way" REQUEST_METHOD=GET "$(bearer good)" REDIRECT_BEARER_REQUIRE=
        is 500
        send "$way" REQUEST_METHOD=GET "$(bearer good)" REDIRECT_HTTP_BEARER_REQUIRE=optional HTTP_BEARER_REQUIRE=optional
        is 500
    done
}

# respond [METHOD:]REQUIRE PATH TOKEN STATUS [TEXT...]
respond() {
    local way method=GET require=$1
    if [[ $require == POST:* || $require == OPTIONS:* ]]; then
        method=${require%%:*} require=${require#*:}
    fi
    for way in fcgi-responder cgi-responder; do
        send "$way" "REQUEST_METHOD=$method" "PATH_INFO=$2" "BEARER_REQUIRE=$require" "$(bearer "$3")"
        is "${@:4}" || complain "$way $*" || return
    done
}

@test "a responder: BEARER_REQUIRE comes on top of what the route requires" {
    respond valid-token /public none 401 'Bearer realm="api"'
    respond valid-token /public expired 401 'The token has expired'
    respond valid-token /public bare 200 'Hello' 'Cache-Control: no-store'
    respond scope=read /public bare 403 'scope="read"' 'Required: scope=read'
    respond scope=read /public good 200 Hello
    respond optional /public none 200 Hello
    respond optional /public expired 401
    respond valid-token /private bare 200 '"sub":'
    respond permission=do:this /private bare 403 'Required: permission=do:this'
    respond permission=do:this /private good 200 '"org":"acme"'
    respond optional /private none 401 # the route wants one
    respond optional /private-scoped good 403 'Required: scope=read:messages' 'scope="read:messages"'
    respond scope=read /private-scoped good 403 'Required: scope=read:messages'
    respond scope=none /private-scoped good 403 'Required: scope=none'
    respond valid-token /nowhere good 404
    respond nonsense /public good 500
    respond nonsense /nowhere good 500
    respond '' /public none 500
    respond POST:valid-token /private good 405 'Allow: GET, HEAD, OPTIONS'
    respond OPTIONS:valid-token /private none 204
    respond OPTIONS:nonsense /private none 500
    send fcgi-responder REQUEST_METHOD=GET PATH_INFO=/public REDIRECT_BEARER_REQUIRE=valid-token
    is 200 Hello # a redirected one is for showing a denial again only
}

@test "no keys to be had: 503 with Retry-After, whatever is asked, and not for who shows no token" {
    local role require
    mkdir "$BATS_TEST_TMPDIR/cache"
    sed "/JWKS_URI/d" bearer.env >"$BATS_TEST_TMPDIR/bearer.env"
    start nokeys BEARER_CONFIG="$BATS_TEST_TMPDIR/bearer.env" BEARER_CACHE_DIR="$BATS_TEST_TMPDIR/cache" BEARER_REFRESH=external
    for role in authorizer deny; do
        for require in optional valid-token scope=none; do
            send none nokeys.socket REQUEST_METHOD=GET "BEARER_ROLE=$role" "BEARER_REQUIRE=$require" "$(bearer good)"
            is 503 'Signing keys are unavailable' 'Retry-After: '
            logged reason=no-keys
        done
        send none nokeys.socket REQUEST_METHOD=GET "BEARER_ROLE=$role" BEARER_REQUIRE=valid-token
        is 401
    done
    end pids/nokeys
}

@test "a process without a usable configuration: 500 to every role" {
    echo 'AUTH0_DOMAIN=not a host' >"$BATS_TEST_TMPDIR/bearer.env"
    start misconfigured BEARER_CONFIG="$BATS_TEST_TMPDIR/bearer.env"
    for role in auto authorizer deny; do
        for fcgi in 1 2; do
            send none misconfigured.socket --role "$fcgi" REQUEST_METHOD=GET PATH_INFO=/public "BEARER_ROLE=$role" BEARER_REQUIRE=optional
            is 500 'Server misconfigured'
            logged AUTH0_DOMAIN
        done
    done
    end pids/misconfigured
}

@test "BEARER_REQUIRE in a file or a process's environment is an error: it belongs to a location" {
    { settings && echo BEARER_REQUIRE=optional; } >"$BATS_TEST_TMPDIR/bearer.env"
    run -78 env -i BEARER_CONFIG="$BATS_TEST_TMPDIR/bearer.env" "$top_builddir/bearer.fcgi" </dev/null
    [[ $output == *BEARER_REQUIRE* ]]
    start inenv BEARER_REQUIRE=optional
    send none inenv.socket REQUEST_METHOD=GET BEARER_ROLE=authorizer BEARER_REQUIRE=valid-token "$(bearer good)"
    is 500
    end pids/inenv
}

# cut_anywhere OPTION... -- PARAM...: the request with these params, cut off after any number of octets, gets no yes; whole it does.
cut_anywhere() {
    local options=() out
    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    shift
    "$top_builddir/fcgi-peer" auto.socket "${options[@]}" --cut all "$@" >"$answer" 2>"$log"
    run -1 grep -F -e 'Status: 2' -e Variable- "$answer"
    # libfcgi hangs up in the middle of a param; cut off between two of them it hands on what came.
    (($(grep -o 'Status: [45]' "$answer" | wc -l) >= $#))
    out=$("$top_builddir/fcgi-peer" auto.socket "${options[@]}" "$@" 2>/dev/null)
    [[ $out == 'Status: 200 OK'*'Variable-BEARER_SUB: auth0|42'* ]]
}

@test "params cut off anywhere, with a good token: never a yes" {
    cut_anywhere --role 2 -- "$(bearer good)" REQUEST_METHOD=GET BEARER_REQUIRE=scope=read
}

@test "params cut off where what closes the door comes last" {
    cut_anywhere -- REQUEST_METHOD=GET PATH_INFO=/public BEARER_REQUIRE=scope=read BEARER_ROLE=authorizer "$(bearer good)"
}

@test "params cut off by an abort of the request" {
    cut_anywhere --role 2 --abort 1 -- REQUEST_METHOD=GET BEARER_REQUIRE=scope=read "$(bearer good)"
}

@test "an authorizer that is sent no STDIN, nor its end, answers at once, and does not keep the connection" {
    send none auto.socket --role 2 --stdin 0 REQUEST_METHOD=GET BEARER_REQUIRE=valid-token "$(bearer good)"
    is 200
    run -1 "$top_builddir/fcgi-peer" auto.socket --role 2 --stdin 0 --times 2 REQUEST_METHOD=GET BEARER_REQUIRE=valid-token
    [[ $(grep -c 'Status: 401' <<<"$output") == 1 ]]
    send fcgi-role REQUEST_METHOD=GET BEARER_REQUIRE=valid-token "$(bearer good)"
    is 200
}

@test "the params of one request are not those of the next" {
    for _ in 1 2 3; do
        send fcgi-role REQUEST_METHOD=GET BEARER_REQUIRE=optional "$(bearer good)"
        is 200 'auth0|42'
        send fcgi-role REQUEST_METHOD=GET BEARER_REQUIRE=optional
        is 200
        [[ $(<"$answer") != *auth0* ]]
        send fcgi-role REQUEST_METHOD=GET "$(bearer good)"
        is 500
        send fcgi-role REQUEST_METHOD=GET BEARER_REQUIRE=valid-token
        is 401
    done
}

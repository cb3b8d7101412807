#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What we accept is not only what we minted: tokens and keys of npm's oidc-provider, over HTTPS, found by its name alone.

bats_require_minimum_version 1.5.0
load ../support/ca
load ../support/oidc

: "${top_srcdir:?}" "${top_builddir:?}"

API=https://api.example.test/
OTHER_API=https://other.example.test/

setup_file() {
    oidc_install
    ca_make "$BATS_FILE_TMPDIR/provider"
    oidc_start "$BATS_FILE_TMPDIR/provider" "$API" "$OTHER_API"
}

teardown_file() {
    oidc_stop
}

setup() {
    local name
    settings=(
        BEARER_CONFIG=
        "AUTH0_ISSUER=$OIDC_ISSUER"
        "AUTH0_API_AUDIENCE=$API"
        'AUTH0_ALGORITHMS=RS256 ES256'
        "BEARER_CA_FILE=$OIDC_DIR/ca.pem"
        "BEARER_CACHE_DIR=$BATS_TEST_TMPDIR/cache"
        BEARER_JWKS_COOLDOWN=1
    )
    for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
        [[ -z ${!name-} ]] || settings+=("$name=${!name}")
    done
}

# refresh [NAME=VALUE...]: bearerctl refresh, with these settings changed.
refresh() {
    env -i "${settings[@]}" "$@" "$top_builddir/bearerctl" refresh
}

# call PATH TOKEN [NAME=VALUE...]: one request by plain CGI; sets http_status, challenge and body.
call() {
    local path=$1 token=$2 answer head
    shift 2
    answer=$(env -i "${settings[@]}" "$@" GATEWAY_INTERFACE=CGI/1.1 SERVER_PROTOCOL=HTTP/1.1 REQUEST_METHOD=GET \
        SCRIPT_NAME=/api "PATH_INFO=$path" "REQUEST_URI=/api$path" QUERY_STRING= REMOTE_ADDR=127.0.0.1 \
        "HTTP_AUTHORIZATION=Bearer $token" "$top_builddir/bearer.fcgi" </dev/null)
    head=${answer%%$'\r\n\r\n'*}
    body=${answer#*$'\r\n\r\n'}
    http_status=$(sed -n 's/^Status: \([0-9]*\).*/\1/p' <<<"$head")
    challenge=$(sed -n $'s/^WWW-Authenticate: \\(.*[^\r]\\)\r*$/\\1/p' <<<"$head")
}

# expect STATUS [TEXT]: what the last call was answered, and what its challenge says.
expect() {
    if [[ $http_status != "$1" || $challenge != *"${2-}"* ]]; then
        printf 'expected %s %s\ngot      %s %s\n%s\n' "$1" "${2-}" "$http_status" "$challenge" "$body" >&2
        return 1
    fi
}

# call_until STATUS PATH TOKEN: within the cooldown a key just published is not looked for.
call_until() {
    local deadline=$((SECONDS + 10))
    until call "$2" "$3" && [[ $http_status == "$1" ]] || ((SECONDS >= deadline)); do
        sleep 0.1
    done
    expect "$1"
}

# part NUMBER TOKEN: a segment of the token, decoded.
part() {
    local text
    text=$(cut -d. -f"$1" <<<"$2")
    while ((${#text} % 4)); do
        text+='='
    done
    basenc --base64url -d <<<"$text"
}

@test "the provider is no imitation: exact issuer, RFC 9068 tokens, a kid for each algorithm" {
    local alg token kid jwks
    run -0 curl -q -sS --noproxy '*' --cacert "$OIDC_DIR/ca.pem" "$OIDC_ISSUER/.well-known/openid-configuration"
    [[ $output == *"\"issuer\":\"$OIDC_ISSUER\""* && $output == *"\"jwks_uri\":\"$OIDC_ISSUER/jwks\""* ]]
    jwks=$(curl -q -sS --noproxy '*' --cacert "$OIDC_DIR/ca.pem" "$OIDC_ISSUER/jwks")
    for alg in RS256 PS256 ES256 EdDSA; do
        token=$(oidc_token "$alg" read:messages)
        [[ $(part 1 "$token") =~ ^'{"alg":"'$alg'","typ":"at+jwt","kid":"'([^\"]+)'"}'$ ]]
        kid=${BASH_REMATCH[1]}
        [[ $jwks == *"\"kid\":\"$kid\",\"alg\":\"$alg\""* ]]
        [[ $(part 2 "$token") == *"\"iss\":\"$OIDC_ISSUER\",\"aud\":\"$API\""* ]]
    done
}

@test "what npm installs is pinned, each file by its hash, and no registry is named" {
    local lock=$top_srcdir/tests/oidc/package-lock.json
    run ! grep -E '"resolved"|//registry' "$lock"
    run ! grep -E '": "[~^*<>]' "$top_srcdir/tests/oidc/package.json"
    [[ $(grep -c '^    "node_modules/' "$lock") -eq $(grep -c '"integrity"' "$lock") ]]
}

@test "the issuer alone is enough: keys are found by discovery, RS256 and ES256 tokens are accepted" {
    local alg token before
    before=$(oidc_count 'GET /.well-known/openid-configuration')
    refresh
    [[ $(oidc_count 'GET /.well-known/openid-configuration') -eq $((before + 1)) ]]
    for alg in RS256 ES256; do
        token=$(oidc_token "$alg" read:messages)
        call /private "$token"
        expect 200
        [[ $body == "$(part 2 "$token")" ]]
    done
    [[ $(oidc_count 'GET /.well-known/openid-configuration') -eq $((before + 1)) ]]
}

@test "without a cache the first request has the keys fetched" {
    local token
    token=$(oidc_token ES256 '')
    call /private "$token"
    expect 200
    [[ $body == "$(part 2 "$token")" ]]
}

@test "PS256 and EdDSA are accepted where configured and refused elsewhere" {
    local alg token
    for alg in PS256 EdDSA; do
        token=$(oidc_token "$alg" '')
        refresh
        call /private "$token"
        expect 401 'error="invalid_token", error_description="The token algorithm is not one that is accepted here"'
        refresh "AUTH0_ALGORITHMS=$alg"
        call /private "$token" "AUTH0_ALGORITHMS=$alg"
        expect 200
    done
}

@test "a token for another audience is refused" {
    local token
    refresh
    token=$(oidc_token RS256 read:messages "$OTHER_API")
    call /private "$token"
    expect 401 'error="invalid_token", error_description="The token is for another audience (aud)"'
    [[ $body == '{"detail":"The token is for another audience (aud)"}' ]]
    call /private "$token" "AUTH0_API_AUDIENCE=$API $OTHER_API"
    expect 200
}

@test "the scope granted decides on /private-scoped" {
    local alg scope
    refresh
    for alg in RS256 ES256; do
        for scope in read:messages 'read:messages write:messages'; do
            call /private-scoped "$(oidc_token "$alg" "$scope")"
            expect 200
        done
        for scope in write:messages ''; do
            call /private-scoped "$(oidc_token "$alg" "$scope")"
            expect 403 'error="insufficient_scope", scope="read:messages"'
        done
    done
}

@test "an issuer that discovery does not confirm to the letter is refused" {
    run refresh "AUTH0_ISSUER=$OIDC_ISSUER/"
    [[ $status -ne 0 && $output == *issuer* && $output == *"$OIDC_ISSUER/"* ]]
    call /private "$(oidc_token RS256 '')" "AUTH0_ISSUER=$OIDC_ISSUER/"
    expect 503
}

@test "a provider whose certificate our CA did not sign is not asked for keys" {
    local before
    ca_make "$BATS_TEST_TMPDIR/ca"
    before=$(wc -l <"$OIDC_DIR/log")
    run refresh "BEARER_CA_FILE=$BATS_TEST_TMPDIR/ca/ca.pem"
    [[ $status -eq 75 && $output == *certificate* ]]
    [[ $(wc -l <"$OIDC_DIR/log") -eq $before ]]
    call /private "$(oidc_token RS256 '')" "BEARER_CA_FILE=$BATS_TEST_TMPDIR/ca/ca.pem"
    expect 503
}

@test "rotation: the new keys are accepted after one fetch, the old ones still" {
    local alg before old=() new=()
    before=$(oidc_count 'GET /jwks')
    refresh
    for alg in RS256 ES256; do old+=("$(oidc_token "$alg" '')"); done
    oidc_rotate
    for alg in RS256 ES256; do new+=("$(oidc_token "$alg" '')"); done
    [[ $(part 1 "${old[0]}") != "$(part 1 "${new[0]}")" ]]
    call_until 200 /private "${new[0]}"
    call /private "${new[1]}"
    expect 200
    for alg in 0 1; do
        call /private "${old[alg]}"
        expect 200
    done
    [[ $(oidc_count 'GET /jwks') -eq $((before + 2)) ]]
}

@test "a key that was withdrawn is refused after the next refresh" {
    local alg old=()
    for alg in RS256 ES256; do old+=("$(oidc_token "$alg" '')"); done
    oidc_rotate
    refresh
    oidc_drop_old
    for alg in 0 1; do
        call /private "${old[alg]}"
        expect 200
    done
    refresh
    for alg in 0 1; do
        call /private "${old[alg]}"
        expect 401 'error="invalid_token", error_description="The token names an unknown key (kid)"'
    done
    call /private "$(oidc_token RS256 '')"
    expect 200
}

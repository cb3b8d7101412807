#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Pages of other origins (BEARER_CORS_ORIGINS): what each answer says about who may read it, what a preflight is told, and that nothing of it is there unless it is set.

# shellcheck disable=SC2034,SC2154  # names of http-cases
bats_require_minimum_version 1.5.0
export MERGES_SLASHES=
load ../support/http-cases
load ../support/servers-nginx
: "${top_builddir:?}"

LISTED=https://app.example.test
PREFLIGHT='Access-Control-Request-Method: GET'

call() {
    call_cgi "$@"
}

setup_file() {
    mint_tokens
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || server_log >&2 2>/dev/null
    server_remove
}

# cors ORIGIN VARY [METHODS]: the fields of the last answer, where it names ORIGIN (empty: nobody), and where it allows METHODS to a preflight.
cors() {
    local exposed='' headers='' age=''
    [[ -z $1 ]] || exposed='WWW-Authenticate, Retry-After'
    [[ -z ${3-} ]] || headers='Authorization, Content-Type' age=600
    same Access-Control-Allow-Origin "$1" "${fields[access-control-allow-origin]-}"
    same Access-Control-Expose-Headers "$exposed" "${fields[access-control-expose-headers]-}"
    same Vary "$2" "${fields[vary]-}"
    same Access-Control-Allow-Methods "${3-}" "${fields[access-control-allow-methods]-}"
    same Access-Control-Allow-Headers "$headers" "${fields[access-control-allow-headers]-}"
    same Access-Control-Max-Age "$age" "${fields[access-control-max-age]-}"
    same Access-Control-Allow-Credentials '' "${fields[access-control-allow-credentials]-}"
}

# each_answer ORIGIN-HEADER ORIGIN VARY: an answer of every kind.
each_answer() {
    local method
    call GET /public "$1"
    answer 200 "$PUBLIC_BODY"
    cors "$2" "$3"
    for method in GET HEAD; do
        call "$method" /private "$1" "$(bearer good)"
        answer 200 "$(claims good)"
        cors "$2" "$3"
        call "$method" /private "$1"
        denied 401 'Not authenticated'
        cors "$2" "$3"
    done
    call GET /private-scoped "$1" "$(bearer good)"
    answer 403 '{"detail":"Required: scope=read:messages"}' "$GOOD_CHALLENGE, error=\"insufficient_scope\", scope=\"read:messages\""
    cors "$2" "$3"
    call GET /private "$1" 'Authorization: Bearer a, b'
    denied 400 'More than one credential was sent' invalid_request
    cors "$2" "$3"
    call GET /nothing "$1"
    denied 404 'Not Found'
    cors "$2" "$3"
    call PUT /private "$1"
    denied 405 'Method Not Allowed'
    cors "$2" "$3"
    call OPTIONS /private "$1"
    same status 204 "$http_status"
    cors "$2" "$3"
}

@test "unless it is set, no answer says a word of it" {
    keys_site
    each_answer "Origin: $LISTED" '' ''
    call OPTIONS /private "Origin: $LISTED" "$PREFLIGHT"
    same status 204 "$http_status"
    cors '' ''
}

@test "an origin that is listed may read every answer" {
    keys_site "BEARER_CORS_ORIGINS=http://localhost:3000,$LISTED"
    each_answer "Origin: $LISTED" "$LISTED" Origin
    call GET /public 'Origin: http://localhost:3000'
    cors http://localhost:3000 Origin
}

@test "another gets the plain answer, and a cache is told that it depends on the origin; so it is without one" {
    local header
    keys_site "BEARER_CORS_ORIGINS=$LISTED"
    each_answer 'Origin: https://other.example.test' '' Origin
    call GET /private
    denied 401 'Not authenticated'
    cors '' Origin
    # More of what is not the same is in tests/unit/test_cors.c.
    for header in "$LISTED/" "$LISTED, $LISTED" "$LISTED"$'\rX: y'; do
        call GET /public "Origin: $header"
        answer 200 "$PUBLIC_BODY"
        cors '' Origin
        call OPTIONS /private "Origin: $header" "$PREFLIGHT"
        same status 204 "$http_status"
        cors '' Origin
    done
}

@test "everybody: the answer is the same for all" {
    keys_site 'BEARER_CORS_ORIGINS=*'
    each_answer 'Origin: https://anybody.example.test' '*' ''
    call GET /public
    answer 200 "$PUBLIC_BODY"
    cors '*' ''
    call OPTIONS /private 'Origin: https://anybody.example.test' "$PREFLIGHT"
    cors '*' '' 'GET, HEAD, OPTIONS'
}

@test "a preflight is answered without a token, whatever it wants to ask, and where the mount requires one" {
    local path require
    keys_site "BEARER_CORS_ORIGINS=$LISTED"
    for path in /public /private-scoped; do
        for require in 'Access-Control-Request-Method: GET' 'Access-Control-Request-Method: DELETE'; do
            call OPTIONS "$path" "Origin: $LISTED" "$require" 'Access-Control-Request-Headers: authorization,x-mine'
            same status 204 "$http_status"
            same 'size of the body' 0 "$body_size"
            same Allow 'GET, HEAD, OPTIONS' "${fields[allow]-}"
            same WWW-Authenticate '' "${fields[www-authenticate]-}"
            cors "$LISTED" Origin 'GET, HEAD, OPTIONS'
        done
    done
    call OPTIONS /nothing "Origin: $LISTED" "$PREFLIGHT"
    denied 404 'Not Found'
    cors "$LISTED" Origin
    call GET /private "Origin: $LISTED" "$PREFLIGHT"
    denied 401 'Not authenticated'
    cors "$LISTED" Origin
}

@test "what is our own fault can be read, too: 500, and 503 with Retry-After" {
    keys_site "BEARER_CORS_ORIGINS=$LISTED"
    sed -i 's|^BEARER_JWKS_URI=.*|BEARER_JWKS_URI=https://issuer.example.test/keys|' "$SERVER_DIR/libexec/bearer.env"
    echo BEARER_REFRESH=external >>"$SERVER_DIR/libexec/bearer.env"
    call GET /private "Origin: $LISTED" "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    [[ ${fields[retry-after]-} =~ ^[1-9][0-9]*$ ]] || wrong 'Retry-After is not a number of seconds'
    cors "$LISTED" Origin
    run -0 env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/public BEARER_REQUIRE=nonsense HTTP_ORIGIN="$LISTED" "$SERVER_DIR/libexec/bearer.fcgi"
    [[ $output == *'Status: 500'*"Access-Control-Allow-Origin: $LISTED"* ]]
}

@test "an authorizer says nothing of it: what it lets through is answered by others" {
    local role token
    keys_site "BEARER_CORS_ORIGINS=$LISTED"
    token=$(token good)
    for role in authorizer deny; do
        for token in "$token" x; do
            run -0 env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET BEARER_ROLE="$role" BEARER_REQUIRE=valid-token HTTP_ORIGIN="$LISTED" \
                HTTP_AUTHORIZATION="Bearer $token" "$SERVER_DIR/libexec/bearer.fcgi"
            [[ $output == *Status:\ [245]* && ${output,,} != *access-control* && ${output,,} != *vary:* ]]
        done
    done
}

@test "through lighttpd, nginx and Apache a preflight and a denial arrive as they are" {
    local start
    call() {
        local header options=()
        called="$1 $API$2"
        for header in "${@:3}"; do
            options+=(-H "$header")
        done
        : >"$BATS_TEST_TMPDIR/body"
        curl -q -sS --noproxy '*' --max-time 20 -X "$1" "${options[@]}" -D "$BATS_TEST_TMPDIR/head" -o "$BATS_TEST_TMPDIR/body" "$(server_url)$API$2"
        read_answer
    }
    for start in 'start_lighttpd snippet' 'start_nginx responder' 'start_apache proxy'; do
        keys_site "BEARER_CORS_ORIGINS=$LISTED"
        $start
        call OPTIONS /private "Origin: $LISTED" "$PREFLIGHT"
        same status 204 "$http_status"
        cors "$LISTED" Origin 'GET, HEAD, OPTIONS'
        call GET /private "Origin: $LISTED"
        denied 401 'Not authenticated'
        cors "$LISTED" Origin
        call GET /private 'Origin: https://other.example.test'
        denied 401 'Not authenticated'
        cors '' Origin
        server_remove
    done
}

@test "what is no origin is refused, with the right one" {
    local given
    while IFS='|' read -r given said; do
        run -78 env -i BEARER_CONFIG= AUTH0_ISSUER=https://localhost/ AUTH0_API_AUDIENCE=api BEARER_CORS_ORIGINS="$given" "$top_builddir/bearer.fcgi" </dev/null
        [[ $output == *"BEARER_CORS_ORIGINS (environment): '$given' "*"$said"* ]]
    done <<'END'
https://app.example.test/|write https://app.example.test
HTTPS://App.example.test:443|write https://app.example.test
app.example.test|has no scheme
null|anybody can send it
https://u@app.example.test|is not an origin
END
}

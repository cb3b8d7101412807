#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A real browser and a real lighttpd: the page with the endpoints, as a person uses it, and pages of other origins. Everything is done in setup_file, once; the
# tests look at what was seen.

# shellcheck disable=SC2034,SC2154  # names of http-cases
bats_require_minimum_version 1.5.0
load ../support/http-cases
load ../support/browser
: "${top_srcdir:?}" "${top_builddir:?}"

serve() {
    start_lighttpd demo
}

# demo_page: the page of the demo, with tokens of names of ours.
demo_page() {
    install -m 644 "$top_srcdir"/template/www/* "$SERVER_DIR/www"
    (umask 022 && cat >"$SERVER_DIR/www/demo.json") <<END
{"api": "/api", "tokens": [{"name": "Good <b>", "token": "$(token good)"}, {"name": "Scoped", "token": "$(token scoped)"}, {"name": "Expired", "token": "$(token expired)"}]}
END
}

setup_file() {
    local page_port
    browser_install
    mint_tokens
    page_port=$(free_port)
    keys_site BEARER_DOCS=/swagger-ui "BEARER_CORS_ORIGINS=https://app.example.test http://127.0.0.1:$page_port"
    swagger_ui "$SERVER_DIR/swagger-ui"
    demo_page
    serve
    export SITE
    SITE=$(server_url)
    if ! browser_node "$top_builddir/browser/browser.mjs" "$SITE/api" "$page_port" "$(token good)" "$BATS_FILE_TMPDIR/demo.png" >"$BATS_FILE_TMPDIR/seen" 2>&1; then
        cat "$BATS_FILE_TMPDIR/seen" >&2
        server_log >&2
        return 1
    fi
}

teardown_file() {
    server_remove
}

# seen FROM TO: sets output to the lines from the one that fits FROM to the one that fits TO, and shows them if the test fails.
seen() {
    output=$(sed -n "/^$1/,/^$2/p" "$BATS_FILE_TMPDIR/seen")
    printf '%s\n' "$output"
}

# says LINE...: these are among them.
says() {
    local line
    for line; do
        grep -qxF -e "$line" <<<"$output" || { echo "not said: $line" >&2 && return 1; }
    done
}

@test "docs: without the files of Swagger UI the page says what is missing" {
    seen page link
    says 'page 200' 'link 200 application/json' \
        'text Swagger UI is not here: it needs JavaScript, and the files of swagger-ui-dist at /swagger-ui/. The endpoints are described in openapi.json.'
}

@test "docs: the endpoints are listed; 401 before a token is pasted, 200 with its claims after" {
    seen now 'answer .private-scoped'
    says 'lists GET /public' 'lists GET /private locked' 'lists GET /private-scoped locked'
    # As many as there are routes, whoever added some; but for those of the documentation.
    local rows
    rows=$(grep -c '^    bearer_app_route(app, ' "$top_srcdir/src/main/bearer_fcgi.c")
    [[ $(grep -c '^lists' <<<"$output") -eq $rows ]]
    [[ $output == *$'\nanswer /private 401 { "detail": "Not authenticated" }\nauthorized\n'*$'\nanswer /private 200 { '*'"iss": "'"$ISSUER"'"'* ]]
    says 'answer /private-scoped 403 { "detail": "Required: scope=read:messages" }'
}

@test "docs: the policy of the page is in nobody's way, and nothing is asked of another server" {
    seen now 'answer .private-scoped'
    grep -qF "request GET $SITE/swagger-ui/swagger-ui.css" <<<"$output"
    run ! grep -e '^complaint' -e '^request' <(grep -vF "request GET $SITE/" <<<"$output")
}

@test "CORS: a page of an origin that is listed reads every answer, and why it is refused" {
    seen 127.0.0.1 localhost
    says "127.0.0.1 GET /public: 200 $PUBLIC_BODY challenge=null" \
        '127.0.0.1 GET /private: 401 {"detail":"Not authenticated"} challenge=Bearer realm="api"' \
        "127.0.0.1 GET /private with the token: 200 $(claims good) challenge=null" \
        '127.0.0.1 GET /private-scoped with the token: 403 {"detail":"Required: scope=read:messages"} challenge=Bearer realm="api", error="insufficient_scope", scope="read:messages"' \
        '127.0.0.1 GET /nothing: 404 {"detail":"Not Found"} challenge=null'
    grep -q '^127\.0\.0\.1 GET /private with no token: 401 {"detail":"The token is not three .*"} challenge=Bearer realm="api", error="invalid_token"' <<<"$output"
    # PUT is not among the methods that the preflight was told.
    says '127.0.0.1 PUT /private with the token: cannot read it: Failed to fetch'
    grep -q "^complaint .*Method PUT is not allowed by Access-Control-Allow-Methods" <<<"$output"
}

@test "CORS: the same page of an origin that is not listed reads nothing" {
    seen localhost 'no such line'
    [[ $(grep -c '^localhost .*: cannot read it: Failed to fetch$' <<<"$output") -eq 7 && $(grep -c '^localhost ' <<<"$output") -eq 7 ]]
}

@test "the demo's page: each endpoint has a button for each token, and shows the answer and its challenge" {
    seen 'title' 'docs'
    says 'endpoint GET /api/public: Public: no token is needed.' 'endpoint GET /api/private: Required: a valid token' \
        'endpoint GET /api/private-scoped: Required: scope=read:messages' \
        'GET /private, No token, denied: GET /api/private 401 Unauthorized www-authenticate: Bearer realm="api" content-type: application/json { "detail": "Not authenticated" }' \
        'GET /private-scoped, Good <b>, denied: GET /api/private-scoped 403 Forbidden www-authenticate: Bearer realm="api", error="insufficient_scope", scope="read:messages" content-type: application/json { "detail": "Required: scope=read:messages" }'
    local call
    for call in 'public, No token' 'private, Good <b>' 'private-scoped, Scoped'; do
        grep -q "^GET /$call, good: GET /api/${call%%,*} 200 OK content-type: application/json { " <<<"$output" || { echo "not good: $call" >&2 && return 1; }
    done
    grep -q '^GET /private, Expired, denied: .* 401 Unauthorized www-authenticate: Bearer realm="api", error="invalid_token", error_description="The token has expired' <<<"$output"
    # Four buttons an endpoint, none without an answer.
    [[ $(grep -c '^GET /.*: GET /api/.* [1-5][0-9][0-9] ' <<<"$output") -eq $((4 * $(grep -c '^endpoint ' <<<"$output"))) ]]
}

@test "the demo's page: the tokens' claims and times, the docs, and no other server" {
    seen 'title' 'docs'
    grep -q '^token Good <b> Issued: 20.*Z, .* ago Expires: 20.*Z, in [0-9]* [a-z]* { "aud": "'"$AUDIENCE" <<<"$output"
    grep -q '^token Expired Issued: .* Expired: 20.*Z, [0-9]* [a-z]* ago { ' <<<"$output"
    says 'docs 200 /api/docs'
    run ! grep -e '^complaint' -e '^request' <(grep -vF "request GET $SITE/" <<<"$output")
    [[ $(head -c 8 "$BATS_FILE_TMPDIR/demo.png" | base64) == iVBORw0KGgo= ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# /docs and /openapi.json (BEARER_DOCS); how the page works in a browser is in browser.bats.

# shellcheck disable=SC2034,SC2154  # names of http-cases
bats_require_minimum_version 1.5.0
export MERGES_SLASHES=
load ../support/http-cases
load ../support/blocks
load ../support/browser
load ../support/servers-nginx
: "${top_srcdir:?}" "${top_builddir:?}"

call() {
    call_cgi "$@"
}

setup_file() {
    browser_install
    mint_tokens
    export SWAGGER=$BATS_FILE_TMPDIR/srv/swagger-ui
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || server_log >&2 2>/dev/null
    server_remove
}

# page POLICY-PATTERN: what is true of every page.
page() {
    same status 200 "$http_status"
    same Content-Type 'text/html; charset=utf-8' "${fields[content-type]-}"
    same X-Content-Type-Options nosniff "${fields[x-content-type-options]-}"
    [[ ${fields[content-security-policy]-} == "default-src 'none'; "*"base-uri 'none'; form-action 'none'; frame-ancestors 'none'" ]] ||
        wrong 'not the policy'
    [[ ${fields[content-security-policy]} != *unsafe* ]] || wrong 'an unsafe policy'
    same Content-Length "$(stat -c %s "$BATS_TEST_TMPDIR/body")" "${fields[content-length]-}"
}

@test "unless it is set, or if it is off, there is nothing there" {
    local setting method path
    for setting in BEARER_REALM=api BEARER_DOCS=off; do
        keys_site "$setting"
        for method in GET HEAD OPTIONS; do
            call "$method" /nothing
            denied 404 'Not Found'
            cp "$BATS_TEST_TMPDIR/head" "$BATS_TEST_TMPDIR/nothing"
            for path in /docs /openapi.json; do
                call "$method" "$path"
                cmp "$BATS_TEST_TMPDIR/head" "$BATS_TEST_TMPDIR/nothing"
            done
        done
        server_remove
    done
}

@test "where it is set, they are endpoints like others: HEAD, OPTIONS, 405, exact paths" {
    local path head
    keys_site BEARER_DOCS=/swagger-ui
    for path in /docs /openapi.json; do
        call GET "$path"
        same status 200 "$http_status"
        head=$(sed $'/^\r$/q' "$BATS_TEST_TMPDIR/head")
        call HEAD "$path"
        same 'size of the body' 0 "$body_size"
        same head "$head" "$(sed $'/^\r$/q' "$BATS_TEST_TMPDIR/head")"
        call POST "$path"
        denied 405 'Method Not Allowed'
        same Allow 'GET, HEAD, OPTIONS' "${fields[allow]-}"
        call OPTIONS "$path"
        same status 204 "$http_status"
        same Allow 'GET, HEAD, OPTIONS' "${fields[allow]-}"
        call GET "$path/"
        denied 404 'Not Found'
    done
    call GET /private "$(bearer good)"
    answer 200 "$(claims good)"
}

@test "the document is one of OpenAPI 3.1; a judge that sees a fault says so" {
    keys_site BEARER_DOCS=on 'BEARER_REALM=The API, <b>'
    call GET /openapi.json
    same status 200 "$http_status"
    same Content-Type application/json "${fields[content-type]-}"
    [[ $body == *'"title":"The API, <b>"'*'"/private-scoped":{"get":{'*'"security":[{"bearer":["read:messages"]}]'*'"scheme":"bearer","bearerFormat":"JWT"'* ]]
    sed 's/"description":"The answer",//' "$BATS_TEST_TMPDIR/body" >"$BATS_TEST_TMPDIR/faulty"
    run -1 browser_node "$top_builddir/browser/openapi.mjs" "$BATS_TEST_TMPDIR/body" "$BATS_TEST_TMPDIR/faulty"
    echo "$output"
    [[ $output == $'OpenAPI 3.1\n['*description* ]]
}

@test "the page: files of this server, one script whose hash is in the policy, nothing of the request" {
    local script hash
    keys_site BEARER_DOCS=/my/swagger-ui
    call GET /docs
    page
    same files '/my/swagger-ui/swagger-ui.css /my/swagger-ui/favicon-32x32.png openapi.json /my/swagger-ui/swagger-ui-bundle.js' \
        "$(grep -oE '(src|href)="[^"]*"' <<<"$body" | cut -d '"' -f 2 | paste -sd ' ')"
    same 'number of scripts' 2 "$(grep -c '<script' <<<"$body")"
    script=$(sed -n 's|^<script>\(.*\)</script>$|\1|p' <<<"$body")
    hash=$(printf '%s' "$script" | sha256sum | cut -c 1-64 | tr a-f A-F | basenc --base16 -d | base64)
    [[ $script == SwaggerUIBundle* && ${fields[content-security-policy]} == *"; script-src 'self' 'sha256-$hash'; style-src 'self'; "* ]] || wrong 'another hash'
    cp "$BATS_TEST_TMPDIR/head" "$BATS_TEST_TMPDIR/plain"
    API='/"><script>alert(1)</script>' call GET '/docs?url=//evil.test/&"><script>' 'Host: evil.test' 'Referer: "><script>' 'X-Forwarded-Prefix: /"><script>'
    cmp "$BATS_TEST_TMPDIR/head" "$BATS_TEST_TMPDIR/plain"
}

@test "where nobody serves the files the page says how to have them, and may run nothing" {
    keys_site BEARER_DOCS=on
    call GET /docs
    page
    local get
    get=$(grep -o 'npm pack swagger-ui-dist@[0-9.]*' "$top_srcdir/doc/browser.md") # the same version there
    [[ $body == *'href="openapi.json"'*"<code>$get</code>"*'BEARER_DOCS=/swagger-ui'* && $body != *'<script'* ]]
    [[ ${fields[content-security-policy]} != *script* && ${fields[content-security-policy]} != *self* ]] || wrong 'a policy that allows something'
}

@test "what the mount requires holds for the documentation" {
    local path
    keys_site BEARER_DOCS=/swagger-ui
    for path in /docs /openapi.json; do
        run --separate-stderr -0 env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO="$path" BEARER_REQUIRE=scope=read:messages "$SERVER_DIR/libexec/bearer.fcgi"
        [[ $output == 'Status: 401'* && $output != *swagger* && $output != *openapi* ]]
        run --separate-stderr -0 env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO="$path" BEARER_REQUIRE=scope=read:messages \
            HTTP_AUTHORIZATION="Bearer $(token scoped)" "$SERVER_DIR/libexec/bearer.fcgi"
        [[ $output == 'Status: 200'*'Cache-Control: no-store'* ]]
    done
}

@test "an authorizer has no documentation" {
    keys_site BEARER_DOCS=on
    run --separate-stderr -0 env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/docs BEARER_ROLE=authorizer BEARER_REQUIRE=valid-token "$SERVER_DIR/libexec/bearer.fcgi"
    [[ $output == 'Status: 401'* ]]
}

# serves SERVER: the page's lines for it.
serves() {
    page_block browser.md "$1" | sed "s|/srv/swagger-ui|$SWAGGER|g"
}

@test "the page in doc/: the files as it says to get them, served by each server as it says" {
    local commands start block file
    commands=$(page_block browser.md sh)
    [[ $(wc -l <<<"$commands") -eq 3 && $commands == 'npm pack '* ]]
    mkdir -p "${SWAGGER%/*}" "$BATS_TEST_TMPDIR/npm"
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "${SWAGGER%/*}"
    (cd "$BATS_TEST_TMPDIR/npm" && umask 022 && npm_config_cache=$PWD/cache HOME=$PWD sh -ec "${commands//\/srv\/swagger-ui/$SWAGGER}" >log 2>&1 </dev/null) ||
        { cat "$BATS_TEST_TMPDIR/npm/log" >&2 && return 1; }
    # It is what is pinned for the tests and the demo.
    for file in swagger-ui.css swagger-ui-bundle.js favicon-32x32.png; do
        cmp "$SWAGGER/$file" "$top_builddir/browser/node_modules/swagger-ui-dist/$file"
    done
    for start in lighttpd nginx apache; do
        keys_site BEARER_DOCS=/swagger-ui
        block=$(serves "$start")
        case $start in
            lighttpd) start_lighttpd snippet "\$aserver.modules += ( \"mod_alias\" )\nmimetype.assign = ( \".css\" => \"text/css\", \".js\" => \"text/javascript\" )\n$block" ;;
            nginx) start_nginx responder "s|^    listen.*|&\n    include /etc/nginx/mime.types;\n    $block|" ;;
            apache)
                start_apache proxy "\$aLoadModule mime_module /usr/lib/apache2/modules/mod_mime.so\nTypesConfig /etc/mime.types\n${block//$'\n'/\\n}"
                ;;
        esac
        for file in swagger-ui.css:text/css swagger-ui-bundle.js:text/javascript; do
            run -0 curl -q -sS --noproxy '*' --max-time 20 -o "$BATS_TEST_TMPDIR/got" -w '%{http_code} %{content_type}' "$(server_url)/swagger-ui/${file%:*}"
            echo "$start ${file%:*}: $output"
            [[ ${output/application/text} == "200 ${file#*:}"* ]]
            cmp "$BATS_TEST_TMPDIR/got" "$SWAGGER/${file%:*}"
        done
        run -0 curl -q -sS --noproxy '*' --max-time 20 "$(server_url)/api/docs"
        [[ $output == *'src="/swagger-ui/swagger-ui-bundle.js"'* ]]
        server_remove
    done
}

@test "the settings in doc/ are accepted as they stand" {
    local lines
    lines=$(sed -n 's/^ *\(BEARER_[A-Z_]*=.*\)/\1/p' "$top_srcdir/doc/browser.md")
    [[ $(wc -l <<<"$lines") -eq 2 ]]
    printf '%s\n' AUTH0_DOMAIN=x.eu.auth0.com AUTH0_API_AUDIENCE=api "$lines" >"$BATS_TEST_TMPDIR/bearer.env"
    run -64 env -i BEARER_CONFIG="$BATS_TEST_TMPDIR/bearer.env" "$top_builddir/bearer.fcgi" </dev/null
    [[ $output == *'the configuration is good'* ]]
}

@test "what npm installs is pinned, each file by its hash, and no registry is named" {
    local lock=$top_srcdir/tests/browser/package-lock.json
    run ! grep -E '"resolved"|//registry' "$lock"
    run ! grep -E '": "[~^*<>]' "$top_srcdir/tests/browser/package.json"
    [[ $(grep -c '^    "node_modules/' "$lock") -eq $(grep -c '"integrity"' "$lock") ]]
    [[ $(<"$top_srcdir/tests/browser/.npmrc") == *ignore-scripts=true* ]]
}

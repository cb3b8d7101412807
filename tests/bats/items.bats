#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # names of http-cases
# examples/items, built outside of the tree with nothing but pkg-config, in the place of bearer.fcgi: behind lighttpd, Apache with mod_fcgid,
# mod_proxy_fcgi and by plain CGI, nginx and HAProxy.

bats_require_minimum_version 1.5.0
load ../support/untraced
load ../support/installed
load ../support/http-cases
load ../support/servers-nginx
load ../support/servers-haproxy

setup_file() {
    install_into "$BATS_FILE_TMPDIR/installed" || return
    cp -R "$INSTALLED/share/doc/fcgi-bearer/examples/items" "$BATS_FILE_TMPDIR"
    (($(wc -l <"$BATS_FILE_TMPDIR/items/items.c") <= 120))
    mint_tokens
    mint all --sub me --claim 'permissions=["read:items","write:items"]'
    mint other --sub other --claim 'permissions=["read:items","write:items"]'
    mint reader --sub me --claim 'permissions=["read:items"]'
    cp "$BATS_FILE_TMPDIR/issuer/www/.well-known/jwks.json" "$BATS_FILE_TMPDIR" # with the key that signed these
}

setup() {
    REFUSES_ENCODING=
}

teardown() {
    http_teardown
    server_remove
}

# A database of the server's own, in a directory of its workers', who also have to reach the library.
serve() {
    mkdir -m 0777 "$SERVER_DIR/data"
    mkdir -m 0755 "$SERVER_DIR/lib"
    install -m 755 "$INSTALLED/lib/libbearer-app.so.0" "$SERVER_DIR/lib"
    user_make -C "$BATS_FILE_TMPDIR/items" -B DB="$SERVER_DIR/data/items.db" CFLAGS="-O2 -Wall -Wextra -Werror -Wl,-rpath,$SERVER_DIR/lib" >"$BATS_TEST_TMPDIR/make" 2>&1 ||
        { cat "$BATS_TEST_TMPDIR/make" >&2 && return 1; }
    install -m 755 "$BATS_FILE_TMPDIR/items/items.fcgi" "$SERVER_DIR/libexec/bearer.fcgi"
    # shellcheck disable=SC2086 # a function and its argument
    $start
}

# json METHOD PATH BODY [TOKEN]: a call with a JSON body.
json() {
    request_body=$3 call "$1" "$2" 'Content-Type: application/json' ${4:+"$(bearer "$4")"}
}

# fails STATUS BODY
fails() {
    same status "$1" "$http_status"
    same body "$2" "$body"
}

fault() {
    fails 422 '{"detail":[{"type":"'"$1"'","loc":['"$2"'],"msg":"'"$3"'"}]}'
}

# The API, from an empty database on. REFUSES_ENCODING: the server itself refuses a query that is no UTF-8.
items() {
    local long
    call GET /items "$(bearer all)"
    answer 200 '[]'
    json POST /items '{"name":"a \"hammer\" é"}' all
    answer 201 '{"id":1,"name":"a \"hammer\" é","owner":"me"}'
    same Location /api/items/1 "${fields[location]-}"
    json POST /items '{"name":"a saw"}' all
    answer 201 '{"id":2,"name":"a saw","owner":"me"}'
    json POST /items '{"name":"a saw"}' all
    fails 409 '{"detail":"there is an item of this name"}'
    call GET /items/2 "$(bearer reader)"
    answer 200 '{"id":2,"name":"a saw","owner":"me"}'
    call GET '/items?limit=1' "$(bearer reader)"
    answer 200 '[{"id":1,"name":"a \"hammer\" é","owner":"me"}]'
    call GET '/items?q=%C3%A9' "$(bearer reader)"
    answer 200 '[{"id":1,"name":"a \"hammer\" é","owner":"me"}]'
    call GET '/items?q=a+s' "$(bearer reader)"
    answer 200 '[{"id":2,"name":"a saw","owner":"me"}]'
    json PUT /items/2 '{"name":"two saws"}' all
    answer 200 '{"id":2,"name":"two saws","owner":"me"}'
    # What is somebody's is nobody else's.
    call GET /items/2 "$(bearer other)"
    fails 404 '{"detail":"no such item of yours"}'
    call DELETE /items/2 "$(bearer other)"
    fails 404 '{"detail":"no such item of yours"}'
    call GET /items "$(bearer other)"
    answer 200 '[]'
    call DELETE /items/2 "$(bearer all)"
    same status 204 "$http_status"
    call DELETE /items/2 "$(bearer all)"
    fails 404 '{"detail":"no such item of yours"}'
    call HEAD /items "$(bearer all)"
    same status 200 "$http_status"
    # Who may not.
    json POST /items '{' ''
    denied 401 'Not authenticated'
    json POST /items '{' reader
    same status 403 "$http_status"
    # What may not.
    call GET /items/0 "$(bearer all)"
    fault greater_than_equal '"path","id"' 'Input should be greater than or equal to 1'
    call GET /items/x "$(bearer all)"
    fault int_parsing '"path","id"' 'Input should be a valid integer, unable to parse string as an integer'
    call GET /items/99999999999999999999 "$(bearer all)"
    fault int_parsing_size '"path","id"' 'Unable to parse input string as an integer, exceeded maximum size'
    call GET '/items?limit=101&q=' "$(bearer all)"
    same status 422 "$http_status"
    same body '{"detail":[{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 100"},{"type":"string_too_short","loc":["query","q"],"msg":"String should have at least 1 character"}]}' "$body"
    call GET '/items?q=%FF' "$(bearer all)"
    same status 400 "$http_status"
    [[ -n $REFUSES_ENCODING || $body == '{"detail":"The path, query or body is not encoded as it has to be"}' ]] || wrong body
    call PATCH /items/1 "$(bearer all)"
    same status 405 "$http_status"
    same Allow 'GET, HEAD, PUT, DELETE, OPTIONS' "${fields[allow]-}"
    json POST /items '{"name":1}' all
    fails 422 '{"detail":"name has to be a text"}'
    json POST /items '{"name":"x","name":"y"}' all
    same status 422 "$http_status"
    [[ $body == '{"detail":[{"type":"json_invalid","loc":["body"],"msg":"JSON decode error","ctx":'* ]] || wrong body
    request_body='{"name":"x"}' call POST /items 'Content-Type: text/plain' "$(bearer all)"
    fails 415 '{"detail":"The body is not of a type that is taken"}'
    long=$(letters 5000)
    json POST /items "{\"name\":\"$long\"}" all
    fails 413 '{"detail":"The body is too large"}'
    # The item is there still, and nothing else.
    call GET /items "$(bearer all)"
    answer 200 '[{"id":1,"name":"a \"hammer\" é","owner":"me"}]'
}

# A body in chunks, of which nobody says how long it is.
chunks() {
    request_body='{"name":"in chunks"}' call POST /items 'Content-Type: application/json' 'Transfer-Encoding: chunked' "$(bearer all)"
    same status "$1" "$http_status"
    request_body="{\"name\":\"$(letters 5000)\"}" call POST /items 'Content-Type: application/json' 'Transfer-Encoding: chunked' "$(bearer all)"
    same status "$2" "$http_status"
}

@test "items: lighttpd" {
    start='start_lighttpd snippet' new_server
    REFUSES_ENCODING=1 items
    chunks 201 413
}

@test "items: Apache, mod_fcgid" {
    start='start_apache fcgid' new_server
    items
    chunks 201 413
}

@test "items: Apache, plain CGI" {
    start='start_apache cgi' new_server
    items
    chunks 201 413
}

@test "items: Apache, mod_proxy_fcgi" {
    start='start_apache proxy' new_server
    items
    chunks 201 413
}

@test "items: nginx" {
    start='start_nginx responder' new_server
    items
    chunks 201 413
}

# This API has nothing public, by which the shipped file sees whether workers live.
unchecked_haproxy() {
    start_haproxy 's/ check inter 1s fall 2 rise 2//'
}

@test "items: HAProxy" {
    start=unchecked_haproxy new_server
    items
    chunks 201 413
}

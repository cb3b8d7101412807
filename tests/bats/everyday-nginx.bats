#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154  # nginx's own $; names shared with guard-cases
# What sites do with a guarded location of nginx, in one server with all of it: bodies, methods, caches, own headers and pages, websockets, locations
# in locations, the endpoints beside it.

bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private-php/show.php http:/private-app/show'
load ../support/guard-cases
load ../support/blocks
load ../support/browser
load ../support/streams
load ../support/servers-nginx
: "${top_srcdir:?}"

guard_serve() {
    guard_backend
    _start php spawn-fcgi -n -s "$SERVER_DIR/run/php.socket" -M 0660 -u "$WORKER_USER" -- "$SERVER_DIR/bin/fcgi-show"
    _await php test -S "$SERVER_DIR/run/php.socket"
    streams_up
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    start_workers nginx-conf/fcgi-bearer.conf
    page_block browser.md nginx 2 >"$SERVER_DIR/etc/cors.lines"
    _start_on_a_port _everyday
}

# _everyday PORT: the shipped files, more locations in the site, and around it a default server, a front with a cache and an application.
_everyday() {
    local etc=$SERVER_DIR/etc
    nginx_files "$1" "s|^    listen.*|&\n    server_name 127.0.0.1 localhost;\n    include $etc/more.conf;|
        /location ^~ .private-php/,/^    }/s|^        include.*|&\n        rewrite /pretty /private-php/show.php break;|"
    more_locations >"$etc/more.conf"
    cp "$etc/cors.lines" "$etc/fcgi-bearer/cors.conf"
    around "$1" >"$etc/conf.d/0-around.conf"
    _nginx_base >"$etc/nginx.conf"
    _start server "$(_program nginx)" -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
}

# guarded PATH LINE...: a location.
guarded() {
    printf '%s\n' "location ^~ $1 {" 'auth_request "/.bearer/scope=read:files";' 'include fcgi-bearer/location.conf;' "${@:2}" '}'
}

more_locations() {
    local php="fastcgi_pass unix:$SERVER_DIR/run/php.socket; fastcgi_param REQUEST_METHOD \$request_method; fastcgi_param CONTENT_LENGTH \$content_length;"
    local app="proxy_pass http://unix:$SERVER_DIR/run/app.socket:/;"
    local show cors
    show="proxy_pass http://127.0.0.1:$(<"$SERVER_DIR/backend-port");"
    cors=$(page_block browser.md nginx 3)
    guarded /private-big 'client_max_body_size 20m;' "$show"
    guarded /private-own/ 'auth_request_set $mine $upstream_http_variable_bearer_sub;' 'add_header X-Mine $mine always;' 'proxy_set_header X-Own own;' "$show"
    guarded /private-status/ "$app"
    guarded /private-limited/ 'limit_except GET { deny all; }' "alias $SERVER_DIR/www/private/;"
    guarded /private-methods/ 'limit_except GET { allow 127.0.0.1; deny all; }' "$show"
    guarded /private-tried/ 'try_files /nothing /private-php/show.php;' "$php"
    guarded /private-index/ "alias $SERVER_DIR/www/private/sub/;" 'index none.html index.html;'
    guarded /private-nested/ "$php" "location ~ \\.php\$ { $php include fcgi-bearer/location.conf; }" \
        'location ^~ /private-nested/strict/ { auth_request "/.bearer/permission=nobody:has"; alias '"$SERVER_DIR/www/private/; }" \
        'location ^~ /private-nested/loose/ { auth_request "/.bearer/valid-token"; alias '"$SERVER_DIR/www/private/; }"
    guarded /private-cached/ "proxy_pass http://unix:$SERVER_DIR/run/cached.socket:/;"
    guarded /private-cors "$cors" "$show"
    page_block streaming.md nginx | sed "s|/private-app|/private-stream|; s|:3000|:$(<"$SERVER_DIR/log/streams-port")|"
    page_block streaming.md nginx | sed "s|/private-app|/open-app|; s|:3000|:$(<"$SERVER_DIR/log/streams-port")|; /auth_request/d; /include/d"
    guarded /private-events "fastcgi_pass unix:$SERVER_DIR/run/events.socket; include fcgi-bearer/program.conf;" \
        "$(sed -n 's/.* `fastcgi_pass` streams with `\([^`]*\)`.*/\1/p' "$top_srcdir/doc/streaming.md")"
    echo "location = /to/accel { ${app%/;}/accel; }"
    printf 'location = /to/%s { %s }\n' missing 'error_page 404 =200 /private/secret.txt; return 404;' tried 'try_files /nothing /private/secret.txt;' \
        rewritten 'rewrite ^ /private/secret.txt last;' if 'if ($request_method = GET) { rewrite ^ /private/secret.txt last; }' \
        included 'error_page 418 =200 /private-inside/secret.txt; return 418;'
    guarded /private-inside/ "if (\$request_method) { set \$x y; }" "alias $SERVER_DIR/www/private/;"
    # For denials; and what the server says for others.
    echo 'include fcgi-bearer/cors.conf;'
    echo 'proxy_intercept_errors on; error_page 401 403 500 =200 /public.txt;'
}

around() {
    cat <<END
server {
    listen $1 default_server;
    server_name elsewhere.test;
    merge_slashes off;
    ignore_invalid_headers off;
    underscores_in_headers on;
    root $SERVER_DIR/www/public.txt;
}
server {
    listen unix:$SERVER_DIR/run/api.socket;
    $(sed "s|include fcgi-bearer/ask.conf;|fastcgi_pass unix:$SERVER_DIR/run/php.socket; fastcgi_param REQUEST_METHOD \$request_method; fastcgi_param REQUEST_URI \$request_uri;|" "$SERVER_DIR/etc/fcgi-bearer/api.conf")
}
proxy_cache_path $SERVER_DIR/run/front keys_zone=F:1m;
server {
    listen unix:$SERVER_DIR/run/front.socket;
    location / {
        proxy_pass http://127.0.0.1:$1;
        proxy_cache F;
        proxy_cache_valid 200 1h;
        add_header X-Cache \$upstream_cache_status always;
    }
}
$(page_block nginx-programs.md nginx 6 | sed "s|/var/cache/nginx|$SERVER_DIR/run|; s|/run/nginx-guarded.socket|$SERVER_DIR/run/cached.socket|
        s|127.0.0.1:3000|127.0.0.1:$(<"$SERVER_DIR/backend-port")|; s|proxy_cache_key|proxy_cache_valid 200 1h; add_header X-Cache \$upstream_cache_status; &|")
server {
    listen unix:$SERVER_DIR/run/app.socket;
    default_type text/plain;
    location /401 { add_header WWW-Authenticate 'Basic realm="app"' always; return 401 "the app says 401\n"; }
    location /403 { return 403 "the app says 403\n"; }
    location /404 { return 404 "the app says 404\n"; }
    location /500 { return 500 "the app says 500\n"; }
    location /accel { add_header X-Accel-Redirect /private/secret.txt; return 200 ok; }
    location /public { add_header Cache-Control "public, max-age=60"; return 200 ok; }
    location /age { add_header Cache-Control max-age=60; return 200 ok; }
    location /private { add_header Cache-Control "private, max-age=60"; return 200 ok; }
    location /no-store { add_header Cache-Control no-store; return 200 ok; }
}
END
}

setup_file() { guard_setup; }
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

# asked STATUS METHOD PATH HEADER...
asked() {
    call "${@:2}"
    same "status of $*" "$1" "$http_status"
    [[ $1 == 2* ]] || ! grep -q -a $'\341\233\212' "$BATS_TEST_TMPDIR/body" || wrong 'a secret'
}

@test "S1: a body longer than the server allows, in a location that allows it" {
    local header
    head -c 10485760 /dev/zero >"$BATS_TEST_TMPDIR/upload"
    for header in 'X-Nothing: x' 'Transfer-Encoding: chunked'; do
        guard_as full
        options+=("header = \"$header\"" 'header = "Expect:"' "data-binary = \"@$BATS_TEST_TMPDIR/upload\"")
        guard_urls /private-big
        same "status ($header)" 200 "${statuses[0]}"
        same body "$(cksum <"$BATS_TEST_TMPDIR/upload")" "$(guard_shown BODY)"
        guard_as none
        options+=("header = \"$header\"" 'header = "Expect:"' "data-binary = \"@$BATS_TEST_TMPDIR/upload\"")
        guard_urls /private-big
        guard_no_secret "a body of 10 MiB, $header"
        # In chunks nginx learns too late how long it is.
        same "status without a token ($header)" "$([[ $header == X-* ]] && echo 401 || echo 413)" "${statuses[0]}"
    done
}

@test "S1: 401, 403, 404 and 500 of an application are its own, whatever the server makes of such" {
    local status
    for status in 401 403 404 500; do
        asked "$status" GET "/private-status/$status" "$(bearer full)"
        same body "the app says $status" "$body"
        asked 401 GET "/private-status/$status"
        same body '{"detail":"Not authenticated"}' "$body"
        asked 403 GET "/private-status/$status" "$(bearer scopeless)"
    done
    asked 401 GET /private-status/401 "$(bearer full)"
    same WWW-Authenticate 'Basic realm="app"' "${fields[www-authenticate]-}"
}

@test "S1: own auth_request_set, add_header and proxy_set_header in the location add to ours" {
    guard_as full
    guard_urls /private-own/
    same status 200 "${statuses[0]}"
    same sub 'auth0|a b\u00221' "$(guard_shown HTTP_BEARER_SUB)"
    same scope 'read:files write:files' "$(guard_shown HTTP_BEARER_SCOPE)"
    same own own "$(guard_shown HTTP_X_OWN)"
    same Authorization '' "$(guard_shown HTTP_AUTHORIZATION)"
    grep -q -i $'^x-mine: auth0|a b\\\\u00221\r$' "$BATS_TEST_TMPDIR/got/0.head"
    grep -q -i $'^cache-control: private\r$' "$BATS_TEST_TMPDIR/got/0.head"
}

@test "S1: limit_except: the method is refused, or asked about like the others" {
    asked 200 GET /private-limited/secret.txt "$(bearer full)"
    asked 401 GET /private-limited/secret.txt
    asked 403 POST /private-limited/secret.txt "$(bearer full)"
    asked 403 POST /private-limited/secret.txt
    asked 200 POST /private-methods/ "$(bearer full)"
    asked 401 POST /private-methods/
    same WWW-Authenticate "$GOOD_CHALLENGE" "${fields[www-authenticate]-}"
    asked 403 POST /private-methods/ "$(bearer scopeless)"
    same body '{"detail":"Required: scope=read:files"}' "$body"
}

@test "S1: a cache in a guarded location, which would give one's answer to the next, is refused by nginx" {
    local lines name
    for name in proxy_cache fastcgi_cache; do
        lines="$name F; $name""_key x;"
        sed "s|add_header X-Mine|$lines&|" "$SERVER_DIR/etc/more.conf" >"$SERVER_DIR/etc/cached.conf"
        sed "s|more\.conf|cached.conf|" "$SERVER_DIR/etc/conf.d/guarded-site.conf" >"$SERVER_DIR/etc/cached-site.conf"
        sed "s|$SERVER_DIR/etc/conf.d/\*.conf|$SERVER_DIR/etc/conf.d/0-around.conf; include $SERVER_DIR/etc/conf.d/fcgi-bearer.conf; include $SERVER_DIR/etc/cached-site.conf|" \
            "$SERVER_DIR/etc/nginx.conf" >"$SERVER_DIR/etc/cached-nginx.conf"
        run -1 "$(_program nginx)" -t -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/cached-nginx.conf
        [[ $output == *"\"$name\" directive is duplicate"* ]]
    done
}

@test "S1: the page's cache one server further in keeps apart who asks" {
    local who sub hit=MISS
    mint other --scope read:files --sub bob
    for who in full other full other; do
        sub='auth0|a b\u00221'
        [[ $who == full ]] || sub=bob
        guard_as "$who"
        guard_urls /private-cached/page
        same sub "$sub" "$(guard_shown HTTP_BEARER_SUB)"
        grep -q -i "^x-cache: $hit" "$BATS_TEST_TMPDIR/got/0.head"
        [[ $who != other ]] || hit=HIT
    done
    asked 401 GET /private-cached/page
}

@test "S2: endpoints and guard in one server" {
    asked 200 GET /api/public
    asked 401 GET /api/private
    asked 200 GET /api/private "$(bearer full)"
    asked 403 GET /api/private-scoped "$(bearer full)"
    asked 401 GET /private/secret.txt
    asked 200 GET /private/secret.txt "$(bearer full)"
}

@test "S2: the endpoints are told query, address and type" {
    # By a program that shows what it gets, in the place of the workers.
    guard_as none
    options+=("unix-socket = \"$SERVER_DIR/run/api.socket\"" 'header = "Content-Type: application/json"' 'data = "{}"')
    guard_urls '/api/items/1?a=b&c=%20d'
    same status 200 "${statuses[0]}"
    same REQUEST_METHOD POST "$(guard_shown REQUEST_METHOD)"
    same SCRIPT_NAME /api "$(guard_shown SCRIPT_NAME)"
    same PATH_INFO /items/1 "$(guard_shown PATH_INFO)"
    same QUERY_STRING 'a=b&c=%20d' "$(guard_shown QUERY_STRING)"
    same REQUEST_URI '/api/items/1?a=b&c=%20d' "$(guard_shown REQUEST_URI)"
    same CONTENT_TYPE application/json "$(guard_shown CONTENT_TYPE)"
    same CONTENT_LENGTH 2 "$(guard_shown CONTENT_LENGTH)"
}

@test "D1: what is redirected into a guarded location inside of nginx is asked about" {
    local path
    for path in accel missing tried rewritten if included; do
        asked 401 GET "/to/$path"
        asked 403 GET "/to/$path" "$(bearer scopeless)"
        asked 200 GET "/to/$path" "$(bearer full)"
        cmp "$BATS_TEST_TMPDIR/body" "$SERVER_DIR/www/private/secret.txt"
    done
}

@test "D3: slashes that a default server does not merge lead around no location" {
    local who
    for who in none bad scopeless full; do
        guard_as "$who"
        guard_urls //private/secret.txt ///private/secret.txt /.//private/secret.txt /x/..//private/secret.txt //private-app/show /%2fprivate/secret.txt /x//../private/secret.txt \
            //private/sub/index.html //private-php/show.php
        [[ $who == full ]] || guard_no_secret "double slashes, $who"
        [[ " ${statuses[*]} " == *' 404 '* ]]
    done
    # It is this server, and that one does not merge them.
    guard_as full
    guard_urls /private//secret.txt
    same status 404 "${statuses[0]}"
}

@test "D3: of locations in locations the inner one's requirement counts, none is without" {
    asked 401 GET /private-nested/x
    asked 401 GET /private-nested/x.php
    asked 403 GET /private-nested/x.php "$(bearer scopeless)"
    asked 200 GET /private-nested/x.php "$(bearer full)"
    asked 403 GET /private-nested/strict/secret.txt "$(bearer full)"
    same body '{"detail":"Required: permission=nobody:has"}' "$body"
    asked 200 GET /private-nested/loose/secret.txt "$(bearer scopeless)"
    asked 401 GET /private-nested/loose/secret.txt
}

@test "D12: every way to a program says each thing once" {
    local path in name
    for path in /private-php/show.php /private-php/pretty /private-tried/anything /private-nested/x /private-nested/x.php /private-app/show /private-own/ /private-methods/; do
        in=
        [[ $path == *php* || $path == *tried* || $path == *nested* ]] || in=HTTP_
        guard_as full
        guard_urls "$path"
        same "status of $path" 200 "${statuses[0]}"
        same "$path: sub" 'auth0|a b\u00221' "$(guard_shown "${in}BEARER_SUB")"
        same "$path: scope" 'read:files write:files' "$(guard_shown "${in}BEARER_SCOPE")"
        [[ -n $in ]] || same "$path: user" 'auth0|a b\u00221' "$(guard_shown REMOTE_USER)"
        run -0 awk -F= '/^(HTTP_)?(BEARER_[A-Z_]*|REMOTE_USER|AUTH_TYPE)=/ { if (seen[$1]++) print "twice: " $1 }' "$BATS_TEST_TMPDIR/got/0.body"
        [[ $output == '' ]]
    done
    asked 200 GET /private-index/ "$(bearer full)"
    cmp "$BATS_TEST_TMPDIR/body" "$SERVER_DIR/www/private/sub/index.html"
}

@test "D13: what is let in is private, unless the program says more" {
    local path expected
    while read -r path expected; do
        guard_as full
        guard_urls "$path"
        same "status of $path" 200 "${statuses[0]}"
        same "Cache-Control of $path" "$expected" "$(sed -n 's/^cache-control: *//Ip' "$BATS_TEST_TMPDIR/got/0.head" | tr -d '\r' | paste -s -d '|')"
    done <<'END'
/private/secret.txt private
/private/ private
/private-index/ private
/private-php/show.php private
/private-app/show private
/private-own/ private
/private-limited/secret.txt private
/private-tried/x private
/private-nested/x.php private
/private-nested/loose/secret.txt private
/private-cors private
/private-status/public public, max-age=60|private
/private-status/age max-age=60|private
/private-status/private private, max-age=60
/private-status/no-store no-store
END
}

@test "D13: a cache in front keeps nothing of it for the next one" {
    local path who
    for path in /private/secret.txt /private-php/show.php /private-app/show /private-status/public /private-status/age /api/private; do
        for who in full none scopeless full; do
            guard_as "$who"
            options+=("unix-socket = \"$SERVER_DIR/run/front.socket\"" 'header = "Host: 127.0.0.1"')
            guard_urls "$path"
            if [[ $who == full ]]; then
                same "status of $path" 200 "${statuses[0]}"
                grep -q -i '^x-cache: MISS' "$BATS_TEST_TMPDIR/got/0.head"
            else
                guard_no_secret "$path after a good request"
                [[ ${statuses[0]} == 40[13] || $path == /api/* && $who == scopeless ]] || wrong "$path after a good request: ${statuses[0]}"
            fi
        done
    done
    # It does keep what is open.
    guard_as none
    options+=("unix-socket = \"$SERVER_DIR/run/front.socket\"" 'header = "Host: 127.0.0.1"')
    guard_urls /public.txt /public.txt
    grep -q -i '^x-cache: HIT' "$BATS_TEST_TMPDIR/got/1.head"
}

@test "S4: a websocket, and an event stream whose first event comes before the second is sent" {
    streams_pass /private-stream
}

@test "S4: the events of a FastCGI program come as they are sent" {
    events_program
    events_pass /private-events
}

@test "S4: a page of another origin writes JSON by PUT, after a preflight, in a real browser; and the lines for streams, there" {
    local port n page=$BATS_TEST_TMPDIR/page
    browser_install
    port=$(free_port)
    for n in 1 2; do
        page_block streaming.md js "$n" | sed 's|/private-app|/private-stream|; s|wss://|ws://|' >"$page.$n"
        [[ -s $page.$n ]]
    done
    sed -i "s|https://app.example.com|http://127.0.0.1:$port|" "$SERVER_DIR/etc/fcgi-bearer/cors.conf"
    kill -HUP "$(<"$SERVER_DIR/pids/server")"
    guard_await page_may "$port"
    browser_writes /private-cors "$port" $'\341\233\212' "$(server_url)/public.txt" "$page.1" "$page.2"
    same streams $'events: first second\nwebsocket: welcome\nagain: closed\nmade up: closed' "$(grep -E '^(events|websocket|again|made up): ' <<<"$output")"
}

# page_may PORT: nginx has read its files again.
page_may() {
    call OPTIONS /private-cors "Origin: http://127.0.0.1:$1" 'Access-Control-Request-Method: PUT'
    [[ $http_status == 204 && ${fields[access-control-allow-origin]-} == "http://127.0.0.1:$1" ]]
}

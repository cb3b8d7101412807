#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What sites do with what lighttpd guards, in one server with the lines of the pages: a websocket and an event stream (doc/streaming.md), a page of another
# origin (doc/browser.md); and claims.lua where nobody else refuses.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154  # lighttpd's own $; names shared with guard-cases
bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private-cgi/show.cgi env:/private-php/show.php http:/private-app/show'
load ../support/guard-cases
load ../support/blocks
load ../support/browser
load ../support/streams
: "${top_srcdir:?}"

guard_serve() {
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    (umask 022 && mkdir "$SERVER_DIR/www/private-php" && echo '<?php' >"$SERVER_DIR/www/private-php/show.php")
    php_page
    install -m 644 "$top_srcdir/lighttpd-conf/claims.lua" "$SERVER_DIR/etc"
    page_block browser.md lua >"$SERVER_DIR/etc/preflight.lua"
    guard_backend
    streams_up
    events_cgi
    free_port >"$SERVER_DIR/page-port"
    _start_on_a_port _everyday
}

# php_page: what a program in PHP reads, as fcgi-show shows it; the other one is fcgi-show itself.
php_page() (
    umask 022
    cat >"$SERVER_DIR/www/private-php/real.phtml" <<'END'
<?php
header("Content-Type: text/plain");
foreach ($_SERVER as $name => $value) {
    if (is_string($value)) {
        echo "$name=$value\n";
    }
}
END
)

# _everyday PORT: the shipped file with the lines of the pages, and an application behind claims.lua alone.
_everyday() {
    local etc=$SERVER_DIR/etc page=https://app.example.com port
    port=$(<"$SERVER_DIR/backend-port")
    sed -i "s|$page|http://127.0.0.1:$(<"$SERVER_DIR/page-port")|" "$etc/preflight.lua"
    { page_block browser.md lighttpd 2 | sed '/REQUEST-METHOD/Id' && page_block browser.md lighttpd 3; } |
        sed "s|$page|http://127.0.0.1:$(<"$SERVER_DIR/page-port")|; s|/etc/fcgi-bearer|$etc|" >"$etc/cors.lines"
    _shipped lighttpd-conf/authorizer-programs.conf "$1" "s|private-app)|private-app\|private-stream\|private-events)|; s|/usr/bin/php-cgi|$SERVER_DIR/bin/fcgi-show|
        s|\"port\" => 3000|\"port\" => $port|; s|^        \"\.php\" =>|        \"/private-events\" => (( \"socket\" => \"$SERVER_DIR/run/events.socket\", \"check-local\" => \"disable\" )),\n        \".phtml\" => (( \"bin-path\" => \"$(_program php-cgi)\", \"socket\" => \"$SERVER_DIR/run/php.socket\", \"max-procs\" => 1 )),\n&|
        /attract-raw-url-to/r $etc/cors.lines" >"$etc/shipped.conf"
    {
        cat <<LINES
server.modules = ( "mod_access", "mod_rewrite" )
$(_lighttpd_base "$1" www)
include "shipped.conf"
\$HTTP["host"] == "rewrite.test" { url.rewrite-once = ( "^/way" => "/private-php/real.phtml" ) }
\$HTTP["host"] == "error.test" { server.error-handler = "/private-php/real.phtml" }
\$HTTP["host"] == "error404.test" { server.error-handler-404 = "/private-php/real.phtml" }
\$HTTP["url"] =~ "^/open-app(/|\$)" {
    magnet.attract-raw-url-to = ( "$etc/claims.lua" )
    proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => $port )) )
}
LINES
        page_block streaming.md lighttpd |
            sed "s|/private-app|/private-stream|; s|\"port\" => 3000|\"port\" => $(<"$SERVER_DIR/log/streams-port")|"
        printf '$HTTP["url"] =~ "^/private-(cgi|events)(/|$)" { %s }\n' "$(sed -n 's/^with `\(server\.[^`]*\)`, too\..*/\1/p' "$top_srcdir/doc/streaming.md")"
    } >"$etc/lighttpd.conf"
    _start server "$(_program lighttpd)" -D -f "$etc/lighttpd.conf"
}

# events_cgi: a CGI program that answers as streams.mjs does, but for the websocket.
events_cgi() {
    local fifo=$SERVER_DIR/run/go
    mkfifo -m 666 "$fifo"
    cat >"$SERVER_DIR/www/private-cgi/events.cgi" <<END
#!/bin/sh
case \$PATH_INFO in
    /events) printf 'Content-Type: text/event-stream\r\n\r\ndata: first\n\n' && read -r _ <'$fifo' && printf 'data: second\n\n' ;;
    /go) printf 'Content-Type: text/plain\r\n\r\ngone\n' && echo go >'$fifo' ;;
    *) printf 'Status: 404\r\n\r\n' ;;
esac
END
    chmod 755 "$SERVER_DIR/www/private-cgi/events.cgi"
}

setup_file() { guard_setup; }
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

@test "S4: a websocket, and an event stream whose first event comes before the second is sent" {
    streams_pass /private-stream
}

@test "S4: the events of a CGI and of a FastCGI program come as they are sent" {
    events_program
    events_pass /private-cgi/events.cgi
    events_pass /private-events
}

@test "S4: a page of another origin writes JSON by PUT, after a preflight, in a real browser" {
    browser_install
    browser_writes /private-app/show "$(<"$SERVER_DIR/page-port")" $'\341\233\212'
}

@test "S4: a preflight reaches no program, and OPTIONS that is none is asked for its token" {
    local path origin
    origin="Origin: http://127.0.0.1:$(<"$SERVER_DIR/page-port")"
    for path in /private/secret.txt /private-cgi/show.cgi /private-php/show.php /private-app/show; do
        call OPTIONS "$path" "$origin" 'Access-Control-Request-Method: PUT' 'Access-Control-Request-Headers: authorization,content-type'
        same "preflight for $path" 204 "$http_status"
        same body '' "$body"
        same Access-Control-Allow-Origin "${origin#Origin: }" "${fields[access-control-allow-origin]-}"
        call OPTIONS "$path" "$origin"
        same "OPTIONS $path" 401 "$http_status"
        same body '{"detail":"Not authenticated"}' "$body"
        call GET "$path" "$origin" 'Access-Control-Request-Method: PUT'
        same "GET $path" 401 "$http_status"
        call GET "$path" "$origin" "$(bearer full)"
        same "GET $path with the token" 200 "$http_status"
        same Access-Control-Allow-Origin "${origin#Origin: }" "${fields[access-control-allow-origin]-}"
    done
}

@test "D2: claims.lua refuses every spelling by itself, without the authorizer behind it" {
    GUARD_PROGRAMS=http:/open-app/show guard_forges full
}

@test "D2 D12: real PHP reads no header of a client as a claim, and each claim once" {
    local way
    GUARD_PROGRAMS=env:/private-php/real.phtml guard_forges brief full
    # lighttpd asks again for what it rewrites, and for an error page.
    for way in localhost:/private-php/real.phtml rewrite.test:/way error.test:/none.txt error404.test:/private/none.txt; do
        guard_as full
        options+=("header = \"Host: ${way%%:*}\"")
        guard_urls "${way#*:}"
        same "status ($way)" 200 "${statuses[0]}"
        same "$way: PHP" real.phtml "$(guard_shown SCRIPT_NAME | sed 's|.*/||')"
        same "$way: sub" 'auth0|a b\u00221' "$(guard_shown BEARER_SUB)"
        same "$way: scope" 'read:files write:files' "$(guard_shown BEARER_SCOPE)"
        same "$way: user" 'auth0|a b\u00221 Bearer' "$(guard_shown REMOTE_USER) $(guard_shown AUTH_TYPE)"
        same "$way: token" '' "$(guard_shown HTTP_AUTHORIZATION)"
    done
}

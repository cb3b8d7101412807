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
    install -m 644 "$top_srcdir/lighttpd-conf/claims.lua" "$SERVER_DIR/etc"
    page_block browser.md lua >"$SERVER_DIR/etc/preflight.lua"
    guard_backend
    streams_up
    events_cgi
    free_port >"$SERVER_DIR/page-port"
    _start_on_a_port _everyday
}

# _everyday PORT: the shipped file with the lines of the pages, and an application behind claims.lua alone.
_everyday() {
    local etc=$SERVER_DIR/etc page=https://app.example.com port
    port=$(<"$SERVER_DIR/backend-port")
    sed -i "s|$page|http://127.0.0.1:$(<"$SERVER_DIR/page-port")|" "$etc/preflight.lua"
    { page_block browser.md lighttpd 2 | sed '/REQUEST-METHOD/Id' && page_block browser.md lighttpd 3; } |
        sed "s|$page|http://127.0.0.1:$(<"$SERVER_DIR/page-port")|; s|/etc/fcgi-bearer|$etc|" >"$etc/cors.lines"
    _shipped lighttpd-conf/authorizer-programs.conf "$1" "s|private-app)|private-app\|private-stream\|private-events)|; s|/usr/bin/php-cgi|$SERVER_DIR/bin/fcgi-show|
        s|\"port\" => 3000|\"port\" => $port|; s|^        \"\.php\" =>|        \"/private-events\" => (( \"socket\" => \"$SERVER_DIR/run/events.socket\", \"check-local\" => \"disable\" )),\n&|
        /attract-raw-url-to/r $etc/cors.lines" >"$etc/shipped.conf"
    {
        cat <<LINES
server.modules = ( "mod_access" )
$(_lighttpd_base "$1" www)
include "shipped.conf"
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

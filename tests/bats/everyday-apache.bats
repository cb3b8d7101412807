#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Apache's guard every day: a websocket and a stream of events with the lines of doc/streaming.md, a page of another origin with those of doc/browser.md.

# shellcheck disable=SC2030,SC2031,SC2034,SC2154  # names shared with http-cases
bats_require_minimum_version 1.5.0
load ../support/guard-cases
load ../support/blocks
load ../support/browser
load ../support/streams
load ../support/servers-apache-guard
: "${top_srcdir:?}"

guard_serve() {
    local line
    free_port >"$SERVER_DIR/page-port"
    if [[ $kind == folder ]]; then
        # shellcheck disable=SC2016  # Apache's name
        more='<Directory "${FB_DIR}/www/private/index">
            DirectoryIndex show.cgi
            </Directory>' start_apache_guard folder
        cors_folder
        return
    fi
    streams_up
    line=$(page_block streaming.md apache)
    line=${line/:3000/:$(<"$SERVER_DIR/log/streams-port")}
    more=$(cors_host) start_apache_guard "$kind" "s|^ *ProxyPass \"http:.*|    $line|"
}

# The lines of the page for an .htaccess. Below it are a folder that rewrites, with an .htaccess of its own, and one whose index is a program.
cors_folder() (
    umask 022
    local lines guard private=$SERVER_DIR/www/private
    lines=$(page_block browser.md apache 3)
    lines=${lines/https:\/\/app.example.com/http:\/\/127.0.0.1:$(<"$SERVER_DIR/page-port")}
    [[ $(wc -l <<<"$lines") -eq 10 ]]
    guard=$(page_block browser.md apache 4)
    guard=${guard//\\/\\\\} guard=${guard//&/\\&}
    sed -i "s|^<If .*bearer.fcgi'\">|${guard//$'\n'/\\n}|" "$private/.htaccess"
    [[ $(grep -c '^ *&& !(.*OPTIONS' "$private/.htaccess") -eq 1 ]]
    echo "$lines" >>"$private/.htaccess"
    grep '^Header' <<<"$lines" >>"$SERVER_DIR/www/bearer/.htaccess"
    mkdir "$private"/{rewrites,index}
    cp -p "$private"/{secret.txt,show.cgi} "$private/rewrites"
    cp -p "$private/show.cgi" "$private/index"
    printf '%s\n' 'RewriteEngine On' 'RewriteCond "%{REQUEST_FILENAME}" "!-f"' 'RewriteRule "^" "show.cgi" [L]' >"$private/rewrites/.htaccess"
)

# The lines of the page, for the guarded application and the guarded directory.
cors_host() {
    local lines
    lines=$(page_block browser.md apache 2)
    lines=${lines/https:\/\/app.example.com/http:\/\/127.0.0.1:$(<"$SERVER_DIR/page-port")}
    # shellcheck disable=SC2016  # Apache's name
    printf '%s\n' '<VirtualHost *:${FB_PORT}>' 'ServerName 127.0.0.1' "${lines//app/(app|private)}" '</VirtualHost>'
}

setup_file() { kind=fcgid guard_setup; }
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

@test "S4: a websocket, and an event stream whose first event comes before the second is sent" {
    for kind in fcgid authnz; do
        [[ $kind == fcgid ]] || guard_server
        streams_pass /app
    done
}

# From 127.0.0.1, which is the host that has these lines.
@test "S4: a page of another origin writes JSON by PUT, after a preflight, in a real browser" {
    local port path seen origin
    browser_install
    for kind in fcgid authnz; do
        [[ $kind == fcgid ]] || guard_server
        port=$(<"$SERVER_DIR/page-port") origin="Origin: http://127.0.0.1:$(<"$SERVER_DIR/page-port")"
        for path in app/go:gone private/show.cgi:$'\341\233\212'; do
            seen=${path#*:} path=${path%:*}
            browser_writes "/$path" "$port" "$seen"
        done
        preflights 204 "$port" /app /app/go /private/secret.txt /private/show.cgi //app/go /x/../private/secret.txt /app/%2e%2e/private/show.cgi /private/none
        for path in /application /public.txt; do
            call OPTIONS "$path" "$origin" 'Access-Control-Request-Method: PUT'
            [[ $http_status != 204 && -z ${fields[access-control-allow-origin]-} ]] || wrong 'it is answered as a preflight'
        done
    done
}

@test "S4: the same where all there is is an .htaccess" {
    local kind=folder port origin path
    browser_install
    guard_server
    port=$(<"$SERVER_DIR/page-port") origin="Origin: http://127.0.0.1:$(<"$SERVER_DIR/page-port")"
    browser_writes /private/rewrites/none "$port" $'\341\233\212'
    preflights 200 "$port" /private/secret.txt /private/show.cgi /private/show.php /private/rewrites/none //private/secret.txt /x/../private/show.cgi /private/none
    # What Apache looks up on the way is a request of its own.
    for path in '' index/; do
        call OPTIONS "/private/$path" "$origin" 'Access-Control-Request-Method: PUT'
        [[ $http_status == 401 && $body != *$'\341\233\212'* ]] || wrong 'what Apache finds for it is not guarded'
        call GET "/private/$path" "$(bearer full)"
        [[ $body == *$'\341\233\212'* ]] || wrong 'not the secret'
    done
}

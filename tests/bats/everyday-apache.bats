#!/usr/bin/env bats
# Apache's guard every day: a websocket and a stream of events with the lines of doc/streaming.md, a page of another origin with those of doc/browser.md.

# shellcheck disable=SC2030,SC2031,SC2034,SC2154  # names shared with http-cases
bats_require_minimum_version 1.5.0
load ../support/guard-cases
load ../support/browser
load ../support/streams
load ../support/servers-apache-guard
: "${top_srcdir:?}"

guard_serve() {
    local line
    streams_up
    line=$(sed -n '/^## Apache/,$s/^    \(ProxyPass .*\)$/\1/p' "$top_srcdir/doc/streaming.md")
    line=${line/:3000/:$(<"$SERVER_DIR/log/streams-port")}
    free_port >"$SERVER_DIR/page-port"
    more=$(cors_host) start_apache_guard "$kind" "s|^ *ProxyPass \"http:.*|    $line|"
}

# The lines of the page, for the guarded application and the guarded directory.
cors_host() {
    local lines
    lines=$(sed -n '/^Apache, with/,/<.LocationMatch>/s/^    //p' "$top_srcdir/doc/browser.md")
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
    local port path seen
    browser_install
    for kind in fcgid authnz; do
        [[ $kind == fcgid ]] || guard_server
        port=$(<"$SERVER_DIR/page-port")
        for path in app/go:gone private/show.cgi:$'\341\233\212'; do
            seen=${path#*:} path=${path%:*}
            browser_writes "/$path" "$port" "$seen"
        done
        preflights
    done
}

# preflights: they are answered by Apache alone, whoever asks, and nothing else is answered because of them.
preflights() {
    local path who method i origin="Origin: http://127.0.0.1:$port"
    local paths=(/app /app/go /private/secret.txt /private/show.cgi //app/go /x/../private/secret.txt /app/%2e%2e/private/show.cgi)
    for who in none bad scopeless full; do
        guard_as "$who"
        options+=('request = OPTIONS' "header = \"$origin\"" 'header = "Access-Control-Request-Method: PUT"')
        guard_urls "${paths[@]}" /private/none
        same "$kind: preflights, $who" '204 204 204 204 204 204 204 204' "${statuses[*]}"
        for ((i = 0; i <= ${#paths[@]}; i++)); do
            same "$kind: octets of a body" 0 "$(wc -c <"$BATS_TEST_TMPDIR/got/$i.body")"
            same "$kind: origins" 1 "$(grep -c -i "^access-control-allow-origin: ${origin#* }.\$" "$BATS_TEST_TMPDIR/got/$i.head")"
        done
        guard_no_secret "$kind: preflights, $who"
    done
    # What is no preflight is asked for its token.
    for method in GET HEAD POST PUT options INVENTED 'OPTIONS without' 'OPTIONS with an empty'; do
        guard_as none
        options+=("request = ${method%% *}" "header = \"$origin\"")
        case $method in
            *without) ;;
            *empty) options+=('header = "Access-Control-Request-Method;"') ;;
            *) options+=('header = "Access-Control-Request-Method: PUT"') ;;
        esac
        [[ $method != HEAD ]] || options+=(head)
        guard_urls "${paths[@]}"
        same "$kind: $method" '401 401 401 401 401 401 401' "${statuses[*]}"
        guard_no_secret "$kind: $method"
    done
    for path in /application /public.txt; do
        call OPTIONS "$path" "$origin" 'Access-Control-Request-Method: PUT'
        [[ $http_status != 204 && -z ${fields[access-control-allow-origin]-} ]] || wrong 'it is answered as a preflight'
    done
}

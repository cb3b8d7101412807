#!/usr/bin/env bats
# Apache's guard every day, with the lines of doc/streaming.md: a websocket and a stream of events.

# shellcheck disable=SC2034,SC2154  # names of http-cases
bats_require_minimum_version 1.5.0
load ../support/guard-cases
load ../support/servers-apache-guard
: "${top_srcdir:?}"

STREAMS=$top_srcdir/tests/support/streams.mjs

guard_serve() {
    local line
    _start streams "$(_program node)" "$STREAMS" serve "$SERVER_DIR/log/streams-port"
    _await streams test -s "$SERVER_DIR/log/streams-port"
    line=$(sed -n '/^## Apache/,$s/^    \(ProxyPass .*\)$/\1/p' "$top_srcdir/doc/streaming.md")
    line=${line/:3000/:$(<"$SERVER_DIR/log/streams-port")}
    start_apache_guard "$kind" "s|^ *ProxyPass \"http:.*|    $line|"
}

setup_file() { kind=fcgid guard_setup; }
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

@test "S4: a websocket, and an event stream whose first event comes before the second is sent" {
    for kind in fcgid authnz; do
        [[ $kind == fcgid ]] || guard_server
        run -0 "$(_program node)" "$STREAMS" try "$(server_url)/app" "$(token full)"
        same 'with the token' $'events first second\necho 101 hello through the guard' "$output"
        run -0 "$(_program node)" "$STREAMS" try "$(server_url)/app"
        same 'without' $'events 401\necho 401' "$output"
        run -0 "$(_program node)" "$STREAMS" try "$(server_url)/app" "$(token scopeless)"
        same 'without the scope' $'events 403\necho 403' "$output"
    done
}

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154  # what `run` sets
# What stays open behind a guard. For bats: `load ../support/streams` after guard-cases.
#
#   streams_up                  starts the application of streams.mjs; its port is in $SERVER_DIR/log/streams-port
#   streams_pass PATH           a websocket and an event stream below PATH, where a guard that wants read:files stands before that application: with the token what is
#                               sent comes, the first event before the second is sent; without it, or the scope, neither begins

STREAMS=${top_srcdir:?}/tests/support/streams.mjs

streams_up() {
    _start streams "$(_program node)" "$STREAMS" serve "$SERVER_DIR/log/streams-port"
    _await streams test -s "$SERVER_DIR/log/streams-port"
}

streams_pass() {
    local url
    url=$(server_url)$1
    run -0 "$(_program node)" "$STREAMS" try "$url" "$(token full)"
    same 'with the token' $'events first second\necho 101 hello through the guard' "$output"
    run -0 "$(_program node)" "$STREAMS" try "$url"
    same 'without' $'events 401\necho 401' "$output"
    run -0 "$(_program node)" "$STREAMS" try "$url" "$(token scopeless)"
    same 'without the scope' $'events 403\necho 403' "$output"
}

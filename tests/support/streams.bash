# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154  # what `run` sets
# What stays open behind a guard. For bats: `load ../support/streams` after guard-cases.
#
#   streams_up                  starts the application of streams.mjs; its port is in $SERVER_DIR/log/streams-port
#   streams_pass PATH           a websocket and an event stream below PATH, where a guard that wants read:files stands before that application: with the token what is
#                               sent comes, the first event before the second is sent; without it, or the scope, neither begins
#   events_program              starts a FastCGI program that answers as that application does, but for the websocket, at run/events.socket: to one events_pass
#   events_pass PATH            the same of the events of a program below PATH

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

events_program() {
    cat >"$SERVER_DIR/bin/events" <<'END'
#!/usr/bin/perl
use strict;
use Socket;
sub take { my ($from, $want) = @_; my $got = ''; while (length $got < $want) { sysread($from, $got, $want - length $got, length $got) or die; } return $got; }
sub request {
    accept(my $connection, $_[0]) or die;
    while (1) {
        my (undef, $type, undef, $length, $padding) = unpack('CCnnC', take($connection, 8));
        take($connection, $length + $padding);
        return $connection if $type == 5 && $length == 0;
    }
}
sub out { my ($to, $text) = @_; syswrite($to, pack('CCnnCC', 1, 6, 1, length $text, 0, 0) . $text); }
sub end { my ($to, $text) = @_; out($to, $text); syswrite($to, pack('CCnnCCNCxxx', 1, 3, 1, 8, 0, 0, 0, 0)); close($to); }
open(my $socket, '<&=0') or die;
my $events = request($socket);
out($events, "Content-Type: text/event-stream\r\n\r\ndata: first\n\n");
end(request($socket), "Content-Type: text/plain\r\n\r\ngone\n");
end($events, "data: second\n\n");
end(request($socket), "Status: 404\r\n\r\n");
END
    chmod 755 "$SERVER_DIR/bin/events"
    _start events spawn-fcgi -n -s "$SERVER_DIR/run/events.socket" -M 0660 -u "$WORKER_USER" -- "$SERVER_DIR/bin/events"
    _await events test -S "$SERVER_DIR/run/events.socket"
}

events_pass() {
    run -0 "$(_program node)" "$STREAMS" try "$(server_url)$1"
    same "events of $1, without a token" $'events 401\necho 401' "$output"
    run -0 "$(_program node)" "$STREAMS" try "$(server_url)$1" "$(token full)"
    same "events of $1, with the token" $'events first second\necho 404' "$output"
}

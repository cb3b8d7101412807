#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# 64 workers, and tokens with 64 unknown kids for each of them, all at once: one fetch per cooldown, counted at the issuer's server, and good tokens pass.

bats_require_minimum_version 1.5.0
load ../support/keycache

: "${top_srcdir:?}"

teardown() { keycache_down; }

flood() {
    "$(_program node)" "$top_srcdir/tests/support/flood.mjs" 64 "$BATS_TEST_TMPDIR/tokens/good" "$SERVER_DIR"/run/fcgi-bearer.socket-* \
        >"$BATS_TEST_TMPDIR/answers"
    cat "$BATS_TEST_TMPDIR/answers" >&2
    # Each worker before the first unknown kid, and after each.
    grep -qx "good 200 $((64 * 65))" "$BATS_TEST_TMPDIR/answers"
    [[ $(grep -c '^good ' "$BATS_TEST_TMPDIR/answers") == 1 ]]
    [[ $(awk '$1 == "unknown" { n += $NF } END { print n }' "$BATS_TEST_TMPDIR/answers") == $((64 * 64)) ]]
}

# sockets_are COUNT: lighttpd answers before it has started all of them.
sockets_are() {
    [[ $(find "$SERVER_DIR/run" -name 'fcgi-bearer.socket-*' | wc -l) == "$1" ]]
}

@test "64 workers with 64 unknown kids each: one fetch per cooldown, good tokens pass" {
    issuer_up
    fill
    workers 64
    await sockets_are 64
    flood
    # Those that wait for the one fetch longer than they may are told to come back.
    run ! grep -v -e '^unknown 401 ' -e '^unknown 503 1 ' -e '^good ' "$BATS_TEST_TMPDIR/answers"
    fetches_are 2
    # Within the cooldown of all: nobody waits for anything.
    flood
    grep -qx "unknown 401 $((64 * 64))" "$BATS_TEST_TMPDIR/answers"
    fetches_are 2
    # The cooldown is over, for all but the one that made the attempt; and the issuer is down.
    stop_keys_server "$KEYS"
    pass 0 7200
    flood
    run ! grep -v -e '^unknown 503 ' -e '^unknown 401 ' -e '^good ' "$BATS_TEST_TMPDIR/answers"
    [[ $(record) == "2 "*" 3 1 https://localhost:"* ]]
    fetches_are 2
    logged 'could not be refreshed' 0
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The clock is set, a day forward and a day back, under running workers; and times in the future in the cache. Nobody's keys are used for ever, no good
# token is refused for good, and nothing is fetched more often than the cooldown lets it.

bats_require_minimum_version 1.5.0
load ../support/keycache

: "${top_builddir:?}"
DAY=86400

setup() {
    issuer_up
    # A library that is loaded before the sanitizers' is none of the order they want.
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
    install -m 755 "$top_builddir/clock.so" "$SERVER_DIR/libexec"
    install -m 644 /dev/null "$SERVER_DIR/etc/clock"
    clock=(LD_PRELOAD="$SERVER_DIR/libexec/clock.so" FB_CLOCK="$SERVER_DIR/etc/clock" ASAN_OPTIONS="$ASAN_OPTIONS")
    # So that the bearerctl of the workers has the same clock: they hand on nothing of their environment.
    mv "$SERVER_DIR/libexec/bearerctl" "$SERVER_DIR/libexec/bearerctl.real"
    (umask 022 && printf '%s\n' '#!/bin/sh' "exec env $(printf "'%s' " "${clock[@]}") '$SERVER_DIR/libexec/bearerctl.real' \"\$@\"" \
        >"$SERVER_DIR/libexec/bearerctl")
    chmod 755 "$SERVER_DIR/libexec/bearerctl"
}
teardown() { keycache_down; }

# set_clock SECONDS: that far from what it is; tokens are signed to be good then.
set_clock() {
    local now
    now=$(($(date +%s) + $1))
    sign good --claim "iat=$now" --claim "exp=$((now + 3600))"
    echo "$1" >"$SERVER_DIR/etc/clock"
}

worker() {
    worker_up "$1" "$(_program env)" "${clock[@]}"
}

# says WORKER TOKEN
says() {
    ask_at "$SERVER_DIR/run/$1.socket" "$2"
}

# fetched_within SECONDS: of that clock, the cached keys were fetched so recently.
fetched_within() {
    local age
    age=$(($(date +%s) + $(<"$SERVER_DIR/etc/clock") - $(fetched_at "$(cache_file)")))
    ((age >= 0 && age <= $1))
}

@test "a day forward, or a day back: good tokens pass, one fetch each" {
    local day
    set_clock 0
    worker one
    [[ $(says one good) == 200 ]]
    fetches_are 1
    for day in $DAY -$DAY; do
        # Another worker than the one that has a cooldown of its own. Older than MAX_STALE, or a day in the future: fetched anew.
        worker "at$day"
        [[ $(says "at$day" good) == 200 ]]
        set_clock "$day"
        # The request waits if the keys are too old, and does not if they are in the future.
        [[ $(says "at$day" good) == 200 ]]
        await fetched_within 60
        await lock_is_free
        [[ $(says one good) == 200 ]]
        forge unknown stranger
        [[ $(says one unknown) == 401 ]]
        [[ $(record) == "2 "*" 2 0" ]]
    done
    fetches_are 3
    # Back to what it was: an attempt and keys of the past, by a clock that is ahead of them by a day.
    worker last
    set_clock 0
    [[ $(says last good) == 200 ]]
    fetches_are 4
}

@test "a day back while the issuer is down: keys stay in use" {
    set_clock 0
    worker one
    [[ $(says one good) == 200 ]]
    stop_keys_server "$KEYS"
    worker two
    set_clock -$DAY
    [[ $(says one good) == 200 ]]
    [[ $(says two good) == 200 ]]
    await lock_is_free
    [[ $(says two good) == 200 ]]
    # An unknown kid: the last attempt has failed, and it is not made again.
    forge unknown stranger
    [[ $(says two unknown) == '503 3'[56]?? ]]
    [[ $(grep -c 'the signing keys could not be refreshed: https://localhost:' "$BATS_TEST_TMPDIR/peer.err") == 1 ]]
    fetches_are 1
}

@test "keys from the far future count as long past: none of them is used for ever" {
    set_clock 0
    fill
    worker one
    worker two
    # Nearly as far as MAX_STALE: used, and due.
    stop_keys_server "$KEYS"
    pass -86000 0
    [[ $(says one good) == 200 ]]
    await lock_is_free
    [[ $(says one good) == 200 ]]
    [[ $(record) == "2 "*" 3 "* ]]
    # Farther: by a new worker, by one that held them, and by plain CGI.
    pass -90000 0
    [[ $(says two good) == '503 3'[56]?? ]]
    [[ $(says one good) == '503 3'[56]?? ]]
    call_cgi GET /private "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    pass -9000000000 0
    [[ $(says two good) == '503 3'[56]?? ]]
    resume_keys_server "$KEYS"
    # An attempt in the future is none.
    pass 0 -90000
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
    [[ $(says one good) == 200 && $(says two good) == 200 ]]
    fetched_within 60
    fetches_are 2
}

@test "an attempt that lies in the future holds nobody up, and is made once" {
    local number
    set_clock 0
    fill
    pass 0 -$DAY
    for number in 1 2 3 4; do
        worker "$number"
    done
    forge unknown stranger
    for number in 1 2 3 4; do
        [[ $(says "$number" unknown) == 401 ]]
    done
    fetches_are 2
    # By hand it does not matter.
    pass 0 -$DAY
    ctl refresh
    fetches_are 3
}

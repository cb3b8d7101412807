#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bearerctl refresh, killed before each of its system calls in turn: whatever it leaves, the keys are whole, the lock is free, the attempt is counted, and
# the next refresh sets everything right.

# shellcheck disable=SC2034 # ctl reads what begins with ctl_
bats_require_minimum_version 1.5.0
load ../support/keycache

setup() {
    issuer_up
    # The leak checker cannot work in a process that is traced.
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
}
teardown() { keycache_down; }

# An hour old keys of the issuer, of which it publishes one more since; with an attempt that was made then.
before_a_refresh() {
    ctl refresh >"$BATS_TEST_TMPDIR/filled"
    pass 3000 3600
    issuer_run rotate "$KEYS" --publish >"$BATS_TEST_TMPDIR/published"
    old_kids=$(cached_kids)
    file=$(cache_file)
    record_file=$(record_file)
    cp -a "$CACHE" "$SERVER_DIR/before"
    settings BEARER_JWKS_TTL=86400 BEARER_JWKS_MAX_STALE=172800
}

# restore: all as before_a_refresh left it.
restore() {
    rm -rf "$CACHE"
    cp -a "$SERVER_DIR/before" "$CACHE"
}

# state: what there is in the cache directory, in words: document, record, anything else.
state() {
    local document record others
    if cmp -s "$file" "$SERVER_DIR/before/${file##*/}"; then
        document=old
    elif [[ $(cached_kids) == "$(published_kids)" && $(with_sum "$(head -n 1 "$file")") == "$(<"$file")" ]]; then
        document=new
    else
        document=torn
    fi
    record=$(record | cut -d ' ' -f 5)
    if cmp -s "$record_file" "$SERVER_DIR/before/${record_file##*/}"; then
        record=old
    elif (($(record | cut -d ' ' -f 2) < started)); then
        record=torn
    fi
    others=$(find "$CACHE" -type f ! -name '*.json' ! -name '*.lock' -printf '%f ' | sed "s/${record_file##*/}//")
    if [[ -n $others ]]; then
        others=$([[ -s ${file%.json}.tmp ]] && echo half || echo empty)
    fi
    echo "document $document, record $record, temporary file ${others:-none}"
}

# calls_traced: each system call of the trace from the making of the cache directory on, one a line: its name, and how many of that name there have been.
calls_traced() {
    awk '
        { name = $0; sub(/\(.*/, "", name) }
        name ~ /^[a-z0-9_]+$/ { count[name]++ }
        name == "mkdirat" { begun = 1 } # it may not be there yet. Its name cannot be seen: nobody but root can look into these processes
        begun && name ~ /^[a-z0-9_]+$/ { print name, count[name] }' "$SERVER_DIR/log/trace"
}

# killed_before CALL N: a refresh that was killed before its Nth call of this name. False if it made fewer.
killed_before() {
    ctl_under=(strace -o "$SERVER_DIR/log/trace" -e "inject=$1:signal=KILL:when=$2")
    if ctl refresh >"$BATS_TEST_TMPDIR/out" 2>&1; then
        return 1
    fi
    ctl_under=()
    if [[ $(tail -n 1 "$SERVER_DIR/log/trace") != '+++ killed by SIGKILL +++' ]]; then
        cat "$BATS_TEST_TMPDIR/out" >&2
        return 2
    fi
}

@test "SIGKILL before every system call that follows the opening of the cache directory" {
    local call number old_kids file record_file started now status killed=0 spared=0
    local -A seen=()
    before_a_refresh
    # Not killed: which calls there are.
    ctl_under=(strace -o "$SERVER_DIR/log/trace")
    ctl refresh >"$BATS_TEST_TMPDIR/out"
    calls_traced >"$BATS_TEST_TMPDIR/calls"
    for call in flock fallocate pwrite64 connect openat write fsync renameat exit_group; do
        grep -q "^$call " "$BATS_TEST_TMPDIR/calls"
    done
    while read -r call number; do
        restore
        started=$(date +%s)
        status=0
        killed_before "$call" "$number" || status=$?
        if ((status == 1)); then # there is not always the same number of what serves the network: a second address is tried where the first is slow
            [[ $call != @(mkdirat|openat|flock|fallocate|pwrite64|ftruncate|fsync|fchmod|renameat|unlinkat|exit_group) ]]
            spared=$((spared + 1))
            continue
        fi
        ((status == 0))
        killed=$((killed + 1))
        # Whoever held the lock is gone.
        lock_is_free
        now=$(state)
        # A fetch that was begun is an attempt that was made, and what was put in place is there.
        ! grep -q '^connect(' "$SERVER_DIR/log/trace" || [[ $now == *'record '[12]* ]]
        if grep -q '^renameat(.* = 0$' "$SERVER_DIR/log/trace"; then
            [[ $now == 'document new'* ]]
        else
            [[ $now == 'document old'* ]]
        fi
        # What happens next depends on nothing but these files.
        [[ -z ${seen[$now]-} ]] || continue
        seen[$now]=1
        call_cgi GET /private "$(bearer good)"
        answer 200 "$(claims good)"
        ctl refresh >"$BATS_TEST_TMPDIR/out"
        [[ $(state) == 'document new, record 2, temporary file none' ]]
    done <"$BATS_TEST_TMPDIR/calls"
    echo "# killed before each of $killed calls" >&3
    ((killed > 80 && spared <= 10))
    printf '%s\n' "${!seen[@]}" | sort >"$BATS_TEST_TMPDIR/seen"
    diff - "$BATS_TEST_TMPDIR/seen" <<'END'
document new, record 1, temporary file none
document new, record 2, temporary file none
document old, record 1, temporary file empty
document old, record 1, temporary file half
document old, record 1, temporary file none
document old, record old, temporary file none
END
}

# killing CALL: the bearerctl that workers start is killed before its first call of this name; each start is a line of log/starts.
killing() {
    local program=$SERVER_DIR/libexec/bearerctl
    # Never without it: a worker that lighttpd has not started yet looks for it once, when it starts.
    [[ -e $program.real ]] || ln "$program" "$program.real"
    (
        umask 022
        printf '%s\n' '#!/bin/sh' "echo started >>'$SERVER_DIR/log/starts'" "ASAN_OPTIONS=detect_leaks=0 \\" \
            "exec strace -o '$SERVER_DIR/log/trace' -e 'inject=$1:signal=KILL:when=1' '$program.real' \"\$@\"" >"$program.new"
        chmod 755 "$program.new"
    )
    mv "$program.new" "$program"
}

@test "SIGKILL of a refresh that a worker has started: an attempt, one line, and the keys stay" {
    local call socket kinds=(connect fsync renameat pwrite64) round=0
    fill
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    sign new
    workers "${#kinds[@]}"
    for call in "${kinds[@]}"; do
        pass 0 7200
        killing "$call"
        # Each has a cooldown of its own.
        for socket in "$SERVER_DIR/run/fcgi-bearer.socket-$round" "$SERVER_DIR"/run/fcgi-bearer.socket-*; do
            ask_at "$socket" new
        done >"$BATS_TEST_TMPDIR/said"
        [[ $(tail -n 1 "$SERVER_DIR/log/trace") == '+++ killed by SIGKILL +++' ]]
        round=$((round + 1))
        [[ $(wc -l <"$SERVER_DIR/log/starts") == "$round" ]]
        lock_is_free
        [[ $(record) == "2 "*" 3 1 the refresh ended without saying how" ]]
        [[ $(ask_each good | sort -u) == 200 ]]
        if [[ $call == pwrite64 ]]; then # all is done, but not said
            [[ $(sort -u "$BATS_TEST_TMPDIR/said") == 200 ]]
        else
            run ! grep -v '^503 ' "$BATS_TEST_TMPDIR/said"
        fi
    done
    [[ $(grep -c 'the signing keys could not be refreshed: the refresh ended without saying how' "$BATS_TEST_TMPDIR/peer.err") == "$round" ]]
    [[ $(find "$CACHE" -type f | wc -l) == 2 ]]
}

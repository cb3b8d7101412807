#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The key cache on a disk that is full, has no inodes left, is mounted read-only, or knows no locks: keys that are there stay, good tokens pass, and it is
# said what is wrong.

# shellcheck disable=SC2154,SC2034 # run sets $stderr; ctl reads ctl_under
bats_require_minimum_version 1.5.0
load ../support/keycache

setup() {
    needs_root
    issuer_up
}
teardown() {
    # Whoever has files open there keeps it until he ends.
    ! mountpoint -q "$SERVER_DIR/disk" || umount -l "$SERVER_DIR/disk"
    keycache_down
}

# disk OPTIONS: a new one with these mount options, and the cache directory is its root. Every process must have it at one path, all of whose levels can be judged.
disk() {
    CACHE=$SERVER_DIR/disk
    mkdir "$CACHE"
    mount -t tmpfs -o "mode=700,uid=$(id -u "$WORKER_USER"),gid=$(id -g "$WORKER_USER"),$1" tmpfs "$CACHE"
    settings "${@:2}"
}

remount() {
    mount -o "remount,$1" "$CACHE"
}

# rotated: the issuer publishes another key, with which the token "new" is signed.
rotated() {
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    sign new
}

@test "no room for a new document: the old keys stay; each worker can have the new ones for itself" {
    local full='cannot write jwks-*.tmp: No space left on device; the old keys stay' before
    # A page each for record and document, and no other.
    disk size=8k
    fill
    before=$(<"$(cache_file)")
    workers 3
    rotated
    run --separate-stderr -73 ctl refresh
    # shellcheck disable=SC2053  # a pattern
    [[ $stderr == "bearerctl refresh: "$full && -z $output ]]
    # shellcheck disable=SC2053  # a pattern
    [[ $(record) == "2 "*" 4 0 "$full ]]
    [[ $(<"$(cache_file)") == "$before" && $(find "$CACHE" -type f | wc -l) == 2 ]]
    fetches_are 2
    pass 0 7200
    # One of them has tried under the lock; the others need not wait until it is their turn.
    run -0 ask_each new
    [[ $output == 200$'\n'200$'\n'200 ]]
    fetches_are 5
    [[ $(ask_each new | sort -u) == 200 ]]
    [[ $(ask_each good | sort -u) == 200 ]]
    forge unknown stranger
    # With the newest keys there are, and within their cooldown.
    [[ $(ask_each unknown | sort -u) == 401 ]]
    fetches_are 5
    # The refresh by hand, and the one under the lock.
    [[ $(grep -c 'No space left on device' "$BATS_TEST_TMPDIR/peer.err") == 2 ]]
    # Plain CGI has what is cached.
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
    call_cgi GET /private "$(bearer new)"
    denied 503 'Signing keys are unavailable'
    [[ $(<"$(cache_file)") == "$before" ]]
    # With room again all is as ever.
    remount size=1m
    ctl refresh
    call_cgi GET /private "$(bearer new)"
    answer 200 "$(claims new)"
    [[ $(ask_each new | sort -u) == 200 ]]
    fetches_are 6
}

@test "a record, and no room for any document: a cold start serves all" {
    disk size=4k
    fill || true
    [[ -z $(cache_file) && $(record) == "2 "*" 4 0 cannot write"* ]]
    workers 3
    pass 0 7200
    run -0 ask_each good
    [[ $output == 200$'\n'200$'\n'200 ]]
    [[ $(find "$CACHE" -type f) == "$(record_file)" ]]
    fetches_are 4
    call_cgi GET /private "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    same Retry-After 3600 "${fields[retry-after]-}"
    fetches_are 4
}

@test "no room at all, or no inode: keys for each worker alone; plain CGI says why" {
    local options said
    for options in size=4k nr_inodes=2; do
        disk "$options"
        as_worker dd if=/dev/zero of="$CACHE/filler" bs=4k count=1 status=none
        workers 1
        : >"$BATS_TEST_TMPDIR/peer.err"
        [[ $(ask_each good) == 200 ]]
        [[ $(ask_each good) == 200 ]]
        [[ $(grep -c 'No space left on device. Until then each worker fetches keys for itself' "$BATS_TEST_TMPDIR/peer.err") == 1 ]]
        call_cgi GET /private "$(bearer good)"
        denied 503 'Signing keys are unavailable'
        server_log | grep -q 'No space left on device. Plain CGI gets no keys without it'
        run --separate-stderr -73 ctl refresh
        case $options in
            size=*) said='no room for the record jwks-*.lock in the cache directory: No space left on device' ;;
            *) said='the record jwks-*.lock in the cache directory cannot be opened: No space left on device' ;;
        esac
        # shellcheck disable=SC2053  # a pattern
        [[ $stderr == "bearerctl refresh: "$said && -z $output ]]
        as_worker rm "$CACHE/filler"
        remount size=1m,nr_inodes=100
        ctl refresh
        call_cgi GET /private "$(bearer good)"
        answer 200 "$(claims good)"
        stop_lighttpd_and_disk
    done
    fetches_are 4
}

stop_lighttpd_and_disk() {
    _stop "$SERVER_DIR/pids/server"
    umount "$SERVER_DIR/disk"
    rmdir "$SERVER_DIR/disk"
    : >"$SERVER_DIR/log/error.log"
}

@test "no inode for a new document: the old keys stay, and nothing is left behind" {
    local before
    # The root, record and document.
    disk nr_inodes=3
    fill
    before=$(<"$(cache_file)")
    run --separate-stderr -73 ctl refresh
    [[ $stderr == 'bearerctl refresh: cannot create jwks-'*'.tmp: No space left on device; the old keys stay' ]]
    [[ $(<"$(cache_file)") == "$before" ]]
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
    remount nr_inodes=4
    ctl refresh
    [[ $(find "$CACHE" -type f | wc -l) == 2 ]]
    ctl refresh
}

@test "mounted read-only: what is cached is used, and refreshed by each worker for itself" {
    local before
    disk size=1m
    fill
    before=$(<"$(cache_file)")
    workers 2
    rotated
    remount ro
    [[ $(ask_each good | sort -u) == 200 ]]
    fetches_are 1
    run -0 ask_each new
    [[ $output == 200$'\n'200 ]]
    [[ $(grep -c 'Read-only file system. Until then each worker fetches keys for itself' "$BATS_TEST_TMPDIR/peer.err") == 2 ]]
    fetches_are 3
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
    call_cgi GET /private "$(bearer new)"
    denied 503 'Signing keys are unavailable'
    logged 'Read-only file system. Plain CGI gets no keys without it'
    run --separate-stderr -73 ctl refresh
    [[ $stderr == 'bearerctl refresh: the record '*'.lock in the cache directory cannot be opened: Read-only file system' ]]
    run -2 ctl doctor --offline
    [[ $output == *'cannot make a file there: Read-only file system'* ]]
    [[ $(<"$(cache_file)") == "$before" ]]
    remount rw
    call_cgi GET /private "$(bearer new)"
    answer 200 "$(claims new)"
    fetches_are 4
}

# no_locks: for a program that begins with it.
no_locks() {
    printf '%s\n' "$(_program strace)" -D -o /dev/null -e trace=flock -e inject=flock:error=ENOLCK
}

@test "a file system without locks: one line, and keys for each worker alone; by hand 73" {
    local strace
    mapfile -t strace < <(no_locks)
    # The leak checker cannot work in a process that is traced.
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    worker_up one "${strace[@]}"
    [[ $(ask_at "$SERVER_DIR/run/one.socket" good) == 200 ]]
    forge unknown stranger
    [[ $(ask_at "$SERVER_DIR/run/one.socket" unknown) == 401 ]]
    [[ $(ask_at "$SERVER_DIR/run/one.socket" good) == 200 ]]
    [[ $(grep -c 'cannot be locked: No locks available. Until then each worker fetches keys for itself' "$BATS_TEST_TMPDIR/peer.err") == 1 ]]
    [[ $(grep -vc ': warn: denied status=401' "$BATS_TEST_TMPDIR/peer.err") == 1 ]]
    fetches_are 1
    ctl_under=("${strace[@]}")
    run --separate-stderr -73 ctl refresh
    [[ $stderr == 'bearerctl refresh: the record jwks-'*'.lock in the cache directory cannot be locked: No locks available; set BEARER_CACHE_DIR to a directory on another file system' ]]
    # With cron: what the record says counts.
    ctl_under=()
    ctl refresh
    settings BEARER_REFRESH=external
    : >"$BATS_TEST_TMPDIR/peer.err"
    worker_up two "${strace[@]}"
    [[ $(ask_at "$SERVER_DIR/run/two.socket" good) == 200 ]]
    [[ $(ask_at "$SERVER_DIR/run/two.socket" unknown) == 401 ]]
    fetches_are 2
}

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154  # names shared with guard-cases and http-cases
# Of guard-cases: workers that hang, crash or are missing.

# A worker that hangs, is killed over a request, or is not there closes the door, with the answer that the page's table has; and it opens again.
guard_case_worker() {
    guard_hurried_server
    guard_targets_answer
    guard_hang
    guard_targets_answer
    guard_crash
    guard_last_row 'crashed worker'
    guard_targets_answer
    guard_miss
    guard_last_row 'missing worker'
    guard_restart_worker
    guard_targets_answer
}

# guard_last_row CASE: of the page's table, for the first answer of the last guard_urls.
guard_last_row() {
    read_answer
    guard_row "$1"
}

# guard_signal SIGNAL: to all workers, there must be some.
guard_signal() {
    local pids
    mapfile -t pids < <(guard_worker_pids)
    ((${#pids[@]} > 0)) || wrong 'there is no worker'
    kill -"$1" "${pids[@]}"
}

guard_hang() {
    guard_signal STOP
    guard_as full
    guard_urls "${targets[0]}"
    guard_signal CONT
    guard_no_secret 'a worker hangs'
    guard_last_row 'hung worker'
}

# guard_crash [TRIES]: all workers are killed while one has the request.
guard_crash() {
    local pid
    guard_signal STOP
    guard_as full
    {
        guard_urls "${targets[0]}"
        printf '%s\n' "${statuses[0]}" >"$BATS_TEST_TMPDIR/crash"
    } 3>&- 4>&- &
    pid=$!
    guard_await guard_request_waits
    guard_signal KILL
    wait "$pid"
    # On a busy machine the server may not have got so far: then a new worker has answered.
    if [[ $(<"$BATS_TEST_TMPDIR/crash") == 200 && ${1-} != 5 ]]; then
        guard_crash $((${1-0} + 1))
        return
    fi
    guard_no_secret 'a worker has crashed'
    [[ $(<"$BATS_TEST_TMPDIR/crash") == 5* ]] || wrong 'a worker has crashed'
    guard_restart_worker
}

# guard_request_waits: the server has handed a request to a socket of a worker: curl has sent it, and it is nowhere else.
guard_request_waits() {
    [[ -s $BATS_TEST_TMPDIR/got/config ]] && pgrep -f "$BATS_TEST_TMPDIR/got/config" >/dev/null && sleep 0.2
}

# guard_miss: the program is gone, and so are its processes. It is there again when this returns.
guard_miss() {
    guard_remove_workers
    guard_as full
    guard_urls "${targets[@]}"
    guard_no_secret 'no worker'
    [[ " ${statuses[*]} " =~ ^(\ 5[0-9][0-9])+\ $ ]] || wrong "no worker: ${statuses[*]}"
    install -m 755 "$top_builddir/bearer.fcgi" "$SERVER_DIR/libexec"
}

# guard_remove_workers: and no new one can be started.
guard_remove_workers() {
    rm "$SERVER_DIR/libexec/bearer.fcgi"
    guard_await guard_no_worker || wrong 'there are still workers'
}

guard_no_worker() {
    guard_worker_pids | xargs -r kill -KILL
    [[ -z $(guard_worker_pids) ]]
}

# guard_targets_answer: the door opens again, for whom it should, within 10 s.
guard_targets_answer() {
    guard_tricks
    guard_await guard_all_open || wrong "the door stays closed: ${statuses[*]}"
    guard_as none
    guard_urls "${targets[@]}"
    guard_no_secret 'after a restart'
    [[ " ${statuses[*]} " =~ ^(\ 401)+\ $ ]] || wrong "after a restart: ${statuses[*]}"
}

guard_all_open() {
    guard_as full
    guard_urls "${targets[@]}"
    [[ " ${statuses[*]} " =~ ^(\ 200)+\ $ ]]
}

# guard_await COMMAND...: until it is true, for 10 s at most.
guard_await() {
    local deadline=$((SECONDS + 10))
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.05
    done
}

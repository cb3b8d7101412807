# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154  # names shared with guard-cases
# Of guard-cases, for servers that do not start their workers: spawn-fcgi and multiwatch do, by the command in the shipped file GUARD_WORKERS.
: "${top_srcdir:?}" "${GUARD_WORKERS:?}"

guard_four_workers() {
    [[ $(guard_worker_pids | wc -l) -eq 4 ]]
}

# multiwatch keeps the socket, and the server waiting, until it has given up starting what is not there.
guard_no_worker() {
    local status=0
    guard_worker_pids | xargs -r kill -KILL
    [[ -z $(guard_worker_pids) ]] || return
    curl -q --silent --max-time 1 --unix-socket "$SERVER_DIR/run/workers.socket" http://localhost/ || status=$?
    ((status == 7)) # refused
}

guard_restart_worker() {
    _stop "$SERVER_DIR/pids/workers"
    start_workers "$GUARD_WORKERS"
    _await workers guard_four_workers
}

# A worker that dies with a request in hand. All workers wait at one socket, so that killing real ones hits a request only by luck: the next
# worker takes it. Here the first to come is a program that takes a request and dies, and the next is bearer.fcgi again.
guard_crash() {
    local program=$SERVER_DIR/libexec/bearer.fcgi
    _stop "$SERVER_DIR/pids/workers"
    mv "$program" "$SERVER_DIR/bearer.away"
    cat >"$program" <<END
#!/usr/bin/perl
use Socket;
open(my \$socket, '<&=0') or die;
open(my \$started, '>', '$SERVER_DIR/run/crasher') or die;
accept(my \$connection, \$socket) or die;
sysread(\$connection, my \$byte, 1);
kill 'KILL', \$\$;
END
    chmod 755 "$program"
    start_workers "$GUARD_WORKERS" 's/-f 4/-f 1/'
    _await workers test -e "$SERVER_DIR/run/crasher"
    mv "$SERVER_DIR/bearer.away" "$program"
    rm "$SERVER_DIR/run/crasher"
    guard_as full
    guard_urls "${targets[0]}"
    guard_no_secret 'a worker has crashed'
    [[ ${statuses[0]} == 5* ]] || wrong "a worker has crashed: ${statuses[0]}"
    guard_restart_worker
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The shipped systemd units: systemd takes them, and the very commands in them do what they are for, as shut in as can be had without systemd.

bats_require_minimum_version 1.5.0
load ../support/servers
load ../support/issuer

: "${top_srcdir:?}" "${top_builddir:?}"

AUDIENCE=https://api.example.test/

setup_file() {
    local unit
    server_dir
    install_programs
    mkdir "$SERVER_DIR/units"
    for unit in "$top_srcdir"/systemd/fcgi-bearer*; do
        FB_LIBEXEC=$SERVER_DIR/libexec FB_BEARERCTL=$SERVER_DIR/libexec/bearerctl FB_RUN=$SERVER_DIR/run FB_CACHE=$SERVER_DIR/cache \
            FB_USER=$WORKER_USER "$top_srcdir/tests/support/substitute.sh" "$unit" >"$SERVER_DIR/units/${unit##*/}"
    done
    export ISSUER_DIR=$SERVER_DIR/issuer
    (umask 022 && mkdir "$ISSUER_DIR")
    start_keys_server "$ISSUER_DIR"
    install -m 644 "$ISSUER_DIR/ca/ca.pem" "$SERVER_DIR/etc"
    (
        umask 022
        printf '%s\n' "AUTH0_ISSUER=$(<"$ISSUER_DIR/issuer")" "AUTH0_API_AUDIENCE=$AUDIENCE" "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem" \
            BEARER_LOG_LEVEL=info >"$SERVER_DIR/libexec/bearer.env"
    )
}

teardown_file() {
    server_remove
}

setup() {
    cd "$SERVER_DIR" || exit
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || server_log >&2
    _stop pids/workers
    rm -f run/workers.socket
    find cache -mindepth 1 -delete
}

# directive UNIT NAME: its values, one a line.
directive() {
    sed -n "s/^$2=//p" "units/fcgi-bearer$1"
}

# sandboxed COMMAND...: runs it as the unit's user, who can gain no privileges and, if root runs the tests, in a network of its own and with everything
# below SERVER_DIR read-only.
sandboxed() {
    if ((EUID == 0)); then
        # shellcheck disable=SC2016  # for the inner shell
        set -- unshare --net --mount sh -c 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"' "$SERVER_DIR" \
            setpriv --reuid="$WORKER_USER" --regid="$WORKER_GROUP" --init-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
    fi
    printf '%s\0' "$@"
}

# start_workers [COMMAND...]: what systemd does for the socket and the service. With COMMAND, that runs the program, as the user but in no sandbox.
start_workers() {
    local command environment socket mode
    socket=$(directive .socket ListenStream)
    mode=$(directive .socket SocketMode)
    [[ $(directive .service StandardInput) == socket ]]
    read -ra command < <(directive .service ExecStart)
    mapfile -t environment < <(directive .service Environment)
    command=(env "${environment[@]}" "${command[@]}")
    if (($# == 0)); then
        mapfile -d '' -t command < <(sandboxed "${command[@]}")
    elif ((EUID == 0)); then
        set -- setpriv --reuid="$WORKER_USER" --regid="$WORKER_GROUP" --init-groups -- "$@"
    fi
    _start workers chrt "--$(directive .service CPUSchedulingPolicy)" 0 spawn-fcgi -n -s "$socket" -M "$mode" ${SOCKET_OWNER[0]+"${SOCKET_OWNER[@]}"} -- "$(type -P env)" "$@" "${command[@]}"
    _await workers _listening
}
if ((EUID == 0)); then
    SOCKET_OWNER=(-U "$WORKER_USER" -G "$WORKER_GROUP")
fi

_listening() {
    [[ -S $SERVER_DIR/run/workers.socket ]] && workers 4
}

# workers N: whether that many run.
workers() {
    [[ $(pgrep --count --full "^$SERVER_DIR/libexec/bearer.fcgi\$") == "$1" ]]
}

# refresh: what the timer does.
refresh() {
    local command environment
    read -ra command < <(directive -refresh.service ExecStart)
    mapfile -t environment < <(directive -refresh.service Environment)
    as_worker "$@" env -i ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "${environment[@]}" "${command[@]}" </dev/null
}

# refresh_finds N: fetches, and says whether there are that many keys now. lighttpd may serve what it had for a second more.
refresh_finds() {
    refresh 2>&1 | grep -q "^$1 usable key"
}

# await COMMAND...: until it succeeds, ten seconds at most.
await() {
    local deadline=$((SECONDS + 10))
    until "$@"; do
        ((SECONDS < deadline)) || {
            echo "not so in 10 s: $*" >&2
            return 1
        }
        sleep 0.02
    done
}

token() {
    issuer token "$ISSUER_DIR" --aud "$AUDIENCE"
}

# answered STATUS TOKEN: by workers, as many times as there are; several are idle, and any of them may take it.
answered() {
    local out _
    for _ in {1..8}; do
        out=$("$top_builddir/fcgi-peer" run/workers.socket REQUEST_METHOD=GET PATH_INFO=/private "HTTP_AUTHORIZATION=Bearer $2" 2>&1)
        [[ $out == *"Status: $1 "* ]] || {
            printf 'wanted %s, got: %s\n' "$1" "$out" >&2
            return 1
        }
    done
}

@test "systemd takes the units as they stand" {
    run -0 env "SYSTEMD_UNIT_PATH=$PWD/units:" systemd-analyze verify --man=no --recursive-errors=no units/fcgi-bearer*
    [[ -z $output ]]
}

@test "nothing but paths and users differs from the files that are shipped" {
    local unit
    for unit in units/*; do
        diff <(grep -v / "$unit" | sed "s/=($WORKER_USER|$WORKER_GROUP)\$/=www-data/" -E) <(grep -v / "$top_srcdir/systemd/${unit##*/}")
    done
}

@test "workers and refresh: one user, one cache, which the refresh alone may write" {
    local name
    for name in User Group Environment ProtectSystem NoNewPrivileges SystemCallFilter; do
        [[ -n $(directive .service "$name") ]]
        [[ $(directive .service "$name") == "$(directive -refresh.service "$name")" ]]
    done
    [[ $(directive .service ProtectSystem) == strict ]]
    [[ $(directive -refresh.service CacheDirectory) == fcgi-bearer ]]
    run -1 grep -E '^(CacheDirectory|StateDirectory|RuntimeDirectory|ReadWritePaths|BindPaths)' units/fcgi-bearer.service
    grep -qx 'Environment=BEARER_REFRESH=external' units/fcgi-bearer.service
    grep -qx PrivateNetwork=yes units/fcgi-bearer.service
}

@test "D10: both are bounded in users, processes, memory and core files; the workers reach no address, the refresh does" {
    local unit
    for unit in .service -refresh.service; do
        [[ $(directive "$unit" PrivateUsers) == yes ]]
        [[ $(directive "$unit" LimitCORE) == 0 ]]
        [[ $(directive "$unit" MemoryMax) == 256M ]]
        [[ $(directive "$unit" TasksMax) =~ ^[0-9]+$ ]]
    done
    [[ $(directive .service IPAddressDeny) == any ]]
    [[ -z $(directive -refresh.service IPAddressDeny) ]]
    # systemd's own tool knows them by these names, and finds nothing of the kind to ask for any more.
    run -0 env LC_ALL=C systemd-analyze security --no-pager --offline=true units/fcgi-bearer.service
    [[ $output == *'+ PrivateUsers='* && $output == *'+ IPAddressDeny='* ]]
}

@test "systemd counts them among the safe ones" {
    systemd-analyze security --no-pager --offline=true --threshold=8 units/fcgi-bearer.service
    systemd-analyze security --no-pager --offline=true --threshold=20 units/fcgi-bearer-refresh.service
}

@test "ExecStart on a listening socket: workers answer, read the keys the refresh has fetched, and write nothing" {
    local pid first second
    first=$(token)
    start_workers
    answered 503 "$first"
    refresh
    answered 200 "$first"

    issuer rotate "$ISSUER_DIR" >/dev/null
    second=$(token)
    answered 401 "$second"
    await refresh_finds 2
    answered 200 "$second"
    answered 200 "$first"
    # A document and a record, which the refresh has made.
    [[ $(find cache -type f | wc -l) == 2 ]]

    for pid in $(pgrep --full "^$SERVER_DIR/libexec/bearer.fcgi\$"); do
        if ((EUID == 0)); then
            grep -q $'^Uid:\t'"$(id -u "$WORKER_USER")"$'\t' "/proc/$pid/status"
            grep -q $'^NoNewPrivs:\t1' "/proc/$pid/status"
            grep -q $'^CapBnd:\t0*$' "/proc/$pid/status"
            run -1 nsenter --target "$pid" --mount touch "$SERVER_DIR/cache/file"
        fi
    done
}

# closed PID: whether the workers' user, who runs other programs too, is kept from what that process holds.
closed() {
    local said
    said=$(! as_worker dd if="/proc/$1/mem" of=/dev/null bs=1 count=1 2>&1) && [[ $said == *'Permission denied'* ]] &&
        said=$(! as_worker cat "/proc/$1/environ" 2>&1) && [[ $said == *'Permission denied'* ]] &&
        said=$(! as_worker timeout 5 strace -qq -p "$1" 2>&1) && [[ $said == *'ptrace(PTRACE_SEIZE, '*'Operation not permitted'* ]]
}

@test "D10: another process of the same user can neither read a worker's memory nor trace it, nor that of a command with a token" {
    local token pid count=0
    token=$(token)
    start_workers
    await refresh_finds '[12]'
    answered 200 "$token"
    # Of programs that do nothing about it, everything can be read: it is not the machine that keeps them closed.
    as_worker cat "/proc/$(pgrep -x -n multiwatch)/environ" >/dev/null
    for pid in $(pgrep --full "^$SERVER_DIR/libexec/bearer.fcgi\$"); do
        closed "$pid"
        count=$((count + 1))
    done
    ((count == 4))

    mkfifo "$BATS_TEST_TMPDIR/token"
    chmod 644 "$BATS_TEST_TMPDIR/token"
    as_worker env BEARER_CACHE_DIR="$PWD/cache" "$(directive -refresh.service ExecStart | cut -d ' ' -f 1)" explain - <>"$BATS_TEST_TMPDIR/token" >/dev/null 3>&- 4>&- &
    await pgrep --full "bearerctl explain -\$"
    pid=$(pgrep --full "bearerctl explain -\$")
    await closed "$pid" # it has only just begun
    kill "$pid"
    wait "$!" || true
}

@test "a worker that is killed is replaced, and the others answer meanwhile" {
    local token pid
    token=$(token)
    start_workers
    await refresh_finds '[12]'
    for _ in 1 2 3 4 5 6 7; do # the one that replaced the last one: more often than multiwatch puts up with unless it is told to
        pid=$(pgrep --newest --full "^$SERVER_DIR/libexec/bearer.fcgi\$")
        kill -KILL "$pid"
        _await workers eval "! process_runs $pid && workers 4"
        answered 200 "$token"
    done
}

@test "stopped by SIGTERM, workers finish what they have in hand" {
    local token client
    token=$(token)
    start_workers
    await refresh_finds '[12]'
    mkfifo "$BATS_TEST_TMPDIR/body"
    "$top_builddir/fcgi-peer" run/workers.socket --body - REQUEST_METHOD=GET PATH_INFO=/private "HTTP_AUTHORIZATION=Bearer $token" \
        <"$BATS_TEST_TMPDIR/body" >"$BATS_TEST_TMPDIR/answer" 3>&- 4>&- &
    client=$!
    exec 7>"$BATS_TEST_TMPDIR/body"
    _await workers _in_hand
    kill "$(<pids/workers)"
    _await workers workers 1 # the idle ones have gone
    exec 7>&-
    wait "$client"
    [[ $(<"$BATS_TEST_TMPDIR/answer") == 'Status: 200 OK'* ]]
    _ended "$(<pids/workers)"
    rm pids/workers
    workers 0
}

# Whether a worker holds a connection, beside the socket they listen on.
_in_hand() {
    local pid
    for pid in $(pgrep --full "^$SERVER_DIR/libexec/bearer.fcgi\$"); do
        [[ $(find "/proc/$pid/fd" -lname 'socket:*' 2>/dev/null | wc -l) -lt 2 ]] || return 0
    done
    return 1
}

# allowed: the system calls that the units' SystemCallFilter lets through, as systemd has them.
allowed() {
    systemd-analyze --no-pager syscall-filter | awk -v "filter=$(directive .service SystemCallFilter | tr '\n' ' ')" '
        /^@/ { set = $1 }
        /^ +[@a-z_]/ { members[set] = members[set] " " $1 }
        function put(name, value, n, i, part) {
            if (name !~ /^@/) { call[name] = value; return }
            n = split(members[name], part, " ")
            for (i = 1; i <= n; i++) put(part[i], value)
        }
        END {
            n = split(filter, word, " ")
            for (i = 1; i <= n; i++) {
                if (word[i] ~ /^~/) { value = 0; sub(/^~/, "", word[i]) } else if (i == 1) value = 1
                put(word[i], value)
            }
            put("@default", 1)
            for (name in call) if (call[name]) print name
        }' | sort
}

trace_is_whole() {
    [[ -z $(find /proc/[0-9]*/fd -lname "$SERVER_DIR/trace/workers" 2>/dev/null) ]]
}

@test "they make no system call that the units forbid" {
    local token ASAN_OPTIONS=${ASAN_OPTIONS-}${ASAN_OPTIONS:+:}detect_leaks=0 # which traces, and cannot while it is traced
    export ASAN_OPTIONS
    allowed >"$BATS_TEST_TMPDIR/allowed"
    grep -qx accept "$BATS_TEST_TMPDIR/allowed"
    run -1 grep -qx -e mount -e chown -e setuid -e bpf "$BATS_TEST_TMPDIR/allowed"

    worker_dir trace
    start_workers strace -D -f -qq -e signal=none -o "$PWD/trace/workers"
    token=$(token)
    answered 503 "$token"
    refresh strace -f -qq -e signal=none -o "$PWD/trace/refresh"
    answered 200 "$token"
    answered 401 x
    _stop pids/workers
    await trace_is_whole
    cat trace/* >"$BATS_TEST_TMPDIR/trace"
    rm -r trace

    sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' "$BATS_TEST_TMPDIR/trace" | sort -u >"$BATS_TEST_TMPDIR/made"
    grep -qx accept4 "$BATS_TEST_TMPDIR/made"
    grep -qx connect "$BATS_TEST_TMPDIR/made"
    run -0 comm -13 "$BATS_TEST_TMPDIR/allowed" "$BATS_TEST_TMPDIR/made"
    [[ -z $output ]]
    # MemoryDenyWriteExecute
    run -1 grep -E '(PROT_WRITE\|PROT_EXEC|mprotect\(.*PROT_EXEC)' "$BATS_TEST_TMPDIR/trace"
}

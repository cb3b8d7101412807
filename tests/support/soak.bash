#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# soak.bash short | lie | MINUTES: good and bad tokens at full speed through lighttpd with the shipped fcgi-bearer.conf, while keys rotate, the issuer fails and
# lighttpd is restarted. `soak` (soak.c) makes the traffic and judges every answer; here is what happens meanwhile, and whether the workers stay as they are.
# The last line is "N answers, all right", or the exit status is 1 and the first wrong ones are told in full. Needs top_srcdir and top_builddir.
set -eu

# shellcheck source=tests/support/servers.bash
. "${top_srcdir:?}/tests/support/servers.bash"

AUDIENCE=https://api.example.test/
CONNECTIONS=16
WORKERS=4 # as the shipped file has it

# What a worker may grow by from the first third of its life to the last, in KiB of private memory; and the descriptors it has open for a moment while it
# has keys refreshed.
GROWTH=256
MOMENTARY=5

troubles=0

note() {
    printf '%4d s  %s\n' "$SECONDS" "$*"
}

trouble() {
    troubles=$((troubles + 1))
    printf 'WRONG: %s\n' "$*"
}

# --- the servers

settings() {
    TTL=$1 MAX_STALE=$2 COOLDOWN=$3 LEEWAY=$4
}

set_up() {
    server_dir
    KEYS=$SERVER_DIR/keys
    mkdir -m 755 "$KEYS"
    start_keys_server "$KEYS"
    ISSUER=$(<"$KEYS/issuer")
    install -m 644 "$KEYS/ca/ca.pem" "$SERVER_DIR/etc"
    install_programs
    configure "AUTH0_ISSUER=$ISSUER" "AUTH0_API_AUDIENCE=$AUDIENCE" "AUTH0_ALGORITHMS=RS256 ES256" \
        "BEARER_JWKS_URI=${ISSUER}.well-known/jwks.json" "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem" \
        "BEARER_JWKS_TTL=$TTL" "BEARER_JWKS_MAX_STALE=$MAX_STALE" "BEARER_JWKS_COOLDOWN=$COOLDOWN" "BEARER_LEEWAY=$LEEWAY"
    sanitizers
    start_lighttpd snippet
    await all_workers
    worker_pids >"$SERVER_DIR/workers"
}

# sanitizers: what is freed is free, since a worker's memory is to be seen, not theirs. They still keep books that grow, those
# of gcc 14 by some 3 MiB in the first seconds; a leak they tell of themselves.
sanitizers() {
    ! ldd "$top_builddir/bearer.fcgi" | grep -q libasan || GROWTH=8192
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=0:thread_local_quarantine_size_kb=0:log_path=$SERVER_DIR/log/sanitizer"
}

# complaints: of theirs, about workers that have ended.
complaints() {
    stop_server
    if compgen -G "$SERVER_DIR/log/sanitizer.*" >/dev/null; then
        head -n 30 "$SERVER_DIR"/log/sanitizer.*
        trouble "the sanitizers complain"
    fi
}

tear_down() {
    local status=$?
    trap - EXIT
    set +e
    [[ ! -e ${KEYS-}/pids/server ]] || kill -CONT "$(<"$KEYS/pids/server")"
    [[ -z ${traffic-} ]] || kill "$traffic"
    server_remove || status=1
    exit "$status"
}

# worker_pids: lighttpd's children. A worker's own child, too, is bearer.fcgi until it has become bearerctl.
worker_pids() {
    local pid stat
    while read -r pid; do
        if read -r stat 2>/dev/null <"/proc/$pid/stat" && [[ ${stat##*) } == ?" $(<"$SERVER_DIR/pids/server") "* ]]; then
            echo "$pid"
        fi
    done < <(find /proc/[0-9]*/exe -maxdepth 0 -lname "*$SERVER_DIR/libexec/bearer.fcgi" 2>/dev/null | cut -d/ -f3)
}

all_workers() {
    [[ $(worker_pids | wc -l) == "$WORKERS" ]]
}

# --- the traffic

start_traffic() {
    coproc SOAK { exec "$top_builddir/soak" "$(server_url)/api" "$CONNECTIONS" "$SERVER_DIR/cache" "${ISSUER}.well-known/jwks.json" \
        "$SERVER_DIR/etc/ca.pem" "$TTL" "$MAX_STALE" "$COOLDOWN" "$LEEWAY" 2>"$SERVER_DIR/wrong"; }
    traffic_in=${SOAK[1]} traffic_out=${SOAK[0]} traffic=$SOAK_PID # bash forgets its own when it ends
}

# tell COMMAND...: returns when it holds.
tell() {
    local said
    echo "$*" >&"$traffic_in"
    while read -r said <&"$traffic_out" && [[ $said == "not yet" ]]; do
        sleep 0.01
        echo "$*" >&"$traffic_in"
    done
    [[ ${said-} != "done" ]] || return 0
    echo "soak: $1 ${2-}: ${said-it has ended}" >&2
    cat "$SERVER_DIR/wrong" >&2
    return 1
}

issuer() {
    "$top_builddir/bearer-issuer" "$@" </dev/null
}

# mint POOL [ARGUMENT...]
mint() {
    local pool=$1 token
    shift
    token=$(issuer token "$KEYS" --aud "$AUDIENCE" "$@")
    tell token "$pool" "$token"
}

# By the key that signs now.
mint_all() {
    local i
    for i in 1 2 3; do
        mint good --sub "good|$i" --exp 86400
        mint scoped --sub "scoped|$i" --scope read:messages --exp 86400
    done
    mint expired --exp -600
    mint audience --claim 'aud=["https://other.example.test/"]'
    mint issuer --claim 'iss="https://other.example.test/"'
    mint_brief
}

# Tokens that will expire and that will become valid while they are in use.
mint_brief() {
    mint brief --exp $((1 + RANDOM % 5))
    mint early --exp 86400 --claim "nbf=$((EPOCHSECONDS + LEEWAY + 1 + RANDOM % 5))"
}

# --- time

# tick: what is done about once a second, whatever else is going on.
tick() {
    sleep 0.1
    ((SECONDS > ticked)) || return 0
    ticked=$SECONDS
    mint_brief
    sample
}
ticked=0

# pass SECONDS
pass() {
    local end=$((SECONDS + $1))
    while ((SECONDS < end)); do
        tick
    done
}

# await COMMAND...: until it succeeds; after a minute that is told, and fails.
await() {
    local deadline=$((SECONDS + 60))
    until "$@"; do
        if ((SECONDS >= deadline)); then
            trouble "in 60 s this did not come true: $*"
            return 1
        fi
        sleep 0.05
    done
}

# --- the workers

# sample: memory (KiB) and descriptors of every worker. None may have ended since the last restart.
sample() {
    local pid
    for pid in $(<"$SERVER_DIR/workers"); do
        if ! awk -v pid="$pid" -v now="$SECONDS" -v fds="$(find "/proc/$pid/fd" -type l 2>/dev/null | wc -l)" '
            /^Rss:/ { rss = $2 } /^Private_Dirty:/ { dirty = $2 } END { if (!rss) exit 1; print pid, now, rss, dirty, fds }' \
            "/proc/$pid/smaps_rollup" >>"$SERVER_DIR/samples" 2>/dev/null; then
            trouble "worker $pid has ended"
            worker_pids >"$SERVER_DIR/workers"
            return
        fi
    done
}

# flat: a line for each worker; fails if one has grown. The first fifth of its samples is warm-up.
flat() {
    awk -v growth="$GROWTH" -v momentary="$MOMENTARY" '
        function median(values, from, to,    i, j, v, sorted) {
            for (i = from; i <= to; i++) {
                v = values[i]
                for (j = i - 1; j >= from && sorted[j] > v; j--) sorted[j + 1] = sorted[j]
                sorted[j + 1] = v
            }
            return sorted[int((from + to) / 2)]
        }
        function extreme(values, from, to, sign,    i, m) {
            m = values[from]
            for (i = from; i <= to; i++) if (values[i] * sign > m * sign) m = values[i]
            return m
        }
        function finish(    from, third, before, after, most, least, bad) {
            from = int(n / 5) + 1
            third = int((n - from + 1) / 3)
            if (third < 2) return
            before = median(dirty, from, from + third - 1)
            after = median(dirty, n - third + 1, n)
            most = extreme(fds, from, from + third - 1, 1)
            least = extreme(fds, n - third + 1, n, -1)
            bad = after - before > growth || least > most + momentary
            printf "worker %s: %d s, private %d -> %d KiB, rss %d -> %d KiB, descriptors at most %d -> at least %d%s\n", pid, at[n] - at[1], before,
                after, median(rss, from, from + third - 1), median(rss, n - third + 1, n), most, least, bad ? "  WRONG: it grows" : ""
            if (bad) grown = 1
        }
        $1 != pid { if (n) finish(); pid = $1; n = 0 }
        { n++; at[n] = $2; rss[n] = $3; dirty[n] = $4; fds[n] = $5 }
        END { finish(); exit grown }' < <(sort -n -k1,1 -k2,2 "$SERVER_DIR/samples")
}

# --- what happens

cache_has() {
    grep -qF "\"kid\":\"$1\"" "$SERVER_DIR"/cache/jwks-*.json
}

cache_has_not() {
    ! cache_has "$1"
}

# publish [ALG]: the next key, a TTL before it signs. Should the workers not have it then, good tokens by it are refused, and that is told.
publish() {
    next=$(issuer rotate "$KEYS" --publish ${1:+--alg "$1"})
    note "key $next is published${1:+ ($1)}"
    pass $((TTL + 1))
    await cache_has "$next" || true
}

# sign: with the key that was published.
sign() {
    old=${current-} current=$(issuer rotate "$KEYS")
    mint_all
    note "key $current signs"
}

# withdraw: the key that signed before.
withdraw() {
    tell drop "$old"
    issuer rotate "$KEYS" --drop
    await cache_has_not "$old" || true
    note "key $old is withdrawn, and no worker has it any more"
}

# outage KIND SECONDS [COMMAND]: COMMAND in the middle of it.
outage() {
    local since
    tell issuer changing
    break_issuer "$1"
    tell issuer down
    note "the issuer is down: $1"
    pass $(($2 / 2))
    ${3-:}
    pass $(($2 - $2 / 2))
    tell issuer changing
    mend_issuer "$1"
    tell issuer up
    since=$EPOCHSECONDS
    note "the issuer is up again"
    await fetched_since "$since" || true
}

fetched_since() {
    (($(sed -n 's/.*"fetched":\([0-9]*\).*/\1/p' "$SERVER_DIR"/cache/jwks-*.json) >= $1))
}

break_issuer() {
    local document=$KEYS/www/.well-known/jwks.json
    case $1 in
        stopped) stop_keys_server "$KEYS" ;;
        hangs) kill -STOP "$(<"$KEYS/pids/server")" ;;
        answers-500)
            stop_keys_server "$KEYS"
            cp "$KEYS/keys-server.conf" "$KEYS/keys-server.good"
            printf '%s\n' 'server.modules += ( "mod_cgi" )' 'cgi.assign = ( ".json" => "/bin/false" )' >>"$KEYS/keys-server.conf"
            resume_keys_server "$KEYS"
            ;;
        answers-garbage)
            cp "$document" "$KEYS/jwks.good"
            echo '<html><body>Please log in</body></html>' >"$document.new"
            mv "$document.new" "$document"
            ;;
    esac
}

mend_issuer() {
    local document=$KEYS/www/.well-known/jwks.json
    case $1 in
        stopped) resume_keys_server "$KEYS" ;;
        hangs) kill -CONT "$(<"$KEYS/pids/server")" ;;
        answers-500)
            stop_keys_server "$KEYS"
            mv "$KEYS/keys-server.good" "$KEYS/keys-server.conf"
            resume_keys_server "$KEYS"
            ;;
        answers-garbage)
            cp "$KEYS/jwks.good" "$document.new"
            mv "$document.new" "$document"
            ;;
    esac
}

# restart: lighttpd, as SIGUSR1 means it: requests under way are finished, then everything is made anew.
restart() {
    local old_workers
    old_workers=$(<"$SERVER_DIR/workers")
    tell server changing
    kill -USR1 "$(<"$SERVER_DIR/pids/server")"
    await new_workers "$old_workers"
    worker_pids >"$SERVER_DIR/workers"
    await answers
    tell server steady
    note "lighttpd was restarted"
}

# new_workers OLD: none of the old ones is left.
new_workers() {
    local pid
    for pid in $1; do
        [[ ! -e /proc/$pid ]] || return 1
    done
    all_workers
}

answers() {
    curl -q --silent --noproxy '*' --max-time 20 --fail -o /dev/null "$(server_url)/api/public"
}

# --- the runs

# In the tests: one of each.
short_run() {
    tell unknown off
    pass 2
    publish
    sign
    tell unknown on
    restart
    withdraw
    outage stopped $((MAX_STALE + 2))
    pass 1
}

# A token that is not what it is said to be: the judge must say so.
lying_run() {
    mint good --claim 'aud=["https://other.example.test/"]'
    pass 2
}

# long_run SECONDS: restarts, also while the issuer is down, in the first half. The workers of the second live through all of it.
long_run() {
    local end=$((SECONDS + $1)) half=$((SECONDS + $1 / 2)) cycle=0 kinds=(stopped hangs answers-500 answers-garbage) algs=(ES256 RS256) long meanwhile
    while ((SECONDS < end)); do
        tell unknown off
        pass $((TTL * 2))
        publish "${algs[cycle % 2]}"
        sign
        tell unknown on
        pass $((COOLDOWN * 3))
        # Every other time around, beyond MAX_STALE.
        long=$((cycle / ${#kinds[@]} % 2 == 0 ? MAX_STALE / 2 : MAX_STALE + 5))
        meanwhile=:
        ((cycle % 4 != 2 || SECONDS > half)) || meanwhile=restart
        outage "${kinds[cycle % 4]}" "$long" "$meanwhile"
        withdraw
        ((cycle % 2 != 0 || SECONDS > half)) || restart
        cycle=$((cycle + 1))
    done
}

finish() {
    local fetches started
    exec {traffic_in}>&-
    cat <&"$traffic_out" >"$SERVER_DIR/report"
    wait "$traffic" || troubles=$((troubles + 1))
    traffic=
    fetches=$(keys_fetches "$KEYS")
    complaints
    started=$(sed -n 's/^\([0-9]*\) refreshes started.*/\1/p' "$SERVER_DIR/report")
    cat "$SERVER_DIR/wrong"
    flat || trouble "memory or descriptors of a worker are not flat"
    ((fetches <= started && started <= SECONDS / COOLDOWN + 1)) ||
        trouble "$fetches fetches and $started refreshes in $SECONDS s, with a cooldown of $COOLDOWN s"
    echo "the keys were fetched $fetches times in $SECONDS s (TTL $TTL s, cooldown $COOLDOWN s, none older than $MAX_STALE s)"
    if ((troubles > 0)); then
        sed '$d' "$SERVER_DIR/report"
        echo "$(tail -n 1 "$SERVER_DIR/report"); $troubles troubles"
        return 1
    fi
    cat "$SERVER_DIR/report"
}

main() {
    case ${1-} in
        short | lie) settings 2 8 1 1 ;;
        [1-9] | [1-9][0-9] | [1-9][0-9][0-9] | [1-9][0-9][0-9][0-9]) settings 5 20 2 2 ;;
        *)
            echo "usage: soak.bash short | lie | MINUTES" >&2
            exit 64
            ;;
    esac
    trap tear_down EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    set_up
    start_traffic
    current=$(grep -o '"kid":"[^"]*"' "$KEYS/www/.well-known/jwks.json" | cut -d '"' -f 4)
    mint_all
    note "traffic over $CONNECTIONS connections to $WORKERS workers"
    case $1 in
        short) short_run ;;
        lie) lying_run ;;
        *) long_run $(($1 * 60)) ;;
    esac
    finish
}

main "$@"

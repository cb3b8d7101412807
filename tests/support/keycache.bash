# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034  # ISSUER, ctl_env and ctl_under are read by others
# The key cache over real HTTPS: an issuer whose fetches are counted, workers behind lighttpd, time that passes without waiting. For bats:
# `load ../support/keycache`. Everything a test makes is in $SERVER_DIR; teardown calls keycache_down.
#
#   issuer_up [ES256|RS256]     makes SERVER_DIR with the programs and an issuer in $KEYS, serves its documents, signs the token "good"
#   settings [NAME=VALUE...]    the workers' bearer.env; what is not given is as for that issuer, with a cooldown of an hour
#   workers N [EDIT]            starts lighttpd with N workers; EDIT as for start_lighttpd
#   sign NAME [ARGUMENT...]     a token of that name (see token, bearer, claims in http-cases.bash), by the key that signs now
#   forge NAME KID              one with this kid, whose claims fit and whose signature does not
#   another_issuer [same-kid]   makes one of the same name, with a key of its own; signs the token "new"; its document is in $other
#   ctl ARGUMENT...             bearerctl as the workers' user, in an environment of its own and $ctl_env, started by the command $ctl_under
#   fill                        fills the cache by hand, an hour ago as far as the cooldown knows
#   fetches_are N               so often the keys were asked for up to now
#   pass KEYS RECORD            lets seconds pass since the keys were fetched, and since the last attempt and sighting (0: that stays as it is; below 0: it
#                               lies in the future)
#   ask TOKEN                   one request for /private: prints its status and, after a space, Retry-After
#   ask_each TOKEN              the same, of each worker; what they log is in $BATS_TEST_TMPDIR/peer.err
#   ask_at SOCKET TOKEN         of the worker at that socket
#   worker_up NAME [COMMAND...] a worker of its own, without a server, at $SERVER_DIR/run/NAME.socket; COMMAND starts it
#   worker_down NAME            stops it
#   persist TOKEN               asks again as long as 503 says to come back in a second; prints each answer
#   at_once COMMAND...          for each command a line of words: runs them all at once; what they print is in $BATS_TEST_TMPDIR/said.N
#   logged TEXT [COUNT]         so many lines (1) of the servers' log have it

load ../support/http-cases
load ../support/cachefile
: "${top_builddir:?}"

# Of the test, not of the file as in http-cases.bash.
token() {
    cat "$BATS_TEST_TMPDIR/tokens/$1"
}

issuer_up() {
    local alg=${1-ES256}
    server_dir
    KEYS=$SERVER_DIR/keys
    CACHE=$SERVER_DIR/cache
    mkdir -m 755 "$KEYS"
    start_keys_server "$KEYS" --alg "$alg"
    ISSUER=$(<"$KEYS/issuer")
    install -m 644 "$KEYS/ca/ca.pem" "$SERVER_DIR/etc"
    install_programs
    ctl_env=()
    ctl_under=()
    mkdir "$BATS_TEST_TMPDIR/tokens"
    sign good
    settings "AUTH0_ALGORITHMS=$alg"
}

keycache_down() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || { echo "--- the end of the log:" && server_log 2>/dev/null | tail -n 30; } >&2
    # Should a test have stopped it for good.
    [[ ! -e $KEYS/pids/server ]] || kill -CONT "$(<"$KEYS/pids/server")"
    stop_asking
    server_remove
}

settings() {
    local setting list=()
    local -A given=([AUTH0_ISSUER]=$ISSUER [AUTH0_API_AUDIENCE]=$AUDIENCE [AUTH0_ALGORITHMS]=ES256
        [BEARER_JWKS_URI]=${ISSUER}.well-known/jwks.json [BEARER_CA_FILE]=$SERVER_DIR/etc/ca.pem
        [BEARER_JWKS_COOLDOWN]=3600 [BEARER_LOG_LEVEL]=info [BEARER_CACHE_DIR]=$CACHE)
    for setting; do
        given[${setting%%=*}]=${setting#*=}
    done
    for setting in "${!given[@]}"; do
        [[ -z ${given[$setting]} ]] || list+=("$setting=${given[$setting]}")
    done
    (umask 022 && printf '%s\n' "${list[@]}" | tee "$SERVER_DIR/etc/bearer.env" >"$SERVER_DIR/libexec/bearer.env")
}

# Without min-procs there are four at first, whatever the file says.
workers() {
    FB_WORKERS=$1 start_lighttpd snippet "s|\"max-procs\"|\"min-procs\" => $1, &|;${2-}"
}

sign() {
    local name=$1
    shift
    issuer_run token "$KEYS" --aud "$AUDIENCE" "$@" >"$BATS_TEST_TMPDIR/tokens/$name.new"
    mv "$BATS_TEST_TMPDIR/tokens/$name.new" "$BATS_TEST_TMPDIR/tokens/$name"
}

forge() {
    local good header
    good=$(token good)
    header=$(printf '{"alg":"ES256","typ":"at+jwt","kid":"%s"}' "$2" | base64 -w 0 | tr -d = | tr +/ -_)
    printf '%s.%s' "$header" "${good#*.}" >"$BATS_TEST_TMPDIR/tokens/$1"
}

another_issuer() {
    local dir=$BATS_TEST_TMPDIR/other kid
    kid=$(issuer_run init "$dir" --issuer "$ISSUER" --alg ES256)
    if [[ ${1-} == same-kid ]]; then
        find "$dir" -type f -exec sed -i "s/$kid/$(published_kids)/g" {} +
        find "$dir/private" -name "*$kid*" -exec sh -c 'mv "$1" "$(printf %s "$1" | sed "s/$2/$3/")"' sh {} "$kid" "$(published_kids)" \;
    fi
    issuer_run token "$dir" --aud "$AUDIENCE" >"$BATS_TEST_TMPDIR/tokens/new"
    other=$(<"$dir/www/.well-known/jwks.json")
}

ctl() {
    local name environment=("${ctl_env[@]}")
    for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
        [[ -z ${!name-} ]] || environment+=("$name=${!name}")
    done
    as_worker env -i PATH="$PATH" LANG=C "${environment[@]}" "${ctl_under[@]}" "$SERVER_DIR/libexec/bearerctl" "$@" </dev/null
}

fill() {
    ctl refresh >"$BATS_TEST_TMPDIR/filled"
    pass 0 7200
}

# cache_file, record_file: their paths, of the one URI there is.
cache_file() {
    find "$CACHE" -name 'jwks-*.json'
}

record_file() {
    find "$CACHE" -name 'jwks-*.lock'
}

# record: what is in it without its padding: version, when, first sighting of a set without a usable key (when, sum), outcome (1 running, 2 succeeded, 3 failed), logged, reason.
record() {
    local line
    line=$(<"$(record_file)")
    printf '%s\n' "${line%"${line##*[! ]}"}"
}

# cached_kids: those in the cache, sorted, on one line.
cached_kids() {
    grep -ao '"kid":"[^"]*"' "$(cache_file)" | cut -d '"' -f 4 | sort | paste -sd ' '
}

published_kids() {
    grep -o '"kid":"[^"]*"' "$KEYS/www/.well-known/jwks.json" | cut -d '"' -f 4 | sort | paste -sd ' '
}

pass() {
    local now file text
    now=$(date +%s)
    if (($1 != 0)); then
        file=$(cache_file)
        text=$(fetched_then "$file" $((now - $1)))
        # shellcheck disable=SC2016  # for the inner shell
        as_worker sh -c 'umask 077 && printf "%s\n" "$2" >"$1.new" && mv "$1.new" "$1"' sh "$file" "$text"
    fi
    if (($2 != 0)); then
        # In place: the lock is on this very file.
        file=$(record_file)
        text=$(awk -v when=$((now - $2)) -v passed="$2" '{ $2 = when; if ($3 > 0) $3 -= passed; printf "%-511s", $0 }' "$file")
        # shellcheck disable=SC2016  # for the inner shell
        as_worker sh -c 'printf "%s\n" "$2" | dd of="$1" conv=notrunc status=none' sh "$file" "$text"
    fi
}

fetches_are() {
    local count deadline=$((SECONDS + 10))
    # An answer may arrive before its line is written.
    until count=$(keys_fetches "$KEYS") && ((count >= $1 || SECONDS >= deadline)); do
        sleep 0.05
    done
    if ((count != $1)); then
        echo "the keys were fetched $count times, not $1" >&2
        return 1
    fi
}

# await COMMAND...: until it succeeds, at most 20 s.
await() {
    local deadline=$((SECONDS + 20))
    until "$@"; do
        if ((SECONDS >= deadline)); then
            echo "in 20 s this did not come true: $*" >&2
            return 1
        fi
        sleep 0.02
    done
}

lock_is_free() {
    as_worker flock -n "$(record_file)" true
}

ask() {
    curl -q --silent --show-error --noproxy '*' --max-time 20 -o /dev/null -w '%{http_code} %header{retry-after}\n' \
        -H "$(bearer "$1")" "$(server_url)$API/private" </dev/null | sed 's/ $//'
}

ask_each() {
    local socket
    for socket in "$SERVER_DIR"/run/fcgi-bearer.socket-*; do
        ask_at "$socket" "$1"
    done
}

ask_at() {
    local answer
    answer=$(timeout 60 "$top_builddir/fcgi-peer" "$1" REQUEST_METHOD=GET PATH_INFO=/private "HTTP_AUTHORIZATION=Bearer $(token "$2")" \
        2>>"$BATS_TEST_TMPDIR/peer.err")
    sed -n '1s/^Status: \([0-9]*\).*/\1/p; s/^Retry-After: \([0-9]*\).*/\1/p' <<<"$answer" | paste -sd ' '
}

worker_up() {
    local name=$1 options=()
    shift
    ((EUID != 0)) || options=(-u "$WORKER_USER" -g "$WORKER_GROUP")
    rm -f "$SERVER_DIR/run/$name.socket"
    _start "$name" "$(_program spawn-fcgi)" -n -s "$SERVER_DIR/run/$name.socket" "${options[@]}" -- "$@" "$SERVER_DIR/libexec/bearer.fcgi"
    _await "$name" test -S "$SERVER_DIR/run/$name.socket"
}

worker_down() {
    _stop "$SERVER_DIR/pids/$1"
}

persist() {
    local said deadline=$((SECONDS + 30))
    while said=$(ask "$1") && echo "$said" && [[ $said == '503 1' ]] && ((SECONDS < deadline)); do
        sleep 0.05
    done
}

at_once() {
    local command i=0 pids=()
    rm -f "$BATS_TEST_TMPDIR"/said.*
    for command; do
        i=$((i + 1))
        # Words on purpose.
        # shellcheck disable=SC2086
        $command >"$BATS_TEST_TMPDIR/said.$i" 3>&- 4>&- &
        pids+=($!)
    done
    wait "${pids[@]}"
}

# all_end_with STATUS [OTHER]: the last answer of each command of at_once; all others were OTHER.
all_end_with() {
    local file
    for file in "$BATS_TEST_TMPDIR"/said.*; do
        if [[ $(tail -n 1 "$file") != "$1" ]] || sed '$d' "$file" | grep -qvxF -e "${2-no other}"; then
            { echo "${file##*/}:" && cat "$file"; } >&2
            return 1
        fi
    done
}

# keep_asking COUNT TOKEN: so many clients go on asking in the background. Each answer is a line of $BATS_TEST_TMPDIR/loop.N.
keep_asking() {
    local i
    for ((i = 1; i <= $1; i++)); do
        : >"$BATS_TEST_TMPDIR/loop.$i"
        _keep_asking "$2" "$BATS_TEST_TMPDIR/loop.$i" 3>&- 4>&- &
        echo $! >>"$BATS_TEST_TMPDIR/asking"
    done
}

_keep_asking() {
    until [[ -e $BATS_TEST_TMPDIR/stop ]]; do
        ask "$1" >>"$2"
    done
}

stop_asking() {
    local pid
    touch "$BATS_TEST_TMPDIR/stop"
    while read -r pid; do
        wait "$pid"
    done < <(cat "$BATS_TEST_TMPDIR/asking" 2>/dev/null)
    rm -f "$BATS_TEST_TMPDIR/asking"
}

# more_answers COUNT: waits until each of them has had so many more.
more_answers() {
    local file
    for file in "$BATS_TEST_TMPDIR"/loop.*; do
        await lines_in "$file" $(($(wc -l <"$file") + $1))
    done
}

# lines_in FILE COUNT: it has at least so many.
lines_in() {
    [[ -e $1 && $(wc -l <"$1") -ge $2 ]]
}

logged() {
    local count
    count=$(server_log | grep -cF -e "$1") || true
    if [[ $count != "${2-1}" ]]; then
        echo "$count lines of the log have '$1', not ${2-1}" >&2
        return 1
    fi
}

needs_root() {
    ((EUID == 0)) && return
    [[ ${FB_UNPRIVILEGED-} != 1 ]] || skip "needs root"
    echo "needs root (FB_UNPRIVILEGED=1 skips it)" >&2
    return 1
}

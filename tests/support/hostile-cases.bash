# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The hostile cases over HTTP, against whichever server the .bats file starts. For bats: `load ../support/hostile-cases`. The .bats file
# defines
#
#   SERVER             lighttpd or apache, for the mint
#   FORGETFUL          set: the workers remember no verified token, and verify the good one anew each time
#   serve [EDIT]       starts a server for $SERVER_DIR, with this change of the shipped files
#
# hostile-mint (tests/support/hostile/mint.c) makes keys, tokens, key sets and the table of what each request has to get. There are two
# sites: "narrow", with RS256 alone configured, and "wide", with every algorithm; and a server with profiles, which sets BEARER_PROFILE to what
# the client says, so that each choice of them is one more site. Their keys come the real way: published by an issuer over HTTPS, fetched by
# `bearerctl refresh`, read from the cache by the workers.
#
#   hostile_setup, hostile_teardown      for setup_file, teardown_file
#   hostile_run FAMILY                   sends its requests, each followed by the good token (case 130), and compares each answer with the
#                                        table: status, challenge, body, and the lines of the log with the reasons, in their order.
#                                        Names each one that is not as it should be
#   hostile_raw                          those that curl cannot send
#   hostile_seconds                      cases 105 and 106, to the second
#   hostile_brought                      48 to 60, and nobody asks where a token says that keys are
#   hostile_kid                          61 to 67: and no file is opened, nothing run, nothing fetched, and the log says it on one line
#   hostile_flood                        68
#   hostile_thousand                     98, by the time the processor spends on it
#   hostile_after                        after all of them: no worker has ended, no token is in the log
#   hostile_covered                      each number is tested, and says where

load ../support/servers
: "${top_srcdir:?}" "${top_builddir:?}" "${SERVER:?}"

ISSUER=https://issuer.example.test/
AUDIENCE='https://api.example.test/ urn:hostile:second'
EVERY_ALGORITHM='RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'

hostile_setup() {
    server_dir
    export NARROW=$SERVER_DIR KEYS=$SERVER_DIR/keys BAIT=$SERVER_DIR/bait HOSTILE=$BATS_FILE_TMPDIR/hostile
    mkdir -m 755 "$KEYS" "$BAIT"
    start_keys_server "$KEYS" --alg ES256
    start_keys_server "$BAIT" --alg ES256
    # Who asks here is not answered, but counted by the kernel.
    kill -STOP "$(<"$BAIT/pids/server")"
    _site RS256
    server_dir
    export WIDE=$SERVER_DIR
    _site "$EVERY_ALGORITHM"
    server_dir
    export PROFILED=$SERVER_DIR
    _profiled
    "$top_builddir/hostile-mint" "$SERVER" "$HOSTILE" "$(_url "$NARROW")" "$(_url "$WIDE")" "$(_url "$PROFILED")" "$(<"$BAIT/issuer")" \
        "$NARROW/run/witness"
    cp "$HOSTILE"/{one,two}.json "$KEYS/www"
    _all_workers >"$BATS_FILE_TMPDIR/workers"
    [[ -s $BATS_FILE_TMPDIR/workers ]]
}

hostile_teardown() {
    local failed=0
    [[ ! -e $BAIT/pids/server ]] || kill -CONT "$(<"$BAIT/pids/server")"
    SERVER_DIR=$PROFILED server_remove || failed=1
    SERVER_DIR=$WIDE server_remove || failed=1
    SERVER_DIR=$NARROW server_remove || failed=1
    return "$failed"
}

# _site ALGORITHMS: its server, in $SERVER_DIR. Its workers fetch nothing by themselves within the hour.
_site() {
    install_programs
    install -m 644 "$KEYS/ca.pem" "$SERVER_DIR/etc"
    configure "AUTH0_ISSUER=$ISSUER" "AUTH0_API_AUDIENCE=$AUDIENCE" "AUTH0_ALGORITHMS=$1" BEARER_LEEWAY=0 BEARER_LOG_LEVEL=debug \
        "BEARER_JWKS_URI=$(<"$KEYS/issuer").well-known/jwks.json" "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem" BEARER_JWKS_COOLDOWN=3600 \
        ${FORGETFUL:+BEARER_TOKEN_CACHE_BYTES=0}
    serve
}

# _profiled: the server with profiles, in $SERVER_DIR. It believes what a client says in X-Profiles, as no other server should.
# shellcheck disable=SC2016  # the servers' own $
_profiled() {
    local name
    install_programs
    install -m 644 "$KEYS/ca.pem" "$SERVER_DIR/etc"
    (umask 022 && mkdir "$SERVER_DIR/libexec/profiles" && "$top_builddir/hostile-mint" profiles "$SERVER_DIR/libexec/profiles" "$(<"$KEYS/issuer")")
    configure AUTH0_ALGORITHMS=RS256 BEARER_LEEWAY=0 BEARER_LOG_LEVEL=debug "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem" BEARER_JWKS_COOLDOWN=3600 \
        ${FORGETFUL:+BEARER_TOKEN_CACHE_BYTES=0}
    cat "$SERVER_DIR/libexec/profiles/default.env" >>"$SERVER_DIR/etc/bearer.env"
    rm "$SERVER_DIR/libexec/profiles/default.env"
    case $SERVER in
        apache) serve 's|^ScriptAlias .*|&\nSetEnvIf X-Profiles "(.+)" BEARER_PROFILE=$1|' ;;
        lighttpd)
            serve "s|^server.modules += .*|&\nserver.modules += ( \"mod_setenv\" )$(
                for name in default 'default two' "$SERVER_DIR"/libexec/profiles/*.env; do
                    name=$(basename "$name" .env)
                    printf '\\n$REQUEST_HEADER["X-Profiles"] == "%s" { setenv.set-environment = ( "BEARER_PROFILE" => "%s" ) }' "$name" "$name"
                done)|"
            ;;
    esac
}

_url() {
    printf 'http://127.0.0.1:%s/api\n' "$(<"$1/port")"
}

_all_workers() {
    local SERVER_DIR
    for SERVER_DIR in "$NARROW" "$WIDE" "$PROFILED"; do
        workers_running
    done | sort
}

# use_site narrow|wide|PROFILES
use_site() {
    case $1 in
        narrow) SERVER_DIR=$NARROW ;;
        wide) SERVER_DIR=$WIDE ;;
        *) SERVER_DIR=$PROFILED ;;
    esac
}

_refresh() {
    local name environment=()
    for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
        [[ -z ${!name-} ]] || environment+=("$name=${!name}")
    done
    as_worker env -i PATH="$PATH" "${environment[@]}" "$SERVER_DIR/libexec/bearerctl" refresh </dev/null
}

_publish() {
    install -m 644 "$HOSTILE/sets/$1.json" "$KEYS/www/.well-known/new"
    mv "$KEYS/www/.well-known/new" "$KEYS/www/.well-known/jwks.json"
}

# use_set NAME: publishes it and has it fetched for this site. What is skipped must be what the mint says; a document that is to be
# refused leaves the last good set.
use_set() {
    local status=0
    [[ $(cat "$SERVER_DIR/set" 2>/dev/null) != "$1" ]] || return 0
    if [[ -e $HOSTILE/sets/$1.refused ]]; then
        [[ -e $SERVER_DIR/set ]] || use_set main
        _publish "$1"
        _refresh >"$BATS_TEST_TMPDIR/said" 2>&1 || status=$?
        if [[ $status -ne 75 ]] || ! grep -qF -e "$(<"$HOSTILE/sets/$1.refused")" "$BATS_TEST_TMPDIR/said"; then
            echo "$1: exit status $status instead of 75, or another reason than '$(<"$HOSTILE/sets/$1.refused")':"
            cat "$BATS_TEST_TMPDIR/said"
            return 1
        fi
    else
        _publish "$1"
        _refresh >/dev/null 2>"$BATS_TEST_TMPDIR/said" || status=$?
        if [[ $status -ne 0 ]] || ! diff "$HOSTILE/sets/$1.skipped" "$BATS_TEST_TMPDIR/said"; then
            echo "$1: exit status $status, or other keys were skipped than there should be, or for another reason"
            return 1
        fi
    fi
    echo "$1" >"$SERVER_DIR/set"
    # Case 95, whatever the set.
    if grep -qE 'PRIVATE|"(d|p|q|dp|dq|qi|oth|k|x5c)":' "$SERVER_DIR"/cache/*; then
        echo "$1: there is a private member in the cache"
        return 1
    fi
}

_denials() {
    grep -o 'warn: denied status=[0-9]* reason=[a-z0-9-]*' "$SERVER_DIR/log/error.log" | cut -d ' ' -f 3-
}

# _logged BEFORE GROUP: since there were that many, the log has one line for each denial of the group, with its reason, and no other.
_logged() {
    local deadline=$((SECONDS + 10)) expected=$BATS_TEST_TMPDIR/expected got=$BATS_TEST_TMPDIR/logged
    awk -F '\t' -v group="$2" '$2 == group && $6 != "-" { print "status=" $5 " reason=" $6 }' "$HOSTILE/table" >"$expected"
    while _denials | tail -n "+$(($1 + 1))" >"$got" && (($(wc -l <"$got") < $(wc -l <"$expected") && SECONDS < deadline)); do
        sleep 0.05
    done
    diff "$expected" "$got" || { echo "$2: the log does not have the reasons of the table" && return 1; }
}

hostile_run() {
    local group before failed=0 site set good
    for group in "$HOSTILE"/*".$1".*.curl; do
        IFS=. read -r _ _ site set _ <<<"${group##*/}"
        use_site "$site"
        use_set "$set" || failed=1
        before=$(_denials | wc -l)
        curl -q --silent --show-error --config "$group" >"$BATS_TEST_TMPDIR/answers"
        good=$HOSTILE/goods/$site
        [[ -e $good ]] || good=$HOSTILE/good.claims
        GOOD=$(<"$good") awk -v group="${group##*/}" -f "$top_srcdir/tests/support/hostile/judge.awk" \
            FS='\t' "$HOSTILE/table" FS=$'\001' RS=$'\036' "$BATS_TEST_TMPDIR/answers" || failed=1
        _logged "$before" "${group##*/}" || failed=1
    done
    return "$failed"
}

# good_passes: case 130.
good_passes() {
    [[ $(_ask "$(<"$HOSTILE/good")") == "200 $(<"$HOSTILE/good.claims")" ]]
}

# _ask TOKEN: prints status and body.
_ask() {
    curl -q --silent --show-error --noproxy '*' --max-time 60 -o "$BATS_TEST_TMPDIR/body" -w '%{http_code} ' \
        -H "Authorization: Bearer $1" "$(_url "$SERVER_DIR")/private"
    cat "$BATS_TEST_TMPDIR/body"
}

hostile_raw() {
    local id number name status failed=0 fd
    use_site narrow
    use_set main
    while IFS=$'\t' read -r id _ number name _; do
        exec {fd}<>"/dev/tcp/127.0.0.1/$(<"$SERVER_DIR/port")"
        # The server may have ended the connection before all is sent.
        { cat "$HOSTILE/raw/$id" >&"$fd"; } 2>/dev/null || true
        status=$(timeout 60 head -n 1 <&"$fd" 2>/dev/null | tr -d '\r') || true
        exec {fd}>&-
        if [[ ! $status =~ ^HTTP/1\.[01]\ 4[0-9][0-9] && ! ($number == 18 && -z $status) ]]; then
            echo "case $number: $name: got '$status'"
            failed=1
        fi
        good_passes || { echo "case 130: after case $number: $name" && failed=1; }
    done < <(awk -F '\t' '$2 == "raw"' "$HOSTILE/table")
    return "$failed"
}

# As long as the second in which the question was asked is the one in which the answer came, there is but one right answer. (The
# clock that time() reads is a tick behind that of date.)
hostile_seconds() {
    local second nanoseconds fraction half said failed=0 seen=0 deadline=$((SECONDS + 60))
    local expired='401 {"detail":"The token has expired"}'
    use_site narrow
    use_set main
    while ((seen < 2 && SECONDS < deadline)); do
        seen=0
        for fraction in .5 ''; do
            IFS=. read -r second nanoseconds < <(date +%s.%N)
            said=$(_ask "$(<"$HOSTILE/seconds/$second$fraction")")
            if ((10#$nanoseconds < 20000000 || second != $(date +%s))); then
                continue
            fi
            seen=$((seen + 1))
            case $fraction in
                .5) [[ $said == 200\ * ]] || { echo "case 106: exp = now + 0.5: $said" && failed=1; } ;;
                *) [[ $said == "$expired" ]] || { echo "case 105: exp = now: $said" && failed=1; } ;;
            esac
        done
    done
    ((seen == 2)) || { echo 'no second was long enough' && failed=1; }
    # And no longer, though this very token was good a moment ago.
    half=$second.5
    until (($(date +%s) > second + 1)); do
        sleep 0.05
    done
    said=$(_ask "$(<"$HOSTILE/seconds/$half")")
    [[ $said == "$expired" ]] || { echo "case 105: a second later: $said" && failed=1; }
    good_passes || failed=1
    return "$failed"
}

# Connections that wait to be accepted, which they never are.
_bait_taken() {
    ss -Hltn "sport = :$(<"$BAIT/port")" | awk '{ print $2 }'
}

hostile_brought() {
    local fd
    hostile_run extensions
    [[ $(_bait_taken) == 0 ]] || { echo 'cases 49, 50: somebody has connected to what a token names' && return 1; }
    # Had somebody connected, we would know.
    exec {fd}<>"/dev/tcp/127.0.0.1/$(<"$BAIT/port")"
    exec {fd}>&-
    [[ $(_bait_taken) == 1 ]]
}

# _traced COMMAND...: with every file that the workers of this site open in $BATS_TEST_TMPDIR/trace.
_traced() {
    local pid tracer pids=() deadline=$((SECONDS + 30)) status=0
    for pid in $(workers_running); do
        pids+=(-p "$pid")
    done
    strace -f -qq -e trace=%file,accept,accept4 -e signal=none -o "$BATS_TEST_TMPDIR/trace" "${pids[@]}" 3>&- 4>&- &
    tracer=$!
    for pid in $(workers_running); do
        while grep -q '^TracerPid:[[:space:]]0$' "/proc/$pid/status" && process_runs "$tracer" && ((SECONDS < deadline)); do
            sleep 0.02
        done
    done
    "$@" || status=1
    kill "$tracer"
    wait "$tracer" || true
    return "$status"
}

hostile_kid() {
    local before after log
    use_site narrow
    use_set main
    before=$(keys_fetches "$KEYS")
    if ((EUID == 0)); then
        _traced hostile_run kid
    else
        [[ ${FB_UNPRIVILEGED-} == 1 ]] || { echo 'needs root to trace workers (FB_UNPRIVILEGED=1 does without)' && return 1; }
        hostile_run kid
    fi
    after=$(keys_fetches "$KEYS")
    [[ $((before + 1)) == "$after" ]] || { echo "case 61: $((after - before)) fetches, not the one of the second key set" && return 1; }
    if ((EUID == 0)); then
        grep -q accept "$BATS_TEST_TMPDIR/trace"
        if grep -E '"[^"]*(null|passwd|witness|rsa)' "$BATS_TEST_TMPDIR/trace"; then
            echo 'case 64: a worker has looked for a file that a kid names'
            return 1
        fi
    fi
    [[ ! -e $NARROW/run/witness ]] || { echo 'case 65: a shell has run a kid' && return 1; }
    log=$SERVER_DIR/log/error.log
    grep -qE 'kid=.*a\\+x0d\\+x0aforged=1' "$log" || { echo 'case 65: CR LF of a kid are not in the log as they should be' && return 1; }
    [[ $(grep -c '^forged' "$log") -eq 0 ]]
    if grep "denied status" "$log" | LC_ALL=C grep "[^ -~]"; then
        echo 'case 65: an octet that is not printable is in the log'
        return 1
    fi
}

# _memory PID...: the sum of what they hold, in KiB.
_memory() {
    local pid
    for pid; do
        awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status"
    done | awk '{ sum += $1 } END { print sum }'
}

hostile_flood() {
    local workers before after fetches record
    use_site narrow
    use_set main
    good_passes
    mapfile -t workers < <(workers_running)
    before=$(_memory "${workers[@]}")
    fetches=$(keys_fetches "$KEYS")
    # The last attempt was two hours ago: the first of these may fetch.
    record=$(find "$SERVER_DIR/cache" -name 'jwks-*.lock')
    # shellcheck disable=SC2016  # for the inner shell
    as_worker sh -c 'printf "%s\n" "$2" | dd of="$1" conv=notrunc status=none' sh "$record" \
        "$(sed "s/^2 [0-9]* /2 $(($(date +%s) - 7200)) /" "$record")"
    curl -q --silent --show-error --config "$HOSTILE/flood.curl" | sort | uniq -c >"$BATS_TEST_TMPDIR/answers"
    good_passes
    after=$(_memory "${workers[@]}")
    cat "$BATS_TEST_TMPDIR/answers"
    [[ $(<"$BATS_TEST_TMPDIR/answers") == *" 10000 401 "*'error_description="The token names an unknown key (kid)"' ]]
    [[ $(wc -l <"$BATS_TEST_TMPDIR/answers") -eq 1 ]]
    [[ $(keys_fetches "$KEYS") -eq $((fetches + 1)) ]] || { echo "$(($(keys_fetches "$KEYS") - fetches)) fetches" && return 1; }
    echo "memory of ${#workers[@]} workers: $before KiB before, $after KiB after"
    # AddressSanitizer keeps what was freed.
    if ! grep -q asan "/proc/${workers[0]}/maps"; then
        ((after - before < 1024))
    fi
}

# _spent PID...: hundredths of a second of the processor.
_spent() {
    local pid
    for pid; do
        awk '{ print $14 + $15 }' "/proc/$pid/stat"
    done | awk '{ sum += $1 } END { print sum }'
}

hostile_thousand() {
    local workers before after
    use_site narrow
    use_set main
    mapfile -t workers < <(workers_running)
    before=$(_spent "${workers[@]}")
    hostile_run many
    after=$(_spent "${workers[@]}")
    echo "the workers took $((after - before))/100 s"
    ((after - before < 500))
}

hostile_after() {
    local SERVER_DIR
    _all_workers | diff "$BATS_FILE_TMPDIR/workers" - || { echo 'a worker has ended, and another is in its place' && return 1; }
    for SERVER_DIR in "$NARROW" "$WIDE" "$PROFILED"; do
        [[ $SERVER_DIR == "$PROFILED" ]] || good_passes
        # A kid may be so long, and no more of it is logged; a signature, the shortest of them, never.
        [[ $(server_log | grep -cE '[A-Za-z0-9_-]{140}') -eq 0 ]] || { echo 'a token is in the log' && return 1; }
        [[ $(server_log | grep -cF -e "$(cut -d . -f 3 "$HOSTILE/good" | head -c 40)") -eq 0 ]]
    done
}

# What is not in the table: where else it is tested, as "FILE|what its line has". The rest stays a unit test beside.
declare -gA elsewhere=(
    [68]='tests/cases/hostile.bats|case 68'
    [131]='tests/bats/keycache.bats|(case 131)'
    [132]='tests/bats/keycache.bats|(case 132)'
    [133]='tests/bats/keycache.bats|(cases 133, 134)'
    [134]='tests/bats/keycache.bats|(cases 133, 134)'
    [135]='tests/bats/torture.bats|Case 135'
)

hostile_covered() {
    local number count file text family failed=0
    local -A counts=()
    while read -r count number; do
        counts[$number]=$count
    done < <(cut -f 3 "$HOSTILE/table" | sort | uniq -c)
    for number in {1..145}; do
        file=${elsewhere[$number]-} text=${file#*|} file=${file%%|*}
        if [[ -n ${counts[$number]-} ]]; then
            echo "# case $number: ${counts[$number]} over HTTP" >&3
        elif [[ -n $file ]] && grep -qF -e "$text" "$top_srcdir/$file"; then
            echo "# case $number: $file" >&3
        elif ((number == 102)); then
            echo "# case $number: left, as SECURITY.md says" >&3
        else
            echo "case $number is tested nowhere"
            failed=1
        fi
    done
    for family in $(find "$HOSTILE" -name '*.*.*.*.curl' -printf '%f\n' | cut -d . -f 2 | sort -u); do
        grep -qE "hostile_run $family( |;|$)" "$BATS_TEST_FILENAME" "$top_srcdir/tests/support/hostile-cases.bash" || {
            echo "the family $family is not run"
            failed=1
        }
    done
    return "$failed"
}

# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: the fuzzers with libFuzzer, what they covered and what they found. All of it stays in build-fuzz.

for part in packages build; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done

fuzz_build=build-fuzz
fuzz_pids=

# fuzz SECONDS [NAME...]: runs each fuzzer, or those named, so long, two at a time.
fuzz() {
    case ${1-} in
        '' | *[!0-9]* | 0* | ???????*) usage_error "fuzz takes a number of seconds, then names of fuzzers" ;;
    esac
    fuzz_seconds=$1
    shift
    for name in "$@"; do
        [ -f "$top/tests/fuzz/fuzz_$name.c" ] || usage_error "there is no fuzzer $name"
    done
    if [ $# -eq 0 ]; then
        # shellcheck disable=SC2046  # words on purpose
        set -- $(cd "$top/tests/fuzz/corpus" && echo *)
    fi
    need_packages build fuzz
    at_exit give_back
    new_state_dir fcgi-bearer-fuzz
    at_exit remove_fuzz_dir
    at_exit stop_fuzzers
    step "Build with libFuzzer, AddressSanitizer, UndefinedBehaviorSanitizer and coverage"
    build_in "$fuzz_build" CC=clang "CFLAGS=-g -O1" --enable-fuzzers
    quietly "$build_dir/fuzzers.log" make -C "$build_dir" -j "$jobs" fuzzers

    step "Fuzzing for $fuzz_seconds s each: $*"
    : >"$state_dir/started"
    fuzz_in_pairs "$@"
    step "What was done"
    printf '    %-10s %11s %8s %7s %9s  %s\n' fuzzer executions 'per s' edges features 'lines covered of what it is for'
    for name in "$@"; do
        report_fuzzer "$name"
    done
    note "inputs worth keeping: $fuzz_build/fuzz/*/corpus; they are the start of the next run"
    report_findings "$@"
}

remove_fuzz_dir() {
    rm -rf "$state_dir"
}

stop_fuzzers() {
    for pid in $fuzz_pids; do
        kill "$pid" 2>/dev/null && wait "$pid"
    done
}

fuzz_in_pairs() {
    while [ $# -gt 0 ]; do
        for name in "$1" ${2-}; do
            run_fuzzer "$name" &
            fuzz_pids="$fuzz_pids $!"
        done
        for pid in $fuzz_pids; do
            wait "$pid" || true
        done
        fuzz_pids=
        shift
        [ $# -eq 0 ] || shift
    done
}

# run_fuzzer NAME: until its time is over or it has found something; becomes it, so that a signal reaches it.
run_fuzzer() {
    dir=$top/$fuzz_build/fuzz/$1
    mkdir -p "$dir/corpus" "$dir/findings"
    program=$top/$fuzz_build/tests/fuzz/fuzz_$1
    set -- "$1" "$dir/corpus" "$top/tests/fuzz/corpus/$1"
    if [ -f "$top/tests/fuzz/dict/$1" ]; then
        set -- "$@" "-dict=$top/tests/fuzz/dict/$1"
    fi
    shift
    TMPDIR=$state_dir LLVM_PROFILE_FILE=/dev/null exec "$program" -max_total_time="$fuzz_seconds" -timeout=25 \
        -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 -artifact_prefix="$dir/findings/" "$@" \
        >"$dir/log" 2>&1 </dev/null
}

# fuzzed_files NAME: the sources it is for.
fuzzed_files() {
    case $1 in
        base64url) echo src/jose/base64url.c ;;
        call) echo src/app/pairs.c src/app/param.c src/app/parameters.c src/app/body.c src/app/faults.c ;;
        cachefile) echo src/keys/cachefile.c ;;
        config) echo src/config/*.c ;;
        fcgi) echo src/fcgi/worker.c ;;
        json) echo src/json/*.c ;;
        jwks) echo src/jose/jwk*.c src/jose/keyset.c ;;
        policy) echo src/policy/grants.c src/policy/requirement.c ;;
        record) echo src/keys/attempt.c ;;
        request) echo src/guard/request.c src/door/*.c src/guard/guard.c src/guard/authorize.c src/app/app.c src/answer/response.c src/answer/variables.c ;;
        token) echo src/token/token.c src/token/claims.c src/jose/jws.c ;;
    esac
}

# covered NAME: the share of lines of each of these that its inputs reach.
covered() {
    program=$top/$fuzz_build/tests/fuzz/fuzz_$1
    profile=$state_dir/$1
    TMPDIR=$state_dir LLVM_PROFILE_FILE=$profile.raw "$program" -runs=0 -artifact_prefix="$state_dir/" \
        "$top/$fuzz_build/fuzz/$1/corpus" "$top/tests/fuzz/corpus/$1" >/dev/null 2>&1 </dev/null
    llvm-profdata merge -o "$profile.data" "$profile.raw" 2>/dev/null || return
    # shellcheck disable=SC2046  # words on purpose
    (cd "$top" && llvm-cov report "$program" -instr-profile="$profile.data" $(fuzzed_files "$1")) 2>/dev/null |
        awk '/\.c / { n = split($1, path, "/"); printf "%s %s ", path[n], $10 }'
}

# report_fuzzer NAME: one line.
report_fuzzer() {
    log=$top/$fuzz_build/fuzz/$1/log
    executed=$(awk '/^stat::number_of_executed_units:/ { print $2 }' "$log")
    speed=$(awk '/^stat::average_exec_per_sec:/ { print $2 }' "$log")
    reached=$(tr -d '\000' <"$log" | awk '/ cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") { c = $(i + 1); f = $(i + 3) } }
        END { print c + 0, f + 0 }')
    printf '    %-10s %11s %8s %7s %9s  %s\n' "$1" "${executed:-?}" "${speed:-?}" "${reached% *}" "${reached#* }" "$(covered "$1")"
}

# report_findings NAME...: fails if there are any, or if a fuzzer did not do its time.
report_findings() {
    found=
    for name in "$@"; do
        log=$top/$fuzz_build/fuzz/$name/log
        find "$top/$fuzz_build/fuzz/$name/findings" -type f -newer "$state_dir/started" >"$state_dir/found"
        if [ -s "$state_dir/found" ]; then
            found=yes
            bad "$name: $(grep -am 1 -e 'must hold:' -e '^==.*ERROR:' -e 'runtime error:' "$log")"
        elif ! grep -aq '^Done [0-9]* runs' "$log"; then
            found=yes
            bad "$name ended early; the end of $log:"
            tail -n 5 "$log" | sed 's/^/    | /'
        fi
        while read -r file; do
            note "again: $fuzz_build/tests/fuzz/fuzz_$name ${file#"$top/"}"
        done <"$state_dir/found"
    done
    if [ -n "$found" ]; then
        die "something was found" "Mend it, and copy the input into tests/fuzz/corpus/NAME under a name that says what it is."
    fi
    good "nothing was found"
}

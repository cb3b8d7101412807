# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034,SC2030,SC2031  # names shared with the other parts; what runs beside counts for itself
# Of ./dev: steps that are counted, running the test suite of a build, and the sum of both.

# What the steps of this script add to the tests' own results, and whether the last one was good.
steps_passed=0
steps_failed=0
step_good=

# The tests' own results, of all builds.
tests_passed=0
tests_failed=0
tests_skipped=0

# need_git COMMAND
need_git() {
    [ -e "$top/.git" ] || die "this is no git checkout: $1 looks at the files that git knows" \
        "In an unpacked release: ./configure && make check"
}

# begin_steps COMMAND: what comes before the first step; state_dir is what the tests make their directories in.
begin_steps() {
    all_started=$(seconds)
    at_exit give_back
    new_state_dir "fcgi-bearer-$1"
    at_exit remove_state_dir
    # The worker user can reach it, and can make its own in it.
    chmod 1777 "$state_dir"
    export TMPDIR="$state_dir"
}

remove_state_dir() {
    rm -rf "$state_dir"
}

# check_step TITLE COMMAND...: counts as one; the others follow whether it is good or not.
check_step() {
    step "$1"
    shift
    step_started=$(seconds)
    step_good=
    if "$@"; then
        step_good=yes
        steps_passed=$((steps_passed + 1))
        good "good ($(($(seconds) - step_started)) s)"
    else
        steps_failed=$((steps_failed + 1))
        bad "FAILED ($(($(seconds) - step_started)) s)"
    fi
}

# beside TITLE FUNCTION: its steps run at the same time as what follows, where that waits more than it computes. joined() shows and counts them. They
# share nothing with it but the sources and state_dir, and what they register with at_exit() is done when they end.
beside_pid=
beside() {
    step "At the same time, shown when it is done: $1"
    (
        exit_tasks=
        trap - EXIT HUP INT TERM
        steps_passed=0
        steps_failed=0
        "$2"
        echo "$steps_passed $steps_failed" >"$state_dir/beside.counts"
    ) >"$state_dir/beside.out" 2>&1 </dev/null &
    beside_pid=$!
    at_exit stop_beside
}

stop_beside() {
    [ -n "$beside_pid" ] || return 0
    kill "$beside_pid" 2>/dev/null
    wait "$beside_pid"
}

joined() {
    wait "$beside_pid" || true
    beside_pid=
    cat "$state_dir/beside.out"
    beside_passed=0 beside_failed=1 # it ended before it had counted
    if [ -f "$state_dir/beside.counts" ]; then
        read -r beside_passed beside_failed <"$state_dir/beside.counts"
    fi
    steps_passed=$((steps_passed + beside_passed))
    steps_failed=$((steps_failed + beside_failed))
}

# test_step TITLE DIR [MAKE-ARGUMENT...]: runs the tests of a build. What counts is their results, and one failure if they could not be run.
test_step() {
    step "$1"
    shift
    step_started=$(seconds)
    run_tests "$@"
    show_failures "$top/$1"
    results "$top/$1"
    if [ $((passed + failed + skipped)) -eq 0 ]; then
        trouble="no test ran"
    elif [ "$(cat "$top/$1/check.status")" != 0 ] && [ "$failed" -eq 0 ]; then
        trouble="make check failed, though no test did"
    else
        trouble=
    fi
    if [ -n "$trouble" ]; then
        steps_failed=$((steps_failed + 1))
        bad "FAILED: $trouble; the end of $top/$1/check.log:"
        tail -n 40 "$top/$1/check.log" | sed 's/^/    | /'
    fi
    note "$passed passed, $failed failed, $skipped skipped ($(($(seconds) - step_started)) s)"
    tests_passed=$((tests_passed + passed))
    tests_failed=$((tests_failed + failed))
    tests_skipped=$((tests_skipped + skipped))
}

# run_tests DIR [MAKE-ARGUMENT...]: all of them, unless told otherwise. Their results stay in .trs files, make's own exit status in check.status.
run_tests() {
    tested=$top/$1
    shift
    echo "did not end" >"$tested/check.status"
    tests=$(make -s -C "$tested" list-tests "$@" </dev/null)
    {
        # Twice as many as there are processors: most of their time tests wait, for servers and for the next second.
        make -C "$tested" -k -j $((jobs * 2)) check "$@" </dev/null 2>&1
        echo $? >"$tested/check.status"
    } | tee "$tested/check.log" | progress "$tests"
}

# progress TESTS: of what make check says (progress.awk).
progress() {
    tty=
    [ -t 1 ] && [ "${TERM-dumb}" != dumb ] && tty=yes
    awk -v tty="$tty" -v tests="$1" -f "$parts/progress.awk"
}

# results DIR: sets passed, failed and skipped. An unexpected pass is one that nobody noticed and counts as failed; an
# expected failure is one that nobody mended and counts as skipped. That a program with failures also exits with an error
# is no further failure.
results() {
    # shellcheck disable=SC2016,SC2046  # awk's own $; three words
    set -- $(trs_files "$1" | xargs -r awk '
        /^:test-result: / { n[$2]++; of[FILENAME, $2]++ }
        /^:test-result: ERROR/ && !of[FILENAME, "FAIL"] { errors++ }
        END { print n["PASS"] + 0, n["FAIL"] + n["XPASS"] + errors, n["SKIP"] + n["XFAIL"] + 0 }')
    passed=${1:-0} failed=${2:-0} skipped=${3:-0}
}

# trs_files DIR: where automake writes results down; without those of a distcheck that failed and left its tree.
trs_files() {
    find "$1" -path "$1/fcgi-bearer-[0-9]*" -prune -o -name '*.trs' -print | sort
}

# forget_results DIR...: of earlier runs, so that they cannot count in this one.
forget_results() {
    for dir in "$@"; do
        [ ! -d "$top/$dir" ] || trs_files "$top/$dir" | xargs -r rm -f
    done
}

# show_failures DIR: of every test program with a result that is not a pass, those results and what was said about them;
# of one that has none to show (it crashed), the end of its log.
show_failures() {
    trs_files "$1" | while read -r trs; do
        grep -q '^:test-result: [^P]' "$trs" || continue
        log=${trs%.trs}.log
        bad "$log:"
        awk '
            /^(PASS|FAIL|SKIP|XFAIL|XPASS|ERROR): / { next } # the driver repeats everything
            /^ok / { show = 0 }
            /^not ok / || /^ok .*# *(SKIP|TODO|skip|todo)/ || /^1\.\.0/ || /^Bail out!/ { show = 1 }
            show { print; shown = 1 }
            END { exit !shown }' "$log" >"$TMPDIR/failures" || tail -n 20 "$log" >"$TMPDIR/failures"
        head -n 200 "$TMPDIR/failures" | sed 's/^/    | /'
    done
    rm -f "$TMPDIR/failures"
}

# Scripts are known by their ending or by their first line.
check_shell() {
    (
        cd "$top" || exit
        {
            our_files '*.sh' '*.bash' '*.bats'
            our_files ':!*.sh' ':!*.bash' ':!*.bats' | xargs -0 -r grep -lZIE -m 1 '^#!.*[ /](ba|da)?sh( |$)' || true
        } | xargs -0 -r -n 16 -P "$jobs" shellcheck -x
    )
}

check_manuals() {
    (cd "$top" && our_files 'man/*.[1-8]' | xargs -0 -r mandoc -T lint -W warning)
}

# our_files: what git knows and what is new, except what is ignored; NUL-terminated.
our_files() {
    git -c safe.directory="$top" -C "$top" ls-files -z --cached --others --exclude-standard -- "$@"
}

# Servers and workers that a test started and forgot. All that tests use lies in our own new directory.
check_leftovers() {
    leftovers=
    for proc in /proc/[0-9]*; do
        if { readlink "$proc/exe"; tr '\0' '\n' <"$proc/cmdline"; } 2>/dev/null | grep -qF -e "$state_dir/"; then
            leftovers="$leftovers ${proc#/proc/}"
            bad "process ${proc#/proc/}: $(tr '\0' ' ' <"$proc/cmdline" 2>/dev/null)"
        fi
    done
    for pid in $leftovers; do
        kill -KILL "$pid" 2>/dev/null
    done
    [ -z "$leftovers" ]
}

summary() {
    step "Together ($(($(seconds) - all_started)) s)"
    if ! is_root; then
        bad "Some tests need root: run this as root or with sudo."
    fi
    failed=$((tests_failed + steps_failed))
    echo "$((tests_passed + steps_passed)) passed, $failed failed, $tests_skipped skipped"
    [ "$failed" -eq 0 ] && [ "$tests_skipped" -eq 0 ]
}

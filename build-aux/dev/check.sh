# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: everything that can be checked, and the count of it.

for part in packages build ports check_demo; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done

# What the steps of this script add to the tests' own results, and whether the last one was good.
steps_passed=0
steps_failed=0
step_good=

# The tests' own results, of all builds.
tests_passed=0
tests_failed=0
tests_skipped=0

check() {
    [ $# -eq 0 ] || usage_error "check takes no arguments"
    check_started=$(seconds)
    need_packages build demo check
    [ -e "$top/.git" ] || die "this is no git checkout: check looks at the files that git knows" \
        "In an unpacked release: ./configure && make check"
    at_exit give_back
    new_state_dir fcgi-bearer-check
    at_exit remove_check_dir
    # Tests make their directories here: the worker user can reach it, and can make its own.
    chmod 1777 "$state_dir"
    export TMPDIR="$state_dir"
    forget_results

    check_step "Form of the C sources (clang-format)" check_form
    check_step "Shell scripts (shellcheck)" check_shell
    check_step "Manual pages (mandoc)" check_manuals
    check_step "Build with clang" build_clang_and_tests
    check_step "Build with AddressSanitizer and UndefinedBehaviorSanitizer" build_sanitized
    [ -z "$step_good" ] || test_step "Tests, sanitized" build-san
    check_step "Build with gcc" build_gcc
    if [ -n "$step_good" ]; then
        test_step "Tests" build
        check_step "Release tarball (make distcheck)" check_release
        check_step "./dev demo --once" check_demo_once
        check_step "./dev demo: the printed commands, a busy port, Ctrl-C" check_demo_serving
    fi
    check_step "Nothing is left running" check_leftovers
    summary
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

# test_step TITLE DIR: runs the tests of a build. What counts is their results, and one failure if they could not be run.
test_step() {
    step "$1"
    step_started=$(seconds)
    run_tests "$2"
    show_failures "$top/$2"
    results "$top/$2"
    if [ $((passed + failed + skipped)) -eq 0 ]; then
        trouble="no test ran"
    elif [ "$(cat "$top/$2/check.status")" != 0 ] && [ "$failed" -eq 0 ]; then
        trouble="make check failed, though no test did"
    else
        trouble=
    fi
    if [ -n "$trouble" ]; then
        steps_failed=$((steps_failed + 1))
        bad "FAILED: $trouble; the end of $top/$2/check.log:"
        tail -n 40 "$top/$2/check.log" | sed 's/^/    | /'
    fi
    note "$passed passed, $failed failed, $skipped skipped ($(($(seconds) - step_started)) s)"
    tests_passed=$((tests_passed + passed))
    tests_failed=$((tests_failed + failed))
    tests_skipped=$((tests_skipped + skipped))
}

# forget_results: of earlier runs, so that they cannot count in this one.
forget_results() {
    for dir in build build-san; do
        [ ! -d "$top/$dir" ] || trs_files "$top/$dir" | xargs -r rm -f
    done
}

# trs_files DIR: where automake writes results down; without those of a distcheck that failed and left its tree.
trs_files() {
    find "$1" -path "$1/fcgi-bearer-[0-9]*" -prune -o -name '*.trs' -print | sort
}

remove_check_dir() {
    rm -rf "$state_dir"
}

# our_files: what git knows and what is new, except what is ignored; NUL-terminated.
our_files() {
    git -c safe.directory="$top" -C "$top" ls-files -z --cached --others --exclude-standard -- "$@"
}

check_form() {
    (cd "$top" && our_files '*.c' '*.h' | xargs -0 -r clang-format --dry-run -Werror) 2>&1
}

# Scripts are known by their ending or by their first line.
check_shell() {
    (
        cd "$top" || exit
        {
            our_files '*.sh' '*.bash' '*.bats'
            our_files ':!*.sh' ':!*.bash' ':!*.bats' | xargs -0 -r grep -lZIE -m 1 '^#!.*[ /](ba|da)?sh( |$)' || true
        } | xargs -0 -r shellcheck -x
    )
}

check_manuals() {
    (cd "$top" && our_files 'man/*.[1-8]' | xargs -0 -r mandoc -T lint -W warning)
}

build_clang_and_tests() {
    build_clang || return
    note "make the tests"
    quietly "$top/build-clang/check.log" make -C "$top/build-clang" -j "$jobs" check TESTS=
}

# run_tests DIR: all of them. Their results stay in .trs files, make's own exit status in check.status.
run_tests() {
    echo "did not end" >"$top/$1/check.status"
    {
        make -C "$top/$1" -k -j "$jobs" check </dev/null 2>&1
        echo $? >"$top/$1/check.status"
    } | tee "$top/$1/check.log" | progress
}

# progress: reads what make check says; shows a count to a person, to a log only what is not a PASS.
progress() {
    tty=
    [ -t 1 ] && [ "${TERM-dumb}" != dumb ] && tty=yes
    awk -v tty="$tty" '
        /^(PASS|FAIL|SKIP|ERROR|XFAIL|XPASS): / {
            n[$1]++
            if (tty) {
                printf "\r    %d passed, %d not  %-60.60s", n["PASS:"], n["FAIL:"] + n["SKIP:"] + n["ERROR:"], $2
                fflush()
            }
            if ($1 != "PASS:") {
                if (tty) printf "\r%-90s\r", ""
                print "    " $0
                fflush()
            }
        }
        END { if (tty) printf "\r%-90s\r", "" }'
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

# The tests of the other builds are not repeated in full: the tarball has to hold all that the library's need, and to build,
# install and uninstall.
check_release() {
    quietly "$top/build/distcheck.log" make -C "$top/build" -j "$jobs" distcheck BATS_TESTS= \
        AM_DISTCHECK_CONFIGURE_FLAGS=--enable-werror
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
    step "Together ($(($(seconds) - check_started)) s)"
    if ! is_root; then
        bad "Some tests need root: run this as root or with sudo."
    fi
    failed=$((tests_failed + steps_failed))
    echo "$((tests_passed + steps_passed)) passed, $failed failed, $tests_skipped skipped"
    [ "$failed" -eq 0 ] && [ "$tests_skipped" -eq 0 ] && [ "$tests_passed" -gt 0 ]
}

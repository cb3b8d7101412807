# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: which lines and branches of libbearer the tests reach.

for part in packages build steps; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done

# The bats files that exercise the library; the unit tests do anyway.
coverage_bats="authorizer cache-clock cache-damage cache-disk doctor explain http-cgi issuer keycache refresh tokencache torture worker"

coverage() {
    [ $# -eq 0 ] || usage_error "coverage takes no arguments"
    need_packages build demo check coverage
    need_git coverage
    begin_steps coverage
    profiles=$state_dir/profiles
    mkdir -m 1777 "$profiles"

    check_step "Build for coverage" build_coverage
    if [ -n "$step_good" ]; then
        coverage_tests=
        for name in $coverage_bats; do
            coverage_tests="$coverage_tests tests/bats/$name.bats"
        done
        test_step "Tests" build-cov BATS_TESTS="$coverage_tests"
        check_step "Coverage of what is not in the library, for information" coverage_of_programs
        check_step "Coverage of libbearer: every line and every branch" coverage_of_library
    fi
    check_step "Nothing is left running" check_leftovers
    summary
}

# From nothing: the directory of the profiles is compiled in, and is another one each time.
build_coverage() {
    rm -rf "$top/build-cov"
    build_in build-cov CC=clang --enable-coverage="$profiles"
}

# The rooms of src that are programs; all others are the library.
program_rooms="ctl issuer main"

library_rooms() {
    for room in "$top"/src/*/; do
        room=$(basename "$room")
        case " $program_rooms " in
            *" $room "*) ;;
            *) echo "$room" ;;
        esac
    done
}

# coverage_data ROOM...: what was counted in their sources, in lcov's form.
coverage_data() {
    if [ ! -f "$top/build-cov/profdata" ]; then
        find "$profiles" -name '*.profraw' -size +0 >"$profiles/list"
        quietly "$top/build-cov/profdata.log" llvm-profdata merge -sparse -f "$profiles/list" -o "$top/build-cov/profdata" || return
    fi
    rooms=
    for room in "$@"; do
        rooms="$rooms $top/src/$room"
    done
    set -- "$top/build-cov/bearer.fcgi"
    for program in "$top"/build-cov/bearerctl "$top"/build-cov/bearer-issuer "$top"/build-cov/tests/unit/test_*; do
        case $program in
            *.*) ;;
            *) set -- "$@" -object "$program" ;;
        esac
    done
    # The complaint is that every test program has a main() of its own.
    # shellcheck disable=SC2086  # words on purpose
    llvm-cov export -format=lcov -instr-profile "$top/build-cov/profdata" "$@" $rooms 2>"$top/build-cov/export.log"
}

coverage_of_programs() {
    # shellcheck disable=SC2086  # words on purpose
    coverage_data $program_rooms >"$state_dir/programs.lcov" &&
        awk -v top="$top/" -f "$parts/coverage.awk" "$state_dir/programs.lcov"
}

coverage_of_library() {
    # shellcheck disable=SC2046  # words on purpose
    coverage_data $(library_rooms) >"$state_dir/library.lcov" &&
        awk -v top="$top/" -v exceptions="$parts/coverage.exceptions" -f "$parts/coverage.awk" "$state_dir/library.lcov"
}

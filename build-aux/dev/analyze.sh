# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: what finds faults without being told what to try: clang's static analyzer, cppcheck, valgrind.

for part in packages build steps; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done

analyze() {
    [ $# -eq 0 ] || usage_error "analyze takes no arguments"
    need_packages build demo check analyze
    need_git analyze
    begin_steps analyze

    check_step "C sources (clang's static analyzer)" analyze_clang
    check_step "C sources (cppcheck)" analyze_cppcheck
    check_step "Manual pages (mandoc)" check_manuals
    check_step "Pages: form, English, links" analyze_pages
    check_step "Rooms: who includes whom" analyze_includes
    check_step "Build for valgrind, and the tests" build_analyze_and_tests
    if [ -n "$step_good" ]; then
        check_step "Rooms: who calls whom" analyze_objects
        check_step "Unit tests under valgrind" analyze_units
        check_step "Programs under valgrind" analyze_programs
    fi
    check_step "Nothing is left running" check_leftovers
    summary
}

# What the sources need to be read: as in Makefile.am.
analysis_flags() {
    printf '%s ' -D_GNU_SOURCE '-DPACKAGE_NAME="fcgi-bearer"' '-DPACKAGE_VERSION="0"' "-I$top/src" "-I$top/include" "-I$top/tests/unit" "-I$top/tests/support" "-I$top/tests/cases" \
        '-DFB_SYSCONFDIR="/etc"' '-DFB_LOCALSTATEDIR="/var"' '-DFB_BINDIR="/usr/bin"' \
        '-DFB_PKGLIBEXECDIR="/usr/libexec/fcgi-bearer"' '-DITEMS_DB="items.db"'
    pkg-config --cflags json-c gnutls libcurl fcgi libjwt-gnutls
}

# One file at a time. It does not know the cleanup attribute: analyze.awk leaves out what it says because of that.
analyze_clang() {
    (
        cd "$top" || exit
        # shellcheck disable=SC2046  # words on purpose
        our_files '*.c' | xargs -0 -P "$jobs" -n 1 clang --analyze -std=c11 --analyzer-output text -Xclang \
            -analyzer-checker=nullability,optin.portability,security.insecureAPI.strcpy,security.FloatLoopCounter \
            $(analysis_flags) >"$state_dir/clang.log" 2>&1 || {
            cat "$state_dir/clang.log"
            exit 1
        }
        awk -v suppressions="$parts/clang.suppressions" -f "$parts/analyze.awk" "$state_dir/clang.log"
    )
}

# cppcheck 2.11 and later look less closely unless told to.
analyze_cppcheck() {
    (
        cd "$top" || exit
        level=
        ! cppcheck --help | grep -q -e --check-level || level=--check-level=exhaustive
        # shellcheck disable=SC2046,SC2086  # words on purpose
        our_files '*.c' | xargs -0 cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr $level \
            --enable=warning,style,performance,portability --suppressions-list="$parts/cppcheck.suppressions" --library=posix,gnu $(analysis_flags)
    )
}

analyze_pages() {
    sh "$top/build-aux/pages/look"
}

# The rooms, from the ground up: a file uses its own room and those before it (doc/design.md).
rooms="base cli json jose policy config keys token door answer guard lib fcgi app ctl issuer main"

# no_circle FILE: of pairs "A B", A uses B.
no_circle() {
    tsort "$1" >/dev/null 2>"$1.circles" || {
        echo "these use each other, by way of one another:"
        cat "$1.circles"
        return 1
    }
}

analyze_includes() {
    grep -rHo '^#include "[^"]*"' "$top/src" | awk -v rooms="$rooms" -f "$parts/rooms.awk" >"$state_dir/includes" &&
        no_circle "$state_dir/includes"
}

# A function may be declared in another file's header: only the objects tell.
analyze_objects() {
    find "$top/build-analyze/src" -name '*.o' ! -name 'bearer_hasty-*' -exec nm -A -P {} + | awk -f "$parts/objects.awk" >"$state_dir/objects" &&
        no_circle "$state_dir/objects"
}

build_analyze_and_tests() {
    build_analyze || return
    note "make the tests"
    quietly "$top/build-analyze/check.log" make -C "$top/build-analyze" -j "$jobs" check TESTS=
}

# What the tests say is for ./dev check: some must fail here, where a program that cannot be started is no error of
# posix_spawn() and memory does not run out on demand. A child that comes back from fork() is its parent's copy. test_cases makes and
# judges hundreds of tokens, minutes here: more of what the others do, and sanitized in ./dev check.
analyze_units() {
    mkdir -m 1777 "$state_dir/valgrind"
    # shellcheck disable=SC2016  # for the inner shell
    find "$top/build-analyze/tests/unit" -type f -name 'test_*' ! -name '*.*' ! -name test_cases -print0 |
        xargs -0 -P "$jobs" -n 1 sh -c 'valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=all \
            --errors-for-leak-kinds=all --num-callers=30 --child-silent-after-fork=yes --suppressions="$1" \
            --log-file="$2/%p" "$3" >"$2/$(basename "$3").said" 2>&1
            if [ $? -eq 99 ]; then echo "    $3"; fi' sh "$parts/valgrind.supp" "$state_dir/valgrind" >"$state_dir/valgrind/bad"
    find "$state_dir/valgrind" -name '[0-9]*' -size +0 -exec cat {} +
    cat "$state_dir/valgrind/bad"
    [ ! -s "$state_dir/valgrind/bad" ]
}

analyze_programs() {
    top_srcdir=$top top_builddir=$top/build-analyze quietly "$top/build-analyze/valgrind.log" bats "$top/tests/valgrind"
}

# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: how fast it is, beside a bare libfcgi program and beside what else there is.

for part in packages build; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done

# bench [--quick] [--only NAME,...]: results go to bench/results.md and bench/results.svg, with --quick or --only into the build directory.
bench() {
    for word in "$@"; do
        case $word in
            --quick | --only | [a-z]*) ;;
            *) usage_error "bench takes --quick and --only NAME[,NAME...]" ;;
        esac
    done
    need_packages build demo check bench
    at_exit give_back
    new_state_dir fcgi-bearer-bench
    at_exit remove_bench_dir
    step "Build as it is installed"
    build_in build-bench CC=gcc
    quietly "$build_dir/programs.log" make -C "$build_dir" -j "$jobs" fcgi-peer bench/bare bench/empty_cgi bench/raw_verify bench/threads
    results=$top/bench
    [ $# -eq 0 ] || results=$build_dir
    TMPDIR=$state_dir /usr/bin/python3 -B "$top/bench/run.py" "$build_dir" --out "$results" "$@"
}

remove_bench_dir() {
    rm -rf "$state_dir"
}

# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: everything that can be checked, and the count of it.

for part in packages build ports steps package; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done
# shellcheck source=tests/demo/check_demo.sh
. "$top/tests/demo/check_demo.sh"

check() {
    [ $# -eq 0 ] || usage_error "check takes no arguments"
    need_packages build demo check package
    ! pinned || need_packages form
    room_parent=${TMPDIR:-/var/tmp}
    need_git check
    begin_steps check
    forget_results build build-san

    note "On two idle processors this takes about 12 minutes: 1 to build, 10 for the tests, 1 for the demo."

    check_step "Build with gcc" build_gcc
    gcc_good=$step_good
    beside "form, the release tarball with clang, the Debian package" check_beside
    check_step "Build with AddressSanitizer and UndefinedBehaviorSanitizer" build_sanitized
    # shellcheck disable=SC2016  # make's own $()
    [ -z "$step_good" ] || test_step "Tests, sanitized" build-san 'BATS_TESTS=$(BATS_SANITIZED)'
    if [ -n "$gcc_good" ]; then
        # shellcheck disable=SC2016
        test_step "Tests of what is shipped" build 'BATS_TESTS=$(BATS_SHIPPED)'
        check_step "./dev demo --once" check_demo_once
        check_step "./dev demo: the printed commands, a busy port, Ctrl-C" check_demo_serving
    fi
    joined
    check_step "Nothing is left running" check_leftovers
    summary
}

# What computes and does not wait.
check_beside() {
    ! pinned || check_step "Form of the C sources (clang-format)" check_form
    check_step "Shell scripts (shellcheck)" check_shell
    check_step "Manual pages (mandoc)" check_manuals
    check_step "Release tarball, built with clang (make distcheck)" check_release
    check_package
}

check_form() {
    (cd "$top" && our_files '*.c' '*.h' | xargs -0 -r clang-format --dry-run -Werror) 2>&1
}

# Its own run of the unit tests would be a third one. Without root there is nowhere to install it, which summary() says.
check_package() {
    export DEB_BUILD_OPTIONS=nocheck
    # shellcheck disable=SC2046  # a word, or none
    package_steps $(! is_root || echo --test)
    unset DEB_BUILD_OPTIONS
}

# The bats tests of the other builds are not repeated: the tarball has to hold all that the library's tests need, to build and pass them with the
# other compiler, to install and uninstall. How well it is packed and optimized has no part in that. It is not made in gcc's build,
# where a test makes it at the same time.
check_release() {
    configure_in build-clang CC=clang || return
    note "make distcheck"
    quietly "$top/build-clang/distcheck.log" env XZ_OPT=-0 make -C "$top/build-clang" -j "$jobs" distcheck BATS_TESTS= \
        AM_DISTCHECK_CONFIGURE_FLAGS="CC=clang CFLAGS=-O0 $(strictness)" && return
    for tree in "$top"/build-clang/fcgi-bearer-*/_build/sub; do
        [ ! -d "$tree" ] || show_failures "$tree"
    done
    return 1
}

# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: building, always outside the source tree.

jobs=$(nproc 2>/dev/null || echo 2)

# make_configure: runs autoreconf if configure is missing or older than what it is made from.
make_configure() {
    if [ -x "$top/configure" ] && [ -f "$top/Makefile.in" ] &&
        [ -z "$(find "$top/configure.ac" "$top/m4" -newer "$top/configure")" ] &&
        [ -z "$(find "$top/Makefile.am" -newer "$top/Makefile.in")" ]; then
        return 0
    fi
    note "making configure"
    (cd "$top" && quietly "$build_dir/autoreconf.log" autoreconf -fi)
}

# configure_in DIR [CONFIGURE-ARGUMENT...]: configures DIR below the checkout, if not done so with these arguments.
configure_in() {
    build_dir=$top/$1
    shift
    if ! { mkdir -p "$build_dir" && [ -w "$top" ] && [ -w "$build_dir" ]; }; then
        bad "$(id -un) may not write to $build_dir: build as the owner of the checkout, or as root"
        return 1
    fi
    if [ -e "$top/config.status" ]; then
        bad "./configure was run in $top itself, and then it cannot be built elsewhere: run \"make distclean\" there first (what is installed stays)"
        return 1
    fi
    make_configure || return
    if [ ! -x "$build_dir/config.status" ] || [ "$(cat "$build_dir/configured" 2>/dev/null)" != "$*" ] ||
        [ -n "$(find "$top/configure" -newer "$build_dir/config.status")" ]; then
        note "configure $*"
        rm -f "$build_dir/configured"
        # What was made with other flags is made anew.
        [ ! -e "$build_dir/Makefile" ] || quietly "$build_dir/clean.log" make -C "$build_dir" clean || return
        (cd "$build_dir" && quietly "$build_dir/configure.log" "$top/configure" -q "$@") || return
        printf '%s\n' "$*" >"$build_dir/configured"
    fi
}

# build_in DIR [CONFIGURE-ARGUMENT...]: as configure_in, and makes it.
build_in() {
    configure_in "$@" || return
    note "make"
    quietly "$build_dir/make.log" make -C "$build_dir" -j "$jobs"
}

# Continuous integration takes a compiler's warning for an error, and the form that clang-format gives the sources for
# the right one; but only those of the release that .ci/run names. Nobody's build depends on what a newer one thinks.
pinned() {
    [ "${CI-}" = true ] && [ "$release" = "$(sed -n 's/^pinned=//p' "$top/.ci/run")" ]
}

# strictness: the argument of configure that makes a build as strict as continuous integration where we are that.
strictness() {
    ! pinned || echo --enable-werror
}

# build_with DIR CONFIGURE-ARGUMENT...: build_in, so strict.
build_with() {
    # shellcheck disable=SC2046  # a word, or none
    build_in "$@" $(strictness)
}

build_gcc() {
    build_with build CC=gcc
}

build_sanitized() {
    build_with build-san CC=gcc --enable-sanitizers
}

# For valgrind, which sees no local that nobody has set where the compiler sets all of them to zero. What stands in CFLAGS comes after configure's own flags.
build_analyze() {
    build_with build-analyze CC=gcc CFLAGS='-g -O2 -ftrivial-auto-var-init=uninitialized'
}

# give_back: what root made in somebody's checkout belongs to that one, as if made without sudo.
give_back() {
    owner=$(stat -c %u:%g "$top")
    if is_root && [ "$owner" != 0:0 ]; then
        (
            cd "$top" || exit
            if [ -e .git ]; then
                git -c safe.directory="$top" ls-files -z --others --ignored --exclude-standard --directory
            else
                find . -mindepth 1 -maxdepth 1 -name 'build*' ! -name build-aux -print0
            fi | xargs -0 -r chown -Rh "$owner"
        )
    fi
}

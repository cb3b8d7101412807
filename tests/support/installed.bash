# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What was built, installed: `load ../support/installed`.
#
#   user_make ARGUMENT...   make as a person types it: not as a part of the make that runs the tests
#   install_into DIR        for setup_file: everything installed below DIR, which INSTALLED is then, and where pkg-config looks

: "${top_builddir:?}"

user_make() {
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES make "$@"
}

install_into() {
    export INSTALLED=$1 PKG_CONFIG_PATH=$1/lib/pkgconfig
    user_make -C "$top_builddir" install prefix="$1" libdir="$1/lib" sysconfdir="$1/etc" localstatedir="$1/var" >"$BATS_FILE_TMPDIR/log" 2>&1 || {
        cat "$BATS_FILE_TMPDIR/log" >&2
        return 1
    }
}

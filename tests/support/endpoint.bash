# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# For bats: bearer.fcgi, built from a tree to which somebody has added an endpoint.

# endpoint_compile TREE BUILD: the sources in TREE/src become BUILD/bearer.fcgi, compiled with the flags and
# linked with the libraries of the build under test.
endpoint_compile() {
    cat >"$2/Makefile" <<MAKE
include $top_builddir/Makefile
endpoint:
	cd '$2' && \$(CC) -I'$1/src' \$(AM_CPPFLAGS) -DPACKAGE_NAME='"x"' -DPACKAGE_VERSION='"0"' -D_GNU_SOURCE \\
	    \$(AM_CFLAGS) \$(CFLAGS) \$(AM_LDFLAGS) \\
	    -o bearer.fcgi \$(addprefix $1/,\$(filter %.c,\$(bearer_fcgi_SOURCES))) '$1'/src/app/*.c '$top_builddir/libapp.a' '$top_builddir/libbearer.a' \$(JSONC_LIBS) \$(GNUTLS_LIBS) \$(FCGI_LIBS)
MAKE
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$top_builddir" -f "$2/Makefile" endpoint
}

# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# For bats: a program with endpoints of somebody's own.

# endpoint_compile FILE BUILD: the source FILE becomes BUILD/bearer.fcgi, compiled with the flags and linked with the
# libraries of the build under test.
endpoint_compile() {
    cat >"$2/Makefile" <<MAKE
include $top_builddir/Makefile
endpoint:
	cd '$2' && \$(CC) -I'$top_srcdir/src' \$(subst -I\$(top_srcdir),-I$top_srcdir,\$(AM_CPPFLAGS)) -I'$top_srcdir/include' \$(DEFS) -D_GNU_SOURCE \\
	    \$(AM_CFLAGS) \$(CFLAGS) \$(AM_LDFLAGS) -o bearer.fcgi '$1' \\
	    \$(addprefix $top_srcdir/,\$(filter-out src/main/%,\$(filter %.c,\$(bearer_fcgi_SOURCES)))) \\
	    \$(addprefix $top_builddir/,\$(filter %.a,\$(bearer_fcgi_LDADD))) \$(filter-out %.a,\$(bearer_fcgi_LDADD))
MAKE
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$top_builddir" -f "$2/Makefile" endpoint
}

#!/bin/sh
# SPDX-License-Identifier: MIT
# lighttpd-directives.sh SRC_DIR: prints what lighttpd's own tables of directives (config_plugin_keys_t) hold, from its unpacked sources:
# directive, module, scope, one a line. lighttpd-directives.list is its output; tests/bats/surroundings-lighttpd.bats wants a row for
# each of them in lighttpd.rows.
#
# Left out: the keys inside a backend's own list (gw_backend), which is part of the value of fastcgi.server and its kin, TLS libraries
# other than OpenSSL, which have the same directives, mod_skeleton, which is for authors of modules, and two placeholders.
set -eu

if [ $# -ne 1 ] || [ ! -e "$1/src/configfile.c" ]; then
    echo "usage: lighttpd-directives.sh SRC_DIR (an unpacked lighttpd)" >&2
    exit 64
fi
cd "$1"
LC_ALL=C
export LC_ALL

version=$(sed -n 's/^AC_INIT(\[lighttpd\],\[\([^]]*\)\].*/\1/p; s/^AC_INIT(\[lighttpd\], *\[\([^]]*\)\].*/\1/p' configure.ac)
echo "# lighttpd ${version:?no version in configure.ac}, by lighttpd-directives.sh"
for file in src/*.c; do
    module=${file#src/}
    module=${module%.c}
    case $module in
        gw_backend | mod_gnutls | mod_mbedtls | mod_nss | mod_wolfssl | mod_skeleton) continue ;;
    esac
    # A row may go over several lines, with comments in it.
    tr '\n\t' '  ' <"$file" | sed 's|/\*|\n/*|g; s|\*/|*/\n|g' | sed '/^\/\*/d' | tr '\n' ' ' |
        grep -o '{ *CONST_STR_LEN("[^"]*") *, *T_CONFIG_[A-Z_]* *, *T_CONFIG_SCOPE_[A-Z]*' |
        sed "s/.*CONST_STR_LEN(\"\([^\"]*\)\").*T_CONFIG_SCOPE_\(.*\)/\1 $module \2/" || true
done | grep -v placeholder | sort -u

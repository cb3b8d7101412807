#!/bin/sh
# SPDX-License-Identifier: MIT
# nginx-directives.sh SRC_DIR: prints nginx-directives.list, every directive of the http modules in this unpacked source of nginx: name, module
# and where it may stand, read from the tables (ngx_command_t) that nginx itself reads. What Debian's nginx has as packages of their own, to be
# loaded, or not at all, is left out.
set -eu
LC_ALL=C
export LC_ALL

if [ $# -ne 1 ] || [ ! -e "$1/src/core/nginx.h" ]; then
    echo "usage: nginx-directives.sh DIRECTORY (with src/core/nginx.h in it)" >&2
    exit 64
fi
printf '# Of nginx %s, by nginx-directives.sh (./dev directives): directive, module, where it may stand.\n' \
    "$(sed -n 's/^#define NGINX_VERSION *"\(.*\)"/\1/p' "$1/src/core/nginx.h")"
find "$1/src/http" -name '*.c' ! -name '*_perl_*' ! -name '*_geoip_*' ! -name '*_image_*' ! -name '*_xslt_*' ! -name '*_degradation_*' -print |
    sort | while read -r file; do
    awk -v module="$(basename "$file" .c)" '
        /^static ngx_command_t / { table = 1 }
        /ngx_null_command/ { table = 0 }
        !table { next }
        flags != "" || name != "" { flags = flags $0 }
        match($0, /ngx_string\("[^"]*"\)/) { name = substr($0, RSTART + 12, RLENGTH - 14); flags = ""; next }
        # The flags end with the first comma, on this line or a later one.
        name != "" && flags ~ /,/ {
            sub(/,.*/, "", flags)
            where = ""
            if (flags ~ /NGX_HTTP_MAIN_CONF/) where = where ",http"
            if (flags ~ /NGX_HTTP_SRV_CONF/) where = where ",server"
            if (flags ~ /NGX_HTTP_SIF_CONF/) where = where ",if-in-server"
            if (flags ~ /NGX_HTTP_LOC_CONF/) where = where ",location"
            if (flags ~ /NGX_HTTP_LIF_CONF/) where = where ",if"
            if (flags ~ /NGX_HTTP_LMT_CONF/) where = where ",limit_except"
            if (flags ~ /NGX_HTTP_UPS_CONF/) where = where ",upstream"
            if (where == "") where = ",main"
            print name, module, substr(where, 2)
            name = flags = ""
        }' "$file"
done | sort -u

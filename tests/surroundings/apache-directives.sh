#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints every directive of Apache and of all the modules that Debian has with it (and of mod_fcgid), one a line: name, module, contexts. They
# are asked of the server itself (apache2 -L), which starts for it and serves nothing. After an update of Apache:
#     tests/surroundings/apache-directives.sh >tests/surroundings/apache-directives.list
# and a row in apache.rows for each that is new.
#
# Contexts: server (outside of sections), section (<Directory>, <Location> ...), htaccess.
set -eu

PATH=$PATH:/usr/sbin:/sbin
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

# One MPM. A module that needs another one comes behind it: what cannot be loaded yet is put at the end.
dpkg -L apache2-bin libapache2-mod-fcgid | sed -n 's|^/usr/lib/apache2/modules/\(.*\)\.so$|\1|p' | grep -v '^mod_mpm_[pw]' >"$room/order"
tries=0
while :; do
    {
        printf '%s\n' "ServerRoot $room" 'ServerName localhost' "ErrorLog $room/error.log"
        while read -r module; do
            name=$(cat /etc/apache2/mods-available/*.load | sed -n "s|^LoadModule \([^ ]*\) .*/$module\.so$|\1|p" | head -n 1)
            echo "LoadModule ${name:-${module#mod_}_module} /usr/lib/apache2/modules/$module.so"
        done <"$room/order"
    } >"$room/conf"
    apache2 -f "$room/conf" -L >"$room/table" 2>"$room/said" && break
    early=$(sed -n 's|.*Cannot load .*/\(mod_[a-z0-9_]*\)\.so.*|\1|p' "$room/said" | head -n 1)
    tries=$((tries + 1))
    if [ -z "$early" ] || [ "$tries" -gt 40 ]; then
        cat "$room/said" >&2
        exit 1
    fi
    { grep -vx "$early" "$room/order" && echo "$early"; } >"$room/order.new"
    mv "$room/order.new" "$room/order"
done

awk '
    /^[^\t][^ ]* \([a-z_0-9.]+\)$/ { name = $1; sub(/^</, "", name); module = $2; gsub(/[()]/, "", module); sub(/\.c$/, "", module) }
    /^\tAllowed in \*\.conf/ {
        if (/anywhere/ || /outside/) contexts["server"]
        if ((/anywhere/ && !/no per-dir/) || /inside/) contexts["section"]
        if (/\.htaccess/) contexts["htaccess"]
        text = ""
        for (i = 1; i <= split("server section htaccess", order, " "); i++) if (order[i] in contexts) text = text "," order[i]
        print name, module, substr(text, 2)
        split("", contexts)
    }' "$room/table" | LC_ALL=C sort -u

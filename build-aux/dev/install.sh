#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh PACKAGE...: installs Debian packages; run as root by packages.sh.
# A server that comes along is neither started now nor at the next boot: nobody asked for a web server on port 80.
set -eu
umask 022
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

mark="# Made by fcgi-bearer's ./dev for as long as it installs packages. If it is still here later, delete it."
policy=/usr/sbin/policy-rc.d
log=$(mktemp)
made_policy=
services=

finish() {
    if [ -n "$made_policy" ]; then
        rm -f "$policy"
    fi
    rm -f "$log"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

get() {
    apt-get -y -q -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null
}

if [ -f "$policy" ] && grep -qF -e "$mark" "$policy"; then
    rm -f "$policy" # left by a run that was killed
fi
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
    made_policy=yes
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
    chmod 755 "$policy"
fi
for package in "$@"; do
    case $package in
        apache2 | lighttpd | nginx | haproxy | caddy | stunnel4 | glewlwyd) services="$services $package" ;;
    esac
done

if ! get --simulate install --no-install-recommends "$@"; then
    echo "    fetching the package lists"
    get update || { cat "$log" >&2; exit 1; }
fi
echo "    fetching and unpacking (this can take a few minutes)"
if ! get install --no-install-recommends "$@"; then
    # Old lists name files that the mirror no longer has.
    echo "    once more, with fresh package lists"
    if ! get update || ! get install --no-install-recommends "$@"; then
        tail -n 30 "$log" >&2
        exit 1
    fi
fi
# off SERVICE: not at the next boot, nor its timers. update-rc.d wants an init script; Caddy has none. There may be no systemctl
# yet, and a timer be enabled all the same: by a link.
off() {
    if [ -e "/etc/init.d/$1" ]; then
        update-rc.d "$1" disable
    else
        systemctl --quiet disable "$1.service"
    fi
    for timer in $(dpkg -L "$1" | sed -n 's|.*/systemd/system/\([^/]*\.timer\)$|\1|p'); do
        rm -f /etc/systemd/system/*.wants/"$timer"
    done
}

for service in $services; do
    off "$service" >"$log" 2>&1 || cat "$log" >&2
    echo "    $service's own service was left stopped and disabled (to have it: systemctl enable $service)"
done

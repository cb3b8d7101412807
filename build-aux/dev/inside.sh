#!/bin/sh
# SPDX-License-Identifier: MIT
# inside.sh ROOT COMMAND...: runs COMMAND in the clone in a clean root. Called by cleanroom.sh in mount and process
# namespaces of its own, as their first process: when it ends, everything that was started and mounted here is gone.
set -eu
root=$1
shift

# A mount of its own: in a mere directory that is called root no namespace can be made.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mkdir -p "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,mode=620,ptmxmode=666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"

# lend FILE [WHERE]: a file of this machine, to be read inside for as long as this runs; not a copy that could stay behind.
lend() {
    [ -f "$1" ] || return 0
    place=$root${2:-$1}
    mkdir -p "${place%/*}"
    [ -e "$place" ] || : >"$place"
    mount --bind "$1" "$place"
    mount -o remount,bind,ro "$place"
}

# How this machine's npm reaches its registry; apt's settings are there already. Certificates are lent under other names:
# packages that are installed inside replace the usual ones.
npmrc=${NPM_CONFIG_USERCONFIG:-${HOME:-/root}/.npmrc}
lend "$npmrc" /root/.npmrc
lend /etc/npmrc
cafile=
if command -v npm >/dev/null; then # wherever this npm keeps its settings
    cafile=$(npm config get cafile 2>/dev/null) || cafile=
fi
if [ -f "$cafile" ]; then
    lend "$cafile" /etc/ca-of-the-machine/npm.crt
    set -- npm_config_cafile=/etc/ca-of-the-machine/npm.crt "$@"
fi
if [ -f "${NODE_EXTRA_CA_CERTS-}" ]; then
    lend "$NODE_EXTRA_CA_CERTS" /etc/ca-of-the-machine/node.crt
    set -- NODE_EXTRA_CA_CERTS=/etc/ca-of-the-machine/node.crt "$@"
fi

# Nothing of this machine's environment but what says how to show things and how to reach the network.
set -- HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
for name in TERM NO_COLOR CI http_proxy https_proxy no_proxy HTTPS_PROXY NO_PROXY; do
    eval "value=\${$name-}"
    # shellcheck disable=SC2154  # eval sets it
    [ -z "$value" ] || set -- "$name=$value" "$@"
done

# Not exec: the first process of the namespace has to stay and reap what others leave.
status=0
chroot "$root" /usr/bin/env -i -C /root/fcgi-bearer "$@" || status=$?
exit "$status"

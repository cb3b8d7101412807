#!/bin/sh
# SPDX-License-Identifier: MIT
# bare.sh ROOT UID:GID proc|noproc [NAME=VALUE...] COMMAND...: becomes COMMAND in that root directory, as that user, with this environment
# alone, and with /dev/null and, if so wanted, /proc. They are mounted for it alone, and gone with it.
set -eu
root=$1 user=$2 proc=$3
shift 3
# shellcheck disable=SC2016  # for the inner shell
exec unshare --mount --propagation private sh -euc '
    root=$1 user=$2 proc=$3
    shift 3
    mount --bind /dev/null "$root/dev/null"
    [ "$proc" = noproc ] || mount --bind /proc "$root/proc"
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot --userspec="$user" --groups= "$root" /bin/busybox env -i "$@"' sh "$root" "$user" "$proc" "$@"

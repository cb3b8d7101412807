#!/bin/sh
# SPDX-License-Identifier: MIT
# source-time.sh: prints the time, in seconds since 1970, that what is made from these sources bears, so that it is the same whenever and by
# whomever it is made: $SOURCE_DATE_EPOCH, else that of the last commit, else, in a release, that of its files.
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
if [ -n "${SOURCE_DATE_EPOCH-}" ]; then
    printf '%s\n' "$SOURCE_DATE_EPOCH"
elif [ -e "$top/.git" ]; then
    git -c safe.directory="$top" -C "$top" log -1 --format=%ct
else
    stat -c %Y "$top/NEWS"
fi

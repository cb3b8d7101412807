# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The cache file of `bearerctl refresh`: a line of JSON, and a line with its sum. For bats: `load ../support/cachefile`.
#
#   with_sum TEXT               prints the content of a file with this text
#   fetched_at FILE             prints when its keys were fetched
#   fetched_then FILE SECONDS   prints the content of the file, as if its keys had been fetched at that time

with_sum() {
    printf '%s\n%010u\n' "$1" "$(printf '%s\n' "$1" | cksum | cut -d ' ' -f 1)"
}

fetched_at() {
    sed -n '1s/.*"fetched":\([0-9]*\).*/\1/p' "$1"
}

fetched_then() {
    with_sum "$(sed "s/\"fetched\":[0-9]*/\"fetched\":$2/; 1q" "$1")"
}

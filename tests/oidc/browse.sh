#!/bin/sh
# SPDX-License-Identifier: MIT
# A user and his browser, for the test provider: opens an address of /authorize, fills in its forms (he logs in,
# and agrees), and prints the address at which he ends: one that is not the provider's.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: browse.sh CA-FILE ADDRESS" >&2
    exit 64
fi
ca=$1 address=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
host=${address#https://}
host=${host%%/*}

# ask ADDRESS [DATA...]: sets $next to where the answer leads, $form to where its form goes.
ask() {
    curl -q --silent --show-error --noproxy '*' --max-time 20 --cacert "$ca" --cookie "$work/jar" --cookie-jar "$work/jar" \
        --dump-header "$work/head" "$@" >"$work/body"
    next=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
    form=$(sed -n 's/.*<form[^>]* action="\([^"]*\)".*/\1/p' "$work/body" | head -n 1)
    case $next in /*) next=https://$host$next ;; esac
}

ask "$address"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    if [ -n "$next" ]; then
        case $next in
            "https://$host/"*) ask "$next" ;;
            *) printf '%s\n' "$next" && exit ;;
        esac
    elif [ -n "$form" ]; then
        prompt=$(sed -n 's/.*name="prompt" value="\([^"]*\)".*/\1/p' "$work/body")
        ask --data "prompt=$prompt" --data login=alice --data password=x "$form"
    else
        break
    fi
done
echo "browse.sh: no way on from here:" >&2
cat "$work/head" "$work/body" >&2
exit 1

#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints an access token of the test provider, by the client_credentials grant.
# Without one it fails, with the reason (curl's or the provider's) on stderr.
set -eu

if [ $# -ne 5 ]; then
    echo "usage: token.sh PORT CA-FILE CLIENT AUDIENCE SCOPE    (SCOPE may be empty)" >&2
    exit 64
fi
port=$1 ca=$2 client=$3 audience=$4 scope=$5

answer=$(curl -q --silent --show-error --noproxy '*' --max-time 20 --cacert "$ca" --user "$client:secret" \
    --data grant_type=client_credentials --data-urlencode "resource=$audience" --data-urlencode "scope=$scope" \
    "https://localhost:$port/oauth/token")

token=$(printf '%s\n' "$answer" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
if [ -z "$token" ]; then
    printf 'token.sh: no token for %s: %s\n' "$client" "$answer" >&2
    exit 1
fi
printf '%s\n' "$token"

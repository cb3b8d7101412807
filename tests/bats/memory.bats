#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Memory that strangers' documents and tokens can ask for, under a limit that the system keeps (RLIMIT_DATA): whoever takes more is told that there is none.

# shellcheck disable=SC2154,SC2034 # run sets $stderr; keycache.bash reads ctl_under
bats_require_minimum_version 1.5.0
load ../support/keycache

setup() { issuer_up; }
teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || printf '%s\n' "exit status ${status-}, said:" "${output-}" "${stderr-}" >&2
    keycache_down
}


# repeat N TEXT
repeat() {
    awk -v n="$1" -v text="$2" 'BEGIN { while (n-- > 0) printf "%s", text }'
}

# publish COUNT: a key set of a MiB with so many empty objects in it.
publish() {
    local file=$KEYS/www/.well-known/jwks.json
    { printf '{"keys":[],"a":[0' && repeat "$1" ',{}' && repeat $((1048576 - 19 - 3 * $1)) ' ' && printf ']}'; } >"$file.new"
    chmod 644 "$file.new"
    mv "$file.new" "$file"
    [[ $(stat -c %s "$file") == 1048576 ]]
}

@test "D9: a key set costs bearerctl refresh 48 times its length and no more" {
    ctl_under=(bash -c 'ulimit -d 65536 && exec "$@"' -)
    publish 349500
    run --separate-stderr -75 ctl refresh
    [[ $stderr == *"not strict JSON: its values would take more memory than 64 KiB and 48 times its length" ]]
    publish 60000
    run --separate-stderr -0 ctl refresh
    [[ $stderr == *"the key set is empty: every token is refused" ]]
}

@test "D9: however many dear tokens a worker remembers, it stays within its bytes" {
    local i dear
    settings BEARER_TOKEN_CACHE_BYTES=4194304
    ctl refresh
    dear=$(repeat 9000 x)
    dear="\"$dear\"$(repeat 560 ',{}')"
    for i in {1..24}; do
        sign "$i" --claim "a=[$dear,$i]"
    done
    worker_up one "$(command -v bash)" -c 'ulimit -d 8192 && exec "$@"' -
    for i in {1..24} {1..24}; do
        [[ $(ask_at "$SERVER_DIR/run/one.socket" "$i") == 200 ]]
    done
}

@test "D9: explain says of claims that cost too much what is wrong with them" {
    local good claims
    good=$(token good)
    claims=$(printf '{"a":[0%s]}' "$(repeat 3000 ',{}')" | base64 -w 0 | tr -d = | tr +/ -_)
    ctl refresh
    printf '%s' "${good%%.*}.$claims.${good##*.}" >"$SERVER_DIR/etc/dear"
    chmod 644 "$SERVER_DIR/etc/dear"
    run ctl explain "$SERVER_DIR/etc/dear"
    [[ $output == *"its values would take more memory than 64 KiB and 48 times its length"* ]]
}

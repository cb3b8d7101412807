#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# 64 workers, and tokens with 64 unknown kids for each of them and other forged ones, all at once: one fetch per cooldown, counted at the issuer's server, and good
# tokens pass. While the issuer does not answer nobody waits for it, but who has to.

# shellcheck disable=SC2154 # other is of another_issuer
bats_require_minimum_version 1.5.0
load ../support/keycache

: "${top_srcdir:?}" "${top_builddir:?}"

# What else is forged, and where a key that is fetched anew could be good for it: then it is asked for behind the 401. "alg" is one that is not configured.
FORMS='alg bad-signature no-kid stranger twice unfit'

# forged NAME MEMBERS: a token with this header, whose claims fit and whose signature does not.
forged() {
    printf '%s.%s' "$(printf '{"typ":"at+jwt",%s}' "$2" | base64 -w 0 | tr -d = | tr +/ -_)" "$(cut -d . -f 2- <"$BATS_TEST_TMPDIR/tokens/good")" \
        >"$BATS_TEST_TMPDIR/tokens/$1"
}

# Also publishes two keys under one kid.
setup() {
    local kid key foreign tokens=$BATS_TEST_TMPDIR/tokens
    issuer_up
    settings 'AUTH0_ALGORITHMS=ES256 RS256'
    kid=$(published_kids)
    another_issuer same-kid
    mv "$tokens/new" "$tokens/stranger"
    key=$(sed 's/^{"keys":\[//; s/\]}$//' "$KEYS/www/.well-known/jwks.json")
    foreign=$(sed 's/^{"keys":\[//; s/\]}$//' <<<"$other")
    printf '{"keys":[%s,%s,%s]}' "$key" "${key/"$kid"/twice}" "${foreign/"$kid"/twice}" >"$KEYS/www/.well-known/jwks.json"
    forged alg "\"alg\":\"HS256\",\"kid\":\"$kid\""
    forged no-kid '"alg":"ES256"'
    forged twice '"alg":"ES256","kid":"twice"'
    forged unfit "\"alg\":\"RS256\",\"kid\":\"$kid\""
    sed 's/\.A\([^.]*\)$/.B\1/; t; s/\..\([^.]*\)$/.A\1/' "$tokens/good" >"$tokens/bad-signature"
    [[ $(cd "$tokens" && echo *) == "alg bad-signature good no-kid stranger twice unfit" ]]
    fill
    grep -qx '3 usable keys from .*' "$BATS_TEST_TMPDIR/filled"
}

teardown() {
    [[ -z ${SERVER_DIR-} ]] || touch "$SERVER_DIR/go"
    keycache_down
}

flood() {
    local form
    "$(_program node)" "$top_srcdir/tests/support/flood.mjs" 64 "$BATS_TEST_TMPDIR/tokens" "$SERVER_DIR"/run/fcgi-bearer.socket-* \
        >"$BATS_TEST_TMPDIR/answers"
    cat "$BATS_TEST_TMPDIR/answers" >&2
    # Each worker before the first unknown kid, and after each.
    grep -qx "good 200 $((64 * 65))" "$BATS_TEST_TMPDIR/answers"
    [[ $(grep -c '^good ' "$BATS_TEST_TMPDIR/answers") == 1 ]]
    [[ $(awk '$1 == "unknown" { n += $NF } END { print n }' "$BATS_TEST_TMPDIR/answers") == $((64 * 64)) ]]
    for form in $FORMS; do
        grep -qx "$form 401 $((64 * 2))" "$BATS_TEST_TMPDIR/answers"
        [[ $(grep -c "^$form " "$BATS_TEST_TMPDIR/answers") == 1 ]]
    done
}

# unknown_are PATTERN...: no unknown kid had another answer.
unknown_are() {
    run ! grep -v "${@/#/-e^unknown }" <(grep '^unknown' "$BATS_TEST_TMPDIR/answers")
}

# sockets_are COUNT: lighttpd answers before it has started all of them.
sockets_are() {
    [[ $(find "$SERVER_DIR/run" -name 'fcgi-bearer.socket-*' | wc -l) == "$1" ]]
}

@test "D6: 64 workers with 64 unknown kids each, and what else is forged: one fetch per cooldown, good tokens pass" {
    workers 64
    await sockets_are 64
    flood
    # Those that wait for the one fetch longer than they may are told to come back.
    unknown_are '401 ' '503 1 '
    fetches_are 2
    # Within the cooldown of all: nobody waits for anything.
    flood
    grep -qx "unknown 401 $((64 * 64))" "$BATS_TEST_TMPDIR/answers"
    fetches_are 2
    # The cooldown is over, for all but the one that made the attempt; and the issuer is down.
    stop_keys_server "$KEYS"
    pass 0 7200
    flood
    unknown_are '401 ' '503 '
    await lock_is_free
    [[ $(record) == "2 "*" 3 1 https://localhost:"* ]]
    fetches_are 2
    logged 'could not be refreshed' 0
}

# says WORKER TOKEN
says() {
    ask_at "$SERVER_DIR/run/$1.socket" "$2"
}

lock_is_held() {
    run ! lock_is_free
}

# waits_for_nobody WORKER: whatever is asked of it, it answers, and then a good token.
waits_for_nobody() {
    local form
    for form in $FORMS; do
        [[ $(says "$1" "$form") == 401 ]]
    done
    [[ $(says "$1" good) == 200 ]]
}

# Their clock stands: whoever of them waits for a refresh, or for somebody else who waits, waits until it ends; and that is not before there is the file "go".
@test "D6: while the issuer does not answer at all good requests are answered, whatever is forged" {
    local form clock waiting=
    install -m 755 "$top_builddir/clock.so" "$SERVER_DIR/libexec"
    clock=("$(_program env)" LD_PRELOAD="$SERVER_DIR/libexec/clock.so" FB_CLOCK_STANDS=1)
    printf '%s\n' '#!/bin/sh' ": >$CACHE/started" "until [ -e $SERVER_DIR/go ]; do /bin/sleep 0.05; done" >"$SERVER_DIR/libexec/new"
    chmod 755 "$SERVER_DIR/libexec/new"
    mv "$SERVER_DIR/libexec/new" "$SERVER_DIR/libexec/bearerctl"
    forge unknown unknown
    for form in bad-signature no-kid stranger twice unfit unknown; do
        echo "# $form"
        rm -f "$SERVER_DIR/go" "$CACHE/started"
        pass 0 7200
        worker_up one "${clock[@]}"
        worker_up other "${clock[@]}"
        [[ $(says one good) == 200 && $(says other good) == 200 ]]
        # Who has started a refresh for an unknown kid waits. What else is forged is refused before.
        if [[ $form == unknown ]]; then
            says one unknown >"$BATS_TEST_TMPDIR/waited" 3>&- 4>&- &
            waiting=$!
            await test -e "$CACHE/started"
        else
            [[ $(says one "$form") == 401 ]]
            await test -e "$CACHE/started"
            waits_for_nobody one
        fi
        waits_for_nobody other
        [[ $(says other unknown) == '503 1' && $(says other good) == 200 ]]
        lock_is_held
        touch "$SERVER_DIR/go"
        await lock_is_free
        [[ -z $waiting ]] || wait "$waiting"
        worker_down one
        worker_down other
    done
    [[ $(<"$BATS_TEST_TMPDIR/waited") == '503 '* ]]
    fetches_are 1
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Keys that an issuer withdraws or replaces: when its word counts, when "not modified" is believed, and what a token that newer keys are good for starts.

# shellcheck disable=SC2030,SC2031,SC2154 # each test has variables of its own; run sets $stderr and $stderr_lines
bats_require_minimum_version 1.5.0
load ../support/keycache

setup() { issuer_up; }
teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || printf '%s\n' "exit status ${status-}, said:" "${output-}" "${stderr-}" >&2
    keycache_down
}

jwks() {
    printf '%s' "$KEYS/www/.well-known/jwks.json"
}

# publish TEXT: what the issuer's JWKS is from now on.
publish() {
    printf '%s' "$1" >"$(jwks).new"
    chmod 644 "$(jwks).new"
    mv "$(jwks).new" "$(jwks)"
}

# in_place TEXT: the same, in the same file, which has the same size and time afterwards, and so the same ETag.
in_place() {
    [[ ${#1} == $(stat -c %s "$(jwks)") ]]
    touch -r "$(jwks)" "$BATS_TEST_TMPDIR/time"
    printf '%s' "$1" >"$(jwks)"
    touch -r "$BATS_TEST_TMPDIR/time" "$(jwks)"
}

not_modified() {
    cat "$KEYS"/log/access.log* | grep -c 'jwks\.json HTTP/[0-9.]*" 304 ' || true
}

no_keys_cached() {
    [[ -z $(cached_kids) ]]
}

@test "D4: a key set without a usable key counts by hand at once, whatever makes it so" {
    local document documents good
    fill
    workers 2
    good=$(<"$(jwks)")
    documents=('{"keys":[]}' '{"keys":[1,null]}' '{"keys":[{"kty":"oct","kid":"a","k":"c2VjcmV0"}]}' "${good/ES256/ES384}"
        "${good/\"sig\"/\"enc\"}")
    for document in "${documents[@]}"; do
        publish "$good"
        ctl refresh >"$BATS_TEST_TMPDIR/out"
        [[ $(ask_each good | sort -u) == 200 ]]
        publish "$document"
        run --separate-stderr -0 ctl refresh
        [[ $output == "0 usable keys from "* && $stderr == *"bearerctl refresh: warning: "*": every token is refused" ]]
        no_keys_cached || [[ $document == *ES384* ]]
        [[ $(ask_each good | sort -u) == 401 ]]
    done
    call GET /private "$(bearer good)"
    denied 401 'The token names an unknown key (kid)' invalid_token
    # Nobody asks again within the cooldown.
    fetches_are 11
    install -m 644 "$BATS_TEST_TMPDIR/tokens/good" "$SERVER_DIR/shown"
    run -1 ctl explain "$SERVER_DIR/shown"
    [[ $output == *'no token can be accepted until the issuer publishes a usable key'* ]]
}

@test "D4: workers believe it when they see it a second time, a cooldown later" {
    local good one=$SERVER_DIR/run/fcgi-bearer.socket-0 other=$SERVER_DIR/run/fcgi-bearer.socket-1 third=$SERVER_DIR/run/fcgi-bearer.socket-2
    fill
    workers 3
    await test -S "$third"
    [[ $(ask_at "$one" good) == 200 ]]
    good=$(<"$(jwks)")
    publish '{"keys":[]}'
    forge unknown stranger
    [[ $(ask_at "$one" unknown) == '503 3600' ]]
    [[ $(record) == "2 "*" 3 1 https://localhost:"*": the key set is empty; that is believed when it is fetched once more, 3600 s from now or later" ]]
    [[ $(ask_at "$one" good) == 200 ]]
    fetches_are 2
    # They are due now, young as they are: the next request has them fetched, but of the worker that tried, which keeps its own cooldown.
    pass 0 3601
    [[ $(ask_at "$other" good) == 200 ]]
    await no_keys_cached
    [[ $(ask_each good | sort -u) == 401 ]]
    [[ $(ask_at "$one" unknown) == 401 ]]
    fetches_are 3
    # It has keys again.
    publish "$good"
    await lock_is_free
    pass 0 3601
    [[ $(ask_at "$third" good) == 200 ]]
    [[ $(ask_each good | sort -u) == 200 ]]
    fetches_are 4
    [[ $(grep -c 'could not be refreshed' "$BATS_TEST_TMPDIR/peer.err") == 1 ]]
}

cached_all_published() {
    [[ $(cached_kids) == "$(published_kids)" ]]
}

@test "D4: where cron refreshes it takes two, and a person at a terminal needs one" {
    local command
    settings BEARER_REFRESH=external
    fill
    workers 1
    publish '{"keys":[]}'
    run --separate-stderr -75 ctl refresh
    [[ $stderr == *'the key set is empty; that is believed when it is fetched once more, 3600 s from now or later' ]]
    [[ $(ask good) == 200 ]]
    run -75 ctl refresh
    pass 0 3601
    run -0 ctl refresh
    no_keys_cached
    [[ $(ask good) == 401 ]]
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    sign good
    run -0 ctl refresh
    [[ $(ask good) == 200 ]]
    publish '{"keys":[]}'
    command="env -i PATH='$PATH' ASAN_OPTIONS='${ASAN_OPTIONS-}' '$SERVER_DIR/libexec/bearerctl' refresh"
    run -0 as_worker script -qec "$command" /dev/null
    no_keys_cached
    [[ $(ask good) == 401 ]]
}

@test "D4: a file:// document counts at once; one that is gone, after ten seconds" {
    local dir=$SERVER_DIR/etc/keys
    mkdir -m 755 "$dir"
    install -m 644 "$(jwks)" "$dir/jwks.json"
    settings "BEARER_JWKS_URI=file://$dir/jwks.json"
    workers 2
    [[ $(ask_each good | sort -u) == 200 ]]
    echo '{"keys":[]}' >"$dir/jwks.json"
    await refused_by_all
    call GET /private "$(bearer good)"
    denied 401 'The token names an unknown key (kid)' invalid_token
    install -m 644 "$(jwks)" "$dir/jwks.json"
    await accepted_by_all
    # Nonsense is no word.
    echo '{"keys":"none"}' >"$dir/jwks.json"
    await nonsense_is_told
    [[ $(ask_each good | sort -u) == 200 ]]
    install -m 644 "$(jwks)" "$dir/jwks.json"
    await accepted_by_all
    rm "$dir/jwks.json"
    [[ $(ask_each good | sort -u) == 200 ]]
    # As if it had been long ago.
    touch -d '-20 seconds' "$dir"
    await refused_by_all
    call GET /private "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    install -m 644 "$(jwks)" "$dir/jwks.json"
    await accepted_by_all
}

nonsense_is_told() {
    [[ $(ask_each good | sort -u) == 200 && $(grep -c '"keys" of the key set is not an array' "$BATS_TEST_TMPDIR/peer.err") == 2 ]]
}

# A worker looks at its file once in a tick of the clock.
refused_by_all() {
    run ! grep -q 200 <(ask_each good)
}

accepted_by_all() {
    run ! grep -qv 200 <(ask_each good)
}

@test "D5: the same size and time are the same ETag: only age believes it, and not for more than an hour" {
    another_issuer
    fill
    workers 2
    in_place "$other"
    # For age: 304. The old keys stay, and they are young again.
    pass 601 7200
    [[ $(ask good) == 200 ]]
    await renewed
    fetches_are 2
    [[ $(not_modified) == 1 && $(cached_kids) != "$(published_kids)" ]]
    # For an unknown kid the document comes whole.
    pass 0 7200
    await accepted new
    [[ $(ask_each good | sort -u) == 401 ]]
    fetches_are 3
    [[ $(not_modified) == 1 ]]
    # By hand too.
    ctl refresh
    fetches_are 4
    [[ $(not_modified) == 1 ]]
}

accepted() {
    run -0 grep -q 200 <(ask_each "$1")
}

renewed() {
    (($(fetched_at "$(cache_file)") >= $(date +%s) - 600))
}

@test "D5: after an hour of 304s the document is fetched whole" {
    local file
    another_issuer
    fill
    workers 1
    file=$(cache_file)
    in_place "$other"
    with_sum "$(sed "s/\"whole\":[0-9]*/\"whole\":$(($(date +%s) - 3601))/; 1q" "$file")" | as_worker tee "$file.new" >"$BATS_TEST_TMPDIR/out"
    as_worker mv "$file.new" "$file"
    pass 601 7200
    [[ $(ask good) == 200 ]]
    await cached_all_published
    [[ $(ask good) == 401 && $(ask new) == 200 ]]
    fetches_are 2
    [[ $(not_modified) == 0 ]]
}

@test "D6: a key is replaced under the same kid: 401, one refresh behind it, then 200; forgers get no more" {
    another_issuer same-kid
    fill
    workers 2
    publish "$other"
    [[ $(ask good) == 200 ]]
    call GET /private "$(bearer new)"
    denied 401 'The token signature is not valid' invalid_token
    await accepted new
    await refused_by_all
    [[ $(ask_each new | sort -u) == 200 ]]
    fetches_are 2
    # Forged tokens: within the cooldown none, after it one for all, and nobody waits.
    at_once "ask_each good" "ask_each good" "ask_each good"
    fetches_are 2
    pass 0 7200
    stop_keys_server "$KEYS"
    at_once "ask_each good" "ask_each good" "ask_each good" "ask_each good"
    [[ $(sort -u "$BATS_TEST_TMPDIR"/said.*) == 401 ]]
    await lock_is_free
    [[ $(record) == "2 "*" 3 "* ]]
    [[ $(ask_each new | sort -u) == 200 ]]
    logged 'could not be refreshed' 0
}

@test "D5: doctor names keys that the issuer publishes and workers do not hold, and the other way round" {
    local old new
    fill
    old=$(published_kids)
    run -0 --separate-stderr ctl doctor
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    issuer_run rotate "$KEYS" --drop >>"$BATS_TEST_TMPDIR/rotated"
    new=$(published_kids)
    run -1 --separate-stderr ctl doctor
    [[ $output == *"warning  keys: kid \"$new\": is published, but workers do not have it yet, so its tokens are not accepted; run bearerctl refresh,"* ]]
    [[ $output == *"warning  keys: kid \"$old\": is no longer published, but workers still hold it, so its tokens are still accepted; run bearerctl refresh,"* ]]
    ctl refresh
    run -0 --separate-stderr ctl doctor
    publish '{"keys":[]}'
    run -2 --separate-stderr ctl doctor
    [[ $output == *"the key set is empty; no token can be accepted"* && $output == *"kid \"$new\": is no longer published, but workers still hold it"* ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The key cache as the table of doc/design.md has it, with real workers and an issuer whose fetches are counted at the HTTPS server.

bats_require_minimum_version 1.5.0
load ../support/keycache

teardown() { keycache_down; }

@test "cold start of 8 workers at once: one fetch, everybody is served" {
    issuer_up RS256
    workers 8
    at_once "persist good" "persist good" "persist good" "persist good" "persist good" "persist good" "persist good" "persist good"
    all_end_with 200 '503 1'
    fetches_are 1
    [[ $(stat -c '%a %U' "$(cache_file)") == "600 $WORKER_USER" ]]
    [[ $(stat -c '%a %U' "$(record_file)") == "600 $WORKER_USER" ]]
    [[ $(record) == "2 "*" 2 0" ]]
    logged 'could not be refreshed' 0
}

@test "publish-then-sign rotation while serving: no request fails, one fetch" {
    local old
    issuer_up
    fill
    workers 4
    old=$(published_kids)
    sign current
    keep_asking 3 current
    more_answers 5
    issuer_run rotate "$KEYS" --publish >"$BATS_TEST_TMPDIR/published"
    pass 601 0
    await cached_all_published
    [[ $(cached_kids) == *"$old"* && $(cached_kids) == *" "* ]]
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    sign current
    [[ $(cut -d . -f 1 "$BATS_TEST_TMPDIR/tokens/current") != $(cut -d . -f 1 "$BATS_TEST_TMPDIR/tokens/good") ]]
    more_answers 15
    stop_asking
    [[ $(sort -u "$BATS_TEST_TMPDIR"/loop.*) == 200 ]]
    # One by hand in the beginning, one for the rotation.
    fetches_are 2
}

cached_all_published() {
    [[ $(cached_kids) == "$(published_kids)" ]]
}

@test "a first token with a new kid: 200, one fetch (case 132)" {
    issuer_up
    fill
    workers 1
    [[ $(ask good) == 200 ]]
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    sign new
    [[ $(ask new) == 200 ]]
    [[ $(ask good) == 200 ]]
    fetches_are 2
}

@test "abrupt rotation with 4 workers: good tokens are never 401, one fetch; the old key's are refused" {
    issuer_up
    fill
    workers 4
    [[ $(ask_each good | sort -u) == 200 ]]
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    issuer_run rotate "$KEYS" --drop >>"$BATS_TEST_TMPDIR/rotated"
    sign new
    at_once "persist new" "persist new" "persist new" "persist new" "persist new" "persist new" "persist new" "persist new"
    all_end_with 200 '503 1'
    fetches_are 2
    [[ $(ask_each new | sort -u) == 200 ]]
    [[ $(ask_each good | sort -u) == 401 ]]
    call GET /private "$(bearer good)"
    denied 401 'The token names an unknown key (kid)' invalid_token
    fetches_are 2
}

@test "a key that is removed from the JWKS: 401 after the refresh (case 131)" {
    issuer_up
    fill
    workers 2
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    issuer_run rotate "$KEYS" --drop >>"$BATS_TEST_TMPDIR/rotated"
    [[ $(ask good) == 200 ]]
    pass 601 7200
    [[ $(ask good) == 200 ]]
    await cached_all_published
    call GET /private "$(bearer good)"
    denied 401 'The token names an unknown key (kid)' invalid_token
    fetches_are 2
}

# flood CLIENT: tokens with 60 kids of that client's own, whose claims fit and whose signatures do not; prints the answers.
flood() {
    local good url head tail middle
    good=$(token good)
    url=$(server_url)$API/private
    # Three octets are four letters of base64, wherever they stand.
    head=$(printf '{"alg":  "ES256","kid":"stranger-%02d-' "$1" | base64 -w 0)
    tail=$(printf '" }' | base64)
    curl -q --config <(while read -r middle; do
        printf '%s\n' next silent 'noproxy = "*"' 'max-time = 20' 'output = /dev/null' 'write-out = "%{http_code} %header{retry-after}\n"' \
            "url = \"$url\"" "header = \"Authorization: Bearer $head$middle$tail.${good#*.}\""
    done < <(printf '%03d' {0..59} | base64 -w 4)) | sed 's/ $//'
}

@test "a flood of unknown kids from several clients: one fetch per cooldown, good tokens pass (case 61, 68)" {
    local i
    issuer_up
    settings BEARER_LOG_LEVEL=debug # so that each denial has its line
    fill
    workers 4
    at_once "flood 1" "flood 2" "flood 3" "flood 4" "flood 5" "ask_often good"
    for i in 1 2 3 4 5; do
        [[ $(wc -l <"$BATS_TEST_TMPDIR/said.$i") == 60 ]]
        # Those that wait for the one fetch longer than they may are told to come back.
        run ! grep -vx -e 401 -e '503 1' "$BATS_TEST_TMPDIR/said.$i"
    done
    [[ $(sort -u "$BATS_TEST_TMPDIR/said.6") == 200 ]]
    fetches_are 2
    at_once "flood 6" "flood 7"
    [[ $(sort -u "$BATS_TEST_TMPDIR"/said.[12]) == 401 ]]
    fetches_are 2
    # The cooldown has passed, for all but the worker that made the attempt.
    pass 0 3600
    forge unknown stranger
    [[ $(ask_each unknown | sort -u) == 401 ]]
    fetches_are 3
    logged 'could not be refreshed' 0
    logged 'kid="stranger-07-059"'
}

ask_often() {
    local i
    for ((i = 0; i < 20; i++)); do
        ask "$1"
    done
}

@test "claims that do not fit: an unknown kid fetches nothing" {
    local name
    issuer_up
    fill
    workers 1
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    sign expired --exp -600
    sign other-audience --claim 'aud=["https://other.example.test/"]'
    sign other-issuer --claim 'iss="https://other.example.test/"'
    sign no-expiry --claim 'exp="never"'
    for name in expired other-audience other-issuer no-expiry; do
        [[ $(ask "$name") == 401 ]]
    done
    fetches_are 1
}

@test "issuer down: a known kid passes, an unknown one gets 503 with Retry-After (cases 133, 134)" {
    issuer_up
    fill
    workers 4
    stop_keys_server "$KEYS"
    forge unknown stranger
    call GET /private "$(bearer unknown)"
    denied 503 'Signing keys are unavailable'
    same Retry-After 3600 "${fields[retry-after]-}"
    run -0 ask_each unknown
    [[ ${#lines[@]} == 4 ]]
    run ! grep -vx '503 3[56][0-9][0-9]' <<<"$output"
    [[ $(ask_each good | sort | uniq -c) == *' 4 200' ]]
    [[ $(record) == "2 "*" 3 1 https://localhost:"*"/.well-known/jwks.json: "*connect* ]]
    logged 'the signing keys could not be refreshed: https://localhost:'
    resume_keys_server "$KEYS"
    pass 0 7200
    # The one that tried keeps its own cooldown, until another has succeeded.
    run -0 ask_each unknown
    run -0 grep -c '^401$' <<<"$output"
    [[ $output -ge 3 ]]
    fetches_are 2
}

@test "issuer down: keys older than MAX_STALE are refused, until it is back" {
    issuer_up
    settings BEARER_JWKS_COOLDOWN=1 BEARER_JWKS_MAX_STALE=7200
    fill
    workers 2
    stop_keys_server "$KEYS"
    pass 7000 7200
    [[ $(ask good) == 200 ]]
    pass 7201 0
    call GET /private "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    same Retry-After 1 "${fields[retry-after]-}"
    call GET /public
    answer 200 "$PUBLIC_BODY"
    resume_keys_server "$KEYS"
    await served good
}

served() {
    [[ $(ask "$1") == 200 ]]
}

@test "an issuer that hangs: bounded waits, and known kids do not wait at all" {
    local server asking
    issuer_up
    fill
    workers 4
    [[ $(ask_each good | sort -u) == 200 ]]
    server=$(<"$KEYS/pids/server")
    kill -STOP "$server"
    forge unknown stranger
    ask unknown >"$BATS_TEST_TMPDIR/first" 3>&- 4>&- &
    asking=$!
    await refresh_is_running
    at_once "ask good" "ask good" "ask unknown"
    [[ $(cat "$BATS_TEST_TMPDIR"/said.[12]) == 200$'\n'200 ]]
    # Found the lock held: 1 s at most.
    [[ $(<"$BATS_TEST_TMPDIR/said.3") == '503 1' ]]
    refresh_is_running
    wait "$asking"
    [[ $(<"$BATS_TEST_TMPDIR/first") == 503* ]]
    await lock_is_free
    [[ $(record) == "2 "*" 3 "* ]]
    kill -CONT "$server"
}

refresh_is_running() {
    [[ $(record) == "2 "*" 1 0" ]] && ! lock_is_free
}

@test "due keys are used at once and refreshed behind; a 304 renews them" {
    local fetched server
    issuer_up
    fill
    workers 1
    fetched=$(fetched_at "$(cache_file)")
    pass 601 7200
    server=$(<"$KEYS/pids/server")
    # While nobody answers there: the request does not wait for it.
    kill -STOP "$server"
    [[ $(ask good) == 200 ]]
    await refresh_is_running
    [[ $(ask good) == 200 ]]
    kill -CONT "$server"
    await renewed "$fetched"
    [[ $(ask good) == 200 ]]
    fetches_are 2
    [[ $(cat "$KEYS"/log/access.log* | grep -c 'jwks\.json HTTP/[0-9.]*" 304 ') == 1 ]]
    [[ $(ls "$CACHE") == "$(basename "$(cache_file)")"$'\n'"$(basename "$(record_file)")" ]]
}

# renewed SECONDS: the keys were fetched then or later.
renewed() {
    (($(fetched_at "$(cache_file)") >= $1))
}

@test "plain CGI: one fetch for all; due keys are refreshed behind the answer" {
    local server
    issuer_up
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
    forge unknown stranger
    call_cgi GET /private "$(bearer unknown)"
    denied 401 'The token names an unknown key (kid)' invalid_token
    fetches_are 1
    server=$(<"$KEYS/pids/server")
    kill -STOP "$server"
    pass 601 7200
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
    # The program has ended and its output is at its end, the refresh goes on.
    refresh_is_running
    kill -CONT "$server"
    await lock_is_free
    renewed $(($(date +%s) - 600))
    [[ $(record) == "2 "*" 2 0" ]]
    fetches_are 2
}

@test "no usable directory: a worker keeps keys for itself; plain CGI answers 503 and says why" {
    issuer_up
    mkdir -m 555 "$SERVER_DIR/locked"
    settings "BEARER_CACHE_DIR=$SERVER_DIR/locked/cache"
    workers 1
    [[ $(ask good) == 200 ]]
    [[ $(ask good) == 200 ]]
    forge unknown stranger
    [[ $(ask unknown) == 401 ]]
    fetches_are 1
    logged 'locked/cache cannot be made: Permission denied'
    logged 'Until then each worker fetches keys for itself'
    call_cgi GET /private "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    same Retry-After 3600 "${fields[retry-after]-}"
    logged 'Plain CGI gets no keys without it'
    fetches_are 1
}

@test "a directory that others can write is not used" {
    issuer_up
    chmod 777 "$CACHE"
    workers 1
    [[ $(ask good) == 200 ]]
    logged 'writable by nobody else'
    logged 'chmod go-w'
    [[ -z $(ls "$CACHE") ]]
    call_cgi GET /private "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    fetches_are 1
}

@test "a directory that goes bad under running workers: no good token is 401" {
    local answers
    issuer_up
    fill
    workers 2
    [[ $(ask_each good | sort -u) == 200 ]]
    chmod 777 "$CACHE"
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    sign new
    # Each worker fetches for itself, one for the others in vain.
    answers=$(ask_each new | paste -sd ' ')
    [[ $answers == '200 200' ]]
    [[ $(record) == "2 "*" 4 1 cache directory $CACHE can be written by others"* ]]
    [[ $(grep -c 'could not be refreshed: cache directory' "$BATS_TEST_TMPDIR/peer.err") == 1 ]]
    [[ $(ask_each good | sort -u) == 200 ]]
    [[ $(ask_each new | sort -u) == 200 ]]
    fetches_are 3
    # Mended, the next refresh is for all.
    chmod 700 "$CACHE"
    ctl refresh
    [[ $(ask_each new | sort -u) == 200 ]]
    fetches_are 4
}

@test "a directory of root's is not used by workers" {
    needs_root
    issuer_up
    chown root:root "$CACHE"
    chmod 755 "$CACHE"
    workers 1
    [[ $(ask good) == 200 ]]
    logged 'belongs to another user'
    [[ -z $(ls "$CACHE") ]]
    fetches_are 1
}

@test "a damaged cache file: one line, and it is replaced" {
    local file
    issuer_up
    fill
    file=$(cache_file)
    workers 1
    head -c 100 "$file" | as_worker tee "$file.half" >"$BATS_TEST_TMPDIR/half"
    as_worker mv "$file.half" "$file"
    [[ $(ask good) == 200 ]]
    logged 'is damaged: its last line is not the sum of the first; it is ignored'
    fetches_are 2
    cached_all_published
    # Once keys are held, they stay.
    as_worker truncate -s 0 "$file"
    [[ $(ask good) == 200 ]]
    [[ $(ask good) == 200 ]]
    logged 'is damaged: its last line is not the sum of the first; it is ignored' 2
}

@test "a planted cache file: a miss and one line, nobody else's keys" {
    local file planted=$BATS_TEST_TMPDIR/planted
    issuer_up
    fill
    file=$(cache_file)
    # An attacker's key under the URI of the issuer.
    issuer_run init "$BATS_TEST_TMPDIR/evil" --issuer "$ISSUER" --alg ES256 >"$BATS_TEST_TMPDIR/init"
    with_sum "$(sed "s|\"keys\":.*|$(sed 's/^{//' "$BATS_TEST_TMPDIR/evil/www/.well-known/jwks.json")|; 1q" "$file")" >"$planted"
    grep -q '"uri"' "$planted"
    issuer_run token "$BATS_TEST_TMPDIR/evil" --aud "$AUDIENCE" >"$BATS_TEST_TMPDIR/tokens/evil"
    chmod 755 "$BATS_TEST_TMPDIR"
    install -m 600 "$planted" "$SERVER_DIR/planted"
    ((EUID != 0)) || chown "$WORKER_USER" "$SERVER_DIR/planted"
    workers 1
    as_worker ln -sf "$SERVER_DIR/planted" "$file"
    [[ $(ask evil) == 401 ]]
    logged 'is a symbolic link; it is ignored'
    [[ $(ask good) == 200 ]]
    [[ ! -L $file ]]
    fetches_are 2
}

@test "BEARER_REFRESH=external: workers never start anything" {
    issuer_up
    settings BEARER_REFRESH=external
    workers 2
    call GET /private "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    [[ ${fields[retry-after]-} =~ ^[1-9][0-9]*$ ]]
    server_log | grep -q 'cron or a timer has to run "bearerctl refresh"'
    fetches_are 0
    ctl refresh
    [[ $(ask good) == 200 ]]
    forge unknown stranger
    [[ $(ask unknown) == 401 ]]
    pass 601 7200
    [[ $(ask good) == 200 ]]
    [[ $(ask unknown) == 401 ]]
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
    fetches_are 1
}

@test "proxies in the environment of a worker mean nothing" {
    issuer_up
    workers 1 's|"check-local"|"bin-environment" => ( "https_proxy" => "http://127.0.0.1:9", "ALL_PROXY" => "http://127.0.0.1:9", "CURL_CA_BUNDLE" => "/nonexistent" ), &|'
    grep -q bin-environment "$SERVER_DIR/etc/fcgi-bearer.conf"
    [[ $(ask good) == 200 ]]
    fetches_are 1
}

@test "a worker that is stopped while it waits ends at once, and its refresh goes on" {
    local server asking
    issuer_up
    settings BEARER_JWKS_COOLDOWN=30
    workers 1
    server=$(<"$KEYS/pids/server")
    kill -STOP "$server"
    ask good >"$BATS_TEST_TMPDIR/first" 3>&- 4>&- &
    asking=$!
    await has_record
    await refresh_is_running
    kill -TERM "$(worker_pid)"
    wait "$asking"
    [[ $(<"$BATS_TEST_TMPDIR/first") == '503 1' ]]
    refresh_is_running
    kill -CONT "$server"
    await cached_all_published
    await lock_is_free
    [[ $(record) == "2 "*" 2 0" ]]
    fetches_are 1
}

has_record() {
    [[ -n $(record_file) ]]
}

# worker_pid: of the one worker there is.
worker_pid() {
    find /proc/[0-9]*/exe -maxdepth 0 -lname "$SERVER_DIR/libexec/bearer.fcgi" 2>/dev/null | cut -d/ -f3
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bearerctl refresh by hand and as workers start it: what it fetches and from where, what it refuses, whose files it leaves.

# shellcheck disable=SC2154,SC2034 # ctl reads ctl_under; run sets $stderr and $stderr_lines
bats_require_minimum_version 1.5.0
load ../support/keycache

setup() { issuer_up; }
teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || printf '%s\n' "exit status ${status-}, said:" "${output-}" "${stderr-}" >&2
    keycache_down
}

# root ARGUMENT...: bearerctl as root.
root() {
    # shellcheck disable=SC2317  # ctl calls it
    as_worker() { "$@"; }
    ctl "$@"
}

# owners: of everything in the cache directory: mode, user, name, sorted by name.
owners() {
    find "$CACHE" -mindepth 1 -printf '%m %u %f\n' | sort -k 3
}

both_files() {
    printf '600 %s %s\n600 %s %s\n' "$1" "$(basename "$(cache_file)")" "$1" "$(basename "$(record_file)")"
}

# keeps TEXT COMMAND...: the command makes the next refresh fail, with this text in message and record, and the old keys stay.
keeps() {
    local wanted=$1 before
    shift
    before=$(<"$(cache_file)")
    "$@"
    run --separate-stderr -75 ctl refresh
    stderr=${stderr##*$'\n'}
    if [[ $stderr != "bearerctl refresh: "*"$wanted"* || -n $output ]]; then
        printf 'wanted: %s\ngot: %s\n' "$wanted" "$stderr" >&2
        return 1
    fi
    [[ $(record) == "2 "*" 3 0 ${stderr#bearerctl refresh: }" ]]
    [[ $(<"$(cache_file)") == "$before" ]]
    [[ $(find "$CACHE" -type f | wc -l) == 2 ]]
}

jwks() {
    printf '%s' "$KEYS/www/.well-known/jwks.json"
}

# publish TEXT: what the issuer's JWKS is from now on.
publish() {
    rm -rf "$(jwks)"
    printf '%s' "$1" >"$(jwks)"
    chmod 644 "$(jwks)"
}

# certificate FAULT: the issuer's server gets one with this fault (see ca.bash), or a good one.
certificate() {
    stop_keys_server "$KEYS"
    ca_cert "$KEYS/ca" server "$@"
    resume_keys_server "$KEYS"
}

@test "by hand: says what it did; the files are the workers' alone" {
    run --separate-stderr -0 ctl refresh
    # shellcheck disable=SC2153  # keycache.bash sets it
    [[ $output == "1 usable key from ${ISSUER}.well-known/jwks.json in $(cache_file)" ]]
    [[ -z $stderr ]]
    [[ $(owners) == "$(both_files "$WORKER_USER")" ]]
    [[ $(record) == "2 "*" 2 0" ]]
    [[ $(cached_kids) == "$(published_kids)" ]]
    fetches_are 1
}

@test "a cache directory that is missing is made, 0700" {
    local dir=$SERVER_DIR/parent/cache
    worker_dir "${dir%/*}"
    settings "BEARER_CACHE_DIR=$dir"
    ctl refresh
    [[ $(stat -c '%a %U' "$dir") == "700 $WORKER_USER" ]]
    [[ $(find "$dir" -type f -printf '%m %u\n' | sort -u) == "600 $WORKER_USER" ]]
}

# without_times: the cache file without when it was fetched.
without_times() {
    sed 's/"fetched":[0-9]*,"whole":[0-9]*//; 1q' "$(cache_file)"
}

@test "D5: by hand the document is asked for whole, although there are validators" {
    local before now
    fill
    before=$(without_times)
    [[ $before == *'"etag":"\"'* && $before == *'"last_modified":"'* ]]
    pass 5000 0
    now=$(date +%s)
    ctl refresh
    (($(fetched_at "$(cache_file)") >= now))
    [[ $(without_times) == "$before" ]]
    fetches_are 2
    [[ $(cat "$KEYS"/log/access.log* | grep -c 'jwks\.json HTTP/[0-9.]*" 304 ') == 0 ]]
}

@test "by hand the cooldown does not hold, and the workers see it" {
    workers 1
    ctl refresh
    ctl refresh
    fetches_are 2
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    sign new
    # Within the cooldown of the refresh by hand.
    [[ $(ask new) == 401 ]]
    ctl refresh
    [[ $(ask new) == 200 ]]
    fetches_are 3
}

@test "--forget: workers use no key that they held, whether others can be fetched or not" {
    local document
    workers 2
    fill
    [[ $(ask_each good | sort -u) == 200 ]]
    stop_keys_server "$KEYS"
    run --separate-stderr -75 ctl refresh
    [[ $(ask_each good | sort -u) == 200 ]]
    run --separate-stderr -75 ctl refresh --forget
    document=$(head -n 1 "$(cache_file)")
    [[ $document == *'"fetched":1,'*'"keys":[]'* && $(with_sum "$document") == "$(<"$(cache_file)")" ]]
    run -0 ask_each good
    [[ $output == 503*$'\n'503* ]]
    # With nothing but the cache, as a worker that starts then.
    call_cgi GET /private "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    resume_keys_server "$KEYS"
    run --separate-stderr -0 ctl refresh --forget
    [[ $output == "1 usable key from "* && -z $stderr ]]
    [[ $(ask_each good | sort -u) == 200 ]]
    run --separate-stderr -64 ctl refresh --forget --result-fd=4
}

@test "a refresh that is under way is waited for" {
    local holder refreshing
    fill
    mkfifo "$BATS_TEST_TMPDIR/release"
    # Holds the lock until it is told to let go.
    as_worker flock "$(record_file)" cat <"$BATS_TEST_TMPDIR/release" 3>&- 4>&- &
    holder=$!
    exec 5>"$BATS_TEST_TMPDIR/release"
    await lock_is_held
    ctl refresh >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- 4>&- 5>&- &
    refreshing=$!
    await grep -q 'waiting for a refresh that is under way' "$BATS_TEST_TMPDIR/err"
    fetches_are 1
    exec 5>&-
    wait "$holder"
    wait "$refreshing"
    grep -q '^1 usable key' "$BATS_TEST_TMPDIR/out"
    fetches_are 2
}

lock_is_held() {
    ! lock_is_free
}

@test "one that is killed leaves the lock free, its attempt counted and the keys there" {
    local server refreshing
    fill
    server=$(<"$KEYS/pids/server")
    kill -STOP "$server"
    ctl refresh >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- 4>&- &
    refreshing=$!
    await attempt_is 1
    kill -KILL "$(find /proc/[0-9]*/exe -maxdepth 0 -lname "$SERVER_DIR/libexec/bearerctl" 2>/dev/null | cut -d/ -f3)"
    wait "$refreshing" || true
    kill -CONT "$server"
    lock_is_free
    attempt_is 1
    workers 1
    forge unknown stranger
    [[ $(ask unknown) == 503* ]]
    [[ $(ask good) == 200 ]]
    logged 'the signing keys could not be refreshed: the refresh ended without saying how'
    touch "$CACHE/half" && mv "$CACHE/half" "$(cache_file | sed 's/json$/tmp/')"
    ctl refresh
    [[ $(ask unknown) == 401 ]]
    [[ $(owners) == "$(both_files "$WORKER_USER")" ]]
}

attempt_is() {
    [[ $(record) == "2 "*" $1 "* ]]
}

@test "root beside the workers: becomes their user, and says where" {
    needs_root
    workers 2
    run --separate-stderr -0 root refresh
    [[ ${lines[0]} == "cache directory $CACHE, as uid $(id -u "$WORKER_USER")" ]]
    [[ ${lines[1]} == "1 usable key from "* && ${#lines[@]} == 2 && -z $stderr ]]
    [[ $(owners) == "$(both_files "$WORKER_USER")" ]]
    [[ $(ask_each good | sort -u) == 200 ]]
    fetches_are 1
    # What it may do there is what they may: the record is a file of root's.
    chown root:root "$(record_file)"
    run --separate-stderr -73 root refresh
    [[ $stderr == *"Permission denied"* ]]
    fetches_are 1
}

@test "D10: root does not do what another user's configuration says" {
    local target before
    needs_root
    chown -R "$WORKER_USER" "$SERVER_DIR/libexec" # the program, and with it whose word counts
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec/bearer.env"
    chown "$WORKER_USER" "$SERVER_DIR/libexec/bearer.env"
    run --separate-stderr -0 root refresh
    [[ $stderr == "bearerctl refresh: working as $WORKER_USER, the owner of the configuration; "*'sudo -u USER bearerctl'* ]]
    [[ $(owners) == "$(both_files "$WORKER_USER")" ]]
    # A directory of somebody else's, in which root would have become that one, and root's own.
    for target in "$SERVER_DIR/theirs" "$SERVER_DIR/roots"; do
        mkdir -m 700 "$target"
        [[ $target == *roots ]] || chown daemon "$target"
        sed -i '/^BEARER_CACHE_DIR=/d' "$SERVER_DIR/libexec/bearer.env"
        echo "BEARER_CACHE_DIR=$target" >>"$SERVER_DIR/libexec/bearer.env"
        run --separate-stderr -73 root refresh
        [[ $stderr == *"cache directory $target cannot be opened: Permission denied" ]]
        [[ -z $(find "$target" -mindepth 1) ]]
        run --separate-stderr -2 root doctor --offline
        [[ $output == *"user: looking as $WORKER_USER, the owner of the configuration; --user NAME"* ]]
        run --separate-stderr -75 root explain "$BATS_TEST_TMPDIR/tokens/good"
        [[ $stderr == "bearerctl explain: working as $WORKER_USER, the owner of the configuration; "* ]]
        [[ $output == *"cache directory $target cannot be opened: Permission denied"* ]]
        [[ -z $(find "$target" -mindepth 1) ]]
    done
}

@test "root and a directory of root's: a warning" {
    needs_root
    chown root:root "$CACHE"
    run --separate-stderr -0 root refresh
    [[ ${lines[0]} == "cache directory $CACHE, as uid 0" ]]
    [[ $stderr == *'warning: the cache directory belongs to root; workers that run as another user do not use it'* ]]
    [[ $(owners) == "$(both_files root)" ]]
}

@test "root and a directory that is none of the workers': refused" {
    needs_root
    mv "$CACHE" "$CACHE.real"
    ln -s "$CACHE.real" "$CACHE"
    run --separate-stderr -73 root refresh
    [[ $stderr == *"$CACHE "*"ot a directory"* && -z $output ]]
    rm "$CACHE"
    touch "$CACHE"
    chown "$WORKER_USER" "$CACHE"
    run --separate-stderr -73 root refresh
    [[ $stderr == *"$CACHE is not a directory"* && -z $output ]]
    rm "$CACHE"
    worker_dir "$CACHE"
    chmod 777 "$CACHE"
    run --separate-stderr -73 root refresh
    [[ $stderr == *"writable by nobody else"* ]]
    fetches_are 0
}

@test "a directory that is not ours, or cannot be written: 73, and why" {
    local other=nobody
    needs_root
    chown "$other" "$CACHE"
    chmod 755 "$CACHE"
    run --separate-stderr -73 ctl refresh
    [[ $stderr == *"belongs to another user"* && -z $output ]]
    chown "$WORKER_USER" "$CACHE"
    chmod 500 "$CACHE"
    run --separate-stderr -73 ctl refresh
    [[ $stderr == *"cannot be opened: Permission denied"* && -z $output ]]
    chmod 700 "$CACHE"
    fill
    chmod 500 "$CACHE"
    fetches_are 1
    run --separate-stderr -73 ctl refresh
    [[ $stderr == *"cannot create "*"Permission denied; the old keys stay"* ]]
    [[ $(record) == "2 "*" 4 0 cannot create"* ]]
}

@test "D10: a file that may not grow is an error with a name, by hand and by a worker, and not the end of a process without a word" {
    local prlimit limited
    prlimit=$(type -P prlimit)
    limited=("$prlimit" --fsize=512 --) # the record fits, no document does
    fill
    issuer_run rotate "$KEYS" >/dev/null
    issuer_run rotate "$KEYS" >/dev/null
    ctl_under=("${limited[@]}")
    keeps_unstored 'cannot write jwks-*.tmp: File too large; the old keys stay'
    ctl_under=("$prlimit" --fsize=511 --)
    rm "$(record_file)"
    run --separate-stderr -73 ctl refresh
    [[ $stderr == "bearerctl refresh: "*": File too large"* ]]
    ctl_under=()

    find "$CACHE" -mindepth 1 -delete
    worker_up one "${limited[@]}"
    [[ $(ask_at "$SERVER_DIR/run/one.socket" good) == 200 ]] # through the pipe
    [[ $(ask_at "$SERVER_DIR/run/one.socket" good) == 200 ]]
    grep -q 'cannot write jwks-.*: File too large' "$BATS_TEST_TMPDIR/peer.err"
    find "$CACHE" -mindepth 1 -delete
    worker_up two "$prlimit" --fsize=511 --
    [[ $(ask_at "$SERVER_DIR/run/two.socket" good) == 200 ]]
    grep -q 'record jwks-.*: File too large' "$BATS_TEST_TMPDIR/peer.err"
}

# keeps_unstored PATTERN: the next refresh cannot store the keys, says so like this, and leaves the old ones.
keeps_unstored() {
    local before
    before=$(<"$(cache_file)")
    run --separate-stderr -73 ctl refresh
    # shellcheck disable=SC2053  # a pattern
    [[ $stderr == "bearerctl refresh: "$1 && $(record) == "2 "*" 4 0 "$1 ]]
    [[ $(<"$(cache_file)") == "$before" && $(find "$CACHE" -type f | wc -l) == 2 ]]
}

@test "answers that are no key set: the old keys stay" {
    fill
    keeps 'the server answered 404' rm "$(jwks)"
    keeps 'the server answered 301 (redirects are not followed: name the final URL)' mkdir "$(jwks)"
    keeps 'not strict JSON' publish '<!DOCTYPE html><title>It works</title>'
    keeps 'not strict JSON' publish "$(sed 's/^/ /' "$KEYS/www/.well-known/openid-configuration")garbage"
    keeps 'not strict JSON' publish '{"keys":[],"keys":[]}'
    keeps 'the answer is empty' publish ''
    keeps 'the key set has no "keys"' publish '{}'
    keeps '"keys" of the key set is not an array' publish '{"keys":"none"}'
    keeps 'the answer is larger than 1 MiB' too_large
    [[ $(cached_kids) != '' ]]
}

too_large() {
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    truncate -s 2097152 "$(jwks)"
    tr '\0' ' ' <"$(jwks)" >"$(jwks).new"
    mv "$(jwks).new" "$(jwks)"
}

@test "K5: where the issuer signs with another algorithm, refresh names that and the line to write, which then counts" {
    local said="${ISSUER}.well-known/jwks.json: the key set has no eligible key among 1"
    settings AUTH0_ALGORITHMS=RS256,PS512
    run --separate-stderr -0 ctl refresh
    [[ $output == "0 usable keys from "* ]]
    [[ ${stderr_lines[-1]} == "bearerctl refresh: warning: $said"*'; there are keys for ES256, but AUTH0_ALGORITHMS is RS256,PS512: if the issuer signs its tokens so, write AUTH0_ALGORITHMS=ES256'* ]]
    settings "$(sed -n 's/.*, write \(AUTH0_ALGORITHMS=[A-Za-z0-9,]*\).*/\1/p' <<<"${stderr_lines[-1]}")"
    run --separate-stderr -0 ctl refresh
    [[ $output == "1 usable key from "* && -z $stderr ]]
}

@test "a server that is not the issuer's: the old keys stay" {
    local file record before
    fill
    keeps "$ISSUER" stop_keys_server "$KEYS"
    resume_keys_server "$KEYS"
    keeps certificate certificate --wrong-name
    keeps certificate certificate --expired
    keeps certificate certificate --other-ca
    certificate ''
    ctl refresh
    # Ours is among the system's authorities by no means. (Keys that those had vouched for would have files of their own.)
    file=$(cache_file) record=$(record_file) before=$(<"$file")
    settings BEARER_CA_FILE=
    run --separate-stderr -75 ctl refresh
    [[ $stderr == *certificate* && $(cache_file) == "$file" && $(<"$file") == "$before" ]]
    find "$CACHE" -name 'jwks-*.lock' ! -path "$record" -delete
    settings
    ctl refresh
}

@test "one authority alone is trusted" {
    ca_cert "$KEYS/ca" elsewhere --other-ca
    install -m 644 "$KEYS/ca/other-ca.pem" "$SERVER_DIR/etc"
    settings "BEARER_CA_FILE=$SERVER_DIR/etc/other-ca.pem"
    run --separate-stderr -75 ctl refresh
    [[ $stderr == *SSL* || $stderr == *certificate* ]]
    [[ -z $(cache_file) ]]
    fetches_are 0
}

@test "plain http is refused by the configuration" {
    settings "BEARER_JWKS_URI=http://localhost/.well-known/jwks.json"
    run --separate-stderr -78 ctl refresh
    [[ $stderr == *BEARER_JWKS_URI*http* ]]
    settings BEARER_JWKS_URI= "AUTH0_ISSUER=http://localhost/"
    run --separate-stderr -78 ctl refresh
    [[ $stderr == *AUTH0_ISSUER*http* ]]
    [[ -z $(ls "$CACHE") ]]
}

@test "discovery: the issuer alone is enough, and has to be identical" {
    local document=$KEYS/www/.well-known/openid-configuration shipped
    settings BEARER_JWKS_URI=
    workers 1
    [[ $(ask good) == 200 ]]
    fetches_are 1
    run --separate-stderr -0 ctl refresh
    # shellcheck disable=SC2153  # keycache.bash sets it
    [[ $output == "1 usable key from ${ISSUER}.well-known/openid-configuration in "* ]]
    shipped=$(<"$document")
    keeps 'they must be identical, slash included' \
        discovered "${shipped/"\"issuer\":\"$ISSUER\""/"\"issuer\":\"${ISSUER%/}\""}"
    [[ $stderr == *"its issuer is \"${ISSUER%/}\", but AUTH0_ISSUER is \"$ISSUER\""* ]]
    keeps 'they must be identical' discovered "{\"issuer\":\"${ISSUER}\\u001b[31m\",\"jwks_uri\":\"${ISSUER}.well-known/jwks.json\"}"
    [[ $stderr == *'\x1b[31m'* && $stderr != *$'\x1b'* ]]
    keeps 'its issuer is ""' discovered '{}'
    keeps 'its jwks_uri is not an https:// URI' discovered "{\"issuer\":\"$ISSUER\"}"
    keeps 'its jwks_uri is not an https:// URI' \
        discovered "{\"issuer\":\"$ISSUER\",\"jwks_uri\":\"http://localhost/jwks.json\"}"
    keeps 'its jwks_uri is not an https:// URI' \
        discovered "{\"issuer\":\"$ISSUER\",\"jwks_uri\":\"https://localhost/\\r\\nX: y\"}"
    keeps 'its jwks_uri is not an https:// URI' discovered "{\"issuer\":\"$ISSUER\",\"jwks_uri\":\"file:///etc/passwd\"}"
    keeps 'not strict JSON' discovered "${shipped},"
    keeps 'openid-configuration: the server answered 404' rm "$document"
    discovered "$shipped"
    ctl refresh
}

discovered() {
    printf '%s' "$1" >"$KEYS/www/.well-known/openid-configuration"
}

# _asked PATH: how often this was asked for.
_asked() {
    keys_fetches "$KEYS" >/dev/null # has the log written
    cat "$KEYS"/log/access.log* | grep -cF -e "GET $1 HTTP/"
}

@test "discovery by RFC 8414, where OpenID Connect has none: with the path behind, then below it" {
    local path=/realms/x issuer good
    issuer=${ISSUER%/}$path
    good="{\"issuer\":\"$issuer\",\"jwks_uri\":\"${ISSUER}.well-known/jwks.json\"}"
    settings BEARER_JWKS_URI= "AUTH0_ISSUER=$issuer" BEARER_JWKS_COOLDOWN=0
    mkdir -p "$KEYS/www/.well-known/oauth-authorization-server/realms" "$KEYS/www$path/.well-known"
    # Below it, the last.
    echo "$good" >"$KEYS/www$path/.well-known/oauth-authorization-server"
    run --separate-stderr -0 ctl refresh
    [[ $(_asked "$path/.well-known/openid-configuration") == 1 && $(_asked "/.well-known/oauth-authorization-server$path") == 1 &&
        $(_asked "$path/.well-known/oauth-authorization-server") == 1 ]]
    # With the path behind it, before that: what it says counts, and nobody else is asked.
    echo "${good/"$issuer"/"$issuer/"}" >"$KEYS/www/.well-known/oauth-authorization-server$path"
    keeps "/.well-known/oauth-authorization-server$path: its issuer is \"$issuer/\", but AUTH0_ISSUER is" true
    [[ $(_asked "$path/.well-known/oauth-authorization-server") == 1 ]]
    echo "$good" >"$KEYS/www/.well-known/oauth-authorization-server$path"
    ctl refresh
    # And the first of all: neither a page for people nor what is forbidden is one.
    echo '<html>' >"$KEYS/www$path/.well-known/openid-configuration"
    ctl refresh
    echo "${good/"$issuer"/https://other.example.test}" >"$KEYS/www$path/.well-known/openid-configuration"
    keeps 'its issuer is "https://other.example.test"' true
    rm "$KEYS/www$path/.well-known/openid-configuration" "$KEYS/www/.well-known/oauth-authorization-server$path" \
        "$KEYS/www$path/.well-known/oauth-authorization-server"
    keeps "$path/.well-known/openid-configuration: the server answered 404" true
    [[ $stderr == *'there are none as RFC 8414 has them'* ]]
}

@test "keys from another place than the cached ones are fetched whole" {
    settings BEARER_JWKS_URI=
    ctl refresh
    cp "$(jwks)" "$KEYS/www/other.json"
    sed 's|/\.well-known/jwks\.json|/other.json|' "$KEYS/www/.well-known/openid-configuration" >"$BATS_TEST_TMPDIR/document"
    discovered "$(<"$BATS_TEST_TMPDIR/document")"
    ctl refresh
    keys_fetches "$KEYS" >"$BATS_TEST_TMPDIR/count"
    grep -q 'GET /other\.json HTTP/[0-9.]*" 200 ' "$KEYS"/log/access.log*
    grep -q '/other\.json"' "$(cache_file)"
}

@test "private and symmetric members never reach the cache (case 95)" {
    local document
    document=$(<"$(jwks)")
    publish "${document/'"kty":"EC"'/'"kty":"EC","d":"c2VjcmV0","x5u":"https://x/"'}"
    grep -q c2VjcmV0 "$(jwks)"
    ctl refresh
    run ! grep -e c2VjcmV0 -e '"x5u"' -e '"d"' "$(cache_file)"
    workers 1
    [[ $(ask good) == 200 ]]
}

@test "keys that are skipped are named, with the reason" {
    local document
    document=$(<"$(jwks)")
    publish "${document%\]\}},{\"kty\":\"oct\",\"kid\":\"a\\u001b\\n\",\"k\":\"c2VjcmV0\"},7]}"
    run --separate-stderr -0 ctl refresh
    [[ $output == "1 usable key from "* ]]
    [[ ${stderr_lines[0]} == 'key 2, kid "a\x1b\x0a", is skipped: '* && ${stderr_lines[1]} == 'key 3, kid "", is skipped: '* ]]
    [[ ${#stderr_lines[@]} == 2 && $stderr != *c2Vj* ]]
}

@test "proxies are taken from the configuration alone" {
    local name
    for name in http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
        ctl_env+=("$name=http://127.0.0.1:9")
    done
    ctl refresh
    fetches_are 1
    ctl_env=('no_proxy=*' 'NO_PROXY=localhost')
    settings BEARER_PROXY=http://127.0.0.1:9
    run --separate-stderr -75 ctl refresh
    [[ $stderr == *"port 9"* ]]
    fetches_are 1
}

@test "options for workers, given by hand: wrong usage, and nothing is fetched" {
    local options file=$BATS_TEST_TMPDIR/file
    fill
    touch "$file"
    chmod 666 "$file"
    ((EUID != 0)) || chmod 755 "$BATS_TEST_TMPDIR"
    for options in --lock-fd=3 --result-fd=4 '--lock-fd=3 --result-fd=4' '--lock-fd=4 --result-fd=3' --lock-fd=0 --result-fd=1 \
        '--lock-fd= --result-fd=' '--lock-fd=03 --result-fd=4' --lock-fd '--lock-fd=3 --lock-fd=3' '--result-fd=4 --result-fd=4'; do
        # shellcheck disable=SC2086  # words on purpose
        run --separate-stderr -64 ctl refresh $options 3>&- 4>&-
        [[ -z $output && $stderr == "bearerctl refresh: "*"Try 'bearerctl refresh --help'."* ]]
    done
    # Descriptors that are not what a worker hands over.
    run -64 bash -c "exec 3>&- 4>'$file'; $(command_line --result-fd=4)"
    run -64 bash -c "exec 3>'$file'; $(command_line --lock-fd=3 --result-fd=4) 4>&-"
    run -64 bash -c "exec 3</dev/null; $(command_line --lock-fd=3 --result-fd=4) 4> >(cat >&2)"
    run -64 bash -c "exec 9>'$file'; flock 9; exec 3>'$file'; $(command_line --lock-fd=3 --result-fd=4) 4> >(cat >&2) 9>&-"
    [[ ! -s $file ]]
    fetches_are 1
}

# command_line OPTION...: bearerctl refresh as ctl runs it, for a shell.
command_line() {
    printf '%q ' env -i "PATH=$PATH" "ASAN_OPTIONS=${ASAN_OPTIONS-}" "$SERVER_DIR/libexec/bearerctl" refresh "$@"
}

@test "under a web server: refused before an argument is read" {
    local variable
    for variable in GATEWAY_INTERFACE=CGI/1.1 GATEWAY_INTERFACE= REQUEST_METHOD=GET FCGI_ROLE=RESPONDER; do
        ctl_env=("$variable")
        for arguments in refresh '' --help 'refresh --help' nonsense; do
            # shellcheck disable=SC2086  # words on purpose
            run --separate-stderr -64 ctl $arguments
            [[ -z $output && $stderr == "bearerctl: refusing to run under a web server (found ${variable%%=*})"* ]]
        done
    done
    ctl_env=()
    # A socket as standard input.
    run -64 as_worker env -i PATH="$PATH" ASAN_OPTIONS="${ASAN_OPTIONS-}" spawn-fcgi -n -s "$SERVER_DIR/run/socket" -- \
        "$SERVER_DIR/libexec/bearerctl" refresh
    [[ -z $(ls "$CACHE") ]]
    fetches_are 0
}

@test "help, and what is not understood" {
    run --separate-stderr -0 ctl refresh --help
    [[ $output == "Usage: bearerctl refresh"*"exit status: 0 "* && -z $stderr ]]
    for arguments in --frobnicate now -f; do
        run --separate-stderr -64 ctl refresh "$arguments"
        [[ -z $output && $stderr == "bearerctl refresh: "*"$arguments"* ]]
    done
    [[ -z $(ls "$CACHE") ]]
}

@test "file:// keys: there is nothing to refresh" {
    install -m 644 "$(jwks)" "$SERVER_DIR/etc/jwks.json"
    settings "BEARER_JWKS_URI=file://$SERVER_DIR/etc/jwks.json"
    run --separate-stderr -0 ctl refresh
    [[ $output == *"$SERVER_DIR/etc/jwks.json by the workers themselves: there is nothing to refresh."* ]]
    [[ -z $(ls "$CACHE") ]]
    fetches_are 0
}

@test "two URIs in one directory have files of their own" {
    fill
    cp "$(jwks)" "$KEYS/www/other.json"
    settings "BEARER_JWKS_URI=${ISSUER}other.json"
    ctl refresh
    [[ $(find "$CACHE" -name 'jwks-*.json' | wc -l) == 2 && $(find "$CACHE" -name 'jwks-*.lock' | wc -l) == 2 ]]
    # The one's file under the other's name is a miss.
    as_worker cp "$(grep -l 'other\.json' "$CACHE"/*.json)" "$CACHE/copy"
    as_worker mv "$CACHE/copy" "$(grep -L 'other\.json' "$CACHE"/*.json)"
    settings
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
    [[ $(grep -c . < <(grep -L 'other\.json' "$CACHE"/*.json)) == 1 ]]
    logged 'is ignored: for another URI'
}

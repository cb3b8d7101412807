#!/usr/bin/env bats
# Issuers' servers that are hostile or broken: bearerctl says exactly why, in bounded time and memory; the old keys stay, and good tokens pass.

# shellcheck disable=SC2154,SC2034 # run sets $stderr and $stderr_lines; ctl reads what begins with ctl_
bats_require_minimum_version 1.5.0
load ../support/keycache
load ../support/bad-https

# What a refresh may need, wherever it runs and however it was built. The attacks offer a gigabyte, and hours.
MEMORY_MAX=204800 # KiB
SECONDS_MAX=40

setup() {
    issuer_up
    ctl_under=("$(_program time)" --quiet -f '%M %e' -o "$SERVER_DIR/log/used")
    bad_https_up bad
    site=$(bad_https_uri bad)
    settings "BEARER_JWKS_URI=$site"
    fill
    issuer_run rotate "$KEYS" >"$BATS_TEST_TMPDIR/rotated"
    before=$(<"$(cache_file)")
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || printf '%s\n' "exit status ${status-}, said:" "${output-}" "${stderr-}" >&2
    keycache_down
}

# within_bounds: what the last refresh used.
within_bounds() {
    local memory seconds
    read -r memory seconds <"$SERVER_DIR/log/used"
    if ((memory > MEMORY_MAX || ${seconds%.*} > SECONDS_MAX)); then
        echo "a refresh took $memory KiB and $seconds s" >&2
        return 1
    fi
}

# keeps PATTERN: the next refresh fails with this as its reason, of which * stands for what may differ, also in the record; and the old keys stay in use.
keeps() {
    run --separate-stderr -75 ctl refresh
    # shellcheck disable=SC2053  # a pattern
    if [[ ${stderr_lines[0]} != "bearerctl refresh: $site: "$1 || ${#stderr_lines[@]} != 1 || -n $output ]]; then
        printf 'wanted: %s\ngot: %s\n' "$1" "$stderr" >&2
        return 1
    fi
    within_bounds
    [[ $(record) == "1 "*" 3 0 ${stderr#bearerctl refresh: }" ]]
    [[ $(<"$(cache_file)") == "$before" ]]
    [[ $(find "$CACHE" -type f | wc -l) == 2 ]]
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
}

# recovers: the server behaves again, and so the keys are fetched.
recovers() {
    connects bad tls server
    answers bad good
    ctl refresh >"$BATS_TEST_TMPDIR/recovered"
    [[ $(cached_kids) == "$(published_kids)" ]]
}

@test "a certificate that is not the issuer's: refused, each for its own reason" {
    local fault
    for fault in expired not-yet wrong-name self-signed; do
        ca_cert "$KEYS/ca" "$fault" "--$fault"
    done
    ca_cert "$KEYS/ca" foreign --other-ca
    connects bad tls expired
    keeps "the server's certificate is refused: it has expired"
    connects bad tls not-yet
    keeps "the server's certificate is refused: it is not valid yet"
    connects bad tls foreign
    keeps "the server's certificate is refused: no authority that is trusted here has signed it"
    connects bad tls self-signed
    keeps "the server's certificate is refused: no authority that is trusted here has signed it"
    connects bad tls wrong-name
    keeps "SSL: certificate subject name (elsewhere.test) does not match target host name 'localhost'"
    # Nobody was asked anything but the good one, once.
    [[ $(asked bad) == 1 ]]
    # Workers learn the same.
    connects bad tls expired
    workers 1
    pass 0 7200
    sign new
    [[ $(ask new) == '503 3600' ]]
    logged "the signing keys could not be refreshed: $site: the server's certificate is refused: it has expired"
    [[ $(ask good) == 200 ]]
    recovers
    [[ $(ask new) == 200 ]]
    [[ $(asked bad) == 2 ]]
}

@test "no TLS at all: refused" {
    connects bad plain-http
    keeps 'gnutls_handshake() failed: An unexpected TLS packet was received.'
    connects bad garbage
    keeps 'gnutls_handshake() failed: An unexpected TLS packet was received.'
    connects bad hangup
    keeps 'gnutls_handshake() failed: The TLS connection was non-properly terminated.'
    [[ $(asked bad) == 1 ]]
    recovers
}

@test "a gigabyte, or an answer without an end: given up at 1 MiB" {
    local how
    for how in gigabyte gigabyte-chunked endless bomb; do
        answers bad "$how"
        keeps 'the answer is larger than 1 MiB'
    done
    # In the head of an answer there is no end either.
    answers bad endless-head
    keeps 'Too large response headers: *'
    answers bad endless-100
    keeps 'Too large response headers: *'
    answers bad endless-line
    keeps 'out of memory, or the answer has a header line of more than 100 KiB'
    recovers
}

@test "redirects are followed nowhere" {
    local code to elsewhere
    bad_https_up other
    elsewhere=$(bad_https_uri other)
    for code in 301 302 303 307 308; do
        for to in "$elsewhere" "http${elsewhere#https}" "file://$KEYS/www/.well-known/jwks.json" /elsewhere; do
            [[ $code == 30[127] || $to == "$elsewhere" ]] || continue
            answers bad redirect "$code" "$to"
            keeps "the server answered $code (redirects are not followed: name the final URL)"
        done
    done
    [[ $(connected other) == 0 ]]
    run ! grep -v '^GET /jwks\.json$' "$SERVER_DIR/bad/requests"
    recovers
}

@test "answers that are no answer: refused, each for its own reason" {
    local code
    for code in 201 204 206 401 403 500 503; do
        answers bad status "$code"
        keeps "the server answered $code"
    done
    answers bad short
    keeps 'transfer closed with 10 bytes remaining to read'
    answers bad gzip
    keeps 'the document is not strict JSON: not a JSON object'
    answers bad raw '<html>\n'
    keeps 'Received HTTP/0.9 when not allowed'
    answers bad raw ''
    keeps 'Empty reply from server'
    answers bad raw 'HTTP/1.1 999999 OK\r\n\r\n'
    keeps 'Unsupported response code in HTTP response'
    answers bad raw 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx'
    keeps 'Invalid Content-Length: value'
    answers bad raw 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'
    keeps 'Illegal or missing hexadecimal sequence in chunked-encoding'
    answers bad raw 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"keys\":[]}'
    keeps 'the key set is empty'
    # "Not modified", of something that we do not have any more.
    as_worker truncate -s 0 "$(cache_file)"
    answers bad status 304
    run --separate-stderr -75 ctl refresh
    [[ $stderr == "bearerctl refresh: $site: the server answered 304" ]]
    recovers
}

# slowly NAME URI: a refresh of the keys there, in the background.
slowly() {
    local code
    {
        ctl_env=("BEARER_JWKS_URI=$2")
        ctl_under[5]=$SERVER_DIR/log/used.$1
        code=0
        ctl refresh >"$BATS_TEST_TMPDIR/out.$1" 2>&1 || code=$?
        echo "$code" >"$BATS_TEST_TMPDIR/status.$1"
    } 3>&- 4>&- &
    slow+=($!)
}

@test "a server that is slow, or silent: given up, and nobody waits for it" {
    local name i slow=() sites=()
    local names=(drip trickle drip-head never silent stall)
    local -A reasons=(
        [drip]='Operation too slow. Less than 100 bytes/sec transferred the last 5 seconds'
        [trickle]='Operation timed out after * milliseconds with * bytes received'
        [drip-head]='Operation * *'
        [never]='Operation too slow. Less than 100 bytes/sec transferred the last 5 seconds'
        [silent]='SSL connection timeout'
        [stall]='SSL connection timeout'
    )
    bad_https_up silent
    bad_https_up stall
    for name in "${names[@]}"; do
        answers_for bad "$name" good
        case $name in
            silent | stall) sites+=("$(bad_https_uri "$name")") ;;
            *) sites+=("$(bad_https_uri bad "$name")") ;;
        esac
        ctl_env=("BEARER_JWKS_URI=${sites[-1]}")
        ctl refresh >"$BATS_TEST_TMPDIR/filled"
    done
    ctl_env=()
    before=$(find "$CACHE" -name '*.json' -exec cksum {} + | sort)
    answers_for bad drip drip 100
    answers_for bad trickle drip 1
    answers_for bad drip-head drip-head 5
    answers_for bad never never-answers
    connects silent silent
    connects stall stall
    workers 1
    for i in "${!names[@]}"; do
        slowly "${names[i]}" "${sites[i]}"
    done
    [[ $(ask good) == 200 ]]
    wait "${slow[@]}"
    for i in "${!names[@]}"; do
        name=${names[i]}
        [[ $(<"$BATS_TEST_TMPDIR/status.$name") == 75 ]]
        # shellcheck disable=SC2053  # a pattern
        if [[ $(<"$BATS_TEST_TMPDIR/out.$name") != "bearerctl refresh: ${sites[i]}: "${reasons[$name]} ]]; then
            cat "$BATS_TEST_TMPDIR/out.$name" >&2
            return 1
        fi
        mv "$SERVER_DIR/log/used.$name" "$SERVER_DIR/log/used"
        within_bounds
        settings "BEARER_JWKS_URI=${sites[i]}"
        call_cgi GET /private "$(bearer good)"
        answer 200 "$(claims good)"
    done
    [[ $(find "$CACHE" -name '*.json' -exec cksum {} + | sort) == "$before" ]]
    [[ $(find "$CACHE" -type f ! -name '*.json' ! -name '*.lock') == '' ]]
    [[ $(ask good) == 200 ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Issuers' servers that are hostile or broken: bearerctl says exactly why, in bounded time and memory; the old keys stay, and good tokens pass.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # run sets $stderr, $stderr_lines and $output; ctl reads what begins with ctl_
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

# keeps PATTERN: the next refresh fails with this as its reason, also in the record; and the old keys stay in use. A pattern stands for what may
# differ, also between one libcurl and the next.
keeps() {
    run --separate-stderr -75 ctl refresh
    # shellcheck disable=SC2053  # a pattern
    if [[ ${stderr_lines[0]} != "bearerctl refresh: $site: "$1 || ${#stderr_lines[@]} != 1 || -n $output ]]; then
        printf 'wanted: %s\ngot: %s\n' "$1" "$stderr" >&2
        return 1
    fi
    within_bounds
    [[ $(record) == "2 "*" 3 0 ${stderr#bearerctl refresh: }" ]]
    [[ $(<"$(cache_file)") == "$before" ]]
    [[ $(find "$CACHE" -type f | wc -l) == 2 ]]
    call_cgi GET /private "$(bearer good)"
    answer 200 "$(claims good)"
}

# keys_through SETTING...: these settings, with the keys that were there, in files of their own name: other authorities, or another proxy, could have
# brought other keys. A refresh must fail just now.
keys_through() {
    local old record new
    old=$(cache_file) record=$(record_file)
    settings "$@"
    run -75 ctl refresh
    new=$(find "$CACHE" -name 'jwks-*.lock' ! -path "$record")
    mv "$old" "${new%.lock}.json"
    rm "$record"
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
    keeps "SSL: certificate subject name (elsewhere.test) does not match target host*name 'localhost'"
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
    keeps '*handshake*failed: An unexpected TLS packet was received.'
    connects bad garbage
    keeps '*handshake*failed: An unexpected TLS packet was received.'
    connects bad hangup
    keeps '*handshake*failed: The TLS connection was non-properly terminated.'
    [[ $(asked bad) == 1 ]]
    recovers
}

@test "a gigabyte, or an answer without an end: given up at 1 MiB" {
    local how
    for how in gigabyte gigabyte-chunked endless; do
        answers bad "$how"
        keeps 'the answer is larger than 1 MiB'
    done
    # libcurl 8 does not begin to unpack it.
    answers bad bomb
    keeps 'the answer is @(larger than 1 MiB|encoded *)'
    # Nor when it is compressed: of what goes in, or of what comes out.
    for how in gzip deflate br zstd; do
        answers bad coded-bomb "$how"
        keeps 'the answer is larger than 1 MiB'
    done
    for how in endless-nothing endless-name; do
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
    keeps '* with 10 bytes @(remaining to read|missing)'
    answers bad gzip
    keeps 'the answer says that it is encoded (Content-Encoding: gzip), but cannot be decoded'
    answers bad raw '<html>\n'
    keeps 'Received HTTP/0.9 when not allowed'
    answers bad raw ''
    keeps 'Empty reply from server'
    answers bad raw 'HTTP/1.1 999999 OK\r\n\r\n'
    keeps '@(Unsupported response code in HTTP response|the server answered 999)'
    answers bad raw 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx'
    keeps 'Invalid Content-Length: value'
    answers bad raw 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'
    keeps '@(Illegal or missing hexadecimal sequence in chunked-encoding|chunk hex-length char not a hex digit: 0x7a)'
    answers bad raw 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"keys\":{}}'
    keeps '"keys" of the key set is not an array'
    # "Not modified", of something that we do not have any more.
    as_worker truncate -s 0 "$(cache_file)"
    answers bad status 304
    run --separate-stderr -75 ctl refresh
    [[ $stderr == "bearerctl refresh: $site: the server answered 304" ]]
    recovers
}

# takes [HEADER FILTER...]: the next refresh takes the new keys from a document that comes so.
takes() {
    printf '%s\n' "$before" | as_worker tee "$(cache_file)" >"$BATS_TEST_TMPDIR/old"
    answers bad encoded "$@"
    ctl refresh >"$BATS_TEST_TMPDIR/taken"
    [[ $(cached_kids) == "$(published_kids)" && $(cached_kids) != "$old_kids" ]]
}

@test "K1: documents that come compressed, though nobody asked, or with a byte order mark, are read" {
    local old_kids row
    old_kids=$(cached_kids)
    for row in 'gzip - gzip' 'GZIP - gzip' 'x-gzip - gzip' 'deflate - deflate' 'deflate - deflate-raw' 'br - br' 'zstd - zstd' \
        'identity,gzip - gzip' '- - mark' 'gzip - mark gzip'; do
        # shellcheck disable=SC2086  # words on purpose
        takes $row
    done
    # The issuer's metadata likewise.
    printf '{"issuer":"%s","jwks_uri":"%s"}' "${site%/*}" "$site" >"$BATS_TEST_TMPDIR/metadata"
    mkdir "$SERVER_DIR/bad/answer/.well-known"
    answers_for bad .well-known/openid-configuration encoded br "$BATS_TEST_TMPDIR/metadata" mark br
    ctl_env=("AUTH0_ISSUER=${site%/*}" "AUTH0_ALGORITHMS=ES256" "AUTH0_API_AUDIENCE=$AUDIENCE" BEARER_CONFIG= \
        "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem" "BEARER_CACHE_DIR=$SERVER_DIR/cache")
    run --separate-stderr -0 ctl refresh
    [[ $output == "2 usable keys from ${site%/*}/.well-known/openid-configuration in "* ]]
    # And a file of keys, by workers and by doctor.
    printf '\xef\xbb\xbf%s' "$(<"$KEYS/www/.well-known/jwks.json")" >"$SERVER_DIR/etc/jwks.json"
    ctl_env=()
    settings "BEARER_JWKS_URI=file://$SERVER_DIR/etc/jwks.json"
    sign new
    call_cgi GET /private "$(bearer new)"
    answer 200 "$(claims new)"
    run ctl doctor
    [[ $output == *"jwks.json: 2 of 2 eligible"* ]]
}

@test "K1: what is not decoded is named" {
    local coding
    for coding in compress snappy gzip,gzip gzip,br br,identity,gzip aes128gcm; do
        answers bad encoded "$coding" - gzip
        keeps "the answer is encoded (Content-Encoding: $(sed 's/identity,//; s/,/, /g' <<<"$coding")), and only one of gzip, deflate, br and zstd is decoded here"
    done
    answers bad encoded gzip,gzip,gzip,gzip,gzip,gzip - gzip
    keeps 'the answer is encoded (Content-Encoding: many), and only one of *'
    answers bad encoded "gzip,$(printf '%0200d' 0)" - gzip
    keeps 'the answer is encoded (Content-Encoding: [?]), and only one of *'
    answers bad encoded br - gzip
    keeps 'the answer says that it is encoded (Content-Encoding: br), but cannot be decoded'
    answers bad encoded - - gzip
    keeps 'the document is not strict JSON: not a JSON object'
    answers bad encoded gzip - gzip cut
    keeps 'the document is not strict JSON: *'
    # Where the status says enough, it is that.
    answers bad encoded-status snappy 404
    keeps 'the server answered 404'
    answers bad encoded-status gzip 503
    keeps 'the server answered 503'
    run ctl doctor
    [[ $output == *"keys: $site: the server answered 503; "* ]]
    answers bad encoded compress - gzip
    run ctl doctor
    [[ $output == *'Content-Encoding: compress'*'; have that server send the document as it is (nginx: gzip_static on, not always), or '* ]]
    recovers
}

# as_machine AUTHORITIES COMMAND...: as root, on a machine whose only certificates are those in this directory, in the place of /etc/ssl.
as_machine() {
    # shellcheck disable=SC2016  # for the inner shell
    run --separate-stderr unshare --mount --propagation private sh -euc 'mount --bind "$1" /etc/ssl; shift; exec "$@"' sh "$1" \
        env -i PATH="$PATH" LANG=C ${ASAN_OPTIONS:+"ASAN_OPTIONS=$ASAN_OPTIONS"} "${@:2}"
}

# doctor_advises TEXT: on keys that cannot be fetched.
doctor_advises() {
    run ctl doctor
    grep -F -- "$1" <<<"$output" | grep '^failure  keys: ' || { echo "doctor does not say: $1" >&2 && return 1; }
}

@test "K2: an https:// proxy: its certificate is judged by the same authorities as the issuer's" {
    local proxy fault
    needs_root
    for fault in expired wrong-name; do
        ca_cert "$KEYS/ca" "$fault" "--$fault"
    done
    ca_cert "$KEYS/ca" foreign --other-ca
    bad_https_up proxy
    proxy=$(bad_https_uri proxy '')
    connects proxy tls expired
    keys_through "BEARER_JWKS_URI=$site" "BEARER_PROXY=$proxy"
    keeps "the proxy's certificate is refused: it has expired"
    doctor_advises 'is the host in BEARER_PROXY the one that the certificate names, and the clock of this machine right?'
    connects proxy tls wrong-name
    keeps "SSL: certificate subject name (elsewhere.test) does not match target host*name 'localhost'"
    doctor_advises 'is the host in BEARER_PROXY the one that the certificate names'
    connects proxy plain-http
    keeps '*handshake*failed: *'
    doctor_advises 'is that a port on which the proxy speaks TLS? One that does not is BEARER_PROXY=http://HOST:PORT'
    # The issuer's own certificate, through a proxy that is good.
    connects proxy tls server
    connects bad tls foreign
    keeps "the server's certificate is refused: no authority that is trusted here has signed it"
    connects bad tls server
    connects proxy tls foreign
    keeps "the proxy's certificate is refused: no authority that is trusted here has signed it"
    doctor_advises "set BEARER_CA_FILE to a file with the authority that signed the proxy's certificate, and the one that signed the server's"
    # As advised.
    rm "$CACHE"/*
    cat "$KEYS/ca/other-ca.pem" "$KEYS/ca/ca.pem" >"$SERVER_DIR/etc/both.pem"
    settings "BEARER_JWKS_URI=$site" "BEARER_PROXY=$proxy" "BEARER_CA_FILE=$SERVER_DIR/etc/both.pem"
    ctl refresh >"$BATS_TEST_TMPDIR/both"
    [[ $(cached_kids) == "$(published_kids)" && $(grep -c "^CONNECT localhost:" "$SERVER_DIR/proxy/requests") == 2 ]]
    # Found where another system than the one libcurl was built on keeps them.
    settings "BEARER_JWKS_URI=$site" "BEARER_PROXY=$proxy" BEARER_CA_FILE=
    mkdir -m 755 "$SERVER_DIR/ssl"
    install -m 644 "$SERVER_DIR/etc/both.pem" "$SERVER_DIR/ssl/cert.pem"
    as_machine "$SERVER_DIR/ssl" "$SERVER_DIR/libexec/bearerctl" refresh
    [[ $status -eq 0 && -z $stderr && $(grep -c "^CONNECT localhost:" "$SERVER_DIR/proxy/requests") == 3 ]]
}

# swapped CHECKED OTHER: the CA file is one of these authorities', until it has been checked; then the other one's has its name.
swapped() {
    install -m 644 "$KEYS/ca/$1.pem" "$SERVER_DIR/etc/ca.pem"
    install -m 644 "$KEYS/ca/$2.pem" "$SERVER_DIR/etc/other.pem"
    connects proxy swapping-proxy "$SERVER_DIR/etc/other.pem" "$SERVER_DIR/etc/ca.pem"
}

@test "D10: the CA file that was checked counts, and not what has its name when TLS begins" {
    ca_cert "$KEYS/ca" foreign --other-ca
    bad_https_up proxy
    swapped other-ca ca
    keys_through "BEARER_JWKS_URI=$site" "BEARER_PROXY=http://localhost:$(<"$SERVER_DIR/proxy/port")"
    swapped other-ca ca
    keeps "the server's certificate is refused: no authority that is trusted here has signed it"
    cmp "$SERVER_DIR/etc/ca.pem" "$KEYS/ca/ca.pem"
    swapped ca other-ca
    ctl refresh >"$BATS_TEST_TMPDIR/taken"
    [[ $(cached_kids) == "$(published_kids)" && $(cached_kids) != "$(grep -o '"kid":"[^"]*"' <<<"$before" | cut -d '"' -f 4)" ]]
    cmp "$SERVER_DIR/etc/ca.pem" "$KEYS/ca/other-ca.pem"
}

@test "K4: a machine without authorities: what to install is said, and plain http needs none" {
    local ssl=$SERVER_DIR/ssl plain
    needs_root
    bad_https_up plain
    connects plain plain-http
    plain=http://localhost:$(<"$SERVER_DIR/plain/port")/private
    settings "BEARER_JWKS_URI=$site" BEARER_CA_FILE=
    mkdir -m 755 "$ssl"
    none_found() {
        as_machine "$ssl" "$SERVER_DIR/libexec/bearerctl" refresh
        [[ $status -eq 75 && $stderr == "bearerctl refresh: $site: no authorities to trust were found on this machine: install the package ca-certificates, or set BEARER_CA_FILE to a file of their certificates in PEM" ]]
    }
    none_found
    as_machine "$ssl" "$SERVER_DIR/libexec/bearerctl" doctor --offline "$plain"
    [[ $output == *"url: $plain is answered by "* && $output != *"failure  url: "* ]]
    as_machine "$ssl" "$SERVER_DIR/libexec/bearerctl" doctor --offline "https${plain#http}"
    [[ $output == *"failure  url: "*": no authorities to trust were found on this machine: install the package ca-certificates, or "* ]]
    # A server's own certificate among them is none: Debian's ssl-cert leaves one there.
    mkdir -m 755 "$ssl/certs"
    none_found
    install -m 644 "$KEYS/ca/server.pem" "$ssl/certs/ssl-cert-snakeoil.pem"
    : >"$ssl/certs/ca-certificates.crt"
    none_found
    # As advised: what the package brings, or a file.
    install -m 644 "$KEYS/ca/ca.pem" "$ssl/certs/authority.pem"
    as_machine "$ssl" "$SERVER_DIR/libexec/bearerctl" refresh
    [[ $status -eq 0 ]]
    rm -r "$ssl/certs"
    settings "BEARER_JWKS_URI=$site"
    as_machine "$ssl" "$SERVER_DIR/libexec/bearerctl" refresh
    [[ $status -eq 0 ]]
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
        [silent]='@(SSL connection timeout|Connection timed out after * milliseconds)'
        [stall]='@(SSL connection timeout|Connection timed out after * milliseconds)'
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

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a program is started with besides its arguments - variables, umask, closed standard streams - neither opens, loosens nor damages anything.

# shellcheck disable=SC2034,SC2154  # ctl reads ctl_env and ctl_under; run sets $stderr
# shellcheck disable=SC2030,SC2031,SC2119,SC2120  # each test has its own CACHE; cgi takes arguments in one of them
bats_require_minimum_version 1.5.0
load ../support/keycache

setup() {
    issuer_up
    worker_dir "$SERVER_DIR/scratch"
}
teardown() { keycache_down; }

# cgi [NAME=VALUE...]: bearer.fcgi as a CGI program, started by $ctl_under, which the good token asks.
cgi() {
    as_worker env -i PATH="$PATH" BEARER_CONFIG="$SERVER_DIR/etc/bearer.env" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/private \
        HTTP_AUTHORIZATION="Bearer $(token good)" "$@" "${ctl_under[@]}" "$SERVER_DIR/libexec/bearer.fcgi" </dev/null
}

# modes: of the cache directory and what is in it.
modes() {
    find "$CACHE" -printf '%y %m\n' | sort | paste -sd ' '
}

@test "D10: what a worker and a refresh make has its mode whatever the umask" {
    local mask
    for mask in 000 077 777; do
        CACHE=$SERVER_DIR/scratch/$mask
        settings
        # shellcheck disable=SC2016  # for the inner shell
        ctl_under=("$(type -P sh)" -c 'umask "$1" && shift && exec "$@"' sh "$mask")
        ctl refresh
        [[ $(modes) == 'd 700 f 600 f 600' ]]
        rm -r "$CACHE"
        run -0 cgi
        [[ $output == 'Status: 200 OK'* && $(modes) == 'd 700 f 600 f 600' ]]
        rm -r "$CACHE"
        worker_up "worker-$mask" "${ctl_under[@]}"
        [[ $(ask_at "$SERVER_DIR/run/worker-$mask.socket" good) == 200 && $(modes) == 'd 700 f 600 f 600' ]]
    done
}

# low_numbers TRACE: files that are made and connections whose number is that of a standard stream, so that messages and answers go there.
low_numbers() {
    grep -E '(O_CREAT|accept4\().* = [012]$' "$1"
}

# traced NAME CLOSED [OPTION...]: from now on programs are started with these streams closed, into an empty cache; what they open is in the trace of this name.
traced() {
    ctl_under=("$(type -P strace)" -f -qq "${@:3}" -e "trace=openat,accept4" -o "$SERVER_DIR/scratch/$1" "$(type -P sh)" -c "exec \"\$@\" $2" sh)
    find "$CACHE" -mindepth 1 -delete
}

# untouched NAME: no file took the place of a stream, and the record holds nothing but what belongs there.
untouched() {
    grep -q 'O_CREAT.* = [0-9]' "$SERVER_DIR/scratch/$1"
    run ! low_numbers "$SERVER_DIR/scratch/$1"
    [[ $(record) =~ ^'2 '[0-9]+' 0 0 2 0'\ *$ && $(stat -c %s "$(record_file)") == 512 ]]
}

@test "D10: with its standard streams closed a program opens no file and no connection in their place" {
    local closed
    for closed in '2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
        traced cgi "$closed"
        cgi >"$BATS_TEST_TMPDIR/out" || [[ $closed == *'>&- '* ]] # where there is no output to write
        untouched cgi
        traced ctl "$closed"
        ctl refresh >"$BATS_TEST_TMPDIR/out" || [[ $closed == *'>&- '* ]]
        untouched ctl
    done
    # As the FastCGI specification has it (2.2).
    traced worker '>&- 2>&-' -D
    worker_up one "${ctl_under[@]}"
    [[ $(ask_at "$SERVER_DIR/run/one.socket" good) == 200 ]]
    await grep -q 'accept4(.* = [0-9]' "$SERVER_DIR/scratch/worker"
    untouched worker
}

@test "D10: no variable of the caller's has a library write down secrets, ask a proxy, or look for another host" {
    local variables=("SSLKEYLOGFILE=$SERVER_DIR/scratch/secrets" GNUTLS_DEBUG_LEVEL=99 "HOSTALIASES=$SERVER_DIR/scratch/aliases"
        LOCALDOMAIN=elsewhere.test RES_OPTIONS=debug HTTP_PROXY=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9
        HTTPS_PROXY=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9 SSL_CERT_FILE=/dev/null SSL_CERT_DIR=/nowhere CURL_CA_BUNDLE=/dev/null)
    mkfifo -m 666 "$SERVER_DIR/scratch/aliases"
    ctl_env=("${variables[@]}")
    run --separate-stderr -0 ctl refresh
    run ! grep -E 'KEY|SECRET' <<<"$stderr"
    run --separate-stderr ctl doctor "${ISSUER}.well-known/jwks.json"
    run ! grep -E 'KEY \[|SECRET' <<<"$stderr"
    [[ ! -e $SERVER_DIR/scratch/secrets ]]
    # To a CGI program HTTP_PROXY is a header of the client's.
    find "$CACHE" -mindepth 1 -delete
    run --separate-stderr -0 cgi "${variables[@]}"
    [[ $output == 'Status: 200 OK'* && ! -e $SERVER_DIR/scratch/secrets ]]
    fetches_are 4 # of refresh, of doctor two, of the CGI program

    # What nobody has opened is still to be had.
    settings BEARER_JWKS_URI=https://issuer/jwks.json
    echo unread >"$SERVER_DIR/scratch/aliases" 3>&- &
    ctl_under=("$(type -P timeout)" -k 1 20) # who opens it twice waits
    run -75 ctl refresh
    [[ $output == *issuer* && $(timeout 10 cat "$SERVER_DIR/scratch/aliases") == unread ]]
}

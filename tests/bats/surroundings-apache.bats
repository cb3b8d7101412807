#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The guards of Apache, as they are shipped, inside of everything that can surround them (tests/surroundings/apache.rows).

# shellcheck disable=SC2030,SC2031,SC2034,SC2154  # names shared with http-cases
bats_require_minimum_version 1.5.0
load ../support/guard-cases
load ../support/servers-apache-guard
load ../support/surroundings-apache

guard_serve() { surroundings_start "$kind"; }

setup_file() {
    local kind=fcgid
    guard_setup
    for kind in authnz folder; do
        guard_server
        echo "$SERVER_DIR" >"$BATS_FILE_TMPDIR/$kind"
    done
    SERVER_DIR=$FILE_SERVER
    echo "$SERVER_DIR" >"$BATS_FILE_TMPDIR/fcgid"
}

teardown_file() {
    local kind
    for kind in fcgid authnz folder; do
        [[ ! -e $BATS_FILE_TMPDIR/$kind ]] || SERVER_DIR=$(<"$BATS_FILE_TMPDIR/$kind") server_remove
    done
}

# Each stays until the last test.
teardown() {
    FILE_SERVER=$SERVER_DIR guard_teardown
}

# with KIND: what follows is about this server.
with() {
    kind=$1
    SERVER_DIR=$(<"$BATS_FILE_TMPDIR/$1")
    SURROUNDINGS_CASES=$SERVER_DIR/etc/cases
}

SURROUNDINGS_TARGETS='private/secret.txt private/show.cgi app/show'

@test "D1: every directive of this Apache has a row, every row is of a directive, and what is tried is tried at every level" {
    local list=$top_srcdir/tests/surroundings/apache-directives.list rows=$BATS_TEST_TMPDIR/rows now=$BATS_TEST_TMPDIR/now missing
    sed -n '/^#/d; s/ *|.*//p' "$top_srcdir/tests/surroundings/apache.rows" | tr ' ' '\n' | LC_ALL=C sort -u >"$rows"
    cut -d ' ' -f 1 "$list" | LC_ALL=C sort -u >"$BATS_TEST_TMPDIR/list"
    missing=$(LC_ALL=C comm -13 "$rows" "$BATS_TEST_TMPDIR/list")
    [[ -z $missing ]] || { echo "give these rows in tests/surroundings/apache.rows: $missing" >&2 && false; }
    missing=$(LC_ALL=C comm -23 "$rows" "$BATS_TEST_TMPDIR/list")
    [[ -z $missing ]] || { echo "rows of no directive in tests/surroundings/apache-directives.list: $missing" >&2 && false; }
    surroundings_complete
    # A newer Apache may have lost some of the list.
    "$top_srcdir/tests/surroundings/apache-directives.sh" | LC_ALL=C sort >"$now"
    missing=$(LC_ALL=C comm -23 "$now" <(LC_ALL=C sort "$list"))
    [[ -z $missing ]] || {
        printf '%s\n' 'this Apache has what tests/surroundings/apache-directives.list has not (run apache-directives.sh there, and give each a row):' "$missing" >&2
        false
    }
}

@test "D1 D3: mod_fcgid: nobody but a good token gets a byte, whatever is around the guard" {
    with fcgid
    surroundings_try
}

@test "D1 D3: mod_authnz_fcgi: nobody but a good token gets a byte, whatever is around the guard" {
    with authnz
    surroundings_try
}

@test "D1 D3: .htaccess: nobody but a good token gets a byte, whatever is around the guard" {
    with folder
    SURROUNDINGS_TARGETS='private/secret.txt private/show.cgi' surroundings_try
}

# gets WHO PATH STATUS [HEADER...]: and with 200 the secret, else none.
gets() {
    guard_as "$1"
    local header
    for header in "${@:4}"; do options+=("header = \"$header\""); done
    guard_urls "$2"
    same "$kind: status of $2 for $1" "$3" "${statuses[0]}"
    if [[ $3 == 200 ]]; then
        grep -q -a $'\341\233\212' "$BATS_TEST_TMPDIR/got/0.body" || wrong "$kind: no secret came"
    else
        guard_no_secret "$kind: $2 for $1"
    fi
}

@test "D3: what two sections ask for is asked for, and the looser one does not win" {
    for kind in fcgid authnz folder; do
        with "$kind"
        # <Directory> read:files, <Location> behind it valid-token or optional, in a line without a guard.
        gets scopeless /plain/private/secret.txt 403
        gets full /plain/private/secret.txt 200
        gets none /optional/private/secret.txt 401
        gets scopeless /optional/private/secret.txt 403
        # A guard that lets nobody pass, alone; in a line that does not; and in one that does, and asks for something else.
        gets none /loose/private/secret.txt 200
        gets scopeless /loose/private/secret.txt 200
        gets none /tight/private/secret.txt 401
        gets scopeless /tight/private/secret.txt 403
        gets full /tight/private/secret.txt 200
        gets none /both/private/secret.txt 200
        gets scopeless /both/private/secret.txt 403
        gets full /both/private/secret.txt 200
        # A folder that asks for more in a folder that is guarded.
        gets bare /nested/private/secret.txt 200
        gets bare /nested/private/inner/secret.txt 403
        gets scopeless /nested/private/inner/secret.txt 403
        gets full /nested/private/inner/secret.txt 200
        [[ $kind != folder ]] || continue
        # <Directory> read:files and <Location> write:files.
        gets bare /later/private/secret.txt 403
        gets scopeless /later/private/secret.txt 403
        gets none /later/private/secret.txt 401
        gets full /later/private/secret.txt 200
    done
}

@test "D3: a whole site is guarded, its denials are what they are everywhere" {
    local path site target
    for kind in fcgid authnz; do
        with "$kind"
        for site in whole proxied; do
            path=/secret.txt
            gets none "$path" 401 "Host: $site.test"
            same challenges 1 "$(grep -a -c -i '^www-authenticate: Bearer realm="api".$' "$BATS_TEST_TMPDIR/got/0.head")"
            same body '{"detail":"Not authenticated"}' "$(<"$BATS_TEST_TMPDIR/got/0.body")"
            gets scopeless "$path" 403 "Host: $site.test"
            same challenges 1 "$(grep -a -c -i '^www-authenticate: ' "$BATS_TEST_TMPDIR/got/0.head")"
            same body '{"detail":"Required: scope=read:files"}' "$(<"$BATS_TEST_TMPDIR/got/0.body")"
            gets full "$path" 200 "Host: $site.test"
            for target in /bearer-denied /bearer-denied/ /bearer-denied/secret.txt //bearer-denied /Bearer-Denied; do
                guard_as none
                options+=("header = \"Host: $site.test\"")
                guard_urls "$target"
                guard_no_secret "$kind: $target of $site"
                [[ ${statuses[0]} == 40[134] ]] || wrong "$kind: $target of $site is ${statuses[0]}"
            done
        done
    done
}

# opened PATH [HOST]: the secret comes without a token; doctor says so when asked for that URL.
opened() {
    local host=${2:-localhost}
    guard_as none
    options+=("header = \"Host: $host\"")
    guard_urls "$1"
    grep -q -a $'\341\233\212' "$BATS_TEST_TMPDIR/got/0.body" || wrong "$kind: $1 is not open"
    doctor_sees_open "http://$host:$(<"$SERVER_DIR/port")$1"
}

@test "D1 D3: what the page says opens the door does, and nothing beside it" {
    local host path
    for kind in fcgid authnz folder; do
        with "$kind"
        gets none /plain/private/secret.txt 401
        opened /plain/private/secret.txt early.localhost
        opened /doors/private/location/secret.txt
        opened /doors/private/below/secret.txt
        [[ $kind != folder ]] || opened /plain/private/secret.txt named.localhost
        gets none /doors/private/require/secret.txt 401
        gets scopeless /doors/private/require/secret.txt 200
        # As the page says: doctor has no token without the scope.
        doctor_clean
        CTL=$SERVER_DIR/libexec/bearerctl doctor "$([[ $kind == folder ]] && echo 1 || echo 0)" "BEARER_CONFIG=$SERVER_DIR/etc/bearer.env" --offline "$(server_url)/doors/private/require/secret.txt"
        says ok 'without a token: 401'
        [[ $kind != folder ]] || continue
        gets none /located/secret.txt 401 'Host: aliased.localhost'
        opened /also/secret.txt aliased.localhost
        gets none /app/show 401 'Host: aliased.localhost'
        opened /other/show aliased.localhost
        for host in slashes on nodecode; do
            gets none /app/show 401 "Host: $host.localhost"
            for path in //app/show /.//app/show /x/..//app/show /%2e//app/show; do gets none "$path" 401 "Host: $host.localhost"; done
            for path in /APP/show /app%5cshow; do opened "$path" "$host.localhost"; done
        done
        gets none /app%2fshow 404 'Host: slashes.localhost'
        gets none /app%2fshow 401 'Host: on.localhost'
        opened /app%2fshow nodecode.localhost
    done
}

# The ways of a request to a program, PATH:STATUS.
WAYS='show.cgi:200 show.php:200 front/cgi/x:200 front/php/x:200 front/fcgi/x:200 fallback/none:200 index/:200 views/page:200 show.fcgi:200 local.cgi:200'

# They are asked with a token that the rules around the folder hand to programs.
@test "D12 D14: every way to a program says who it is once, and does not hand on the token" {
    local way name
    for kind in fcgid authnz folder; do
        with "$kind"
        for way in $WAYS; do
            [[ $way != *fcgi* || $kind != authnz ]] || continue # no mod_fcgid is loaded there
            guard_as full
            guard_urls "/programs/private/${way%:*}"
            called="$kind: $way"
            same "status" "${way#*:}" "${statuses[0]}"
            for name in REMOTE_USER BEARER_SUB; do same "$name" 'auth0|a b\u00221' "$(guard_shown "$name")"; done
            same AUTH_TYPE Bearer "$(guard_shown AUTH_TYPE)"
            same BEARER_PROFILE default "$(guard_shown BEARER_PROFILE)"
            same BEARER_CLAIM_ORG 'Team\u0020A b' "$(guard_shown BEARER_CLAIM_ORG)"
            same BEARER_SCOPE 'read:files write:files' "$(guard_shown BEARER_SCOPE)"
            same BEARER_PERMISSIONS 'read:x a\u0020b' "$(guard_shown BEARER_PERMISSIONS)"
            ! grep -a -E '^[A-Z_]*(REMOTE_USER|AUTH_TYPE|BEARER_[A-Z_]*)=.*, ' "$BATS_TEST_TMPDIR/got/0.body" || wrong 'it is said twice'
            ! grep -a -F -e "$(token full | cut -d. -f3)" "$BATS_TEST_TMPDIR/got/0.body" || wrong 'the token went to the program'
        done
        # The guard would make a 200 of the 404 of a page for errors: nobody gets those that are guarded themselves.
        guard_as full
        guard_urls /programs/private/missing/none
        same "$kind: status of an error" 404 "${statuses[0]}"
        guard_no_secret "$kind: a guarded page for errors"
        # What is not there is not handed to the program of the folder above.
        guard_as full
        guard_urls /programs/private/none
        same "$kind: status of what is not there" 404 "${statuses[0]}"
        # And the rules are there.
        guard_urls /programs/none
        grep -q -F -e "$(token full | cut -d. -f3)" "$BATS_TEST_TMPDIR/got/0.body" || wrong "$kind: the rules hand on nothing"
    done
}

@test "D13: what is let through is private, or stricter where the program says so; redirects, errors and 304 too" {
    local said
    for kind in fcgid authnz folder; do
        with "$kind"
        guard_as full
        for said in public,max-age=60:private max-age=60:private s-maxage=60:private no-cache:private 'private="x":private' private,max-age=60:private,max-age=60 \
            no-store:no-store no-cache,no-store:no-cache,no-store PRIVATE:PRIVATE; do
            guard_urls "/programs/private/says.cgi?${said%:*}"
            same "$kind: Cache-Control for ${said%:*}" "${said##*:}" "$(sed -n 's/^Cache-Control: \(.*\)\r$/\1/pI' "$BATS_TEST_TMPDIR/got/0.head")"
        done
        guard_urls /programs/private/show.cgi /programs/private/none /programs/private/front /plain/private/secret.txt
        for said in 0:200 1:404 2:301 3:200; do
            same "$kind: status ($said)" "${said#*:}" "${statuses[${said%:*}]}"
            same "$kind: Cache-Control ($said)" private "$(sed -n 's/^Cache-Control: \(.*\)\r$/\1/pI' "$BATS_TEST_TMPDIR/got/${said%:*}.head")"
        done
        options+=('header = "If-None-Match: *"')
        guard_urls /plain/private/secret.txt
        same "$kind: status" 304 "${statuses[0]}"
        same "$kind: Cache-Control of a 304" private "$(sed -n 's/^Cache-Control: \(.*\)\r$/\1/pI' "$BATS_TEST_TMPDIR/got/0.head")"
    done
}

# Apache shows the guard the last value only of the headers that the shipped pattern finds: an empty one hides those before it, and is dropped with them.
@test "D2: an empty header behind a forged one does not bring that to a backend" {
    local name
    for kind in fcgid authnz; do
        with "$kind"
        for name in Bearer.Sub "Bearer'Scope" 'Bearer|Permissions' 'bearer!client~id' Bearer_Exp 'BEARER*CLAIMS' 'bearer!profile' 'Bearer.Claim|Org' bearer_claim_org 'Bearer-Claim.Org' Remote.User auth_type Bearer.Anything; do
            guard_as full
            printf '%s\r\n' "GET /app/show HTTP/1.1" 'Host: localhost' 'Connection: close' "$(bearer full)" "$name: FORGED" 'Bearer.Zzz:' '' >"$BATS_TEST_TMPDIR/request"
            exec 7<>"/dev/tcp/127.0.0.1/$(<"$SERVER_DIR/port")"
            cat "$BATS_TEST_TMPDIR/request" >&7
            cat <&7 >"$BATS_TEST_TMPDIR/body"
            exec 7>&-
            grep -a -q '^HTTP_BEARER_SUB=auth0' "$BATS_TEST_TMPDIR/body" || wrong "$kind: $name: no answer of the backend"
            # What no program takes for a claim does, as the page says.
            same "$kind: $name at the backend" "$([[ $name != Bearer.Anything ]] || echo HTTP_BEARER_ANYTHING=FORGED)" "$(grep -a FORGED "$BATS_TEST_TMPDIR/body" | tr -d '\r')"
            # Without the empty one it is refused.
            gets full /app/show 400 "$name: FORGED"
        done
    done
}

# It is the last: no worker comes back. Each case was asked for with a good token before.
@test "D1: without a worker nobody gets a byte, whatever is around the guard" {
    for kind in fcgid authnz folder; do
        with "$kind"
        SURROUNDINGS_TARGETS='private/secret.txt app/show'
        [[ $kind != folder ]] || SURROUNDINGS_TARGETS='private/secret.txt private/show.cgi'
        surroundings_stopped
    done
}

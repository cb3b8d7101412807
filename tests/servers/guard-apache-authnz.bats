#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Apache with mod_authnz_fcgi guards files, CGI and FastCGI programs and an HTTP backend (apache-conf/authnz-fcgi.conf).

# shellcheck disable=SC2034,SC2154  # names of http-cases
bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private/show.cgi env:/private/show.php http:/app/show'
export GUARD_NOBODY=-
export GUARD_TABLE='doc/reference/answers.md:Apache: mod_authnz_fcgi'
export GUARD_FIELD=LimitRequestFieldSize:400 GUARD_TOO_LONG='Not authenticated' GUARD_WORDY=500
load ../support/guard-cases
load ../support/servers-apache-guard

guard_serve() {
    start_apache_guard authnz "${edit-}"
}

# multiwatch, too: it would start another worker, which answers the request that the one before it did not.
guard_worker_pids() {
    find /proc/[0-9]*/exe -maxdepth 0 -lname "$SERVER_DIR/*/bearer.fcgi*" 2>/dev/null | cut -d/ -f3
    ! process_runs "$(<"$SERVER_DIR/pids/workers")" || cat "$SERVER_DIR/pids/workers"
}

guard_restart_worker() { start_authnz_workers; }

# mod_authnz_fcgi waits 30 s for a worker that hangs, whatever it is told. Another server does so from the first test to the last one.
setup_file() {
    guard_setup
    hang_begin
}

teardown_file() {
    guard_teardown_file
    SERVER_DIR=$(<"$BATS_FILE_TMPDIR/hanging") hang_end
}

hang_begin() {
    guard_server
    echo "$SERVER_DIR" >"$BATS_FILE_TMPDIR/hanging"
    guard_signal STOP
    curl -q --silent --noproxy '*' --max-time 120 -D "$BATS_FILE_TMPDIR/head" -o "$BATS_FILE_TMPDIR/body" -H "$(bearer full)" \
        "$(server_url)/private/secret.txt" </dev/null >/dev/null 2>&1 3>&- 4>&- &
    echo $! >"$BATS_FILE_TMPDIR/curl"
    SERVER_DIR=$FILE_SERVER
}

hang_end() {
    ! process_runs "$(<"$BATS_FILE_TMPDIR/curl")" || kill "$(<"$BATS_FILE_TMPDIR/curl")"
    guard_signal CONT
    server_remove
}

# That door is looked at in a test of its own; this is about whether it opens again.
guard_hang() {
    guard_signal STOP
    guard_as full
    options+=('max-time = 1')
    guard_urls "${targets[0]}"
    guard_signal CONT
    same 'status while a worker hangs' 000 "${statuses[0]}"
}

# Here in the file that is made: tests/cases/guard.bats.
cases guard

@test "what the workers are told of each request, with the certificate of a client" { apache_guard_told; }

@test "an index is asked about again, by the profiles that the location names" { apache_guard_index; }

@test "a denial is logged once, however often Apache asks" { apache_guard_logs_once; }

@test "the shipped file is valid as it stands" {
    server_dir
    install_programs
    run -0 apache_guard_valid authnz
    [[ $output == *"Syntax OK"* ]]
}

# In sections that Apache applies before the guard's own they open nothing.
@test "D1 D3: what the page says opens the door does, and what could be thought to does not" {
    local door
    apache_doors if-granted $'<If "true">\nAuthMerging Off\nRequire all granted\n</If>' if-satisfy $'<If "true">\nSatisfy Any\n</If>' \
        granted 'Require all granted' other-require $'<RequireAny>\nRequire valid-user\nRequire ip 127.0.0.1\n</RequireAny>' merging $'AuthMerging Or\nRequire all granted' \
        satisfy 'Satisfy Any' htaccess 'AllowOverride AuthConfig' basic 'AuthType Basic' none 'AuthType None' \
        not-authoritative 'AuthnzFcgiCheckAuthnProvider bearer Authoritative Off RequireBasicAuth Off UserExpr "%{reqenv:REMOTE_USER}"'
    echo 'Require all granted' >"$SERVER_DIR/www/private/htaccess/.htaccess"
    guard_door closed /private/secret.txt
    apache_open /private/if-granted/secret.txt
    apache_open /private/if-satisfy/secret.txt
    apache_open /linked/secret.txt
    # These do not.
    for door in granted other-require merging satisfy htaccess basic none not-authoritative; do
        guard_door closed "/private/$door/secret.txt"
        call GET "/private/$door/secret.txt" "$(bearer scopeless)"
        same "status ($door)" 403 "$http_status"
        call GET "/private/$door/secret.txt" "$(bearer full)"
        same "status of a good token ($door)" 200 "$http_status"
    done
}

@test "a worker that hangs for longer than mod_authnz_fcgi waits" {
    local deadline=$((SECONDS + 60))
    while process_runs "$(<"$BATS_FILE_TMPDIR/curl")"; do
        ((SECONDS < deadline))
        sleep 0.1
    done
    cp "$BATS_FILE_TMPDIR/head" "$BATS_FILE_TMPDIR/body" "$BATS_TEST_TMPDIR"
    guard_last_row 'hung worker'
}

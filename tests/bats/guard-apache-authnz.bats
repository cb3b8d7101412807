#!/usr/bin/env bats
# Apache with mod_authnz_fcgi guards files, CGI and FastCGI programs and an HTTP backend (apache-conf/authnz-fcgi.conf).

# shellcheck disable=SC2034,SC2154  # names of http-cases
bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private/show.cgi env:/private/show.php http:/app/show'
export GUARD_NOBODY=-
export GUARD_TABLE='doc/apache.md:## What arrives: mod_authnz_fcgi'
load ../support/guard-cases
load ../support/servers-apache-guard

guard_serve() {
    start_apache_guard authnz "${edit-}"
}

guard_require_edit() {
    if (($# == 0)); then
        echo '/BEARER_REQUIRE=/d'
    else
        echo "s/BEARER_REQUIRE=[^\"]*/BEARER_REQUIRE=$1/"
    fi
}

# multiwatch, too: it would start another worker, which answers the request that the one before it did not.
guard_worker_pids() {
    find /proc/[0-9]*/exe -maxdepth 0 -lname "$SERVER_DIR/*/bearer.fcgi*" 2>/dev/null | cut -d/ -f3
    ! process_runs "$(<"$SERVER_DIR/pids/workers")" || cat "$SERVER_DIR/pids/workers"
}

guard_restart_worker() { start_authnz_workers; }

setup_file() { guard_setup; }
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

@test "every case is run here" { guard_every_case_is_run; }
@test "a secret is for nobody without a good token, by any method" { guard_case_walk; }
@test "with a good token every secret comes whole" { guard_case_open; }
@test "path tricks open nothing" { guard_case_tricks; }
@test "claims reach the programs, copies of them do not" { guard_case_claims; }
@test "the token does not reach the programs" { guard_case_authorization; }
@test "bodies of 3 MB, with a length and in chunks" { guard_case_bodies; }
@test "good and bad requests on one connection" { guard_case_keepalive; }
@test "BEARER_REQUIRE missing, empty or mistyped: 500" { guard_case_require; }
@test "optional: as nobody, and a bad token is refused" { guard_case_optional; }
@test "a worker that hangs, crashes or is missing closes the door" { guard_case_worker; }
@test "the table of the page is what arrives" { guard_case_table; }

@test "the shipped file is valid as it stands" {
    server_dir
    install_programs
    run -0 apache_guard_valid authnz
    [[ $output == *"Syntax OK"* ]]
}

@test "what the page says opens the door does" {
    apache_doors granted 'Require all granted' other-require $'<RequireAny>\nRequire valid-user\nRequire ip 127.0.0.1\n</RequireAny>' \
        satisfy 'Satisfy Any' htaccess 'AllowOverride AuthConfig' \
        not-authoritative 'AuthnzFcgiCheckAuthnProvider bearer Authoritative Off RequireBasicAuth Off UserExpr "%{reqenv:REMOTE_USER}"'
    echo 'Require all granted' >"$SERVER_DIR/www/private/htaccess/.htaccess"
    apache_door closed /private/secret.txt
    apache_door open /private/granted/secret.txt
    apache_door open /private/other-require/secret.txt
    apache_door open /private/satisfy/secret.txt
    apache_door open /private/htaccess/secret.txt
    apache_door open /linked/secret.txt
    # This does not, as long as no other AuthType has a say.
    apache_door closed /private/not-authoritative/secret.txt
}

@test "a token of 16 KB" {
    call GET /private/secret.txt "$(bearer long)"
    same status 403 "$http_status"
}

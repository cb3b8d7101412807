#!/usr/bin/env bats
# A folder on a shared Apache host guards itself with its .htaccess (apache-conf/guarded-folder), with mod_fcgid.

bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private/show.cgi env:/private/show.php'
export GUARD_TELLS_IN_ERRORS=1
export GUARD_TABLE='doc/apache.md:## What arrives: FcgidAccessChecker'
load ../support/guard-cases
load ../support/servers-apache-guard

guard_serve() {
    start_apache_guard folder "${edit-}"
}

guard_require_edit() {
    if (($# == 0)); then
        echo '/BEARER_REQUIRE=/d'
    else
        echo "s/BEARER_REQUIRE=[^\"]*/BEARER_REQUIRE=$1/"
    fi
}

guard_miss() { guard_miss_one; }

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

@test "a token of 16 KB" {
    call GET /private/secret.txt "$(bearer long)"
    same status 400 "$http_status"
}

#!/usr/bin/env bats
# HAProxy and workers on two ports, with the shipped file (haproxy-conf/haproxy.cfg).

bats_require_minimum_version 1.5.0
export MERGES_SLASHES=
load ../support/http-cases
load ../support/servers-haproxy

serve() {
    start_haproxy "${edit-}"
}

setup_file() { http_setup; }
teardown_file() { SERVER_DIR=$FILE_SERVER server_remove; }
teardown() { http_teardown; }

@test "every case is run here" { every_case_is_run; }
@test "the tutorial's three calls" { case_tutorial; }
@test "/public is for everybody" { case_public; }
@test "no credentials, or of another scheme: 401 without error code" { case_no_credentials; }
@test "a token in the query or the body is no token" { case_token_elsewhere; }
@test "the scheme may be written in any case" { case_scheme; }
@test "two credentials: 400 invalid_request" { case_two_credentials; }
@test "a token that is not acceptable: 401 invalid_token, and why" { case_bad_tokens; }
@test "a token without the scope: 403 insufficient_scope" { case_scope; }
@test "a token of 11 KB" { case_long_token; }
@test "paths are taken exactly: 404" { case_paths; }
@test "other methods: 405; OPTIONS: 204, both with Allow" { case_methods; }
@test "a body that is not read costs nobody an answer" { case_bodies; }
@test "HEAD: as GET, without the body" { case_head; }
@test "no keys to be had: 503 with Retry-After" { case_no_keys; }
@test "misconfigured: 500, and the log says what" { case_misconfigured; }
@test "a denial is logged, a token is not" { case_log; }

@test "the shipped file is valid as it stands" {
    run -0 haproxy_valid
    [[ $output == *"Configuration file is valid"* ]]
}

@test "only /api is the program's" {
    only_api /apiary /api.json /API/public /bearer.fcgi /bearer.env
}

@test "without pass-header nobody has a token" {
    edit='/pass-header/d' new_server
    call GET /private "$(bearer good)"
    denied 401 'Not authenticated'
}

@test "workers take no connection of another host than the one named" {
    edit='s/ADDRS=127.0.0.1/ADDRS=127.0.0.2/' new_server
    call GET /public
    # Refused before (503) or after (502) the first check of a host's health.
    # shellcheck disable=SC2154  # read_answer sets it
    [[ $http_status == 50[23] ]] || wrong 'answered'
}

#!/usr/bin/env bats
# Apache with mod_fcgid (apache-conf/fcgid-vhost.conf).

bats_require_minimum_version 1.5.0
export BODY_MAX=131072 # FcgidMaxRequestLen
load ../support/http-cases

serve() {
    start_apache fcgid "${edit-}"
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
@test "the longest token; a longer one" { case_long_token; }
@test "paths are taken exactly: 404" { case_paths; }
@test "other methods: 405; OPTIONS: 204, both with Allow" { case_methods; }
@test "a body that is not read costs nobody an answer" { case_bodies; }
@test "HEAD: as GET, without the body" { case_head; }
@test "no keys to be had: 503 with Retry-After" { case_no_keys; }
@test "misconfigured: 500, and the log says what" { case_misconfigured; }
@test "a denial is logged, a token is not" { case_log; }

@test "the shipped file is valid as it stands" {
    server_dir
    run -0 apache_valid fcgid
    [[ $output == *"Syntax OK"* ]]
}

@test "without CGIPassAuth nobody has a token, and the log says what to add" {
    apache_hint '/CGIPassAuth/d'
}

@test "only /api is the program's" {
    only_api /apiary /api.json /bearer.fcgi /api/../bearer.env
}

@test "no such hint once a header has arrived" {
    apache_no_hint
}

@test "BEARER_REQUIRE of the mount comes on top of what the endpoints require" {
    mount_requires 's/CGIPassAuth On/&\nSetEnv BEARER_REQUIRE "scope=read:messages"/'
}

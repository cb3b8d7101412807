#!/usr/bin/env bats
# lighttpd, with the full server file that is shipped (lighttpd-conf/demo.conf and fcgi-bearer.conf).

bats_require_minimum_version 1.5.0
export REFUSES_GET_BODY=1
load ../support/http-cases

serve() {
    start_lighttpd "${mode-demo}" "${edit-}"
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

@test "the snippet alone, in another server's configuration" {
    mode=snippet new_server
    case_tutorial
}

@test "only /api is the program's" {
    only_api /apiary /api.json /bearer.fcgi /api/../bearer.env
}

@test "BEARER_REQUIRE of the mount comes on top of what the endpoints require" {
    mount_requires 's/"mod_fastcgi"/"mod_setenv", &/; s/^ *fastcgi.server/setenv.set-environment = ("BEARER_REQUIRE" => "scope=read:messages")\n&/'
}

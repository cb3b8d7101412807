# SPDX-License-Identifier: MIT
# shellcheck shell=bats disable=SC2154
# What every way to run bearer.fcgi is asked (tests/support/http-cases.bash).

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
@test "a long token, and a longer one" { case_long_token; }
@test "paths are taken exactly: 404" { case_paths; }
@test "other methods: 405; OPTIONS: 204, both with Allow" { case_methods; }
@test "a body that is not read costs nobody an answer" { case_bodies; }
@test "HEAD: as GET, without the body" { case_head; }
@test "no keys to be had: 503 with Retry-After" { case_no_keys; }
@test "misconfigured: 500, and the log says what" { case_misconfigured; }
@test "a denial is logged, a token is not" { case_log; }

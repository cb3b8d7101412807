#!/usr/bin/env bats
# Apache with plain CGI (apache-conf/cgi.conf).

bats_require_minimum_version 1.5.0
load ../support/http-cases

serve() {
    start_apache cgi "${edit-}"
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
    run -0 apache_valid cgi
    [[ $output == *"Syntax OK"* ]]
}

@test "S10: a process for each request cannot know what others brought: only at debug the log says what to add without CGIPassAuth" {
    edit='/CGIPassAuth/d' new_server
    call GET /private "$(bearer good)"
    denied 401 'Not authenticated'
    [[ $(server_log | grep -c 'fcgi-bearer: ') -eq 1 ]]
    sed -i 's/LOG_LEVEL=info/LOG_LEVEL=debug/' "$SERVER_DIR/libexec/bearer.env"
    call GET /private
    server_log | grep -q 'no Authorization header has arrived in this process so far.* "CGIPassAuth On"'
}

@test "only /api is the program's" {
    only_api /apiary /api.json /bearer.fcgi /api/../bearer.env
}

@test "bearerctl in a directory of CGI programs refuses to run: nothing is fetched" {
    # shellcheck disable=SC2016  # Apache's own ${}
    edit='$a ScriptAlias "/cgi-bin/" "${FB_DIR}/libexec/"\n<Location "/cgi-bin">\nRequire all granted\n</Location>' new_server_with_https_keys
    API=/cgi-bin refresh_by_url /bearerctl 500
    server_log | grep -q 'bearerctl: .*web server'
}

@test "BEARER_REQUIRE of the mount comes on top of what the endpoints require" {
    mount_requires 's/CGIPassAuth On/&\nSetEnv BEARER_REQUIRE "scope=read:messages"/'
}

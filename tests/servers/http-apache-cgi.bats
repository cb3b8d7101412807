#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Apache with plain CGI (apache-conf/cgi.conf).

bats_require_minimum_version 1.5.0
load ../support/http-cases
load ../support/told

serve() {
    start_apache cgi "${edit-}"
}

# Here in the file that is made: tests/cases/http.bats.
cases http

@test "what the workers are told of each request, with the certificate of a client" { told_apache cgi; }

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

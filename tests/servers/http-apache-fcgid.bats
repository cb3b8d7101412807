#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Apache with mod_fcgid (apache-conf/fcgid-vhost.conf).

bats_require_minimum_version 1.5.0
export BODY_MAX=131072 # FcgidMaxRequestLen
load ../support/http-cases
load ../support/told

serve() {
    start_apache fcgid "${edit-}"
}

# Here in the file that is made: tests/cases/http.bats.
cases http

@test "what the workers are told of each request, with the certificate of a client" { told_apache fcgid; }

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

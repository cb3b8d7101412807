#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Apache with mod_proxy_fcgi and four workers on a Unix socket (apache-conf/proxy-fcgi.conf).

bats_require_minimum_version 1.5.0
export DROPS_LONG=1
load ../support/http-cases
load ../support/told

serve() {
    start_apache proxy "${edit-}"
}

# Here in the file that is made: tests/cases/http.bats.
cases http

@test "what the workers are told of each request, with the certificate of a client" { told_apache proxy; }

@test "the shipped file is valid as it stands" {
    server_dir
    run -0 apache_valid proxy
    [[ $output == *"Syntax OK"* ]]
}

@test "without CGIPassAuth nobody has a token, and the log says what to add" {
    apache_hint '/CGIPassAuth/d'
}

@test "only /api is the program's" {
    only_api /apiary /api.json /bearer.fcgi /api/../bearer.env
}

@test "four workers; one that is killed is replaced" {
    local workers deadline=$((SECONDS + 10))
    new_server
    mapfile -t workers < <(workers_running)
    [[ ${#workers[@]} -eq 4 ]]
    kill -KILL "${workers[0]}"
    until [[ $(workers_running | wc -l) -eq 4 && $(workers_running) != *"${workers[0]}"* ]]; do
        ((SECONDS < deadline))
        sleep 0.02
    done
    call GET /private "$(bearer good)"
    answer 200 "$(claims good)"
}

@test "BEARER_REQUIRE of the mount comes on top of what the endpoints require" {
    mount_requires 's/CGIPassAuth On/&\nSetEnv BEARER_REQUIRE "scope=read:messages"/'
}

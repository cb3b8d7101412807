#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # names of http-cases
# lighttpd, with the full server file that is shipped (lighttpd-conf/demo.conf and fcgi-bearer.conf).

bats_require_minimum_version 1.5.0
export REFUSES_GET_BODY=1
load ../support/http-cases

serve() {
    start_lighttpd "${mode-demo}" "${edit-}"
}

# Here in the file that is made: tests/cases/http.bats.
cases http

@test "the snippet alone, in another server's configuration" {
    mode=snippet new_server
    case_tutorial
}

# As shipped after 15 seconds.
@test "P3: workers that hang are a 504 after the read-timeout of the file" {
    local pids
    mode=snippet edit='s/"read-timeout" => 15/"read-timeout" => 1/' new_server
    mapfile -t pids < <(workers_running)
    ((${#pids[@]} > 0))
    kill -STOP "${pids[@]}"
    call GET /public
    kill -CONT "${pids[@]}"
    same status 504 "$http_status"
}

@test "only /api is the program's" {
    only_api /apiary /api.json /bearer.fcgi /api/../bearer.env
}

@test "BEARER_REQUIRE of the mount comes on top of what the endpoints require" {
    mount_requires 's/"mod_fastcgi"/"mod_setenv", &/; s/^ *fastcgi.server/setenv.set-environment = ("BEARER_REQUIRE" => "scope=read:messages")\n&/'
}

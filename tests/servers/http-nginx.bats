#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# nginx and four workers on a Unix socket (nginx-conf/fcgi-bearer.conf and api.conf), one connection a request and with kept ones.

bats_require_minimum_version 1.5.0
load ../support/http-cases
load ../support/servers-nginx

# What the shipped file says to do for kept connections.
KEPT='s/#kept: //'

serve() {
    start_nginx responder "${edit-}"
}

# nginx itself answers two Authorization headers (and would log them whole, but at level info only).
# shellcheck disable=SC2154  # read_answer sets them
case_two_credentials() {
    local good
    good=$(token good)
    call GET /private "Authorization: Bearer $good, Bearer $good"
    denied 400 'More than one credential was sent' invalid_request
    call GET /private "Authorization: Bearer $good,x"
    denied 400 'More than one credential was sent' invalid_request
    call GET /private 'Authorization: Basic dXNlcjpwYXNz' "Authorization: Bearer $good"
    same status 400 "$http_status"
    [[ $body == *'<center>nginx/'* ]] || wrong 'the program was asked'
}

# kept_connections: prints how many connections to the workers are open.
kept_connections() {
    awk -v path="$SERVER_DIR/run/workers.socket" '$NF == path && $6 == "03"' /proc/net/unix | wc -l
}

# Here in the file that is made: tests/cases/http.bats.
cases http

@test "only /api is the program's" {
    only_api /apiary /api.json /API/public /bearer.fcgi /api/../bearer.env
}

@test "one connection for each request, unless they are kept" {
    call GET /public
    [[ $(kept_connections) -eq 0 ]]
    edit=$KEPT new_server
    call GET /public
    [[ $(kept_connections) -eq 1 ]]
    case_tutorial
    case_bodies
    case_head # nginx closes after each HEAD
    call GET /public
    call GET /private
    [[ $(kept_connections) -eq 1 ]]
}

@test "four workers; those that are killed are replaced, kept connections or not" {
    local edit pid workers deadline
    for edit in '' "$KEPT"; do
        new_server
        deadline=$((SECONDS + 10))
        call GET /private "$(bearer good)"
        mapfile -t workers < <(workers_running)
        [[ ${#workers[@]} -eq 4 ]]
        kill -KILL "${workers[@]}"
        for pid in "${workers[@]}"; do
            _ended "$pid"
        done
        call GET /private "$(bearer good)"
        answer 200 "$(claims good)"
        until [[ $(workers_running | wc -l) -eq 4 ]]; do
            ((SECONDS < deadline))
            sleep 0.02
        done
        [[ -n $edit ]] || server_remove
    done
}

@test "BEARER_REQUIRE of the mount comes on top of what the endpoints require" {
    mount_requires 's/fastcgi_param PATH_INFO.*/&\nfastcgi_param BEARER_REQUIRE "scope=read:messages";/'
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A folder on a shared Apache host (apache-conf/shared-hosting) with mod_fcgid, at /api/bearer.fcgi/private.

bats_require_minimum_version 1.5.0
export API=/api/bearer.fcgi
export FIELD_LIMIT=1
export BODY_MAX=131072 # FcgidMaxRequestLen
load ../support/http-cases
: "${top_srcdir:?}" "${http_status=}" "${body=}"

# With FB_STRICT no Options of the host help: only what AllowOverride lets an .htaccess do.
serve() {
    FB_STRICT=${strict-1} start_apache "${kind-shared-fcgid}" "${edit-}"
}

# The edits that .htaccess itself describes.
REWRITE='/^#Re/s/#//'
OLD_APACHE='/^#SetEnvIf/s/#//; /^CGIPassAuth/d'

# Here in the file that is made: tests/cases/http.bats.
cases http

@test "by plain CGI, the same answers" {
    kind=shared-cgi new_server
    case_tutorial
    case_public
    case_two_credentials
    case_scope
    case_methods
    BODY_MAX=1000000 case_bodies
    case_head
    case_log
}

@test "everything in the folder but the program answers 403, the folder too" {
    local kind edit file
    API=/api
    for kind in shared-fcgid shared-cgi; do
        for edit in '' "$REWRITE"; do
            strict='' new_server
            # What somebody leaves there.
            (umask 022 && echo 'AUTH0_CLIENT_SECRET=x' >"$SERVER_DIR/www/api/.env" && mkdir "$SERVER_DIR/www/api/old" &&
                cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/www/api/bearer.env~" &&
                cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/www/api/old")
            for file in '' / /bearer.env /bearer.env.example /bearerctl /.htaccess /README /.env /bearer.env~ /old /old/ /old/bearer.env \
                /bearer.env/ /bearer.env/private /bearerctl/private '/bearerctl?refresh' '/bearerctl?--help' /%62earer.env \
                /bearer.fcgi/../bearer.env /bearer.fcgi/%2e%2e/bearer.env //bearer.env /./bearer.env; do
                refused GET "$file"
            done
            refused HEAD /bearer.env
            refused POST /bearer.env
            refused POST /bearerctl
            # And this test would notice.
            API=/api/bearer.fcgi call GET /public
            answer 200 "$PUBLIC_BODY"
            server_remove
        done
    done
}

# refused METHOD PATH
refused() {
    call "$1" "$2" "$(bearer good)"
    same status 403 "$http_status"
    [[ $body != *AUTH0_* ]] || wrong 'a configuration was served'
}

@test "bearerctl asked for by URL fetches nothing" {
    local kind
    API=/api
    for kind in shared-fcgid shared-cgi; do
        new_server_with_https_keys
        refresh_by_url /bearerctl 403
        server_remove
    done
}

@test "every file that is shipped, and every one the README tells to upload, is among those" {
    local file
    for file in $(cd "$top_srcdir/apache-conf/shared-hosting" && find . -type f -printf '%P\n') bearer.env bearerctl; do
        grep -q " /${file//./\\.} " "$BATS_TEST_FILENAME"
    done
}

@test "/api/private, where the host allows rewriting" {
    local kind
    for kind in shared-fcgid shared-cgi; do
        edit=$REWRITE strict='' new_server
        API=/api
        case_tutorial
        case_public
        case_scope
        case_two_credentials
        case_methods
        call GET /private/
        denied 404 'Not Found'
        call GET /nothing
        denied 404 'Not Found'
        API=/api/bearer.fcgi
        case_tutorial
        server_remove
    done
}

@test "where the host does not allow rewriting: 403, and the log names FollowSymLinks as .htaccess says" {
    edit=$REWRITE new_server
    call GET /public
    same status 403 "$http_status"
    server_log | grep -q FollowSymLinks
}

@test "without CGIPassAuth nobody has a token, and the log says what to add" {
    apache_hint '/CGIPassAuth/d'
}

@test "the line for an Apache that does not know CGIPassAuth, rewritten or not" {
    local kind
    for kind in shared-fcgid shared-cgi; do
        edit="$OLD_APACHE; $REWRITE" strict='' new_server
        for API in /api /api/bearer.fcgi; do
            case_tutorial
            case_two_credentials
        done
        server_remove
    done
}

@test "the host of these tests allows no more than AllowOverride FileInfo AuthConfig Options=ExecCGI" {
    local line
    for line in 'Options +FollowSymLinks' 'Options +Indexes' 'DirectoryIndex bearer.fcgi' 'Order Allow,Deny'; do
        edit="\$a $line" new_server
        call GET /public
        same status 500 "$http_status"
        server_log | grep -qi "${line%% *} not allowed here\|Option .* not allowed here"
        server_remove
    done
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A folder on a shared Apache host guards itself with its .htaccess (apache-conf/guarded-folder), with mod_fcgid.

# shellcheck disable=SC2034,SC2154  # names of http-cases
bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private/show.cgi env:/private/show.php'
export GUARD_TELLS_IN_ERRORS=1
export GUARD_TABLE='doc/reference/answers.md:Apache: FcgidAccessChecker'
export GUARD_FIELD=:400
load ../support/guard-cases
load ../support/servers-apache-guard

guard_serve() {
    start_apache_guard folder "${edit-}"
}

guard_miss() { guard_miss_one; }

# Here in the file that is made: tests/cases/guard.bats.
cases guard

@test "what the workers are told of each request, with the certificate of a client" { apache_guard_told; }

@test "an index is asked about again, by the profiles that the location names" { apache_guard_index; }

@test "a denial is logged once, however often Apache asks" { apache_guard_logs_once 'FcgidMaxProcesses 1' 2; }

@test "S10: what Apache looks up for a PATH_INFO is no location without BEARER_REQUIRE" {
    local log=$BATS_TEST_TMPDIR/log
    (
        umask 022
        mkdir "$SERVER_DIR/www/api"
        install -m 755 "$SERVER_DIR"/libexec/{bearer.fcgi,bearerctl} "$SERVER_DIR/www/api"
        cp "$SERVER_DIR/libexec/bearer.env" "$SERVER_DIR/www/api"
        cat "$top_srcdir/apache-conf/shared-hosting/.htaccess" >"$SERVER_DIR/www/api/.htaccess"
    )
    server_log | wc -l >"$log.before"
    # private, the folder, is beside api: Apache asks whether it may be had, and nobody else does.
    call GET /api/bearer.fcgi/private
    denied 401 'Not authenticated'
    call GET /api/bearer.fcgi/private "$(bearer full)"
    same status 200 "$http_status"
    server_log | tail -n "+$(($(<"$log.before") + 1))" >"$log"
    grep -q 'Access check to access /private failed' "$log" # of Apache itself
    run ! grep -E 'BEARER_REQUIRE|reason=misconfigured' "$log"
    [[ $(grep -c 'denied status=' "$log") -eq 1 ]]
}

@test "what the README says to ask for" {
    local path
    call GET /private/
    denied 401 'Not authenticated'
    for path in bearer.env bearerctl .htaccess '' bearer.fcgi bearer.fcgi/x; do
        call GET "/bearer/$path" "$(bearer full)"
        same "status of $path" 403 "$http_status"
    done
    call GET /private/ "$(bearer full)"
    same status 200 "$http_status"
}

# folder_allows DIRECTORY WHAT [LINES]: another server, which lets an .htaccess there do that; it has these lines besides.
folder_allows() {
    more="<Directory \"\${FB_DIR}/www/$1\">"$'\n'"AllowOverride $2"$'\n'"</Directory>"$'\n'"${3-}" guard_server
}

# Nothing less does, and nothing less opens.
@test "it takes what the files say of AllowOverride" {
    folder_allows private 'FileInfo AuthConfig'
    call GET /private/secret.txt "$(bearer full)"
    same status 200 "$http_status"
    call GET /private/secret.txt "$(bearer scopeless)"
    denied_scope
    server_remove

    for allowed in FileInfo AuthConfig 'Options=ExecCGI'; do
        folder_allows private "$allowed"
        call GET /private/secret.txt "$(bearer full)"
        same "status with $allowed" 500 "$http_status"
        server_remove
    done

    # Without AuthConfig: the line that is a comment there, and without Satisfy.
    # shellcheck disable=SC2016  # Apache's name
    edit='/^CGIPassAuth/d; s/^#SetEnvIf/SetEnvIf/; /^Satisfy/d' folder_allows private FileInfo '<Directory "${FB_DIR}/www/above">
        AllowOverride FileInfo
        Satisfy Any
        </Directory>
        <Location "/private">
        DirectoryIndex show.cgi
        </Location>'
    call GET /private/secret.txt "$(bearer full)"
    same status 200 "$http_status"
    call GET /private/secret.txt "$(bearer scopeless)"
    denied_scope
    # As the page says: what a host that allows so little leaves open.
    call GET /private/show.cgi "$(bearer full)"
    same status 200 "$http_status"
    ! grep -q -F -e "$(token full | cut -d. -f3)" "$BATS_TEST_TMPDIR/body" || wrong 'the token went to the program'
    call GET /private/ "$(bearer full)"
    same status 200 "$http_status"
    grep -q -F -e "$(token full | cut -d. -f3)" "$BATS_TEST_TMPDIR/body" || wrong 'the token does not go to the index'
    mkdir -p "$SERVER_DIR/www/above/folder"
    cp -p "$SERVER_DIR"/www/private/{.htaccess,secret.txt} "$SERVER_DIR/www/above/folder"
    apache_open /above/folder/secret.txt
    server_remove

    # Of the other folder: the door stays closed, and the reason is lost.
    folder_allows bearer 'FileInfo AuthConfig'
    call GET /private/secret.txt "$(bearer scopeless)"
    same status 401 "$http_status"
    same WWW-Authenticate "$GOOD_CHALLENGE, error=\"insufficient_scope\", scope=\"read:files\"" "${fields[www-authenticate]-}"
    server_remove

    # As the page says.
    folder_allows private None
    apache_open /private/secret.txt
}

denied_scope() {
    answer 403 '{"detail":"Required: scope=read:files"}' "$GOOD_CHALLENGE, error=\"insufficient_scope\", scope=\"read:files\""
}

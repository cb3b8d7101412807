#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Apache with mod_fcgid guards files, CGI and FastCGI programs and an HTTP backend (apache-conf/fcgid-authorizer.conf).

# shellcheck disable=SC2034,SC2154  # names of http-cases
bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private/show.cgi env:/private/show.php http:/app/show'
export GUARD_TELLS_IN_ERRORS=1
export GUARD_TABLE='doc/reference/answers.md:Apache: FcgidAccessChecker'
export GUARD_FIELD=LimitRequestFieldSize:400 GUARD_WORDY=500
load ../support/guard-cases
load ../support/servers-apache-guard

guard_serve() {
    start_apache_guard fcgid "${edit-}"
}

guard_miss() { guard_miss_one; }

# Here in the file that is made: tests/cases/guard.bats.
cases guard

@test "what the workers are told of each request, with the certificate of a client" { apache_guard_told; }

@test "an index is asked about again, by the profiles that the location names" { apache_guard_index; }

@test "a denial is logged once, however often Apache asks" { apache_guard_logs_once 'FcgidMaxProcesses 1' 2; }

@test "the shipped file is valid as it stands" {
    server_dir
    install_programs
    run -0 apache_guard_valid fcgid
    [[ $output == *"Syntax OK"* ]]
}

# In sections that Apache applies before the guard's own they open nothing.
@test "D1 D3: what the page says opens the door does, and what could be thought to does not" {
    local door
    apache_doors if-not-authoritative $'<If "true">\nFcgidAccessCheckerAuthoritative Off\n</If>' if-satisfy $'<If "true">\nSatisfy Any\n</If>' \
        not-authoritative 'FcgidAccessCheckerAuthoritative Off' satisfy 'Satisfy Any' htaccess 'AllowOverride FileInfo' \
        granted 'Require all granted' other-require 'Require ip 127.0.0.1' no-error-document 'ErrorDocument 401 default'
    echo 'FcgidAccessCheckerAuthoritative Off' >"$SERVER_DIR/www/private/htaccess/.htaccess"
    guard_door closed /private/secret.txt
    apache_open /private/if-not-authoritative/secret.txt
    apache_open /private/if-satisfy/secret.txt
    apache_open /linked/secret.txt
    # These do not.
    for door in not-authoritative satisfy htaccess granted other-require no-error-document; do
        guard_door closed "/private/$door/secret.txt"
        call GET "/private/$door/secret.txt" "$(bearer scopeless)"
        answer 403 '{"detail":"Required: scope=read:files"}' "$GOOD_CHALLENGE, error=\"insufficient_scope\", scope=\"read:files\""
    done
}

@test "without the line that asks the program again the reason is lost" {
    edit='/ErrorDocument/d' guard_server
    call GET /private/secret.txt "$(bearer scopeless)"
    reason_is_lost
}

# reason_is_lost: of a token without the scope, but for the challenge.
reason_is_lost() {
    same status 401 "$http_status"
    guard_cell body HTML "$body"
    same WWW-Authenticate "$GOOD_CHALLENGE, error=\"insufficient_scope\", scope=\"read:files\"" "${fields[www-authenticate]-}"
}

@test "a denied request with a body over FcgidMaxRequestLen" {
    letters 131000 >"$BATS_TEST_TMPDIR/upload"
    request_body=@$BATS_TEST_TMPDIR/upload call POST /private/secret.txt "$(bearer scopeless)"
    guard_row 'missing scope'
    letters 131100 >"$BATS_TEST_TMPDIR/upload"
    request_body=@$BATS_TEST_TMPDIR/upload call POST /private/secret.txt "$(bearer scopeless)"
    reason_is_lost
}

@test "what denies can be asked by nobody but Apache" {
    call GET /bearer-denied "$(bearer full)"
    same status 403 "$http_status"
    call GET /bearer-denied/secret.txt
    same status 403 "$http_status"
}

# As the page says.
@test "a redirect or an error page of Apache's own brings the claims along, an error page elsewhere does not" {
    call GET /private "$(bearer full)"
    same status 301 "$http_status"
    same Variable-BEARER_SCOPE 'read:files write:files' "${fields[variable-bearer_scope]-}"
    call GET /private/none.txt "$(bearer full)"
    same status 404 "$http_status"
    same Variable-BEARER_SCOPE 'read:files write:files' "${fields[variable-bearer_scope]-}"
    more='ErrorDocument 404 "/public.txt"' guard_server
    call GET /private/none.txt "$(bearer full)"
    same status 404 "$http_status"
    same body 'nothing to hide' "$body"
    [[ " ${!fields[*]}" != *' variable-'* ]] || wrong 'the claims went to the client'
}

# Both ways a rewrite can go: inside the directory, and to another one with settings of its own, where it is checked again.
@test "a rewrite does not lose the token on its way" {
    apache_doors front $'RewriteEngine On\nRewriteRule "^here/" "/private/front/show.cgi"\nRewriteRule "^there/" "/private/show.cgi"'
    cp -p "$SERVER_DIR/www/private/show.cgi" "$SERVER_DIR/www/private/front"
    for path in here there; do
        called="a rewrite: $path"
        call GET "/private/front/$path/x" "$(bearer full)"
        same status 200 "$http_status"
        grep -q 'BEARER_SCOPE=read:files write:files' "$BATS_TEST_TMPDIR/body" || wrong 'no claims'
        ! grep -E 'HTTP_AUTHORIZATION=.' "$BATS_TEST_TMPDIR/body" || wrong 'the token went to the program'
        call GET "/private/front/$path/x" "$(bearer scopeless)"
        same status 403 "$http_status"
    done
}

# cache_answers EDIT QUICK: after the answer to one user, that to another; with mod_cache, and EDIT to the shipped file.
cache_answers() {
    edit=$1 before="LoadModule cache_module /usr/lib/apache2/modules/mod_cache.so
        LoadModule cache_disk_module /usr/lib/apache2/modules/mod_cache_disk.so
        CacheRoot \${FB_DIR}/run
        CacheEnable disk /
        CacheQuickHandler $2" guard_server
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nprintf "Cache-Control: public, max-age=60\\r\\nExpires: Thu, 01 Jan 2037 00:00:00 GMT\\r\\nContent-Type: text/plain\\r\\n\\r\\n%%s" "$BEARER_SCOPE"\n' \
        >"$SERVER_DIR/www/private/mine.cgi"
    chmod 755 "$SERVER_DIR/www/private/mine.cgi"
    call GET /private/mine.cgi "$(bearer full)"
    same body 'read:files write:files' "$body"
    call GET /private/mine.cgi "$(bearer bare)"
    other=$body
    call GET /private/mine.cgi
    denied 401 'Not authenticated'
    server_remove
}

@test "D13: mod_cache, quick or not: one user's answer does not go to another" {
    local quick edit before other
    for quick in Off On; do
        cache_answers '' "$quick"
        same "the answer to another, CacheQuickHandler $quick" read:files "$other"
    done
    # As the page says, this is stronger.
    cache_answers '' $'Off\nCacheStorePrivate On'
    same 'the answer to another, CacheStorePrivate On' 'read:files write:files' "$other"
    # It is the line of the shipped file that sees to it.
    cache_answers '/Cache-Control .*private/d' Off
    same 'the answer to another, without Cache-Control' 'read:files write:files' "$other"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2154  # nginx's own $; names shared with guard-cases
# nginx guards files, a FastCGI program and an HTTP application, with nginx-conf/guard.conf and guarded-site.conf.

bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private-php/show.php http:/private-app/show'
export GUARD_TABLE='doc/reference/answers.md:nginx'
export GUARD_REMEDY=fastcgi_param GUARD_FIELD=large_client_header_buffers:400
export GUARD_WORKERS=nginx-conf/fcgi-bearer.conf
load ../support/blocks
load ../support/guard-cases
load ../support/guard-apart
load ../support/servers-nginx

guard_serve() {
    guard_backend
    _start php spawn-fcgi -n -s "$SERVER_DIR/run/php.socket" -M 0660 -u "$WORKER_USER" -- "$SERVER_DIR/bin/fcgi-show"
    _await php test -S "$SERVER_DIR/run/php.socket"
    # Nobody waits here for a worker that is stuck.
    start_nginx guard "s/read_timeout 8s/read_timeout 1s/
        $(guard_claim_edit)
        ${edit-}"
    _await workers guard_four_workers
}

guard_claim_edit() {
    printf '%s\n' "s@^        include fcgi-bearer/location.conf;@&\\n$(page_block nginx-programs.md nginx 3 | sed ':a;N;$!ba;s/\n/\\n/g')@"
}

guard_hurried_server() { guard_server; }

guard_require_edit() {
    if (($# == 0)); then
        echo 's|auth_request "/.bearer/.*"|auth_request /.bearer|'
    else
        echo "s#auth_request \"/.bearer/.*\"#auth_request \"/.bearer/$1\"#"
    fi
}

guard_profile_edit() {
    printf '%s\n' "s/^        auth_request .*/        set \$bearer_profile \"$1\";\n&/"
}

guard_dropped_edit() {
    echo '/fastcgi_param BEARER_REQUIRE/d'
}

# Here in the file that is made: tests/cases/guard.bats.
cases guard

@test "the shipped files are valid as they stand, and the page's lines are theirs" {
    local line
    server_dir
    run -0 nginx_valid
    [[ $output == *"test is successful"* ]]
    page_block nginx.md nginx | sed -n 's/^./    &/p' >"$BATS_TEST_TMPDIR/lines"
    [[ $(wc -l <"$BATS_TEST_TMPDIR/lines") -eq 5 ]]
    { page_block nginx-programs.md nginx 1 && page_block nginx-programs.md nginx 2; } | sed -n 's/^./    &/p' >>"$BATS_TEST_TMPDIR/lines"
    [[ $(wc -l <"$BATS_TEST_TMPDIR/lines") -eq 17 ]]
    while IFS= read -r line; do
        grep -qxF -e "$line" "$top_srcdir/nginx-conf/guarded-site.conf" || { echo "not shipped: $line" >&2 && false; }
    done <"$BATS_TEST_TMPDIR/lines"
}

@test "the page's blocks for another protocol and for own headers are valid, and a second error_page is no duplicate" {
    server_dir
    nginx_valid
    {
        page_block nginx-programs.md nginx 4 | sed '/include uwsgi_params/d'
        page_block nginx-programs.md nginx 5 | sed 's|/private-app|/private-own|; /X-User/s|$| error_page 401 /mine;|'
    } >"$SERVER_DIR/etc/more.conf"
    sed -i 's|^    include fcgi-bearer.api.*|&\n    include more.conf;|' "$SERVER_DIR/etc/conf.d/guarded-site.conf"
    run -0 "$(_program nginx)" -t -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
    [[ $output == *"test is successful"* ]]
    sed -i 's|error_page 401|auth_basic off; &|' "$SERVER_DIR/etc/more.conf"
    run -1 "$(_program nginx)" -t -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
    [[ $output == *'"auth_basic" directive is duplicate'* ]]
}

@test "what nginx itself refuses in a guarded location stays refused" {
    call GET /private/sub/deep/ "$(bearer full)"
    same status 403 "$http_status"
    call GET /private/none.txt "$(bearer full)"
    same status 404 "$http_status"
    call GET /.bearer "$(bearer full)"
    same status 404 "$http_status"
    call GET /private/secret.txt 'Authorization: Basic dXNlcjpwYXNz' "$(bearer full)"
    same status 400 "$http_status"
    guard_as full
    options+=('header = "Authorization: Basic dXNlcjpwYXNz"')
    guard_urls /private/secret.txt
    guard_no_secret 'two Authorization headers'
}

@test "a denial's line says what the client asked for, and is one where nginx asks twice" {
    # shellcheck disable=SC2317  # guard_server calls it
    guard_four_workers() { [[ $(guard_worker_pids | wc -l) -eq 1 ]]; }
    edit="s/-f 4/-f 1/
        $(guard_require_edit)" guard_server
    call GET '/private/secret.txt?access_token=x'
    same status 500 "$http_status"
    call GET '/api/private?access_token=x'
    same status 401 "$http_status"
    server_log | grep -o 'denied status=.* path="[^"]*"' >"$BATS_TEST_TMPDIR/lines"
    printf 'denied %s client=127.0.0.1 kid="" method="GET" path="%s"\n' \
        'status=500 reason=misconfigured' /private/secret.txt 'status=401 reason=no-credentials' /api/private |
        diff - "$BATS_TEST_TMPDIR/lines"
}

@test "what the workers are told of each request, with the certificate of a client" {
    guard_four_workers() { :; } # another program is in their place
    telling=1 edit='s|^    listen \(.*\);|    listen \1 ssl;\n    ssl_certificate tls/server.pem;\n    ssl_certificate_key tls/server.key;\n    ssl_client_certificate tls/ca.pem;\n    ssl_verify_client optional;|' \
        guard_server
    told_is /private/secret.txt escaped
    told_is /api/private escaped
}

@test "sizes of claims and of bodies" {
    letters 8388609 >"$BATS_TEST_TMPDIR/upload"
    guard_as full
    options+=("data-binary = \"@$BATS_TEST_TMPDIR/upload\"")
    guard_urls /private-app/show
    same 'status of a body of 8 MiB and an octet' 413 "${statuses[0]}"
    # As JSON each octet is six, and REMOTE_USER has them once more.
    mint wide --scope read:files --sub "$(head -c 11000 /dev/zero | tr '\0' '\177')"
    call GET /private/secret.txt "$(bearer wide)"
    same 'status of claims over 64 KiB' 503 "$http_status"
    same body '{"detail":"The request would be allowed now"}' "$body"
    server_log | grep -q 'upstream sent too big header' || wrong 'the log does not say so'
}

@test "D2: nor where nginx passes on every name" {
    edit="$(guard_require_edit optional)
        s/^    include fcgi-bearer.api.*/&\n    underscores_in_headers on;\n    ignore_invalid_headers off;/" guard_server
    guard_forges brief
    guard_forges brief full
}

# cors_server: one with the lines of the page. Its files are made before the server's.
cors_server() {
    local include answer
    { read -r include && read -r answer; } < <(page_block browser.md nginx 3)
    [[ -n $include && -n $answer ]]
    page_block browser.md nginx 2 >"$BATS_TEST_TMPDIR/cors.conf"
    [[ $(wc -l <"$BATS_TEST_TMPDIR/cors.conf") -eq 4 ]]
    edit="s|fcgi-bearer/cors.conf|$BATS_TEST_TMPDIR/cors.conf|
        s|^    include fcgi-bearer.api.*|&\n    ${include/fcgi-bearer/$BATS_TEST_TMPDIR}|
        s|^        include fcgi-bearer.location.*|&\n        ${include/fcgi-bearer/$BATS_TEST_TMPDIR}\n        $answer|" guard_server
}

@test "a page of another origin reads what is guarded, as doc/browser.md says" {
    cors_server
    guard_page_reads
}

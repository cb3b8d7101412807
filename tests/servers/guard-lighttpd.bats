#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# lighttpd guards files, CGI and FastCGI programs and an HTTP application, with lighttpd-conf/authorizer-programs.conf and claims.lua; and
# files alone, with authorizer.conf.

# shellcheck disable=SC2154  # names of http-cases
bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private-cgi/show.cgi env:/private-php/show.php http:/private-app/show'
export GUARD_TABLE='doc/reference/answers.md:lighttpd'
export GUARD_UNKNOWN=501 GUARD_REMEDY=setenv.set-environment GUARD_FIELD=server.max-request-field-size:431
load ../support/blocks
load ../support/guard-cases
: "${top_srcdir:?}"

guard_serve() {
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    (umask 022 && mkdir "$SERVER_DIR/www/private-php" && tee "$SERVER_DIR"/www/private-php/{show,index}.php <<<'<?php' >/dev/null)
    install -m 644 "$top_srcdir/lighttpd-conf/claims.lua" "$SERVER_DIR/etc"
    guard_backend
    _start_on_a_port guard_lighttpd
}

# guard_lighttpd PORT: around the shipped file, what Debian has there; $modules were loaded before, $more comes after, with @ for the directory.
guard_lighttpd() {
    local more=${more-}
    more=${more//@/$SERVER_DIR}
    cat >"$SERVER_DIR/etc/lighttpd.conf" <<END
server.modules = ( ${modules-\"mod_access\"} )
$(_lighttpd_base "$1" www)
server.feature-flags += ("server.h2proto" => "enable")
server.feature-flags += ("server.h2c" => "enable")
index-file.names = ( "index.php", "index.html" )
url.access-deny = ( "~", ".inc" )
static-file.exclude-extensions = ( ".php", ".pl", ".fcgi" )
mimetype.assign = ( ".txt" => "text/plain", ".html" => "text/html" )
dir-listing.activate = "enable"
include "shipped.conf"
$more
END
    _shipped "lighttpd-conf/${conf-authorizer-programs.conf}" "$1" "s|/usr/bin/php-cgi|$SERVER_DIR/bin/fcgi-show|
        s|\"port\" => 3000|\"port\" => $(<"$SERVER_DIR/backend-port")|
        ${edit-}" >"$SERVER_DIR/etc/shipped.conf"
    _start server "$(_program lighttpd)" -D -f "$SERVER_DIR/etc/lighttpd.conf"
}

guard_require_edit() {
    if (($# == 0)); then
        echo '/setenv.set-environment = /d'
    else
        echo "s/\"BEARER_REQUIRE\" => \"[^\"]*\"/\"BEARER_REQUIRE\" => \"$1\"/"
    fi
}

guard_profile_edit() {
    echo "s/\"BEARER_REQUIRE\" => [^)]*/&, \"BEARER_PROFILE\" => \"$1\"/"
}

guard_hurried_server() {
    edit='s/"read-timeout" => [0-9]*/"read-timeout" => 1/' guard_server
}

# Here in the file that is made: tests/cases/guard.bats.
cases guard

@test "the configuration for files alone: authorizer.conf" {
    export GUARD_PROGRAMS=
    conf=authorizer.conf guard_server
    guard_case_walk
    guard_case_open
}

# It asks again for it, by the profiles that the location names.
@test "a program that is an error page is told which of several profiles let a token in" {
    naming=1 more='server.error-handler-404 = "/private-cgi/show.cgi"' edit="$(guard_require_edit optional)
        $(guard_profile_edit 'other default')" guard_server
    guard_told_profile env:/private/none.txt
}

# It asks once for each, so that nothing has to name a request (doc/lighttpd.md).
@test "what the workers are told of each request, with the certificate of a client" {
    telling=1 modules='"mod_openssl"' more='ssl.engine = "enable"
        ssl.pemfile = "@/etc/tls/both.pem"
        ssl.verifyclient.activate = "enable"
        ssl.verifyclient.enforce = "disable"
        ssl.verifyclient.exportcert = "enable"
        ssl.ca-file = "@/etc/tls/ca.pem"' guard_server
    told_ask '/private/secret.txt?x=y'
    same REQUEST_URI '/private/secret.txt?x=y' "$(told REQUEST_URI)"
    same SSL_CLIENT_CERT "$(told_certificate pem)" "$(told SSL_CLIENT_CERT | sed 's/\\n$//')"
}

@test "lighttpd takes both files as they stand, in Debian's configuration" {
    local file
    for file in authorizer authorizer-programs; do
        sed 's/^server.port .*/server.port = 8000/; /use-ipv6/d; /conf-enabled/d' /etc/lighttpd/lighttpd.conf >"$BATS_TEST_TMPDIR/lighttpd.conf"
        printf '%s\n' 'server.modules += ( "mod_proxy", "mod_fastcgi" )' "include \"$top_srcdir/lighttpd-conf/$file.conf\"" \
            >>"$BATS_TEST_TMPDIR/lighttpd.conf"
        "$(_program lighttpd)" -t -f "$BATS_TEST_TMPDIR/lighttpd.conf"
    done
}

@test "a module that was loaded before does not take the request" {
    modules='"mod_proxy", "mod_cgi", "mod_status", "mod_fastcgi"' guard_server
    guard_targets_answer
}

@test "HTTP/2 is off" {
    local way
    for way in http2-prior-knowledge http2; do
        guard_as none
        options+=("$way")
        guard_urls /private/secret.txt
        guard_no_secret "$way"
        [[ ${statuses[0]} == 000 ]] || grep -q '^HTTP/1.1 401 ' "$BATS_TEST_TMPDIR/got/0.head" || wrong "$way"
    done
}

@test "a directory's index is a program, guarded" {
    guard_as none
    guard_urls /private-php/ /private-php
    guard_no_secret 'index.php'
    same statuses '401 401' "${statuses[*]}"
    guard_as full
    guard_urls /private-php/
    same 'what is run' /private-php/index.php "$(guard_shown SCRIPT_NAME)"
    same sub 'auth0|a b\u00221' "$(guard_shown BEARER_SUB)"
}

@test "what the page says opens the door does" {
    # shellcheck disable=SC2016  # lighttpd's own $
    modules='"mod_proxy"' edit='s/^server.modules := .*/server.modules += ( "mod_magnet", "mod_setenv", "mod_indexfile", "mod_fastcgi", "mod_cgi" )/' \
        more='server.force-lowercase-filenames = "enable"
        $HTTP["url"] =~ "\.php$" { fastcgi.server = ( ".php" => (( "socket" => "@/run/private-php.socket-0" )) ) }' guard_server
    ln -s private "$SERVER_DIR/www/linked"
    guard_door closed /private/secret.txt
    guard_door closed /private-cgi/show.cgi
    guard_door open /private-app/show
    guard_door open /private-php/show.php
    guard_door open /PRIVATE/secret.txt
    guard_door open /linked/secret.txt
    server_remove

    edit='s/"check-local"  => "disable"/"check-local" => "enable"/' guard_server
    guard_door open /private-app/show
    guard_door closed /private/secret.txt
    call GET /private/none.txt
    same 'what is not there' 404 "$http_status"
}

# What the page calls an open door; and what is none.
@test "rewrite-if-not-file into another guarded directory is not asked again, a program's local redirect is" {
    # shellcheck disable=SC2016  # lighttpd's own $
    edit='/attract-raw-url-to/d' more='server.modules += ( "mod_rewrite" )
        $HTTP["url"] =~ "^/private-(php|cgi)/" { setenv.set-environment = ( "BEARER_REQUIRE" => "valid-token" ) }
        cgi.local-redir = "enable"
        url.rewrite-if-not-file = ( "^/private-php/(secret.*)" => "/private/$1" )' guard_server
    printf '%s\n' '#!/bin/sh' "printf 'Location: /private/secret.txt\\r\\n\\r\\n'" >"$SERVER_DIR/www/private-cgi/redirect.cgi"
    chmod 755 "$SERVER_DIR/www/private-cgi/redirect.cgi"
    guard_as scopeless
    guard_urls /private/secret.txt /private-php/secret.txt /private-cgi/redirect.cgi
    same statuses '403 200 403' "${statuses[*]}"
    guard_as full
    guard_urls /private-cgi/redirect.cgi
    same 'status of the redirect with the scope' 200 "${statuses[0]}"
}

@test "a requirement of its own for a path below, as the page has it" {
    # shellcheck disable=SC2016  # lighttpd's own $
    more=$(sed -n '/^\$HTTP\["url"\]/,/^}/p' "$top_srcdir/doc/lighttpd.md") guard_server
    mkdir "$SERVER_DIR/www/private/reports"
    echo report >"$SERVER_DIR/www/private/reports/one.txt"
    guard_as full
    guard_urls /private/secret.txt /private/reports/one.txt
    same statuses '200 403' "${statuses[*]}"
    same challenge 'WWW-Authenticate: Bearer realm="api", error="insufficient_scope", error_description="The token does not grant what is required"' \
        "$(grep -i '^www-authenticate' "$BATS_TEST_TMPDIR/got/1.head" | tr -d '\r')"
}

@test "a page of another origin reads what is guarded, as doc/browser.md says" {
    page_block browser.md lighttpd 2 >"$BATS_TEST_TMPDIR/lines"
    conf=authorizer.conf edit="/webdav.activate/r $BATS_TEST_TMPDIR/lines" guard_server
    guard_page_reads
}

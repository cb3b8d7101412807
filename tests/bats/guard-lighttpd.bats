#!/usr/bin/env bats
# lighttpd guards files, CGI and FastCGI programs and an HTTP application, with lighttpd-conf/authorizer-programs.conf and claims.lua; and
# files alone, with authorizer.conf.

bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private-cgi/show.cgi env:/private-php/show.php http:/private-app/show'
export GUARD_TABLE='doc/lighttpd.md:## What arrives at the client'
load ../support/guard-cases

guard_serve() {
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    (umask 022 && mkdir "$SERVER_DIR/www/private-php" && echo '<?php' >"$SERVER_DIR/www/private-php/show.php")
    install -m 644 "$top_srcdir/lighttpd-conf/claims.lua" "$SERVER_DIR/etc"
    guard_backend
    _start_on_a_port guard_lighttpd
}

# guard_lighttpd PORT: as Debian has it around the shipped file.
guard_lighttpd() {
    cat >"$SERVER_DIR/etc/lighttpd.conf" <<END
server.modules = ( ${modules-\"mod_access\"} )
server.bind = "127.0.0.1"
server.port = $1
server.username = "$WORKER_USER"
server.groupname = "$WORKER_GROUP"
server.document-root = "$SERVER_DIR/www"
server.errorlog = "$SERVER_DIR/log/error.log"
index-file.names = ( "index.html" )
mimetype.assign = ( ".txt" => "text/plain", ".html" => "text/html" )
dir-listing.activate = "enable"
include "shipped.conf"
${more-}
END
    _shipped "lighttpd-conf/${conf-authorizer-programs.conf}" "$1" "s|/usr/bin/php-cgi|$SERVER_DIR/bin/fcgi-show|
        s|\"port\" => 3000|\"port\" => $(<"$SERVER_DIR/backend-port")|
        ${edit-}" >"$SERVER_DIR/etc/shipped.conf"
    _start server "$(_program lighttpd)" -D -f "$SERVER_DIR/etc/lighttpd.conf"
}

guard_require_edit() {
    if (($# == 0)); then
        echo '/setenv.set-environment/d'
    else
        echo "s/\"BEARER_REQUIRE\" => \"[^\"]*\"/\"BEARER_REQUIRE\" => \"$1\"/"
    fi
}

setup_file() { guard_setup; }
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

@test "every case is run here" { guard_every_case_is_run; }
@test "a secret is for nobody without a good token, by any method" { guard_case_walk; }
@test "with a good token every secret comes whole" { guard_case_open; }
@test "path tricks open nothing" { guard_case_tricks; }
@test "claims reach the programs, copies of them do not" { guard_case_claims; }
@test "the token does not reach the programs" { guard_case_authorization; }
@test "bodies of 3 MB, with a length and in chunks" { guard_case_bodies; }
@test "good and bad requests on one connection" { guard_case_keepalive; }
@test "BEARER_REQUIRE missing, empty or mistyped: 500" { guard_case_require; }
@test "optional: as nobody, and a bad token is refused" { guard_case_optional; }
@test "a worker that hangs, crashes or is missing closes the door" { guard_case_worker; }
@test "the table of the page is what arrives" { guard_case_table; }

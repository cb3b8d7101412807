# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154  # names of http-cases
# Apache as a guard, for the tests: `load ../support/servers-apache-guard` after guard-cases.
#
#   start_apache_guard fcgid|authnz|folder [EDIT]
#                               with the shipped files that guard www/private and, but for folder, an HTTP backend at /app; programs in
#                               www/private: show.cgi, show.php. EDIT: a sed script over the shipped files. $before and $more: lines
#                               for Apache before and behind them
#   apache_guard_valid KIND     fails unless Apache takes the shipped file as it stands, with the program in place
#   apache_doors                what opens the door
#   apache_open PATH            fails unless it is open, and doctor says so of that URL
#
load ../support/blocks
load ../support/doctor
: "${top_srcdir:?}" "${SERVER_DIR=}"

start_apache_guard() {
    local private=$SERVER_DIR/www/private
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    install -m 755 "$top_srcdir/tests/support/show-env.sh" "$private/show.cgi"
    (umask 022 && echo '<?php' >"$private/show.php")
    guard_backend
    _start php spawn-fcgi -n -s "$SERVER_DIR/run/php.socket" -M 0666 -- "$SERVER_DIR/bin/fcgi-show"
    case $1 in
        folder) _guarded_folder "${2-}" ;;
        authnz) start_authnz_workers ;;
    esac
    _start_on_a_port _apache_guard "$@"
}

# _apache_guard PORT KIND [EDIT]
_apache_guard() {
    [[ $2 == folder ]] || _guard_shipped "apache-conf/$(_apache_guard_file "$2")" "$1" "${3-}" >"$SERVER_DIR/etc/apache.d/shipped.conf"
    printf '%s\n' "${before-}" >"$SERVER_DIR/etc/apache.d/before.conf"
    printf '%s\n' "${more-}" >"$SERVER_DIR/etc/apache.d/z-more.conf"
    _apache_guard_command "$1" "$2"
    _start server "${apache[@]}" -D FOREGROUND
}

_apache_guard_file() {
    case $1 in
        fcgid) echo fcgid-authorizer.conf ;;
        authnz) echo authnz-fcgi.conf ;;
    esac
}

_apache_guard_command() {
    apache=("$(_program apache2)" -C "Define FB_DIR $SERVER_DIR" -C "Define FB_PORT $1" -C "Define FB_USER $WORKER_USER"
        -C "Define FB_GROUP $WORKER_GROUP" -C "Define FB_SUPPORT $top_srcdir/tests/support"
        -D FB_CGI -D FB_FCGID -D FB_PROXY -D "FB_${2^^}" -f "$top_srcdir/tests/support/apache-guard-base.conf")
    [[ $2 != folder ]] || apache+=(-D FB_STRICT)
}

# _guard_shipped FILE PORT [EDIT]
_guard_shipped() {
    sh "$top_srcdir/apache-conf/claim-header.sh" ORG >"$SERVER_DIR/etc/claim.conf"
    _shipped "$1" "$2" "s|/srv/www|$SERVER_DIR/www|
        s|/home/you/public_html|$SERVER_DIR/www|
        s|:3000|:$(<"$SERVER_DIR/backend-port")|
        s|\b9303\b|$(cat "$SERVER_DIR/workers-port" 2>/dev/null)|
        $(guard_claim_edit)
        ${3-}"
}

# By TLS, with mod_unique_id.
apache_guard_told() {
    # shellcheck disable=SC2016  # Apache's names
    telling=1 before='LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
        LoadModule unique_id_module /usr/lib/apache2/modules/mod_unique_id.so
        SSLEngine On
        SSLCertificateFile "${FB_DIR}/etc/tls/server.pem"
        SSLCertificateKeyFile "${FB_DIR}/etc/tls/server.key"
        SSLCACertificateFile "${FB_DIR}/etc/tls/ca.pem"
        SSLVerifyClient optional' guard_server
    told_is /private/secret.txt pem
    told_is /private/ pem
    (($(told REQUEST_METHOD | wc -l) > 1)) || wrong 'Apache did not ask twice'
}

# mod_fcgid asks for the denial again, and a 500 is logged by who shows it, too. Of one process: each knows its own.
apache_guard_logs_once() {
    local loaded
    for loaded in LoadModule '#'; do
        before="$loaded unique_id_module /usr/lib/apache2/modules/mod_unique_id.so" more="${1-}" edit=$(guard_require_edit) guard_server
        call GET /private/secret.txt "$(bearer full)"
        same status 500 "$http_status"
        same "lines ($loaded)" "$([[ $loaded == '#' ]] && echo "${2-1}" || echo 1)" "$(server_log | grep -c 'denied status=500 reason=misconfigured')"
        server_remove
    done
}

# The lines of apache.md, for each claim that is handed on; those for an application behind the list of headers that its proxy drops.
guard_claim_edit() {
    local lines hide
    lines=$(page_block apache.md apache 2)
    hide=$(page_block apache.md apache)
    printf '%s\n' "/Header always unset Variable-BEARER_CLAIMS\$/s/\$/\n$hide\n${hide/ORG/HTTPS___EXAMPLE_TEST_ROLE}/" \
        "/auth~type\"\$/s|\$|\n${lines/\/etc\/apache2\/bearer-claim-org.conf/$SERVER_DIR/etc/claim.conf}|"
}

apache_guard_valid() {
    # mod_fcgid wants the program to be there.
    FB_LIBEXEC=$SERVER_DIR/libexec "$top_srcdir/tests/support/substitute.sh" "$top_srcdir/apache-conf/$(_apache_guard_file "$1")" \
        >"$SERVER_DIR/etc/apache.d/shipped.conf"
    _apache_guard_command 80 "$1"
    "${apache[@]}" -t
}

# _guarded_folder [EDIT]: www/private and www/bearer as the shipped README says to make them.
_guarded_folder() {
    local bearer=$SERVER_DIR/www/bearer from=apache-conf/guarded-folder
    (
        umask 022
        mkdir -p "$bearer"
        _guard_shipped "$from/.htaccess" 0 "${1-}" >"$SERVER_DIR/www/private/.htaccess"
        _guard_shipped "$from/bearer/.htaccess" 0 "${1-}" >"$bearer/.htaccess"
        # Where the cases look for the program.
        mv "$SERVER_DIR"/libexec/* "$bearer"
        rmdir "$SERVER_DIR/libexec"
        ln -s www/bearer "$SERVER_DIR/libexec"
    )
}

# start_authnz_workers: by the very command that is shipped in the comment, on a port of their own.
start_authnz_workers() {
    local command port
    rm -f "$SERVER_DIR/pids/workers"
    [[ -e $SERVER_DIR/workers-port ]] || free_port >"$SERVER_DIR/workers-port"
    port=$(<"$SERVER_DIR/workers-port")
    command=$(_guard_shipped apache-conf/authnz-fcgi.conf 0 | sed -n 's/^#  *\(spawn-fcgi .*\)/\1/p')
    # Words on purpose: there are no quotes in it.
    # shellcheck disable=SC2086
    _start workers $command
    if ! _await workers _port_listens "$port"; then
        echo "the workers did not start; they said:" >&2
        server_log >&2
        stop_server
        return 1
    fi
}

_port_listens() {
    [[ -n $(listeners "$1") ]]
}

# Also those of a shared folder.
guard_worker_pids() {
    find /proc/[0-9]*/exe -maxdepth 0 -lname "$SERVER_DIR/*/bearer.fcgi*" 2>/dev/null | cut -d/ -f3
}

export GUARD_REMEDY='SetEnvIf Request_URI ^ BEARER_REQUIRE='

guard_require_edit() {
    if (($# == 0)); then
        echo '/BEARER_REQUIRE=/d'
    else
        printf '%s\n' "s/\(Request_URI ^ \"BEARER_REQUIRE=\)[^\"]*/\1$1/"
    fi
}

guard_profile_edit() {
    printf '%s\n' "s/^\( *\)SetEnvIf Request_URI ^ \"BEARER_REQUIRE=.*/&\n\1SetEnvIf Request_URI ^ \"BEARER_PROFILE=$1\"/"
}

# For an index Apache asks again, when what was told of BEARER_PROFILE has taken the place of what the location names.
apache_guard_index() {
    naming=1 more='DirectoryIndex show.cgi' edit="$(guard_require_edit optional)
        $(guard_profile_edit 'other default')" guard_server
    guard_told_profile env:/private/
}

# Apache drops it on the way to whom it asks.
guard_dropped_edit() {
    echo 's/SetEnvIf Request_URI ^ "BEARER_REQUIRE=/SetEnv BEARER_REQUIRE "/'
}

# mod_fcgid's own way to wait is longer; of it alone.
guard_hurried_server() {
    more='FcgidIOTimeout 1' guard_server
}

# mod_fcgid tries for 5 s to start a program that is not there: once is enough. It tries longer on a busy machine, where it first
# comes upon those that have ended.
# shellcheck disable=SC2034 # for guard_urls
guard_miss_one() {
    local first=${targets[0]} GUARD_PATIENCE=60
    local targets=("$first")
    guard_miss_all
}
eval "$(declare -f guard_miss | sed '1s/guard_miss/guard_miss_all/')"

# apache_doors NAME LINES...: a server with a directory www/private/NAME for each, with these lines for it; each has a secret.txt.
apache_doors() {
    local name names=()
    more=
    while (($# > 0)); do
        more+="<Directory \"\${FB_DIR}/www/private/$1\">"$'\n'"$2"$'\n'"</Directory>"$'\n'
        names+=("$1")
        shift 2
    done
    guard_server
    for name in "${names[@]}"; do
        (umask 022 && mkdir "$SERVER_DIR/www/private/$name" && guard_runes 5 >"$SERVER_DIR/www/private/$name/secret.txt")
    done
    # Another way to the same files; Apache looks at the names on the way, not at where it ends.
    ln -s private "$SERVER_DIR/www/linked"
    more=
}

apache_open() {
    guard_door open "$1"
    doctor_sees_open "$(server_url)$1"
}

# doctor_sees_open URL: by a doctor with the workers' configuration. mod_fcgid lets in with 401, too.
doctor_sees_open() {
    doctor_clean
    CTL=$SERVER_DIR/libexec/bearerctl doctor 2 "BEARER_CONFIG=$SERVER_DIR/etc/bearer.env" --offline "$1"
    case $output in
        *'401 with the challenge'*) says failure 'without a token: ' "the body is neither ours nor a page of Apache's own" ;;
        *) says failure 'without a token: 200, everybody is let in' ;;
    esac
}

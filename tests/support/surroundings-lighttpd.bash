# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # lighttpd's own $; names shared with guard-cases and the .bats file
# A lighttpd with a shipped guard in the surroundings of tests/surroundings/lighttpd.rows. For bats: `load ../support/surroundings-lighttpd` after guard-cases.
#
#   guard_serve                 starts it: the shipped file $conf, else authorizer-programs.conf, with the lines $before and $after around it
#   rows                        reads the rows: arrays directives, befores, afters, texts
#   conditions before|after     prints the lines of every row that can stand in a condition, each for a host name of its own
#   hosts                       prints these names, and what is to come out
#   asked TARGET..., judged     ask each host of the input for what its outcome is about, and fail if an answer is not what the row says
#   without_a_worker TARGET...  the same with the good token, and no worker
#   endless                     the same of outcomes "endless"
: "${top_srcdir:?}"
SURROUNDINGS=$top_srcdir/tests/surroundings

# What a hostile server may have loaded before; mod_sockproxy takes whole connections.
MODULES='"mod_openssl", "mod_auth", "mod_authn_file", "mod_vhostdb", "mod_vhostdb_dbi", "mod_vhostdb_ldap", "mod_authn_dbi", "mod_authn_ldap", "mod_access", "mod_alias", "mod_redirect", "mod_rewrite", "mod_proxy", "mod_scgi", "mod_ajp13", "mod_wstunnel", "mod_cgi", "mod_status",
    "mod_expire", "mod_deflate", "mod_dirlisting", "mod_evhost", "mod_simple_vhost", "mod_userdir", "mod_ssi",
    "mod_extforward", "mod_accesslog", "mod_webdav", "mod_magnet", "mod_setenv"'

guard_serve() {
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    (
        umask 022
        mkdir -p "$SERVER_DIR"/www/{private-php,open,docs} "$SERVER_DIR/www/vhosts/private" "$SERVER_DIR/upload"
        echo '<?php' >"$SERVER_DIR/www/private-php/show.php"
        echo 'log in' >"$SERVER_DIR/www/login.html"
        echo 'log in' | tee "$SERVER_DIR"/www/docs/{401,403,404,503}.html >/dev/null
        ln -s ../private/secret.txt "$SERVER_DIR/www/open/linked.txt"
        printf 'user:password\n' >"$SERVER_DIR/etc/users"
        printf 'user:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n' >"$SERVER_DIR/etc/htpasswd"
        printf 'user:r:%s\n' "$(printf user:r:password | md5sum | cut -c1-32)" >"$SERVER_DIR/etc/htdigest"
        printf '\0%.0s' {1..92} >"$SERVER_DIR/etc/tickets"
        printf 'return 0\n' >"$SERVER_DIR/etc/nothing.lua"
        install -m 644 "$top_srcdir/lighttpd-conf/claims.lua" "$SERVER_DIR/etc"
    )
    [[ -e $BATS_FILE_TMPDIR/ca/list.pem ]] || authority "$BATS_FILE_TMPDIR/ca"
    cp -r "$BATS_FILE_TMPDIR/ca" "$SERVER_DIR"
    _start ldap "$(_program node)" "$top_srcdir/tests/support/ldap-yes.mjs" "$SERVER_DIR/log/ldap-port" "$SERVER_DIR/www/private"
    _await ldap test -s "$SERVER_DIR/log/ldap-port"
    guard_backend
    _start_on_a_port surrounded
}

# authority DIR: an authority, the server's certificate and a client's, who is called admin there, and a list of those that do not count any more: none.
authority() {
    ca_make "$1"
    ca_cert "$1" client --client
    printf '%s\n' 'crl_next_update = 2' 'crl_number = 1' >"$1/list.tmpl"
    _ca_certtool --generate-crl --template "$1/list.tmpl" --load-ca-certificate "$1/ca.pem" --load-ca-privkey "$1/ca.key" --outfile "$1/list.pem"
    cat "$1/server.pem" "$1/server.key" >"$1/both.pem"
}

# surrounded PORT: with the lines $before and $after around the shipped file.
surrounded() {
    _shipped "lighttpd-conf/${conf-authorizer-programs.conf}" "$1" "s|/usr/bin/php-cgi|$SERVER_DIR/bin/fcgi-show|; s|\"port\" => 3000|\"port\" => $(<"$SERVER_DIR/backend-port")|
        s|\"max-procs\"    => 4|\"max-procs\"    => 2|" >"$SERVER_DIR/etc/shipped.conf"
    cat >"$SERVER_DIR/etc/lighttpd.conf" <<END
${server_lines-server.modules = ( ${modules-$MODULES} )}
$(_lighttpd_base "$1" www)
server.feature-flags += ("server.h2proto" => "enable")
index-file.names = ( "index.php", "index.html" )
static-file.exclude-extensions = ( ".php", ".pl", ".fcgi" )
mimetype.assign = ( ".txt" => "text/plain", ".html" => "text/html" )
$(written "${before-}" "$1")
include "shipped.conf"
$(written "${after-}" "$1")
END
    _start server "$(_program lighttpd)" -D -f "$SERVER_DIR/etc/lighttpd.conf"
}

# written LINES PORT: as a row has them, for a configuration.
written() {
    local lines=${1//@PORT@/$(<"$SERVER_DIR/backend-port")}
    lines=${lines//@LDAP@/$(<"$SERVER_DIR/log/ldap-port")}
    lines=${lines//@OWN@/$2}
    lines=${lines//@/$SERVER_DIR}
    printf '%s\n' "${lines//;;/$'\n'}"
}

# rows: sets the arrays below, and scopes[directive].
rows() {
    local directive before after text scope
    while read -r directive _ scope; do
        [[ $directive == '#'* ]] || scopes[$directive]=${scopes[$directive]-$scope}
    done <"$SURROUNDINGS/lighttpd-directives.list"
    while IFS='|' read -r directive before after text; do
        [[ $directive == *[![:space:]]* && $directive != '#'* ]] || continue
        directives+=("${directive% }") befores+=("${before:1:-1}") afters+=("${after:1:-1}") texts+=("${text# }")
    done <"$SURROUNDINGS/lighttpd.rows"
}
declare -gA scopes=()
declare -ga directives=() befores=() afters=() texts=()

# tls_address ROW: sets address, where TLS is spoken as it says; empty for one that is not about TLS.
tls_address() {
    address=
    [[ ${directives[$1]} == ssl.* || ${directives[$1]} == debug.log-ssl-noise ]] || return 0
    address=127.0.0.2
    [[ ${scopes[${directives[$1]}]} != SOCKET ]] || address=127.0.$(($1 / 250 + 1)).$(($1 % 250 + 1))
}

# conditions before|after: prints the lines of every row that can stand in a condition, each for a host name of its own; and those about TLS, which are
# asked with TLS.
conditions() {
    local i address
    # shellcheck disable=SC2154  # @
    [[ $1 != before ]] || printf '$SERVER["socket"] == "127.0.0.2:@OWN@" {\nssl.engine = "enable"\nssl.pemfile = "@/ca/server.pem"\nssl.privkey = "@/ca/server.key"\n}\n'
    for ((i = 0; i < ${#directives[@]}; i++)); do
        tls_address "$i"
        if [[ -n $address && ${scopes[${directives[i]}]} == SERVER && $1 == before ]]; then
            printf '%s\n' "${texts[i]}"
        elif [[ -n $address && ${scopes[${directives[i]}]} == SOCKET && $1 == before && ${befores[i]} != - ]]; then
            printf '$SERVER["socket"] == "%s:@OWN@" {\n%s\n}\n' "$address" "${texts[i]}"
        fi
        [[ ${scopes[${directives[i]}]-} == CONNECTION ]] || continue
        if [[ $1 == before && ${befores[i]} != - ]]; then
            printf '$HTTP["host"] == "before-%s" {\n%s\n}\n' "$i" "${texts[i]}"
        elif [[ $1 == after && ${afters[i]} != - ]]; then
            printf '$HTTP["host"] == "after-%s" {\n$HTTP["url"] =~ "^/" {\n%s\n}\n}\n' "$i" "${texts[i]}"
        fi
    done
}

TARGETS=(/private/secret.txt /private-cgi/show.cgi /private-php/show.php /private-app/show)

# asked TARGET...: reads lines "HOST OUTCOME", or "HOST/ADDRESS OUTCOME" for one asked there with TLS and a certificate, asks for what the outcome is about, and writes the answers into $BATS_TEST_TMPDIR/answers: head
# and body, and after each of them a line "@@ STATUS HOST WHO TARGET OUTCOME".
asked() {
    awk -v port="$(<"$SERVER_DIR/port")" -v ca="$BATS_FILE_TMPDIR/ca" -v targets="$*" -v whos="${whos-none bad scopeless full bad}" -v full="$(token full)" -v scopeless="$(token scopeless)" '
        function ask(as, target) {
            if (count++) print "next"
            printf "silent\ninclude\npath-as-is\nnoproxy = \"*\"\nmax-time = 20\nheader = \"Host: %s\"\n", host
            if (as ~ /^login/) printf "user = \"user:%s\"\n", as == "login" ? "password" : ""
            else if (as != "none") printf "header = \"Authorization: Bearer %s\"\n", token[as]
            if (address != "") {
                printf "insecure\ncert = \"%s/client.pem\"\nkey = \"%s/client.key\"\nconnect-to = \"::%s:%s\"\n", ca, ca, address, port
                printf "url = \"https://%s:%s%s\"\n", host, port, target
            } else {
                printf "url = \"http://127.0.0.1:%s%s\"\n", port, target
            }
            printf "write-out = \"\\n@@ %%{http_code} %s %s %s %s\\n\"\n", host, as, target, outcome
        }
        BEGIN {
            token["bad"] = "FastAPI is awesome"; token["full"] = full; token["scopeless"] = scopeless
            m = split(whos, who)
            n = split(targets, target)
        }
        {
            split($1, where, "/"); host = where[1]; address = where[2]
            outcome = $0; sub(/^[^ ]* /, "", outcome)
            if ($2 == "endless") next
            if ($2 == "open") { ask("none", $3); next }
            for (t = 1; t <= n; t++) for (w = 1; w <= m; w++) ask(who[w], target[t])
            if ($2 ~ /^login/) ask($2, target[1])
        }
    ' >"$BATS_TEST_TMPDIR/asked"
    curl -q -K "$BATS_TEST_TMPDIR/asked" </dev/null >"$BATS_TEST_TMPDIR/answers" || true
}

# without_a_worker TARGET...: as asked and judged, with the good token, when all workers are gone and none can be started: nobody has anything.
without_a_worker() {
    guard_remove_workers
    grep -v ' open ' | whos=full asked "$@"
    stopped=1 judged
}

# judged: fails if an answer is not what its row says, and prints those.
judged() {
    LC_ALL=C awk -v stopped="${stopped-}" -v asked="$(grep -c ^url "$BATS_TEST_TMPDIR/asked")" '
        function fault(what) { printf "%s: %s with token %s, for %s, got %s: %s\n", outcome, host, who, target, status, what; printf "%s\n", text; faults++ }
        !/^@@ / { text = text $0 "\n"; next }
        {
            status = $2; host = $3; who = $4; target = $5
            outcome = $0; sub(/^@@ [^ ]* [^ ]* [^ ]* [^ ]* /, "", outcome)
            secret = text ~ /[\200-\377]/ || who != "full" && text ~ /\n(ETag|Last-Modified|Accept-Ranges):/
            private = tolower(text) ~ /\ncache-control:[^\n]*(private|no-store)/
            kind = outcome; sub(/ .*/, "", kind)
            # Whom the program takes it to be for; a certificate, a login and other lines name somebody else.
            sub_is = "BEARER_SUB=auth0|a b\\u00221\n"
            if (target ~ /txt$/) known = 1
            else if (index(text, "\nGATEWAY_INTERFACE=")) known = index(text, "\n" sub_is) && index(text, "\nREMOTE_USER=auth0|a b\\u00221\n") && index(text, "\nAUTH_TYPE=Bearer\n")
            else known = index(text, "\nHTTP_" sub_is) || kind == "nameless" && !index(text, "\nHTTP_BEARER_SUB=")
            wanted = who == "full" ? 200 : who == "scopeless" ? 403 : 401
            if (kind == "open") {
                if (!secret) fault("the door is closed; the page calls it open")
            } else if (who != "full" && secret) {
                fault("the secret")
            } else if (stopped) {
                if (secret || status == 200) fault("let in without a worker")
                if (kind != "other" && kind != "shut" && kind !~ /^login/ && status !~ /^5/) fault("not a failure of the server")
            } else if (kind == "shut") {
                if (who == "full" && target ~ /txt$/ && (secret || "shut " status != outcome)) fault("not as the row says")
            } else if (kind ~ /^login/) {
                if (status != 401 && who !~ /^(bad|none)$/) fault("not refused")
                if (who == kind && text !~ /\n[Ww][Ww][Ww]-[Aa]uthenticate: Bearer/) fault("it is not the guard who refuses")
            } else if (kind == "other") {
                if (who == "full" && target ~ /txt$/ && !secret) fault("no secret for the good token")
            } else if (kind == "ok" || kind == "bare" || kind == "nameless") {
                if (status != wanted) fault("not the status")
                if (who == "full" && !secret) fault("no secret for the good token")
                if (kind != "bare" && !private) fault("not private")
                if (who == "full" && !known) fault("somebody else to the program")
                if (text ~ /(^|\n)HTTP\/2/) fault("HTTP/2")
            } else {
                fault("no such outcome")
            }
            count++
            text = ""
        }
        END { if (count != asked) { print count " answers to " asked; faults++ } exit faults > 0 }
    ' "$BATS_TEST_TMPDIR/answers"
}

# endless: reads lines as asked() does, asks where denials have no end, many at once, for two seconds; and fails if a secret comes.
endless() {
    local host outcome who target dir=$BATS_TEST_TMPDIR/endless
    mkdir "$dir"
    echo 'X-Nothing: x' >"$dir/none"
    bearer scopeless >"$dir/scopeless"
    while read -r host outcome; do
        [[ $outcome == endless ]] || continue
        for who in none scopeless; do
            for target in "${TARGETS[@]}"; do printf '%s\n' "$host" "$who" "$target"; done
        done
    done >"$dir/list"
    xargs -P 50 -n 3 sh -c 'curl -q -s -i --noproxy "*" --max-time 2 -H "Host: $2" -H "@$1/$3" -o "$1/$2.$3.${4##*/}" "$0$4" || true' "$(server_url)" "$dir" <"$dir/list"
    same 'answers that have begun' "$(($(wc -l <"$dir/list") / 3))" "$(grep -l -r ^HTTP/ "$dir" | wc -l)"
    run -1 env LC_ALL=C grep -r -l -a -P '[\x80-\xff]' "$dir"
}

# hosts: prints the host names of conditions(), and what is to come out.
hosts() {
    local i address
    for ((i = 0; i < ${#directives[@]}; i++)); do
        tls_address "$i"
        [[ ${scopes[${directives[i]}]-} == CONNECTION || -n $address ]] || continue
        [[ ${befores[i]} == - ]] || echo "before-$i${address:+/$address} ${befores[i]}"
        [[ ${afters[i]} == - ]] || echo "after-$i${address:+/$address} ${afters[i]}"
    done
}

# again LINES...: another lighttpd of the same site.
again() {
    _stop "$SERVER_DIR/pids/server"
    _start_on_a_port surrounded
}


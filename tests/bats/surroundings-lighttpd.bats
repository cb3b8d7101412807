#!/usr/bin/env bats
# The guards of lighttpd-conf, as shipped, in servers whose other lines are hostile: tests/surroundings/lighttpd.rows. As many as can be are
# host names of one lighttpd.

# shellcheck disable=SC2154,SC2016  # names of guard-cases; lighttpd's own $
bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private-cgi/show.cgi env:/private-php/show.php http:/private-app/show'
load ../support/guard-cases
: "${top_srcdir:?}"
SURROUNDINGS=$top_srcdir/tests/surroundings

# What a hostile server may have loaded before; mod_openssl, mod_vhostdb and mod_sockproxy want more than a line.
MODULES='"mod_access", "mod_alias", "mod_redirect", "mod_rewrite", "mod_proxy", "mod_scgi", "mod_ajp13", "mod_wstunnel", "mod_cgi", "mod_status",
    "mod_auth", "mod_authn_file", "mod_expire", "mod_deflate", "mod_dirlisting", "mod_evhost", "mod_simple_vhost", "mod_userdir", "mod_ssi",
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
        printf 'return 0\n' >"$SERVER_DIR/etc/nothing.lua"
        install -m 644 "$top_srcdir/lighttpd-conf/claims.lua" "$SERVER_DIR/etc"
    )
    guard_backend
    _start_on_a_port surrounded
}

# surrounded PORT: with the lines $before and $after around the shipped file.
surrounded() {
    _shipped "lighttpd-conf/${conf-authorizer-programs.conf}" "$1" "s|/usr/bin/php-cgi|$SERVER_DIR/bin/fcgi-show|; s|\"port\" => 3000|\"port\" => $(<"$SERVER_DIR/backend-port")|
        s|\"max-procs\"    => 4|\"max-procs\"    => 2|" >"$SERVER_DIR/etc/shipped.conf"
    cat >"$SERVER_DIR/etc/lighttpd.conf" <<END
${server_lines-server.modules = ( ${modules-$MODULES} )}
server.bind = "127.0.0.1"
server.port = $1
server.username = "$WORKER_USER"
server.groupname = "$WORKER_GROUP"
server.document-root = "$SERVER_DIR/www"
server.errorlog = "$SERVER_DIR/log/error.log"
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

# conditions before|after: prints the lines of every row that can stand in a condition, each for a host name of its own.
conditions() {
    local i
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ ${scopes[${directives[i]}]-} == CONNECTION ]] || continue
        if [[ $1 == before && ${befores[i]} != - ]]; then
            printf '$HTTP["host"] == "before-%s" {\n%s\n}\n' "$i" "${texts[i]}"
        elif [[ $1 == after && ${afters[i]} != - ]]; then
            printf '$HTTP["host"] == "after-%s" {\n$HTTP["url"] =~ "^/" {\n%s\n}\n}\n' "$i" "${texts[i]}"
        fi
    done
}

TARGETS=(/private/secret.txt /private-cgi/show.cgi /private-php/show.php /private-app/show)

# asked TARGET...: reads lines "HOST OUTCOME", asks for what the outcome is about, and writes the answers into $BATS_TEST_TMPDIR/answers: head
# and body, and after each of them a line "@@ STATUS HOST WHO TARGET OUTCOME".
asked() {
    awk -v url="$(server_url)" -v targets="$*" -v full="$(token full)" -v scopeless="$(token scopeless)" '
        function ask(who, target) {
            if (count++) print "next"
            printf "silent\ninclude\npath-as-is\nnoproxy = \"*\"\nmax-time = 20\nheader = \"Host: %s\"\n", host
            if (who != "none") printf "header = \"Authorization: Bearer %s\"\n", token[who]
            printf "url = \"%s%s\"\nwrite-out = \"\\n@@ %%{http_code} %s %s %s %s\\n\"\n", url, target, host, who, target, outcome
        }
        BEGIN {
            token["bad"] = "FastAPI is awesome"; token["full"] = full; token["scopeless"] = scopeless
            split("none bad scopeless full", whos) # of whom the first and the last ask for programs
            n = split(targets, target)
        }
        {
            host = $1; outcome = $0; sub(/^[^ ]* /, "", outcome)
            if ($2 == "endless") next
            if ($2 == "open") { ask("none", $3); next }
            for (t = 1; t <= n; t++) for (w = 1; w <= 4; w++) if (t == 1 || w % 3 == 1) ask(whos[w], target[t])
        }
    ' >"$BATS_TEST_TMPDIR/asked"
    curl -q -K "$BATS_TEST_TMPDIR/asked" </dev/null >"$BATS_TEST_TMPDIR/answers" || true
}

# judged: fails if an answer is not what its row says, and prints those.
judged() {
    LC_ALL=C awk -v asked="$(grep -c ^url "$BATS_TEST_TMPDIR/asked")" '
        function fault(what) { printf "%s: %s with token %s, for %s, got %s: %s\n", outcome, host, who, target, status, what; printf "%s\n", text; faults++ }
        !/^@@ / { text = text $0 "\n"; next }
        {
            status = $2; host = $3; who = $4; target = $5
            outcome = $0; sub(/^@@ [^ ]* [^ ]* [^ ]* [^ ]* /, "", outcome)
            secret = text ~ /[\200-\377]/ || who != "full" && text ~ /\n(ETag|Last-Modified|Accept-Ranges):/
            private = tolower(text) ~ /\ncache-control:[^\n]*(private|no-store)/
            kind = outcome; sub(/ .*/, "", kind)
            wanted = who == "full" ? 200 : who == "scopeless" ? 403 : 401
            if (kind == "open") {
                if (!secret) fault("the door is closed; the page calls it open")
            } else if (who != "full" && secret) {
                fault("the secret")
            } else if (kind == "shut") {
                if (who == "full" && target ~ /txt$/ && (secret || "shut " status != outcome)) fault("not as the row says")
            } else if (kind == "other") {
                if (who == "full" && target ~ /txt$/ && !secret) fault("no secret for the good token")
            } else if (kind == "ok" || kind == "bare") {
                if (status != wanted) fault("not the status")
                if (who == "full" && !secret) fault("no secret for the good token")
                if (kind == "ok" && !private) fault("not private")
            } else {
                fault("no such outcome")
            }
            count++
            text = ""
        }
        END { if (count != asked) { print count " answers to " asked; faults++ } exit faults > 0 }
    ' "$BATS_TEST_TMPDIR/answers"
}

setup_file() {
    guard_setup
}
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

@test "D1: each directive of lighttpd's tables has a row" {
    local i directive
    rows
    grep -v '^#' "$SURROUNDINGS/lighttpd-directives.list" | cut -d' ' -f1 | sort -u >"$BATS_TEST_TMPDIR/listed"
    printf '%s\n' "${directives[@]}" | sort -u >"$BATS_TEST_TMPDIR/rows"
    diff "$BATS_TEST_TMPDIR/listed" "$BATS_TEST_TMPDIR/rows"
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ -n ${texts[i]} ]] || { echo "${directives[i]}: no lines" >&2 && false; }
        [[ ${befores[i]} == - && ${afters[i]} == - || ${texts[i]} == *"${directives[i]} "*=* ]] || { echo "${directives[i]}: not in its lines" >&2 && false; }
    done
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
    local i
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ ${scopes[${directives[i]}]-} == CONNECTION ]] || continue
        [[ ${befores[i]} == - ]] || echo "before-$i ${befores[i]}"
        [[ ${afters[i]} == - ]] || echo "after-$i ${afters[i]}"
    done
}

@test "D1, D3, D13: whatever stands before the guard or behind it, for the same host: authorizer-programs.conf" {
    rows
    before=$(conditions before) after=$(conditions after) guard_server
    { echo plain ok && hosts; } >"$BATS_TEST_TMPDIR/hosts"
    asked "${TARGETS[@]}" <"$BATS_TEST_TMPDIR/hosts"
    judged
    endless <"$BATS_TEST_TMPDIR/hosts"
}

@test "D1, D3, D13: the same of authorizer.conf, for files alone" {
    rows
    conf=authorizer.conf before=$(conditions before) after=$(conditions after) guard_server
    { echo plain ok && hosts | grep -v 'open /private-'; } >"$BATS_TEST_TMPDIR/hosts"
    asked "${TARGETS[0]}" <"$BATS_TEST_TMPDIR/hosts"
    judged
}

# again LINES...: another lighttpd of the same site.
again() {
    _stop "$SERVER_DIR/pids/server"
    _start_on_a_port surrounded
}

@test "D1, D3: what stands outside of conditions" {
    local i together='' outcome
    rows
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ ${scopes[${directives[i]}]-} != CONNECTION && ${befores[i]} == ok && ${directives[i]} != server.modules ]] || continue
        together+="${texts[i]};;"
    done
    before=$together guard_server
    echo together ok | asked "${TARGETS[@]}"
    judged
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ ${scopes[${directives[i]}]-} != CONNECTION ]] || continue
        outcome=${afters[i]}
        if [[ ${directives[i]} == server.modules && ${befores[i]} != - ]]; then
            server_lines=${texts[i]} again
            outcome=${befores[i]}
        elif [[ ${afters[i]} != - ]]; then
            after="${texts[i]}" again
        else
            continue
        fi
        echo "alone-$i $outcome" | asked "${TARGETS[@]}"
        judged
    done
}

@test "D1: many at once, and paths written in every way" {
    local i who together='' used=' ' parseopts
    rows
    # Of each directive the first row that does no harm, in so far as one directive can stand in one place once.
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ ${scopes[${directives[i]}]-} == CONNECTION && ${befores[i]} == ok && ${afters[i]} != shut* && $used != *" ${directives[i]} "* && ${texts[i]} != *';;'* && ${directives[i]} != proxy.server ]] || continue
        used+="${directives[i]} "
        together+="${texts[i]};;"
    done
    parseopts='server.http-parseopts = ( "url-normalize" => "disable", "header-strict" => "disable" )'
    before="$parseopts;;\$SERVER[\"socket\"] == \"127.0.0.1:@OWN@\" {;;$together;;}" guard_server
    echo together other | asked "${TARGETS[@]}"
    judged
    for who in none scopeless; do
        guard_tricks
        guard_as "$who"
        guard_urls "${tricks[@]}"
        guard_no_secret "path tricks with token $who"
    done
}

@test "D1: WebDAV, which does not wait for the guard, is off where it guards" {
    local method url
    before='webdav.activate = "enable"' guard_server
    url=$(server_url)
    ((EUID != 0)) || chown -R "$WORKER_USER" "$SERVER_DIR/www"
    for method in PROPFIND PUT MKCOL COPY MOVE DELETE PROPPATCH LOCK UNLOCK; do
        call "$method" /private/secret.txt "Destination: $url/stolen.txt" 'Depth: 0' "$(bearer scopeless)"
        same "status of $method" 403 "$http_status"
        same "body of $method" '{"detail":"Required: scope=read:files"}' "$body"
    done
    [[ ! -e $SERVER_DIR/www/stolen.txt && -s $SERVER_DIR/www/private/secret.txt ]]
}

# What lighttpd cannot fence: doc/lighttpd.md, "Open doors".
@test "D1: WebDAV of a folder above reads what is guarded and writes into it, and for a later condition it is on" {
    local url
    before='webdav.activate = "enable"' after='$HTTP["host"] == "later" { webdav.activate = "enable" }' guard_server
    url=$(server_url)
    mkdir -p "$SERVER_DIR/www/above/private"
    cp "$SERVER_DIR/www/private/secret.txt" "$SERVER_DIR/www/above/private"
    ((EUID != 0)) || chown -R "$WORKER_USER" "$SERVER_DIR/www"
    call COPY /above/ "Destination: $url/copied/"
    guard_door open /copied/private/secret.txt
    call COPY /public.txt "Destination: $url/private/new.txt"
    same 'the copy' 'nothing to hide' "$(<"$SERVER_DIR/www/private/new.txt")"
    call COPY /private/secret.txt 'Host: later' 'Destination: http://later/stolen.txt'
    guard_door open /stolen.txt
}

@test "D3: the shipped file included inside of a condition is ignored, and lighttpd says so" {
    modules='"mod_cgi"' guard_server
    mv "$SERVER_DIR/etc/shipped.conf" "$SERVER_DIR/etc/inside.conf"
    sed -i 's/^include "shipped.conf"/$HTTP["scheme"] == "http" { include "inside.conf" }/' "$SERVER_DIR/etc/lighttpd.conf"
    run -0 "$(_program lighttpd)" -tt -f "$SERVER_DIR/etc/lighttpd.conf"
    [[ $output == *'unknown config-key: fastcgi.server (ignored)'* ]]
    _stop "$SERVER_DIR/pids/server"
    _start server "$(_program lighttpd)" -D -f "$SERVER_DIR/etc/lighttpd.conf"
    _await server _listens
    guard_door open /private/secret.txt
}

@test "D12: each thing is said once, to a program that is reached by an index, a rewrite or an error page" {
    local more='' way program path in
    for program in private-cgi/show.cgi private-php/show.php private-app/show; do
        path=${program#*/}
        more+='$HTTP["host"] == "rewrite-'$path'" { url.rewrite-once = ( "^/way" => "/'$program'" ) };;'
        more+='$HTTP["host"] == "repeat-'$path'" { url.rewrite-repeat = ( "^/way" => "/again", "^/again" => "/'$program'" ) };;'
        more+='$HTTP["host"] == "index-'$path'" { index-file.names = ( "/'$program'" ) };;'
        more+='$HTTP["host"] == "error-'$path'" { server.error-handler = "/'$program'" };;'
        more+='$HTTP["host"] == "error404-'$path'" { server.error-handler-404 = "/'$program'" };;'
    done
    before=$more guard_server
    for program in show.cgi show.php show; do
        in=
        [[ $program != show ]] || in=HTTP_
        for way in rewrite:/way repeat:/way index:/private/empty/ error:/none.txt error404:/private/none.txt; do
            # An index in a folder, and an error page of mod_proxy, are asked for by the file system.
            [[ $program != show || $way != index* ]] || continue
            mkdir -p "$SERVER_DIR/www/private/empty"
            guard_as full
            options+=("header = \"Host: ${way%%:*}-$program\"")
            guard_urls "${way#*:}"
            same "status ($way, $program)" 200 "${statuses[0]}"
            same "$way, $program: sub" 'auth0|a b\u00221' "$(guard_shown "${in}BEARER_SUB")"
            same "$way, $program: scope" 'read:files write:files' "$(guard_shown "${in}BEARER_SCOPE")"
            [[ $(guard_shown "${in}BEARER_EXP") =~ ^[0-9]+$ ]] || wrong "$way, $program: exp"
            [[ -n $in ]] || same "$way, $program: user" 'auth0|a b\u00221 Bearer' "$(guard_shown REMOTE_USER) $(guard_shown AUTH_TYPE)"
        done
    done
}

@test "D12: once, where lighttpd asks twice: an error page inside of what authorizer.conf guards" {
    conf=authorizer.conf before='cgi.assign = ( ".cgi" => "" ) ;; server.error-handler = "/private/show.cgi"' guard_server
    cp -p "$SERVER_DIR/www/private-cgi/show.cgi" "$SERVER_DIR/www/private"
    guard_as full
    guard_urls /private/none.txt
    same sub 'auth0|a b\u00221' "$(guard_shown BEARER_SUB)"
    same user 'auth0|a b\u00221 Bearer' "$(guard_shown REMOTE_USER) $(guard_shown AUTH_TYPE)"
}

@test "D13: what a program says about caches stays, and private comes to it" {
    guard_server
    sed -i 's|Content-Type: text/plain|&\\r\\nCache-Control: no-store|' "$SERVER_DIR/www/private-cgi/show.cgi"
    call GET /private-cgi/show.cgi "$(bearer full)"
    same status 200 "$http_status"
    same Cache-Control $'no-store\nprivate' "${fields[cache-control]}"
    call GET /public.txt
    same 'of what is not guarded' '' "${fields[cache-control]-}"
}

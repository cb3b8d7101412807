#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The guards of lighttpd-conf, as shipped, in servers whose other lines are hostile: tests/surroundings/lighttpd.rows. As many as can be are
# host names of one lighttpd.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154  # lighttpd's own $; names of guard-cases and doctor
bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private-cgi/show.cgi env:/private-php/show.php http:/private-app/show'
load ../support/guard-cases
load ../support/servers-nginx
load ../support/surroundings-lighttpd
load ../support/doctor
: "${top_srcdir:?}"

setup_file() { guard_setup; }
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

@test "D1: each directive of lighttpd's tables has a row" {
    local i
    rows
    grep -v '^#' "$SURROUNDINGS/lighttpd-directives.list" | cut -d' ' -f1 | sort -u >"$BATS_TEST_TMPDIR/listed"
    printf '%s\n' "${directives[@]}" | sort -u >"$BATS_TEST_TMPDIR/rows"
    diff "$BATS_TEST_TMPDIR/listed" "$BATS_TEST_TMPDIR/rows"
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ -n ${texts[i]} ]] || { echo "${directives[i]}: no lines" >&2 && false; }
        [[ ${befores[i]} == - && ${afters[i]} == - || ${texts[i]} == *"${directives[i]} "*=* ]] || { echo "${directives[i]}: not in its lines" >&2 && false; }
    done
}

@test "D1, D3, D13: whatever stands before the guard or behind it, for the same host: authorizer-programs.conf" {
    rows
    before=$(conditions before) after=$(conditions after) guard_server
    { echo plain ok && hosts; } >"$BATS_TEST_TMPDIR/hosts"
    asked "${TARGETS[@]}" <"$BATS_TEST_TMPDIR/hosts"
    judged
    # The certificate was there to be preferred.
    grep -q -a -x SSL_CLIENT_S_DN_CN=admin "$BATS_TEST_TMPDIR/answers"
    endless <"$BATS_TEST_TMPDIR/hosts"
    without_a_worker "${TARGETS[@]}" <"$BATS_TEST_TMPDIR/hosts"
}

@test "D1, D3, D13: the same of authorizer.conf, for files alone" {
    rows
    conf=authorizer.conf before=$(conditions before) after=$(conditions after) guard_server
    { echo plain ok && hosts | grep -v 'open /private-'; } >"$BATS_TEST_TMPDIR/hosts"
    asked "${TARGETS[0]}" <"$BATS_TEST_TMPDIR/hosts"
    judged
    without_a_worker "${TARGETS[0]}" <"$BATS_TEST_TMPDIR/hosts"
}

@test "D1, D3: what stands outside of conditions" {
    local i together='' outcome
    rows
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ ${scopes[${directives[i]}]-} != CONNECTION && ${befores[i]} == ok && ${directives[i]} != server.modules && ${directives[i]} != ssl.* ]] || continue
        together+="${texts[i]};;"
    done
    before=$together guard_server
    echo together ok | asked "${TARGETS[@]}"
    judged
    echo together ok | without_a_worker "${TARGETS[@]}"
    install -m 755 "${top_builddir:?}/bearer.fcgi" "$SERVER_DIR/libexec"
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ ${scopes[${directives[i]}]-} != CONNECTION && ${directives[i]} != ssl.* ]] || continue
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
        [[ $outcome != open* ]] || doctor_sees 127.0.0.1 "${outcome#open }" 'without a token: 200, everybody is let in'
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
    echo together other | without_a_worker "${TARGETS[@]}"
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

# Later lines that open a door, each for an address of its own; none for the first.
doors=(
    '$SERVER["socket"] == "127.0.0.2:@OWN@" { fastcgi.server = () }'
    '$SERVER["socket"] == "127.0.0.3:@OWN@" { $HTTP["url"] =~ "\.php$" { fastcgi.server = ( ".php" => (( "socket" => "@/run/private-php.socket-0" )) ) } }'
    '$SERVER["socket"] == "127.0.0.4:@OWN@" { setenv.set-environment = ( "BEARER_REQUIRE" => "optional" ) }'
    '$SERVER["socket"] == "127.0.0.5:@OWN@" { webdav.activate = "enable" }'
    '$SERVER["socket"] == "127.0.0.6:@OWN@" { server.force-lowercase-filenames = "enable" }'
    '$SERVER["socket"] == "127.0.0.7:@OWN@" { $HTTP["url"] =~ "\.(php|txt)$" { $HTTP["request-method"] != "GET" { setenv.set-environment = ( "BEARER_REQUIRE" => "valid-token" ) } } }'
    '$SERVER["socket"] == "127.0.0.8:@OWN@" { $HTTP["url"] =~ "\.pdf$" { setenv.set-environment = ( "BEARER_REQUIRE" => "valid-token" ) } }'
)

# row_doors: the lines of every row that opens another URL, wherever they stand, each for an address of its own; doctor sees each there.
row_doors() {
    local i
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ ${befores[i]} != open* ]] || printf '$SERVER["socket"] == "127.0.%s.%s:@OWN@" {\n%s\n}\n' $((i / 250 + 1)) $((i % 250 + 1)) "${texts[i]}"
    done
}

row_doors_seen() {
    local i
    for ((i = 0; i < ${#directives[@]}; i++)); do
        [[ ${befores[i]} != open* ]] || doctor_sees "127.0.$((i / 250 + 1)).$((i % 250 + 1))" "${befores[i]#open }" 'without a token: 200, everybody is let in'
    done
}

# doctor_sees ADDRESS PATH TEXT: doctor's only failure there has this text, and says what to look for.
doctor_sees() {
    look 2 "$1" "$2"
    says failure "$3" 'a fastcgi.server, BEARER_REQUIRE or webdav.activate in a later condition, a module before mod_fastcgi' server.force-lowercase-filenames
    same "failures at $1" 1 "$(grep -c '^failure ' <<<"$output")"
}

# look STATUS ADDRESS PATH: doctor, with the workers' configuration, and with the token in the file $given if that is set.
look() {
    doctor_clean
    CTL=$SERVER_DIR/libexec/bearerctl doctor "$1" "BEARER_CONFIG=$SERVER_DIR/etc/bearer.env" --offline ${given:+--token "$given"} "http://$2:$(<"$SERVER_DIR/port")$3"
}

# doors_seen: doctor names each of them, and none where there is none.
doors_seen() {
    local last path seen
    for path in /private/secret.txt /private-app/show; do
        look 0 127.0.0.1 "$path"
        says ok 'doors: ' 'none is open'
    done
    while read -r last path seen; do
        doctor_sees "127.0.0.$last" "$path" "$seen"
    done <<'END'
2 /private/secret.txt without a token: 200, everybody is let in
3 /private/secret.txt doors: /private/made-up-by-bearerctl-doctor.php, a name that is not there: 404
3 /private-php/show.php without a token: 200, everybody is let in
4 /private/secret.txt without a token: 200, everybody is let in
5 /private/secret.txt doors: the method PROPFIND (WebDAV): 207 without a token
6 /private/secret.txt doors: other capitals, /PRIVATE/SECRET.TXT: 200 without a token
END
    # Rules that want a token, and not its scope, are seen with one.
    look 0 127.0.0.7 /private/secret.txt
    install -m 644 "$BATS_FILE_TMPDIR/tokens/scopeless" "$SERVER_DIR/etc/token"
    given=$SERVER_DIR/etc/token
    look 1 127.0.0.1 /private/secret.txt
    says warning 'with the given token: 403, Required: scope=read:files' 'doctor looks with it for a looser rule'
    says ok 'doors: ' 'with the given token: none is open'
    look 2 127.0.0.7 /private/secret.txt
    says failure 'doors: the method HEAD: 200 with the given token, and 403 otherwise: that way requires less: give it the same BEARER_REQUIRE' 'BEARER_REQUIRE or webdav.activate in a later condition'
    doctor_sees 127.0.0.8 /private/secret.txt 'doors: /private/made-up-by-bearerctl-doctor.pdf, a name that is not there: 404 with the given token, but one without an ending is 403'
    given=
}

# What lighttpd cannot fence: doc/lighttpd.md, "Open doors".
@test "D1: WebDAV of a folder above reads what is guarded and writes into it, and for a later condition it is on; doctor sees what shows at the URL" {
    local url given=
    rows
    before='webdav.activate = "enable"' after='$HTTP["host"] == "later" { webdav.activate = "enable" }'$(printf ';;%s' "${doors[@]}" "$(row_doors)") guard_server
    url=$(server_url)
    doors_seen
    row_doors_seen
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
    doctor_sees 127.0.0.1 /private/secret.txt 'without a token: 200, everybody is let in'
}

@test "D12: each thing is said once, to a program that is reached by an index, a rewrite or an error page" {
    local more='cgi.local-redir = "enable";;' way program path in
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
    # A local redirect is asked again, and refused for what claims.lua has put there.
    printf '%s\n' '#!/bin/sh' "printf 'Location: /private/secret.txt\\r\\n\\r\\n'" >"$SERVER_DIR/www/private-cgi/redirect.cgi"
    chmod 755 "$SERVER_DIR/www/private-cgi/redirect.cgi"
    call GET /private-cgi/redirect.cgi "$(bearer full)"
    same 'status of a local redirect' 400 "$http_status"
    same body '{"detail":"A request header is not allowed"}' "$body"
}

@test "D12: once, where lighttpd asks twice: an error page inside of what authorizer.conf guards" {
    conf=authorizer.conf before='cgi.assign = ( ".cgi" => "" ) ;; server.error-handler = "/private/show.cgi"' guard_server
    cp -p "$SERVER_DIR/www/private-cgi/show.cgi" "$SERVER_DIR/www/private"
    guard_as full
    guard_urls /private/none.txt
    same sub 'auth0|a b\u00221' "$(guard_shown BEARER_SUB)"
    same user 'auth0|a b\u00221 Bearer' "$(guard_shown REMOTE_USER) $(guard_shown AUTH_TYPE)"
}

@test "D13: what a program says about caches stays, and private comes to it; a cache in front that minds neither is open" {
    local port given
    guard_server
    sed -i 's|Content-Type: text/plain|&\\r\\nCache-Control: no-store|' "$SERVER_DIR/www/private-cgi/show.cgi"
    call GET /private-cgi/show.cgi "$(bearer full)"
    same status 200 "$http_status"
    same Cache-Control $'no-store\nprivate' "${fields[cache-control]}"
    call GET /public.txt
    same 'of what is not guarded' '' "${fields[cache-control]-}"
    # But a cache in front may have rules of its own: doc/lighttpd.md, "Open doors". doctor sees that with a good token.
    port=$(<"$SERVER_DIR/port") given=$SERVER_DIR/etc/token
    mkdir "$SERVER_DIR/etc/conf.d"
    echo "proxy_cache_path $SERVER_DIR/run/front keys_zone=front:1m;
        server { listen 127.0.0.9:$port; location / { proxy_pass http://127.0.0.1:$port;
        proxy_cache front; proxy_cache_valid 200 1m; proxy_ignore_headers Cache-Control; } }" >"$SERVER_DIR/etc/conf.d/front.conf"
    _nginx_base >"$SERVER_DIR/etc/nginx.conf"
    _start front "$(_program nginx)" -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
    _await front curl -q -s -o /dev/null --noproxy '*' "http://127.0.0.9:$port/public.txt"
    install -m 644 "$BATS_FILE_TMPDIR/tokens/full" "$given"
    look 2 127.0.0.9 /private/secret.txt
    says failure 'without a token, after the good one: 200: what one good token got is kept and handed on to everybody'
    run -0 curl -q -s --noproxy '*' "http://127.0.0.9:$port/private/secret.txt"
    cmp "$SERVER_DIR/www/private/secret.txt" - <<<"$output"
}

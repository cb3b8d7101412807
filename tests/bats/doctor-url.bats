#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154,SC2034 # run sets $stderr; names of guard-cases
# bearerctl doctor URL: asks real servers with the shipped configuration, and what they lack; and one that answers as it is told.

bats_require_minimum_version 1.5.0
load ../support/guard-cases
load ../support/servers-apache-guard
load ../support/servers-haproxy
load ../support/servers-nginx
load ../support/bad-https
load ../support/answers
load ../support/doctor

: "${top_srcdir:?}" "${top_builddir:?}"

setup_file() {
    issuer_run init "$BATS_FILE_TMPDIR/issuer" --issuer "$ISSUER" >"$BATS_FILE_TMPDIR/init.out"
    cp "$BATS_FILE_TMPDIR/issuer/www/.well-known/jwks.json" "$BATS_FILE_TMPDIR"
}

setup() {
    doctor_clean
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || {
        printf '%s\n' "exit status ${status-}, said:" "${output-}" "${stderr-}" "--- the end of the log:"
        server_log | tail -n 20
    } >&2
    server_remove
}

serve() { $how; }
guard_serve() { $how; }

# site COMMAND...: the endpoints, by a server that this command starts. guarded COMMAND...: a guarded directory likewise.
site() {
    how=$* new_server
}

guarded() {
    how=$* guard_server
}

# told: the server of answers.bash, that answers as bearer.fcgi does.
told() {
    how=answers_up new_server
    answer_as_shipped
    URL=$(answers_url)
}

# look STATUS [NAME=VALUE...] URL: doctor, with the workers' configuration.
look() {
    local wanted=$1
    shift
    CTL=$SERVER_DIR/libexec/bearerctl
    doctor "$wanted" "BEARER_CONFIG=$SERVER_DIR/etc/bearer.env" "${@:1:$#-1}" --offline "${@: -1}"
}

# as_it_should SIZE: all is, but for the size of tokens.
as_it_should() {
    says ok 'without a token: 401 "Not authenticated" with the challenge Bearer realm="api", as it should be'
    says ok 'Authorization header: it arrives, and a made-up token is refused: The token signature is not valid'
    says ok 'with two tokens in one header: 400 with its challenge' 'statuses arrive as they are'
    [[ $1 == 16 ]] || return 0
    says ok 'size: a token of 16 KiB arrives, the longest there may be'
}

@test "lighttpd: all is well, or the path, the realm, the configuration is not" {
    site start_lighttpd snippet
    local url
    url=$(server_url)/api
    look 0 "$url/private"
    says ok "url: $url/private is answered by lighttpd (Server: lighttpd/"
    as_it_should 16
    look 2 "$url/public"
    says failure 'without a token: 200, everybody is let in: that is the public endpoint; name a private one'
    look 2 "$url/private/"
    says failure 'without a token: 404 "Not Found": no endpoint has this path' 'without a slash behind'
    look 2 "$(server_url)/nothing"
    says failure "without a token: 404, a page of the web server's own: the web server itself has nothing there"
    look 1 BEARER_REALM=shop "$url/private"
    says warning 'its challenge is Bearer realm="api", but BEARER_REALM is shop here' 'another configuration'
    # Without a configuration the endpoint is asked all the same, and the status is that of no configuration.
    look 2 BEARER_CONFIG= "$url/private"
    says failure 'AUTH0_DOMAIN'
    as_it_should 16
}

@test "lighttpd: as it comes it lets no long token through" {
    site start_lighttpd snippet '/max-request-field-size/d'
    look 1 "$(server_url)/api/private"
    as_it_should 4
    says warning 'size: a token of 4 KiB arrives, one of 8 KiB does not (the web server answers 431)' 'set "server.max-request-field-size := 24576"'
}

@test "Apache: each line that doctor says to add makes the header arrive" {
    local htaccess url line said
    site start_apache shared-fcgid '/CGIPassAuth/d'
    htaccess=$SERVER_DIR/www/api/.htaccess url=$(server_url)/api/bearer.fcgi/private
    cp "$htaccess" "$BATS_TEST_TMPDIR/without"
    look 2 "$url"
    says ok "url: $url is answered by Apache (Server: Apache/"
    says failure 'Authorization header: it does not arrive' 'CGIPassAuth On' '.htaccess'
    [[ $output != *size:* && $output != *'two tokens'* ]]
    said=$(sed -n 's/.* does not arrive: .* put "\([^"]*\)".*instead: \(.*\)/\1\n\2/p' <<<"$output")
    mapfile -t lines <<<"$said"
    ((${#lines[@]} == 2))
    for line in "${lines[@]}"; do
        [[ $(cat "$top_srcdir/apache-conf/shared-hosting/.htaccess") == *"$line"* ]]
        { cat "$BATS_TEST_TMPDIR/without" && echo "$line"; } >"$htaccess"
        look 1 "$url"
        as_it_should 4
        # The host's own limit: 8190 octets.
        says warning 'size: a token of 4 KiB arrives, one of 8 KiB does not (the web server answers 400)' LimitRequestFieldSize 'no .htaccess can say so'
    done
    look 2 "$(server_url)/api/bearer.env"
    says failure "without a token: 403, a page of the web server's own: the web server itself forbids it"
}

@test "Apache guards a directory with mod_fcgid: its own pages in the place of denials" {
    guarded start_apache_guard fcgid '/ErrorDocument/d'
    look 1 "$(server_url)/private/secret.txt"
    says warning "without a token: 401 with the challenge, but a page of the web server's own" 'ErrorDocument 401 as in fcgid-authorizer.conf'
    says ok 'Authorization header: it arrives, and a made-up token is refused: invalid_token'
    says warning 'with two tokens in one header: the program said 400, the web server answers 401'
    says ok 'size: a token of 16 KiB arrives'
    look 2 "$(server_url)/public.txt"
    says failure 'without a token: 200, everybody is let in: nothing guards this URL, or its BEARER_REQUIRE is optional'
}

@test "Apache guards it with mod_authnz_fcgi: that has limits of its own, and is well" {
    guarded start_apache_guard authnz
    look 0 "$(server_url)/private/secret.txt"
    says ok 'without a token: the body is JSON, but the web server says it is text/html; charset=iso-8859-1, as mod_authnz_fcgi always does'
    as_it_should 16
}

@test "nginx: all is well; without workers 502" {
    site start_nginx responder
    look 0 "$(server_url)/api/private"
    says ok 'is answered by nginx (Server: nginx/'
    as_it_should 16
    _stop "$SERVER_DIR/pids/workers"
    look 2 "$(server_url)/api/private"
    says failure "without a token: 502, a page of the web server's own: the web server gets no answer from a worker; " 'fastcgi_pass'
}

@test "HAProxy: known by its answers; without pass-header nobody has a token" {
    site start_haproxy '/pass-header/d'
    look 2 "$(server_url)/api/private"
    says ok 'is answered by HAProxy, by the looks of it'
    says failure 'Authorization header: it does not arrive' 'put "pass-header Authorization" into the section fcgi-app of haproxy.cfg'
}

@test "what doctor says to write stands in the shipped files and on the pages" {
    local line
    # page:directive: and what is in front of it there
    for line in 'lighttpd:server.max-request-field-size := 24576' 'apache:LimitRequestFieldSize 24576' \
        'nginx:large_client_header_buffers 4 24k;' 'haproxy:tune.bufsize 49152' 'apache:CGIPassAuth On' 'haproxy:pass-header Authorization'; do
        grep -qF -- "${line#*:}" "$top_srcdir/src/ctl/doctor/doctor_server.c"
        grep -rqF -- "${line#*:}" "$top_srcdir/${line%%:*}-conf"
        line=${line/ := / }
        cat "$top_srcdir/doc/${line%%:*}.md" "$top_srcdir/doc/reference/limits.md" | grep -qF -- "$(cut -d' ' -f1 <<<"${line#*:}")"
    done
}

# means STATUS LEVEL TEXT...: what is said of the answer to nobody that answer_to is given before: `means 2 failure ...`.
means() {
    look "$1" "$URL"
    says "${@:2}"
}

@test "statuses and pages: each is named" {
    local page='<html><body>oops</body></html>' ours=("${OURS[@]}")
    told
    look 0 "$URL"
    says ok 'is answered by a web server that does not say which it is'
    answer_to none 204
    means 2 failure 'without a token: 204, everybody is let in'
    answer_to none 301 'Location: https://elsewhere.example/x' "$page"
    means 2 failure 'redirects (301) to https://elsewhere.example/x: clients do not follow that with a token'
    answer_to none 405 "${ours[@]}" 'Allow: POST' '{"detail":"Method Not Allowed"}'
    means 2 failure '405 "Method Not Allowed": this endpoint has no GET'
    answer_to none 400 "$page"
    means 2 failure "400, a page of the web server's own: " 'does that port want https://?'
    answer_to none 500 "${ours[@]}" '{"detail":"Server misconfigured"}'
    means 2 failure 'without a token: 500 "Server misconfigured": ' 'bearerctl doctor --user NAME'
    answer_to none 503 "${ours[@]}" '{"detail":"Signing keys are unavailable"}'
    means 2 failure '503 "Signing keys are unavailable": the workers have no keys' 'bearerctl refresh'
    answer_to none 503 'Server: lighttpd/1.4' "$page"
    means 2 failure "503, a page of the web server's own: the web server reaches no worker; can lighttpd start bearer.fcgi?"
    answer_to none 500 'Server: Apache' "$page"
    means 2 failure '500, ' 'could not be started, or crashed; can Apache start bearer.fcgi'
    answer_to none 504 'Server: nginx' "$page"
    means 2 failure '504, ' 'the workers do not answer'
    answer_to none 418 '{"detail":"teapot"}'
    means 2 failure "418 \"teapot\": that is not an answer of bearer.fcgi"
    answer_to none 401 'WWW-Authenticate: Basic realm="intern"' "$page"
    means 2 failure 'the challenge is Basic, not Bearer' 'AuthType, auth_basic, auth.require'
    answer_to none 401 "$page"
    means 2 failure '401 without a challenge'
    # Nothing was asked of these but that.
    [[ $(grep -c '^Authorization:' "$SERVER_DIR/answers/requests") == 3 ]]
}

@test "what a denial has lost on its way, and what it has too much" {
    local ours=("${OURS[@]}") body='{"detail":"Not authenticated"}'
    told
    answer_to none 401 "${ours[@]}" "$body"
    means 1 warning 'the web server takes WWW-Authenticate away'
    answer_to none 401 'WWW-Authenticate: Bearer' "${ours[@]}" "$body"
    means 1 warning "with the challenge Bearer, which is not bearer.fcgi's"
    answer_to none 401 "$REALM" "$REALM" "${ours[@]}" "$body"
    means 1 warning 'the challenge comes 2 times'
    answer_to none 401 "$REALM, Basic realm=\"a, b\"" "${ours[@]}" "$body"
    means 1 warning 'a challenge for Basic comes along'
    answer_to none 401 'WWW-Authenticate: Bearer realm="api, Digest x"' "${ours[@]}" "$body"
    look 0 'BEARER_REALM=api, Digest x' "$URL"
    answer_to none 401 "$REALM" "${ours[@]:1}" "$body"
    means 1 warning 'the web server says it is nothing at all'
    answer_to none 401 "$REALM" "${ours[0]}" "${ours[2]}" "$body"
    means 1 warning 'takes X-Content-Type-Options: nosniff away'
    answer_to none 401 "$REALM" "${ours[@]:0:2}" "$body"
    means 1 warning 'takes Cache-Control: no-store away'
    answer_to none 401 "$REALM" '{"message":"Login"}'
    means 1 warning 'but another body instead of our body'
    answer_to none 401 'Server: Apache' "$REALM" '{"what":"is guarded"}'
    means 2 failure "the body is neither ours nor a page of Apache's own" 'something opens the door'
    answer_to none 401 'Server: Apache' "$REALM" '<html>'
    means 1 warning "a page of the web server's own" 'If it is the page that is guarded, look for a <Location>, <If>'
    answer_as_shipped
    answer_to two 403 '<html>'
    means 1 warning "with two tokens in one header: 403, and that is not what the program says (400)"
    answer_to two 400 "${ours[@]}" '{"detail":"More than one credential was sent"}'
    means 1 warning 'answers 400 without its challenge'
}

@test "a made-up token: not seen, let in, or without keys to judge it" {
    told
    cp "$SERVER_DIR/answers/none" "$SERVER_DIR/answers/token"
    means 2 failure 'Authorization header: it does not arrive' 'Apache needs "CGIPassAuth On"' 'HAProxy "pass-header Authorization"'
    answer_to token 200 '{"iss":"x"}'
    means 2 failure 'with a made-up token: 200, everybody is let in'
    answer_to token 503 "${OURS[@]}" '{"detail":"Signing keys are unavailable"}'
    means 2 failure 'with a made-up token: 503 "Signing keys are unavailable"'
    says ok 'size: a token of 16 KiB arrives'
    answer_to token 403 '<html>'
    means 2 failure "with a made-up token: 403, a page of the web server's own"
}

@test "the longest token: some, none, and where the connection just ends" {
    told
    answer_limit 13000
    means 1 warning 'size: a token of 12 KiB arrives, one of 16 KiB does not (the web server answers 431)'
    answer_limit 9000
    rm "$SERVER_DIR/answers/long"
    means 1 warning 'size: a token of 8 KiB arrives, one of 12 KiB does not (the connection ends)'
    cp "$SERVER_DIR/answers/none" "$SERVER_DIR/answers/long"
    answer_limit 2000
    means 1 warning 'size: not even a token of 4 KiB arrives (it is dropped on the way)'
}

# way URL-PATH PATTERN STATUS LEVEL TEXT...: what is said where a head like that is answered so, and everything else as it should be.
way() {
    local path=$1 pattern=$2 answer=$3 wanted=2
    case $4 in
        ok) wanted=0 ;;
        warning) wanted=1 ;;
    esac
    rm -f "$SERVER_DIR/answers/doors"
    answer_door door "$pattern"
    # shellcheck disable=SC2086 # a status and fields, or one with none
    answer_to door $answer '<html>the secret</html>'
    look "$wanted" "${URL%/api/private}$path"
    says "${@:4}" || { cat "$SERVER_DIR/answers/requests" >&2 && return 1; }
    says ok 'without a token: 401 "Not authenticated"'
    [[ $(grep -c ' doors: ' <<<"$output") == 1 ]]
}

@test "D3: doctor finds the ways around a guard: spellings, methods, parts, names" {
    told
    # The answer to a plain request is a denial throughout.
    way /app/show '^GET //app/show ' 200 failure 'two slashes before the path, //app/show: 200 without a token, and 401 otherwise: that way is open'
    way /app/show '^GET /app//show ' 200 failure 'two slashes in the path, /app//show'
    way /app/show '^GET /\./app' 200 failure 'a dot segment, /./app/show'
    way /app/show '^GET /[a-z-]+/\.\./app' 200 failure 'a way down and up again'
    way /app/show '^GET /%61pp/show ' 200 failure 'a letter percent-encoded, /%61pp/show'
    way /app/show '^GET /app%2fshow ' 200 failure 'a slash percent-encoded, /app%2fshow'
    way /app/show '^GET /APP/SHOW ' 200 failure 'other capitals, /APP/SHOW'
    way /app/show '^GET /app;a=b/show ' 206 failure 'a parameter in the path' ': 206 without a token'
    way /app/show '^GET /app/show/ ' 200 failure 'a slash more or less at the end, /app/show/'
    way /app/ '^GET /app ' 200 failure 'a slash more or less at the end, /app:'
    way '/app/show?a=/b//c' '^GET //app/show\?a=/b//c ' 200 failure 'two slashes before the path, //app/show:'
    way /app/show '^HEAD ' 200 failure 'the method HEAD'
    way /app/show '^POST ' 201 failure 'the method POST: 201 without a token'
    way /app/show '^OPTIONS ' 200 failure 'the method OPTIONS'
    way /app/show '^PROPFIND ' 207 failure 'the method PROPFIND (WebDAV): 207 without a token'
    way /app/show '^MADEUP ' 200 failure 'a method that nobody knows'
    way /app/show '^Range: ' 206 failure 'a part of it (Range): 206'
    way /app/show '^If-None-Match: ' 304 failure 'if it has changed (If-None-Match): 304' 'something answers that does not ask the guard'
    way /app/show '^If-Modified-Since: ' 304 failure 'if it has changed (If-Modified-Since): 304'
    # Somebody in front answers for some endings, or for all names.
    way /app/ '^GET /app/made-up-by-bearerctl-doctor\.pdf ' 404 failure 'made-up-by-bearerctl-doctor.pdf, a name that is not there: 404' 'what answers for .pdf does not ask the guard'
    way /app/report.txt '^GET /app/made-up-by-bearerctl-doctor\.php ' 404 failure 'what answers for .php'
    way /app/report.txt '^GET /app/made-up-by-bearerctl-doctor\.jpg ' 200 failure 'a name with another ending, /app/made-up-by-bearerctl-doctor.jpg: 200'
    way /app/ '^GET /app/made-up-by-bearerctl-doctor ' 200 failure 'a name that is not there, /app/made-up-by-bearerctl-doctor: 200'
    way /app/ '^GET /app/made-up' 404 warning 'a name that is not there: 404 without a token, not 401' 'name a file that exists instead'
    # A site that answers with one page for all that is not there is no open door; with other pages that is for a person to see.
    way /app/show '^GET /(made-up|APP|app//|/)' 200 ok 'doors: ' 'none is open'
    rm "$SERVER_DIR/answers/doors"
    answer_door front '^GET /made-up-by-bearerctl-doctor '
    answer_to front 200 'Content-Type: text/html' '<html>nothing here'
    answer_door door '^GET /APP/SHOW '
    answer_to door 200 'Content-Type: text/html' '<html>something here'
    look 2 "${URL%/api/private}/app/show"
    says failure 'other capitals, /APP/SHOW: 200 without a token' 'This site also answers 200 where there is nothing' '(with --token it is compared)'
    # What may be asked is no secret.
    rm "$SERVER_DIR/answers/doors"
    answer_door door '^OPTIONS '
    answer_to door 204 'Allow: GET'
    look 0 "$URL"
    # Endpoints have no names below them.
    answer_door door '^GET /api/made-up'
    answer_door door '^GET /api/private/'
    answer_to door 404 "${OURS[@]}" '{"detail":"Not Found"}'
    look 0 "$URL"
    # A connection that ends leads nowhere.
    rm "$SERVER_DIR/answers/doors"
    answer_door missing '^HEAD '
    look 0 "$URL"
}

# good STATUS ARGUMENT...: doctor with a good token on standard input, or what $input says.
good() {
    local wanted=$1
    shift
    run -"$wanted" --separate-stderr as_worker "${CLEAN[@]}" "BEARER_CONFIG=$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec/bearerctl" doctor --offline "$@" \
        <<<"${input-Bearer eyJhbGciOiJub25lIn0.c2VjcmV0.c2ln}"
    [[ $output$stderr != *eyJ* && $output$stderr != *c2VjcmV0* ]]
}

@test "D13: doctor with a good token: what it gets, whether a cache may keep that, and who gets it then" {
    local html='Content-Type: text/html' state=('Cache-Control: private')
    told
    answer_door good '^Authorization: [Bb]earer eyJhbGciOiJub25lIn0.c2VjcmV0.c2ln'
    answer_to good 200 "$html" 'Cache-Control: private, max-age=60' '<html>secret'
    good 0 --token - "$URL"
    says ok 'with the good token: 200, for its owner alone'
    says ok 'doors: 2'
    input='  Authorization: bearer eyJhbGciOiJub25lIn0.c2VjcmV0.c2ln ' good 0 --token - "$URL"
    answer_to good 200 "$html" '<html>secret'
    good 1 --token - "$URL"
    says warning 'no Cache-Control: private (or no-store) comes with it: a cache in front'
    answer_to good 200 "$html" 'Cache-Control: no-cache="private"' '<html>secret'
    good 1 --token - "$URL"
    says warning 'no Cache-Control: private'
    answer_to good 200 "$html" 'Cache-Control: public, max-age=60' '<html>secret'
    good 2 --token - "$URL"
    says failure 'with the good token: Cache-Control says public (or s-maxage)'
    answer_to good 200 "$html" "${state[@]}" 'X-Accel-Redirect: /inner/secret' 'Variable-BEARER_SUB: me' '<html>secret'
    good 1 --token - "$URL"
    says warning 'the field X-Accel-Redirect'
    says warning 'fields Variable-...'
    answer_to good 404 "$html" '<html>nothing'
    good 1 --token - "$URL"
    says warning 'with the good token: 404: it is let in, but there is nothing'
    answer_to good 403 "${OURS[@]}" '{"detail":"Required: scope=x"}'
    good 2 --token - "$URL"
    says failure 'with the good token: 403, Required: scope=x: it is refused' 'bearerctl explain -'
    # Other spellings are known by what the token gets.
    answer_to good 200 "$html" "${state[@]}" '<html>secret'
    answer_door front '^GET /made-up-by-bearerctl-doctor '
    answer_to front 200 "$html" '<html>nothing here'
    answer_door door '^GET /API/PRIVATE '
    answer_to door 200 "$html" '<html>secret'
    good 2 --token - "$URL"
    says failure 'other capitals, /API/PRIVATE: 200 without a token, and 401 otherwise: that way is open'
    answer_to door 200 "$html" '<html>nothing here either'
    good 1 --token - "$URL"
    says warning 'other capitals, /API/PRIVATE: 200 without a token' 'is what is guarded, of which it differs'
}

# loose PATTERN STATUS LEVEL TEXT...: what is said where a head like that, with the token, is answered so, and any other with it is refused for its scope.
loose() {
    local wanted=2
    [[ $3 != warning && $3 != ok ]] || wanted=1
    rm -f "$SERVER_DIR/answers/doors"
    answer_door door "$1(?s:.*)^Authorization: Bearer eyJhbGciOiJub25lIn0"
    answer_door scant '^Authorization: Bearer eyJhbGciOiJub25lIn0'
    answer_to door "$2" '<html>the secret</html>'
    good "$wanted" --token - "${URL%/api/private}/app/show"
    says "${@:3}"
    says warning 'with the given token: 403, Required: scope=x: this URL requires more; doctor looks with it for a looser rule' 'bearerctl explain - --require'
    says ok 'doors: ' 'without a token: none is open'
}

@test "D3: with a token that lacks the scope doctor finds the ways that require less" {
    told
    answer_to scant 403 "$REALM, error=\"insufficient_scope\", scope=\"x\"" "${OURS[@]}" '{"detail":"Required: scope=x"}'
    loose '^NONE ' 200 ok 'doors: ' 'with the given token: none is open'
    loose '^GET /APP/SHOW ' 200 failure 'doors: other capitals, /APP/SHOW: 200 with the given token, and 403 otherwise: that way requires less: give it the same BEARER_REQUIRE; look for'
    loose '^HEAD ' 200 failure 'doors: the method HEAD: 200 with the given token, and 403 otherwise'
    loose '^GET /app/made-up-by-bearerctl-doctor.pdf ' 404 ok 'with the given token: none is open'
    loose '^GET /app/show/made-up-by-bearerctl-doctor.pdf ' 404 failure 'a name that is not there: 404 with the given token, but one without an ending is 403: what answers for .pdf requires less'
    loose '^GET /(made-up|APP|app//|/)' 200 ok 'with the given token: none is open'
    # Of a folder, that its other names may require less; and where the site has a page for everything.
    rm "$SERVER_DIR/answers/doors"
    answer_door door '^GET /app/made-up(?s:.*)^Authorization: Bearer eyJhbGciOiJub25lIn0'
    answer_door scant '^Authorization: Bearer eyJhbGciOiJub25lIn0'
    answer_to door 404 '<html>'
    good 1 --token - "${URL%/api/private}/app/"
    says warning 'a name that is not there: 404 with the given token, not 403: what else is there may require less than this URL'
    answer_to front 200 '<html>a page'
    rm "$SERVER_DIR/answers/doors"
    answer_door front '^GET /made-up(?s:.*)^Authorization: Bearer eyJhbGciOiJub25lIn0'
    answer_door door '^GET /APP/(?s:.*)^Authorization: Bearer eyJhbGciOiJub25lIn0'
    answer_door scant '^Authorization: Bearer eyJhbGciOiJub25lIn0'
    answer_to door 200 '<html>another page'
    good 2 --token - "${URL%/api/private}/app/show"
    says failure 'other capitals, /APP/SHOW: 200 with the given token' '(with a token that is let in it is compared)'
}

@test "a token is not sent where others can take it, and not taken where others can see it" {
    local token=eyJhbGciOiJub25lIn0.c2VjcmV0.c2ln
    told
    good 64 --token - http://site.invalid/api/private
    [[ $stderr == *'is not sent by plain http:// to another machine'*'name the https:// URL'* ]]
    good 64 --token "$token" "$URL"
    [[ $stderr == *'not taken as an argument'*'--token -'* ]]
    good 64 --token -
    [[ $stderr == *'--token is for a URL, and none was given'* ]]
    input='Authorization: Basic eDp5' good 65 --token - "$URL"
    [[ $stderr == *'another scheme than Bearer'* ]]
    input='' good 65 --token - "$URL"
    [[ $stderr == *'there is no token in standard input'* ]]
    good 66 --token /nowhere "$URL"
    [[ ! -s $SERVER_DIR/answers/requests ]]
    # Root reads the file before it becomes somebody who may not.
    (umask 077 && echo "$token" >"$BATS_TEST_TMPDIR/token")
    answer_to token 401 "$REALM, error=\"invalid_token\"" "${OURS[@]}" '{"detail":"No"}'
    CTL=$SERVER_DIR/libexec/bearerctl
    doctor_root 2 "BEARER_CONFIG=$SERVER_DIR/etc/bearer.env" --offline --user "$WORKER_USER" --token "$BATS_TEST_TMPDIR/token" "$URL"
    says failure 'with the good token: 401, No: it is refused'
    grep -q "^Authorization: Bearer $token" "$SERVER_DIR/answers/requests"
}

# now_open URL: the server reads its configuration again, and answers there.
now_open() {
    kill -HUP "$(<"$SERVER_DIR/pids/server")"
    _await server curl -q --silent --fail --path-as-is --noproxy '*' --max-time 5 --output /dev/null "$1"
}

@test "D1, D3, D13: doors of nginx, and of an nginx in front, are failures" {
    local port site token
    guarded nginx_guard
    port=$(<"$SERVER_DIR/port") site=$SERVER_DIR/etc/conf.d
    token=$(issuer_run token "$BATS_FILE_TMPDIR/issuer" --aud "$AUDIENCE" --scope read:files)
    {
        # A cache with rules of its own; one that serves files itself; one that shows a page for a denial; and the guard where a regular expression takes a part.
        echo "proxy_cache_path $SERVER_DIR/run/front keys_zone=front:1m;"
        echo "server { listen 127.0.0.2:$port; location / { proxy_pass http://127.0.0.1:$port;
            proxy_cache front; proxy_cache_valid 200 1m; proxy_ignore_headers Cache-Control; } }"
        echo "server { listen 127.0.0.3:$port; root $SERVER_DIR/www; location / { proxy_pass http://127.0.0.1:$port; }
            location ~* [.](pdf|txt|css)\$ { } }"
        echo "server { listen 127.0.0.4:$port; root $SERVER_DIR/www; location = /login.html { }
            location / { proxy_pass http://127.0.0.1:$port; proxy_intercept_errors on; error_page 401 =200 /login.html; } }"
        # And a location inside that wants a token, whatever its scope.
        sed -n "/^server {/,/^}/{s/^    listen .*/    listen 127.0.0.6:$port;/;/^    location ^~ .private {/,/^    }/s|^    }|        location ~ [.]txt\$ { auth_request /.bearer/valid-token; include fcgi-bearer/location.conf; }\n&|;p}" "$site/guarded-site.conf"
        sed -n "/^server {/,/^}/{s/^    listen .*/    listen 127.0.0.5:$port; location ~ [.]txt\$ { }/;s/\^~ //;p}" "$site/guarded-site.conf"
    } >"$site/doors.conf"
    (umask 022 && echo '<html>log in' >"$SERVER_DIR/www/login.html")
    now_open "http://127.0.0.5:$port/public.txt"
    input=$token good 0 --token - "http://127.0.0.1:$port/private/secret.txt"
    says ok 'with the good token: 200, for its owner alone'
    input=$token good 2 --token - "http://127.0.0.2:$port/private/secret.txt"
    says failure 'without a token, after the good one: 200: what one good token got is kept and handed on to everybody' proxy_cache
    look 2 "http://127.0.0.3:$port/private/"
    says failure 'doors: /private/made-up-by-bearerctl-doctor.pdf, a name that is not there: 404' 'does not ask the guard' 'a location for file endings'
    [[ $(grep -c '^failure ' <<<"$output") == 3 ]]
    look 2 "http://127.0.0.3:$port/private/secret.txt"
    says failure 'without a token: 200, everybody is let in'
    look 2 "http://127.0.0.4:$port/private/secret.txt"
    says failure 'without a token: 200, everybody is let in' "a page of the web server in the place of a denial" fastcgi_intercept_errors
    look 0 "http://127.0.0.6:$port/private/"
    input=$(issuer_run token "$BATS_FILE_TMPDIR/issuer" --aud "$AUDIENCE" --scope none) good 2 --token - "http://127.0.0.6:$port/private/"
    says failure 'doors: /private/made-up-by-bearerctl-doctor.txt, a name that is not there: 404 with the given token, but one without an ending is 403: what answers for .txt requires less' 'a location for file endings'
    look 2 "http://127.0.0.5:$port/private/"
    says failure 'doors: /private/made-up-by-bearerctl-doctor.txt, a name that is not there: 404' 'a location for file endings'
}

nginx_guard() {
    guard_backend
    _start php spawn-fcgi -n -s "$SERVER_DIR/run/php.socket" -M 0660 -u "$WORKER_USER" -- "$SERVER_DIR/bin/fcgi-show"
    start_nginx guard
}

@test "D3: doors of Apache are failures" {
    guarded start_apache_guard fcgid
    _stop "$SERVER_DIR/pids/server"
    more="AllowEncodedSlashes NoDecode
        <Location /app>
            <If \"%{REQUEST_METHOD} == 'POST'\">
                SetEnvIf Request_URI ^ BEARER_REQUIRE=valid-token
            </If>
        </Location>
        ProxyPass /bearer-denied !
        ProxyPass / http://127.0.0.1:$(<"$SERVER_DIR/backend-port")/ nocanon" _start_on_a_port _apache_guard fcgid
    look 2 "$(server_url)/app/show"
    says failure 'doors: a slash percent-encoded, /app%2fshow: 200' 'ProxyPass or Alias beside it' AllowEncodedSlashes
    says failure 'doors: other capitals, /APP/SHOW: 200'
    [[ $output != *'the method POST'* ]]
    input=$(issuer_run token "$BATS_FILE_TMPDIR/issuer" --aud "$AUDIENCE" --scope none) good 2 --token - "$(server_url)/app/show"
    says warning 'with the given token: 403, Required: scope=read:files'
    says failure 'doors: the method POST: 200 with the given token, and 403 otherwise: that way requires less' '<If>'
}

@test "what strangers answer is shown as text, and cut" {
    told
    answer_to none 418 "{\"detail\":\"\\u001b[31m$(letters 150)\"}"
    means 2 failure '418 "\x1b[31mxxxx'
    answer_to none 401 $'WWW-Authenticate: \e[31mBasic' 'Server: x' "<html>$(letters 100000)"
    means 2 failure '401 without a challenge'
    answer_to none 302 "Location: /$(letters 600)"
    means 2 failure 'redirects (302) to nowhere'
    printf 'no HTTP at all' >"$SERVER_DIR/answers/none"
    means 2 failure "url: $URL: " 'is no web server'
}

@test "no credential is sent, but tokens that say they are made up; and no query is shown" {
    local token
    told
    look 0 "$URL?key=geheim"
    [[ $output == *"$URL is answered"* && $output != *geheim* ]]
    # With nothing, three tokens, a Range and two conditions.
    [[ $(grep -c '^GET /api/private?key=geheim HTTP/1.1' "$SERVER_DIR/answers/requests") == 7 ]]
    run ! grep -E '^[A-Z]+ .* HTTP/1.1' <(grep -v '?key=geheim HTTP/1.1' "$SERVER_DIR/answers/requests")
    [[ $(grep -c '^Authorization: Bearer ' "$SERVER_DIR/answers/requests") == 3 ]]
    while read -r _ _ token _; do
        [[ $(cut -d. -f1 <<<"$token" | base64 -di 2>/dev/null) == '{"alg":"RS256","typ":"at+jwt"}' ]]
        [[ $(cut -d. -f2 <<<"$token" | base64 -di 2>/dev/null) == '{"iss":"https://made-up.invalid/","sub":"made up by bearerctl doctor"}' ]]
        [[ ${token##*.} =~ ^A+[,$'\r']*$ ]]
    done < <(grep '^Authorization:' "$SERVER_DIR/answers/requests")
}

@test "a proxy: used for another host only, and for it alone; the environment's never" {
    local dead proxy
    told
    dead=http://127.0.0.1:$(free_port)
    proxy=${URL%/api/private}
    # Of this machine.
    look 0 "BEARER_PROXY=$dead" "$URL"
    run ! grep -F 'through BEARER_PROXY' <<<"$output"
    # Elsewhere: this one answers in the place of everybody.
    look 1 "BEARER_PROXY=$proxy" "http_proxy=$dead" "ALL_PROXY=$dead" 'no_proxy=*' http://site.invalid/api/private
    says ok 'url: asked through BEARER_PROXY'
    says warning 'url: http://site.invalid/api/private is plain http: anyone on the way can read'
    grep -q '^GET http://site.invalid/api/private HTTP/1.1' "$SERVER_DIR/answers/requests"
    look 2 "http_proxy=$proxy" "HTTP_PROXY=$proxy" http://site.invalid/api/private
    says failure 'url: http://site.invalid/api/private: Could not resolve host' 'is the host right?'
    look 2 "BEARER_PROXY=$dead" https://site.invalid/
    says failure 'url: https://site.invalid/: ' 'BEARER_PROXY is set: does it answer'
    answer_to none 403
    look 2 "BEARER_PROXY=$proxy" https://site.invalid/
    says failure 'the proxy does not let this connection through'
    answer_to none 407
    look 2 "BEARER_PROXY=http://user:geheim@${proxy#http://}" https://site.invalid/
    says failure 'the proxy wants a user name and a password'
    [[ $output != *geheim* ]]
}

@test "nobody there, no HTTPS there, and certificates: cause and remedy" {
    local fault KEYS url
    told
    look 2 "http://127.0.0.1:$(free_port)/"
    says failure 'url: http://127.0.0.1:' 'nobody listens there: does the web server run'
    look 2 "https${URL#http}"
    says failure 'is that the port for HTTPS? Plain HTTP is http://'
    KEYS=$SERVER_DIR/keys
    mkdir -p "$KEYS/www/.well-known"
    ca_make "$KEYS/ca"
    cp "$BATS_FILE_TMPDIR/jwks.json" "$KEYS/www/.well-known"
    install -m 644 "$KEYS/ca/ca.pem" "$SERVER_DIR/etc"
    bad_https_up bad
    answers_for bad private raw 'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\n\r\n'
    url=$(bad_https_uri bad private)
    look 2 "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem" "$url"
    says failure 'the challenge is Basic'
    look 2 "$url"
    says failure "url: $url: the server's certificate is refused: no authority" 'clients refuse it too' 'set BEARER_CA_FILE to a file with that'
    for fault in expired wrong-name other; do
        ca_cert "$KEYS/ca" "$fault" "--${fault/other/other-ca}"
        connects bad tls "$fault"
        look 2 "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem" "$url"
        case $fault in
            expired) says failure 'it has expired; renew it' ;;
            wrong-name) says failure 'does not match target host' 'name a host that it is for' ;;
            other) says failure 'neither those in BEARER_CA_FILE nor those of this machine signed it' ;;
        esac
    done
}

@test "what is no URL to ask: 64, and nothing of it is shown" {
    local url
    told
    for url in extra ftp://localhost/ file:///etc/passwd http:// 'http://ho st/' '' https://user:geheim@localhost/; do
        run --separate-stderr -64 "${CLEAN[@]}" "$SERVER_DIR/libexec/bearerctl" doctor "$url" </dev/null
        [[ -z $output && $stderr == 'bearerctl doctor: the argument '*"Try 'bearerctl doctor --help'." && $stderr != *geheim* ]]
    done
    [[ $stderr == *'holds a user name'* ]]
    run --separate-stderr -64 "${CLEAN[@]}" "$SERVER_DIR/libexec/bearerctl" doctor "$URL" "$URL" </dev/null
    [[ $stderr == *'unexpected argument'* ]]
}

# watched COMMAND: runs it on a terminal of 60 columns, and leaves what that shows in the file seen.
watched() {
    "${CLEAN[@]}" "${terminal[@]}" script -qec "stty cols 60; $1" /dev/null >"$BATS_TEST_TMPDIR/seen" </dev/null
}

@test "who waits at a terminal sees what for, on one line that is gone afterwards" {
    local words plain=$BATS_TEST_TMPDIR/plain terminal=(TERM=xterm) line
    told
    words="BEARER_CONFIG=$SERVER_DIR/etc/bearer.env '$SERVER_DIR/libexec/bearerctl' doctor --offline '$URL'"
    # The findings go to a file, and are as without a terminal.
    watched "$words >'$plain'"
    grep -q "asking $URL with" "$BATS_TEST_TMPDIR/seen"
    run ! grep -q '[^ -~]' "$plain"
    grep -q '^ok       size: ' "$plain"
    # Each was overwritten by blanks, fits, and leaves the cursor at the beginning.
    tr '\r' '\n' <"$BATS_TEST_TMPDIR/seen" >"$BATS_TEST_TMPDIR/lines"
    while IFS= read -r line; do
        ((${#line} <= 59))
    done <"$BATS_TEST_TMPDIR/lines"
    [[ $(grep -c '^asking' "$BATS_TEST_TMPDIR/lines") -eq $(grep -c '^  *$' "$BATS_TEST_TMPDIR/lines") ]]
    [[ $(tail -c 1 "$BATS_TEST_TMPDIR/seen") == $'\r' ]]
    run ! grep -q $'\e' "$BATS_TEST_TMPDIR/seen"
    # Colours on standard output alone, and a dumb terminal has neither.
    watched "$words 2>'$plain'"
    grep -q $'^\e\\[32mok     \e\\[0m  size: ' "$BATS_TEST_TMPDIR/seen"
    [[ ! -s $plain ]]
    terminal=(TERM=xterm NO_COLOR=1)
    watched "$words"
    run ! grep -q $'\e' "$BATS_TEST_TMPDIR/seen"
    grep -q "asking $URL with" "$BATS_TEST_TMPDIR/seen"
    terminal=(TERM=dumb)
    watched "$words"
    run ! grep -qE $'\e|asking' "$BATS_TEST_TMPDIR/seen"
}

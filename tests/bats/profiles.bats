#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Several issuers and several APIs behind one server, as doc/profiles.md writes them down; by plain CGI; and what bearerctl does with profiles. (Every row of the
# choice, and the hostile cases: test_profiles.c. What a file may say: test_config_profiles.c.)

# shellcheck disable=SC2016,SC2154  # lighttpd's own $; the array of servers-apache-guard
bats_require_minimum_version 1.5.0
load ../support/servers
load ../support/servers-nginx
load ../support/servers-caddy
load ../support/servers-haproxy
load ../support/servers-apache-guard
load ../support/blocks
: "${top_srcdir:?}" "${top_builddir:?}"

TENANT=https://your-tenant.eu.auth0.com/
GITHUB=https://token.actions.githubusercontent.com

issuer() {
    "$top_builddir/bearer-issuer" "$@" </dev/null
}

# mint NAME ISSUER ARGUMENT...
mint() {
    issuer token "$BATS_FILE_TMPDIR/$2" "${@:3}" >"$BATS_FILE_TMPDIR/$1"
}

setup_file() {
    local api=https://www.example.com
    issuer init "$BATS_FILE_TMPDIR/auth0" --issuer "$TENANT" >/dev/null
    issuer init "$BATS_FILE_TMPDIR/github" --issuer "$GITHUB" >/dev/null
    mint mail auth0 --aud $api/mail --scope 'read:mail read:files'
    mint files auth0 --aud $api/files --scope 'read:mail read:files'
    mint poor auth0 --aud $api/mail --scope other
    mint person auth0 --aud $api/deploy --claim 'permissions=["deploy"]'
    mint nobody auth0 --aud $api/deploy --claim 'permissions=["look"]'
    mint run github --aud $api/deploy --claim 'repository_id="123456789"' --claim 'ref="refs/heads/main"'
    mint fork github --aud $api/deploy --claim 'repository_id="987654321"' --claim 'ref="refs/heads/main"'
    mint branch github --aud $api/deploy --claim 'repository_id="123456789"' --claim 'ref="refs/heads/x"'
    mint strange github --aud $api/deploy --claim 'iss="https://elsewhere.example/"'
    mint mixed github --aud $api/deploy --claim "iss=\"$TENANT\"" --claim 'permissions=["deploy"]'
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || server_log >&2 2>/dev/null || true
    server_remove
}

# page_profiles: those of the page, with the keys of the test's issuers, which are in files.
page_profiles() (
    local file keys
    umask 022
    mkdir -p "$SERVER_DIR/libexec/profiles" "$SERVER_DIR/keys"
    for keys in auth0 github; do
        cp "$BATS_FILE_TMPDIR/$keys/www/.well-known/jwks.json" "$SERVER_DIR/keys/$keys.json"
    done
    keys=0
    for file in mail files people ci; do
        keys=$((keys + 1))
        page_block profiles.md ini "$keys" >"$SERVER_DIR/libexec/profiles/$file.env"
    done
    for file in "$SERVER_DIR"/libexec/profiles/*.env; do
        keys=auth0
        ! grep -q github "$file" || keys=github
        sed -i "s|^AUTH0_DOMAIN=\(.*\)|AUTH0_ISSUER=https://\1/|" "$file"
        echo "BEARER_JWKS_URI=file://$SERVER_DIR/keys/$keys.json" >>"$file"
    done
    printf '%s\n' "AUTH0_ISSUER=$TENANT" AUTH0_API_AUDIENCE=https://www.example.com/ "BEARER_JWKS_URI=file://$SERVER_DIR/keys/auth0.json" \
        BEARER_LOG_LEVEL=info >"$SERVER_DIR/libexec/bearer.env"
)

# _guarded PORT: the shipped file with the lines of the page.
_guarded() {
    local conf=$SERVER_DIR/etc/shipped.conf
    page_block profiles.md lighttpd | sed 's/^/    /' >"$SERVER_DIR/etc/lines"
    printf '    else $HTTP["url"] =~ "^/deploy(/|$)" { %s }\n' "$(page_block profiles.md lighttpd 2)" >>"$SERVER_DIR/etc/lines"
    _shipped lighttpd-conf/authorizer.conf "$1" 's,"^/private(/|\$)","^/(mail|files|deploy|other)(/|$)",' |
        awk -v lines="$SERVER_DIR/etc/lines" '/"BEARER_REQUIRE" =>/ { next }
            /fastcgi.server = / { while ((getline line <lines) > 0) print line }
            1' >"$conf"
    { echo 'server.modules = ( "mod_access" )' && _lighttpd_base "$1" www && echo 'include "shipped.conf"'; } >"$SERVER_DIR/etc/lighttpd.conf"
    _start server "$(_program lighttpd)" -D -f "$SERVER_DIR/etc/lighttpd.conf"
}

# ask PATH [TOKEN]: prints status and body.
ask() {
    local header=()
    [[ -z ${2-} ]] || header=(-H "Authorization: Bearer $(<"$BATS_FILE_TMPDIR/$2")")
    curl -q --silent --show-error --noproxy '*' --max-time 30 -o "$BATS_TEST_TMPDIR/body" -w '%{http_code} ' "${header[@]}" "$(server_url)$1"
    cat "$BATS_TEST_TMPDIR/body"
}

# gets PATH TOKEN ANSWER
gets() {
    local said
    said=$(ask "$1" "$2")
    # shellcheck disable=SC2053  # a pattern
    [[ $said == $3 ]] || { echo "$1 with $2: $said" && return 1; }
}

# site: a folder for each API, with the programs and the profiles of the page.
site() {
    local name
    server_dir
    install_programs
    page_profiles
    for name in mail files deploy other; do
        (umask 022 && mkdir "$SERVER_DIR/www/$name" && echo "the secret of $name" >"$SERVER_DIR/www/$name/a.txt")
    done
}

# apart: no API takes what is for another one, and the hook only what it is for.
apart() {
    gets /mail/a.txt mail '200 the secret of mail'
    gets /files/a.txt files '200 the secret of files'
    gets /files/a.txt mail '401 {"detail":"The token is for another audience (aud)"}'
    gets /mail/a.txt files '401 {"detail":"The token is for another audience (aud)"}'
    gets /mail/a.txt poor '403 {"detail":"Required: scope=read:mail"}'
    gets /mail/a.txt '' '401 {"detail":"Not authenticated"}'
    gets /mail/a.txt run '401 *'
    gets /deploy/a.txt person '200 the secret of deploy'
    gets /deploy/a.txt run '200 the secret of deploy'
    gets /deploy/a.txt nobody '403 *'
    gets /deploy/a.txt fork '403 *'
    gets /deploy/a.txt branch '403 *'
    gets /deploy/a.txt mail '401 {"detail":"The token is for another audience (aud)"}'
    gets /deploy/a.txt strange '401 {"detail":"The token is from another issuer (iss)"}'
    # Both issuers' keys have another kid, so that is what is said; the same kid: test_profiles.c.
    gets /deploy/a.txt mixed '401 {"detail":"The token names an unknown key (kid)"}'
    gets /deploy/a.txt '' '401 {"detail":"Not authenticated"}'
    gets /other/a.txt mail '500 {"detail":"Server misconfigured"}'
    # Caddy 2.6 keeps to itself what workers log.
    [[ ${1-} == silent ]] || server_log | grep -q 'a guarded location without BEARER_PROFILE, while there are 5 profiles'
}

# endpoints: the one that takes `mail ci` takes what is theirs.
endpoints() {
    gets /api/private mail '200 *"aud":"https://www.example.com/mail"*'
    gets /api/private run '200 *"aud":"https://www.example.com/deploy"*'
    gets /api/private files '401 {"detail":"The token is for another audience (aud)"}'
    gets /api/private '' '401 {"detail":"Not authenticated"}'
}

@test "lighttpd: two APIs that do not take each other's tokens, and a deploy hook, as the page writes them" {
    site
    _start_on_a_port _guarded
    apart
}

# _guarded_nginx PORT: the shipped files, and locations as the page writes them.
_guarded_nginx() {
    local name
    nginx_files "$1"
    sed -i "s|^    include fcgi-bearer/ask.conf;|&\n    $(page_block profiles.md nginx 3)|" "$SERVER_DIR/etc/fcgi-bearer/api.conf"
    {
        echo "server { include fcgi-bearer/guard.conf; include fcgi-bearer/api.conf; listen 127.0.0.1:$1; root $SERVER_DIR/www;"
        page_block profiles.md nginx
        page_block profiles.md nginx | sed 's/mail/files/'
        page_block profiles.md nginx | sed "s|/mail|/deploy|; s|set .*|$(page_block profiles.md nginx 2)|"
        page_block profiles.md nginx | sed 's|/mail|/other|; /set /d'
        echo '}'
    } >"$SERVER_DIR/etc/conf.d/guarded-site.conf"
    _nginx_base >"$SERVER_DIR/etc/nginx.conf"
    _start server "$(_program nginx)" -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
}

@test "nginx: the same" {
    site
    start_workers nginx-conf/fcgi-bearer.conf
    _start_on_a_port _guarded_nginx
    apart
    endpoints
}

# _guarded_apache PORT: the block of the shipped file for a directory, with the lines of the page in place of what it requires, once for each.
_guarded_apache() {
    local name line shipped=$SERVER_DIR/etc/shipped
    _shipped apache-conf/fcgid-authorizer.conf "$1" >"$shipped"
    for name in mail files deploy other; do
        case $name in
            deploy) line=$(page_block profiles.md apache 2) ;;
            other) line= ;;
            *) line=$(page_block profiles.md apache | sed "s/mail/$name/") ;;
        esac
        sed -n '/^<Directory/,/^<\/Directory/p' "$shipped" |
            sed "s|/srv/www/private|$SERVER_DIR/www/$name|; /BEARER_REQUIRE.*also_required=/d; /also_required} /d; s|SetEnvIf Request_URI ^ \"BEARER_REQUIRE.*|$line|"
    done >"$SERVER_DIR/etc/apache.d/shipped.conf"
    sed -n '/^# This tells clients why/,$p' "$shipped" >>"$SERVER_DIR/etc/apache.d/shipped.conf"
    touch "$SERVER_DIR"/etc/apache.d/{before,z-more}.conf
    _apache_guard_command "$1" fcgid
    _start server "${apache[@]}" -D FOREGROUND
}

@test "Apache with mod_fcgid: the same" {
    site
    _start_on_a_port _guarded_apache
    apart
}

# _guarded_caddy PORT: the snippets of the shipped file, and routes as the page writes them.
_guarded_caddy() {
    local name line
    {
        _caddy_base
        _shipped caddy-conf/Caddyfile "$1" | sed '/^:[0-9]* {/,$d'
        echo ":$1 {"
        echo "root * $SERVER_DIR/www"
        for name in mail files deploy other; do
            case $name in
                deploy) line=$(page_block profiles.md caddyfile 2) ;;
                other) line='import bearer valid-token' ;;
                *) line=$(page_block profiles.md caddyfile | sed "s/mail/$name/") ;;
            esac
            printf '%s\n' "handle /$name* {" 'route {' "$line" file_server '}' '}'
        done
        echo '}'
    } >"$SERVER_DIR/etc/Caddyfile"
    _caddy_command run --config "$SERVER_DIR/etc/Caddyfile"
    _start server "${caddy[@]}"
}

@test "Caddy: the same" {
    site
    start_workers caddy-conf/Caddyfile
    _start_on_a_port _guarded_caddy
    apart silent
}

@test "HAProxy: an endpoint takes the tokens of the profiles that are named" {
    site
    cp "$SERVER_DIR/libexec/bearer.env" "$SERVER_DIR/etc"
    start_haproxy "s|^    pass-header Authorization|&\n    $(page_block profiles.md haproxy)|"
    endpoints
}

# cgi NAME=VALUE...: prints the answer of the endpoint /private by plain CGI.
cgi() {
    as_worker env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/private HOME="$SERVER_DIR" "$@" "$SERVER_DIR/libexec/bearer.fcgi" \
        2>>"$SERVER_DIR/log/error.log"
}

@test "plain CGI: BEARER_PROFILE comes with the request, for an endpoint and for a guard" {
    local mail run
    server_dir
    install_programs
    page_profiles
    mail="HTTP_AUTHORIZATION=Bearer $(<"$BATS_FILE_TMPDIR/mail")"
    run="HTTP_AUTHORIZATION=Bearer $(<"$BATS_FILE_TMPDIR/run")"
    [[ $(cgi BEARER_PROFILE=mail "$mail") == *'"aud":"https://www.example.com/mail"'* ]]
    [[ $(cgi BEARER_PROFILE='mail ci' "$run") == *'"ref":"refs/heads/main"'* ]]
    [[ $(cgi "$mail") == 'Status: 401'*'another audience'* ]]
    [[ $(cgi BEARER_PROFILE=males "$mail") == 'Status: 500'* ]]
    [[ $(cgi BEARER_PROFILE='mail files' "$mail") == 'Status: 500'* ]]
    [[ $(cgi BEARER_ROLE=authorizer BEARER_PROFILE='people ci' "$run") == 'Status: 200'* ]]
    [[ $(cgi BEARER_ROLE=authorizer BEARER_PROFILE='people ci' BEARER_REQUIRE=valid-token "$run") == 'Status: 500'* ]]
    echo 'BEARER_LEAWAY=1' >>"$SERVER_DIR/libexec/profiles/ci.env"
    [[ $(cgi BEARER_PROFILE=mail "$mail") == 'Status: 500'* ]]
    server_log | grep -q "no usable configuration: BEARER_LEAWAY ($SERVER_DIR/libexec/profiles/ci.env:5): .*did you mean BEARER_LEEWAY"
    run -78 as_worker env -i "$SERVER_DIR/libexec/bearerctl" explain - <"$BATS_FILE_TMPDIR/mail"
    [[ $output == *"$SERVER_DIR/libexec/profiles/ci.env:5"* ]]
}

# ctl ARGUMENT...: bearerctl of the workers' user.
ctl() {
    as_worker env -i PATH="$PATH" HOME="$SERVER_DIR" "$SERVER_DIR/libexec/bearerctl" "$@" </dev/null
}

# explain NAME ARGUMENT...: of the token.
explain() {
    as_worker env -i PATH="$PATH" HOME="$SERVER_DIR" "$SERVER_DIR/libexec/bearerctl" explain - "${@:2}" <"$BATS_FILE_TMPDIR/$1"
}

@test "bearerctl: doctor looks at each profile, explain at those that are named" {
    server_dir
    install_programs
    page_profiles
    echo "BEARER_CACHE_DIR=$SERVER_DIR/cache" >>"$SERVER_DIR/libexec/bearer.env"
    run ctl doctor
    [[ $output == *"ok       profiles: default, and 4 in $SERVER_DIR/libexec/profiles"* ]]
    [[ $output == *"ok       profile default: issuer: $TENANT"* ]]
    [[ $output == *"ok       profile ci: the file is $SERVER_DIR/libexec/profiles/ci.env; what it does not say is default's"* ]]
    [[ $output == *"ok       profile ci: AUTH0_ISSUER = $GITHUB ($SERVER_DIR/libexec/profiles/ci.env:1)"* ]]
    [[ $output == *"ok       profile ci: BEARER_REQUIRE = claim:repository_id=123456789 claim:ref=refs/heads/main (line 3)"* ]]
    [[ $output == *"ok       profile ci: keys: from the file $SERVER_DIR/keys/github.json"* ]]
    [[ $output != *'profile ci: BEARER_LOG_LEVEL'* && $output != *failure\ \ * ]]

    run -0 explain run --profile 'people ci'
    [[ $output == 'profile: ci'$'\n\n'*'claim:repository_id=123456789 claim:ref=refs/heads/main'* ]]
    run -0 explain person --profile 'people ci' --json
    [[ $output == *'"profile":"people"'* ]]
    run -1 explain branch --profile 'people ci'
    [[ $output == *'claim:ref=refs/heads/main'* ]]
    run -0 explain branch --profile 'people ci' --require claim:ref=refs/heads/x
    run -1 explain mixed --profile 'people ci'
    run -1 explain run --profile people
    run -1 explain run
    run -1 explain strange --profile 'people ci'
    [[ $output == 'profile: none that was named has the issuer of this token'* ]]
    [[ $output == *'The token is from another issuer (iss)'* ]]
    run -64 explain run --profile ''
    [[ $output == *'--profile: is empty'* ]]
    run -64 explain run --profile pepole
    [[ $output == *"there is no profile 'pepole'; there are default, ci, files, mail, people"* ]]

    echo 'SECRET' >>"$SERVER_DIR/libexec/profiles/ci.env"
    run -2 ctl doctor
    [[ $output == *"failure  $SERVER_DIR/libexec/profiles/ci.env, line 5: no '='"* && $output != *SECRET* ]]
}

@test "bearerctl refresh: each issuer's keys into a file of their own, whatever becomes of the others" {
    local a b file
    server_dir
    install_programs
    a=$SERVER_DIR/a b=$SERVER_DIR/b
    mkdir -m 755 "$a" "$b"
    start_keys_server "$a"
    start_keys_server "$b" --alg ES256
    (
        umask 022
        mkdir "$SERVER_DIR/libexec/profiles"
        printf '%s\n' "AUTH0_ISSUER=$(<"$a/issuer")" AUTH0_API_AUDIENCE=api "BEARER_JWKS_URI=$(<"$a/issuer").well-known/jwks.json" "BEARER_CA_FILE=$a/ca.pem" \
            "BEARER_CACHE_DIR=$SERVER_DIR/cache" >"$SERVER_DIR/libexec/bearer.env"
        printf '%s\n' "AUTH0_ISSUER=$(<"$b/issuer")" AUTH0_API_AUDIENCE=api "BEARER_JWKS_URI=$(<"$b/issuer").well-known/jwks.json" "BEARER_CA_FILE=$b/ca.pem" \
            AUTH0_ALGORITHMS=ES256 >"$SERVER_DIR/libexec/profiles/b.env"
        sed 's/=api$/=other/; s/ES256/EdDSA/' "$SERVER_DIR/libexec/profiles/b.env" >"$SERVER_DIR/libexec/profiles/c.env"
        printf '%s\n' AUTH0_ISSUER=https://d.example/ AUTH0_API_AUDIENCE=api "BEARER_JWKS_URI=file://$a/www/.well-known/jwks.json" >"$SERVER_DIR/libexec/profiles/d.env"
    )
    run -0 ctl refresh
    [[ $output == *"1 usable key from $(<"$a/issuer").well-known/jwks.json in "* && $output == *"1 usable key from $(<"$b/issuer").well-known/jwks.json in "* ]]
    [[ $output == *'profile d: The keys are read from'* ]]
    # c has its keys from where b has them, and of another algorithm: b's key is in the document, and it was fetched once.
    [[ $(keys_fetches "$b") == 1 && $(find "$SERVER_DIR/cache" -name 'jwks-*.json' | wc -l) == 2 ]]

    stop_keys_server "$a"
    run -75 ctl refresh
    [[ $output == *'bearerctl refresh: profile default: '* && $output == *"1 usable key from $(<"$b/issuer").well-known/jwks.json in "* ]]
    run -0 ctl refresh --profile b
    [[ $(keys_fetches "$b") == 3 ]]
    run -75 ctl refresh --profile default
    run -64 ctl refresh --profile x
    [[ $output == *'there is no profile of this name'* ]]

    # An endpoint of b's works, and default's as long as its keys are there.
    issuer token "$b" --aud api >"$BATS_TEST_TMPDIR/token"
    [[ $(cgi BEARER_PROFILE='b d' HTTP_AUTHORIZATION="Bearer $(<"$BATS_TEST_TMPDIR/token")") == *'"aud":"api"'* ]]
    rm "$SERVER_DIR"/cache/*
    [[ $(cgi BEARER_PROFILE='default b' HTTP_AUTHORIZATION="Bearer $(<"$BATS_TEST_TMPDIR/token")") == *'"aud":"api"'* ]]
    issuer token "$a" --aud api >"$BATS_TEST_TMPDIR/token"
    [[ $(cgi BEARER_PROFILE='default b' HTTP_AUTHORIZATION="Bearer $(<"$BATS_TEST_TMPDIR/token")") == 'Status: 503'* ]]
    # What a worker has fetched is what all profiles there need: a single look at the algorithms of c would have found none.
    file=$(find "$SERVER_DIR/cache" -name 'jwks-*.json')
    grep -q ES256 "$file" || grep -q P-256 "$file"
}

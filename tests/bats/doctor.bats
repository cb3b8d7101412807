#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # run sets $stderr
# bearerctl doctor: real directories and users, a real HTTPS server with the issuer's documents.

bats_require_minimum_version 1.5.0
load ../support/servers
load ../support/cachefile
load ../support/doctor

: "${top_builddir:?}"
AUDIENCE=https://api.example.test/

setup_file() {
    export KEYS ISSUER
    KEYS=$(mktemp -d /tmp/fb-keys.XXXXXX)
    chmod 755 "$KEYS"
    start_keys_server "$KEYS"
    ISSUER=$(<"$KEYS/issuer")
    cp "$KEYS/keys-server.conf" "$KEYS/keys-server.conf.shipped"
}

teardown_file() {
    stop_keys_server "$KEYS" || true
    rm -rf "$KEYS"
}

setup() {
    server_dir
    install_programs
    cp "$KEYS/ca/ca.pem" "$SERVER_DIR/etc"
    cp "$KEYS/www/.well-known/jwks.json" "$SERVER_DIR/etc"
    CACHE=$SERVER_DIR/cache
    CTL=$SERVER_DIR/libexec/bearerctl
    doctor_clean
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || printf '%s\n' "exit status ${status-}, said:" "${output-}" "${stderr-}" >&2
    if ! cmp -s "$KEYS/keys-server.conf" "$KEYS/keys-server.conf.shipped" || [[ ! -e $KEYS/pids/server ]]; then
        cp "$KEYS/keys-server.conf.shipped" "$KEYS/keys-server.conf"
        restart_keys_server
    fi
    server_remove
}

restart_keys_server() {
    stop_keys_server "$KEYS" && resume_keys_server "$KEYS"
}

needs_root() {
    ((EUID == 0)) && return
    [[ ${FB_UNPRIVILEGED-} != 1 ]] || skip "needs root"
    echo "needs root (FB_UNPRIVILEGED=1 skips it)" >&2
    return 1
}

# settings NAME=VALUE...: the file beside the programs.
settings() {
    (umask 022 && printf '%s\n' "$@" >"$SERVER_DIR/libexec/bearer.env")
}

# good [NAME=VALUE...]: settings without fault, with HTTPS keys.
good() {
    good_with "$CACHE" "$@"
}

# good_with CACHE-DIR [NAME=VALUE...]
good_with() {
    settings "AUTH0_ISSUER=$ISSUER" "AUTH0_API_AUDIENCE=$AUDIENCE" "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem" \
        "BEARER_CACHE_DIR=\"$1\"" "${@:2}"
}

# from_file FILE [NAME=VALUE...]: settings without fault, with keys in a file.
from_file() {
    settings AUTH0_DOMAIN=example.eu.auth0.com "AUTH0_API_AUDIENCE=$AUDIENCE" "BEARER_JWKS_URI=file://$1" "${@:2}"
}

refresh() {
    as_worker "${CLEAN[@]}" "$CTL" refresh </dev/null
}

# command_in TEXT: prints the command that the line with this text says to run.
command_in() {
    grep -F -- "$1" <<<"$output" | sed -n 's/.*run: \([^;,]*\).*/\1/p'
}

@test "a good configuration with keys in a file: everything, with where it comes from" {
    from_file "$SERVER_DIR/etc/jwks.json" '# comment' 'BEARER_LEEWAY = 7'
    doctor 0 BEARER_REALM=shop
    says ok "user: looking as $WORKER_USER"
    says ok "program: bearer.fcgi is in $SERVER_DIR/libexec"
    says ok "configuration: the file is $SERVER_DIR/libexec/bearer.env"
    says ok "AUTH0_DOMAIN = example.eu.auth0.com ($SERVER_DIR/libexec/bearer.env:1)"
    says ok "AUTH0_API_AUDIENCE = $AUDIENCE ($SERVER_DIR/libexec/bearer.env:2)"
    says ok "BEARER_LEEWAY = 7 ($SERVER_DIR/libexec/bearer.env:5)"
    says ok 'BEARER_REALM = shop (environment)'
    says ok 'environment: 1 of these settings is from the environment of this shell'
    says ok 'AUTH0_ALGORITHMS = RS256 (default)'
    says ok 'BEARER_JWKS_MAX_STALE = 86400 (default)'
    says ok 'AUTH0_ISSUER is not set'
    says ok 'issuer: https://example.eu.auth0.com/'
    says ok "audiences: $AUDIENCE"
    says ok 'algorithms: RS256'
    says ok "keys: from the file $SERVER_DIR/etc/jwks.json"
    says ok 'cache: not used'
    says ok 'key 1: kid "' ', RSA, eligible: verifies RS256'
    says ok "keys: $SERVER_DIR/etc/jwks.json: 1 of 1 eligible"
    # Nothing else may follow the numbers, nor anything of the cache.
    run ! grep -E 'discovery|clock|refresh:' <<<"$output"
}

@test "a good configuration with HTTPS keys: discovery, key, clock; the cache stays as it is" {
    good
    doctor 0
    says ok "keys: from where ${ISSUER}.well-known/openid-configuration says"
    says ok "refresh: workers start $SERVER_DIR/libexec/bearerctl"
    says ok "cache: $CACHE belongs to $WORKER_USER and nobody else can write it (mode 0700)"
    says ok "cache: $WORKER_USER can make, write and lock files there"
    says ok 'last refresh: none yet'
    says ok 'cached keys: none yet'
    says ok "cache: note that anyone who runs programs as $WORKER_USER can put keys there" 'BEARER_JWKS_URI=file://'
    says ok 'discovery:' 'names the same issuer' "${ISSUER}.well-known/jwks.json"
    says ok 'key 1:' 'eligible: verifies RS256'
    says ok "keys: ${ISSUER}.well-known/jwks.json: 1 of 1 eligible"
    says ok 'clock: '
    [[ -z $(find "$CACHE" -mindepth 1) ]]
}

@test "--offline fetches nothing" {
    local before
    before=$(keys_fetches "$KEYS")
    good
    doctor 0 --offline
    says ok 'keys: not fetched (--offline)'
    [[ $(keys_fetches "$KEYS") -eq $before ]]
    doctor 0
    [[ $(keys_fetches "$KEYS") -eq $((before + 1)) ]]
}

@test "a missing audience is a failure that names the variable and the remedy; the file is still named" {
    settings "AUTH0_ISSUER=$ISSUER"
    doctor 2
    says failure 'AUTH0_API_AUDIENCE' 'is not set; set it to the identifier of your API'
    says ok "configuration: the file is $SERVER_DIR/libexec/bearer.env"
    says warning 'cache and keys: not looked at'
}

@test "the list of revoked tokens: how long it is, or what is wrong with it" {
    local list=$SERVER_DIR/etc/revoked
    (umask 022 && printf '%s\n' '# the list' "sub='auth0|1'" client=web >"$list")
    from_file "$SERVER_DIR/etc/jwks.json" "BEARER_REVOKED_FILE=$list"
    doctor 0
    says ok "revoked: 2 lines in $list, of 10000 at most"
    echo "sub=auth0|1" >>"$list"
    doctor 2
    says failure "BEARER_REVOKED_FILE: $list: line 4: sub=: a value with | in it stands in single quotes: sub='auth0|1'"
    rm "$list"
    doctor 2
    says failure "BEARER_REVOKED_FILE: the list of revoked tokens $list is missing; put it back, or begin an empty one: install -m 644 /dev/null $list"
}

@test "several errors and warnings are all listed, each with its line" {
    settings AUTH0_DOMAIN=https://example.eu.auth0.com/ AUTH0_ALGORITHMS=HS256 BEARER_TTL=3 BEARER_LEEWAY=x AUTH0_AUDIANCE=y \
        BEARER_PROXY=ftp://u:geheim@proxy
    doctor 2 BEARER_REFRESH=sometimes
    says failure "AUTH0_DOMAIN ($SERVER_DIR/libexec/bearer.env:1)" 'write example.eu.auth0.com'
    says failure 'AUTH0_ALGORITHMS' ':2)' 'HS256 is symmetric'
    says failure 'BEARER_TTL' ':3)' 'did you mean BEARER_JWKS_TTL?'
    says failure 'BEARER_LEEWAY' ':4)'
    says warning 'AUTH0_AUDIANCE' ':5)' 'did you mean AUTH0_AUDIENCE?'
    says failure 'BEARER_PROXY' ':6)'
    says failure 'BEARER_REFRESH (environment)'
    says failure 'AUTH0_API_AUDIENCE: is not set'
    [[ ${lines[-1]} == *' 2 warnings, 7 failures' && $output != *geheim* ]]
}

@test "P2: AUTH0_AUDIENCE is AUTH0_API_AUDIENCE, and is called what it was called" {
    settings AUTH0_DOMAIN=example.eu.auth0.com "BEARER_JWKS_URI=file://$SERVER_DIR/etc/jwks.json" 'AUTH0_AUDIENCE=example.eu.auth0.com other'
    doctor 1
    says ok "AUTH0_AUDIENCE = example.eu.auth0.com other ($SERVER_DIR/libexec/bearer.env:3)"
    says ok "AUTH0_AUDIENCE=\"'my api' other\""
    says warning 'AUTH0_AUDIENCE: example.eu.auth0.com is the issuer'
    [[ $output != *AUTH0_API_AUDIENCE* ]]
    doctor 1 'AUTH0_API_AUDIENCE=example.eu.auth0.com other'
    says ok 'AUTH0_API_AUDIENCE = example.eu.auth0.com other (environment)'
    doctor 2 AUTH0_API_AUDIENCE=example
    says failure "AUTH0_AUDIENCE ($SERVER_DIR/libexec/bearer.env:3): is another name of AUTH0_API_AUDIENCE (environment)" 'remove the other'
}

@test "which file: the one beside bearer.fcgi, the one named, none" {
    local other=$SERVER_DIR/etc/other.env
    doctor 2
    says ok "configuration: no file; there is none at $SERVER_DIR/libexec/bearer.env or " /fcgi-bearer/bearer.env
    from_file "$SERVER_DIR/etc/jwks.json"
    mv "$SERVER_DIR/libexec/bearer.env" "$other"
    doctor 0 "BEARER_CONFIG=$other"
    says ok "configuration: the file is $other"
    says ok "AUTH0_DOMAIN = example.eu.auth0.com ($other:1)"
    doctor 2 "BEARER_CONFIG=$other.missing"
    says failure BEARER_CONFIG "there is no file $other.missing"
    doctor 0 BEARER_CONFIG= AUTH0_DOMAIN=example.eu.auth0.com AUTH0_API_AUDIENCE=a "BEARER_JWKS_URI=file://$SERVER_DIR/etc/jwks.json"
    says ok 'configuration: no file is read, as BEARER_CONFIG is empty'
    says ok 'environment: 3 of these settings are'
    # A worker reads what is beside the worker.
    mkdir -m 755 "$SERVER_DIR/bin"
    mv "$SERVER_DIR/libexec/bearer.fcgi" "$SERVER_DIR/bin"
    mv "$other" "$SERVER_DIR/bin/bearer.env"
    doctor 0 "BEARER_HOME=$SERVER_DIR/bin"
    says ok "program: bearer.fcgi is in $SERVER_DIR/bin"
    says ok "configuration: the file is $SERVER_DIR/bin/bearer.env"
}

@test "workers that find no bearerctl: a failure, unless they need none" {
    good
    mkdir -m 755 "$SERVER_DIR/bin"
    mv "$SERVER_DIR/libexec"/bearer.{fcgi,env} "$SERVER_DIR/bin"
    doctor 2 "BEARER_HOME=$SERVER_DIR/bin"
    says failure 'refresh: workers find no bearerctl' "neither in $SERVER_DIR/bin nor in" BEARER_REFRESH=external
    doctor 1 "BEARER_HOME=$SERVER_DIR/bin" BEARER_REFRESH=external
    says ok 'refresh: workers start none; cron or a timer is to run bearerctl refresh at least every 600 seconds'
    says warning 'cached keys: none yet; workers answer 503 until bearerctl refresh has run'
}

@test "no bearer.fcgi at all: a warning" {
    from_file "$SERVER_DIR/etc/jwks.json"
    rm "$SERVER_DIR/libexec/bearer.fcgi"
    doctor 1
    says warning "program: there is no bearer.fcgi in $SERVER_DIR/libexec" BEARER_HOME
}

@test "the password of a proxy is masked, and a fetch through it says so" {
    good "BEARER_PROXY=http://user:geheim@localhost:$(free_port)"
    doctor 2
    says ok 'BEARER_PROXY = http://***@localhost:'
    says failure 'discovery: ' 'onnect' 'BEARER_PROXY is set: does it answer'
    [[ $output != *geheim* && $output != *//user* ]]
}

@test "a certificate that is not trusted: BEARER_CA_FILE is the remedy" {
    settings "AUTH0_ISSUER=$ISSUER" "AUTH0_API_AUDIENCE=$AUDIENCE" "BEARER_CACHE_DIR=$CACHE"
    doctor 2
    says failure 'discovery: ' certificate 'set BEARER_CA_FILE to a file with that'
    good "BEARER_JWKS_URI=${ISSUER}.well-known/jwks.json"
    ca_make "$BATS_TEST_TMPDIR/ca"
    cp "$BATS_TEST_TMPDIR/ca/ca.pem" "$SERVER_DIR/etc"
    doctor 2
    says failure 'keys: ' certificate 'BEARER_CA_FILE must hold the authority'
}

@test "an issuer that discovery does not confirm to the letter" {
    good "AUTH0_ISSUER=${ISSUER%/}"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 2
    says failure 'discovery: ' "its issuer is \"$ISSUER\", but AUTH0_ISSUER is \"${ISSUER%/}\"" 'they must be identical'
}

@test "an issuer that differs by the slash alone, wherever the keys come from" {
    local uri=${ISSUER}.well-known/jwks.json
    good "BEARER_JWKS_URI=$uri"
    doctor 0
    says ok 'issuer: its metadata name it letter by letter'
    good "AUTH0_ISSUER=${ISSUER%/}" "BEARER_JWKS_URI=$uri"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 2
    says ok "keys: $uri: 1 of 1 eligible"
    says failure "issuer: ${ISSUER}.well-known/openid-configuration: its issuer is \"$ISSUER\", but AUTH0_ISSUER is \"${ISSUER%/}\"" \
        'they differ by the slash at the end alone: set AUTH0_ISSUER to the first'
    # By discovery there is no way past it.
    good "AUTH0_ISSUER=${ISSUER%/}"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 2
    says failure 'discovery: ' 'they differ by the slash at the end alone'
    # Another one's metadata, or none: of no harm to the keys.
    good "AUTH0_ISSUER=${ISSUER/localhost/127.0.0.1}" "BEARER_JWKS_URI=$uri"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 1
    says warning "issuer: " "its issuer is \"$ISSUER\"" 'set AUTH0_ISSUER to the first if that is your issuer'
    good "AUTH0_ISSUER=${ISSUER}deeper/" "BEARER_JWKS_URI=$uri"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 0
    says ok 'issuer: there are no metadata to compare its name with: ' 'the server answered 404'
}

@test "an audience that is no API's: what it is, and that tokens would be opaque" {
    local client=abcDEF0123456789abcDEF0123456789
    from_file "$SERVER_DIR/etc/jwks.json"
    doctor 1 "AUTH0_API_AUDIENCE=$AUDIENCE example.eu.auth0.com https://example.eu.auth0.com https://example.eu.auth0.com/userinfo \
https://example.eu.auth0.com/api/v2/ $client x.apps.googleusercontent.com"
    says warning 'AUTH0_API_AUDIENCE: example.eu.auth0.com is the issuer' 'set it to the identifier of your API' 'else they get an opaque one'
    says warning 'AUTH0_API_AUDIENCE: https://example.eu.auth0.com is the issuer itself'
    says warning "AUTH0_API_AUDIENCE: https://example.eu.auth0.com/userinfo is the issuer's own API about users" opaque
    says warning 'AUTH0_API_AUDIENCE: https://example.eu.auth0.com/api/v2/ is the Management API of Auth0'
    says warning "AUTH0_API_AUDIENCE: $client looks like the id of a client"
    says warning 'AUTH0_API_AUDIENCE: x.apps.googleusercontent.com looks like the id of a client'
    [[ ${lines[-1]} == *' 6 warnings, 0 failures' ]]
    doctor 0 "AUTH0_API_AUDIENCE=$client" BEARER_ID_TOKENS=on
    says ok 'tokens: ID tokens are accepted too (BEARER_ID_TOKENS=on)' 'require who it is'
    doctor 0 "AUTH0_API_AUDIENCE=$AUDIENCE" BEARER_TOKEN_TYP=at+jwt
    says ok 'tokens: only those of RFC 9068 are accepted' 'JSON Web Token (JWT) Profile'
    doctor 0 "AUTH0_API_AUDIENCE=$client" BEARER_AUDIENCE_CLAIM=client_id
    says ok 'audiences: one of them has to be in client_id (BEARER_AUDIENCE_CLAIM)'
    doctor 0 "AUTH0_API_AUDIENCE=$AUDIENCE" BEARER_USER_CLAIM=/act/sub
    says ok 'user: REMOTE_USER is /act/sub (BEARER_USER_CLAIM); a token without it gets 403'
    doctor 0 BEARER_AUDIENCE_CLAIM=none "AUTH0_API_AUDIENCE=$AUDIENCE"
    says ok 'audiences: nothing has to say for whom a token is' 'endpoints answer 500'
    # What an API may be called.
    doctor 0 "AUTH0_API_AUDIENCE=$client.example ${client}0 https://example.eu.auth0.com.example/ https://api.example/userinfo example"
}

@test "nobody there, no such host, no such document, no document at all: cause and remedy" {
    good "BEARER_JWKS_URI=https://localhost:$(free_port)/"
    doctor 2
    says failure 'keys: https://localhost:' onnect BEARER_PROXY BEARER_JWKS_URI=file://
    good BEARER_JWKS_URI=https://no-such-host.invalid/proxy
    doctor 2
    says failure 'keys: ' 'Could not resolve host' 'is the host right?'
    good "BEARER_JWKS_URI=${ISSUER}nothing"
    doctor 2
    says failure 'keys: ' 'the server answered 404' 'look whether the address is right'
    says ok 'clock: '
    echo '<html>' >"$KEYS/www/page"
    good "BEARER_JWKS_URI=${ISSUER}page"
    doctor 2
    says failure 'keys: ' 'not strict JSON' 'look whether the address is right'
}

# jwks KEY...: a document with these keys.
jwks() {
    local IFS=,
    printf '{"keys":[%s]}' "$*" >"$SERVER_DIR/etc/jwks.json"
}

# issued [ALG]: one key of bearer-issuer.
issued() {
    local dir
    dir=$(mktemp -d "$BATS_TEST_TMPDIR/issuer.XXXXXX")
    "$top_builddir/bearer-issuer" init "$dir" --issuer https://x/ --alg "${1-ES256}" </dev/null >/dev/null
    sed 's/^{"keys":\[\(.*\)\]}$/\1/' "$dir/www/.well-known/jwks.json"
}

# weak_rsa KID: an RSA key of 1024 bits.
weak_rsa() {
    local modulus
    certtool --generate-privkey --key-type rsa --bits 1024 --outfile "$BATS_TEST_TMPDIR/weak.pem" 2>"$BATS_TEST_TMPDIR/said"
    modulus=$(certtool --load-privkey "$BATS_TEST_TMPDIR/weak.pem" --pubkey-info |
        sed -n '/Modulus/,/Exponent/{/Modulus/d;/Exponent/d;p}' | tr -cd 0-9a-f | tr a-f A-F)
    printf '{"kty":"RSA","kid":"%s","e":"AQAB","n":"%s"}' "$1" \
        "$(basenc --base16 -d <<<"${modulus#00}" | basenc --base64url -w 0 | tr -d =)"
}

@test "each key: eligible, or why it is skipped; where to look for the fault of it" {
    local esc='\u001b[31mred'
    jwks '{"kty":"oct","kid":"shared","k":"c2VjcmV0"}' "$(weak_rsa weak)" "$(issued RS256)" "$(issued ES256)" \
        "{\"kty\":\"$esc\",\"kid\":\"$esc\"}" '{"kty":"RSA","use":"enc","n":"AQAB","e":"AQAB"}' 7 \
        "$(issued RS256 | sed 's|^{|{"issuer":"https://other.example/",|')"
    from_file "$SERVER_DIR/etc/jwks.json"
    doctor 1
    says warning 'key 1: kid "shared", oct, skipped: a symmetric key'
    says warning 'key 2: kid "weak", RSA, skipped: the RSA modulus has fewer than 2048'
    says ok 'key 3: kid "' 'RSA, eligible: verifies RS256'
    says ok 'key 4: kid "' 'EC, skipped: it is for ES256; if tokens are signed so, add that to AUTH0_ALGORITHMS'
    says warning 'key 5: kid "\x1b[31mred", \x1b[31mred, skipped: its kty'
    says ok 'key 6: no kid, RSA, skipped: its use is not sig'
    says warning 'key 7: no kid, no kty, skipped: it is not a JSON object'
    says ok 'key 8: kid "' 'RSA, skipped: it is bound to another issuer: https://other.example/'
    says ok ': 1 of 8 eligible'
    [[ ${lines[-1]} == *' 4 warnings, 0 failures' ]]
}

@test "no key that is eligible: a failure, and which algorithm is missing" {
    jwks "$(issued ES256)"
    from_file "$SERVER_DIR/etc/jwks.json"
    doctor 2
    says ok 'it is for ES256'
    says failure "keys: $SERVER_DIR/etc/jwks.json" 'no token can be accepted'
    from_file "$SERVER_DIR/etc/jwks.json" 'AUTH0_ALGORITHMS=RS256 ES256'
    doctor 0
    says ok 'eligible: verifies ES256'
    says ok 'algorithms: RS256 ES256'
    echo '{"keys":[}' >"$SERVER_DIR/etc/jwks.json"
    doctor 2
    says failure "keys: $SERVER_DIR/etc/jwks.json is not strict JSON"
}

@test "K5: an issuer that signs with another algorithm: which, and the line to write, which then counts" {
    local alg
    for alg in ES256 RS256; do
        jwks "$(issued "$alg")"
        from_file "$SERVER_DIR/etc/jwks.json" AUTH0_ALGORITHMS=EdDSA
        doctor 2
        says failure "there are keys for $alg, but AUTH0_ALGORITHMS is EdDSA: if the issuer signs its tokens so, write AUTH0_ALGORITHMS=$alg"
        says ok "skipped: it is for $alg; if tokens are signed so, add that to AUTH0_ALGORITHMS: AUTH0_ALGORITHMS=$alg,EdDSA"
        [[ $output != *"write RS256"* ]]
        from_file "$SERVER_DIR/etc/jwks.json" "$(sed -n 's/.*, write \(AUTH0_ALGORITHMS=[A-Za-z0-9,]*\).*/\1/p' <<<"$output")"
        doctor 0
    done
}

@test "K5: discovery that is missing, closed, or of another issuer: each its own advice, and the advice works" {
    local uri=${ISSUER}.well-known/jwks.json other row
    good "AUTH0_ISSUER=${ISSUER}deeper/"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 2
    says failure 'discovery: ' 'the server answered 404' 'is AUTH0_ISSUER the issuer' 'ask it where its keys are, and set BEARER_JWKS_URI to that'
    good "AUTH0_ISSUER=${ISSUER}deeper/" "BEARER_JWKS_URI=$uri"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 0
    # Another name: by that one there are metadata too.
    good "AUTH0_ISSUER=${ISSUER/localhost/127.0.0.1}"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 2
    says failure 'discovery: ' "its issuer is \"$ISSUER\"" 'set AUTH0_ISSUER to the first if that is your issuer'
    good
    doctor 0
    # Closed, and a name by which nothing is fetched.
    cp "$KEYS/keys-server.conf.shipped" "$KEYS/keys-server.conf"
    cat >>"$KEYS/keys-server.conf" <<'END'
server.modules += ( "mod_access", "mod_auth", "mod_authn_file" )
auth.backend = "plain"
auth.backend.plain.userfile = "/dev/null"
$HTTP["url"] == "/closed/.well-known/openid-configuration" { url.access-deny = ( "" ) }
$HTTP["url"] == "/asking/.well-known/openid-configuration" {
    auth.require = ( "" => ( "method" => "basic", "realm" => "x", "require" => "valid-user" ) )
}
END
    restart_keys_server
    mkdir -p "$KEYS/www/closed/.well-known" "$KEYS/www/asking/.well-known" "$KEYS/www/plain/.well-known"
    echo '{}' | tee "$KEYS/www/closed/.well-known/openid-configuration" >"$KEYS/www/asking/.well-known/openid-configuration"
    other=http://keycloak:8080/realms/x
    printf '{"issuer":"%s","jwks_uri":"%s"}' "$other" "$uri" >"$KEYS/www/plain/.well-known/openid-configuration"
    for row in 'closed 403' 'asking 401'; do
        good "AUTH0_ISSUER=${ISSUER}${row% *}/"
        sed -i 1d "$SERVER_DIR/libexec/bearer.env"
        doctor 2
        says failure 'discovery: ' "the server answered ${row#* }" 'its metadata are not public' 'system:service-account-issuer-discovery' \
            'kubectl get --raw /openid/v1/jwks' 'BEARER_JWKS_URI=file:///PATH'
        from_file "$SERVER_DIR/etc/jwks.json" "AUTH0_ISSUER=${ISSUER}${row% *}/"
        sed -i 1d "$SERVER_DIR/libexec/bearer.env"
        doctor 0
    done
    good "AUTH0_ISSUER=${ISSUER}plain/"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 2
    says failure 'discovery: ' "its issuer is \"$other\"" 'by a name that is no https:// URL, BEARER_JWKS_URI to the https:// URL' 'BEARER_JWKS_URI=file:///PATH'
    good "AUTH0_ISSUER=$other" "BEARER_JWKS_URI=$uri"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 0
    from_file "$SERVER_DIR/etc/jwks.json" "AUTH0_ISSUER=$other"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 0
}

@test "an issuer whose access tokens name another: the lines to write, which doctor then takes" {
    local uri=${ISSUER}.well-known/jwks.json document=$KEYS/www/adfs/.well-known/openid-configuration other=http://adfs.example.test/adfs/services/trust
    mkdir -p "${document%/*}"
    printf '{"issuer":"%s","access_token_issuer":"%s","jwks_uri":"%s"}' "${ISSUER}adfs" "$other" "$uri" >"$document"
    good "AUTH0_ISSUER=${ISSUER}adfs"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 1
    says ok 'discovery: ' 'names the same issuer'
    says warning 'issuer: its metadata name another one for access tokens (access_token_issuer' "set AUTH0_ISSUER=$other and BEARER_JWKS_URI=$uri, and no AUTH0_DOMAIN"
    good "AUTH0_ISSUER=${ISSUER}adfs" "BEARER_JWKS_URI=$uri"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 1
    says warning 'issuer: its metadata name another one for access tokens'
    good "AUTH0_ISSUER=$other" "BEARER_JWKS_URI=$uri"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 0
    # The same name says nothing.
    printf '{"issuer":"%s","access_token_issuer":"%s","jwks_uri":"%s"}' "${ISSUER}adfs" "${ISSUER}adfs" "$uri" >"$document"
    good "AUTH0_ISSUER=${ISSUER}adfs"
    sed -i 1d "$SERVER_DIR/libexec/bearer.env"
    doctor 0
}

@test "K5: each line that a text tells to write is one that is taken" {
    local line lines
    # What stands for %s is followed where the text is tried.
    lines=$(strings -n 6 "$top_builddir/bearerctl" | grep -oP '(AUTH0|BEARER)_[A-Z_]+=[^] ;,")%]+(?=[] ;,")]|$)' | sort -u)
    (umask 022 && touch "$SERVER_DIR/etc/revoked")
    good
    refresh
    [[ $lines == *BEARER_JWKS_URI=* && $lines == *BEARER_PROXY=*BEARER_PROXY=* && $lines == *BEARER_REFRESH=* ]]
    for line in $lines; do
        line=${line/HOST:PORT/localhost:3128}
        line=${line/USER:PASSWORD/user:password}
        line=${line/file:*/file://$SERVER_DIR/etc/jwks.json}
        [[ $line != BEARER_REVOKED_FILE=* ]] || line=BEARER_REVOKED_FILE=$SERVER_DIR/etc/revoked
        good "$line"
        doctor 0 --offline
        says ok "${line%%=*} = "
    done
}

@test "one kid for two keys, and a private key in public" {
    jwks "$(issued | sed 's/"kid":"[^"]*"/"kid":"same"/')" "$(issued | sed 's/"kid":"[^"]*"/"kid":"same"/')" \
        "$(issued | sed 's/^{/{"d":"x",/')"
    from_file "$SERVER_DIR/etc/jwks.json" AUTH0_ALGORITHMS=ES256
    doctor 1
    says warning 'key 1: kid "same", EC, is not the only one with this kid: tokens that name it are refused'
    says warning 'key 2: kid "same"'
    says warning 'key 3: ' 'comes with its private part'
    [[ ${lines[-1]} == *' 3 warnings, 0 failures' ]]
}

# served_at OFFSET: the keys server says that it is so many seconds later.
served_at() {
    cp "$KEYS/keys-server.conf.shipped" "$KEYS/keys-server.conf"
    cat >>"$KEYS/keys-server.conf" <<END
server.modules += ( "mod_setenv" )
setenv.set-response-header = ( "Date" => "$(LC_ALL=C date -u -d "$1 seconds" '+%a, %d %b %Y %H:%M:%S GMT')" )
END
    restart_keys_server
}

@test "the server's clock: ok within the leeway, else a warning, and a failure beyond 300 s" {
    good
    served_at +100
    doctor 1
    says warning 'clock: ' "s behind the server's" 'leeway of 5 s (BEARER_LEEWAY): new ones count as issued in the future' NTP
    good BEARER_LEEWAY=200
    doctor 0
    says ok 'clock: ' "s behind the server's"
    good BEARER_LEEWAY=300
    served_at +1000
    doctor 2
    says failure 'clock: ' "s behind the server's"
    good
    served_at -100
    doctor 1
    says warning 'clock: ' "s ahead of the server's" 'good ones count as expired too early'
    served_at -1000
    doctor 2
    says failure 'clock: ' "s ahead of the server's"
}

# fetched FILE SECONDS: the keys in it were fetched then, from now.
fetched() {
    local content
    content=$(fetched_then "$1" $(($(date +%s) + $2)))
    echo "$content" >"$1"
}

@test "the cached keys and the last refresh" {
    local document
    good
    refresh
    document=$(echo "$CACHE"/jwks-*.json)
    doctor 0
    says ok 'last refresh: ' ' UTC (' ' s ago), succeeded'
    says ok 'cached keys: 1 usable, fetched ' ' s ago); fresh for '
    # An older one: due, then too old.
    fetched "$document" -3700
    doctor 0
    says ok 'cached keys: ' '(61 min ago); a refresh is due, and comes with the next request'
    doctor 1 BEARER_REFRESH=external
    says warning 'a refresh is due' 'see that bearerctl refresh runs'
    doctor 1 BEARER_JWKS_MAX_STALE=3600
    says warning 'cached keys: ' 'too old to be used (BEARER_JWKS_MAX_STALE is 3600)'
    doctor 2 BEARER_JWKS_MAX_STALE=3600 BEARER_REFRESH=external
    says failure 'cached keys: ' 'have cron or a timer run bearerctl refresh'
    fetched "$document" 7300
    doctor 1
    says warning 'cached keys: ' 'in the future' 'They are used, and refreshed with the next request'
    doctor 1 BEARER_JWKS_MAX_STALE=7200
    says warning 'cached keys: ' 'in the future' 'too far to be used'
    echo '{}' >"$document"
    doctor 1
    says warning 'cached keys: cache file ' 'is ignored' 'bearerctl refresh makes a new one'
    # A refresh that failed stays known, with its reason.
    stop_keys_server "$KEYS"
    run -75 refresh
    doctor 2
    says warning 'last refresh: ' 'failed: https://localhost:' onnect
}

@test "a refresh under way, and one that was killed" {
    local record holder deadline=$((SECONDS + 10))
    good
    refresh
    record=$(echo "$CACHE"/jwks-*.lock)
    sed -i 's/^\(2 [0-9]* [0-9]* [0-9]* \)2/\11/' "$record"
    ((EUID != 0)) || chown "$WORKER_USER:" "$record"
    doctor 1 --offline
    says warning 'last refresh: ' 'ended without saying how'
    mkfifo "$BATS_TEST_TMPDIR/end"
    flock "$record" cat "$BATS_TEST_TMPDIR/end" 3>&- 4>&- &
    holder=$!
    while flock -n "$record" true; do
        ((SECONDS < deadline))
        sleep 0.02
    done
    doctor 0 --offline
    says ok 'last refresh: one is under way'
    : >"$BATS_TEST_TMPDIR/end"
    wait "$holder"
}

@test "the cache directory: made by the first refresh, or not" {
    local dir=$CACHE/deeper
    good_with "$dir"
    doctor 0 --offline
    says ok "cache: $dir is not there yet; $WORKER_USER may make it"
    [[ ! -e $dir ]]
    dir=$CACHE/deeper/still
    good_with "$dir"
    doctor 2 --offline
    says failure "cache: $dir is not there" 'its parent is not there either' "run: install -d -m 0700 -o $WORKER_USER $dir"
    eval "$(command_in 'its parent')"
    doctor 0 --offline
}

@test "a cache directory that others can write, a link, a file: refused with the remedy" {
    local link=$SERVER_DIR/link
    good
    chmod 770 "$CACHE"
    doctor 2 --offline
    says failure "cache: $CACHE can be written by others (mode 0770); run: chmod go-w $CACHE"
    eval "$(command_in 'can be written by others')"
    doctor 0 --offline
    good_with "$link"
    ln -s "$CACHE" "$link"
    doctor 2 --offline
    says failure "cache: $link is a symbolic link"
    rm "$link"
    touch "$link"
    doctor 2 --offline
    says failure "cache: $link is not a directory"
}

@test "what is planted in the cache is found" {
    local record document
    good
    refresh
    record=$(echo "$CACHE"/jwks-*.lock)
    document=$(echo "$CACHE"/jwks-*.json)
    mv "$document" "$CACHE/aside"
    ln -s aside "$document"
    ln "$record" "$CACHE/second"
    doctor 2 --offline
    says warning 'cached keys: ' 'is a symbolic link'
    says failure 'last refresh: the record ' 'has more than one link: remove it'
}

@test "--user: a cache directory of root is a failure with the chown to run, and then it is good" {
    needs_root
    good
    chown root: "$CACHE"
    doctor_root 2 --user "$WORKER_USER"
    says ok "user: looking as $WORKER_USER"
    says failure "cache: $CACHE belongs to root, but the workers that use it run as $WORKER_USER; run: chown -R $WORKER_USER: $CACHE"
    eval "$(command_in 'belongs to root')"
    doctor_root 0 --user "$WORKER_USER"
    says ok "cache: $CACHE belongs to $WORKER_USER"
    says ok "cache: $WORKER_USER can make"
    # Not of root, but of another one.
    doctor_root 2 --user=nobody
    says failure "cache: $CACHE belongs to $WORKER_USER, but the workers that use it run as nobody; run: chown nobody: $CACHE"
    eval "$(command_in 'run as nobody')"
    doctor_root 0 --user=nobody
    chown "$WORKER_USER:" "$CACHE"
    # root's own workers are not what is meant.
    doctor_root 2 --user root --offline
    says warning 'user: looking as root'
}

@test "--user: a directory that cannot be made by that user, and the command that makes it" {
    needs_root
    local dir="$SERVER_DIR/it's a cache"
    good_with "$dir"
    doctor_root 2 --user "$WORKER_USER" --offline
    says failure "cache: $dir is not there, and $WORKER_USER cannot make it (Permission denied)"
    eval "$(command_in 'cannot make it')"
    doctor_root 0 --user "$WORKER_USER" --offline
}

@test "--user: a directory behind a closed one" {
    needs_root
    good
    mkdir -m 700 "$SERVER_DIR/closed"
    mv "$CACHE" "$SERVER_DIR/closed"
    doctor_root 2 "BEARER_CACHE_DIR=$SERVER_DIR/closed/cache" --user "$WORKER_USER" --offline
    says failure "cache: $SERVER_DIR/closed/cache cannot be reached by $WORKER_USER"
    eval "$(command_in 'cannot be reached')"
    doctor_root 0 "BEARER_CACHE_DIR=$SERVER_DIR/closed/cache" --user "$WORKER_USER" --offline
}

@test "--user: files that user may not read, or others could have written" {
    needs_root
    local file
    from_file "$SERVER_DIR/etc/jwks.json" "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem"
    for file in etc/jwks.json etc/ca.pem libexec/bearer.env; do
        chmod 600 "$SERVER_DIR/$file"
        doctor_root 2 --user "$WORKER_USER"
        says failure "$SERVER_DIR/$file cannot be read by $WORKER_USER: permission denied"
        chmod 646 "$SERVER_DIR/$file"
        doctor_root 2 --user "$WORKER_USER"
        says failure "$SERVER_DIR/$file can be written by its group or by everybody (mode 0646); run: chmod go-w"
        eval "$(command_in 'can be written by its group')"
    done
    doctor_root 0 --user "$WORKER_USER"
    # Its groups count as well.
    chgrp www-data "$SERVER_DIR/etc/ca.pem"
    chmod 640 "$SERVER_DIR/etc/ca.pem"
    doctor_root 0 --user www-data
    doctor_root 2 --user nobody
    says failure "$SERVER_DIR/etc/ca.pem cannot be read by nobody"
}

@test "files may belong to the owner of bearer.fcgi, whoever has bearerctl" {
    needs_root
    from_file "$SERVER_DIR/etc/jwks.json"
    chown daemon "$SERVER_DIR/etc/jwks.json"
    doctor 2
    says failure "$SERVER_DIR/etc/jwks.json belongs to daemon" "run: chown root $SERVER_DIR/etc/jwks.json"
    chown daemon "$SERVER_DIR/libexec/bearer.fcgi"
    doctor 0
    chown root "$SERVER_DIR/libexec/bearer.fcgi"
    doctor 2
    eval "$(command_in 'belongs to daemon')"
    doctor 0
}

@test "--user: the home is that user's, not the caller's" {
    needs_root
    settings "AUTH0_ISSUER=$ISSUER" "AUTH0_API_AUDIENCE=$AUDIENCE"
    local home
    home=$(getent passwd "$WORKER_USER" | cut -d: -f6)
    # Whether there is such a directory is for this machine to say.
    run --separate-stderr "${CLEAN[@]}" HOME=/root XDG_CACHE_HOME=/root/cache "$CTL" doctor --user "$WORKER_USER" --offline
    [[ -z $stderr ]]
    says ok "BEARER_CACHE_DIR = $home/.cache/fcgi-bearer (default)"
    [[ $output != */root* ]]
}

@test "root without --user looks as the owner of the cache directory" {
    needs_root
    good
    doctor_root 0
    says ok "user: looking as $WORKER_USER, the owner of the cache directory"
    says ok "cache: $CACHE belongs to $WORKER_USER"
    chown 4242:4243 "$CACHE"
    doctor_root 0
    says ok 'user: looking as uid 4242'
    chown root: "$CACHE"
    doctor_root 1
    says warning 'user: looking as root' '--user NAME'
}

@test "--user needs root, and a user that there is" {
    from_file "$SERVER_DIR/etc/jwks.json"
    run --separate-stderr -67 "${CLEAN[@]}" "$CTL" doctor --user $'no\e[such'
    [[ -z $output && $stderr == 'bearerctl doctor: there is no user '\''no\x1b[such'\' ]]
    run --separate-stderr -77 as_worker "${CLEAN[@]}" "$CTL" doctor --user daemon
    [[ -z $output && $stderr == 'bearerctl doctor: only root can look at things as daemon: '* ]]
    doctor 0 --user "$WORKER_USER"
    says ok "user: looking as $WORKER_USER"
}

@test "wrong usage exits 64; --help says what the statuses mean" {
    local arguments
    for arguments in extra --nonsense --user '--user=a --user=b' --offline=yes; do
        # shellcheck disable=SC2086 # words on purpose
        run --separate-stderr -64 "${CLEAN[@]}" "$CTL" doctor $arguments
        [[ -z $output && $stderr == 'bearerctl doctor: '*"Try 'bearerctl doctor --help'." ]]
    done
    run --separate-stderr -0 "${CLEAN[@]}" "$CTL" doctor --help
    [[ $output == 'Usage: bearerctl doctor [--user NAME] [--offline] [--token FILE] [URL]'* && $output == *'0 all is ok, 1 '*'2 '*'64 usage'* ]]
    run --separate-stderr -64 "${CLEAN[@]}" REQUEST_METHOD=GET "$CTL" doctor
    [[ -z $output && $stderr == *'refusing to run under a web server'* ]]
}

@test "colour on a terminal only, and never with NO_COLOR" {
    local words="'$CTL' doctor --offline"
    cd "$BATS_TEST_TMPDIR"
    good
    "${CLEAN[@]}" script -qec "$words" /dev/null >colours </dev/null
    grep -q $'^\e\\[32mok     \e\\[0m  ' colours
    "${CLEAN[@]}" NO_COLOR=1 script -qec "$words" /dev/null >plain </dev/null
    run ! grep -q $'\e' plain
    grep -q '^ok       cache: ' plain
    "${CLEAN[@]}" NO_COLOR= script -qec "$words" /dev/null >colours </dev/null
    grep -q $'\e' colours
}

@test "standard output that cannot be written: 74, as another user too" {
    from_file "$SERVER_DIR/etc/jwks.json"
    into_full() { "$@" </dev/null >/dev/full; }
    run --separate-stderr -74 into_full as_worker "${CLEAN[@]}" "$CTL" doctor
    [[ $stderr == *'cannot write to standard output'* ]]
    if ((EUID == 0)); then
        run --separate-stderr -74 into_full "${CLEAN[@]}" "$CTL" doctor --user "$WORKER_USER"
        [[ $stderr == *'cannot write to standard output'* ]]
    fi
}

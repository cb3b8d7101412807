#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2030,SC2031 # run sets $stderr and $output, and a function $output
# bearerctl explain: what it says is what a worker answers, octet by octet; and the words beside it.

bats_require_minimum_version 1.5.0
load ../support/keycache
load ../support/explain
shopt -s extglob

: "${top_srcdir:?}" "${top_builddir:?}"

setup_file() {
    export SITE=$BATS_FILE_TMPDIR/site
    mkdir -m 755 "$SITE"
    cp "$top_builddir/bearer.fcgi" "$top_builddir/bearerctl" "$SITE"
    issuer_run init "$SITE/issuer" --issuer "$ISSUER" --alg ES256 >"$SITE/kid"
    cp "$SITE/issuer/www/.well-known/jwks.json" "$SITE/jwks.json"
    site
    mint good --scope 'read:files write:files' --claim 'permissions=["read:messages"]'
}

setup() {
    unset SERVER_DIR
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || printf '%s\n' "exit status ${status-}, said:" "${output-}" "${stderr-}" >&2
    [[ -z ${SERVER_DIR-} ]] || keycache_down
}

# mint NAME [ARGUMENT...]: a token for the site.
mint() {
    issuer_run token "$SITE/issuer" --aud "$AUDIENCE" "${@:2}" >"$SITE/$1.token"
}

# explained STATUS NAME [ARGUMENT...]: that token of the site. What it said is in $output.
explained() {
    status=0
    output=$("${clean[@]}" "$SITE/bearerctl" explain - "${@:3}" <"$SITE/$2.token" 2>"$BATS_TEST_TMPDIR/stderr") || status=$?
    [[ $status -eq $1 && ! -s $BATS_TEST_TMPDIR/stderr ]]
}

# has STATE CHECK [TEXT]: the line of this check, with this text.
has() {
    local line
    line=${output#*"$1"*([ ])"  $2"}
    line=${line%%$'\n'*}
    [[ $line != "$output" && $line == *"${3-}"* ]] || { echo "no '${3-}' in: $2 $line" >&2 && return 1; }
}

# mends TEXT...: each is in a line that says how to mend it; there is one for each.
mends() {
    local text lines=${output#*$'\nmend: '}
    [[ $lines != "$output" ]] || { echo 'nothing mends' >&2 && return 1; }
    lines=${lines%%$'\n\na bearer.env that accepts '*}
    lines=${lines%%$'\nnote: '*}
    [[ $(wc -l <<<"$lines") -eq $# ]] || { echo "not $# lines that mend" >&2 && return 1; }
    for text; do
        [[ $lines == *"$text"* ]] || { echo "no line mends with: $text" >&2 && return 1; }
    done
}

# --- it does not disagree

@test "the hostile cases: the worker's answer, octet by octet, and its reason" {
    local each=2
    cp "$SITE/jwks.json" "$BATS_TEST_TMPDIR"
    # On its own: bats looks at every command of a shell.
    # A sanitizer makes each start ten times as long, and looks at the code, for which one of each reason will do.
    ! grep -qa __asan_init "$top_builddir/bearerctl" || each=1
    run -0 bash "$top_srcdir/tests/support/explain.bash" "$BATS_TEST_TMPDIR/hostile" "$each"
    echo "# $output" >&3
    cp "$BATS_TEST_TMPDIR/jwks.json" "$SITE"
    site
    [[ $output =~ ^([0-9]+)' tokens'$ ]] && ((BASH_REMATCH[1] >= 33 + (each - 1) * 15))
}

@test "credentials of every form, and what is required of a good token: the worker's answer" {
    local good failed=0 row
    site
    good=$(<"$SITE/good.token")
    agrees "Bearer $good" - PATH_INFO=/private || failed=1
    agrees "bEARER    $good" - || failed=1
    agrees "Basic dXNlcjpwYXNz" no-credentials || failed=1
    agrees "Bearer$good" no-credentials || failed=1
    agrees "Bearer" token-segments || failed=1
    agrees "$good" no-credentials || failed=1
    agrees "Bearer $good, Bearer $good" two-credentials || failed=1
    agrees "Basic x, Bearer $good" two-credentials || failed=1
    while IFS='|' read -r row; do
        agrees "Bearer $good" "${row%% *}" "BEARER_REQUIRE=${row#* }" || failed=1
    done <<'END'
- valid-token
- optional
- scope=read:files
- scope=read:files scope=write:files
- permission=read:messages
- either=read:messages either=read:files
- claim:aud=https://api.example.test/|scope=x
not-granted scope=read:messages
not-granted permission=read:files
not-granted scope=read scope=x either=y permission=z claim:org=acme
not-granted scope=read:files scope=a|permission=b
END
    ((failed == 0))
}

# --- what may be given

@test "white space, Bearer and Authorization before it; from a file, a pipe and through <()" {
    local good form
    good=$(<"$SITE/good.token")
    for form in '%s' '\n  %s \r\n\n' 'Bearer %s\n' 'bearer\t%s' 'Authorization: Bearer %s\n' 'authorization:bearer %s' '\xef\xbb\xbf%s\r\n' \
        '\xef\xbb\xbf Authorization: Bearer   %s'; do
        # shellcheck disable=SC2059  # a format on purpose
        printf "$form" "$good" >"$BATS_TEST_TMPDIR/token"
        run --separate-stderr -0 clean "$SITE/bearerctl" explain - <"$BATS_TEST_TMPDIR/token"
        [[ $output == "passed       form         ${#good} characters, 3 segments"$'\n'* && -z $stderr ]]
    done
    run --separate-stderr -0 clean "$SITE/bearerctl" explain "$SITE/good.token"
    [[ $output == *$'\naccepted: '* ]]
    run --separate-stderr -0 clean "$SITE/bearerctl" explain --require=scope=read:files <(cat "$SITE/good.token")
    [[ $output == *$'\naccepted: '* ]]
    run --separate-stderr -0 clean "$SITE/bearerctl" explain --json -- "$SITE/good.token"
    [[ $output == '{"verdict":"accepted",'* ]]
}

# refuses STATUS TEXT [ARGUMENT...]: says this, and nothing else.
refuses() {
    run --separate-stderr "-$1" clean "$SITE/bearerctl" explain "${@:3}" <"$BATS_TEST_TMPDIR/input"
    [[ -z $output && $stderr == *"$2"* ]]
}

@test "a token as an argument is refused, told how to pipe, and not repeated" {
    local good argument
    good=$(<"$SITE/good.token")
    cp "$SITE/good.token" "$BATS_TEST_TMPDIR/input"
    for argument in "$good" "Bearer $good" "./$good" "${good%.*}.x" "$good.a.b"; do
        refuses 64 'Pipe it, or paste it after "bearerctl explain -"' "$argument"
        [[ $stderr != *eyJ* ]]
    done
    refuses 64 'Pipe it' - --require "$good"
    [[ $stderr != *eyJ* ]]
    refuses 64 "unexpected argument '(a token)'" - "$good"
    refuses 64 "unknown option '(a token)'" - "--$good"
    refuses 64 "unknown option '(a token)'" - "--token=$good"
    run --separate-stderr -64 clean "$SITE/bearerctl" "$good" </dev/null
    [[ $stderr == *"unknown command '(a token)'"* && $stderr != *eyJ* ]]
    # One that does not look like it.
    refuses 66 'that file cannot be read: No such file or directory' Wm9vbSBpbnRvIHRoZSBvcGFxdWU
    [[ $stderr != *Wm9v* ]]
}

@test "what is no token: 65 or 66, with the reason; wrong usage: 64" {
    : >"$BATS_TEST_TMPDIR/input"
    refuses 65 'there is no token in standard input' -
    refuses 65 'there is no token in that file' "$BATS_TEST_TMPDIR/input"
    printf ' \n Bearer \r\n' >"$BATS_TEST_TMPDIR/input"
    refuses 65 'there is no token in standard input' -
    iconv -f ascii -t utf-16 "$SITE/good.token" >"$BATS_TEST_TMPDIR/input"
    refuses 65 'octet 0 in standard input, as in a text in UTF-16' -
    head -c 17409 /dev/zero | tr '\0' a >"$BATS_TEST_TMPDIR/input"
    refuses 65 'more than 17408 octets in standard input' -
    head -c 17408 /dev/zero | tr '\0' a >"$BATS_TEST_TMPDIR/input"
    run -1 clean "$SITE/bearerctl" explain - <"$BATS_TEST_TMPDIR/input"
    [[ $output == *'refused (token-too-long)'* ]]
    # Endless, and not waited for.
    run --separate-stderr -65 timeout 20 "${clean[@]}" "$SITE/bearerctl" explain - < <(yes)
    refuses 66 'that file cannot be read: Is a directory' "$SITE"
    refuses 64 'FILE or - is missing'
    refuses 64 "unexpected argument '-'" - -
    refuses 64 "unknown option '--frob'" - --frob
    refuses 64 'FILE or - is missing' --require valid-token --json
    refuses 64 '--require: character 1, "scopes=x": unknown term; a requirement is made of' - --require scopes=x
    refuses 64 "--require: character 19, \"A\": unknown term; a value with a space: 'Team A'" - --require 'claim:groups=Team A'
    refuses 64 "--require: character 11, \"'Brien\": what has a quote" - --require "claim:sn=O'Brien"
    refuses 64 '--require: empty' - --require ''
    [[ $stderr == *"Try 'bearerctl explain --help'." ]]
}

@test "a bad configuration: 78, with variable, place and remedy; under a web server: 64" {
    cp "$SITE/good.token" "$BATS_TEST_TMPDIR/input"
    site BEARER_LEEWAY=x
    refuses 78 "BEARER_LEEWAY" -
    [[ $stderr == *"$SITE/bearer.env:"* ]]
    site
    run --separate-stderr -64 clean REQUEST_METHOD=GET "$SITE/bearerctl" explain - <"$SITE/good.token"
    [[ -z $output && $stderr == *'refusing to run under a web server'* ]]
    site
    into_full() { "$@" <"$SITE/good.token" >/dev/full; }
    run --separate-stderr -74 into_full clean "$SITE/bearerctl" explain -
    [[ $stderr == *'cannot write to standard output'* ]]
}

# --- what is said

@test "a good token: every check has passed, with dates and distances" {
    local now
    now=$(date +%s)
    mint dated --scope 'read:files' --claim "iat=$((now - 7300))" --claim "nbf=$((now - 90000))" --claim "exp=$((now + 180000))" --claim 'permissions=["a","b"]'
    explained 0 dated
    [[ $(grep -c '^passed  ' <<<"$output") -eq 18 && $(grep -cE '^(failed|not reached) ' <<<"$output") -eq 0 ]]
    has passed form "$(tr -d '\n' <"$SITE/dated.token" | wc -c) characters, 3 segments"
    has passed header "kid \"$(<"$SITE/kid")\""
    has passed algorithm '"ES256"'
    has passed type 'typ "JWT"'
    has passed key "found among 1, in a file changed "
    has passed key " ago, $(date -u -d "@$(stat -c %Y "$SITE/jwks.json")" +%FT%TZ)"
    has passed signature
    has passed iss "\"$ISSUER\""
    has passed aud "\"$AUDIENCE\""
    has passed exp "expires in 2 days, $(date -u -d @$((now + 180000)) +%FT%TZ)"
    has passed nbf "valid since 25 h ago, $(date -u -d @$((now - 90000)) +%FT%TZ)"
    has passed iat "issued 2 h ago, $(date -u -d @$((now - 7300)) +%FT%TZ)"
    has passed scope '"read:files"'
    has passed permissions '"a" "b"'
    has passed requirement valid-token
    [[ $output == *$'\n\naccepted: the client gets 200 OK and what it has asked for' ]]
}

@test "an expired token: what comes after is not reached, but shown" {
    local now
    now=$(date +%s)
    mint expired --claim "exp=$((now - 10900))" --claim "iat=$((now - 14500))" --scope read:files
    explained 1 expired
    has passed aud "\"$AUDIENCE\""
    has failed exp "expired 3 h ago, $(date -u -d @$((now - 10900)) +%FT%TZ)"
    has 'not reached' iat 'issued 4 h ago'
    has 'not reached' scope '"read:files"'
    [[ $output == *$'\n\nrefused (expired): the client gets\n\n    401 Unauthorized\n    WWW-Authenticate: Bearer realm="api", error="invalid_token", '* ]]
    [[ $output == *$'\n\n    {"detail":"The token has expired"}\n\nmend: '* ]]
    mends 'ask for a new token; if this one is new, the clock of this machine is wrong'
}

# of_claims STATUS CHECK MEND CLAIM...: a token with these claims fails there, and that mends it.
of_claims() {
    local claim arguments=()
    for claim in "${@:4}"; do
        arguments+=(--claim "$claim")
    done
    mint claims "${arguments[@]}"
    explained "$1" claims
    has failed "$2"
    mends "$3"
}

@test "claims that do not fit: each told how to mend it" {
    local now
    now=$(date +%s)
    of_claims 1 iss "differs only by the trailing slash: set AUTH0_ISSUER to the iss of the token, letter by letter: AUTH0_ISSUER=${ISSUER%/}" \
        "iss=\"${ISSUER%/}\""
    has failed iss "\"${ISSUER%/}\"; accepted here: \"$ISSUER\""
    of_claims 1 iss 'of another issuer or tenant' 'iss="https://other.eu.auth0.com/"'
    of_claims 1 iss 'not an access token of any issuer' 'iss=7'
    has failed iss 'a number; accepted here'
    of_claims 1 aud "differs only by the trailing slash: set AUTH0_API_AUDIENCE" "aud=\"${AUDIENCE%/}\""
    of_claims 1 aud "ask for an access token with audience \"$AUDIENCE\", or add" 'aud=["https://one/","https://two/"]'
    has failed aud '"https://one/" "https://two/"; accepted here: "https://api.example.test/"'
    of_claims 1 aud "this is an ID token, for the client itself: ask for an access token with audience \"$AUDIENCE\", and send that" \
        'aud="client"' 'azp="client"'
    of_claims 1 aud 'this is an ID token' 'aud="client"' 'client_id="client"'
    of_claims 1 aud 'this is an ID token' 'aud="client"' 'nonce="n"'
    of_claims 1 aud 'ask for an access token' 'aud=null'
    of_claims 1 exp 'exp is in milliseconds' "exp=${now}999"
    of_claims 1 exp 'exp has to be a number of seconds since 1970' 'exp="tomorrow"'
    has failed exp '"tomorrow"'
    of_claims 1 nbf "this machine's clock and the issuer's differ by " "nbf=$(($(date +%s) + 250))"
    [[ $output =~ 'differ by '[12]?[0-9]?[0-9]' s or more, and 5 are forgiven: set it by NTP (timedatectl), or raise BEARER_LEEWAY' ]]
    of_claims 1 nbf 'nbf has to be' 'nbf=-1'
    of_claims 1 iat 'the clock of this machine is wrong' "iat=$((now + 100000))"
    has failed iat 'issued in 27 h'
    of_claims 1 iat 'iat is in milliseconds' "iat=${now}123"
    of_claims 1 sub 'as a string' 'sub=7'
    of_claims 1 kind 'a DPoP or mTLS token' 'cnf={"jkt":"x"}'
    has failed kind 'with cnf'
    of_claims 1 kind "this is an ID token, not an access token: ask for an access token with audience \"$AUDIENCE\"" \
        'at_hash="x"' 'events={}'
    has failed kind 'with at_hash, events'
    of_claims 1 kind 'this is an event (events), not an access token' 'events={}'
}

@test "a revoked token: a worker refuses it, and explain names the line; a bad list is 500" {
    local list=$SITE/revoked
    mint claims --claim 'sub="auth0|9"' --claim "iat=1700000000"
    explained 0 claims
    has passed revoked 'there is no list (BEARER_REVOKED_FILE)'
    site "BEARER_REVOKED_FILE=$list"
    (umask 022 && printf '%s\n' 'sub=somebody' '# him' "sub='auth0|9' # why" >"$list")
    agrees "Bearer $(<"$SITE/claims.token")" revoked BEARER_REQUIRE=scope=x
    has failed revoked "by line 3 of $list"
    mends "it was taken back by line 3 of $list; to let it in again, remove that line"
    has passed kind
    has 'not reached' requirement
    [[ $output != *'auth0|9'* ]]
    echo "sub='auth0|9' before=1700000001" >"$list"
    agrees "Bearer $(<"$SITE/claims.token")" revoked
    mends "it was taken back by line 1 of $list, which takes tokens that were issued before a time: ask for a new one; to let it in again, remove that line"
    echo "sub='auth0|9' before=1700000000" >"$list"
    agrees "Bearer $(<"$SITE/claims.token")" -
    has passed revoked "not by any of 1 line of $list"
    echo "sub=auth0|9" >"$list"
    run -78 clean "$SITE/bearerctl" explain "$SITE/claims.token"
    [[ $output == *"BEARER_REVOKED_FILE: $list: line 1: sub="* ]]
    rm "$list"
    run -78 clean "$SITE/bearerctl" explain "$SITE/claims.token"
    [[ $output == *"install -m 644 /dev/null $list"* ]]
    site
}

@test "D11: an ID token for this API's own audience: a worker refuses it, and explain says by what it is known" {
    mint id --claim 'nonce="n"' --claim 'azp="app"' --claim 'auth_time=1'
    agrees "Bearer $(<"$SITE/id.token")" not-access-token
    agrees "Bearer $(<"$SITE/id.token")" not-access-token 'BEARER_REQUIRE=claim:azp=app'
    has failed kind 'with nonce, and none of scope, scp, client_id'
    mends "this is an ID token, not an access token: ask for an access token with audience \"$AUDIENCE\""
    # With what was granted, or to whom, it is an access token: Keycloak's older ones have a nonce.
    mint scoped --claim 'nonce="n"' --scope openid
    agrees "Bearer $(<"$SITE/scoped.token")" -
    # For another audience it is told apart by the same marks.
    of_claims 1 aud 'ask for an access token' 'aud="client"' 'nonce="n"' 'scope="openid"'
    has 'not reached' kind 'nothing says'
}

@test "which kinds of token are accepted: ID tokens, or only those of RFC 9068" {
    mint id --claim 'at_hash="x"' --claim 'nonce="n"'
    site BEARER_ID_TOKENS=on
    agrees "Bearer $(<"$SITE/id.token")" -
    has passed kind 'with at_hash; accepted here, by BEARER_ID_TOKENS'
    mint logout --claim 'at_hash="x"' --claim 'events={}'
    agrees "Bearer $(<"$SITE/logout.token")" not-access-token
    mends 'this is an event (events), not an access token'
    # Of a client that is no audience here it is another client's, and more cannot be said.
    of_claims 1 aud 'ask for an access token' 'aud="client"' 'azp="client"' 'at_hash="x"'
    [[ $output != *'this is an ID token'* ]]
    site
    agrees "Bearer $(<"$SITE/id.token")" not-access-token
    mends 'BEARER_ID_TOKENS=on'
    site BEARER_TOKEN_TYP=at+jwt
    agrees "Bearer $(<"$SITE/good.token")" header-typ
    has failed type 'typ "JWT"'
    has 'not reached' kind 'without client_id, which BEARER_TOKEN_TYP=at+jwt wants'
    mends 'have the issuer write access tokens of RFC 9068 (Auth0: '
    site
}

@test "the audience in another claim than aud" {
    mint client --claim 'client_id="app1"' --claim 'aud=["x"]'
    site BEARER_AUDIENCE_CLAIM=client_id AUTH0_API_AUDIENCE="x app1"
    agrees "Bearer $(<"$SITE/client.token")" -
    has passed aud '"x", client_id "app1"'
    site BEARER_AUDIENCE_CLAIM=client_id AUTH0_API_AUDIENCE="x app2"
    agrees "Bearer $(<"$SITE/client.token")" audience-claim
    has failed aud 'client_id "app1"; accepted here: "x" "app2"'
    mends 'ask for a token that has an accepted value there, or add that of the token if it is this API'"'"'s: AUTH0_API_AUDIENCE="x app2 app1"'
    site BEARER_AUDIENCE_CLAIM=azp AUTH0_API_AUDIENCE="x"
    agrees "Bearer $(<"$SITE/client.token")" audience-claim
    mends 'azp is the claim that BEARER_AUDIENCE_CLAIM names: it is not in the token; name one that is'
    site BEARER_AUDIENCE_CLAIM=client_id AUTH0_API_AUDIENCE="app1"
    agrees "Bearer $(<"$SITE/client.token")" aud-wrong
    site
}

# with_header NAME=VALUE...: the status that a worker answers with these params, and the reason that it logs.
with_header() {
    clean GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/private "$@" "$SITE/bearer.fcgi" 2>"$BATS_TEST_TMPDIR/log" |
        sed -n '1s/^Status: \([0-9]*\).*/\1/p' | tr '\n' ' '
    grep -o 'reason=[a-z0-9-]*' "$BATS_TEST_TMPDIR/log" || echo none
}

@test "the token in another header: that one alone is read, bare or after Bearer" {
    local token row
    token=$(<"$SITE/good.token")
    site BEARER_TOKEN_HEADER=Cf-Access-Jwt-Assertion BEARER_LOG_LEVEL=info
    while IFS='|' read -r wanted row; do
        eval "set -- $row"
        run with_header "$@"
        [[ $output == "$wanted" ]] || { echo "wanted $wanted: $row" >&2 && return 1; }
    done <<'END'
200 none|"HTTP_CF_ACCESS_JWT_ASSERTION=$token"
200 none|"HTTP_CF_ACCESS_JWT_ASSERTION=Bearer $token"
200 none|"HTTP_CF_ACCESS_JWT_ASSERTION=bearer  $token"
200 none|"HTTP_CF_ACCESS_JWT_ASSERTION=$token" HTTP_AUTHORIZATION=Bearer\ x
401 reason=no-credentials|"HTTP_AUTHORIZATION=Bearer $token"
401 reason=no-credentials|"REDIRECT_HTTP_AUTHORIZATION=Bearer $token"
401 reason=no-credentials|HTTP_CF_ACCESS_JWT_ASSERTION= "HTTP_AUTHORIZATION=Bearer $token"
401 reason=no-credentials|"HTTP_CF_ACCESS_JWT_ASSERTION_=$token"
401 reason=no-credentials|"HTTP_X_CF_ACCESS_JWT_ASSERTION=$token"
401 reason=token-base64|"HTTP_CF_ACCESS_JWT_ASSERTION=Basic $token"
401 reason=token-segments|HTTP_CF_ACCESS_JWT_ASSERTION=Bearer
400 reason=two-credentials|"HTTP_CF_ACCESS_JWT_ASSERTION=$token, $token"
400 reason=two-credentials|"HTTP_CF_ACCESS_JWT_ASSERTION=$token,Bearer $token"
END
    site
    run with_header "HTTP_CF_ACCESS_JWT_ASSERTION=$token"
    [[ $output == "401 reason=no-credentials" || $output == "401 none" ]]
}

@test "tokens that say nothing of what they are for: for guards that require a claim, and for nothing else" {
    local require
    site BEARER_AUDIENCE_CLAIM=none BEARER_LOG_LEVEL=info AUTH0_API_AUDIENCE="$AUDIENCE"
    mint role --claim 'role="admin"'
    mint other --claim 'aud="https://other.example.test/"' --claim 'role="admin"'
    guard_says() {
        run with_header BEARER_ROLE=authorizer "BEARER_REQUIRE=$1" "HTTP_AUTHORIZATION=Bearer $(<"$SITE/$2.token")"
        [[ $output == "$3" ]] || { echo "$1, $2: $output" >&2 && return 1; }
    }
    for require in claim:role=admin 'claim:role=admin|claim:role=boss' 'scope=read:files|claim:x=y claim:role=admin' 'valid-token claim:role=admin'; do
        guard_says "$require" other '401 reason=aud-wrong'
    done
    guard_says claim:role=admin role '200 none'
    guard_says claim:role=boss role '403 reason=not-granted'
    for require in valid-token scope=read:files permission=x optional 'claim:role=admin|scope=read:files' 'scope=a|claim:role=admin valid-token'; do
        guard_says "$require" role '500 reason=misconfigured'
        grep -q 'BEARER_AUDIENCE_CLAIM is none in the profile default' "$BATS_TEST_TMPDIR/log"
    done
    # Nor may nobody be told to bring a token where none would be let in.
    run with_header BEARER_ROLE=authorizer BEARER_REQUIRE=valid-token
    [[ $output == '500 reason=misconfigured' ]]
    # An endpoint is no guard, whatever its location requires.
    run with_header BEARER_REQUIRE=claim:role=admin "HTTP_AUTHORIZATION=Bearer $(<"$SITE/role.token")"
    [[ $output == '500 reason=misconfigured' ]]
    run with_header "HTTP_AUTHORIZATION=Bearer $(<"$SITE/role.token")"
    [[ $output == '500 reason=misconfigured' ]]
    explained 70 role
    mends 'BEARER_AUDIENCE_CLAIM is none, so that each location has to require a claim'
    explained 0 role --require claim:role=admin
    has passed aud 'nothing has to be there'
    site
}

@test "who the user is" {
    mint user --claim 'email="a@b.example"'
    site BEARER_USER_CLAIM=email
    agrees "Bearer $(<"$SITE/user.token")" no-user
    mends 'email is there, but counts only with email_verified true'
    agrees "Bearer $(<"$SITE/good.token")" no-user
    mends 'BEARER_USER_CLAIM names email, which is to be REMOTE_USER: the token has no text there'
    mint user --claim 'email="a@b.example"' --claim email_verified=true
    agrees "Bearer $(<"$SITE/user.token")" -
    site
}

@test "an issuer of many tenants" {
    local tenant=11111111-2222-3333-4444-55555555abcd other=99999999-2222-3333-4444-55555555abcd
    mint tenant --claim "iss=\"https://login.test/$tenant/v2.0\"" --claim "tid=\"$tenant\""
    mint swapped --claim "iss=\"https://login.test/$tenant/v2.0\"" --claim "tid=\"$other\""
    site 'AUTH0_ISSUER=https://login.test/{tenantid}/v2.0' "BEARER_TENANTS=$tenant"
    agrees "Bearer $(<"$SITE/tenant.token")" -
    agrees "Bearer $(<"$SITE/swapped.token")" iss-wrong
    has failed iss "accepted here: \"https://login.test/{tenantid}/v2.0\", and its tid is \"$other\""
    mends "AUTH0_ISSUER=https://login.test/$tenant/v2.0; remove BEARER_TENANTS"
    site 'AUTH0_ISSUER=https://login.test/{tenantid}/v2.0' "BEARER_TENANTS=$other"
    agrees "Bearer $(<"$SITE/tenant.token")" tenant
    mends "BEARER_TENANTS=\"$other $tenant\""
    site 'AUTH0_ISSUER=https://login.test/{tenantid}/v2.0' "BEARER_TENANTS=$other $tenant"
    agrees "Bearer $(<"$SITE/tenant.token")" -
    site
}

# writes: the lines of a configuration of its own that explain has printed, in $written.
writes() {
    written=${output#*$'\na bearer.env that accepts tokens like this one, where its issuer is yours:\n\n'}
    [[ $written != "$output" ]]
    written=${written%%$'\nnote: '*}
    written=${written//    /}
}

@test "a token of another issuer: the lines that accept it, once a person has said for whom it is" {
    local written base
    base="BEARER_JWKS_URI=file://$SITE/jwks.json"$'\n'"BEARER_CACHE_DIR=$SITE/cache"
    mint other --claim 'iss="https://other.example.test/"' --claim 'aud="api://mine"' --claim 'at_hash="x"'
    explained 1 other
    writes
    [[ $written == $'AUTH0_ISSUER=https://other.example.test/\n# and AUTH0_API_AUDIENCE, the identifier of this API (the aud of the token: "api://mine")\nAUTH0_ALGORITHMS=ES256\nBEARER_ID_TOKENS=on' ]]
    printf '%s\n' "$written" "$base" AUTH0_API_AUDIENCE=api://mine >"$SITE/bearer.env"
    agrees "Bearer $(<"$SITE/other.token")" -
    site
    # Without aud, and by a name whose keys somebody has to find.
    mint other --claim 'iss="P2abc"' --claim 'aud=null' --claim 'azp="app"'
    explained 1 other
    writes
    [[ $written == *'(the aud of the token: null)'* && $written == *'# and BEARER_JWKS_URI, as its keys are not found'* ]]
    # An issuer with tenants.
    mint other --claim 'iss="https://login.example.test/11111111-2222-3333-4444-55555555abcd/v2.0"' --claim 'tid="11111111-2222-3333-4444-55555555abcd"'
    explained 1 other
    writes
    [[ $written == *'# or for several tenants AUTH0_ISSUER=https://login.example.test/{tenantid}/v2.0 with BEARER_TENANTS=11111111-2222-3333-4444-55555555abcd and BEARER_JWKS_URI'* ]]
    # For what no setting accepts there are none, nor for a token of this issuer.
    mint other --claim 'iss="https://other.example.test/"' --claim 'cnf={"jkt":"x"}'
    explained 1 other
    [[ $output != *'a bearer.env that accepts'* ]]
    explained 1 good --require scope=nobody:has
    [[ $output != *'a bearer.env that accepts'* ]]
}

@test "scopes and permissions mixed up, missing, or left out by the tenant" {
    explained 1 good --require scope=read:messages
    has failed scope '"read:files write:files"'
    has passed permissions '"read:messages"'
    has failed requirement scope=read:messages
    mends 'read:messages is among the permissions and not the scopes: require permission=read:messages, or either=read:messages'
    explained 1 good --require 'permission=read:files valid-token'
    has passed scope
    has failed permissions
    mends 'read:files is among the scopes and not the permissions: require scope=read:files, or either=read:files'
    explained 1 good --require 'either=x|claim:org=acme permission=y'
    has failed scope
    has failed permissions
    mends 'the client has to ask for the scope x, and be granted it' 'the user needs the permission y'
    explained 1 good --require 'claim:org=acme'
    has passed scope
    mends 'the token needs the claim org with the value acme'
    mint bare
    explained 1 bare --require 'permission=y'
    has failed permissions absent
    mends '"Enable RBAC" and "Add Permissions in the Access Token"'
    mint scp --claim 'scp=["a",7,"b"]'
    explained 1 scp --require 'scope=b'
    has failed scope '"a" (a number) "b"'
}

# parts LINE...: what is required, part by part, is said so, and no more.
parts() {
    diff <(sed -n '/  requirement  /,/^$/p' <<<"$output" | sed '1d;$d') <(printf '  %s\n' "$@")
}

@test "what is required, in words, and which part fails" {
    local now
    now=$(date +%s)
    mint user --sub 'auth0|5f7c' --scope 'read:files' --claim 'groups=["Team A","Nord Süd"]' --claim 'tier={"name":"gold"}' \
        --claim 'acr="basic"' --claim "auth_time=$((now - 900))" --claim 'suspended=false'
    explained 1 user --require "scope=read:files claim:groups='Team B'|claim:sub~='auth0|*' !claim:tier=x claim:/tier/name=silver|claim:level"
    parts 'holds        the client was granted the scope read:files' \
        "fails        the claim groups is 'Team B', or an array with it; it is \"Team A\" \"Nord S\\xc3\\xbcd\"" \
        "holds        or the claim sub is like 'auth0|*', or an array with such a string" \
        'undecided    the claim tier is not x, nor an array with it; it is an object' \
        'fails        the claim /tier/name is silver, or an array with it; it is "gold"' \
        'fails        or the claim level is there, and neither null nor false; there is no such claim'
    mends 'the claim tier is nothing that can be compared' 'the claim /tier/name is there with another value: the token needs the claim /tier/name with the value silver'
    explained 0 user --require "optional !claim:suspended claim:groups='Nord Süd'"
    parts 'holds        without a token one passes as nobody; with one the rest must hold' \
        'holds        the claim suspended is not there, or is null or false' \
        "holds        the claim groups is 'Nord Süd', or an array with it"
    explained 1 user --require 'acr=gold max-age=600 scope=read:files'
    [[ $output == *$'\n\nrefused (step-up): the client gets\n\n    401 Unauthorized\n    WWW-Authenticate: Bearer realm="api", error="insufficient_user_authentication", acr_values="gold", max_age="600"\n'* ]]
    parts 'fails        the user signed in as gold (acr); acr is "basic"' \
        "fails        the user signed in at most 600 s ago (auth_time); auth_time is $((now - 900))" \
        'holds        the client was granted the scope read:files'
    mends 'with acr_values=gold' 'with max_age=600'
    explained 1 user --require 'audience=https://other.example/|issuer=https://x.example/ scope=y'
    [[ $output == *$'\n\nrefused (not-meant): the client gets\n\n    401 '* ]]
    mends 'ask for an access token with audience https://other.example/' 'the client has to ask for the scope y'
    mint many --claim 'hasgroups=true'
    explained 1 many --require "!claim:groups=x"
    parts 'undecided    the claim groups is not x, nor an array with it; the groups were left out of the token for their number'
    mends 'the user is in more groups than the issuer puts into a token'
    mint expired --claim "exp=$((now - 10900))"
    explained 1 expired --require 'either=a'
    parts 'not reached  a is a scope of the client or a permission of the user'
    # Without a token it is only said.
    run --separate-stderr -0 clean "$SITE/bearerctl" explain --require "scope=a|permission=b claim:sub='auth0|5f7c'"
    diff <(printf '%s\n' 'the client was granted the scope a' '  or the user has the permission b' \
        "the claim sub is 'auth0|5f7c', or an array with it") <(echo "$output")
    explained 1 user --require "claim:groups='Team B' scope=read:files|scope=z" --json
    [[ $output == *'"requirement":[[{"written":"claim:groups='\''Team B'\''","means":"the claim groups is '\''Team B'\'', or an array with it","state":"fails","found":"it is '* ]]
    [[ $output == *'}],[{"written":"scope=read:files","means":"the client was granted the scope read:files","state":"holds","found":""},{"written":"scope=z",'* ]]
}

@test "requirements of every kind: the worker's answer" {
    local now failed=0 row
    now=$(date +%s)
    mint kinds --sub 'auth0|5f7c' --scope 'a' --claim 'groups=["Team A","Nord Süd"]' --claim 'tier={"name":"gold"}' --claim "auth_time=$((now - 900))"
    while IFS='|' read -r row; do
        agrees "Bearer $(<"$SITE/kinds.token")" "${row%% *}" "BEARER_REQUIRE=${row#* }" || failed=1
    done <<END
- claim:sub='auth0|5f7c' claim:groups='Team A' claim:groups='Nord Süd' claim:/tier/name=gold !claim:suspended claim:sub~='auth0|*'
- optional max-age=1000 audience=$AUDIENCE issuer=$ISSUER
not-granted claim:groups='Nord Sud'
not-granted !claim:tier=x
not-granted acr=x scope=b|permission='"\'
not-meant audience=https://other.example/ scope=b acr=x
step-up acr=gold|max-age=60|acr=silver scope=a
step-up acr='ä'
END
    ((failed == 0))
}

# advised NAME: the NAME=VALUE of a setting that a mend says to write.
advised() {
    sed -n "s/^mend: .*\($1=[^;]*\).*/\1/p" <<<"$output" | sed 's/ else have it .*//'
}

# obeys NAME TOKEN [ARGUMENT...]: with the advised line, and no other change, the token is accepted.
obeys() {
    local line
    line=$(advised "$1")
    [[ -n $line ]]
    sed -i "/^$1=/d" "$SITE/bearer.env"
    printf '%s\n' "$line" >>"$SITE/bearer.env"
    explained 0 "$2" "${@:3}"
    site
}

@test "K5: what is there is said before what to ask for, and what is advised is accepted" {
    local aud
    for aud in 'my api' 'a, b' "it's" '"quoted" it'"'"'s' urn:x 'back\slash me'; do
        mint other --claim "aud=$(printf '%s' "$aud" | sed 's/[\\"]/\\&/g; s/.*/"&"/')"
        explained 1 other
        obeys AUTH0_API_AUDIENCE other
        explained 1 other
    done
    sed -i s/^AUTH0_API_AUDIENCE=/AUTH0_AUDIENCE=/ "$SITE/bearer.env" # P2: its other name
    explained 1 other
    obeys AUTH0_AUDIENCE other
    mint claims --claim 'aud=[7,"x"]'
    explained 1 claims
    mends 'aud is an array of other things than strings'
    mint claims --claim 'aud=["https://one/","https://two/"]'
    explained 1 claims
    mends 'aud is an array of strings, and none of them is accepted here'
    obeys AUTH0_API_AUDIENCE claims
    mint claims --claim 'aud=7'
    explained 1 claims
    mends 'aud is a number'
    # An issuer that is no https:// URL: its keys are not found by its name.
    of_claims 1 iss 'set BEARER_JWKS_URI to where its keys are (https://, or file:///PATH), as its name is no https:// URL, and AUTH0_ISSUER=http://keycloak:8080/x' \
        'iss="http://keycloak:8080/x"'
    # Grants of a form that grants nothing, or elsewhere.
    mint claims --claim 'scope=["a",7]'
    explained 1 claims --require scope=a
    mends 'scope is an array with something else than strings in it, which grants nothing: the issuer has to write a string of words'
    mint claims --claim 'scope=7'
    explained 1 claims --require scope=a
    mends 'scope is a number, which grants nothing'
    mint claims --claim 'permissions="a"' --claim 'realm_access={"roles":["admin"]}' --claim 'https://x/groups=["g"]' --claim 'org={"id":1}' --claim 'tier="free"'
    explained 1 claims --require permission=a
    mends 'permissions is a string: the issuer has to write an array of strings'
    explained 1 claims --require claim:roles=admin
    mends 'there is no claim roles, but /realm_access/roles: if that is meant, name it so'
    explained 0 claims --require claim:/realm_access/roles=admin
    explained 1 claims --require claim:realm_access.roles=admin
    mends 'there is no claim realm_access.roles, but /realm_access/roles: if'
    explained 1 claims --require claim:/resource_access/roles=admin
    mends 'there is no claim /resource_access/roles, but /realm_access/roles: if'
    explained 1 claims --require claim:groups=g
    mends 'there is no claim groups, but https://x/groups: if that is meant, name it so'
    explained 0 claims --require claim:https://x/groups=g
    explained 1 claims --require claim:org=1
    mends 'the claim org is an object'
    explained 0 claims --require claim:/org/id=1
    explained 1 claims --require claim:tier=paid
    mends 'the claim tier is there with another value'
    explained 1 claims --require claim:nothing=x
    mends 'there is no claim nothing in the token'
}

@test "K5: an algorithm that is not configured: which are, and the line that adds it" {
    local alg
    site AUTH0_ALGORITHMS=EdDSA
    explained 1 good
    mends 'if the issuer is to sign with ES256, add it to AUTH0_ALGORITHMS: AUTH0_ALGORITHMS=ES256,EdDSA; else have it sign with EdDSA'
    obeys AUTH0_ALGORITHMS good
    site AUTH0_ALGORITHMS=EdDSA
    for alg in HS256 none ES256K; do
        printf '%s.e30.AA' "$(segment "{\"alg\":\"$alg\"}")" >"$SITE/text.token"
        explained 1 text
        [[ $output == *"EdDSA"* && $output != *RS256* ]]
    done
    site
}

@test "K5: another issuer, by a name of each form, and an audience beside a slash: what is advised is accepted, and the token with it" {
    local iss aud alg
    for iss in "${ISSUER%/}" https://other.eu.auth0.com/ https://other.eu.auth0.com https://other.example.test/realms/x https://other.example.test:8443/ \
        'https://other.example.test/?tenant=a' http://localhost:8080/realms/x urn:issuer:x "a#b\$c" bär; do
        mint other --claim "iss=\"$iss\""
        explained 1 other
        obeys AUTH0_ISSUER other
    done
    # By names that no line can hold there is none.
    for iss in 'my issuer' 'b\u200br' 'a\tb' "$(printf 'x%.0s' {1..513})" ''; do
        mint other --claim "iss=\"$iss\""
        explained 1 other
        [[ $output != *AUTH0_ISSUER=* && $output =~ 'ask the configured one for a token' ]]
        [[ $output =~ 'whose name cannot be configured' ]] || [ "$iss" = '' ]
    done
    # These can be configured, but not by a line that is shown.
    # shellcheck disable=SC2016  # to the letter
    for iss in 'i${x}' "$(printf 'x%.0s' {1..512})"; do
        mint other --claim "iss=\"$iss\""
        explained 1 other
        [[ $output != *AUTH0_ISSUER=* && $output =~ 'set AUTH0_ISSUER in single quotes to the iss of the token' ]]
    done
    mint other --claim 'iss="https://other.example.test/a?b"'
    site
    sed -i '/^AUTH0_ISSUER=/d' "$SITE/bearer.env"
    echo AUTH0_DOMAIN=example.eu.auth0.com >>"$SITE/bearer.env"
    explained 1 other
    mends 'AUTH0_ISSUER=https://other.example.test/a?b; remove AUTH0_DOMAIN; its keys have to be in the file of BEARER_JWKS_URI'
    site
    for aud in "${AUDIENCE%/}" "$AUDIENCE/" 'my api'; do
        site "AUTH0_API_AUDIENCE='$aud/' x"
        mint other --claim "aud=\"$aud\""
        explained 1 other
        mends "AUTH0_API_AUDIENCE to the identifier of the API, letter by letter: \"$aud\""
        obeys AUTH0_API_AUDIENCE other
    done
    mint other --claim 'aud=null'
    for alg in RS256 PS256 ES256 EdDSA; do
        site "AUTH0_ALGORITHMS=ES256,$alg"
        explained 1 other
        mends 'aud is null'
        printf '%s.e30.AA' "$(segment '{"alg":"HS256"}')" >"$SITE/text.token"
        site "AUTH0_ALGORITHMS=$alg"
        explained 1 text
        [[ $alg == RS256 || $output != *RS256* ]]
        if [[ $alg == ES256 ]]; then
            explained 0 good
        else
            explained 1 good
            obeys AUTH0_ALGORITHMS good
        fi
    done
    site
}

@test "K5: a token without aud: that there is none is said first" {
    local head
    openssl genpkey -algorithm ed25519 -out "$BATS_TEST_TMPDIR/key" 2>/dev/null
    printf '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"%s"}]}' "$(openssl pkey -in "$BATS_TEST_TMPDIR/key" -pubout -outform DER | tail -c 32 | base64 -w 0 | tr -d = | tr +/ -_)" \
        >"$SITE/ed.json"
    head=$(segment '{"alg":"EdDSA"}').$(segment "{\"iss\":\"$ISSUER\",\"exp\":9000000000}")
    printf %s "$head" >"$BATS_TEST_TMPDIR/signed"
    printf '%s.%s' "$head" "$(openssl pkeyutl -sign -rawin -inkey "$BATS_TEST_TMPDIR/key" -in "$BATS_TEST_TMPDIR/signed" | base64 -w 0 | tr -d = | tr +/ -_)" >"$SITE/text.token"
    site AUTH0_ALGORITHMS=EdDSA "BEARER_JWKS_URI=file://$SITE/ed.json"
    explained 1 text
    has passed signature
    has failed aud absent
    mends "there is no aud in the token, so nothing says what it is for: ask for an access token with audience \"$AUDIENCE\", and have the issuer put that in"
    site
}

# of_text STATUS CHECK MEND TEXT
of_text() {
    printf '%s\n' "$4" >"$SITE/text.token"
    explained "$1" text
    has failed "$2"
    mends "$3"
}

segment() {
    printf '%s' "$1" | base64 -w 0 | tr -d = | tr +/ -_
}

@test "what is no JWT, or no access token: opaque, encrypted, cut, quoted, encoded, JSON" {
    local good header payload
    good=$(<"$SITE/good.token")
    IFS=. read -r header payload _ <<<"$good"
    of_text 1 form "an opaque token: the client did not name an audience; ask for an access token with audience \"$AUDIENCE\"" WyJvcGFxdWUiXQ
    of_text 1 form 'an encrypted token (JWE, five segments): the client did not name an audience' "$(segment '{"alg":"dir","enc":"A256GCM"}').a.b.c.d"
    has failed form '5 segments'
    of_text 1 form 'cut or changed' "$header.$payload"
    of_text 1 form 'jq -r .access_token' '{"access_token":"x","expires_in":1}'
    of_text 1 form 'jq -r .access_token' '{"access_token":"x"}'
    of_text 1 form 'a comma' "$good,$good"
    of_text 1 form 'broken into lines when it was copied, so join them (character 21)' "${good:0:20}"$'\n'"${good:20}"
    of_text 1 form 'quotes' "\"$good\""
    of_text 1 form 'percent-encoded' "${good//./%2E}.x.y"
    of_text 1 form 'padded with =' "$header=.$payload.x"
    of_text 1 form 'base64, not base64url' "$header.$payload+.x"
    of_text 1 form 'angle brackets: leave them out (character 1)' "<$good>"
    of_text 1 form 'character 1 cannot be in a token' "*$good"
    of_text 1 form 'cut or changed' "$header.$payload.x"
    of_text 1 form '"Authorization: Bearer TOKEN"' "Authorization: Basic x"
    of_text 1 header 'cut or changed' "$(segment 'no JSON').$payload.AAAA"
    of_text 1 header 'kid of 1 to 256 octets' "$(segment '{"alg":"ES256","kid":7}').$payload.AAAA"
    of_text 1 algorithm 'HS256 and its like are never accepted' "$(segment '{"alg":"HS256"}').$payload.AAAA"
    has failed algorithm '"HS256"; accepted here: ES256'
    of_text 1 algorithm 'if the issuer is to sign with RS256, add it to AUTH0_ALGORITHMS' "$(segment '{"alg":"RS256"}').$payload.AAAA"
    of_text 1 algorithm 'no setting accepts that' "$(segment '{"alg":"none"}').$payload.AAAA"
    of_text 1 algorithm 'no issuer leaves the algorithm out' "$(segment '{}').$payload.AAAA"
    of_text 1 type 'an ID or logout token' "$(segment '{"alg":"ES256","typ":"logout+jwt"}').$payload.AAAA"
    has failed type 'typ "logout+jwt"'
    of_text 1 type 'an extension' "$(segment '{"alg":"ES256","crit":["x"],"zip":"DEF"}').$payload.AAAA"
    has failed type 'typ absent, with crit, with zip'
    of_text 1 key "put the key set as it is published now into $SITE/jwks.json" "$(segment '{"alg":"ES256","kid":"other"}').$payload.AAAA"
    has failed key "there is \"$(<"$SITE/kid")\", in a file changed "
    of_text 1 key 'another issuer or tenant than the one configured (see iss)' \
        "$(segment '{"alg":"ES256","kid":"other"}').$(segment '{"iss":"https://x/"}').AAAA"
    has 'not reached' iss '"https://x/"; accepted here:'
    of_text 1 signature 'changed after it was signed' "$header.$payload.AAAA"
}

@test "what the token says comes escaped and cut, and no other claim, nor who it is" {
    local long
    long=$(letters 3000)
    mint odd --sub 'auth0|secret-sub' --claim 'email="secret@example.test"' --claim 'https://x/roles=["secret-role"]' \
        --claim 'iss="https://\u001b[31m\u0007/ä\n\"\\"' --claim "aud=[\"$long\",$(printf '"a%s",' 1 2 3 4 5 6 7 8 9)7]" --claim 'scope="a\rb"' \
        --claim 'permissions={"secret":1}'
    explained 1 odd
    [[ $output != *secret* && $output != *"${long:0:300}"* ]]
    [[ $(LC_ALL=C grep -c '[^ -~]' <<<"$output") -eq 0 ]]
    # shellcheck disable=SC2028  # no escapes of echo
    has failed iss '"https://\x1b[31m\x07/\xc3\xa4\x0a\"\\"; accepted here: '
    has 'not reached' aud 'xxxx.." "a1" "a2" "a3" "a4" "a5" "a6" "a7" and 3 more; accepted here'
    has 'not reached' scope '"a\x0db"'
    has 'not reached' permissions 'an object'
    [[ $(wc -L <<<"$output") -lt 1700 ]]
    explained 1 odd --json
    [[ $output != *secret* ]]
    [[ $(LC_ALL=C grep -c '[^ -~]' <<<"$output") -eq 0 ]]
    # A token that is accepted is answered with its claims, but not here.
    mint odd --sub 'auth0|secret-sub' --claim 'email="secret@example.test"'
    explained 0 odd
    [[ $output != *secret* ]]
}

@test "--json says the same" {
    local name json states
    mint expired --exp -60
    for name in good expired; do
        json=$(clean "$SITE/bearerctl" explain - --json --require scope=read:files <"$SITE/$name.token") || true
        run clean "$SITE/bearerctl" explain - --require scope=read:files <"$SITE/$name.token"
        # shellcheck disable=SC2016  # JavaScript
        states=$(node -e 'const j = JSON.parse(process.argv[1]);
            for (const c of j.checks) console.log((c.state.padEnd(13) + (c.detail === "" ? c.check : c.check.padEnd(13) + c.detail)));
            for (const term of j.requirement) term.forEach((a, i) => console.log("  " + a.state.padEnd(13) + (i > 0 ? "or " : "") + a.means + (a.found === "" ? "" : "; " + a.found)));
            console.log();
            if (j.verdict === "accepted") console.log("accepted: the client gets", j.answer.status, "OK and what it has asked for");
            else console.log(`${j.verdict} (${j.reason}): the client gets`);
            if (j.notes.length !== 0 || Object.keys(j).join() !== "verdict,reason,checks,requirement,answer,mend,write,notes") throw j;' "$json")
        # Between the two a second may have passed.
        printf '%s\n' "$output" "$states" | sed -E 's/[0-9]+ (s|min|h) ago/ago/' >"$BATS_TEST_TMPDIR/both"
        [[ $(head -n "$(wc -l <<<"$states")" "$BATS_TEST_TMPDIR/both") == "$(tail -n "$(wc -l <<<"$states")" "$BATS_TEST_TMPDIR/both")" ]]
    done
    # shellcheck disable=SC2016  # JavaScript
    [[ $(node -e 'const a = JSON.parse(process.argv[1]).answer;
        console.log(`${a.status}\n${a.www_authenticate}\n${a.body}`)' "$json") == "401
Bearer realm=\"api\", error=\"invalid_token\", error_description=\"The token has expired\"
{\"detail\":\"The token has expired\"}" ]]
    [[ $json == *'"mend":["ask for a new token; '* ]]
}

@test "colour on a terminal only, and never with NO_COLOR; a terminal is asked for the token" {
    local words="'$SITE/bearerctl' explain '$SITE/expired.token'"
    cd "$BATS_TEST_TMPDIR"
    mint expired --exp -60
    clean script -qc "$words" /dev/null >colours </dev/null
    grep -q $'^\e\\[32mpassed     \e\\[0m  form ' colours
    grep -q $'^\e\\[31mfailed     \e\\[0m  exp ' colours
    grep -q '^not reached  nbf ' colours
    clean NO_COLOR=1 script -qc "$words" /dev/null >plain </dev/null
    run ! grep -q $'\e' plain
    grep -q '^failed       exp ' plain
    # shellcheck disable=SC2016  # of script
    { cat "$SITE/expired.token" && printf '\004'; } | clean NO_COLOR=1 script -qc "'$SITE/bearerctl' explain -" /dev/null >asked
    grep -q 'Paste the token, then press Enter and Ctrl-D' asked
    grep -q '^refused (expired): ' asked
}

@test "keys in a file that is no key set: 75, and where to put it" {
    mv "$SITE/jwks.json" "$SITE/away"
    (umask 022 && echo '{}' >"$SITE/jwks.json")
    explained 75 good
    agrees "Bearer $(<"$SITE/good.token")" no-keys
    mv "$SITE/away" "$SITE/jwks.json"
    has failed key "no usable keys in $SITE/jwks.json"
    [[ $output == *$'\n\nkeys unavailable (no-keys): the client gets\n\n    503 Service Unavailable\n    Retry-After: 30\n'* ]]
    mends "put the issuer's key set into $SITE/jwks.json"
    [[ $output == *$'\nnote: keys from '"$SITE/jwks.json: "*' no "keys"' ]]
}

# --- the cache that all workers share

# cache_explained STATUS TOKEN: as their user; nothing is fetched, and not an octet or a time of the cache is another afterwards.
cache_explained() {
    local before
    before=$(cache_state)
    run --separate-stderr "-$1" as_worker "${clean[@]}" "$SERVER_DIR/libexec/bearerctl" explain - \
        < <(token "$2")
    [[ -z $stderr && $(cache_state) == "$before" ]]
    fetches_are "$fetched"
}

cache_state() {
    find "$CACHE" -printf '%p %u %m %s %T@ %C@ ' -type f -exec cksum '{}' ';' 2>&1 || true
}

# cache_agrees STATUS TOKEN REASON: and so says a worker, asked afterwards.
cache_agrees() {
    cache_explained "$1" "$2"
    [[ $output == *"($3): the client gets"* || $3 == - ]]
    local answer shown
    answer=$(as_worker "${clean[@]}" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/private "HTTP_AUTHORIZATION=Bearer $(token "$2")" \
        "$SERVER_DIR/libexec/bearer.fcgi" </dev/null 2>/dev/null)
    as_shown
    if [[ $3 == - ]]; then
        [[ $answer == '200 OK'* ]]
    else
        shown
        # A second may have passed.
        diff <(sed -E 's/^(Retry-After: 3)[45].{2}$/\1.../' <<<"$shown") <(sed -E 's/^(Retry-After: 3)[45].{2}$/\1.../' <<<"$answer")
    fi
}

@test "the cache: fresh, due, old and none, an unknown kid; nothing is fetched, made or written" {
    local fetched=0
    issuer_up ES256
    forge unknown another-kid
    # None, and no directory either.
    rmdir "$CACHE"
    settings "BEARER_CACHE_DIR=$CACHE/deep"
    cache_explained 75 good
    [[ ! -e $CACHE && $output == *"note: cache directory $CACHE/deep cannot be opened: No such file or directory"* ]]
    has failed key "no usable keys in $CACHE/deep"
    mends 'run "bearerctl refresh" as the user of the workers, or as root: it says why, if there are none; a worker would try that first'
    settings
    worker_dir "$CACHE"
    cache_explained 75 good
    has failed key "no usable keys in $CACHE"
    # Fresh.
    fill
    fetched=1
    cache_agrees 0 good -
    has passed key 'found among 1, fetched '
    # Past its cooldown (two hours ago) a worker would ask again, and only then.
    cache_explained 1 unknown
    has failed key "there is \"$(cached_kids)\", fetched "
    mends 'a worker would have the keys fetched before it refuses this; run "bearerctl refresh", and explain again'
    # Within it, and it went well: no more.
    pass 0 100
    cache_agrees 1 unknown kid-unknown
    mends 'or the token is of another tenant: run "bearerctl refresh", and explain again'
    # Or it did not.
    set_record 3
    cache_agrees 75 unknown no-keys
    has failed key "there is \"$(cached_kids)\", fetched "
    mends 'run "bearerctl refresh" as the user of the workers, or as root: it says why, if there are none'
    cache_agrees 0 good -
    # Due, and older than anybody takes.
    pass 1000 100
    cache_agrees 0 good -
    has passed key 'found among 1, fetched 16 min ago, '
    pass 90000 100
    cache_agrees 75 good no-keys
    has failed key 'fetched 25 h ago'
    # While somebody has the lock.
    as_worker flock "$(record_file)" sleep 60 3>&- 4>&- &
    local holder=$!
    await eval '! lock_is_free'
    cache_explained 75 good
    kill "$(ps --ppid "$holder" -o pid= | head -n 1)" "$holder" 2>/dev/null || true
    wait "$holder" || true
}

# set_record OUTCOME: how the last attempt ended.
set_record() {
    # shellcheck disable=SC2016  # for the inner shell
    as_worker sh -c 'printf "%s\n" "$2" | dd of="$1" conv=notrunc status=none' sh "$(record_file)" \
        "$(sed "s/^\(2 [0-9]* [0-9]* [0-9]* \)[0-9] [0-9]/\1$1 1/" "$(record_file)")"
}

@test "the cache with BEARER_REFRESH=external: how the last refresh ended counts, however long ago" {
    local fetched=1
    issuer_up ES256
    forge unknown another-kid
    fill
    settings BEARER_REFRESH=external
    cache_agrees 1 unknown kid-unknown
    set_record 3
    cache_agrees 75 unknown no-keys
    # A record that is none of ours is as good as none.
    mv "$(record_file)" "$SERVER_DIR/cache/away"
    cache_agrees 75 unknown no-keys
}

@test "root explains as the owner of the cache, and reads the token as root" {
    needs_root
    local fetched=1
    issuer_up ES256
    fill
    install -m 600 "$BATS_TEST_TMPDIR/tokens/good" "$SERVER_DIR/token"
    run --separate-stderr -0 clean "$SERVER_DIR/libexec/bearerctl" explain "$SERVER_DIR/token"
    has passed key 'found among 1, fetched '
    [[ -z $(find "$CACHE" ! -user "$WORKER_USER") ]]
    # As that user it is not to be had.
    run --separate-stderr -66 as_worker "${clean[@]}" "$SERVER_DIR/libexec/bearerctl" explain "$SERVER_DIR/token"
    fetches_are 1
}

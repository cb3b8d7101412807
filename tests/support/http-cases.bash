# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# One list of cases for every way bearer.fcgi can be run: every kind of answer, over HTTP or by plain CGI. For bats:
# `load ../support/http-cases`. The .bats file says how by defining
#
#   serve              starts a server for $SERVER_DIR, for Apache with the EDIT of its configuration in $edit, if any
#   API                the path of the program there, /api unless set
#
# and may redefine call(). Where servers differ, it says so before it loads this file; set, or empty:
#   MERGES_SLASHES     `//` in a path reaches the program as `/`
#   FIELD_LIMIT        the server itself refuses a long token
#   DROPS_LONG         a token that is too long does not arrive
#   REFUSES_GET_BODY   the server itself refuses a GET with a body
#   BODY_MAX           bytes of a body that the server passes on
# `every_case_is_run` fails if the .bats file leaves a case out.

load ../support/servers
: "${top_builddir:?}"

API=${API-/api}
MERGES_SLASHES=${MERGES_SLASHES-1}
FIELD_LIMIT=${FIELD_LIMIT-}
DROPS_LONG=${DROPS_LONG-}
BODY_MAX=${BODY_MAX-1000000}
REFUSES_GET_BODY=${REFUSES_GET_BODY-}

ISSUER=https://issuer.example.test/
AUDIENCE=https://api.example.test/
GOOD_CHALLENGE='Bearer realm="api"'
PUBLIC_BODY='{"status":"success","msg":"Hello from a public endpoint! You don'\''t need to be authenticated to see this."}'

# --- what a .bats file calls in setup_file, teardown_file and teardown

# http_setup: an issuer, tokens, and a server whose keys are in a file.
http_setup() {
    mint_tokens
    new_server
    export FILE_SERVER=$SERVER_DIR
}

# new_server [NAME=VALUE...]: another SERVER_DIR, with these settings, else with the keys in a file, and its server. http_teardown
# removes it after the test.
new_server() {
    server_dir
    install_programs
    install -m 644 "$BATS_FILE_TMPDIR/jwks.json" "$SERVER_DIR/etc"
    (($# > 0)) || set -- "BEARER_JWKS_URI=file://$SERVER_DIR/etc/jwks.json"
    configure "AUTH0_ISSUER=$ISSUER" "AUTH0_API_AUDIENCE=$AUDIENCE" BEARER_LOG_LEVEL=info "$@"
    serve
}

# keys_site NAME=VALUE...: another SERVER_DIR with these settings besides, and the keys in a file; no server yet. For call_cgi bearer.env lies beside the program.
keys_site() {
    server_dir
    install_programs
    install -m 644 "$BATS_FILE_TMPDIR/jwks.json" "$SERVER_DIR/etc"
    configure "AUTH0_ISSUER=$ISSUER" "AUTH0_API_AUDIENCE=$AUDIENCE" "BEARER_JWKS_URI=file://$SERVER_DIR/etc/jwks.json" BEARER_LOG_LEVEL=info "$@"
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
}

# new_server_with_https_keys: another one, whose keys come from an issuer over HTTPS and are fetched when they are asked for.
new_server_with_https_keys() {
    server_dir
    install_programs
    start_keys_server "$SERVER_DIR/keys"
    configure "AUTH0_ISSUER=$(<"$SERVER_DIR/keys/issuer")" "AUTH0_API_AUDIENCE=$AUDIENCE" "BEARER_CA_FILE=$SERVER_DIR/keys/ca.pem"
    serve
}

# http_teardown: after a test, says what the server logged if the test failed, and removes a server that the test has started.
http_teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || { echo "--- the end of what the server logged:" && server_log | tail -n 30; } >&2
    [[ $SERVER_DIR == "$FILE_SERVER" ]] || server_remove
}

# mint_tokens: one file for each in $BATS_FILE_TMPDIR/tokens.
mint_tokens() {
    local issuer=$BATS_FILE_TMPDIR/issuer
    mkdir "$BATS_FILE_TMPDIR/tokens"
    issuer_run init "$issuer" --issuer "$ISSUER" >"$BATS_FILE_TMPDIR/init.out"
    cp "$issuer/www/.well-known/jwks.json" "$BATS_FILE_TMPDIR/jwks.json"

    mint good
    mint scoped --scope 'write:messages read:messages'
    mint other-scope --scope 'read:messages2 write:messages'
    mint expired --exp -60
    mint not-yet --claim "nbf=$(($(date +%s) + 600))"
    mint from-the-future --claim "iat=$(($(date +%s) + 600))"
    mint other-issuer --claim 'iss="https://other.example.test/"'
    mint other-audience --claim 'aud=["https://other.example.test/"]'
    mint sender-constrained --claim 'cnf={"jkt":"x"}'
    mint long --claim "pad=\"$(letters 11700)\"" # 16.2 KB, and then 17.3 KB
    mint too-long --claim "pad=\"$(letters 12500)\""
    # jwks.json was copied before this key.
    issuer_run rotate "$issuer" >>"$BATS_FILE_TMPDIR/init.out"
    mint unknown-key
}

issuer_run() {
    "$top_builddir/bearer-issuer" "$@" </dev/null
}

mint() {
    local name=$1
    shift
    issuer_run token "$BATS_FILE_TMPDIR/issuer" --aud "$AUDIENCE" "$@" >"$BATS_FILE_TMPDIR/tokens/$name"
}

# letters NUMBER: prints that many.
letters() {
    head -c "$1" /dev/zero | tr '\0' x
}

# --- one call and its answer

# token NAME
token() {
    cat "$BATS_FILE_TMPDIR/tokens/$1"
}

# bearer NAME: the header with that token.
bearer() {
    printf 'Authorization: Bearer %s' "$(token "$1")"
}

# claims NAME: of that token, the very bytes that were signed.
claims() {
    local payload
    payload=$(token "$1" | cut -d. -f2 | tr -- '-_' '+/')
    while ((${#payload} % 4)); do
        payload+='='
    done
    base64 -d <<<"$payload"
}

# call METHOD PATH [HEADER...]: PATH as it is, below $API, with $request_body (or @FILE) if that is set. A header without value is written as
# "Name;". Leaves http_status, the header fields in fields[name in small letters] (several of a name joined by a newline), the body in
# body and its size, with what a variable cannot hold, in body_size.
call() {
    local method=$1 path=$2 header options=()
    shift 2
    called="$method $API$path"
    for header; do
        options+=(-H "$header")
    done
    case $method in
        HEAD) options+=(--head) ;;
        # lighttpd wants a Content-Length, be it 0.
        POST | PUT | PATCH) options+=(--request "$method" --data-binary "${request_body-}") ;;
        *) options+=(--request "$method" ${request_body+--data-binary "$request_body"}) ;;
    esac
    : >"$BATS_TEST_TMPDIR/body"
    curl -q --silent --show-error --noproxy '*' --max-time 20 --path-as-is "${options[@]}" \
        -D "$BATS_TEST_TMPDIR/head" -o "$BATS_TEST_TMPDIR/body" "$(server_url)$API$path" </dev/null
    # --head has curl write the head where the body should be, and read no more than that.
    [[ $method != HEAD ]] || : >"$BATS_TEST_TMPDIR/body"
    read_answer
}

# call_cgi METHOD PATH [HEADER...]: the same without a server, as a web server would start a CGI program (RFC 3875).
call_cgi() {
    local method=$1 path=$2 header name value arguments=() environment=() query=
    local -A params=()
    shift 2
    called="$method $API$path"
    if [[ $path == *\?* ]]; then
        query=${path#*\?} path=${path%%\?*}
        [[ $query == *=* ]] || IFS=+ read -r -a arguments <<<"$query"
    fi
    for header; do
        name=${header%%[:;]*} value=${header#*[:;]}
        name=${name^^} value=${value# }
        name=HTTP_${name//-/_}
        # As web servers do with a header that comes twice.
        params[$name]=${params[$name]+${params[$name]}, }$value
    done
    for name in "${!params[@]}"; do
        environment+=("$name=${params[$name]}")
    done
    for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
        [[ -z ${!name-} ]] || environment+=("$name=${!name}")
    done
    if [[ ${request_body-} == @* ]]; then
        cp "${request_body#@}" "$BATS_TEST_TMPDIR/request"
    else
        printf '%s' "${request_body-}" >"$BATS_TEST_TMPDIR/request"
    fi
    environment+=("CONTENT_LENGTH=$(stat -c %s "$BATS_TEST_TMPDIR/request")")
    as_worker env -i PATH="$PATH" "${environment[@]}" GATEWAY_INTERFACE=CGI/1.1 SERVER_PROTOCOL=HTTP/1.1 REQUEST_METHOD="$method" \
        SCRIPT_NAME="$API" PATH_INFO="$path" REQUEST_URI="$API$path" QUERY_STRING="$query" REMOTE_ADDR=127.0.0.1 \
        SERVER_NAME=localhost SERVER_PORT=80 SERVER_SOFTWARE=tests "$SERVER_DIR/libexec/bearer.fcgi" "${arguments[@]}" \
        <"$BATS_TEST_TMPDIR/request" >"$BATS_TEST_TMPDIR/head" 2>>"$SERVER_DIR/log/error.log"
    sed $'1,/^\r$/d' "$BATS_TEST_TMPDIR/head" >"$BATS_TEST_TMPDIR/body"
    read_answer
}

# read_answer: from the files head and body. A CGI program's Status must come first, as some servers want it.
read_answer() {
    local line name
    fields=() http_status=
    body=$(<"$BATS_TEST_TMPDIR/body")
    body_size=$(stat -c %s "$BATS_TEST_TMPDIR/body")
    {
        read -r line
        [[ $line =~ ^(HTTP/[0-9.]+|Status:)\ ([1-5][0-9][0-9])\  ]] && http_status=${BASH_REMATCH[2]}
        while IFS= read -r line && line=${line%$'\r'} && [[ -n $line ]]; do
            name=${line%%:*}
            name=${name,,}
            fields[$name]=${fields[$name]+${fields[$name]}$'\n'}${line#*: }
        done
    } <"$BATS_TEST_TMPDIR/head"
}
declare -gA fields

# wrong TEXT: a test has failed; shows the last call and its answer.
wrong() {
    printf '%s\n' "$1" "--- $called:" >&2
    sed $'/^\r*$/q' "$BATS_TEST_TMPDIR/head" >&2
    cat "$BATS_TEST_TMPDIR/body" >&2
    return 1
}

# same WHAT EXPECTED GOT
same() {
    [[ $2 == "$3" ]] || wrong "$1: expected '$2', got '$3'"
}

# answer STATUS BODY [CHALLENGE]: what the last call got, byte for byte, and what is true of every answer with a body. The body that is
# not sent to a HEAD is measured all the same.
answer() {
    local LC_ALL=C expected=$2
    same status "$1" "$http_status"
    same WWW-Authenticate "${3-}" "${fields[www-authenticate]-}"
    [[ $called != HEAD* ]] || expected=
    same body "$expected" "$body"
    same 'size of the body' "${#expected}" "$body_size"
    same Content-Length "${#2}" "${fields[content-length]-}"
    same Content-Type application/json "${fields[content-type]-}"
    same X-Content-Type-Options nosniff "${fields[x-content-type-options]-}"
    if [[ $1 != 200 || $called == *private* ]]; then
        same Cache-Control no-store "${fields[cache-control]-}"
    fi
}

# denied STATUS TEXT [ERROR]: an answer of that status which says so; with ERROR, in the challenge too (RFC 6750, section 3).
denied() {
    local challenge=
    [[ $1 != 401 ]] || challenge=$GOOD_CHALLENGE
    [[ -z ${3-} ]] || challenge="$GOOD_CHALLENGE, error=\"$3\", error_description=\"$2\""
    answer "$1" "{\"detail\":\"$2\"}" "$challenge"
}

# --- the cases

case_tutorial() {
    call GET /private
    denied 401 'Not authenticated'
    call GET /private 'Authorization: Bearer FastAPI is awesome'
    denied 401 'The token is not three non-empty segments joined by dots' invalid_token
    call GET /private "$(bearer good)"
    answer 200 "$(claims good)"
}

case_public() {
    call GET /public
    answer 200 "$PUBLIC_BODY"
    call GET /public 'Authorization: Bearer FastAPI is awesome'
    answer 200 "$PUBLIC_BODY"
    call GET '/public?a=b'
    answer 200 "$PUBLIC_BODY"
    call GET '/public?refresh'
    answer 200 "$PUBLIC_BODY"
    call GET '/public?--version+--help'
    answer 200 "$PUBLIC_BODY"
}

case_no_credentials() {
    local header
    for header in 'Authorization;' 'Authorization: Basic dXNlcjpwYXNz' 'Authorization: Bearerx' "Authorization: $(token good)" \
        "X-Authorization: Bearer $(token good)" "Cookie: access_token=$(token good)"; do
        call GET /private "$header"
        denied 401 'Not authenticated'
    done
}

case_token_elsewhere() {
    call GET "/private?access_token=$(token good)"
    denied 401 'Not authenticated'
    call GET "/private?$(token good)"
    denied 401 'Not authenticated'
    request_body="access_token=$(token good)" call GET /private
    if [[ -n $REFUSES_GET_BODY ]]; then
        same status 400 "$http_status"
    else
        denied 401 'Not authenticated'
        request_body="access_token=$(token good)" call GET /private "$(bearer good)"
        answer 200 "$(claims good)"
    fi
}

case_scheme() {
    local scheme
    for scheme in Bearer bearer BEARER bEaReR 'Bearer  '; do
        call GET /private "Authorization: $scheme $(token good)"
        answer 200 "$(claims good)"
    done
    call GET /private 'Authorization: bearer x'
    denied 401 'The token is not three non-empty segments joined by dots' invalid_token
}

case_two_credentials() {
    local good
    good=$(token good)
    call GET /private "Authorization: Bearer $good, Bearer $good"
    denied 400 'More than one credential was sent' invalid_request
    call GET /private "Authorization: Bearer $good,x"
    denied 400 'More than one credential was sent' invalid_request
    call GET /private "Authorization: Bearer $good" "Authorization: Bearer $good"
    denied 400 'More than one credential was sent' invalid_request
    call GET /private "Authorization: Basic dXNlcjpwYXNz" "Authorization: Bearer $good"
    denied 400 'More than one credential was sent' invalid_request
}

case_bad_tokens() {
    local good name text
    good=$(token good)
    call GET /private "Authorization: Bearer ${good%.*}."
    denied 401 'The token is not three non-empty segments joined by dots' invalid_token
    call GET /private "Authorization: Bearer ${good}="
    denied 401 'A segment of the token is not canonical unpadded base64url' invalid_token
    # {"alg":"none"}
    call GET /private "Authorization: Bearer eyJhbGciOiJub25lIn0.${good#*.}"
    denied 401 'The token algorithm is not one that is accepted here' invalid_token
    # The claims of another token.
    call GET /private "Authorization: Bearer ${good%%.*}.$(token scoped | cut -d. -f2).${good##*.}"
    denied 401 'The token signature is not valid' invalid_token
    while IFS='|' read -r name text; do
        call GET /private "$(bearer "$name")"
        denied 401 "$text" invalid_token
    done <<'END'
expired|The token has expired
not-yet|The token is not valid yet (nbf)
from-the-future|The token is issued in the future (iat)
other-issuer|The token is from another issuer (iss)
other-audience|The token is for another audience (aud)
sender-constrained|The token is bound to its sender (cnf) and was shown as a bearer token
unknown-key|The token names an unknown key (kid)
END
    call GET /private "$(bearer good)"
    answer 200 "$(claims good)"
}

case_scope() {
    local name
    call GET /private-scoped
    denied 401 'Not authenticated'
    for name in good other-scope; do
        call GET /private-scoped "$(bearer "$name")"
        answer 403 '{"detail":"Required: scope=read:messages"}' \
            "$GOOD_CHALLENGE, error=\"insufficient_scope\", scope=\"read:messages\""
    done
    call GET /private-scoped "$(bearer expired)"
    denied 401 'The token has expired' invalid_token
    call GET /private-scoped "$(bearer scoped)"
    answer 200 "$(claims scoped)"
}

case_long_token() {
    call GET /private "$(bearer long)"
    if [[ -n $FIELD_LIMIT ]]; then
        same status 400 "$http_status"
        return
    fi
    answer 200 "$(claims long)"
    call GET /private "$(bearer too-long)"
    if [[ -n $DROPS_LONG ]]; then
        denied 401 'Not authenticated'
    else
        denied 401 'The token is longer than 16 KiB' invalid_token
    fi
}

# is_route PATH: the tree under test has an endpoint of this path, which somebody has added: it is no subject here.
is_route() {
    grep -qE -e "bearer_app_route\(app, \"[A-Z]+\", \"$1\"," "${top_srcdir:?}/src/main/bearer_fcgi.c"
}

case_paths() {
    local path
    for path in '' / /private/ /private/x /publicx /Private /private-scoped/ /private.json '/private;x' /x; do
        ! is_route "$path" || continue
        call GET "$path"
        denied 404 'Not Found'
        call GET "$path" "$(bearer scoped)"
        denied 404 'Not Found'
        call POST "$path"
        denied 404 'Not Found'
        call OPTIONS "$path"
        denied 404 'Not Found'
    done
    for path in //private /private// //public; do
        call GET "$path"
        if [[ -z $MERGES_SLASHES ]]; then
            denied 404 'Not Found'
        elif [[ $path == //private ]]; then
            denied 401 'Not authenticated'
        elif [[ $path == //public ]]; then
            answer 200 "$PUBLIC_BODY"
        fi
    done
}

case_methods() {
    local path method
    for path in /public /private /private-scoped; do
        for method in POST PUT DELETE PATCH; do
            call "$method" "$path"
            denied 405 'Method Not Allowed'
            same Allow 'GET, HEAD, OPTIONS' "${fields[allow]-}"
        done
        call OPTIONS "$path"
        same status 204 "$http_status"
        same Allow 'GET, HEAD, OPTIONS' "${fields[allow]-}"
        same 'size of the body' 0 "$body_size"
        same WWW-Authenticate '' "${fields[www-authenticate]-}"
        same X-Content-Type-Options nosniff "${fields[x-content-type-options]-}"
    done
    call POST /private "$(bearer good)"
    denied 405 'Method Not Allowed'
}

# A body that nobody reads must cost no one the answer, nor the next request its own.
case_bodies() {
    local size
    for size in 1 100000 1000000 1000000 1000000; do
        ((size <= BODY_MAX)) || continue
        letters "$size" >"$BATS_TEST_TMPDIR/upload"
        request_body=@$BATS_TEST_TMPDIR/upload call POST /private "$(bearer good)"
        denied 405 'Method Not Allowed'
        request_body=@$BATS_TEST_TMPDIR/upload call PUT /nothing
        denied 404 'Not Found'
        call GET /private "$(bearer good)"
        answer 200 "$(claims good)"
    done
}

case_head() {
    local path header get
    for path in /public /private /private-scoped /nothing; do
        for header in 'X-Nothing: x' "$(bearer good)" "$(bearer scoped)" "$(bearer expired)" 'Authorization: Bearer a, b'; do
            call GET "$path" "$header"
            get=$(_head)
            call HEAD "$path" "$header"
            same 'size of the body' 0 "$body_size"
            same "the head" "$get" "$(_head)"
        done
    done
    call HEAD /private
    denied 401 'Not authenticated'
    call HEAD /private "$(bearer good)"
    answer 200 "$(claims good)"
}

# _head: the status and all header fields but the time.
_head() {
    local name
    echo "$http_status"
    for name in "${!fields[@]}"; do
        [[ $name == date ]] || echo "$name: ${fields[$name]}"
    done | sort
}

case_no_keys() {
    # No cache, and nobody who would fill it.
    new_server BEARER_REFRESH=external BEARER_JWKS_URI=https://issuer.example.test/jwks.json
    call GET /private "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    [[ ${fields[retry-after]-} =~ ^[1-9][0-9]*$ ]] || wrong 'Retry-After is not a number of seconds'
    call HEAD /private "$(bearer good)"
    denied 503 'Signing keys are unavailable'
    # What needs no keys gets its answer.
    call GET /private 'Authorization: Bearer FastAPI is awesome'
    denied 401 'The token is not three non-empty segments joined by dots' invalid_token
    call GET /public
    answer 200 "$PUBLIC_BODY"
}

case_misconfigured() {
    local path
    new_server 'AUTH0_ALGORITHMS=HS256'
    for path in /public /private /nothing; do
        call GET "$path" "$(bearer good)"
        denied 500 'Server misconfigured'
    done
    call OPTIONS /private
    denied 500 'Server misconfigured'
    server_log | grep -q 'AUTH0_ALGORITHMS' || wrong 'the log does not name the variable'
}

case_log() {
    local token
    token=$(token expired)
    call GET /private "Authorization: Bearer $token"
    denied 401 'The token has expired' invalid_token
    call GET /private "Authorization: Bearer ,$token"
    denied 400 'More than one credential was sent' invalid_request
    server_log | grep -q 'denied status=401 reason=expired client=127\.0\.0\.1 kid="[^"]' || wrong 'no line about the denial'
    server_log | grep -q 'denied status=400 reason=two-credentials client=127\.0\.0\.1' || wrong 'no line about the denial'
    # The signature alone: a debugging server may log headers, we never do.
    [[ $(server_log | grep -cF -e "${token##*.}") -eq 0 ]] || wrong 'the token is in the log'
}

# every_case_is_run: names the case_ functions that the .bats file does not call.
every_case_is_run() {
    local name missing=
    for name in $(compgen -A function case_); do
        grep -q "[{;] $name;" "$BATS_TEST_FILENAME" || missing+=" $name"
    done
    [[ -z $missing ]] || { echo "not run here:$missing" >&2 && false; }
}

# refresh_by_url PATH STATUS: bearerctl is there; whatever it is asked, the answer has that status, nothing is fetched and the cache stays
# as it is. By hand it would.
refresh_by_url() {
    local query
    for query in '?refresh' '/refresh' '?refresh+--help' '?--version' ''; do
        call GET "$1$query"
        same status "$2" "$http_status"
        [[ $body != *fcgi-bearer* ]] || wrong 'bearerctl has answered'
        call POST "$1$query"
        same status "$2" "$http_status"
    done
    same 'number of fetches' 0 "$(keys_fetches "$SERVER_DIR/keys")"
    same cache '' "$(ls -A "$SERVER_DIR/cache")"
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    as_worker env -i "$SERVER_DIR/libexec/bearerctl" refresh
    same 'number of fetches' 1 "$(keys_fetches "$SERVER_DIR/keys")"
    [[ -n $(ls -A "$SERVER_DIR/cache") ]] || wrong 'the cache is empty'
}

# mount_requires EDIT: with that edit of the configuration, which says scope=read:messages of the mount, that holds for every endpoint there.
mount_requires() {
    edit=$1 new_server
    call GET /public
    denied 401 'Not authenticated'
    call GET /public "$(bearer good)"
    answer 403 '{"detail":"Required: scope=read:messages"}' "$GOOD_CHALLENGE, error=\"insufficient_scope\", scope=\"read:messages\""
    call GET /public "$(bearer scoped)"
    same status 200 "$http_status"
    same body "$PUBLIC_BODY" "$body"
    call GET /private "$(bearer scoped)"
    answer 200 "$(claims scoped)"
}

# --- Apache only

# apache_hint EDIT: with that edit of its configuration Apache keeps the header to itself, and the log says what to add.
apache_hint() {
    edit=$1 new_server
    call GET /private "$(bearer good)"
    denied 401 'Not authenticated'
    server_log | grep -q 'no Authorization header has arrived.* "CGIPassAuth On"' || wrong 'the log does not say what to add'
}

# apache_no_hint: not once a header has arrived.
apache_no_hint() {
    new_server
    call GET /private "$(bearer good)"
    answer 200 "$(claims good)"
    call GET /private
    denied 401 'Not authenticated'
    [[ $(server_log | grep -c 'no Authorization header') -eq 0 ]] || wrong 'the log says that no header has arrived'
}

# only_api PATH...: these are not the program's.
only_api() {
    local path
    for path; do
        API='' call GET "$path"
        same status 404 "$http_status"
        [[ $body != *'"detail"'* ]] || wrong 'the program has answered'
    done
}

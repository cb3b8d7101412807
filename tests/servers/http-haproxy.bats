#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2034,SC2154  # names of guard-cases and http-cases
# HAProxy and workers on two ports, with the shipped file (haproxy-conf/haproxy.cfg).

bats_require_minimum_version 1.5.0
export MERGES_SLASHES=
export GUARD_FILES='' GUARD_PROGRAMS='api:/api/private api:/api/private-scoped'
export GUARD_TABLE='doc/reference/answers.md:HAProxy' GUARD_SCOPE=read:messages GUARD_SCOPELESS=good
load ../support/guard-cases
load ../support/doctor
load ../support/doors
load ../support/servers-haproxy
: "${top_builddir:?}"
API=/api

# shellcheck disable=SC2317  # new_server calls it
serve() {
    start_haproxy "${edit-}"
}

# The shipped file asks workers how they are, and soon sends nobody to those that answer 500; here they are what a client finds them to be.
UNASKED='/option httpchk/d; s/ check inter [^m]* / /'

setup_file() {
    http_setup
    mint full
}

# Here in the file that is made: tests/cases/http.bats.
cases http
@test "misconfigured: 500, and the log says what" { edit=$UNASKED; case_misconfigured; }

@test "the shipped file is valid as it stands" {
    run -0 haproxy_valid
    [[ $output == *"Configuration file is valid"* ]]
}

@test "only /api is the program's" {
    only_api /apiary /api.json /API/public /bearer.fcgi /bearer.env
}

@test "without pass-header nobody has a token" {
    edit='/pass-header/d' new_server
    call GET /private "$(bearer good)"
    denied 401 'Not authenticated'
}

@test "what the workers are told of each request, with the certificate of a client" {
    serve() {
        local tls=$SERVER_DIR/etc/tls
        told_program && told_certificates
        start_haproxy "$UNASKED; s|^    bind .*|& ssl crt $tls/both.pem ca-file $tls/ca.pem verify optional|"
    }
    new_server
    told_is /api/private der
}

@test "workers take no connection of another host than the one named" {
    edit='s/ADDRS=127.0.0.1/ADDRS=127.0.0.2/' new_server
    call GET /public
    # Refused before (503) or after (502) the first check of a host's health.
    [[ $http_status == 50[23] ]] || wrong 'answered'
}

@test "BEARER_REQUIRE of the mount comes on top of what the endpoints require" {
    mount_requires 's/log-stderr global/&\n    set-param BEARER_REQUIRE scope=read:messages/'
}

@test "quoted values, pointers, ! and patterns of BEARER_REQUIRE arrive in HAProxy's quotes" {
    mint quoted --sub 'auth0|5f7c' --claim 'groups=["Team A","Nord Süd"]' --claim 'realm_access={"roles":["admin"]}'
    mint suspended --sub 'auth0|5f7c' --claim 'groups=["Team A","Nord Süd"]' --claim 'realm_access={"roles":["admin"]}' --claim suspended=true
    cp "$BATS_FILE_TMPDIR/jwks.json" "$BATS_TEST_TMPDIR"
    # With the key that signed these.
    cp "$BATS_FILE_TMPDIR/issuer/www/.well-known/jwks.json" "$BATS_FILE_TMPDIR"
    edit="s/log-stderr global/&\n    set-param BEARER_REQUIRE \"claim:sub~='auth0|*' claim:groups='Team A' claim:groups='Nord Süd' claim:\/realm_access\/roles=admin !claim:suspended\"/" \
        new_server
    cp "$BATS_TEST_TMPDIR/jwks.json" "$BATS_FILE_TMPDIR"
    call GET /private "$(bearer quoted)"
    same 'status of who has all' 200 "$http_status"
    for name in suspended good; do
        call GET /private "$(bearer "$name")"
        same "status of $name" 403 "$http_status"
    done
}

# look STATUS PATH: doctor, with the workers' configuration.
look() {
    doctor_clean
    CTL=$SERVER_DIR/libexec/bearerctl doctor "$1" "BEARER_CONFIG=$SERVER_DIR/etc/bearer.env" --offline "$(server_url)$2"
}

@test "D1: what the page says opens the door does, and doctor says so of its URL" {
    local lines worker path secret=$'\341\233\212'
    SERVER_DIR=$FILE_SERVER guard_backend
    lines="    http-request return status 200 content-type text/plain string $secret if { path /api/said }
    http-request redirect location http://elsewhere.test/ if { path /api/moved }
    use_backend other if { path_beg /api/ } !{ path /api/public } !{ path /api/private } !{ path /api/private-scoped }"
    edit="$UNASKED
        s/^    log-stderr global/&\n    set-param BEARER_REQUIRE scope=read:messages/
        s|^    default_backend workers|${lines//$'\n'/\\n}\n&|
        \$a backend other\n    server other 127.0.0.1:$(<"$FILE_SERVER/backend-port")" new_server
    doors_have_rows haproxy.md <<'END'
FastCGI over TCP
`http-request return` and `redirect`
Another `use_backend`
END
    # HAProxy says what is required. Who is there already says nothing of the kind.
    call GET /public
    denied 401 'Not authenticated'
    worker=$(sed -n 's/^ *server one 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$SERVER_DIR/etc/haproxy.cfg")
    run -0 "$top_builddir/fcgi-peer" "$worker" REQUEST_METHOD=GET SCRIPT_NAME=/api PATH_INFO=/public
    [[ $output == *'Status: 200 OK'*"$PUBLIC_BODY"* ]]

    API='' guard_door open /api/said
    look 2 /api/said
    says failure 'without a token: 200, everybody is let in'
    call GET /moved
    same status 302 "$http_status"
    look 2 /api/moved
    says failure 'redirects (302) to http://elsewhere.test/'

    call GET /private
    denied 401 'Not authenticated'
    for path in /api/mine /api//private /api/private%2F /api/PRIVATE; do
        guard_door open "$path"
        look 2 "$path"
        says failure 'without a token: 200, everybody is let in'
    done
    # That is seen from the endpoint, too.
    look 2 /api/private
    says failure 'doors: two slashes in the path, /api//private: 200'
}

# back: to the server of this file.
back() {
    server_remove
    SERVER_DIR=$FILE_SERVER
}

@test "the page has a table, which is what arrives" {
    guard_table /private /private-scoped
    new_server BEARER_REFRESH=external BEARER_JWKS_URI=https://issuer.example.test/jwks.json
    guard_row 'no keys' GET /private "$(bearer good)"
    back
    edit=$UNASKED new_server AUTH0_ALGORITHMS=HS256
    guard_row misconfigured GET /private "$(bearer good)"
    back
    # But that is not for long.
    edit='s/inter 1s/inter 200ms/' new_server AUTH0_ALGORITHMS=HS256
    guard_await answers_503 || wrong 'HAProxy sends requests to misconfigured workers'
    guard_row 'missing worker'
    back

    edit="$UNASKED; s/timeout server .*/timeout server 1s/" new_server
    guard_signal STOP
    call GET /private "$(bearer good)"
    guard_signal CONT
    guard_row 'hung worker'
    for host in one two; do
        _stop "$SERVER_DIR/pids/workers-$host"
    done
    guard_row 'missing worker' GET /private "$(bearer good)"
    back

    workers_that_crash
    edit=$UNASKED serve
    guard_row 'crashed worker' GET /private "$(bearer good)"
}

answers_503() {
    call GET /private "$(bearer good)"
    [[ $http_status == 503 ]]
}

# workers_that_crash: in another SERVER_DIR; each dies as soon as it has a request.
workers_that_crash() {
    server_dir
    configure
    cat >"$SERVER_DIR/libexec/bearer.fcgi" <<'END'
#!/usr/bin/perl
use Socket;
open(my $socket, '<&=0') or die;
accept(my $connection, $socket) or die;
sysread($connection, my $byte, 1);
kill 'KILL', $$;
END
    chmod 755 "$SERVER_DIR/libexec/bearer.fcgi"
}

@test "path tricks open nothing" {
    local i
    guard_tricks
    options=()
    guard_urls "${tricks[@]}"
    [[ " ${statuses[*]} " != *' 2'* ]] || wrong "without a token: ${statuses[*]}"
    guard_as good
    guard_urls "${tricks[@]}"
    for ((i = 0; i < ${#tricks[@]}; i++)); do
        [[ ${tricks[i]} != *scoped* || ${statuses[i]} != 2* ]] || guard_wrong 'without the scope' "$BATS_TEST_TMPDIR/got/$i.head"
    done
    same 'the first' 200 "${statuses[0]}"
}

# in_chunks PATH FILE: prints the answer to a POST of FILE in one chunk. A client that still sends when HAProxy has answered and
# closed may be reset; curl then no longer looks for the answer, and this one does.
in_chunks() {
    exec 6<>"/dev/tcp/127.0.0.1/$(<"$SERVER_DIR/port")"
    (
        printf 'POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n' \
            "$1" "$(bearer good)" "$(wc -c <"$2")"
        cat "$2"
        printf '\r\n0\r\n\r\n'
    ) >&6 2>/dev/null || true
    timeout 20 cat <&6 2>/dev/null | tr -d '\r' || true
    exec 6>&-
}

@test "bodies of 3 MB, on one connection; in chunks they are refused unless they fit into the buffer" {
    local answer size
    letters 3000000 >"$BATS_TEST_TMPDIR/upload"
    guard_as good
    options+=('header = "Expect:"' "data-binary = \"@$BATS_TEST_TMPDIR/upload\"")
    guard_urls /api/private /api/private
    same 'statuses' '405 405' "${statuses[*]}"
    same 'connections' '1 0' "${connects[*]}"
    # As the page of limits says.
    for size in 100000:'400 Bad request' 40000:'405 Method Not Allowed'; do
        letters "${size%%:*}" >"$BATS_TEST_TMPDIR/upload"
        answer=$(in_chunks /api/private "$BATS_TEST_TMPDIR/upload")
        same "status of chunks ($size)" "HTTP/1.1 ${size#*:}" "${answer%%$'\n'*}"
        [[ $size != *:400* ]] || guard_cell body HTML "${answer#*$'\n\n'}"
    done
}

@test "sizes of header fields" {
    call GET /private "Authorization: Bearer $(letters 46000)"
    denied 401 'The token is longer than 16 KiB' invalid_token
    call GET /private "Authorization: Bearer $(letters 48200)"
    same status 400 "$http_status"
    guard_cell body HTML "$body"
    edit='/tune.bufsize/d' new_server
    call GET /private "$(bearer long)"
    same status 400 "$http_status"
    call GET /private "Authorization: Bearer $(letters 15000)"
    denied 401 'The token is not three non-empty segments joined by dots' invalid_token
}

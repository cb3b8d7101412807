#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154  # names shared with guard-cases and http-cases
# Caddy has the endpoints and guards files, a FastCGI program and an HTTP application, with caddy-conf/Caddyfile.

bats_require_minimum_version 1.5.0
export GUARD_PROGRAMS='env:/private-php/show.php http:/private-app/show'
export GUARD_TABLE='doc/reference/answers.md:Caddy'
export GUARD_WORKERS=caddy-conf/Caddyfile MERGES_SLASHES=
# Caddy 2.6 takes capture_stderr, and does nothing of the kind.
export GUARD_SILENT=1
load ../support/guard-cases
load ../support/guard-apart
load ../support/blocks
load ../support/servers-caddy

guard_serve() {
    (umask 022 && mkdir -p "$SERVER_DIR/www/private-php" && touch "$SERVER_DIR/www/private-php/show.php")
    guard_backend
    _start php spawn-fcgi -n -s "$SERVER_DIR/run/php.socket" -M 0660 -u "$WORKER_USER" -- "$SERVER_DIR/bin/fcgi-show"
    _await php test -S "$SERVER_DIR/run/php.socket"
    # Nobody waits here for a worker that is stuck.
    start_caddy "s/read_timeout 8s/read_timeout 1s/
        $(guard_claim_edit)
        ${edit//@RUN@/$SERVER_DIR/run}"
    _await workers guard_four_workers
}

guard_claim_edit() { printf '%s\n' 's/#\(.*BEARER_CLAIM_ORG\|.*Bearer-Claim-Org\)/\1/'; }

guard_hurried_server() { guard_server; }

guard_require_edit() {
    if (($# == 0)); then
        echo 's/import bearer scope=.*/import bearer/'
    else
        echo "s/import bearer scope=.*/import bearer \"$1\"/"
    fi
}

guard_profile_edit() {
    printf '%s\n' "s/import bearer \(\"optional\"\)/import bearer_profile_require \"$1\" \1/"
}

guard_dropped_edit() {
    echo '/env BEARER_REQUIRE/d'
}

# No directive of the shipped file is needed for a long token.
guard_case_sizes() {
    local program
    guard_tricks
    call GET "${targets[0]}" "$(bearer long)"
    same 'status of a long token' 403 "$http_status"
    call GET "${targets[0]}" "$(bearer too-long)"
    same body '{"detail":"The token is longer than 16 KiB"}' "$body"
    guard_as wordy
    for program in $GUARD_PROGRAMS; do
        guard_urls "${program#*:}"
        same "status ($program)" 200 "${statuses[0]}"
        grep -q "BEARER_SUB=$(letters 11000)\$" "$BATS_TEST_TMPDIR/got/0.body" || wrong "$program: sub"
    done
    # curl sends no more than 1 MiB.
    exec 7<>"/dev/tcp/127.0.0.1/$(<"$SERVER_DIR/port")"
    printf '%s\r\n' 'GET /private/secret.txt HTTP/1.1' 'Host: localhost' >&7
    for program in {1..13}; do printf 'X-Long: %s\r\n' "$(letters 80000)" >&7; done
    printf 'X-Long: %s\r\n' "$(letters 13000)" >&7
    read -r program <&7
    exec 7>&-
    [[ $program == 'HTTP/1.1 431 '* ]] || wrong "header fields over 1 MiB: $program"
    guard_limits | grep -q '1 MiB.*431.*`max_header_size`' || wrong 'the page does not say so'
}

# Here in the file that is made: tests/cases/guard.bats.
cases guard
# Behind /private-php/ is the same guard; "on one connection" asks there, too.
@test "a secret is for nobody without a good token, by any method" { GUARD_PROGRAMS=http:/private-app/show; guard_case_walk; }
@test "path tricks open nothing" { GUARD_PROGRAMS=http:/private-app/show; guard_case_tricks; }

@test "the shipped file is valid as it stands, and the page's lines are its" {
    server_dir
    run -0 caddy_valid
    [[ $output == *"Valid configuration"* ]]
    page_block caddy.md caddyfile >"$BATS_TEST_TMPDIR/lines"
    [[ $(wc -l <"$BATS_TEST_TMPDIR/lines") -eq 6 ]]
    sed 's/^\t//; s/\t/    /g' "$top_srcdir/caddy-conf/Caddyfile" >"$BATS_TEST_TMPDIR/shipped"
    [[ $(<"$BATS_TEST_TMPDIR/shipped") == *"$(<"$BATS_TEST_TMPDIR/lines")"* ]]
}

@test "the endpoints" {
    API=/api
    case_tutorial
    same Status '' "${fields[status]-}"
    case_scope
    case_methods
    only_api /apiary /API/public /bearer.fcgi
}

@test "what the workers are told of each request, with the certificate of a client" {
    guard_four_workers() { :; } # another program is in their place
    telling=1 edit='s|^:[0-9]* {|https://localhost&\n\ttls @RUN@/../etc/tls/server.pem @RUN@/../etc/tls/server.key {\n\t\tclient_auth {\n\t\t\tmode verify_if_given\n\t\t\ttrusted_ca_cert_file @RUN@/../etc/tls/ca.pem\n\t\t}\n\t}|' \
        guard_server
    told_is /private/secret.txt der
    told_is /api/private der
}

@test "the question leaves a body to what is guarded, with GET too" {
    local program
    for program in $GUARD_PROGRAMS; do
        API='' request_body='a body' call GET "${program#*:}" "$(bearer full)"
        [[ $body == *$'\nBODY='"$(printf 'a body' | cksum)"* ]] || wrong 'not the body'
    done
    # As the page says.
    API='' request_body='a body' call POST /private-php/show.php "$(bearer full)" 'Transfer-Encoding: chunked'
    [[ $body == *$'\nCONTENT_LENGTH=-1\n'*$'\nBODY='"$(printf 'a body' | cksum)"* ]] || wrong 'not the body in chunks'
}

# answering ANSWER...: in the place of the workers one that takes each request to its end, answers the next of these, and hangs up.
answering() {
    _stop "$SERVER_DIR/pids/workers"
    cat >"$SERVER_DIR/libexec/bearer.fcgi" <<'END'
#!/usr/bin/perl
use strict;
use Socket;
sub take { my ($from, $want) = @_; my $got = ''; while (length $got < $want) { sysread($from, $got, $want - length $got, length $got) or die; } return $got; }
open(my $socket, '<&=0') or die;
open(my $list, '<', "$ENV{ANSWERS}") or die;
while (my $answer = <$list>) {
    chomp $answer;
    $answer =~ s/\\r\\n/\r\n/g;
    accept(my $connection, $socket) or die;
    while (1) {
        my (undef, $type, undef, $length, $padding) = unpack('CCnnC', take($connection, 8));
        take($connection, $length + $padding);
        last if $type == 5 && $length == 0;
    }
    syswrite($connection, pack('CCnnCC', 1, 6, 1, length $answer, 0, 0) . $answer) if length $answer;
    close($connection);
}
sleep 60;
END
    printf '%s\n' "$@" >"$SERVER_DIR/etc/answers"
    start_workers caddy-conf/Caddyfile "s|/usr/bin/multiwatch .* -- |/usr/bin/env ANSWERS=$SERVER_DIR/etc/answers |"
}

@test "what is not a whole yes is none: a worker that ends, and half an answer" {
    local all='Status: 200 OK\r\nVariable-REMOTE_USER: x\r\nVariable-AUTH_TYPE: Bearer\r\nVariable-BEARER_SUB: x\r\nVariable-BEARER_SCOPE: \r\nVariable-BEARER_PERMISSIONS: \r\nVariable-BEARER_CLIENT_ID: \r\nVariable-BEARER_ISSUER: \r\nVariable-BEARER_PROFILE: \r\nVariable-BEARER_EXP: \r\n'
    local no=('' 'Status: 200 OK\r\n' 'Status: 204 No Content\r\n\r\n' 'Status: 302 Found\r\nLocation: /public.txt\r\n\r\n' 'Content-Type: text/plain\r\n\r\n' "$all\\r\\n"
        "${all/200 OK/204 No Content}Variable-BEARER_CLAIMS: \\r\\n\\r\\n" "${all/Status: 200 OK\\r\\n/}Variable-BEARER_CLAIMS: \\r\\n\\r\\n") answer
    guard_server
    answering "${no[@]}" '' "${all}Variable-BEARER_CLAIMS: \\r\\n\\r\\n"
    for answer in "${no[@]}"; do
        call GET /private/secret.txt
        same "status after '$answer'" 502 "$http_status"
        same body '' "$body"
    done
    # Caddy logs what it asked, but for the token.
    call GET /private/secret.txt "$(bearer full)"
    server_log | grep -q 'http.log.error.*private/secret.txt' || wrong 'no error is logged'
    run ! grep -r -F -e "$(token full | cut -d. -f3)" "$SERVER_DIR/log"
    # And this one is yes, or the above shows nothing.
    guard_door open /private/secret.txt
}

@test "D13: no cache may give what was let in to the next client" {
    for path in private/secret.txt private/none.txt private-php/show.php private-app/show; do
        call GET "/$path" "$(bearer full)"
        same "Cache-Control of $path" private "${fields[cache-control]-}"
        call GET "/$path"
        same "Cache-Control of the denial of $path" no-store "${fields[cache-control]-}"
        same Status '' "${fields[status]-}"
    done
    edit='s/^\troot .*/&\n\theader Cache-Control "public, max-age=3600"/' guard_server
    call GET /private/secret.txt "$(bearer full)"
    same 'Cache-Control where the site has one' private "${fields[cache-control]-}"
    call GET /public.txt
    same 'Cache-Control of what is open' 'public, max-age=3600' "${fields[cache-control]-}"
}

@test "D2: what Connection names is asked about, and handed on" {
    local names='Bearer_Sub, Remote-User, Bearer.Sub, Authorization' name program
    for program in $GUARD_PROGRAMS; do
        for name in Bearer_Sub Remote-User Bearer.Sub; do
            guard_as full
            options+=("header = \"Connection: keep-alive, $names\"" "header = \"$name: FORGED\"")
            guard_urls "${program#*:}"
            # Debian 13's Caddy drops a header with an underscore before anybody is asked: then nobody gets it.
            if [[ $name == *_* && ${statuses[0]} == 200 ]]; then
                run ! grep -a FORGED "$BATS_TEST_TMPDIR"/got/0.{head,body}
                continue
            fi
            guard_refuses_forged
        done
    done
}

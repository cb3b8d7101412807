# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A web server that answers as a test says (answers.pl), for bats: `load ../support/answers` after servers.bash.
#
#   answers_up                          starts it, in $SERVER_DIR/answers; stop_server stops it
#   answers_url                         prints its URL
#   answer_to WHAT STATUS [FIELD...] [BODY]     what it answers from now on, to WHAT: none, token, two, long, or all of them. A last argument that begins with
#                                       { or < is the body
#   answer_as_shipped                   as bearer.fcgi does, to all
#   answer_door WHAT PATTERN            what it answers with, first of all, to heads that this matches (of perl, on each of their lines); answer_to says how
#   answer_limit OCTETS                 a head that is longer is long

: "${top_srcdir:?}"

answers_up() {
    mkdir "$SERVER_DIR/answers"
    : >"$SERVER_DIR/answers/requests"
    _start answers perl "$top_srcdir/tests/support/answers.pl" "$SERVER_DIR/answers"
    _await answers test -e "$SERVER_DIR/answers/port" || die "answers.pl does not start: $(<"$SERVER_DIR/log/answers.out")"
}

answers_url() {
    printf 'http://127.0.0.1:%s/api/private' "$(<"$SERVER_DIR/answers/port")"
}

answer_to() {
    local what=$1 status=$2 body='' head='' field
    shift 2
    for field; do
        case $field in
            '{'* | '<'*) body=$field ;;
            *) head+=$field$'\r\n' ;;
        esac
    done
    [[ $what != all ]] || what='none token two long'
    for what in $what; do
        printf 'HTTP/1.1 %s Because\r\n%sConnection: close\r\nContent-Length: %s\r\n\r\n%s' "$status" "$head" "${#body}" "$body" \
            >"$SERVER_DIR/answers/$what"
    done
}

OURS=('Content-Type: application/json' 'X-Content-Type-Options: nosniff' 'Cache-Control: no-store')
REALM='WWW-Authenticate: Bearer realm="api"'

answer_as_shipped() {
    answer_to none 401 "$REALM" "${OURS[@]}" '{"detail":"Not authenticated"}'
    answer_to token 401 "$REALM, error=\"invalid_token\", error_description=\"No\"" "${OURS[@]}" '{"detail":"No"}'
    answer_to two 400 "$REALM, error=\"invalid_request\", error_description=\"Two\"" "${OURS[@]}" '{"detail":"Two"}'
    answer_to long 431
}

answer_door() {
    printf '%s %s\n' "$1" "$2" >>"$SERVER_DIR/answers/doors"
}

answer_limit() {
    echo "$1" >"$SERVER_DIR/answers/limit"
}

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # names shared with guard-cases and http-cases
# Of guard-cases, and for others that load http-cases: the table in a server's page of what arrives at the client, read and tried row by row.

# The page has, below the heading, a Markdown table with the columns: case, status, WWW-Authenticate, body, Content-Type, Retry-After,
# and one about where it is other than "The answers" of doc/design.md. A cell is `exact`, or the words absent, number or HTML.
GUARD_ROWS='no token,bad token,expired token,two tokens,missing scope,no keys,misconfigured,crashed worker,hung worker,missing worker'

guard_rows() {
    awk -v heading="${GUARD_TABLE#*:}" '!on && index($0, heading) { on = 1; next } on && /^\|/ { table = 1; if (++n > 2) print; next } on && table { exit }' \
        "$top_srcdir/${GUARD_TABLE%%:*}"
}

# The rows that want no server of their own, or one whose keys are away; the others are tried in guard_case_require and guard_case_worker.
guard_case_table() {
    guard_tricks
    guard_table "${targets[0]}" "${targets[0]}"
    guard_server BEARER_REFRESH=external BEARER_JWKS_URI=https://issuer.example.test/jwks.json
    guard_row 'no keys' GET "${targets[0]}" "$(bearer full)"
}

# guard_table PATH SCOPED: the page has every row, and those that are about a token are tried with these two.
guard_table() {
    same 'the rows' "$GUARD_ROWS" "$(guard_rows | cut -d '|' -f 2 | sed 's/^ *//; s/ *$//' | paste -s -d ,)"
    guard_row 'no token' GET "$1"
    guard_row 'bad token' GET "$1" 'Authorization: Bearer FastAPI is awesome'
    guard_row 'expired token' GET "$1" "$(bearer expired)"
    guard_row 'two tokens' GET "$1" 'Authorization: Bearer a.b.c, Bearer d.e.f'
    guard_row 'missing scope' GET "$2" "$(bearer "${GUARD_SCOPELESS-scopeless}")"
}

# guard_row CASE [CALL...]: the row is what arrives after this call, without one what arrived last.
guard_row() {
    local name
    row_case=$1
    shift
    (($# == 0)) || call "$@"
    called="the table of ${GUARD_TABLE%%:*}, $row_case: ${called-}"
    IFS='|' read -r _ "${guard_cells[@]}" _ < <(guard_rows | grep "^| *$row_case *|") || wrong 'there is no such row'
    for name in "${guard_cells[@]}"; do
        declare -g "$name=$(sed 's/^ *//; s/ *$//' <<<"${!name}")"
    done
    guard_cell status "$row_status" "$http_status"
    guard_cell WWW-Authenticate "$row_challenge" "${fields[www-authenticate]-}"
    guard_cell body "$row_body" "$body"
    guard_cell Content-Type "$row_type" "${fields[content-type]-}"
    guard_cell Retry-After "$row_retry" "${fields[retry-after]-}"
    guard_row_deviates
}
declare -ga guard_cells=(row_case row_status row_challenge row_body row_type row_retry row_other)

# guard_cell WHAT CELL GOT
guard_cell() {
    case $2 in
        absent) same "$1" '' "$3" ;;
        number) [[ $3 =~ ^[1-9][0-9]*$ ]] || wrong "$1: expected a number, got '$3'" ;;
        HTML) [[ ${3,,} == *'<html'* && $3 != *'"detail"'* ]] || wrong "$1: expected a page, got '$3'" ;;
        '`'*'`') same "$1" "${2:1:-1}" "$3" ;;
        *) same "$1" "$2" "$3" ;;
    esac
}

# guard_row_deviates: the last cell is empty if and only if what arrives is what the Answers say. About workers that do not answer they say nothing.
guard_row_deviates() {
    # shellcheck disable=SC2016  # backquotes as in the table
    local expected detail='`{"detail":"%s"}`' got
    case $row_case in
        'no token') expected="401|\`$GOOD_CHALLENGE\`|${detail/\%s/Not authenticated}" ;;
        'bad token') expected="401|$(guard_challenge invalid_token 'The token is not three non-empty segments joined by dots')" ;;
        'expired token') expected="401|$(guard_challenge invalid_token 'The token has expired')" ;;
        'two tokens') expected="400|$(guard_challenge invalid_request 'More than one credential was sent')" ;;
        'missing scope') expected="403|\`$GOOD_CHALLENGE, error=\"insufficient_scope\", scope=\"${GUARD_SCOPE-read:files}\"\`|${detail/\%s/Required: scope=${GUARD_SCOPE-read:files}}" ;;
        'no keys') expected="503|absent|${detail/\%s/Signing keys are unavailable}" ;;
        misconfigured) expected="500|absent|${detail/\%s/Server misconfigured}" ;;
        *)
            [[ -n $row_other ]] || wrong 'the row does not say whose answer it is'
            return 0
            ;;
    esac
    expected+='|application/json|'
    if [[ $row_case == 'no keys' ]]; then expected+=number; else expected+=absent; fi
    got="$row_status|$row_challenge|$row_body|${row_type//\`/}|$row_retry"
    if [[ $got == "$expected" ]]; then
        [[ -z $row_other ]] || wrong "the row is as the Answers say, but is marked: $row_other"
    else
        [[ -n $row_other ]] || wrong "the row is not as the Answers say, and is not marked: $got; expected $expected"
    fi
}

# guard_challenge ERROR TEXT: challenge and body.
guard_challenge() {
    # shellcheck disable=SC2016
    printf '`%s, error="%s", error_description="%s"`|`{"detail":"%s"}`' "$GOOD_CHALLENGE" "$1" "$2" "$2"
}

# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # names shared with guard-cases and http-cases
# Of guard-cases: the table in a server's page of what arrives at the client, read and tried row by row.

# The page has, below the heading, a Markdown table with the columns: case, status, WWW-Authenticate, body, Content-Type, Retry-After,
# and one about where it is other than the Answers (design.md) say. A cell is `exact`, or the words absent, number or HTML.
# Cases: no token, bad token, expired token, two tokens, missing scope, no keys, misconfigured, crashed worker, missing worker.
guard_case_table() {
    local page=${GUARD_TABLE%%:*} heading=${GUARD_TABLE#*:} row seen=
    while IFS= read -r row; do
        IFS='|' read -r _ "${guard_cells[@]}" _ <<<"$row"
        guard_row
        seen+=",$row_case"
    done < <(awk -v heading="$heading" '!on && index($0, heading) { on = 1; next } on && /^\|/ { table = 1; if (++n > 2) print; next } on && table { exit }' \
        "$top_srcdir/$page")
    for row in 'no token' 'bad token' 'missing scope' 'no keys' misconfigured 'crashed worker'; do
        [[ $seen, == *",$row,"* ]] || wrong "$page: no row for: $row"
    done
}
declare -ga guard_cells=(row_case row_status row_challenge row_body row_type row_retry row_other)

guard_row() {
    local name
    for name in "${guard_cells[@]}"; do
        declare -g "$name=$(sed 's/^ *//; s/ *$//' <<<"${!name}")"
    done
    guard_row_call
    called="table, $row_case: $called"
    guard_cell status "$row_status" "$http_status"
    guard_cell WWW-Authenticate "$row_challenge" "${fields[www-authenticate]-}"
    guard_cell body "$row_body" "$body"
    guard_cell Content-Type "$row_type" "${fields[content-type]-}"
    guard_cell Retry-After "$row_retry" "${fields[retry-after]-}"
    guard_row_deviates
}

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

# guard_row_call: makes the request the row is about.
guard_row_call() {
    local target
    guard_tricks
    target=${targets[0]}
    case $row_case in
        'no token') call GET "$target" ;;
        'bad token') call GET "$target" 'Authorization: Bearer FastAPI is awesome' ;;
        'expired token') call GET "$target" "$(bearer expired)" ;;
        'two tokens') call GET "$target" "Authorization: Bearer $(token full), Bearer $(token full)" ;;
        'missing scope') call GET "$target" "$(bearer scopeless)" ;;
        'no keys')
            guard_server BEARER_REFRESH=external BEARER_JWKS_URI=https://issuer.example.test/jwks.json
            call GET "$target" "$(bearer full)"
            guard_back
            ;;
        misconfigured)
            edit=$(guard_require_edit 'scop=x') guard_server
            call GET "$target" "$(bearer full)"
            guard_back
            ;;
        'crashed worker')
            guard_server
            guard_targets_answer
            guard_crash
            cp "$BATS_TEST_TMPDIR/got/0.head" "$BATS_TEST_TMPDIR/head"
            cp "$BATS_TEST_TMPDIR/got/0.body" "$BATS_TEST_TMPDIR/body"
            read_answer
            guard_back
            ;;
        'missing worker')
            guard_server
            guard_targets_answer
            guard_remove_workers
            call GET "$target" "$(bearer full)"
            guard_back
            ;;
        *) wrong "no such case: $row_case" ;;
    esac
}

guard_back() {
    edit='' server_remove
    SERVER_DIR=$FILE_SERVER
}

# guard_row_deviates: the last cell is empty if and only if what arrives is what the Answers say. About a crashed worker they say nothing.
guard_row_deviates() {
    # shellcheck disable=SC2016  # backquotes as in the table
    local expected detail='`{"detail":"%s"}`' got
    case $row_case in
        'no token') expected="401|\`$GOOD_CHALLENGE\`|${detail/\%s/Not authenticated}" ;;
        'bad token') expected="401|$(guard_challenge invalid_token 'The token is not three non-empty segments joined by dots')" ;;
        'expired token') expected="401|$(guard_challenge invalid_token 'The token has expired')" ;;
        'two tokens') expected="400|$(guard_challenge invalid_request 'More than one credential was sent')" ;;
        'missing scope') expected="403|\`$GOOD_CHALLENGE, error=\"insufficient_scope\", scope=\"read:files\"\`|${detail/\%s/Required: scope=read:files}" ;;
        'no keys') expected="503|absent|${detail/\%s/Signing keys are unavailable}" ;;
        misconfigured) expected="500|absent|${detail/\%s/Server misconfigured}" ;;
        *) return 0 ;;
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

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # names shared with guard-cases and http-cases
# Of guard-cases, and for others that load http-cases: what arrives at the client, as doc/reference/answers.md has it, read and tried row by row.

# doc/reference/answers.md has the program's own answers, each in a block ```text below a heading that is its case, and for each server a section
# with a table: case, status, whose answer it is (ours, HTML or none), Content-Type, and where it is other than "The answers" of doc/design.md. A
# server may have a block of its own for a case.
GUARD_ROWS='no token,bad token,expired token,two tokens,missing scope,no keys,misconfigured,crashed worker,hung worker,missing worker'

# The rows of this server, with the answers in them: case, status, WWW-Authenticate, body, Content-Type, Retry-After, what is different. A cell is
# `exact`, or the words absent, number or HTML.
guard_rows() {
    awk -v server="${GUARD_TABLE#*:}" -v scope="${GUARD_SCOPE-read:files}" '
        { gsub(/read:files/, scope) }
        /^## / { on = $0 == "## " server || $0 == "## The answers of fcgi-bearer" }
        !on { next }
        /^### / { about = substr($0, 5) }
        /^```text/ { inside = 1; challenge[about] = body[about] = retry[about] = "absent"; next }
        /^```/ { inside = 0; next }
        inside && /^HTTP/ { status[about] = $2 }
        inside && sub(/^WWW-Authenticate: /, "") { challenge[about] = "`" $0 "`" }
        inside && sub(/^    /, " ") { challenge[about] = substr(challenge[about], 1, length(challenge[about]) - 1) $0 "`" }
        inside && sub(/^Content-Type: /, "") { type[about] = "`" $0 "`" }
        inside && sub(/^Retry-After: \.\.\.$/, "") { retry[about] = "number" }
        inside && /^{/ { body[about] = "`" $0 "`" }
        /^\|/ && ++n > 2 { rows[n] = $0 }
        END {
            for (i = 3; i <= n; i++) {
                split(rows[i], cell, / *\| */)
                name = cell[2]
                if (cell[4] != "ours") {
                    challenge[name] = retry[name] = "absent"
                    body[name] = cell[4] == "none" ? "absent" : cell[4]
                } else {
                    if (status[name] != cell[3]) cell[3] = cell[3] ", but above " status[name]
                    if (type[name] != cell[5] && cell[6] == "") cell[5] = cell[5] ", but above " type[name]
                }
                printf "| %s | %s | %s | %s | %s | %s | %s |\n", name, cell[3], challenge[name], body[name], cell[5], retry[name], cell[6]
            }
        }' "$top_srcdir/${GUARD_TABLE%%:*}"
}

# guard_limits: the rows of this server in the page about limits.
guard_limits() {
    local server=${GUARD_TABLE#*:}
    sed -n "/^## ${server%%:*}\$/,/^## /p" "$top_srcdir/doc/reference/limits.md" | grep '^|'
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

# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev demo --once: the calls a reader of the tutorial makes, and what is right for an answer.

wrong=0
calls=0

# call TITLE PATH CREDENTIALS STATUS BODY [CHALLENGE]: makes it, shows it and judges it. BODY is exactly the body, or a
# pattern if it holds a `*`; CHALLENGE a pattern for WWW-Authenticate, which otherwise must not be there.
call() {
    calls=$((calls + 1))
    printf '\n%s%d. %s%s\n' "$bold" "$calls" "$1" "$plain"
    set -- "$2" "$3" "$4" "$5" "${6-}"
    if [ -n "$2" ]; then
        printf "    \$ curl -i %s -H 'Authorization: %s'\n" "$url$1" "$(short "$2")"
        status=$(request -D "$state_dir/head" -o "$state_dir/body" -w '%{http_code}' \
            -H "Authorization: $2" "$url$1") || true
    else
        printf '    $ curl -i %s\n' "$url$1"
        status=$(request -D "$state_dir/head" -o "$state_dir/body" -w '%{http_code}' "$url$1") || true
    fi
    body=$(cat "$state_dir/body" 2>/dev/null)
    challenge=$(tr -d '\r' <"$state_dir/head" | sed -n 's/^[Ww][Ww][Ww]-[Aa]uthenticate: //p')
    tr -d '\r' <"$state_dir/head" | grep -v '^$' | sed 's/^/    < /'
    printf '    < \n    < %s\n' "$body"
    rm -f "$state_dir/head" "$state_dir/body"
    if expect "status" "$status" "$3" && expect "body" "$body" "$4" && expect "WWW-Authenticate" "$challenge" "$5"; then
        good "right"
    else
        wrong=$((wrong + 1))
    fi
}

# short CREDENTIALS: a token is too long to look at.
short() {
    printf '%.36s' "$1"
    [ ${#1} -le 36 ] || printf '...'
}

# claims_of TOKEN: the payload, the very bytes that were signed.
claims_of() {
    payload=$(printf '%s' "$1" | cut -d. -f2 | tr -- '-_' '+/')
    while [ $((${#payload} % 4)) -ne 0 ]; do
        payload=$payload=
    done
    printf '%s' "$payload" | base64 -d
}

make_calls() {
    plain_token=$(token)
    scoped_token=$(token --scope read:messages)

    call "Public: everybody may" /public '' 200 \
        '{"status":"success","msg":"Hello from a public endpoint! You don'\''t need to be authenticated to see this."}'
    call "Private, without a token" /private '' 401 '{"detail":"Not authenticated"}' 'Bearer realm="api"'
    call "Private, with something that is no token" /private 'Bearer FastAPI is awesome' 401 '{"detail":"?*"}' \
        'Bearer realm="api", error="invalid_token", error_description="?*"'
    call "Private, with a token: its claims" /private "Bearer $plain_token" 200 "$(claims_of "$plain_token")"
    call "Needs a scope, and the token has none" /private-scoped "Bearer $plain_token" 403 '{"detail":"?*"}' \
        'Bearer realm="api", error="insufficient_scope"*scope="read:messages"*'
    call "Needs a scope, and the token has it" /private-scoped "Bearer $scoped_token" 200 "$(claims_of "$scoped_token")"
    call_together
}

# call_together: so that every worker gets something to do. (curl shows a meter on stderr here, --silent or not.)
call_together() {
    calls=$((calls + 1))
    printf '\n%s%d. Sixteen private calls at once, for four workers%s\n' "$bold" "$calls" "$plain"
    statuses=$(request --parallel --parallel-immediate --parallel-max 16 -o /dev/null -w '%{http_code} ' \
        -H "Authorization: Bearer $plain_token" "$url/private?[1-16]" 2>/dev/null) || true
    note "$statuses"
    if expect "statuses" "$statuses" "$(printf '200 %.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)"; then
        good "right"
    else
        wrong=$((wrong + 1))
    fi
}

# report_calls: after the server has stopped, and so has written its logs.
report_calls() {
    calls=$((calls + 1))
    step "Fetches of the signing keys over HTTPS, for all those calls and workers: ${fetches:-0}"
    expect "number of fetches" "${fetches:-0}" 1 || wrong=$((wrong + 1))
    [ -z "${left_over-}" ] || wrong=$((wrong + 1))
    [ "$wrong" -eq 0 ] || die "$wrong of $calls answers were wrong (see above)"
    good "All $calls answers were right."
}

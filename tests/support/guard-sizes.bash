# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # names shared with guard-cases and http-cases
# Of guard-cases: how long a token may be, and what of a server's is in its way.

# A token as long as one may be arrives, and so do its claims; one too long is refused by name, and a field too long for the server by that.
# Without the directive of the shipped file the server is in the way of it.
guard_case_sizes() {
    local directive=${GUARD_FIELD%%:*} status=${GUARD_FIELD#*:} program in
    guard_tricks
    if [[ -n $directive ]]; then
        call GET "${targets[0]}" "$(bearer long)"
        same 'status of a long token' 403 "$http_status"
        same body '{"detail":"Required: scope=read:files"}' "$body"
        call GET "${targets[0]}" "$(bearer too-long)"
        same 'status of one too long' 401 "$http_status"
        same body "{\"detail\":\"${GUARD_TOO_LONG-The token is longer than 16 KiB}\"}" "$body"
        guard_field_too_long 26000
        for program in $GUARD_PROGRAMS; do
            in=
            [[ $program != http:* ]] || in=HTTP_
            guard_as wordy
            guard_urls "${program#*:}"
            same "status ($program)" "${GUARD_WORDY-200}" "${statuses[0]}"
            [[ ${statuses[0]} != 200 ]] || same "$program: sub" "$(letters 11000)" "$(guard_shown "${in}BEARER_SUB")"
        done
        guard_limits | grep -q "24 KiB.*$status.*\`$directive\`" || wrong "the page does not say $directive"
        edit="/^ *$directive/d" guard_server
    fi
    guard_field_too_long 17000
    call GET "${targets[0]}" "Authorization: Bearer $(letters 6000)"
    same 'status of a token not so long' 401 "$http_status"
}

# guard_field_too_long SIZE
guard_field_too_long() {
    call GET "${targets[0]}" "Authorization: Bearer $(letters "$1")"
    same "status of a field of $1" "$status" "$http_status"
    [[ $body != *detail* ]] || wrong 'that was the program'
}

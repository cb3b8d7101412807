# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # names shared with guard-cases and http-cases
# Of guard-cases: what guarded programs are told of profiles, where a location names several.
: "${top_srcdir:?}"

# guard_other_profile: a second one, `other`, before the server starts.
guard_other_profile() (
    umask 022
    mkdir "$SERVER_DIR/etc/profiles"
    printf '%s\n' AUTH0_ISSUER=https://other.example/ AUTH0_API_AUDIENCE=other "BEARER_JWKS_URI=file://$SERVER_DIR/etc/jwks.json" \
        'BEARER_FORWARD_CLAIMS=elsewhere' >"$SERVER_DIR/etc/profiles/other.env"
    echo "BEARER_PROFILES=$SERVER_DIR/etc/profiles" >>"$SERVER_DIR/etc/bearer.env"
)

# A program is told the one that decided, not those that were named; and nobody's is none.
guard_case_profile() {
    local program
    naming=1 edit="$(guard_require_edit optional)
        $(guard_profile_edit 'other default')" guard_server
    for program in $GUARD_PROGRAMS; do
        guard_told_profile "$program"
    done
}

# guard_told_profile PROGRAM: of that, for a good token and for nobody.
guard_told_profile() {
    local in=
    [[ $1 != http:* ]] || in=HTTP_
    guard_as full
    guard_urls "${1#*:}"
    same "status ($1)" 200 "${statuses[0]}"
    same "$1: profile" default "$(guard_shown "${in}BEARER_PROFILE")"
    same "$1: a claim of its own" 'Team\u0020A b' "$(guard_shown "${in}BEARER_CLAIM_ORG")"
    same "$1: a claim of the other's" '' "$(guard_shown "${in}BEARER_CLAIM_ELSEWHERE")"
    [[ -n $in ]] || same "$1: REMOTE_USER" "auth0|a b\\u00221@$ISSUER" "$(guard_shown REMOTE_USER)"
    guard_as none
    guard_urls "${1#*:}"
    same "status ($1, nobody)" 200 "${statuses[0]}"
    same "$1: profile of nobody" '' "$(guard_shown "${in}BEARER_PROFILE")"
}

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# HTTPS servers that misbehave, for bats: `load ../support/bad-https` after keycache.bash. issuer_up comes first: the good answer is its document,
# and its authority signs the certificates.
#
#   bad_https_up NAME           starts one in $SERVER_DIR/NAME that behaves well; stop_server stops it
#   bad_https_uri NAME [PATH]   prints the URI of the keys there (PATH: jwks.json unless given)
#   connects NAME HOW...        what it does with connections from now on, see bad-https.mjs
#   answers NAME HOW...         and with requests for jwks.json
#   answers_for NAME PATH HOW...    for another path
#   asked NAME                  prints how many requests have come
#   connected NAME              prints how many connections have come

: "${top_srcdir:?}"

bad_https_up() {
    local dir=$SERVER_DIR/$1
    mkdir "$dir" "$dir/answer"
    ln -s "$KEYS/ca" "$dir/ca"
    : >"$dir/requests"
    : >"$dir/connections"
    connects "$1" tls server
    answers "$1" good
    _start "$1" "$(_program node)" "$top_srcdir/tests/support/bad-https.mjs" "$dir" "$KEYS/www/.well-known/jwks.json"
    _await "$1" test -e "$dir/port" || die "the HTTPS server $1 does not start: $(<"$SERVER_DIR/log/$1.out")"
}

bad_https_uri() {
    printf 'https://localhost:%s/%s' "$(<"$SERVER_DIR/$1/port")" "${2-jwks.json}"
}

connects() {
    printf '%s\n' "${*:2}" >"$SERVER_DIR/$1/connection"
}

answers() {
    answers_for "$1" jwks.json "${@:2}"
}

answers_for() {
    printf '%s\n' "${*:3}" >"$SERVER_DIR/$1/answer/$2"
}

asked() {
    wc -l <"$SERVER_DIR/$1/requests"
}

connected() {
    wc -l <"$SERVER_DIR/$1/connections"
}

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Issuers, their keys and their tokens, for bats: `load ../support/issuer`. Needs top_builddir (absolute).
#
#   issuer ARGUMENT...               bearer-issuer, as no web server would start it
#   token_part N TOKEN               prints the header (1) or the claims (2) as they were signed
#   token_kid TOKEN                  prints its kid
#   jwks_kids DIR                    prints the published kids, one in a line, in their order
#   public_key DIR KID FILE          writes the public half of a key of the issuer in DIR as PEM, by certtool
#   second_opinion DIR TOKEN         what libjwt says about it, with the key it names: prints accepted or refused

: "${top_builddir:?}"

# shellcheck source=tests/support/untraced.bash
. "${top_srcdir:?}/tests/support/untraced.bash"

issuer() {
    "$top_builddir/bearer-issuer" "$@" </dev/null
}

token_part() {
    local part
    part=$(cut -d . -f "$1" <<<"$2" | tr -d '\n' | tr -- '-_' '+/')
    while ((${#part} % 4)); do part+='='; done
    base64 -d <<<"$part"
}

token_kid() {
    token_part 1 "$1" | sed 's/.*"kid":"\([^"]*\)".*/\1/'
}

jwks_kids() {
    grep -o '"kid":"[^"]*"' "$1/www/.well-known/jwks.json" | cut -d '"' -f 4
}

public_key() {
    certtool --load-privkey "$1/private/$2.pem" --pubkey-info --outfile "$3" </dev/null
}

second_opinion() {
    local kid pem
    kid=$(token_kid "$2") || return
    pem=$BATS_TEST_TMPDIR/$kid.public.pem
    [[ -e $pem ]] || public_key "$1" "$kid" "$pem" || return
    "$top_builddir/jwt-opinion" "$pem" <<<"$2"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A second, independent opinion: what libjwt says about good RS256 and ES256 tokens, and about ones with a broken signature, is what we say.
# (On other tokens the two differ on purpose: libjwt takes what we refuse.)

bats_require_minimum_version 1.5.0
load ../support/issuer

: "${top_builddir:?}"

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

# ours ALG TOKEN: "accepted" or "refused", by a worker that trusts the issuer in ./i.
ours() {
    local answer
    answer=$(env -i BEARER_CONFIG= AUTH0_ISSUER=https://localhost/ AUTH0_API_AUDIENCE=api AUTH0_ALGORITHMS="$1" \
        BEARER_JWKS_URI="file://$PWD/i/www/.well-known/jwks.json" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET \
        PATH_INFO=/private HTTP_AUTHORIZATION="Bearer $2" "$top_builddir/bearer.fcgi" </dev/null 2>/dev/null)
    case $answer in
        'Status: 200 OK'*) echo accepted ;;
        'Status: 401 Unauthorized'*'signature is not valid'*) echo refused ;;
        *) printf '%s\n' "$answer" ;;
    esac
}

# both ALG TOKEN WANTED: what we say, and what libjwt says.
both() {
    local we they
    we=$(ours "$1" "$2")
    they=$(second_opinion i "$2" || true)
    [[ $we == "$3" && $they == "$3" ]] || {
        printf 'wanted %s; we say %s, libjwt says %s\n' "$3" "$we" "$they" >&2
        return 1
    }
}

# flipped TOKEN N: with another character at place N of the signature.
flipped() {
    local head=${1%.*} signature=${1##*.} other=A
    [[ ${signature:$2:1} != A ]] || other=B
    printf '%s.%s%s%s\n' "$head" "${signature:0:$2}" "$other" "${signature:$2+1}"
}

agree() {
    local alg=$1 token place sub
    issuer init i --issuer https://localhost/ --alg "$alg" >kid
    chmod 0755 .
    for sub in short "$(printf 'x%.0s' {1..400})" 'Zoë "quoted" \ ☃'; do
        token=$(issuer token i --aud api --aud other --sub "$sub" --scope 'a b' --claim 'n={"a":[1,2,{"b":null}]}')
        both "$alg" "$token" accepted
    done
    for place in 0 1 20 40 60 80; do
        both "$alg" "$(flipped "$token" "$place")" refused
    done
}

@test "RS256: good tokens and broken signatures, one opinion" { agree RS256; }

@test "ES256: good tokens and broken signatures, one opinion" { agree ES256; }

@test "two keys after a rotation: each token by the key it names, one opinion" {
    local old new
    issuer init i --issuer https://localhost/ >kid
    chmod 0755 .
    old=$(issuer token i --aud api)
    issuer rotate i >kid
    new=$(issuer token i --aud api)
    [[ $(token_kid "$old") != $(token_kid "$new") ]]
    both RS256 "$old" accepted
    both RS256 "$new" accepted
}

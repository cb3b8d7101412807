# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A private certificate authority for the tests, made with GnuTLS's certtool. For bats: `load ../support/ca`.
#
#   ca_make DIR                      DIR (0700) with ca.pem, ca.key and the server's server.pem, server.key
#   ca_cert DIR NAME [--expired | --not-yet | --wrong-name | --other-ca | --self-signed | --client]
#                                    DIR/NAME.pem, DIR/NAME.key, for localhost and 127.0.0.1, signed by DIR's authority;
#                                    good, or with the one fault named (--other-ca: signed by DIR/other-ca.pem instead);
#                                    --client: a client's, whose name is admin
#
# Keys are P-256 and 0600, certificates 0644, both valid from three days ago to in two days.

ca_make() {
    mkdir -p "$1" && chmod 700 "$1" && _ca_authority "$1" ca && ca_cert "$1" server
}

ca_cert() {
    local dir=$1 name=$2 authority=ca host=localhost address=127.0.0.1 purpose=tls_www_server
    local validity
    validity=$(_ca_validity)
    case ${3-} in
        '') ;;
        --expired) validity=$'activation_date = "2001-01-01 00:00:00"\nexpiration_date = "2001-01-02 00:00:00"' ;;
        --not-yet) validity=$'activation_date = "2101-01-01 00:00:00"\nexpiration_date = "2101-01-02 00:00:00"' ;;
        --wrong-name) host=elsewhere.test address=192.0.2.1 ;;
        --other-ca)
            authority=other-ca
            [[ -e $dir/other-ca.pem ]] || _ca_authority "$dir" other-ca || return
            ;;
        --self-signed) authority= ;;
        --client) host=admin purpose=tls_www_client ;;
        *)
            echo "ca_cert: unknown option $3" >&2
            return 64
            ;;
    esac
    printf '%s\n' "cn = \"$host\"" "dns_name = \"$host\"" "ip_address = \"$address\"" "$validity" \
        "$purpose" signing_key >"$dir/$name.tmpl"
    _ca_key "$dir/$name.key" || return
    if [[ -z $authority ]]; then
        _ca_certtool --generate-self-signed --template "$dir/$name.tmpl" --load-privkey "$dir/$name.key" --outfile "$dir/$name.pem"
    else
        _ca_certtool --generate-certificate --template "$dir/$name.tmpl" --load-privkey "$dir/$name.key" \
            --load-ca-certificate "$dir/$authority.pem" --load-ca-privkey "$dir/$authority.key" \
            --outfile "$dir/$name.pem"
    fi
}

# _ca_authority DIR NAME: a self-signed certificate that may sign others.
_ca_authority() {
    printf '%s\n' "cn = \"fcgi-bearer test $2\"" "$(_ca_validity)" ca cert_signing_key crl_signing_key >"$1/$2.tmpl"
    _ca_key "$1/$2.key" &&
        _ca_certtool --generate-self-signed --template "$1/$2.tmpl" --load-privkey "$1/$2.key" --outfile "$1/$2.pem"
}

_ca_validity() {
    date -u -d '3 days ago' '+activation_date = "%F %T"'
    date -u -d '2 days' '+expiration_date = "%F %T"'
}

_ca_key() {
    (umask 077 && _ca_certtool --generate-privkey --key-type ecdsa --curve secp256r1 --outfile "$1")
}

# certtool tells on stderr all it does: kept back unless it fails.
_ca_certtool() {
    local said
    said=$(certtool "$@" </dev/null 2>&1) || {
        printf 'certtool %s\n%s\n' "$*" "$said" >&2
        return 1
    }
}

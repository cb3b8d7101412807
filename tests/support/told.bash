# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # names of http-cases
# What a server says to the workers about a request, by TLS with the certificate of a client. `load ../support/told` after guard-cases or http-cases.
#
#   told_program              before the server starts: in the place of bearer.fcgi a program that lets everybody in, and notes what it is asked
#   told_certificates         makes etc/tls: ca.pem, server.pem and .key, and client.pem and .key
#   told_apache KIND          what an Apache with endpoints, as start_apache has them, tells
#   told_ask PATH [OPTION...] asks for it with the client's certificate, by curl with these options
#   told NAME                 prints what it was told of that, a line for each question; nothing where it was told nothing
#   told_certificate FORM     prints the client's certificate in a FORM of servers (pem, escaped, der), newlines as \\n
#   told_is PATH FORM         asks for PATH?x=y, and fails unless each question has the path, the certificate in that FORM, and one name for the
#                             request, which no other request has
: "${top_builddir:?}" "${SERVER_DIR=}"
load ../support/ca

told_program() {
    cat >"$SERVER_DIR/bearer.new" <<END
#!/bin/sh
if [ -n "\${GATEWAY_INTERFACE-}" ]; then
    { env -0 | sed -z 's/\\n/\\\\n/g' | tr '\\0' '\\n' && echo; } >>'$SERVER_DIR/log/told'
    printf 'Content-Type: text/plain\\r\\n\\r\\n'
    exit
fi
exec '$top_builddir/fcgi-show' '$SERVER_DIR/log/told'
END
    install -m 755 "$SERVER_DIR/bearer.new" "$SERVER_DIR/libexec/bearer.fcgi"
    install -m 666 /dev/null "$SERVER_DIR/log/told"
}

told_certificates() {
    ca_make "$SERVER_DIR/etc/tls"
    ca_cert "$SERVER_DIR/etc/tls" client --client
    cat "$SERVER_DIR"/etc/tls/server.{pem,key} >"$SERVER_DIR/etc/tls/both.pem"
    chmod -R a+rX "$SERVER_DIR/etc/tls"
    chmod 644 "$SERVER_DIR"/etc/tls/*.key
}

told_apache() {
    local told_kind=$1
    # shellcheck disable=SC2317  # new_server calls it
    serve() {
        told_program && told_certificates
        # shellcheck disable=SC2016  # Apache's names
        printf '%s\n' 'LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so' \
            'LoadModule unique_id_module /usr/lib/apache2/modules/mod_unique_id.so' 'SSLEngine On' \
            'SSLCertificateFile "${FB_DIR}/etc/tls/server.pem"' 'SSLCertificateKeyFile "${FB_DIR}/etc/tls/server.key"' \
            'SSLCACertificateFile "${FB_DIR}/etc/tls/ca.pem"' 'SSLVerifyClient optional' >"$SERVER_DIR/etc/apache.d/a-tls.conf"
        start_apache "$told_kind"
    }
    new_server
    told_is /api/private pem
}

told_ask() {
    local path=$1 tls=$SERVER_DIR/etc/tls port
    shift
    port=$(<"$SERVER_DIR/port")
    called="told_ask $path"
    : >"$SERVER_DIR/log/told"
    curl -q --silent --show-error --noproxy '*' --max-time 20 --cacert "$tls/ca.pem" --cert "$tls/client.pem" --key "$tls/client.key" \
        -D "$BATS_TEST_TMPDIR/head" -o "$BATS_TEST_TMPDIR/body" --resolve "localhost:$port:127.0.0.1" "$@" "https://localhost:$port$path"
}

told() {
    sed -n "s/^$1=//p" "$SERVER_DIR/log/told"
}

told_certificate() {
    local tls=$SERVER_DIR/etc/tls
    case $1 in
        pem) openssl x509 -in "$tls/client.pem" | sed ':a;N;$!ba;s/\n/\\n/g' ;;
        escaped) openssl x509 -in "$tls/client.pem" | "$(_program node)" -e 'process.stdout.write(encodeURIComponent(require("fs").readFileSync(0, "utf8")))' ;;
        der) openssl x509 -in "$tls/client.pem" -outform DER | base64 -w 0 ;;
    esac
}

told_is() {
    local name
    told_ask "$1?x=y"
    same REQUEST_URI "$1?x=y" "$(told REQUEST_URI | sort -u)"
    same SSL_CLIENT_CERT "$(told_certificate "$2")" "$(told SSL_CLIENT_CERT | sort -u | sed 's/\\n$//')"
    name=$(told BEARER_REQUEST_ID | sort -u)
    [[ $name =~ ^[0-9A-Za-z@_-]{16,}$ ]] || wrong "one name for the request: '$name'"
    told_ask "$1"
    [[ $(told BEARER_REQUEST_ID | sort -u) != "$name" ]] || wrong 'two requests have one name'
    # Nobody else's.
    told_ask "$1" -H 'Bearer-Request-Id: FORGED' -H 'Request-Id: FORGED' -H 'X-Request-Id: FORGED' -H 'Unique-Id: FORGED' -H 'Ssl-Client-Cert: FORGED'
    [[ $(told BEARER_REQUEST_ID)$(told SSL_CLIENT_CERT) != *FORGED* ]] || wrong 'a client says it'
}

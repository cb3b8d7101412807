# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # issuer and top_srcdir are page.sh's
# For page.sh, as BEFORE: the tenant is the OpenID provider of the tests, https://localhost:PORT, and what
# is configured so answers at http://localhost/api, behind lighttpd. The test has called page_oidc_make.
#
#   page_oidc_make      before page.sh: the provider is there, with a certificate in $DOC_DIR/provider
#   browse ADDRESS      a user opens it and logs in; prints the address at which the browser ends

# shellcheck source=tests/support/oidc.bash
. "$top_srcdir/tests/support/oidc.bash"
# shellcheck source=tests/support/ca.bash
. "$top_srcdir/tests/support/ca.bash"

page_oidc_make() {
    oidc_install
    [[ -e $DOC_DIR/provider/ca.pem ]] || ca_make "$DOC_DIR/provider"
}

browse() {
    sh "$top_srcdir/tests/oidc/browse.sh" "$DOC_DIR/provider/ca.pem" "$1"
}

page_oidc_begin() {
    oidc_start "$DOC_DIR/provider" https://api.example.test/
    install -m 644 "$DOC_DIR/provider/ca.pem" /etc/fcgi-bearer
    install -d -o www-data -g www-data -m 700 /var/cache/fcgi-bearer
    echo 'cacert = /etc/fcgi-bearer/ca.pem' >>/run/.curlrc
    printf '%s\n' "AUTH0_ISSUER=$OIDC_ISSUER" AUTH0_API_AUDIENCE=https://api.example.test/ \
        BEARER_CA_FILE=/etc/fcgi-bearer/ca.pem BEARER_CACHE_DIR=/var/cache/fcgi-bearer >/etc/fcgi-bearer/bearer.env
    issuer="s|^AUTH0_DOMAIN=.*|AUTH0_ISSUER=$OIDC_ISSUER\nBEARER_CA_FILE=/etc/fcgi-bearer/ca.pem\nBEARER_CACHE_DIR=/var/cache/fcgi-bearer|
        s|your-tenant.eu.auth0.com|localhost:$OIDC_PORT|; s|https://your-api.example/|https://api.example.test/|g
        s|https://your-site.example/|http://localhost/|; s|^client_id=YOUR_CLIENT_ID&client_secret=.*|client_id=RS256\&client_secret=secret|
        s|^client_id=YOUR_CLIENT_ID\$|client_id=native|; s|^read -r address\$|address=\$(browse \"\$address\")|"
    cp "$top_srcdir/lighttpd-conf/fcgi-bearer.conf" /etc/lighttpd/conf-enabled/50-fcgi-bearer.conf
    systemctl restart lighttpd
}

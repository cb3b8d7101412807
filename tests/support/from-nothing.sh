#!/bin/bash
# SPDX-License-Identifier: MIT
# from-nothing.sh PAGE DIRECTORY URL: for doc.bats. Does what the page in doc/ says under "From nothing ...", line by line, as a reader would in that
# directory of the source, and then asks for URL (behind http://localhost) without a token and with one; each answer ends with " <STATUS>".
#
# To be run as root in namespaces of its own (unshare --mount --net --pid): it mounts another /etc, /var ..., where Debian's packages have just
# been installed, and so have the programs of $top_builddir; $DOC_DIR has jwks.json and token. May be set:
#   BLOCKS    how many blocks of lines there are, 1 unless set; a block that is no commands comes after those
#   CHANGE    a sed script over the lines, for what the page says in words
#   BEFORE    commands that come before: what there is around the machine
#   EDIT      a sed script over a file that the lines open in an editor, but bearer.env, which gets the issuer of the tests
set -euo pipefail
: "${top_srcdir:?}" "${top_builddir:?}" "${DOC_DIR:?}"
export EDIT=${EDIT-}

# keep: what is read from here on stays in reach wherever it lies, also below a directory that machine() hides.
keep() {
    exec 5<"$top_srcdir" 6<"$top_builddir" 7<"$DOC_DIR"
    mount -t tmpfs -o mode=755 tmpfs /mnt
    mkdir /mnt/{srcdir,builddir,doc}
    mount --no-canonicalize --bind /proc/self/fd/5 /mnt/srcdir
    mount --no-canonicalize --bind /proc/self/fd/6 /mnt/builddir
    mount --no-canonicalize --bind /proc/self/fd/7 /mnt/doc
    exec 5<&- 6<&- 7<&-
    top_srcdir=/mnt/srcdir top_builddir=/mnt/builddir DOC_DIR=/mnt/doc
    unset TMPDIR
}

machine() {
    local dir prefix sysconf
    keep
    cp -a /etc /mnt/etc
    mkdir /mnt/dpkg
    mount --bind /var/lib/dpkg /mnt/dpkg
    mount --bind /mnt/etc /etc
    for dir in /var /run /srv /usr/libexec /usr/local; do
        mount -t tmpfs -o mode=755 tmpfs "$dir"
    done
    install -d -m 1777 /var/tmp
    mkdir -p /run/lock /var/{lib/{apache2,dpkg,haproxy,nginx},log/{apache2,nginx},www/html} /etc/fcgi-bearer
    ln -s /run/lock /var/lock
    install -d -o www-data -g www-data /run/lighttpd /var/log/lighttpd /var/cache/lighttpd{,/uploads} /var/lib/apache2/fcgid
    mount --bind /mnt/dpkg /var/lib/dpkg
    ip link set lo up

    # Where the pages have it; a build for another prefix finds it, too.
    prefix=$(sed -n 's/^prefix = //p' "$top_builddir/Makefile")
    sysconf=$(sed -n "s|^sysconfdir = ||; s|^\${prefix}|$prefix|; T; p" "$top_builddir/Makefile")
    install -d /usr/libexec/fcgi-bearer "$prefix/bin"
    install -m 755 "$top_builddir/bearer.fcgi" /usr/libexec/fcgi-bearer
    install -m 755 "$top_builddir/bearerctl" "$prefix/bin"
    link /usr/libexec/fcgi-bearer "$prefix/libexec/fcgi-bearer"
    link /etc/fcgi-bearer "${sysconf:-/etc}/fcgi-bearer"
    install -m 644 "$DOC_DIR/jwks.json" /etc/fcgi-bearer
    PATH=$PATH:$prefix/bin:/usr/sbin:/sbin
}

# link FROM TO: no symbolic one, for which the programs would not fall.
link() {
    [[ $1 == "$2" ]] || { mkdir -p "$2" && mount --bind "$1" "$2"; }
}

# lines PAGE: the first $BLOCKS blocks of the section.
lines() {
    awk -v blocks="${BLOCKS-1}" '/^## / { on = /^## From nothing/ } !on { next }
        /^    / { print substr($0, 5); inside = 1; next }
        /^./ && inside { inside = 0; if (++n == blocks) exit }' "$top_srcdir/doc/$1" | sed -e "${CHANGE-}"
}

# --- what stands in for apt, for a person and for systemd

apt-get() {
    local status
    [[ $1 == install ]] || return
    shift
    for status in $(dpkg-query -W -f '${db:Status-Status} ' "$@"); do
        [[ $status == installed ]] || return
    done
}

editor() {
    if [[ $1 == */bearer.env ]]; then
        printf '%s\n' AUTH0_ISSUER=https://issuer.example.test/ AUTH0_API_AUDIENCE=https://api.example.test/ \
            BEARER_JWKS_URI=file:///etc/fcgi-bearer/jwks.json >"$1"
    else
        sed -i -e "$EDIT" "$1"
    fi
}

systemctl() {
    case $2 in
        lighttpd) lighttpd -f /etc/lighttpd/lighttpd.conf ;;
        nginx) nginx ;;
        apache2) apachectl start ;;
        caddy) HOME=/run caddy start --adapter caddyfile --config /etc/caddy/Caddyfile ;;
        haproxy) haproxy -D -f /etc/haproxy/haproxy.cfg ;;
        *) return 1 ;;
    esac
}
export -f apt-get editor systemctl

machine
cp -r "$top_srcdir/$2" /run/here
cd /run/here
echo 'the secret' >secret.txt
install -D -m 644 secret.txt /srv/www/private/secret.txt
install -D -m 644 secret.txt /var/www/html/guarded/secret.txt
TOKEN=$(<"$DOC_DIR/token")
export TOKEN PATH
eval "${BEFORE-}"
{ echo 'set -euo pipefail' && lines "$1"; } >/run/lines
bash /run/lines
for header in 'X-Nothing: x' "Authorization: Bearer $TOKEN"; do
    curl -q --silent --noproxy '*' --max-time 10 --retry 20 --retry-connrefused --retry-max-time 20 -w ' <%{http_code}>\n' -H "$header" "http://localhost$3"
done

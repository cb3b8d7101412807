# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A machine on which a page of doc/ is tried, for page.sh: another /etc, /var ..., where Debian's packages
# have just been installed, and so have the programs of $top_builddir. Run as root in namespaces of
# its own (unshare --mount --net --pid). $DOC_DIR has jwks.json and token of the tests' issuer.
#
#   machine     makes it; $top_srcdir, $top_builddir and $DOC_DIR lie elsewhere after it
#   apt-get, editor, systemctl      stand in for Debian's archive, for a person and for systemd

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

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A machine on which a page of doc/ is tried, for page.sh: another /etc, /var ..., where Debian's packages
# have just been installed, and so have the programs of $top_builddir. Run as root in namespaces of
# its own (unshare --mount --net --pid). $DOC_DIR has jwks.json and token of the tests' issuer.
#
#   machine     makes it; $top_srcdir, $top_builddir and $DOC_DIR lie elsewhere after it
#   apt-get, editor, systemctl, journalctl      stand in for Debian's archive, for a person and for systemd

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
    mkdir /mnt/{dpkg,libexec}
    mount --bind /var/lib/dpkg /mnt/dpkg
    mount --bind /usr/libexec /mnt/libexec
    mount --bind /mnt/etc /etc
    for dir in /var /run /srv /root /home /usr/libexec /usr/local; do
        mount -t tmpfs -o mode=755 tmpfs "$dir"
    done
    find /mnt/libexec -mindepth 1 -maxdepth 1 ! -name fcgi-bearer -exec ln -s -t /usr/libexec {} + # Debian 13's compiler lives there
    install -d -m 1777 /var/tmp
    mkdir -p /run/{haproxy,lock} /var/{lib/{apache2,dpkg,haproxy,nginx},log/{apache2,nginx},www/html} /etc/fcgi-bearer
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

# --- what stands in for apt, for a person and for systemd, whose units are those in /etc/systemd/system

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

# systemctl ACTION [--now] UNIT...: what is enabled without --now is not started; what is reloaded is started anew.
systemctl() {
    local action=$1 unit
    shift
    case $action:${1-} in
        enable:--now | disable:--now) shift ;;
        enable:* | disable:* | daemon-reload:*) return ;;
    esac
    for unit; do
        case $action in
            stop | disable) unit_stop "${unit%.service}" ;;
            enable | start) unit_start "${unit%.service}" ;;
            restart | reload) unit_stop "${unit%.service}" && unit_start "${unit%.service}" ;;
            *) return 1 ;;
        esac
    done
}

# journalctl ... -u UNIT: what it has said.
journalctl() {
    cat "/run/journal.${*: -1}"
}

unit_start() {
    case $1 in
        lighttpd) lighttpd -f /etc/lighttpd/lighttpd.conf ;;
        nginx) nginx ;;
        apache2) apachectl start >/run/journal.apache2 2>&1 ;;
        caddy) unit_caddy ;;
        haproxy) unit_haproxy ;;
        fcgi-bearer-refresh | fcgi-bearer-refresh.timer) unit_refresh ;;
        fcgi-bearer*) unit_workers "${1%.socket}" ;;
        stunnel@*) stunnel "/etc/stunnel/${1#*@}.conf" >"/run/journal.$1" 2>&1 & ;;
        *) echo "systemctl: nothing stands in for $1" >&2 && return 1 ;;
    esac
}

# unit_stop UNIT: waits for its end. What does not run, or is no server, is stopped.
unit_stop() {
    local pid file=/run/${1%.socket}.pid
    [[ $1 != apache2 ]] || file=/var/run/apache2/apache2.pid
    pid=$(cat "$file" 2>/dev/null) && kill "$pid" 2>/dev/null || return 0
    tail --pid="$pid" -s 0.1 -f /dev/null
    rm -f "$file"
}

# unit_says UNIT KEY: its values, one a line, those of its drop-ins too.
unit_says() {
    local file
    for file in "/etc/systemd/system/$1" "/etc/systemd/system/$1.d"/*.conf; do
        [[ ! -e $file ]] || sed -n "s/^$2=//p" "$file"
    done
}

# unit_command UNIT: for env.
unit_command() {
    unit_says "$1" Environment
    unit_says "$1" ExecStart | tail -n 1 | sed 's|^/usr/bin/bearerctl|bearerctl|'
}

# unit_caddy: as its user, who has to get to the workers' socket.
unit_caddy() {
    install -d -o caddy -g caddy /var/lib/caddy
    install -o caddy -g caddy /dev/null /run/caddy.pid
    HOME=/var/lib/caddy setpriv --reuid=caddy --regid=caddy --init-groups --inh-caps=+net_bind_service --ambient-caps=+net_bind_service \
        caddy start --adapter caddyfile --config /etc/caddy/Caddyfile --pidfile /run/caddy.pid \
        >/run/journal.caddy 2>&1
}

# unit_haproxy: with the options of /etc/default/haproxy, as its unit has it.
unit_haproxy() {
    # Words on purpose.
    # shellcheck disable=SC2046
    haproxy -W -D -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid $(sed -n 's/^EXTRAOPTS="\(.*\)"$/\1/p' /etc/default/haproxy | tail -n 1) \
        >/run/journal.haproxy 2>&1
}

# unit_workers NAME: there is no systemd that keeps the socket, so that they are started by spawn-fcgi, and at once.
unit_workers() {
    local name=$1 socket=$1.socket listen user
    ! kill -0 "$(cat "/run/$name.pid" 2>/dev/null)" 2>/dev/null || return 0
    listen=$(unit_says "$socket" ListenStream | tail -n 1)
    user=$(unit_says "$name.service" User | tail -n 1)
    case $listen in
        /*)
            mkdir -p "${listen%/*}" && rm -f "$listen"
            set -- -s "$listen" -U "$(unit_says "$socket" SocketUser | tail -n 1)" -G "$(unit_says "$socket" SocketGroup | tail -n 1)" \
                -M "$(unit_says "$socket" SocketMode | tail -n 1)"
            ;;
        *) set -- -a "${listen%:*}" -p "${listen##*:}" ;;
    esac
    # Words on purpose: there are no quotes in them.
    # shellcheck disable=SC2046
    spawn-fcgi -P "/run/$name.pid" "$@" -u "$user" -- /usr/bin/env $(unit_command "$name.service") >/dev/null
}

# unit_refresh: once.
unit_refresh() {
    local unit=fcgi-bearer-refresh.service user
    user=$(unit_says $unit User | tail -n 1)
    install -d -o "$user" -m 700 "/var/cache/$(unit_says $unit CacheDirectory | tail -n 1)"
    # shellcheck disable=SC2046
    setpriv --reuid="$user" --regid="$user" --init-groups env $(unit_command $unit) >/run/journal.$unit 2>&1
}
export -f apt-get editor systemctl journalctl unit_start unit_stop unit_caddy unit_haproxy unit_says unit_command unit_workers unit_refresh

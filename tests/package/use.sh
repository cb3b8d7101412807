#!/bin/sh
# SPDX-License-Identifier: MIT
# use.sh: in a fresh Debian that has web servers, installs the fcgi-bearer_*.deb beside it, does what README says, and purges it.
# Called by ./dev package --test, as root, in namespaces in which everything that is started here ends with it.
set -eu
umask 022
# shellcheck source=build-aux/dev/lib.sh
. ./lib.sh
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
audience=https://api.example.test/
log=/root/fcgi-bearer/log

# apt ARGUMENT...: with fresh package lists if these name files that the mirror no longer has.
apt() {
    quietly "$log" apt-get -y -q --no-install-recommends "$@" && return
    quietly "$log" apt-get -q update && quietly "$log" apt-get -y -q --no-install-recommends "$@"
}

# everything: that is there, but for what is changed by every installation of any package.
everything() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /root -o -path /var/lib/dpkg -o -path /var/lib/apt \
        -o -path /var/cache/apt -o -path /var/cache/debconf -o -path /var/log \) -prune -o -print | sort
}

installed() {
    expect "owner and mode of the cache directory" "$(stat -c '%U:%G %a' /var/cache/fcgi-bearer)" "www-data:www-data 700"
    rmdir /var/cache/fcgi-bearer
    systemd-tmpfiles --create fcgi-bearer.conf
    expect "the same, made again" "$(stat -c '%U:%G %a' /var/cache/fcgi-bearer)" "www-data:www-data 700"
    expect "bearer.env" "$(stat -c '%U:%G %a' /etc/fcgi-bearer /etc/fcgi-bearer/bearer.env | tr '\n' ' ')" "root:root 755 root:root 644 "
    expect "what is set in bearer.env" "$(grep -v '^#' /etc/fcgi-bearer/bearer.env | tr -d '\n')" ""
    expect "files that are not conffiles in /etc" "$(dpkg -L fcgi-bearer | grep '^/etc/.*/.*\.' | sort)" \
        "$(dpkg-query -W -f '${Conffiles}' fcgi-bearer | awk '{ print $1 }' | sort)"
    for page in man1/bearerctl.1 man1/bearer-issuer.1 man5/bearer.env.5 man8/bearer.fcgi.8; do
        zcat "/usr/share/man/$page.gz" | grep -q '^\.Sh DESCRIPTION'
    done
    expect "the completion" "$(bash -c '. /usr/share/bash-completion/completions/bearerctl && complete -p bearerctl')" "complete -F _bearerctl bearerctl"
    for file in NEWS README.md copyright examples/systemd/fcgi-bearer.service examples/nginx-conf/guard.conf; do # what is large is compressed
        expect "the documentation: $file" "$(find /usr/share/doc/fcgi-bearer -path "/usr/share/doc/fcgi-bearer/$file*" -size +0 | wc -l)" 1
    done
    quietly "$log" systemd-analyze verify --man=no fcgi-bearer.service fcgi-bearer-refresh.timer
    expect "what systemd says about the units" "$(grep bearer "$log" || true)" ""
    for unit in fcgi-bearer.socket fcgi-bearer.service fcgi-bearer-refresh.timer; do
        expect "$unit" "$(systemctl is-enabled "$unit" || true)" disabled
    done
    expect "what is enabled" "$(find /etc/apache2/conf-enabled /etc/lighttpd/conf-enabled -name '*bearer*')" ""
}

configured() {
    status=0
    said=$(bearerctl doctor --user www-data 2>&1) || status=$?
    expect "doctor's status before there is a configuration" "$status" 2
    expect "what doctor says then" "$said" "*AUTH0_DOMAIN*"
    bearer-issuer init /srv/issuer --issuer https://localhost/ >"$log"
    cat >>/etc/fcgi-bearer/bearer.env <<END
AUTH0_ISSUER=https://localhost/
AUTH0_API_AUDIENCE=$audience
BEARER_JWKS_URI=file:///srv/issuer/www/.well-known/jwks.json
END
    status=0
    said=$(bearerctl doctor --user www-data 2>&1) || status=$?
    expect "doctor's status" "$status: $said" "0: *"
    expect "what doctor read" "$said" "*/etc/fcgi-bearer/bearer.env*"
}

# asked WHAT PATH STATUS BODY [AUTHORIZATION]
asked() {
    tries=100
    until answer=$(curl -s --noproxy '*' -m 10 -w '\n%{http_code}' ${5+-H "Authorization: $5"} "http://localhost$2"); do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || break
        sleep 0.1
    done
    expect "$1" "$answer" "$4
$3"
}

# endpoints SERVER: what a person tries first.
endpoints() {
    token=$(bearer-issuer token /srv/issuer --aud "$audience" --sub somebody --scope "$2")
    asked "$1: public" /api/public 200 '*Hello from a public endpoint!*'
    asked "$1: no token" /api/private 401 '{"detail":"Not authenticated"}'
    asked "$1: no such token" /api/private 401 '{"detail":"*"}' "Bearer x.y.z"
    asked "$1: a token" /api/private 200 '{*"sub":"somebody"*}' "Bearer $token"
    asked "$1: a scope that is not there" /api/private-scoped 403 '{"detail":"*read:messages*"}' "Bearer $token"
    token=$(bearer-issuer token /srv/issuer --aud "$audience" --scope read:messages)
    asked "$1: with it" /api/private-scoped 200 '{*"scope":"read:messages"*}' "Bearer $token"
    token=$(bearer-issuer token /srv/issuer --aud https://other.example/)
    asked "$1: a token for another API" /api/private 401 '{"detail":"*udience*"}' "Bearer $token"
}

# workers: the processes whose program is ours.
workers() {
    for proc in /proc/[0-9]*; do
        case $(readlink "$proc/exe" || true) in
            /usr/libexec/fcgi-bearer/bearer.fcgi*) echo "${proc#/proc/}" ;;
        esac
    done
}

# upgraded: under a lighttpd that has our workers; under one whose configuration has an error, which would not come back; and beside one that
# was stopped, which it is then still.
upgraded() {
    # Where no init runs, maintainer scripts may tell a server something only if this says so.
    printf '#!/bin/sh\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    old=$(workers)
    expect "lighttpd's workers" "$old" "[0-9]*"
    quietly "$log" dpkg -i fcgi-bearer_*.deb
    for worker in $old; do
        if ! ended "$worker"; then
            bad "worker $worker goes on with the program of before the upgrade"
            return 1
        fi
    done
    asked "lighttpd after the upgrade" /api/public 200 '*Hello from a public endpoint!*'
    expect "workers after the upgrade" "$(workers)" "[0-9]*"
    expect "their program" "$(for worker in $(workers); do readlink "/proc/$worker/exe"; done | sort -u)" /usr/libexec/fcgi-bearer/bearer.fcgi
    old=$(workers)
    echo 'This is no line.' >/etc/lighttpd/conf-enabled/99-wrong.conf
    quietly "$log" dpkg -i fcgi-bearer_*.deb
    rm /etc/lighttpd/conf-enabled/99-wrong.conf
    expect "what an upgrade says then" "$(cat "$log")" "*lighttpd was not reloaded*"
    expect "workers then" "$(workers)" "$old"
    quietly "$log" service lighttpd stop
    quietly "$log" dpkg -i fcgi-bearer_*.deb
    expect "what runs after an upgrade beside a stopped lighttpd" "$(pidof lighttpd || true)$(workers)" ""
    rm /usr/sbin/policy-rc.d
}

# serve: in a network of its own, where port 80 is free whoever else has it.
serve() {
    ip link set lo up
    quietly "$log" lighty-enable-mod fcgi-bearer
    systemd-tmpfiles --create "$(basename "$(dpkg -L lighttpd | grep '/tmpfiles\.d/')")"
    quietly "$log" service lighttpd start
    endpoints lighttpd read:files
    good "lighttpd: lighty-enable-mod fcgi-bearer"
    upgraded
    good "lighttpd: an upgrade"

    status=0
    a2enconf -q fcgi-bearer >"$log" 2>&1 || status=$?
    expect "a2enconf without mod_proxy_fcgi" "$(cat "$log")" "*proxy_fcgi is not enabled*"
    quietly "$log" a2enmod proxy_fcgi
    quietly "$log" a2enconf fcgi-bearer
    # As systemd would, from the units.
    units=$(dirname "$(dpkg -L fcgi-bearer | grep '/fcgi-bearer\.socket$' | grep system/)")
    socket=$(sed -n 's/^ListenStream=//p' "$units/fcgi-bearer.socket")
    mkdir -p "${socket%/*}"
    # shellcheck disable=SC2046  # words on purpose
    env $(sed -n 's/^Environment=//p' "$units/fcgi-bearer.service") spawn-fcgi -n -s "$socket" -M 0660 -u www-data -- \
        $(sed -n 's/^ExecStart=//p' "$units/fcgi-bearer.service") </dev/null >/dev/null 2>&1 &
    workers=$!
    quietly "$log" apache2ctl start
    endpoints Apache read:files
    quietly "$log" apache2ctl -k graceful-stop
    kill "$workers"
    wait "$workers" || true
    rm -r "${socket%/*}"
    good "Apache: a2enconf fcgi-bearer"
}

# libraries: the example of libbearer-dev, built with what the package has.
libraries() {
    rm -f libbearer*-dbgsym_*.deb
    apt install ./libbearer*.deb
    cp -R /usr/share/doc/libbearer-dev/examples/guard-mhd .
    quietly "$log" make -C guard-mhd
    status=0
    said=$(guard-mhd/guard-mhd /nowhere/bearer.env 0 2>&1) || status=$?
    expect "the example without a configuration" "$status: $said" "1: guard-mhd: *there is no file /nowhere/bearer.env*"
    zcat /usr/share/man/man3/bearer_guard_check.3.gz | grep -q '^\.Sh DESCRIPTION'
    rm -r guard-mhd
    apt purge libbearer-dev libbearer0
}

# Removed, it does not keep a server from starting that had it enabled; purged, it leaves nothing.
removed() {
    quietly "$log" systemctl enable fcgi-bearer.socket fcgi-bearer.service fcgi-bearer-refresh.timer
    setpriv --reuid=www-data --regid=www-data --clear-groups touch /var/cache/fcgi-bearer/some-keys
    apt remove fcgi-bearer
    expect "what a removed package has enabled" "$(find /etc/apache2/*-enabled /etc/lighttpd/conf-enabled -name '*bearer*')" ""
    quietly "$log" lighttpd -tt -f /etc/lighttpd/lighttpd.conf
    quietly "$log" apache2ctl configtest
    grep -q "^AUTH0_API_AUDIENCE=$audience" /etc/fcgi-bearer/bearer.env
    apt purge fcgi-bearer
}

if [ "${1-}" = serve ]; then
    serve
    exit
fi
apt install gcc libc6-dev make pkg-config libmicrohttpd-dev
everything >before
apt install ./fcgi-bearer_*.deb
installed
good "installed"
configured
good "configured"
unshare --net sh "$0" serve
libraries
good "the libraries"
removed
apt autoremove --purge
everything >after
# What the servers made meanwhile is theirs.
left=$(comm -13 before after | grep -v -e '^/srv/issuer' -e '^/run/' -e '/apache2/mods-enabled/proxy' -e '/var/lib/apache2/[a-z]*/[a-z]*_by_[a-z]*$' -e '/var/lib/apache2/module/' || true)
expect "what is left of it" "$left" ""
expect "who still knows it" "$(find / -xdev -path /proc -prune -o -path /root -prune -o \
    \( -name '*fcgi-bearer*' -o -name 'bearer[.-]*' -o -name 'bearerctl*' \) -print)" ""
good "purged"

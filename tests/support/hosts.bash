# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Several hosts for the tests, as network namespaces of this machine: `load ../support/hosts` after servers.bash. The addresses are those of
# the shipped files, so that these are used as they are. Only root may make namespaces.
#
#   hosts_up HOST...            makes the namespace of "front" (10.77.0.1) and one of each host (10.77.0.11, .12 ...), wired to front
#                               and to nobody else; and a SERVER_DIR for each, in ${host_dir[HOST]}
#   hosts_down                  stops what runs there, and removes them
#   host_run HOST COMMAND...    runs it there
#   host_start HOST NAME COMMAND...     starts it there, its process id is then in pids/NAME of the host's directory
#   host_listens HOST NAME PORT true if process NAME of HOST listens on that port
#   host_power_cut HOST         nothing comes out of it any more, not even the end of a connection; and its processes are gone
#   host_power_on HOST          the wire is there again
#   keys_server_up              an issuer, and its documents at https://10.77.0.1:8443/, both at front
#   host_cert NAME AUTHORITY    a certificate for NAME.example.net and 10.77.0.1, of either end of a connection, in front's ca/NAME.pem
#   host_workers HOST [EDIT]    workers by the command in haproxy-conf/haproxy.cfg, with a configuration and a key cache of their own;
#                               EDIT: a sed script over the command
#
# What is known about them is in files below $HOSTS, so that every test of a file can use them.

: "${top_srcdir:?}" "${top_builddir:?}"

declare -gA host_dir=()

hosts_up() {
    local host number=10
    if ((EUID != 0)); then
        echo "Several hosts are network namespaces, and only root may make them: run the checks as root (in a container will do)." >&2
        return 1
    fi
    HOSTS=$(mktemp -d "${TMPDIR:-/tmp}/fbh.XXXXXX")
    export HOSTS
    _host_new front || return
    for host; do
        number=$((number + 1))
        _host_new "$host" || return
        ip -n "$(_host_ns front)" link add "to-$host" type veth peer name eth0 netns "$(_host_ns "$host")" || return
        ip -n "$(_host_ns front)" address add 10.77.0.1 peer "10.77.0.$number" dev "to-$host" || return
        ip -n "$(_host_ns front)" link set "to-$host" up || return
        ip -n "$(_host_ns "$host")" address add "10.77.0.$number/24" dev eth0 || return
        ip -n "$(_host_ns "$host")" link set eth0 up || return
        echo "10.77.0.$number" >"$HOSTS/$host.address"
    done
    hosts_known
}

# hosts_known: sets host_dir, in a test.
hosts_known() {
    local file
    for file in "$HOSTS"/*.dir; do
        host_dir[$(basename "$file" .dir)]=$(<"$file")
    done
}

_host_new() {
    ip netns add "$(_host_ns "$1")" || return
    ip -n "$(_host_ns "$1")" link set lo up || return
    server_dir
    echo "$SERVER_DIR" >"$HOSTS/$1.dir"
}

_host_ns() {
    echo "${HOSTS##*/}-$1"
}

hosts_down() {
    local host SERVER_DIR failed=0
    [[ -d ${HOSTS-} ]] || return 0
    hosts_known
    for host in "${!host_dir[@]}"; do
        SERVER_DIR=${host_dir[$host]} server_remove || failed=1
        ip netns delete "$(_host_ns "$host")" || failed=1
    done
    rm -rf "$HOSTS"
    return "$failed"
}

host_run() {
    local host=$1
    shift
    ip netns exec "$(_host_ns "$host")" "$@"
}

host_start() {
    local SERVER_DIR=${host_dir[$1]} host=$1 name=$2
    shift 2
    _start "$name" ip netns exec "$(_host_ns "$host")" "$@"
    disown # else the shell says that it was killed
}

host_listens() {
    local pid
    pid=$(<"${host_dir[$1]}/pids/$2")
    # Until ip has started the program, it may be in our own namespace still.
    [[ /proc/$pid/ns/net -ef /run/netns/$(_host_ns "$1") ]] &&
        awk -v port="$(printf '%04X' "$3")" '$4 == "0A" && $2 ~ ":" port "$" { found = 1 } END { exit !found }' "/proc/$pid/net/tcp"
}

# _host_await HOST NAME PORT
_host_await() {
    local SERVER_DIR=${host_dir[$1]}
    if ! _await "$2" host_listens "$@"; then
        echo "$2 on host $1 did not listen on port $3; it said:" >&2
        server_log >&2
        return 1
    fi
}

host_power_cut() {
    local pid
    ip -n "$(_host_ns "$1")" link set eth0 down
    for pid in $(ip netns pids "$(_host_ns "$1")"); do
        kill -KILL "$pid"
        _ended "$pid"
    done
    rm -f "${host_dir[$1]}"/pids/*
}

host_power_on() {
    ip -n "$(_host_ns "$1")" link set eth0 up
}

host_cert() {
    local ca=${host_dir[front]}/ca
    [[ -e $ca/$2.pem ]] || _ca_authority "$ca" "$2" || return
    printf '%s\n' "cn = \"$1\"" "dns_name = \"$1.example.net\"" 'ip_address = "10.77.0.1"' 'expiration_days = 2' tls_www_server tls_www_client \
        signing_key >"$ca/$1.tmpl"
    _ca_key "$ca/$1.key" &&
        _ca_certtool --generate-certificate --template "$ca/$1.tmpl" --load-privkey "$ca/$1.key" --load-ca-certificate "$ca/$2.pem" \
            --load-ca-privkey "$ca/$2.key" --outfile "$ca/$1.pem"
}

keys_server_up() {
    local SERVER_DIR=${host_dir[front]} ca=${host_dir[front]}/ca
    ca_make "$ca" || return
    host_cert keys ca || return
    "$top_builddir/bearer-issuer" init "$SERVER_DIR/issuer" --issuer https://10.77.0.1:8443/ </dev/null >/dev/null || return
    cat >"$SERVER_DIR/keys-server.conf" <<END
server.modules = ( "mod_openssl" )
$(_lighttpd_base 8443 issuer/www 10.77.0.1)
mimetype.assign = ( "" => "application/json" )
ssl.engine = "enable"
ssl.pemfile = "$ca/keys.pem"
ssl.privkey = "$ca/keys.key"
END
    host_start front keys-server "$(_program lighttpd)" -D -f "$SERVER_DIR/keys-server.conf"
    _host_await front keys-server 8443
}

host_workers() {
    local SERVER_DIR=${host_dir[$1]} command
    install_programs
    install -m 644 "${host_dir[front]}/ca/ca.pem" "$SERVER_DIR/etc/ca.pem"
    configure AUTH0_ISSUER=https://10.77.0.1:8443/ AUTH0_API_AUDIENCE=https://api.example.test/ "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem" \
        BEARER_JWKS_COOLDOWN=0 BEARER_LOG_LEVEL=info
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    command=$(_shipped haproxy-conf/haproxy.cfg 0 | sed -n "s/^#  *\(FCGI_WEB_SERVER_ADDRS=.*\)/\1/; s/10\.77\.0\.11/$(<"$HOSTS/$1.address")/; /^FCGI/p" |
        sed -e "${2-}")
    # Words on purpose: there are no quotes in it.
    # shellcheck disable=SC2086
    host_start "$1" workers env $command
    _host_await "$1" workers 9300
}

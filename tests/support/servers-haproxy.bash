# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# HAProxy for the tests: `load ../support/servers-haproxy` after servers.bash.
#
#   start_haproxy [EDIT]        the shipped file on 127.0.0.1, with workers on two ports of 127.0.0.1 as its two hosts, each started by the
#                               command in its comment. EDIT: a sed script over the shipped file
#   haproxy_valid               fails unless HAProxy takes the shipped file as it stands

: "${top_srcdir:?}" "${SERVER_DIR=}"

start_haproxy() {
    local host ports=()
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    for host in one two; do
        _start_on_a_port _haproxy_workers "${1-}" || return
        ports+=("$(<"$SERVER_DIR/port")")
        mv "$SERVER_DIR/pids/server" "$SERVER_DIR/pids/workers-$host"
    done
    _start_on_a_port _haproxy "${ports[@]}" "${1-}"
}

# _haproxy_workers PORT [EDIT]
_haproxy_workers() {
    local command
    command=$(_shipped haproxy-conf/haproxy.cfg 0 "s/10\.77\.0\.[0-9]*/127.0.0.1/g; s/-p 9300/-p $1/" |
        sed -e "${2-}" | sed -n 's/^#  *\(FCGI_WEB_SERVER_ADDRS=.*\)/\1/p')
    # Words on purpose: there are no quotes in it.
    # shellcheck disable=SC2086
    _start server env $command
}

# _haproxy PORT PORT-ONE PORT-TWO [EDIT]
_haproxy() {
    _shipped haproxy-conf/haproxy.cfg "$1" "s/10\.77\.0\.11:9300/127.0.0.1:$2/; s/10\.77\.0\.12:9300/127.0.0.1:$3/; s/bind :/bind 127.0.0.1:/" |
        sed -e "${4-}" >"$SERVER_DIR/etc/haproxy.cfg"
    _start server "$(_program haproxy)" -db -f "$SERVER_DIR/etc/haproxy.cfg"
}

haproxy_valid() {
    "$(_program haproxy)" -c -V -f "$top_srcdir/haproxy-conf/haproxy.cfg"
}

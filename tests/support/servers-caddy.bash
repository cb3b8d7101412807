# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Caddy for the tests: `load ../support/servers-caddy` after servers.bash.
#
#   start_caddy [EDIT]          the shipped file on 127.0.0.1, with workers started by the very command in it. It wants guard_site, guard_backend
#                               and a FastCGI program at run/php.socket, if these are asked for. EDIT: a sed script over the shipped file
#   caddy_valid                 fails unless Caddy takes the shipped file as it stands

: "${top_srcdir:?}" "${SERVER_DIR=}"

start_caddy() {
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    start_workers caddy-conf/Caddyfile "${1-}" || return
    _start_on_a_port _caddy "${1-}"
}

# _caddy PORT [EDIT]
_caddy() {
    local file=$SERVER_DIR/etc/Caddyfile
    {
        _caddy_base
        _shipped caddy-conf/Caddyfile "$1" "s|/srv/www|$SERVER_DIR/www|
            s|/run/php/php-fpm.sock|$SERVER_DIR/run/php.socket|
            s|127\.0\.0\.1:3000|127.0.0.1:$(cat "$SERVER_DIR/backend-port" 2>/dev/null || echo 9)|
            ${2-}"
    } >"$file"
    _caddy_command run --config "$file"
    _start server "${caddy[@]}"
}

# _caddy_command COMMAND...: sets the array caddy.
_caddy_command() {
    caddy=(env "HOME=$SERVER_DIR/run" "$(_program caddy)" "$@" --adapter caddyfile)
    ((EUID != 0)) || caddy=("$(_program setpriv)" "--reuid=$WORKER_USER" "--regid=$WORKER_GROUP" --init-groups -- "${caddy[@]}")
}

# _caddy_base: what keeps it from other ports, and in this directory.
_caddy_base() {
    printf '%s\n' '{' 'admin off' 'auto_https off' 'default_bind 127.0.0.1' "storage file_system $SERVER_DIR/run/caddy" '}'
}

caddy_valid() {
    cat "$top_srcdir/caddy-conf/Caddyfile" >"$SERVER_DIR/etc/Caddyfile"
    _caddy_command validate --config "$SERVER_DIR/etc/Caddyfile"
    "${caddy[@]}"
}

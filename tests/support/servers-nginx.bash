# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# nginx for the tests: `load ../support/servers-nginx` after servers.bash.
#
#   start_nginx responder|guard [EDIT]
#                               with workers started by the very command in nginx-conf/fcgi-bearer.conf. EDIT: a sed script over the
#                               shipped files, for what a test gets wrong on purpose. guard wants guard_site and guard_backend
#                               responder wants neither: of the site only /api is asked for
#   nginx_valid                 fails unless nginx takes the shipped files as they stand
#
# nginx_files PORT [EDIT]       puts the shipped files where the page says, below $SERVER_DIR/etc, with the paths of this run

NGINX_SNIPPETS='api ask guard location program'
: "${top_srcdir:?}" "${SERVER_DIR=}"

start_nginx() {
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    start_workers nginx-conf/fcgi-bearer.conf "${2-}" || return
    _start_on_a_port _nginx "$@"
}

# _nginx PORT KIND [EDIT]
_nginx() {
    [[ $2 == responder || $2 == guard ]] || die "start_nginx: $2?" || return
    nginx_files "$1" "${3-}"
    _nginx_base >"$SERVER_DIR/etc/nginx.conf"
    _start server "$(_program nginx)" -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
}

nginx_files() {
    local etc=$SERVER_DIR/etc name
    mkdir -p "$etc/conf.d" "$etc/fcgi-bearer"
    for name in $NGINX_SNIPPETS; do
        _shipped "nginx-conf/$name.conf" "$1" "${2-}" >"$etc/fcgi-bearer/$name.conf" || return
    done
    _shipped nginx-conf/fcgi-bearer.conf "$1" "${2-}" >"$etc/conf.d/fcgi-bearer.conf" || return
    _shipped nginx-conf/guarded-site.conf "$1" "s|/srv/www|$SERVER_DIR/www|
        s|/run/php/php-fpm.sock|$SERVER_DIR/run/php.socket|
        s|:3000|:$(cat "$SERVER_DIR/backend-port" 2>/dev/null || echo 9)|
        ${2-}" >"$etc/conf.d/guarded-site.conf"
}

# _nginx_base: what a Debian has around the shipped file, as small as can be. One process, so that what one test does to nginx's mind
# (kept connections, hosts that failed) is there for the next request.
_nginx_base() {
    local user="user $WORKER_USER $WORKER_GROUP;" temp
    ((EUID == 0)) || user=
    cat <<END
daemon off;
$user
worker_processes 1;
pid $SERVER_DIR/run/nginx.pid;
error_log $SERVER_DIR/log/error.log notice;
events { worker_connections 256; }
http {
    types { text/plain txt; text/html html; }
    default_type application/octet-stream;
    access_log off;
END
    for temp in client_body fastcgi proxy scgi uwsgi; do
        echo "    ${temp}_temp_path $SERVER_DIR/run/${temp}_temp;"
    done
    cat <<END
    include $SERVER_DIR/etc/conf.d/*.conf;
}
END
}

nginx_valid() {
    local name
    mkdir -p "$SERVER_DIR"/etc/{conf.d,fcgi-bearer}
    for name in $NGINX_SNIPPETS; do
        cat "$top_srcdir/nginx-conf/$name.conf" >"$SERVER_DIR/etc/fcgi-bearer/$name.conf"
    done
    for name in fcgi-bearer guarded-site; do
        cat "$top_srcdir/nginx-conf/$name.conf" >"$SERVER_DIR/etc/conf.d/$name.conf"
    done
    _nginx_base >"$SERVER_DIR/etc/nginx.conf"
    "$(_program nginx)" -t -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
}

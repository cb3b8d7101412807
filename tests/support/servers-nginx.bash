# shellcheck shell=bash
# nginx for the tests: `load ../support/servers-nginx` after servers.bash.
#
#   start_nginx responder|guard [EDIT]
#                               with workers started by the very command in nginx-conf/fcgi-bearer.conf. EDIT: a sed script over the
#                               shipped files, for what a test gets wrong on purpose. guard wants guard_site and guard_backend
#   nginx_valid FILE            fails unless nginx takes the shipped file as it stands
#
: "${top_srcdir:?}" "${SERVER_DIR=}"

start_nginx() {
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    start_workers nginx-conf/fcgi-bearer.conf "${2-}" || return
    _start_on_a_port _nginx "$@"
}

# _nginx PORT KIND [EDIT]
_nginx() {
    local etc=$SERVER_DIR/etc
    mkdir -p "$etc/conf.d" "$etc/snippets"
    case $2 in
        responder) _shipped nginx-conf/fcgi-bearer.conf "$1" "${3-}" >"$etc/conf.d/shipped.conf" ;;
        guard)
            _shipped nginx-conf/guard.conf "$1" "${3-}" >"$etc/snippets/fcgi-bearer-guard.conf"
            _shipped nginx-conf/guarded-site.conf "$1" "s|/srv/www|$SERVER_DIR/www|
                s|/run/php/php-fpm.sock|$SERVER_DIR/run/php.socket|
                s|:3000|:$(<"$SERVER_DIR/backend-port")|
                ${3-}" >"$etc/conf.d/shipped.conf"
            ;;
        *) die "start_nginx: $2?" || return ;;
    esac
    _nginx_base >"$etc/nginx.conf"
    _start server "$(_program nginx)" -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
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
    mkdir -p "$SERVER_DIR"/etc/{conf.d,snippets}
    cat "$top_srcdir/$1" >"$SERVER_DIR/etc/conf.d/shipped.conf"
    cat "$top_srcdir/nginx-conf/guard.conf" >"$SERVER_DIR/etc/snippets/fcgi-bearer-guard.conf"
    _nginx_base >"$SERVER_DIR/etc/nginx.conf"
    "$(_program nginx)" -t -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
}

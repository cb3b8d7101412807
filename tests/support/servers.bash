# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Real web servers for the tests, run with the shipped configuration files. For bats: `load ../support/servers`.
# Needs top_srcdir and top_builddir (absolute). As root, servers and workers run as www-data; else as whoever runs the tests.
#
#   server_dir                  makes and exports SERVER_DIR, a new directory for one server and its workers
#   server_remove               stops all that was started there, and removes it
#   install_programs            copies bearer.fcgi and bearerctl there (libexec/): the checkout may be out of the worker's reach
#   configure NAME=VALUE...     writes the bearer.env of the workers started next; BEARER_CACHE_DIR is $SERVER_DIR/cache
#   start_lighttpd demo|snippet [EDIT]
#   start_apache fcgid|cgi|proxy|shared-fcgid|shared-cgi [EDIT]
#                               EDIT: a sed script over the shipped file, for what a test gets wrong on purpose. With FB_STRICT=1 the
#                               shared host allows nothing but what AllowOverride says
#   apache_valid KIND           fails unless Apache takes the shipped file as it stands
#   start_workers FILE [EDIT]   the workers alone, by the command shipped in the comment of FILE
#   stop_server                 and its workers
#   workers_running             prints the ids of the processes whose program is a copy in SERVER_DIR
#   server_url                  prints http://127.0.0.1:PORT
#   server_log                  prints what the server and its workers logged
#   as_worker COMMAND...        runs it as the workers' user
#
#   start_keys_server DIR [ARGUMENT...]    makes an issuer ("bearer-issuer init DIR", these arguments) and serves DIR/www over HTTPS; the
#                               authority, for BEARER_CA_FILE, is DIR/ca.pem, the issuer's name is in DIR/issuer
#   stop_keys_server DIR, resume_keys_server DIR    issuer down, and up again on the same port
#   keys_fetches DIR            prints how often the keys were fetched, whatever came of it
#
# What is known about a running server is in files below its directory, so that every test of a file can use it and stop it.

: "${top_builddir:?}"

# shellcheck source=tests/support/untraced.bash
. "${top_srcdir:?}/tests/support/untraced.bash"

# shellcheck source=/dev/null
. "${top_srcdir:?}/build-aux/dev/ports.sh"

# shellcheck source=tests/support/ca.bash
. "$top_srcdir/tests/support/ca.bash"

die() { # for ports.sh
    printf '%s\n' "$@" >&2
    return 1
}

if ((EUID == 0)); then
    WORKER_USER=www-data WORKER_GROUP=www-data
else
    WORKER_USER=$(id -un) WORKER_GROUP=$(id -gn)
fi

as_worker() {
    if ((EUID == 0)); then
        setpriv --reuid="$WORKER_USER" --regid="$WORKER_GROUP" --init-groups -- "$@"
    else
        "$@"
    fi
}

# worker_dir DIR...: directories only the worker can use.
worker_dir() {
    mkdir -m 700 "$@"
    ((EUID != 0)) || chown "$WORKER_USER:$WORKER_GROUP" "$@"
}

server_dir() {
    local parent=${TMPDIR:-/tmp}
    as_worker test -x "$parent" || parent=/tmp
    SERVER_DIR=$(mktemp -d "$parent/fb.XXXXXX")
    export SERVER_DIR
    chmod 755 "$SERVER_DIR"
    (umask 022 && mkdir "$SERVER_DIR"/{libexec,etc,etc/apache.d,www,empty,pids})
    worker_dir "$SERVER_DIR"/{cache,log,run}
    as_worker touch "$SERVER_DIR/log/error.log"
}

server_remove() {
    local failed=0
    if [[ -n ${SERVER_DIR-} && -d $SERVER_DIR ]]; then
        stop_server || failed=1
        rm -rf "$SERVER_DIR"
    fi
    return "$failed"
}

install_programs() {
    install -m 755 "$top_builddir/bearer.fcgi" "$top_builddir/bearerctl" "$SERVER_DIR/libexec"
}

configure() {
    (umask 022 && printf '%s\n' "BEARER_CACHE_DIR=$SERVER_DIR/cache" "$@" >"$SERVER_DIR/etc/bearer.env")
}

server_url() {
    printf 'http://127.0.0.1:%s\n' "$(<"$SERVER_DIR/port")"
}

server_log() {
    cat "$SERVER_DIR"/log/*.out "$SERVER_DIR/log/error.log"
}

# --- lighttpd

start_lighttpd() {
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    [[ $1 != demo || -d $SERVER_DIR/ca ]] || ca_make "$SERVER_DIR/ca"
    mkdir -p "$SERVER_DIR/issuer/www"
    _start_on_a_port _lighttpd "$@" && _await server _lighttpd_goes_round
}

# It listens before it has made its workers' sockets; its loop begins when all of them are started.
_lighttpd_goes_round() {
    [[ -n $(find "/proc/$(<"$SERVER_DIR/pids/server")/fd" -lname 'anon_inode:\[eventpoll\]' 2>/dev/null) ]]
}

# _lighttpd_base PORT FOLDER [ADDRESS]: prints what every lighttpd.conf of the tests begins with: where it listens, as whom, and what it serves.
_lighttpd_base() {
    cat <<END
server.bind = "${3-127.0.0.1}"
server.port = $1
server.username = "$WORKER_USER"
server.groupname = "$WORKER_GROUP"
server.document-root = "$SERVER_DIR/$2"
server.errorlog = "$SERVER_DIR/log/error.log"
END
}

# _lighttpd PORT demo|snippet [EDIT]
_lighttpd() {
    local conf=$SERVER_DIR/etc/lighttpd.conf
    _shipped lighttpd-conf/fcgi-bearer.conf "$1" "${3-}" >"$SERVER_DIR/etc/fcgi-bearer.conf"
    case $2 in
        demo) FB_TLS_PORT=$(free_port) _shipped lighttpd-conf/demo.conf "$1" "${3-}" >"$conf" ;;
        snippet)
            { _lighttpd_base "$1" empty && echo 'include "fcgi-bearer.conf"'; } >"$conf" ;;
        *) die "start_lighttpd: $2?" || return ;;
    esac
    _start server "$(_program lighttpd)" -D -f "$conf"
}

# --- Apache

start_apache() {
    local kind=$1
    case $kind in
        fcgid) ;; # its bearer.env is named in the configuration
        cgi | proxy) cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec" ;;
        shared-*) _shared_folder "${2-}" ;;
        *) die "start_apache: $kind?" || return ;;
    esac
    [[ $kind != proxy ]] || start_workers apache-conf/proxy-fcgi.conf || return
    _start_on_a_port _apache "$@"
}

# _apache PORT KIND [EDIT]
_apache() {
    if [[ $2 != shared-* ]]; then
        _shipped "apache-conf/$(_apache_file "$2")" "$1" "${3-}" >"$SERVER_DIR/etc/apache.d/shipped.conf" || return
    fi
    _apache_command "$1" "$2"
    _start server "${apache[@]}" -D FOREGROUND
}

_apache_file() {
    case $1 in
        fcgid) echo fcgid-vhost.conf ;;
        cgi) echo cgi.conf ;;
        proxy) echo proxy-fcgi.conf ;;
    esac
}

# _apache_command PORT KIND: sets the array apache.
_apache_command() {
    local modules=${2#shared-}
    apache=("$(_program apache2)" -C "Define FB_DIR $SERVER_DIR" -C "Define FB_PORT $1" -C "Define FB_USER $WORKER_USER"
        -C "Define FB_GROUP $WORKER_GROUP" -D "FB_${modules^^}" -f "$top_srcdir/tests/support/apache-base.conf")
    [[ -z ${FB_STRICT-} ]] || apache+=(-D FB_STRICT)
}

apache_valid() {
    cp "$top_srcdir/apache-conf/$(_apache_file "$1")" "$SERVER_DIR/etc/apache.d/shipped.conf"
    chmod u+w "$SERVER_DIR/etc/apache.d/shipped.conf"
    _apache_command 80 "$1"
    "${apache[@]}" -t
}

# _shared_folder [EDIT]: www/api as the shipped README says to make it.
_shared_folder() {
    local folder=$SERVER_DIR/www/api file
    (
        umask 022
        mkdir -p "$folder"
        cd "$top_srcdir/apache-conf/shared-hosting" || exit
        for file in README bearer.env.example; do
            cat "$file" >"$folder/$file"
        done
        sed -e "${1-}" .htaccess >"$folder/.htaccess"
        install -m 755 "$SERVER_DIR/libexec/bearer.fcgi" "$SERVER_DIR/libexec/bearerctl" "$folder"
        cp "$SERVER_DIR/etc/bearer.env" "$folder"
    )
}

start_workers() {
    local command socket=$SERVER_DIR/run/workers.socket
    command=$(_shipped "$1" 0 "${2-}" | sed -n 's/^#  *\(spawn-fcgi .*\)/\1/p')
    rm -f "$socket"
    # Words on purpose: there are no quotes in it.
    # shellcheck disable=SC2086
    _start workers $command
    if ! _await workers test -S "$socket"; then
        echo "the workers did not start; they said:" >&2
        server_log >&2
        stop_server
        return 1
    fi
}

# --- processes

# _program NAME: its path. Servers live in /usr/sbin, which is not in everyone's PATH.
_program() {
    PATH=$PATH:/usr/sbin:/sbin command -v "$1"
}

# _shipped FILE PORT [EDIT]: prints it with the paths, port and user of this run.
_shipped() {
    FB_LIBEXEC=$SERVER_DIR/libexec FB_SYSCONF=$SERVER_DIR/etc FB_RUN=$SERVER_DIR/run FB_DEMO=$SERVER_DIR FB_PORT=$2 \
        FB_USER=$WORKER_USER "$top_srcdir/tests/support/substitute.sh" "$top_srcdir/$1" | sed -e "${3-}"
}

# _start NAME COMMAND...: in an environment of its own; the process's id is then in pids/NAME.
_start() {
    local name=$1 environment=(PATH="$PATH:/usr/sbin:/sbin" LANG=C) variable
    shift
    for variable in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
        [[ -z ${!variable-} ]] || environment+=("$variable=${!variable}")
    done
    # A session of its own: lighttpd with server.max-worker signals its whole process group when it stops, and by that killed the daemons of
    # the Apaches of another file. bats waits for whoever holds its descriptors 3 and 4.
    env -i "${environment[@]}" setsid "$@" </dev/null >"$SERVER_DIR/log/$name.out" 2>&1 3>&- 4>&- &
    echo $! >"$SERVER_DIR/pids/$name"
}

# _start_on_a_port FUNCTION ARGUMENT...: calls FUNCTION PORT ARGUMENT..., which starts `server`, and returns when that listens on the
# port. Should another program take the port first, another one is tried.
_start_on_a_port() {
    local function=$1 port tries
    shift
    for tries in 1 2 3 4 5; do
        port=$(free_port) && "$function" "$port" "$@" || return
        echo "$port" >"$SERVER_DIR/port"
        if _await server _listens; then
            return 0
        fi
        server_log | grep -qi 'address already in use' || break # Go and Node write it small
        : >"$SERVER_DIR/log/error.log"
    done
    echo "the server did not listen on port $port after $tries tries; it said:" >&2
    server_log >&2
    stop_server
    return 1
}

# _await NAME COMMAND...: until COMMAND succeeds; fails if process NAME has ended, or after 10 s.
_await() {
    local name=$1 pid deadline=$((SECONDS + 10))
    pid=$(<"$SERVER_DIR/pids/$name")
    shift
    until "$@"; do
        if ! process_runs "$pid" || ((SECONDS >= deadline)); then
            return 1
        fi
        sleep 0.02
    done
}

# _listens: the server itself, and no other program, listens on its port.
_listens() {
    local inode pid
    pid=$(<"$SERVER_DIR/pids/server")
    for inode in $(listeners "$(<"$SERVER_DIR/port")"); do
        [[ -z $(find "/proc/$pid/fd" -lname "socket:\[$inode\]" 2>/dev/null) ]] || return 0
    done
    return 1
}

# process_runs PID: false for one that has ended but was not waited for yet, which kill -0 still finds.
process_runs() {
    local stat
    read -r stat 2>/dev/null <"/proc/$1/stat" && [[ ${stat##*) } != Z* ]]
}

# _ended PID: waits for it to end, at most 15 s.
_ended() {
    local deadline=$((SECONDS + 15))
    while process_runs "$1"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.02
    done
    wait "$1" 2>/dev/null || true
}

# _stop PIDFILE: SIGTERM, and waits for the end.
_stop() {
    local pid
    [[ -e $1 ]] || return 0
    pid=$(<"$1")
    rm -f "$1"
    kill "$pid" 2>/dev/null || true
    if ! _ended "$pid"; then
        echo "${1##*/} (process $pid) did not end on SIGTERM" >&2
        kill -KILL "$pid"
        return 1
    fi
}

stop_server() {
    local failed=0 file pid
    while read -r file; do
        _stop "$file" || failed=1
    done < <(find "$SERVER_DIR" -path '*/pids/*' -type f)
    # A server that has ended may have left its workers still ending.
    for pid in $(workers_running); do
        if ! _ended "$pid"; then
            echo "process $pid outlived its server; it was $(tr '\0' ' ' <"/proc/$pid/cmdline")" >&2
            kill -KILL "$pid"
            failed=1
        fi
    done
    return "$failed"
}

# Behind the directory there may be more: seen from a chroot, a program in another mount namespace has its whole path.
workers_running() {
    find /proc/[0-9]*/exe -maxdepth 0 -lname "*$SERVER_DIR/*" 2>/dev/null | cut -d/ -f3
}

# --- the issuer's documents

start_keys_server() {
    local SERVER_DIR=$1
    shift
    (umask 022 && mkdir -p "$SERVER_DIR/pids")
    worker_dir "$SERVER_DIR/log"
    as_worker touch "$SERVER_DIR/log/error.log"
    ca_make "$SERVER_DIR/ca"
    install -m 644 "$SERVER_DIR/ca/ca.pem" "$SERVER_DIR/ca.pem"
    _start_on_a_port _keys_server "$@"
}

# _keys_server PORT [ARGUMENT...]
_keys_server() {
    local port=$1
    shift
    rm -rf "${SERVER_DIR:?}"/{www,private} # of a try with another port
    echo "https://localhost:$port/" >"$SERVER_DIR/issuer"
    "$top_builddir/bearer-issuer" init "$SERVER_DIR" --issuer "https://localhost:$port/" "$@" </dev/null >/dev/null || return
    cat >"$SERVER_DIR/keys-server.conf" <<END
server.modules = ( "mod_openssl", "mod_accesslog" )
$(_lighttpd_base "$port" www)
accesslog.filename = "$SERVER_DIR/log/access.log"
mimetype.assign = ( "" => "application/json" )
index-file.names = ( "index.json" )
static-file.etags = "enable"
server.stat-cache-engine = "disable" # else a document that was replaced is served for a second more
ssl.engine = "enable"
ssl.pemfile = "$SERVER_DIR/ca/server.pem"
ssl.privkey = "$SERVER_DIR/ca/server.key"
END
    _run_keys_server
}

_run_keys_server() {
    _start server "$(_program lighttpd)" -D -f "$SERVER_DIR/keys-server.conf"
}

stop_keys_server() {
    _stop "$1/pids/server"
}

resume_keys_server() {
    local SERVER_DIR=$1
    _run_keys_server
    if ! _await server _listens; then
        echo "the issuer's documents are not served again:" >&2
        server_log >&2
        return 1
    fi
}

keys_fetches() {
    local log=$1/log/access.log deadline=$((SECONDS + 10))
    # lighttpd keeps lines back for seconds, but not when told to begin a new file.
    if [[ -e $1/pids/server ]]; then
        mv "$log" "$log.$(date +%s.%N)"
        kill -HUP "$(<"$1/pids/server")"
        until [[ -e $log ]]; do
            ((SECONDS < deadline)) || die "lighttpd did not begin a new access log" || return
            sleep 0.02
        done
    fi
    cat "$log"* | grep -c 'GET /\.well-known/jwks\.json ' || [[ $? -eq 1 ]]
}

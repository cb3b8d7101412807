#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154  # nginx's own $; names shared with guard-cases
# What the page of nginx says under "Open doors", in one nginx with a site for each row (tests/surroundings/nginx-doors.rows).

bats_require_minimum_version 1.5.0
load ../support/guard-cases
load ../support/doctor
load ../support/doors
load ../support/servers-nginx
: "${top_srcdir:?}" "${top_builddir:?}"

ROWS=$top_srcdir/tests/surroundings/nginx-doors.rows

guard_serve() {
    guard_backend
    _start php spawn-fcgi -n -s "$SERVER_DIR/run/php.socket" -M 0660 -u "$WORKER_USER" -- "$SERVER_DIR/bin/fcgi-show"
    _await php test -S "$SERVER_DIR/run/php.socket"
    doors_files
    as_worker mkdir -p "$SERVER_DIR"/run/{copy/dav,move/dav}
    as_worker cp -r "$SERVER_DIR/www/private" "$SERVER_DIR/run/copy/dav"
    as_worker cp -r "$SERVER_DIR/www/private" "$SERVER_DIR/run/move/dav"
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    start_workers nginx-conf/fcgi-bearer.conf
    _start_on_a_port _doors
}

doors_files() (
    umask 022
    cd "$SERVER_DIR" || exit
    mkdir www/files www/private-php
    touch www/private-php/show.php
    echo '<!--# include virtual="/private/secret.txt" -->' >www/includes.html
    cp -r /etc/nginx/{fastcgi.conf,snippets} etc
)

# _doors PORT: the shipped site there, and one for each row at an address of its own.
_doors() {
    local number outcome level path lines here
    nginx_files "$1"
    {
        echo "proxy_cache_path $SERVER_DIR/run/front keys_zone=F:1m;"
        while read -r number outcome level path lines; do
            [[ $path != *:* || -n $lines ]] || continue
            here=127.0.1.$number:$1
            case $level in
                f) printf '%s\n' 'server {' "listen $here;" "$lines" '}' ;;
                h) echo "$lines" && site "$here" h '' ;;
                *) site "$here" "$level" "$lines" ;;
            esac
        done < <(rows "$1")
    } >"$SERVER_DIR/etc/conf.d/sites.conf"
    _nginx_base >"$SERVER_DIR/etc/nginx.conf"
    _start server "$(_program nginx)" -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
}

# site ADDRESS:PORT LEVEL LINES: prints the shipped site there, with these lines at this level.
site() {
    lines=$3 awk -v here="$1" -v level="$2" '
        BEGIN { lines = ENVIRON["lines"] }
        /^    listen / { print "    listen " here ";"; next }
        /include fcgi-bearer\/guard\.conf/ && level == "b" { print lines }
        /^    location \^~ \/private \{/ && level == "o" { print lines; skip = 1 }
        !skip { print }
        /^    location \^~ \/private \{/ { files = 1 }
        /include fcgi-bearer\/location\.conf/ && files && level == "i" { print lines }
        /^    }/ { skip = files = 0 }
        /include fcgi-bearer\/api\.conf/ && level == "s" { print lines }' "$SERVER_DIR/etc/conf.d/guarded-site.conf"
}

# rows PORT: prints NUMBER OUTCOME LEVEL PATH LINES.
rows() {
    local run=$SERVER_DIR/run app secret=$'\341\233\212' guard='auth_request /.bearer/scope=read:files; include fcgi-bearer/location.conf;'
    app=127.0.0.1:$(<"$SERVER_DIR/backend-port")
    sed '/^[a-z]/!d' "$ROWS" | cat -n | sed "s|@GUARD@|$guard|g; s|@APP@|proxy_pass http://$app; proxy_set_header Host \$host;|g; s|@BACKEND@|${app#*:}|g
        s|@PHP@|fastcgi_pass unix:$run/php.socket; include fcgi-bearer/program.conf;|g; s|@WWW@|$SERVER_DIR/www|g; s|@PORT@|$1|g; s|@SECRET@|$secret|g
        s|@DAV@|location /dav/ { dav_methods COPY MOVE; create_full_put_path on; root $run/@METHOD@; location ^~ /dav/private { $guard } }|g
        /MOVE:/s|@METHOD@|move|; /COPY:/s|@METHOD@|copy|; s|@RUN@|$run|g; s|^ *\([0-9]*\)\(.*\)@HERE@|\1\2127.0.1.\1|"
}

setup_file() { guard_setup; }
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

# Of the row that is tried; empty where its path is a whole URL.
server_url() { echo "$base"; }

# comes WHO [OPTION...]: sets came to the status, and to "secret" behind it if one came.
comes() {
    guard_as "$1"
    options+=("${@:2}")
    guard_urls "$path"
    came=${statuses[0]}
    ! grep -q -a $'\341\233\212' "$BATS_TEST_TMPDIR/got/0.body" || came+=' secret'
}

# look [--token -]: sets status and output to what doctor says of the row's URL; with the token named by bearer, or full.
look() {
    doctor_clean
    run --separate-stderr as_worker "${CLEAN[@]}" "BEARER_CONFIG=$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec/bearerctl" doctor --offline "$@" "$(server_url)$path" <<<"$(token "${bearer-full}")"
    [[ $status -le 2 ]]
}

# copied: METHOD:FROM:TO:NAME is done, and path is what to ask for. What is guarded stays where it is.
copied() {
    local method from to name
    IFS=: read -r method from to name <<<"$path"
    path=${from}private/
    comes none "request = $method" "header = \"Destination: $(server_url)$to\""
    same "$method of what is guarded" 401 "$came"
    path=$from
    comes none "request = $method" "header = \"Destination: $(server_url)$to\"" 'header = "Depth: infinity"'
    [[ $came == 20[14] ]]
    path=$to$name
}

# by_fastcgi: asks the socket of the row, in the name of a client that there is not.
by_fastcgi() {
    "$top_builddir/fcgi-peer" "${path#fcgi:}" REQUEST_METHOD=GET SCRIPT_NAME=/api PATH_INFO=/private REMOTE_ADDR=192.0.2.77 >"$BATS_TEST_TMPDIR/out" 2>&1
    case $outcome in
        open) grep -q -a $'\341\233\212' "$BATS_TEST_TMPDIR/out" ;;
        said) grep -q -F 'reason=no-credentials client=192.0.2.77' "$BATS_TEST_TMPDIR/out" ;;
    esac
}

# everybody_is_let_in: and doctor says so.
everybody_is_let_in() {
    comes none
    same status '200 secret' "$came"
    look
    says failure 'without a token: ' 'everybody is let in'
}

# unseen: doctor has no failure to tell of.
unseen() {
    look
    [[ $status -le 1 ]]
    says ok 'none is open'
}

try_row() {
    case $outcome in
        open) everybody_is_let_in ;;
        kept)
            comes full
            everybody_is_let_in
            look --token -
            says failure 'everybody'
            ;;
        public)
            comes full
            grep -q -i $'^cache-control: public\r$' "$BATS_TEST_TMPDIR/got/0.head"
            look --token -
            says failure 'Cache-Control says public'
            ;;
        loose)
            comes none
            same 'without a token' 401 "$came"
            comes scopeless
            same 'without the scope' '200 secret' "$came"
            unseen
            path=${path%/*}/ bearer=scopeless look --token -
            says failure 'requires less'
            ;;
        told:*)
            comes none
            same 'without a token' 401 "$came"
            comes full
            grep -q "^${outcome#told:}" "$BATS_TEST_TMPDIR/got/0.body"
            unseen
            ;;
        basic:*)
            comes none "header = \"Authorization: Basic $(printf 'made-up:x' | base64)\""
            grep -q "^${outcome#basic:}\$" "$BATS_TEST_TMPDIR/got/0.body"
            everybody_is_let_in
            ;;
        *) false ;;
    esac
}

@test "D1: each line of the page's open doors has a row" {
    [[ $(doors_of nginx.md | wc -l) -gt 10 ]]
    sed -n 's/^> //p' "$ROWS" | doors_have_rows nginx.md
    # The other page says where they are.
    [[ -z $(doors_of nginx-programs.md) ]]
    run -0 awk '/^>/ { line = $0; rows[line] = 0 } /^[a-z]/ { rows[line]++ } END { for (line in rows) if (!rows[line]) print line }' "$ROWS"
    [[ -z $output ]]
}

@test "D1: what the page says opens the door does, and doctor says so of its URL" {
    local number outcome level path lines base came count=0
    while read -r number outcome level path lines <&5; do
        echo "row $number: $outcome $level $path $lines"
        base=http://127.0.1.$number:$(<"$SERVER_DIR/port")
        [[ $path != http:* ]] || base=
        [[ $path != [A-Z]* ]] || copied
        if [[ $path == fcgi:* ]]; then by_fastcgi; else try_row; fi
        count=$((count + 1))
    done 5< <(rows "$(<"$SERVER_DIR/port")")
    ((count > 30))
}

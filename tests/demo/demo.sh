# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: the demo. lighttpd with four workers, an issuer of its own under a private CA; all of it in one temporary
# directory, started by this script and ended by it.

for part in packages build ports npm; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done
# shellcheck source=tests/demo/calls.sh
. "$top/tests/demo/calls.sh"

audience=https://fcgi-bearer.example/api
server_pid=

demo() {
    once=
    case $#:${1-} in
        0:) ;;
        1:--once) once=yes ;;
        *) usage_error "demo takes --once or nothing" ;;
    esac
    [ -z "${PORT-}" ] || check_port "$PORT"
    choose_ports
    need_packages build demo
    at_exit give_back
    step "Building"
    build_gcc || die "the build failed (see above)"
    fetch_swagger_ui

    new_state_dir fcgi-bearer-demo
    at_exit stop_demo
    step "Setting up an issuer and a server in $state_dir"
    set_up_programs
    set_up_docs
    set_up_issuer
    set_up_server
    set_up_page
    start_server

    if [ -n "$once" ]; then
        step "The calls"
        make_calls
        stop_demo
        report_calls
    else
        print_commands
        serve
    fi
}

# choose_ports: sets port and tls_port. A port that was asked for, or 8000, must be free; --once takes any.
choose_ports() {
    if [ -n "$once" ] && [ -z "${PORT-}" ]; then
        port=$(free_port)
    else
        port=${PORT:-8000}
        held_by=$(holder "$port")
        [ -z "$held_by" ] || die "port $port is in use by $held_by" \
            "Stop that program, or choose another port: PORT=$(free_port) ./dev demo${once:+ --once}"
    fi
    tls_port=$(free_port)
    issuer=https://localhost:$tls_port/
    url=http://127.0.0.1:$port/api
}

# set_up_programs: copies, since the worker user may not be able to reach the checkout.
set_up_programs() {
    mkdir "$state_dir/bin" "$state_dir/etc" "$state_dir/www"
    mkdir -m 700 "$state_dir/cache" "$state_dir/log" "$state_dir/run"
    install -m 755 "$top/build/bearer.fcgi" "$top/build/bearerctl" "$top/build/bearer-issuer" "$state_dir/bin"
    if is_root; then
        chown "$worker_user:" "$state_dir/cache" "$state_dir/log" "$state_dir/run"
    fi
}

# fetch_swagger_ui: sets docs, for BEARER_DOCS. The demo does without these files where there is no npm, or where it reaches nobody; then /docs says how to have them.
fetch_swagger_ui() {
    docs=on
    swagger_ui=$top/build/swagger-ui
    command -v npm >/dev/null || return 0
    if npm_put "$top/tests/browser" "$swagger_ui" --omit=dev --fetch-retries=0 --fetch-timeout=10000 2>/dev/null; then
        docs=/swagger-ui
    else
        note "npm could not fetch Swagger UI (see $swagger_ui/npm.log)"
    fi
}

# set_up_docs: a copy, for the same reason as the programs.
set_up_docs() {
    [ "$docs" != on ] || return 0
    mkdir "$state_dir/swagger-ui"
    for file in swagger-ui.css swagger-ui-bundle.js favicon-32x32.png; do
        install -m 644 "$swagger_ui/node_modules/swagger-ui-dist/$file" "$state_dir/swagger-ui"
    done
}

# set_up_issuer: keys, their documents, and a certificate for the HTTPS server which publishes them.
set_up_issuer() {
    bash -c '. "$1" && ca_make "$2"' bash "$top/tests/support/ca.bash" "$state_dir/ca" ||
        die "the certificates could not be made (see above)"
    install -m 644 "$state_dir/ca/ca.pem" "$state_dir/bin/ca.pem"
    issuer_command init "$state_dir/issuer" --issuer "$issuer" >/dev/null
}

issuer_command() {
    "$state_dir/bin/bearer-issuer" "$@" </dev/null || die "bearer-issuer $1 failed (see above)"
}

# token [ARGUMENT...]: prints a token for the demo's API, good for a day.
token() {
    token_for 86400 "$@"
}

# token_for SECONDS [ARGUMENT...]
token_for() {
    exp=$1
    shift
    issuer_command token "$state_dir/issuer" --aud "$audience" --sub demo-user --exp "$exp" "$@"
}

# set_up_server: the shipped files, and a bearer.env beside the program as for any tenant.
set_up_server() {
    cat >"$state_dir/bin/bearer.env" <<EOF
AUTH0_ISSUER=$issuer
AUTH0_API_AUDIENCE=$audience
BEARER_CA_FILE=$state_dir/bin/ca.pem
BEARER_CACHE_DIR=$state_dir/cache
BEARER_LOG_LEVEL=info
BEARER_DOCS=$docs
EOF
    for conf in demo fcgi-bearer; do
        FB_LIBEXEC=$state_dir/bin FB_RUN=$state_dir/run FB_DEMO=$state_dir FB_PORT=$port FB_TLS_PORT=$tls_port \
            "$top/tests/support/substitute.sh" "$top/lighttpd-conf/$conf.conf" >"$state_dir/etc/$conf.conf"
    done
}

# set_up_page: the page at /, and what it calls the endpoints with.
set_up_page() {
    install -m 644 "$top"/template/www/* "$state_dir/www"
    cat >"$state_dir/www/demo.json" <<EOF
{"api": "/api", "tokens": [
    {"name": "A good token", "token": "$(token)"},
    {"name": "One with the scope read:messages", "token": "$(token --scope read:messages)"},
    {"name": "One that has expired", "token": "$(token_for -3600 --scope read:messages)"}
]}
EOF
}

# start_server: returns when it answers. Neither it nor the workers inherit the person's environment, nor a Ctrl-C: they
# are stopped in order.
start_server() {
    setsid env -i PATH="$PATH" LANG=C "$(command -v lighttpd)" -D -f "$state_dir/etc/demo.conf" \
        </dev/null >"$state_dir/lighttpd.out" 2>&1 &
    server_pid=$!
    start_tries=200
    until request -o /dev/null --fail "$url/public" 2>/dev/null; do
        start_tries=$((start_tries - 1))
        if [ "$start_tries" -eq 0 ] || ended "$server_pid" 0; then
            show_logs
            die "lighttpd did not start answering (see above)"
        fi
        sleep 0.05
    done
}

show_logs() {
    for log in lighttpd.out log/error.log; do
        if [ -s "$state_dir/$log" ]; then
            note "lighttpd says ($log):"
            tail -n 20 "$state_dir/$log" | sed 's/^/    | /'
        fi
    done
}

# request CURL-ARGUMENT...: not through a proxy, and without the person's own curl settings.
request() {
    curl -q --silent --show-error --noproxy '*' --max-time 20 "$@" </dev/null
}

docs_state() {
    if [ "$docs" = on ]; then
        echo "once you have done what that page says"
    else
        echo "with the token above under Authorize"
    fi
}

print_commands() {
    plain_token=$(token)
    scoped_token=$(token --scope read:messages)
    direct=
    if [ -n "${http_proxy-}${ALL_PROXY-}${all_proxy-}" ]; then
        direct="--noproxy '*' "
    fi
    step "Serving on $url. Paste these into another terminal:"
    cat <<EOF

Public, for everybody:

curl -i $direct$url/public

Private: 401 without a token, the token's claims with one (valid for 24 hours):

curl -i $direct$url/private

curl -i $direct$url/private -H 'Authorization: Bearer $plain_token'

Private, and needs the scope read:messages (the token above gets 403):

curl -i $direct$url/private-scoped -H 'Authorization: Bearer $scoped_token'

In a browser, with a button for each of these calls:

http://127.0.0.1:$port/

And to read and try all of them, $(docs_state):

$url/docs

Another token, with claims of your own:

$state_dir/bin/bearer-issuer token $state_dir/issuer --aud $audience --scope 'read:messages' --sub me

EOF
    step "Ctrl-C stops it. What the server logs:"
}

# serve: until Ctrl-C, which is the good end, or until lighttpd ends, which is not.
serve() {
    trap 'echo; stop_demo; exit 0' INT TERM
    tail -n +1 -F "$state_dir/log/error.log" 2>/dev/null &
    tail_pid=$!
    wait "$server_pid" || true
    die "lighttpd ended by itself (see above)"
}

# stop_demo: ends what was started, waits for it, and removes the directory. May be called twice.
stop_demo() {
    [ -d "$state_dir" ] || return 0
    for pid in ${tail_pid-} $server_pid; do
        [ "$pid" != "$server_pid" ] || step "Stopping lighttpd and its workers"
        kill "$pid" 2>/dev/null || true
        ended "$pid" 10 || kill -KILL "$pid"
        wait "$pid" 2>/dev/null || true
    done
    # A worker ends when lighttpd tells it to; a refresh of the keys, by itself.
    for pid in $(running_below "$state_dir"); do
        if ! ended "$pid" 10; then
            bad "process $pid did not end: killed"
            kill -KILL "$pid"
            left_over=$pid
        fi
    done
    fetches=$(grep -c 'GET /.well-known/jwks.json ' "$state_dir/log/issuer.log" 2>/dev/null) || true
    rm -rf "$state_dir"
    note "stopped; $state_dir is removed"
}

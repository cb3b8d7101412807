#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2154  # another shell's $; names shared with servers and hosts
# Workers on two hosts, which are network namespaces, behind HAProxy and behind nginx on a third. Each host has its own key cache.

bats_require_minimum_version 1.5.0
load ../support/servers
load ../support/servers-nginx
load ../support/hosts

AUDIENCE=https://api.example.test/

setup_file() {
    hosts_up one two
    keys_server_up
    host_workers one
    host_workers two
    haproxy_up
    nginx_up
}

teardown_file() { hosts_down; }
setup() { hosts_known; }

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || { for SERVER_DIR in "${host_dir[@]}"; do echo "--- $SERVER_DIR" && server_log | tail -n 20; done; } >&2
}

# The shipped file; but the tests do not wait as long for a host that says nothing, and want to know who answered.
haproxy_up() {
    local SERVER_DIR=${host_dir[front]}
    _shipped haproxy-conf/haproxy.cfg 8000 's/timeout server .*/timeout server 3s/; s/inter 1s/inter 300ms/
        s/^backend workers/&\n    http-response set-header X-Host %[srv_name]/' >"$SERVER_DIR/etc/haproxy.cfg"
    host_start front haproxy "$(_program haproxy)" -db -f "$SERVER_DIR/etc/haproxy.cfg"
    _host_await front haproxy 8000
}

# The shipped files, with the lines of the page for several hosts. Port 8002 has a file, guarded.
nginx_up() {
    local SERVER_DIR=${host_dir[front]} servers
    (umask 022 && mkdir "$SERVER_DIR/www/api" && echo 'the secret' >"$SERVER_DIR/www/api/private")
    servers=$(sed -n 's/^ *\(server 10\.77\..*;\)/\1/p' "$top_srcdir/doc/several-machines.md")
    nginx_files 8001 "s/^ *server unix:.*/${servers//$'\n'/\\n}/
        s/fastcgi_read_timeout .*/fastcgi_read_timeout 2s;/; s/fail_timeout=5s/fail_timeout=1s/g
        s/^ *#kept: fastcgi_keep_conn.*/&\n add_header X-Host \$upstream_addr always;/"
    _shipped nginx-conf/guarded-site.conf 8002 "s|/srv/www|$SERVER_DIR/www|; /api\.conf/d; s|\^~ /private {|^~ /api {|; s|scope=read:files|valid-token|
        " >"$SERVER_DIR/etc/conf.d/guarded.conf"
    _nginx_base >"$SERVER_DIR/etc/nginx.conf"
    host_start front nginx "$(_program nginx)" -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
    _host_await front nginx 8001
}

issuer() {
    "$top_builddir/bearer-issuer" "$@" </dev/null
}

token() {
    issuer token "${host_dir[front]}/issuer" --aud "$AUDIENCE"
}

# ask PORT TOKEN NUMBER [OPTION...]: that many requests for /api/private, 16 at a time; the answers are in $BATS_TEST_TMPDIR/answers, one line each:
# status and host.
ask() {
    local port=$1 token=$2 number=$3
    shift 3
    host_run front stdbuf -oL curl -q --silent "$@" --noproxy '*' --max-time 20 -Z --parallel-max 16 --parallel-immediate -H "Authorization: Bearer $token" -o /dev/null \
        -w '%{http_code} %header{x-host}\n' "http://10.77.0.1:$port/api/private?[1-$number]" </dev/null >"$BATS_TEST_TMPDIR/answers" 2>/dev/null || true
}

# answered PATTERN: the number of answers that match.
answered() {
    grep -c -E -e "$1" "$BATS_TEST_TMPDIR/answers" || [[ $? -eq 1 ]]
}

# await COMMAND...: for 15 s at most.
await() {
    local deadline=$((SECONDS + 15))
    until "$@"; do
        ((SECONDS < deadline)) || { echo "waited in vain: $*" >&2 && return 1; }
        sleep 0.05
    done
}

# both_serve PORT TOKEN
both_serve() {
    ask "$1" "$2" 32
    [[ $(answered '^200 ') -eq 32 && $(answered '^200 (one|10.77.0.11:9300)$') -gt 0 && $(answered '^200 (two|10.77.0.12:9300)$') -gt 0 ]]
}

# four_requests_at HOST: front has that many connections to its workers.
four_requests_at() {
    local address
    IFS=. read -r -a address <"$HOSTS/$1.address"
    awk -v to="$(printf '%02X' "${address[3]}" "${address[2]}" "${address[1]}" "${address[0]}"):2454" '$3 == to && $4 == "01"' \
        "/proc/$(<"${host_dir[front]}/pids/haproxy")/net/tcp" >"$BATS_TEST_TMPDIR/connections"
    (($(wc -l <"$BATS_TEST_TMPDIR/connections") >= 4))
}

@test "both hosts serve, each with a key cache of its own" {
    local host
    await both_serve 8000 "$(token)"
    await both_serve 8001 "$(token)"
    for host in one two; do
        [[ -n $(find "${host_dir[$host]}/cache" -type f -size +0) ]]
    done
}

# reads_end HOST SECONDS ADDRESS: a connection from there to the workers is closed within that time, without a request.
reads_end() {
    host_run "$1" timeout "$2" bash -c 'exec 3<>"/dev/tcp/$0/9300" && ! read -r -n 1 -u 3' "$3"
}

@test "workers hang up on whom FCGI_WEB_SERVER_ADDRS does not name" {
    reads_end one 5 10.77.0.11
    run -124 reads_end front 0.5 10.77.0.11
}

refused_after_refresh() {
    local host
    for host in one two; do
        host_run "$host" env -i "BEARER_CONFIG=${host_dir[$host]}/etc/bearer.env" "${host_dir[$host]}/libexec/bearerctl" refresh >/dev/null
    done
    # 503 where another is asking the issuer just now: without a cooldown (BEARER_JWKS_COOLDOWN), each unknown key is asked about.
    ask 8000 "$1" 32
    [[ $(answered '^(401|503) (one|two)$') -eq 32 && $(answered '^401 one$') -ge 1 && $(answered '^401 two$') -ge 1 ]]
}

@test "rotation reaches both hosts, and costs nobody an answer" {
    local old new
    old=$(token)
    issuer rotate "${host_dir[front]}/issuer" >/dev/null
    new=$(token)
    await both_serve 8000 "$new"
    [[ $(answered '^200 ') -eq 32 ]]
    both_serve 8001 "$new"
    both_serve 8000 "$old"
    # The old key is withdrawn. A worker that knows it asks for nothing before its keys are due: by hand, on each host.
    issuer rotate "${host_dir[front]}/issuer" --drop >/dev/null
    await refused_after_refresh "$old"
    both_serve 8000 "$new"
}

@test "an issuer that is down stops no host" {
    local token
    token=$(token)
    SERVER_DIR=${host_dir[front]}
    _stop "$SERVER_DIR/pids/keys-server"
    both_serve 8000 "$token"
    both_serve 8001 "$token"
    host_start front keys-server "$(_program lighttpd)" -D -f "$SERVER_DIR/keys-server.conf"
    _host_await front keys-server 8443
}


# cut_off_under_load BUSY HOST PORT NUMBER [OPTION...]: nothing comes out of the host any more; if BUSY is not empty, then when its workers
# have stopped and four requests are with them.
cut_off_under_load() {
    local busy=$1 host=$2 port=$3 load pids
    shift 3
    # Looked for now: later the load might be over by then.
    mapfile -t pids < <(SERVER_DIR=${host_dir[$host]} workers_running)
    ask "$port" "$(token)" "$@" 3>&- 4>&- &
    load=$!
    await test -s "$BATS_TEST_TMPDIR/answers"
    if [[ -n $busy ]]; then
        kill -STOP "${pids[@]}"
        await four_requests_at "$host"
    fi
    host_power_cut "$host"
    wait "$load"
}

host_back() {
    host_power_on "$1"
    host_workers "$1"
    await both_serve "$2" "$(token)"
}

# all_but_lost NUMBER: answers there are, and the rest had reached host one.
all_but_lost() {
    local log=${host_dir[front]}/log/haproxy.out lost
    lost=$(answered '^504 ')
    # It can have four at a time (maxconn).
    [[ $(answered '^200 ') -eq $(($1 - lost)) && $lost -le 4 ]]
    # HAProxy says of each that is lost what it was waiting for: an answer (H), never a connection (C) or a place in the queue (Q).
    [[ $(tail -n "+$log_from" "$log" | grep -c -E ' (50[0-9]|-1) [0-9]+ - - ') -eq $lost ]]
    [[ $(tail -n "+$log_from" "$log" | grep -c -E ' workers/one [0-9/+-]+ 504 [0-9]+ - - sH-- ') -eq $lost ]]
}

@test "HAProxy: a host with work is cut off under load; what waits is answered by the other" {
    log_from=$(wc -l <"${host_dir[front]}/log/haproxy.out")
    cut_off_under_load busy one 8000 2000
    all_but_lost 2000
    [[ $(answered '^504 ') -ge 1 ]]
    # Without it everything goes on, and it comes back.
    ask 8000 "$(token)" 32
    [[ $(answered '^200 two$') -eq 32 ]]
    host_back one 8000
}

# redispatched LINE: from that line on, HAProxy's log has an answer of host two to a request whose connection to host one had failed.
redispatched() {
    tail -n "+$1" "${host_dir[front]}/log/haproxy.out" | grep -q -E ' workers/two [0-9/+-]+ 200 .*/\+[0-9]+ [0-9]+/[0-9]+ '
}

@test "HAProxy: a host is cut off; what finds no connection to it is answered by the other" {
    local token from seen=
    token=$(token)
    # HAProxy may notice by its own checks before a request does: then there is another cut.
    for _ in {1..5}; do
        from=$(wc -l <"${host_dir[front]}/log/haproxy.out")
        host_power_cut one
        ask 8000 "$token" 32
        [[ $(answered '^200 two$') -eq 32 ]]
        if redispatched "$from"; then
            seen=yes
        fi
        host_back one 8000
        [[ -z $seen ]] || break
    done
    [[ -n $seen ]]
}

@test "nginx: a host is cut off under load; what can be asked twice is answered by the other" {
    cut_off_under_load busy two 8001 2000
    [[ $(answered '^200 ') -eq 2000 ]]
    # Some by way of the one that was cut off.
    [[ $(answered '^200 10.77.0.12:9300, 10.77.0.11:9300$') -ge 1 ]]
    # So it is where nginx only asks whether a request may pass, be it a POST.
    ask 8002 "$(token)" 32
    [[ $(answered '^200 ') -eq 32 ]]
    ask 8002 "$(token)" 8 --data-binary x
    [[ $(answered '^405 ') -eq 8 ]] # of a file
    ask 8002 x 8
    [[ $(answered '^401 ') -eq 8 ]]
    host_back two 8001
}

@test "nginx: what may have been done already is not asked twice" {
    local lost
    cut_off_under_load busy two 8001 2000 --data-binary x
    lost=$(answered '^50[24] 10.77.0.12:9300$')
    ((lost >= 1))
    [[ $(answered '^405 ') -eq $((2000 - lost)) ]]
}

# tunnel HOST FILE SECTION: starts the tunnel's end of the page's section, with the certificate FILE.
tunnel() {
    local SERVER_DIR=${host_dir[$1]} conf=${host_dir[$1]}/etc/stunnel-$2.conf
    mkdir -p "$SERVER_DIR/tunnel"
    # Once: another tunnel of this host may be reading its authority just now.
    [[ -e $SERVER_DIR/tunnel/ca.pem ]] || cp "${host_dir[front]}/ca/ca.pem" "$SERVER_DIR/tunnel"
    cp "${host_dir[front]}/ca"/{"$2".pem,"$2".key} "$SERVER_DIR/tunnel"
    {
        printf '%s\n' 'foreground = yes' 'pid =' 'debug = notice'
        sed -n "/^   \[$3\]/,/^   EOF/{ /EOF/d; s/^   //p }" "$top_srcdir/doc/several-machines.md" |
            sed "s,/etc/stunnel/\(host\|front\)\.,$SERVER_DIR/tunnel/$2.,; s,/etc/stunnel,$SERVER_DIR/tunnel,; ${4-}"
    } >"$conf"
    host_start "$1" "tunnel-$2" "$(_program stunnel)" "$conf"
}

@test "a tunnel as the page has it; without the right certificate nobody gets to the workers" {
    local SERVER_DIR=${host_dir[front]} port
    # one's workers again, where only the tunnel gets.
    SERVER_DIR=${host_dir[one]} _stop "${host_dir[one]}/pids/workers"
    host_workers one 's/10\.77\.0\.[0-9]*/127.0.0.1/g'
    host_cert front ca
    host_cert one ca
    host_cert stranger other-ca
    host_cert two ca
    tunnel one one workers
    _host_await one tunnel-one 9443
    tunnel front front one
    tunnel front stranger one 's/9311/9312/'
    tunnel front two one 's/9311/9313/'
    _host_await front tunnel-front 9311
    _host_await front tunnel-stranger 9312
    _host_await front tunnel-two 9313
    for port in 9311 9312 9313; do
        sed "s/\(server one\) .*/\1 127.0.0.1:$port/; /server two/d; s/bind :8000/bind :1$port/" "$SERVER_DIR/etc/haproxy.cfg" >"$SERVER_DIR/etc/haproxy-$port.cfg"
        host_start front "haproxy-$port" "$(_program haproxy)" -db -f "$SERVER_DIR/etc/haproxy-$port.cfg"
        _host_await front "haproxy-$port" "1$port"
    done
    ask 19311 "$(token)" 32
    [[ $(answered '^200 one$') -eq 32 ]]
    for port in 19312 19313; do
        ask "$port" "$(token)" 4
        [[ $(answered '^50[23] ') -eq 4 ]]
    done
    # It is the tunnel that said so.
    [[ $(cat "${host_dir[one]}/log/tunnel-one.out") == *'Rejected by CERT'*CN=stranger* ]]
    [[ $(cat "${host_dir[one]}/log/tunnel-one.out") == *'Rejected by CERT'*CN=two* ]]
    # And past the tunnel there is nothing.
    run ! host_run front timeout 5 bash -c '>/dev/tcp/10.77.0.11/9300'
}

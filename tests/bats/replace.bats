#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A new bearer.fcgi in the place of the old one, by rename, while requests come in: which answers, and that none is lost. The new one says HELLO.

# shellcheck disable=SC2154  # kind

bats_require_minimum_version 1.5.0
load ../support/keycache

: "${top_builddir:?}"

setup_file() {
    issuer_run init "$BATS_FILE_TMPDIR/issuer" --issuer "$ISSUER" >"$BATS_FILE_TMPDIR/init.out"
    cp "$BATS_FILE_TMPDIR/issuer/www/.well-known/jwks.json" "$BATS_FILE_TMPDIR"
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || { sort "$BATS_TEST_TMPDIR"/loop.* | uniq -c && server_log | tail -n 30; } >&2
    stop_asking
    server_remove
}

# _keep_asking NOTHING FILE: what keep_asking starts; a process for each request would be most of the load. Greeting and status of each answer are a line.
_keep_asking() {
    # shellcheck disable=SC2016  # perl's own $
    exec perl -MIO::Socket::INET -e '
        my ($port, $path, $stop) = @ARGV;
        $| = 1;
        until (-e $stop) {
            my $answer = "";
            my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, Timeout => 20);
            if ($server) {
                print $server "GET $path HTTP/1.0\r\nHost: localhost\r\n\r\n";
                $answer = join "", <$server>;
            }
            my ($status) = $answer =~ m{^HTTP/1\.[01] (\d+)};
            my ($greeting) = $answer =~ /"msg":"(\w+) /;
            print $greeting // "-", " ", $status // "none", "\n";
            select undef, undef, undef, 0.005;
        }' "$(<"$SERVER_DIR/port")" "$API/public" "$BATS_TEST_TMPDIR/stop" >"$2"
}

# LINES: more lines of the server's; of lighttpd's one.
serve() {
    case $kind in
        lighttpd) start_lighttpd snippet "${LINES:+\$a $LINES}" ;;
        *)
            [[ -z ${LINES-} ]] || echo "$LINES" >"$SERVER_DIR/etc/apache.d/more.conf"
            start_apache "$kind"
            ;;
    esac
}

# under_load KIND: a server of that kind, and three clients that have had some answers.
under_load() {
    kind=$1 new_server
    keep_asking 3 nothing
    more_answers 5
    [[ $(sort -u "$BATS_TEST_TMPDIR"/loop.*) == 'Hello 200' ]]
}

replace() {
    LC_ALL=C sed 's/Hello from a public/HELLO from a public/' "$top_builddir/bearer.fcgi" >"$SERVER_DIR/libexec/new"
    chmod 755 "$SERVER_DIR/libexec/new"
    mv "$SERVER_DIR/libexec/new" "$SERVER_DIR/libexec/bearer.fcgi"
}

# all_new: the last answer that each client has had is the new program's.
all_new() {
    [[ $(tail -q -n 1 "$BATS_TEST_TMPDIR"/loop.* | sort -u) == 'HELLO 200' ]]
}

# none_lost: every answer was one of the two.
none_lost() {
    stop_asking
    [[ $(sort -u "$BATS_TEST_TMPDIR"/loop.*) == $'HELLO 200\nHello 200' ]]
}

# old_ones: the processes that still run the program that was replaced.
old_ones() {
    find /proc/[0-9]*/exe -maxdepth 0 -lname "*$SERVER_DIR/libexec/bearer.fcgi (deleted)" 2>/dev/null | cut -d/ -f3
}

no_old_ones() {
    [[ -z $(old_ones) ]]
}

@test "Apache with mod_fcgid: the next request starts the new one" {
    local file
    under_load fcgid
    replace
    await all_new
    more_answers 5
    none_lost
    for file in "$BATS_TEST_TMPDIR"/loop.*; do # and none goes to the old one after that
        [[ $(uniq "$file") == $'Hello 200\nHELLO 200' ]]
    done
}

# running: the processes that run the program as it is now.
running() {
    find /proc/[0-9]*/exe -maxdepth 0 -lname "*$SERVER_DIR/libexec/bearer.fcgi" 2>/dev/null | cut -d/ -f3
}

# counted WHICH OPERATOR NUMBER: for example running -gt 3.
counted() {
    test "$("$1" | wc -l)" "$2" "$3"
}

ask_public() {
    curl -s -m 60 -o /dev/null "http://127.0.0.1:$(<"$SERVER_DIR/port")$API/public"
}

# crowd N: makes mod_fcgid start processes of the program until there are N or more: none of those it has goes on before.
crowd() {
    local asked=() pid count i
    while (($(running | wc -l) < $1)); do
        count=$(running | wc -l)
        # shellcheck disable=SC2046  # words
        ((count == 0)) || kill -STOP $(running)
        # Each may be idle, and takes one request: then one more needs another process.
        for ((i = 0; i <= count; i++)); do
            ask_public 3>&- 4>&- &
            asked+=($!)
        done
        await counted running -gt "$count"
    done
    # shellcheck disable=SC2046
    kill -CONT $(running)
    for pid in "${asked[@]}"; do
        wait "$pid"
    done
}

# What the page says of old processes, with scans every second instead of every two minutes. A scan ends idle ones of more than
# three, and of three none. It has come when it has ended new ones, which are not idle for as long as the old.
@test "P3: Apache with mod_fcgid: three old processes stay, and with FcgidMinProcessesPerClass 0 none" {
    local old soon=$'FcgidIdleTimeout 1\nFcgidIdleScanInterval 1\nFcgidErrorScanInterval 1\nFcgidZombieScanInterval 1'
    # shellcheck disable=SC2016  # the page's own
    [[ $(<"$top_srcdir/doc/apache-mod-fcgid.md") == *'Up to three stay until Apache is restarted'*'If there are more, each that is idle for five minutes'*'With `FcgidMinProcessesPerClass 0` all end by themselves'* ]]
    kind=fcgid LINES=$soon new_server
    crowd 2
    old=$(running)
    replace
    crowd 4
    await counted running -lt 4
    [[ $(old_ones) == "$old" ]]
    server_remove
    kind=fcgid LINES=$soon$'\nFcgidMinProcessesPerClass 0' new_server
    crowd 1
    replace
    await no_old_ones
}

@test "S3: lighttpd: the old ones go on, until a graceful restart" {
    under_load lighttpd
    replace
    more_answers 5
    [[ $(sort -u "$BATS_TEST_TMPDIR"/loop.*) == 'Hello 200' ]]
    kill -USR1 "$(<"$SERVER_DIR/pids/server")" # systemctl reload lighttpd
    await all_new
    await no_old_ones
    more_answers 5
    none_lost
}

# take_large: asks for /large, takes its head, and the rest as soon as there is the file "go"; prints how much that was.
take_large() {
    # shellcheck disable=SC2016  # perl's own $
    exec perl -MIO::Socket::INET -e '
        my ($port, $dir) = @ARGV;
        my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) or die;
        my ($octets, $piece) = (0);
        print $server "GET /large HTTP/1.0\r\n\r\n";
        until (($_ = <$server>) eq "\r\n") { die if !defined }
        open my $file, ">", "$dir/asked" or die;
        select undef, undef, undef, 0.02 until -e "$dir/go";
        while (read $server, $piece, 65536) { $octets += length $piece }
        print "$octets\n"' "$(<"$SERVER_DIR/port")" "$SERVER_DIR" >"$SERVER_DIR/taken"
}

answers_anew() {
    ask_greeting | grep -q HELLO
}

ask_greeting() {
    curl -s --noproxy '*' -m 60 "http://127.0.0.1:$(<"$SERVER_DIR/port")$API/public"
}

# restarts_with SECONDS: a graceful restart that may take so long, while a client does not take what it has asked for.
restarts_with() {
    kind=lighttpd LINES="server.feature-flags += ( \"server.graceful-shutdown-timeout\" => $1 )" new_server
    truncate -s 64M "$SERVER_DIR/empty/large"
    chmod 644 "$SERVER_DIR/empty/large"
    take_large 3>&- 4>&- &
    client=$!
    await test -e "$SERVER_DIR/asked"
    replace
    kill -USR1 "$(<"$SERVER_DIR/pids/server")"
}

# is_cut: lighttpd has ended what it sends to that client.
is_cut() {
    [[ -n $(ss -Htn state fin-wait-1 "( sport = :$(<"$SERVER_DIR/port") )") ]]
}

# taken OPERATOR: from now on the client takes what there is: that much of the whole.
taken() {
    touch "$SERVER_DIR/go"
    wait "$client"
    test "$(<"$SERVER_DIR/taken")" "$1" $((64 * 1024 * 1024))
}

@test "S3: lighttpd: a graceful restart waits for a request, but cuts it off when it takes longer than it may" {
    local client
    # shellcheck disable=SC2016  # the page's own
    [[ $(<"$top_srcdir/doc/lighttpd.md") == *'It cuts off what takes longer than `server.graceful-shutdown-timeout`: 5 s in the'*'`systemctl kill lighttpd`'* ]]
    [[ $(grep -ho '"server.graceful-shutdown-timeout" => [0-9]*' "$top_srcdir"/lighttpd-conf/*.conf | sort -u) == *'=> 5' ]]
    restarts_with 600
    await grep -q 'graceful shutdown started' "$SERVER_DIR/log/error.log"
    taken -eq
    await answers_anew
    server_remove
    restarts_with 1
    await is_cut
    taken -lt
    await answers_anew
    server_remove
    # A client that does not even close its connection: Debian 12's waits for it, and systemctl kill ends that.
    restarts_with 1
    await is_cut
    # shellcheck disable=SC2046  # words
    [[ $("$(_program lighttpd)" -v) != lighttpd/1.4.69* ]] || kill "$(<"$SERVER_DIR/pids/server")" $(old_ones)
    await answers_anew
    taken -lt
}

# two_of PID: it has two children.
two_of() {
    [[ $(pgrep -c -P "$1") == 2 ]]
}

@test "S3: Apache with mod_proxy_fcgi: the old ones go on, until multiwatch has others in their place" {
    local line workers others children
    under_load proxy
    replace
    more_answers 5
    [[ $(sort -u "$BATS_TEST_TMPDIR"/loop.*) == 'Hello 200' ]]
    workers=$(<"$SERVER_DIR/pids/workers")
    # The page's line, with this run's file.
    line=$(sed -n 's/^    \(pkill .*\)/\1/p' "$top_srcdir/doc/apache-proxy-fcgi.md")
    # shellcheck disable=SC2016  # the page's own
    [[ $line == 'pkill -P "$(cat /run/fcgi-bearer.pid)"' && $(<"/proc/$workers/comm") == multiwatch ]]
    [[ $(grep -rh '^ *pkill ' "$top_srcdir/doc" | sort -u) == "    $line" ]]
    # Somebody else's, which it does not touch.
    _start others "$(_program multiwatch)" -f 2 -- "$(_program sleep)" 600
    others=$(<"$SERVER_DIR/pids/others")
    await two_of "$others"
    children=$(pgrep -P "$others")
    eval "${line/\/run\/fcgi-bearer.pid/$SERVER_DIR/pids/workers}"
    await no_old_ones
    await all_new
    more_answers 5
    none_lost
    [[ $(pgrep -P "$others") == "$children" ]]
}

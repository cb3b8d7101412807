# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The bundle for shared hosts, for bats: `load ../support/bundle`, after servers.
#
#   bundle_make DIR                  DIR/fcgi-bearer-*.zip, made from the programs in top_builddir
#   bare_root                        $SERVER_DIR/root: the bundle, unpacked to /api and /guarded-folder as the workers' own, a static shell, and nothing else
#   bare_settings NAME=VALUE...      its /api/bearer.env; the cache is /home/cache
#   bare [NAME=VALUE...] COMMAND...  runs it in there as the workers' user; with $proc set to noproc, without /proc
#   bare_cgi METHOD PATH [NAME=VALUE...]   asks the program in there as plain CGI; the answer is then as call() leaves it
#   bare_worker                      starts the program in there on a socket
#   bare_fcgi METHOD PATH [NAME=VALUE...]  asks that one, likewise
#   name_server NAME                 answers 127.0.0.1 for that name, at port 53 of the address it prints

: "${top_srcdir:?}" "${top_builddir:?}"

bundle_make() {
    # shellcheck disable=SC2016  # for the inner shell
    sh -c 'set -eu; umask 022; top=$1; parts=$top/build-aux/dev
        for part in lib packages ../bundle/bundle; do . "$parts/$part.sh"; done
        mkdir "$3/made"; make_bundle "$2" "$3/made" "$3"; rm -r "$3/made"' sh "$top_srcdir" "$top_builddir" "$1"
}

bare_root() {
    local root=$SERVER_DIR/root
    (
        umask 022
        mkdir -p "$root"/{bin,dev,proc,etc,home}
        cp "$(_program busybox)" "$root/bin/busybox"
        ln -s busybox "$root/bin/sh"
        : >"$root/dev/null"
        unzip -q "$BATS_FILE_TMPDIR"/fcgi-bearer-*.zip -d "$root"
    )
    chown -R "$WORKER_USER:$WORKER_GROUP" "$root/api" "$root/guarded-folder" "$root/home"
}

bare_settings() {
    printf '%s\n' BEARER_CACHE_DIR=/home/cache "$@" >"$SERVER_DIR/root/api/bearer.env"
}

# What starts a program in there; its environment and the command follow.
_bare() {
    local name
    BARE=("$top_srcdir/tests/support/bare.sh" "$SERVER_DIR/root" "$(id -u "$WORKER_USER"):$(id -g "$WORKER_USER")" "${proc:-proc}")
    for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
        [[ -z ${!name-} ]] || BARE+=("$name=${!name}")
    done
}

bare() {
    _bare
    "${BARE[@]}" "$@" </dev/null
}

# _request METHOD PATH [NAME=VALUE...]
# shellcheck disable=SC2034  # `called` is for wrong()
_request() {
    called="$1 $2"
    REQUEST=(GATEWAY_INTERFACE=CGI/1.1 SERVER_PROTOCOL=HTTP/1.1 "REQUEST_METHOD=$1" SCRIPT_NAME=/api "PATH_INFO=$2" QUERY_STRING= REMOTE_ADDR=127.0.0.1
        SERVER_SOFTWARE=tests "${@:3}")
}

_answered() {
    sed $'1,/^\r$/d' "$BATS_TEST_TMPDIR/head" >"$BATS_TEST_TMPDIR/body"
    read_answer
}

bare_cgi() {
    _request "$@"
    # What a query without `=` is for plain CGI.
    bare "${REQUEST[@]}" /api/bearer.fcgi --version refresh >"$BATS_TEST_TMPDIR/head" 2>>"$SERVER_DIR/log/error.log"
    _answered
}

bare_worker() {
    local socket=$SERVER_DIR/run/worker.socket
    _bare
    rm -f "$socket"
    # shellcheck disable=SC2016  # perl's own $
    _start worker perl -MSocket -e 'my $path = shift;
        socket(S, PF_UNIX, SOCK_STREAM, 0) && bind(S, pack_sockaddr_un($path)) && listen(S, 16) && open(STDIN, "<&S") or die "$path: $!";
        close(S); exec(@ARGV) or die "exec: $!"' "$socket" "${BARE[@]}" /api/bearer.fcgi
    _await worker test -S "$socket"
}

bare_fcgi() {
    _request "$@"
    timeout 40 "$top_builddir/fcgi-peer" "$SERVER_DIR/run/worker.socket" "${REQUEST[@]}" >"$BATS_TEST_TMPDIR/head" 2>>"$SERVER_DIR/log/error.log"
    _answered
}

# On an address of its own, as the port cannot be chosen. Other questions have no answer, which is none the less one.
name_server() {
    local address=127.$((RANDOM % 200 + 20)).$((RANDOM % 250)).$((RANDOM % 250 + 1))
    # shellcheck disable=SC2016  # perl's own $
    _start names perl -MSocket -e 'my ($address, $name) = @ARGV;
        socket(S, PF_INET, SOCK_DGRAM, 0) && bind(S, pack_sockaddr_in(53, inet_aton($address))) or die "$address: $!";
        $| = 1; print "bound\n";
        my $asked = join("", map { chr(length) . $_ } split(/\./, $name)) . "\0";
        while (defined(my $peer = recv(S, my $query, 512, 0))) {
            my $question = substr($query, 12, length($asked) + 4);
            my $good = $question eq $asked . pack("nn", 1, 1);
            send(S, substr($query, 0, 2) . pack("nnnnn", 0x8180, 1, $good, 0, 0) . $question .
                ($good ? pack("nnnNnC4", 0xc00c, 1, 1, 60, 4, 127, 0, 0, 1) : ""), 0, $peer);
        }' "$address" "$1" && _await names grep -q bound "$SERVER_DIR/log/names.out" && echo "$address"
}

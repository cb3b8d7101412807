# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Single workers, each on a socket of its own, and what a web server without manners says to them, for bats: `load ../support/workers`.
# Needs top_builddir (absolute) and a current directory of the test's own.
#
#   worker_settings                  prints a configuration for the issuer in ./i
#   worker NAME [unix|tcp|tcp46 [COMMAND...]]  starts one (bearer.fcgi, or COMMAND) on a Unix socket, on TCP of IPv4, or on TCP of both kinds; its
#                                    address is then in ${worker_address[NAME]}, its process id in ${worker_pid[NAME]}
#   worker_ask NAME [ARGUMENT...]    fcgi-peer: a GET of /private with the good token in $TOKEN
#   worker_good NAME                 that this is answered with 200, now
#   worker_same NAME                 that it is the process that was started, and has no more descriptors than after its first good answer
#   worker_await COMMAND...          until it is true, for half a minute at most
#   workers_stop                     ends them all
#
# Octets are written in hexadecimal digits:
#
#   hex TEXT                         those of the text
#   pair NAME VALUE [4]              a param of these octets; 4: with lengths of four octets, however short
#   record TYPE [OCTETS [ID [PADDING]]]   a record; VERSION, if set, is its version
#   begin [FLAGS [ROLE [ID]]]        the record that begins a request; FLAGS 1: keep the connection
#   octets DIGITS                    prints the octets themselves
#   raw NAME DIGITS [ARGUMENT...]    fcgi-raw: sends them to the worker and prints what comes back, the records on one line

: "${top_builddir:?}"

declare -gA worker_address=() worker_pid=() _worker_descriptors=()

# The types of records (FastCGI 8).
# shellcheck disable=SC2034
BEGIN=1 ABORT=2 END=3 PARAMS=4 STDIN=5 STDOUT=6 DATA=8 GET_VALUES=9

worker_settings() {
    echo AUTH0_ISSUER=https://localhost/
    echo AUTH0_API_AUDIENCE=api
    echo "BEARER_JWKS_URI=file://$PWD/i/www/.well-known/jwks.json"
}

# Listens, says where in the file named first, and becomes the worker.
# shellcheck disable=SC2016  # perl's own $
_LISTENER='
    my ($said, $kind, @command) = @ARGV;
    my %address = (
        unix => [PF_UNIX, pack_sockaddr_un("$said.socket")],
        tcp => [PF_INET, pack_sockaddr_in(0, INADDR_LOOPBACK)],
        tcp46 => [PF_INET6, pack_sockaddr_in6(0, IN6ADDR_ANY)]);
    my ($family, $where) = @{$address{$kind}};
    socket(S, $family, SOCK_STREAM, 0) or die "socket: $!";
    bind(S, $where) or die "bind: $!";
    listen(S, 128) or die "listen: $!";
    open(my $out, ">", "$said.new") or die "$said.new: $!";
    print $out $kind eq "unix" ? "$said.socket" : unpack("x2n", getsockname(S)), "\n";
    close($out) && rename("$said.new", $said) or die "$said: $!";
    open(STDIN, "<&S") or die "stdin: $!";
    close(S);
    exec(@command) or die "exec: $!";'

worker() {
    local name=$1 kind=${2:-unix}
    shift $(($# < 2 ? $# : 2))
    env -i BEARER_CONFIG="$PWD/bearer.env" perl -MSocket=:DEFAULT,IN6ADDR_ANY -e "$_LISTENER" "$PWD/$name" "$kind" "${@:-$top_builddir/bearer.fcgi}" \
        </dev/null >"$name.log" 2>&1 3>&- &
    worker_pid[$name]=$!
    worker_await _listens_or_ended "$name"
    [[ -e $name ]] || {
        cat "$name.log" >&2
        return 1
    }
    worker_address[$name]=$(<"$name")
}

_listens_or_ended() {
    [[ -e $1 ]] || ! kill -0 "${worker_pid[$1]}" 2>/dev/null
}

worker_ask() {
    timeout 40 "$top_builddir/fcgi-peer" "${worker_address[$1]}" REQUEST_METHOD=GET PATH_INFO=/private HTTP_AUTHORIZATION="Bearer $TOKEN" "${@:2}"
}

worker_good() {
    local answer
    answer=$(worker_ask "$1" 2>&1)
    [[ $answer == 'Status: 200 OK'* ]] || {
        printf 'worker %s: wanted 200, got: %s\n' "$1" "$answer" >&2
        cat "$1.log" >&2
        return 1
    }
    : "${_worker_descriptors[$1]:=$(_descriptors "$1")}"
}

worker_same() {
    worker_await _as_at_first "$1" || {
        ls -l "/proc/${worker_pid[$1]}/fd" >&2
        return 1
    }
    kill -0 "${worker_pid[$1]}"
}

_as_at_first() {
    (($(_descriptors "$1") <= _worker_descriptors[$1]))
}

worker_await() {
    local deadline=$((SECONDS + 30))
    until "$@"; do
        ((SECONDS < deadline)) || {
            echo "not true in 30 s: $*" >&2
            return 1
        }
        read -rt 0.02 <> <(:) || true
    done
}

_descriptors() {
    find "/proc/${worker_pid[$1]}/fd" -mindepth 1 | wc -l
}

workers_stop() {
    local pid children
    for pid in "${worker_pid[@]}"; do
        kill -STOP "$pid" 2>/dev/null || true # multiwatch replaces what ends
        children=$(pgrep -P "$pid") || true
        # shellcheck disable=SC2086  # one argument for each
        kill -KILL "$pid" $children 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    worker_pid=()
}

hex() {
    printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

_length() {
    if (($1 > 127)) || [[ $2 == 4 ]]; then
        printf %08x $(($1 | 1 << 31))
    else
        printf %02x "$1"
    fi
}

pair() {
    printf '%s%s%s%s' "$(_length $((${#1} / 2)) "${3-1}")" "$(_length $((${#2} / 2)) "${3-1}")" "$1" "$2"
}

record() {
    local content=${2-} id=${3:-1} padding=${4:-0}
    printf '%02x%02x%04x%04x%02x00%s' "${VERSION:-1}" "$1" "$id" $((${#content} / 2)) "$padding" "$content"
    ((padding == 0)) || printf '%0*d' $((padding * 2)) 0
}

begin() {
    record "$BEGIN" "$(printf '%04x%02x0000000000' "${2:-1}" "${1:-0}")" "${3:-1}"
}

octets() {
    # shellcheck disable=SC2059,SC2001  # it is a format
    printf "$(sed 's/../\\x&/g' <<<"$1")"
}

raw() {
    octets "$2" | "$top_builddir/fcgi-raw" "${worker_address[$1]}" "${@:3}" | sed '/^sent$/d; s/^[0-9]*: //' | paste -sd' '
}

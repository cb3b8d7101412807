# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: who listens where, from /proc, so that no tool has to be installed to ask.

# listeners PORT: the inodes of sockets that keep 127.0.0.1:PORT busy: bound to it or to every address.
listeners() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$(printf '%04X' "$1")" '
        $4 == "0A" && split($2, at, ":") == 2 && at[2] == port &&
            at[1] ~ /^(0+|0100007F|7F000001|0000000000000000FFFF00000100007F)$/ { print $10 }'
}

# holder PORT: "name (process 123)" of who listens there, as far as we may know; nothing if nobody does.
holder() {
    for inode in $(listeners "$1"); do
        fd=$(find /proc/[0-9]*/fd -lname "socket:\\[$inode\\]" 2>/dev/null | head -n 1)
        if [ -n "$fd" ]; then
            pid=${fd#/proc/}
            pid=${pid%%/*}
            printf '%s (process %s)\n' "$(cat "/proc/$pid/comm")" "$pid"
        else
            echo "a program of another user"
        fi
        return 0
    done
}

# free_port: prints a port nobody listens on, below those the kernel gives to outgoing connections.
free_port() {
    free_tries=0
    while [ "$free_tries" -lt 100 ]; do
        free_tries=$((free_tries + 1))
        candidate=$(($(od -An -N2 -tu2 /dev/urandom) % 12000 + 20000))
        if [ -z "$(listeners "$candidate")" ]; then
            echo "$candidate"
            return 0
        fi
    done
    die "found no free port between 20000 and 32000"
}

# check_port TEXT: a usage error unless it is a port.
check_port() {
    case $1 in
        '' | *[!0-9]* | ??????*) ;;
        *) if [ "$1" -ge 1 ] && [ "$1" -le 65535 ]; then return 0; fi ;;
    esac
    usage_error "PORT=$1 is no port: a number from 1 to 65535"
}

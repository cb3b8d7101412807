# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: messages, cleaning up, temporary directories. `top` is the checkout.

if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
    esc=$(printf '\033')
    bold="${esc}[1m" green="${esc}[32m" red="${esc}[31m" plain="${esc}[0m"
else
    bold='' green='' red='' plain=''
fi

# The user that servers and workers run as where we are root.
worker_user=www-data

# The Debian releases that everything is tested on, and that of this machine.
releases="bookworm trixie"
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null) || release=

step() {
    printf '%s==> %s%s\n' "$bold" "$*" "$plain"
}

note() {
    printf '    %s\n' "$*"
}

good() {
    printf '    %s%s%s\n' "$green" "$*" "$plain"
}

bad() {
    printf '    %s%s%s\n' "$red" "$*" "$plain"
}

# die LINE...: the first line says what is wrong, the others what to do.
die() {
    printf '%sdev: %s%s\n' "$red" "$1" "$plain" >&2
    shift
    [ $# -eq 0 ] || printf '%s\n' "$@" >&2
    exit 1
}

usage_error() {
    printf 'dev: %s\nTry: ./dev help\n' "$*" >&2
    exit 64
}

is_root() {
    [ "$(id -u)" -eq 0 ]
}

# Settings of the person's own shell must neither reach workers and tests nor change what tools print.
clean_environment() {
    for name in $(env | sed -n 's/^\(AUTH0_[A-Za-z0-9_]*\|BEARER_[A-Za-z0-9_]*\|FCGI_[A-Za-z0-9_]*\)=.*/\1/p'); do
        unset "$name"
    done
    unset name GATEWAY_INTERFACE REQUEST_METHOD MAKEFLAGS MFLAGS MAKELEVEL CDPATH
    export LC_ALL=C
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # lighttpd lives there; not in everyone's PATH
}

# quietly LOG COMMAND...: with its output in LOG; shows the end of it if the command fails.
quietly() {
    quietly_log=$1
    shift
    "$@" >"$quietly_log" 2>&1 </dev/null && return 0
    quietly_status=$?
    bad "failed: $*"
    note "the end of $quietly_log:"
    grep -v '^PASS: ' "$quietly_log" | tail -n 40 | sed 's/^/    | /'
    return "$quietly_status"
}

# expect WHAT GOT EXPECTED: says so if it is something else. EXPECTED is a pattern if it holds a `*`.
expect() {
    # shellcheck disable=SC2254  # a pattern on purpose
    case $3 in
        *'*'*)
            case $2 in
                $3) return 0 ;;
            esac
            ;;
        *) [ "$2" != "$3" ] || return 0 ;;
    esac
    bad "WRONG $1: ${2:-nothing}"
    bad "expected: ${3:-nothing}"
    return 1
}

# seconds: since the epoch.
seconds() {
    date +%s
}

# at_exit FUNCTION: is called when the script ends, however it ends; the last one named first.
exit_tasks=
at_exit() {
    exit_tasks="$1 $exit_tasks"
    trap 'run_exit_tasks $?' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

run_exit_tasks() {
    exit_status=$1
    trap '' HUP INT TERM
    set +e
    for exit_task in $exit_tasks; do
        "$exit_task"
    done
    trap - EXIT
    exit "$exit_status"
}

# as_worker COMMAND...: as the unprivileged user where we are root, else as we are.
as_worker() {
    if is_root; then
        setpriv --reuid="$worker_user" --regid="$worker_user" --init-groups -- "$@"
    else
        "$@"
    fi
}

# new_state_dir NAME: sets state_dir to a new directory which the worker user can reach and start programs in; a checkout
# below a 0700 home is no such place, nor always is $TMPDIR.
new_state_dir() {
    for state_parent in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
        state_dir=$(mktemp -d "$state_parent/$1.XXXXXX" 2>/dev/null) || continue
        is_root && chmod 755 "$state_dir"
        printf '#!/bin/sh\n' >"$state_dir/probe"
        chmod 755 "$state_dir/probe"
        if as_worker "$state_dir/probe" 2>/dev/null; then
            rm "$state_dir/probe"
            return 0
        fi
        rm -r "$state_dir"
    done
    die "no directory for temporary files that programs can be started from" \
        "Tried ${TMPDIR:-/tmp}, /tmp and /var/tmp. Set TMPDIR to one that every user can enter and that is not mounted noexec."
}

# running_below DIR: the processes whose program lies in DIR.
running_below() {
    for proc in /proc/[0-9]*; do
        # Only root may ask where a process of ours has its program (PR_SET_DUMPABLE); its first argument says it too.
        case $(readlink "$proc/exe" 2>/dev/null || tr '\0' '\n' 2>/dev/null <"$proc/cmdline" | sed 1q) in
            "$1"/*) printf '%s\n' "${proc#/proc/}" ;;
        esac
    done
}

# ended PID [SECONDS]: waits that long for a process to end; fails if it goes on.
ended() {
    ended_tries=$((${2:-10} * 20))
    while [ -e "/proc/$1" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; do
        ended_tries=$((ended_tries - 1))
        [ "$ended_tries" -gt 0 ] || return 1
        sleep 0.05
    done
}

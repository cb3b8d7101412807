# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A real OpenID provider (tests/oidc) for the tests. For bats: `load ../support/oidc`.
# Needs top_srcdir and top_builddir (absolute), npm, curl and flock.
#
#   oidc_install                     puts the provider and what it needs into $top_builddir/oidc, if not there yet
#   oidc_start DIR AUDIENCE...       starts it with the certificate in DIR (ca_make DIR) and keeps its state there;
#                                    exports OIDC_DIR, OIDC_AUDIENCE (the first one), OIDC_PORT and OIDC_ISSUER.
#                                    With OIDC_PROGRAM=better-auth.mjs it starts that one
#   oidc_token ALG SCOPE [AUDIENCE]  prints a token signed by ALG (RS256, PS256, ES256, EdDSA), for the first audience
#                                    unless another is named; SCOPE is of "read:messages write:messages", or ""
#   oidc_rotate                      from now on new keys sign; the old ones stay published
#   oidc_drop_old                    only the keys that sign stay published
#   oidc_count "METHOD PATH"         prints how many such requests have come in
#   oidc_stop                        ends it; harmless if it is not running
#
# All fail with the reason on stderr. What they need to know is exported: any subshell of a test may call them.

: "${top_srcdir:?}" "${top_builddir:?}"

# shellcheck source=tests/support/untraced.bash
. "$top_srcdir/tests/support/untraced.bash"

# shellcheck source=build-aux/dev/npm.sh
. "$top_srcdir/build-aux/dev/npm.sh"

# Prints the node to run: the system's if it is new enough, else the one of the lock file.
oidc_node() {
    local node
    for node in "$(command -v node)" "$top_builddir"/oidc/node_modules/node-linux-*/bin/node; do
        if [[ -x $node ]] && "$node" -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)'; then
            printf '%s\n' "$node"
            return 0
        fi
    done
    echo "oidc: no node 22 or newer: neither the system's nor a package of it for $(uname -m)" >&2
    return 1
}

oidc_install() {
    local from=$top_srcdir/tests/oidc to=$top_builddir/oidc omit=
    if oidc_node >/dev/null 2>&1; then
        omit=--omit=optional
    fi
    # shellcheck disable=SC2086  # an argument or none
    npm_check=oidc_node npm_put "$from" "$to" $omit && install -m 644 "$from"/*.mjs "$to"
}

oidc_start() {
    local node
    node=$(oidc_node) || return
    export OIDC_DIR=$1 OIDC_AUDIENCE=$2
    shift
    rm -f "$OIDC_DIR/state"
    # bats waits for whoever holds its descriptors 3 and 4.
    env -i "$node" "$top_builddir/oidc/${OIDC_PROGRAM-provider.mjs}" --cert "$OIDC_DIR/server.pem" --key "$OIDC_DIR/server.key" \
        --state "$OIDC_DIR/state" "${@/#/--audience=}" </dev/null >"$OIDC_DIR/log" 2>"$OIDC_DIR/errors" 3>&- 4>&- &
    echo $! >"$OIDC_DIR/pid"
    if ! _oidc_wait_for_generation 0; then
        oidc_stop
        return 1
    fi
    read -r OIDC_PORT _ <"$OIDC_DIR/state"
    export OIDC_PORT OIDC_ISSUER=https://localhost:$OIDC_PORT
}

oidc_token() {
    sh "$top_srcdir/tests/oidc/token.sh" "$OIDC_PORT" "$OIDC_DIR/ca.pem" "$1" "${3-$OIDC_AUDIENCE}" "$2"
}

oidc_rotate() {
    _oidc_change_keys HUP
}

oidc_drop_old() {
    _oidc_change_keys USR2
}

oidc_count() {
    grep -cFx -e "$1" "$OIDC_DIR/log" || [[ $? -eq 1 ]]
}

oidc_stop() {
    local pid deadline=$((SECONDS + 20))
    if [[ -z ${OIDC_DIR-} || ! -e $OIDC_DIR/pid ]]; then
        return 0
    fi
    pid=$(<"$OIDC_DIR/pid")
    rm -f "$OIDC_DIR/pid"
    kill "$pid" 2>/dev/null || true
    while _oidc_runs "$pid"; do
        if ((SECONDS >= deadline)); then
            echo "oidc_stop: the provider did not end on SIGTERM" >&2
            kill -KILL "$pid"
            return 1
        fi
        sleep 0.05
    done
    wait "$pid" 2>/dev/null || true
}

# _oidc_change_keys SIGNAL: returns when the provider answers with the changed keys.
_oidc_change_keys() {
    local generation
    read -r _ generation <"$OIDC_DIR/state" || return
    kill -"$1" "$(<"$OIDC_DIR/pid")" && _oidc_wait_for_generation $((generation + 1))
}

_oidc_wait_for_generation() {
    local generation=-1 pid deadline=$((SECONDS + 20))
    pid=$(<"$OIDC_DIR/pid")
    until [[ -e $OIDC_DIR/state ]] && read -r _ generation <"$OIDC_DIR/state" && ((generation == $1)); do
        if ((SECONDS >= deadline)) || ! _oidc_runs "$pid"; then
            echo "oidc: the provider ended, or did not get to generation $1 of its keys in 20 s; it said:" >&2
            cat "$OIDC_DIR/errors" "$OIDC_DIR/log" >&2
            return 1
        fi
        sleep 0.05
    done
}

# A process that has ended but was not waited for yet is a zombie: no longer running, though kill -0 finds it.
_oidc_runs() {
    local stat
    read -r stat 2>/dev/null <"/proc/$1/stat" && [[ ${stat##*) } != Z* ]]
}

# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# Of ./dev, and of the tests: what npm fetches.

# npm_put FROM TO [ARGUMENT...]: has npm put what FROM/package-lock.json names, each file known by its hash, into TO/node_modules, if it is not there already; ARGUMENTs
# are npm ci's. No package's scripts run (.npmrc), and nothing is written elsewhere. What is there counts only if $npm_check, a command, says so too.
npm_put() {
    npm_from=$1 npm_to=$2
    shift 2
    mkdir -p "$npm_to" || return
    (
        flock 9 || exit
        if cmp -s "$npm_from/package-lock.json" "$npm_to/installed" && ${npm_check:-true} >/dev/null 2>&1; then
            exit 0
        fi
        rm -rf "$npm_to/installed" "$npm_to/node_modules"
        install -m 644 "$npm_from/package.json" "$npm_from/package-lock.json" "$npm_from/.npmrc" "$npm_to" || exit
        if ! (cd "$npm_to" && npm ci --cache "$npm_to/cache" "$@") >"$npm_to/npm.log" 2>&1 </dev/null; then
            rm -rf "$npm_to/cache"
            echo "npm ci failed in $npm_to:" >&2
            cat "$npm_to/npm.log" >&2
            exit 1
        fi
        rm -rf "$npm_to/cache"
        ${npm_check:-true} >/dev/null && cp "$npm_to/package-lock.json" "$npm_to/installed"
    ) 9>"$npm_to/lock"
}

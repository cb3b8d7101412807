# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154  # what `run` sets
# A browser for the tests: `load ../support/browser` after servers.bash.
#
#   browser_install             puts playwright-core, Swagger UI and a judge of OpenAPI documents into $top_builddir/browser, if not there yet
#   browser_node ARGUMENT...    runs node there, with these arguments, and with as little of the environment as there can be
#   swagger_ui DIR              copies the files that a web server has to serve
#   browser_writes PATH PORT SEEN [ARGUMENT...]   after browser_install: a page of the origin http://127.0.0.1:PORT writes JSON by PUT to PATH, which is guarded (guard-cases). With
#                               the token it reads SEEN, without one the denial with its challenge, and nothing is complained of. ARGUMENTs are those of
#                               tests/browser/guarded.mjs; what was said is in output
#   preflights STATUS PORT PATH...  a preflight of that page is answered by the web server alone, whoever asks, and nothing else is answered because of it

load ../support/oidc
: "${top_srcdir:?}" "${top_builddir:?}"

# A node that is new enough comes with the provider.
browser_install() {
    local to=$top_builddir/browser
    oidc_install && npm_put "$top_srcdir/tests/browser" "$to" && install -m 644 "$top_srcdir"/tests/browser/*.mjs "$to"
}

browser_node() {
    local node
    node=$(oidc_node) || return
    # bats waits for whoever holds its descriptors 3 and 4.
    env -i PATH="$PATH" HOME="$BATS_TEST_TMPDIR" TMPDIR="$BATS_TEST_TMPDIR" timeout 60 "$node" "$@" </dev/null 3>&- 4>&-
}

swagger_ui() {
    (umask 022 && mkdir "$1" && cp "$top_builddir"/browser/node_modules/swagger-ui-dist/{swagger-ui.css,swagger-ui-bundle.js,favicon-32x32.png} "$1")
}

browser_writes() {
    run -0 browser_node "$top_builddir/browser/guarded.mjs" "$(server_url)$1" "$2" "$(token full)" "${@:4}"
    echo "$1: $output"
    grep -qxF "with the token: 200 $3 challenge=null" <<<"$output"
    grep -qxF 'without: 401 {"detail":"Not authenticated"} challenge=Bearer realm="api"' <<<"$output"
    [[ $'\n'$output != *$'\n'complaint* ]]
}

preflights() {
    local status=$1 origin=http://127.0.0.1:$2 who method i
    shift 2
    for who in none bad scopeless full; do
        guard_as "$who"
        options+=('request = OPTIONS' "header = \"Origin: $origin\"" 'header = "Access-Control-Request-Method: PUT"')
        guard_urls "$@"
        for ((i = 0; i < $#; i++)); do
            same "preflight $i, $who" "$status" "${statuses[i]}"
            same 'octets of a body' 0 "$(wc -c <"$BATS_TEST_TMPDIR/got/$i.body")"
            same origins 1 "$(grep -c -i "^access-control-allow-origin: $origin.\$" "$BATS_TEST_TMPDIR/got/$i.head")"
        done
        guard_no_secret "preflights, $who"
    done
    # What is no preflight is asked for its token.
    for method in GET HEAD POST PUT options INVENTED 'OPTIONS without' 'OPTIONS with an empty'; do
        guard_as none
        options+=("request = ${method%% *}" "header = \"Origin: $origin\"")
        case $method in
            *without) ;;
            *empty) options+=('header = "Access-Control-Request-Method;"') ;;
            *) options+=('header = "Access-Control-Request-Method: PUT"') ;;
        esac
        [[ $method != HEAD ]] || options+=(head)
        guard_urls "$@"
        for ((i = 0; i < $#; i++)); do same "$method $i" 401 "${statuses[i]}"; done
        guard_no_secret "$method"
    done
}

# shellcheck shell=bash
# A browser for the tests: `load ../support/browser` after servers.bash.
#
#   browser_install             puts playwright-core, Swagger UI and a judge of OpenAPI documents into $top_builddir/browser, if not there yet
#   browser_node ARGUMENT...    runs node there, with these arguments, and with as little of the environment as there can be
#   swagger_ui DIR              copies the files that a web server has to serve

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

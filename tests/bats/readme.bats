#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # run sets $stderr
# What README shows is done here as it stands there.

bats_require_minimum_version 1.5.0
load ../support/endpoint
load ../support/untraced

: "${top_srcdir:?}" "${top_builddir:?}"

# block N LANGUAGE: the Nth fenced block of that language.
block() {
    awk -v wanted="$1" -v fence="\`\`\`$2" '
        $0 == fence { n++; inside = n == wanted; next }
        /^```/ { inside = 0 }
        inside' "$top_srcdir/README.md"
}

setup_file() {
    export EXTENDED=$BATS_FILE_TMPDIR/tree
    export BUILD=$BATS_FILE_TMPDIR/build
}

@test "the first screen has the two commands" {
    run -0 block 1 sh
    [[ ${lines[0]} == "./dev demo "* && ${lines[1]} == "./dev check "* && ${#lines[@]} == 2 ]]
    [[ $(grep -n -m 1 '^\./dev demo' "$top_srcdir/README.md" | cut -d : -f 1) -lt 15 ]]
}

# S5: under a name of its own: this tree may be one of somebody who has added it already.
@test "S5: an endpoint is a function and a row" {
    mkdir "$EXTENDED" "$BUILD"
    block 1 c | sed 's/whoami/once_more/g' >"$EXTENDED/function"
    block 2 c | sed 's/whoami/once_more/g' >"$EXTENDED/row"
    # Before setup, and as its last line.
    awk -v function_file="$EXTENDED/function" -v row_file="$EXTENDED/row" '
        function put(file,   line) { while ((getline line <file) > 0) print line }
        /^static int setup/ { put(function_file); print ""; inside = 1 }
        inside && /^    return 0;/ { put(row_file); inside = 0 }
        { print }' "$top_srcdir/src/main/bearer_fcgi.c" >"$EXTENDED/endpoints.c"
    endpoint_compile "$EXTENDED/endpoints.c" "$BUILD"
    cd "$BUILD"
    "$top_builddir/bearer-issuer" init issuer --issuer https://localhost/ >kid
    chmod 0755 .
    local answer token
    ask() {
        token=$("$top_builddir/bearer-issuer" token issuer --aud api --scope "$1")
        answer=$(env -i BEARER_CONFIG= AUTH0_ISSUER=https://localhost/ AUTH0_API_AUDIENCE=api \
            BEARER_JWKS_URI="file://$BUILD/issuer/www/.well-known/jwks.json" GATEWAY_INTERFACE=CGI/1.1 \
            REQUEST_METHOD=GET PATH_INFO=/once_more HTTP_AUTHORIZATION="Bearer $token" ./bearer.fcgi </dev/null)
    }
    ask read:profile
    [[ $answer == "Status: 200 OK"* && $answer == *'somebody with a token' ]]
    # The documentation knows it without being told.
    [[ $(env -i BEARER_CONFIG= AUTH0_ISSUER=https://localhost/ AUTH0_API_AUDIENCE=api BEARER_DOCS=on GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET \
        PATH_INFO=/openapi.json ./bearer.fcgi </dev/null) == *'"/once_more":{"get":{"summary":"Who asks","description":"Required: scope=read:profile","security":[{"bearer":["read:profile"]}]'* ]]
    ask read:messages
    [[ $answer == "Status: 403 Forbidden"* && $answer == *'scope="read:profile"'* ]]
}

# The compiler does not take time to optimize. "make install" puts things below /run/root, not into this machine's /usr.
# shellcheck disable=SC2016 # for another shell
@test "what it says to install and to set is done, and prints what it says" {
    if ((EUID != 0)); then
        echo "A machine of its own is a few namespaces, and only root may make them: run the checks as root (in a container will do)." >&2
        return 1
    fi
    [[ $(grep -c '^ *```sh$' "$top_srcdir/README.md") == 3 ]] # the first has ./dev demo and ./dev check
    DOC_DIR=$(mktemp -d /var/tmp/fcgi-bearer-readme.XXXXXX)
    export DOC_DIR
    "$top_builddir/bearer-issuer" init "$DOC_DIR/issuer" --issuer https://issuer.example.test/ >/dev/null
    cp "$DOC_DIR/issuer/www/.well-known/jwks.json" "$DOC_DIR"
    "$top_builddir/bearer-issuer" token "$DOC_DIR/issuer" --aud https://api.example.test/ >"$DOC_DIR/token"
    run env -u MAKELEVEL -u MAKEOVERRIDES MAKEFLAGS=-j2 CFLAGS=-O0 BEFORE='
            tar -C "$top_srcdir" --exclude=./build --exclude="./build-[!a]*" --exclude=./build-analyze --exclude=./.git --exclude=node_modules -c . | tar -x
            sudo() { "$@"; }
            make() { command make "$@" ${1:+DESTDIR=/run/root}; }' \
        unshare --mount --net --pid --fork --kill-child --mount-proc "$top_srcdir/tests/support/page.sh" \
        ../README.md . Install "Point it at your issuer" 3>&- 4>&-
    rm -rf "$DOC_DIR"
    echo "$output"
    ((status == 0))
    [[ $output == *'/run/root/usr/libexec/fcgi-bearer'* ]]
}

# And curl, by which the pages try what they set up: an empty Debian has none.
@test "K4: the packages it names are those that ./dev installs to build, authorities among them" {
    diff <(block 2 sh | sed -n '/apt-get/,/[^\\]$/p' | grep -o '[a-z0-9-]*' | sed '1,/^install$/d' | sort) \
        <({ sed -n 's/^build  *//p' "$top_srcdir/build-aux/dev/packages" && echo curl; } | sort)
    grep -qx 'build  *ca-certificates' "$top_srcdir/build-aux/dev/packages"
}

@test "the line that guards a folder is the shipped file's" {
    [[ $(block 1 lighttpd | wc -l) == 1 ]]
    grep -qxF "    $(block 1 lighttpd)" "$top_srcdir/lighttpd-conf/authorizer.conf"
}

@test "every file README points to is there" {
    local path
    for path in $(grep -o '](\([^)]*\))' "$top_srcdir/README.md" | tr -d '()]'); do
        [[ -e $top_srcdir/${path%%#*} ]]
    done
}

@test "it is two screens long, and its figures, like those of the page of speed, are those of bench/results.md" {
    local rows name figure late speed=$top_srcdir/doc/reference/speed.md
    (($(wc -l <"$top_srcdir/README.md") <= 100))
    run -1 grep -nE '.{101}' "$top_srcdir/README.md"
    rows=0
    while IFS='|' read -r name figure late; do
        grep -qF "| $name | $figure requests per second |  | $late |" "$top_srcdir/bench/results.md"
        rows=$((rows + 1))
    done < <(sed -n 's/^- \(.*\): \([0-9,]*\), \(p99 [0-9.]* ms\).*/\1|\2|\3/p' "$top_srcdir/README.md")
    ((rows == 4))
    sed -n 's/^| \(.*\) | \([0-9,]*\) | \(p99 [0-9.]* ms\) |$/| \1 | \2 requests per second |  | \3 |/p' "$speed" >"$BATS_TEST_TMPDIR/rows"
    rows=$(wc -l <"$BATS_TEST_TMPDIR/rows")
    ((rows == 9)) && (($(grep -cxFf "$BATS_TEST_TMPDIR/rows" "$top_srcdir/bench/results.md") == rows))
    [[ $(<"$speed") =~ 'our authorizer '([0-9,]+)', Apache, mod_auth_openidc '([0-9,]+)\. ]]
    grep -qF "| lighttpd, our authorizer | ${BASH_REMATCH[1]} requests per second |" "$top_srcdir/bench/results.md"
    grep -qF "| Apache, mod_auth_openidc | ${BASH_REMATCH[2]} requests per second |" "$top_srcdir/bench/results.md"
}

# wrk corrects its percentiles as if all connections stood still whenever one does: a second for one request was "one request in a hundred takes about a second".
@test "S8: how long requests take is counted, request by request" {
    run ! grep -n 'latency:percentile' "$top_srcdir"/bench/*.py
    grep -qx 'How long requests took is counted, request by request (h2load lists each).*' "$top_srcdir/bench/results.md"
    # Apache with mod_fcgid: a wait of a second is no p99.
    [[ $(<"$top_srcdir/doc/reference/speed.md") =~ 'Apache mod_fcgid | '[0-9,]+' | p99 '([0-9]+)'.' ]]
    ((BASH_REMATCH[1] < 100))
    run ! grep -F 'in a hundred' "$top_srcdir/doc/apache.md"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the pages in doc/ say to do is done as it stands there, with Debian's own configuration of the servers; and the lines that pages and
# shipped files have in common are the same. (What arrives at the client, sizes and open doors: guard-*.bats, http-haproxy.bats.)

bats_require_minimum_version 1.5.0
load ../support/endpoint
load ../support/untraced

: "${top_srcdir:?}" "${top_builddir:?}"

# S11: in a place that the machine of a page has for itself, so that wherever the tests' own directory is will do.
setup_file() {
    DOC_DIR=$(mktemp -d /var/tmp/fcgi-bearer-doc.XXXXXX)
    export DOC_DIR
    issuer init "$DOC_DIR/issuer" --issuer https://issuer.example.test/ >/dev/null
    cp "$DOC_DIR/issuer/www/.well-known/jwks.json" "$DOC_DIR"
    issuer token "$DOC_DIR/issuer" --aud https://api.example.test/ --scope read:files >"$DOC_DIR/token"
}

teardown_file() {
    rm -rf "$DOC_DIR"
}

issuer() {
    "$top_builddir/bearer-issuer" "$@" </dev/null
}

# page PAGE DIRECTORY SECTION...: what the page says under these headings is done, and prints what it says. (page.sh)
page() {
    if ((EUID != 0)); then
        echo "A machine of its own is a few namespaces, and only root may make them: run the checks as root (in a container will do)." >&2
        return 1
    fi
    unshare --mount --net --pid --fork --kill-child --mount-proc "$top_srcdir/tests/support/page.sh" "$@" 3>&- 4>&-
}

# One line for each way through a page, as `page` has it: a section may stand in several.
@test "every block of commands on a page is run by a test" {
    local file
    # What tests of their own run: pages with configurations alone have no commands.
    grep -hoP '(?<![\w])page [\w/-]+\.md [\w./-]+ .*' "$BATS_TEST_FILENAME" | awk '
        { page = $2; while (match($0, /"[^"]*"/)) { print page "\t" substr($0, RSTART + 1, RLENGTH - 2); $0 = substr($0, RSTART + RLENGTH) } }' |
        sort -u >"$BATS_TEST_TMPDIR/run"
    for file in "$top_srcdir"/doc/*.md "$top_srcdir"/doc/*/*.md; do
        [[ -e $file ]] || continue
        awk -v page="${file#"$top_srcdir/doc/"}" '
            /^## / { section = substr($0, 4) }
            /^ *```sh$/ { print page "\t" section }' "$file"
    done | sort -u >"$BATS_TEST_TMPDIR/said"
    diff /dev/null <(comm -13 "$BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/said")
}

@test "lighttpd: from nothing to a guarded directory" {
    page lighttpd.md lighttpd-conf "Set it up" "Guard a folder" "Serve the API" "Check it" "TLS" "Upgrade" "Remove"
}

@test "nginx: from nothing to a guarded directory" {
    page nginx.md nginx-conf "Set it up" "Check it" "TLS" "Upgrade" "Remove"
}

@test "S3: Caddy: from nothing to a guarded directory, beside the site there is" {
    CHANGE='/^systemctl restart caddy/s/$/\ncurl http:\/\/localhost\/ | grep -i "<title>caddy" >\/dev\/null/' \
        page caddy.md caddy-conf "Set it up" "Check it" "TLS" "Upgrade" "Remove"
}

@test "Apache with mod_fcgid: API, guard and TLS from nothing" {
    page apache-mod-fcgid.md apache-conf "Set it up" "Serve the API" "Guard a directory" "Check it" "TLS" "Upgrade" "Remove"
}

@test "Apache with mod_proxy_fcgi and mod_authnz_fcgi: API, guard and TLS from nothing" {
    page apache-proxy-fcgi.md apache-conf "Set it up" "Serve the API" "Guard a directory" "Check it" "TLS" "Upgrade" "Remove"
}

@test "Apache with plain CGI: API and TLS from nothing" {
    page apache-cgi.md apache-conf "Set it up" "Check it" "TLS" "Remove"
}

# What the zip unpacks, but for the libraries (bundle.bats), on a host that allows what the page wants. doctor warns that a token
# of 8 KiB is too long there.
# shellcheck disable=SC2016
@test "a shared host: API and guard from what the zip has" {
    CHANGE='s|\$HOME/public_html|/var/www/html|; s/doctor http.*/& || test $? = 1/' \
        BEFORE='cp -r shared-hosting api
            for folder in api guarded-folder/bearer; do cp "$top_builddir"/bearer.fcgi "$top_builddir"/bearerctl "$folder"; done
            printf "%s\n" "<Directory /var/www/html>" "AllowOverride FileInfo AuthConfig Options=ExecCGI" "</Directory>" >/etc/apache2/conf-enabled/host.conf
            a2enmod -q headers; systemctl start apache2' \
        page shared-hosting.md apache-conf "Serve the API" "Guard a folder" "Check it" "Remove"
}

@test "S3: HAProxy: /api from nothing, beside the configuration there is" {
    CHANGE='/^systemctl restart haproxy/s/$/\ncmp \/run\/own.cfg \/etc\/haproxy\/haproxy.cfg \&\& curl http:\/\/localhost:8081\/ | grep -x mine >\/dev\/null/' \
        BEFORE='printf "%s\n" "frontend own" "bind :8081" "http-request return status 200 content-type text/plain string mine" >>/etc/haproxy/haproxy.cfg
            cp /etc/haproxy/haproxy.cfg /run/own.cfg' \
        page haproxy.md haproxy-conf "Set it up" "Check it" "TLS" "Upgrade" "Remove"
}

@test "systemd: workers, from nothing" {
    page systemd.md systemd "Set it up" "Check it" "Upgrade" "Remove"
}

# With the libraries of this build, in a place of their own.
# shellcheck disable=SC2016
@test "a program that asks libbearer, from nothing" {
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES make -C "$top_builddir" install DESTDIR="$DOC_DIR/root" prefix=/opt \
        localstatedir=/opt/var >"$BATS_TEST_TMPDIR/log" 2>&1 || { cat "$BATS_TEST_TMPDIR/log" && return 1; }
    BEFORE='export PKG_CONFIG_SYSROOT_DIR=$DOC_DIR/root PKG_CONFIG_PATH=$DOC_DIR/root/opt/lib/pkgconfig LD_LIBRARY_PATH=$DOC_DIR/root/opt/lib' \
        page library.md examples/guard-mhd "Set it up" "Check it" "Remove"
}

# The other hosts are this one; but workers see the right one connect. Both ends of the tunnel are here.
# shellcheck disable=SC2016
@test "several machines: workers by TCP, and through a tunnel" {
    BEFORE='for host in 1 11 12; do ip address add 10.77.0.$host/32 dev lo; done
        for host in 11 12; do ip route change local 10.77.0.$host dev lo table local proto kernel scope host src 10.77.0.1; done' \
        page several-machines.md . "Set up each host" "Set up the front" "Check it" "TLS" "When keys rotate" "Upgrade" "Remove"
}

# npm needs a network, so that docs.bats runs it; and nobody has to wait until workers see another configuration.
# shellcheck disable=SC2016
@test "the API in a browser: its page, and pages of other origins" {
    CHANGE='$s/^EOF$/EOF\nsystemctl restart lighttpd/' \
        BEFORE='npm() { mkdir package && tar -czf swagger-ui-dist-5.35.0.tgz package && rmdir package; }
            cp fcgi-bearer.conf /etc/lighttpd/conf-enabled/10-fcgi-bearer.conf
            editor /etc/fcgi-bearer/bearer.env; systemctl start lighttpd' \
        page browser.md lighttpd-conf "Show the endpoints" "Let pages of other origins call them"
}

@test "the page for systemd names the files there are" {
    local files
    files=$(cd "$top_srcdir/systemd" && echo fcgi-bearer*)
    [[ $(sed -n 's|^ *cp \(.*\) /etc/systemd/system/$|\1|p' "$top_srcdir/doc/systemd.md" | tr ' ' '\n' | sort | tr '\n' ' ') == "$files " ]]
}

@test "troubleshooting: each message there is has its heading, and each heading is one" {
    local page=$top_srcdir/doc/troubleshooting.md said heading
    sed -n 's/^### //p' "$page" | grep -v '^doctor: ' | sort >"$BATS_TEST_TMPDIR/headings"
    sed -n 's/.*"\([A-Z][^"]*\)")$/\1/p' "$top_srcdir/src/base/outcomes.def" | grep -vx OK | sort >"$BATS_TEST_TMPDIR/texts"
    (($(wc -l <"$BATS_TEST_TMPDIR/texts") == $(grep -c '^OUTCOME(' "$top_srcdir/src/base/outcomes.def") - 1))
    diff "$BATS_TEST_TMPDIR/texts" "$BATS_TEST_TMPDIR/headings"
    # What doctor says may be put together of pieces, and broken into lines.
    said=$(cat "$top_srcdir"/src/ctl/doctor/*.c "$top_srcdir"/src/ctl/fetch/*.c | tr -s ' \n' ' ' | sed 's/" "//g')
    (($(grep -c '^### doctor: ' "$page") > 8))
    while read -r heading; do
        grep -qF -e "$heading" <<<"$said" || { echo "doctor does not say: $heading" >&2 && return 1; }
    done < <(sed -n 's/^### doctor: //p' "$page")
}

# shellcheck disable=SC2016
@test "requirements: the commands print what the page says" {
    BEFORE='editor /etc/fcgi-bearer/bearer.env; echo "$TOKEN" >token.txt' page requirements.md lighttpd-conf "Try it"
}

# shellcheck disable=SC2016
@test "troubleshooting: the commands print what the page says" {
    CHANGE='s|https://your-site.example/|http://localhost/|' \
        BEFORE='editor /etc/fcgi-bearer/bearer.env; echo "$TOKEN" >token.txt
            cp fcgi-bearer.conf /etc/lighttpd/conf-enabled/50-fcgi-bearer.conf; systemctl restart lighttpd' \
        page troubleshooting.md lighttpd-conf "Where the message stands" "401: the key and the signature" "403: what the token grants" "500 and 503: the server's own state"
}

@test "pictures: each is what its text beside it makes, and a page shows it" {
    local picture
    mkdir "$BATS_TEST_TMPDIR/pictures"
    "$top_srcdir/build-aux/pictures/pictures.sh" "$BATS_TEST_TMPDIR/pictures"
    for picture in "$top_srcdir"/doc/pictures/*.svg; do
        diff "$picture" "$BATS_TEST_TMPDIR/pictures/${picture##*/}" || { echo "run build-aux/pictures/pictures.sh" >&2 && return 1; }
        grep -qF "pictures/${picture##*/})" "$top_srcdir/README.md" "$top_srcdir"/doc/*.md
    done
    # Legible on light and on dark: colours for both, or a ground of its own.
    grep -q 'prefers-color-scheme: dark' "$top_srcdir/doc/pictures/architecture.svg"
    grep -q '^rect { fill: #161b22' "$top_srcdir/doc/pictures/demo.svg"
}

@test "the index has every page" {
    diff <(cd "$top_srcdir/doc" && printf '%s\n' *.md */*.md | grep -vx README.md | sort) \
        <(grep -oP '^ *- \[[^]]*\]\(\K[^)#]+(?=\): )' "$top_srcdir/doc/README.md" | sort)
}

@test "reference: the pages are what the sources and the manual make of them" {
    local page
    mkdir "$BATS_TEST_TMPDIR/reference"
    "$top_srcdir/build-aux/reference/reference.sh" "$BATS_TEST_TMPDIR/reference"
    for page in log settings variables; do
        diff "$top_srcdir/doc/reference/$page.md" "$BATS_TEST_TMPDIR/reference/$page.md" ||
            { echo "run build-aux/reference/reference.sh" >&2 && return 1; }
    done
}

# Nothing that is asked for is left out in silence.
@test "reference: a row that the manual does not tell of makes no page" {
    cp -r "$top_srcdir/build-aux" "$top_srcdir/src" "$top_srcdir/man" "$BATS_TEST_TMPDIR"
    mkdir "$BATS_TEST_TMPDIR/reference"
    chmod -R u+w "$BATS_TEST_TMPDIR"
    sed -i '0,/^SETTING(BEARER_REALM/s//SETTING(BEARER_TOKENS, x, SECONDS, PROFILE, "1", 1, 2, "it")\n&/' \
        "$BATS_TEST_TMPDIR/src/config/settings.def"
    run -1 "$BATS_TEST_TMPDIR/build-aux/reference/reference.sh" "$BATS_TEST_TMPDIR/reference"
    [[ $output == *"the manual says nothing of BEARER_TOKENS" ]]
    [[ ! -e $BATS_TEST_TMPDIR/reference/settings.md ]]
}

@test "explain: each outcome that a token can have is told how it is mended, and no other but one of ours" {
    sed -n 's/^OUTCOME(\(BEARER_[A-Z_0-9]*\), [0-9]*, [^,]*, "[^"]*", \([A-Z]*\),.*/\1 \2/p' "$top_srcdir/src/base/outcomes.def" >"$BATS_TEST_TMPDIR/outcomes"
    (($(wc -l <"$BATS_TEST_TMPDIR/outcomes") == $(grep -c '^OUTCOME(' "$top_srcdir/src/base/outcomes.def")))
    awk '$2 != "NONE" || $1 == "BEARER_DENIED" { print $1 }' "$BATS_TEST_TMPDIR/outcomes" | sort >"$BATS_TEST_TMPDIR/of_tokens"
    diff "$BATS_TEST_TMPDIR/of_tokens" <(sed -n 's/^    \[\(BEARER_[A-Z_0-9]*\)\] =.*/\1/p' "$top_srcdir/src/ctl/explain/explain_mend.c" | sort)
}

@test "security: asking the site prints what the page says" {
    CHANGE='s|https://your-site.example/|http://localhost/|' BEFORE='editor /etc/fcgi-bearer/bearer.env
            cp fcgi-bearer.conf /etc/lighttpd/conf-enabled/50-fcgi-bearer.conf; systemctl restart lighttpd' \
        page security.md lighttpd-conf "Check it"
}

# The program on the page is compiled here; on the machine, cc then puts that in its place.
# shellcheck disable=SC2016
@test "endpoints: what the page adds is built, and answers" {
    awk '/^   cat >hello.c/ { on = 1; next } on && /^   EOF$/ { exit } on { sub(/^   /, ""); print }' \
        "$top_srcdir/doc/endpoints.md" >"$BATS_TEST_TMPDIR/hello.c"
    endpoint_compile "$BATS_TEST_TMPDIR/hello.c" "$BATS_TEST_TMPDIR"
    install -m 755 "$BATS_TEST_TMPDIR/bearer.fcgi" "$DOC_DIR/hello.fcgi"
    BEFORE='editor /etc/fcgi-bearer/bearer.env; pkg-config() { :; }
            cp fcgi-bearer.conf /etc/lighttpd/conf-enabled/50-fcgi-bearer.conf
            cc() { cp "$DOC_DIR/hello.fcgi" "$2"; }' \
        page endpoints.md lighttpd-conf "Set it up" "Check it"
}

# block PAGE N: prints the N-th block ```ini on it.
block() {
    awk -v wanted="$2" '/^```/ { on = /^```ini$/ && ++n == wanted; next } on' "$top_srcdir/doc/$1"
}

# accepted PAGE N: its N-th block ```ini is a good configuration.
accepted() {
    block "$@" >"$BATS_TEST_TMPDIR/bearer.env"
    [[ -s $BATS_TEST_TMPDIR/bearer.env ]]
    chmod 600 "$BATS_TEST_TMPDIR/bearer.env"
    local said code=0
    said=$(env -i BEARER_CONFIG="$BATS_TEST_TMPDIR/bearer.env" "$top_builddir/bearer.fcgi" 2>&1 </dev/null) || code=$?
    [[ $code == 64 && $said == *"the configuration is good"* ]]
}

# Files below src/ go without it, programs among the tests by their name alone; a function is FILE:NAME(), or NAME().
@test "design: every file and function that the pages for who changes this name is there" {
    local page name file named=0
    for page in doc/design.md CONTRIBUTING.md; do
        (($(wc -l <"$top_srcdir/$page") <= 200))
        run -1 grep -nE '.{101}' "$top_srcdir/$page"
        while read -r name; do
            file=${name%%:*}
            case $name in
                *://* | .*) continue ;;
                *:*'()') name=${name##*:} ;;
                *'()') file=. ;;
                */* | *.c | *.h | *.md | *.am) ;;
                test_*) file=../tests/unit/$name.c ;;
                *.bats) file=../tests/bats/$name ;;
                *) continue ;;
            esac
            named=$((named + 1))
            [[ -e $top_srcdir/src/$file ]] || file=../$file
            [[ -e $top_srcdir/src/$file ]] || { echo "$page: $file is not there" >&2 && return 1; }
            [[ $name != *'()' ]] || grep -rqE "^[a-z].*[ *]${name%()}\(" "$top_srcdir/src/$file" ||
                { echo "$page: $name is not in $file" >&2 && return 1; }
        done < <(grep -oP '\x60[^\x60 ]+\x60' "$top_srcdir/$page" | tr -d '\140' | sort -u)
    done
    ((named > 80))
}

@test "design: the rooms are those of src/, and each includes only what its row allows" {
    local room allowed used
    sed -n '/^## The rooms/,/^## Where/s/^| \([a-z]*\) | [^|]* |\([a-z ]*\)|$/\1 \2/p' "$top_srcdir/doc/design.md" | sed 1d >"$BATS_TEST_TMPDIR/rooms"
    diff <(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/rooms" | sort) <(ls "$top_srcdir/src")
    while read -r room allowed; do
        while read -r used; do
            [[ " $room $allowed " == *" $used "* ]] || { echo "$room includes $used" >&2 && return 1; }
        done < <(grep -rhoP '^#include "\K[a-z]+(?=/)' "$top_srcdir/src/$room" | sort -u)
    done <"$BATS_TEST_TMPDIR/rooms"
}

@test "every page that sources, tests, manuals and shipped files point to is in the tree" {
    local page pages
    pages=$(cd "$top_srcdir" && grep -rhoP '(?<![\w$./{}-])[\w-][\w./-]*\.md\b' src tests/{bats,cases,fuzz/*.[ch],servers,support,surroundings,unit} \
        build-aux man ./*-conf systemd debian completion dev Makefile.am ./*.md | sort -u)
    (($(wc -l <<<"$pages") > 15))
    for page in $pages; do
        [[ -e $top_srcdir/$page || -e $top_srcdir/doc/$page || -e $top_srcdir/doc/reference/$page ]] || { echo "$page is not there" >&2 && return 1; }
    done
}

# no_headings FILE...: where these say "Heading" in doc/..., of a page that has no such heading.
no_headings() {
    local file heading page
    for file; do
        # Comments are broken into lines.
        while IFS='|' read -r heading page; do
            grep -qxE "##+ $heading" "$top_srcdir/$page" || echo "$file: $page has no heading $heading"
        done < <(sed -E 's/^ *(#|--) ?//' "$file" | tr -s '\n ' '  ' | grep -oP '"[^"]+" in doc/[\w/-]+\.md' | sed 's/"\(.*\)" in /\1|/')
    done
}

@test "P4: each heading of a page that a shipped file names is there" {
    local files
    mapfile -t files < <(find "$top_srcdir"/{{apache,caddy,haproxy,lighttpd,nginx}-conf,systemd,completion,debian,build-aux/bundle} -type f)
    diff /dev/null <(no_headings "${files[@]}")
    # It sees one that is gone, and reads on in the next line.
    printf '%s\n' '# "Open doors" in doc/nginx.md, "Shut' '# doors" in doc/nginx.md' >"$BATS_TEST_TMPDIR/x.conf"
    [[ $(no_headings "$BATS_TEST_TMPDIR/x.conf") == *"/x.conf: doc/nginx.md has no heading Shut doors" ]]
}

@test "P2: from FastAPI: either sample's file is accepted as it stands on the page" {
    accepted from-fastapi.md 1
    grep -q '^AUTH0_API_AUDIENCE' "$BATS_TEST_TMPDIR/bearer.env"
    accepted from-fastapi.md 2
    grep -q '^AUTH0_AUDIENCE' "$BATS_TEST_TMPDIR/bearer.env"
    accepted tokens.md 1
}

@test "P2: from FastAPI: the commands print what the page says" {
    BEFORE='printf "%s\n" AUTH0_ISSUER=https://issuer.example.test/ AUTH0_AUDIENCE=https://api.example.test/ BEARER_JWKS_URI=file:///etc/fcgi-bearer/jwks.json >.env' \
        page from-fastapi.md lighttpd-conf "Set it up" "Check it"
}

# with_provider BEFORE PAGE...: as `page`, with the OpenID provider of the tests as the tenant.
with_provider() {
    # shellcheck disable=SC2016 # for the machine's shell
    BEFORE='. "$top_srcdir/tests/support/page-oidc.bash"; page_oidc_begin; '$1 "${@:2}"
}

@test "tokens: a machine's and a user's token are got from a provider as the page says" {
    (. "$top_srcdir/tests/support/page-oidc.bash" && page_oidc_make)
    with_provider '' page tokens.md lighttpd-conf "Set it up" "Get a machine's token" "Get a user's token" "Check it"
}

@test "keys, revocation: the commands print what the pages say, and a withdrawn key is refused" {
    (. "$top_srcdir/tests/support/page-oidc.bash" && page_oidc_make)
    with_provider '' page keys.md lighttpd-conf "Fetch them now"
    with_provider 'bearerctl refresh; oidc_token RS256 read:messages >token.txt; oidc_rotate; oidc_drop_old' \
        page revocation.md lighttpd-conf "Refuse a user, a client or one token" "Check the list" "Withdraw the key, for everybody" "Check it" "If the key was stolen"
}

# What Auth0 gives without RBAC only its documentation says; but no page may want RBAC for permissions alone.
# shellcheck disable=SC2013,SC2016 # words; Markdown's backticks
@test "P1: RBAC belongs to scopes and to permissions, and pages say so" {
    grep -qF 'So enable RBAC for `scope=` as well' "$top_srcdir/doc/tokens.md"
    grep -qF '`scope=` needs RBAC as much as `permission=`' "$top_srcdir/doc/from-fastapi.md"
    local page
    for page in $(grep -lw RBAC "$top_srcdir"/doc/*.md); do
        grep -qE 'scope=|[Ss]cope' "$page" && grep -qE 'permission=|[Pp]ermission' "$page" || { echo "$page" >&2 && return 1; }
    done
}

@test "what pages point to is there" {
    local page
    for page in $(grep -oh '](\([^)]*\))' "$top_srcdir"/doc/*.md | tr -d '()]'); do
        page=${page%%#*}
        [[ $page == "" || $page == *://* || -e $top_srcdir/doc/$page ]] || { echo "$page is not there" >&2 && return 1; }
    done
}

@test "from FastAPI: what the page says clients see is what they see" {
    local scoped="$BATS_TEST_TMPDIR/answer"
    ask() {
        env -i BEARER_CONFIG= AUTH0_ISSUER=https://issuer.example.test/ AUTH0_API_AUDIENCE=https://api.example.test/ \
            BEARER_JWKS_URI="file://$DOC_DIR/jwks.json" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/private-scoped \
            ${1:+HTTP_AUTHORIZATION="Bearer $1"} "$top_builddir/bearer.fcgi" </dev/null >"$scoped"
    }
    chmod 755 "$DOC_DIR"
    ask ""
    grep -q '^Status: 401' "$scoped" && grep -q '^WWW-Authenticate: Bearer realm="api".$' "$scoped" && grep -q '^{"detail":"Not authenticated"}$' "$scoped"
    ask a.bad.token
    grep -q '^Status: 401' "$scoped" && grep -q 'error="invalid_token"' "$scoped"
    ask "$(cat "$DOC_DIR/token")"
    grep -q '^Status: 403' "$scoped" && grep -q 'error="insufficient_scope", scope="read:messages"' "$scoped"
}

@test "lighttpd: the endpoints and a guard, enabled together" {
    local guard
    for guard in authorizer authorizer-programs; do
        printf '%s\n' 'server.modules = ()' "server.document-root = \"$BATS_TEST_TMPDIR\"" \
            "include \"$top_srcdir/lighttpd-conf/fcgi-bearer.conf\"" "include \"$top_srcdir/lighttpd-conf/$guard.conf\"" >"$BATS_TEST_TMPDIR/lighttpd.conf"
        run -0 env PATH="$PATH:/usr/sbin" lighttpd -tt -f "$BATS_TEST_TMPDIR/lighttpd.conf"
    done
}

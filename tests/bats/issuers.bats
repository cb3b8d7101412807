#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Look-alikes of issuers (tests/issuers), and those that a package brings (tests/issuers/real), each a profile: their keys come through discovery and HTTPS,
# and lighttpd and nginx ask the guard. doc/issuers.md has a section for each, with the same lines.

# shellcheck disable=SC2016  # nginx's own $
bats_require_minimum_version 1.5.0
load ../support/servers
load ../support/servers-nginx
load ../support/real-issuers
: "${top_srcdir:?}" "${top_builddir:?}"

setup_file() {
    export KEYS ISSUER LOOKALIKES
    KEYS=$(mktemp -d /tmp/fb-keys.XXXXXX)
    chmod 755 "$KEYS"
    start_keys_server "$KEYS"
    ISSUER=$(<"$KEYS/issuer")
    LOOKALIKES=$KEYS/lookalikes
    node "$top_srcdir/tests/support/lookalikes.mjs" make "$LOOKALIKES" "${ISSUER%/}" "$top_srcdir"/tests/issuers/*.json >"$KEYS/cases"
    cp -r "$LOOKALIKES/www/." "$KEYS/www"
    real_start "$KEYS"
    real_cases
    chmod -R go+rX "$LOOKALIKES"
}

# real_cases: their profiles, tokens and cases, behind those of the look-alikes.
real_cases() {
    local file name require number
    number=$(wc -l <"$KEYS/cases")
    for file in "$top_srcdir"/tests/issuers/real/*.json; do
        name=$(basename "$file" .json)
        require=$(node "$top_srcdir/tests/support/lookalikes.mjs" real "$LOOKALIKES/profiles" "$(<"$KEYS/$name/host")" "$file")
        real_case who "$REAL_AUDIENCE" '200\t-\twho may'
        real_case other "$REAL_AUDIENCE" '403\tRequired: \twho has something else'
        real_case who "$REAL_OTHER" '401\taudience (aud)\tfor another API'
    done
}

# real_case WHO AUDIENCE TEXT: of the loop of real_cases.
real_case() {
    number=$((number + 1))
    real_token "$KEYS" "$name" "$1" "$2" >"$LOOKALIKES/tokens/$number"
    printf "%s\t%s\tAuthorization\t%s\t$3 ($name)\n" "$number" "$name" "$require" >>"$KEYS/cases"
}

teardown_file() {
    real_stop "$KEYS" || true
    stop_keys_server "$KEYS" || true
    rm -rf "$KEYS"
}

setup() {
    server_dir
    install_programs
    install -m 644 "$KEYS/ca.pem" "$SERVER_DIR/etc"
    configure "AUTH0_ISSUER=$ISSUER" AUTH0_API_AUDIENCE=https://api.example.test/ "BEARER_CA_FILE=$SERVER_DIR/etc/ca.pem" BEARER_LOG_LEVEL=info
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    (umask 022 && cp -r "$LOOKALIKES/profiles" "$SERVER_DIR/libexec" && mkdir "$SERVER_DIR/www/c")
    cut -f 1 "$KEYS/cases" | while read -r number; do
        (umask 022 && echo "the secret of $number" >"$SERVER_DIR/www/c/$number.txt")
    done
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || server_log >&2 2>/dev/null || true
    server_remove
}

# of_each FORMAT: prints it for each case, with @N, @P and @R for its number, its profile and what it requires.
of_each() {
    while IFS=$'\t' read -r number profile _ require _; do
        local text=${1//@N/$number}
        text=${text//@P/$profile}
        printf '%s\n' "${text//@R/$require}"
    done <"$KEYS/cases"
}

_lighttpd_guard() {
    {
        echo 'server.modules = ( "mod_access", "mod_setenv", "mod_fastcgi" )'
        _lighttpd_base "$1" www
        of_each '$HTTP["url"] == "/c/@N.txt" { setenv.set-environment = ( "BEARER_PROFILE" => "@P", "BEARER_REQUIRE" => "@R" ) }'
        echo 'fastcgi.server = ( "/c/" => (( "mode" => "authorizer", "check-local" => "disable", "max-procs" => 1,'
        echo "    \"bin-path\" => \"$SERVER_DIR/libexec/bearer.fcgi\", \"socket\" => \"$SERVER_DIR/run/guard.socket\" )) )"
    } >"$SERVER_DIR/etc/lighttpd.conf"
    _start server "$(_program lighttpd)" -D -f "$SERVER_DIR/etc/lighttpd.conf"
}

_nginx_guard() {
    nginx_files "$1"
    {
        echo "server { include fcgi-bearer/guard.conf; listen 127.0.0.1:$1; root $SERVER_DIR/www;"
        of_each 'location = /c/@N.txt { set $bearer_profile @P; auth_request "/.bearer/@R"; include fcgi-bearer/location.conf; }'
        echo '}'
    } >"$SERVER_DIR/etc/conf.d/guarded-site.conf"
    _nginx_base >"$SERVER_DIR/etc/nginx.conf"
    _start server "$(_program nginx)" -p "$SERVER_DIR/" -e "$SERVER_DIR/log/error.log" -c etc/nginx.conf
}

# answers: each case gets what its line says.
answers() {
    local number profile header require wanted says what status failed=0 cases=0
    local body=$BATS_TEST_TMPDIR/body
    while IFS=$'\t' read -r number profile header require wanted says what; do
        [[ $header == Authorization ]] && header='Authorization: Bearer ' || header+=': '
        status=$(curl -q --silent --show-error --noproxy '*' --max-time 30 -o "$body" -w '%{http_code}' \
            -H "$header$(<"$LOOKALIKES/tokens/$number")" "$(server_url)/c/$number.txt")
        if [[ $status != "$wanted" ]] || { [[ $says != - ]] && ! grep -qF -e "$says" "$body"; } ||
            { [[ $status == 200 ]] && [[ $(<"$body") != "the secret of $number" ]]; }; then
            echo "$what ($require): $status instead of $wanted ($says): $(head -c 300 "$body")"
            failed=1
        fi
        cases=$((cases + 1))
    done <"$KEYS/cases"
    echo "# $cases cases" >&3
    ((cases > 100 && failed == 0))
}

@test "the keys of all come through discovery or from where their settings say, and doctor finds nothing wrong" {
    local profile
    as_worker env -i PATH="$PATH" HOME="$SERVER_DIR" "$SERVER_DIR/libexec/bearerctl" refresh </dev/null
    for profile in "$LOOKALIKES"/profiles/*.env; do
        profile=${profile##*/}
        as_worker env -i PATH="$PATH" HOME="$SERVER_DIR" "$SERVER_DIR/libexec/bearerctl" refresh --profile "${profile%.env}" </dev/null
    done
}

@test "lighttpd: each look-alike's tokens get what is said of them" {
    _start_on_a_port _lighttpd_guard
    answers
}

@test "nginx: each look-alike's tokens get what is said of them" {
    start_workers nginx-conf/fcgi-bearer.conf
    _start_on_a_port _nginx_guard
    answers
}

@test "the page has a section for each look-alike, with its lines" {
    local page=$top_srcdir/doc/issuers.md LC_ALL=C
    node "$top_srcdir/tests/support/lookalikes.mjs" page "$top_srcdir"/tests/issuers/{*,real/*}.json >"$BATS_TEST_TMPDIR/wanted"
    diff "$BATS_TEST_TMPDIR/wanted" <(awk '
        /^## / { heading = $0 }
        /^ *```ini$/ { if (heading in shown) next; shown[heading]; printf "%s\n```ini\n", heading; code = 1; next }
        code { sub(/^ */, ""); print; if ($0 == "```") { code = 0; wait = 1 } next }
        wait && /^Require `/ { sub(/^Require `/, ""); sub(/`.*/, ""); print; wait = 0 }
        /^\(Shape: / { shape = 1; text = "" }
        shape { text = text (text == "" ? "" : " ") $0; if (/\)$/) { print text; shape = 0 } }' "$page")
}

@test "each look-alike says whose shape it has: a page of its vendor, and the members that are not on it" {
    node "$top_srcdir/tests/support/lookalikes.mjs" shapes "$top_srcdir"/tests/issuers/*.json
}

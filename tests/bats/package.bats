#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# debian/ says the same as the rest of the tree. That the package is built, installed, used and purged is shown by
# "./dev package --test".

bats_require_minimum_version 1.5.0
load ../support/untraced

: "${top_srcdir:?}" "${top_builddir:?}"

debian=$top_srcdir/debian

@test "the package has the version of the program" {
    run -0 sed -n '1s/^fcgi-bearer (\(.*\)) .*/\1/p' "$debian/changelog"
    version=$output
    run -0 sed -n 's/^AC_INIT(\[fcgi-bearer\], \[\(.*\)\])/\1/p' "$top_srcdir/configure.ac"
    [[ -n $version && $version == "$output" ]]
}

@test "bearer.env names every setting once, in a comment" {
    run -0 sed -n 's/^SETTING(\([A-Z0-9_]*\),.*/\1/p' "$top_srcdir/src/config/settings.def"
    settings=$(sort <<<"$output")
    run -0 sed -n 's/^#\([A-Z0-9_]*\)=.*/\1/p' "$debian/bearer.env"
    [[ -n $settings && $(sort <<<"$output") == "$settings" ]]
    run -1 grep -v -e '^#' -e '^$' "$debian/bearer.env"
}

@test "bearer.env is good with the signs of comments taken away" {
    cd "$BATS_TEST_TMPDIR"
    chmod 0755 .
    # But for its files of keys and of revoked tokens and its directory of profiles, which nobody has,
    # and an issuer that has no tenants.
    mkdir profiles
    sed -e 's/^#\([A-Z0-9_]*=\)/\1/' -e '/^BEARER_REVOKED_FILE=/d' -e 's|^BEARER_JWKS_URI=.*|BEARER_JWKS_URI=https://login.example.com/keys|' \
        -e "s|^BEARER_PROFILES=.*|BEARER_PROFILES=$PWD/profiles|" \
        -e 's|^AUTH0_ISSUER=.*|AUTH0_ISSUER=https://login.example.com/{tenantid}/|' "$debian/bearer.env" >bearer.env
    run -64 env -i "BEARER_CONFIG=$PWD/bearer.env" "$top_builddir/bearer.fcgi" </dev/null
    [[ $output == *"configuration is good"* ]]
    echo BEARER_NO_SUCH=1 >>bearer.env
    run -78 env -i "BEARER_CONFIG=$PWD/bearer.env" "$top_builddir/bearer.fcgi" </dev/null
    [[ $output == *BEARER_NO_SUCH* ]]
}

@test "it is built with the libraries that ./dev builds with" {
    run -0 sed -n 's/^build  *\(lib.*-dev\)$/\1/p' "$top_srcdir/build-aux/dev/packages"
    libraries=$(grep -v '^libc6-dev' <<<"$output" | sort)
    run -0 sed -n 's/^ \(lib.*-dev\),$/\1/p' "$debian/control"
    [[ -n $libraries && $(sort <<<"$output") == "$libraries" ]]
}

@test "its units and its cache directory are those of the tree" {
    for unit in service socket; do
        cmp "$debian/fcgi-bearer.$unit" "$top_srcdir/systemd/fcgi-bearer.$unit"
    done
    for unit in service timer; do
        cmp "$debian/fcgi-bearer.fcgi-bearer-refresh.$unit" "$top_srcdir/systemd/fcgi-bearer-refresh.$unit"
    done
    cache=$(sed -n 's/^Environment=BEARER_CACHE_DIR=//p' "$top_srcdir/systemd/fcgi-bearer-refresh.service")
    run -0 grep -v '^#' "$debian/fcgi-bearer.tmpfiles"
    [[ $output == "d $cache 0700 www-data www-data -" ]]
}

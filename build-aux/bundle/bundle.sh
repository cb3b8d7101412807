# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: a zip to upload to a shared host: the programs and every library they need, started by the loader among those.

bundle() {
    [ $# -eq 0 ] || usage_error "bundle takes no arguments"
    # shellcheck source=build-aux/dev/packages.sh
    . "$parts/packages.sh"
    # shellcheck source=build-aux/dev/build.sh
    . "$parts/build.sh"
    need_packages build bundle
    step "Build"
    build_gcc || die "the build failed (see above)"
    step "Bundle"
    new_state_dir fcgi-bearer-bundle
    at_exit remove_bundle_dir
    make_bundle "$top/build" "$state_dir" "$top/build"
    give_back
    good "build/${zip_file##*/} ($(($(stat -c %s "$zip_file") / 1024)) KiB): unpack it, and read api/README."
}

remove_bundle_dir() {
    rm -rf "$state_dir"
}

# make_bundle BUILD DIR OUT: makes the zip in OUT from the programs in BUILD; DIR is for what it is made from. Sets zip_file. From
# the same programs and libraries it is always the same, octet for octet.
make_bundle() {
    bundle_version=$(sed -n 's/^AC_INIT(\[fcgi-bearer\], \[\(.*\)\])$/\1/p' "$top/configure.ac")
    bundle_arch=$(uname -m)
    zip_file=$3/fcgi-bearer-$bundle_version-$bundle_arch.zip
    bundle_dir=$2/api
    mkdir "$bundle_dir" "$bundle_dir/lib" "$bundle_dir/licenses" "$bundle_dir/licenses/common-licenses"
    for bundled in bearer.fcgi bearerctl; do
        install -m 644 "$1/$bundled" "$bundle_dir/lib/$bundled.bin"
        strip "$bundle_dir/lib/$bundled.bin"
    done
    bundle_libraries "$1" || return
    bundle_licenses || return
    for bundled in .htaccess bearer.env.example; do
        install -m 644 "$top/apache-conf/shared-hosting/$bundled" "$bundle_dir"
    done
    for bundled in bearer.fcgi bearerctl README crontab.example; do
        sed "s|@LOADER@|$bundle_loader|g; s|@VERSION@|$bundle_version|; s|@ARCH@|$bundle_arch|" \
            "$top/build-aux/bundle/$bundled" >"$bundle_dir/$bundled"
    done
    find "$bundle_dir" -type f -exec chmod 644 {} +
    chmod 755 "$bundle_dir/bearer.fcgi" "$bundle_dir/bearerctl" "$bundle_dir/lib/$bundle_loader"
    bundle_guard "$2/guarded-folder"
    bundle_zip "$2"
}

# bundle_guard DIR: the two folders of a guard. The programs and libraries are there a second time: its .htaccess is another one, and who wants
# a guard alone uploads this folder alone.
bundle_guard() {
    mkdir "$1" "$1/bearer"
    for bundled in .htaccess README bearer.env.example bearer/.htaccess; do
        install -m 644 "$top/apache-conf/guarded-folder/$bundled" "$1/$bundled"
    done
    cp -Rp "$bundle_dir/bearer.fcgi" "$bundle_dir/bearerctl" "$bundle_dir/lib" "$1/bearer"
}

# bundle_libraries BUILD: all that ldd finds, the loader too, under the names by which they are asked for.
bundle_libraries() {
    ldd "$1/bearer.fcgi" "$1/bearerctl" >"$bundle_dir/../ldd"
    if grep -q 'not found' "$bundle_dir/../ldd"; then
        bad "libraries are missing here: $(grep 'not found' "$bundle_dir/../ldd" | tr -s '\t\n' ' ')"
        return 1
    fi
    # shellcheck disable=SC2016  # awk's own $
    bundle_sources=$(awk '$2 == "=>" { print $3; next } $1 ~ /^\// && NF == 2 { print $1 }' "$bundle_dir/../ldd" | sort -u)
    bundle_loader=$(printf '%s\n' "$bundle_sources" | sed -n 's|.*/\(ld-[^/]*\)$|\1|p')
    [ -n "$bundle_loader" ] || die "ldd names no loader: is this no GNU system?"
    for bundled in $bundle_sources; do
        install -m 644 "$bundled" "$bundle_dir/lib/${bundled##*/}"
    done
}

# bundle_licenses: what Debian says about each package whose library is there, the texts that are named in it, and its exact version: that is
# how the source is found.
bundle_licenses() {
    install -m 644 "$top/LICENSE" "$bundle_dir/licenses/fcgi-bearer"
    for bundled in $bundle_sources; do
        bundle_package "$bundled" || return
    done | sort -u >"$bundle_dir/../packages"
    [ -s "$bundle_dir/../packages" ] || return
    while read -r bundled; do
        if ! cp -L "/usr/share/doc/$bundled/copyright" "$bundle_dir/licenses/$bundled"; then
            bad "the licence of package $bundled is not on this machine: reinstall the package with its documentation"
            return 1
        fi
    done <"$bundle_dir/../packages"
    {
        echo "Package, version, source and its version, as Debian has them:"
        # shellcheck disable=SC2016  # dpkg-query's own ${}
        xargs dpkg-query -W -f '${Package} ${Version} ${source:Package} ${source:Version}\n' <"$bundle_dir/../packages" | sort -u
    } >"$bundle_dir/licenses/PACKAGES"
    grep -rhoE '/usr/share/common-licenses/[A-Za-z]+(-[0-9.]*[0-9])?' "$bundle_dir/licenses" | sort -u >"$bundle_dir/../common"
    while read -r bundled; do
        [ ! -f "$bundled" ] || cp -L "$bundled" "$bundle_dir/licenses/common-licenses/${bundled##*/}"
    done <"$bundle_dir/../common"
}

# bundle_package FILE: prints the name of its package. dpkg may know it by its place before /lib became a link to /usr/lib.
bundle_package() {
    bundle_file=$(realpath "$1")
    for bundle_name in "$bundle_file" "${bundle_file#/usr}" "/usr$bundle_file"; do
        if bundle_found=$(dpkg-query -S "$bundle_name" 2>/dev/null); then
            bundle_found=${bundle_found%%,*}
            printf '%s\n' "${bundle_found%%:*}"
            return 0
        fi
    done
    bad "$1 is of no package of this machine, so nobody knows its licence" >&2
    return 1
}

# bundle_zip DIR: in the order of names, without users, with the time of the last commit.
bundle_zip() {
    bundle_time=$("$top/build-aux/source-time.sh") || return
    find "$1/api" "$1/guarded-folder" -exec touch -h -d "@$bundle_time" {} +
    rm -f "$zip_file"
    (cd "$1" && find api guarded-folder -type f | LC_ALL=C sort | TZ=UTC0 zip -q -X -@ "$zip_file")
}

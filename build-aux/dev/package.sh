# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: the Debian package. Built from the committed tree, or from an unpacked release, in a temporary directory; with --test installed on a fresh Debian,
# used there behind lighttpd and Apache, and purged (tests/package/use.sh).

for part in packages build steps cleanroom; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done

# What a machine has on which somebody installs the package, and what the test needs.
package_servers="apache2 lighttpd multiwatch spawn-fcgi systemd curl iproute2"

package() {
    case "$*" in
        '' | --test) ;;
        *) usage_error "package takes no argument but --test" ;;
    esac
    [ -z "${1-}" ] || is_root || die "package --test makes a root directory and mounts in it: only root may" \
        "Run: sudo ./dev package --test"
    need_packages build package
    room_parent=${TMPDIR:-/var/tmp} # as for a clean room: it takes more than a /tmp in memory may have
    begin_steps package
    package_steps "$@"
    [ -z "$step_good" ] || note "$(ls "$packages_dir"/*.deb)"
    check_step "Nothing is left running" check_leftovers
    summary
}

# package_steps [--test]: room_parent is where the fresh Debian is made.
package_steps() {
    packages_dir=$top/build-package
    mkdir -p "$packages_dir"
    check_step "Debian package (dpkg-buildpackage)" package_build
    [ -n "$step_good" ] || return 0
    check_step "Debian package (lintian)" package_lint
    [ -z "${1-}" ] || check_step "Debian package: installed, used and purged on a fresh Debian" package_use
}

# package_source DIR: the last commit; in an unpacked release, which has no git, all that is not built in it.
package_source() {
    if [ -e "$top/.git" ]; then
        git -c safe.directory="$top" -C "$top" archive HEAD | tar -x -C "$1" || return
        [ -z "$(git -c safe.directory="$top" -C "$top" status --porcelain)" ] || bad "What is not committed is not in the package."
    else
        (cd "$top" && find . -mindepth 1 -maxdepth 1 \( ! -name 'build*' -o -name build-aux \) -print0 | tar -c --null -T - | tar -x --no-same-owner -C "$1")
    fi
}

# In a copy: dpkg-buildpackage writes beside the sources, and what is not committed would be in the package.
package_build() {
    source_dir=$state_dir/package/fcgi-bearer
    mkdir -p "$source_dir"
    package_source "$source_dir" || return
    rm -f "$packages_dir"/*.deb "$packages_dir"/*.changes "$packages_dir"/*.buildinfo
    (
        cd "$source_dir" || exit
        quietly "$packages_dir/build.log" env DEB_BUILD_OPTIONS="parallel=$jobs ${DEB_BUILD_OPTIONS-}" dpkg-buildpackage -us -uc -b
    ) || return
    mv "$state_dir"/package/*.deb "$state_dir"/package/*.changes "$state_dir"/package/*.buildinfo "$packages_dir"
}

package_lint() {
    quietly "$packages_dir/lintian.log" lintian --allow-root --info --fail-on error,warning "$packages_dir"/*.changes
}

# The root with the servers is kept for the next time, for a week; without this machine's settings of apt, which may hold passwords.
package_use() {
    room=$(mktemp -d "$room_parent/fcgi-bearer-package.XXXXXX")
    root=$room/root
    at_exit remove_room
    cached=$packages_dir/$debian-$(dpkg --print-architecture).tar
    if [ -z "$(find "$cached" -mtime -7 2>/dev/null)" ]; then
        package_root || return
    else
        find_mirror || return
        mkdir "$root"
        tar -xpf "$cached" -C "$root" || return
        settings_of_apt "$root/etc/apt"
    fi
    mkdir "$root/root/fcgi-bearer" &&
        cp "$packages_dir"/fcgi-bearer_*.deb "$packages_dir"/libbearer*.deb "$parts/lib.sh" "$top/tests/package/use.sh" "$root/root/fcgi-bearer" || return
    inside sh use.sh
}

package_root() {
    make_room || return
    mkdir "$root/root/fcgi-bearer" && cp "$parts/install.sh" "$root/root/fcgi-bearer" || return
    # shellcheck disable=SC2086  # words on purpose
    inside sh install.sh $package_servers || return
    rm -r "$root/root/fcgi-bearer"
    rm -f "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/apt/*.bin
    tar -C "$root" --one-file-system --exclude=./etc/apt/apt.conf.d/90machine --exclude=./etc/apt/sources.list \
        --exclude=./etc/apt/ca-of-the-machine.crt -cpf "$cached.new" . && mv "$cached.new" "$cached"
}

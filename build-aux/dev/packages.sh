# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: getting those of the Debian packages it needs (packages, a table) that are missing.

packages_table() {
    grep -v '^#' "$parts/packages"
}

# missing_packages PURPOSE...: their names, one a line.
missing_packages() {
    packages_table | while read -r purpose package command; do
        case " $* " in
            *" $purpose "*) ;;
            *) continue ;;
        esac
        # shellcheck disable=SC2016  # dpkg-query's own ${}
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
            installed*) continue ;;
        esac
        if [ -n "$command" ] && command -v "$command" >/dev/null; then
            continue
        fi
        printf '%s\n' "$package"
    done
}

# need_packages PURPOSE...: installs what is missing, or says how to.
need_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        die "this is no Debian: there is no apt-get" "build-aux/dev/packages lists what has to be there."
    fi
    missing=$(missing_packages "$@" | tr '\n' ' ')
    missing=${missing% }
    [ -n "$missing" ] || return 0

    if is_root; then
        as_root=
    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        as_root=sudo
    else
        die "packages are missing, and only root may install them. As root, run" "" \
            "    apt-get install --no-install-recommends $missing" "" "and then this command again."
    fi
    step "Installing from Debian's packages: $missing"
    # shellcheck disable=SC2086  # words on purpose
    $as_root sh "$parts/install.sh" $missing || die "the packages could not be installed (see above)"
}

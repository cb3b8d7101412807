# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: the Debian packages it needs, by purpose, and getting the missing ones.
# A third column names a command that does as well, wherever it comes from.

packages_table() {
    cat <<'EOF'
build      autoconf
build      automake
build      make
build      gcc
build      libc6-dev
build      pkg-config
build      libfcgi-dev
build      libjson-c-dev
build      libjwt-gnutls-dev
build      libcurl4-gnutls-dev
build      libgnutls28-dev
build      ca-certificates
demo       lighttpd
demo       lighttpd-mod-openssl
demo       gnutls-bin
demo       curl
check      clang
check      shellcheck
check      mandoc
check      bats
check      apache2
check      libapache2-mod-fcgid
check      lighttpd-modules-lua
check      lighttpd-mod-deflate
check      lighttpd-mod-webdav
check      lighttpd-modules-ldap
check      lighttpd-modules-dbi
check      libdbd-sqlite3
check      nginx
check      haproxy
check      caddy
check      stunnel4
check      spawn-fcgi
check      multiwatch
check      systemd               systemd-analyze
check      strace
check      time
check      nodejs                node
check      npm                   npm
check      chromium
check      iproute2
check      procps
check      valgrind
check      xz-utils
check      zip
check      unzip
check      busybox-static
form       clang-format
bundle     zip
fuzz       clang
fuzz       libclang-rt-dev
fuzz       llvm
analyze    cppcheck
analyze    libc6-dbg
bench      wrk
bench      nghttp2-client
bench      python3
bench      python3-fastapi
bench      uvicorn
bench      python3-jwt
bench      python3-cryptography
bench      libapache2-mod-auth-openidc
coverage   libclang-rt-dev
coverage   llvm
cleanroom  debootstrap
package    build-essential
package    debhelper
package    dpkg-dev
package    lintian
package    debootstrap
EOF
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
        die "this is no Debian: there is no apt-get" "build-aux/dev/packages.sh lists what has to be there."
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

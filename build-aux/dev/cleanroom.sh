# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: the proof that nothing was installed by hand. A Debian with no more than sh, apt and git in a temporary
# directory, a clone of the last commit in it, and there ./dev demo --once and ./dev check.

# shellcheck source=build-aux/dev/packages.sh
. "$parts/packages.sh"

# That of this machine, if it is one.
debian=bookworm
case " $releases " in
    *" $release "*) debian=$release ;;
esac
inside_pid=
times=

cleanroom() {
    [ $# -le 1 ] || usage_error "cleanroom takes one release, not several"
    case " $releases " in
        *" ${1-$debian} "*) debian=${1-$debian} ;;
        *) usage_error "cleanroom knows the releases $releases, not: $1" ;;
    esac
    is_root || die "cleanroom makes a root directory and mounts in it: only root may" "Run: sudo ./dev cleanroom"
    [ -e "$top/.git" ] || die "this is no git checkout: cleanroom tests the last commit"
    need_packages cleanroom
    room=$(mktemp -d "${TMPDIR:-/var/tmp}/fcgi-bearer-cleanroom.XXXXXX")
    root=$room/root
    at_exit remove_room

    started=$(seconds)
    step "A fresh Debian ($debian) in $root"
    make_room --include=git || die "the clean root could not be made (see above)"
    clone_checkout
    took "making the clean root"

    outcome=0
    for command in "demo --once" check; do
        step "In the clean room: ./dev $command"
        started=$(seconds)
        # shellcheck disable=SC2086  # words on purpose
        if ! inside ./dev $command; then
            outcome=1
            bad "In the clean room, ./dev $command failed."
        fi
        took "./dev $command"
    done
    nothing_switched_on || outcome=1
    step "Clean room: $commit"
    printf '%s' "$times"
    [ "$outcome" -eq 0 ] || die "the clean room failed (see above)"
    good "Both passed."
}

# took WHAT: adds a line to the times that are shown at the end.
took() {
    times="$times    $1: $(($(seconds) - started)) s
"
}

# debian_sources RELEASE: sources of this machine's apt that are Debian's of that release, as "uri suite component".
debian_sources() {
    # shellcheck disable=SC2016  # apt's own $()
    apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(COMPONENT)' \
        'Identifier: Packages' "Architecture: $(dpkg --print-architecture)" |
        sed -n "s/^Debian \($1\|$1-updates\|$1-security\) \([^ ]*\) /\2 \1 /p" | sort -u
}

# make_room [DEBOOTSTRAP-ARGUMENT...]: a fresh Debian in $root, whose apt reaches what this machine's does.
make_room() {
    find_mirror || return
    mkdir "$root"
    note "debootstrap from $mirror"
    proxy=$(apt-config shell proxy Acquire::http::Proxy)
    (
        eval "$proxy"
        if [ -n "${proxy-}" ] && [ "$proxy" != DIRECT ]; then
            export http_proxy="$proxy"
        fi
        quietly "$room/debootstrap.log" debootstrap --variant=minbase "$@" "$debian" "$root" "$mirror"
    ) || return
    settings_of_apt "$root/etc/apt"
    # A fresh machine has its lists still to fetch.
    rm -rf "$root"/var/lib/apt/lists/*
    printf '127.0.0.1 localhost %s\n::1 localhost\n' "$(uname -n)" >"$root/etc/hosts"
}

# find_mirror: sets sources, as of debian_sources, and mirror.
find_mirror() {
    sources=$(sources_of_debian)
    if [ -z "$sources" ]; then
        quietly "$room/update.log" apt-get update || return
        sources=$(sources_of_debian)
    fi
    mirror=$(printf '%s\n' "$sources" | awk -v suite="$debian" '$2 == suite && $3 == "main" { print $1; exit }')
    if [ -z "$mirror" ]; then
        bad "This machine's apt has no source of Debian $debian: there is no mirror to take it from."
        return 1
    fi
}

# sources_of_debian: those of $debian; where this machine's apt has none, they are beside those of its own release.
sources_of_debian() {
    found=$(debian_sources "$debian")
    if [ -z "$found" ] && [ -n "$release" ]; then
        found=$(debian_sources "$release" | sed "s/ $release/ $debian/")
    fi
    printf '%s' "$found"
}

# settings_of_apt DIR: the same sources, proxies and trust as here; nothing else of this machine's apt.
settings_of_apt() {
    printf '%s\n' "$sources" | awk '{ print "deb", $1, $2, $3 }' >"$1/sources.list"
    apt-config dump Acquire | grep -E '^Acquire::(http|https|ForceIPv|Retries|Check-)' >"$1/apt.conf.d/90machine" || true
    for trusted in /etc/apt/trusted.gpg.d/*; do
        [ ! -f "$trusted" ] || install -m 644 "$trusted" "$1/trusted.gpg.d/"
    done
    if [ -f /etc/ssl/certs/ca-certificates.crt ] && printf '%s\n' "$sources" | grep -q '^https:'; then
        install -m 644 /etc/ssl/certs/ca-certificates.crt "$1/ca-of-the-machine.crt"
        grep -q '^Acquire::https::CaInfo' "$1/apt.conf.d/90machine" ||
            echo 'Acquire::https::CaInfo "/etc/apt/ca-of-the-machine.crt";' >>"$1/apt.conf.d/90machine"
    fi
}

# clone_checkout: the last commit and nothing else, below a home that only root can enter: the harder case.
clone_checkout() {
    git_here() {
        git -c safe.directory="$top" -C "$top" "$@"
    }
    commit=$(git_here log -1 --format='%h %s')
    note "clone of $commit"
    if [ -n "$(git_here status --porcelain)" ]; then
        bad "What is not committed here is not tested there."
    fi
    quietly "$room/bundle.log" git -c safe.directory="$top" -C "$top" bundle create "$root/root/checkout" HEAD
    chroot "$root" git -c advice.detachedHead=false clone -q /root/checkout /root/fcgi-bearer
}

# inside COMMAND...: in the clone, in namespaces that take processes and mounts along when they end. In the background,
# so that a signal is noticed at once, though with the signals of the foreground.
inside() {
    env --default-signal unshare --mount --pid --fork --kill-child sh "$parts/inside.sh" "$root" "$@" </dev/null &
    inside_pid=$!
    inside_status=0
    wait "$inside_pid" || inside_status=$?
    inside_pid=
    return "$inside_status"
}

# nothing_switched_on: the servers that were installed must not start with the machine, nor others be kept from it.
nothing_switched_on() {
    switched_on=$(find "$root/etc/systemd/system" "$root"/etc/rc[2-5].d "$root/usr/sbin/policy-rc.d" \
        \( -name '*lighttpd*' -o -name '*apache*' -o -name '*caddy*' -o -name '*glewlwyd*' -o -name policy-rc.d \) ! -name 'K*' 2>/dev/null)
    expect "what ./dev left switched on" "$switched_on" ""
}

remove_room() {
    if [ -n "$inside_pid" ]; then
        kill -KILL "$inside_pid" 2>/dev/null
        wait "$inside_pid" 2>/dev/null
    fi
    remove_tries=50
    until rm -rf --one-file-system "$room" 2>/dev/null; do
        remove_tries=$((remove_tries - 1))
        if [ "$remove_tries" -eq 0 ]; then
            bad "$room could not be removed"
            return
        fi
        sleep 0.2
    done
}

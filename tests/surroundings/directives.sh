# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: whether the lists of the servers' directives in tests/surroundings are those of the servers that this Debian has now.

for part in packages build steps; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done

directives() {
    [ $# -eq 0 ] || usage_error "directives takes no arguments"
    need_packages check
    need_git directives
    begin_steps directives
    check_step "Package lists with sources, of this machine's own mirrors" source_lists
    for server in nginx lighttpd; do
        [ ! -e "$top/tests/surroundings/$server-directives.sh" ] || check_step "$server: its source, and the list made from it" directives_of_source "$server"
    done
    [ ! -e "$top/tests/surroundings/apache-directives.sh" ] || check_step "Apache: what the server says itself" compare_directives apache
    summary
}

# source_apt ARGUMENT...: apt-get with lists and files of its own; what this machine's apt knows stays as it is.
source_apt() {
    quietly "$state_dir/apt.log" apt-get -q -o Dir::Etc::SourceList="$state_dir/sources/none.list" -o Dir::Etc::SourceParts="$state_dir/sources" \
        -o Dir::State="$state_dir/apt" -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache="$state_dir/apt/cache" -o APT::Sandbox::User=root "$@"
}

# The same mirrors, but for sources.
source_lists() {
    mkdir -p "$state_dir/sources" "$state_dir/apt/lists/partial" "$state_dir/apt/cache/archives/partial"
    : >"$state_dir/sources/none.list"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ ! -f "$file" ] || sed -n 's/^deb \(\[[^]]*\] \)\?/deb-src \1/p' "$file" >"$state_dir/sources/$(basename "$file")"
    done
    for file in /etc/apt/sources.list.d/*.sources; do
        [ ! -f "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$state_dir/sources/$(basename "$file")"
    done
    source_apt update
}

# directives_of_source SERVER: upstream's source of the newest version there is; Debian's changes to it are in no table of directives.
directives_of_source() {
    mkdir -p "$state_dir/$1/source"
    (cd "$state_dir/$1" && source_apt source --download-only --tar-only "$1") || return
    quietly "$state_dir/unpack.log" tar -xf "$(find "$state_dir/$1" -name '*.orig.tar.*' ! -name '*.asc')" --strip-components=1 -C "$state_dir/$1/source" || return
    compare_directives "$1" "$state_dir/$1/source"
}

# compare_directives SERVER [DIRECTORY]
compare_directives() {
    list=$top/tests/surroundings/$1-directives.list
    "$top/tests/surroundings/$1-directives.sh" ${2+"$2"} >"$state_dir/$1.list" || return
    if ! grep -v '^#' "$state_dir/$1.list" | grep -vxF -f "$list" >"$state_dir/$1.new"; then
        note "$(grep -v -c '^#' "$state_dir/$1.list") directives, all of them in the checked-in list"
        return 0
    fi
    sed 's/^/    | /' "$state_dir/$1.new"
    sort -u "$list" "$state_dir/$1.list" >"$list.new"
    bad "the list is not current: look at $list.new, put it in its place, and give what is new a row in $1.rows"
    return 1
}

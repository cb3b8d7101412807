# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev: good and bad tokens at full speed, for a while, and a judgement of every answer. Its last line is "N answers, all right".

for part in packages build; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done

soak() {
    [ $# -le 1 ] || usage_error "soak takes the number of minutes, or nothing"
    minutes=${1-10}
    case $minutes in
        '' | 0* | *[!0-9]* | ?????*) usage_error "soak $minutes: a number of minutes, from 1 to 9999" ;;
    esac
    need_packages build demo
    at_exit give_back
    step "Building"
    build_gcc || die "the build failed (see above)"
    quietly "$top/build/soak.log" make -C "$top/build" soak || die "the build failed (see above)"
    step "Traffic at full speed for $minutes minutes"
    top_srcdir=$top top_builddir=$top/build bash "$top/tests/support/soak.bash" "$minutes" ||
        die "something was wrong (see above)"
}

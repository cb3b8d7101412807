# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# "Open doors" of a page, for bats: `load ../support/doors`.
#
#   doors_of PAGE               prints how the page calls each line of that section: what is bold at its beginning
#   doors_have_rows PAGE        fails unless these are the lines of standard input, in this order

doors_of() {
    awk '
        /^## / { on = /^## Open doors$/; next }
        !on { next }
        /^- / || /^$/ || /^#/ { put() }
        /^- / { bullet = $0; next }
        bullet != "" { sub(/^ */, " "); bullet = bullet $0 }
        END { put() }
        function put() {
            if (bullet == "") return
            if (bullet ~ /^- \*\*/) { bullet = substr(bullet, 5); sub(/:?\*\*.*/, "", bullet) }
            print bullet
            bullet = ""
        }' "${top_srcdir:?}/doc/$1"
}

doors_have_rows() {
    diff -u --label "doc/$1" --label 'the rows' <(doors_of "$1") - >&2
}

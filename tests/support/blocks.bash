# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The blocks of a page, for the tests that use them: `load ../support/blocks`.

# page_block PAGE LANGUAGE [N]: prints the Nth block ```LANGUAGE of that page in doc/, the first unless said,
# without its indentation.
page_block() {
    awk -v language="$2" -v wanted="${3-1}" '
        /^ *```/ {
            if (on) exit
            indent = index($0, "`")
            on = !inside && substr($0, indent + 3) == language && ++n == wanted
            inside = !inside
            next
        }
        on { print substr($0, indent) }' "${top_srcdir:?}/doc/$1"
}

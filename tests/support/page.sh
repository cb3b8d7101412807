#!/bin/bash
# SPDX-License-Identifier: MIT
# page.sh PAGE DIRECTORY SECTION...: for doc.bats. Does what the page says under these headings ("Set it
# up"), block by block, in one shell, as root in that directory of the examples would, and compares what is
# printed. A block ```sh is run; a block ```text right after it is what that prints, to the end of the
# line: `...` in a line stands for anything, a line of only `...` for any lines. Blocks of other languages
# are not run. Every block has to succeed.
#
# To be run as root in namespaces of its own (machine.bash). May be set:
#   CHANGE    a sed script over the blocks ```sh: for what a reader has to put in
#   BEFORE    commands that come before: what there is around the machine
#   EDIT      a sed script over a file that the page opens in an editor, but bearer.env
#   ONLY      ```sh blocks of each section to run, the first so many
# AUTH0_DOMAIN=... and AUTH0_API_AUDIENCE=... in blocks become the issuer of the tests, and $TOKEN has a
# token of it with scope read:files and read:messages.
set -euo pipefail
: "${top_srcdir:?}" "${top_builddir:?}" "${DOC_DIR:?}"
export EDIT=${EDIT-}
# shellcheck source=tests/support/machine.bash
. "$top_srcdir/tests/support/machine.bash"

# blocks PAGE SECTION: writes NN.sh and NN.text to the directory $blocks.
blocks() {
    awk -v section="## $2" -v to="$blocks/$3" -v most="${ONLY-1000}" '
        /^## / { on = $0 == section; seen = seen || on }
        !on { next }
        /^ *```/ {
            if (inside) { inside = 0; close(file); if (kind == "sh" && n >= most) exit; next }
            inside = 1
            indent = match($0, /`/) - 1
            before = kind
            kind = substr($0, indent + 4)
            if (kind == "sh") n++
            keep = kind == "sh" || (kind == "text" && before == "sh")
            file = sprintf("%s-%02d.%s", to, n, kind)
            if (keep) printf "" >file
            next
        }
        inside && keep { print substr($0, 1, indent) ~ /^ *$/ ? substr($0, indent + 1) : $0 >file }
        END { if (!seen) { print "no heading: " section >"/dev/stderr"; exit 1 } }' "$top_srcdir/doc/$1"
}

issuer="s|^AUTH0_DOMAIN=.*|AUTH0_ISSUER=https://issuer.example.test/\nBEARER_JWKS_URI=file:///etc/fcgi-bearer/jwks.json|
    s|^AUTH0_API_AUDIENCE=.*|AUTH0_API_AUDIENCE=https://api.example.test/|"

# as_said EXPECTED PRINTED
as_said() {
    awk '
        function like(line, wanted,    pieces, n, i, at) {
            n = split(wanted, pieces, /\.\.\./)
            if (n < 2) return line == wanted
            if (substr(line, 1, length(pieces[1])) != pieces[1]) return 0
            line = substr(line, length(pieces[1]) + 1)
            for (i = 2; i < n; i++) {
                if (!(at = index(line, pieces[i]))) return 0
                line = substr(line, at + length(pieces[i]))
            }
            at = length(line) - length(pieces[n])
            return at >= 0 && substr(line, at + 1) == pieces[n]
        }
        function same(i, j,    k) {
            if (i > wanted) return j > printed
            if (expected[i] == "...") {
                for (k = j; k <= printed + 1; k++) if (same(i + 1, k)) return 1
                return 0
            }
            return j <= printed && like(got[j], expected[i]) && same(i + 1, j + 1)
        }
        { sub(/\r$/, "") }
        FILENAME == ARGV[1] { expected[++wanted] = $0; next }
        { got[++printed] = $0 }
        END { exit !same(1, 1) }' "$1" "$2" || {
        printf -- '--- the page says that it prints:\n%s\n--- it printed:\n%s\n' "$(<"$1")" "$(<"$2")"
        return 1
    }
}

# Each block in this shell, so that a variable set in one is there in the next.
tried() {
    local block
    for block in "$blocks"/*.sh; do
        sed -i -e "$issuer" -e "${CHANGE-}" "$block"
        echo "--- ${block##*/}" && cat "$block"
        trap 'echo "--- it failed, having printed:"; cat "$blocks/printed"' EXIT
        # shellcheck source=/dev/null
        . "$block" >"$blocks/printed" 2>&1
        trap - EXIT
        cat "$blocks/printed"
        [[ ! -e ${block%.sh}.text ]] || as_said "${block%.sh}.text" "$blocks/printed"
    done
}

machine
page=$1
mkdir /run/source
cp -r "$top_srcdir"/{*-conf,systemd,examples} /run/source
mkdir -p "/run/source/$2"
cd "/run/source/$2"
echo 'the secret' >secret.txt
TOKEN=$(<"$DOC_DIR/token")
# As on a terminal, and no server has to be waited for, nor a certificate that Caddy still makes.
printf '%s\n' silent show-error 'noproxy = *' 'max-time = 30' 'retry = 20' retry-all-errors 'retry-max-time = 20' >/run/.curlrc
export TOKEN PATH CURL_HOME=/run
blocks=$(mktemp -d /run/blocks.XXXXXX)
shift 2
number=0
for section; do
    number=$((number + 1))
    blocks "$page" "$section" "$number"
done
compgen -G "$blocks/*.sh" >/dev/null || { echo "no block to run" && exit 1; }
eval "${BEFORE-}"
tried

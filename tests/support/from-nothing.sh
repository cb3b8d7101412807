#!/bin/bash
# SPDX-License-Identifier: MIT
# from-nothing.sh PAGE DIRECTORY URL: for doc.bats. Does what the page in doc/ says under "From nothing ...", line by line, as a reader would in that
# directory of the source, and then asks for URL (behind http://localhost) without a token and with one; each answer ends with " <STATUS>".
#
# To be run as root in namespaces of its own (unshare --mount --net --pid): it mounts another /etc, /var ..., where Debian's packages have just
# been installed, and so have the programs of $top_builddir; $DOC_DIR has jwks.json and token. May be set:
#   BLOCKS    how many blocks of lines there are, 1 unless set; a block that is no commands comes after those
#   CHANGE    a sed script over the lines, for what the page says in words
#   BEFORE    commands that come before: what there is around the machine
#   EDIT      a sed script over a file that the lines open in an editor, but bearer.env, which gets the issuer of the tests
set -euo pipefail
: "${top_srcdir:?}" "${top_builddir:?}" "${DOC_DIR:?}"
export EDIT=${EDIT-}

# shellcheck source=tests/support/machine.bash
. "$top_srcdir/tests/support/machine.bash"

# lines PAGE: the first $BLOCKS blocks of the section.
lines() {
    awk -v blocks="${BLOCKS-1}" '/^## / { on = /^## From nothing/ } !on { next }
        /^    / { print substr($0, 5); inside = 1; next }
        /^./ && inside { inside = 0; if (++n == blocks) exit }' "$top_srcdir/doc/$1" | sed -e "${CHANGE-}"
}

machine
cp -r "$top_srcdir/$2" /run/here
cd /run/here
echo 'the secret' >secret.txt
install -D -m 644 secret.txt /srv/www/private/secret.txt
install -D -m 644 secret.txt /var/www/html/guarded/secret.txt
TOKEN=$(<"$DOC_DIR/token")
export TOKEN PATH
eval "${BEFORE-}"
{ echo 'set -euo pipefail' && lines "$1"; } >/run/lines
bash /run/lines
for header in 'X-Nothing: x' "Authorization: Bearer $TOKEN"; do
    curl -q --silent --noproxy '*' --max-time 10 --retry 20 --retry-connrefused --retry-max-time 20 -w ' <%{http_code}>\n' -H "$header" "http://localhost$3"
done

#!/bin/sh
# SPDX-License-Identifier: MIT
# reference.sh [DIRECTORY]: makes the reference pages settings.md, variables.md and log.md, of the tree
# or in that directory, from the tables in the sources and from the text of the manual:
#
#   settings.md     src/config/settings.def, and ENVIRONMENT in man/bearer.env.5
#   variables.md    src/answer/variables.c, and what the same manual says the guarded program is told
#   log.md          src/base/outcomes.def, and each call of log_line() below src/
#
# doc.bats compares the pages of the tree with what this makes. It wants mandoc.
set -eu
export LC_ALL=C
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
top=$here/../..
to=${1-$top/doc/reference}
manual=$(mktemp)
trap 'rm -f "$manual" "$manual.page"' EXIT
mandoc -T markdown "$top/man/bearer.env.5" >"$manual"

# page NAME AWK-FILE INPUT...: the whole page, or none.
page() {
    name=$1
    script=$2
    shift 2
    awk -f "$here/lines.awk" -f "$here/$script" "$@" >"$manual.page"
    cp "$manual.page" "$to/$name"
}

page settings.md settings.awk "$top/src/config/settings.def" "$manual"
page variables.md variables.awk "$top/src/answer/variables.c" "$manual"
page log.md log.awk "$top/src/base/outcomes.def" "$top"/src/*/*.c "$top"/src/*/*/*.c

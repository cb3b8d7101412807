#!/bin/sh
# SPDX-License-Identifier: MIT
# pictures.sh [DIRECTORY]: draws the pictures of doc/pictures/, or into that directory, from the text
# beside them: architecture.svg from the boxes and arrows of architecture.txt, demo.svg from demo.txt.
# doc.bats compares those of the tree with what this draws.
#
# pictures.sh demo LOG: demo.txt from what "./dev demo --once" has printed. ./dev check compares.
set -eu
export LC_ALL=C
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
pictures=$here/../../doc/pictures

if [ "${1-}" = demo ]; then
    exec awk -f "$here/demo.awk" "$2"
fi
to=${1-$pictures}
awk -f "$here/svg.awk" -f "$here/drawing.awk" "$pictures/architecture.txt" >"$to/architecture.svg"
awk -f "$here/svg.awk" -f "$here/terminal.awk" "$pictures/demo.txt" >"$to/demo.svg"

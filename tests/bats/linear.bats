#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Time that strangers' documents and tokens can ask for: the instructions of reading them grow with their length and not faster. Counted by callgrind, so that it depends neither on the
# machine nor on what else runs there.

bats_require_minimum_version 1.5.0

: "${top_builddir:?}"

# counted: a line for each shape, with its instructions at one length and at four times that, from what linear.c said and callgrind wrote; of a token, what it takes beyond a usual one.
counted() {
    awk 'NR == FNR { said[FNR] = $0; sub(/: [0-9]*$/, "", said[FNR]); next }
         FNR == 1 { number = FILENAME; sub(/.*[.]/, "", number) }
         /^(summary|totals):/ { cost[number] = $2 }
         END {
             for (i = 1; i in said; i += 2) {
                 first = cost[i]; second = cost[i + 1]
                 if (said[i] == "a token, usual") { usual = second; continue }
                 if (said[i] ~ /^a token,/) { first -= usual; second -= usual }
                 print said[i] ":", first, second
             }
         }' said counted.[0-9]*
}

@test "D9: four times as long takes less than six times as many instructions, whatever is read" {
    cd "$BATS_TEST_TMPDIR"
    valgrind -q --tool=callgrind --callgrind-out-file=counted --zero-before=measured --dump-after=measured "$top_builddir/linear" >said 2>valgrind.log
    [[ $(find . -name 'counted.*' | wc -l) == $(wc -l <said) ]]
    counted >table
    cat table
    (($(wc -l <table) >= 60))
    [[ -z $(awk '!($(NF - 1) > 1000 && $NF < 6 * $(NF - 1))' table) ]]
}

# SPDX-License-Identifier: MIT
# Compares answers with the table of hostile-mint (both as it says). The variable `group` names the rows that must have been answered, GOOD
# in the environment is what the good token gets. Prints each that is not as it should be; then the exit status is 1.

FILENAME ~ /table$/ {
    if ($2 == group) {
        name[$1] = "case " $3 ": " $4
        want[$1] = $5 "|" $7
        body[$1] = $8
        open[$1] = open[$1 "+"] = 1
    }
    next
}

NF >= 5 {
    id = $(NF - 0)
    sub(/^\n/, "", $1)
    if (!(id in open)) {
        wrong("an answer to nothing: " id)
    }
    delete open[id]
    got = $2 "|" $3
    if ($4 != "") {
        wrong(name[id] ": a header of the token's own making: " $4)
    }
    if (id ~ /\+$/) {
        sub(/\+$/, "", id)
        if (got != "200|" || $1 != ENVIRON["GOOD"]) {
            wrong("case 130: after " name[id] ": the good token got " got " " $1)
        }
        next
    }
    # The server's own refusals have its own body and no challenge of ours.
    if (got != want[id] || (body[id] != "*" && $1 != body[id])) {
        wrong(name[id] "\n    expected: " want[id] " " body[id] "\n         got: " got " " $1)
    }
}

END {
    for (id in open) {
        wrong("no answer: " name[id] " (" id ")")
    }
    exit failed
}

function wrong(text) {
    print text
    failed = 1
}

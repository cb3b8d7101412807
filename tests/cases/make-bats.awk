# SPDX-License-Identifier: MIT
# Makes tests/bats/NAME.bats from tests/servers/NAME.bats, which is read twice: a line `cases LIST` there
# stands for the lines of tests/cases/LIST.bats, but for functions that the file has itself and cases that
# it runs in a way of its own. `load` looks beside the source.
#   awk -v srcdir=DIRECTORY -f make-bats.awk SOURCE SOURCE

FNR == NR {
    own = own "\n" $0
    next
}

FNR == 2 {
    source = FILENAME
    sub(/.*\/tests\//, "tests/", source)
    print "# Made from " source " and tests/cases: edit those."
    print "BATS_TEST_DIRNAME='" srcdir "/tests/servers'"
}

$1 == "cases" && NF == 2 {
    list = srcdir "/tests/cases/" $2 ".bats"
    for (lines = 0; (getline line < list) > 0; lines++) {
        if (line !~ /^#/ && !has_own(line)) {
            print line
        }
    }
    if (lines == 0) {
        print "make-bats: no list " list >"/dev/stderr"
        exit 1
    }
    next
}

{ print }

# Of `NAME() { ...; }` the name, of `@test "..." { CASE; }` the case.
function has_own(line) {
    if (line ~ /^@test/) {
        return match(line, /[a-z_]+( [a-z]+)?; }$/) && index(own, " " substr(line, RSTART))
    }
    return match(line, /^[a-z_]+\(\)/) && index(own, "\n" substr(line, RSTART, RLENGTH))
}

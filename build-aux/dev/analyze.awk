# SPDX-License-Identifier: MIT
# Of ./dev analyze: prints what clang's static analyzer found, and fails if that is anything.
#
# It does not know the cleanup attribute (cleanup.h): what a variable with CLEANUP() owns seems leaked, and the value that keeps it
# from being released seems never read. Such a finding about such a variable of the same function is left out, and one that the file
# `suppressions` names by FILE:VARIABLE.

function owned(file, last, name, line, number, yes, path) {
    sub(/\..*/, "", name)
    while ((getline line < file) > 0 && ++number <= last) {
        if (line ~ /^\{/) yes = 0
        if (line ~ ("[ *]" name " CLEANUP\\(")) yes = 1
    }
    close(file)
    return yes
}

BEGIN {
    while ((getline line < suppressions) > 0) suppressed[line]
}

/: warning: / {
    split($0, at, ":")
    name = $0
    sub(/^[^']*'/, "", name)
    sub(/'.*/, "", name)
    shown = !(/Potential leak of memory pointed to by '|Value stored to '.*' is never read/ && \
        (owned(at[1], at[2], name) || (at[1] ":" name) in suppressed))
    if (shown) found++
}

shown { print "    " $0 }

END { exit found > 0 }

# SPDX-License-Identifier: MIT
# Of ./dev coverage: prints per file how many lines and branches were reached, from what llvm-cov exports in lcov's form.
#
#   top         the checkout, with a slash at the end
#   exceptions  lists what need not be reached. If given, whatever else was not reached is listed and is an error, and so
#               is an exception that excuses more than there is.
#
# An exception is a line "FILE FUNCTION: NUMBER" (without the blanks around it), or several, and, indented below, the reason. It
# excuses so many places of that function, no more and no fewer: lines not reached, or reached without one of their branches. Lines
# that are not reached and follow a place belong to it. Listed is what could be written there.

function say_branch(number) {
    return "condition " int(number / 2) + 1 " is never " (number % 2 ? "false" : "true")
}

# What is not reached in line `at`: the line itself, or branches.
function missing_in(at, what, i) {
    if (lines[at] == 0) return "never reached"
    what = ""
    for (i = 0; i < branches[at]; i++) {
        if (taken[at, i] == 0) what = what (what == "" ? "" : ", ") say_branch(i)
    }
    return what
}

function trimmed(text) {
    gsub(/^[ \t]+|[ \t\r]+$/, "", text)
    return text
}

function judge(at, text, what, key, follows) {
    what = missing_in(at)
    key = name " " function_of[at]
    follows = what == "never reached" && key == missed_before
    missed_before = what == "" ? "" : key
    if (what == "") return
    if (!follows) places[key]++
    listed[key] = listed[key] "        " at ": " what ": " trimmed(text) "\n"
}

function end_of_file(at, text, path, width) {
    path = top name
    current = ""
    missed_before = ""
    for (at = 1; (getline text < path) > 0; at++) {
        if (at in starts) current = starts[at]
        function_of[at] = current
        if (at in lines) judge(at, text)
    }
    close(path)
    print_row(name, lines_hit, lines_all, branches_hit, branches_all)
    sum_lines_hit += lines_hit
    sum_lines += lines_all
    sum_branches_hit += branches_hit
    sum_branches += branches_all
}

function percent(part, whole) {
    return whole == 0 ? 100 : 100 * part / whole
}

function read_exceptions(line, i, waiting, entry, colon) {
    while ((getline line < exceptions) > 0) {
        if (line ~ /^(#.*)?$/) continue
        if (line ~ /^[ \t]/) {
            waiting = 0
        } else {
            colon = index(line, ": ")
            entry = substr(line, 1, colon - 1)
            if (entry in excused) bad_entry[entry] = "is there twice"
            excused[entry] = substr(line, colon + 2) + 0
            waiting = entry
        }
    }
    if (waiting) bad_entry[waiting] = "gives no reason"
    close(exceptions)
}

function print_row(what, lines_hit, lines_all, branches_hit, branches_all) {
    printf "    %-32s %5d of %5d lines %6.1f %%   %5d of %5d branches %6.1f %%\n", what, lines_hit, lines_all, \
        percent(lines_hit, lines_all), branches_hit, branches_all, percent(branches_hit, branches_all) | sort
}

BEGIN {
    FS = "[:,]"
    sort = "LC_ALL=C sort"
    if (exceptions != "") read_exceptions()
}

/^SF:/ {
    name = substr($0, 4)
    sub(/^.*\/src\//, "src/", name)
    split("", lines)
    split("", branches)
    split("", taken)
    split("", starts)
    lines_hit = lines_all = branches_hit = branches_all = 0
}

/^FN:/ {
    starts[$2] = $NF # a static one has the name of the file before it
}

/^DA:/ {
    lines[$2] = $3
    lines_all++
    if ($3 > 0) lines_hit++
}

/^BRDA:/ {
    taken[$2, branches[$2] + 0] = $5
    branches[$2]++
    branches_all++
    if ($5 > 0) branches_hit++
}

/^end_of_record/ && lines_all > 0 {
    end_of_file()
}

END {
    print_row("together", sum_lines_hit, sum_lines, sum_branches_hit, sum_branches)
    close(sort)
    if (exceptions == "") exit 0
    for (key in places) {
        if (places[key] <= excused[key] + 0) {
            excuses += places[key]
            continue
        }
        lefts++
        printf "    %s: %d\n%s", key, places[key], listed[key]
    }
    for (key in excused) {
        if (excused[key] > places[key] + 0) bad_entry[key] = "excuses " excused[key] ", and there are " places[key] + 0
    }
    for (key in bad_entry) {
        lefts++
        print "    " exceptions ": " key ": " bad_entry[key]
    }
    printf "    %d not reached, %d more excused\n", lefts, excuses
    exit lefts > 0
}

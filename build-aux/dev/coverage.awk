# Of ./dev coverage: prints per file how many lines and branches were reached, from what llvm-cov exports in lcov's form.
#
#   top         the checkout, with a slash at the end
#   but         files whose name begins with this are left out
#   exceptions  lists what need not be reached. If given, whatever else was not reached is listed and is an error, and so
#               is an exception that excuses nothing.
#
# An exception is a line "FILE FUNCTION: SOURCE LINE" (without the blanks around it), or several, and, indented below, the reason.
# It excuses that line, its branches, and the lines right after it that were not reached. Listed is what could be written there.

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

# A line that is not reached and follows one that is excused is so for the same reason.
function judge(at, text, what, key, excused) {
    what = missing_in(at)
    key = name " " function_of[at] ": " trimmed(text)
    excused = key in reason || (what == "never reached" && excused_before)
    excused_before = excused && what != ""
    if (what == "") return
    if (excused) {
        used[key] = 1
        excuses++
    } else if (exceptions != "") {
        left[++lefts] = name ":" at ": " what "\n        " key
    }
}

function end_of_file(at, text, path, width) {
    path = top name
    current = ""
    excused_before = 0
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

function read_exceptions(line, i, waiting, entry) {
    while ((getline line < exceptions) > 0) {
        if (line ~ /^(#.*)?$/) continue
        if (line ~ /^[ \t]/) {
            for (i = 1; i <= waiting; i++) reason[entry[i]] = trimmed(line)
            waiting = 0
        } else {
            if (line in reason) bad_entry[line] = "is there twice"
            entry[++waiting] = line
            reason[line] = ""
        }
    }
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

/^end_of_record/ && lines_all > 0 && !(but != "" && index(name, but) == 1) {
    end_of_file()
}

END {
    print_row("together", sum_lines_hit, sum_lines, sum_branches_hit, sum_branches)
    close(sort)
    for (entry in reason) {
        if (!(entry in used)) bad_entry[entry] = "excuses nothing: remove it"
        else if (reason[entry] == "") bad_entry[entry] = "gives no reason"
    }
    for (i = 1; i <= lefts; i++) print "    " left[i]
    for (entry in bad_entry) print "    " exceptions ": " entry ": " bad_entry[entry]
    for (entry in bad_entry) lefts++
    if (exceptions != "") printf "    %d not reached, %d more excused\n", lefts, excuses
    exit lefts > 0
}

# SPDX-License-Identifier: MIT
# Of ./dev analyze: reads lines of FILE:#include "ROOM/NAME.h" and prints "A B" for each file that uses another,
# without their endings. Says which include runs up, against the order of `rooms`, and which sees what is
# inside another file (X_internal.h is for files whose name begins with X); then it fails.

function room(path) {
    sub(/\/.*/, "", path)
    return path
}

function stem(path) {
    sub(/(_internal)?\.[ch]$/, "", path)
    return path
}

BEGIN {
    count = split(rooms, names, " ")
    for (i = 1; i <= count; i++) order[names[i]] = i
}

{
    file = $0
    sub(/:.*/, "", file)
    sub(/^.*\/src\//, "", file)
    used = $0
    sub(/^[^"]*"/, "", used)
    sub(/".*/, "", used)
    why = ""
    if (!(room(file) in order)) why = "is in no room: give it a place in rooms (build-aux/dev/analyze.sh)"
    else if (!(room(used) in order)) why = "includes " used ", which is in no room"
    else if (order[room(used)] > order[room(file)]) why = "includes " used ", which stands on it"
    else if (used ~ /_internal\.h$/ && index(stem(file), stem(used)) != 1) why = "sees the inside of " used
    if (why != "") {
        print "src/" file " " why >"/dev/stderr"
        wrong = 1
    }
    if (stem(file) != stem(used)) print stem(file), stem(used)
}

END {
    exit wrong
}

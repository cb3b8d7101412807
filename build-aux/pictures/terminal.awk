# SPDX-License-Identifier: MIT
# A terminal with these lines, light on dark whatever is around it. Lines that begin with "$ " are typed,
# others printed.

BEGIN {
    columns = 98
    width = columns * 8.4 + 32
}

{
    n++
    line[n] = length($0) > columns ? substr($0, 1, columns - 3) "..." : $0
}

function class(text) {
    return text ~ /^ *\$ / ? "typed" : text ~ /HTTP\/1.1 2/ ? "good" : text ~ /HTTP\/1.1 4/ ? "bad" : \
        text ~ /^[0-9]+\. |^ +right$|^==>|answers were right/ ? "said" : "plain"
}

END {
    begin(width, n * 19 + 36, "A terminal: ./dev demo --once", \
        "Requests by curl to the private endpoint: without a token 401, with one 200, without the scope 403.")
    print "<style>"
    print "rect { fill: #161b22; stroke: #6e7681 }"
    print "text { font-family: ui-monospace, monospace; font-size: 14px; fill: #c9d1d9; white-space: pre }"
    print ".typed { fill: #79c0ff } .good { fill: #7ee787 } .bad { fill: #ffa198 } .said { fill: #d2a8ff }"
    print "</style>"
    print "<rect x=\"1\" y=\"1\" width=\"" width - 2 "\" height=\"" n * 19 + 34 "\" rx=\"8\"/>"
    for (i = 1; i <= n; i++) {
        if (line[i] != "") {
            print "<text class=\"" class(line[i]) "\" x=\"16\" y=\"" i * 19 + 16 "\" xml:space=\"preserve\">" \
                escaped(line[i]) "</text>"
        }
    }
    print "</svg>"
}

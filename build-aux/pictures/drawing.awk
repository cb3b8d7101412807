# SPDX-License-Identifier: MIT
# A drawing of boxes and arrows. Lines of its text:
#   size WIDTH HEIGHT
#   title TEXT, desc TEXT           what the picture is, in words
#   box NAME X Y TEXT | LINE | LINE
#   arrow FROM TO TEXT | LINE       between boxes that are beside or above each other
# Colours follow the reader's: light or dark.

BEGIN {
    box_width = 200
    box_height = 84
}

/^#/ || /^$/ { next }
/^size / { width = $2; height = $3; next }
/^title / { title = substr($0, 7); next }
/^desc / { description = description (description == "" ? "" : " ") substr($0, 6); next }
/^box / {
    boxes++
    names[boxes] = $2
    x[$2] = $3
    y[$2] = $4
    text[$2] = rest(5)
    next
}
/^arrow / {
    arrows++
    from[arrows] = $2
    to[arrows] = $3
    label[arrows] = rest(4)
    next
}
{ wrong("what is " $1 "?") }

function wrong(what) {
    print "drawing: line " FNR ": " what >"/dev/stderr"
    failed = 1
    exit 1
}

function rest(field,    i, out) {
    for (i = field; i <= NF; i++) {
        out = out (out == "" ? "" : " ") $i
    }
    return out
}

# lines(TEXT, X, Y, ANCHOR, FIRST): what stands between the bars, below each other.
function lines(all, at_x, at_y, anchor, first,    parts, n, i) {
    n = split(all, parts, / *\| */)
    for (i = 1; i <= n; i++) {
        print "<text class=\"" (i == 1 ? first : "small") "\" x=\"" at_x "\" y=\"" at_y + (i - 1) * 18 \
            "\" text-anchor=\"" anchor "\">" escaped(parts[i]) "</text>"
    }
}

function arrow(i,    a, b, right, down, x1, y1, x2, y2, n, parts) {
    a = from[i]
    b = to[i]
    if (!(a in x) || !(b in x)) {
        wrong("an arrow between boxes that are not there: " a ", " b)
    }
    n = split(label[i], parts, /\|/)
    if (y[a] == y[b]) {
        right = x[b] > x[a]
        x1 = x[a] + (right ? box_width : 0)
        x2 = x[b] + (right ? -6 : box_width + 6)
        y1 = y2 = y[a] + box_height / 2
        lines(label[i], (x1 + x2) / 2, y1 + (n > 1 ? -26 : -9), "middle", "small")
    } else if (x[a] == x[b]) {
        down = y[b] > y[a]
        y1 = y[a] + (down ? box_height : 0)
        y2 = y[b] + (down ? -6 : box_height + 6)
        x1 = x2 = x[a] + box_width / 2
        lines(label[i], x1 + 10, (y1 + y2) / 2 + (n > 1 ? -4 : 5), "start", "small")
    } else {
        wrong("an arrow between boxes that are not beside each other: " a ", " b)
    }
    print "<path d=\"M" x1 " " y1 " L" x2 " " y2 "\" marker-end=\"url(#head)\"/>"
}

END {
    if (failed) {
        exit 1
    }
    begin(width, height, title, description)
    print "<style>"
    print "svg { background: #fff; font-family: sans-serif }"
    print "rect { fill: #eef2f7; stroke: #5b6b7f }"
    print "rect.ground { fill: #fff; stroke: none }"
    print "path { fill: none; stroke: #5b6b7f; stroke-width: 2 }"
    print "#head path { fill: #5b6b7f }"
    print "text { fill: #1b2430; font-size: 16px; font-weight: bold }"
    print "text.small { font-size: 13px; font-weight: normal }"
    print "@media (prefers-color-scheme: dark) {"
    print "svg { background: #0d1117 } rect { fill: #1c2633; stroke: #9fb0c3 }"
    print "rect.ground { fill: #0d1117 }"
    print "path { stroke: #9fb0c3 } #head path { fill: #9fb0c3 } text { fill: #e6edf3 }"
    print "}"
    print "</style>"
    print "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"4\" refY=\"4\" markerWidth=\"5\" markerHeight=\"5\"" \
        " orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\"/></marker></defs>"
    print "<rect class=\"ground\" width=\"" width "\" height=\"" height "\"/>"
    for (i = 1; i <= boxes; i++) {
        print "<rect x=\"" x[names[i]] "\" y=\"" y[names[i]] "\" width=\"" box_width "\" height=\"" box_height \
            "\" rx=\"8\"/>"
        lines(text[names[i]], x[names[i]] + box_width / 2, y[names[i]] + 28, "middle", "name")
    }
    for (i = 1; i <= arrows; i++) {
        arrow(i)
    }
    print "</svg>"
}

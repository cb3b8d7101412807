# SPDX-License-Identifier: MIT
# Of look: reads "link FILE:LINE TARGET" and "anchor FILE NAME" of page.awk, anchors first; prints
# "found FILE:LINE WHAT" for a link within the tree that leads nowhere. Asks no network.
BEGIN { FS = "\t" }

# resolved BASE TARGET: the path without "." and "..".
function resolved(base, target,    parts, n, i, kept, out) {
    if (target == "") return base
    sub(/[^\/]*$/, "", base)
    n = split(base target, parts, "/")
    kept = 0
    for (i = 1; i <= n; i++) {
        if (parts[i] == "..") { if (kept == 0) return "../"; kept-- }
        else if (parts[i] != "." && parts[i] != "") out_of[++kept] = parts[i]
    }
    for (i = 1; i <= kept; i++) out = out (i > 1 ? "/" : "") out_of[i]
    return out
}

function exists(path) {
    if (!(path in there)) there[path] = system("test -e \"" path "\"") == 0
    return there[path]
}

$1 == "anchor" { anchors[$2 "#" $3] = 1 }
$1 == "link" && $3 !~ /^[a-z]+:/ {
    file = $2
    sub(/:[0-9]+$/, "", file)
    name = path = $3
    sub(/#.*/, "", path)
    if (!sub(/^[^#]*#/, "", name)) name = ""
    path = resolved(file, path)
    if (path !~ /^[A-Za-z0-9_.\/-]*$/ || !exists(path)) print "found\t" $2 "\tno such file: " $3
    else if (name != "" && path ~ /\.md$/ && !(path "#" name in anchors)) print "found\t" $2 "\tno such heading: " $3
}

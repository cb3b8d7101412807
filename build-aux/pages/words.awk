# SPDX-License-Identifier: MIT
# Of look: reads the rows of the file words, then "text FILE:LINE TEXT" of page.awk; prints
# "found FILE:LINE WHAT" for what stands in the list.
BEGIN { FS = "\t" }

FILENAME == list {
    if (/^#/ || NF < 2) next
    rule[++rules] = $1
    sub(/^[^\t]*\t+/, "")
    instead[rules] = $0
    next
}

$1 == "text" {
    text = " " tolower($3) " "
    gsub(/\t/, " ", text)
    for (i = 1; i <= rules; i++) {
        if (!match(text, "[^a-z](" rule[i] ")[^a-z]")) continue
        print "found\t" $2 "\t\"" substr(text, RSTART + 1, RLENGTH - 2) "\": " instead[i]
    }
}

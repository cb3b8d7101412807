# SPDX-License-Identifier: MIT
# Of look: a page (Markdown) as it is read. Prints, fields between tabs,
#   found  FILE:LINE  what is wrong with its form
#   text   FILE:LINE  a paragraph, bullet or heading, on one line; code is "CODE0" or "CODE1"
#   link   FILE:LINE  where a link leads
#   anchor FILE       what a link may name in it after "#"
#   table  FILE       words before the first block, longest line, longest paragraph, headings,
#                     lines, longest stretch without a heading: with the blocks, and without
# Set -v form=no for what is no page: then only its text is taken.
BEGIN {
    max_line = 100; max_words = 60; max_before = 60; max_stretch = 30; max_with_code = 60
}

FNR == 1 {
    if (NR > 1) page_ends()
    delete slugs
    file = FILENAME; page_starts()
}

function page_starts() {
    paragraph = fence = comment = ""
    before = longest = longest_paragraph = headings = stretch = bare_stretch = 0
    worst = worst_bare = set_up = blocks = list = 0
    heading_line = 1
}

function found(line, what) {
    if (form != "no") print "found\t" file ":" line "\t" what
}

# Octets that continue a character are none.
function characters(s) {
    gsub(/[\200-\277]/, "", s)
    return length(s)
}

function words(s, parts, n, i, count) {
    n = split(s, parts, /[ \t]+/)
    for (i = 1; i <= n; i++) if (parts[i] ~ /[A-Za-z0-9]/) count++
    return count + 0
}

# Text as read: no targets of links, no marks, code as one word if `code` is to go.
function plain(s, code,    out, at) {
    gsub(/<!--[^>]*-->/, "", s)
    while (match(s, /\]\([^)]*\)/)) s = substr(s, 1, RSTART - 1) substr(s, RSTART + RLENGTH)
    gsub(/<\/?[a-z][^>]*>/, " ", s)
    if (code) {
        out = ""
        while (match(s, /`[^`]*`/)) {
            out = out substr(s, 1, RSTART - 1) "CODE" (codes = 1 - codes)
            s = substr(s, RSTART + RLENGTH)
        }
        s = out s
        gsub(/[*!\[\]]/, "", s)
    }
    return s
}

# The links of a line, but those in code.
function links(s, line,    to) {
    gsub(/`[^`]*`/, "", s)
    if (match(s, /^ *\[[^\]]+\]: +[^ ]+/)) {
        to = s
        sub(/^ *\[[^\]]+\]: +/, "", to)
        sub(/ .*/, "", to)
        print "link\t" file ":" line "\t" to
        return
    }
    while (match(s, /\]\([^)]*\)|(href|src|srcset)="[^"]*"/)) {
        to = substr(s, RSTART, RLENGTH)
        s = substr(s, RSTART + RLENGTH)
        gsub(/^\]\(|\)$|^[a-z]+="|"$/, "", to)
        sub(/ .*/, "", to)
        print "link\t" file ":" line "\t" to
    }
}

function paragraph_ends(    n) {
    if (paragraph == "") return
    n = words(plain(paragraph, 0))
    if (n > longest_paragraph) longest_paragraph = n
    if (n > max_words) found(paragraph_line, "a paragraph of " n " words: " max_words " at most")
    if (!blocks) before += n
    print "text\t" file ":" paragraph_line "\t" plain(paragraph, 1)
    paragraph = ""
}

function block_starts() {
    paragraph_ends()
    if (!blocks++ && set_up && before > max_before)
        found(FNR, before " words before the first command or configuration: " max_before " at most")
}

function stretch_ends() {
    if (stretch > worst) worst = stretch
    if (bare_stretch > worst_bare) worst_bare = bare_stretch
    if (bare_stretch > max_stretch)
        found(heading_line, bare_stretch " lines without a heading, blocks not counted: " max_stretch " at most")
    else if (stretch > max_with_code)
        found(heading_line, stretch " lines without a heading, with the blocks: " max_with_code " at most")
    stretch = bare_stretch = 0
}

# As the forge makes them: lower case, no punctuation, a number after the second of a kind.
function slug(s,    known) {
    s = tolower(plain(s, 0))
    gsub(/[^a-z0-9 _\200-\377-]/, "", s)
    gsub(/ /, "-", s)
    known = slugs[s]++
    return known ? s "-" known : s
}

function page_ends() {
    paragraph_ends()
    stretch_ends()
    if (set_up && !blocks) found(1, "a page to set something up, without a command or a configuration")
    print "table\t" file "\t" (blocks ? before : "-") "\t" longest "\t" longest_paragraph "\t" headings "\t" \
        lines "\t" worst "\t" worst_bare
}

{
    lines = FNR
    length_here = characters($0)
    if (length_here > longest && $0 !~ /^[ \t]*([-*] )?<?https?:[^ ]*$/) longest = length_here
    if (length_here > max_line && $0 !~ /^[ \t]*([-*] )?<?https?:[^ ]*$/)
        found(FNR, "a line of " length_here " characters: " max_line " at most")
    stretch++
}

/^ *(```|~~~)/ {
    if (fence == "") {
        block_starts()
        fence = $0
        sub(/[^`~ ].*/, "", fence)
        gsub(/ /, "", fence)
    } else if (index($0, fence)) fence = ""
    next
}
fence != "" { next }
# A block by indentation, as it may stand outside of lists.
/^(    |\t)/ && paragraph == "" && !list {
    block_starts()
    next
}
/^[^ \t]/ { list = 0 }
/^ ? ? ?([-*+]|[0-9]+[.)]) / { list = 1 }
{ bare_stretch++ }

comment != "" || /<!--/ {
    comment = $0 ~ /-->/ ? "" : "yes"
    next
}
/^[ \t]*$/ { paragraph_ends(); bare_stretch--; next }
/^#+ / {
    paragraph_ends()
    title = $0
    sub(/^#+ +/, "", title)
    if (headings++) stretch--
    stretch_ends()
    stretch = bare_stretch = 1
    heading_line = FNR
    if (!blocks) before += words(title)
    if (title == "Set it up") set_up = 1
    print "anchor\t" file "\t" slug(title)
    print "text\t" file ":" FNR "\t" plain(title, 1)
    links(title, FNR)
    next
}
/^[ \t]*\|[ :|-]*$/ { next }
/^[ \t]*([-*+]|[0-9]+[.)]) / || /^[ \t]*\|/ { paragraph_ends() }
{
    links($0, FNR)
    if (match($0, /<a (id|name)="[^"]*"/)) {
        name = substr($0, RSTART, RLENGTH)
        gsub(/^.*="|"$/, "", name)
        print "anchor\t" file "\t" name
    }
    here = $0
    gsub(/^[ \t>|]+|[ \t|]+$/, "", here)
    sub(/^([-*+]|[0-9]+[.)]) +/, "", here)
    if (paragraph == "") paragraph_line = FNR
    paragraph = paragraph (paragraph == "" ? "" : " ") here
}
END { if (NR) page_ends() }

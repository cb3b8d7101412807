# SPDX-License-Identifier: MIT
# What the reference pages have in common: paragraphs, and the manual as mandoc -T markdown writes it.

# Everything must be there: the page is not written otherwise.
function missing(what) {
    print "reference: " what >"/dev/stderr"
    failed = 1
    exit 1
}

# put(TEXT, INDENT): TEXT in lines under 100 characters; lines after the first are indented.
function put(text, indent,    words, n, i, line) {
    n = split(text, words, / +/)
    line = words[1]
    for (i = 2; i <= n; i++) {
        if (length(line) + 1 + length(words[i]) > 98) {
            print line
            line = indent words[i]
        } else {
            line = line " " words[i]
        }
    }
    print line
}

# code(TEXT): bold, italics and quoted code of mandoc's are all code here, and what touches is one.
function code(text,    out) {
    gsub(/'`/, "`", text)
    gsub(/`'/, "`", text)
    sub(/\*\*\*\*\*/, "`<star>`", text)
    while (match(text, /\*\*[^*]+\*\*/)) {
        out = substr(text, RSTART + 2, RLENGTH - 4)
        text = substr(text, 1, RSTART - 1) "`" out "`" substr(text, RSTART + RLENGTH)
    }
    while (match(text, /\*[^*]+\*/)) {
        out = substr(text, RSTART + 1, RLENGTH - 2)
        text = substr(text, 1, RSTART - 1) "`" out "`" substr(text, RSTART + RLENGTH)
    }
    gsub(/``/, "", text)
    gsub(/<star>/, "*", text)
    return text
}

# take(LINE): a line of the manual goes to the paragraph in hand, which is put out at the end of a
# sentence when it is long enough.
function take(line) {
    sub(/^\t/, "", line)
    paragraph = paragraph (paragraph == "" ? "" : " ") line
    if (line ~ /[.:]$/ && split(paragraph, words_of, / /) > 25) {
        finish()
    }
}

function finish() {
    if (paragraph != "") {
        paragraph = code(paragraph)
        gsub(/" /, "\" ", paragraph)
        put(lead paragraph, lead == "" ? "" : "  ")
        if (lead == "") {
            print ""
        }
    }
    paragraph = ""
    lead = ""
}

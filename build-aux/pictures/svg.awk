# SPDX-License-Identifier: MIT
# What the pictures have in common.

function escaped(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}

# begin(WIDTH, HEIGHT, TITLE, DESCRIPTION): for who hears the picture, too.
function begin(width, height, title, description) {
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " width " " height "\" width=\"" width \
        "\" height=\"" height "\" role=\"img\" aria-labelledby=\"title desc\">"
    print "<title id=\"title\">" escaped(title) "</title>"
    print "<desc id=\"desc\">" escaped(description) "</desc>"
}

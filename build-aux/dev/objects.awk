# SPDX-License-Identifier: MIT
# Of ./dev analyze: reads `nm -A -P` of all objects and prints "A B" for each object that needs a symbol of another.

function source(path) {
    sub(/:.*/, "", path)
    sub(/^.*\/src\//, "src/", path)
    sub(/[^\/]*-/, "", path) # what automake puts before it
    sub(/\.o$/, "", path)
    return path
}

$2 == "main" { next }
$3 ~ /^[TDBRCW]$/ { made[$2] = source($1) }
$3 == "U" { needed[source($1) " " $2] }

END {
    for (pair in needed) {
        split(pair, part, " ")
        if (part[2] in made && made[part[2]] != part[1]) print part[1], made[part[2]]
    }
}

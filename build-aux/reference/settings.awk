# SPDX-License-Identifier: MIT
# settings.md: the rows of settings.def, in the order and with the text of the manual.

BEGIN {
    # What the row does not say of a kind; nothing, where that is plain.
    how["ALGORITHMS"] = "names of algorithms, with blanks or commas between them"
    how["BYTES"] = ""
    how["CLAIM"] = ""
    how["CLAIMS"] = "a list, with blanks or commas between its items"
    how["DOCS"] = ""
    how["FILE"] = ""
    how["FORMAT"] = ""
    how["HEADER"] = ""
    how["HOST"] = ""
    how["KEYS"] = ""
    how["LEVEL"] = ""
    how["LIST"] = "a list, with blanks or commas between its items"
    how["ORIGINS"] = "a list of origins, with blanks or commas between them"
    how["PATH"] = ""
    how["POINTER"] = ""
    how["PROXY"] = ""
    how["QUOTABLE"] = ""
    how["REFRESH"] = ""
    how["ROLE"] = ""
    how["SECONDS"] = ""
    how["SWITCH"] = ""
    how["TENANTS"] = "a list, with blanks or commas between its items"
    how["TEXT"] = ""
    how["TYP"] = ""
    print "# Settings"
    print ""
    print "Every setting of `bearer.fcgi` and `bearerctl`: what it takes, its default and what it does."
    print "They stand in `bearer.env`, one `NAME=value` on each line, or in the environment."
    print ""
    print "**You need:** `/etc/fcgi-bearer/bearer.env`, or `bearer.env` beside the program."
    print "The manual `bearer.env(5)` has the grammar of the file and who may own it."
    print ""
}

# --- the rows
FILENAME == ARGV[1] {
    if (/^ *(SETTING|ALIAS|NAME)\(/) {
        row = ""
        inside = 1
    }
    if (inside) {
        sub(/^ +/, row == "" ? "" : " ")
        row = row $0
    }
    if (inside && /\)$/) {
        inside = 0
        read_row(row)
    }
    next
}

function read_row(row,    fields, name, n, at, help) {
    sub(/^[A-Z]+\(/, "", row)
    sub(/\)$/, "", row)
    n = split(row, fields, /, */)
    name = fields[1]
    if (n == 2) {
        kinds[name] = "name"
        return
    }
    order[++settings] = name
    kinds[name] = fields[3]
    usual[name] = fields[5] == "NULL" ? "" : substr(fields[5], 2, length(fields[5]) - 2)
    least[name] = fields[6]
    most[name] = fields[7]
    at = index(row, ", \"")
    if (fields[5] != "NULL") {
        at += index(substr(row, at + 3), ", \"") + 2
    }
    help = substr(row, at + 3)
    sub(/"$/, "", help)
    gsub(/" "/, "", help)
    takes[name] = help
}

# --- the manual
/^# / {
    finish()
    on = $0 == "# ENVIRONMENT"
    next
}
/^## What the guarded program is told/ {
    finish()
    on = 0
}
!on { next }
/^## / {
    finish()
    print
    print ""
    section = substr($0, 4)
    next
}
/^$/ {
    finish()
    next
}
# Alone on its line, and a paragraph follows: what is told of. A sentence may begin with one as well.
# Behind a setting's name there may be its second one.
/^`[A-Z0-9_]+`(, `[A-Z0-9_]+`)?$/ && paragraph == "" {
    split($0, names, "`")
    name = names[2]
    first = $0
    getline
    if ($0 == "") {
        entry(name, names[4])
    } else {
        if (name in seen) {
            print "### The grammar of `" name "`\n"
        }
        take(first)
        take($0)
    }
    next
}
/^\*\*/ && paragraph == "" {
    term = code($0)
    getline
    getline
    lead = "- " term ": "
    take($0)
    terms = 1
    next
}
/^[^\t]/ && terms {
    print ""
    terms = 0
}
{
    if (!usual_said || $0 !~ /^\tDefault:/) {
        take($0)
    }
    if (usual_said && /^\tDefault:$/) {
        getline
    }
}

# entry(NAME, ALIAS): the heading, and what the row says.
function entry(name, alias) {
    print "### `" name "`" (alias != "" ? " or `" alias "`" : "") (section ~ /for each request/ && (name in usual) ? ", for one request" : "")
    print ""
    if (name in usual && section !~ /for each request/) {
        if (!(kinds[name] in how)) {
            missing("settings.awk does not know the kind " kinds[name])
        }
        put("- **Takes:** " takes[name] ".", "  ")
        if (how[kinds[name]] != "") {
            print "- **Written as:** " how[kinds[name]] "."
        }
        if (kinds[name] == "SECONDS" || kinds[name] == "BYTES") {
            print "- **From** " least[name] " **to** " most[name] (kinds[name] == "BYTES" ? ", or 0" : "") "."
        }
        if (usual[name] != "") {
            print "- **Default:** `" usual[name] "`."
        }
        print ""
        usual_said = usual[name] != ""
    } else {
        usual_said = 0
    }
    seen[name] = 1
    if (alias != "") {
        seen[alias] = 1
    }
}

END {
    if (failed) {
        exit 1
    }
    finish()
    if (settings < 20) {
        missing("settings.def has lost its rows")
    }
    for (i = 1; i <= settings; i++) {
        if (!(order[i] in seen)) {
            missing("the manual says nothing of " order[i])
        }
    }
    for (name in seen) {
        if (!(name in kinds) && name !~ /^REDIRECT_/) {
            missing("settings.def has no row for " name)
        }
    }
    print "## Read on"
    print ""
    print "- [What a guarded program is told](variables.md)"
    print "- [What stands in the log](log.md)"
    print "- [Troubleshooting, by the message](../troubleshooting.md)"
}

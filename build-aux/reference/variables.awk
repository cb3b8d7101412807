# SPDX-License-Identifier: MIT
# variables.md: the variables that answer/variables.c writes, with the text of the manual.

BEGIN {
    print "# Variables for guarded programs"
    print ""
    print "A guard that lets a request through tells the program behind it who asks."
    print "These are the variables, all of them set on each request."
    print ""
    print "**You need:** a guarded location: [lighttpd](../lighttpd.md), [nginx](../nginx.md),"
    print "[Caddy](../caddy.md) or [Apache](../apache.md). The page of your server says how its programs"
    print "see them: as CGI variables, or as request headers such as `Bearer-Sub`."
    print ""
    print "## The variables"
    print ""
}

# The names, as the code writes them.
FILENAME == ARGV[1] {
    if (match($0, /(start|put_variable)\(&?text, "[A-Z_]+"/)) {
        name = substr($0, RSTART, RLENGTH - 1)
        sub(/.*"/, "", name)
        if (!(name in written)) {
            names++
        }
        written[name] = 1
    }
    next
}

/^# / {
    finish()
    on = 0
    next
}
/^## / {
    finish()
    on = $0 == "## What the guarded program is told"
    next
}
!on { next }
/^$/ {
    finish()
    next
}
/^`[A-Z_]+`(, `[A-Z_]+`)*$/ && paragraph == "" {
    put("### " $0, "")
    print ""
    said += split($0, told, /, /)
    for (i in told) {
        gsub(/`/, "", told[i])
        if (!(told[i] in written)) {
            missing("variables.c does not write " told[i])
        }
    }
    entries = 1
    next
}
/^`BEARER_CLAIM_`\*NAME\*$/ && paragraph == "" {
    put("### `BEARER_CLAIM_NAME`", "")
    print ""
    next
}
/^[^\t]/ && entries {
    print "## How a value is written"
    print ""
    entries = 0
}
{ take($0) }

END {
    if (failed) {
        exit 1
    }
    finish()
    if (names < 8 || said != names) {
        missing("variables.c writes " names " variables, the manual has " said)
    }
    print "## Read on"
    print ""
    print "- [Settings](settings.md): `BEARER_FORWARD_CLAIMS` chooses and names the claims"
    print "- [Security](../security.md): the boundaries"
}

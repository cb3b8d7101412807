# SPDX-License-Identifier: MIT
# log.md: the reasons of outcomes.def, and what log_line() is called with.

BEGIN {
    print "# Log lines"
    print ""
    print "What the workers write to a log, line by line: the denials by their reason, and every other"
    print "message by its level. No line has a token in it."
    print ""
    print "**You need:** the error log of your web server. Workers that a supervisor starts write there"
    print "too; plain CGI writes to standard error."
    print ""
    print "## A line"
    print ""
    print "```text"
    print "fcgi-bearer: warn: denied status=403 reason=not-granted client=192.0.2.7 kid=\"k1\""
    print "  method=\"GET\" path=\"/api/files\" sub=\"auth0|1\" client_id=\"app\" profile=\"default\""
    print "  need=\"scope=read:files\""
    print "```"
    print ""
    print "It is one line. With `BEARER_LOG_FORMAT=json` it is one JSON object, as every other line is:"
    print ""
    print "```json"
    print "{\"time\":\"2026-11-29T12:00:00Z\",\"level\":\"warn\",\"msg\":\"denied\",\"status\":403, ...}"
    print "```"
    print ""
    print "- **warn** is the level: `error`, `warn`, `info` or `debug`."
    print "- **status** is what the client got, **reason** one of the words below."
    print "- **client** is the address that the web server gives, **kid** the name of the token's key."
    print "- **method** and **path** are the request's; the path is without its query."
    print "- **sub** and **client_id** are of a token that was verified, else empty."
    print "- **profile** is the one that decides, **need** what location and endpoint require together."
    print "- Where text is escaped, `\\xHH` is an octet, and `..` says that more was cut off."
    print ""
    print "`BEARER_LOG_LEVEL` says which levels are written. The default is `warn`, and denials are"
    print "`warn`, so who was refused is in the log; `error` leaves them out."
    print ""
    print "A request that the web server asks about twice has one line, if the server names it by"
    print "`BEARER_REQUEST_ID`. Unless the level is `debug`, a worker writes at most 20 lines a second for"
    print "each reason and client (of IPv6: for each /64), and then, with its next request, how many more"
    print "there were:"
    print ""
    print "```text"
    print "fcgi-bearer: warn: denied status=401 reason=expired client=192.0.2.7 count=153"
    print "```"
    print ""
    print "## Denials, by their reason"
    print ""
}

# --- outcomes.def
FILENAME == ARGV[1] && /^\/\* .* \*\/$/ && !/SPDX/ { topic = substr($0, 4, length($0) - 6) }
FILENAME == ARGV[1] {
    if (/^OUTCOME\(/) {
        row = ""
        inside = 1
    }
    if (inside) {
        sub(/^ +/, " ")
        row = row $0
    }
    if (inside && /\)$/) {
        inside = 0
        outcome(row)
    }
    next
}

function outcome(row,    fields, text) {
    split(row, fields, /, */)
    if (fields[1] == "OUTCOME(BEARER_OK") {
        return
    }
    text = row
    sub(/"\)$/, "", text)
    sub(/.*"/, "", text)
    gsub(/"/, "", fields[4])
    if (topic != said) {
        if (topic ~ /^(Cred|The tok|Its|Policy|Our|The req)/) {
            print (outcomes ? "\n" : "") "### " topic "\n"
        }
        said = topic
    }
    outcomes++
    put("- `" fields[4] "`: " fields[2] ", " text ".", "  ")
}

# --- the calls: the level, and the text with ... for what comes in
/log_line\($/ || /[^_]log_line\(/ {
    if (FILENAME !~ /base\/log\.c$/) {
        call = ""
        inside = 1
    }
}
inside {
    sub(/^ +/, " ")
    call = call $0
    if (/;$/) {
        inside = 0
        message(call)
    }
}

function message(call,    level, text, rest) {
    # Where one is computed it is warn, but for what another line has said already.
    level = "warn"
    if (call !~ /\? LOG_LEVEL/ && match(call, /LOG_LEVEL_[A-Z]+/)) {
        level = tolower(substr(call, RSTART + 10, RLENGTH - 10))
    }
    rest = call
    text = ""
    # The format alone: literals that stand behind each other, a macro between them.
    sub(/^[^"]*"/, "\"", rest)
    while (match(rest, /^"([^"\\]|\\.)*"/)) {
        text = text substr(rest, 2, RLENGTH - 2)
        rest = substr(rest, RLENGTH + 1)
        sub(/^ *(PRI[a-zA-Z0-9]+)? */, "", rest)
    }
    gsub(/\\"/, "\"", text)
    gsub(/%(\.\*)?[a-z]*/, "...", text)
    gsub(/(\.\.\.)+/, "...", text)
    if (text !~ /[a-z]+ [a-z]/ || text ~ /^denied /) {
        return
    }
    # What is wrong with a location or its server is told by src/guard/guard.c; there is much of it.
    if (level == "error" && FILENAME ~ /guard\/guard\.c$/) {
        level = "location"
    }
    lines[level] = lines[level] text "\n"
    calls++
}

END {
    if (failed) {
        exit 1
    }
    if (outcomes < 30 || calls < 15) {
        missing("log.awk finds " outcomes " outcomes and " calls " messages")
    }
    print ""
    print "## Other messages"
    print ""
    print "`...` stands for a path, a name, the cause or what follows from it."
    split("error location warn info debug", levels, " ")
    for (i = 1; i <= 5; i++) {
        if (levels[i] in lines) {
            print ""
            print (levels[i] == "location" ? "### At `error`, about a location" : "### At `" levels[i] "`")
            print ""
            n = split(lines[levels[i]], messages, "\n")
            for (j = 1; j < n; j++) {
                put("- " messages[j], "  ")
            }
        }
    }
    print ""
    print "## Read on"
    print ""
    print "- [Troubleshooting, by the message](../troubleshooting.md)"
    print "- [Settings](settings.md): `BEARER_LOG_LEVEL`, `BEARER_LOG_FORMAT`"
}

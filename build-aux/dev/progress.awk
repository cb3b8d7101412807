# SPDX-License-Identifier: MIT
# Of ./dev: reads what make check says; shows a count to a person, to a log what is not a PASS, and to both how far each kind of tests
# is: a line for each fourth of its files.
#
#   tty     not empty where a person looks on
#   tests   all that are to run

function kind(test) {
    if (test ~ /^tests\/unit/) return "unit tests"
    if (test ~ /^tests\/fuzz/) return "fuzz corpora"
    return test ~ /(apache|caddy|haproxy|lighttpd|nginx|cgi|hosts|docs?|cors)[^\/]*$/ ? "servers" : "programs"
}
function say(line) {
    if (tty) printf "\r%-90s\r", ""
    print "    " line
    fflush()
}
BEGIN {
    for (i = split(tests, test); i > 0; i--) all[kind(test[i])]++
}
/^(PASS|FAIL|SKIP|ERROR|XFAIL|XPASS): / {
    n[$1]++
    k = kind($2)
    if (!seen[$2]++) {
        files[k]++
        if (int(4 * files[k] / all[k]) > int(4 * (files[k] - 1) / all[k])) {
            say(sprintf("%-12s %3d of %3d files", k, files[k], all[k]))
        }
    }
    if (tty) {
        printf "\r    %d passed, %d not  %-60.60s", n["PASS:"], n["FAIL:"] + n["SKIP:"] + n["ERROR:"], $2
        fflush()
    }
    if ($1 != "PASS:") say($0)
}
END { if (tty) printf "\r%-90s\r", "" }

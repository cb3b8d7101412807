# SPDX-License-Identifier: MIT
# Of what "./dev demo --once" prints, the calls to the private endpoints: who asks, the status, the
# challenge and the body. Ports and dates are always the same here.

BEGIN {
    print "$ ./dev demo --once"
    print "..."
}

{ sub(/\r$/, "") }
/^(.\[[0-9;]*m)?[0-9]+\. / {
    gsub(/.\[[0-9;]*m/, "")
    on = /^[2456]\. /
    if (on) {
        print "\n" $0
    }
    next
}
/^==>|^    All [0-9]+ answers/ { on = 0 }
/answers were right/ {
    gsub(/.\[[0-9;]*m/, "")
    print "..."
    print
}
on && /^    (\$ curl|< HTTP|< WWW-Auth|< \{)/ {
    gsub(/127\.0\.0\.1:[0-9]+/, "127.0.0.1:8000")
    gsub(/localhost:[0-9]+/, "localhost:8443")
    gsub(/"exp":[0-9]+/, "\"exp\":1796083747")
    gsub(/"iat":[0-9]+/, "\"iat\":1795997347")
    print
}

#!/bin/sh
# SPDX-License-Identifier: MIT
# claim-header.sh NAME: prints the lines with which Apache hands BEARER_CLAIM_NAME to an HTTP
# application, as a request header. They are for the end of the guard's <If>: "A claim by itself" in
# doc/apache.md.
#
# Applications confuse names that differ only in what is no letter and no digit. The proxy drops the
# headers that Connection names, so the second line has all of these names but the header's own.
set -eu
case ${1-} in
    '' | *[!A-Z0-9_]* | *_*_*)
        echo "usage: claim-header.sh NAME, of BEARER_CLAIM_NAME: letters and digits, at most one _" >&2
        echo "(NAME=/POINTER in BEARER_FORWARD_CLAIMS gives a claim such a name)" >&2
        exit 64
        ;;
esac
awk -v name="BEARER_CLAIM_$1" '
function spell(said, from,    i) {
    if (from > words) {
        if (said != header) list = list (list == "" ? "" : ", ") said
        return
    }
    for (i = 1; i <= octets; i++) spell(said octet[i] word[from], from + 1)
}
BEGIN {
    words = split(tolower(name), word, "_")
    # RFC 9110, section 5.6.2; Apache writes % as %%.
    octets = split("! # $ %% & \47 * + - . ^ _ ` | ~", octet, " ")
    header = tolower(name)
    gsub(/_/, "-", header)
    spell(word[1], 2)
    print "RequestHeader set " header " \"expr=%{reqenv:" name "}\""
    print "RequestHeader append Connection \"" list "\""
}'

#!/bin/sh
# SPDX-License-Identifier: MIT
# A guarded CGI program for the tests: answers with a secret, the variables it got, and POSIX cksum and length of the body. No env(1):
# what a server puts into PATH is its own business.
LC_ALL=C
export LC_ALL
PATH=/usr/bin:/bin
printf 'Content-Type: text/plain\r\n\r\n'
printf '\341\233\212\n'
tr '\0' '\n' <"/proc/$$/environ"
# Of a body in chunks Apache does not say the length; there it ends with the input.
body() {
    if [ "${REQUEST_METHOD-}" = POST ] && [ -z "${CONTENT_LENGTH-}" ]; then
        cat
    else
        head -c "${CONTENT_LENGTH:-0}"
    fi
}
printf 'BODY=%s\n' "$(body | cksum)"

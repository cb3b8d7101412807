#!/bin/sh
# SPDX-License-Identifier: MIT
# substitute.sh FILE: prints a shipped configuration file with the paths, ports and users of this run. What the demo and
# the tests change in such a file is what is listed here and nothing else; a variable that is not set changes nothing.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: [FB_NAME=value ...] substitute.sh FILE" >&2
    exit 64
fi

# change VARIABLE PATTERN [BEFORE] [AFTER]: PATTERN becomes BEFORE, the value, AFTER. In two passes, by way of @VARIABLE@,
# so that nothing is taken for a shipped path which is part of a value.
marks=
values=
change() {
    eval "value=\${$1-}"
    # shellcheck disable=SC2154  # eval sets it
    case $value in
        '') return 0 ;;
        *[!A-Za-z0-9._/:-]*)
            echo "substitute.sh: $1=$value has characters that would mean something to a server" >&2
            exit 64
            ;;
    esac
    marks="$marks
s|$2|${3-}@$1@${4-}|g"
    values="$values
s|@$1@|$value|g"
}

change FB_LIBEXEC '/usr/libexec/fcgi-bearer\>'       # the directory of bearer.fcgi and of a bearer.env beside it
change FB_BEARERCTL '/usr/bin/bearerctl\>'
change FB_CACHE '/var/cache/fcgi-bearer\>'
change FB_SYSCONF '/etc/fcgi-bearer\>'
change FB_DEMO '/srv/fcgi-bearer-demo\>'             # lighttpd-conf/demo.conf: everything it reads and writes
change FB_RUN '/run/lighttpd\>'                      # sockets
change FB_RUN '/run/fcgi-bearer\>'
change FB_PORT '\<8000\>'                            # HTTP
change FB_PORT '\*:80\>' '*:'                       # of a virtual host
change FB_TLS_PORT '\<8443\>'                        # HTTPS, the issuer's documents
change FB_USER '\<www-data\>'
change FB_WORKERS '"max-procs"   => 4' '"max-procs"   => '

sed -e "$marks" -e "$values" -- "$1"

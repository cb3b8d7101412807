#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The hostile cases against lighttpd (lighttpd-conf/demo.conf and fcgi-bearer.conf). Its workers remember the
# good token that every attack is followed by, as they do unless told otherwise.

bats_require_minimum_version 1.5.0
export SERVER=lighttpd
load ../support/hostile-cases

serve() {
    start_lighttpd demo "s|\"max-procs\" *=> 4|\"min-procs\" => 2, \"max-procs\" => 2|; ${1-}"
}

# Here in the file that is made: tests/cases/hostile.bats.
cases hostile

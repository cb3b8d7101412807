#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Plain CGI, without a server: what a web server would set and read.

bats_require_minimum_version 1.5.0
export MERGES_SLASHES=
load ../support/http-cases

serve() {
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
}

call() {
    call_cgi "$@"
}

# Here in the file that is made: tests/cases/http.bats.
cases http

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The hostile cases against Apache with mod_proxy_fcgi and workers on a Unix socket (apache-conf/proxy-fcgi.conf).

bats_require_minimum_version 1.5.0
export SERVER=apache FORGETFUL=1
load ../support/hostile-cases

serve() {
    start_apache proxy "${1-}"
}

# Here in the file that is made: tests/cases/hostile.bats.
cases hostile

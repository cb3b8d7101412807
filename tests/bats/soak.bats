#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The short form of ./dev soak: every kind of token at full speed through lighttpd, a rotation, a restart and an outage beyond MAX_STALE; and every answer
# is judged (tests/support/soak.c). What it takes depends on the machine, what is right does not.

bats_require_minimum_version 1.5.0

: "${top_srcdir:?}" "${top_builddir:?}"

soak() {
    run bash "$top_srcdir/tests/support/soak.bash" "$2" 3>&- 4>&-
    echo "$output"
    [[ $status -eq $1 ]]
}

@test "every answer is right through a rotation, a restart and an outage; workers stay as they are" {
    soak 0 short
    [[ ${lines[-1]} =~ ^[1-9][0-9]*\ answers,\ all\ right$ ]]
}

@test "a wrong answer is told in full, without the token" {
    soak 1 lie
    [[ $output == *'WRONG: good (GET /private): 401 {"detail":"The token is for another audience (aud)"}'*'right: 200 with the claims'* ]]
    [[ ${lines[-1]} == *' answers right, '[1-9]*' WRONG; 0 refreshes WRONG; 1 troubles' ]]
    [[ $output != *eyJ* ]]
}

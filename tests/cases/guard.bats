# SPDX-License-Identifier: MIT
# shellcheck shell=bats
# What every guard is asked (tests/support/guard-cases.bash).

setup_file() { guard_setup; }
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

@test "every case is run here" { guard_every_case_is_run; }
@test "a secret is for nobody without a good token, by any method" { guard_case_walk; }
@test "with a good token every secret comes whole" { guard_case_open; }
@test "path tricks open nothing" { guard_case_tricks; }
@test "claims reach the programs, copies of them do not" { guard_case_claims; }
@test "the token in another header does not reach the programs" { guard_case_header; }
@test "the user of the programs is the claim that is configured" { guard_case_user; }
@test "the programs are told which of several profiles let a token in" { guard_case_profile; }
@test "D2: nothing that a client sends is read as a claim" { guard_case_forged; }
@test "the token does not reach the programs" { guard_case_authorization; }
@test "bodies of 3 MB, with a length and in chunks" { guard_case_bodies; }
@test "good and bad requests on one connection" { guard_case_keepalive; }
@test "BEARER_REQUIRE missing, empty or mistyped: 500, and the log says what to write" { guard_case_require; }
@test "quoted values, pointers, ! and patterns arrive in the server's quotes" { guard_case_quotes; }
@test "optional: as nobody, and a bad token is refused" { guard_case_optional; }
@test "a worker that hangs, crashes or is missing closes the door, as the table says" { guard_case_worker; }
@test "the page has a table, which is what arrives" { guard_case_table; }
@test "sizes of tokens and header fields" { guard_case_sizes; }

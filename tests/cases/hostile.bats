# SPDX-License-Identifier: MIT
# shellcheck shell=bats
# The hostile cases over HTTP (tests/support/hostile-cases.bash), in this order.

setup_file() { hostile_setup; }
teardown_file() { hostile_teardown; }

@test "exp at this second and half a second later: cases 105 and 106" { hostile_seconds; }
@test "the form of the token, the credentials: cases 1 to 22" { hostile_run framing; }
@test "what curl does not send: cases 15 and 18" { hostile_raw; }
@test "the JSON of the header: cases 23 to 33" { hostile_run header; }
@test "the algorithm: cases 34 to 47" { hostile_run algorithm; }
@test "keys a token brings with it, extensions: cases 48 to 60" { hostile_brought; }
@test "the kid: cases 61 to 67" { hostile_kid; }
@test "the signature: cases 69 to 72, 75 to 79" { hostile_run signature; }
@test "RSA paddings that are nearly right: cases 73 and 74" { hostile_run padding; }
@test "keys that are not eligible: cases 80 to 97, 100, 101" { hostile_run jwks; }
@test "a thousand keys: case 98" { hostile_thousand; }
@test "documents that are no key set: cases 99 and 103" { hostile_run documents; }
@test "the claims: cases 104 to 129" { hostile_run claims; }
@test "issuers and profiles mistaken for each other: cases 136 to 139" { hostile_run issuer; }
@test "what a profile asks besides: cases 140 to 145" { hostile_run profile; }
@test "10,000 kids: one fetch, and no more memory: case 68" { hostile_flood; }
@test "after all this no worker has ended, and no token is in the log" { hostile_after; }
@test "each case is tested" { hostile_covered; }

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For bats: where a test fails is asked when it fails. bats itself notes before each command where that stands, in a trap
# that takes a quarter of a millisecond; of http-cgi.bats that was two thirds of the time. What a failure says is the same:
# bash 5 knows the line of the command that failed when it traps ERR, which older ones did not.

if declare -F bats_check_status_from_trap bats_capture_stack_trace bats_error_trap >/dev/null; then
    # The first of these wants the status of what failed, the other leaves its caller out. What fails in a function is trapped once more
    # in each of its callers: the first place says most.
    bats_error_trap() {
        bats_check_status_from_trap
        [[ -n ${BATS_DEBUG_LAST_STACK_TRACE_IS_VALID-} ]] || bats_capture_stack_trace
        BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
    }
    # (`trap - DEBUG` does not outlive the `load` of a file.)
    bats_debug_trap() { :; }
fi

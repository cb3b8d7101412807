# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what `run` sets, for who reads it; setup sets $CTL
# bearerctl doctor and what it says, for bats: `load ../support/doctor` after servers.bash. setup calls doctor_clean, and sets CTL, the program.
#
#   doctor_clean                what is put before a command, to run it in an environment with nothing else in it: the array CLEAN
#   doctor STATUS [NAME=VALUE...] [ARGUMENT...]     as the workers' user; doctor_root: as who runs the tests. Whatever is found, the form of
#                               the answer is checked
#   says LEVEL TEXT...          one line of this level has all of these texts

doctor_clean() {
    local variable
    CLEAN=(env -i "PATH=$PATH" LANG=C)
    for variable in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
        [[ -z ${!variable-} ]] || CLEAN+=("$variable=${!variable}")
    done
}

doctor() {
    doctor_by as_worker "$@"
}

doctor_root() {
    doctor_by '' "$@"
}

# bats's own `run` and loops of the shell would take longer than doctor does.
doctor_by() {
    local as=$1 wanted=$2 variables=()
    shift 2
    while [[ ${1-} =~ ^[A-Za-z_][A-Za-z0-9_]*= ]]; do
        variables+=("$1")
        shift
    done
    status=0
    output=$(${as:+"$as"} "${CLEAN[@]}" "${variables[@]}" "$CTL" doctor "$@" </dev/null 2>"$BATS_TEST_TMPDIR/stderr") || status=$?
    stderr=$(<"$BATS_TEST_TMPDIR/stderr")
    mapfile -t lines <<<"$output"
    [[ $status -eq $wanted ]] || { echo "exit status $status, not $wanted" >&2 && return 1; }
    [[ -z $stderr ]]
    well_formed
}

# well_formed: a level and a text on each line, printable; then how many of each; and a status that fits.
well_formed() {
    LC_ALL=C awk -v status="$status" '
        /[^ -~]/ { bad = "what is not printable" }
        last != "" && last !~ /^(ok      |warning |failure ) [^ ]/ { bad = last }
        { split(last, word, " "); count[word[1]]++; last = $0 }
        END {
            if (last != (count["ok"] + 0) " ok, " (count["warning"] + 0) " warnings, " (count["failure"] + 0) " failures") bad = last
            if (status != (count["failure"] ? 2 : count["warning"] ? 1 : 0)) bad = "exit status " status
            if (bad != "") print "not well formed: " bad
            exit bad != ""
        }' <<<"$output" >&2
}

says() {
    local level=$1 text found
    shift
    found=$(grep "^$level " <<<"$output") || true
    for text; do
        found=$(grep -F -- "$text" <<<"$found") || { echo "no line '$level' with: $*" >&2 && return 1; }
    done
}

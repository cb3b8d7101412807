# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154  # names of http-cases
# Headers of a client that a guarded program could take for claims, in every spelling. Part of guard-cases.
: "${top_srcdir:?}"

# With a good token. Without any: guard_case_optional.
guard_case_forged() {
    guard_forges full full
}

# guard_forges full|brief [TOKEN]: every spelling to every program of this server, with that token or none. In all cases of letters to an HTTP application, which gets
# names as they were sent, if full; CGI and its kin get them in capitals.
guard_forges() {
    local program extent
    for program in $GUARD_PROGRAMS; do
        extent=brief
        [[ $program != http:* ]] || extent=$1
        "$(_program node)" "$top_srcdir/tests/support/forge.mjs" "$(<"$SERVER_DIR/port")" "${program#*:}" "$extent" ${2+"$BATS_FILE_TMPDIR/tokens/$2"} >&2 ||
            { echo "$program, token: ${2-none}" >&2 && return 1; }
    done
}

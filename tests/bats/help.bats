#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # run sets $output
# What the programs say of themselves: --help agrees with the manual pages, and the shell completes what is in it.

bats_require_minimum_version 1.5.0
load ../support/untraced

: "${top_srcdir:?}" "${top_builddir:?}"

# Of bearerctl refresh, for workers only: in the help and the page, and for nobody to type.
for_workers='--lock-fd
--result-fd
--if-changed'

setup_file() {
    local program command
    cd "$BATS_FILE_TMPDIR" || return
    for program in bearerctl bearer-issuer bearer.fcgi; do
        mandoc -T ascii -O width=1000 "$top_srcdir"/man/"$program".[18] | sed 's/.\x08//g' >"$program.page"
        "$top_builddir/$program" --help </dev/null >"$program..help"
    done
    for program in bearerctl bearer-issuer; do
        for command in $(commands "$program"); do
            "$top_builddir/$program" "$command" --help </dev/null >"$program.$command.help"
        done
    done
}

# help PROGRAM [COMMAND]
help() {
    cat "$BATS_FILE_TMPDIR/$1.${2-}.help"
}

# page PROGRAM: the manual page as one reads it, each paragraph on a line.
page() {
    cat "$BATS_FILE_TMPDIR/$1.page"
}

# synopsis PROGRAM: its lines in the page.
synopsis() {
    page "$1" | sed -n '/^SYNOPSIS$/,/^DESCRIPTION$/s/^  *//p' | sed 's/ | /|/g'
}

# commands PROGRAM: those that its help lists, sorted.
commands() {
    help "$1" | sed -nE 's/^  ([a-z]+) .*/\1/p' | sort
}

# usage PROGRAM COMMAND: what follows "Usage:", as in the page: each form on a line.
usage() {
    help "$1" "$2" | sed -n '1,/^$/p' | tr '\n' ' ' | sed -E "s/^Usage: +//; s/ +/ /g; s/ $//; s/ $1 /\n$1 /g; s/ \| /|/g"
    echo
}

# options COMMAND: of the text on standard input those that begin a line, with their arguments, sorted.
options() {
    grep -oE '^ +--[a-z-]+( [A-Z]+|=[A-Z]+)?( [A-Z]+=[A-Z]+)?' | sed 's/^ *//' | grep -vE -e '^--(lock|result)-fd|^--if-changed' -e '^--(help|version)$' | sort
}

# section PROGRAM COMMAND: of the page.
section() {
    page "$1" | sed -n "/^   $2\$/,/^[ ]\{0,3\}[A-Za-z]/{/^   $2\$/d;p}"
}

# statuses: the numbers in a help's "exit status: 0 good, 1 not", sorted.
statuses() {
    tr '\n' ' ' | sed -n 's/.*xit status: */: /p' | grep -oE '[:,;] +[0-9]+' | grep -oE '[0-9]+' | sort -n
}

# page_statuses PROGRAM COMMAND: those of the page, of this command and of all.
page_statuses() {
    page "$1" | sed -n '/^EXIT STATUS$/,/^[A-Z]/p' | awk -v command="Of $2:" '
        $1 == "Of" { mine = ($0 ~ command "$" || $0 ~ /Of all:$/) }
        mine && $1 ~ /^[0-9]+$/ { print $1 }' | sort -n
}

@test "bearerctl, bearer-issuer: every command of the help is in the page, and the other way round; the forms are the same" {
    local program command commands
    for program in bearerctl bearer-issuer; do
        commands=$(commands "$program")
        [[ $(wc -w <<<"$commands") -ge 3 ]]
        # The last form but one names all of them.
        [[ $(synopsis "$program" | sed -n "s/^$program \[\(.*\)\] --help$/\1/p" | tr '|' '\n' | sort) == "$commands" ]]
        [[ $(synopsis "$program" | awk '$2 !~ /^[[-]/ { print $2 }' | sort -u) == "$commands" ]]
        [[ $(synopsis "$program" | tail -n 1) == "$program --version" ]]
        for command in $commands; do
            diff <(synopsis "$program" | grep "^$program $command\( \|$\)") <(usage "$program" "$command")
            [[ -n $(section "$program" "$command") ]]
        done
    done
}

@test "bearerctl, bearer-issuer: every option of a command is described in both, with the same argument" {
    local program command options all=
    for program in bearerctl bearer-issuer; do
        for command in $(commands "$program"); do
            options=$(help "$program" "$command" | options) || true
            echo "# $program $command: ${options//$'\n'/, }"
            diff <(help "$program" "$command" | options) <(section "$program" "$command" | options)
            # And in the first line.
            while read -r option _; do
                [[ -z $option || $(usage "$program" "$command") == *"$option"* ]]
            done <<<"$options"
            all+=" $options"
        done
    done
    [[ $all == *--offline* && $all == *--claim\ NAME=JSON* ]]
    for option in $for_workers; do
        [[ $(help bearerctl refresh) == *"$option"* && $(section bearerctl refresh) == *"$option"* ]]
    done
}

@test "exit statuses are the same in help and page" {
    local command
    for command in $(commands bearerctl); do
        [[ $(help bearerctl "$command" | statuses | wc -l) -ge 5 ]]
        diff <(help bearerctl "$command" | statuses) <(page_statuses bearerctl "$command")
    done
    diff <(help bearer-issuer | statuses) <(page bearer-issuer | sed -n '/^EXIT STATUS$/,/^EXAMPLES$/p' | awk '$1 ~ /^[0-9]+$/ { print $1 }')
}

@test "bearer.fcgi: its options, and where its page and others are" {
    local name
    [[ $(synopsis bearer.fcgi) == $'bearer.fcgi [--help|--version]\nbearer.fcgi --call REQUEST [--claims FILE] [--body FILE]' ]]
    run -0 help bearer.fcgi
    [[ ${lines[0]} == 'Usage: bearer.fcgi [--help | --version]' ]]
    [[ $(grep -oE -e '--[a-z]+' <<<"$output" | sort -u) == $'--body\n--call\n--claims\n--help\n--version' ]]
    for name in $(sed -n 's/^See also: //p' <<<"$output" | tr -d ','); do
        [[ -s $top_srcdir/man/${name%(*}.${name//[^0-9]/} ]]
    done
    [[ $output == *BEARER_CONFIG* && $(page bearer.fcgi) == *"bearer.env(5) describes the configuration"* ]]
}

# unclosed: of a rendered page, the paragraphs in which a quote or a bracket opens or closes alone. What is quoted as it is typed may.
unclosed() {
    # shellcheck disable=SC2016  # perl's own $
    perl -00 -CSD -ne '
        s/.\x08//g;
        my $text = s/\x{2018}[^\x{2019}]*\x{2019}//gr;
        my %count = map { my $sign = $_; $sign => scalar(() = $text =~ /\Q$sign/g) } split //, "\x{201c}\x{201d}\x{2018}\x{2019}()[]\"";
        print if $count{"\x{201c}"} != $count{"\x{201d}"} || $count{"\x{2018}"} || $count{"\x{2019}"} || $count{"("} != $count{")"}
            || $count{"["} != $count{"]"} || $count{"\""} % 2' "$@"
}

@test "S6: in every paragraph of the manual pages quotes and brackets close" {
    local page
    for page in "$top_srcdir"/man/*.[158]; do
        run -0 unclosed <(mandoc -T utf8 -O width=1000 "$page")
        [[ -z $output ]]
    done
    # This is found.
    run -0 unclosed <(sed 's/^\.Dq sub ;$/\\(lqsub;/' "$top_srcdir/man/bearerctl.1" | mandoc -T utf8 -O width=1000)
    # shellcheck disable=SC1111 # that quote
    [[ $output == *"“sub; and"* ]]
}

@test "variables that a help names are in bearer.env(5) or the program's page" {
    local program command variable seen=0
    for program in bearerctl bearer-issuer bearer.fcgi; do
        for command in '' $([[ $program == bearer.fcgi ]] || commands "$program"); do
            # shellcheck disable=SC2086  # no word if it is empty
            for variable in $(help "$program" $command | grep -oE '(BEARER|AUTH0)_[A-Z0-9_]+' | sort -u); do
                seen=$((seen + 1))
                grep -qE "^\.(It )?(Ev|Li) $variable( |$)" "$top_srcdir/man/bearer.env.5" "$top_srcdir"/man/"$program".[18] || {
                    echo "$program $command names $variable, which no page describes"
                    return 1
                }
            done
        done
    done
    ((seen > 3))
}

# --- completion

# completed WORD...: what is offered for the last word of this line, sorted.
completed() {
    bash --norc --noprofile -c '
        source "$0"
        [[ $(complete -p bearerctl) == "complete -F _bearerctl bearerctl" ]] || exit
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _bearerctl bearerctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf "%s\n" "${COMPREPLY[@]}"' "$top_srcdir/completion/bearerctl" bearerctl "$@" | sort
}

@test "every command and option in the help is completed, and nothing else" {
    local command
    diff <(completed '') <({ commands bearerctl && printf '%s\n' --help --version; } | sort)
    cd "$BATS_TEST_TMPDIR"
    for command in $(commands bearerctl); do
        diff <(completed "$command" --) <(help bearerctl "$command" | grep -oE -e '--[a-z-]+' | grep -vFx -e "$for_workers" | cat - <(echo --help) | sort -u)
    done
    [[ $(completed d) == doctor && $(completed --v) == --version && -z $(completed nonsense --) ]]
    [[ $(completed refresh '') == --forget$'\n'--help$'\n'--profile ]]
}

@test "values are completed: users, policies, and files for explain" {
    cd "$BATS_TEST_TMPDIR"
    mkdir dir
    touch token.txt 'two words'
    [[ $(completed doctor --user roo) == root && $(completed doctor --user = roo) == root ]]
    [[ $(completed explain --require '') == "$(printf '%s\n' claim: either= permission= scope= valid-token | sort)" ]]
    [[ $(completed explain --require = sc) == scope= && $(completed explain --require =) == *permission=* ]]
    [[ $(completed explain tok) == token.txt && $(completed explain --json tw) == 'two words' ]]
    diff <(completed explain '') <(printf '%s\n' - --profile --require --json --help dir token.txt 'two words' | sort)
    [[ $(completed explain --j) == --json ]]
}

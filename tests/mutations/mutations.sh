# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2030,SC2031,SC2154,SC2034  # names shared with the other parts
# Of ./dev: changes of the decision path, one after the other, each built and tried: which kind of test
# notices it? The changes are tests/mutations/rows. All happens in a copy of the checkout in
# build-mutations, which stays for the next run.

for part in packages build steps; do
    # shellcheck source=/dev/null
    . "$parts/$part.sh"
done

mutations() {
    [ $# -eq 0 ] || usage_error "mutations takes no arguments"
    need_packages build demo check
    need_git mutations
    begin_steps mutations
    table=$top/build-mutations/table
    copy=$top/build-mutations/source
    mutated=''
    check_step "Build a copy in build-mutations" build_copy
    [ -n "$step_good" ] || exit 1
    check_step "Change by change" try_each
    step "Who noticed ($table has each)"
    cut -f 1 "$table" | sort | uniq -c
    summary
}

# build_copy: what is the same stays as it is, so that only the rest is built anew.
build_copy() {
    mkdir -p "$copy" || return
    our_files | tr '\0' '\n' | while read -r file; do
        ! cmp -s "$top/$file" "$copy/$file" || continue
        mkdir -p "$copy/$(dirname "$file")" && cp "$top/$file" "$copy/$file" || return
    done
    (top=$copy && build_in build CC=gcc CFLAGS=-O0)
}

# rows: one a line: tests, text, replacement, separated by tabs.
rows() {
    awk '/^#/ || NF == 0 { next } /^- / { text = substr($0, 3); next }
        /^\+ / { print tests "\t" text "\t" substr($0, 3); next } { tests = $0 }' "$top/tests/mutations/rows"
}

# change TEXT REPLACEMENT [WRITE]: prints the file that has the text, and puts the replacement there if
# WRITE is not empty. White space is all one.
change() {
    # shellcheck disable=SC2016  # perl's
    find "$copy/src" -name '*.[ch]' -print0 | xargs -0 perl -0777 -e '
        my ($text, $new, $write, @files) = @ARGV;
        my $pattern = join "\\s+", map { quotemeta } split " ", $text;
        my ($times, $found, $whole) = (0);
        for my $file (@files) {
            open my $in, "<", $file or die "$file: $!\n";
            my $source = <$in>;
            my $here = () = $source =~ /$pattern/g;
            ($found, $whole) = ($file, $source) if $here;
            $times += $here;
        }
        die "stands $times times in src, not once: $text\n" if $times != 1;
        print "$found\n";
        if ($write) {
            $whole =~ s/$pattern/$new/;
            open my $out, ">", $found or die "$found: $!\n";
            print $out $whole;
        }' -- "$1" "$2" "${3-}"
}

restore() {
    [ -z "$mutated" ] || cp "$state_dir/original" "$mutated"
    mutated=''
}

# try_each: every row has to fit before the first is tried.
try_each() {
    wrong=0
    rows >"$state_dir/rows"
    while IFS="$(printf '\t')" read -r tests text new; do
        change "$text" "$new" >/dev/null || wrong=1
    done <"$state_dir/rows"
    [ "$wrong" -eq 0 ] && [ -s "$state_dir/rows" ] || return
    at_exit restore
    : >"$table"
    while IFS="$(printf '\t')" read -r tests text new <&3; do
        file=$(change "$text" "$new") && cp "$file" "$state_dir/original" || return
        mutated=$file
        change "$text" "$new" write >/dev/null || return
        who=$(who_notices 2>/dev/null) || wrong=1
        restore
        printf '%s\t%s\t%s\t%s\n' "$who" "${file#"$copy/src/"}" "$text" "$new" | tee -a "$table" | cut -c 1-150
    done 3<"$state_dir/rows"
    return "$wrong"
}

# who_notices: prints the kind of the first test that fails and which it is. First the row's own unit tests,
# then all others, then the corpora of the fuzzers, then the row's bats files.
who_notices() {
    built libbearer.a || { echo "UNBUILT" && return 1; }
    for name in $tests $(cd "$copy/tests/unit" && echo test_*.c); do
        name=${name%.c}
        case $name in *.bats) continue ;; esac
        [ -f "$copy/tests/unit/$name.c" ] || continue
        fails "tests/unit/$name" && printf 'unit\t%s\n' "$name" && return
    done
    for name in request token jwks policy fcgi cachefile record json base64url config; do
        fails "tests/fuzz/fuzz_$name" && printf 'fuzz corpus\t%s\n' "$name" && return
    done
    for name in $tests; do
        case $name in *.bats) ;; *) continue ;; esac
        make -s -C "$copy/build" -j "$jobs" check TESTS="tests/bats/$name" >"$state_dir/log" 2>&1 </dev/null ||
            { printf 'HTTP\t%s\n' "$name" && return; }
    done
    printf 'NOBODY\t-\n'
    return 1
}

built() {
    make -s -C "$copy/build" -j "$jobs" "$1" >"$state_dir/log" 2>&1 </dev/null
}

# fails PROGRAM: whether it does, within five minutes; its first failure ends it. What does not link has not
# noticed anything.
fails() {
    built "$1" && (
        cd "$copy/build" &&
            { top_srcdir=$copy top_builddir=$copy/build timeout 300 "./$1"; echo "exit status $?"; } 2>&1 </dev/null |
            grep -aq -e '^not ok' -e '^exit status [^0]'
    )
}

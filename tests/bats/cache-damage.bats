#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What may lie in the cache directory in the place of its two files: damaged files, and what is no file of ours at all. Each is a miss and one line; nobody
# waits, nobody's keys but the issuer's are used, and bearerctl refresh mends what can be mended.

# shellcheck disable=SC2154 # run sets $stderr
bats_require_minimum_version 1.5.0
load ../support/keycache

teardown() { keycache_down; }


# planted_up: an attacker's keys under the issuer's URI, as a good cache file ($SERVER_DIR/planted/document) and his token "evil"; a record that says that
# all is well; and the good files. A cooldown of 0: what is a miss is fetched.
planted_up() {
    issuer_up
    settings BEARER_JWKS_COOLDOWN=0
    fill
    file=$(cache_file)
    record_file=$(record_file)
    issuer_run init "$BATS_TEST_TMPDIR/evil" --issuer "$ISSUER" --alg ES256 >"$BATS_TEST_TMPDIR/init"
    issuer_run token "$BATS_TEST_TMPDIR/evil" --aud "$AUDIENCE" >"$BATS_TEST_TMPDIR/tokens/evil"
    worker_dir "$SERVER_DIR/planted"
    with_sum "$(sed "s|\"keys\":.*|$(sed 's/^{//' "$BATS_TEST_TMPDIR/evil/www/.well-known/jwks.json")|; 1q" "$file")" |
        as_worker tee "$SERVER_DIR/planted/document" >"$BATS_TEST_TMPDIR/document"
    as_worker cp "$record_file" "$SERVER_DIR/planted/record"
    as_worker chmod 600 "$SERVER_DIR/planted/document" "$SERVER_DIR/planted/record"
    cp -a "$CACHE" "$SERVER_DIR/good"
}

# plant KIND document|record: puts that in the place of the file.
plant() {
    local place=$file from=$SERVER_DIR/planted/$2
    [[ $2 == document ]] || place=$record_file
    rm -rf "$CACHE"
    cp -a "$SERVER_DIR/good" "$CACHE"
    as_worker rm "$place"
    case $1 in
        'symbolic link') as_worker ln -s "$from" "$place" ;;
        'hard link') as_worker ln "$from" "$place" ;;
        FIFO) as_worker mkfifo "$place" ;;
        directory) as_worker mkdir "$place" ;;
        socket) as_worker "$(_program spawn-fcgi)" -n -s "$place" -- /bin/true ;;
        'file of root') install -m 644 "$from" "$place" ;;
        'file of nobody') install -m 666 -o nobody "$from" "$place" ;;
        'empty file') as_worker touch "$place" ;;
    esac
    [[ -e $place || -L $place ]]
}

# what_a_worker_does: a new one answers a good token and the attacker's; what it logged is in $BATS_TEST_TMPDIR/peer.err.
what_a_worker_does() {
    : >"$BATS_TEST_TMPDIR/peer.err"
    worker_up one
    [[ $(ask_at "$SERVER_DIR/run/one.socket" good) == 200 ]]
    [[ $(ask_at "$SERVER_DIR/run/one.socket" evil) == 401 ]]
    [[ $(ask_at "$SERVER_DIR/run/one.socket" good) == 200 ]]
    worker_down one
}

# one_line TEXT: it said so, and nothing else but whom it refused.
one_line() {
    local said
    said=$(grep -v '^fcgi-bearer: warn: denied status=401 ' "$BATS_TEST_TMPDIR/peer.err")
    if [[ $said != *"$1"* || $said == *$'\n'* ]]; then
        printf 'wanted one line with: %s\ngot: %s\n' "$1" "$said" >&2
        return 1
    fi
}

@test "a document that is none of ours: a miss and one line, and it is replaced" {
    local kind file record_file
    local -A said=(
        ['symbolic link']='is a symbolic link; it is ignored'
        ['hard link']='has more than one link; it is ignored'
        [FIFO]='is not a regular file; it is ignored'
        [socket]='; it is ignored'
        ['empty file']='is damaged: its last line is not the sum of the first; it is ignored'
        ['file of root']='belongs to another user; it is ignored'
        ['file of nobody']='belongs to another user; it is ignored'
    )
    planted_up
    for kind in "${!said[@]}"; do
        [[ $kind != *' of '* ]] || needs_root
        plant "$kind" document
        what_a_worker_does
        one_line "${said[$kind]}"
        [[ $(stat -c '%F %U %h' "$file") == "regular file $WORKER_USER 1" ]]
        [[ $(cached_kids) == "$(published_kids)" ]]
        # By hand nothing has to be said: it is replaced.
        plant "$kind" document
        run --separate-stderr -0 ctl refresh
        [[ $output == '1 usable key from '* && -z $stderr && $(stat -c '%F %U %h' "$file") == "regular file $WORKER_USER 1" ]]
        [[ $(find "$CACHE" | wc -l) == 3 ]]
    done
    # What was linked to is as it was.
    cmp "$BATS_TEST_TMPDIR/document" "$SERVER_DIR/planted/document"
}

@test "a directory in the place of the document: keys for each worker alone, and one line each" {
    local file record_file
    planted_up
    plant directory document
    what_a_worker_does
    grep -q 'is not a regular file; it is ignored' "$BATS_TEST_TMPDIR/peer.err"
    grep -q 'could not be refreshed: cannot put in place .*: Is a directory; the old keys stay' "$BATS_TEST_TMPDIR/peer.err"
    run --separate-stderr -73 ctl refresh
    [[ $stderr == *'cannot put in place '*': Is a directory; the old keys stay' && -z $output ]]
    [[ $(find "$CACHE" -type f) == "$record_file" ]]
    as_worker rmdir "$file"
    ctl refresh
    what_a_worker_does
    [[ $(grep -vc 'denied status=401' "$BATS_TEST_TMPDIR/peer.err") == 0 ]]
}

@test "a record that is none of ours: one line, and keys for each worker alone; by hand 73" {
    local kind file record_file
    local -A said=(
        ['symbolic link']='cannot be opened: Too many levels of symbolic links'
        ['hard link']='has more than one link: remove it'
        [FIFO]='is not a regular file: remove it'
        [directory]='cannot be opened: Is a directory'
        [socket]='cannot be opened: No such device or address'
        ['file of root']='cannot be opened: Permission denied'
        ['file of nobody']='belongs to another user: remove it'
    )
    planted_up
    for kind in "${!said[@]}"; do
        [[ $kind != *' of '* ]] || needs_root
        plant "$kind" record
        as_worker rm "$file"
        what_a_worker_does
        one_line "the record ${record_file##*/} in the cache directory ${said[$kind]}. Until then each worker fetches keys for itself"
        [[ ! -e $file ]]
        : >"$SERVER_DIR/log/error.log"
        call_cgi GET /private "$(bearer good)"
        denied 503 'Signing keys are unavailable'
        logged "${said[$kind]}. Plain CGI gets no keys without it"
        run --separate-stderr -73 ctl refresh
        [[ $stderr == "bearerctl refresh: the record ${record_file##*/} in the cache directory ${said[$kind]}" && -z $output ]]
        # The keys that are cached are used nevertheless.
        as_worker cp "$SERVER_DIR/good/${file##*/}" "$file"
        call_cgi GET /private "$(bearer good)"
        answer 200 "$(claims good)"
    done
    cmp "$SERVER_DIR/planted/record" "$SERVER_DIR/good/${record_file##*/}"
}

@test "a directory that is none of ours, or open to others: both files are left alone" {
    local file record_file mode
    needs_root
    planted_up
    rm -f "$CACHE"/*
    as_worker cp "$SERVER_DIR/planted/document" "$file"
    as_worker cp "$SERVER_DIR/planted/record" "$record_file"
    for mode in 770 707 1777; do
        chmod "$mode" "$CACHE"
        what_a_worker_does
        one_line 'can be written by others (chmod go-w): it must be owned by'
        run --separate-stderr -73 ctl refresh
        [[ $stderr == *'can be written by others (chmod go-w)'* && -z $output ]]
    done
    chmod 700 "$CACHE"
    chown nobody "$CACHE"
    chmod 755 "$CACHE"
    what_a_worker_does
    one_line 'belongs to another user: it must be owned by'
    cmp "$file" "$SERVER_DIR/planted/document"
    cmp "$record_file" "$SERVER_DIR/planted/record"
}

# flip FILE WORD: one bit of an octet that is 40 behind this word, or more.
flip() {
    local text at octet
    text=$(<"$1")
    at=${text%%"$2"*}
    at=$((${#at} + ${#2} + 40))
    # With this bit flipped, these are letters of base64 still.
    until octet=${text:at:1} && [[ $octet == [A-Xa-x0-7] ]]; do
        at=$((at + 1))
    done
    # shellcheck disable=SC2059  # the format is an octet
    printf "\\$(printf %o $(($(printf %d "'$octet") ^ 2)))" | as_worker dd of="$1" bs=1 seek="$at" conv=notrunc status=none
    [[ $(<"$1") != "$text" ]]
}

# A modulus with another bit is as good a modulus as any; the issuer says that nothing has changed.
@test "a flipped bit in a cached key: a miss and one line, no good token is refused" {
    local file
    issuer_up RS256
    settings AUTH0_ALGORITHMS=RS256 BEARER_JWKS_COOLDOWN=0
    ctl refresh
    file=$(cache_file)
    flip "$file" '"n":"'
    run -1 ctl doctor --offline
    [[ $output == *'is damaged: its last line is not the sum of the first'* ]]
    worker_up one
    [[ $(ask_at "$SERVER_DIR/run/one.socket" good) == 200 ]]
    [[ $(grep -c 'is damaged: its last line is not the sum of the first; it is ignored' "$BATS_TEST_TMPDIR/peer.err") == 1 ]]
    [[ $(cached_kids) == "$(published_kids)" ]]
    fetches_are 2
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The list of revoked tokens (BEARER_REVOKED_FILE): every worker, every role and plain CGI refuse what is on it, remembered or not, and keep the list that was
# good. (When exactly, and what a line may say: test_revocations.c, test_revoked.c.)

bats_require_minimum_version 1.5.0
load ../support/issuer

: "${top_builddir:?}"

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit
    issuer init i --issuer https://localhost/ --alg ES256 >kid
    mkdir tokens pids
    mint good --sub 'auth0|42' --claim 'azp="app"' --claim 'jti="j-1"' --claim 'sid="s-1"'
    mint other --sub 'auth0|43' --claim 'client_id="web"'
    {
        echo AUTH0_ISSUER=https://localhost/
        echo AUTH0_API_AUDIENCE=api
        echo AUTH0_ALGORITHMS=ES256
        echo "BEARER_JWKS_URI=file://$PWD/i/www/.well-known/jwks.json"
        echo "BEARER_REVOKED_FILE=$PWD/revoked"
        echo BEARER_LOG_LEVEL=info
    } >bearer.env
    list '# nobody yet'
    start one
    start two
    start authorizer BEARER_ROLE=authorizer
    start deny BEARER_ROLE=deny
}

teardown_file() {
    local file
    for file in "$BATS_FILE_TMPDIR"/pids/*; do
        kill "$(<"$file")" || true
    done
    ! mountpoint -q "$BATS_FILE_TMPDIR/disk" || umount -l "$BATS_FILE_TMPDIR/disk"
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit
}

mint() {
    issuer token i --aud api "${@:2}" >"tokens/$1"
}

# list LINE...: is what stands in the file, by rename, since an hour.
list() {
    printf '%s\n' "$@" >revoked.new
    touch -d '1 hour ago' revoked.new
    mv revoked.new revoked
}

# start NAME [VARIABLE=VALUE...]: a worker on ./NAME.socket.
start() {
    local deadline=$((SECONDS + 10))
    env -i BEARER_CONFIG="$PWD/bearer.env" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "${@:2}" \
        spawn-fcgi -n -s "$PWD/$1.socket" -- "$top_builddir/bearer.fcgi" >"$1.out" 2>&1 </dev/null 3>&- 4>&- &
    echo $! >"pids/$1"
    until [[ -S $1.socket ]]; do
        ((SECONDS < deadline)) || { cat "$1.out" >&2 && return 1; }
        read -rt 0.02 <> <(:) || true
    done
}

# ask WORKER TOKEN: its answer, and what it logs.
ask() {
    timeout 20 "$top_builddir/fcgi-peer" "$1.socket" REQUEST_METHOD=GET PATH_INFO=/private BEARER_REQUIRE=valid-token \
        "HTTP_AUTHORIZATION=Bearer $(<"tokens/$2")" 2>&1
}

# cgi TOKEN [VARIABLE=VALUE...]: the same, of plain CGI.
cgi() {
    env -i BEARER_CONFIG="$PWD/bearer.env" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET \
        PATH_INFO=/private BEARER_REQUIRE=valid-token "HTTP_AUTHORIZATION=Bearer $(<"tokens/$1")" "${@:2}" "$top_builddir/bearer.fcgi" 2>&1
}

# each TOKEN STATUS: what every worker and plain CGI answer; whoever only shows denials says 503 where the token is good.
each() {
    local worker wanted
    for worker in one two authorizer deny; do
        wanted=$2
        [[ $worker:$2 != deny:200 ]] || wanted=503
        [[ $'\n'$(ask "$worker" "$1") == *$'\nStatus: '"$wanted "* ]] || return 1
    done
    [[ $(cgi "$1") == *"Status: $2 "* && $(cgi "$1" FCGI_ROLE=AUTHORIZER) == *"Status: $2 "* ]]
}

await() {
    local deadline=$((SECONDS + 20))
    until "$@"; do
        ((SECONDS < deadline)) || { echo "in 20 s this did not come true: $*" >&2 && return 1; }
        read -rt 0.05 <> <(:) || true
    done
}

@test "what is on the list is refused by all workers, roles and CGI; what is off it is good again" {
    local line
    each good 200
    each good 200
    for line in "sub='auth0|42'" client=app jti=j-1 sid=s-1 "kid=$(<kid)" issuer=https://localhost/ "sub='auth0|42' client=app issuer=https://localhost/"; do
        list "$line # for the test"
        await each good 401
        case $line in
            kid=* | issuer=*) each other 401 ;;
            *) each other 200 ;;
        esac
        list '# nobody'
        await each good 200
    done
}

@test "the answer and the log line say so, and no more" {
    local answer
    list "sub='auth0|42' before=2100-01-01T00:00:00Z"
    await each good 401
    answer=$(ask authorizer good)
    [[ $answer == *'WWW-Authenticate: Bearer realm="api", error="invalid_token", error_description="The token has been revoked"'* ]]
    [[ $answer == *'{"detail":"The token has been revoked"}'* ]]
    [[ $answer == *'warn: denied status=401 reason=revoked client=- kid='* ]]
    list "sub='auth0|42' before=2020-01-01T00:00:00Z" "sub='auth0|42' until=2020-01-01T00:00:00Z"
    await each good 200
}

@test "a bad list, or none, leaves the one there was; one that starts then says 500, and why" {
    local said
    list client=web
    await each other 401
    list 'sub=auth0|42'
    # shellcheck disable=SC2016  # for await
    await eval '[[ $(ask one other) == *"the changed list of revoked tokens is not used"* ]]'
    [[ $(ask one other) == *'Status: 401 '* && $(ask one good) == *'Status: 200 '* ]]
    said=$(cgi good)
    [[ $said == *'Status: 500 '* && $said == *"no usable configuration: BEARER_REVOKED_FILE: $PWD/revoked: line 1: sub="*"sub='auth0|42'"* ]]
    rm revoked
    # shellcheck disable=SC2016  # for await
    await eval '[[ $(ask two other) == *"$PWD/revoked is missing; put it back"* ]]'
    [[ $(ask two other) == *'Status: 401 '* ]]
    said=$(cgi good)
    [[ $said == *'Status: 500 '* && $said == *"install -m 644 /dev/null $PWD/revoked"* ]]

    # Another configuration with such a list is not taken up.
    sed 's/^AUTH0_API_AUDIENCE=.*/AUTH0_API_AUDIENCE=else/' bearer.env >bearer.new
    touch -d '1 hour ago' bearer.new
    cp bearer.env bearer.old
    mv bearer.new bearer.env
    # shellcheck disable=SC2016  # for await
    await eval '[[ $(ask one good) == *"the changed configuration is not used"*"revoked is missing"* ]]'
    [[ $(ask one good) == *'Status: 200 '* && $(ask one other) == *'Status: 401 '*revoked* ]]
    mv bearer.old bearer.env
    list '# nobody'
    await each other 200
}

@test "many lines, every one of which counts" {
    local i
    mint last --sub user-10000
    for ((i = 1; i <= 10000; i++)); do
        echo "sub=user-$i issuer=https://localhost/ until=2100-01-01T00:00:00Z"
    done >many
    list "$(<many)"
    await each last 401
    each good 200
    list "$(<many)" client=web
    # shellcheck disable=SC2016  # for await
    await eval '[[ $(ask one other) == *"revoked: line 10001: this is line number 10001, and more do not count"* ]]'
    [[ $(ask one last) == *'Status: 401 '* && $(ask one other) == *'Status: 200 '* && $(cgi last) == *'Status: 500 '* ]]
    list '# nobody'
    await each last 200
}

# ctl ARGUMENT...: bearerctl with these workers' settings.
ctl() {
    env -i PATH="$PATH" BEARER_CONFIG="$PWD/bearer.env" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} ${LSAN_OPTIONS+LSAN_OPTIONS="$LSAN_OPTIONS"} \
        "$top_builddir/bearerctl" "$@" </dev/null
}

@test "bearerctl revoke: a line in the spelling of the list, which workers then refuse" {
    list '# the list' "sub=gone until=2020-01-01T00:00:00Z" 'client=old'
    run -0 ctl revoke "sub=auth0|42" issuer=https://localhost/ --until 2100-01-01T01:00:00+01:00
    [[ $output == "sub='auth0|42' issuer=https://localhost/ until=2100-01-01T00:00:00Z
is added to $PWD/revoked, which has 2 lines now
1 line past its until= removed" ]]
    await each good 401
    each other 200
    [[ $(<revoked) == "# the list
client=old
sub='auth0|42' issuer=https://localhost/ until=2100-01-01T00:00:00Z" ]]
    run -0 ctl revoke issuer=https://localhost/ --until=4102444800 "sub='auth0|42'"
    [[ $output == *"stands in $PWD/revoked already, line 3" ]]
    run -0 ctl revoked
    [[ $output == "    2        client=old
    3        sub='auth0|42' issuer=https://localhost/ until=2100-01-01T00:00:00Z
2 lines in $PWD/revoked, 0 of them past" ]]

    # Spelled so that it is read as it was given.
    printf 'client=x' >revoked
    run -0 ctl revoke "sub=it's" jti= sid='Team A' "client=''''" kid='a=b'
    [[ $(<revoked) == "client=x
sub='it''s' client='''' jti='' sid='Team A' kid=a=b" ]]
    list "sub=a until=2020-01-01T00:00:00Z" "client='N\u00f6rd' before=5"
    run -0 ctl revoked
    [[ $output == *"    1  past  sub=a until=2020-01-01T00:00:00Z"* && $output == *"2 lines in $PWD/revoked, 1 of them past" ]]
    list '# nobody'
    await each good 200
}

# shellcheck disable=SC2030  # each test is a process
@test "bearerctl revoke --before now: what was issued up to now and the leeway, and nothing later" {
    local before now
    list '# nobody'
    now=$(date +%s)
    run -0 ctl revoke "sub=auth0|42" --before now
    before=$(sed -n "s/.* before=//p" revoked)
    before=$(date -d "$before" +%s)
    ((before >= now + 6 && before <= now + 16))
    await each good 401
    run -0 ctl revoke "sub=auth0|43" before=now
    await each other 401
    mint later --sub 'auth0|42' --claim "iat=$before"
    sed -i "s/ before=.*/ before=$((now - 100))/" revoked
    await each good 200
    list '# nobody'
}

# refuses STATUS TEXT ARGUMENT...: and the list stays as it is.
refuses() {
    local before
    before=$(cat revoked 2>/dev/null && stat -c '%i %Y' revoked) || true
    run -"$1" ctl revoke "${@:3}"
    # shellcheck disable=SC2031  # run sets it
    [[ $output == *"$2"* ]] || { echo "no '$2' in: $output" >&2 && return 1; }
    [[ $before == "$(cat revoked 2>/dev/null && stat -c '%i %Y' revoked)" ]]
}

@test "bearerctl revoke: what it refuses, and how to write it" {
    list 'client=old'
    refuses 64 'NAME=VALUE is missing'
    refuses 64 "'sub' is not NAME=VALUE" sub
    refuses 64 "'subject=' is nothing that a line can say; write sub=" subject=x
    refuses 64 'sub= stands there twice' sub=x sub=y
    refuses 64 'before= stands there twice' sub=x before=1 --before now
    refuses 64 '--until is given twice' sub=x --until 1 --until 2
    refuses 64 "before='soon' is no time" sub=x --before soon
    refuses 64 'until= is past' sub=x --until 2020-01-01T00:00:00Z
    refuses 64 'whose tokens' before=now
    refuses 64 'control character' $'sub=a\nb'
    refuses 64 'a token is not taken as an argument' "jti=$(<tokens/good)"
    refuses 64 'a token is not taken as an argument' "$(<tokens/good)"
    [[ $output != *"$(<tokens/good)"* ]]
    echo 'nonsense' >>revoked
    refuses 78 "revoked: line 2: 'nonsense' is not NAME=VALUE" sub=x
    run -78 ctl revoked
    [[ $output == *"revoked: line 2: 'nonsense'"* ]]
    chmod 666 revoked
    refuses 78 "chmod" sub=x
    rm revoked
    refuses 78 "revoked is missing; put the list back, or begin an empty one: install -m 644 /dev/null $PWD/revoked" sub=x
    grep -v REVOKED bearer.env >none.env
    run -78 env -i BEARER_CONFIG="$PWD/none.env" "$top_builddir/bearerctl" revoke sub=x
    [[ $output == *"write BEARER_REVOKED_FILE=/etc/fcgi-bearer/revoked into $PWD/none.env"* ]]
    local i
    for ((i = 1; i <= 9999; i++)); do
        echo "sub=user-$i"
    done >many
    list "$(<many)" 'sub=past until=2020-01-01T00:00:00Z'
    run -0 ctl revoke sub=last
    [[ $output == *'which has 10000 lines now'*'1 line past its until= removed' ]]
    refuses 73 'is full, with 10000 lines of which none is past' sub=x
    list '# nobody'
}

@test "bearerctl revoke: with several profiles a user is one issuer's" {
    mkdir -p several/profiles
    sed "s|^BEARER_REVOKED_FILE=.*|BEARER_REVOKED_FILE=$PWD/several/list|" bearer.env >several/bearer.env
    printf '%s\n' AUTH0_DOMAIN=other.example.test AUTH0_API_AUDIENCE=api >several/profiles/other.env
    : >several/list
    run -64 env -i BEARER_CONFIG="$PWD/several/bearer.env" "$top_builddir/bearerctl" revoke "sub=auth0|42"
    [[ $output == *'write issuer= as well'* && ! -s several/list ]]
    env -i BEARER_CONFIG="$PWD/several/bearer.env" "$top_builddir/bearerctl" revoke "sub=auth0|42" issuer=https://localhost/
    env -i BEARER_CONFIG="$PWD/several/bearer.env" "$top_builddir/bearerctl" revoke kid=k
    [[ $(<several/list) == "sub='auth0|42' issuer=https://localhost/"$'\nkid=k' ]]
}

@test "bearerctl revoke: forty at once lose nothing; owner, group, mode and a link stay" {
    local i pids=()
    mkdir -p at-once
    printf '# first\n' >at-once/list
    chmod 640 at-once/list
    ((EUID != 0)) || chown 0:33 at-once/list
    ln -sf at-once/list linked
    sed "s|^BEARER_REVOKED_FILE=.*|BEARER_REVOKED_FILE=$PWD/linked|" bearer.env >linked.env
    for ((i = 1; i <= 40; i++)); do
        env -i BEARER_CONFIG="$PWD/linked.env" ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} "$top_builddir/bearerctl" revoke "sub=user-$i" \
            </dev/null >"$BATS_TEST_TMPDIR/$i.out" 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i"
    done
    [[ $(sort at-once/list) == "$({ echo '# first' && for ((i = 1; i <= 40; i++)); do echo "sub=user-$i"; done; } | sort)" ]]
    [[ -L linked && $(stat -c %a at-once/list) == 640 ]]
    ((EUID != 0)) || [[ $(stat -c %u:%g at-once/list) == 0:33 ]]
    [[ $(ls -A at-once) == list ]]
}

# elsewhere PATH: elsewhere.env has the list there.
elsewhere() {
    sed "s|^BEARER_REVOKED_FILE=.*|BEARER_REVOKED_FILE=$1|" bearer.env >elsewhere.env
}

# revoke ARGUMENT...: to the list of elsewhere.env, by the command $under.
revoke() {
    env -i PATH="$PATH" BEARER_CONFIG="$PWD/elsewhere.env" ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" \
        "${under[@]}" "$top_builddir/bearerctl" revoke "$@" </dev/null
}

@test "bearerctl revoke on a full disk: the list is as it was, and it is said" {
    if ((EUID != 0)); then
        [[ ${FB_UNPRIVILEGED-} != 1 ]] || skip "needs root"
        echo "needs root (FB_UNPRIVILEGED=1 skips it)" >&2 && return 1
    fi
    local under=() before
    mkdir disk
    mount -t tmpfs -o mode=755,size=8k tmpfs disk
    elsewhere "$PWD/disk/list"
    # Almost a page of the two that there are.
    printf "sub=%01000d\n" 1 2 3 4 >disk/list
    before=$(<disk/list)
    run -73 revoke "sub=$(printf %0200d 5)"
    [[ $output == "bearerctl revoke: the new list, .list.new beside $PWD/disk/list, cannot be written: No space left on device; the list is as it was" ]]
    [[ $(<disk/list) == "$before" && $(ls -A disk) == list ]]
    mount -o remount,ro disk
    run -73 revoke sub=x
    [[ $output == *'cannot be made: Read-only file system; the list is as it was' ]]
    mount -o remount,rw,size=64k disk
    run -0 revoke "sub=$(printf %0200d 5)"
    [[ $(<disk/list) == "$before"$'\n'"sub=$(printf %0200d 5)" ]]
    umount disk
}

@test "bearerctl revoke, killed before each of its system calls: the list is the old one or the new one, and the next adds to it" {
    local under=() call number killed=0
    mkdir -p killed
    elsewhere "$PWD/killed/list"
    printf 'sub=old\n' >killed/list
    under=(strace -o "$PWD/trace")
    revoke sub=new
    awk '
        { name = $0; sub(/\(.*/, "", name) }
        name ~ /^[a-z0-9_]+$/ { count[name]++ }
        name == "flock" { begun = 1 }
        begun && name ~ /^[a-z0-9_]+$/ { print name, count[name] }' trace >calls
    for call in flock openat write fchmod fsync renameat exit_group; do
        grep -q "^$call " calls
    done
    while read -r call number; do
        printf 'sub=old\n' >killed/list
        rm -f killed/.list.new
        under=(strace -o "$PWD/trace" -e "inject=$call:signal=KILL:when=$number")
        ! revoke sub=new >"$BATS_TEST_TMPDIR/out" 2>&1
        [[ $(tail -n 1 trace) == '+++ killed by SIGKILL +++' ]]
        killed=$((killed + 1))
        if grep -q '^renameat(.* = 0$' trace; then
            [[ $(<killed/list) == $'sub=old\nsub=new' ]]
        else
            [[ $(<killed/list) == 'sub=old' ]]
        fi
        under=()
        revoke sub=next >"$BATS_TEST_TMPDIR/out"
        [[ $(<killed/list) == 'sub=old'*$'\nsub=next' && $(ls -A killed) == list ]]
    done <calls
    echo "# killed before each of $killed calls" >&3
    ((killed > 10))
}

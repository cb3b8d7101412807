#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bearer-issuer: real directories, real keys, real tokens; libjwt's opinion on them through certtool's reading of the key.

bats_require_minimum_version 1.5.0
load ../support/issuer

: "${top_builddir:?}"
ISSUER=https://localhost:8443/

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

# made [ALG]: an issuer in ./i; ES256 has the keys that are made fast.
made() {
    issuer init i --issuer "$ISSUER" --alg "${1-ES256}" >kid
    kid=$(<kid)
}

hex() {
    od -A n -t x1 | tr -d ' \n'
}

# member NAME FILE: the text of a string member that is in the file once.
member() {
    sed 's/.*"'"$1"'":"\([^"]*\)".*/\1/' "$2"
}

# number NAME JSON: an integer member.
number() {
    [[ $2 =~ \"$1\":(-?[0-9]+)[,}] ]] && printf '%s\n' "${BASH_REMATCH[1]}"
}

# member_hex NAME FILE: the octets of a base64url member.
member_hex() {
    token_part 1 "$(member "$1" "$2")." | hex
}

# der_hex KID: the public key as certtool sees it, in DER.
der_hex() {
    public_key i "$1" public.pem
    sed -n '/^-----BEGIN/,/^-----END/{/^-----/!p}' public.pem | base64 -d | hex
}

# everything: every file of the issuer and its content.
everything() {
    find i -type f -exec sha256sum {} + | sort
}

# refused STATUS TEXT ARGUMENT...: the status, the text in the message, and nothing on standard output.
refused() {
    local wanted=$1 text=$2
    shift 2
    run --separate-stderr -"$wanted" issuer "$@"
    if [[ -n $output || $stderr != *"$text"* || $stderr != bearer-issuer* ]]; then
        printf 'wanted: %s\noutput: %s\nstderr: %s\n' "$text" "$output" "$stderr" >&2
        return 1
    fi
}

# usage TEXT ARGUMENT...: wrong usage, with a pointer to the help.
usage() {
    refused 64 "$@"
    [[ $stderr == *"--help'."* ]]
}

@test "init makes keys nobody else can read, and documents everybody can, whatever the umask" {
    umask 077
    made
    [[ $kid =~ ^[0-9a-f]{16}$ ]]
    run -0 find i -printf '%m %P\n'
    [[ $(sort <<<"$output") == "$(sort <<END
755 
700 private
600 private/lock
600 private/state.json
600 private/$kid.pem
755 www
755 www/.well-known
644 www/.well-known/jwks.json
644 www/.well-known/openid-configuration
END
    )" ]]
    umask 000
    issuer init other --issuer "$ISSUER" --alg ES256
    [[ -z $(find other/private -perm /077) ]]
    [[ -z $(find other/www -perm /022) ]]
    (umask 777 && exec "$top_builddir/bearer-issuer" init third --issuer "$ISSUER") # D10: nor with too few permissions
    [[ $(find third -printf '%m\n' | sort | uniq -c | tr -s ' \n' ' ') == ' 3 600 2 644 1 700 3 755 ' ]]
}

@test "an RS256 key: the JWKS is what certtool reads in the private key, and nothing else" {
    made RS256
    run -0 cat i/www/.well-known/jwks.json
    [[ $output =~ ^\{\"keys\":\[\{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"$kid\",\"n\":\"[A-Za-z0-9_-]{342}\",\"e\":\"AQAB\"\}\]\}$ ]]
    [[ $(der_hex "$kid") == *"0282010100$(member_hex n i/www/.well-known/jwks.json)0203010001" ]]
}

@test "an ES256 key: the JWKS is what certtool reads in the private key, and nothing else" {
    made
    run -0 cat i/www/.well-known/jwks.json
    [[ $output =~ ^\{\"keys\":\[\{\"kty\":\"EC\",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"$kid\",\"crv\":\"P-256\",\"x\":\"[A-Za-z0-9_-]{43}\",\"y\":\"[A-Za-z0-9_-]{43}\"\}\]\}$ ]]
    [[ $(der_hex "$kid") == *"04$(member_hex x i/www/.well-known/jwks.json)$(member_hex y i/www/.well-known/jwks.json)" ]]
}

@test "openid-configuration names the issuer exactly, and the JWKS below it with one slash" {
    local url uri n=0
    while read -r url uri; do
        n=$((n + 1))
        issuer init "i$n" --issuer "$url" --alg ES256
        run -0 cat "i$n/www/.well-known/openid-configuration"
        [[ $output == '{"issuer":"'"$url"'","jwks_uri":"'"$uri"'","response_types_supported":["token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256","ES256"]}' ]]
    done <<'END'
https://localhost:8443/ https://localhost:8443/.well-known/jwks.json
https://localhost:8443 https://localhost:8443/.well-known/jwks.json
https://login.example.test/tenant https://login.example.test/tenant/.well-known/jwks.json
https://login.example.test/tenant/ https://login.example.test/tenant/.well-known/jwks.json
https://[::1]:65535/a//b%20c// https://[::1]:65535/a//b%20c/.well-known/jwks.json
END
    [[ $n -eq 5 ]]
}

@test "a token: header, claims, and a signature that libjwt accepts with the published key" {
    local alg token now before
    for alg in RS256 ES256; do
        rm -rf i
        made "$alg"
        before=$(date +%s)
        run -0 --separate-stderr issuer token i --aud https://api.example.test/
        token=$output
        [[ -z $stderr && $token =~ ^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$ ]]
        [[ $(token_part 1 "$token") == '{"alg":"'"$alg"'","kid":"'"$kid"'","typ":"JWT"}' ]]
        now=$(number iat "$(token_part 2 "$token")")
        [[ $now -ge $before && $now -le $(date +%s) ]]
        [[ $(token_part 2 "$token") == '{"aud":"https://api.example.test/","exp":'$((now + 3600))',"iat":'"$now"',"iss":"'"$ISSUER"'","sub":"demo|user"}' ]]
        [[ $(second_opinion i "$token") == accepted ]]
        run -1 second_opinion i "${token/./.e30}"
        [[ $output == refused ]]
    done
}

@test "ES256 signatures are 64 octets, as RFC 7518 has it" {
    local n token
    made
    for n in {1..20}; do
        token=$(issuer token i --aud a)
        [[ ${#token} -gt 86 && $(token_part 3 "$token" | wc -c) -eq 64 ]]
        [[ $(second_opinion i "$token") == accepted ]]
    done
}

@test "audiences, scope, subject and lifetime are those asked for" {
    local claims now
    made
    claims=$(token_part 2 "$(issuer token i --aud one --aud=two --scope 'read:messages write:messages' --sub=me --exp -60)")
    now=$(number iat "$claims")
    [[ $claims == '{"aud":["one","two"],"exp":'$((now - 60))',"iat":'"$now"',"iss":"'"$ISSUER"'","scope":"read:messages write:messages","sub":"me"}' ]]
    claims=$(token_part 2 "$(issuer token --exp=5 --aud one -- i)")
    [[ $(number exp "$claims") -eq $(($(number iat "$claims") + 5)) ]]
}

@test "claims of any JSON type come out as they went in" {
    local claims token
    made
    token=$(issuer token i --aud a \
        --claim 'permissions=["read:messages","é"]' --claim 'b={"z":{"y":[true,false,null,{}]},"a":[]}' \
        --claim 'c="\u00e9\ud83d\ude00\"\\\/ "' --claim 'd=-9007199254740993' --claim 'e=1.5' --claim 'f=""' \
        --claim 'ключ"=1' --claim 'h= 2 ')
    claims=$(token_part 2 "$token")
    [[ $claims == *'"permissions":["read:messages","é"]'* ]]
    [[ $claims == *'"b":{"a":[],"z":{"y":[true,false,null,{}]}}'* ]]
    [[ $claims == *'"c":"é😀\"\\/ "'* ]]
    [[ $claims == *'"d":-9007199254740993,"e":1.5,"exp":'*',"f":"","h":2,"iat":'* ]]
    [[ $claims == *'"ключ\"":1'* ]]
    [[ $(second_opinion i "$token") == accepted ]]
}

@test "a claim may take the place of one that is always there" {
    made
    run -0 issuer token i --claim 'aud=["x"]' --claim 'iss="elsewhere"' --claim exp=1 --claim iat=null --claim sub=7
    [[ $(token_part 2 "$output") == '{"aud":["x"],"exp":1,"iat":null,"iss":"elsewhere","sub":7}' ]]
}

@test "a token of 200 KiB is signed, one of more than 256 KiB is refused" {
    local value token
    value=$(printf '%100000s' '')
    made
    token=$(issuer token i --aud a --claim "x=\"$value\"" --claim "y=\"$value\"")
    [[ ${#token} -gt 266000 ]]
    [[ $(token_part 2 "$token" | wc -c) -gt 200000 ]]
    refused 65 'longer than 262144 bytes' token i --aud a --claim "x=\"$value\"" --claim "y=\"$value\"" --claim "z=\"$value\""
}

@test "JSON that is not a value is refused with the claim's name" {
    local value
    made
    for value in '' acme "'acme'" '{' '[1,]' '01' NaN '1 2' '{"a":1,"a":2}' '"\u0000"' '"\ud800"' $'"\xff"' $'"\t"'; do
        refused 65 "--claim org: " token i --aud a --claim "org=$value"
    done
    refused 65 '--claim org: more than one value' token i --aud a --claim 'org=1,"iss":"https://evil.test/"'
    refused 65 '--claim org: libjwt cannot hold this value' token i --aud a --claim org=99999999999999999999
    refused 65 '--claim org: libjwt cannot hold this value' token i --aud a --claim org=1e400
    refused 65 'invalid UTF-8' token i --aud a --claim $'o\xff=1'
    refused 65 '--aud, --sub or --scope: invalid UTF-8' token i --aud $'a\xff'
}

@test "rotate signs with a new key; the old one stays published until --drop" {
    local first second token
    made
    first=$kid
    token=$(issuer token i --aud a)
    second=$(issuer rotate i)
    [[ $second != "$first" && $(jwks_kids i) == "$first"$'\n'"$second" ]]
    [[ $(token_kid "$(issuer token i --aud a)") == "$second" ]]
    [[ $(second_opinion i "$(issuer token i --aud a)") == accepted ]]
    [[ $(second_opinion i "$token") == accepted ]]
    [[ $(stat -c %a "i/private/$second.pem") == 600 ]]
    run -0 issuer rotate i --drop
    [[ -z $output && $(jwks_kids i) == "$second" ]]
    [[ $(echo i/private/*.pem) == "i/private/$second.pem" ]]
    [[ $(token_kid "$(issuer token i --aud a)") == "$second" ]]
    run -0 issuer rotate i --drop
    [[ $(jwks_kids i) == "$second" ]]
}

@test "rotate --publish publishes a key that signs only after the next rotate" {
    local first next
    made
    first=$kid
    next=$(issuer rotate i --publish)
    [[ $(jwks_kids i) == "$first"$'\n'"$next" ]]
    [[ $(token_kid "$(issuer token i --aud a)") == "$first" ]]
    [[ $(issuer rotate i --publish) == "$next" ]]
    issuer rotate i --drop
    [[ $(jwks_kids i) == "$first"$'\n'"$next" ]]
    [[ $(issuer rotate i) == "$next" ]]
    [[ $(token_kid "$(issuer token i --aud a)") == "$next" && $(jwks_kids i) == "$first"$'\n'"$next" ]]
    issuer rotate i --drop
    [[ $(jwks_kids i) == "$next" ]]
}

@test "a key that could not be published does not sign; the next rotate goes on with it" {
    local next
    made
    # Nobody can write a temporary file where a directory is.
    mkdir i/www/.well-known/.jwks.json.new
    refused 73 'cannot write i/www/.well-known/jwks.json: Is a directory' rotate i
    [[ $(jwks_kids i) == "$kid" && $(token_kid "$(issuer token i --aud a)") == "$kid" ]]
    rmdir i/www/.well-known/.jwks.json.new
    next=$(issuer rotate i)
    [[ $(jwks_kids i) == "$kid"$'\n'"$next" && $(token_kid "$(issuer token i --aud a)") == "$next" ]]
    [[ $(find i/private -name '*.pem' | wc -l) -eq 2 ]]
}

@test "rotate keeps the algorithm unless told another" {
    made
    issuer rotate i
    [[ $(token_part 1 "$(issuer token i --aud a)") == *'"alg":"ES256"'* ]]
    issuer rotate i --alg RS256
    [[ $(token_part 1 "$(issuer token i --aud a)") == *'"alg":"RS256"'* ]]
    [[ $(second_opinion i "$(issuer token i --aud a)") == accepted ]]
    issuer rotate i --publish --alg ES256
    refused 73 'is published already, for ES256' rotate i --alg RS256
    issuer rotate i --alg ES256
    [[ $(token_part 1 "$(issuer token i --aud a)") == *'"alg":"ES256"'* ]]
}

@test "init never touches an issuer, or documents, that are there" {
    local before
    made
    before=$(everything)
    refused 73 "i already holds an issuer, which is left as it is: 'bearer-issuer rotate'" init i --issuer https://other.test/
    [[ $(everything) == "$before" ]]
    mkdir -p j/www/.well-known
    echo mine >j/www/.well-known/jwks.json
    refused 73 'j/www/.well-known/jwks.json is there already' init j --issuer "$ISSUER"
    [[ $(<j/www/.well-known/jwks.json) == mine && ! -e j/private/state.json ]]
}

@test "init uses a directory that is there, and says what it cannot make" {
    mkdir -m 750 there
    issuer init there --issuer "$ISSUER" --alg ES256
    [[ $(stat -c %a there) == 750 ]]
    refused 73 'cannot make the directory no/where: No such file or directory: make the one above it first' \
        init no/where --issuer "$ISSUER"
    : >file
    refused 73 'file: Not a directory: it must be a directory' init file --issuer "$ISSUER"
    mkdir -p open/private
    chmod 755 open/private
    refused 77 'chmod 700 open/private' init open --issuer "$ISSUER"
}

# planted WHAT: what a stranger may have left in ./d, before root (or whoever runs this) uses it.
planted() {
    rm -rf d
    mkdir d
    case $1 in
        d) rmdir d && ln -s target d ;;
        www | private) ln -s ../target "d/$1" ;;
        .well-known) mkdir d/www && ln -s ../../target d/www/.well-known ;;
    esac
}

@test "D7: init, token and rotate follow no planted link, at any level" {
    local what path command
    mkdir -m 700 target
    : >target/secret
    chmod 600 target/secret
    for what in d www private .well-known; do
        planted "$what"
        path=$(find . -type l -printf '%P\n')
        refused 77 "$path is a symbolic link of $(id -un)'s, which is not followed: remove it" init d --issuer "$ISSUER"
        [[ $(stat -c '%a' target) == 700 && $(find target -mindepth 1 -printf '%m %P,') == '600 secret,' ]]
        # The same link in the place of a directory of an issuer that is there: so does a stranger swap it.
        rm -rf d i
        made
        mv i d
        mv "${path/#d/d}" saved
        ln -s "$PWD/saved" "$path"
        for command in 'token d --aud a' 'rotate d' 'rotate d --drop' "init d --issuer $ISSUER"; do
            # shellcheck disable=SC2086  # words
            refused 77 "$path is a symbolic link of" $command
        done
        rm -rf d saved
    done
    ln -s d alias
    made
    mv i d
    refused 77 'alias/ is a symbolic link of' token alias/ --aud a
    issuer token "$PWD/d//" --aud a
}

# level PATH OWNER MODE: makes one level of the issuer in ./i so.
level() {
    ((EUID != 0)) || chown "$2" "$1"
    chmod "$3" "$1"
}

@test "D7: every level is ours and writable by nobody else; the message says which, whose, and what to run" {
    local path command mode
    made
    for path in i i/www i/www/.well-known; do
        for command in 'token i --aud a' 'rotate i' "init i --issuer $ISSUER"; do
            for mode in 775 757 1777; do
                level "$path" "$EUID" "$mode"
                # shellcheck disable=SC2086  # words
                refused 77 "$path can be written by its group or by everybody (mode $(printf %04o "0$mode")): run chmod go-w $path" $command
            done
            level "$path" "$EUID" 755
            ((EUID == 0)) || continue
            level "$path" www-data 755
            # shellcheck disable=SC2086
            refused 77 "$path belongs to www-data: run this command as that user (sudo -u www-data bearer-issuer ...)" $command
            level "$path" 0 755
        done
    done
    issuer token i --aud a
    issuer rotate i
}

@test "D7: what is above the directory is judged too, up to the root" {
    mkdir above
    made
    mv i above
    chmod 777 above
    refused 77 "above/i could be replaced by others" token above/i --aud a
    [[ $stderr == *"the directory $PWD/above can be written by its group or by everybody (mode 0777); run: chmod go-w $PWD/above"* ]]
    refused 77 'run: chmod go-w' init above/new --issuer "$ISSUER"
    [[ ! -e above/new ]]
    (cd above && refused 77 'run: chmod go-w' rotate i)
    chmod 755 above
    issuer token above/i --aud a
    ((EUID == 0)) || return 0
    chown www-data above
    refused 77 "the directory $PWD/above belongs to www-data, who is neither root" init above/new --issuer "$ISSUER"
    [[ ! -e above/new ]]
    chown 0 above
    chmod 1777 above # as /tmp is
    issuer init above/new --issuer "$ISSUER" --alg ES256
}

@test "two processes that make the same issuer: one does, the other is refused" {
    local a b statuses=()
    issuer init i --issuer "$ISSUER" --alg ES256 >a 2>a.err 3>&- &
    a=$!
    issuer init i --issuer "$ISSUER" --alg ES256 >b 2>b.err 3>&- &
    b=$!
    wait "$a" || statuses+=($?)
    wait "$b" || statuses+=($?)
    [[ ${statuses[*]} == 73 ]]
    [[ $(cat a.err b.err) == *'already holds an issuer'* ]]
    [[ $(cat a b) == "$(jwks_kids i)" && -e i/private/$(cat a b).pem ]]
}

@test "tokens while keys rotate and are dropped: each one is whole, and its key was published before" {
    local n writer token
    made
    {
        for n in {1..15}; do
            issuer rotate i && issuer rotate i --publish || break
        done >rotated 2>&1
        touch finished
    } 3>&- &
    writer=$!
    n=0
    while [[ ! -e finished || $n -lt 5 ]]; do
        token=$(issuer token i --aud a)
        jwks_kids i | grep -qFx "$(token_kid "$token")"
        [[ $(<i/www/.well-known/jwks.json) == '{"keys":['*']}' ]]
        n=$((n + 1))
    done
    wait "$writer"
    [[ $(wc -l <rotated) -eq 30 ]]
    rm finished
    {
        for n in {1..15}; do
            issuer rotate i && issuer rotate i --drop || break
        done >rotated 2>&1
        touch finished
    } 3>&- &
    writer=$!
    while [[ ! -e finished ]]; do
        token=$(issuer token i --aud a)
        [[ $(token_part 1 "$token") == *'"alg":"ES256"'* ]]
    done
    wait "$writer"
    [[ $(wc -l <rotated) -eq 15 && $(jwks_kids i | wc -l) -eq 1 ]]
}

@test "two processes that rotate at once: no key is lost" {
    local pids=() n
    made
    for n in 1 2 3 4; do
        { for _ in 1 2 3; do issuer rotate i; done; } >>"new.$n" 3>&- &
        pids+=($!)
    done
    for n in "${pids[@]}"; do wait "$n"; done
    [[ $(jwks_kids i | sort) == "$(cat kid new.* | sort)" && $(jwks_kids i | wc -l) -eq 13 ]]
    [[ $(find i/private -name '*.pem' | wc -l) -eq 13 ]]
}

@test "a disk that is full: nothing is lost, nothing is left behind" {
    local before
    made
    before=$(everything)
    # The message comes through a pipe, which has no such limit.
    full() {
        trap '' XFSZ
        export LLVM_PROFILE_FILE=/dev/null # what ./dev coverage counts would not fit either
        ulimit -f 0
        issuer "$@"
    }
    run -73 full rotate i
    [[ $output == "bearer-issuer rotate: cannot write i/private/"*".pem: File too large" ]]
    [[ $(everything) == "$before" ]]
    run -73 full rotate i --drop
    [[ $(everything) == "$before" ]]
    run -73 full init j --issuer "$ISSUER" --alg ES256
    issuer init j --issuer "$ISSUER" --alg ES256
}

@test "what a killed process left does not stop the next, and --drop removes its keys" {
    made
    echo half >i/private/.state.json.new
    echo half >i/www/.well-known/.jwks.json.new
    echo orphan >i/private/0123456789abcdef.pem
    issuer rotate i
    issuer rotate i --drop
    [[ $(find i/private i/www -type f | wc -l) -eq 5 ]]
    [[ $(jwks_kids i) == "$(token_kid "$(issuer token i --aud a)")" ]]
}

@test "output that cannot be written is an error" {
    made
    to() {
        issuer token i --aud a >"$1"
    }
    to_nothing() {
        issuer "$@" >&-
    }
    run --separate-stderr -74 to /dev/full
    [[ $stderr == 'bearer-issuer: cannot write to standard output: No space left on device' ]]
    run --separate-stderr -74 to_nothing token i --aud a
    [[ $stderr == 'bearer-issuer: cannot write to standard output: Bad file descriptor' ]]
    # Nor does it go into the first file that was opened.
    run --separate-stderr -74 to_nothing rotate i
    [[ $stderr == 'bearer-issuer: cannot write to standard output: Bad file descriptor' && ! -s i/private/lock ]]
}

@test "a directory that is no issuer, or damaged, or open to others" {
    made
    refused 66 "no is not an issuer's directory" token no --aud a
    refused 66 "'bearer-issuer init'" rotate no
    mkdir -p empty/private empty/www/.well-known
    chmod 700 empty/private
    refused 66 'empty holds no issuer' token empty --aud a
    chmod 640 "i/private/$kid.pem"
    refused 77 "i/private/$kid.pem: open to other users: chown it to yourself and chmod 600" token i --aud a
    chmod 600 "i/private/$kid.pem"
    local text
    for text in garbage '' "$(certtool --generate-privkey --key-type rsa --bits 2048 </dev/null 2>&1)"; do
        echo "$text" >"i/private/$kid.pem"
        refused 65 "i/private/$kid.pem, for ES256: libjwt cannot sign with it: not such a key; 'bearer-issuer rotate'" token i --aud a
    done
    : >"i/private/$kid.pem"
    refused 65 'libjwt cannot sign with it' token i --aud a
    rm "i/private/$kid.pem"
    refused 66 "the private key is gone; 'bearer-issuer rotate i' makes a new one" token i --aud a
    issuer rotate i
    issuer token i --aud a
    ln -sf /etc/hostname i/private/state.json
    refused 77 'i/private/state.json: Too many levels of symbolic links' token i --aud a
    rm i/private/state.json
    mkfifo -m 600 i/private/state.json
    refused 77 'i/private/state.json: not a regular file' rotate i
    chmod 711 i/private
    refused 77 'i/private is open to other users: run chmod 700 i/private' token i --aud a
}

@test "a damaged state is refused with what is wrong in it" {
    local text why
    made
    while IFS='|' read -r text why; do
        printf '%s' "$text" >i/private/state.json
        refused 65 "i/private/state.json is damaged ($why)" token i --aud a
        refused 65 "i/private/state.json is damaged ($why)" rotate i
    done <<'END'
|not a JSON object
{"issuer":"https://x/"|a missing comma or closing bracket
{"issuer":"https://x/"}|no issuer or no keys
{"issuer":"https://x/","keys":[]}|no current key
{"issuer":"https://x/","keys":[],"current":"0123456789abcdef"}|no current key
{"issuer":"https://x/","keys":[{"kid":"../../../../etcx","alg":"ES256"}],"current":"../../../../etcx"}|no current key
{"issuer":"https://x/","keys":[{"kid":"0123456789abcdef","alg":"HS256"}],"current":"0123456789abcdef"}|no current key
{"issuer":"https://x/","keys":[{"kid":"0123456789abcdef","alg":"ES256"}],"current":"0123456789abcdef","next":7}|the next key is missing
END
}

@test "--help and --version" {
    local command
    run -0 --separate-stderr issuer --help
    [[ $output == 'Usage: bearer-issuer COMMAND'* && -z $stderr ]]
    for command in init token rotate; do
        [[ $output == *"  $command DIR"* ]]
    done
    for command in init token rotate; do
        run -0 --separate-stderr issuer "$command" --help
        [[ $output == "Usage: bearer-issuer $command DIR"* && -z $stderr ]]
        run -0 issuer "$command" i --help --nonsense
    done
    run -0 issuer --version
    [[ $output =~ ^bearer-issuer\ \(fcgi-bearer\)\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "wrong usage exits 64 and says what is wrong" {
    made
    usage 'no command given'
    usage "unknown command 'mint'" mint
    usage "unknown option '--mint'" --mint
    usage 'DIR is missing' init
    usage 'DIR is missing' token --aud a
    usage 'DIR is missing' rotate
    usage '--issuer is missing' init j
    usage "--alg 'HS256': bearer-issuer signs with RS256 or ES256" init j --issuer "$ISSUER" --alg HS256
    usage "--alg 'none'" rotate i --alg none
    usage '--issuer needs a value' init j --issuer
    usage "unknown option '--color'" token i --aud a --color=red
    usage "unknown option '-x'" token i --aud a -x
    usage "unexpected argument 'j'" token i j --aud a
    usage '--aud is missing' token i
    usage '--sub is given twice' token i --aud a --sub x --sub y
    usage '--scope is given twice' token i --aud a --scope x --scope=y
    usage "--claim 'org': write NAME=JSON" token i --aud a --claim org
    usage "--claim '=1': write NAME=JSON" token i --aud a --claim =1
    usage "--claim names 'org' twice" token i --aud a --claim org=1 --claim org=2
    usage '--drop takes no value' rotate i --drop=yes
    usage '--drop makes no key' rotate i --drop --publish
    usage '--drop makes no key' rotate i --drop --alg ES256
    local seconds
    for seconds in '' 1h 1.5 ' 1' -- +-1 0x10 99999999999 99999999999999999999999; do
        usage "--exp '$seconds': not a number of seconds" token i --aud a --exp "$seconds"
    done
    [[ ! -e j ]]
}

@test "an issuer that is no https URL is refused, and nothing is made" {
    local url
    for url in '' localhost http://localhost/ HTTPS://localhost/ https:// https:/// https://:443/ 'https://a b/' https://user@host/ \
        https://host:0/ https://host:65536/ https://host:/ https://host:1x/ 'https://[::1' 'https://[]/' 'https://[::1]x/' \
        'https://host/?q' 'https://host/#f' 'https://host?q' 'https://host/a b' $'https://host/\n' https://höst/ 'https://host/"' \
        "https://host/$(printf '%2000s' '' | tr ' ' a)"; do
        usage '--issuer: ' init j --issuer "$url"
        [[ $stderr == *"not '${url:0:100}"* ]]
    done
    [[ ! -e j ]]
}

@test "under a web server it refuses to run, whatever the arguments" {
    local name
    made
    for name in GATEWAY_INTERFACE REQUEST_METHOD FCGI_ROLE; do
        for value in x ''; do
            run --separate-stderr -64 env "$name=$value" "$top_builddir/bearer-issuer" token i --aud a </dev/null
            [[ -z $output && $stderr == "bearer-issuer: refusing to run under a web server (found $name): "* ]]
            [[ $stderr != *$'\n'* ]]
            run --separate-stderr -64 env "$name=$value" "$top_builddir/bearer-issuer" --help </dev/null
            [[ -z $output && $stderr == *"(found $name)"* ]]
        done
    done
    # Any socket will do; bash has this one without a peer.
    run --separate-stderr -64 "$top_builddir/bearer-issuer" token i --aud a </dev/udp/127.0.0.1/9
    [[ -z $output && $stderr == *'(found a socket as standard input)'* ]]
}

@test "second opinion: libjwt refuses what is not RS256 or ES256, and a foreign key" {
    local token
    made
    token=$(issuer token i --aud a)
    issuer rotate i >second
    public_key i "$(<second)" other.pem
    run -1 "$top_builddir/jwt-opinion" other.pem <<<"$token"
    [[ $output == refused ]]
    # {"alg":"none"}
    run -1 "$top_builddir/jwt-opinion" other.pem <<<"eyJhbGciOiJub25lIn0.e30."
    [[ $output == refused ]]
    run --separate-stderr -64 "$top_builddir/jwt-opinion" "i/private/$kid.pem" <<<"$token"
    [[ $stderr == *'no public key in PEM' ]]
    run --separate-stderr -64 "$top_builddir/jwt-opinion" other.pem </dev/null
    [[ $stderr == *'not a token'* ]]
}

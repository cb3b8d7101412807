# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # names shared with http-cases and the .bats file
# One list of cases for every server that has bearer.fcgi guard something: a directory of secret files, and programs. For bats:
# `load ../support/guard-cases`. It loads http-cases (new_server, call, token, bearer, same, wrong, denied ...) and servers.
#
# The .bats file says how by defining
#
#   guard_serve               starts the server for $SERVER_DIR with the shipped configuration, changed by the sed script $edit if that
#                             is set. The site is there by then (guard_site, below); it may call guard_backend
#   guard_require_edit [VALUE]    prints the sed script that makes the shipped configuration require VALUE (which may be empty) in every
#                             location it guards; without VALUE, say nothing at all about it. Shipped is to be: scope=read:files
#   guard_profile_edit NAMES  prints the sed script that has the shipped configuration name these profiles in every location it guards
#   guard_claim_edit          only where the server does not hand on by itself what a claim's own variable says: prints the sed script that
#                             adds the page's lines for BEARER_CLAIM_ORG to the shipped configuration. guard_serve runs it
#   guard_hurried_server      guard_server, with a server that gives up a worker that hangs within seconds
#   guard_restart_worker      only where the server does not start its workers itself: starts them again after they have ended
#
# calls guard_setup in setup_file, guard_teardown_file in teardown_file, guard_teardown in teardown, and sets where they differ
#
#   GUARD_PATIENCE            for how many seconds an answer is waited for, 20 unless set
#   GUARD_TOO_LONG            what a token too long is told, where it does not arrive
#   GUARD_WORDY               the status of a request with a claim of 11,000 octets, if not 200
#   GUARD_PROGRAMS            guarded programs, each KIND:PATH. KIND env (CGI, FastCGI: tests/support/show-env.sh, fcgi-show) has the
#                             claims as variables, KIND http (tests/support/http-show.mjs) as request headers Bearer-Sub, Bearer-Scope ...
#   GUARD_FILES               the path of the guarded directory (www/private); /private unless set, empty if there is none
#   GUARD_TABLE               FILE:SECTION of the page that says what arrives at the client (guard-table.bash)
#   GUARD_KEEPS_AUTHORIZATION the KINDs behind which the server cannot take Authorization away
#   GUARD_TELLS_IN_ERRORS     set where redirects and error pages that the server makes itself bring the claims to the client
#   GUARD_FORGED              the status of a request with headers named as those that hand on claims: 400 unless set; 200 where the
#                             server takes them away before it asks the guard
#   GUARD_NOBODY              the REMOTE_USER of nobody, empty unless set
#   GUARD_UNKNOWN             the status of a method that the server itself does not know
#   GUARD_REMEDY              what the log says to write where BEARER_REQUIRE does not arrive
#   GUARD_SILENT              set where the server keeps to itself what the workers log
#   GUARD_FIELD               DIRECTIVE:STATUS, what the shipped configuration raises for a header field as long as a token may be, if
#                             anything, and the answer to one that is too long for the server
#
# guard_every_case_is_run fails if the .bats file leaves a case out. What a test may use:
#
#   guard_site                www/public.txt (open), www/private (secret files), www/private-cgi/show.cgi, bin/fcgi-show
#   guard_backend             starts the HTTP backend, unless the file has one; its port is in $SERVER_DIR/backend-port
#   guard_worker_pids         prints the process ids of the workers, whoever started them
#
# Every secret, also what the programs answer, is written in runes, and nothing else is: an answer with a byte that is not ASCII has
# let out a part of a secret.

load ../support/http-cases
load ../support/guard-forged
load ../support/guard-profiles
load ../support/guard-sizes
load ../support/guard-table
load ../support/guard-tricks
load ../support/guard-workers
load ../support/told
: "${top_srcdir:?}"

API=
GUARD_FILES=${GUARD_FILES-/private}
GUARD_PROGRAMS=${GUARD_PROGRAMS-}
GUARD_TABLE=${GUARD_TABLE-}
GUARD_FORGED=${GUARD_FORGED-400}
GUARD_KEEPS_AUTHORIZATION=${GUARD_KEEPS_AUTHORIZATION-}

GUARD_ROLE=https://example.test/role

# The secret files: path, as a client writes it, and name below www/private.
GUARD_SECRETS=(
    secret.txt secret.txt
    '' index.html
    index.html index.html
    .hidden .hidden
    with%20space.txt 'with space.txt'
    '%C3%BCml%C3%A4ut.txt' $'\303\274ml\303\244ut.txt'
    'a+b&c=d.txt' 'a+b&c=d.txt'
    '%25%34%31.txt' '%41.txt'
    sub/ sub/index.html
    sub/deep/secret.json sub/deep/secret.json
    large.bin large.bin
)

# --- what a .bats file calls

guard_setup() {
    mint_tokens
    # The tokens below are signed with the key that mint_tokens made last.
    cp "$BATS_FILE_TMPDIR/issuer/www/.well-known/jwks.json" "$BATS_FILE_TMPDIR/jwks.json"
    mint full --sub 'auth0|a b"1' --scope 'read:files write:files' --claim 'permissions=["read:x","a b"]' --claim 'azp="client-1"' \
        --claim "$GUARD_ROLE=\"adm\\u00efn\"" --claim 'o={"id":["Team A","b"]}' --claim 'secret="no one was told to hand this on"'
    mint bare --scope read:files
    mint scopeless --scope 'read:files2 write:files'
    mint expired --scope read:files --exp -60
    mint wordy --scope read:files --sub "$(letters 11000)"
    guard_server
    export FILE_SERVER=$SERVER_DIR
}

# guard_server [NAME=VALUE...]: another server (with $telling set one whose guard notes what it is asked: told.bash; with
# $naming one with a second profile: guard-profiles.bash), with these settings besides, else with the keys in a file.
guard_server() {
    (($# > 0)) || set -- 'BEARER_JWKS_URI=file://@/etc/jwks.json'
    server_dir
    install_programs
    install -m 644 "$BATS_FILE_TMPDIR/jwks.json" "$SERVER_DIR/etc"
    configure "AUTH0_ISSUER=$ISSUER" "AUTH0_API_AUDIENCE=$AUDIENCE" BEARER_LOG_LEVEL=info "BEARER_FORWARD_CLAIMS=$GUARD_ROLE org=/o/id" \
        "${@/@/$SERVER_DIR}"
    guard_site
    [[ -z ${naming-} ]] || guard_other_profile
    [[ -z ${telling-} ]] || { told_program && told_certificates; }
    guard_serve
}

guard_teardown() { http_teardown; }
guard_teardown_file() { SERVER_DIR=$FILE_SERVER server_remove; }

guard_every_case_is_run() {
    local name missing=
    for name in $(compgen -A function guard_case_); do
        grep -q "[{;] $name;" "$BATS_TEST_FILENAME" || missing+=" $name"
    done
    [[ -z $missing ]] || { echo "not run here:$missing" >&2 && false; }
}

guard_restart_worker() { :; }

guard_site() (
    umask 022
    cd "$SERVER_DIR" || exit
    mkdir -p bin www/private/sub/deep www/private-cgi
    echo 'nothing to hide' >www/public.txt
    for ((i = 1; i < ${#GUARD_SECRETS[@]}; i += 2)); do
        guard_runes "$i" >"www/private/${GUARD_SECRETS[i]}"
    done
    yes "$(guard_runes 33)" | head -n 3000 >www/private/large.bin
    install -m 755 "$top_srcdir/tests/support/show-env.sh" www/private-cgi/show.cgi
    install -m 755 "$top_builddir/fcgi-show" bin
)

# guard_runes N: N+1 of them and a newline, so that no two files are the same.
guard_runes() {
    printf '\341\233\212%.0s' $(seq 0 "$1")
    echo
}

# One for all servers of a file: it remembers nothing, and node takes long to start.
guard_backend() {
    if [[ -s ${FILE_SERVER-}/backend-port && $FILE_SERVER != "$SERVER_DIR" ]]; then
        cp "$FILE_SERVER/backend-port" "$SERVER_DIR"
        return
    fi
    _start backend "$(_program node)" "$top_srcdir/tests/support/http-show.mjs" "$SERVER_DIR/log/backend-port" || return
    _await backend test -s "$SERVER_DIR/log/backend-port" || { server_log >&2 && return 1; }
    cp "$SERVER_DIR/log/backend-port" "$SERVER_DIR/backend-port"
}

guard_worker_pids() {
    find /proc/[0-9]*/exe -maxdepth 0 -lname "$SERVER_DIR/libexec/*" 2>/dev/null | cut -d/ -f3
}

# --- requests, many at a time

# guard_urls PATH...: calls all of these on one connection if the server likes, with the curl options in the array options. The n-th
# answer's head and body are in $BATS_TEST_TMPDIR/got/n.head, n.body; statuses[n] is its status, 000 if there was none, and connects[n] how
# many connections were made for it.
guard_urls() {
    local path n=0 dir=$BATS_TEST_TMPDIR/got url
    url=$(server_url)
    rm -rf "$dir"
    mkdir "$dir"
    called="${options[*]//$(token full | cut -d. -f2-)/...} $1 ..."
    for path; do
        ((n == 0)) || echo next
        printf '%s\n' silent path-as-is 'noproxy = "*"' "max-time = ${GUARD_PATIENCE-20}" 'write-out = "%{http_code} %{num_connects}\n"' "dump-header = \"$dir/$n.head\"" \
            "output = \"$dir/$n.body\"" "url = \"$url${path//\\/\\\\}\""
        printf '%s\n' "${options[@]}"
        n=$((n + 1))
    done >"$dir/config"
    # curl ends with what became of the last one: what matters is in the answers.
    mapfile -t statuses < <(curl -q -K "$dir/config" </dev/null)
    connects=("${statuses[@]#* }")
    statuses=("${statuses[@]% *}")
    touch "$dir/0.head" "$dir/0.body"
    cp "$dir/0.head" "$BATS_TEST_TMPDIR/head" # for wrong
    cp "$dir/0.body" "$BATS_TEST_TMPDIR/body"
    same 'number of answers' "$n" "${#statuses[@]}"
}
declare -ga options=() statuses=() connects=()

# guard_no_secret WHAT: in no answer of the last guard_urls is a byte of one, nor what tells files apart.
guard_no_secret() {
    local file
    file=$(LC_ALL=C grep -r -l -a -P '[\x80-\xff]' --include='*.head' --include='*.body' "$BATS_TEST_TMPDIR/got" || true)
    [[ -z $file ]] || guard_wrong "$1: a secret is in" "${file%%$'\n'*}"
    file=$(grep -r -l -a -i -E '^(etag|last-modified|accept-ranges|content-range):' --include='*.head' "$BATS_TEST_TMPDIR/got" || true)
    [[ -z $file ]] || guard_wrong "$1: a secret file's metadata are in" "${file%%$'\n'*}"
}

# guard_wrong TEXT FILE
guard_wrong() {
    local name=${2%.*}
    printf '%s %s\n--- %s\n' "$1" "$2" "$called" >&2
    grep -a '^url' "$BATS_TEST_TMPDIR/got/config" | sed -n "$((${name##*/} + 1))p" >&2
    cat "$name.head" >&2
    head -c 1000 "$name.body" >&2
    return 1
}

# guard_paths: sets the array paths to every secret there is.
guard_paths() {
    local i program
    paths=()
    if [[ -n $GUARD_FILES ]]; then
        for ((i = 0; i < ${#GUARD_SECRETS[@]}; i += 2)); do paths+=("$GUARD_FILES/${GUARD_SECRETS[i]}"); done
        # Not there, or a directory without its slash: nobody learns that either.
        paths+=("$GUARD_FILES" "$GUARD_FILES/sub" "$GUARD_FILES/sub/deep/" "$GUARD_FILES/none.txt" "$GUARD_FILES/secret.txt/none")
    fi
    for program in $GUARD_PROGRAMS; do paths+=("${program#*:}" "${program#*:}?a=b"); done
}
declare -ga paths=()

# guard_as WHO: sets options for a request with no, a bad, an expired or a scopeless token.
guard_as() {
    case $1 in
        none) options=() ;;
        bad) options=('header = "Authorization: Bearer FastAPI is awesome"') ;;
        two) options=("header = \"Authorization: Bearer $(token full), Bearer $(token full)\"") ;;
        *) options=("header = \"Authorization: Bearer $(token "$1")\"") ;;
    esac
}

# --- the cases

# Every secret, by every method, to whom it is not for: the denial, and nothing else.
guard_case_walk() {
    local who method i status detail
    guard_paths
    for who in none bad expired scopeless; do
        case $who in
            none) status=401 detail='Not authenticated' ;;
            bad) status=401 detail='The token is not three non-empty segments joined by dots' ;;
            expired) status=401 detail='The token has expired' ;;
            scopeless) status=403 detail='Required: scope=read:files' ;;
        esac
        for method in GET HEAD POST OPTIONS BREW; do
            guard_as "$who"
            case $method in
                HEAD) options+=(head) ;;
                POST) options+=('data = "a=b"') ;;
                *) options+=("request = $method") ;;
            esac
            guard_urls "${paths[@]}"
            guard_no_secret "$method with token: $who"
            for ((i = 0; i < ${#statuses[@]}; i++)); do
                if [[ $method == BREW && -n ${GUARD_UNKNOWN-} ]]; then
                    [[ ${statuses[i]} == "$GUARD_UNKNOWN" ]]
                else
                    [[ ${statuses[i]} == "$status" ]] && guard_body_is "$method" "{\"detail\":\"$detail\"}"
                fi || guard_wrong "$method with token: $who got ${statuses[i]}" "$BATS_TEST_TMPDIR/got/$i.head"
            done
        done
        guard_bodiless
    done
}

# guard_body_is METHOD TEXT: of the answer to the i-th request. (curl puts the head where the body of a HEAD would be.)
guard_body_is() {
    local text=
    IFS= read -r -d '' text <"$BATS_TEST_TMPDIR/got/$i.body" || true
    [[ $1 == HEAD || $text == "$2" ]]
}

# guard_bodiless: nothing follows the head of an answer to HEAD, which curl would not read. Who asks is the $who of guard_as.
guard_bodiless() {
    local path lines header
    guard_tricks
    for path in "${targets[@]}"; do
        guard_as "$who"
        exec 7<>"/dev/tcp/127.0.0.1/$(<"$SERVER_DIR/port")"
        printf '%s\r\n' "HEAD $path HTTP/1.1" 'Host: localhost' 'Connection: close' >&7
        header=${options[0]-}
        header=${header#'header = "'}
        printf '%s\r\n' ${header:+"${header%'"'}"} '' >&7
        mapfile -t lines <&7
        exec 7>&-
        [[ ${lines[0]} == 'HTTP/1.1 40'[13]* && ${lines[-1]} == $'\r' ]] || { printf '%s\n' "HEAD $path:" "${lines[@]}" >&2 && return 1; }
    done
}

# And to whom it is for, it comes whole.
guard_case_open() {
    local i dir=$BATS_TEST_TMPDIR/got
    options=()
    guard_urls /public.txt
    same 'the open file' 'nothing to hide' "$(<"$dir/0.body")"
    guard_paths
    guard_as full
    guard_urls "${paths[@]}"
    if [[ -n $GUARD_FILES ]]; then
        for ((i = 0; i < ${#GUARD_SECRETS[@]} / 2; i++)); do
            same "status of ${paths[i]}" 200 "${statuses[i]}"
            cmp "$SERVER_DIR/www/private/${GUARD_SECRETS[i * 2 + 1]}" "$dir/$i.body"
        done
    fi
    for ((i = 0; i < ${#paths[@]}; i++)); do
        if [[ " $GUARD_PROGRAMS " == *:"${paths[i]%\?*} "* ]]; then
            same "status of ${paths[i]}" 200 "${statuses[i]}"
            head -n 1 "$dir/$i.body" | grep -q $'\341\233\212' || guard_wrong "not the program's answer:" "$dir/$i.body"
        fi
        [[ -n ${GUARD_TELLS_IN_ERRORS-} && ${statuses[i]} != 2* ]] || guard_tells_nothing
    done
    # Nor with the part of a file, nor with the news that there is none.
    [[ -n $GUARD_FILES ]] || return 0
    guard_as full
    options+=('header = "Range: bytes=0-2"')
    guard_urls "$GUARD_FILES/secret.txt"
    same 'status of a part' 206 "${statuses[0]}"
    i=0 guard_tells_nothing
    guard_as full
    options+=('header = "If-None-Match: *"')
    guard_urls "$GUARD_FILES/secret.txt"
    same 'status of what is known' 304 "${statuses[0]}"
    i=0 guard_tells_nothing
}

# guard_tells_nothing: what the authorizer said for the next handler does not go to the client with the i-th answer.
guard_tells_nothing() {
    local head=$BATS_TEST_TMPDIR/got/$i.head
    ! grep -a -i -E '^(variable-|bearer-|remote.user|auth.type)' "$head" || guard_wrong 'the claims went to the client:' "$head"
}

# guard_shown NAME: what the program said it got as NAME, in the last answer; several lines if it came several times.
guard_shown() {
    sed -n "s/^$1=//p" "$BATS_TEST_TMPDIR/got/0.body"
}

GUARD_FORGED_NAMES=(Bearer{-,_}{Sub,Scope,Permissions,Client{-,_}Id,Issuer,Exp,Claims} bEARER-sCOPE {Remote{-,_}User,Auth{-,_}Type})

# guard_forge NAME...: the next requests have these headers.
guard_forge() {
    local name
    for name; do
        options+=("header = \"$name: FORGED\"")
    done
}

# guard_refuses_forged: the last request, whose headers had names of ours, was refused for that, and no secret came.
guard_refuses_forged() {
    same 'status of forged headers' 400 "${statuses[0]}"
    same 'body of forged headers' '{"detail":"A request header is not allowed"}' "$(cat "$BATS_TEST_TMPDIR/got/0.body")"
    ! grep -a -i '^www-authenticate' "$BATS_TEST_TMPDIR/got/0.head" || wrong 'forged headers: a challenge'
    guard_no_secret 'forged headers'
}

# The token in another header, with the lines uncommented that keep it from programs.
guard_case_header() {
    local program from=$BATS_TEST_TMPDIR/tree file
    mkdir "$from"
    ln -s "$top_srcdir"/* "$from"
    for file in "$top_srcdir"/*-conf; do
        rm "$from/${file##*/}"
        cp -r "$file" "$from"
    done
    find "$from"/*-conf/ -type f -exec sed -i 's/^\([ \t]*\)\(#\|--\)\([^ ].*[Cc][Ff][-_][Aa][Cc][Cc][Ee][Ss][Ss]\)/\1\3/' {} +
    top_srcdir=$from guard_server 'BEARER_JWKS_URI=file://@/etc/jwks.json' BEARER_TOKEN_HEADER=Cf-Access-Jwt-Assertion
    for program in $GUARD_PROGRAMS; do
        guard_as none
        options+=("header = \"Cf-Access-Jwt-Assertion: $(token full)\"")
        guard_urls "${program#*:}"
        same "status ($program)" 200 "${statuses[0]}"
        ! grep -F -e "$(token full | cut -d. -f3)" "$BATS_TEST_TMPDIR/got/0.body" || wrong "$program got the token"
        guard_as full
        guard_urls "${program#*:}"
        same "status by Authorization ($program)" 401 "${statuses[0]}"
    done
}

# The user is the claim that is configured; Bearer-Sub is what it was.
guard_case_user() {
    local program
    guard_server 'BEARER_JWKS_URI=file://@/etc/jwks.json' BEARER_USER_CLAIM=/org/name
    mint member --sub 'auth0|1' --scope 'read:files' --claim 'org={"name":"x y\u00e9"}'
    for program in $GUARD_PROGRAMS; do
        [[ $program == env:* ]] || continue
        guard_as member
        guard_urls "${program#*:}"
        same "status ($program)" 200 "${statuses[0]}"
        same "$program: user" 'x y\u00e9' "$(guard_shown REMOTE_USER)"
        same "$program: sub" 'auth0|1' "$(guard_shown BEARER_SUB)"
    done
    guard_as full
    guard_urls /private/secret.txt
    same 'status of a token without the user' 403 "${statuses[0]}"
    guard_no_secret 'a token without the user'
}

# The claims reach the program, and nothing a client calls by their names does.
guard_case_claims() {
    local program path in name
    for program in $GUARD_PROGRAMS; do
        path=${program#*:} in=
        [[ $program != http:* ]] || in=HTTP_
        for name in plain forged near dropped; do
            guard_as full
            case $name in
                forged)
                    guard_forge "${GUARD_FORGED_NAMES[@]}"
                    if [[ $GUARD_FORGED == 400 ]]; then
                        guard_urls "$path"
                        guard_refuses_forged
                        continue
                    fi
                    ;;
                near) guard_forge Variable-{BEARER_SUB,Remote_User} X-Bearer-Sub Bearerfoo ;;
                # A proxy drops what Connection names (RFC 9110, section 7.6.1): not what it says itself.
                dropped) options+=('header = "Connection: keep-alive,bearer-sub, Bearer-Scope ,Bearer-Permissions, Bearer-Client-Id, Bearer-Issuer, Bearer-Profile, Bearer-Exp, Bearer-Claims, Bearer-Claim-Org"') ;;
            esac
            guard_urls "$path?BEARER_SUB=FORGED"
            same "status ($program)" 200 "${statuses[0]}"
            same "$program: sub" 'auth0|a b\u00221' "$(guard_shown "${in}BEARER_SUB")"
            same "$program: scope" 'read:files write:files' "$(guard_shown "${in}BEARER_SCOPE")"
            same "$program: permissions" 'read:x a\u0020b' "$(guard_shown "${in}BEARER_PERMISSIONS")"
            same "$program: client" client-1 "$(guard_shown "${in}BEARER_CLIENT_ID")"
            same "$program: issuer" "$ISSUER" "$(guard_shown "${in}BEARER_ISSUER")"
            same "$program: profile" default "$(guard_shown "${in}BEARER_PROFILE")"
            [[ $(guard_shown "${in}BEARER_EXP") =~ ^[1-9][0-9]{9}$ ]] || wrong "$program: exp"
            same "$program: a claim by itself" 'Team\u0020A b' "$(guard_shown "${in}BEARER_CLAIM_ORG")"
            same "$program: claims" "{\"$GUARD_ROLE\":\"adm\\u00efn\",\"org\":[\"Team A\",\"b\"]}" "$(guard_shown "${in}BEARER_CLAIMS" | sed 's:\\/:/:g')"
            if [[ $program == env:* ]]; then
                same "$program: user" 'auth0|a b\u00221' "$(guard_shown REMOTE_USER)"
                same "$program: type" Bearer "$(guard_shown AUTH_TYPE)"
            fi

            # What a token does not say is empty or absent, and a client cannot say it instead.
            options[0]="header = \"Authorization: Bearer $(token bare)\""
            guard_urls "$path"
            same "status ($program)" 200 "${statuses[0]}"
            same "$program: scope" read:files "$(guard_shown "${in}BEARER_SCOPE")"
            for forge in PERMISSIONS CLIENT_ID CLAIMS CLAIM_ORG; do
                same "$program: $forge that is not there" '' "$(guard_shown "${in}BEARER_$forge")"
            done
            [[ $program != http:* ]] || ! grep FORGED "$BATS_TEST_TMPDIR/got/0.body" | grep -E '^HTTP_(BEARER_|REMOTE_USER=|AUTH_TYPE=)' || wrong 'a forged claim'
        done
    done
}

# A program that leaks what it gets leaks no token.
guard_case_authorization() {
    local program
    for program in $GUARD_PROGRAMS; do
        guard_as full
        guard_urls "${program#*:}"
        same "status ($program)" 200 "${statuses[0]}"
        if [[ " $GUARD_KEEPS_AUTHORIZATION " == *" ${program%%:*} "* ]]; then
            grep -q "^HTTP_AUTHORIZATION=Bearer " "$BATS_TEST_TMPDIR/got/0.body" || wrong "$program: the header is gone, and the test says that cannot be"
        else
            ! grep -F -e "$(token full | cut -d. -f3)" "$BATS_TEST_TMPDIR/got/0.body" || wrong "$program got the token"
        fi
    done
}

# 3 MB, with a length and in chunks, on a connection with other requests before and after.
guard_case_bodies() {
    local program path file=$BATS_TEST_TMPDIR/upload sum length
    head -c 3000000 /dev/zero | tr '\0' x >"$file"
    printf end >>"$file"
    sum=$(cksum <"$file")
    for program in $GUARD_PROGRAMS; do
        path=${program#*:}
        for length in 'X-Nothing: x' 'Transfer-Encoding: chunked'; do
            for who in full none scopeless; do
                guard_as "$who"
                options+=("header = \"$length\"" 'header = "Content-Type: application/octet-stream"' 'header = "Expect:"' "data-binary = \"@$file\"")
                guard_urls "$path" "$path"
                if [[ $who == full ]]; then
                    same "status ($program, $length)" '200 200' "${statuses[*]}"
                    same "connections ($program, $length)" '1 0' "${connects[*]}"
                    same "body ($program, $length)" "$sum" "$(guard_shown BODY)"
                else
                    guard_no_secret "a body of 3 MB, $length"
                    [[ " ${statuses[*]} " != *' 2'* ]] || wrong "let in with a body: ${statuses[*]}"
                fi
            done
        done
    done
}

# One connection, one request let in, the next not: what was decided for one is not said of another.
guard_case_keepalive() {
    local target who requests header
    guard_tricks
    for target in "${targets[@]}"; do
        requests=()
        for who in full none full scopeless bad full expired none; do
            ((${#requests[@]} == 0)) || requests+=(--next)
            requests+=(-s --noproxy '*' --max-time 20 -o "$BATS_TEST_TMPDIR/body.$who" -w '%{http_code}/%{num_connects} ')
            guard_as "$who"
            if ((${#options[@]} > 0)); then
                header=${options[0]#'header = "'}
                requests+=(-H "${header%'"'}")
            fi
            requests+=("$(server_url)$target")
        done
        called="eight requests for $target"
        same 'statuses on one connection' '200/1 401/0 200/0 403/0 401/0 200/0 401/0 401/0 ' "$(curl -q "${requests[@]}" </dev/null)"
        ! LC_ALL=C grep -q -a -P '[\x80-\xff]' "$BATS_TEST_TMPDIR"/body.{none,scopeless,bad,expired} || wrong 'a secret'
    done
}

# What is missing or mistyped in the server's configuration, or said in a way that does not arrive, opens nothing. (guard_dropped_edit prints
# the sed script for that; authorizer.bats has more mistakes.)
guard_case_require() {
    local value log
    guard_paths
    guard_tricks
    for value in missing dropped '' 'scop=x' 'optional optional'; do
        log=BEARER_REQUIRE
        case $value in
            missing) edit=$(guard_require_edit) log="guarded location without BEARER_REQUIRE.*$GUARD_REMEDY" ;;
            dropped)
                [[ $(type -t guard_dropped_edit) == function ]] || continue
                edit=$(guard_dropped_edit) log="guarded location without BEARER_REQUIRE.*$GUARD_REMEDY"
                ;;
            *) edit=$(guard_require_edit "$value") ;;
        esac
        guard_server
        for who in full none; do
            guard_as "$who"
            guard_urls "${paths[@]}"
            guard_no_secret "BEARER_REQUIRE '$value', token: $who"
            [[ " ${statuses[*]} " =~ ^(\ 500)+\ $ ]] || wrong "BEARER_REQUIRE '$value', token: $who: ${statuses[*]}"
        done
        [[ -n ${GUARD_SILENT-} ]] || server_log | grep -q -e "$log" || wrong "the log does not say: $log ('$value')"
        guard_row misconfigured GET "${targets[0]}" "$(bearer full)"
        edit='' server_remove
    done
    SERVER_DIR=$FILE_SERVER
}

# What a requirement can have in it arrives as it is written, in the server's own quotes. A token for each part lacks that part alone.
guard_case_quotes() {
    local -A claims=([sub]='"auth0|5f7c"' [groups]='["Team A","Nord Süd"]' [realm_access]='{"roles":["admin"]}' [sn]="\"O'Brien\"")
    local lacking=('sub="auth0|5f7d"' 'groups=["Team","A","Nord Süd"]' 'groups=["Team A","Nord Sued"]' 'realm_access={"roles":["user"]}'
        'sn="OBrien"' 'suspended=true' 'sub="auth1|5f7c"') claim name arguments number=0
    for claim in '' "${lacking[@]}"; do
        arguments=(${claim:+--claim "$claim"})
        for name in "${!claims[@]}"; do
            [[ $claim == "$name="* ]] || arguments+=(--claim "$name=${claims[$name]}")
        done
        mint "quoted$number" "${arguments[@]}"
        number=$((number + 1))
    done
    edit=$(guard_require_edit "claim:sub~='auth0|*' claim:groups='Team A' claim:groups='Nord Süd' claim:\/realm_access\/roles=admin claim:sn='O''Brien' !claim:suspended claim:sub='auth0|5f7c'") \
        guard_server
    guard_paths
    for ((number = 0; number <= ${#lacking[@]}; number++)); do
        guard_as "quoted$number"
        guard_urls "${paths[0]}"
        if ((number == 0)); then
            same 'status of who has all' 200 "${statuses[0]}"
        else
            same "status of who has ${lacking[number - 1]}" 403 "${statuses[0]}"
            guard_no_secret "${lacking[number - 1]}"
        fi
    done
    edit='' server_remove
    SERVER_DIR=$FILE_SERVER
}

# optional: as nobody without a token, and then nobody else can be made of it; a bad token is still refused.
guard_case_optional() {
    local program in name
    edit=$(guard_require_edit optional) guard_server
    guard_forges brief
    for program in $GUARD_PROGRAMS; do
        in=
        [[ $program != http:* ]] || in=HTTP_
        guard_as none
        guard_forge "${GUARD_FORGED_NAMES[@]}"
        if [[ $GUARD_FORGED == 400 ]]; then
            guard_urls "${program#*:}"
            guard_refuses_forged
            guard_as none
        fi
        guard_urls "${program#*:}"
        same "status ($program)" 200 "${statuses[0]}"
        for name in SUB SCOPE PERMISSIONS CLIENT_ID ISSUER PROFILE EXP CLAIMS CLAIM_ORG; do
            same "$program: $name of nobody" '' "$(guard_shown "${in}BEARER_$name")"
        done
        [[ -n $in ]] || same "$program: REMOTE_USER of nobody" "${GUARD_NOBODY-}" "$(guard_shown REMOTE_USER)"
        for name in bad expired; do
            guard_as "$name"
            guard_urls "${program#*:}"
            same "status ($program, $name)" 401 "${statuses[0]}"
            guard_no_secret "optional, and the token is $name"
        done
        guard_as bare
        guard_urls "${program#*:}"
        same "status ($program)" 200 "${statuses[0]}"
        same "$program: scope" read:files "$(guard_shown "${in}BEARER_SCOPE")"
    done
}

# guard_page_reads: with the lines of doc/browser.md in the configuration, a page of that origin may send its token, and read the file or why not.
guard_page_reads() {
    local origin='Origin: https://app.example.com' header got=
    call OPTIONS /private/secret.txt "$origin" 'Access-Control-Request-Method: GET' 'Access-Control-Request-Headers: authorization'
    [[ $http_status == 20[04] ]] || wrong 'the preflight'
    same Access-Control-Allow-Origin https://app.example.com "${fields[access-control-allow-origin]-}"
    [[ "${fields[access-control-allow-headers]-}," == Authorization,* ]] || wrong 'the header may not be sent'
    for header in 'X-Nothing: x' "$(bearer scopeless)" "$(bearer full)"; do
        call GET /private/secret.txt "$origin" "$header"
        same Access-Control-Allow-Origin https://app.example.com "${fields[access-control-allow-origin]-}"
        [[ "${fields[access-control-expose-headers]-}," == WWW-Authenticate,* ]] || wrong 'the challenge may not be read'
        got+="$http_status "
    done
    same statuses '401 403 200 ' "$got"
    cmp "$BATS_TEST_TMPDIR/body" "$SERVER_DIR/www/private/secret.txt"
}

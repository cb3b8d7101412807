# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What `bearerctl explain` says beside what a worker answers. For bats: `load ../support/explain`. On its own it takes a directory to make, has the hostile
# cases made there (tests/support/hostile), compares, of each reason so many, and prints how many tokens there were. Needs top_builddir and SITE: a directory with bearer.fcgi and
# bearerctl.
#
#   site [NAME=VALUE...]        writes its settings, with keys in $SITE/jwks.json
#   clean COMMAND...            runs it in an environment with nothing else in it
#   as_shown, shown             turn answers into the same form, see below
#   agrees AUTHORIZATION REASON [NAME=VALUE...]   asks a worker, as plain CGI, and explain. Status, challenge, body and the rest of the answer must be the
#                               same, and the exit status goes with it; a line says how to mend it, nothing of the signature is shown. REASON: `-` is a good
#                               token's, `*` any. NAME is PATH_INFO or BEARER_REQUIRE of the worker. What explain said stays in $output

: "${top_builddir:?}"

ISSUER=https://tenant.eu.auth0.com/
AUDIENCE=https://api.example.test/

site() {
    local setting
    local -A given=([AUTH0_ISSUER]=$ISSUER [AUTH0_API_AUDIENCE]=$AUDIENCE [AUTH0_ALGORITHMS]=ES256
        [BEARER_JWKS_URI]=file://$SITE/jwks.json [BEARER_CACHE_DIR]=$SITE/cache)
    for setting; do
        given[${setting%%=*}]=${setting#*=}
    done
    (umask 022 && for setting in "${!given[@]}"; do printf '%s="%s"\n' "$setting" "${given[$setting]}"; done >"$SITE/bearer.env")
}

clean=(env -i PATH="$PATH" LANG=C)
for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
    [[ -z ${!name-} ]] || clean+=("$name=${!name}")
done

clean() {
    "${clean[@]}" "$@"
}

# as_shown: turns a CGI program's answer in $answer into what explain shows of it.
as_shown() {
    answer=${answer//$'\r'/}
    answer=${answer#Status: }
}

# shown: sets $shown to the answer in $output.
shown() {
    shown=${output#*': the client gets'$'\n\n'}
    shown=$'\n'${shown%%$'\n\nmend: '*}
    shown=${shown//$'\n    '/$'\n'}
    shown=${shown#$'\n'}
}

agrees() {
    local answer shown status=0 wanted=1 policy=() signature=${1##*.}
    [[ ${3-} != PATH_INFO=/private-scoped ]] || policy=(--require scope=read:messages)
    [[ ${3-} != BEARER_REQUIRE=* ]] || policy=(--require "${3#*=}")
    answer=$("${clean[@]}" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/private "HTTP_AUTHORIZATION=$1" "${@:3}" "$SITE/bearer.fcgi" 2>/dev/null)
    as_shown
    output=$("${clean[@]}" "$SITE/bearerctl" explain - "${policy[@]}" 2>&1 <<<"Authorization: $1"$'\r') || status=$?
    if [[ $answer == '200 OK'* ]]; then
        [[ $status -eq 0 && $output == *$'\naccepted: the client gets 200 OK '* && $2 == - && $output != *$'\nmend: '* ]] && return
        echo "accepted by the worker, explained with status $status: $output"
        return 1
    fi
    shown
    [[ $answer != 503* ]] || wanted=75
    if [[ $shown != "$answer" || $status -ne $wanted || ($2 != '*' && $output != *" ($2): the client gets"*) || $output != *$'\nmend: '?* ||
        (${#signature} -gt 15 && $output == *"${signature:0:16}"*) ]]; then
        printf '%s\n' "the worker ($2):" "$answer" "explain, status $status:" "$output"
        return 1
    fi
}

# hostile_headers FILE ID...: writes the Authorization of these requests in a configuration for curl to $HOSTILE/headers/ID, and prints ID and path; of one
# with two of them nothing.
hostile_headers() {
    LC_ALL=C awk -v out="$HOSTILE/headers/" -v ids=" ${*:2} " '
        function value(text) {
            gsub(/\\\\/, "\001", text)
            gsub(/\\"/, "\"", text)
            gsub(/\\n/, "\n", text)
            gsub(/\\r/, "\r", text)
            gsub(/\\t/, "\t", text)
            gsub(/\\v/, "\v", text)
            gsub("\001", "\\", text)
            return text
        }
        /^next$/ { count = 0 }
        /^url = / { path = $3; sub(/[?"]*$/, "", path); sub(/\?.*/, "", path); sub(/^.*\//, "/", path) }
        tolower($0) ~ /^header = "authorization: / {
            header = $0
            sub(/^[^:]*: /, "", header)
            sub(/"$/, "", header)
            count++
        }
        /^write-out = / {
            id = $0
            sub(/^.*\001/, "", id)
            sub(/\036"$/, "", id)
            if (count == 1 && index(ids, " " id " ")) {
                printf "%s", value(header) >(out id)
                close(out id)
                print id, path
            }
        }' "$1"
}

# hostile_choice EACH: group, id, number of the case and reason of those to be compared: one of each case and reason, and of each reason so many; what
# workers make of the others, cases-*.bats says. With a document that is no key set there are no keys, whatever the server still has from before.
hostile_choice() {
    local refused
    refused=$(cd "$HOSTILE/sets" && printf '%s ' *.refused)
    awk -F '\t' -v each="$1" -v refused=" $refused" '$2 != "raw" {
        split($2, part, ".")
        if (part[3] != "narrow" && part[3] != "wide") next # by a server with profiles
        reason = $6 == "-" && $5 != 200 ? "*" : $6
        if (index(refused, " " part[4] ".refused ")) reason = "no-keys"
        if (count[reason] < each && !seen[$3, reason]++) {
            count[reason]++
            print $2, $1, $3, reason
        }
    }' "$HOSTILE/table" | sort
}

# hostile_group GROUP: of the choice, by id, in cases and reasons.
hostile_group() {
    local id path site set authorization algorithms=RS256 blank=$' \t'
    IFS=. read -r _ _ site set _ <<<"$1"
    [[ $site == narrow ]] || algorithms='RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'
    site AUTH0_ISSUER=https://issuer.example.test/ 'AUTH0_API_AUDIENCE=https://api.example.test/ urn:hostile:second' \
        "AUTH0_ALGORITHMS=$algorithms" BEARER_LEEWAY=0
    install -m 644 "$HOSTILE/sets/$set.json" "$SITE/jwks.json"
    while read -r id path; do
        IFS= read -r -d '' authorization <"$HOSTILE/headers/$id" || true
        ((${#authorization} <= 17000)) || continue
        # As web servers do (RFC 9110, section 5.5).
        authorization=${authorization%"${authorization##*[!"$blank"]}"}
        agrees "$authorization" "${reasons[$id]}" "PATH_INFO=$path" || { echo "case ${cases[$id]}, id $id of $1" && failed=1; }
        asked=$((asked + 1))
    done < <(hostile_headers "$HOSTILE/$1" "${!reasons[@]}")
}

hostile() {
    local group id case reason last='' asked=0 failed=0 HOSTILE=$1
    local -A cases=() reasons=()
    "$top_builddir/hostile-mint" lighttpd "$HOSTILE" http://narrow http://wide http://profiles https://bait.example.test/ "$HOSTILE/witness"
    mkdir "$HOSTILE/headers"
    while read -r group id case reason; do
        if [[ $group != "$last" && -n $last ]]; then
            hostile_group "$last"
            cases=() reasons=()
        fi
        last=$group cases[$id]=$case reasons[$id]=$reason
    done < <(hostile_choice "$2" && echo end - - -)
    echo "$asked tokens"
    return "$failed"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    hostile "$1" "$2"
fi

# shellcheck shell=bash
# What `bearerctl explain` says beside what a worker answers. For bats: `load ../support/explain`. On its own it takes a directory to make, has the hostile
# cases made there (tests/support/hostile), compares, and prints how many tokens there were. Needs top_builddir and SITE: a directory with bearer.fcgi and
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

# hostile_headers FILE: writes each Authorization of the requests in a configuration for curl to $HOSTILE/headers/ID, and prints ID and
# path; of one with two of them, or of the good token in between, nothing.
hostile_headers() {
    mkdir -p "$HOSTILE/headers"
    LC_ALL=C awk -v out="$HOSTILE/headers/" '
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
            if (count == 1 && id !~ /\+$/) {
                printf "%s", value(header) >(out id)
                close(out id)
                print id, path
            }
        }' "$1"
}

# hostile_group FILE SITE SET: of each case and reason one variant, of each reason four; what workers make of the others, cases-*.bats says.
hostile_group() {
    local id path case reason authorization algorithms=RS256 failed=0 blank=$' \t'
    local -A rows=()
    [[ $2 == narrow ]] || algorithms='RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'
    site AUTH0_ISSUER=https://issuer.example.test/ 'AUTH0_API_AUDIENCE=https://api.example.test/ urn:hostile:second' \
        "AUTH0_ALGORITHMS=$algorithms" BEARER_LEEWAY=0
    install -m 644 "$HOSTILE/sets/$3.json" "$SITE/jwks.json"
    while IFS=$'\t' read -r id case reason; do
        rows[$id]="$case $reason"
    done < <(awk -F '\t' -v group="${1##*/}" '$2 == group { print $1 "\t" $3 "\t" ($6 == "-" && $5 != 200 ? "*" : $6) }' "$HOSTILE/table")
    while read -r id path; do
        read -r case reason <<<"${rows[$id]}"
        [[ ! -e $HOSTILE/sets/$3.refused ]] || reason=no-keys
        [[ -z ${seen["$case $reason"]-} && ${of_reason["$reason"]-0} -lt 4 ]] || continue
        IFS= read -r -d '' authorization <"$HOSTILE/headers/$id" || true
        ((${#authorization} <= 17000)) || continue
        seen["$case $reason"]=1
        of_reason["$reason"]=$((${of_reason["$reason"]-0} + 1))
        # As web servers do (RFC 9110, section 5.5).
        authorization=${authorization%"${authorization##*[!"$blank"]}"}
        agrees "$authorization" "$reason" "PATH_INFO=$path" || { echo "case $case, id $id of ${1##*/}" && failed=1; }
    done < <(hostile_headers "$1")
    return "$failed"
}

hostile() {
    local group site set failed=0 HOSTILE=$1
    local -A seen=() of_reason=()
    "$top_builddir/hostile-mint" lighttpd "$HOSTILE" http://narrow http://wide https://bait.example.test/ "$HOSTILE/witness"
    for group in "$HOSTILE"/*.*.*.*.curl; do
        IFS=. read -r _ _ site set _ <<<"${group##*/}"
        hostile_group "$group" "$site" "$set" || failed=1
    done
    echo "${#seen[@]} tokens"
    return "$failed"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    hostile "$1"
fi

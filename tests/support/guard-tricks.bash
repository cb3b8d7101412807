# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154  # names shared with guard-cases and http-cases
# Of guard-cases: ways to write a request so that a rule does not see what it is for, and doors that are open.

# Ways to write a path so that a rule does not see it and a file system does.
guard_case_tricks() {
    local who target t
    guard_tricks
    for who in none scopeless; do
        for t in 'X-Nothing: x' 'X-Original-URL: /public.txt' 'X-Rewrite-URL: /public.txt' 'X-HTTP-Method-Override: OPTIONS' 'Range: bytes=0-5' \
            'If-None-Match: *' 'If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT' 'Host: elsewhere.test' 'Bearer-Require: optional' \
            'BEARER_REQUIRE: optional' 'Bearer-Role: auto' 'Connection: close, Authorization' 'Transfer-Encoding: identity' 'Expect: 100-continue'; do
            guard_as "$who"
            options+=("header = \"$t\"")
            if [[ $t == X-Nothing* ]]; then
                guard_urls "${tricks[@]}"
            else
                guard_urls "${targets[@]}"
                [[ $who != none || " ${statuses[*]} " != *' 2'* ]] || wrong "let in with $t: ${statuses[*]}"
            fi
            guard_no_secret "path tricks with token $who and $t"
        done
        guard_as "$who"
        options+=(http1.0)
        guard_urls "${targets[@]}"
        guard_no_secret 'HTTP/1.0'
        [[ $who == none ]] || continue
        for target in "${targets[@]}"; do
            for t in "$(server_url)$target" "http://elsewhere.test$target" "http://u:p@localhost$target" "https://localhost$target" "HTTP://LOCALHOST$target"; do
                guard_as "$who"
                options+=("request-target = \"$t\"")
                guard_urls /public.txt
                guard_no_secret "$t"
            done
        done
    done
}

# guard_tricks: sets tricks and targets.
guard_tricks() {
    local target dir rest last program
    tricks=() targets=()
    [[ -z $GUARD_FILES ]] || targets+=("$GUARD_FILES/secret.txt")
    for program in $GUARD_PROGRAMS; do targets+=("${program#*:}"); done
    for target in "${targets[@]}"; do
        dir=${target#/} rest=
        if [[ $dir == */* ]]; then rest=/${dir#*/} dir=${dir%%/*}; fi
        last=${rest##*/}
        tricks+=("$target" "/$target" "//$target" "/.$target" "/%2e$target" "/x/..$target" "/x/%2e%2e$target" "/x/%2E.$target" "/public.txt/..$target"
            "/..$target" "/%2e%2e$target" "/x/..%2f$dir$rest" "/..%2f$dir$rest" "/%2f$dir$rest" "/%5c$dir$rest" "/\\$dir$rest" "/.%00$target" "/;$target" "/;x$target"
            "/$dir/$rest" "/$dir/.$rest" "/$dir/%2e$rest" "/$dir/x/..$rest" "/$dir/x/%2e%2e$rest" "/$dir%2f${rest#/}" "/$dir%2F${rest#/}" "/$dir%5c${rest#/}"
            "/$dir\\${rest#/}" "/$dir;x$rest" "/$dir;$rest" "/$dir/;x$rest" "/$dir.$rest" "/$dir%20$rest" "/$dir%00$rest" "/$dir%2e$rest" "/$dir%3b$rest" "/$dir%3f$rest"
            "/${dir^^}$rest" "/${dir^}$rest" "/%$(printf %02x "'${dir:0:1}")${dir:1}$rest" "/%$(printf %02X "'${dir:0:1}")${dir:1}$rest"
            "/%25$(printf %02x "'${dir:0:1}")${dir:1}$rest" "/%252e%252e$target" "/%c0%ae%c0%ae$target" "/%ef%bc%8f$dir$rest" "/$dir%09$rest" "/$dir%0a$rest" "/$dir%0d%0a$rest"
            "$target/" "$target." "$target%20" "$target%00" "$target%00.txt" "$target;x" "$target%3bx" "$target/x" "$target/../$last" "$target%2f" "$target::\$DATA" "$target~" "$target%09"
            "$target?" "$target?/../public.txt" "$target%3f" "${target%"$last"}${last^^}" "${target%"$last"}%$(printf %02x "'${last:0:1}")${last:1}" "${target%"$last"}./$last"
            "/x?/../$dir$rest" "/public.txt%2f..$target" "/public.txt;/..$target" "/$dir/../$dir$rest" "/$dir/../x/../$dir$rest" "/$dir/..;/$dir$rest")
    done
}
declare -ga tricks=() targets=()

# guard_door open|closed PATH: without a token.
guard_door() {
    API='' call GET "$2"
    case $1 in
        open) [[ $body == *$'\341\233\212'* ]] || wrong "$2 is not open: $http_status" ;;
        closed)
            [[ $body != *$'\341\233\212'* ]] || wrong "$2 is open"
            ((http_status >= 400)) || wrong "$2 answers $http_status"
            ;;
    esac
}

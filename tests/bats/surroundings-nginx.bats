#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2034,SC2154  # nginx's own $; names shared with guard-cases
# The shipped guard of nginx as it is shipped, and around it every directive of nginx that could change what it does (tests/surroundings/nginx.rows).
# Everything is asked once, in setup_file; the tests look at the answers. Each row is a server of its own, and in the http { } of an nginx together with
# others of its kind.

bats_require_minimum_version 1.5.0
load ../support/guard-cases
load ../support/servers-nginx
: "${top_srcdir:?}"

ROWS=$top_srcdir/tests/surroundings/nginx.rows
LIST=$top_srcdir/tests/surroundings/nginx-directives.list

guard_serve() {
    guard_backend
    _start php spawn-fcgi -n -s "$SERVER_DIR/run/php.socket" -M 0660 -u "$WORKER_USER" -- "$SERVER_DIR/bin/fcgi-show"
    _await php test -S "$SERVER_DIR/run/php.socket"
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    start_workers nginx-conf/fcgi-bearer.conf
    nginx_files 8000
}

setup_file() {
    guard_setup
    mint other --scope read:files --sub bob
    export RUN=$SERVER_DIR/run
    surround
    ask_all up
    # The same servers, which have seen good requests, without a worker.
    _stop "$SERVER_DIR/pids/workers"
    guard_await no_worker
    ask_all down
}

no_worker() { [[ -z $(guard_worker_pids) ]]; }

teardown_file() {
    # All at once: one after the other would take its time.
    cat "$FILE_SERVER"/pids/nginx-* | xargs -r kill
    guard_teardown_file
}

teardown() { :; }

# rows: prints NUMBER OUTCOME LEVELS DIRECTIVE LINES of those that are tried.
rows() {
    sed -n "s|@RUN@|$RUN|g; /^[a-z]/p" "$ROWS" | cat -n
}

# site SOCKET LEVEL LINES: sets text to the shipped server, and LINES at the level s or l.
site() {
    local more=$'    location @maintenance { return 200 "nothing to hide"; }\n    location = /mirrored { internal; return 204; }'
    [[ $2 != s ]] || more+=$'\n'"    $3"
    text=${shipped/    listen 8000;/"    listen unix:$RUN/$1;"$'\n'"$more"}
    if [[ $2 == l ]]; then
        text=${text/    # Files./"    location / {"$'\n'"    $3"$'\n'"    # Files."}$'\n'"}"
    fi
}

# instance NAME LINES: writes $SERVER_DIR/etc/NAME.conf, an nginx with LINES in its http { }.
instance() {
    _nginx_base | sed -e '/^user/d; s/^daemon off;/&\nmaster_process off;/' -e "s|run/nginx\.pid|run/$1.pid|; s|log/error\.log|log/$1.log|" \
        -e '/^ *include/d; /^ *types {/d; /^ *default_type/d; /^}/d'
    printf '%s\n' "fastcgi_cache_path $RUN/cache-$1 keys_zone=Z:1m;" "proxy_cache_path $RUN/copies-$1 keys_zone=P:1m;" \
        'limit_req_zone $server_port zone=R:1m rate=1r/m;' 'limit_conn_zone $server_port zone=C:1m;' "$2"
    cat "$SERVER_DIR/etc/conf.d/fcgi-bearer.conf"
    printf '%s\n' "include $SERVER_DIR/etc/$1.d/*.conf;" '}'
} >"$SERVER_DIR/etc/$1.conf"

# run_instance NAME SOCKET: SOCKET is the last one it makes.
run_instance() {
    as_worker touch "$SERVER_DIR/log/$1.log"
    _start "nginx-$1" setpriv --reuid="$WORKER_USER" --regid="$WORKER_GROUP" --init-groups -- \
        "$(_program nginx)" -p "$SERVER_DIR/" -e "$SERVER_DIR/log/$1.log" -c "etc/$1.conf"
    _await "nginx-$1" test -S "$RUN/$2" || { cat "$SERVER_DIR/log/nginx-$1.out" >&2 && return 1; }
}

# surround: sets the array asked to what is to be asked: a socket and who asks there.
surround() {
    local number outcome levels name lines text shipped last
    mkdir "$SERVER_DIR/etc/up.d"
    shipped=$(<"$SERVER_DIR/etc/conf.d/guarded-site.conf")
    asked=()
    while read -r number outcome levels name lines; do
        [[ $outcome != refused ]] || continue
        if [[ $levels == *s* ]]; then
            site "${number}s" s "$lines"
            echo "$text" >"$SERVER_DIR/etc/up.d/${number}s.conf"
            asked+=("${number}s good none bad scopeless other")
            last=${number}s
        fi
        if [[ $levels == *l* ]]; then
            site "${number}l" l "$lines"
            echo "$text" >"$SERVER_DIR/etc/up.d/${number}l.conf"
            asked+=("${number}l good none bad scopeless")
        fi
    done < <(rows)
    instance up ''
    run_instance up "$last"
    surround_http
}

# Of the rows for http { } as many together as have no directive in common; those that leave nothing of a site are alone.
surround_http() {
    local number outcome levels name lines text name group directives
    declare -A groups=() uses=()
    while read -r number outcome levels name lines; do
        [[ $outcome != refused && $levels == *h* ]] || continue
        directives=$(grep -o '\(^\|[;}] \)[a-z_0-9]*' <<<"$lines" | tr -cd 'a-z_0-9\n')
        for group in {1..40}; do
            group=$outcome$group
            if [[ -z ${uses[$group]-} || $outcome != shut ]] && ! grep -q -w -F -e "$directives" <<<"${uses[$group]-}"; then
                break
            fi
        done
        uses[$group]+=$directives$'\n'
        groups[$group]+=$lines$'\n'
        echo "$number $group" >>"$BATS_FILE_TMPDIR/groups"
    done < <(rows)
    for group in "${!groups[@]}"; do
        mkdir "$SERVER_DIR/etc/$group.d"
        site "$group" h ''
        echo "$text" >"$SERVER_DIR/etc/$group.d/site.conf"
        instance "$group" "${groups[$group]}"
        run_instance "$group" "$group"
        asked+=("$group good none bad scopeless other")
    done
}

# ask_all up|down: asks for everything at every socket; without workers nobody but those without a token, with a bad and with a good one. Of each answer,
# up.seen or down.seen has a line: SOCKET.KIND.WHO, status, number of challenges, the first words, whether it has a byte of a secret, whether a cache may keep
# it, whom the program was told.
ask_all() {
    local socket kind who dir=$BATS_FILE_TMPDIR/$1
    declare -A headers=([good]="$(token full)" [bad]='FastAPI is awesome' [scopeless]="$(token scopeless)" [other]="$(token other)")
    declare -A targets=([file]=/private/secret.txt [env]=/private-php/show.php [http]=/private-app/show)
    mkdir "$dir"
    while read -r socket who; do
        for who in $who; do
            [[ $1 == up || $who != scopeless && $who != other ]] || continue
            for kind in file env http; do
                printf '%s\n' next silent include path-as-is 'noproxy = "*"' 'max-time = 20' "unix-socket = \"$RUN/$socket\"" \
                    "output = \"$dir/$socket.$kind.$who\"" "url = \"http://localhost${targets[$kind]}\""
                [[ $who == none ]] || printf 'header = "Authorization: Bearer %s"\n' "${headers[$who]}"
            done
        done
    done < <(printf '%s\n' "${asked[@]}") | tail -n +2 >"$dir.config"
    curl -q -K "$dir.config" </dev/null || true
    (cd "$dir" && LC_ALL=C find . -type f -exec awk '
        FNR == 1 { put(); name = substr(FILENAME, 3); status = $2; head = 1; challenges = 0; said = told = "-"; secret = "no"; kept = "kept" }
        { sub(/\r$/, "") }
        head && /^$/ { head = 0; next }
        head && tolower($0) ~ /^www-authenticate: / { challenges++ }
        head && /^Cache-Control: .*(private|no-store)/ { kept = "private" }
        !head && /^\{"detail":"/ { said = substr($0, 12, 9); gsub(/ /, "_", said) }
        /[\200-\377]/ { secret = "secret" }
        /^(HTTP_)?BEARER_SUB=/ { told = substr($0, index($0, "=") + 1); gsub(/ /, "_", told) }
        END { put() }
        function put() { if (name != "") print name, status, challenges, said, secret, kept, told }' {} +) >"$dir.seen"
    [[ $(wc -l <"$dir.seen") -eq $(grep -c '^url' "$dir.config") ]] || { echo 'there are answers missing' >&2 && return 1; }
}

# judge LEVEL up|down: every answer at that level is right; says which is not, and whose row.
judge() {
    run -0 awk -v level="$1" -v workers="$2" '
        FILENAME ~ /groups$/ { group[$1] = $2; next }
        FILENAME ~ /seen$/ { seen[$1] = $2 " " $3 " " $4; status[$1] = $2; secret[$1] = $5; kept[$1] = $6; told[$1] = $7; next }
        $2 == "refused" || $3 !~ level { next }
        {
            socket = level == "h" ? group[$1] : $1 level
            split("file env http", kinds); split("good none bad scopeless other", everybody)
            for (k in kinds) for (w in everybody) {
                answer = socket "." kinds[k] "." everybody[w]
                if (!(answer in seen)) continue
                judged++
                if (!right($2, kinds[k], everybody[w])) print "WRONG " answer ": " seen[answer], secret[answer], kept[answer], told[answer] " with " $0
            }
        }
        function right(outcome, kind, who) {
            if (workers == "down") return secret[answer] == "no"
            if (who == "good" || who == "other") {
                if (outcome ~ /^shut/ || outcome ~ "-" kind) return 1
                return status[answer] == 200 && secret[answer] == "secret" && kept[answer] == "private" &&
                    told[answer] == (kind == "file" ? "-" : who == "other" ? "bob" : "auth0|a_b\\u00221")
            }
            if (outcome !~ /^fenced/) return secret[answer] == "no"
            return secret[answer] == "no" && seen[answer] == (who == "none" ? "401 1 Not_authe" : who == "bad" ? "401 1 The_token" : "403 1 Required:")
        }
        END { print judged + 0 }' "$BATS_FILE_TMPDIR/groups" "$BATS_FILE_TMPDIR/$2.seen" <(rows)
    echo "$output"
    # Nothing but how many.
    [[ $output =~ ^[0-9]+$ ]] && ((output > 300))
}

@test "D1: every directive of nginx has a row, which says what comes out or why it cannot matter" {
    sed -n 's/^- .*: \([a-z0-9_ ]*\)$/\1/p; s/^[a-z][a-z-]* [hsl]\+ \+\([a-z0-9_]*\) .*/\1/p' "$ROWS" | tr ' ' '\n' | sort -u >"$BATS_TEST_TMPDIR/rows"
    sed '/^#/d; s/ .*//' "$LIST" | sort -u >"$BATS_TEST_TMPDIR/list"
    (($(wc -l <"$BATS_TEST_TMPDIR/list") > 400))
    run -0 diff "$BATS_TEST_TMPDIR/list" "$BATS_TEST_TMPDIR/rows"
    run ! grep -v -E '^(#|$|- .*: [a-z0-9_ ]+$|(fenced|closed|shut|refused)(-(file|env|http))* [hsl]+ +[a-z0-9_]+ .*[;}]$)' "$ROWS"
    # What may stand at a level is tried there, and is what its row is called.
    run -0 awk 'NR == FNR { levels[$1] = levels[$1] "," $3; next }
        /^[a-z]/ { tried[$3] = tried[$3] $2; lines = $0; sub(/^[^ ]+ +[^ ]+ +[^ ]+ +/, "", lines); if (lines !~ "(^|[;{] )" $3 "[ ;]") print "not in its row: " $3 }
        END { for (name in tried) {
            if (levels[name] ~ /,http/ && tried[name] !~ /h/ || levels[name] ~ /,server/ && tried[name] !~ /s/ || levels[name] ~ /,location/ && tried[name] !~ /l/) print name
        } }' "$LIST" "$ROWS"
    [[ $output == '' ]]
}

@test "D1: around the server (http)" { judge h up; }
@test "D1: in the server" { judge s up; }
@test "D1: in a location around the guarded ones" { judge l up; }
@test "D1: without a worker there is no secret, not even after a good request (http)" { judge h down; }
@test "D1: without a worker there is no secret, not even after a good request (server)" { judge s down; }
@test "D1: without a worker there is no secret, not even after a good request (location)" { judge l down; }
@test "D1: no copy was stored" { [[ ! -e $RUN/store ]]; }

@test "D1: what the guard's or the site's own lines would contradict, nginx refuses" {
    local number outcome levels name lines text shipped count=0
    shipped=$(<"$SERVER_DIR/etc/conf.d/guarded-site.conf")
    while read -r number outcome levels name lines; do
        [[ $outcome == refused ]] || continue
        mkdir "$SERVER_DIR/etc/$number.d"
        site "$number" "$levels" "$lines"
        echo "$text" >"$SERVER_DIR/etc/$number.d/site.conf"
        instance "$number" ''
        run -1 as_worker "$(_program nginx)" -t -p "$SERVER_DIR/" -e "$SERVER_DIR/log/up.log" -c "etc/$number.conf"
        [[ $output == *"\"$name\" directive is duplicate"* ]]
        count=$((count + 1))
    done < <(rows)
    ((count > 0))
}

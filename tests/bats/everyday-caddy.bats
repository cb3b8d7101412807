#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154  # Caddy's backquotes; names shared with guard-cases and http-cases
# Caddy's guard every day, in one server: a websocket and streams with the lines of doc/streaming.md, a page of another origin with those of doc/browser.md,
# and sites that have other directives of Caddy around the shipped guard (tests/surroundings/caddy.rows).

bats_require_minimum_version 1.5.0
load ../support/guard-cases
load ../support/blocks
load ../support/browser
load ../support/doctor
load ../support/servers-caddy
load ../support/streams
: "${top_srcdir:?}"

ROWS=$top_srcdir/tests/surroundings/caddy.rows

guard_serve() {
    local etc=$SERVER_DIR/etc
    (umask 022 && mkdir -p "$SERVER_DIR/www/private-php" && touch "$SERVER_DIR/www/private-php/show.php")
    guard_backend
    _start php spawn-fcgi -n -s "$SERVER_DIR/run/php.socket" -M 0660 -u "$WORKER_USER" -- "$SERVER_DIR/bin/fcgi-show"
    _await php test -S "$SERVER_DIR/run/php.socket"
    streams_up
    free_port >"$SERVER_DIR/page-port"
    everyday_lines
    free_port >"$SERVER_DIR/doors-port"
    { surround && door_sites; } >"$etc/sites"
    start_caddy "/^\troot /r $etc/handles
        /^# The endpoints/r $etc/snippets
        \$r $etc/sites"
}

# everyday_lines: the lines of the pages, at paths of their own.
everyday_lines() {
    local etc=$SERVER_DIR/etc streams
    streams=127.0.0.1:$(<"$SERVER_DIR/log/streams-port")
    page_block streaming.md caddyfile | sed "s|/private-app|/private-stream|; s|127\.0\.0\.1:3000|$streams|" >"$etc/handles"
    [[ $(wc -l <"$etc/handles") -eq 8 ]]
    page_block browser.md caddyfile | sed "s|https://app.example.com|http://127.0.0.1:$(<"$SERVER_DIR/page-port")|" >"$etc/snippets"
    [[ $(wc -l <"$etc/snippets") -eq 13 ]]
    shipped_handle "reverse_proxy 127.0.0.1:$(<"$SERVER_DIR/backend-port")" cors "$(page_block browser.md caddyfile 2)" >>"$etc/handles"
    [[ $(grep -c 'import' "$etc/handles") -eq 3 ]]
    # The shipped lines before another application, and before a FastCGI program.
    shipped_handle "reverse_proxy $streams" shipped >>"$etc/handles"
    shipped_handle "reverse_proxy unix/$SERVER_DIR/run/events.socket {"$'\n'"transport fastcgi {"$'\n'"import bearer_params"$'\n}\n}' fcgi >>"$etc/handles"
    printf '%s\n' '(elsewhere) {' 'rewrite * /private/secret.txt' file_server '}' >>"$etc/snippets"
}

# shipped_handle WHAT NAME [LINE]: /private-NAME, guarded by the shipped lines, LINE before them, and WHAT behind.
shipped_handle() {
    sed -n '/^\thandle .private-app/,/^\t}/p' "$top_srcdir/caddy-conf/Caddyfile" |
        awk -v what="$1" -v name="$2" -v line="${3-}" '
            { sub(/private-app/, "private-" name) }
            /reverse_proxy/ { print what; next }
            /import bearer / && line != "" { print line }
            { print }'
}

# shipped_site ADDRESS BIND LEVEL LINES: the shipped site there, with these lines at this level.
shipped_site() {
    local lines=${4//;/$'\n'}
    sed -n '/^:8000 {/,/^}/p' "$top_srcdir/caddy-conf/Caddyfile" |
        sed "s|/srv/www|$SERVER_DIR/www|; s|/run/php/php-fpm.sock|$SERVER_DIR/run/php.socket|; s|127\.0\.0\.1:3000|127.0.0.1:$(<"$SERVER_DIR/backend-port")|" |
        awk -v site="$1" -v bind="$2" -v level="$3" -v lines="$lines" '
            NR == 1 { print site " {\n\tbind " bind; next }
            /import bearer_api/ { next }
            /^}/ && level == "e" { print lines }
            /^\t\t\timport bearer scope/ && level == "r" { print lines }
            /^\thandle \/private/ && level == "o" { skip = 1 }
            !skip { print }
            /^\t}/ { skip = 0 }
            /^\troot/ && (level == "s" || level == "o") { print lines }
            /^\thandle \/private/ && level == "h" { print lines }
            /^\t\t\timport bearer scope/ && level == "a" { print lines }'
}

# rows: prints NUMBER OUTCOME[:PATH] LEVEL DIRECTIVE LINES of those that are tried.
rows() {
    local user='u $2a$14$inF4Q8IUE8E4SIsOtvgKkuWP/H./iD77BudqK8aj/nIju3iEynO6a'
    sed -n "s|@PRIVATE@|$SERVER_DIR/www/private|g; s|@BACKEND@|127.0.0.1:$(<"$SERVER_DIR/backend-port")|g; s|@PHP@|$SERVER_DIR/run/php.socket|g
        s|@TOKEN@|$(token full)|; s|@USER@|$user|; s|@SECRET@|\"$(printf '\341\233\212')\"|; /^[a-z]/p" "$ROWS" | cat -n
}

# surround: prints a site for each row.
surround() {
    local number outcome level name lines
    (umask 022 && cd "$SERVER_DIR/www" && echo '{{include "/private/secret.txt"}}' >open.html && cp -r private slash)
    while read -r number outcome level name lines; do
        [[ $outcome == refused ]] || shipped_site "http://row$number.test" "unix/$SERVER_DIR/run/rows.socket" "$level" "$lines"
    done < <(rows)
}

# door_sites: prints those that doctor is shown, at 127.0.0.2 and so on.
door_sites() {
    local backend guarded port
    backend=127.0.0.1:$(<"$SERVER_DIR/backend-port") port=$(<"$SERVER_DIR/doors-port")
    guarded='{; route {; import bearer scope=read:files'
    shipped_site "http://127.0.0.2:$port" 127.0.0.2 s '@static path *.css *.txt; handle @static {; file_server; }'
    shipped_site "http://127.0.0.3:$port" 127.0.0.3 o "@get {; method GET; path /private*; }; handle @get $guarded; file_server; }; }"
    shipped_site "http://127.0.0.4:$port" 127.0.0.4 o "handle /private-app/* $guarded; reverse_proxy $backend; }; }; handle /private* {; reverse_proxy $backend; }"
    shipped_site "http://127.0.0.5:$port" 127.0.0.5 s 'header {; Cache-Control public; defer; }'
    shipped_site "http://127.0.0.6:$port" 127.0.0.6 o 'route /private* {; import bearer scope=read:files; file_server; }'
}

# ask_rows WHO...: asks all sites, and prints for each answer: NUMBER PATH WHO STATUS CHALLENGES TEXT SECRET KEPT TOLD.
ask_rows() {
    local number outcome path paths who dir=$BATS_TEST_TMPDIR/rows
    declare -A headers=([full]="$(token full)" [bad]='FastAPI is awesome' [scopeless]="$(token scopeless)")
    mkdir "$dir"
    while read -r number outcome _; do
        [[ $outcome != refused ]] || continue
        paths='/private/secret.txt /private-php/show.php /private-app/show'
        [[ $outcome != *:* ]] || paths=${outcome#*:}
        for path in $paths; do
            for who; do
                printf '%s\n' next silent include path-as-is 'noproxy = "*"' 'max-time = 20' "unix-socket = \"$SERVER_DIR/run/rows.socket\"" \
                    "output = \"$dir/$number,${path//\//+},$who\"" "url = \"http://row$number.test$path\""
                [[ $who == none ]] || printf 'header = "Authorization: Bearer %s"\n' "${headers[$who]}"
            done
        done
    done < <(rows) | tail -n +2 >"$dir.config"
    curl -q -K "$dir.config" </dev/null || true
    (cd "$dir" && LC_ALL=C find . -type f -exec awk '
        FNR == 1 { put(); name = substr(FILENAME, 3); gsub(/,/, " ", name); gsub(/\+/, "/", name); status = $2; head = 1; challenges = 0; said = told = "-"; secret = "no"; kept = "" }
        { sub(/\r$/, "") }
        head && /^$/ { head = 0; next }
        head && tolower($0) ~ /^www-authenticate: bearer / { challenges++ }
        head && /^Cache-Control: / { kept = kept $2 }
        !head && /^\{"detail":"/ { said = substr($0, 12, 9); gsub(/ /, "_", said) }
        /[\200-\377]/ { secret = "secret" }
        /^(HTTP_)?BEARER_SUB=/ { told = substr($0, index($0, "=") + 1); gsub(/ /, "_", told) }
        END { put() }
        function put() { if (name != "") print name, status, challenges, said, secret, kept == "" ? "-" : kept, told }' {} +) >"$dir.seen"
    [[ $(wc -l <"$dir.seen") -eq $(grep -c '^url' "$dir.config") ]] || { echo 'there are answers missing' >&2 && return 1; }
    rm -r "$dir"
    cat "$dir.seen"
}

setup_file() { guard_setup; }
teardown_file() { guard_teardown_file; }
teardown() { guard_teardown; }

@test "S4: a websocket, and an event stream whose first event comes before the second is sent" {
    # As it is shipped, and by the page's lines; those are for what does not say that it is a stream of events.
    streams_pass /private-shipped
    streams_pass /private-stream/plain
}

@test "S4: the events of a FastCGI program come as they are sent" {
    events_program
    events_pass /private-fcgi
}

@test "S4: a page of another origin writes JSON by PUT, after a preflight, in a real browser" {
    local port
    port=$(<"$SERVER_DIR/page-port")
    browser_install
    browser_writes /private-cors "$port" $'\341\233\212'
    # By whatever spelling.
    preflights 204 "$port" /private-cors /private-cors/x //private-cors /PRIVATE-CORS
}

# look STATUS [ARGUMENT...] URL: doctor, with the workers' configuration, and a good token for its standard input.
look() {
    local wanted=$1
    shift
    doctor_clean
    run -"$wanted" --separate-stderr as_worker "${CLEAN[@]}" "BEARER_CONFIG=$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec/bearerctl" doctor --offline "$@" <<<"$(token full)"
}

@test "D3, D13: doctor knows Caddy, and its doors are failures" {
    local port
    port=$(<"$SERVER_DIR/doors-port")
    look 0 --token - "$(server_url)/private/secret.txt"
    says ok 'is answered by Caddy (Server: Caddy)'
    says ok 'size: a token of 16 KiB arrives'
    says ok 'none is open'
    look 2 "http://127.0.0.2:$port/private/"
    says failure 'doors: /private/made-up-by-bearerctl-doctor.txt, a name that is not there: 404' 'a matcher of several paths that stands above it'
    [[ $(grep -c '^failure ' <<<"$output") == 2 ]] # .css, too
    look 2 "http://127.0.0.3:$port/private/"
    says failure 'doors: the method HEAD: 200' 'leaves something out (a method'
    look 2 "http://127.0.0.4:$port/private-app/"
    says failure 'doors: a slash more or less at the end, /private-app: 200' '/private in "/private/*"'
    look 2 --token - "http://127.0.0.5:$port/private/secret.txt"
    says failure 'Cache-Control says public'
    look 2 "http://127.0.0.6:$port/private/secret.txt"
    says failure 'without a token: 200, everybody is let in' 'the page in doc/'
}

# judge ROWS ANSWERS: prints what is not as the rows say.
judge() {
    awk '
        NR == FNR { split($2, o, ":"); outcome[$1] = o[1]; row[$1] = $0; next }
        { is = outcome[$1]; asked[$1]++ }
        $7 == "secret" && $3 == "none" { out[$1]++ }
        is == "open" || is == "failing" && down { next }
        $7 == "secret" && ($3 != "full" || down) { bad("a secret"); next }
        down { next }
        is == "shut" { next }
        $3 == "full" && $7 != "secret" { bad("no secret for the good one"); next }
        is == "closed" { next }
        $3 == "full" && ($4 != 200 || $8 != "private" || $9 != "-" && $9 != "auth0|a_b\\u00221") { bad("not what is its") }
        $3 == "none" && $4 $5 $6 != "4011Not_authe" { bad("not the denial") }
        $3 == "bad" && $4 $5 $6 != "4011The_token" { bad("not the denial") }
        $3 == "scopeless" && $4 $5 $6 != "4031Required:" { bad("not the denial") }
        function bad(what) { print what ": " $0 " of " row[$1] }
        END {
            for (n in row) {
                if (outcome[n] != "refused" && !asked[n]) print "not asked: " row[n]
                if (((outcome[n] == "open" && !down) || (outcome[n] == "failing" && down)) && !out[n]) print "not open: " row[n]
            }
        }' "$1" down="${down-}" "$2"
}

refused_rows() {
    local number outcome level name lines caddy file=$SERVER_DIR/etc/refused
    while read -r number outcome level name lines; do
        [[ $outcome == refused ]] || continue
        { sed '/^# The endpoints/,$d' "$top_srcdir/caddy-conf/Caddyfile" && shipped_site http://localhost 127.0.0.1 "$level" "$lines"; } | (umask 022 && cat >"$file")
        _caddy_command adapt --config "$file"
        run -1 "${caddy[@]}"
        [[ $output == *"$name"* ]] || wrong "row $number is refused for something else: $output"
    done < <(rows)
}

@test "D1: other directives of Caddy around the guard: each row is fenced, closed or an open door, as it says" {
    rows >"$BATS_TEST_TMPDIR/table"
    ask_rows none bad scopeless full >"$BATS_TEST_TMPDIR/up"
    run -0 judge "$BATS_TEST_TMPDIR/table" "$BATS_TEST_TMPDIR/up"
    same 'what is not as the table says' '' "$output"
    refused_rows
    # Nobody answers for the guard: that lets nobody in, but where errors do.
    _stop "$SERVER_DIR/pids/workers"
    ask_rows none full >"$BATS_TEST_TMPDIR/down"
    down=1 run -0 judge "$BATS_TEST_TMPDIR/table" "$BATS_TEST_TMPDIR/down"
    same 'what is not as the table says, without workers' '' "$output"
    look 2 "$(server_url)/private/secret.txt"
    says failure 'without a token: 502' 'where reverse_proxy in the snippets (bearer...) says'
}

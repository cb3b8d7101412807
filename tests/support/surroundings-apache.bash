# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # Apache's names; those shared with guard-cases and servers-apache-guard
# An Apache with a guard in each of hundreds of surroundings, one for each row and level of tests/surroundings/apache.rows: `load
# ../support/surroundings-apache` after servers-apache-guard.
#
#   surroundings_start KIND   starts it: case N is below /cN, that of a virtual host has the name cN.test besides. Sets SURROUNDINGS_CASES, lines of
#                             N, level, directives, value, what a good token gets; separated by tabs
#   surroundings_complete     fails with a list of the directives that no case tries as it should
#   surroundings_try          asks every case for everything as everybody, and fails with a list of what came out wrong
#   surroundings_stopped      ends the workers, for good, and fails if a secret comes of any case then
#   surroundings_ask WHO      asks every case with that token (guard_as): answers in $BATS_TEST_TMPDIR/WHO/CASE.TARGET.head, .body and
#                             the file statuses there, lines of CASE.TARGET STATUS
: "${top_srcdir:?}" "${SERVER_DIR=}"

SURROUNDINGS_ROWS=$top_srcdir/tests/surroundings/apache.rows

# surroundings_cases KIND: prints them. Behind them one for each level with all of its values that a good token survives.
surroundings_cases() {
    awk -F ' *[|] *' -v kind="$1" '
        /^#/ || /^ *$/ || $2 ~ /^-/ { next }
        # What the server has no module for with this guard.
        kind != "authnz" && /AuthnzFcgi/ || kind == "authnz" && /^(Fcgid|FastCgi)/ { next }
        {
            if (split($4, good, /; folder /) > 1) $4 = good[kind == "folder" ? 2 : 1]
            for (i = 1; i <= length($2); i++) {
                level = substr($2, i, 1)
                # In a row with both, each kind of guard is tried in what it is not made of itself. All at once there is each.
                if ($2 ~ /d/ && $2 ~ /h/ && level == (kind == "folder" ? "d" : "h")) skip = 1
                else skip = kind == "folder" && $2 ~ /h/ && level ~ /[fl]/
                if (!skip) printf "%d\t%s\t%s\t%s\t%s\n", ++n, level, $1, $3, $4
                if ($4 == "200" && $3 !~ /^Cache|^AllowOverride/) all[level] = all[level] (all[level] == "" ? "" : " ;; ") $3
            }
        }
        END {
            for (i = 1; i <= 4; i++) {
                level = substr("dhLv", i, 1)
                printf "%d\t%s\tall at once\t%s\t*\n", ++n, level, all[level]
            }
        }' "$SURROUNDINGS_ROWS"
}

# surroundings_complete: fails with a list of the directives of apache-directives.list that the cases leave out: all that have a row have to be in the
# value of each case of it, and have a case at each level where Apache takes them, unless a row says why not.
surroundings_complete() {
    local kind
    {
        for kind in fcgid authnz folder; do surroundings_cases "$kind"; done
        awk -F ' *[|] *' '!/^#/ && $2 ~ /^-/ { print "none\t" $2 "\t" $1 "\t" $3 }' "$SURROUNDINGS_ROWS"
    } | awk -F '\t' -v list="${SURROUNDINGS_ROWS%.rows}-directives.list" '
        function wrong(text) {
            if (!(text in said)) print text
            said[text]
        }
        BEGIN {
            while ((getline entry < list) > 0) {
                split(entry, part, " ")
                allowed[part[1]] = allowed[part[1]] "," part[3]
            }
        }
        $3 == "all at once" { next }
        $1 == "none" && $4 == "" { wrong($3 ": no reason") }
        {
            split("", within)
            count = split(tolower($4), line, / *;; */)
            for (i = 1; i <= count; i++) {
                sub(/^</, "", line[i])
                sub(/[ >].*/, "", line[i])
                within[line[i]]
            }
            count = split($3, name, " ")
            for (i = 1; i <= count; i++) {
                if ($1 != "none" && !(tolower(name[i]) in within)) wrong(name[i] ": not in its value: " $4)
                if ($2 == "-") none[name[i]]
                else levels[name[i]] = levels[name[i]] $2
            }
        }
        END {
            for (one in levels) {
                if (one in none) wrong(one ": is tried, and said not to matter")
                if (allowed[one] ~ /server/ && levels[one] !~ /v/) wrong(one ": not tried outside of sections (level v)")
                if (allowed[one] ~ /section/ && levels[one] !~ /[dfilL]/) wrong(one ": not tried in a section (levels d, f, i, l, L)")
                if (allowed[one] ~ /htaccess/ && levels[one] !~ /h/) wrong(one ": not tried in .htaccess (level h)")
            }
            for (text in said) exit 1
        }' >&2
}

surroundings_start() {
    local kind=$1
    export SURROUNDINGS_CASES=$SERVER_DIR/etc/cases
    surroundings_cases "$kind" >"$SURROUNDINGS_CASES"
    _surroundings_site
    cp "$SERVER_DIR/etc/bearer.env" "$SERVER_DIR/libexec"
    guard_backend
    _start php spawn-fcgi -n -s "$SERVER_DIR/run/php.socket" -M 0666 -- "$SERVER_DIR/bin/fcgi-show"
    [[ $kind != folder ]] || more='' _guarded_folder
    [[ $kind != authnz ]] || start_authnz_workers
    _surroundings_files "$kind"
    { _surroundings_extra "$kind" && _surroundings_doors "$kind"; } >"$SERVER_DIR/etc/extra.conf"
    _start_on_a_port _surroundings_apache "$kind"
}

# The secrets, and an open program that says 200 to everything.
_surroundings_site() (
    umask 022
    cd "$SERVER_DIR/www" || exit
    cp "$top_srcdir/tests/support/show-env.sh" private/show.cgi
    mkdir open
    printf '#!/bin/sh\nprintf "Status: 200\\r\\nContent-Type: text/plain\\r\\n\\r\\nopen\\n"\n' >open/200.cgi
    chmod 755 private/show.cgi open/200.cgi
)

# The folders of all cases, and $SERVER_DIR/etc/cases.conf with what is before and behind the guard in each, which is as it is shipped but for the paths.
_surroundings_files() {
    local kind=$1 guard=$SERVER_DIR/etc/guard.conf
    : >"$guard"
    [[ $kind == folder ]] || _guard_shipped "apache-conf/$(_apache_guard_file "$kind")" 80 >"$SERVER_DIR/etc/whole.conf"
    [[ $kind == folder ]] || sed -n '/^<Directory /,/^<\/Directory>/p; /^<Location "\/app">/,/^<\/Location>/p' "$SERVER_DIR/etc/whole.conf" >"$guard"
    (
        umask 022
        cd "$SERVER_DIR/www" || exit
        cut -f 1 "$SURROUNDINGS_CASES" | sed 's|.*|c&/private|' | xargs mkdir -p
        for dir in c*/private; do echo "$dir"; done | xargs -n 1 cp -p private/secret.txt private/show.cgi
        [[ $kind != folder ]] || for dir in c*/private; do echo "$dir"; done | xargs -n 1 cp -p private/.htaccess
        awk -F '\t' -v www="$SERVER_DIR/www" -v guard="$guard" '
            function section(first, last) { print first; print value; print last }
            BEGIN { while ((getline line < guard) > 0) shipped = shipped line "\n" }
            {
                n = $1; level = $2; value = $4; dir = www "/c" n
                gsub(/@@/, dir, value); gsub(/@/, "/c" n, value); gsub(/ *;; */, "\n", value)
                if (level == "d") section("<Directory \"" dir "\">", "</Directory>")
                if (level == "f") section("<Directory \"" dir "\">\n<Files \"*\">", "</Files>\n</Directory>")
                if (level == "i") section("<Directory \"" dir "\">\n<If \"true\">", "</If>\n</Directory>")
                if (level == "l") section("<Location \"/c" n "\">", "</Location>")
                if (level == "h") { file = dir "/.htaccess"; print value > file; close(file) }
                text = shipped
                gsub(www "/private", dir "/private", text); sub(/"\/app"/, "\"/c" n "/app\"", text)
                printf "%s", text
                if (level == "L") section("<Location \"/c" n "\">", "</Location>")
                if (level == "v") section("<VirtualHost *:${FB_PORT}>\nServerName c" n ".test", "</VirtualHost>")
            }' "$SURROUNDINGS_CASES" >"$SERVER_DIR/etc/cases.conf"
    )
}

# _surroundings_extra KIND: guards in guards, a whole site, programs behind internal redirects, rules that hand on the token.
_surroundings_extra() {
    local kind=$1 name private=$SERVER_DIR/www/private backend
    backend=http://127.0.0.1:$(<"$SERVER_DIR/backend-port")
    (
        umask 022
        cd "$SERVER_DIR/www" || exit
        mkdir -p whole
        cp -p private/secret.txt whole
        for name in later plain nested nested/private/inner optional programs loose tight both; do
            mkdir -p "$name/private"
            cp -p private/secret.txt private/show.cgi "$name/private"
        done
        mv nested/private/inner/private/* nested/private/inner
        mkdir programs/private/{front,fallback,index,views,missing,rules}
        for name in programs/private/*/; do cp -p private/show.cgi "$name"; done
        cp -p private/show.cgi programs/private/views/page.cgi
        cp -p "$SERVER_DIR/bin/fcgi-show" programs/private/show.fcgi
        cp -p "$SERVER_DIR/bin/fcgi-show" programs/private/front/show.fcgi
        echo '<?php' | tee programs/private/show.php programs/private/{front,fallback,index}/index.php >programs/private/front/show.php
        printf '%s\n' '#!/bin/sh' 'printf "%b" "Content-Type: text/plain\r\nCache-Control: $QUERY_STRING\r\n\r\nx"' >programs/private/says.cgi
        # An internal redirect by the program before.
        printf '%s\n' '#!/bin/sh' 'printf "%b" "Location: /programs/private/show.cgi\r\n\r\n"' >programs/private/local.cgi
        chmod 755 programs/private/{says,local}.cgi
        # As the tutorials have it, for programs that want to see the token.
        printf '%s\n' 'RewriteEngine On' 'RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]' 'RewriteCond %{REQUEST_FILENAME} !-f' \
            'RewriteCond %{REQUEST_FILENAME} !-d' 'RewriteRule . /open/token.cgi [L]' 'SetEnvIf Authorization (.+) HTTP_AUTHORIZATION=$1' >programs/.htaccess
        cp -p private/show.cgi open/token.cgi
        for name in later plain nested optional programs loose tight both; do
            [[ $kind != folder ]] || cp -p private/.htaccess "$name/private"
        done
        [[ $kind != folder ]] || sed 's/read:files/write:files/' private/.htaccess >nested/private/inner/.htaccess
        for name in loose tight both; do
            [[ $kind != folder ]] || sed 's/=scope=read:files/=optional/' private/.htaccess >"$name/private/.htaccess"
        done
    )
    if [[ $kind != folder ]]; then
        for name in later plain nested optional programs; do
            sed -n '/^<Directory /,/^<\/Directory>/p' "$SERVER_DIR/etc/guard.conf" | sed "s|$private|$SERVER_DIR/www/$name/private|"
        done
        sed -n '/^<Directory /,/^<\/Directory>/p' "$SERVER_DIR/etc/guard.conf" | sed "s|$private|$SERVER_DIR/www/nested/private/inner|; s/read:files/write:files/"
        for name in loose tight both; do
            sed -n '/^<Directory /,/^<\/Directory>/p' "$SERVER_DIR/etc/guard.conf" | sed "s|$private|$SERVER_DIR/www/$name/private|; s/=scope=read:files/=optional/"
        done
        sed -n '/^<Location /,/^<\/Location>/p' "$SERVER_DIR/etc/guard.conf" | sed '/ProxyPass /d; s|"/app"|"/later"|; s/read:files/write:files/'
        printf '%s\n' '<VirtualHost *:${FB_PORT}>' 'ServerName whole.test' 'DocumentRoot "${FB_DIR}/www/whole"'
        sed -n '/^<Location /,/^<\/Location>/p' "$SERVER_DIR/etc/guard.conf" | sed '/ProxyPass /d; s|"/app"|"/"|'
        printf '%s\n' '</VirtualHost>' '<VirtualHost *:${FB_PORT}>' 'ServerName proxied.test'
        sed -n '/^<Location /,/^<\/Location>/p' "$SERVER_DIR/etc/guard.conf" | sed "s|ProxyPass .*|ProxyPass \"$backend/\"|; s|\"/app\"|\"/\"|"
        # In a virtual host it has to be said again behind such a section.
        sed -n '/^<Location "\/bearer-denied">/,/^<\/Location>/p' "$SERVER_DIR/etc/whole.conf"
        printf '%s\n' '</VirtualHost>'
    fi
    printf '%s\n' '<Location "/plain">' 'SetEnvIf Request_URI ^ "BEARER_REQUIRE=valid-token"' '</Location>' \
        '<Location "/optional">' 'SetEnvIf Request_URI ^ "BEARER_REQUIRE=optional"' '</Location>' \
        '<Location "/tight">' 'SetEnvIf Request_URI ^ "BEARER_REQUIRE=scope=read:files"' '</Location>' \
        '<Location "/both">' "SetEnvIf Request_URI ^ \"BEARER_REQUIRE=permission='a b' optional\"" '</Location>' \
        '<Directory "${FB_DIR}/www/programs">' 'Options +FollowSymLinks' '</Directory>' '<Directory "${FB_DIR}/www/programs/private">' 'Options +ExecCGI' 'AddHandler cgi-script .cgi' '<IfModule mod_fcgid.c>' 'AddHandler fcgid-script .fcgi' '</IfModule>' \
        '<FilesMatch "\.php$">' 'SetHandler "proxy:unix:${FB_DIR}/run/php.socket|fcgi://localhost"' '</FilesMatch>' '</Directory>' \
        '<Directory "${FB_DIR}/www/programs/private/front">' 'RewriteEngine On' 'RewriteRule "^(cgi|php|fcgi)/" "show.$1"' '</Directory>' \
        '<Directory "${FB_DIR}/www/programs/private/fallback">' 'FallbackResource /programs/private/fallback/index.php' '</Directory>' \
        '<Directory "${FB_DIR}/www/programs/private/index">' 'DirectoryIndex index.php' '</Directory>' \
        '<Directory "${FB_DIR}/www/programs/private/views">' 'Options +MultiViews' 'MultiviewsMatch Any' '</Directory>' \
        '<Directory "${FB_DIR}/www/programs/private/missing">' 'ErrorDocument 404 /programs/private/missing/show.cgi' '</Directory>'
}

# _surroundings_doors KIND: what the page says opens the door. Names below localhost are this machine's for doctor, too.
_surroundings_doors() {
    local name backend private=$SERVER_DIR/www/private
    backend=http://127.0.0.1:$(<"$SERVER_DIR/backend-port")
    (
        umask 022
        mkdir -p "$SERVER_DIR"/www/doors/private/{location,below,require}
        for name in location below require; do cp -p "$private/secret.txt" "$SERVER_DIR/www/doors/private/$name"; done
        printf '%s\n' '<If "true">' 'Satisfy Any' 'Require all granted' '</If>' >"$SERVER_DIR/www/doors/private/below/.htaccess"
        [[ $1 != folder ]] || cp -p "$private/.htaccess" "$SERVER_DIR/www/doors/private"
    )
    [[ $1 != folder ]] || printf '%s\n' '<VirtualHost *:${FB_PORT}>' 'ServerName named.localhost' 'AccessFileName .other' '</VirtualHost>'
    if [[ $1 != folder ]]; then
        sed -n '/^<Directory /,/^<\/Directory>/p' "$SERVER_DIR/etc/guard.conf" | sed "s|$private|$SERVER_DIR/www/doors/private|"
        sed -n '/^<Location /,/^<\/Location>/p' "$SERVER_DIR/etc/guard.conf" | sed '/ProxyPass /d; s|"/app"|"/located"|'
        printf '%s\n' '<VirtualHost *:${FB_PORT}>' 'ServerName aliased.localhost' 'Alias /located "${FB_DIR}/www/whole"' 'Alias /also "${FB_DIR}/www/whole"' \
            "ProxyPass /other $backend" '</VirtualHost>'
        for name in slashes:'MergeSlashes Off' on:'AllowEncodedSlashes On' nodecode:'AllowEncodedSlashes NoDecode'; do
            printf '%s\n' '<VirtualHost *:${FB_PORT}>' "ServerName ${name%:*}.localhost" "${name#*:}" "ProxyPass / $backend/" '</VirtualHost>'
        done
    fi
    printf '%s\n' '<VirtualHost *:${FB_PORT}>' 'ServerName early.localhost' "RequestHeader set Authorization \"Bearer $(token full)\" early" '</VirtualHost>' \
        '<Location "/doors/private/location">' '<If "true">' 'Satisfy Any' 'Require all granted' '</If>' '</Location>' \
        '<Directory "${FB_DIR}/www/doors/private/below">' 'AllowOverride All' '</Directory>' \
        '<Directory "${FB_DIR}/www/doors/private/require">' '<If "true">' 'SetEnvIf Request_URI ^ "BEARER_REQUIRE=valid-token"' '</If>' '</Directory>'
}

# _surroundings_apache PORT KIND
_surroundings_apache() {
    local before more=$SURROUNDINGS_BEHIND
    before=$(_surroundings_modules)
    [[ $2 == folder ]] || _guard_shipped "apache-conf/$(_apache_guard_file "$2")" "$1" >"$SERVER_DIR/etc/apache.d/shipped.conf"
    printf '%s\n' "$before" >"$SERVER_DIR/etc/apache.d/before.conf"
    printf '%s\n' "$more" >"$SERVER_DIR/etc/apache.d/z-more.conf"
    _apache_guard_command "$1" "$2"
    _start server "${apache[@]}" -D FOREGROUND
}

# What the rows name. Those that the other files load are in a server once.
_surroundings_modules() {
    local module
    for module in authn_anon authn_file auth_basic auth_form socache_shmcb request session session_cookie allowmethods ssl dav dav_fs cache cache_disk cache_socache file_cache \
        expires include negotiation autoindex actions userdir vhost_alias speling status asis imagemap filter deflate substitute cern_meta \
        reflector usertrack remoteip info; do
        printf '<IfModule !mod_%s.c>\nLoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n</IfModule>\n' "$module" "$module" "$module"
    done
    printf '%s\n' 'SetEnv ap_trust_cgilike_cl yes' '<Directory "${FB_DIR}/www">' 'AllowOverride All' '</Directory>' '<Directory "${FB_DIR}/www/open">' 'Options +ExecCGI' \
        'AddHandler cgi-script .cgi' 'Require all granted' '</Directory>' '<DirectoryMatch "/www/c[0-9]+/private">' 'Options +ExecCGI' 'AddHandler cgi-script .cgi' '</DirectoryMatch>'
}

# mod_fcgid would wait for seconds before it tries again to start a worker that is not there. Names without a virtual host of their own are those of
# the first one.
SURROUNDINGS_BEHIND='<IfModule mod_fcgid.c>
FcgidSpawnScoreUpLimit 1000000
FcgidMaxProcessesPerClass 1000
FcgidErrorScanInterval 1
</IfModule>
<VirtualHost *:${FB_PORT}>
ServerName localhost
</VirtualHost>
Include "${FB_DIR}/etc/cases.conf"
Include "${FB_DIR}/etc/extra.conf"'

surroundings_ask() {
    local who=$1 dir=$BATS_TEST_TMPDIR/$1 n level rest target port first=1
    port=$(<"$SERVER_DIR/port")
    rm -rf "$dir"
    mkdir "$dir"
    guard_as "${who%-*}"
    while IFS=$'\t' read -r n level rest; do
        case $who in
            none-again) [[ $level == v || $rest == Cache* ]] || continue ;;
            none-cached) [[ $rest == Cache* ]] || continue ;;
        esac
        for target in $SURROUNDINGS_TARGETS; do
            [[ -n $first ]] || echo next
            first=
            printf '%s\n' silent 'noproxy = "*"' 'max-time = 60' "write-out = \"c$n.${target##*/} %{http_code}\\n\"" "dump-header = \"$dir/c$n.${target##*/}.head\"" \
                "output = \"$dir/c$n.${target##*/}.body\"" "url = \"http://127.0.0.1:$port/c$n/$target\""
            [[ $level != v ]] || echo "header = \"Host: c$n.test\""
            printf '%s\n' "${options[@]}"
        done
    done <"$SURROUNDINGS_CASES" >"$dir/config"
    curl -q "${at_once[@]}" -K "$dir/config" </dev/null >"$dir/statuses" || true
}

declare -ga at_once=()

# surroundings_came WHO...: prints what came of each request, a line: WHO CASE.TARGET STATUS; and WHO CASE.TARGET secret (or metadata) where octets of a
# secret (metadata of a file) came along. A program judges them, as there are thousands.
surroundings_came() {
    local who
    for who; do
        sed "s/^/$who /" "$BATS_TEST_TMPDIR/$who/statuses"
        (
            cd "$BATS_TEST_TMPDIR/$who" || exit
            LC_ALL=C grep -r -l -a -P '[\x80-\xff]' --include='*.head' --include='*.body' . | sed "s|^\./|$who |; s|\.[a-z]*$| secret|"
            grep -r -l -a -i -E '^(etag|last-modified|accept-ranges|content-range):' --include='*.head' . | sed "s|^\./|$who |; s|\.[a-z]*$| metadata|"
        )
    done
}

# surroundings_stopped: nobody gets an octet while there is no worker, with the good token neither. mod_fcgid still waits a second or more for each
# answer: many are asked for at once.
surroundings_stopped() {
    local at_once=(--silent --parallel --parallel-max 50)
    guard_remove_workers
    surroundings_ask full
    # Who has no token can be answered by a cache alone.
    surroundings_ask none-cached
    surroundings_came full none-cached | awk -v kind="$kind" '
        $3 ~ /^[0-9]+$/ { asked++; of[substr($3, 1, 1)]++ }
        $3 == "000" { print kind ": no worker, token " $1 ", " $2 ": no answer"; failed = 1 }
        $3 == "secret" { print kind ": no worker, token " $1 ", " $2 ": A SECRET CAME"; failed = 1 }
        END {
            # The others have pages of their own for errors.
            if (asked < 200 || of[5] < asked * 0.8) print kind ": no worker: of " asked " answers only " of[5] + 0 " say so"
            exit failed || asked < 200 || of[5] < asked * 0.8
        }' >&2
}

surroundings_try() {
    local who came=$BATS_TEST_TMPDIR/came asked=(none full none-again bad scopeless)
    # What a cache would keep of an answer to the good one is asked for again.
    for who in "${asked[@]}"; do surroundings_ask "$who"; done
    surroundings_came "${asked[@]}" >"$came"
    awk -F '\t' -v targets="$SURROUNDINGS_TARGETS" -v came="$came" '
        function wrong(who, target, text) {
            printf "case %s, level %s, %s: token %s: %s: %s\n  %s\n", $1, $2, $3, who, target, text, $4
            failed = 1
        }
        BEGIN {
            while ((getline line < came) > 0) {
                split(line, part, " ")
                if (part[3] ~ /^[0-9]+$/) status[part[1], part[2]] = part[3]
                else with[part[1], part[2], part[3]]
            }
            count = split(targets, target, " ")
            people = split("none none-again bad scopeless", who, " ")
        }
        {
            split($5, good, " ")
            for (i = 1; i <= count; i++) {
                name = target[i]
                sub(/.*\//, "", name)
                name = "c" $1 "." name
                expected = good[2] == "" ? good[1] : good[i]
                if (expected != "*" && status["full", name] != expected) wrong("full", target[i], "got " status["full", name] ", not " expected)
                if (expected == "200" && !(("full", name, "secret") in with)) wrong("full", target[i], "no secret came")
                for (j = 1; j <= people; j++) {
                    if (who[j] == "none-again" && $2 != "v" && $3 !~ /^Cache/) continue
                    if (!((who[j], name) in status) || status[who[j], name] == "000") wrong(who[j], target[i], "no answer")
                    if ((who[j], name, "secret") in with) wrong(who[j], target[i], "A SECRET CAME, " status[who[j], name])
                    if (expected == "200" && (who[j], name, "metadata") in with) wrong(who[j], target[i], "metadata of a file came")
                }
            }
            cases++
        }
        END { exit failed || cases < 100 }' "$SURROUNDINGS_CASES" >&2
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The zip for shared hosts, in a root directory that holds nothing but what is in it and a static shell; and on a real Apache.

# shellcheck disable=SC2154,SC2016 # run sets $output and $stderr; awk's own $
bats_require_minimum_version 1.5.0
export API=/api/bearer.fcgi
load ../support/http-cases
load ../support/bundle
load ../support/servers-apache-guard
: "${top_srcdir:?}" "${top_builddir:?}" "${http_status=}" "${body=}"

# The name that ca_cert --wrong-name makes a certificate for. Not localhost: that one libcurl knows by itself.
HOST=elsewhere.test

setup_file() {
    bundle_make "$BATS_FILE_TMPDIR"
}

# An issuer at that name, a token of it, and the bundle, whose keys come from there over HTTPS.
setup() {
    local port
    ((EUID == 0)) || die 'this needs root'
    server_dir
    KEYS=$SERVER_DIR/keys
    start_keys_server "$KEYS"
    ca_cert "$KEYS/ca" server --wrong-name
    stop_keys_server "$KEYS"
    resume_keys_server "$KEYS"
    port=$(<"$KEYS/port")
    TOKEN=$(issuer_run token "$KEYS" --aud "$AUDIENCE")
    bare_root
    SETTINGS=("AUTH0_ISSUER=$(<"$KEYS/issuer")" "AUTH0_API_AUDIENCE=$AUDIENCE" "BEARER_JWKS_URI=https://$HOST:$port/.well-known/jwks.json")
    echo "127.0.0.1 $HOST" >"$SERVER_DIR/root/etc/hosts"
    install -m 644 "$KEYS/ca.pem" "$SERVER_DIR/root/etc/ca.pem"
    bare_settings "${SETTINGS[@]}" BEARER_CA_FILE=/etc/ca.pem
}

teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || { printf '%s\n' "${output-}" "${stderr-}" "--- the log:" && server_log; } >&2
    server_remove
}

payload() {
    local part
    part=$(cut -d. -f2 <<<"$TOKEN" | tr -- '-_' '+/')
    while ((${#part} % 4)); do part+='='; done
    base64 -d <<<"$part"
}

# answers WAY: by that way (bare_cgi, bare_fcgi) all is answered as it should be, and the keys are fetched once for it.
answers() {
    "$1" GET /public
    answer 200 "$PUBLIC_BODY"
    "$1" GET /private
    denied 401 'Not authenticated'
    same fetches 0 "$(keys_fetches "$KEYS")"
    "$1" GET /private "HTTP_AUTHORIZATION=Bearer $TOKEN"
    answer 200 "$(payload)"
    "$1" GET /private "HTTP_AUTHORIZATION=Bearer $TOKEN"x
    same status 401 "$http_status"
    same fetches 1 "$(keys_fetches "$KEYS")"
}

# only_bundle PID FOLDER: that process is the bundle's loader, and no file but those of its lib/ is mapped.
only_bundle() {
    [[ $(readlink "/proc/$1/exe") == *"$2/lib/ld-linux"* ]]
    run -0 awk '$6 ~ "^/" { print $6 }' "/proc/$1/maps"
    [[ $output == *"/lib/libc.so."* ]]
    run ! grep -v "^.*$2/lib/[^/]*\$" <<<"$output"
}

@test "the zip is the same whenever it is made; sorted, with the time of a commit, and modes that work" {
    local names time executable
    # A zip's times are even seconds; zip rounds up.
    time=$(($("$top_srcdir/build-aux/source-time.sh") + 1)) time=$((time / 2 * 2))
    mkdir "$BATS_TEST_TMPDIR/again"
    bundle_make "$BATS_TEST_TMPDIR/again"
    cmp "$BATS_FILE_TMPDIR"/fcgi-bearer-*.zip "$BATS_TEST_TMPDIR"/again/fcgi-bearer-*.zip
    run -0 zipinfo -l "$BATS_TEST_TMPDIR"/again/fcgi-bearer-*.zip
    names=$(awk '/^[-d]/ { print $1, $8 "-" $9, $NF }' <<<"$output")
    run ! grep -v " $(date -u -d "@$time" '+%y-%b-%d-%H:%M') \(api\|guarded-folder\)/" <<<"$names"
    [[ $(cut -d' ' -f3 <<<"$names") == "$(cut -d' ' -f3 <<<"$names" | LC_ALL=C sort)" ]]
    executable=$(grep '^-rwxr-xr-x' <<<"$names" | cut -d' ' -f3 | tr '\n' ' ')
    [[ $executable == 'api/bearer.fcgi api/bearerctl api/lib/ld-linux'*([! ])' guarded-folder/bearer/bearer.fcgi guarded-folder/bearer/bearerctl guarded-folder/bearer/lib/ld-linux'*([! ])' ' ]]
    run ! grep -v '^-rwxr-xr-x \|^-rw-r--r-- ' <<<"$names"
}

@test "what README names is there; each package has its licence, and each licence that one refers to" {
    local file
    cd "$SERVER_DIR/root/api"
    rm bearer.env
    # shellcheck disable=SC2013  # words
    for file in $(sed -n 's/^ *chmod [0-7]* \([^;(]*\).*/\1/p' README | sed 's/bearer\.env//'); do
        # shellcheck disable=SC2086  # a pattern
        ls -d $file
    done
    (($(wc -l <README) <= 50))
    run ! grep -r @ README bearer.fcgi crontab.example
    [[ $(sed -n '2,$s/ .*//p' licenses/PACKAGES) == *libc6*libcurl3*gnutls*libfcgi*libgnutls30*libjson-c5* ]]
    while read -r file _; do
        [[ -s licenses/$file ]]
    done < <(sed 1d licenses/PACKAGES)
    for file in GPL-3 LGPL-2.1 LGPL-3; do
        [[ -s licenses/common-licenses/$file ]]
    done
    cmp licenses/fcgi-bearer "$top_srcdir/LICENSE"
    cmp .htaccess "$top_srcdir/apache-conf/shared-hosting/.htaccess"
    grep -q '^api/ .* guarded-folder/ ' README
}

@test "S6: guarded-folder/ is the one of the tree, with the programs and libraries of api/; what its README names is there" {
    local file words
    cd "$SERVER_DIR/root/guarded-folder"
    for file in .htaccess README bearer.env.example bearer/.htaccess; do
        cmp "$file" "$top_srcdir/apache-conf/guarded-folder/$file"
    done
    [[ $(find . -maxdepth 2 -printf '%P\n' | sort | tr '\n' ' ') == ' .htaccess README bearer bearer.env.example bearer/.htaccess bearer/bearer.fcgi bearer/bearerctl bearer/lib ' ]]
    for file in bearer.fcgi bearerctl lib; do
        diff -r "bearer/$file" "../api/$file"
    done
    words=$(grep -oE 'chmod [0-7]+ [^;()]*' README | cut -d' ' -f3-)
    [[ $words == *bearer.fcgi*.htaccess*'lib/*'*ld-linux* ]]
    cd bearer
    # shellcheck disable=SC2086  # patterns
    ls -d $words
}

@test "in a bare root, as plain CGI" {
    answers bare_cgi
    # What is for a stranger to say is no argument of the program.
    run ! grep -r 'takes no argument\|fcgi-bearer' "$BATS_TEST_TMPDIR/head"
}

@test "in a bare root, as FastCGI: nothing is loaded but what is in the bundle" {
    bare_worker
    answers bare_fcgi
    only_bundle "$(<"$SERVER_DIR/pids/worker")" "$SERVER_DIR/root/api"
    same 'names in the cache' 2 "$(find "$SERVER_DIR/root/home/cache" -type f | wc -l)"
}

@test "without /proc, too" {
    local -x proc=noproc
    # The sanitizers cannot do without.
    if grep -q __asan_init "$top_builddir/bearer.fcgi"; then
        proc=proc
    fi
    answers bare_cgi
    rm -r "$SERVER_DIR/root/home/cache"
    bare_worker
    bare_fcgi GET /private "HTTP_AUTHORIZATION=Bearer $TOKEN"
    answer 200 "$(payload)"
    same fetches 2 "$(keys_fetches "$KEYS")"
}

@test "by a real answer of a name server; modules that nsswitch.conf names are not missed, and not touched where they are" {
    local address module dir libraries
    rm "$SERVER_DIR/root/etc/hosts"
    address=$(name_server "$HOST")
    echo "nameserver $address" >"$SERVER_DIR/root/etc/resolv.conf"
    run --separate-stderr -0 bare /api/bearerctl refresh
    echo 'hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns' >"$SERVER_DIR/root/etc/nsswitch.conf"
    echo 'passwd: sss files' >>"$SERVER_DIR/root/etc/nsswitch.conf"
    run --separate-stderr -0 bare /api/bearerctl refresh
    libraries=$(ldd "$top_builddir/bearerctl" | awk '/libc\.so/ { print $3 }')
    for dir in /lib /lib64 "${libraries%/*}"; do
        mkdir -p "$SERVER_DIR/root$dir"
        for module in mymachines resolve myhostname sss; do
            echo 'This is no library.' >"$SERVER_DIR/root$dir/libnss_$module.so.2"
        done
    done
    _bare
    strace -f -qq -e trace=execve,openat -o "$SERVER_DIR/log/trace" "${BARE[@]}" ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS-}" /api/bearerctl refresh </dev/null
    run -0 loaded
    [[ $output == */api/lib/libc.so* && $output != *libnss* ]]
    same fetches 3 "$(keys_fetches "$KEYS")"
    answers_again
    # And it was the name server.
    echo 'nameserver 127.0.0.2' >"$SERVER_DIR/root/etc/resolv.conf"
    run --separate-stderr -75 bare /api/bearerctl refresh
    [[ $stderr == *"Could not resolve host: $HOST"* ]]
}

# loaded: the libraries and their settings that were opened, of each process in the trace after it became the loader, and of its threads.
loaded() {
    awk -F'"' '{ pid = $1 + 0 }
        !(pid in bundled) { bundled[pid] = started }
        /execve\(/ { bundled[pid] = $2 ~ "/api/lib/ld-linux"; started = started || bundled[pid] }
        bundled[pid] && /openat\(.*\.(so|cache|cnf|config)/ && !/ENOENT/ { print $2 }' "$SERVER_DIR/log/trace"
}

answers_again() {
    bare_worker
    bare_fcgi GET /private "HTTP_AUTHORIZATION=Bearer $TOKEN"
    answer 200 "$(payload)"
}

@test "the authorities are found where other systems keep them; where there are none, it is said" {
    local file
    bare_settings "${SETTINGS[@]}"
    run --separate-stderr -75 bare /api/bearerctl refresh
    [[ $stderr == "bearerctl refresh: https://$HOST:"*": no authorities to trust were found on this machine: install the package ca-certificates, or set BEARER_CA_FILE to a file of their certificates in PEM" ]]
    run --separate-stderr bare /api/bearerctl doctor
    [[ $output == *"set BEARER_CA_FILE to a file of their certificates in PEM"$'\n'* ]]
    bare_cgi GET /private "HTTP_AUTHORIZATION=Bearer $TOKEN"
    denied 503 'Signing keys are unavailable'
    for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem \
        /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem /etc/ssl/cert.pem; do
        # What is there, but of no use.
        rm -rf "$SERVER_DIR/root/etc/ssl" "$SERVER_DIR/root/etc/pki"
        mkdir -p "$SERVER_DIR/root/etc/ssl/certs" "$SERVER_DIR/root${file%/*}"
        ln -s /nowhere "$SERVER_DIR/root/etc/ssl/certs/gone.pem"
        : >"$SERVER_DIR/root/etc/ssl/certs/empty.crt"
        run --separate-stderr -75 bare /api/bearerctl refresh
        [[ $stderr == *"set BEARER_CA_FILE"* ]]
        install -m 644 "$KEYS/ca.pem" "$SERVER_DIR/root$file"
        run --separate-stderr -0 bare /api/bearerctl refresh
    done
    same fetches 5 "$(keys_fetches "$KEYS")"
}

@test "on another machine its own libraries are used, whatever is preloaded there, and from whatever folder it is started" {
    local from as=()
    cp -a "$SERVER_DIR/root/api" "$SERVER_DIR/www/api"
    sed -i "s|/home/cache|$SERVER_DIR/cache|; s|/etc/ca.pem|$KEYS/ca.pem|; s|//$HOST:|//localhost:|" "$SERVER_DIR/www/api/bearer.env"
    keys_at_localhost
    cd "$SERVER_DIR/www"
    # Of every process, only what comes after the loader has started.
    # Traced by root, as nobody else can look into these processes.
    ((EUID != 0)) || as=(setpriv --reuid="$WORKER_USER" --regid="$WORKER_GROUP" --init-groups --)
    strace -f -qq -e trace=execve,openat -o "$SERVER_DIR/log/trace" "${as[@]}" env -i CDPATH=/ \
        LD_LIBRARY_PATH=/usr/lib LD_PRELOAD="$(ldd "$top_builddir/bearerctl" | awk '/libz\./ { print $3 }')" ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS-}" api/bearerctl refresh </dev/null
    run -0 loaded
    [[ $output == *"$SERVER_DIR/www/api/lib/libcurl"* ]]
    run ! grep -v "^$SERVER_DIR/www/api/lib/[^/]*\$" <<<"$output"
    for from in "$SERVER_DIR/www" "$SERVER_DIR/www/api" / /usr; do
        cd "$from"
        run --separate-stderr -0 as_worker env -i "./$(realpath --relative-to=. "$SERVER_DIR/www/api/bearerctl")" refresh </dev/null
    done
    cd "$SERVER_DIR/www/api"
    run --separate-stderr -0 as_worker env -i PATH=/bin sh bearerctl --version </dev/null
    [[ $output == "bearerctl (fcgi-bearer) "* ]]
    run --separate-stderr -64 as_worker env -i ./bearerctl refresh 'a  b' </dev/null
    [[ $stderr == *"'a  b'"* ]]
    run --separate-stderr -64 as_worker env -i sh bearer.fcgi --version </dev/null
    [[ $stderr == *'the configuration is good'* ]]
}

@test "an /etc/ld.so.preload that is of no use in here costs a line in the log, and no answer; what GnuTLS may do there is not for this one" {
    echo 'This is no library.' >"$SERVER_DIR/root/etc/host.so"
    echo /etc/host.so >"$SERVER_DIR/root/etc/ld.so.preload"
    mkdir "$SERVER_DIR/root/etc/gnutls"
    printf '%s\n' '[overrides]' 'disabled-version = tls1.2' 'disabled-version = tls1.3' >"$SERVER_DIR/root/etc/gnutls/config"
    answers bare_cgi
    grep -q '/etc/host.so.* cannot be preloaded.*: ignored' "$SERVER_DIR/log/error.log"
}

@test "a mode that was lost on the way is named, with the command that sets it" {
    local program
    chmod 644 "$SERVER_DIR"/root/api/lib/ld-linux*
    for program in bearer.fcgi bearerctl; do
        run --separate-stderr -78 bare /api/$program
        [[ -z $output && $stderr == "$program: /api/lib/ld-linux"*" cannot be started: "*"chmod 755 lib lib/ld-linux"* ]]
    done
}

# keys_at_localhost: the keys come from there, by that name, where no root of our own has an /etc/hosts.
keys_at_localhost() {
    ca_cert "$KEYS/ca" server
    stop_keys_server "$KEYS"
    resume_keys_server "$KEYS"
}

# unpacked FOLDER WHERE: that folder of the zip in what Apache serves; the keys are the issuer's at localhost.
unpacked() {
    rm -rf "${SERVER_DIR:?}/www/$2"
    cp -a "$SERVER_DIR/root/$1" "$SERVER_DIR/www/$2"
    printf '%s\n' "${SETTINGS[@]}" "BEARER_CA_FILE=$KEYS/ca.pem" "BEARER_CACHE_DIR=$SERVER_DIR/cache" | sed "s|//$HOST:|//localhost:|" \
        >"$SERVER_DIR/www/$2/bearer.env"
}

# all_forbidden FOLDER [PATH...]: every file there but the program, and these.
all_forbidden() {
    local file answers urls=()
    # One call for all: there are many.
    while read -r file; do
        [[ $file == bearer.fcgi ]] || urls+=(-o /dev/null "$(server_url)/$1/$file")
    done < <(cd "$SERVER_DIR/www/$1" && find . -type f -printf '%P\n' && printf '%s\n' / lib lib/ 'bearerctl?refresh' lib/bearer.fcgi.bin/public "${@:2}")
    ((${#urls[@]} > 2 * $(find "$SERVER_DIR/www/$1" -type f | wc -l)))
    answers=$(curl -s -w '%{http_code} %{url_effective}\n' "${urls[@]}")
    run ! grep -v '^403 ' <<<"$answers"
}

@test "Apache serves the unpacked folder, with mod_fcgid and as plain CGI, and nothing of it but the program" {
    local kind
    keys_at_localhost
    for kind in shared-fcgid shared-cgi; do
        unpacked api api
        FB_STRICT=1 _start_on_a_port _apache "$kind"
        API=/api/bearer.fcgi
        call GET /public
        answer 200 "$PUBLIC_BODY"
        call GET /private
        denied 401 'Not authenticated'
        call GET /private "Authorization: Bearer $TOKEN"
        answer 200 "$(payload)"
        call GET '/public?--version'
        answer 200 "$PUBLIC_BODY"
        if [[ $kind == shared-fcgid ]]; then
            only_bundle "$(workers_running)" "$SERVER_DIR/www/api"
        fi
        all_forbidden api licenses/
        _stop "$SERVER_DIR/pids/server"
    done
    same fetches 1 "$(keys_fetches "$KEYS")"
}

@test "S6: Apache guards a folder with guarded-folder/, and nothing of bearer/ is for the web" {
    local private=$SERVER_DIR/www/private worker
    keys_at_localhost
    unpacked guarded-folder/bearer bearer
    (
        umask 022
        mkdir "$private"
        echo 'a secret' >"$private/secret.txt"
        sed "s|/home/you/public_html|$SERVER_DIR/www|" "$SERVER_DIR/root/guarded-folder/.htaccess" >"$private/.htaccess"
    )
    _start_on_a_port _apache_guard folder
    API=
    call GET /private/secret.txt
    denied 401 'Not authenticated'
    call GET /private/secret.txt "Authorization: Bearer $TOKEN"
    same status 403 "$http_status"
    same body '{"detail":"Required: scope=read:files"}' "$body"
    call GET /private/secret.txt "Authorization: Bearer $(issuer_run token "$KEYS" --aud "$AUDIENCE" --scope read:files)"
    same status 200 "$http_status"
    same body 'a secret' "$body"
    for worker in $(workers_running); do
        only_bundle "$worker" "$SERVER_DIR/www/bearer"
    done
    [[ -n ${worker-} ]]
    all_forbidden bearer bearer.fcgi bearer.fcgi/x
}

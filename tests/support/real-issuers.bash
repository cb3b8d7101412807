# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Issuers that a package brings, run for real: npm's oidc-provider and better-auth (tests/oidc), and Debian's glewlwyd. For bats, after
# support/servers: `load ../support/real-issuers`.
#
#   real_start DIR          starts all, each with its state in DIR/NAME and the certificate of DIR/ca (ca_make DIR/ca); DIR/NAME/host is
#                           then its https://HOST:PORT
#   real_token DIR NAME who|other AUDIENCE
#                           prints a token for REAL_AUDIENCE or REAL_OTHER, of somebody who may, or of somebody with another role or scope
#   real_stop DIR           ends them; harmless if they are not running
#
# NAME is oidc-provider, better-auth or glewlwyd, as a file of tests/issuers/real says more about it.

: "${top_srcdir:?}" "${top_builddir:?}"

# shellcheck source=tests/support/oidc.bash
. "$top_srcdir/tests/support/oidc.bash"

REAL_AUDIENCE=https://api.example.com/
REAL_OTHER=https://other.example.com/

real_start() {
    local dir=$1 name
    oidc_install || return
    for name in oidc-provider better-auth; do
        mkdir "$dir/$name" && cp "$dir"/ca/{ca.pem,server.pem,server.key} "$dir/$name" || return
    done
    oidc_start "$dir/oidc-provider" "$REAL_AUDIENCE" "$REAL_OTHER" && echo "$OIDC_ISSUER" >"$dir/oidc-provider/host" || return
    OIDC_PROGRAM=better-auth.mjs oidc_start "$dir/better-auth" "$REAL_AUDIENCE" "$REAL_OTHER" &&
        echo "$OIDC_ISSUER" >"$dir/better-auth/host" || return
    _glewlwyd_start "$dir"
}

real_stop() {
    local name failed=0
    for name in oidc-provider better-auth; do
        OIDC_DIR=$1/$name oidc_stop || failed=1
    done
    [[ ! -d $1/glewlwyd ]] || SERVER_DIR=$1/glewlwyd stop_server || failed=1
    return "$failed"
}

real_token() {
    local dir=$1 name=$2 who=$3 audience=$4 scope=read:messages
    case $name in
        oidc-provider)
            [[ $who == who ]] || scope=write:messages
            OIDC_DIR=$dir/$name OIDC_PORT=$(<"$dir/$name/host") && OIDC_PORT=${OIDC_PORT##*:} oidc_token RS256 "$scope" "$audience"
            ;;
        better-auth) _better_auth_token "$dir" "$who" "$audience" ;;
        glewlwyd) _glewlwyd_token "$dir" "$who" "$audience" ;;
    esac
}

# _ask DIR ADDRESS ARGUMENT...: curl's.
_ask() {
    curl -q --silent --show-error --fail-with-body --noproxy '*' --max-time 30 --cacert "$1/ca/ca.pem" "${@:3}" "$2"
}

# Prints the token of an answer, which has no other member that ends like that.
_token_of() {
    sed -n 's/.*"\(access_\)\{0,1\}token":"\([^"]*\)".*/\2/p' | grep .
}

# A user signs up, and his session gets a token.
_better_auth_token() {
    local dir=$1 user=admin path=/api/auth host
    host=$(<"$dir/better-auth/host")
    [[ $2 == who ]] || user=guest
    [[ $3 == "$REAL_AUDIENCE" ]] || path=/api/auth1
    if [[ ! -e $dir/better-auth/$user ]]; then
        _ask "$dir" "$host/api/auth/sign-up/email" --cookie-jar "$dir/better-auth/$user" -H "Origin: $host" -H 'Content-Type: application/json' \
            -d '{"name":"A","email":"'$user'@example.com","password":"not a secret 1"}' >/dev/null || return
    fi
    _ask "$dir" "$host$path/token" --cookie "$dir/better-auth/$user" | _token_of
}

# --- Glewlwyd: its administrator makes an OpenID Connect plugin with a key, two scopes and a client, by its API.

_glewlwyd_start() {
    local dir=$1 SERVER_DIR=$1/glewlwyd host name
    mkdir -p "$SERVER_DIR"/{log,pids} && : >"$SERVER_DIR/log/error.log"
    sqlite3 "$SERVER_DIR/db" </usr/share/dbconfig-common/data/glewlwyd/install/sqlite3 || return
    _start_on_a_port _glewlwyd "$dir" || return
    host=https://localhost:$(<"$SERVER_DIR/port")
    echo "$host" >"$SERVER_DIR/host"
    _admin "$dir" auth/ '{"username":"admin","password":"password"}' || return
    for name in read:files write:files; do
        _admin "$dir" scope/ '{"name":"'$name'","display_name":"'$name'","password_required":false,"scheme":{}}' || return
    done
    node "$top_srcdir/tests/oidc/glewlwyd.mjs" "$host" "$REAL_AUDIENCE" "$REAL_OTHER" >"$SERVER_DIR/plugin.json" || return
    _admin "$dir" mod/plugin/ "@$SERVER_DIR/plugin.json" || return
    _admin "$dir" client/ '{"client_id":"files","password":"secret","confidential":true,"enabled":true,"scope":["read:files","write:files"],
        "redirect_uri":["https://localhost/"],"authorization_type":["client_credentials"],"token_endpoint_auth_method":["client_secret_basic"]}'
}

# _glewlwyd PORT DIR
_glewlwyd() {
    local lib=/usr/lib/glewlwyd name
    {
        printf '%s\n' "port = $1" 'bind_address = "127.0.0.1"' "external_url = \"https://localhost:$1\"" 'login_url = "login.html"' 'api_prefix = "api"' \
            'log_mode = "console"' 'log_level = "INFO"' 'cookie_secure = 1' 'session_key = "GLEWLWYD2_SESSION_ID"' 'admin_scope = "g_admin"' \
            'profile_scope = "g_profile"' "user_auth_scheme_module_path = \"$lib/scheme\"" 'use_secure_connection = true' 'hash_algorithm = "SHA512"' \
            "secure_connection_key_file = \"$2/ca/server.key\"" "secure_connection_pem_file = \"$2/ca/server.pem\"" \
            "database = { type = \"sqlite3\"; path = \"$SERVER_DIR/db\"; };"
        for name in user client plugin; do
            echo "${name}_module_path = \"$lib/$name\""
        done
    } >"$SERVER_DIR/glewlwyd.conf"
    _start server glewlwyd --config-file="$SERVER_DIR/glewlwyd.conf"
}

# _admin DIR PATH DATA: as the administrator.
_admin() {
    _ask "$1" "$(<"$1/glewlwyd/host")/api/$2" --cookie "$1/glewlwyd/jar" --cookie-jar "$1/glewlwyd/jar" -H 'Content-Type: application/json' -d "$3"
}

_glewlwyd_token() {
    local scope=read:files
    [[ $2 == who ]] || scope=write:files
    _ask "$1" "$(<"$1/glewlwyd/host")/api/oidc/token" --user files:secret -d grant_type=client_credentials -d "scope=$scope" -d "resource=$3" | _token_of
}

# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034  # names shared with the other parts
# Of ./dev check: the demo as a person has it: pastes what it prints, starts a second one beside it, presses Ctrl-C.

check_demo_once() {
    quietly "$top/build/demo-once.log" "$top/dev" demo --once || return
    # README's picture is drawn from what it prints.
    "$top/build-aux/pictures/pictures.sh" demo "$top/build/demo-once.log" | diff "$top/doc/pictures/demo.txt" - || {
        note "run build-aux/pictures/pictures.sh demo build/demo-once.log >doc/pictures/demo.txt, and then pictures.sh"
        return 1
    }
}

check_demo_serving() {
    serving_port=$(free_port)
    serving_out=$state_dir/demo.out
    PORT=$serving_port env --default-signal=INT "$top/dev" demo >"$serving_out" 2>&1 </dev/null &
    serving_pid=$!
    if serves_as_printed; then
        serving_good=yes
    else
        serving_good=
    fi
    kill -INT "$serving_pid" 2>/dev/null || true
    serving_status=0
    wait "$serving_pid" || serving_status=$?
    expect "exit status after Ctrl-C" "$serving_status" 0 || serving_good=
    expect "what it ends with" "$(tail -n 1 "$serving_out")" "    stopped; /* is removed" || serving_good=
    expect "who listens afterwards" "$(holder "$serving_port")" "" || serving_good=
    if [ -z "$serving_good" ]; then
        note "the demo said:"
        sed 's/^/    | /' "$serving_out"
        return 1
    fi
}

serves_as_printed() {
    serving_tries=1200
    until grep -q 'Ctrl-C stops it' "$serving_out"; do
        serving_tries=$((serving_tries - 1))
        if [ "$serving_tries" -eq 0 ] || ended "$serving_pid" 0; then
            bad "it did not start serving"
            return 1
        fi
        sleep 0.1
    done
    pasted=$(sed -n 's|^curl -i |curl -q -sS -o /dev/null -w "%{http_code} " |p' "$serving_out" | sh 2>&1)
    expect "statuses of the commands it prints" "$pasted" "200 401 200 200 " || return
    docs_url=$(sed -n 's|^\(http://[^ ]*/docs\)$|\1|p' "$serving_out")
    page=$(curl -q -sS --noproxy '*' --max-time 20 "$docs_url")
    expect "the page of the endpoints" "$page" "*<script src=\"/swagger-ui/swagger-ui-bundle.js\">*" || return
    script=$(curl -q -sS --noproxy '*' --max-time 20 -o /dev/null -w '%{http_code} %{content_type}' "${docs_url%/api/docs}/swagger-ui/swagger-ui-bundle.js")
    expect "the script it loads" "$script" "200 text/javascript" || return
    demo_page=$(curl -q -sS --noproxy '*' --max-time 20 "${docs_url%api/docs}")
    expect "the page with the buttons" "$demo_page" "*<script src=\"demo.js\">*" || return
    demo_tokens=$(curl -q -sS --noproxy '*' --max-time 20 "${docs_url%api/docs}demo.json" | grep -c '"token": "e')
    expect "the tokens it has" "$demo_tokens" 3 || return
    second=$(PORT=$serving_port "$top/dev" demo --once 2>&1) && second="it started: $second"
    expect "a second demo on its port" "$second" "*port $serving_port is in use by lighttpd (process *PORT=*./dev demo --once"
}

# A PostgreSQL cluster of the demo's own, or the one that LLARA_DATABASE_URL names.
#
# The server is a child of the calling script and stops with it, even after kill -9. Its
# password lies in a file that only the caller can read, so that it is on no command line.
# shellcheck shell=bash disable=SC2034

DATABASE_START_SECONDS=60

DATABASE_PROCESS=

# The user that runs the server: oneself, or as root the one that Debian's package makes.
postgres_user() {
    if ((EUID != 0)); then
        id -un
    elif [[ -d ${STATE:-}/postgres ]]; then
        stat -c %U "$STATE/postgres"
    elif id -u postgres >/dev/null 2>&1; then
        echo postgres
    else
        echo nobody
    fi
}

# as_user USER COMMAND…: in a folder that every user may enter.
as_user() {
    local user=$1
    shift
    if [[ $user == "$(id -un)" ]]; then
        (cd / && exec "$@")
    else
        (cd / && exec setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups "$@")
    fi
}

# A port that nobody listens on now.
free_port() {
    "$PREFIX/python/bin/python" -c '
import socket
with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    print(listener.getsockname()[1])'
}

create_cluster() {
    local user=$1 folder=$2 password pgpass=$STATE/pgpass
    rm -rf "$folder" "$STATE/imports"
    mkdir -p "$folder"
    password=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
    (
        umask 077
        printf '*:*:*:llara:%s\n' "$password" >"$pgpass"
        printf '%s\n' "$password" >"$folder/password"
    )
    if ((EUID == 0)); then chown -R "$user": "$folder"; fi
    chmod 700 "$folder"
    as_user "$user" "$PREFIX/postgres/bin/initdb" -D "$folder/data" --username llara \
        --auth scram-sha-256 --pwfile "$folder/password" --encoding UTF8 --locale C \
        --no-instructions >>"$folder.log" 2>&1 || fail "cannot create a database in $folder" \
        "see $folder.log; user $user must be able to read $PREFIX and enter $STATE"
    rm -f "$folder/password"
    touch "$folder/initialised"
}

# A server that outlived its script holds the cluster; ends it.
stop_leftover_server() {
    local pid
    [[ -f $1/data/postmaster.pid ]] || return 0
    pid=$(head -n 1 "$1/data/postmaster.pid")
    [[ $(readlink "/proc/$pid/exe" 2>/dev/null) == "$PREFIX"/postgres* ]] || return 0
    kill -INT "$pid" 2>/dev/null || return 0
    await_exit "$pid" 200 || kill -KILL "$pid"
}

# await_exit PID TENTHS: true once the process is gone; a zombie counts as gone.
await_exit() {
    local pid=$1 tenths=$2 state
    while ((tenths-- > 0)); do
        state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null || true)
        [[ -n $state && $state != Z ]] || return 0
        sleep 0.1
    done
    return 1
}

database_is_ready() {
    "$PREFIX/postgres/bin/pg_isready" -q -h 127.0.0.1 -p "$1" -U llara -d postgres -t 2
}

# start_server USER FOLDER PORT: sets DATABASE_PROCESS and waits until it answers.
start_server() {
    local user=$1 folder=$2 port=$3 tenths=$((DATABASE_START_SECONDS * 10))
    local command=(setsid setpriv --pdeathsig INT)
    [[ $user == "$(id -un)" ]] \
        || command+=(--reuid "$user" --regid "$(id -g "$user")" --init-groups)
    (
        cd /
        exec "${command[@]}" "$PREFIX/postgres/bin/postgres" -D "$folder/data" \
            -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories="$folder"
    ) >>"$folder.log" 2>&1 </dev/null 8>&- 9>&- &
    DATABASE_PROCESS=$!
    until database_is_ready "$port"; do
        kill -0 "$DATABASE_PROCESS" 2>/dev/null && ((tenths-- > 0)) && sleep 0.1 && continue
        tail -n 15 "$folder.log" >&2
        fail "PostgreSQL does not start" \
            "see $folder.log; Deploy/uninstall --state removes its data, or set LLARA_DATABASE_URL"
    done
}

# start_database: sets DATABASE_URL. STATE and PREFIX have to be set. A second run finds its data.
start_database() {
    if [[ -n ${LLARA_DATABASE_URL:-} ]]; then
        DATABASE_URL=$LLARA_DATABASE_URL
        return
    fi
    local user folder=$STATE/postgres port
    user=$(postgres_user)
    # The server refuses a socket path over 107 bytes.
    ((${#folder} <= 80)) || fail "$folder is too long a path for a socket" \
        "set LLARA_STATE to a shorter one"
    if [[ ! -f $folder/initialised ]]; then
        create_cluster "$user" "$folder"
    fi
    stop_leftover_server "$folder"
    port=$(free_port)
    start_server "$user" "$folder" "$port"
    local server="postgresql://llara@127.0.0.1:$port"
    DATABASE_URL="$server/llara?passfile=$STATE/pgpass"
    local psql=("$PREFIX/postgres/bin/psql" -X -q -A -t "$server/postgres?passfile=$STATE/pgpass")
    [[ $("${psql[@]}" -c "select 1 from pg_database where datname = 'llara'") == 1 ]] \
        || "${psql[@]}" -c 'create database llara'
}

# Ends the server in its fast mode: open transactions are rolled back, data is written.
stop_database() {
    [[ -n $DATABASE_PROCESS ]] || return 0
    kill -INT "$DATABASE_PROCESS" 2>/dev/null || true
    await_exit "$DATABASE_PROCESS" 200 || kill -KILL "$DATABASE_PROCESS" 2>/dev/null || true
    wait "$DATABASE_PROCESS" 2>/dev/null || true
    DATABASE_PROCESS=
}

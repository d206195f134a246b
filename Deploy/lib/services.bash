# Starting, watching and stopping the services of a demo.
#
# Each service is in a session of its own, so that Ctrl-C reaches only the script, which then
# stops them in order; and each ends with the script in any case, also after kill -9.
# shellcheck shell=bash

SERVICE_START_SECONDS=60
SERVICE_STOP_TENTHS=100

SERVICE_NAMES=()
declare -A SERVICE_PROCESS=()
SERVICE_ADDRESS=

# start_service NAME COMMAND…: the address file and log are the state folder's NAME.address and
# NAME.log. Waits for nothing.
start_service() {
    local name=$1
    shift
    rm -f "$STATE/run/$name.address"
    setsid setpriv --pdeathsig KILL "$@" --listen 127.0.0.1:0 \
        --address-file "$STATE/run/$name.address" \
        >"$STATE/log/$name.log" 2>&1 </dev/null 3>&- 8>&- 9>&- &
    SERVICE_PROCESS[$name]=$!
    # Otherwise bash itself reports a killed one, in words for a programmer.
    disown $!
    SERVICE_NAMES+=("$name")
}

service_is_running() {
    kill -0 "${SERVICE_PROCESS[$1]}" 2>/dev/null
}

# await_address NAME: sets SERVICE_ADDRESS once the service says that it is ready.
await_address() {
    local name=$1 tenths=$((SERVICE_START_SECONDS * 10)) file=$STATE/run/$1.address
    until [[ -s $file ]]; do
        service_is_running "$name" || fail_with_service_log "$name" "$name ended while starting"
        ((tenths-- > 0)) || fail_with_service_log "$name" \
            "$name was not ready after $SERVICE_START_SECONDS s"
        sleep 0.1
    done
    SERVICE_ADDRESS=$(<"$file")
}

# fail_with_service_log NAME MESSAGE
fail_with_service_log() {
    LOG=$STATE/log/$1.log
    fail_with_log "$2" "the whole log is $LOG"
}

# await_addresses NAME…: as "host:port,host:port".
await_addresses() {
    local name joined=
    for name in "$@"; do
        await_address "$name"
        joined+=${joined:+,}$SERVICE_ADDRESS
    done
    SERVICE_ADDRESS=$joined
}

# stop_service NAME: drains it; kills it when that takes too long.
stop_service() {
    local pid=${SERVICE_PROCESS[$1]}
    kill -TERM "$pid" 2>/dev/null || true
    await_exit "$pid" "$SERVICE_STOP_TENTHS" || {
        complain "$1 did not stop within $((SERVICE_STOP_TENTHS / 10)) s and was killed."
        kill -KILL "$pid" 2>/dev/null || true
    }
}

# Stops in the reverse order of starting: who calls goes before who is called.
stop_services() {
    local index
    for ((index = ${#SERVICE_NAMES[@]} - 1; index >= 0; index--)); do
        stop_service "${SERVICE_NAMES[index]}"
    done
    SERVICE_NAMES=()
}

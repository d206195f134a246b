# Stages of a test run: each prints its name, its output as it comes, and its time.
# shellcheck shell=bash

STAGE_LINES=()

# run_stage NAME COMMAND…: ends the script with the command's status when it fails.
run_stage() {
    local name=$1 started status=0 seconds
    shift
    started=$(now)
    printf '=== %s\n' "$name"
    "$@" || status=$?
    seconds=$(seconds_since "$started")
    if ((status != 0)); then
        STAGE_LINES+=("$(printf '%-12s %10s  failed, status %d' "$name" "$seconds s" "$status")")
        print_stages
        exit "$status"
    fi
    STAGE_LINES+=("$(printf '%-12s %10s' "$name" "$seconds s")")
}

print_stages() {
    printf '=== time of each stage\n'
    printf '%s\n' "${STAGE_LINES[@]}"
}

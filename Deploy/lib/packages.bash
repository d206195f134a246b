# What comes from Debian: each package, and a test that tells whether it is there, whoever put
# it there.
# shellcheck shell=bash

DEBIAN_PACKAGES=(
    pkgconf libprotobuf-c-dev protobuf-c-compiler libpq-dev libzstd-dev cmake ninja-build gcc g++
    python3 python3-venv python3-protobuf python3-zstandard openssl git ca-certificates
)

# has_package NAME
has_package() {
    case $1 in
        pkgconf) command -v pkg-config ;;
        libprotobuf-c-dev) pkg-config --exists libprotobuf-c ;;
        libpq-dev) pkg-config --exists libpq ;;
        libzstd-dev) pkg-config --exists libzstd ;;
        protobuf-c-compiler) command -v protoc-c ;;
        ninja-build) command -v ninja ;;
        python3-venv) python3 -c 'import ensurepip, venv' ;;
        python3-protobuf) /usr/bin/python3 -c 'import google.protobuf' ;;
        python3-zstandard) /usr/bin/python3 -c 'import zstandard' ;;
        ca-certificates) [[ -e /etc/ssl/certs/ca-certificates.crt ]] ;;
        *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

missing_packages() {
    local name
    for name in "${DEBIAN_PACKAGES[@]}"; do
        has_package "$name" || printf '%s\n' "$name"
    done
}

# as_root COMMAND…: directly or through sudo; 69 when neither is possible.
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
        sudo "$@"
    else
        return 69
    fi
}

# sudo asks for its password here, on the terminal, not later behind the log.
ask_for_root() {
    ((EUID == 0)) || as_root true
}

apt_install() {
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@"
}

# install_packages: only what is missing; remembers what it added for the uninstaller.
install_packages() {
    begin_step "Debian packages"
    local missing still
    mapfile -t missing < <(missing_packages)
    if ((${#missing[@]} == 0)); then
        end_step ok
        return
    fi
    command -v apt-get >/dev/null || fail "missing: ${missing[*]} (Debian's names)" \
        "install them with this system's package manager, then run this again"
    ask_for_root || fail "missing Debian packages, and no way to become root" \
        "as root: apt-get update && apt-get install -y ${missing[*]}; then run this again"
    run_logged "apt-get install ${missing[*]}" apt_install "${missing[@]}"
    ((RUN_STATUS == 0)) || fail_with_log "apt-get could not install ${missing[*]}" \
        "as root: apt-get update && apt-get install -y ${missing[*]}; then run this again"
    mapfile -t still < <(missing_packages)
    ((${#still[@]} == 0)) || fail "apt-get installed ${still[*]}, but it cannot be used" \
        "check PATH and PKG_CONFIG_PATH, or reinstall it"
    printf '%s\n' "${missing[@]}" >>"$PREFIX/debian-packages"
    end_step "installed ${missing[*]}"
}

check_swift() {
    begin_step "Swift 6.3 or later"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
    [[ -n $version ]] || fail "no swift on PATH" \
        "install the Swift 6.3 toolchain (https://www.swift.org/install) and run this again"
    [[ $(printf '6.3\n%s\n' "$version" | sort -V | head -n 1) == 6.3 ]] || fail \
        "Swift $version is too old" \
        "install the Swift 6.3 toolchain (https://www.swift.org/install), put it first on PATH"
    end_step ok
}

# Downloads through pip, each pinned by version and SHA-256 in Deploy/requirements. pip runs in
# a Python environment inside the prefix: nothing of the user's own Python is changed.
# shellcheck shell=bash

# pip in the prefix, without the user's settings that would redirect what it writes.
prefix_pip() {
    env -u PIP_TARGET -u PIP_PREFIX -u PIP_USER -u PIP_NO_BINARY -u PIP_ONLY_BINARY \
        -u PYTHONPATH -u PYTHONHOME PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PROGRESS_BAR=off \
        "$PREFIX/python/bin/python" -m pip "$@"
}

make_python_environment() {
    rm -rf "$PREFIX/python"
    python3 -m venv "$PREFIX/python"
    prefix_pip install --no-deps --require-hashes --only-binary :all: \
        -r "$DEPLOY/requirements/source-builds.txt"
}

# download_wheel REQUIREMENTS FOLDER [OPTION…]
download_wheel() {
    local requirements=$DEPLOY/requirements/$1 folder=$2
    shift 2
    rm -rf "$folder"
    prefix_pip download --no-deps --require-hashes --only-binary :all: \
        -r "$requirements" --dest "$folder" "$@"
}

# download_source REQUIREMENTS FOLDER: pip looks into the source distribution with the pinned
# build system of the prefix.
download_source() {
    rm -rf "$2"
    prefix_pip download --no-deps --require-hashes --no-binary :all: --no-build-isolation \
        -r "$DEPLOY/requirements/$1" --dest "$2"
}

# unpack_wheel FOLDER-WITH-ONE-WHEEL DESTINATION MEMBER…: the members (files or folders) of it.
unpack_wheel() {
    local wheels=("$1"/*.whl) destination=$2
    shift 2
    "$PREFIX/python/bin/python" - "${wheels[0]}" "$destination" "$@" <<'PYTHON'
import sys
import zipfile

archive, destination, *members = sys.argv[1:]
with zipfile.ZipFile(archive) as wheel:
    names = [
        name for name in wheel.namelist()
        if any(name == member or name.startswith(member + "/") for member in members)
    ]
    if not names:
        sys.exit(f"{archive} has none of {members}")
    wheel.extractall(destination, names)
PYTHON
}

# replace_folder NEW OLD: NEW takes OLD's place, so that a half-made folder is never in use.
replace_folder() {
    rm -rf "$2"
    mv "$1" "$2"
}

# open_for_reading FOLDER: other users run PostgreSQL and the services.
open_for_reading() {
    chmod -R a+rX,go-w "$1"
}

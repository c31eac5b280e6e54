#!/usr/bin/env bash
# Checks Candela as a part of another project, the host, which includes it by add_subdirectory, as
# FetchContent does. The folder of the host has a space in its name. Candela must build and run
# there, under the names of targets that find_package gives, and leave the host's settings, headers,
# tests and installation alone.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/host project/core"
cd "$scratch/host project"

cat >CMakeLists.txt <<CMAKE
cmake_minimum_required(VERSION 3.25)
project(host LANGUAGES C)
enable_testing()
add_subdirectory("$root" candela EXCLUDE_FROM_ALL)
add_executable(host main.c)
target_link_libraries(host PRIVATE candela::static)
if(NOT TARGET candela::candela)
    message(FATAL_ERROR "there is no candela::candela")
endif()
install(TARGETS host)
CMAKE
echo '#define OF_THE_HOST 7' >core/error.h
cat >main.c <<'C'
#include <candela.h>
#include <core/error.h>
#include <stdio.h>

int main(void)
{
    cd_tensor *x = cd_ones(CD_SHAPE(OF_THE_HOST));
    if (x && cd_size(x, 0) == OF_THE_HOST) puts("works");
    return cd_report(stderr);
}
C
echo 'target_include_directories(host PRIVATE .)' >>CMakeLists.txt

# quietly COMMAND...: runs the command, and shows its output only if it fails.
quietly() {
    if ! "$@" >log 2>&1; then
        cat log
        echo "subproject: this failed: $*"
        exit 1
    fi
}
quietly cmake -S . -B build -G Ninja -D CMAKE_C_COMPILER="${CC:-cc}"
quietly cmake --build build
if [ "$(build/host)" != works ]; then
    echo "subproject: it was built but does not work"
    exit 1
fi
failed=0
if ! grep -q '^CMAKE_BUILD_TYPE:STRING=$' build/CMakeCache.txt; then
    echo "subproject: the host's CMAKE_BUILD_TYPE was changed"
    failed=1
fi
if ! ctest --test-dir build -N | grep -q 'Total Tests: 0'; then
    echo "subproject: Candela's tests are among the host's"
    failed=1
fi
quietly cmake --install build --prefix prefix
if [ "$(find prefix -type f)" != prefix/bin/host ]; then
    echo "subproject: these files were installed with the host:"
    find prefix -type f
    failed=1
fi
exit $failed

#!/usr/bin/env bash
# install.sh BUILD: installs that build to a new prefix, and builds programs against it as a user
# would: with pkg-config and with CMake's find_package, shared and static, and the examples. Nothing
# may come from the source folder.
set -euo pipefail
build=$(cd "$1" && pwd)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cc=${CC:-cc}
warnings=(-std=c11 -Wall -Wextra -pedantic -Wshadow -Wconversion -Werror)
cd "$scratch"

if ! cmake --install "$build" --prefix "$scratch/first" >log 2>&1; then
    cat log
    exit 1
fi
mv first prefix # the installed files must work wherever they are
pc=$(find prefix -name candela.pc)
export PKG_CONFIG_PATH=$scratch/${pc%/*}
libdir=$(pkg-config --variable=libdir candela)
if grep -rlF "$root" prefix --include='*.pc' --include='*.cmake' --include='*.h'; then
    echo "install: the files above name the source folder"
    exit 1
fi

header=candela.h
if [ ! -e prefix/include/candela.h ]; then header=candela/core/error.h; fi
cat >use.c <<C
#include <$header>
#include <stdio.h>
#include <string.h>

int main(void)
{
    cd_fail(CD_ERR_SHAPE, "a sentence");
    int same = cd_error_code() == CD_ERR_SHAPE && strcmp(cd_error_message(), "a sentence") == 0;
    cd_clear_error();
    puts(same ? "works" : "the error is not the one that was set");
    return cd_report(stderr) || !same;
}
C
mkdir use
cat >use/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(use LANGUAGES C)
find_package(candela REQUIRED COMPONENTS static)
add_executable(by_cmake_shared ../use.c)
target_link_libraries(by_cmake_shared candela::candela)
add_executable(by_cmake_static ../use.c)
target_link_libraries(by_cmake_static candela::static)
CMAKE

# works PROGRAM shared|static: checks that it runs, and whether it needs the shared library.
works() {
    local linked=static needs
    if [ "$(LD_LIBRARY_PATH=$libdir ./"$1")" != works ]; then
        echo "install: $1 was built but does not work"
        exit 1
    fi
    needs=$(LD_LIBRARY_PATH=$libdir ldd "./$1")
    case $needs in *libcandela*) linked=shared ;; esac
    if [ "$linked" != "$2" ]; then
        echo "install: $1 is linked to the $linked library, not to the $2 one"
        exit 1
    fi
}

read -ra cflags < <(pkg-config --cflags candela)
read -ra shared < <(pkg-config --libs candela)
read -ra static < <(pkg-config --static --libs candela | sed 's/-lcandela/-l:libcandela.a/')
"$cc" "${warnings[@]}" "${cflags[@]}" use.c -o by_pkg_config_shared "${shared[@]}"
works by_pkg_config_shared shared
"$cc" "${warnings[@]}" "${cflags[@]}" use.c -o by_pkg_config_static "${static[@]}"
works by_pkg_config_static static
"$cc" "${cflags[@]}" use.c -o by_rpath "${shared[@]}" -Wl,-rpath,"$libdir"
if [ "$(env -u LD_LIBRARY_PATH ./by_rpath)" != works ]; then
    echo "install: the program that was linked with -rpath does not find the library"
    exit 1
fi

generator=$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$build/CMakeCache.txt")
if ! { cmake -S use -B . -G "$generator" -D CMAKE_PREFIX_PATH="$scratch/prefix" &&
    cmake --build .; } >log 2>&1; then
    cat log
    exit 1
fi
works by_cmake_shared shared
works by_cmake_static static

for example in "$root"/apps/examples/*.c; do
    [ -e "$example" ] || continue
    "$cc" "${warnings[@]}" "${cflags[@]}" "$example" -o example "${shared[@]}" -lm
done
if [ -e prefix/bin/candela ]; then prefix/bin/candela help >/dev/null; fi
echo "install: works with pkg-config and with CMake, shared and static"

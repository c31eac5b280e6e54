#!/usr/bin/env bash
# make.sh BUILD FOLDER: saves the things in saved.h into FOLDER, with the Candela that was built in
# BUILD, and prints the numbers that test_saved_files.c expects. BUILD may be of another commit.
# That of 0/ was the last one before files had a format:
#
#     git worktree add then 36bc9f8
#     cmake -S then -B then/build -DCMAKE_BUILD_TYPE=Release
#     cmake --build then/build
#     bash tests/saved/make.sh then/build tests/saved/0
#
# The last bits of the weights in trained.safetensors depend on the instruction set that it was
# trained with (avx512; `candela version` prints it). All other files are the same with every
# instruction set.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)
sources=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt")
mkdir -p "$2"
out=$(cd "$2" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"${CC:-cc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -I "$sources" "$here/make.c" -o "$scratch/make" \
    -L "$build" -lcandela -Wl,-rpath,"$build" -lm
"$scratch/make" "$scratch"

# The card has the path of the data. A relative path is the same on every machine.
cd "$scratch"
"$build/candela" train --data idx:set --out trained.safetensors --hidden 4 --epochs 8 --quiet
"$build/candela" eval trained.safetensors --data idx:set
"$build/candela" predict trained.safetensors --data idx:set --count 4 --json
mv -- *.safetensors "$out"
ls -l "$out"

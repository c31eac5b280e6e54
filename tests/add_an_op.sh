#!/usr/bin/env bash
# add_an_op.sh BUILD: follows docs/adding-an-op.md in a copy of the sources, builds the copy, and
# runs the tests of ops on the op that was added. BUILD is a build, whose generator is used.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
generator=$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$1/CMakeCache.txt")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
copy=$scratch/candela
mkdir "$copy"
tar -c -C "$root" --exclude='./build*' --exclude='./.git' . | tar -x -C "$copy"

# block NAME: prints the page's block that begins with "```c example NAME".
block() {
    awk -v fence="\`\`\`c example $1" '$0 == fence { on = 1; next } /^```/ { on = 0 } on' "$root/docs/adding-an-op.md"
}

block file >"$copy/autograd/ops/lisht.c"
block cases >"$copy/tests/ops/lisht.c"
sed -i '/^\/\* A new op goes above this line/e cat' "$copy/autograd/ops.def" < <(block line)
grep -q lisht "$copy/autograd/ops.def"
sed -i "/^CD_API cd_tensor \*cd_sigmoid(/r /dev/stdin" "$copy/autograd/ops.h" < <(block prototype)
grep -q cd_lisht "$copy/autograd/ops.h"

if ! { cmake -S "$copy" -B "$scratch/build" -G "$generator" -D CANDELA_WERROR=ON -D CMAKE_BUILD_TYPE=Release &&
    cmake --build "$scratch/build" -j2 --target test_ops op_table; } >"$scratch/log" 2>&1; then
    tail -40 "$scratch/log"
    exit 1
fi
"$scratch/build/tests/test_ops" lisht
"$scratch/build/tests/op_table" | grep 'LishtBackward0'

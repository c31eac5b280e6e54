#!/usr/bin/env bash
# op_list.sh LIBRARY: checks that the library has exactly the descriptors of ops that ops.def lists,
# and that ops.def lists every file of autograd/ops/.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
list=$root/autograd/ops.def
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"${NM:-nm}" "$1" | sed -n -E 's/^[0-9a-f]+ [dDrR] cd_op_(.*)$/\1/p' | LC_ALL=C sort >"$scratch/defined"
sed -n -E 's/^CD_OP(_NODE)?\(([a-z0-9_]+)\)$/\2/p; s/^CD_OP_PART\([a-z0-9_]+, ([a-z0-9_]+)\)$/\1/p' "$list" |
    LC_ALL=C sort >"$scratch/listed"
sed -n -E 's/^CD_OP\(([a-z0-9_]+)\)$/\1/p' "$list" | LC_ALL=C sort >"$scratch/files_listed"
(cd "$root/autograd/ops" && printf '%s\n' *.c) | sed 's/\.c$//' | LC_ALL=C sort >"$scratch/files"

# same NAME FILE FILE: checks that the two lists are equal.
same() {
    diff "$2" "$3" >"$scratch/differences" && return
    echo "op_list: $1 (< only there, > only in autograd/ops.def):"
    cat "$scratch/differences"
    exit 1
}
[ "$(wc -l <"$scratch/defined")" -gt 100 ] || { echo "op_list: nm finds no ops in $1"; exit 1; }
same "descriptors in the library" "$scratch/defined" "$scratch/listed"
same "files in autograd/ops/" "$scratch/files" "$scratch/files_listed"

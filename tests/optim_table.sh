#!/usr/bin/env bash
# optim_table.sh PROGRAM: checks that docs/optim.md is what PROGRAM, build/tests/optim_table, prints
# from the classes of optimizers and schedules, and that every function has a row, a prototype
# and a row of docs/from-pytorch.md.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
table=$(mktemp)
trap 'rm -f "$table"' EXIT
failed=0

"$1" >"$table"
if ! diff "$root/docs/optim.md" "$table"; then
    echo "optim_table: docs/optim.md is out of date: run build/tests/optim_table > docs/optim.md"
    failed=1
fi
while read -r function; do
    if ! grep -q "^| \`$function(" "$table"; then
        echo "optim_table: $function is in no row: is its class in optim.def?"
        failed=1
    fi
done < <(grep -ohE '#define cd_(optim|schedule)_[a-z0-9_]+' "$root"/optim/{optim,schedule}.h | cut -d' ' -f2)
# shellcheck disable=SC2016
while read -r function; do
    if ! grep -qE "#define $function\(" "$root"/optim/{optim,schedule}.h; then
        echo "optim_table: $function has a row, and no prototype"
        failed=1
    fi
    if ! grep -q "$function\b" "$root/docs/from-pytorch.md"; then
        echo "optim_table: docs/from-pytorch.md has no row for $function"
        failed=1
    fi
done < <(sed -n 's/^| `\(cd_[a-z0-9_]*\)(.*/\1/p' "$table")
exit $failed

#!/usr/bin/env bash
# op_table.sh PROGRAM: docs/ops.md is what the ops say of themselves, and each of them says all.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
table=$(mktemp)
trap 'rm -f "$table"' EXIT
failed=0

"$1" >"$table"
if ! diff "$root/docs/ops.md" "$table"; then
    echo "op_table: docs/ops.md is not what the ops say: build/tests/op_table > docs/ops.md"
    failed=1
fi
if awk -F' *\\| *' '/^\| \[/ && ($4 == "" || $5 == "" || $6 == "")' "$table" | grep .; then
    echo "op_table: the ops above do not say their formula, gradient or dtypes"
    failed=1
fi
while read -r file; do
    if ! grep -q "autograd/ops/$file)" "$table"; then
        echo "op_table: autograd/ops/$file is in no row: is it in ops.def?"
        failed=1
    fi
done < <(cd "$root/autograd/ops" && printf '%s\n' *.c)
exit $failed

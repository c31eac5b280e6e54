#!/usr/bin/env bash
# op_table.sh PROGRAM: checks that docs/ops.md is what PROGRAM, build/tests/op_table, prints from
# the descriptors of the ops and the public headers, and that each op has its formula, gradient and
# dtypes, and its prototype, unless only other ops call it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
table=$(mktemp)
trap 'rm -f "$table"' EXIT
failed=0

"$1" >"$table"
if ! diff "$root/docs/ops.md" "$table"; then
    echo "op_table: docs/ops.md is out of date: run build/tests/op_table > docs/ops.md"
    failed=1
fi
if awk -F' *\\| *' '/^\| \[/ && ($5 == "" || $6 == "" || $7 == "")' "$table" | grep .; then
    echo "op_table: the ops above lack a formula, gradient or dtypes"
    failed=1
fi
inner='(_backward|_steps?|\[self_attention|\[linear_scan|\[feature_dropout|\[unsafe_view)\]'
if awk -F' *\\| *' '/^\| \[/ && $4 == ""' "$table" | grep -vE "$inner"; then
    echo "op_table: no header in autograd/ declares the ops above"
    failed=1
fi
while read -r file; do
    if ! grep -q "autograd/ops/$file)" "$table"; then
        echo "op_table: autograd/ops/$file is in no row: is it in ops.def?"
        failed=1
    fi
done < <(cd "$root/autograd/ops" && printf '%s\n' *.c)
exit $failed

#!/usr/bin/env bash
# module_table.sh PROGRAM: checks that docs/modules.md is what PROGRAM, build/tests/module_table,
# prints from the tables of the classes, and that each function is in a public header.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
table=$(mktemp)
trap 'rm -f "$table"' EXIT
failed=0

"$1" >"$table"
if ! diff "$root/docs/modules.md" "$table"; then
    echo "module_table: docs/modules.md is out of date: run build/tests/module_table > docs/modules.md"
    failed=1
fi
while read -r function; do
    if ! grep -qE "\b$function(_with|_n)?\(" "$root"/nn/*.h; then
        echo "module_table: $function is in no header of nn/"
        failed=1
    fi
done < <(grep '^|' "$table" | grep -oE 'cd_nn_[a-z0-9_]+')
exit $failed

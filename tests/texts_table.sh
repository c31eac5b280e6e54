#!/usr/bin/env bash
# texts_table.sh PROGRAM [--write]: checks that the tables of docs/texts.md are those that PROGRAM,
# build/tests/texts_table, prints from the classes. With --write it puts them there.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
page=$root/docs/texts.md
tables=$(mktemp)
made=$(mktemp)
trap 'rm -f "$tables" "$made"' EXIT

"$1" >"$tables"
# Between the comment that begins a table and the next `end` the page has what the program prints.
awk '
    NR == FNR { if (/^<!-- .* -->$/ && !/^<!-- end -->$/) key = $0; table[key] = table[key] $0 "\n"; next }
    $0 in table { printf "%s", table[$0]; put[$0] = inside = 1; next }
    !inside { print }
    /^<!-- end -->$/ { inside = 0 }
    END { for (key in table) if (!put[key]) { print "no place for " key; exit } }' "$tables" "$page" >"$made"
if [ "${2:-}" = --write ]; then
    cp "$made" "$page"
elif ! diff "$page" "$made"; then
    echo "texts_table: docs/texts.md is out of date: run bash tests/texts_table.sh build/tests/texts_table --write"
    exit 1
fi

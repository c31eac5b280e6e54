#!/usr/bin/env bash
# Every function that docs/architecture.md names is defined in the file that stands beside it. The
# script first sees itself fail on a planted row.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# missing FILE: the rows of FILE whose function is not defined in its file, a line each.
# shellcheck disable=SC2016  # the backquotes are Markdown's
missing() {
    sed -n -E 's/^\| `([a-z0-9_]+)` \| \[([^]]+)\]\(\.\.\/([^)]+)\) \|.*/\1 \2 \3/p' "$1" |
        while read -r name shown path; do
            if [ "$shown" != "$path" ]; then echo "$name: the link of $shown leads to $path"; fi
            # A definition begins at the start of a line and does not end in a semicolon there.
            if ! grep -qE "^[a-z].*\b$name\([^;]*\$" "$path" 2>/dev/null; then
                echo "$name is not defined in $path"
            fi
        done
}

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
# shellcheck disable=SC2016  # as above
echo '| `cd_add_wrong` | [autograd/ops/add.c](../autograd/ops/add.c) | planted |' >"$scratch"
if [ "$(missing "$scratch")" != "cd_add_wrong is not defined in autograd/ops/add.c" ]; then
    echo "architecture: a function that is not there is not noticed"
    exit 1
fi
rows=$(grep -c '^| `' docs/architecture.md)
if [ "$rows" -lt 40 ]; then
    echo "architecture: only $rows rows were found in docs/architecture.md"
    exit 1
fi
found=$(missing docs/architecture.md)
if [ -n "$found" ]; then
    echo "architecture: docs/architecture.md is out of date:"
    echo "$found"
    exit 1
fi
echo "architecture: $rows functions are where docs/architecture.md says"

#!/usr/bin/env bash
# docs/architecture.md follows calls through the code, as trees of functions. This script checks
# every line of a tree against the sources:
#   - the function is defined in the file that is named beside it;
#   - its caller, the nearest line above with less indentation, calls it;
#   - the functions of one caller come in the order in which it calls them. A function with a * is
#     called through a pointer, so only its definition is checked. Before that the script checks
#     that it reports planted mistakes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# body NAME FILE: prints the function's definition, each line with its number.
body() {
    awk -v name="$1" '
        !inside && $0 ~ "^[a-z].*[ *]" name "\\(" { text = $0; number = NR; inside = 1 }
        !inside { next }
        /;$/ && number && !open { inside = 0; next }  # a prototype
        /^{/ { open = 1 }
        { print NR ": " $0 }
        /^}/ && open { exit }
    ' "$2" 2>/dev/null
}

# lines FILE: prints the indentation, name and path of each line of the trees in FILE.
lines() {
    awk '/^```/ { on = $0 == "```tree"; next }
         on { match($0, /^ */); print RLENGTH, $1, $2 }' "$1"
}

# faults FILE: prints a sentence for each line of a tree that is wrong.
faults() {
    local indent name path depth body at
    local -a caller=() caller_path=() last=()
    while read -r indent name path; do
        depth=$((indent / 2))
        local marked=${name%%[a-z]*}
        name=${name#\*}
        body=$(body "$name" "$path")
        if [ -z "$body" ]; then echo "$name is not defined in $path"; fi
        caller[depth]=$name caller_path[depth]=$path last[depth + 1]=0
        if [ "$depth" -eq 0 ] || [ -n "$marked" ]; then continue; fi
        at=$(body "${caller[depth - 1]}" "${caller_path[depth - 1]}" | tail -n +2 |
            sed -n -E "s/^([0-9]+): .*\b$name\(.*/\1/p" | head -n 1)
        if [ -z "$at" ]; then
            echo "$name is not called by ${caller[depth - 1]}"
        elif [ "$at" -lt "${last[depth]}" ]; then
            echo "$name is called earlier by ${caller[depth - 1]}"
        else
            last[depth]=$at
        fi
    done < <(lines "$1")
}

cat >"$scratch/planted.md" <<'END'
```tree
cd_load_with            io/checkpoint.c
  load                  io/checkpoint.c
    read_slot           io/checkpoint.c
    cd_checkpoint_slots_match  io/checkpoint_names.c
    cd_archive_read     io/archive_read.c
  cd_load_wrong         io/checkpoint.c
```
END
cat >"$scratch/expected" <<'END'
cd_checkpoint_slots_match is called earlier by load
cd_archive_read is not called by load
cd_load_wrong is not defined in io/checkpoint.c
cd_load_wrong is not called by cd_load_with
END
faults "$scratch/planted.md" | diff - "$scratch/expected" >"$scratch/diff" || {
    echo "architecture: the check does not report the planted mistakes:"
    cat "$scratch/diff"
    exit 1
}
count=$(lines docs/architecture.md | wc -l)
if [ "$count" -lt 60 ]; then
    echo "architecture: only $count lines were found in docs/architecture.md"
    exit 1
fi
found=$(faults docs/architecture.md)
if [ -n "$found" ]; then
    echo "architecture: docs/architecture.md is out of date:"
    echo "$found"
    exit 1
fi
echo "architecture: $count functions are where docs/architecture.md says"

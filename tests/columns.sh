#!/usr/bin/env bash
# Checks that no comment in the C sources has a line of more than 100 columns, where clang-format
# breaks only code. Before that the script checks that it reports a planted violation.
set -euo pipefail
cd "$(dirname "$0")/.."

# too_long FILES: prints each such line, and is true if there is one.
too_long() {
    awk 'length($0) > 100 && (/^ *\*/ || /\/\*/) {
        print FILENAME ":" FNR ": the comment has " length($0) " columns, and may have 100"
        found = 1
    }
    END { exit !found }' "$@"
}

planted=$(mktemp)
trap 'rm -f "$planted"' EXIT
printf '/* %0.sword' {1..25} >"$planted"
if ! too_long "$planted" >/dev/null; then
    echo "columns: a planted comment of more than 100 columns was not reported"
    exit 1
fi

mapfile -t files < <(find apps autograd core io models nn optim tests candela.h -name '*.[ch]')
if too_long "${files[@]}"; then exit 1; fi
echo "columns: the comments of ${#files[@]} files have at most 100 columns"

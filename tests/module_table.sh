#!/usr/bin/env bash
# module_table.sh PROGRAM: checks that docs/modules.md is what PROGRAM, build/tests/module_table,
# prints from the tables of the classes, and that each call that a row of it describes compiles:
# with the arguments alone, and with each option set to what the page says is its default.
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
calls=$table.c
trap 'rm -f "$table" "$calls"' EXIT
awk -F' [|] ' '
    # A value that compiles for an argument.
    function value(name) {
        if (name == "shape" || name == "sizes") return "CD_SHAPE(1)"
        if (name == "padding") return "CD_SIZES(1)"
        if (name ~ /^\{/) { sub(/(module|tensor) /, "NULL ", name); return name }
        return "0"
    }
    BEGIN { print "#include <candela.h>\nvoid calls(void);\nvoid calls(void)\n{" }
    !/^\| `cd_nn_/ { next }
    {
        sub(/^\| /, "", $1)
        gsub(/`/, "", $1)
        gsub(/\([^)]*`[^()]*\)/, "", $3) # the names in PyTorch
        arguments = ""
        n = split($3, part, "`")
        for (i = 2; i <= n; i += 2) arguments = arguments (arguments ? ", " : "") value(part[i])
        print "(void)sizeof " $1 "(" arguments ");"
        sub(/ \|$/, "", $4)
        n = split($4, part, "`")
        for (i = 2; i <= n; i += 2) {
            if (part[i] !~ /^\./) continue
            name = default = part[i]
            sub(/ = .*/, "", name)
            if (!sub(/^[^=]* = /, "", default) || default == "kernel" || default ~ /^\./) default = "0"
            print "(void)sizeof " $1 "(" arguments (arguments ? ", " : "") name " = " default ");"
        }
    }
    END { print "}" }' "$table" >"$calls"
if ! "${CC:-cc}" -std=gnu11 -fsyntax-only -Wall -Werror -I "$root" "$calls"; then
    echo "module_table: a row of docs/modules.md is not how the function is called"
    failed=1
fi
exit $failed

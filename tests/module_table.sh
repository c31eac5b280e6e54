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
    !/^\| [A-Za-z0-9]+ \| `cd_nn_/ { next }
    {
        arguments = options = ""
        function_ = inside = $2
        sub(/^`/, "", function_)
        sub(/\(.*/, "", function_)
        sub(/^[^(]*\(/, "", inside)
        sub(/\)`$/, "", inside)
        sub(/"name", /, "\"name\"\001", inside) # a comma within braces
        n = split(inside, part, ", ")
        for (i = 1; i <= n; i++) {
            sub("\001", ", ", part[i])
            if (part[i] !~ /^\./ && part[i] != "...") arguments = arguments (arguments ? ", " : "") value(part[i])
        }
        print "(void)sizeof " function_ "(" arguments ");"
        for (i = 1; i <= n; i++) {
            if (part[i] !~ /^\./ || part[i] == "...") continue
            name = default = part[i]
            sub(/ = .*/, "", name)
            if (!sub(/^[^=]* = /, "", default) || default == "kernel" || default ~ /^\./) default = "0"
            print "(void)sizeof " function_ "(" arguments (arguments ? ", " : "") name " = " default ");"
            options++
        }
        rows++
        all += options
    }
    END { print "}"; if (rows < 90 || all < 200) exit 1 }' "$table" >"$calls" || {
    echo "module_table: too few calls are found in docs/modules.md"
    failed=1
}
if ! "${CC:-cc}" -std=gnu11 -fsyntax-only -Wall -Werror -I "$root" "$calls"; then
    echo "module_table: a row of docs/modules.md is not how the function is called"
    failed=1
fi
exit $failed

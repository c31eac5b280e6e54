#!/usr/bin/env bash
# Checks every #include against the architecture: core <- autograd <- nn <- { optim, io } <- models
# <- apps. Before that the script checks that it reports planted violations.
set -euo pipefail

# The architecture. A file at or below FROM may include headers at or below one of TO, except those
# below !core/cpu, the headers of the kernels. If a file fits several FROM, the longest one counts.
table='
FROM                    TO
candela.h               core autograd nn optim io models
core                    core
autograd                core autograd !core/cpu
autograd/dispatch       core autograd
autograd/families       core autograd
autograd/ops            core autograd
nn                      core autograd nn !core/cpu
optim                   core autograd nn optim !core/cpu
io                      core autograd nn io !core/cpu
models                  core autograd nn optim io models !core/cpu
apps                    candela.h apps
apps/examples           candela.h
'

# violations ROOT: prints a line for each wrong #include below ROOT.
# shellcheck disable=SC2016  # the dollars are awk's
violations() (
    cd "$1"
    local here=()
    for folder in candela.h core autograd nn optim io models apps; do
        if [ -e "$folder" ]; then here+=("$folder"); fi
    done
    find "${here[@]}" -type f \( -name '*.[ch]' -o -name '*.def' \) | LC_ALL=C sort |
        table=$table xargs awk '
        BEGIN {
            rows = split(ENVIRON["table"], row, "\n")
            for (r = 1; r <= rows; r++) {
                if (split(row[r], word, " ") < 2 || word[1] == "FROM") continue
                to[word[1]] = substr(row[r], index(row[r], word[2]))
            }
        }
        function below(path, folder) { return path == folder || index(path, folder "/") == 1 }
        # The length of the longest path in LIST that PATH is at or below; 0: none. With sign == "!"
        # only the paths with a ! count, otherwise only those without.
        function fit(path, list, sign,    n, i, folder, best) {
            n = split(list, folder, " ")
            for (i = 1; i <= n; i++) {
                if ((substr(folder[i], 1, 1) == "!") != (sign == "!")) continue
                sub(/^!/, "", folder[i])
                if (below(path, folder[i]) && length(folder[i]) > best) best = length(folder[i])
            }
            return best + 0
        }
        # Whether a header is private. A header in a folder within a folder always is.
        function private(path) { return path ~ /_internal\.h$/ || path ~ /^[^\/]+\/.*\// }
        function wrong(why) { printf "%s:%d: %s: %s\n", FILENAME, FNR, $0, why }
        FNR == 1 {
            from = ""
            for (folder in to) if (below(FILENAME, folder) && length(folder) > length(from)) from = folder
            public = FILENAME ~ /\.h$/ && !private(FILENAME)
        }
        /^[ \t]*#[ \t]*include/ {
            if (!match($0, /["<][^">]*[">]/)) { wrong("the path must be written out"); next }
            quoted = substr($0, RSTART, 1) == "\""
            path = substr($0, RSTART + 1, RLENGTH - 2)
            split(path, part, "/")
            ours = part[1] in to || path ~ /_internal\.h$/
            if (!quoted && !ours) next
            beside = from ~ /^apps/ && path !~ /\// && path != "candela.h"
            if (beside) next
            if (path ~ /(^|\/)\.\.?\//) wrong("name it from the root, without dots")
            else if (!fit(path, to[from], "")) wrong("not upstream of " from "/")
            else if (public && private(path)) wrong("a private header in a public one")
            else if (fit(path, to[from], "!")) wrong("private to the kernels")
        }'
)

# Checks that the legal lines below are not reported, and that each of the planted ones is.
self_test() {
    local root folder include
    root=$(mktemp -d)
    # shellcheck disable=SC2064  # the trap must use the present value
    trap "rm -rf '$root'" EXIT
    while read -r folder include; do
        mkdir -p "$root/$(dirname "$folder")"
        printf '#include %s\n' "$include" >"$root/$folder"
    done <<'LEGAL'
core/a.c "core/a_internal.h"
core/cpu/a.c "core/cpu/a_internal.h"
core/cpu/a_typed.h "core/cpu/a_internal.h"
autograd/ops/a.c "core/cpu/a_internal.h"
autograd/a.c "core/a_internal.h"
autograd/dispatch/a.c "core/cpu/step_internal.h"
io/a.c <zlib.h>
io/pth/a.c "nn/module.h"
models/a.c "optim/sgd.h"
apps/a.c <candela.h>
apps/b.c "own.h"
candela.h "core/error.h"
LEGAL
    if [ -n "$(violations "$root")" ]; then
        echo "arrows: the check reports legal includes:"
        violations "$root"
        return 1
    fi
    while read -r folder include; do
        mkdir -p "$root/$(dirname "$folder")"
        printf '#include %s\n' "$include" >"$root/$folder"
        if [ -z "$(violations "$root")" ]; then
            echo "arrows: the check passes #include $include in $folder"
            return 1
        fi
        rm "$root/$folder"
    done <<'PLANTED'
core/v.c "autograd/node.h"
core/v.c <autograd/node.h>
core/cpu/v.c "../../nn/module.h"
core/v.h "core/memory_internal.h"
core/v.h "core/cpu/gemm_typed.h"
core/v.c "memory.h"
core/v.c SOME_HEADER
autograd/v.c "core/cpu/gemm_internal.h"
autograd/ops/v.c "nn/module.h"
nn/v.h "optim/sgd.h"
nn/v.c "core/cpu/gemm_internal.h"
optim/v.c "io/reader.h"
optim/v.c "core/cpu/step_internal.h"
io/v.c "optim/sgd.h"
io/pth/v.c "models/resnet.h"
models/v.c "apps/candela.h"
apps/v.c "core/error.h"
apps/v.c <core/error.h>
apps/examples/v.c "core/error_internal.h"
candela.h "core/error_internal.h"
PLANTED
}

self_test
found=$(violations "$(dirname "${BASH_SOURCE[0]}")/..")
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    echo "arrows: the table in tests/arrows.sh says what may include what; see CONTRIBUTING.md"
    exit 1
fi

#!/usr/bin/env bash
# Checks the public headers, as they are installed, with each compiler of this machine:
#   - each header compiles without a warning when it is the only include, as C11 and as C++17;
#   - each example compiles against them;
#   - the structs of options have the same layout with all compilers, since C++ calls what C
#     compiled;
#   - candela.h includes every public header.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
warnings=(-Wall -Wextra -pedantic -Wshadow -Wconversion -Werror)
failed=0
checks=0

# check NAME FILE COMPILER OPTIONS...: compiles FILE, and reports NAME if that fails.
check() {
    local what=$1 file=$2
    shift 2
    checks=$((checks + 1))
    if ! "$@" "${warnings[@]}" -I "$scratch/include" -fsyntax-only "$file" >"$scratch/log" 2>&1; then
        echo "headers: $what does not compile with: $* ${warnings[*]}"
        head -20 "$scratch/log"
        failed=1
    fi
}

# compilers LANGUAGE: prints the installed compilers that work.
compilers() {
    local compiler
    local names=(gcc clang)
    if [ "$1" = c++ ]; then names=(g++ clang++); fi
    for compiler in "${names[@]}"; do
        if echo '#include <stdint.h>' | "$compiler" -x "$1" -fsyntax-only - 2>/dev/null; then
            echo "$compiler"
        fi
    done
}
mapfile -t c < <(compilers c)
mapfile -t cxx < <(compilers c++)
echo "headers: as C with ${c[*]:-nothing}, as C++ with ${cxx[*]:-nothing}"
if [ ${#c[@]} -eq 0 ]; then
    echo "SKIPPED: neither gcc nor clang is installed"
    exit 77
fi

# alone HEADER: compiles a file that includes only this header, with every compiler.
alone() {
    local compiler
    echo "#include \"$1\"" >"$scratch/alone"
    for compiler in "${c[@]}"; do
        check "$1" "$scratch/alone" "$compiler" -std=c11 -x c
    done
    for compiler in "${cxx[@]}"; do
        check "$1" "$scratch/alone" "$compiler" -std=c++17 -x c++
    done
}

cmake -D "TO=$scratch/include" -P "$root/cmake/public_headers.cmake"
while read -r header; do
    alone "$header"
done < <(cd "$scratch/include" && find . -name '*.h' | sed 's|^\./||' | LC_ALL=C sort)
# A device may be written in C++, so the header that describes devices must compile too.
for compiler in "${cxx[@]}"; do
    echo '#include "core/device_internal.h"' >"$scratch/alone"
    check core/device_internal.h "$scratch/alone" "$compiler" -std=c++17 -x c++ -I "$root"
done
if [ "$checks" -eq 0 ]; then
    echo "headers: there are no public headers"
    exit 1
fi

# Calls that a user of PyTorch writes, and that C would take for something else, must not compile.
wrong=(
    'cd_mean(x, .dims = 1)' 'cd_mean(x, .dims = 0)' 'cd_norm(x, .dims = -1)' 'cd_sum(x, 1)'
    'cd_layer_norm(x, 5)' 'cd_rms_norm(x, 5)' 'cd_nn_layer_norm(5)' 'cd_nn_rms_norm(5)'
    'cd_zeros(3, 4)'
)
right=('cd_mean(x, .dims = CD_DIMS(1))' 'cd_nn_layer_norm(CD_SHAPE(5))' 'cd_zeros(CD_SHAPE(3, 4))')
for compiler in "${c[@]}"; do
    for call in "${right[@]}" "${wrong[@]}"; do
        printf '#include "candela.h"\nvoid *call(cd_tensor *x);\nvoid *call(cd_tensor *x)\n' >"$scratch/call"
        printf '{\n    (void)x;\n    return %s;\n}\n' "$call" >>"$scratch/call"
        compiles=yes
        "$compiler" -std=c11 -x c -Werror -I "$scratch/include" -fsyntax-only "$scratch/call" \
            >"$scratch/log" 2>&1 || compiles=no
        expected=no
        case " ${right[*]} " in *" $call "*) expected=yes ;; esac
        if [ "$compiles" != "$expected" ]; then
            echo "headers: with $compiler, does $call compile? $compiles; it should be $expected"
            head -5 "$scratch/log"
            failed=1
        fi
    done
done

# Users copy the examples, so these compile with the strictest flags that users have.
for example in "$root"/apps/examples/*.c; do
    [ -e "$example" ] || continue
    for compiler in "${c[@]}"; do
        check "$example" "$example" "$compiler" -std=c11
    done
done

# layout: prints a C program that prints the size of each struct with a CD_GUARD_, and the offsets
# of its members. The headers have one member a line, or several of one type, separated by commas.
layout() {
    echo '#include <stdio.h>'
    echo '#include "candela.h"'
    echo 'int main(void) {'
    find "$scratch/include/candela" -name '*.h' -print0 | LC_ALL=C sort -z | xargs -0 cat |
        sed -z 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g; s|\\\n||g' | awk '
            # Members that two structs share: #define CD_CONV_OPTIONS int64_t stride, padding
            /^#define CD_[A-Z0-9_]+_OPTIONS +[a-z]/ { key = $2; sub(/^#define [^ ]+ +/, ""); shared[key] = $0; next }
            /^typedef struct [a-z_0-9]+ \{/ { name = $3; count = guarded = 0; next }
            name == "" { next }
            /CD_GUARD_;/ { guarded = 1; next }
            { key = $1; sub(/;$/, "", key); if (key in shared) $0 = shared[key] ";" }
            /^} / {
                if (guarded) {
                    printf "printf(\"%s: %%zu\\n\", sizeof(%s));\n", name, name
                    for (i = 0; i < count; i++)
                        printf "printf(\"%s.%s: %%zu\\n\", offsetof(%s, %s));\n",
                               name, member[i], name, member[i]
                }
                name = ""
                next
            }
            /\(\*[a-z_0-9]+\)\(/ {
                sub(/.*\(\*/, ""); sub(/\).*/, "")
                member[count++] = $0
                next
            }
            /;/ {
                declarations = split($0, declaration, ";")
                for (d = 1; d < declarations; d++) {
                    n = split(declaration[d], part, ",")
                    for (i = 1; i <= n; i++) {
                        gsub(/^.*[ *]/, "", part[i])
                        member[count++] = part[i]
                    }
                }
            }'
    echo 'return 0; }'
}

layout >"$scratch/layout"
if [ "$(grep -c '^printf("[a-z_0-9]*:' "$scratch/layout")" -ne \
    "$(grep -rh '^    CD_GUARD_;' "$scratch/include/candela" | wc -l)" ]; then
    echo "headers: the layout of some struct with a CD_GUARD_ is not checked"
    failed=1
fi
first=''
for compiler in "${c[@]}" "${cxx[@]}"; do
    language=(-x c -std=c11)
    case $compiler in *++) language=(-x c++ -std=c++17) ;; esac
    if ! "$compiler" "${language[@]}" -I "$scratch/include" -o "$scratch/program" "$scratch/layout"; then
        echo "headers: the layouts of options do not compile with $compiler"
        failed=1
        continue
    fi
    "$scratch/program" >"$scratch/of_$compiler"
    first=${first:-$compiler}
    if ! diff "$scratch/of_$first" "$scratch/of_$compiler"; then
        echo "headers: options have another layout with $compiler than with $first"
        failed=1
    fi
done

# candela.h is the whole interface, so it must include every public header.
if [ -e "$scratch/include/candela.h" ]; then
    "${c[0]}" -I "$scratch/include" -M "$scratch/include/candela.h" |
        sed 's/[ \\]/\n/g' >"$scratch/seen"
    while read -r header; do
        if ! grep -qxF "$header" "$scratch/seen"; then
            echo "headers: candela.h does not include ${header#"$scratch/include/"}"
            failed=1
        fi
    done < <(find "$scratch/include/candela" -name '*.h')
fi
exit $failed

#!/usr/bin/env bash
# snippets.sh BUILD: checks that every piece of C in README.md and docs/ compiles with the strictest
# flags that users have, runs, and prints what the page says. snippets.awk makes programs of the
# pieces.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cc=${CC:-cc}
warnings=(-std=c11 -Wall -Wextra -pedantic -Wshadow -Wconversion -Wno-unused-variable -Wno-unused-value -Wno-unused-function -Werror)
failed=0 pieces=0

# complain PAGE LINE PROBLEM FILE: reports the piece at that line, with the messages in FILE.
complain() {
    echo "snippets: $1:$2 $3"
    head -40 "$4"
    failed=1
}

# piece PAGE FILE: compiles the program, and runs it in a folder of its own.
piece() {
    local page=$1 file=$2 line program=${2%.c}
    line=$(basename "$program")
    pieces=$((pieces + 1))
    if ! "$cc" "${warnings[@]}" -I "$root" -I "$root/tests" "$file" -o "$program" \
        -L "$build" -lcandela -Wl,-rpath,"$build" -lm >"$program.log" 2>&1; then
        complain "$page" "$line" "does not compile:" "$program.log"
        return
    fi
    mkdir "$program.folder"
    if ! (cd "$program.folder" && timeout 300 "$program") >"$program.out" 2>"$program.log"; then
        complain "$page" "$line" "fails:" "$program.log"
    elif [ -e "$program.txt" ] && ! diff "$program.txt" "$program.out" >"$program.log"; then
        complain "$page" "$line" "prints something else (< the page, > the program):" "$program.log"
    fi
}

# page FILE: checks the pieces of a page. The values that PyTorch gives for the rows of
# docs/NAME.md's tables are in tests/golden/NAME.txt.
page() {
    local name folder golden
    name=$(basename "$1" .md)
    folder=$(mktemp -d -p "$scratch")
    golden=$root/tests/golden/$name.txt
    [ -e "$golden" ] || golden=
    awk -v out="$folder" -v golden="$golden" -f "$root/tests/snippets.awk" "$1"
    while read -r file; do
        piece "${1#"$root/"}" "$file"
    done < <(find "$folder" -name '*.c' | LC_ALL=C sort -V)
}

for file in "$root/README.md" "$root"/docs/*.md; do page "$file"; done
echo "snippets: $pieces programs"
[ "$pieces" -gt 0 ] && exit $failed

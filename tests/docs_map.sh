#!/usr/bin/env bash
# docs_map.sh BUILD: checks that docs/README.md, the map for readers, leads to every page of docs/ and
# to every example, and README.md to the map; that each relative link of each page leads to a file,
# and its anchor to a heading; and that the line of README.md that compiles a program of one's own
# compiles each example. Before that it checks that it reports planted mistakes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "$1" && pwd)
cd "$root"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# links PAGE: prints the target of each link, without those of other sites and those in code.
links() {
    # shellcheck disable=SC2016  # the quotes are of Markdown
    awk '/^ *```/ { code = !code; next } !code' "$1" | sed 's/`[^`]*`//g' |
        grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//' | grep -vE '^(https?|mailto):' || true
}

# anchors PAGE: prints the anchor of each heading, as GitHub makes it.
anchors() {
    awk '/^ *```/ { code = !code; next } !code && /^#+ / { sub(/^#+ /, ""); print tolower($0) }' "$1" |
        sed 's/[^a-z0-9_ -]//g; s/ /-/g'
}

# broken PAGE: prints a sentence for each link that leads nowhere.
broken() {
    local page=$1 link file anchor
    while read -r link; do
        file=${link%%#*}
        if [ -n "$file" ]; then file=$(dirname "$page")/$file; else file=$page; fi
        anchor=${link#*#}
        if [ ! -e "$file" ]; then
            echo "$page: there is no $link"
        elif [[ $link == *#* ]] && [[ $file == *.md ]] && ! anchors "$file" | grep -qxF -- "$anchor"; then
            echo "$page: no heading of ${file##*/} is #$anchor"
        fi
    done < <(links "$page")
}

# unreached MAP FILES: prints a sentence for each file that the map does not lead to.
unreached() {
    local map=$1 file
    links "$map" | sed 's/#.*//' | sort -u | while read -r file; do
        realpath -m "$(dirname "$map")/$file"
    done >"$scratch/reached"
    shift
    for file in "$@"; do
        grep -qxF -- "$(realpath -m "$file")" "$scratch/reached" || echo "$map does not lead to $file"
    done
}

cat >"$scratch/page.md" <<'END'
# A page, and "more"
[one](page.md#a-page-and-more) [two](none.md) [three](#nothing) `[four](none.md)` [five](https://none)
END
{
    broken "$scratch/page.md"
    unreached "$scratch/page.md" "$scratch/page.md" "$scratch/other.md"
} | sed "s|$scratch/||g" >"$scratch/found"
diff - "$scratch/found" <<'END' || { echo "docs_map: the check does not report the planted mistakes"; exit 1; }
page.md: there is no none.md
page.md: no heading of page.md is #nothing
page.md does not lead to other.md
END

mapfile -t pages < <(find . -maxdepth 1 -name '*.md'; find docs -name '*.md')
mapfile -t examples < <(find apps/examples -name '*.c')
{
    for page in "${pages[@]}"; do broken "$page"; done
    unreached README.md docs/README.md
    unreached docs/README.md docs/*.md "${examples[@]}" | grep -v 'lead to docs/README.md$' || true
} >"$scratch/found"
line=$(grep -E '^gcc .*main\.c.* -o main$' README.md) || echo "README.md has no line that begins with gcc" >>"$scratch/found"
for example in "${examples[@]}"; do
    command=${line/main.c/$example -Werror}
    command=${command/-Lbuild/-L$build}
    command=${command/#gcc/${CC:-gcc}}
    bash -c "${command/%main/$scratch/main}" >"$scratch/messages" 2>&1 || {
        echo "README.md's line does not compile $example:"
        cat "$scratch/messages"
    } >>"$scratch/found"
done
if [ -s "$scratch/found" ]; then
    cat "$scratch/found"
    exit 1
fi
echo "docs_map: ${#pages[@]} pages and ${#examples[@]} examples are reached, and compile with one line"

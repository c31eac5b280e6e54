#!/usr/bin/env bash
# random_lines.sh SEED COUNT FOLDER...: prints so many lines of code, drawn evenly from the .c and .h
# files of these folders, for whoever plants changes that nobody has chosen the place of. Comments,
# empty lines, directives and lone braces are not drawn. The same seed draws the same lines of the
# same sources, with the same awk (mawk, for the changes that are here).
set -euo pipefail
seed=$1 count=$2
shift 2
# shellcheck disable=SC2016  # awk's variables
find "$@" -name '*.[ch]' | LC_ALL=C sort | xargs awk '
    FNR == 1 { comment = 0 }
    /^[ \t]*\/\*/ { comment = 1 }
    !comment && !/^[ \t]*$/ && !/^#/ && !/^[ \t]*[{}]+;?,?[ \t]*$/ { print FILENAME ":" FNR ": " $0 }
    /\*\// { comment = 0 }' |
    awk -v seed="$seed" -v count="$count" '
        BEGIN { srand(seed) }
        { line[NR] = $0 }
        END {
            for (i = 1; i <= count && i <= NR; i++) {
                k = i + int(rand() * (NR - i + 1))
                drawn = line[k]
                line[k] = line[i]
                print drawn
            }
        }'

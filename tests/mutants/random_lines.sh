#!/usr/bin/env bash
# random_lines.sh SEED COUNT FOLDER...: prints COUNT random lines of code from the .c and .h files
# of these folders, each line with the same probability. They show where to plant changes whose
# places nobody has chosen. Comments, empty lines, directives and lone braces are not drawn. The
# same SEED draws the same lines of the same sources, with the same awk (the changes in this folder:
# mawk).
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

#!/bin/bash
# tests/bench/compare.sh [PYTHON [PREFIX...]]: compares the times of bench_autograd, or of bench_ops or
# bench_steps, with those of PyTorch; of all rows, or of those whose names begin with a PREFIX.
#
# Runs both in turn, so that other programs on the machine disturb both alike. Prints for each row
# the median over all rounds of the medians and of the minima, and the ratio of Candela's time to
# PyTorch's; a ratio below 1 means that Candela is faster. If PYTHON (python3) has no torch, only
# Candela's figures are printed. The environment variables ROUNDS (5) and BENCH
# (build/tests/bench_autograd) set the number of rounds and the program; beside bench_NAME runs
# pytorch_NAME.py.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
bench=${BENCH:-$here/../../build/tests/bench_autograd}
python=${1:-python3}
prefixes=("${@:2}")
rounds=${ROUNDS:-5}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

if [ ! -x "$bench" ]; then
    echo "compare.sh: no program at $bench: build first, or set BENCH" >&2
    exit 1
fi
beside=yes
if ! "$python" -c 'import torch' 2> "$out/why"; then
    echo "compare.sh: $python has no torch ($(tail -n 1 "$out/why")): Candela's figures only" >&2
    beside=no
fi

for ((round = 1; round <= rounds; round++)); do
    "$bench" "${prefixes[@]}" | sed 's/^/candela /' >> "$out/rows"
    if [ $beside = yes ]; then
        "$python" "$here/pytorch_${bench##*/bench_}.py" "${prefixes[@]}" | sed 's/^/pytorch /' >> "$out/rows"
    fi
done

# The lines of "rows" are: candela or pytorch, the row's name, median, minimum. Rows that count have
# no minimum, and the row "version" is a text.
awk -v rounds="$rounds" '
function median(list, n,    i, j, swapped, value) {
    n = split(list, value, " ")
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && value[j - 1] + 0 > value[j] + 0; j--) {
            swapped = value[j]; value[j] = value[j - 1]; value[j - 1] = swapped
        }
    return n ? value[int((n + 1) / 2)] : ""
}
function ratio(ours, theirs) {
    return ours == "" || theirs == "" || theirs == 0 ? "" : sprintf("%.2f", ours / theirs)
}
$2 == "version" { who = $1; sub(/^[^ ]+ version /, ""); version[who] = $0; next }
{
    if (!($2 in seen)) { seen[$2] = 1; order[++rows] = $2 }
    medians[$1, $2] = medians[$1, $2] " " $3
    minima[$1, $2] = minima[$1, $2] " " $4
}
END {
    print version["candela"] (version["pytorch"] ? " beside " version["pytorch"] : "") \
        ", medians of " rounds " rounds"
    printf "%-29s %10s %10s %6s %10s %10s %6s\n", "", "Candela", "PyTorch", "ratio", \
        "Candela", "PyTorch", "ratio"
    printf "%-29s %10s %10s %6s %10s %10s %6s\n", "row", "median", "median", "", "minimum", \
        "minimum", ""
    for (i = 1; i <= rows; i++) {
        row = own = order[i]
        sub(/_out_/, "_", own) # PyTorch writing to an existing tensor is compared with the same row of ours
        a = median(medians["candela", own]); b = median(medians["pytorch", row])
        c = median(minima["candela", own]); d = median(minima["pytorch", row])
        printf "%-29s %10s %10s %6s %10s %10s %6s\n", row, a, b, ratio(a, b), c, d, ratio(c, d)
    }
    copied = median(minima["candela", "memcpy_10m_ms"]); added = median(minima["candela", "add_10m_ms"])
    if (copied && added)
        printf "add moves %.0f %% of the bytes per second of memcpy (minima)\n", 150 * copied / added
}' "$out/rows"

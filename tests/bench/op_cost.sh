#!/usr/bin/env bash
# op_cost.sh BUILD [OP...]: prints how many instructions one call of each op takes, on one element.
# OP+ means that the call is recorded. Without OP it prints all ops of bench_op_cost, unrecorded and
# recorded. callgrind counts, so the figures are the same each time: the difference between 300
# calls and 100, divided by 200.
set -euo pipefail
program=$1/tests/bench_op_cost
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

count() {
    valgrind --tool=callgrind --callgrind-out-file="$scratch/out" "$program" "$1" "$2" 2>"$scratch/log" ||
        { cat "$scratch/log" >&2; exit 1; }
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$scratch/log"
}

if [ $# -eq 0 ]; then
    read -ra names < <("$program" 2>&1 | sed 's/.*one of: //')
    set --
    for name in "${names[@]}"; do
        case $name in
        add_ | zeros | ones | rand) set -- "$@" "$name" ;;
        relu_backward) set -- "$@" "$name+" ;;
        *) set -- "$@" "$name" "$name+" ;;
        esac
    done
fi
for op in "$@"; do
    many=$(count "$op" 300) few=$(count "$op" 100)
    printf '%-16s %6d\n' "$op" $(((many - few) / 200))
done

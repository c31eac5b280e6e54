#!/usr/bin/env bash
# Checks that only functions that a device runs reach the kernels: a function that calls a function
# of core/cpu, directly or through others, must be the workspace, check, measure or run of an op, or
# in the processor's driver, or be called by such a function. Otherwise an op would not work on
# other devices.
#
# The calls are read from the sources, by their form: the name of a function that is defined begins
# a line. Before that the script checks that it reports a planted violation.
set -euo pipefail

# calls FILES: prints each function that reaches a kernel without being run by a device. Of a chain
# of such functions it prints only the outermost, which nothing else calls.
# shellcheck disable=SC2016  # the dollars are awk's
calls() {
    awk '
    # The unique name of a function: for a static one with its file.
    function named(name) { return (FILENAME, name) in own ? FILENAME ":" name : name }

    # Notes the functions behind ".run =" and the like, in a descriptor or a driver: a device runs
    # them.
    function note_slots(line,    slot) {
        while (match(line, /\.(run|run_all|check|measure|workspace|convert) = [a-z_0-9]+/)) {
            slot = substr(line, RSTART, RLENGTH)
            line = substr(line, RSTART + RLENGTH)
            sub(/.* = /, "", slot)
            runs[named(slot)] = 1
        }
    }

    # Notes every word in the body of a function as a call: it may be a function that is called, or
    # passed on.
    function note_words(line,    word) {
        while (match(line, /[a-z_][a-z_0-9]*/)) {
            word = substr(line, RSTART, RLENGTH)
            line = substr(line, RSTART + RLENGTH)
            if (current == "cd_crc_fold") return # bytes of a file, which lie on no device
            if (word == "cd_cpu_name") continue # gives the name of the instruction set; not a kernel
            if (word ~ /^cd_cpu_/) reaches[current] = 1
            else if (named(word) != current) calls[current, named(word)] = 1
        }
    }

    {
        sub(/\/\*.*\*\//, "")
        gsub(/"[^"]*"/, "")
    }
    /^[a-z].*[a-z_0-9]\(/ && !/;$/ {
        name = $0
        sub(/\(.*/, "", name)
        sub(/.*[ *]/, "", name)
        if (pass == 1 && /^static/) own[FILENAME, name] = 1
        current = named(name)
        defined[current] = FILENAME
        next
    }
    /^}/ { current = "" }
    pass == 2 {
        if (current != "") note_words($0)
        if (current == "" || /static const cd_kernel/) note_slots($0)
    }
    END {
        do {
            changed = 0
            for (pair in calls) {
                split(pair, part, SUBSEP)
                if (!(part[2] in reaches) || part[2] in runs || part[1] in reaches) continue
                reaches[part[1]] = changed = 1
            }
        } while (changed)
        for (pair in calls) {
            split(pair, part, SUBSEP)
            if (part[1] in reaches) called[part[2]] = 1
        }
        for (name in reaches) {
            if (!(name in runs) && !(name in called)) print defined[name] ": " name
        }
    }' pass=1 "$@" pass=2 "$@" | LC_ALL=C sort
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/planted.c" <<'END'
static void fill(void *y)
{
    cd_cpu_zero(y);
}

static bool infer(cd_call *call)
{
    fill(call->out);
    return true;
}

static void run(const cd_launch *launch)
{
    fill(launch->out);
}

const cd_op cd_op_planted = {
    .infer = infer,
    .cpu = { .run = run },
};
END
if [ "$(calls "$scratch/planted.c")" != "$scratch/planted.c: $scratch/planted.c:infer" ]; then
    echo "kernel_calls: the check does not report an infer that calls a kernel:"
    calls "$scratch/planted.c"
    exit 1
fi

cd "$root"
mapfile -t files < <(find core autograd nn optim io models apps -name '*.c' ! -path 'core/cpu/*' \
    ! -path 'apps/examples/*' | LC_ALL=C sort)
found=$(calls "${files[@]}")
if [ -n "$found" ]; then
    echo "kernel_calls: these functions reach a kernel, but no device runs them:"
    echo "$found"
    exit 1
fi
echo "kernel_calls: in ${#files[@]} files only functions that a device runs reach kernels"

#!/usr/bin/env bash
# Only what a device runs reaches its kernels: whatever calls a function of core/cpu, directly or by
# way of others, is called from a kernel's workspace, check, measure or run, or stands in the
# processor's driver. Read from the sources: functions begin at the start of a line, and names of
# static ones are their file's own. The script first sees itself fail on a planted violation.
set -euo pipefail

# calls FILES: prints each function that reaches a kernel, that nothing calls, and that no device has.
# shellcheck disable=SC2016  # the dollars are awk's
calls() {
    awk '
    # What the rest of this knows a function as: with its file where it is static.
    function named(name) { return (FILENAME, name) in own ? FILENAME ":" name : name }

    # The names behind .run = and its like, in a descriptor or a driver.
    function note_slots(line,    slot) {
        while (match(line, /\.(run|check|measure|workspace|convert) = [a-z_0-9]+/)) {
            slot = substr(line, RSTART, RLENGTH)
            line = substr(line, RSTART + RLENGTH)
            sub(/.* = /, "", slot)
            runs[named(slot)] = 1
        }
    }

    # Every word of a function body may be a function that it calls, or hands on.
    function note_words(line,    word) {
        while (match(line, /[a-z_][a-z_0-9]*/)) {
            word = substr(line, RSTART, RLENGTH)
            line = substr(line, RSTART + RLENGTH)
            if (word == "cd_cpu_name") continue # which instruction set is in use; no kernel
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
    echo "kernel_calls: an infer that calls a kernel is not noticed:"
    calls "$scratch/planted.c"
    exit 1
fi

cd "$root"
mapfile -t files < <(find core autograd nn optim io models apps -name '*.c' ! -path 'core/cpu/*' \
    ! -path 'apps/examples/*' | LC_ALL=C sort)
found=$(calls "${files[@]}")
if [ -n "$found" ]; then
    echo "kernel_calls: these reach a kernel, and are neither what a device runs nor called from it:"
    echo "$found"
    exit 1
fi
echo "kernel_calls: ${#files[@]} files, and no kernel is reached but from what a device runs"

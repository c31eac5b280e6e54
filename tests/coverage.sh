#!/usr/bin/env bash
# coverage.sh [--all] [--files FOLDER] [--untaken FILE]: prints how many lines and branches of each
# folder the tests reach. Builds in build-coverage/ with gcc's --coverage and without optimization,
# and runs the tests.
#   --all           runs the long tests too
#   --files FOLDER  also prints a row for each file of the folder
#   --untaken FILE  also prints the lines of the file with branches that no test takes
# With CANDELA_COVERAGE_RUN=no it runs nothing, and prints the results of the last run.
#
# A branch is one of the two ways out of a condition as gcc compiles it, so `a && b` has four.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null
build=${CANDELA_COVERAGE_BUILD:-build-coverage}
select=(-LE '^long$') files='' untaken=''
while [ $# -gt 0 ]; do
    case $1 in
    --all) select=() ;;
    --files | --untaken)
        [ $# -ge 2 ] || { echo "coverage: $1 needs a name" >&2; exit 2; }
        if [ "$1" = --files ]; then files=$2; else untaken=$2; fi
        shift
        ;;
    *) echo "coverage: there is no option $1" >&2; exit 2 ;;
    esac
    shift
done

# Some tests end a program by a signal, which loses its counts: lines that only such a run reaches
# count as not reached. The counters are atomic because several threads count. Two tests always fail
# in this build: "imports" finds the functions that gcov imports, and in "program_misuse" a full
# disk has no room for gcov's files either.
if [ "${CANDELA_COVERAGE_RUN:-yes}" = yes ]; then
    cmake -S . -B "$build" -G Ninja -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug -DCANDELA_TESTS=ON \
        -DCMAKE_C_FLAGS_DEBUG='-O0 --coverage -fprofile-update=atomic' >/dev/null
    cmake --build "$build" >/dev/null
    find "$build" -name '*.gcda' -delete
    ctest --test-dir "$build" -j2 "${select[@]}" --quiet --output-log "$build/coverage.log" ||
        echo "coverage: tests failed (imports and program_misuse always do here), see $build/coverage.log" >&2
fi

# A file that is compiled several times counts once: a branch is taken if any of its objects takes
# it.
find "$build" -name '*.gcno' -print0 | sort -z | xargs -0 gcov -b -c -t 2>/dev/null |
    root=$PWD/ files=$files untaken=$untaken awk '
    function percent(part, all) { return all ? 100 * part / all : 100 }
    # A row for each name that matches.
    function rows(pattern,    name) {
        for (name in lines) {
            if (name !~ pattern) continue
            printf "%-28s %6d %6.1f %% %6d %6.1f %%\n", name, lines[name],
                percent(run[name], lines[name]), branches[name],
                percent(taken[name], branches[name]) | "LC_ALL=C sort"
        }
        close("LC_ALL=C sort")
    }
    /^ +-: +0:Source:/ {
        source = $0
        sub(/^ +-: +0:Source:/, "", source)
        if (index(source, ENVIRON["root"]) == 1) source = substr(source, length(ENVIRON["root"]) + 1)
        skip = source !~ /^(core|autograd|nn|optim|io|models|apps)\/.*[.]c$/
        next
    }
    skip { next }
    /^branch/ {
        key = source SUBSEP line SUBSEP $2
        seen[key] += $3 == "taken" ? $4 : 0
        next
    }
    /^(call|function)/ { next }
    {
        split($0, field, ":")
        line = field[2] + 0
        count = field[1]
        gsub(/[ *]/, "", count)
        if (count == "-" || line == 0) next
        code[source, line] += count ~ /^[0-9]/ ? count : 0
        if (source == ENVIRON["untaken"]) text[line] = substr($0, index($0, ":") + 1)
    }
    END {
        for (key in code) {
            split(key, part, SUBSEP)
            split(part[1], folder, "/")
            for (i = 1; i <= 2; i++) {
                name = i == 1 ? part[1] : folder[1]
                lines[name]++
                run[name] += code[key] > 0
            }
        }
        for (key in seen) {
            split(key, part, SUBSEP)
            split(part[1], folder, "/")
            for (i = 1; i <= 2; i++) {
                name = i == 1 ? part[1] : folder[1]
                branches[name]++
                taken[name] += seen[key] > 0
            }
            if (seen[key] == 0 && part[1] == ENVIRON["untaken"]) {
                missing[part[2]] = missing[part[2]] " " part[3]
                if (part[2] > last) last = part[2] + 0
            }
        }
        printf "%-28s %6s %8s %6s %8s\n", "", "lines", "run", "branches", "taken"
        fflush()
        rows("^[a-z]+$")
        if (ENVIRON["files"] != "") rows("^" ENVIRON["files"] "/")
        for (line = 1; line <= last; line++) {
            if (line in missing) printf "%s\n        never taken:%s\n", text[line], missing[line]
        }
    }'

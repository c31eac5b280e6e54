#!/usr/bin/env bash
# run.sh [--jobs N] [NAME...]: finds out which of the planted changes the tests notice: all changes,
# or those whose names begin with one of NAME. Works in build-mutants/.
#
# Each change is made by itself in a copy of the sources. The copy is built, and the tests that run
# the changed lines are run until one fails. Which tests run which lines is found once, by a build
# with coverage (the map). A change that no test notices in the ordinary build is tried again in a
# build with AddressSanitizer and UBSan, and then in one with ThreadSanitizer. The long tests are
# not run.
#
# A change is caught when a test fails twice with it, or takes too long, and the same test passes in
# the same build after the change was taken back.
#
# At the end it prints a table by folder, and the names of the changes that no test noticed. Exit
# status: 0 done; 1 a change cannot be made or built, a test fails without it, or a build or a
# worker failed; 2 used wrongly.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." >/dev/null
work=$PWD/build-mutants
pristine=$work/pristine
jobs=2
if [ "${1:-}" = --jobs ]; then
    jobs=${2:-}
    shift $(($# > 1 ? 2 : 1))
fi
case $jobs in '' | 0 | *[!0-9]*) echo "run.sh: --jobs takes a number of workers, 1 or more" >&2; exit 2 ;; esac
export CANDELA_SHARED=${CANDELA_SHARED:-$PWD/../shared} CMOCKA_MESSAGE_OUTPUT=STDOUT
folders=(core autograd nn optim models io apps)
mkdir -p "$work"
exec 9>"$work/lock"
flock -n 9 || { echo "run.sh: another run works in $work" >&2; exit 1; }

# See .ci/run.
not_random=()
if setarch "$(uname -m)" -R true 2>/dev/null; then not_random=(setarch "$(uname -m)" -R); fi

# copy FROM TO: copies the sources, without builds.
copy() {
    rm -rf "$2"
    mkdir -p "$2"
    tar cf - -C "$1" --exclude='./build*' --exclude=./.git . | tar xf - -C "$2"
}

# configure SOURCES BUILD CMAKE-ARGUMENTS...
configure() {
    local sources=$1 build=$2
    shift 2
    cmake -G Ninja -S "$sources" -B "$build" -DCANDELA_TESTS=ON -DCANDELA_TEST_SHARED=ON \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE=-O1 "$@" >"$build.log" 2>&1
}

# programs BUILD LABEL: prints the names of the test programs with that label; for an empty LABEL,
# all but the long ones.
programs() {
    local select=(-LE '^long$')
    if [ -n "$2" ]; then select=(-L "^$2\$"); fi
    ctest --test-dir "$1" -N "${select[@]}" | awk '$1 == "Test" { print $3 }' | while read -r name; do
        if [ -x "$1/tests/test_$name" ]; then echo "$name"; fi
    done
}

# passes BUILD TEST: runs the test; true if it passes.
passes() {
    "${not_random[@]}" ctest --test-dir "$1" -R "^$2\$" >"$1/test.log" 2>&1
}

# in_parallel COMMAND...: runs the command $jobs times at once, each time with its number, 1 to
# $jobs, as the last argument.
in_parallel() {
    local number pid pids=()
    for ((number = 1; number <= jobs; number++)); do
        "$@" "$number" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || { echo "run.sh: $1 failed" >&2; exit 1; }; done
}

# ---- which test runs which line ------------------------------------------------------------------

# lines_run BUILD SOURCES: prints the lines that the last test ran, as "FILE:LINE", and deletes the
# counts (.gcda) from which it knows them. A test that compiles sources of the program into itself
# has its counts below tests/.
lines_run() {
    (
        cd "$1"
        find "${folders[@]}" tests -name '*.gcda' -print0 | xargs -0 -r gcov -t 2>/dev/null |
            awk -v root="$2/" '
                { line = $0; sub(/:.*/, "", line); gsub(/[ \t*]/, "", line) }
                /^ *-: *0:Source:/ { file = $0; sub(/.*Source:/, "", file); sub(root, "", file); next }
                file ~ /^tests/ { next }
                line ~ /^[0-9]/ { split($0, part, ":"); gsub(/ /, "", part[2]); print file ":" part[2] }' |
            LC_ALL=C sort -u
        find . -name '*.gcda' -delete
    )
}

# map_tests NUMBER: one worker's part of the map. Writes the lines that a test runs to map/TEST, and
# the milliseconds that it takes to the file seconds.new.
map_tests() {
    local number=$1 name begin
    local build=$work/map-build-$number
    while read -r name; do
        begin=$(date +%s%N)
        passes "$build" "$name" || echo "$name" >>"$work/failing"
        echo "$((($(date +%s%N) - begin) / 1000000)) $name" >>"$work/seconds.new"
        lines_run "$build" "$work/map-source" >"$work/map/$name"
    done < <(programs "$build" '' | awk -v jobs="$jobs" -v number="$number" 'NR % jobs == number - 1')
}

# Checks that the tests that fail in the build with coverage pass in the ordinary build. Coverage
# itself can make a test fail: a process that may write only so much cannot write its counts.
must_pass() {
    local test failing=
    configure "$pristine" "$work/release-map"
    cmake --build "$work/release-map" -j "$jobs" >"$work/release-map.log" 2>&1
    while read -r test; do
        passes "$work/release-map" "$test" || failing+=" $test"
    done <"$work/failing"
    if [ -n "$failing" ]; then
        echo "Without any change these tests fail:$failing"
        exit 1
    fi
}

# Makes the map.
make_map() {
    local number
    rm -rf "$work/map" "$work"/seconds* "$work/failing"
    mkdir -p "$work/map"
    copy "$pristine" "$work/map-source"
    for ((number = 1; number <= jobs; number++)); do
        configure "$work/map-source" "$work/map-build-$number" -DCMAKE_C_COMPILER=gcc \
            -DCMAKE_C_FLAGS='--coverage -fprofile-update=atomic'
        cmake --build "$work/map-build-$number" -j "$jobs" >"$work/map-build-$number.log" 2>&1
    done
    in_parallel map_tests
    if [ -e "$work/failing" ]; then must_pass; fi
    mv "$work/seconds.new" "$work/seconds"
    rm -rf "$work/map-source" "$work"/map-build-* "$work"/release-map
}

# Whether there is a map, and no source has changed since.
is_mapped() {
    [ -e "$work/seconds" ] &&
        [ -z "$(find "${folders[@]}" tests -name '*.[ch]' -newer "$work/seconds" -print -quit)" ]
}

# tests_for FILE FIRST LAST: prints the tests that run one of these lines; if none does, the tests
# that run any line of the file; and for a file without counted lines (only tables or macros), all
# tests. The test named after the file comes first, and then the others, the quickest first.
tests_for() {
    local pattern stem
    pattern=$(awk -v file="$1" -v first="$2" -v last="$3" \
        'BEGIN { for (i = first; i <= last; i++) print file ":" i }')
    stem=$(basename "$1" | sed 's/\.[ch]$//; s/_$//; s/_internal$//')
    (
        cd "$work/map"
        grep -lxF "$pattern" -- * || grep -l "^$1:" -- * || ls
    ) | sort -u | awk -v stem="$stem" '
        NR == FNR { seconds[$2] = $1; next }
        { print ($1 == stem ? -1 : seconds[$1]), $1 }' "$work/seconds" - | sort -n | cut -d' ' -f2
}

# ---- one change ----------------------------------------------------------------------------------

# passes_without SOURCES BUILD FILE TEST: takes the change in FILE back; true if TEST passes then.
passes_without() {
    local sources=$1 build=$2 file=$3 test=$4
    cp "$pristine/$file" "$sources/$file"
    cmake --build "$build" -j 1 >>"$build.log" 2>&1 && passes "$build" "$test"
}

# try SOURCES BUILD LABEL NAME FILE FIRST LAST: tries one change. Prints "caught NAME FILE TEST",
# "survived NAME FILE", "unbuilt NAME FILE", or "broken NAME FILE TEST" for a test that also fails
# without the change.
try() {
    local sources=$1 build=$2 label=$3 name=$4 file=$5 tests test verdict=survived
    (cd "$pristine" && awk -v plant="$name" -f tests/mutants/mutants.awk tests/mutants/*.txt) >"$sources/$file"
    tests=$(tests_for "$file" "$6" "$7")
    if [ -n "$label" ]; then tests=$(grep -xF "$(programs "$build" "$label")" <<<"$tests" || true); fi
    if ! cmake --build "$build" -j 1 >"$build.log" 2>&1; then
        cp "$build.log" "$work/unbuilt-$name.log"
        verdict=unbuilt tests=
    fi
    for test in $tests; do
        if passes "$build" "$test"; then continue; fi
        if ! grep -q Timeout "$build/test.log" && passes "$build" "$test"; then continue; fi
        if passes_without "$sources" "$build" "$file" "$test"; then verdict=caught; else verdict=broken; fi
        break
    done
    if [ "$verdict" = caught ] || [ "$verdict" = broken ]; then file="$file $test"; fi
    echo "$verdict $name $file"
    cp "$pristine/${file%% *}" "$sources/${file%% *}"
}

# worker KIND LABEL CMAKE-ARGUMENTS... NUMBER: takes changes from the queue until it is empty.
worker() {
    local kind=$1 label=$2 number=${*: -1} change
    local sources=$work/source-$number build=$work/$kind-$number
    copy "$pristine" "$sources"
    configure "$sources" "$build" "${@:3:$#-3}"
    cmake --build "$build" -j 1 >"$build.log" 2>&1
    while change=$(flock "$work/queue.lock" sed -i -e '1{w /dev/stdout' -e 'd}' "$work/queue") && [ -n "$change" ]; do
        # shellcheck disable=SC2086  # NAME FILE FIRST LAST
        try "$sources" "$build" "$label" $change | tee -a "$work/results-$kind"
    done
}

# run_pass KIND LABEL CMAKE-ARGUMENTS...: tries the changes in the queue, in builds with these
# arguments. Afterwards the queue has those that survived.
run_pass() {
    local kind=$1
    echo "== $kind: $(wc -l <"$work/queue") changes"
    cp "$work/queue" "$work/tried-$kind"
    : >"$work/results-$kind"
    if [ ! -s "$work/queue" ]; then return; fi
    in_parallel worker "$@"
    if [ "$(wc -l <"$work/results-$kind")" -ne "$(wc -l <"$work/tried-$kind")" ]; then
        echo "run.sh: not every change was tried" >&2
        exit 1
    fi
    awk 'NR == FNR { if ($1 == "survived") kept[$2] = 1; next } $1 in kept' \
        "$work/results-$kind" "$work/tried-$kind" >"$work/queue"
}

# ---- the run -------------------------------------------------------------------------------------

awk -f tests/mutants/mutants.awk tests/mutants/*.txt >"$work/all"
if [ $# -eq 0 ]; then cp "$work/all" "$work/queue"; else : >"$work/queue"; fi
for name in "$@"; do
    awk -v name="$name" 'index($1, name) == 1 { print; any = 1 } END { exit !any }' "$work/all" >>"$work/queue" ||
        { echo "run.sh: no planted change in tests/mutants/*.txt has a name that begins with $name" >&2; exit 2; }
done
sort -u -o "$work/queue" "$work/queue"
cp "$work/queue" "$work/chosen"
rm -rf "$work"/{source,release,sanitize,threads,unbuilt}-* # an interrupted run leaves a change in them
copy . "$pristine"
begin=$SECONDS
if ! is_mapped; then
    echo "== $(wc -l <"$work/queue") changes; before that some minutes for the map of which test runs which line"
    make_map
    echo "== the map of lines: $((SECONDS - begin)) s"
fi
run_pass release '' -DCANDELA_TEST_TIMEOUT=90
run_pass sanitize '' -DCANDELA_SANITIZE=address,undefined
run_pass threads threads -DCANDELA_SANITIZE=thread

echo
awk -v folders="${folders[*]}" '
    FILENAME ~ /chosen$/ { folder = $2; sub(/\/.*/, "", folder); planted[folder]++; all++; next }
    $1 == "caught" { folder = $3; sub(/\/.*/, "", folder); caught[folder]++; noticed++ }
    END {
        count = split(folders, name, " ")
        for (i = 1; i <= count; i++) {
            if (planted[name[i]]) printf "%-10s %4d planted %4d caught %6.1f %%\n", name[i], \
                planted[name[i]], caught[name[i]], 100 * caught[name[i]] / planted[name[i]]
        }
        printf "%-10s %4d planted %4d caught %6.1f %%\n", "all", all, noticed, 100 * noticed / all
    }' "$work/chosen" "$work"/results-{release,sanitize,threads}
awk '{ print "not noticed: " $1 " (" $2 ")" }' "$work/queue"
echo "$((SECONDS - begin)) s"
! grep -hE '^(unbuilt|broken)' "$work"/results-{release,sanitize,threads}

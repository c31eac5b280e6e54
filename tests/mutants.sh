#!/usr/bin/env bash
# Checks that the planted changes of tests/mutants/ can still be made: the text that each replaces
# is in the sources exactly once. Whether the tests notice the changes, tests/mutants/run.sh finds
# out, which takes long.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null
awk -f tests/mutants/mutants.awk tests/mutants/*.txt >/dev/null

#!/usr/bin/env bash
# The planted changes of tests/mutants/ still apply: the text that each replaces is in the sources
# exactly once. Whether the tests notice them is asked by tests/mutants/run.sh, which takes long.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null
awk -f tests/mutants/mutants.awk tests/mutants/*.txt >/dev/null

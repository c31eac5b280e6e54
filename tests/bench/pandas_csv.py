"""Compares bench_csv with pandas.read_csv on the same files: processor time of one reading in seconds, medians of
ROUNDS (7), in turn. Each reading is a process of its own for Candela; pandas is imported once, and has read each file
once before.

    python pandas_csv.py build/tests/bench_csv [ROUNDS]
"""

import statistics
import subprocess
import sys
import tempfile
import time

import pandas

program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7
print("pandas", pandas.__version__)
print(f"{'row':10} {'Candela':>9} {'pandas':>9} {'round_trip':>11} {'ratio':>6}")
with tempfile.TemporaryDirectory() as folder:
    names = [line.split()[0] for line in subprocess.check_output([program, folder], text=True).splitlines()]

    def read(name, **options):
        start = time.process_time()
        pandas.read_csv(f"{folder}/{name}.csv", **options)
        return time.process_time() - start

    for name in names:
        ours, theirs, exact = [], [], []
        read(name)
        for _ in range(rounds):
            ours.append(float(subprocess.check_output([program, folder, name], text=True).split()[1]))
            theirs.append(read(name))
            exact.append(read(name, float_precision="round_trip"))
        a, b, c = map(statistics.median, (ours, theirs, exact))
        print(f"{name:10} {a:9.3f} {b:9.3f} {c:11.3f} {a / b:6.2f}", flush=True)

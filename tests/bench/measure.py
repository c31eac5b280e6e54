"""How pytorch_ops.py and pytorch_steps.py time their rows: as measure.h does."""
import time

WARM_UP, LEAST, MOST, ENOUGH = 3, 7, 200, 0.15


def measure(run):
    for _ in range(WARM_UP):
        run()
    seconds = []
    while len(seconds) < MOST and (len(seconds) < LEAST or sum(seconds) < ENOUGH):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    seconds.sort()
    return seconds[len(seconds) // 2], seconds[0]

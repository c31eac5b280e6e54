"""The rows of bench_autograd.c in PyTorch, in the same form: name, median, minimum.

Rows named *_out write their result into an existing tensor (out=, copy_). Otherwise PyTorch takes new
pages from the system for every large result, unless malloc is told to keep them.
"""
import resource
import sys
import time

import torch

torch.set_num_threads(2)
torch.manual_seed(1)

SIDE, CHAIN, WARM_UP, LR = 4096, 1000, 5, 1e-6
COUNT = 10_000_000

a, b = torch.rand(COUNT), torch.rand(COUNT)
result = torch.empty(COUNT)
square = torch.rand(SIDE, SIDE)
square_result = torch.empty(SIDE, SIDE)
one = torch.ones(1, requires_grad=True)
step = torch.ones(1)
x, y = torch.randn(64, 1000), torch.randn(64, 10)
w1 = torch.randn(1000, 100, requires_grad=True)
w2 = torch.randn(100, 10, requires_grad=True)


def chain(summand):
    z = one
    for _ in range(CHAIN):
        z = z + summand
    z.backward()
    one.grad.zero_()


def two_layer_step():
    h = x.mm(w1).clamp(min=0)
    loss = (h.mm(w2) - y).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        w1.sub_(LR * w1.grad)
        w2.sub_(LR * w2.grad)
    w1.grad.zero_()
    w2.grad.zero_()


ROWS = [
    ("memcpy_10m", "ms", lambda: a.copy_(b), 1e3, 60),
    ("add_10m", "ms", lambda: a + b, 1e3, 60),
    ("add_10m_out", "ms", lambda: torch.add(a, b, out=result), 1e3, 60),
    ("sum_4096", "ms", lambda: square.sum(), 1e3, 200),
    ("softmax_4096", "ms", lambda: square.softmax(-1), 1e3, 40),
    ("softmax_4096_out", "ms", lambda: torch.softmax(square, -1, out=square_result), 1e3, 40),
    ("transpose_copy_4096", "ms", lambda: square.t().contiguous(), 1e3, 40),
    ("transpose_copy_4096_out", "ms", lambda: square_result.copy_(square.t()), 1e3, 40),
    ("chain_add_tensor", "us", lambda: chain(step), 1e6 / CHAIN, 100),
    ("chain_add_number", "us", lambda: chain(1), 1e6 / CHAIN, 100),
    ("two_layer_step", "us", two_layer_step, 1e6, 500),
]


def measure(name, unit, run, scale, runs):
    for _ in range(WARM_UP):
        run()
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
    seconds.sort()
    print(f"{name}_{unit} {scale * seconds[runs // 2]:.4f} {scale * seconds[0]:.4f}")
    print(f"{name}_faults {faults / runs:.2f}")


print(f"version PyTorch {torch.__version__}")
for row in ROWS:
    if len(sys.argv) < 2 or any(row[0].startswith(prefix) for prefix in sys.argv[1:]):
        measure(*row)

"""The rows of bench_ops.c in PyTorch, in the same form: name, median, minimum. op_rows.def lists them."""
import pathlib
import re
import sys

import torch
import torch.nn.functional as F

from measure import measure

rows = (pathlib.Path(__file__).parent / "op_rows.def").read_text()
ROWS = re.findall(r'^ROW\((\w+), .*, "(.*)"\)$', rows, re.M)

torch.set_num_threads(2)
torch.manual_seed(1)


def run_all(side):
    x, z = torch.randn(side, side), torch.randn(side, side)
    names = {
        "torch": torch, "nn": torch._C._nn, "F": F, "side": side, "x": x, "z": z,
        "p": torch.rand(side, side) + 0.5, "u": torch.rand(side, side) * 1.8 - 0.9, "t": x > z,
        "y": torch.empty(side, side), "r": torch.empty(side), "s": torch.empty(side, side, dtype=torch.bool),
        "j": torch.empty(side, dtype=torch.int64),
    }
    for name, call in ROWS:
        if len(sys.argv) < 2 or any(name.startswith(prefix) for prefix in sys.argv[1:]):
            median, least = measure(eval(f"lambda: {call}", names))
            print(f"{name}_{side}_ms {1e3 * median:.4f} {1e3 * least:.4f}")


print(f"version PyTorch {torch.__version__}")
with torch.no_grad():
    for side in (1024, 4096):
        run_all(side)

"""What PyTorch prints for the left column of docs/from-pytorch.md.

    python make_from_pytorch.py > from-pytorch.txt

For each row whose value is a tensor, a number, a truth or a name: ">>> " and the code, then the text. Of a row of
several statements it is the value of the last one.
For each other row "--- " and the code, so that a row that is new to the page is not taken for one of them.
"""

import contextlib
import copy
import io
import os
import pathlib
import re
import tempfile
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

warnings.simplefilter("ignore")
page = (pathlib.Path(__file__).parents[2] / "docs/from-pytorch.md").read_text()
# The blocks that begin with an import are for all rows; others stand beside C.
setup = "".join(re.findall(r"```python\n((?:from|import) .*?)```", page, re.S))
setup += "".join(re.findall(r"```python file\n(.*?)```", page, re.S))  # definitions
# An address, nothing, a count that others need not share, or what depends on the model's own numbers.
NOT_COMPARED = (
    "torch.manual_seed", "torch.from_numpy", "x.data_ptr", "x.numpy", "x._version", "x.copy_(torch.from_numpy",
    "model(", "model[0]", "model.get_submodule", "model.load_state_dict", "str(x)", "a.grad.zero_",
    "torch.get_num_threads", "model.to(", "torch.cuda.CUDAGraph", "torchinfo",
)
SHOWN = (torch.Tensor, bool, int, float, str, torch.Size, torch.dtype)


def cells(line):
    return [c.strip().replace("\\|", "|").strip("`") for c in re.split(r"(?<!\\)\|", line)[1:-1]]


def value_of(code):
    names = {"copy": copy, "np": np, "torch": torch, "F": F, "nn": nn}
    exec(setup, names)
    printed = io.StringIO()
    before, _, last = code.rpartition("; ")  # statements, and the expression behind them
    try:
        with contextlib.redirect_stdout(printed):
            exec(before, names)
            value = eval(last, names)
        return printed.getvalue().rstrip("\n") or value
    except SyntaxError:
        return None


def text_of(value):
    if isinstance(value, SHOWN):
        return str(value).replace("dtype=torch.", "dtype=")
    if hasattr(value, "next_functions"):
        return value.name()
    return None


os.chdir(tempfile.mkdtemp())  # a row writes a file
column, done = None, set()
for line in page.splitlines():
    if not line.startswith("|"):
        column = None
    elif column is None:
        column = cells(line).index("PyTorch")
    elif not line.startswith("|---"):
        code = cells(line)[column]
        text = None if code.startswith(NOT_COMPARED) else text_of(value_of(code))
        if code not in done:
            print(f"--- {code}" if text is None else f">>> {code}\n{text}")
        done.add(code)

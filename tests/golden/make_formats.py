"""Small files as PyTorch and the safetensors package write them, for the readers' tests.

    python tests/golden/make_formats.py

All values are consecutive integers, so the tests know them without a second file.
"""
import collections
import pathlib

import torch
from safetensors.torch import save_file, save_model

here = pathlib.Path(__file__).parent


def count(*shape, dtype=torch.float32):
    n = 1
    for size in shape:
        n *= size
    return torch.arange(n, dtype=torch.float32).reshape(shape).to(dtype)


def many_kinds():
    w = count(4, 6)
    return collections.OrderedDict(
        [
            ("f32", count(2, 3)),
            ("f64", count(3, dtype=torch.float64)),
            ("f16", count(5, dtype=torch.float16)),
            ("bf16", count(5, dtype=torch.bfloat16)),
            ("i64", count(2, 2, dtype=torch.int64)),
            ("i32", count(4, dtype=torch.int32)),
            ("i16", -count(4, dtype=torch.int16)),
            ("i8", -count(4, dtype=torch.int8)),
            ("u8", count(7, dtype=torch.uint8)),
            ("bool", torch.tensor([True, False, True])),
            ("scalar", torch.tensor(7, dtype=torch.int64)),
            ("empty", torch.zeros(0, 3)),
            ("shared.whole", w),
            ("shared.t", w.t()),
            ("shared.slice", w[1:3, 2:5]),
            ("shared.step", w[::2, ::3]),
            ("expanded", torch.tensor([5.0]).expand(3, 4)),
            ("parameter", torch.nn.Parameter(count(3))),
        ]
    )


torch.save(many_kinds(), here / "formats.pth")
torch.save(
    {
        "epoch": 12,
        "best_prec1": 91.78,
        "arch": "resnet20",
        "done": True,
        "nothing": None,
        "state_dict": collections.OrderedDict(
            [("module.fc.weight", count(2, 2)), ("module.fc.bias", count(2))]
        ),
        "optimizer": {"state": {}, "param_groups": [{"lr": 0.1, "params": [0, 1]}]},
    },
    here / "formats_wrapped.pth",
)
torch.save(
    {
        "u16": torch.tensor([0, 40000], dtype=torch.uint16),
        "u32": torch.tensor([0, 4000000000], dtype=torch.uint32),
        "u64": torch.tensor([0, 2**63], dtype=torch.uint64),
        "f8": torch.zeros(4, dtype=torch.float8_e4m3fn),
    },
    here / "formats_v3.pth",
)
torch.save(torch.nn.Linear(2, 2), here / "formats_model.pth")
model = torch.nn.Linear(2, 2)
torch.jit.save(torch.jit.script(model), str(here / "formats_script.pth"))
save_file(
    {
        "b.f32": count(2, 3),
        "a.f32": count(2),
        "f64": count(3, dtype=torch.float64),
        "f16": count(5, dtype=torch.float16),
        "bf16": count(3, dtype=torch.bfloat16),
        "i64": torch.tensor(7),
        "i32": count(4, dtype=torch.int32),
        "i16": count(3, dtype=torch.int16),
        "i8": count(3, dtype=torch.int8),
        "u8": count(7, dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "empty": torch.zeros(0, 3),
        'odd "name"\\\n\u00e9\u0001': count(1),
    },
    here / "formats.safetensors",
    metadata={"format": 'pt "\u00fc"\t\u0002'},
)


class Shared(torch.nn.Module):
    """A layer under two names; save_model keeps the first."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(2, 3, bias=False)
        self.second = self.first
        self.head = torch.nn.Linear(3, 1)


model = Shared()
with torch.no_grad():
    for p in model.parameters():
        p.copy_(count(*p.shape) + 1)
save_model(model, str(here / "formats_shared.safetensors"))

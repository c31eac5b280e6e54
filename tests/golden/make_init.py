"""Golden values of torch.nn.init: tests/golden/init.safetensors. Run with PyTorch and safetensors.
Each function draws from seed 7, into float32 and float64."""
import os

import torch
from safetensors.torch import save_file
from torch.nn import init

HERE = os.path.dirname(os.path.abspath(__file__))
out = {}
for name, function, shape in (
    ("xavier_uniform", init.xavier_uniform_, (3, 2, 3)),
    ("xavier_uniform_gain", lambda t: init.xavier_uniform_(t, 2.5), (4, 3)),
    ("xavier_normal", init.xavier_normal_, (3, 4)),
    ("xavier_normal_gain", lambda t: init.xavier_normal_(t, 0.5), (4, 5)),
    ("kaiming_uniform_tanh", lambda t: init.kaiming_uniform_(t, 0, "fan_out", "tanh"), (3, 4)),
    ("kaiming_normal_selu", lambda t: init.kaiming_normal_(t, 0.3, "fan_in", "selu"), (3, 4)),
    ("kaiming_normal_leaky", lambda t: init.kaiming_normal_(t, 0.3), (3, 4)),
    ("trunc_normal", init.trunc_normal_, (6, 4)),
    ("trunc_normal_range", lambda t: init.trunc_normal_(t, 1, 2, 0.5, 3), (5, 4)),
    ("trunc_normal_tail", lambda t: init.trunc_normal_(t, 0, 1, 2, 4), (5, 4)),
    ("eye", init.eye_, (2, 3)),
    ("dirac1", init.dirac_, (3, 2, 3)),
    ("dirac2", lambda t: init.dirac_(t, 2), (4, 3, 2, 3)),
    ("dirac3", init.dirac_, (2, 3, 1, 2, 3)),
    ("orthogonal_tall", init.orthogonal_, (5, 3)),
    ("orthogonal_wide", lambda t: init.orthogonal_(t, 2), (3, 2, 2)),
    ("orthogonal_square", lambda t: init.orthogonal_(t, 0.5), (4, 4)),
    ("sparse", lambda t: init.sparse_(t, 0.3), (5, 3)),
    ("sparse_std", lambda t: init.sparse_(t, 0.5, 2), (4, 2)),
):
    for dtype in (torch.float32, torch.float64):
        torch.manual_seed(7)
        out[f"{name}.{str(dtype)[6:]}"] = function(torch.empty(shape, dtype=dtype))
save_file(out, os.path.join(HERE, "init.safetensors"))

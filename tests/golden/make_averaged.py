"""Golden values of averaged models: tests/golden/averaged.safetensors, read by
tests/test_averaged_model.c, which draws the same parameters and inputs from the seed."""
import os

import torch
from safetensors.torch import save_file
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
out = {}


def train(name, **options):
    """Four steps of SGD, of which three are averaged; then new running statistics."""
    torch.manual_seed(5)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))
    average = AveragedModel(model, **options)
    sgd = torch.optim.SGD(model.parameters(), lr=0.5)
    for step in range(4):
        x = torch.randn(6, 3)
        sgd.zero_grad()
        model(x).pow(2).mean().backward()
        sgd.step()
        if step > 0:
            average.update_parameters(model)
    for key, t in average.state_dict().items():
        out[f"{name}.{key}"] = t.clone()
    update_bn([torch.randn(5, 3), torch.randn(4, 3)], average)
    out[f"{name}.new_mean"] = average.module[1].running_mean.clone()
    out[f"{name}.new_var"] = average.module[1].running_var.clone()
    average.eval()
    out[f"{name}.y"] = average(torch.ones(1, 3)).detach()


train("swa")
train("swa_buffers", use_buffers=True)
train("ema", multi_avg_fn=get_ema_multi_avg_fn(0.75))
train("ema_buffers", multi_avg_fn=get_ema_multi_avg_fn(0.75), use_buffers=True)
save_file(out, os.path.join(HERE, "averaged.safetensors"))

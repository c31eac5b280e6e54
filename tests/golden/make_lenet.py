"""What LeNet gives in PyTorch: tests/golden/lenet.safetensors, read by tests/test_lenet.c, which
draws the same parameters and pictures from the seed."""
import os

import torch
from safetensors.torch import save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
out = {}


def lenet(inputs, size, outputs):
    side = (size // 2 - 4) // 2
    return nn.Sequential(
        nn.Conv2d(inputs, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(16 * side * side, 120), nn.ReLU(),
        nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, outputs))


def run(name, inputs, size, outputs):
    torch.manual_seed(3)
    model = lenet(inputs, size, outputs)
    x = torch.randn(2, inputs, size, size)
    y = model(x)
    y.pow(2).sum().backward()
    out[f"{name}.y"] = y.detach()
    out[f"{name}.grad"] = torch.stack([p.grad.pow(2).sum().sqrt() for p in model.parameters()])


run("mnist", 1, 28, 10)
run("colour", 3, 33, 7)
run("smallest", 1, 12, 2)
save_file(out, os.path.join(HERE, "lenet.safetensors"))

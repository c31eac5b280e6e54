"""A network that PyTorch saved, and what it gives: tests/golden/sequential.pth, the state_dict of
an nn.Sequential, and sequential.safetensors, an input x and its output y in evaluation mode; read
by tests/test_checkpoint_map.c."""
import os

import torch
from safetensors.torch import save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
torch.manual_seed(3)
model = nn.Sequential(
    nn.Conv2d(1, 3, 3, padding=1, bias=False),
    nn.BatchNorm2d(3),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Sequential(nn.Flatten(), nn.Linear(27, 4)),
)
for _ in range(3):
    model(torch.randn(4, 1, 6, 6))
model.eval()
x = torch.randn(2, 1, 6, 6)
torch.save(model.state_dict(), os.path.join(HERE, "sequential.pth"))
save_file({"x": x, "y": model(x).detach()}, os.path.join(HERE, "sequential.safetensors"))

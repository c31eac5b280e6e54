"""The rows of bench_steps.c in PyTorch, in the same form: name, median, minimum."""
import sys
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

from measure import measure

warnings.filterwarnings("ignore")
torch.set_num_threads(2)
torch.manual_seed(1)


def mlp_adam():
    x, labels = torch.rand(64, 784), torch.randint(0, 10, (64,))
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    adam = torch.optim.Adam(model.parameters())

    def step():
        adam.zero_grad()
        F.cross_entropy(model(x), labels).backward()
        adam.step()

    return step


def gradients(model, x, output):
    def step():
        output(model(x)).sum().backward()
        model.zero_grad()
        x.grad = None

    return step


def lstm():
    return gradients(nn.LSTM(128, 128, 2), torch.randn(50, 32, 128, requires_grad=True), lambda y: y[0])


def encoder_layer():
    model = nn.TransformerEncoderLayer(256, 8, 1024, dropout=0, batch_first=True)
    return gradients(model, torch.randn(16, 128, 256, requires_grad=True), lambda y: y)


def adamw_resnet18():
    import torchvision

    model = torchvision.models.resnet18()
    adamw = torch.optim.AdamW(model.parameters(), fused=True)
    model(torch.randn(2, 3, 32, 32)).sum().backward()
    return adamw.step


print(f"version PyTorch {torch.__version__}")
for row in (mlp_adam, lstm, encoder_layer, adamw_resnet18):
    if len(sys.argv) < 2 or any(row.__name__.startswith(prefix) for prefix in sys.argv[1:]):
        median, least = measure(row())
        print(f"{row.__name__}_ms {1e3 * median:.4f} {1e3 * least:.4f}")

"""Golden values of modules, optimizers and training: tests/golden/nn.safetensors and two texts.

Run with PyTorch, torchvision and safetensors; the tests read what it writes and need no Python.
What both sides can draw from the same seed is not stored."""
import os

import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
out = {}


def keep(name, t):
    out[name] = t.detach().clone().contiguous()


def layer(name, module, *shape, train=True):
    """Input, output, and the gradients when the output's gradient is drawn from the seed too."""
    torch.manual_seed(11)
    for p in module.parameters():
        with torch.no_grad():
            p.copy_(torch.randn(p.shape))
            keep(f"{name}.{[n for n, q in module.named_parameters() if q is p][0]}", p)
    module.train(train)
    x = torch.randn(*shape, requires_grad=True)
    y = module(x)
    g = torch.randn(y.shape)
    y.backward(g)
    for key, t in (("x", x), ("y", y), ("g", g), ("dx", x.grad)):
        keep(f"{name}.{key}", t)
    for key, p in module.named_parameters():
        keep(f"{name}.d{key}", p.grad)
    for key, b in module.named_buffers():
        keep(f"{name}.{key}", b)


layer("linear", nn.Linear(3, 4), 5, 3)
layer("linear_plain", nn.Linear(3, 4, bias=False), 2, 2, 3)
layer("conv", nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), 2, 4, 7, 6)
layer("conv_dilated", nn.Conv2d(2, 3, 3, dilation=2, bias=False), 1, 2, 7, 6)
layer("batch_norm", nn.BatchNorm2d(3, momentum=0.25), 2, 3, 3, 2)
still = nn.BatchNorm2d(3, eps=1e-3)
still.running_mean.copy_(torch.tensor([0.5, -1.0, 2.0]))
still.running_var.copy_(torch.tensor([0.5, 1.5, 4.0]))
layer("batch_norm_eval", still, 2, 3, 3, 2, train=False)
layer("relu", nn.ReLU(), 3, 4)
layer("max_pool", nn.MaxPool2d(3, stride=2, padding=1), 2, 2, 7, 6)
layer("max_pool_ceil", nn.MaxPool2d(2, ceil_mode=True), 1, 2, 5, 5)
layer("avg_pool", nn.AdaptiveAvgPool2d((2, 3)), 2, 2, 5, 4)
layer("flatten", nn.Flatten(), 2, 3, 2, 2)

for name, make in (
    ("linear", lambda: nn.Linear(3, 4)),
    ("linear_wide", lambda: nn.Linear(20, 2)),
    ("conv", lambda: nn.Conv2d(2, 3, 3)),
    ("conv_groups", lambda: nn.Conv2d(4, 4, 2, groups=2)),
):
    torch.manual_seed(0)
    m = make()
    keep(f"start.{name}.weight", m.weight)
    keep(f"start.{name}.bias", m.bias)
torch.manual_seed(3)
resnet = torchvision.models.resnet18()
keep("start.resnet18", torch.stack([p.reshape(-1)[:4] for p in resnet.parameters()]))

torch.manual_seed(21)
w0, grads = torch.randn(6), torch.randn(10, 6)
keep("sgd.w", w0)
keep("sgd.g", grads)
for name, options in (
    ("plain", dict(lr=0.1)),
    ("default_lr", dict()),
    ("decay", dict(lr=0.1, weight_decay=0.05)),
    ("momentum", dict(lr=0.1, momentum=0.9)),
    ("dampening", dict(lr=0.1, momentum=0.9, dampening=0.3)),
    ("nesterov", dict(lr=0.1, momentum=0.9, nesterov=True)),
    ("all", dict(lr=0.1, momentum=0.8, dampening=0.2, weight_decay=0.05)),
    ("nesterov_decay", dict(lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.05)),
):
    w = nn.Parameter(w0.clone())
    sgd = torch.optim.SGD([w], **options)
    seen = []
    for g in grads:
        w.grad = g.clone()
        sgd.step()
        seen.append(w.detach().clone())
    keep(f"sgd.{name}", torch.stack(seen))

torch.manual_seed(0)
x, y = torch.randn(64, 1000), torch.randn(64, 10)
model = nn.Sequential(nn.Linear(1000, 100), nn.ReLU(), nn.Linear(100, 10))
sgd = torch.optim.SGD(model.parameters(), lr=1e-4)
losses = []
for _ in range(50):
    loss = nn.functional.mse_loss(model(x), y, reduction="sum")
    losses.append(loss.item())
    sgd.zero_grad()
    loss.backward()
    sgd.step()
keep("two_layers.nn", torch.tensor(losses, dtype=torch.float64))

torch.manual_seed(0)
x, y = torch.randn(64, 1000), torch.randn(64, 10)
w1 = torch.randn(1000, 100, requires_grad=True)
w2 = torch.randn(100, 10, requires_grad=True)
losses = []
for _ in range(50):
    loss = (x.mm(w1).clamp(min=0).mm(w2) - y).pow(2).sum()
    losses.append(loss.item())
    loss.backward()
    with torch.no_grad():
        w1 -= 1e-6 * w1.grad
        w2 -= 1e-6 * w2.grad
        w1.grad.zero_()
        w2.grad.zero_()
keep("two_layers.tensors", torch.tensor(losses, dtype=torch.float64))

torch.manual_seed(7)
x, y = torch.randn(4, 2, 9, 8), torch.tensor([0, 3, 1, 3])
cnn = nn.Sequential(
    nn.Conv2d(2, 3, 3, padding=1),
    nn.BatchNorm2d(3),
    nn.ReLU(),
    nn.MaxPool2d(3, stride=2, padding=1),
    nn.AdaptiveAvgPool2d((2, 2)),
    nn.Flatten(),
    nn.Linear(12, 4),
)
sgd = torch.optim.SGD(cnn.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-2)
losses = []
for _ in range(3):
    loss = nn.functional.cross_entropy(cnn(x), y)
    losses.append(loss.item())
    sgd.zero_grad()
    loss.backward()
    sgd.step()
keep("cnn.losses", torch.tensor(losses, dtype=torch.float64))
for key, t in cnn.state_dict().items():
    keep(f"cnn.{key}", t)

save_file(out, os.path.join(HERE, "nn.safetensors"))

with open(os.path.join(HERE, "nn_resnet18_names.txt"), "w") as f:
    for key, t in resnet.state_dict().items():
        f.write(f"{key} {tuple(t.shape)}\n")
with open(os.path.join(HERE, "nn_resnet18_print.txt"), "w") as f:
    f.write(str(resnet).replace("ReLU(inplace=True)", "ReLU()") + "\n")

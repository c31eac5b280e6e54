"""The rows of bench_loader.c for PyTorch: processor time of an epoch in seconds, on one thread. `indexing` takes each
batch as x[perm[i:i + 64]], `loader` by a DataLoader.

    python pytorch_loader.py [EPOCHS]
"""

import sys
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)
epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
torch.manual_seed(1)
x, y = torch.rand(60000, 784), torch.randint(0, 10, (60000,))
loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
adam = torch.optim.Adam(model.parameters())


def indexing():
    order = torch.randperm(len(x))
    for i in range(0, len(x), 64):
        part = order[i : i + 64]
        yield x[part], y[part]


def train(bx, by):
    adam.zero_grad()
    nn.functional.cross_entropy(model(bx), by).backward()
    adam.step()


def row(name, batches, use):
    least = 1e9
    for _ in range(epochs):
        start = time.process_time()
        for bx, by in batches():
            use(bx, by)
        least = min(least, time.process_time() - start)
    print(name, round(least, 4), flush=True)


def nothing(bx, by):
    pass


row("batches indexing", indexing, nothing)
row("batches loader", lambda: loader, nothing)
row("epoch indexing", indexing, train)
row("epoch loader", lambda: loader, train)

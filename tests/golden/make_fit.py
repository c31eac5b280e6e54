"""Trains small networks in PyTorch by a loop as its tutorials have it, for tests/test_fit.c, which
trains them by cd_fit. Prints losses and scores of each epoch, and the sums of the parameters.

    python tests/golden/make_fit.py > tests/golden/fit.txt
"""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def data(kind, count):
    x = torch.randn(count, 4)
    if kind == "classes":
        return x, (x[:, 0] + x[:, 1] > 0).long() + (x[:, 2] > 1).long()
    if kind == "yes":
        return x, x[:, :2] > 0
    return x, x[:, 0] * 2 - x[:, 1]


def outputs(kind):
    return {"classes": 3, "yes": 2, "numbers": 1}[kind]


def loss_of(kind, out, y):
    if kind == "classes":
        return nn.functional.cross_entropy(out, y)
    if kind == "yes":
        return nn.functional.binary_cross_entropy_with_logits(out, y.float())
    return nn.functional.mse_loss(out.squeeze(1), y)


def evaluate(kind, model, loader, count):
    model.eval()
    loss, right = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            loss += loss_of(kind, out, y).item() * len(x)
            if kind == "classes":
                right += (out.argmax(1) == y).sum().item()
    model.train()
    return loss / count, right / count


def train(kind, batch, accumulate, clip, epochs):
    torch.manual_seed(3)
    x, y = data(kind, 50)
    validation = DataLoader(TensorDataset(*data(kind, 21)), batch_size=batch)
    model = nn.Sequential(
        nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, outputs(kind))
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
    loader = DataLoader(TensorDataset(x, y), batch_size=batch, shuffle=True)
    for epoch in range(epochs):
        total, right, rate = 0.0, 0, 0
        for i, (bx, by) in enumerate(loader):
            group = min(accumulate, len(loader) - i // accumulate * accumulate)
            out = model(bx)
            loss = loss_of(kind, out, by)
            (loss / group).backward()
            total += loss.item() * len(bx)
            if kind == "classes":
                right += (out.argmax(1) == by).sum().item()
            if i % accumulate + 1 == group:
                if clip:
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                rate = optimizer.param_groups[0]["lr"]
                optimizer.step()
                optimizer.zero_grad()
        loss, accuracy = evaluate(kind, model, validation, 21)
        schedule.step()
        print(f"{total / 50:.9g} {loss:.9g} {rate:.9g} {right / 50:.9g} {accuracy:.9g}")
    print(*(f"{p.sum().item():.9g}" for p in model.parameters()), "-")


for kind, batch, accumulate, clip in (
    ("classes", 8, 1, 0),
    ("classes", 8, 3, 0.5),
    ("yes", 7, 1, 0),
    ("numbers", 50, 1, 0.1),
):
    print(kind, batch, accumulate, clip)
    train(kind, batch, accumulate, clip, 4)

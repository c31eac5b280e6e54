"""Writes losses.txt: each loss of torch.nn as it prints, the keys of its state dict, its value, and the gradient of its
first input when the sum of the value is differentiated. tests/test_loss_modules.c has the same losses in the same order
and draws the same inputs. Run with PyTorch 2.15 from this folder."""
import torch
from torch import nn

torch.manual_seed(5)
x, y, z = torch.randn(4, 3), torch.randn(4, 3), torch.randn(4, 3)
u, q = torch.rand(4, 3), torch.rand(4, 3)
signs = (y >= 0).float() * 2 - 1
first = signs[:, 0].contiguous()
classes = torch.tensor([0, 2, 1, 2])
lists = torch.tensor([[0, 2, -1], [-1, 1, 1], [1, -1, 0], [0, 1, 2]])
w = torch.tensor([0.5, 1, 2])

LOSSES = [
    (nn.MSELoss(), x, y),
    (nn.MSELoss(reduction="none"), x, y),
    (nn.L1Loss(), x, y),
    (nn.L1Loss(reduction="sum"), x, y),
    (nn.SmoothL1Loss(), x, y),
    (nn.SmoothL1Loss(reduction="none", beta=0.25), x, y),
    (nn.SmoothL1Loss(beta=0.0), x, y),
    (nn.HuberLoss(), x, y),
    (nn.HuberLoss("sum", 0.25), x, y),
    (nn.CrossEntropyLoss(), x, classes),
    (nn.CrossEntropyLoss(w, ignore_index=1, label_smoothing=0.25), x, classes),
    (nn.CrossEntropyLoss(w, reduction="none"), x, q),
    (nn.NLLLoss(), x, classes),
    (nn.NLLLoss(w, ignore_index=1, reduction="sum"), x, classes),
    (nn.BCEWithLogitsLoss(), x, q),
    (nn.BCEWithLogitsLoss(w, pos_weight=w + 1, reduction="sum"), x, q),
    (nn.BCELoss(), u, q),
    (nn.BCELoss(w, reduction="none"), u, q),
    (nn.KLDivLoss(), x, q),
    (nn.KLDivLoss(reduction="batchmean", log_target=True), x, y),
    (nn.GaussianNLLLoss(), x, y, q),
    (nn.GaussianNLLLoss(full=True, eps=0.5, reduction="sum"), x, y, q),
    (nn.PoissonNLLLoss(), x, q),
    (nn.PoissonNLLLoss(log_input=False, full=True, eps=0.5, reduction="none"), u, q * 3),
    (nn.MultiLabelSoftMarginLoss(), x, q),
    (nn.MultiLabelSoftMarginLoss(w, reduction="none"), x, q),
    (nn.SoftMarginLoss(), x, signs),
    (nn.SoftMarginLoss(reduction="sum"), x, signs),
    (nn.HingeEmbeddingLoss(), x, signs),
    (nn.HingeEmbeddingLoss(0.0, reduction="none"), x, signs),
    (nn.MarginRankingLoss(), x, z, signs),
    (nn.MarginRankingLoss(-0.5, reduction="none"), x, z, signs),
    (nn.CosineEmbeddingLoss(), x, z, first),
    (nn.CosineEmbeddingLoss(0.25, reduction="sum"), x, z, first),
    (nn.TripletMarginLoss(), x, y, z),
    (nn.TripletMarginLoss(2.0, p=float("inf"), reduction="none"), x, y, z),
    (nn.TripletMarginLoss(0.5, p=3.0, eps=0.125, swap=True, reduction="sum"), x, y, z),
    (nn.MultiMarginLoss(), x, classes),
    (nn.MultiMarginLoss(2, 1.5, w, reduction="none"), x, classes),
    (nn.MultiLabelMarginLoss(), x, lists),
    (nn.MultiLabelMarginLoss(reduction="none"), x, lists),
]


def numbers(t):
    return " ".join(f"{v:.9g}" for v in t.flatten().tolist())


with open("losses.txt", "w") as out:
    for loss, *inputs in LOSSES:
        inputs[0] = inputs[0].clone().requires_grad_()
        value = loss(*inputs)
        value.sum().backward()
        print(loss, file=out)
        print(" ".join(["state:", *loss.state_dict()]), file=out)
        print("value:", numbers(value), file=out)
        print("gradient:", numbers(inputs[0].grad), file=out)

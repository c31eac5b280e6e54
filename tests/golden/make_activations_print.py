"""Writes activations_print.txt: str(module) of each activation of torch.nn, for tests/test_activations.c, which has the
same modules in the same order. Run with PyTorch 2.15 from this folder."""
from torch import nn

MODULES = [
    nn.ReLU(), nn.ReLU(inplace=True), nn.ReLU6(), nn.ReLU6(inplace=True), nn.LeakyReLU(), nn.LeakyReLU(0.2, inplace=True),
    nn.LeakyReLU(1.0), nn.ELU(), nn.ELU(2.0, inplace=True), nn.SELU(), nn.SELU(inplace=True), nn.CELU(), nn.CELU(1e-5, inplace=True),
    nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.SiLU(inplace=True), nn.Mish(), nn.Mish(inplace=True), nn.Softplus(),
    nn.Softplus(2.0, 3.5), nn.Softsign(), nn.Softshrink(), nn.Softshrink(2.0), nn.Hardshrink(), nn.Hardshrink(0.125),
    nn.Tanhshrink(), nn.Hardswish(), nn.Hardswish(inplace=True), nn.Hardsigmoid(), nn.Hardsigmoid(inplace=True), nn.Hardtanh(),
    nn.Hardtanh(-2.0, 0.0, inplace=True), nn.Threshold(0.1, 20.0), nn.Threshold(-1.0, 0.0, inplace=True), nn.PReLU(),
    nn.PReLU(3, 0.1), nn.LogSigmoid(), nn.GLU(), nn.GLU(0), nn.Sigmoid(), nn.Tanh(), nn.Softmax(1), nn.LogSoftmax(-1),
    nn.Softmin(0), nn.Identity(),
]

with open("activations_print.txt", "w") as out:
    for module in MODULES:
        print(module, file=out)

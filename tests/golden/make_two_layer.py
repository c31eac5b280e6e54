"""What PyTorch prints for the two-layer network of apps/examples/, written four times.

    python make_two_layer.py > two_layer.txt

Lines: the example's name, the step, the loss with all digits of a float.
"""

import torch

N, D_IN, H, D_OUT = 64, 1000, 100, 10


class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        grad = grad.clone()
        grad[x < 0] = 0
        return grad


def data():
    torch.manual_seed(0)
    return torch.randn(N, D_IN), torch.randn(N, D_OUT)


def show(name, t, loss):
    if t % 50 == 0:
        print(f"{name} {t} {loss.item():.9g}")


def by_hand(lr=1e-6):
    x, y = data()
    w1, w2 = torch.randn(D_IN, H), torch.randn(H, D_OUT)
    for t in range(1, 501):
        h = x.mm(w1)
        h_relu = h.clamp(min=0)
        off = h_relu.mm(w2) - y
        show("by_hand", t, off.pow(2).sum())
        grad_y = 2.0 * off
        grad_w2 = h_relu.t().mm(grad_y)
        grad_h = grad_y.mm(w2.t())
        grad_h[h < 0] = 0
        w1 -= lr * x.t().mm(grad_h)
        w2 -= lr * grad_w2


def by_autograd(name, relu, lr=1e-6):
    x, y = data()
    w1 = torch.randn(D_IN, H, requires_grad=True)
    w2 = torch.randn(H, D_OUT, requires_grad=True)
    for t in range(1, 501):
        loss = (relu(x.mm(w1)).mm(w2) - y).pow(2).sum()
        show(name, t, loss)
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
            w1.grad.zero_()
            w2.grad.zero_()


def by_modules(lr=1e-4):
    x, y = data()
    model = torch.nn.Sequential(torch.nn.Linear(D_IN, H), torch.nn.ReLU(), torch.nn.Linear(H, D_OUT))
    criterion = torch.nn.MSELoss(reduction="sum")
    for t in range(1, 501):
        loss = criterion(model(x), y)
        show("nn", t, loss)
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad


by_hand()
by_autograd("autograd", lambda h: h.clamp(min=0))
by_autograd("function", MyReLU.apply)
by_modules()

"""Functions of one's own as PyTorch computes them; tests/test_function.c has the same ones in C.

    python3 tests/golden/make_function.py        writes tests/golden/function.safetensors
"""
import pathlib

import torch
from safetensors.torch import save_file
from torch.autograd import Function

out = {}


class MyReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        g = g.clone()
        g[x < 0] = 0
        return g


class Grow(Function):  # a exp(b)
    @staticmethod
    def forward(ctx, a, b):
        e = b.exp()
        ctx.save_for_backward(a, b)
        return a * e

    @staticmethod
    def backward(ctx, g):
        a, b = ctx.saved_tensors
        return g * b.exp(), g * a * b.exp()


class Both(Function):  # x^2 and exp(x)
    @staticmethod
    def forward(ctx, x):
        e = x.exp()
        ctx.save_for_backward(x, e)
        return x * x, e

    @staticmethod
    def backward(ctx, g, h):
        x, e = ctx.saved_tensors
        return 2 * x * g + e * h


class Square_(Function):  # in place
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x.clone())
        ctx.mark_dirty(x)
        return x.mul_(x)

    @staticmethod
    def backward(ctx, g):
        return 2 * ctx.saved_tensors[0] * g


class Largest(Function):  # along rows, with its index
    @staticmethod
    def forward(ctx, x):
        y, i = x.max(1)
        ctx.save_for_backward(i)
        ctx.mark_non_differentiable(i)
        ctx.columns = x.size(1)
        return y, i

    @staticmethod
    def backward(ctx, g, unused):
        (i,) = ctx.saved_tensors
        return (torch.arange(ctx.columns) == i.unsqueeze(1)) * g.unsqueeze(1)


torch.manual_seed(4)
x, a, b = (torch.randn(3, 4, dtype=torch.float64) for _ in range(3))
w, v = (torch.randn(3, 4, dtype=torch.float64) for _ in range(2))
out.update(x=x, a=a, b=b, w=w, v=v)


def leaf(t):
    return t.clone().requires_grad_()


p = leaf(x.float())
y = MyReLU.apply(p)
y.backward(w.float())
out.update({"relu.y": y, "relu.dx": p.grad})

p, q = leaf(a), leaf(b)
y = Grow.apply(p, q)
da, db = torch.autograd.grad(y, (p, q), w, create_graph=True)
(da * v + db * db).sum().backward()
out.update({"grow.y": y, "grow.da": da, "grow.db": db, "grow.dda": p.grad, "grow.ddb": q.grad})

p = leaf(x)
y, e = Both.apply(p)
(dx,) = torch.autograd.grad((y * w + e * v).sum(), p, create_graph=True)
(dx * w).sum().backward()
out.update({"both.y": y, "both.e": e, "both.dx": dx, "both.ddx": p.grad})

p = leaf(x)
h = p * 3
y = Square_.apply(h)
(y * w + h).sum().backward()
out.update({"square.y": y, "square.dx": p.grad, "square.version": torch.tensor(h._version)})

p = leaf(x)
y, i = Largest.apply(p)
(y * w[:, 0]).sum().backward()
out.update({"largest.y": y, "largest.i": i, "largest.dx": p.grad})

path = pathlib.Path(__file__).with_name("function.safetensors")
save_file({k: t.detach().contiguous() for k, t in out.items()}, path)
print(path, path.stat().st_size, "bytes")

"""What PyTorch prints where apps/examples/autograd_tour.c says the same in C.

    python make_autograd_tour.py > autograd_tour.txt
"""

import builtins
import warnings

import torch
import torch.nn.functional as F

warnings.simplefilter("ignore")


def print(*values):
    """Candela writes dtype=float64 where PyTorch writes dtype=torch.float64: the one difference."""
    text = " ".join(str(v) for v in values)
    builtins.print(text.replace("dtype=torch.", "dtype="))


print("# Tensors that require gradients")
x = torch.ones(2, 2)
print(x)
y = torch.ones(2, 2, requires_grad=True)
print(y)
print(x + 3)
print(y + 3)
print(y + 2)
print(y - 4)
print(y * 1.2)
print(y / 0.5)
a = x + 2
b = x * 3
a.requires_grad_(True)
b.requires_grad_(True)
print(a)
print(b)
print(a + b)

print("# A polynomial")
x = torch.tensor(2.0, requires_grad=True)
y = 9 * x**4 + 2 * x**3 + 3 * x**2 + 6 * x + 1
y.backward()
print(y)
print(x.grad)

print("# (x + 3)^2, summed")
x = torch.ones(2, 2, requires_grad=True)
y = x + 3
z = y**2
z.sum().backward()
print(x.grad)
for op in ("AddBackward0", "PowBackward0"):  # PyTorch warns of it too, at greater length
    print(
        f"warning: grad: this tensor is no leaf ({op}), so no gradient is kept for it without "
        "cd_retain_grad"
    )
print(y.grad, z.grad)

print("# A gradient to start from")
x = torch.ones(2, 2, requires_grad=True)
y = x + 2
z = y * y
y.backward(z)
print(x.grad)
for by_sum in (False, True):
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    b = torch.tensor([6.0, 4.0], requires_grad=True)
    q = 3 * a**3 + 2 * b**2
    if by_sum:
        q.sum().backward()
    else:
        q.backward(gradient=torch.ones(2))
    print(a.grad, b.grad)

print("# What requires gradients")
x = torch.rand(5, 5)
y = torch.rand(5, 5)
z = torch.rand(5, 5, requires_grad=True)
print((x + y).requires_grad, (x + z).requires_grad)
x = torch.ones(2, 2, requires_grad=True)
print(x.requires_grad, (x + 3).requires_grad)
with torch.no_grad():
    print(x.requires_grad, (x + 3).requires_grad)
print(x.requires_grad, (x + 3).requires_grad)
y = x.detach()
print(y.requires_grad)
print(y)

print("# Tensors in other shapes")
t = torch.tensor([[1, 2], [3, 4]])
print(torch.gather(t, 1, torch.tensor([[0, 0], [1, 0]])))
x = torch.tensor([[1.0], [2.0], [3.0]])
e = x.expand(3, 4)
print(e)
print(e.stride(1) == 0)
r = x.repeat(1, 4)
print(r)
print(r.stride(1) == 0)
values, indices = torch.topk(torch.arange(1.0, 6.0), 3)
print(values)
print(indices)
print(torch.arange(0, 10))
print(torch.linspace(0, 1, 5))
print(torch.tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]))

print("# A loss, and backward twice")
torch.manual_seed(0)
x = torch.ones(5)
y = torch.zeros(3)
w = torch.randn(5, 3, requires_grad=True)
b = torch.randn(3, requires_grad=True)
z = torch.matmul(x, w) + b
print(z)
loss = F.binary_cross_entropy_with_logits(z, y)
print(loss)
loss.backward(retain_graph=True)
print(w.grad)
print(b.grad)
loss.backward()
print(b.grad)

print("# Gradients accumulate")
x = torch.ones(2, 2, requires_grad=True)
y = x + 2
z = 3 * y * y
out = z.mean()
print(z)
print(out)
out.backward()
print(x.grad)
x = torch.ones(2, 2, requires_grad=True)
y = 4 * x + 2
y.backward(torch.ones(2, 2), retain_graph=True)
print(x.grad)
y.backward(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), retain_graph=True)
print(x.grad)

print("# A loop that depends on its values")
x = torch.ones(3, requires_grad=True)
y = x * 2
doublings = 1
while y.norm() < 1000:
    y = y * 2
    doublings += 1
print(doublings)
print(y)
y.backward(torch.tensor([0.1, 1.0, 0.0001]))
print(x.grad)

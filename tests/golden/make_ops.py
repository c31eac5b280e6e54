"""Golden values of every op: tests/golden/ops.safetensors, read by tests/test_op_goldens.c.

Run with PyTorch 2.15 and safetensors. To add a case: a line here, and its call in
tests/op_goldens.def.

The inputs of a case are drawn from a seed that this script and the test share. The case is run in
float32 and in float64, and differentiated with weights that are drawn after the inputs. Inputs are
written KIND:SIZES, "." for a scalar:

    x in [-2, 2), differentiated     c the same, constant           p in [0.1, 2.1), differentiated
    q in [0, 1), constant            b bool                         iN, jN, uN integers below N,
                                                                    int64, int32 and uint8

The file has the results and gradients of all cases one after the other ("f32", "f64", and "whole"
for integers and bool), and as a text a line for each case: name, seed, terms, inputs, ">", dtype,
shape, grad_fn. The part of the name before the slash is the op. `terms` is the number of summands in
an element of the result, 0 for elementwise ops; the tolerance grows with it. The dtype "float" is
that of the run."""
import os
import zlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
KINDS = {"i": torch.int64, "j": torch.int32, "u": torch.uint8}
lines, kept = [], {"f32": [], "f64": [], "whole": []}


def draw(spec, dtype):
    kind, sizes = spec.split(":")
    r = torch.rand([int(s) for s in sizes.split("x") if s != "."], dtype=torch.float64)
    if kind[0] in KINDS:
        return (r * int(kind[1:])).to(KINDS[kind[0]])
    if kind == "b":
        return r < 0.5
    r = {"x": r * 4 - 2, "c": r * 4 - 2, "p": r * 2 + 0.1, "q": r}[kind].to(dtype)
    return r.requires_grad_(kind in "xp")


def run(seed, specs, call, dtype):
    torch.manual_seed(seed)
    inputs = [draw(s, dtype) for s in specs]
    y = call(*inputs)
    values = [y]
    if y.requires_grad:
        weights = torch.rand(y.shape, dtype=torch.float64) * 4 - 2
        y.backward(weights.to(y.dtype))
        values += [torch.zeros_like(x) if x.grad is None else x.grad
                   for x in inputs if x.requires_grad]
    return y, [v.detach().flatten() for v in values]


def case(name, specs, call, terms=0, grad_fn=None):
    """A grad_fn of "*" is not compared: Candela's has another name there."""
    seed = zlib.crc32(name.encode())
    y32, values32 = run(seed, specs.split(), call, torch.float32)
    y64, values64 = run(seed, specs.split(), call, torch.float64)
    if y32.dtype.is_floating_point:
        same = y32.dtype == torch.float32 and y64.dtype == torch.float64
        kept["f32"] += [v.float() for v in values32]
        kept["f64"] += [v.double() for v in values64]
    else:
        same = False
        assert torch.equal(y32, y64)
        kept["whole"] += [v.long() for v in values32]
    assert same or y32.dtype == y64.dtype
    dtype = "float" if same else str(y32.dtype).split(".")[1]
    assert y32.requires_grad == (y32.grad_fn is not None)
    node = grad_fn or (y32.grad_fn.name().split("::")[-1] if y32.grad_fn else "-")
    shape = "x".join(map(str, y32.shape)) or "."
    lines.append(f"{name} {seed} {terms} {specs} > {dtype} {shape} {node}")


# --- two operands ---------------------------------------------------------------------------------
PAIRS = (("same", "x:2x3 {b}:2x3"), ("row", "x:2x3 {b}:3"), ("both", "x:1x3 {b}:4x2x1"),
         ("scalar", "x:. {b}:2x2"), ("empty", "x:0x3 {b}:1"))


def pairs(op, call, b="x", a="x"):
    for variant, specs in PAIRS:
        specs = specs.format(b=b)
        case(f"{op}/{variant}", a + specs[1:], call)


pairs("add", lambda a, b: a + b)
pairs("sub", lambda a, b: a - b)
pairs("mul", lambda a, b: a * b)
pairs("div", lambda a, b: a / b, b="p")
pairs("pow_tensor", lambda a, b: a ** b, a="p")
for op, call in (("add", lambda a: a + 1.5), ("sub", lambda a: a - 1.5), ("mul", lambda a: a * 1.5),
                 ("div", lambda a: a / 1.5)):
    case(f"{op}/number", "x:2x3", call)
case("add/whole", "i9:5 i9:5", lambda a, b: a + b)
case("add/in_place", "x:2x3 x:3", lambda a, b: a.clone().add_(b))
case("sub/in_place", "x:2x3 x:3", lambda a, b: a.clone().sub_(b))
case("sub/from_number", "x:2x3", lambda a: 2 - a)
case("sub/bytes", "u9:5 u9:5", lambda a, b: a - b)
case("mul/in_place", "x:2x3 x:2x1", lambda a, b: a.clone().mul_(b))
case("mul/whole_and_float", "i9:4 x:2x1", lambda a, b: a * b)
case("div/in_place", "x:2x3 p:2x1", lambda a, b: a.clone().div_(b))
case("div/whole", "i9:5", lambda a: a / 2)
case("pow/square", "x:2x3", lambda a: a ** 2)
case("pow/cube", "x:3", lambda a: a ** 3)
case("pow/root", "p:2x3", lambda a: a ** 0.5)
case("pow/inverse", "p:1", lambda a: a ** -1)
case("pow/fraction", "p:.", lambda a: a ** 1.7)
case("pow/none", "x:0x2", lambda a: a ** 2)
case("pow/whole", "i5:6", lambda a: a ** 3)
case("pow_tensor/of_number", "x:2x3", lambda a: torch.pow(2, a))
for op in ("eq", "ne", "lt", "le", "gt", "ge"):
    call = getattr(torch, op)
    case(f"{op}/same", "x:2x3 x:2x3", call)
    case(f"{op}/row", "x:2x1 x:3", call)
    case(f"{op}/whole", "i3:3x4 i3:4", call)
    case(f"{op}/number", "i3:7", lambda a, call=call: call(a, 1))
    case(f"{op}/empty", "x:0 x:1", call)
case("where/same", "b:2x3 x:2x3 x:2x3", torch.where)
case("where/all", "b:4x1x1 x:2x1 x:3", torch.where)
case("where/scalar", "b:. x:2 x:2", torch.where)
case("where/number", "b:2x3 x:3", lambda c, a: torch.where(c, 1.5, a))
case("where/empty", "b:0 x:1 x:.", torch.where)
case("where/whole", "b:5 i9:5", lambda c, a: torch.where(c, a, 7))

# --- one operand ----------------------------------------------------------------------------------
UNARY = (("plain", "2x3"), ("scalar", "."), ("one", "1x1"), ("empty", "2x0"), ("more", "3x1x4"))


def unary(op, call, kind="x"):
    for variant, sizes in UNARY:
        case(f"{op}/{variant}", f"{kind}:{sizes}", call)


unary("neg", torch.neg)
unary("exp", torch.exp)
unary("log", torch.log, "p")
unary("sqrt", torch.sqrt, "p")
unary("abs", torch.abs)
unary("sign", torch.sign)
unary("sigmoid", torch.sigmoid)
unary("tanh", torch.tanh)
unary("relu", torch.relu)
for op in ("exp", "sigmoid", "tanh", "log", "sqrt"):
    case(f"{op}/whole", "i4:5", getattr(torch, op))
for op in ("neg", "abs", "sign", "relu"):
    case(f"{op}/whole", "i4:5", lambda a, op=op: getattr(torch, op)(a - 2))
for op, call in (("clamp_min", torch.clamp_min), ("clamp_max", torch.clamp_max)):
    unary(op, lambda a, call=call: call(a, 0.5))
    case(f"{op}/tensor", "x:2x3 x:3", call)
    case(f"{op}/whole", "i9:7", lambda a, call=call: call(a, 4))

# Zeros with a gradient of 1, for ties and for values at a bound.
def zeros(a):
    return a - a.detach()


for op in ("maximum", "minimum"):
    pairs(op, getattr(torch, op))
    case(f"{op}/ties", "x:3 x:3", lambda a, b, op=op: getattr(torch, op)(zeros(a), zeros(b)))
    case(f"{op}/whole", "i9:5 i9:5", getattr(torch, op))
for op in ("max", "min"):
    case(f"{op}/plain", "x:3x4", getattr(torch, op))
    case(f"{op}/scalar", "x:.", getattr(torch, op))
    case(f"{op}/one", "x:1x1", getattr(torch, op))
    case(f"{op}/ties", "x:3", lambda a, op=op: getattr(torch, op)(zeros(a)))
    case(f"{op}/whole", "i9:7", getattr(torch, op))
for op in ("argmax", "argmin"):
    case(f"{op}/plain", "x:3x4", getattr(torch, op))
    case(f"{op}/scalar", "x:.", getattr(torch, op))
    case(f"{op}/whole", "i9:7", getattr(torch, op))
    case(f"{op}/ties", "u2:9", getattr(torch, op))
unary("reciprocal", torch.reciprocal, "p")
case("reciprocal/whole", "i4:5", lambda a: torch.reciprocal(a + 1))
case("reciprocal/over", "p:2x3", lambda a: 2 / a)
unary("clamp", lambda a: torch.clamp(a, -0.5, 0.5))
case("clamp/tensors", "x:2x3 x:3 p:1", torch.clamp)
case("clamp/at_number", "x:3", lambda a: torch.clamp(zeros(a), 0, 1))
case("clamp/at_tensor", "x:3 q:3", lambda a, b: torch.clamp(zeros(a), b - b, b + 1))
case("clamp/whole", "i9:7", lambda a: a.clamp(2, 5))
for op in ("neg_", "exp_", "abs_", "sigmoid_", "tanh_", "relu_"):
    case(f"{op}/plain", "x:2x3", lambda a, op=op: getattr(a.clone(), op)())
    case(f"{op}/scalar", "x:.", lambda a, op=op: getattr(a.clone(), op)())
    case(f"{op}/empty", "x:0x3", lambda a, op=op: getattr(a.clone(), op)())
for op in ("log_", "sqrt_", "reciprocal_"):
    case(f"{op}/plain", "p:2x3", lambda a, op=op: getattr(a.clone(), op)())
    case(f"{op}/scalar", "p:.", lambda a, op=op: getattr(a.clone(), op)())
    case(f"{op}/empty", "p:0x3", lambda a, op=op: getattr(a.clone(), op)())
case("pow_/number", "p:2x3", lambda a: a.clone().pow_(1.5))
case("pow_/square", "x:.", lambda a: a.clone().pow_(2))
case("pow_/tensor", "p:2x3 x:3", lambda a, b: a.clone().pow_(b))
case("clamp_/number", "x:2x3", lambda a: a.clone().clamp_(-0.5, 0.5))
case("clamp_/tensors", "x:2x3 x:3 p:1", lambda a, b, c: a.clone().clamp_(b, c))
case("clamp_min_/number", "x:2x3", lambda a: a.clone().clamp_min_(0.5))
case("clamp_min_/tensor", "x:2x3 x:3", lambda a, b: a.clone().clamp_min_(b))
case("clamp_max_/number", "x:2x3", lambda a: a.clone().clamp_max_(0.5))
case("clamp_max_/tensor", "x:2x3 x:3", lambda a, b: a.clone().clamp_max_(b))

# --- copies and in place --------------------------------------------------------------------------
unary("clone", torch.clone)
unary("detach", lambda a: a.detach())
case("to/double", "x:2x3", lambda a: a.double() * 1, grad_fn="*")
case("to/whole", "x:2x3", lambda a: a.long())
case("to/bytes", "i300:5", lambda a: a.to(torch.uint8))
case("to/bool", "i2:5", lambda a: a.bool())
case("to/float", "i9:2x3", lambda a: a.float())
case("zero_/plain", "x:2x3", lambda a: a.clone().zero_())
case("zero_/scalar", "x:.", lambda a: a.clone().zero_())
case("zero_/whole", "i9:3", lambda a: a.clone().zero_())
case("zero_/empty", "x:0x2", lambda a: a.clone().zero_())
case("fill_/plain", "x:2x3", lambda a: a.clone().fill_(1.5))
case("fill_/scalar", "x:.", lambda a: a.clone().fill_(1.5))
case("fill_/whole", "i9:3", lambda a: a.clone().fill_(7))
case("fill_/empty", "x:0x2", lambda a: a.clone().fill_(1.5))
case("uniform_/gradient", "x:2x3", lambda a: a.clone().uniform_(2, 2))
case("normal_/gradient", "x:2x3", lambda a: a.clone().normal_(2, 0))
case("bernoulli_/gradient", "x:2x3", lambda a: a.clone().bernoulli_(1))
case("bernoulli/gradient", "x:2x3", lambda a: torch.bernoulli(a * 0 + 1))
case("copy_/same", "x:2x3 x:2x3", lambda a, b: a.clone().copy_(b))
case("copy_/row", "x:2x3 x:3", lambda a, b: a.clone().copy_(b))
case("copy_/scalar", "x:2x3 x:.", lambda a, b: a.clone().copy_(b))
case("copy_/whole", "i9:3 x:3", lambda a, b: a.clone().copy_(b.detach()))
case("copy_/empty", "x:0x3 x:3", lambda a, b: a.clone().copy_(b))

# --- shapes ---------------------------------------------------------------------------------------
case("transpose/plain", "x:2x3x4", lambda a: a.transpose(0, 2))
case("transpose/negative", "x:2x3", lambda a: a.transpose(-1, -2))
case("transpose/empty", "x:0x3", lambda a: a.transpose(0, 1))
case("transpose/one", "x:1x3", lambda a: a.transpose(0, 1))
case("t/plain", "x:2x3", lambda a: a.t())
case("t/vector", "x:3", lambda a: a.t())
case("t/scalar", "x:.", lambda a: a.t())
case("t/empty", "x:0x2", lambda a: a.t())
case("view/plain", "x:2x6", lambda a: a.view(3, 4))
case("view/rest", "x:2x6", lambda a: a.view(2, -1, 3))
case("view/scalar", "x:1x1", lambda a: a.view([]))
case("view/empty", "x:0x3", lambda a: a.view(3, 0))
case("reshape/plain", "x:2x6", lambda a: a.reshape(4, 3))
case("reshape/copy", "x:2x6", lambda a: a.t().reshape(4, 3))
case("reshape/scalar", "x:.", lambda a: a.reshape(1, 1))
case("reshape/empty", "x:2x0", lambda a: a.reshape(0, 5))
case("flatten/all", "x:2x3x2", lambda a: a.flatten())
case("flatten/part", "x:2x3x2", lambda a: a.flatten(1, -1))
case("flatten/scalar", "x:.", lambda a: a.flatten())
case("flatten/empty", "x:2x0x3", lambda a: a.flatten(0, 1))
case("permute/plain", "x:2x3x4", lambda a: a.permute(2, 0, 1))
case("permute/negative", "x:2x3x4", lambda a: a.permute(-1, 0, -2))
case("permute/vector", "x:3", lambda a: a.permute(0))
case("permute/empty", "x:0x1x2", lambda a: a.permute(1, 2, 0))
case("expand/row", "x:1x3", lambda a: a.expand(2, 3))
case("expand/front", "x:3x1", lambda a: a.expand(2, -1, 4))
case("expand/scalar", "x:.", lambda a: a.expand(2, 2))
case("expand/empty", "x:1x3", lambda a: a.expand(0, 3))
case("squeeze/plain", "x:2x1x3", lambda a: a.squeeze(1))
case("squeeze/negative", "x:2x1", lambda a: a.squeeze(-1))
case("squeeze/other", "x:2x1x3", lambda a: a.squeeze(0))
case("squeeze/empty", "x:1x0", lambda a: a.squeeze(0))
case("unsqueeze/front", "x:2x3", lambda a: a.unsqueeze(0))
case("unsqueeze/negative", "x:2x3", lambda a: a.unsqueeze(-1))
case("unsqueeze/scalar", "x:.", lambda a: a.unsqueeze(0))
case("unsqueeze/empty", "x:0", lambda a: a.unsqueeze(1))
case("slice/step", "x:5x3", lambda a: a[1:5:2])
case("slice/negative", "x:5x3", lambda a: a[:, -2:])
case("slice/all", "x:4", lambda a: a[0:100])
case("slice/empty", "x:4", lambda a: a[3:2])
case("as_strided/plain", "x:3x4", lambda a: a.as_strided((2, 2), (4, 2), 1))
case("as_strided/overlapping", "x:6", lambda a: a.as_strided((4, 3), (1, 1), 0), 3)
case("as_strided/one", "x:1", lambda a: a.as_strided((), (), 0))
case("as_strided/empty", "x:4", lambda a: a.as_strided((0, 2), (1, 1), 0))
case("narrow/plain", "x:5x3", lambda a: a.narrow(0, 1, 3))
case("narrow/negative", "x:2x5", lambda a: a.narrow(-1, 2, 2))
case("narrow/one", "x:3", lambda a: a.narrow(0, 2, 1))
case("narrow/empty", "x:3", lambda a: a.narrow(0, 1, 0))
case("select/plain", "x:3x2", lambda a: a.select(0, 1))
case("select/negative", "x:2x3x2", lambda a: a.select(-2, -1))
case("select/vector", "x:3", lambda a: a.select(0, 2))
case("select/empty", "x:2x0", lambda a: a.select(0, 1))
case("index/plain", "x:3x2", lambda a: a[1])
case("index/negative", "x:3x2x2", lambda a: a[-1])
case("index/vector", "x:4", lambda a: a[0])
case("index/whole", "i9:3x2", lambda a: a[2])
case("cat/rows", "x:2x3 x:1x3", lambda a, b: torch.cat([a, b], 0))
case("cat/columns", "x:2x3 x:2x1 x:2x2", lambda a, b, c: torch.cat([a, b, c], -1))
case("cat/constant", "x:2 c:3 x:1", lambda a, b, c: torch.cat([a, b, c]))
case("cat/empty", "x:0 x:2x2", lambda a, b: torch.cat([a, b], 1))
case("cat/whole", "i9:2 u9:3", lambda a, b: torch.cat([a, b]))
case("cat/mixed", "i9:2 x:3", lambda a, b: torch.cat([a, b]))
case("stack/front", "x:2x3 x:2x3", lambda a, b: torch.stack([a, b], 0))
case("stack/back", "x:2x3 c:2x3 x:2x3", lambda a, b, c: torch.stack([a, b, c], -1))
case("stack/scalars", "x:. x:.", lambda a, b: torch.stack([a, b]))
case("stack/empty", "x:2x0 x:2x0", lambda a, b: torch.stack([a, b], 1))
case("stack/mixed", "i9:3 x:3", lambda a, b: torch.stack([a, b], -2))
case("repeat/plain", "x:2x3", lambda a: a.repeat(3, 2), 6)
case("repeat/front", "x:3", lambda a: a.repeat(2, 1, 3), 6)
case("repeat/one", "x:1x1", lambda a: a.repeat(1, 4), 4)
case("repeat/scalar", "x:.", lambda a: a.repeat(2, 2), 4)
case("repeat/none", "x:2x3", lambda a: a.repeat(0, 2))
case("repeat/empty", "x:0x3", lambda a: a.repeat(2, 2))
case("repeat/whole", "u9:3", lambda a: a.repeat(2))

# --- reductions -----------------------------------------------------------------------------------
for variant, sizes, terms in (("plain", "3x4", 12), ("scalar", ".", 1), ("one", "1x1", 1),
                              ("more", "2x3x40", 240)):
    case(f"sum/{variant}", f"x:{sizes}", torch.sum, terms)
    case(f"mean/{variant}", f"x:{sizes}", torch.mean, terms)
case("sum/empty", "x:0x3", torch.sum)
case("sum/whole", "u200:9", torch.sum)
case("sum/bools", "b:9", torch.sum)
DIMS = (("first", "3x4", 0, False, 3), ("last", "2x3x4", -1, True, 4),
        ("middle", "2x3x4", 1, False, 3),
        ("one", "3x1", 1, False, 1), ("scalar", ".", 0, False, 1), ("empty", "0x3", 1, False, 3),
        ("long", "2x40", -1, False, 40))
for variant, sizes, dim, keep, terms in DIMS:
    at = dict(dim=dim, keepdim=keep)
    case(f"sum_dim/{variant}", f"x:{sizes}", lambda a: a.sum(**at), terms)
    case(f"mean_dim/{variant}", f"x:{sizes}", lambda a: a.mean(**at), terms)
    case(f"max_dim/{variant}", f"x:{sizes}", lambda a: a.max(**at)[0])
    case(f"max_dim/{variant}_indices", f"x:{sizes}", lambda a: a.max(**at)[1])
    case(f"argmax_dim/{variant}", f"x:{sizes}", lambda a: a.argmax(**at))
    case(f"min_dim/{variant}", f"x:{sizes}", lambda a: a.min(**at)[0])
    case(f"min_dim/{variant}_indices", f"x:{sizes}", lambda a: a.min(**at)[1])
    case(f"argmin_dim/{variant}", f"x:{sizes}", lambda a: a.argmin(**at))
    case(f"logsumexp/{variant}", f"x:{sizes}", lambda a: a.logsumexp(**at), terms)
    case(f"norm/{variant}", f"x:{sizes}", lambda a: a.norm(**at), terms)
    case(f"softmax/{variant}", f"x:{sizes}", lambda a: a.softmax(dim), terms)
    case(f"log_softmax/{variant}", f"x:{sizes}", lambda a: a.log_softmax(dim), terms)
case("sum_dim/whole", "i9:3x4", lambda a: a.sum(1))
case("max_dim/ties", "i2:3x6", lambda a: a.max(1)[1])
case("argmax_dim/ties", "u2:3x6", lambda a: a.argmax(0))
case("norm/all", "x:3x4", torch.norm, 12)
for variant, p in (("p1", 1), ("p3", 3), ("zero", 0), ("infinity", float("inf")),
                   ("least", float("-inf"))):
    case(f"norm/{variant}", "x:3x4", lambda a: a.norm(p=p), 12)
    case(f"norm/{variant}_dim", "x:3x4", lambda a: a.norm(p=p, dim=1), 4)
case("sum_to_shape/row", "x:2x3", lambda a: a.sum_to_size(3), 2, "*")
case("sum_to_shape/column", "x:4x2x3", lambda a: a.sum_to_size(2, 1), 12, "*")
case("sum_to_shape/scalar", "x:2x3", lambda a: a.sum_to_size([]), 6, "*")
case("sum_to_shape/empty", "x:0x3", lambda a: a.sum_to_size(1, 3), 0, "*")
case("topk/plain", "x:7", lambda a: a.topk(3)[0])
case("topk/plain_indices", "x:7", lambda a: a.topk(3)[1])
case("topk/dim", "x:4x3", lambda a: a.topk(2, 0)[0])
case("topk/dim_indices", "x:4x3", lambda a: a.topk(2, 0)[1])
case("topk/all", "x:2x3", lambda a: a.topk(3)[0])
case("topk/none", "x:2x3", lambda a: a.topk(0)[0])
case("topk/one", "x:2x1", lambda a: a.topk(1)[0])

# --- by index and by mask -------------------------------------------------------------------------
case("gather/rows", "x:3x2 i3:4x2", lambda a, i: a.gather(0, i))
case("gather/columns", "x:2x3 i3:2x4", lambda a, i: a.gather(-1, i), 4)
case("gather/smaller", "x:3x4x2 i4:2x3x1", lambda a, i: a.gather(1, i), 3)
case("gather/int32", "x:5 j5:7", lambda a, i: a.gather(0, i), 7)
case("gather/scalar", "x:. i1:3", lambda a, i: a.gather(0, i), 3)
case("gather/empty", "x:2x3 i3:2x0", lambda a, i: a.gather(1, i))
case("gather/whole", "u9:4 i4:6", lambda a, i: a.gather(0, i))
case("scatter_add/vector", "x:3 i3:6 x:6", lambda a, i, b: a.scatter_add(0, i, b), 6)
case("scatter_add/rows", "x:3x2 i3:4x2 x:4x2", lambda a, i, b: a.scatter_add(0, i, b), 4)
case("scatter_add/columns", "x:2x3x2 i3:2x5x1 x:2x5x1", lambda a, i, b: a.scatter_add(-2, i, b), 5)
case("scatter_add/constant", "x:3 i3:2x1 c:4x4",
     lambda a, i, b: a.expand(2, 3).scatter_add(1, i, b), 4)
case("scatter_add/scalar", "x:. i1:2 x:2", lambda a, i, b: a.scatter_add(0, i, b), 3)
case("scatter_add/empty", "x:2x3 i3:2x0 x:2x0", lambda a, i, b: a.scatter_add(1, i, b))
case("scatter_add/bytes", "u200:3 j3:5 u200:5", lambda a, i, b: a.scatter_add(0, i, b))
case("scatter_add_/vector", "x:3 i3:6 x:6", lambda a, i, b: a.clone().scatter_add_(0, i, b), 6)
case("scatter_add_/columns", "x:2x3 i3:2x2 x:2x2",
     lambda a, i, b: a.clone().scatter_add_(-1, i, b), 2)
case("scatter_add_/empty", "x:0x3 i3:0x2 x:0x2", lambda a, i, b: a.clone().scatter_add_(1, i, b))
case("scatter_add_/whole", "i9:3 i3:5 i9:5", lambda a, i, b: a.clone().scatter_add_(0, i, b))
case("one_hot/plain", "i4:6", lambda i: F.one_hot(i, 4))
case("one_hot/largest", "i4:2x3", lambda i: F.one_hot(i))
case("one_hot/scalar", "i4:.", lambda i: F.one_hot(i, 5))
case("one_hot/empty", "i4:2x0", lambda i: F.one_hot(i, 3))
for op, copy in (("masked_fill", lambda a: a), ("masked_fill_", torch.clone)):
    fill = lambda a, m, v, op=op, copy=copy: getattr(copy(a), op)(m, v)
    case(f"{op}/same", "x:2x3 b:2x3", lambda a, m: fill(a, m, 1.5))
    case(f"{op}/row", "x:2x6 b:6", lambda a, m: fill(a, m, 0))
    case(f"{op}/scalar", "x:. b:.", lambda a, m: fill(a, m, -1))
    case(f"{op}/tensor", "x:6x2 b:6x1 x:.", fill, 12)
    case(f"{op}/empty", "x:0x3 b:3", lambda a, m: fill(a, m, 1))
    case(f"{op}/bytes", "u9:6 b:6", lambda a, m: fill(a, m, 250.7))
case("masked_fill/both", "x:2x1 b:4x1x3", lambda a, m: a.masked_fill(m, 2), 12)
case("masked_select/same", "x:3x4 b:3x4", torch.masked_select)
case("masked_select/row", "x:2x5 b:5", torch.masked_select)
case("masked_select/both", "x:2x1 b:4x1x3", torch.masked_select, 12)
case("masked_select/empty", "x:0x3 b:3", torch.masked_select)
case("masked_select/whole", "j9:8 b:8", torch.masked_select)
case("masked_scatter/same", "x:3x4 b:3x4 x:12", torch.masked_scatter)
case("masked_scatter/more", "x:2x6 b:6 x:3x4", torch.masked_scatter)
case("masked_scatter/both", "x:2x1 b:4x1x3 x:24", torch.masked_scatter, 12)
case("masked_scatter/empty", "x:0x3 b:3 x:2", torch.masked_scatter)
case("masked_scatter/whole", "i9:8 b:8 i9:8", torch.masked_scatter)
case("masked_scatter_/same", "x:3x4 b:3x4 x:12", lambda a, m, b: a.clone().masked_scatter_(m, b))
case("masked_scatter_/column", "x:6x2 b:6x1 x:3x4", lambda a, m, b: a.clone().masked_scatter_(m, b))
case("masked_scatter_/scalar", "x:. b:. x:1", lambda a, m, b: a.clone().masked_scatter_(m, b))
case("masked_scatter_/empty", "x:0x3 b:3 x:2", lambda a, m, b: a.clone().masked_scatter_(m, b))

# --- products -------------------------------------------------------------------------------------
for variant, n, k, m in (("plain", 2, 3, 4), ("one", 1, 1, 1), ("empty", 0, 3, 2),
                         ("nothing", 2, 0, 3),
                         ("long", 3, 40, 2)):
    case(f"mm/{variant}", f"x:{n}x{k} x:{k}x{m}", torch.mm, max(n, k, m))
    case(f"bmm/{variant}", f"x:2x{n}x{k} x:2x{k}x{m}", torch.bmm, max(n, k, m))
    case(f"mv/{variant}", f"x:{n}x{k} x:{k}", torch.mv, max(n, k))
    case(f"dot/{variant}", f"x:{k} x:{k}", torch.dot, k)
    case(f"addmm/{variant}", f"x:{m} x:{n}x{k} x:{k}x{m}", torch.addmm, max(n, k, m))
    case(f"linear/{variant}", f"x:{n}x{k} x:{m}x{k} x:{m}", F.linear, max(n, k, m))
case("mm/whole", "i9:2x3 i9:3x2", torch.mm)
case("addmm/matrix", "x:2x4 x:2x3 x:3x4", torch.addmm, 4)
case("linear/plain_weight", "x:2x3 x:4x3", F.linear, 4)
case("linear/batch", "x:2x2x3 x:4x3 x:4", F.linear, 4, "*")
case("linear/vector", "x:3 x:4x3 x:4", F.linear, 4, "*")
case("matmul/vectors", "x:3 x:3", torch.matmul, 3)
case("matmul/matrix_vector", "x:2x3 x:3", torch.matmul, 3)
case("matmul/vector_matrix", "x:3 x:3x2", torch.matmul, 3, "*")
case("matmul/matrices", "x:2x3 x:3x4", torch.matmul, 4)
case("matmul/batch", "x:2x2x3 x:2x3x2", torch.matmul, 3, "*")
case("matmul/folded", "x:2x2x3 x:3x2", torch.matmul, 4, "*")
case("matmul/broadcast", "x:2x1x2x3 x:4x3x1", torch.matmul, 8, "*")
case("matmul/batch_vector", "x:2x2x3 x:3", torch.matmul, 4, "*")
case("matmul/empty", "x:0x3 x:3x2", torch.matmul, 3)

# --- networks -------------------------------------------------------------------------------------
case("conv2d/plain", "x:2x2x4x3 x:3x2x3x3 x:3", F.conv2d, 18)
case("conv2d/padded", "x:1x2x5x4 x:3x2x3x3", lambda a, w: F.conv2d(a, w, stride=2, padding=1), 18)
case("conv2d/groups", "x:1x4x4x4 x:4x2x2x2 x:4",
     lambda a, w, b: F.conv2d(a, w, b, dilation=2, groups=2), 8)
case("conv2d/points", "x:2x3x2x2 x:2x3x1x1", F.conv2d, 8)
case("conv2d/empty", "x:0x2x3x3 x:1x2x3x3 x:1", F.conv2d)
case("max_pool2d/plain", "x:1x2x4x4", lambda a: F.max_pool2d(a, 2))
case("max_pool2d/overlapping", "x:1x1x5x4", lambda a: F.max_pool2d(a, 3, stride=2, padding=1), 4)
case("max_pool2d/ceil", "x:2x3x3", lambda a: F.max_pool2d(a, 2, ceil_mode=True))
case("max_pool2d/indices", "x:1x2x4x4",
     lambda a: F.max_pool2d(a, 2, return_indices=True)[1])
case("adaptive_avg_pool2d/plain", "x:1x2x5x4", lambda a: F.adaptive_avg_pool2d(a, (2, 3)), 6)
case("adaptive_avg_pool2d/one", "x:2x2x3x3", lambda a: F.adaptive_avg_pool2d(a, 1), 9, "*")
case("adaptive_avg_pool2d/same", "x:1x2x2", lambda a: F.adaptive_avg_pool2d(a, (2, 2)))
case("batch_norm/training", "x:3x2x2 x:2 x:2",
     lambda a, w, b: F.batch_norm(a, None, None, w, b, True), 6)
case("batch_norm/plain", "x:4x3", lambda a: F.batch_norm(a, None, None, training=True), 4)
case("batch_norm/running", "x:3x2x2 x:2 x:2 c:2 q:2",
     lambda a, w, b, mean, var: F.batch_norm(a, mean, var, w, b, False), 6)
case("batch_norm/momentum", "x:4x2 c:2 q:2",
     lambda a, mean, var: F.batch_norm(a, mean, var, training=True, momentum=0.25) + mean, 4, "*")

# --- losses ---------------------------------------------------------------------------------------
REDUCTIONS = ("mean", "sum", "none")
for how in REDUCTIONS:
    case(f"mse_loss/{how}", "x:2x3 x:2x3", lambda a, b: F.mse_loss(a, b, reduction=how), 6)
    case(f"binary_cross_entropy_with_logits/{how}", "x:2x3 q:2x3",
         lambda a, t: F.binary_cross_entropy_with_logits(a, t, reduction=how), 6)
    case(f"binary_cross_entropy_with_logits/{how}_weights", "x:2x3 q:2x3 q:3 q:3",
         lambda a, t, w, p: F.binary_cross_entropy_with_logits(a, t, w, None, None, how, p), 6)
    case(f"nll_loss/{how}", "x:4x3 i3:4", lambda a, t: F.nll_loss(a, t, reduction=how), 4)
    case(f"nll_loss/{how}_weights", "x:4x3 i3:4 q:3",
         lambda a, t, w: F.nll_loss(a, t, w, reduction=how, ignore_index=1), 4)
    case(f"cross_entropy/{how}", "x:4x3 i3:4",
         lambda a, t: F.cross_entropy(a, t, reduction=how), 12)
    case(f"cross_entropy/{how}_weights", "x:4x3 i3:4 q:3",
         lambda a, t, w: F.cross_entropy(a, t, w, reduction=how, ignore_index=1), 12)
case("mse_loss/scalar", "x:. x:.", F.mse_loss)
case("mse_loss/constant", "x:3 c:3", F.mse_loss, 3)
case("nll_loss/pixels", "x:2x3x4 i3:2x4", F.nll_loss, 8)
case("cross_entropy/pixels", "x:2x3x4 i3:2x4", F.cross_entropy, 24)

path = os.path.join(HERE, "ops.safetensors")
save_file({k: torch.cat(v) for k, v in kept.items()}, path, metadata={"cases": "\n".join(lines)})
print(len(lines), "cases,", os.path.getsize(path), "bytes")

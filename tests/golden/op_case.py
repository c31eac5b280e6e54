"""How a golden case of an op is drawn, run and saved; make_ops.py uses it. The files ops/FAMILY.py call
`case`, or one of its relatives at the end.

The inputs of a case are drawn from a seed that this script and tests/test_op_goldens.c share. The
case is run in float32 and in float64, and differentiated with weights that are drawn after the
inputs. Inputs are written KIND:SIZES, "." for a scalar:

    x in [-2, 2), differentiated     c the same, constant           p in [0.1, 2.1), differentiated
    q in [0, 1), constant            b bool                         iN, jN, uN integers below N,
                                                                    int64, int32 and uint8

A family's file has the results and gradients of its cases one after the other ("f32", "f64", and
"whole" for integers and bool), and as a text a line for each case: name, seed, terms, inputs, ">",
dtype, shape, grad_fn. The part of the name before the slash is the op. `terms` is the number of summands in
an element of the result, 0 for elementwise ops; the tolerance grows with it. The dtype "float" is
that of the run."""
import os
import zlib

import torch
from safetensors.torch import save_file

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


def save(path):
    """Writes the cases so far, and begins again without any."""
    values = {k: torch.cat(v) if v else torch.zeros(0) for k, v in kept.items()}
    save_file(values, path, metadata={"cases": "\n".join(lines)})
    print(f"{os.path.basename(path)}: {len(lines)} cases, {os.path.getsize(path)} bytes")
    lines.clear()
    for v in kept.values():
        v.clear()


# --- cases that many ops share --------------------------------------------------------------------
PAIRS = (("same", "x:2x3 {b}:2x3"), ("row", "x:2x3 {b}:3"), ("both", "x:1x3 {b}:4x2x1"),
         ("scalar", "x:. {b}:2x2"), ("empty", "x:0x3 {b}:1"))


def pairs(op, call, b="x", a="x"):
    for variant, specs in PAIRS:
        specs = specs.format(b=b)
        case(f"{op}/{variant}", a + specs[1:], call)


UNARY = (("plain", "2x3"), ("scalar", "."), ("one", "1x1"), ("empty", "2x0"), ("more", "3x1x4"))


def unary(op, call, kind="x"):
    for variant, sizes in UNARY:
        case(f"{op}/{variant}", f"{kind}:{sizes}", call)


# Zeros with a gradient of 1, for ties and for values at a bound.
def zeros(a):
    return a - a.detach()

"""Cases of ops of one operand."""
import torch

from op_case import case, pairs, unary, zeros

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

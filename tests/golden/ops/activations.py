"""Cases of activations."""
import torch
import torch.nn.functional as F

from op_case import case, unary, zeros

PLAIN = ("gelu", "silu", "mish", "selu", "celu", "elu", "leaky_relu", "softplus", "softsign", "softshrink", "hardshrink",
         "tanhshrink", "hardswish", "hardsigmoid", "hardtanh", "relu6", "logsigmoid")
IN_PLACE = ("silu", "mish", "selu", "celu", "elu", "leaky_relu", "hardswish", "hardsigmoid", "hardtanh", "relu6")
for op in PLAIN:
    call = getattr(F, op)
    unary(op, call)
    case(f"{op}/wide", "x:2x4", lambda a, call=call: call(a * 6))
    case(f"{op}/kink", "x:3", lambda a, call=call: call(zeros(a)))
    case(f"{op}/ends", "x:6", lambda a, call=call: call(zeros(a) + torch.tensor([-3, 3, 6, 1, -1, 0.5])))
for op in IN_PLACE:
    call = getattr(F, op)
    case(f"{op}_/plain", "x:2x3", lambda a, call=call: call(a.clone(), inplace=True))
    case(f"{op}_/kink", "x:3", lambda a, call=call: call(zeros(a).clone(), inplace=True))
    case(f"{op}_/empty", "x:0x3", lambda a, call=call: call(a.clone(), inplace=True))

case("gelu/tanh", "x:2x3", lambda a: F.gelu(a, approximate="tanh"))
case("gelu/tanh_wide", "x:2x4", lambda a: F.gelu(a * 4, approximate="tanh"))
case("leaky_relu/slope", "x:2x3", lambda a: F.leaky_relu(a, -1.5))
case("leaky_relu_/slope", "x:2x3", lambda a: F.leaky_relu_(a.clone(), 0.25))
case("elu/alpha", "x:2x3", lambda a: F.elu(a, 1.75))
case("elu_/alpha", "x:2x3", lambda a: F.elu_(a.clone(), 1.75))
case("elu/negative", "x:2x3", lambda a: F.elu(a, -0.5))
case("celu/alpha", "x:2x3", lambda a: F.celu(a, 1.75))
case("celu_/alpha", "x:2x3", lambda a: F.celu_(a.clone(), 1.75))
case("celu/negative", "x:2x3", lambda a: F.celu(a, -0.5))
case("softplus/options", "x:2x6", lambda a: F.softplus(a * 2, 2, 3))
case("softplus/at_threshold", "x:3", lambda a: F.softplus(zeros(a) + 1.5, 2, 3))
case("softplus/negative", "x:2x3", lambda a: F.softplus(a, -1.5))
case("softshrink/lambd", "x:2x3", lambda a: F.softshrink(a, 1.25))
case("softshrink/zero", "x:2x3", lambda a: F.softshrink(a, 0.0))
case("hardshrink/lambd", "x:2x3", lambda a: F.hardshrink(a, 1.25))
case("hardshrink/negative", "x:2x3", lambda a: F.hardshrink(a, -1))
case("hardtanh/bounds", "x:2x3", lambda a: F.hardtanh(a, -0.5, 0.75))
case("hardtanh/zero", "x:2x3", lambda a: F.hardtanh(a, 0.0, 0.75))
case("hardtanh_/bounds", "x:2x3", lambda a: F.hardtanh_(a.clone(), -0.5, 0.75))
case("hardtanh/whole", "i9:7", lambda a: F.hardtanh(a - 4, -2.5, 1.5))
case("hardtanh/bytes", "u9:7", lambda a: F.hardtanh(a, -2, 300))
case("relu6/whole", "i9:7", lambda a: F.relu6(a - 1))
case("relu6_/whole", "j9:7", lambda a: F.relu6(a.clone(), inplace=True))
for op in ("softsign", "tanhshrink"):
    case(f"{op}/whole", "i4:5", getattr(F, op))

case("threshold/plain", "x:2x3", lambda a: F.threshold(a, 0.5, 7))
case("threshold/scalar", "x:.", lambda a: F.threshold(a, -0.5, 0.25))
case("threshold/kink", "x:3", lambda a: F.threshold(zeros(a), 0, 5))
case("threshold/empty", "x:2x0", lambda a: F.threshold(a, 1, 2))
case("threshold/whole", "i9:7", lambda a: F.threshold(a, 3.5, 20.5))
case("threshold/bytes", "u9:7", lambda a: F.threshold(a, -1, 3))
case("threshold_/plain", "x:2x3", lambda a: F.threshold_(a.clone(), 0.5, 7))
case("threshold_/whole", "j9:7", lambda a: F.threshold_(a.clone(), 4, -6))

for variant, specs in (("one", "x:2x3 x:1"), ("channels", "x:2x3 x:3"), ("images", "x:2x3x2 x:3"), ("vector", "x:4 x:1"),
                       ("scalar", "x:. x:1"), ("scalars", "x:. x:."), ("scalar_weight", "x:2x3 x:."), ("empty", "x:0x3 x:3")):
    case(f"prelu/{variant}", specs, F.prelu)
case("prelu/kink", "x:3 x:1", lambda a, b: F.prelu(zeros(a), b))
case("glu/first", "x:4x3", lambda a: F.glu(a, 0))
case("glu/last", "x:2x6", F.glu)
case("glu/middle", "x:2x4x3", lambda a: F.glu(a, 1))
case("glu/vector", "x:2", F.glu)
case("glu/wide", "x:4x4", lambda a: F.glu(a * 8))
case("glu/empty", "x:2x0", F.glu)
case("softmin/first", "x:2x3", lambda a: F.softmin(a, 0))
case("softmin/last", "x:2x3", lambda a: F.softmin(a, -1))
case("softmin/scalar", "x:.", lambda a: F.softmin(a, 0))
case("softmin/empty", "x:0x3", lambda a: F.softmin(a, 1))
case("rrelu/training", "x:3x5", lambda a: F.rrelu(a, training=True))
case("rrelu/wide", "x:4x3", lambda a: F.rrelu(a.t(), -1.5, 2, True))
case("rrelu/close", "x:2x3", lambda a: F.rrelu(a, 0.25, 0.25, True))
case("rrelu/eval", "x:2x3", F.rrelu)
case("rrelu/kink", "x:3", lambda a: F.rrelu(zeros(a), training=True))
case("rrelu_/training", "x:2x3", lambda a: F.rrelu(a.clone(), training=True, inplace=True))
case("rrelu_/eval", "x:2x3", lambda a: F.rrelu(a.clone(), 0.1, 0.7, inplace=True))

"""Cases of the mathematical functions of one operand."""
import torch

from op_case import case

SHAPES = (("plain", "2x3"), ("scalar", "."), ("empty", "2x0"))


# The function of `domain` of the input, and the same in place.
def function(op, kind="x", domain=lambda a: a, whole=lambda a: a):
    call = getattr(torch, op)
    for variant, sizes in SHAPES:
        case(f"{op}/{variant}", f"{kind}:{sizes}", lambda a: call(domain(a)))
    case(f"{op}/whole", "i4:5", lambda a: call(whole(a)))
    change = getattr(torch.Tensor, op + "_")
    # PyTorch has no gradient of these in place.
    kind = "q" if op in ("asinh", "acosh", "atanh") else kind
    case(f"{op}_/plain", f"{kind}:2x3", lambda a: change(domain(a).clone()))


for op in ("sin", "cos", "tan", "atan", "sinh", "cosh", "asinh", "exp2", "expm1", "erf", "erfc",
           "deg2rad", "rad2deg", "square"):
    function(op)
for op in ("asin", "acos", "atanh", "erfinv"):
    function(op, domain=lambda a: a * 0.45, whole=lambda a: a - 1)
function("acosh", "p", domain=lambda a: a + 1.1)
for op in ("log2", "log10", "log1p", "rsqrt", "lgamma"):
    function(op, "p", whole=lambda a: a + 1)
function("digamma", "p", whole=lambda a: a + 4)  # PyTorch's float32 has few digits near 0
function("sinc")
function("logit", "p", domain=lambda a: a * 0.4, whole=lambda a: a - 1)
for n in (0, 1, 2, 3):
    case(f"polygamma/order{n}", "p:2x3", lambda a: torch.polygamma(n, a + 0.5))
case("polygamma/negative", "p:2x3", lambda a: torch.polygamma(2, a * 0.2 - 1.7))
case("polygamma/whole", "i4:5", lambda a: torch.polygamma(1, a + 1))
case("polygamma/empty", "p:0x3", lambda a: torch.polygamma(1, a))
case("polygamma_/plain", "p:2x3", lambda a: a.clone().polygamma_(1), grad_fn="*")
case("digamma/negative", "p:2x3", lambda a: torch.digamma(a * 0.2 - 1.7))
case("lgamma/negative", "p:2x3", lambda a: torch.lgamma(a - 2.15))
case("sin/large", "p:2x3", lambda a: torch.sin(a * 1000))
case("logit/eps", "x:2x3", lambda a: torch.logit(a, eps=0.1))
case("logit/eps_at_zero", "q:6", lambda a: torch.logit(a, eps=0))
case("logit_/eps", "x:2x3", lambda a: a.clone().logit_(eps=0.1))
for op in ("floor", "ceil", "round", "trunc"):
    function(op)
case("frac/plain", "x:2x3", torch.frac)
case("frac/scalar", "x:.", torch.frac)
case("frac/empty", "x:2x0", torch.frac)
case("frac_/plain", "x:2x3", lambda a: a.clone().frac_())
case("round/half", "i9:7", lambda a: torch.round(a * 0.5))
case("round/small", "u9:7", torch.round)
case("round/decimals", "x:2x3", lambda a: torch.round(a, decimals=1))
case("round/tens", "x:2x3", lambda a: torch.round(a * 20, decimals=-1))
case("round_/decimals", "x:2x3", lambda a: a.clone().round_(decimals=1))
for op in ("isnan", "isinf", "isfinite", "isposinf", "isneginf"):
    case(f"{op}/edges", "i3:7", lambda a: getattr(torch, op)((a - 1) / (a * 0)))
    case(f"{op}/whole", "j4:5", getattr(torch, op))
    case(f"{op}/bool", "b:5", getattr(torch, op))
    case(f"{op}/empty", "c:0x2", getattr(torch, op))
case("signbit/plain", "c:2x3", torch.signbit)
case("signbit/whole", "i4:5", lambda a: torch.signbit(a - 2))
case("signbit/small", "u4:5", torch.signbit)
case("signbit/bool", "b:5", torch.signbit)
case("signbit/zeros", "x:5", lambda a: torch.signbit(a.detach() * 0))
case("nan_to_num/plain", "x:2x3", torch.nan_to_num)
case("nan_to_num/scalar", "x:.", torch.nan_to_num)
case("nan_to_num/empty", "x:2x0", torch.nan_to_num)
case("nan_to_num/edges", "i3:7", lambda a: torch.nan_to_num((a - 1) / (a * 0)))
case("nan_to_num/given", "i3:7", lambda a: torch.nan_to_num((a - 1) / (a * 0), 1.5, 2, -3))
case("nan_to_num/zeros", "i3:7", lambda a: torch.nan_to_num((a - 1) / (a * 0), 1, 0, 0))
case("nan_to_num/whole", "i4:5", lambda a: torch.nan_to_num(a, 7))
case("nan_to_num/bool", "b:5", torch.nan_to_num)
case("nan_to_num_/plain", "x:2x3", lambda a: a.clone().nan_to_num_(posinf=1))
case("square/bool", "b:5", torch.square)
case("square/small", "u200:5", torch.square)
case("positive/plain", "x:2x3", lambda a: torch.positive(a * 1), grad_fn="MulBackward0")
case("positive/whole", "i4:5", torch.positive)

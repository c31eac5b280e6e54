"""Cases of scans, products and the smallest with the largest."""
import torch

from op_case import case, zeros

DIMS = (("first", "3x4", 0), ("last", "2x3x4", -1), ("middle", "2x3x4", 1), ("one", "3x1", 1),
        ("scalar", ".", 0), ("empty", "0x3", 0), ("wide", "3x20", 0))
for variant, sizes, dim in DIMS:
    for name in ("cumsum", "cumprod", "logcumsumexp"):
        case(f"{name}/{variant}", f"x:{sizes}", lambda a: getattr(a, name)(dim), 8)
    for name in ("cummax", "cummin"):
        case(f"{name}/{variant}", f"x:{sizes}", lambda a: getattr(a, name)(dim)[0])
        case(f"{name}/{variant}_indices", f"x:{sizes}", lambda a: getattr(a, name)(dim)[1])
for name in ("cumsum", "cumprod"):
    case(f"{name}/whole", "i4:2x5", lambda a: getattr(a, name)(1))
    case(f"{name}/bools", "b:2x5", lambda a: getattr(a, name)(1))
    case(f"{name}/as_double", "x:2x3", lambda a: getattr(a, name)(1, dtype=torch.float64), 3)
    case(f"{name}/as_byte", "i90:9", lambda a: getattr(a, name)(0, dtype=torch.uint8))
    case(f"{name}_/plain", "x:2x3", lambda a: getattr(a.clone(), name + "_")(1), 3)
case("cumprod/zeros", "x:4x5", lambda a: (a * (a > 0)).cumprod(1), 5, grad_fn="*")
case("logcumsumexp/large", "x:2x5", lambda a: (a * 200).logcumsumexp(1), 5, grad_fn="*")
for name in ("cummax", "cummin"):
    case(f"{name}/ties", "i3:2x9", lambda a: getattr(a, name)(1)[1])
    case(f"{name}/ties_gradient", "x:5", lambda a: getattr(zeros(a), name)(0)[0], grad_fn="*")
    case(f"{name}/bools", "b:9", lambda a: getattr(a, name)(0)[1])

case("prod/all", "p:2x3", torch.prod, 6)
case("prod/scalar", "x:.", torch.prod)
case("prod/empty", "x:0x3", torch.prod)
case("prod/dim", "x:2x3x4", lambda a: a.prod(1), 3)
case("prod/kept", "x:2x3x4", lambda a: a.prod(-1, keepdim=True), 4)
case("prod/scalar_dim", "x:.", lambda a: a.prod(0))
case("prod/zeros", "x:6x4", lambda a: (a * (a > -1)).prod(1), 4, grad_fn="*")
case("prod/one_zero", "x:4", lambda a: (a * torch.tensor([1, 0, 1, 1])).prod(), 4, grad_fn="*")
case("prod/two_zeros", "x:4", lambda a: (a * torch.tensor([1, 0, 0, 1])).prod(), 4, grad_fn="*")
case("prod/whole", "i7:2x3", lambda a: a.prod(1))
case("prod/bools", "b:4x2", lambda a: a.prod(1))
case("prod/as_double", "x:2x3", lambda a: a.prod(1, dtype=torch.float64), 3)
case("prod/as_byte", "i90:5", lambda a: a.prod(dtype=torch.uint8))

for which, name in enumerate(("least", "most")):
    case(f"aminmax/{name}", "x:3x4", lambda a: torch.aminmax(a)[which])
    case(f"aminmax/{name}_dim", "x:3x4", lambda a: torch.aminmax(a, dim=1)[which])
    case(f"aminmax/{name}_kept", "x:3x4", lambda a: torch.aminmax(a, dim=0, keepdim=True)[which])
    case(f"aminmax/{name}_ties", "x:3x4", lambda a: torch.aminmax(zeros(a), dim=0)[which], grad_fn="*")
case("aminmax/sum", "x:3x4", lambda a: sum(torch.aminmax(a, dim=0)), grad_fn="*")

"""Cases of reductions over any dimensions, and of variances."""
import torch

from op_case import case, zeros

DIMS = (("all", "2x3x4", None, False, 24), ("kept", "2x3x4", None, True, 24),
        ("two", "2x3x4", (0, 2), False, 8), ("inner", "2x3x4", (-1, 1), True, 12),
        ("scalar", ".", (0,), False, 1), ("rows", "40x3", (0,), False, 40))
for variant, sizes, dims, keep, terms in DIMS:
    at = dict(dim=dims, keepdim=keep)
    if dims:
        case(f"sum/{variant}_dims", f"x:{sizes}", lambda a: a.sum(**at), terms)
        case(f"mean/{variant}_dims", f"x:{sizes}", lambda a: a.mean(**at), terms)
    for name in ("amax", "amin"):
        case(f"{name}/{variant}", f"x:{sizes}", lambda a: getattr(a, name)(dim=dims or (), keepdim=keep))
    for name in ("any", "all"):
        case(f"{name}/{variant}", f"i3:{sizes}", lambda a: getattr(torch, name)(a, dim=dims, keepdim=keep)
             if dims or keep else getattr(torch, name)(a))
    if not keep:
        case(f"count_nonzero/{variant}", f"i3:{sizes}", lambda a: a.count_nonzero(dim=dims))
    if sizes != ".":
        for name in ("var", "std"):
            case(f"{name}/{variant}", f"x:{sizes}", lambda a: getattr(a, name)(**at), terms)
            both = getattr(torch, name + "_mean")
            case(f"{name}_mean/{variant}", f"x:{sizes}", lambda a: both(a, **at)[0], terms)
            case(f"{name}_mean/{variant}_mean", f"x:{sizes}", lambda a: both(a, **at)[1], terms)
for name in ("var", "std"):
    case(f"{name}/correction", "x:3x5", lambda a: getattr(a, name)(dim=1, correction=0), 5)
    case(f"{name}/fraction", "x:3x5", lambda a: getattr(a, name)(dim=0, correction=0.5), 3)
    case(f"{name}/constant", "x:4", lambda a: getattr(zeros(a), name)(), 4, grad_fn="*")
    case(f"{name}/apart", "x:3x5", lambda a: getattr(a + 1000, name)(dim=1), 5, grad_fn="*")
case("sum/as_double", "x:2x3", lambda a: a.sum(dtype=torch.float64), 6)
case("sum/as_int", "c:2x3", lambda a: a.sum(1, dtype=torch.int32))
case("sum/as_byte", "i90:9", lambda a: a.sum(dtype=torch.uint8))
case("mean/of_ints", "i90:3x3", lambda a: a.mean(0, dtype=torch.float32), 3)
case("amax/ties", "x:2x3", lambda a: zeros(a).amax((0, 1)), grad_fn="*")
case("amin/ties", "x:2x3", lambda a: zeros(a).amin(1), grad_fn="*")
case("amax/bytes", "u200:2x3", lambda a: a.amax(1))
for name in ("any", "all"):
    case(f"{name}/bytes", "u3:2x3", lambda a: getattr(a, name)(1))
    case(f"{name}/bools", "b:4x2", lambda a: getattr(a, name)(1))
    case(f"{name}/reals", "x:4x2", lambda a: getattr(a.relu(), name)(1))
    case(f"{name}/none", "x:2x0", lambda a: getattr(a, name)(1))
case("count_nonzero/reals", "x:4x20", lambda a: a.relu().count_nonzero(dim=1))
for name in ("argmax", "argmin"):
    case(f"{name}/kept", "x:2x3", lambda a: getattr(a, name)(keepdim=True))

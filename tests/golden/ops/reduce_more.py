"""Cases of norms and logsumexp over several dimensions, of sums without NaN, medians and modes."""
import torch

from op_case import case

NAN = float("nan")
for name, p in (("two", 2), ("one", 1), ("three", 3), ("zero", 0), ("inf", float("inf")), ("least", -float("inf"))):
    case(f"norm/{name}_dims", "x:2x3x2", lambda a: torch.linalg.vector_norm(a, p, dim=(0, 2)), 4,
         grad_fn="*" if p == 0 else None)
case("norm/kept_dims", "x:2x3x2", lambda a: torch.linalg.vector_norm(a, dim=(1, 0), keepdim=True), 6)
case("logsumexp/dims", "x:2x3x4", lambda a: a.logsumexp((0, -1)), 8)
case("logsumexp/kept_dims", "x:2x3x4", lambda a: a.logsumexp((0, 1), keepdim=True), 6)
for name in ("softmax", "log_softmax"):
    case(f"{name}/as_double", "x:2x3", lambda a: getattr(a, name)(1, dtype=torch.float64))
    case(f"{name}/of_ints", "i9:5", lambda a: getattr(a, name)(0, dtype=torch.float32))


def holes(a):  # NaN where a is below -1
    return torch.where(a < -1, NAN, a)


for variant, at in (("all", {}), ("dim", dict(dim=1)), ("dims", dict(dim=(0, 2), keepdim=True))):
    case(f"nansum/{variant}", "x:2x5x3", lambda a: holes(a).nansum(**at), 30)
    case(f"nanmean/{variant}", "x:2x5x3", lambda a: holes(a).nanmean(**at), 30)
case("nansum/whole", "u200:9", torch.nansum)
case("nansum/as_int", "c:2x9", lambda a: (holes(a) * 9).nansum(1, dtype=torch.int32))
case("nansum/as_double", "x:2x3", lambda a: a.nansum(dtype=torch.float64), 6)
for name in ("median", "nanmedian"):
    for variant, sizes in (("odd", "3x3"), ("even", "2x6"), ("scalar", "."), ("more", "7x20")):
        case(f"{name}/{variant}", f"x:{sizes}", lambda a: getattr(a, name)())
    case(f"{name}/whole", "i9:12", lambda a: getattr(a, name)())
    for variant, sizes, dim, keep in (("first", "4x3", 0, False), ("last", "2x3x5", -1, True), ("middle", "2x5x3", 1, False)):
        case(f"{name}_dim/{variant}", f"x:{sizes}", lambda a: getattr(a, name)(dim, keep)[0])
        case(f"{name}_dim/{variant}_indices", f"x:{sizes}", lambda a: getattr(a, name)(dim, keep)[1])
    case(f"{name}_dim/bytes", "u9:4x5", lambda a: getattr(a, name)(1)[0])
case("nanmedian/holes", "x:3x9", lambda a: holes(a).nanmedian(), grad_fn="*")
case("nanmedian_dim/holes", "x:3x9", lambda a: holes(a).nanmedian(1)[0], grad_fn="*")
for variant, sizes, dim, keep in (("first", "9x3", 0, False), ("last", "2x3x9", -1, True)):
    case(f"mode/{variant}", f"i4:{sizes}", lambda a: a.mode(dim, keep)[0])
    case(f"mode/{variant}_indices", f"i4:{sizes}", lambda a: a.mode(dim, keep)[1])
case("mode/bools", "b:3x9", lambda a: a.mode(1)[1])
for number, how in enumerate(("linear", "lower", "higher", "midpoint", "nearest")):
    for name in ("quantile", "nanquantile"):
        case(f"{name}/{how}", "x:3x6", lambda a: getattr(a, name)(0.3, 1, interpolation=how), 6, grad_fn="*")
        case(f"{name}/{how}_all", "x:3x6", lambda a: getattr(a, name)(0.8, interpolation=how), 6, grad_fn="*")
case("quantile/kept", "x:3x6", lambda a: a.quantile(1.0, keepdim=True), grad_fn="*")
case("nanquantile/holes", "x:3x6", lambda a: holes(a).nanquantile(0.4, 1, keepdim=True), 6, grad_fn="*")

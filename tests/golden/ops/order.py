"""Cases of sorting and searching."""
import torch

from op_case import case, zeros

FORMS = (("plain", "x:5", 0), ("last", "x:2x30", -1), ("middle", "x:2x4x3", 1), ("scalar", "x:.", 0),
         ("empty", "x:0x3", 0), ("whole", "i4:2x9", 1), ("bools", "b:9", 0))
for variant, inputs, dim in FORMS:
    case(f"sort/{variant}", inputs, lambda a: a.sort(dim)[0])
    case(f"sort/{variant}_indices", inputs, lambda a: a.sort(dim=dim, stable=True)[1])
    case(f"argsort/{variant}", inputs, lambda a: a.argsort(dim=dim, descending=True, stable=True))
case("sort/descending", "x:2x5", lambda a: a.sort(1, descending=True)[0])
case("sort/stable", "x:2x3", lambda a: a.sort(dim=1, stable=True)[0])
case("sort/ties_gradient", "x:5", lambda a: zeros(a).sort(stable=True)[0], grad_fn="*")
case("msort/plain", "x:4x2", torch.msort)
case("msort/scalar", "x:.", torch.msort)

for name, right in (("left", False), ("right", True)):
    case(f"searchsorted/{name}", "i5:6 i5:2x3", lambda a, b: torch.searchsorted(a.sort()[0], b, right=right))
    case(f"searchsorted/{name}_rows", "x:2x6 x:2x3", lambda a, b: torch.searchsorted(a.sort(1)[0], b, right=right))
    case(f"bucketize/{name}", "i5:2x3 i5:6", lambda a, b: torch.bucketize(a, b.sort()[0], right=right))
case("searchsorted/mixed", "i5:6 x:3", lambda a, b: torch.searchsorted(a.sort()[0], b))
case("searchsorted/number", "i5:6", lambda a: torch.searchsorted(a.sort()[0], 2.5))
case("searchsorted/int32", "x:6 x:3", lambda a, b: torch.searchsorted(a.sort()[0], b, out_int32=True))
case("searchsorted/sorter", "x:6 x:3", lambda a, b: torch.searchsorted(a, b, sorter=a.argsort()))
case("bucketize/number", "i5:6", lambda a: torch.bucketize(2.5, a.sort()[0]))
case("bucketize/int32", "x:3 x:6", lambda a, b: torch.bucketize(a, b.sort()[0], out_int32=True))

for op in ("unique", "unique_consecutive"):
    call = getattr(torch, op)
    for variant, inputs in (("plain", "i4:3x5"), ("floats", "x:5"), ("scalar", "x:."), ("empty", "i3:0x3")):
        case(f"{op}/{variant}", inputs, lambda a: call(a.detach()))
        case(f"{op}/{variant}_inverse", inputs, lambda a: call(a.detach(), return_inverse=True)[1])
        case(f"{op}/{variant}_counts", inputs, lambda a: call(a.detach(), return_counts=True)[1])
    for variant, inputs, dim in (("rows", "i2:7x2", 0), ("columns", "i2:2x7", -1), ("nothing", "i2:0x3", 0)):
        case(f"{op}/{variant}", inputs, lambda a: call(a, dim=dim))
        case(f"{op}/{variant}_inverse", inputs, lambda a: call(a, dim=dim, return_inverse=True)[1])
        case(f"{op}/{variant}_counts", inputs, lambda a: call(a, dim=dim, return_counts=True)[1])

case("unique/bytes", "u3:9", torch.unique)
case("unique/bools", "b:7", torch.unique)
case("unique/last", "i2:2x2x9", lambda a: a.unique(dim=-1))
case("isin/plain", "i6:3x4 i6:5", torch.isin)
case("isin/invert", "i6:3x4 i6:2x2", lambda a, b: torch.isin(a, b, invert=True))
case("isin/mixed", "i6:3x4 x:3", lambda a, b: torch.isin(a, b.round()))
case("isin/number", "i4:7", lambda a: torch.isin(a, 2))
case("isin/of_number", "i4:7", lambda a: torch.isin(2, a))
case("isin/nothing", "x:3", lambda a: torch.isin(a, torch.zeros(0), invert=True))
case("isin/scalar", "i2:. i2:.", torch.isin)

case("bincount/plain", "i6:9", torch.bincount)
case("bincount/narrow", "j6:9", lambda a: torch.bincount(a, minlength=8))
case("bincount/bytes", "u6:9", lambda a: torch.bincount(a, minlength=2))
case("bincount/weights", "i6:9 c:9", torch.bincount, terms=9)
case("bincount/whole_weights", "i6:9 i5:9", torch.bincount)
case("bincount/empty", "i6:0 c:0", lambda a, b: torch.bincount(a, b, minlength=3))

for variant, inputs, n, dim in (("plain", "x:5", 1, -1), ("twice", "x:3x4", 2, 0), ("often", "x:2x3", 9, 1),
                                ("bools", "b:9", 2, 0), ("bytes", "u9:5", 1, 0), ("empty", "c:2x0", 1, 1)):
    case(f"diff/{variant}", inputs, lambda a: a.diff(n, dim))
case("diff/none", "x:3", lambda a: a.diff(0), grad_fn="*")
case("diff/prepend", "x:2x3 x:2x1", lambda a, b: a.diff(prepend=b))
case("diff/append", "x:2x3 x:1x3 i4:2x3", lambda a, b, c: a.diff(dim=0, prepend=b, append=c))

for variant, inputs, k, dim in (("plain", "x:5", 2, 0), ("last", "x:2x9", 9, -1), ("middle", "x:2x4x2", 3, 1),
                                ("scalar", "x:.", 1, 0), ("whole", "i9:5", 3, 0), ("empty", "c:3x0", 2, 0)):
    case(f"kthvalue/{variant}", inputs, lambda a: a.kthvalue(k, dim)[0])
case("kthvalue/keepdim", "x:3x4", lambda a: a.kthvalue(3, 0, True)[0])
case("kthvalue/indices", "x:3x4", lambda a: a.kthvalue(2, 1)[1])

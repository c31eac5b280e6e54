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

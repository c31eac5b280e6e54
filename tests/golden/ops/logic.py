"""Cases of logical and bitwise ops, of comparisons in place, and of isclose."""
import torch

from op_case import case

for op in ("logical_and", "logical_or", "logical_xor"):
    call = getattr(torch, op)
    case(f"{op}/same", "x:2x3 x:2x3", call)
    case(f"{op}/row", "i2:2x1 x:3", call)
    case(f"{op}/whole", "i2:3x4 u3:4", call)
    case(f"{op}/truth", "b:5 b:5", call)
    case(f"{op}/empty", "x:0 x:1", call)
    case(f"{op}_/whole", "i3:2x3 i2:3", lambda a, b, op=op: getattr(a.clone(), op + "_")(b))
    case(f"{op}_/float", "c:2x3 i2:3", lambda a, b, op=op: getattr(a.clone(), op + "_")(b))
case("logical_not/plain", "x:2x3", torch.logical_not)
case("logical_not/whole", "i3:5", torch.logical_not)
case("logical_not/truth", "b:5", torch.logical_not)
case("logical_not_/float", "c:2x3", lambda a: a.clone().logical_not_())
for op in ("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift"):
    call = getattr(torch, op)
    case(f"{op}/same", "i90:2x3 i9:2x3", call)
    case(f"{op}/both", "i90:2x1 j9:3", call)
    case(f"{op}/bytes", "u255:5 u9:5", call)
    case(f"{op}/truth_and_whole", "b:4 i3:4", call)
    case(f"{op}/number", "i90:5", lambda a, call=call: call(a, 3))
    case(f"{op}/of_number", "j5:4", lambda a, call=call: call(7, a))
    case(f"{op}/scalar", "i9:. j9:3", call)
    case(f"{op}/empty", "i9:0x2 i9:1", call)
    case(f"{op}_/bytes", "u255:2x3 i9:3", lambda a, b, op=op: getattr(a.clone(), op + "_")(b))
for op in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    case(f"{op}/truth", "b:6 b:6", getattr(torch, op))
for kind in ("i90:2x3", "j90:3", "u255:4", "b:4", "i9:0"):
    case(f"bitwise_not/{kind[0]}{len(kind)}", kind, torch.bitwise_not)
case("bitwise_not_/plain", "i90:4", lambda a: a.clone().bitwise_not_())
for op in ("eq", "ne", "lt", "le", "gt", "ge"):
    case(f"{op}_/tensor", "x:2x3 x:3", lambda a, b, op=op: getattr(a.clone(), op + "_")(b))
    case(f"{op}_/number", "x:5", lambda a, op=op: getattr(a.clone(), op + "_")(0.5))
    case(f"{op}_/whole", "i3:5 c:5", lambda a, b, op=op: getattr(a.clone(), op + "_")(b))
case("sign_/plain", "x:2x3", lambda a: a.clone().sign_())
case("isclose/same", "x:2x3 x:2x3", torch.isclose)
case("isclose/near", "q:4x3 q:3", lambda a, b: torch.isclose(a, b, rtol=0.5))
case("isclose/far", "q:4x3 q:3", lambda a, b: torch.isclose(a, b, rtol=0, atol=0.25))
case("isclose/whole", "i9:3x3 i9:3", lambda a, b: torch.isclose(a, b, rtol=0.3, atol=0))
case("isclose/nan", "x:3", lambda a: torch.isclose(a * float("nan"), a * float("nan"), equal_nan=True))
case("isclose/no_nan", "x:3", lambda a: torch.isclose(a * float("nan"), a * float("nan")))
case("isclose/empty", "x:0x3 x:3", torch.isclose)

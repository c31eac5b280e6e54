"""Cases of ops of two operands."""
import torch

from op_case import case, pairs

pairs("add", lambda a, b: a + b)
pairs("sub", lambda a, b: a - b)
pairs("mul", lambda a, b: a * b)
pairs("div", lambda a, b: a / b, b="p")
pairs("pow_tensor", lambda a, b: a ** b, a="p")
for op, call in (("add", lambda a: a + 1.5), ("sub", lambda a: a - 1.5), ("mul", lambda a: a * 1.5),
                 ("div", lambda a: a / 1.5)):
    case(f"{op}/number", "x:2x3", call)
case("add/whole", "i9:5 i9:5", lambda a, b: a + b)
case("add/in_place", "x:2x3 x:3", lambda a, b: a.clone().add_(b))
case("sub/in_place", "x:2x3 x:3", lambda a, b: a.clone().sub_(b))
case("sub/from_number", "x:2x3", lambda a: 2 - a)
case("sub/bytes", "u9:5 u9:5", lambda a, b: a - b)
case("mul/in_place", "x:2x3 x:2x1", lambda a, b: a.clone().mul_(b))
case("mul/whole_and_float", "i9:4 x:2x1", lambda a, b: a * b)
case("div/in_place", "x:2x3 p:2x1", lambda a, b: a.clone().div_(b))
case("div/whole", "i9:5", lambda a: a / 2)
case("pow/square", "x:2x3", lambda a: a ** 2)
case("pow/cube", "x:3", lambda a: a ** 3)
case("pow/root", "p:2x3", lambda a: a ** 0.5)
case("pow/inverse", "p:1", lambda a: a ** -1)
case("pow/fraction", "p:.", lambda a: a ** 1.7)
case("pow/none", "x:0x2", lambda a: a ** 2)
case("pow/whole", "i5:6", lambda a: a ** 3)
case("pow_tensor/of_number", "x:2x3", lambda a: torch.pow(2, a))
for op in ("eq", "ne", "lt", "le", "gt", "ge"):
    call = getattr(torch, op)
    case(f"{op}/same", "x:2x3 x:2x3", call)
    case(f"{op}/row", "x:2x1 x:3", call)
    case(f"{op}/whole", "i3:3x4 i3:4", call)
    case(f"{op}/number", "i3:7", lambda a, call=call: call(a, 1))
    case(f"{op}/empty", "x:0 x:1", call)
case("where/same", "b:2x3 x:2x3 x:2x3", torch.where)
case("where/all", "b:4x1x1 x:2x1 x:3", torch.where)
case("where/scalar", "b:. x:2 x:2", torch.where)
case("where/number", "b:2x3 x:3", lambda c, a: torch.where(c, 1.5, a))
case("where/empty", "b:0 x:1 x:.", torch.where)
case("where/whole", "b:5 i9:5", lambda c, a: torch.where(c, a, 7))

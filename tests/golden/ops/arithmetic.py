"""Cases of arithmetic of two and three operands: roundings, remainders, factors and functions of two
numbers."""
import torch

from op_case import case, pairs, zeros


def few(op, call, a="x", b="x"):
    for variant, specs in (("same", "2x3 2x3"), ("both", "1x3 4x2x1"), ("scalar", ". 2"), ("empty", "0x3 1")):
        one, two = specs.split()
        case(f"{op}/{variant}", f"{a}:{one} {b}:{two}", call)


def in_place(op, b="x", a="x", **options):
    case(f"{op}_/plain", f"{a}:2x3 {b}:3", lambda x, y: getattr(x.clone(), op + "_")(y, **options))


for mode in ("trunc", "floor"):
    case(f"div/{mode}", "x:2x3 p:3", lambda a, b, mode=mode: torch.div(a, b, rounding_mode=mode))
    case(f"div/{mode}_number", "x:6", lambda a, mode=mode: torch.div(a, -0.75, rounding_mode=mode))
    case(f"div/{mode}_whole", "i90:2x3", lambda a, mode=mode: torch.div(a - 40, -7, rounding_mode=mode))
    case(f"div/{mode}_bytes", "u99:5 u9:5", lambda a, b, mode=mode: torch.div(a, b + 1, rounding_mode=mode))
    case(f"div/{mode}_truth", "b:5 i5:5", lambda a, b, mode=mode: torch.div(a, b + 1, rounding_mode=mode))
    case(f"div_/{mode}", "i90:4 j9:4", lambda a, b, mode=mode: a.clone().div_(b + 1, rounding_mode=mode))
case("floor_divide/plain", "c:2x3 c:3", torch.floor_divide)
case("floor_divide/whole", "i90:2x3 i9:3", lambda a, b: torch.floor_divide(a - 40, b + 1))
case("floor_divide/of_number", "c:4", lambda a: 7 // a)
case("floor_divide_/plain", "c:2x3", lambda a: a.clone().floor_divide_(0.75))
for op in ("remainder", "fmod"):
    call = getattr(torch, op)
    few(op, call)
    case(f"{op}/number", "x:5", lambda a, call=call: call(a, -0.75))
    case(f"{op}/whole", "i90:2x3 i9:3", lambda a, b, call=call: call(a - 40, b - 10))
    case(f"{op}/bytes", "u99:5 u9:5", lambda a, b, call=call: call(a, b + 1))
    case(f"{op}/whole_and_float", "i9:4 x:2x1", call)
    in_place(op)
    case(f"{op}_/number", "x:5", lambda a, op=op: getattr(a.clone(), op + "_")(0.75))
case("remainder/of_number", "c:5", lambda a: torch.remainder(1.75, a))
for op in ("gcd", "lcm"):
    call = getattr(torch, op)
    case(f"{op}/same", "i60:2x3 i60:2x3", call)
    case(f"{op}/both", "i60:2x1 j60:3", lambda a, b, call=call: call(a - 30, b))
    case(f"{op}/bytes", "u255:5 u255:5", call)
    case(f"{op}/empty", "i9:0x3 i9:3", call)
    case(f"{op}_/plain", "i60:2x3 i60:3", lambda a, b, op=op: getattr(a.clone(), op + "_")(b))
for op in ("atan2", "hypot", "logaddexp", "logaddexp2", "fmax", "fmin", "copysign", "ldexp", "xlogy"):
    few(op, getattr(torch, op), b="p" if op == "xlogy" else "x")
for op in ("atan2", "hypot", "copysign", "ldexp"):
    in_place(op)
for op in ("atan2", "copysign", "ldexp", "fmax", "fmin", "xlogy"):
    case(f"{op}/whole", "i9:4 i9:4", getattr(torch, op))
    case(f"{op}/whole_and_float", "i9:4 p:2x1", getattr(torch, op))
for op in ("fmax", "fmin"):
    case(f"{op}/equal", "x:4 x:4", lambda a, b, op=op: getattr(torch, op)(zeros(a), zeros(b)))
    case(f"{op}/nan", "x:4 x:4", lambda a, b, op=op: getattr(torch, op)(a, b * float("nan")))
case("copysign/number", "x:5", lambda a: torch.copysign(a, -0.0))
case("copysign_/number", "x:5", lambda a: a.clone().copysign_(1))
case("copysign/zero", "x:3 x:3", lambda a, b: torch.copysign(zeros(a), b))
case("xlogy/number", "x:5", lambda a: torch.xlogy(a, 0.5))
case("xlogy/of_number", "p:5", lambda a: torch.xlogy(2, a))
case("xlogy/zero", "x:3 x:3", lambda a, b: torch.xlogy(zeros(a), b))
case("xlogy_/plain", "x:2x3 p:3", lambda a, b: a.clone().xlogy_(b))
case("xlogy_/number", "x:5", lambda a: a.clone().xlogy_(1.5))
case("heaviside/plain", "c:2x3 c:3", torch.heaviside)
case("heaviside/zero", "c:2x1 c:3", lambda a, b: torch.heaviside(a * 0, b))
case("heaviside/whole", "i3:6 i9:6", lambda a, b: torch.heaviside(a - 1, b))
case("heaviside_/plain", "c:2x3 c:3", lambda a, b: a.clone().heaviside_(b))
for op in ("add", "sub"):
    call = getattr(torch, op)
    case(f"{op}/alpha", "x:2x3 x:3", lambda a, b, call=call: call(a, b, alpha=0.3))
    case(f"{op}/alpha_zero", "x:2x1 x:3", lambda a, b, call=call: call(a, b, alpha=0))
    case(f"{op}/alpha_number", "x:4", lambda a, call=call: call(a, 1.5, alpha=-2))
    case(f"{op}/alpha_whole", "i9:4 u9:4", lambda a, b, call=call: call(a, b, alpha=3))
    case(f"{op}/alpha_mixed", "i9:4 x:4", lambda a, b, call=call: call(a, b, alpha=2.5))
    case(f"{op}_/alpha", "x:2x3 x:3", lambda a, b, op=op: getattr(a.clone(), op + "_")(b, alpha=2))
case("add/alpha_truth", "b:6 b:6", lambda a, b: torch.add(a, b, alpha=2))
case("sub/reversed", "x:2x3 x:3", torch.rsub)
case("sub/reversed_alpha", "x:2x1 x:3", lambda a, b: torch.rsub(a, b, alpha=0.3))
case("sub/reversed_number", "x:4", lambda a: torch.rsub(a, 2, alpha=3))
case("sub/reversed_whole", "i9:4 u9:4", lambda a, b: torch.rsub(a, b, alpha=3))
THREE = (("same", "2x3 2x3 2x3"), ("all", "4x1x1 2x1 3"), ("scalar", ". 2 ."), ("empty", "0 1 ."))
for variant, specs in THREE:
    one, two, three = specs.split()
    case(f"lerp/{variant}", f"x:{one} x:{two} x:{three}", torch.lerp)
    for op in ("addcmul", "addcdiv"):
        case(f"{op}/{variant}", f"x:{one} x:{two} p:{three}", getattr(torch, op))
case("lerp/number", "x:2x3 x:3", lambda a, b: torch.lerp(a, b, 0.3))
case("lerp/number_far", "x:2x3 x:3", lambda a, b: torch.lerp(a, b, 0.7))
case("lerp_/number", "x:2x3 x:3", lambda a, b: a.clone().lerp_(b, -1.5))
case("lerp_/tensor", "x:2x3 x:3 x:2x1", lambda a, b, c: a.clone().lerp_(b, c))
for op in ("addcmul", "addcdiv"):
    call = getattr(torch, op)
    case(f"{op}/value", "x:3 x:2x1 p:3", lambda a, b, c, call=call: call(a, b, c, value=-0.3))
    case(f"{op}/mixed", "i9:3 c:2x1 j9:3", lambda a, b, c, call=call: call(a, b, c + 1, value=2))
    case(f"{op}_/value", "x:2x3 x:3 p:2x1",
         lambda a, b, c, op=op: getattr(a.clone(), op + "_")(b, c, value=0.5))
case("addcmul/whole", "i9:4 u9:4 i9:4", lambda a, b, c: torch.addcmul(a, b, c, value=2))
case("addmm/factors", "x:4 x:2x3 x:3x4", lambda a, b, c: torch.addmm(a, b, c, beta=0.3, alpha=-2), 3)
case("addmm/no_bias", "x:4 x:2x3 x:3x4", lambda a, b, c: torch.addmm(a, b, c, beta=0), 3)
case("addmm/bias_alone", "x:4 x:2x3 x:3x4", lambda a, b, c: torch.addmm(a, b, c, alpha=0), 3)
case("addmm/whole_factors", "i9:4 i9:2x3 i9:3x4", lambda a, b, c: torch.addmm(a, b, c, beta=2, alpha=3))
case("addmm_/factors", "x:2x4 x:2x3 x:3x4", lambda a, b, c: a.clone().addmm_(b, c, beta=0.5, alpha=2), 3)
case("clamp/clip", "x:2x3", lambda a: torch.clip(a, -0.5, 0.5))

"""Cases of products of vectors and matrices."""
import torch

from op_case import case

for variant, specs, options in (("plain", "x:2x3 x:1x3", {}), ("dim", "x:3x2 x:3x1", {"dim": 0}),
                                ("empty", "x:0x3 x:0x3", {"dim": 1}), ("whole", "i9:3 i9:3", {"dim": 0}),
                                ("bytes", "u9:3 u9:3", {"dim": -1})):
    case(f"cross/{variant}", specs, lambda a, b: torch.cross(a, b, **options), 2)

for variant, specs in (("plain", "x:2x3 x:2x2"), ("ranks", "x:2 x:3x2"), ("scalar", "x:. x:2"),
                       ("empty", "x:2x0 x:2x2"), ("whole", "i9:2 u9:3")):
    case(f"kron/{variant}", specs, torch.kron)

for variant, specs in (("plain", "x:2x3 x:2x3"), ("vectors", "x:3 x:3"), ("scalar", "x:2x2 x:."),
                       ("empty", "x:2x0 x:1x0"), ("whole", "i9:2x2 i9:2")):
    case(f"inner/{variant}", specs, torch.inner, 3)

for variant, specs in (("plain", "x:3 x:3"), ("empty", "x:0 x:0"), ("whole", "i9:3 i9:3")):
    case(f"vdot/{variant}", specs, torch.vdot, 3)

for variant, specs, options in (("plain", "x:3 x:2x3", {}), ("dim", "x:2x3 x:2x1", {"dim": 0}),
                                ("empty", "x:2x0 x:2x0", {})):
    case(f"vecdot/{variant}", specs, lambda a, b: torch.linalg.vecdot(a, b, **options), 3)

for n in 0, 1, 2, 3, 6:
    case(f"matrix_power/n{n}", "x:2x2", lambda a: torch.matrix_power(a, n), 64)
case("matrix_power/batch", "x:2x2x2", lambda a: torch.matrix_power(a, 3), 16)
case("matrix_power/whole", "i9:2x2", lambda a: torch.matrix_power(a, 2))

for variant, specs in (("two", "x:2x3 x:3x2"), ("three", "x:2x3 x:3x2 x:2x1"), ("vectors", "x:3 x:3x2 x:2"),
                       ("row", "x:3 x:3x2"), ("four", "x:3x1 x:1x3 x:3x2 x:2x2"), ("whole", "i9:1x3 i9:3x2")):
    case(f"multi_dot/{variant}", specs, lambda *x: torch.linalg.multi_dot(x), 16)
case("chain_matmul/one", "x:1x2", torch.chain_matmul)
case("chain_matmul/three", "x:1x3 x:3x2 x:2x1", torch.chain_matmul, 16)

for variant, specs in (("plain", "x:1x3 x:1x2 x:2x3x2"), ("bias", "x:2x1 x:2x2 x:2x1x2 x:2")):
    case(f"bilinear/{variant}", specs, torch.nn.functional.bilinear, 9)

for variant, specs, options in (("plain", "x:2x2 x:2 x:2", {"beta": 0.5, "alpha": 2}),
                                ("no_bias", "x:2x1 x:2 x:1", {"beta": 0}),
                                ("empty", "x:2 x:0 x:2", {}), ("promoted", "i9:2 c:1 u9:2", {"alpha": 3}),
                                ("whole", "i9:2 i9:2 u9:2", {"beta": 2, "alpha": 3}),
                                ("bool", "b:2x3 b:2 b:3", {}), ("bool_alpha", "b:2x3 b:2 b:3", {"alpha": 0})):
    case(f"addr/{variant}", specs, lambda y, a, b: torch.addr(y, a, b, **options), 2)
case("addr/bool_beta", "b:2x3 b:2 b:3", lambda y, a, b: torch.addr(y == y, a, b, beta=0))

"""Cases of distances, and of vectors that are divided by their norm."""
import torch.nn.functional as F

from op_case import case

for variant, specs, options in (("plain", "x:2x3", {}), ("one", "x:2x3", {"p": 1}),
                                ("dims", "x:2x3", {"dim": (0, 1), "p": 3}), ("first", "x:3", {"dim": 0}),
                                ("infinity", "x:2x3", {"p": float("inf")}), ("short", "x:2x3", {"eps": 9.})):
    case(f"normalize/{variant}", specs, lambda a: F.normalize(a, **options), 8)
case("normalize/zeros", "x:2x3", lambda a: F.normalize(a * 0), 8)

for variant, specs, options in (("plain", "x:2x3 x:2x3", {}), ("first", "x:2x3 x:3", {"dim": 0}),
                                ("short", "x:2x3 x:2x3", {"eps": 9.}), ("whole", "x:2x3 i9:3", {}),
                                ("empty", "x:2x0 x:2x0", {})):
    case(f"cosine_similarity/{variant}", specs, lambda a, b: F.cosine_similarity(a, b, **options), 8)

for variant, specs, options in (("plain", "x:2x3 x:2x3", {}), ("one", "x:2x3 x:3", {"p": 1, "eps": 0.5}),
                                ("keep", "x:2x3 x:2x3", {"p": 3, "keepdim": True}),
                                ("count", "x:2x3 x:2x3", {"p": 0}), ("same", "x:2x3", {"eps": 0.}),
                                ("infinity", "x:2x3 x:.", {"p": float("inf")}), ("whole", "x:2x3 i9:3", {})):
    case(f"pairwise_distance/{variant}", specs,
         lambda a, b=None: F.pairwise_distance(a, a if b is None else b, **options), 8, grad_fn="*")

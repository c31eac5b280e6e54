"""Cases of distances between rows, and of rows whose length is limited."""
import torch
import torch.nn.functional as F

from op_case import case

for variant, p in (("count", 0), ("half", 0.5), ("one", 1), ("between", 1.5), ("plain", 2), ("three", 3),
                   ("largest", float("inf"))):
    case(f"cdist/{variant}", "x:2x2 x:1x2", lambda a, b: torch.cdist(a, b, p=p), 8)
case("cdist/batch", "x:2x1x2 x:2x2", torch.cdist, 8)
case("cdist/same", "x:2x2", lambda a: torch.cdist(a, a), 8)
case("cdist/same_half", "x:2x2", lambda a: torch.cdist(a, a, p=0.5), 8)

for variant, p in (("count", 0), ("one", 1), ("plain", 2), ("three", 3), ("largest", float("inf"))):
    case(f"pdist/{variant}", "x:3x2", lambda a: F.pdist(a, p), 8)
case("pdist/one_row", "x:1x2", F.pdist, 8)
case("pdist/same", "x:1x2", lambda a: F.pdist(a.expand(3, 2)), 8)

for variant, p in (("half", 0.5), ("one", 1), ("plain", 2), ("three", 3), ("largest", float("inf")),
                   ("least", -float("inf")), ("negative", -1.5)):
    case(f"dist/{variant}", "x:2x2 x:2", lambda a, b: torch.dist(a, b, p), 8, grad_fn="*")
case("dist/count", "x:2x2 c:2", lambda a, b: torch.dist(a, b, 0), 8, grad_fn="*")
case("dist/whole", "x:3 i9:3", torch.dist, 8, grad_fn="*")
case("dist/same", "x:2", lambda a: torch.dist(a, a.detach()), 8, grad_fn="*")

for variant, specs, options in (("plain", "x:2x2", (2, 0, 1.)), ("one", "x:2x2", (1, -1, 9.)),
                                ("largest", "x:2x1x2", (float("inf"), 1, 1.)), ("none", "x:2x2", (2, 0, 0.))):
    case(f"renorm/{variant}", specs, lambda a: torch.renorm(a, *options), 8, grad_fn="*")
case("cdist/part_equal", "x:2x2", lambda a: torch.cdist(a, a.tril(), p=1), 8)
case("cdist/product", "x:2x1x3 x:2x3", lambda a, b: torch.cdist(a, b, compute_mode="use_mm_for_euclid_dist"), 8, "*")

"""Cases of ops that reduce."""
import torch

from op_case import case

for variant, sizes, terms in (("plain", "3x4", 12), ("scalar", ".", 1), ("one", "1x1", 1),
                              ("more", "2x3x40", 240)):
    case(f"sum/{variant}", f"x:{sizes}", torch.sum, terms)
    case(f"mean/{variant}", f"x:{sizes}", torch.mean, terms)
case("sum/empty", "x:0x3", torch.sum)
case("sum/whole", "u200:9", torch.sum)
case("sum/bools", "b:9", torch.sum)
DIMS = (("first", "3x4", 0, False, 3), ("last", "2x3x4", -1, True, 4),
        ("middle", "2x3x4", 1, False, 3),
        ("one", "3x1", 1, False, 1), ("scalar", ".", 0, False, 1), ("empty", "0x3", 1, False, 3),
        ("long", "2x40", -1, False, 40))
for variant, sizes, dim, keep, terms in DIMS:
    at = dict(dim=dim, keepdim=keep)
    case(f"sum_dim/{variant}", f"x:{sizes}", lambda a: a.sum(**at), terms)
    case(f"mean_dim/{variant}", f"x:{sizes}", lambda a: a.mean(**at), terms)
    case(f"max_dim/{variant}", f"x:{sizes}", lambda a: a.max(**at)[0])
    case(f"max_dim/{variant}_indices", f"x:{sizes}", lambda a: a.max(**at)[1])
    case(f"argmax_dim/{variant}", f"x:{sizes}", lambda a: a.argmax(**at))
    case(f"min_dim/{variant}", f"x:{sizes}", lambda a: a.min(**at)[0])
    case(f"min_dim/{variant}_indices", f"x:{sizes}", lambda a: a.min(**at)[1])
    case(f"argmin_dim/{variant}", f"x:{sizes}", lambda a: a.argmin(**at))
    case(f"logsumexp/{variant}", f"x:{sizes}", lambda a: a.logsumexp(**at), terms)
    case(f"norm/{variant}", f"x:{sizes}", lambda a: a.norm(**at), terms)
    case(f"softmax/{variant}", f"x:{sizes}", lambda a: a.softmax(dim), terms)
    case(f"log_softmax/{variant}", f"x:{sizes}", lambda a: a.log_softmax(dim), terms)
case("sum_dim/whole", "i9:3x4", lambda a: a.sum(1))
case("max_dim/ties", "i2:3x6", lambda a: a.max(1)[1])
case("argmax_dim/ties", "u2:3x6", lambda a: a.argmax(0))
case("norm/all", "x:3x4", torch.norm, 12)
for variant, p in (("p1", 1), ("p3", 3), ("zero", 0), ("infinity", float("inf")),
                   ("least", float("-inf"))):
    case(f"norm/{variant}", "x:3x4", lambda a: a.norm(p=p), 12)
    case(f"norm/{variant}_dim", "x:3x4", lambda a: a.norm(p=p, dim=1), 4)
case("sum_to_shape/row", "x:2x3", lambda a: a.sum_to_size(3), 2, "*")
case("sum_to_shape/column", "x:4x2x3", lambda a: a.sum_to_size(2, 1), 12, "*")
case("sum_to_shape/scalar", "x:2x3", lambda a: a.sum_to_size([]), 6, "*")
case("sum_to_shape/empty", "x:0x3", lambda a: a.sum_to_size(1, 3), 0, "*")
case("topk/plain", "x:7", lambda a: a.topk(3)[0])
case("topk/plain_indices", "x:7", lambda a: a.topk(3)[1])
case("topk/dim", "x:4x3", lambda a: a.topk(2, 0)[0])
case("topk/dim_indices", "x:4x3", lambda a: a.topk(2, 0)[1])
case("topk/all", "x:2x3", lambda a: a.topk(3)[0])
case("topk/none", "x:2x3", lambda a: a.topk(0)[0])
case("topk/one", "x:2x1", lambda a: a.topk(1)[0])

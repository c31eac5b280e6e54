"""Cases of ops that are losses."""
import torch.nn.functional as F

from op_case import case

REDUCTIONS = ("mean", "sum", "none")
for how in REDUCTIONS:
    case(f"mse_loss/{how}", "x:2x3 x:2x3", lambda a, b: F.mse_loss(a, b, reduction=how), 6)
    case(f"binary_cross_entropy_with_logits/{how}", "x:2x3 q:2x3",
         lambda a, t: F.binary_cross_entropy_with_logits(a, t, reduction=how), 6)
    case(f"binary_cross_entropy_with_logits/{how}_weights", "x:2x3 q:2x3 q:3 q:3",
         lambda a, t, w, p: F.binary_cross_entropy_with_logits(a, t, w, None, None, how, p), 6)
    case(f"nll_loss/{how}", "x:4x3 i3:4", lambda a, t: F.nll_loss(a, t, reduction=how), 4)
    case(f"nll_loss/{how}_weights", "x:4x3 i3:4 q:3",
         lambda a, t, w: F.nll_loss(a, t, w, reduction=how, ignore_index=1), 4)
    case(f"cross_entropy/{how}", "x:4x3 i3:4",
         lambda a, t: F.cross_entropy(a, t, reduction=how), 12)
    case(f"cross_entropy/{how}_weights", "x:4x3 i3:4 q:3",
         lambda a, t, w: F.cross_entropy(a, t, w, reduction=how, ignore_index=1), 12)
case("mse_loss/scalar", "x:. x:.", F.mse_loss)
case("mse_loss/constant", "x:3 c:3", F.mse_loss, 3)
case("nll_loss/pixels", "x:2x3x4 i3:2x4", F.nll_loss, 8)
case("cross_entropy/pixels", "x:2x3x4 i3:2x4", F.cross_entropy, 24)

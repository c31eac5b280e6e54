"""Cases of losses of margins between classes."""
import torch.nn.functional as F

from op_case import case, zeros

for how in ("mean", "sum", "none"):
    case(f"multi_margin_loss/{how}", "x:4x3 i3:4", lambda a, t: F.multi_margin_loss(a, t, reduction=how), 12)
    case(f"multi_margin_loss/{how}_squares", "x:4x3 i3:4 q:3",
         lambda a, t, w: F.multi_margin_loss(a, t, 2, 1.5, w, reduction=how), 12)
    case(f"multilabel_margin_loss/{how}", "x:3x4 i5:3x4",
         lambda a, t: F.multilabel_margin_loss(a, t - 1, reduction=how), 12)
case("multi_margin_loss/zero", "x:3 i3:1", lambda a, t: F.multi_margin_loss(a, t, margin=0, reduction="none"), 3)
case("multi_margin_loss/row", "x:3 i3:.", lambda a, t: F.multi_margin_loss(a, t, p=2), 3)
case("multi_margin_loss/kink", "x:2x3 i3:2", lambda a, t: F.multi_margin_loss(zeros(a), t, margin=0))
case("multi_margin_loss/empty", "x:0x3 i3:0", lambda a, t: F.multi_margin_loss(a, t, reduction="none"))
case("multilabel_margin_loss/row", "x:4 i5:4", lambda a, t: F.multilabel_margin_loss(a, t - 1), 4)
case("multilabel_margin_loss/scalar", "x:. i1:1", F.multilabel_margin_loss)
case("multilabel_margin_loss/empty", "x:0x3 i3:0x3", lambda a, t: F.multilabel_margin_loss(a, t, reduction="none"))

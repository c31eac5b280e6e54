"""Cases of more losses, and of the options of cross_entropy, mse_loss and l1_loss."""
import torch.nn.functional as F

from op_case import case

REDUCTIONS = ("mean", "sum", "none")


def signs(t):
    """1 and -1, from uniform numbers."""
    return (t > 0.5).to(t.dtype) * 2 - 1


for how in REDUCTIONS:
    case(f"l1_loss/{how}_weight", "x:2x3 c:2x3 q:2x3",
         lambda a, b, w: F.l1_loss(a, b, reduction=how, weight=w), 6)
    case(f"mse_loss/{how}_weight", "x:2x3 c:2x3 q:2x3",
         lambda a, b, w: F.mse_loss(a, b, reduction=how, weight=w), 6)
    case(f"smooth_l1_loss/{how}", "x:2x3 x:2x3", lambda a, b: F.smooth_l1_loss(a, b, reduction=how), 6)
    case(f"huber_loss/{how}", "x:2x3 x:2x3", lambda a, b: F.huber_loss(a, b, reduction=how), 6)
    case(f"binary_cross_entropy/{how}_weight", "x:2x3 x:2x3 q:3",
         lambda a, t, w: F.binary_cross_entropy(a.sigmoid(), t.sigmoid(), w, reduction=how), 6)
    case(f"multilabel_soft_margin_loss/{how}", "x:2x3 q:2x3 q:3",
         lambda a, t, w: F.multilabel_soft_margin_loss(a, t, w, reduction=how), 6)
    case(f"soft_margin_loss/{how}", "x:2x3 q:2x3",
         lambda a, t: F.soft_margin_loss(a, signs(t), reduction=how), 6)
    case(f"cross_entropy/{how}_smooth_weight", "x:2x3x2 i3:2x2 q:3",
         lambda a, t, w: F.cross_entropy(a, t, w, reduction=how, ignore_index=1, label_smoothing=0.2), 12)
    case(f"cross_entropy/{how}_probabilities_smooth", "x:2x3x2 q:2x3x2 q:3",
         lambda a, t, w: F.cross_entropy(a, t, w, reduction=how, label_smoothing=0.2), 12,
         grad_fn="*" if how == "mean" else None)
for how in ("mean", "none"):
    case(f"l1_loss/{how}", "x:2x3 x:2x3", lambda a, b: F.l1_loss(a, b, reduction=how), 6)
    case(f"binary_cross_entropy/{how}", "q:2x3 q:2x3 x:2x3",
         lambda a, t, x: F.binary_cross_entropy(a * x.sigmoid(), t, reduction=how), 6)
    case(f"kl_div/{how}", "x:2x3 q:2x3", lambda a, t: F.kl_div(a, t, reduction=how), 6)
    case(f"poisson_nll_loss/{how}", "x:2x3 c:2x3", lambda a, t: F.poisson_nll_loss(a, t, reduction=how), 6)
    case(f"gaussian_nll_loss/{how}", "x:2x3 x:2x3 p:2x3",
         lambda a, t, v: F.gaussian_nll_loss(a, t, v, reduction=how), 6)
    case(f"hinge_embedding_loss/{how}", "x:2x3 q:2x3",
         lambda a, t: F.hinge_embedding_loss(a, signs(t), 0.5, reduction=how), 6)
    case(f"margin_ranking_loss/{how}", "x:2x3 x:2x3 q:2x3",
         lambda a, b, t: F.margin_ranking_loss(a, b, signs(t), 0.5, reduction=how), 6)
    case(f"cosine_embedding_loss/{how}", "x:4x3 x:4x3 q:4",
         lambda a, b, t: F.cosine_embedding_loss(a, b, signs(t), -0.5, reduction=how), 12)
    case(f"triplet_margin_loss/{how}", "x:2x3 x:2x3 x:2x3",
         lambda a, b, c: F.triplet_margin_loss(a, b, c, reduction=how), 6)
    case(f"cross_entropy/{how}_smooth", "x:4x3 i3:4",
         lambda a, t: F.cross_entropy(a, t, reduction=how, label_smoothing=0.2), 12)
case("smooth_l1_loss/beta", "x:2x3 x:2x3",
     lambda a, b: F.smooth_l1_loss(a, b, beta=0.4), 6)
case("huber_loss/weight", "x:2x3 c:2x3 q:2x3",
     lambda a, b, w: F.huber_loss(a, b, delta=0.4, weight=w), 6)
case("kl_div/log", "x:2x3 x:2x3", lambda a, t: F.kl_div(a, t, log_target=True), 6)
case("poisson_nll_loss/full", "p:2x3 p:2x3",
     lambda a, t: F.poisson_nll_loss(a, t + 1, False, True, eps=0.1), 6)
case("gaussian_nll_loss/full", "x:2x3 x:2x3 p:2",
     lambda a, t, v: F.gaussian_nll_loss(a, t, v, full=True, eps=1), 6)
case("triplet_margin_loss/swap", "x:2x3 x:2x3 x:2x3",
     lambda a, b, c: F.triplet_margin_loss(a, b, b + c * 0.1, 3, 3, 0.1, True), 6)
case("triplet_margin_loss/distance", "x:2x3 x:2x3 x:2x3",
     lambda a, b, c: F.triplet_margin_with_distance_loss(
         a, b, c, distance_function=lambda x, y: (x - y).abs().sum(-1)), 6)
case("cross_entropy/probabilities", "x:4x3 x:4x3",
     lambda a, t: F.cross_entropy(a, t), 12, grad_fn="*")
case("kl_div/batchmean", "x:2x3 q:2x3", lambda a, t: F.kl_div(a, t, reduction="batchmean"), 6)
case("kl_div/zero", "x:3 q:3", lambda a, t: F.kl_div(a, t * 0, reduction="none"))
case("l1_loss/row", "x:2x3 x:3", F.l1_loss, 6)
case("l1_loss/empty", "x:0x3 x:0x3", lambda a, b: F.l1_loss(a, b, reduction="sum"))
case("smooth_l1_loss/zero", "x:2x3 x:2x3", lambda a, b: F.smooth_l1_loss(a, b, beta=0), 6)
case("smooth_l1_loss/row", "x:2x3 x:3", F.smooth_l1_loss, 6)
case("smooth_l1_loss/scalar", "x:. x:.", F.smooth_l1_loss)
case("smooth_l1_loss/kink", "x:3 x:3", lambda a, b: F.smooth_l1_loss(a - a.detach() + 1, b - b.detach()))
case("huber_loss/kink", "x:3 x:3", lambda a, b: F.huber_loss(a - a.detach() + 1, b - b.detach()))
case("huber_loss/scalar", "x:. x:.", F.huber_loss)
case("binary_cross_entropy/ends", "x:3 c:3",
     lambda a, t: F.binary_cross_entropy(a - a.detach() + 1, t * 0 + 0.5))
case("hinge_embedding_loss/kink", "x:3", lambda a: F.hinge_embedding_loss(a - a.detach() + 1, a.detach() * 0 - 1))
case("margin_ranking_loss/kink", "x:3 x:3", lambda a, b: F.margin_ranking_loss(
    a - a.detach(), b - b.detach(), a.detach() * 0 + 1))
case("cosine_embedding_loss/scalar", "x:3 x:3", lambda a, b: F.cosine_embedding_loss(
    a, b, a.detach().sum() * 0 + 1), 3)
case("triplet_margin_loss/vector", "x:3 x:3 x:3", lambda a, b, c: F.triplet_margin_loss(a, b, c, 3), 3)
case("gaussian_nll_loss/small", "x:3 x:3 x:3", lambda a, t, v: F.gaussian_nll_loss(a, t, v * 0), 3)

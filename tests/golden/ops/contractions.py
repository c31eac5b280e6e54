"""Cases of attention, and of products of several tensors."""
import torch
import torch.nn.functional as F

from op_case import case


def attention(variant, specs, call=F.scaled_dot_product_attention, terms=16, grad_fn="*", **options):
    case(f"scaled_dot_product_attention/{variant}", specs,
         lambda *inputs: call(*inputs, **options), terms, grad_fn)


NAME = "ScaledDotProductFlashAttentionForCpuBackward0"
Q, K, V = "x:1x1x3x2", "x:1x1x4x2", "x:1x1x4x2"
attention("plain", f"{Q} {K} {V}", grad_fn=NAME)
attention("causal", f"{Q} {K} {V}", grad_fn=NAME, is_causal=True)
attention("causal_long", f"{K} {Q} {Q}", grad_fn=NAME, is_causal=True)
attention("scale", f"{Q} {K} {V}", grad_fn=NAME, scale=-1.5)
attention("no_scale", f"{Q} {K} {V}", grad_fn=NAME, scale=0.)
attention("keep", f"{Q} {K} {V} b:3x4", grad_fn=NAME)
attention("added", f"{Q} {K} {V} c:1x3x4")
attention("added_gradient", f"{Q} {K} {V} x:3x1")
attention("value_width", f"{Q} {K} x:1x1x4x3")
attention("batch", "x:2x2x2 x:2x2x2 x:2x2x2")
attention("matrices", "x:3x2 x:4x2 x:4x3")
attention("broadcast", "x:2x1x2x2 x:2x3x2 x:1x3x2")
attention("groups", "x:1x6x1x2 x:1x2x2x2 x:1x2x2x2", enable_gqa=True)
attention("groups_differ", "x:1x2x2x2 x:1x2x3x2 x:1x1x3x2", enable_gqa=True)
attention("no_queries", "x:1x2x0x3 x:1x2x4x3 x:1x2x4x3")
attention("no_keys", "x:1x2x2x3 x:1x2x0x3 x:1x2x0x3")
attention("no_width", "x:1x2x2x0 x:1x2x3x0 x:1x2x3x2")
attention("none_left", f"{Q} {K} {V} b:3x4", lambda q, k, v, m: F.scaled_dot_product_attention(
    q, k, v, m & (torch.arange(3) > 0)[:, None]))
attention("dropped_all", f"{Q} {K} {V}", dropout_p=1.)
attention("blocks", "x:66x1 x:2x1 x:2x1 b:66x2")

for variant, bias, b, n, k, m in (("plain", "2x2x3", 2, 2, 2, 3), ("row", "3", 2, 2, 2, 3),
                                  ("scalar", ".", 1, 2, 2, 2), ("empty", "2", 0, 2, 3, 2),
                                  ("nothing", "2", 1, 2, 0, 2)):
    case(f"baddbmm/{variant}", f"x:{bias} x:{b}x{n}x{k} x:{b}x{k}x{m}",
         lambda y, a, b: torch.baddbmm(y, a, b, beta=0.5, alpha=2), 8)
case("baddbmm/no_bias", "x:3 x:1x2x2 x:1x2x3", lambda y, a, b: torch.baddbmm(y, a, b, beta=0), 8)
case("baddbmm/whole", "i9:2 i9:2x2x2 i9:2x2x2",
     lambda y, a, b: torch.baddbmm(y, a, b, beta=2, alpha=3))

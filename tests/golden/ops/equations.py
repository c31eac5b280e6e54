"""Cases of einsum and other sums of products."""
import torch

from op_case import case


def einsum(variant, equation, specs, terms=16):
    case(f"einsum/{variant}", specs, lambda *inputs: torch.einsum(equation, *inputs), terms)


einsum("product", "ij,jk->ik", "x:2x3 x:3x2")
einsum("implicit", "zb,bA", "x:2x3 x:3x2")
einsum("batch", "bij,bjk->bki", "x:2x2x3 x:2x3x2")
einsum("ellipsis", "...i,ij...->j...", "x:2x2 x:2x3x1")
einsum("ellipsis_summed", "...i->i", "x:2x2x3")
einsum("diagonal", "iji->ij", "x:2x3x2")
einsum("trace", "ii", "x:3x3")
einsum("permuted", " j i -> i j ", "x:2x3")
einsum("outer", "i,j->ji", "x:2 x:3")
einsum("scalar", ",ij", "x:. x:2x3")
einsum("three", "ij,kj,kl->il", "x:2x2 x:3x2 x:3x2")
einsum("in_all", "ij,jk,jl->kl", "x:2x2 x:2x2 x:2x1")
einsum("ellipsis_two", "...i->i...", "x:2x3x2")
einsum("once", "ij,kl->il", "x:2x2 x:3x2")
einsum("ones", "ij,jk->k", "x:2x1 x:3x2")
einsum("empty", "ij,jk->ik", "x:2x0 x:0x3")
einsum("whole", "ij,jk->ik", "i9:2x3 i9:3x2")
einsum("whole_sum", "ij->i", "j9:2x3")

for variant, dims, specs in (("one", 1, "x:2x3 x:3x2"), ("two", 2, "x:2x3 x:2x3"), ("none", 0, "x:2 x:3"),
                             ("lists", ([1, 0], [0, 2]), "x:2x3 x:3x2x2"),
                             ("ones", ([0], [1]), "x:2x3 x:2x1"), ("whole", 1, "i9:2x3 i9:3"),
                             ("empty", 1, "x:2x0 x:0x2")):
    case(f"tensordot/{variant}", specs, lambda a, b: torch.tensordot(a, b, dims), 8)

for variant, bias, n, k in (("plain", "2", 2, 3), ("one", "1", 2, 3), ("scalar", ".", 2, 2),
                            ("empty", "0", 0, 2)):
    case(f"addmv/{variant}", f"x:{bias} x:{n}x{k} x:{k}",
         lambda y, a, b: torch.addmv(y, a, b, beta=0.5, alpha=2), 8)
case("addmv/nothing", "x:2 c:2x0 c:0", lambda y, a, b: torch.addmv(y, a, b, beta=0.5, alpha=2), 8)
case("addmv/no_bias", "x:2 x:2x2 x:2", lambda y, a, b: torch.addmv(y, a, b, beta=0), 8)
case("addmv/whole", "i9:2 i9:2x2 i9:2", lambda y, a, b: torch.addmv(y, a, b, beta=2, alpha=3))

for variant, bias, b, n, k, m in (("plain", "2x3", 2, 2, 2, 3), ("row", "3", 3, 2, 2, 3),
                                  ("scalar", ".", 1, 2, 2, 2), ("empty", "2x2", 0, 2, 3, 2),
                                  ("nothing", "2", 2, 1, 0, 2)):
    case(f"addbmm/{variant}", f"x:{bias} x:{b}x{n}x{k} x:{b}x{k}x{m}",
         lambda y, a, b: torch.addbmm(y, a, b, beta=0.5, alpha=2), 8)
case("addbmm/no_bias", "x:3 x:2x2x2 x:2x2x3", lambda y, a, b: torch.addbmm(y, a, b, beta=0), 8)
case("addbmm/whole", "i9:2 i9:2x2x2 i9:2x2x2",
     lambda y, a, b: torch.addbmm(y, a, b, beta=2, alpha=3))

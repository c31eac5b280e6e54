"""Cases of histograms, random choices, reductions by an index, statistics and combinations."""
import torch

from op_case import case, zeros

case("histc/plain", "x:9", lambda a: torch.histc(a, 5))
case("histc/range", "x:3x4", lambda a: torch.histc(a, 3, -1, 1.5))

# Drawn after the inputs, from the same generator.
case("multinomial/one", "q:3x5", lambda p: p.multinomial(1))
case("multinomial/without", "q:3x5", lambda p: p.multinomial(4))
case("multinomial/with", "q:2x5", lambda p: p.multinomial(7, True))
case("multinomial/columns", "q:5x2", lambda p: p.t().multinomial(3))

for name, how, self in (("prod", "prod", True), ("prod_without", "prod", False), ("mean_without", "mean", False),
                        ("amax", "amax", True), ("sum", "sum", False)):
    case(f"scatter_reduce/{name}", "x:1x3 i3:1x4 x:1x4",
         lambda a, i, b: a.scatter_reduce(1, i, b, how, include_self=self), 6)
    if how != "sum":
        case(f"index_reduce/{name}", "x:3x2 i3:4 x:4x2",
             lambda a, i, b: a.index_reduce(0, i, b, how, include_self=self), 6)
for name, self in (("extremes", True), ("extremes_without", False)):
    case(f"scatter_reduce/{name}", "x:2 i2:4 x:4",
         lambda a, i, b: zeros(a).scatter_reduce(0, i, zeros(b), "amax", include_self=self), 4)
    case(f"index_reduce/{name}", "x:2 i2:4 x:4",
         lambda a, i, b: zeros(a).index_reduce(0, i, zeros(b), "amin", include_self=self), 4)
    case(f"scatter_reduce/{name}_zero", "x:2 i2:3 x:1",
         lambda a, i, b: a.scatter_reduce(0, i, torch.cat([b, zeros(b), b]), "prod", include_self=self), 4)
case("scatter_reduce/whole", "i9:3 i3:5 i9:5", lambda a, i, b: (a - 5).scatter_reduce(0, i, b - 5, "mean"))
case("scatter_reduce/bytes", "u200:2 i2:9 u200:9", lambda a, i, b: a.scatter_reduce(0, i, b, "mean"))

case("cov/plain", "x:2x4", torch.cov, 8)
case("cov/weights", "x:2x3 i4:3 p:3",
     lambda a, f, w: torch.cov(a, correction=2, fweights=f + 1, aweights=w), 20)
case("corrcoef/plain", "x:2x4", torch.corrcoef, 20)
case("trapezoid/dx", "x:2x3", lambda y: torch.trapezoid(y, dx=0.5, dim=0), 3, grad_fn="*")
case("trapezoid/x", "x:2x3 x:3", lambda y, x: torch.trapezoid(y, x), 3, grad_fn="*")
case("cumulative_trapezoid/dx", "x:2x3", torch.cumulative_trapezoid, 3)
case("tensor_split/indices", "x:3x2", lambda a: a.tensor_split((2, 1, -1))[2])
case("hsplit/sections", "c:1x4", lambda a: a.hsplit(2)[1])
case("vsplit/indices", "c:3x1", lambda a: a.vsplit((1,))[1])
case("dsplit/sections", "c:1x1x2", lambda a: a.dsplit(2)[1])
case("cartesian_prod/two", "x:2 x:3", torch.cartesian_prod)
case("combinations/plain", "x:4", lambda a: torch.combinations(a, 3))
case("block_diag/promoted", "x:1x2 i9:2 x:.", lambda a, b, c: torch.block_diag(a, b, c))
case("vander/plain", "c:3", torch.vander, 3)
case("vander/increasing", "i5:3", lambda a: torch.vander(a, 4, True))
case("fliplr/plain", "c:2x2", torch.fliplr)
case("flipud/plain", "c:2x2", torch.flipud)
case("diagflat/plain", "c:1x2", lambda a: torch.diagflat(a, -1))
case("diagonal_scatter/plain", "x:2x2 x:1", lambda a, b: torch.diagonal_scatter(a, b, 1), grad_fn="*")
case("tril_indices/plain", "c:0", lambda _: torch.tril_indices(2, 3, 1))
case("triu_indices/plain", "c:0", lambda _: torch.triu_indices(3, 2, -1, dtype=torch.int32))
case("float_power/plain", "p:2 c:2", lambda a, b: torch.float_power(a.double(), b))

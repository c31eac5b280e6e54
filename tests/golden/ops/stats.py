"""Cases of histograms, random choices, reductions by an index, statistics and combinations."""
import torch

from op_case import case, zeros

case("histc/plain", "x:20", lambda a: torch.histc(a, 5))
case("histc/range", "x:4x5", lambda a: torch.histc(a, 3, -1, 1.5))
case("histc/default", "x:3", lambda a: torch.histc(a, min=-0.3, max=2))

# Drawn after the inputs, from the same generator.
case("multinomial/one", "q:3x5", lambda p: p.multinomial(1))
case("multinomial/without", "q:3x5", lambda p: p.multinomial(4))
case("multinomial/with", "q:2x5", lambda p: p.multinomial(7, True))
case("multinomial/vector", "q:6", lambda p: p.multinomial(3))
case("multinomial/columns", "q:5x2", lambda p: p.t().multinomial(3))
case("multinomial/columns_with", "q:5x2", lambda p: p.t().multinomial(3, True))

for name, how, self in (("prod", "prod", True), ("prod_without", "prod", False), ("mean_without", "mean", False),
                        ("amax", "amax", True), ("sum", "sum", False)):
    case(f"scatter_reduce/{name}", "x:2x3 i3:2x4 x:2x4",
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
case("scatter_reduce_/prod", "x:3 i3:5 x:5", lambda a, i, b: a.clone().scatter_reduce_(0, i, b, "prod"), 6)
case("index_reduce_/mean", "x:3 i3:5 x:5", lambda a, i, b: a.clone().index_reduce_(0, i, b, "mean"), 6)

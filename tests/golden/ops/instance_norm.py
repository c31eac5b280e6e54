"""Cases of instance_norm."""
import torch
import torch.nn.functional as F

from op_case import case


def moved(a, mean, var, **options):
    """The result beside what the running statistics have become."""
    mean, var = mean.clone(), var.clone()
    y = F.instance_norm(a, mean, var, **options)
    return torch.cat([y.flatten(), mean, var])


case("instance_norm/plain", "x:2x3x4", lambda a: F.instance_norm(a), 4)
case("instance_norm/affine", "x:2x2x2x2 x:2 x:2",
     lambda a, w, b: F.instance_norm(a, weight=w, bias=b, eps=0.5), 4)
case("instance_norm/weight", "x:2x2x3 x:2", lambda a, w: F.instance_norm(a, weight=w), 3)
case("instance_norm/transposed", "x:4x3x2", lambda a: F.instance_norm(a.transpose(0, 2)), 4)
case("instance_norm/sharp", "x:2x2x3", lambda a: F.instance_norm(a, eps=0.0), 3)
case("instance_norm/moved", "x:3x2x4 q:2 q:2", moved, 12)
case("instance_norm/momentum", "x:3x2x4 q:2 q:2", lambda *a: moved(*a, momentum=0.7), 12)
case("instance_norm/still", "x:3x2x4 q:2 q:2", lambda *a: moved(*a, momentum=0.0), 12)
case("instance_norm/running", "x:2x3x1 q:3 q:3",
     lambda *a: moved(*a, use_input_stats=False), 2)
case("instance_norm/empty", "x:2x0x3", lambda a: F.instance_norm(a), 1)

"""Cases of ops of networks."""
import torch.nn.functional as F

from op_case import case

case("conv2d/plain", "x:2x2x4x3 x:3x2x3x3 x:3", F.conv2d, 18)
case("conv2d/padded", "x:1x2x5x4 x:3x2x3x3", lambda a, w: F.conv2d(a, w, stride=2, padding=1), 18)
case("conv2d/groups", "x:1x4x4x4 x:4x2x2x2 x:4",
     lambda a, w, b: F.conv2d(a, w, b, dilation=2, groups=2), 8)
case("conv2d/points", "x:2x3x2x2 x:2x3x1x1", F.conv2d, 8)
case("conv2d/empty", "x:0x2x3x3 x:1x2x3x3 x:1", F.conv2d)
case("max_pool2d/plain", "x:1x2x4x4", lambda a: F.max_pool2d(a, 2))
case("max_pool2d/overlapping", "x:1x1x5x4", lambda a: F.max_pool2d(a, 3, stride=2, padding=1), 4)
case("max_pool2d/ceil", "x:2x3x3", lambda a: F.max_pool2d(a, 2, ceil_mode=True))
case("max_pool2d/indices", "x:1x2x4x4",
     lambda a: F.max_pool2d(a, 2, return_indices=True)[1])
case("adaptive_avg_pool2d/plain", "x:1x2x5x4", lambda a: F.adaptive_avg_pool2d(a, (2, 3)), 6)
case("adaptive_avg_pool2d/one", "x:2x2x3x3", lambda a: F.adaptive_avg_pool2d(a, 1), 9, "*")
case("adaptive_avg_pool2d/same", "x:1x2x2", lambda a: F.adaptive_avg_pool2d(a, (2, 2)))
case("batch_norm/training", "x:3x2x2 x:2 x:2",
     lambda a, w, b: F.batch_norm(a, None, None, w, b, True), 6)
case("batch_norm/plain", "x:4x3", lambda a: F.batch_norm(a, None, None, training=True), 4)
case("batch_norm/running", "x:3x2x2 x:2 x:2 c:2 q:2",
     lambda a, w, b, mean, var: F.batch_norm(a, mean, var, w, b, False), 6)
case("batch_norm/momentum", "x:4x2 c:2 q:2",
     lambda a, mean, var: F.batch_norm(a, mean, var, training=True, momentum=0.25) + mean, 4, "*")

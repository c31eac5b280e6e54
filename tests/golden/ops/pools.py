"""Cases of pools beyond those of networks.py."""
import torch.nn.functional as F

from op_case import case

case("max_pool2d/wide", "x:1x2x4x6", lambda a: F.max_pool2d(a, (2, 3)))
case("max_pool2d/window", "x:2x5x6",
     lambda a: F.max_pool2d(a, (3, 2), (1, 2), (1, 0), (1, 2), True), 4)
case("avg_pool2d/plain", "x:1x2x4x4", lambda a: F.avg_pool2d(a, 2), 4)
case("avg_pool2d/overlapping", "x:1x1x5x4", lambda a: F.avg_pool2d(a, 3, 2, 1), 9)
case("avg_pool2d/window", "x:2x5x6", lambda a: F.avg_pool2d(a, (3, 2), (1, 2), (1, 0)), 6)
case("avg_pool2d/ceil", "x:2x3x3", lambda a: F.avg_pool2d(a, 2, ceil_mode=True), 4)
case("avg_pool2d/ceil_padded", "x:2x5x5", lambda a: F.avg_pool2d(a, 3, 2, 1, True), 9)
case("avg_pool2d/excluded", "x:2x5x4", lambda a: F.avg_pool2d(a, 3, 2, 1, True, False), 9)
case("avg_pool2d/divisor", "x:2x4x4", lambda a: F.avg_pool2d(a, 2, 1, 1, divisor_override=3), 4)
case("avg_pool2d/empty", "x:0x2x4x4", lambda a: F.avg_pool2d(a, 2))
case("adaptive_avg_pool2d/none", "x:1x2x5x4", lambda a: F.adaptive_avg_pool2d(a, (None, 3)), 6)
case("adaptive_max_pool2d/plain", "x:1x2x5x4", lambda a: F.adaptive_max_pool2d(a, (2, 3)), 2)
case("adaptive_max_pool2d/none", "x:2x5x4", lambda a: F.adaptive_max_pool2d(a, (3, None)), 2)
case("adaptive_max_pool2d/larger", "x:1x2x2", lambda a: F.adaptive_max_pool2d(a, (3, 3)), 9)
case("adaptive_max_pool2d/indices", "x:1x2x5x4",
     lambda a: F.adaptive_max_pool2d(a, 2, return_indices=True)[1])
case("max_pool1d/plain", "x:2x3x6", lambda a: F.max_pool1d(a, 2))
case("max_pool1d/options", "x:3x8", lambda a: F.max_pool1d(a, 3, 2, 1, 2, True), 4)
case("max_pool1d/indices", "x:3x8", lambda a: F.max_pool1d(a, 2, return_indices=True)[1])
case("avg_pool1d/plain", "x:2x3x6", lambda a: F.avg_pool1d(a, 2), 2)
case("avg_pool1d/options", "x:3x8", lambda a: F.avg_pool1d(a, 3, 2, 1, True, False), 3)
case("adaptive_avg_pool1d/plain", "x:2x3x7", lambda a: F.adaptive_avg_pool1d(a, 3), 3)
case("adaptive_avg_pool1d/one", "x:3x7", lambda a: F.adaptive_avg_pool1d(a, 1), 7)
case("adaptive_max_pool1d/plain", "x:2x3x7", lambda a: F.adaptive_max_pool1d(a, 3), 3)
case("adaptive_max_pool1d/indices", "x:3x7",
     lambda a: F.adaptive_max_pool1d(a, 2, return_indices=True)[1])
case("lp_pool2d/plain", "x:1x2x4x4", lambda a: F.lp_pool2d(a, 2, 2), 4)
case("lp_pool2d/window", "p:2x5x6", lambda a: F.lp_pool2d(a, 3, (2, 3), (1, 2), True), 6)
case("lp_pool1d/plain", "x:2x3x6", lambda a: F.lp_pool1d(a, 2, 2), 2)
case("lp_pool1d/options", "p:3x7", lambda a: F.lp_pool1d(a, 1.5, 3, 2, True), 3)
case("max_unpool2d/plain", "x:1x2x4x4",
     lambda a: F.max_unpool2d(*F.max_pool2d(a, 2, return_indices=True), 2))
case("max_unpool2d/size", "x:1x5x7",
     lambda a: F.max_unpool2d(*F.max_pool2d(a, 3, 2, 1, return_indices=True), 3, 2, 1, (5, 7)))
case("max_unpool2d/again", "x:1x4x4",
     lambda a: F.max_unpool2d(*F.max_pool2d(a, 3, 1, return_indices=True), (3, 3), 1))
case("max_unpool1d/plain", "x:2x3x6",
     lambda a: F.max_unpool1d(*F.max_pool1d(a, 2, return_indices=True), 2))
case("max_unpool1d/size", "x:3x8",
     lambda a: F.max_unpool1d(*F.max_pool1d(a, 3, 2, 1, return_indices=True), 3, 2, 1, (8,)))

"""Cases of convolutions beyond those of networks.py, of their windows, and of shuffles."""
import torch.nn.functional as F

from op_case import case

case("conv2d/same", "x:1x2x2x3 x:2x2x3x2 x:2", lambda a, w, b: F.conv2d(a, w, b, padding="same"), 12)
case("conv2d/same_dilated", "x:2x3x3 x:1x2x2x3",
     lambda a, w: F.conv2d(a, w, padding="same", dilation=(3, 2)), 12)
case("conv2d/valid", "x:1x1x4x4 x:1x1x2x3",
     lambda a, w: F.conv2d(a, w, padding="valid", stride=2), 6)
case("conv2d/window", "x:1x2x5x3 x:2x1x3x2",
     lambda a, w: F.conv2d(a, w, None, (1, 2), (2, 0), (2, 1), 2), 6)
case("conv2d/integers", "i9:1x2x3x3 i5:2x2x2x2 i7:2", lambda a, w, b: F.conv2d(a, w, b, padding=1))
case("conv2d/bytes", "u90:1x2x3x3 u90:2x1x2x2", lambda a, w: F.conv2d(a, w, groups=2))
case("conv2d/points_int32", "j9:1x2x2x3 j5:3x2x1x1 j7:3", F.conv2d)
case("conv1d/plain", "x:2x2x5 x:3x2x3 x:3", F.conv1d, 6)
case("conv1d/options", "x:1x4x7 x:4x2x2 x:4", lambda a, w, b: F.conv1d(a, w, b, 2, 1, 2, 2), 4)
case("conv1d/same", "x:1x2x4 x:2x2x2", lambda a, w: F.conv1d(a, w, padding="same"), 4)
case("conv1d/unbatched", "x:2x4 x:2x2x3 x:2", lambda a, w, b: F.conv1d(a, w, b, padding="valid"), 6)
case("conv1d/integers", "i9:1x2x5 i5:2x2x3", F.conv1d)
case("conv1d/empty", "x:0x2x5 x:1x2x3 x:1", F.conv1d)
case("conv_transpose1d/plain", "x:2x2x3 x:2x3x2 x:3", F.conv_transpose1d, 4)
case("conv_transpose1d/options", "x:1x4x3 x:4x1x3 x:2",
     lambda a, w, b: F.conv_transpose1d(a, w, b, 2, 1, 1, 2, 1), 6)
case("conv_transpose1d/dilated", "x:2x3 x:2x1x3 x:1",
     lambda a, w, b: F.conv_transpose1d(a, w, b, 1, 1, 2, 1, 3), 6)
case("conv_transpose2d/plain", "x:1x2x2x3 x:2x2x2x2 x:2", F.conv_transpose2d, 8)
case("conv_transpose2d/strided", "x:2x2x2 x:2x1x3x3", lambda a, w: F.conv_transpose2d(
    a, w, stride=2, padding=1, output_padding=1), 8)
case("conv_transpose2d/window", "x:1x2x2x2 x:2x1x2x3 x:2", lambda a, w, b: F.conv_transpose2d(
    a, w, b, (2, 1), (0, 2), (1, 0), 2, (1, 2)), 6)
case("conv_transpose2d/dilated", "x:1x1x2x2 x:1x1x2x2", lambda a, w: F.conv_transpose2d(
    a, w, stride=(1, 2), output_padding=(2, 3), dilation=4, padding=1), 4)
case("conv_transpose2d/integers", "i9:1x2x2x2 i5:2x1x2x2", F.conv_transpose2d)
case("conv_transpose2d/empty", "x:0x2x3x3 x:2x1x2x2 x:1", F.conv_transpose2d)
case("unfold/plain", "x:1x2x3x3", lambda a: F.unfold(a, 2), 4)
case("unfold/options", "x:1x4x4", lambda a: F.unfold(a, (2, 3), (2, 1), (1, 0), (1, 2)), 6)
case("unfold/empty", "x:0x1x3x3", lambda a: F.unfold(a, 2))
case("unfold/truth", "b:1x1x3x3", lambda a: F.unfold(a, 2, padding=1))
case("fold/plain", "x:1x8x4", lambda a: F.fold(a, 3, 2), 4)
case("fold/options", "x:6x6", lambda a: F.fold(a, (4, 5), (2, 3), 1, (0, 1), 2), 6)
case("fold/empty", "x:0x4x4", lambda a: F.fold(a, 3, 2))
case("fold/truth", "b:1x4x4", lambda a: F.fold(a, 3, 2))
case("pixel_shuffle/plain", "x:1x8x1x2", lambda a: F.pixel_shuffle(a, 2))
case("pixel_shuffle/more", "i90:2x1x4x2x1", lambda a: F.pixel_shuffle(a, 2))
case("pixel_shuffle/empty", "c:1x4x0x2", lambda a: F.pixel_shuffle(a, 2))
case("pixel_unshuffle/plain", "x:1x2x2x4", lambda a: F.pixel_unshuffle(a, 2))
case("pixel_unshuffle/more", "i90:2x1x1x4x2", lambda a: F.pixel_unshuffle(a, 2))
case("channel_shuffle/plain", "x:1x6x2", lambda a: F.channel_shuffle(a, 3))
case("channel_shuffle/images", "i90:1x4x2x1", lambda a: F.channel_shuffle(a, 2))
case("channel_shuffle/empty", "x:1x4x0", lambda a: F.channel_shuffle(a, 2))

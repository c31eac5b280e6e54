"""Cases of interpolate and of local_response_norm."""
import torch.nn.functional as F

from op_case import case


def resampled(name, inputs, terms, **options):
    case(f"interpolate/{name}", inputs, lambda a: F.interpolate(a, **options), terms)


for mode in "nearest", "nearest-exact", "area":
    resampled(mode.replace("-", "_"), "x:1x2x3x4", 4, size=(5, 3), mode=mode)
    resampled(mode.replace("-", "_") + "_line", "x:1x2x5", 2, scale_factor=1.5, mode=mode)
resampled("linear", "x:1x2x4", 2, size=6, mode="linear")
resampled("linear_corners", "x:1x1x4", 2, size=7, mode="linear", align_corners=True)
resampled("linear_factor", "x:1x1x5", 2, scale_factor=0.7, mode="linear")
for mode in "bilinear", "bicubic":
    resampled(mode, "x:1x1x3x4", 16, size=(5, 3), mode=mode)
    resampled(mode + "_corners", "x:1x1x3x4", 16, size=(1, 6), mode=mode, align_corners=True)
    resampled(mode + "_factor", "x:1x1x3x4", 16, scale_factor=(1.4, 0.8), mode=mode)
    resampled(mode + "_recomputed", "x:1x1x3x4", 16, scale_factor=(1.4, 0.8), mode=mode,
              recompute_scale_factor=True)
    resampled(mode + "_wide", "x:1x1x7x5", 48, size=(3, 2), mode=mode, antialias=True)
    resampled(mode + "_wide_larger", "x:1x1x3x3", 48, size=(4, 3), mode=mode, antialias=True)
    resampled(mode + "_wide_corners", "x:1x1x6x3", 48, size=(3, 4), mode=mode, antialias=True,
              align_corners=True)
    resampled(mode + "_wide_factor", "x:1x1x6x3", 48, scale_factor=(0.6, 1.4), mode=mode,
              antialias=True)
    # PyTorch's gradient is not that of its result where a size stays though the factor is not 1.
    resampled(mode + "_wide_kept", "c:1x1x6x3", 48, scale_factor=(0.6, 1.1), mode=mode,
              antialias=True)
    resampled(mode + "_empty", "x:0x1x3x3", 0, size=2, mode=mode)
case("local_response_norm/plain", "x:1x4x2", lambda a: F.local_response_norm(a, 3), 3)
case("local_response_norm/options", "x:1x3x2x2", lambda a: F.local_response_norm(a, 2, 0.5, 1.5, 2), 2)

"""Cases of arguments that ops have beside their plain form: tensors in place of numbers, more
dimensions, other dtypes."""
import torch
import torch.nn.functional as F

from op_case import case

for how in "linear", "lower", "midpoint":
    case(f"quantile/by_{how}", "x:3x4 x:2", lambda a, b: a.quantile(b.sigmoid(), 1, interpolation=how), 4,
         grad_fn="*")
case("quantile/by_all", "x:2x3 x:3", lambda a, b: a.quantile(b.sigmoid(), keepdim=True), 4, grad_fn="*")
case("quantile/by_scalar", "x:3x2x2 x:.", lambda a, b: a.quantile(b.sigmoid(), 0), 4, grad_fn="*")
case("quantile/by_holes", "x:3x4 q:2", lambda a, b: torch.where(a < -1, torch.nan, a).quantile(b, 1), 4,
     grad_fn="*")
case("nanquantile/by_holes", "x:3x4 x:2",
     lambda a, b: torch.where(a < -1, torch.nan, a).nanquantile(b.sigmoid(), 1, keepdim=True), 4, grad_fn="*")
case("softmin/as_double", "x:2x3", lambda a: F.softmin(a, 1, dtype=torch.float64))
for how, name in ("add", "adds"), ("multiply", "multiplies"):
    case(f"scatter/{name}", "c:3x2 i3:4x2 c:4x2", lambda a, i, b: a.scatter(0, i, b, reduce=how))
    case(f"scatter/{name}_bytes", "u200:6 i6:9 u200:9", lambda a, i, b: a.scatter(0, i, b, reduce=how))
    case(f"scatter/{name}_ints", "i9:3 i3:5", lambda a, i: a.scatter(0, i, 2.7, reduce=how))
    case(f"scatter/{name}_bools", "b:6 i6:5 b:5", lambda a, i, b: a.scatter(0, i, b, reduce=how))
case("avg_pool2d/whole", "i90:1x4x5", lambda a: F.avg_pool2d(a - 45, 2, 2, 1), 4)
case("avg_pool1d/whole", "i90:2x7", lambda a: F.avg_pool1d(a - 45, 3, 2, 1, count_include_pad=False), 3)


def resampled(name, inputs, terms, grad_fn=None, **options):
    case(f"interpolate/{name}", inputs, lambda a: F.interpolate(a, **options), terms, grad_fn)


VOLUME = "x:1x1x2x3x2"
resampled("nearest_volume", VOLUME, 4, size=(3, 2, 4), mode="nearest")
resampled("nearest_exact_volume", VOLUME, 4, scale_factor=(1.6, 0.7, 2), mode="nearest-exact")
resampled("area_volume", "x:1x1x3x3x2", 12, grad_fn="*", size=(2, 2, 3), mode="area")
resampled("trilinear", VOLUME, 16, size=(3, 2, 4), mode="trilinear")
resampled("trilinear_corners", VOLUME, 16, size=(3, 2, 4), mode="trilinear", align_corners=True)
resampled("trilinear_factor", VOLUME, 16, scale_factor=(1.6, 0.7, 1.4), mode="trilinear")
resampled("nearest_bytes", "u256:1x2x3x4", 0, size=(5, 3), mode="nearest")
resampled("nearest_exact_bytes", "u256:1x1x2x3x2", 0, size=(3, 2, 4), mode="nearest-exact")
for mode in "bilinear", "bicubic":
    resampled(mode + "_bytes", "u256:1x2x4x5", 0, size=(5, 3), mode=mode)
    resampled(mode + "_bytes_wide", "u256:1x1x7x8", 0, size=(3, 3), mode=mode, antialias=True)
resampled("bilinear_bytes_corners", "u256:1x1x3x4", 0, size=(7, 2), mode="bilinear", align_corners=True)
resampled("bicubic_bytes_factor", "u256:1x1x3x4", 0, scale_factor=(1.4, 0.8), mode="bicubic")
resampled("bicubic_bytes_wide_kept", "u256:1x1x3x7", 0, size=(3, 2), mode="bicubic", antialias=True)

"""Cases of dropout, normalisation and embeddings."""
import torch
import torch.nn.functional as F

from op_case import case

for name, sizes, call in (
        ("dropout", "4x6", F.dropout), ("alpha_dropout", "4x6", F.alpha_dropout),
        ("feature_alpha_dropout", "3x4x2", F.feature_alpha_dropout)):
    case(f"{name}/plain", f"x:{sizes}", lambda a: call(a, training=True))
    case(f"{name}/rare", f"x:{sizes}", lambda a: call(a, 0.2, True))
    case(f"{name}/all", f"x:2x3", lambda a: call(a, 1, True), 0, "*")
    case(f"{name}/none", f"x:2x3", lambda a: call(a * 2, 0, True))
    case(f"{name}/eval", f"x:2x3", lambda a: call(a * 2, 0.5, False))
    case(f"{name}/empty", "x:0x3", lambda a: call(a * 2, 0.5, True))
    case(f"{name}/transposed", "x:5x4", lambda a: call(a.t(), 0.5, True))
    case(f"{name}_/plain", f"x:{sizes}", lambda a: call(a * 2, 0.3, True, True))
case("dropout/permuted", "x:2x3x4", lambda a: F.dropout(a.permute(1, 2, 0)))
case("dropout/expanded", "x:4x1", lambda a: F.dropout(a.expand(4, 5)))
case("feature_dropout/lines", "x:3x5x2", lambda a: F.dropout1d(a))
case("feature_dropout/one", "x:5x2", lambda a: F.dropout1d(a, 0.4), 0, "*")
case("feature_dropout/planes", "x:2x4x2x2", lambda a: F.dropout2d(a, 0.3))
case("feature_dropout/three", "x:4x3x2", lambda a: F.dropout2d(a))
case("feature_dropout/volumes", "x:2x4x1x2x2", lambda a: F.dropout3d(a))
case("feature_dropout/volume", "x:6x1x2x2", lambda a: F.dropout3d(a), 0, "*")
case("feature_dropout_/planes", "x:2x4x2x2", lambda a: F.dropout2d(a * 2, 0.3, inplace=True))

case("layer_norm/plain", "x:3x6", lambda a: F.layer_norm(a, (6,)), 6)
case("layer_norm/affine", "x:3x6 x:6 x:6", lambda a, w, b: F.layer_norm(a, (6,), w, b), 6)
case("layer_norm/weight", "x:3x6 x:6", lambda a, w: F.layer_norm(a, (6,), w), 6)
case("layer_norm/bias", "x:3x6 x:6", lambda a, b: F.layer_norm(a, (6,), None, b), 6)
case("layer_norm/eps", "x:2x5 x:5", lambda a, w: F.layer_norm(a, (5,), w, eps=0.5), 5)
case("layer_norm/two", "x:2x3x4 x:3x4 x:3x4", lambda a, w, b: F.layer_norm(a, (3, 4), w, b), 12)
case("layer_norm/row", "x:21 x:21 x:21", lambda a, w, b: F.layer_norm(a, (21,), w, b), 21)
case("layer_norm/one", "x:3x1 x:1 x:1", lambda a, w, b: F.layer_norm(a, (1,), w, b, 1.0), 1)
case("layer_norm/empty", "x:0x3 x:3 x:3", lambda a, w, b: F.layer_norm(a, (3,), w, b), 1)
case("layer_norm/transposed", "x:5x3 x:5", lambda a, w: F.layer_norm(a.t(), (5,), w), 5)
case("rms_norm/plain", "x:3x6", lambda a: F.rms_norm(a, (6,)), 6)
case("rms_norm/weight", "x:3x6 x:6", lambda a, w: F.rms_norm(a, (6,), w), 6)
case("rms_norm/eps", "x:2x5 x:5", lambda a, w: F.rms_norm(a, (5,), w, eps=0.5), 5)
case("rms_norm/two", "x:2x3x4 x:3x4", lambda a, w: F.rms_norm(a, (3, 4), w), 12)
case("rms_norm/small", "x:2x3", lambda a: F.rms_norm(a * 1e-4, (3,)), 3)
case("rms_norm/empty", "x:0x3 x:3", lambda a, w: F.rms_norm(a, (3,), w), 1)

case("embedding/plain", "i5:2x3 x:5x4", F.embedding)
case("embedding/vector", "i4:6 x:4x2", F.embedding)
case("embedding/int32", "j5:3 x:5x4", F.embedding)
case("embedding/scalar", "i5:. x:5x4", F.embedding)
case("embedding/empty", "i5:0x2 x:5x4", F.embedding)
case("embedding/padding", "i3:8 x:3x2", lambda i, w: F.embedding(i, w, padding_idx=1))
case("embedding/last", "i3:8 x:3x2", lambda i, w: F.embedding(i, w, padding_idx=-1))
case("embedding/scaled", "i3:8 x:3x2", lambda i, w: F.embedding(i, w, scale_grad_by_freq=True))
case("embedding/whole", "i3:4 i9:3x2", F.embedding)

case("group_norm/plain", "x:2x4x3", lambda a: F.group_norm(a, 2), 6)
case("group_norm/affine", "x:2x4x2x2 x:4 x:4", lambda a, w, b: F.group_norm(a, 2, w, b), 8)
case("group_norm/eps", "x:3x4 x:4", lambda a, w: F.group_norm(a, 1, w, eps=0.5), 4)
case("group_norm/empty", "x:0x4x3 x:4 x:4", lambda a, w, b: F.group_norm(a, 2, w, b), 1)

"""Cases of ops that multiply matrices."""
import torch
import torch.nn.functional as F

from op_case import case

for variant, n, k, m in (("plain", 2, 3, 4), ("one", 1, 1, 1), ("empty", 0, 3, 2),
                         ("nothing", 2, 0, 3),
                         ("long", 3, 40, 2)):
    case(f"mm/{variant}", f"x:{n}x{k} x:{k}x{m}", torch.mm, max(n, k, m))
    case(f"bmm/{variant}", f"x:2x{n}x{k} x:2x{k}x{m}", torch.bmm, max(n, k, m))
    case(f"mv/{variant}", f"x:{n}x{k} x:{k}", torch.mv, max(n, k))
    case(f"dot/{variant}", f"x:{k} x:{k}", torch.dot, k)
    case(f"addmm/{variant}", f"x:{m} x:{n}x{k} x:{k}x{m}", torch.addmm, max(n, k, m))
    case(f"linear/{variant}", f"x:{n}x{k} x:{m}x{k} x:{m}", F.linear, max(n, k, m))
case("mm/whole", "i9:2x3 i9:3x2", torch.mm)
case("addmm/matrix", "x:2x4 x:2x3 x:3x4", torch.addmm, 4)
case("linear/plain_weight", "x:2x3 x:4x3", F.linear, 4)
case("linear/batch", "x:2x2x3 x:4x3 x:4", F.linear, 4, "*")
case("linear/vector", "x:3 x:4x3 x:4", F.linear, 4, "*")
case("matmul/vectors", "x:3 x:3", torch.matmul, 3)
case("matmul/matrix_vector", "x:2x3 x:3", torch.matmul, 3)
case("matmul/vector_matrix", "x:3 x:3x2", torch.matmul, 3, "*")
case("matmul/matrices", "x:2x3 x:3x4", torch.matmul, 4)
case("matmul/batch", "x:2x2x3 x:2x3x2", torch.matmul, 3, "*")
case("matmul/folded", "x:2x2x3 x:3x2", torch.matmul, 4, "*")
case("matmul/broadcast", "x:2x1x2x3 x:4x3x1", torch.matmul, 8, "*")
case("matmul/batch_vector", "x:2x2x3 x:3", torch.matmul, 4, "*")
case("matmul/empty", "x:0x3 x:3x2", torch.matmul, 3)

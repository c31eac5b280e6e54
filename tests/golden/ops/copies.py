"""Cases of ops that copy, convert or write in place."""
import torch

from op_case import case, unary

unary("clone", torch.clone)
unary("detach", lambda a: a.detach())
case("to/double", "x:2x3", lambda a: a.double() * 1, grad_fn="*")
case("to/whole", "x:2x3", lambda a: a.long())
case("to/bytes", "i300:5", lambda a: a.to(torch.uint8))
case("to/bool", "i2:5", lambda a: a.bool())
case("to/float", "i9:2x3", lambda a: a.float())
case("zero_/plain", "x:2x3", lambda a: a.clone().zero_())
case("zero_/scalar", "x:.", lambda a: a.clone().zero_())
case("zero_/whole", "i9:3", lambda a: a.clone().zero_())
case("zero_/empty", "x:0x2", lambda a: a.clone().zero_())
case("fill_/plain", "x:2x3", lambda a: a.clone().fill_(1.5))
case("fill_/scalar", "x:.", lambda a: a.clone().fill_(1.5))
case("fill_/whole", "i9:3", lambda a: a.clone().fill_(7))
case("fill_/empty", "x:0x2", lambda a: a.clone().fill_(1.5))
case("uniform_/gradient", "x:2x3", lambda a: a.clone().uniform_(2, 2))
case("normal_/gradient", "x:2x3", lambda a: a.clone().normal_(2, 0))
case("bernoulli_/gradient", "x:2x3", lambda a: a.clone().bernoulli_(1))
case("bernoulli/gradient", "x:2x3", lambda a: torch.bernoulli(a * 0 + 1))
case("copy_/same", "x:2x3 x:2x3", lambda a, b: a.clone().copy_(b))
case("copy_/row", "x:2x3 x:3", lambda a, b: a.clone().copy_(b))
case("copy_/scalar", "x:2x3 x:.", lambda a, b: a.clone().copy_(b))
case("copy_/whole", "i9:3 x:3", lambda a, b: a.clone().copy_(b.detach()))
case("copy_/empty", "x:0x3 x:3", lambda a, b: a.clone().copy_(b))

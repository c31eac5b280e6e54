"""Golden values of nn.Transformer: tests/golden/transformer.safetensors, read by
tests/test_transformer_model.c. Parameters and inputs are drawn from a seed there too."""
import os
import warnings

import torch
from safetensors.torch import save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
warnings.simplefilter("ignore")
out = {}


def digest(t):
    """One number that depends on each element and its place."""
    flat = t.detach().double().flatten()
    return (flat * torch.arange(flat.numel(), dtype=torch.float64).cos()).sum()


def model(name, make, shapes, **masks):
    torch.manual_seed(6)
    module = make()
    out[f"{name}.start"] = torch.stack([digest(p) for p in module.parameters()])
    src, tgt = (torch.randn(*s, requires_grad=True) for s in shapes)
    y = module(src, tgt, **masks)
    (y * torch.randn(y.shape)).sum().backward()
    out[f"{name}.out"] = y.detach().clone().contiguous()
    out[f"{name}.gradients"] = torch.stack(
        [digest(t.grad) for t in [src, tgt, *module.parameters()]])


padding = torch.tensor([[False, False, True], [False, False, False]])
causal = nn.Transformer.generate_square_subsequent_mask
later = torch.ones(2, 3).triu(1).bool()
model("plain", lambda: nn.Transformer(4, 2, 1, 2, 5), [(3, 2, 4), (2, 2, 4)])
model("first", lambda: nn.Transformer(4, 2, 2, 1, 5, 0.0, "gelu", norm_first=True, batch_first=True,
                                      bias=False, layer_norm_eps=0.1),
      [(2, 3, 4), (2, 2, 4)], src_mask=causal(3), tgt_mask=causal(2), memory_mask=later,
      src_key_padding_mask=padding, tgt_key_padding_mask=padding[:, 1:],
      memory_key_padding_mask=padding, src_is_causal=True, tgt_is_causal=True)
model("unbatched", lambda: nn.Transformer(4, 2, 1, 1, 5, 0.25), [(3, 4), (2, 4)],
      tgt_mask=causal(2), memory_key_padding_mask=padding[0])
save_file(out, os.path.join(HERE, "transformer.safetensors"))

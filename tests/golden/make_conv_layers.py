"""Golden values of the layers of convolutions and of resampling: tests/golden/conv_layers.safetensors.

Run with PyTorch and safetensors. The parameters, the input and the output's gradient are drawn from a
seed, in this order, and not stored. The text "layers" has a line for each: its name here, how it is printed,
and the names in its state dict."""
import os

import torch
from safetensors.torch import save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
out, texts = {}, []


def layer(name, make, *shape):
    torch.manual_seed(5)
    m = make()
    x = torch.randn(*shape, requires_grad=True)
    y = m(x)
    y.backward(torch.randn(y.shape))
    out[f"{name}.y"], out[f"{name}.dx"] = y.detach(), x.grad
    for key, p in m.named_parameters():
        out[f"{name}.d{key}"] = p.grad
    texts.append(" ".join([f"{name}: {m}:", *m.state_dict()]) + "\n")


layer("conv1d", lambda: nn.Conv1d(2, 4, 3, 2, 1, groups=2), 2, 2, 6)
layer("conv1d_same", lambda: nn.Conv1d(2, 2, 4, padding="same", padding_mode="reflect"), 1, 2, 5)
layer("conv1d_valid", lambda: nn.Conv1d(1, 2, 2, padding="valid", dilation=2, padding_mode="circular"), 1, 5)
layer("conv2d_window", lambda: nn.Conv2d(2, 2, (3, 2), (1, 2), (2, 0), (1, 2), padding_mode="circular"), 1, 2, 4, 5)
layer("conv2d_replicate", lambda: nn.Conv2d(1, 2, 3, padding=2, padding_mode="replicate", bias=False), 1, 1, 3, 2)
layer("conv2d_same", lambda: nn.Conv2d(1, 2, (2, 3), padding="same"), 1, 3, 4)
layer("conv2d_reflect", lambda: nn.Conv2d(1, 1, 3, padding=(1, 2), padding_mode="reflect"), 1, 1, 3, 4)
layer("conv2d_same_circular", lambda: nn.Conv2d(1, 1, (2, 3), padding="same", padding_mode="circular",
                                                dilation=(3, 1)), 1, 1, 4, 3)
layer("transpose1d", lambda: nn.ConvTranspose1d(4, 2, 3, 2, 1, 1, 2), 2, 4, 3)
layer("transpose2d", lambda: nn.ConvTranspose2d(2, 3, (2, 3), (2, 1), (0, 1), (1, 0), dilation=(1, 2)), 1, 2, 2, 3)
layer("transpose2d_plain", lambda: nn.ConvTranspose2d(2, 1, 2, 2, bias=False), 2, 2, 2)
layer("upsample", lambda: nn.Upsample(size=(3, 5), mode="bicubic", align_corners=True), 1, 1, 2, 3)
layer("upsample_factor", lambda: nn.Upsample(scale_factor=1.7, mode="linear", recompute_scale_factor=True), 1, 2, 3)
layer("upsampling_nearest", lambda: nn.UpsamplingNearest2d(3), 1, 1, 2, 2)
layer("upsampling_bilinear", lambda: nn.UpsamplingBilinear2d(scale_factor=1.5), 1, 1, 2, 3)
layer("local_response_norm", lambda: nn.LocalResponseNorm(3, alpha=0.5), 1, 4, 2)
save_file(out, os.path.join(HERE, "conv_layers.safetensors"), metadata={"layers": "".join(texts)})

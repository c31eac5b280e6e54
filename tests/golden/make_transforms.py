"""What torchvision.transforms.v2 gives for the transforms of io/transform.h: transforms.safetensors.

    python make_transforms.py

One tensor for each case of tests/test_transform.c: the result for picture(3, 4, 5) after torch.manual_seed(7), and
behind it DRAWS sums: one for each of as many results in a row for picture(3, 40, 36), weighted so that a shift or
a turn changes them.
"""

import pathlib

import torch
from safetensors.torch import save_file
from torchvision.transforms import v2

DRAWS = 8
torch.set_num_threads(1)
wide = {"interpolation": "bilinear"}
cases = {
    "flip": v2.RandomHorizontalFlip(),
    "vflip": v2.RandomVerticalFlip(0.3),
    "crop": v2.RandomCrop(4, padding=2),
    "crop_fill": v2.RandomCrop((5, 3), padding=2, fill=0.5),
    "crop_edge": v2.RandomCrop((4, 6), padding=(1, 2, 3, 0), padding_mode="edge"),
    "crop_reflect": v2.RandomCrop(6, padding=3, padding_mode="reflect"),
    "crop_symmetric": v2.RandomCrop(8, padding=4, padding_mode="symmetric"),
    "crop_needed": v2.RandomCrop((6, 7), pad_if_needed=True, fill=0.25),
    "center": v2.CenterCrop((3, 2)),
    "center_larger": v2.CenterCrop((7, 4)),
    "resize": v2.Resize(3),
    "resize_both": v2.Resize((7, 3)),
    "resize_aliased": v2.Resize((2, 3), antialias=False),
    "resized_crop": v2.RandomResizedCrop((4, 3)),
    "resized_crop_middle": v2.RandomResizedCrop(4, scale=(0.9, 1), ratio=(3, 4)),
    "resized_crop_tall": v2.RandomResizedCrop(4, scale=(0.9, 1), ratio=(0.2, 0.3)),
    "rotate": v2.RandomRotation(40),
    "rotate_fill": v2.RandomRotation((10, 60), fill=0.75),
    "rotate_bilinear": v2.RandomRotation(30, **wide),
    "rotate_bilinear_fill": v2.RandomRotation(30, fill=0.75, **wide),
    "rotate_180": v2.RandomRotation((180, 180)),
    "rotate_90": v2.RandomRotation((90, 90)),
    "affine": v2.RandomAffine(20, translate=(0.2, 0.3), scale=(0.8, 1.2), shear=(-10, 10)),
    "affine_both": v2.RandomAffine(20, shear=(-10, 10, -5, 8), fill=0.2, **wide),
    "jitter": v2.ColorJitter(0.4, 0.4, 0.4, 0.1),
    "jitter_brightness": v2.ColorJitter(brightness=1.5),
    "jitter_contrast": v2.ColorJitter(contrast=0.4),
    "jitter_saturation": v2.ColorJitter(saturation=0.4),
    "jitter_hue": v2.ColorJitter(hue=0.5),
    "jitter_ranges": v2.ColorJitter(brightness=(0.5, 0.7), hue=(0.1, 0.2)),
    "gray": v2.RandomGrayscale(0.5),
    "noise": v2.GaussianNoise(),
    "noise_shift": v2.GaussianNoise(mean=0.1, sigma=0.3, clip=False),
    "erase": v2.RandomErasing(),
    "erase_value": v2.RandomErasing(1, scale=(0.1, 0.6), ratio=(0.5, 2), value=0.25),
    "erase_random": v2.RandomErasing(1, value="random"),
    "erase_never": v2.RandomErasing(1, scale=(0.99, 1), ratio=(0.9, 1.1)),
    "normalize": v2.Normalize((0.4, 0.5, 0.6), (0.2, 0.3, 0.4)),
    "apply": v2.RandomApply([v2.RandomHorizontalFlip(), v2.ColorJitter(0.3)], p=0.6),
}
batches = {
    "mixup": v2.MixUp(alpha=0.2, num_classes=4),
    "mixup_1": v2.MixUp(num_classes=4),
    "cutmix": v2.CutMix(num_classes=4),
    "cutmix_3": v2.CutMix(alpha=3.0, num_classes=4),
}


def picture(channels, height, width):
    i = torch.arange(channels * height * width)
    return ((i * 37 + 11) % 101).float().div(100).view(channels, height, width)


def weighted(x):
    return (x.double().flatten() * (torch.arange(x.numel()) % 17 + 1)).sum().float()


def results(transform):
    torch.manual_seed(7)
    small = transform(picture(3, 4, 5))
    torch.manual_seed(7)
    large = picture(3, 40, 36)
    return torch.cat([small.flatten(), torch.stack([weighted(transform(large)) for _ in range(DRAWS)])])


def batch_results(transform):
    x, y = picture(3, 4, 5).view(3, 1, 4, 5), torch.tensor([0, 2, 3])
    torch.manual_seed(7)
    pairs = [transform(x, y) for _ in range(DRAWS)]
    sums = torch.stack([weighted(torch.cat([a.flatten(), b.flatten()])) for a, b in pairs])
    return torch.cat([pairs[0][0].flatten(), pairs[0][1].flatten(), sums])


tensors = {name: results(t) for name, t in cases.items()} | {name: batch_results(t) for name, t in batches.items()}
save_file({name: t.contiguous() for name, t in tensors.items()}, pathlib.Path(__file__).with_name("transforms.safetensors"))

"""The batches of PyTorch's DataLoader over 11 samples, for tests/test_loader.c.

    python make_loader.py > loader.txt

A line has a case, the sizes of its options (batch size, drop_last, draws, 0 or 1 for a generator), and then the
numbers of the samples, epoch by epoch: -1 ends a batch, -2 an epoch, -3 an epoch that is given up. The last two
numbers are floor(rand() * 2^24) of the default generator and, where there is one, of the loader's.
"""

import torch
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

SAMPLES = TensorDataset(torch.arange(11))
WEIGHTS = [1, 2, 3, 4, 0, 1, 1, 1, 9, 1, 0.5]


def case(name, batch, drop=False, draws=0, generator=False, give_up=False):
    torch.manual_seed(7)
    g = torch.Generator().manual_seed(2026) if generator else None
    options = {"batch_size": batch, "drop_last": drop, "generator": g}
    if name.startswith("weights") or name.startswith("once"):
        options["sampler"] = WeightedRandomSampler(WEIGHTS, draws or 11, name.startswith("weights"), generator=g)
    elif name.startswith("shuffle"):
        options["shuffle"] = True
    loader = DataLoader(SAMPLES, **options)
    numbers = []
    for epoch in range(3):
        for k, (x,) in enumerate(loader):
            numbers += x.tolist() + [-1]
            if give_up and k == 1 and epoch == 1:
                numbers.append(-3)
                break
        else:
            numbers.append(-2)
    numbers.append(int(torch.rand(1) * 2**24))
    numbers.append(int(torch.rand(1, generator=g) * 2**24) if g else 0)
    print(name, batch, int(drop), draws, int(generator), len(numbers), *numbers)


for with_generator in (False, True):
    case("plain", 4, generator=with_generator)
    case("shuffle", 3, generator=with_generator)
    case("shuffle", 3, drop=True, generator=with_generator)
    case("shuffle", 11, generator=with_generator)
    case("shuffle_given_up", 4, generator=with_generator, give_up=True)
    case("weights", 3, draws=8, generator=with_generator)
    case("weights", 4, drop=True, draws=14, generator=with_generator)
    case("weights", 1, draws=1, generator=with_generator)
    case("weights", 5, generator=with_generator)
    case("once", 3, draws=8, generator=with_generator)

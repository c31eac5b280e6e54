"""Writes creation.txt: what PyTorch makes by arange and linspace, and draws into tensors of any layout.

    arange DTYPE START END STEP = SIZE HASH
    linspace DTYPE START END STEPS = HASH
    uniform DTYPE LAYOUT = HASH              x.uniform_(-0.3, 0.7)
    bernoulli DTYPE LAYOUT = HASH            x.bernoulli_(0.3)
    normal DTYPE LAYOUT = the sum of (i + 1) x[i], and the last three values, of x.normal_()
    rand_like DTYPE LAYOUT = HASH
    randn_like DTYPE LAYOUT = as normal
    each DTYPE LAYOUT = HASH                 torch.bernoulli(p), p = i / N

Numbers are in hexadecimal. HASH is FNV-1a, 64 bits, of the result's bytes, row by row. Draws are from a
generator of seed 11. LAYOUT is SHAPE STRIDES, with commas. arange on one thread: with more, PyTorch cuts
long ones elsewhere. The vectors are those of a processor with AVX2.
"""

import os
import random

import torch

DTYPES = {"f32": torch.float32, "f64": torch.float64, "i64": torch.int64, "i32": torch.int32,
          "u8": torch.uint8, "bool": torch.bool}
LAYOUTS = (((3, 5), (5, 1)), ((5, 3), (1, 5)), ((3, 4), (8, 2)), ((4, 3), (2, 8)), ((20, 2), (1, 20)),
           ((4, 2, 3), (1, 12, 4)), ((3, 2, 4), (4, 12, 1)), ((2, 1, 3), (3, 50, 1)), ((2, 3, 2, 2), (1, 2, 6, 12)),
           ((17,), (2,)), ((0, 3), (3, 1)), ((7, 11), (1, 7)))
STRETCHED = (((2, 5), (3, 3)), ((5, 2), (3, 3)), ((4, 5), (1, 0)), ((5, 4), (0, 1)), ((9, 5, 7), (1, 0, 9)), ((3, 4, 5, 2), (1, 0, 3, 0)))


def fnv(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return f"{h:016x}"


def hashed(x):
    return fnv(x.contiguous().numpy().tobytes())


def written(layout):
    return " ".join(",".join(map(str, part)) for part in layout)


def tensor(dtype, layout):
    shape, strides = layout
    count = 1 + sum(max(n - 1, 0) * s for n, s in zip(shape, strides))
    return torch.zeros(count, dtype=DTYPES[dtype]).as_strided(shape, strides)


def normals(x):
    values = x.flatten().double().tolist()
    return " ".join(f"{v:.7f}" for v in [sum((i + 1) * v for i, v in enumerate(values))] + values[-3:])


def ranges():
    choose = random.Random(3)
    for dtype, bound, whole in (("f32", 10, False), ("f64", 10, False), ("i64", 10**12, True),
                                ("i32", 10**6, True), ("u8", 200, True)):
        for size in (0, 1, 2, 7, 8, 15, 16, 17, 31, 33, 100, 1000):
            start, step = choose.uniform(0, bound), choose.choice((0.1, 1 / 3, choose.uniform(0.01, 3)))
            if whole:
                start, step = int(start / 2), max(1, int(bound / 2 / max(size, 1)))
                size = min(size, (bound - start) // step)
            end = start + step * (size - 0.25) if size else start
            if choose.random() < 0.4 and dtype != "u8":
                start, end, step = -start, -end, -step
            x = torch.arange(start, end, step, dtype=DTYPES[dtype])
            yield f"arange {dtype} {float(start).hex()} {float(end).hex()} {float(step).hex()} = {len(x)} {hashed(x)}"
            start, end = choose.uniform(0, bound), choose.uniform(0, bound)
            if choose.random() < 0.4 and dtype != "u8":
                end = -end
            x = torch.linspace(start, end, size, dtype=DTYPES[dtype])
            yield f"linspace {dtype} {start.hex()} {end.hex()} {size} = {hashed(x)}"


def draws():
    g = torch.Generator()
    for layout in LAYOUTS + STRETCHED:
        for dtype in ("f32", "f64"):
            at = f"{dtype} {written(layout)}"
            x = tensor(dtype, layout)
            yield f"rand_like {at} = {hashed(torch.rand_like(x, generator=g.manual_seed(11)))}"
            yield f"randn_like {at} = {normals(torch.randn_like(x, generator=g.manual_seed(11)))}"
            if layout in STRETCHED:
                continue
            yield f"uniform {at} = {hashed(x.uniform_(-0.3, 0.7, generator=g.manual_seed(11)))}"
            yield f"normal {at} = {normals(x.normal_(generator=g.manual_seed(11)))}"
            p = torch.arange(x.numel(), dtype=x.dtype).reshape(x.shape) / max(x.numel(), 1)
            yield f"each {at} = {hashed(torch.bernoulli(x.copy_(p), generator=g.manual_seed(11)))}"
        for dtype in ("i64", "u8", "bool"):
            if layout not in STRETCHED:
                x = tensor(dtype, layout).bernoulli_(0.3, generator=g.manual_seed(11))
                yield f"bernoulli {dtype} {written(layout)} = {hashed(x)}"


def main():
    torch.set_num_threads(1)
    path = os.path.join(os.path.dirname(__file__), "creation.txt")
    with open(path, "w", encoding="ascii") as out:
        for group in (ranges, draws):
            for line in group():
                out.write(line + "\n")
    print(os.path.getsize(path), "bytes")


main()

"""Writes random.txt: calls to PyTorch's default generator on the CPU and what they gave, in order.

    seed S
    uniform DTYPE N FROM TO = HASH
    normal DTYPE N MEAN STD STEP = the last value, the one STEP before it, and so on
    integers DTYPE N LOW HIGH = HASH
    bernoulli DTYPE N P = HASH
    each DTYPE N = HASH           probabilities i / N of that dtype, for i = 0 .. N - 1; result in DTYPE
    permutation N = HASH
    state KEPT = HASH             of torch.get_rng_state() with KEPT, the normal number it keeps, as 0

HASH is FNV-1a, 64 bits, of the result's bytes. A line depends on those before it up to the last seed.
bernoulli is right on processors that are not Intel's only (there PyTorch takes it from MKL).
"""

import os
import random
import struct

import torch

DTYPES = {"f32": torch.float32, "f64": torch.float64, "i64": torch.int64, "i32": torch.int32,
          "u8": torch.uint8, "bool": torch.bool}
SIZES = (1, 2, 3, 15, 16, 17, 31, 32, 33, 40, 47, 48, 1000)
KEPT_AT = 5024


def fnv(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return f"{h:016x}"


def hashed(x):
    return fnv(x.numpy().tobytes())


def uniform(dtype, n, a, b):
    x = torch.empty(n, dtype=DTYPES[dtype]).uniform_(a, b)
    return f"uniform {dtype} {n} {a} {b} = {hashed(x)}"


def normal(dtype, n, mean, std, step):
    x = torch.empty(n, dtype=DTYPES[dtype]).normal_(mean, std).tolist()
    values = " ".join(f"{v:.7f}" for v in x[::-1][::step])
    return f"normal {dtype} {n} {mean} {std} {step} = {values}"


def integers(dtype, n, low, high):
    x = torch.randint(low, high, (n,), dtype=DTYPES[dtype])
    return f"integers {dtype} {n} {low} {high} = {hashed(x)}"


def bernoulli(dtype, n, p):
    return f"bernoulli {dtype} {n} {p} = {hashed(torch.empty(n, dtype=DTYPES[dtype]).bernoulli_(p))}"


def each(dtype, n):
    p = torch.arange(n, dtype=DTYPES[dtype]) / n
    return f"each {dtype} {n} = {hashed(torch.bernoulli(p))}"


def permutation(n):
    return f"permutation {n} = {hashed(torch.randperm(n))}"


def state():
    data = bytearray(torch.get_rng_state().numpy().tobytes())
    kept = struct.unpack_from("<d", data, KEPT_AT)[0]
    data[KEPT_AT:KEPT_AT + 8] = bytes(8)
    return f"state {kept!r} = {fnv(data)}"


BOUNDS = {"i64": ((0, 10), (-5, 7), (0, 2**28 - 1), (0, 2**28), (3, 2**31), (0, 2**32), (-5, 2**32 + 7), (-2**40, 2**50), (-2**63, 2**63 - 1)),
          "i32": ((0, 100), (-2**31, 2**31 - 1)), "u8": ((0, 256), (1, 6)), "bool": ((0, 2),),
          "f32": ((0, 10), (-2**24, 2**24)), "f64": ((-3, 4), (-2**53, 2**53))}


def any_call(choose):
    n = choose(SIZES)
    floating = choose(("f32", "f64"))
    kind = choose(("uniform", "normal", "normal", "normal", "integers", "bernoulli", "each", "permutation"))
    if kind == "uniform":
        return uniform(floating, n, *choose(((0, 1), (-0.3, 0.7), (-0.1, 0.1), (2.5, 1000.125))))
    if kind == "normal":
        return normal(floating, n, *choose(((0, 1), (0, 1), (2.5, 0.3), (-1, 0))), max(1, n // 4))
    if kind == "integers":
        dtype = choose(tuple(BOUNDS))
        return integers(dtype, n, *choose(BOUNDS[dtype]))
    if kind == "bernoulli":
        return bernoulli(choose(tuple(DTYPES)), n, choose((0, 0.1, 0.5, 0.9, 1)))
    return each(floating, n) if kind == "each" else permutation(n)


def lines():
    for seed in (0, 1, 42, 2**31, 2**32 - 1, 2**40 + 42, 2**64 - 1):
        torch.manual_seed(seed if seed < 2**63 else seed - 2**64)
        yield f"seed {seed}"
        yield state()
        choose = random.Random(seed).choice
        for _ in range(30):
            yield any_call(choose)
        yield state()
    for dtype in ("f32", "f64"):
        for n in SIZES:
            torch.manual_seed(n)
            yield f"seed {n}"
            yield normal(dtype, n, 0, 1, 1 if n <= 40 else 50)
            yield uniform(dtype, n, 0, 1)
            yield state()
    torch.manual_seed(5)
    yield "seed 5"
    for n in (0, 1, 2, 10, 1000, 100000):
        yield permutation(n)
    for n in (0, 1, 624, 625, 100001):
        yield uniform("f32", n, 0, 1)
    yield state()


def main():
    path = os.path.join(os.path.dirname(__file__), "random.txt")
    with open(path, "w", encoding="ascii") as out:
        for line in lines():
            out.write(line + "\n")
    print(os.path.getsize(path), "bytes")


main()

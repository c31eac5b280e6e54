"""Writes format.txt.gz: what print(tensor) gives in PyTorch for many arrays, which test_format.c rebuilds.

Each case is a line that describes the array and then the text:

    # DTYPE SHAPE STRIDES OFFSET COUNT VALUES GRAD

SHAPE and STRIDES are numbers with commas ("." for none), OFFSET is the first element in a storage of
COUNT elements. Element i of the storage is, computed in double and then converted:

    lin:A:B     A + B * i
    mix:A:B     A + B * ((i * 2654435761 mod 2^32) / 2^32)
    int:A:B     A + (i * 2654435761 mod 2^32) mod B, in integers
    exp:A:B     2^(A + i mod B), negative for every third i
    list:X,Y,Z  these over and over, as C's strtod reads them

"dtype=torch.float64" is written "dtype=float64": the library has no torch.
"""

import gzip
import io
import math
import os

import torch

DTYPES = {"f32": torch.float32, "f64": torch.float64, "i64": torch.int64, "i32": torch.int32,
          "u8": torch.uint8, "bool": torch.bool}


def value(kind, arguments, i):
    if kind == "list":
        return arguments[i % len(arguments)]
    a, b = arguments
    hashed = i * 2654435761 % 2**32
    if kind == "lin":
        return a + b * i
    if kind == "mix":
        return a + b * (hashed / 2**32)
    if kind == "int":
        return int(a) + hashed % int(b)
    return (-1.0 if i % 3 == 2 else 1.0) * math.ldexp(1.0, int(a) + i % int(b))


def number(text):
    return float.fromhex(text) if "0x" in text else float(text)


def storage(dtype, count, values):
    kind, _, rest = values.partition(":")
    if kind == "list":
        arguments = [number(x) for x in rest.split(",")]
    else:
        arguments = [number(x) for x in rest.split(":")]
    made = [value(kind, arguments, i) for i in range(count)]
    if dtype == "bool":
        made = [x != 0 for x in made]
    elif not dtype.startswith("f"):
        made = [int(x) for x in made]
    return torch.tensor(made, dtype=DTYPES[dtype])


def contiguous(shape):
    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step *= max(size, 1)
    return strides


cases = []


def case(dtype, shape, values, strides=None, offset=0, count=None, grad=None):
    shape = list(shape)
    strides = contiguous(shape) if strides is None else list(strides)
    if count is None:
        count = 0 if 0 in shape else offset + 1 + sum((n - 1) * s for n, s in zip(shape, strides))
    cases.append((dtype, shape, strides, offset, count, values, grad))


def written(numbers):
    return ",".join(map(str, numbers)) or "."


def text(entry):
    dtype, shape, strides, offset, count, values, grad = entry
    x = torch.as_strided(storage(dtype, count, values), shape, strides, offset)
    name = "-"
    if grad:
        x.requires_grad_()
        name = "requires_grad=True"
        if grad != "leaf":
            x = grad(x)
            name = f"grad_fn=<{type(x.grad_fn).__name__}>"
    head = f"# {dtype} {written(shape)} {written(strides)} {offset} {count} {values} {name}"
    return head + "\n" + str(x).replace("dtype=torch.", "dtype=") + "\n"


def scalars():
    for x in ("0", "-0.0", "1", "-1", "3.14159", "1e8", "100000001", "1e9", "1e-4", "0.00009", "inf",
              "-inf", "nan", "123456.789", "0x1p-149", "16777216", "0.5", "2.5", "0.00005", "1e38"):
        case("f32", (), "list:" + x)
    for x in ("0x1p-1074", "1e300", "0.1", "1e-320", "-99999999.9", "1e8", "0.99995", "9.99995"):
        case("f64", (), "list:" + x)
    for dtype, x in (("i64", "-9007199254740992"), ("i32", "-2147483648"), ("u8", "255"), ("bool", "1"),
                     ("bool", "0"), ("i64", "0")):
        case(dtype, (), "list:" + x)


def vectors():
    for n in (1, 2, 7, 11, 12, 13, 25):
        case("f32", (n,), "mix:0:1")
        case("f32", (n,), "lin:0:1")
        case("i64", (n,), "int:-500:1000")
        case("bool", (n,), "int:0:2")
    for n in (9, 10, 11):
        case("f64", (n,), "mix:-1:2")
        case("u8", (n,), "int:0:256")
        case("i32", (n,), "int:-100000:200000")
    case("i64", (5,), "int:4611686018427387904:4294967295")
    for special in ("nan", "inf", "-inf", "nan,inf,-inf", "0", "-0.0,0", "nan,1", "inf,-1000,2", "nan,0.5",
                    "inf,1e9", "-inf,nan,1e-9,0", "0,100000", "1,1000", "1,1001", "0.001,1", "0.00099,1",
                    "0.0001,0.05", "0.00009,0.05", "100000000,99999990", "100000010,99999990", "-0.0,1.5",
                    "0.99999,1", "9.99996,-9.99994", "0.5,1.5,2.5,3.5", "1e-45,1", "3e38,1e-38", "-0.00001,-0.0"):
        case("f32", (4,), "list:" + special)
    for special in ("1e-310,2e-310", "1e-310,1e300", "1e100,1e-5", "0x1p-1074", "1e15,2e15", "12345678.9",
                    "0.0001,0.05", "0.00009999,0.05", "0.30000000000000004,0.1", "nan", "inf,1", "-0.0"):
        case("f64", (3,), "list:" + special)
    case("f32", (12,), "exp:-20:40")
    case("f64", (12,), "exp:-5:9")
    case("f32", (9,), "exp:0:9")


def matrices():
    for shape in ((1, 1), (2, 3), (3, 1), (1, 5), (5, 2)):
        case("f32", shape, "mix:-1:2")
        case("i64", shape, "lin:0:1")
    case("f32", (3, 13), "mix:-100:200")
    case("f32", (2, 10), "mix:0:1")
    case("f32", (1, 2, 10), "mix:0:1")
    case("f32", (2, 9), "exp:-10:30")
    case("f64", (4, 4), "lin:0:0.25")
    case("bool", (3, 14), "int:0:2")
    case("u8", (4, 4), "int:0:256")
    case("i32", (3, 4), "int:-1000000:2000000")
    case("f32", (3, 3), "list:nan,1.5,inf,-inf")
    for shape in ((2, 3, 4), (1, 1, 1), (3, 1, 2), (1, 4, 1)):
        case("i64", shape, "lin:0:1")
        case("f32", shape, "mix:0:1")
    for shape in ((2, 2, 2, 2), (1, 2, 1, 3), (2, 1, 2, 13), (1, 1, 1, 1)):
        case("f32", shape, "lin:0:0.5")
    case("i64", (2, 1, 2, 1, 2), "lin:0:1")
    case("f64", (1,) * 8, "list:7")
    case("bool", (2, 1, 1, 2, 1, 1, 1, 2), "int:0:2")
    case("f32", (2,) * 6, "mix:-3:6")


def empty():
    for dtype in DTYPES:
        case(dtype, (0,), "lin:0:1")
    for shape in ((0, 3), (3, 0), (2, 0, 4), (0, 0), (1, 0, 1, 1), (0,) * 8, (123456789, 0, 987654321)):
        case("f32", shape, "lin:0:1")
        case("i64", shape, "lin:0:1")
    case("f64", (1234567, 0, 98765, 1234, 765), "lin:0:1")
    case("f32", (0, 3), "lin:0:1", grad="leaf")
    case("f64", (2, 0), "lin:0:1", grad=lambda x: x * 1)


def summaries():
    case("u8", (1000,), "int:0:2")
    case("f32", (1001,), "lin:0:1")
    case("f32", (1001,), "mix:0:1")
    case("i64", (100000,), "int:-5000:10000")
    case("bool", (1001,), "int:0:2")
    case("f64", (1001,), "exp:-500:1001")
    case("f32", (1500,), "lin:0:0.001")
    for shape in ((50, 50), (40, 40), (7, 150), (6, 170), (150, 7), (170, 6), (334, 3), (1, 1001), (1001, 1),
                  (2, 600), (5, 201)):
        case("f32", shape, "mix:-1:2")
    for shape in ((2, 3, 200), (7, 7, 21), (1, 1, 1001), (1001, 1, 1), (20, 2, 30)):
        case("i64", shape, "lin:0:1")
    case("f32", (7, 2, 10, 8), "mix:0:1")
    case("f64", (40, 40), "mix:-1:2", grad=lambda x: x * 1)
    case("f32", (40, 40), "list:nan")
    case("f32", (1100,), "list:1,1e9,2,3")


def edges():
    """The borders of what decides how numbers are written and lines are broken."""
    for dtype in ("u8", "bool", "f64"):
        case(dtype, (2, 0, 3), "lin:0:1")
    case("f32", (4,), "list:1000.00006,1,0.5,-0.0")
    case("f32", (4,), "list:999.99994,1,0.5,-0.0")
    case("f64", (3,), "list:100000000.00000001,0.99999999,1")
    case("f32", (3,), "list:99999.999,100000.001,0.1")
    case("f32", (2, 501, 2), "mix:-1:2", strides=(1, 4, 2))
    case("f64", (13, 9, 11), "exp:-300:600", grad=lambda x: x * 1)
    case("bool", (2, 2, 300), "int:0:2", strides=(1, 600, 2))
    case("i64", (1100,), "int:-9223372036854775808:4294967295")


def views():
    case("f32", (3, 2), "lin:0:1", strides=(1, 3))
    case("f32", (4, 3, 2), "mix:-1:2", strides=(1, 4, 12))
    case("i64", (5,), "lin:0:1", strides=(2,), offset=1)
    case("i64", (3, 4), "lin:0:1", strides=(0, 1))
    case("f64", (3, 4), "lin:0.5:1", strides=(1, 0), offset=2)
    case("f32", (2, 2), "mix:0:1", strides=(0, 0), offset=5)
    case("f32", (2000,), "lin:0:1", strides=(0,))
    case("bool", (2, 3), "int:0:2", strides=(6, 2), offset=1)
    case("u8", (3, 3), "lin:0:1", strides=(1, 5), offset=3)


def named(length):
    """A function whose grad_fn, as it is printed, has this many characters."""
    name = "N" * (length - len("grad_fn=<Backward>"))
    return type(name, (torch.autograd.Function,), {
        "forward": staticmethod(lambda ctx, x: x.clone()),
        "backward": staticmethod(lambda ctx, dy: dy),
    }).apply


def grads():
    case("f64", (10,), "lin:10:1")
    case("u8", (13,), "lin:10:1")
    for length in (51, 52, 53, 54):
        case("f64", (7,), "mix:0:1", grad=named(length))
    for n in range(5, 13):
        case("f32", (n,), "mix:0:1", grad="leaf")
        case("f64", (n,), "mix:0:1", grad="leaf")
    for n in (1, 4, 5, 6, 7, 8):
        case("f32", (n,), "mix:0:1", grad=lambda x: x * 1)
        case("f64", (n,), "mix:0:1", grad=lambda x: x.clone())
        case("f32", (2, n), "mix:0:1", grad=lambda x: x.as_strided(x.size(), x.stride()))
    case("f32", (), "list:2.5", grad="leaf")
    case("f64", (), "list:2.5", grad=lambda x: x + 0)
    case("f32", (2, 3), "mix:-1:2", grad="leaf")
    case("f32", (1, 2, 3), "mix:-1:2", grad=lambda x: x * 1)
    for n in range(13, 22):
        case("i32", (n,), "list:7")


def main():
    for group in (scalars, vectors, matrices, empty, summaries, edges, views, grads):
        group()
    path = os.path.join(os.path.dirname(__file__), "format.txt.gz")
    with (
        open(path, "wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="ascii") as out,
    ):
        for entry in cases:
            out.write(text(entry))
    print(f"{len(cases)} cases, {os.path.getsize(path)} bytes")


main()

"""Writes tests/golden/bmp_runs.txt: random run-length-encoded bitmaps, and what PIL reads from them.

Each line: bits (8: RLE8, 4: RLE4) width height runs-in-hex crc32(pixels as RGB)
The palette is the one of tests/pictures.h: colour i is red 7 i, green 5 i, blue 3 i (mod 256).

Only bitmaps that PIL reads as the format demands: PIL loses an empty row (an end of a row right after
another), and refuses a bitmap that ends before its last pixel. Run: python make_bmp_runs.py
(Pillow 10 or later)
"""
import io
import pathlib
import random
import struct
import zlib

import numpy as np
from PIL import Image

rng = random.Random(1)


def bitmap(bits, width, height, runs):
    colors = 1 << bits
    palette = b"".join(bytes([3 * i & 255, 5 * i & 255, 7 * i & 255, 0]) for i in range(colors))
    offset = 54 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 1 if bits == 8 else 2, len(runs), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", offset + len(runs), 0, 0, offset) + info + palette + runs


def single(bits, count):
    size = count if bits == 8 else (count + 1) // 2
    return bytes([0, count]) + rng.randbytes(size) + b"\0" * (size % 2)


def row(bits, width):
    """Runs that fill a row; now and then they are too long or end early."""
    out, x = b"", 0
    while x < width:
        kind = rng.random()
        if kind < 0.55 or width - x < 3:
            count = rng.randint(1, 9)
            out += bytes([count, rng.randrange(256)])
        elif kind < 0.85:
            count = rng.randint(3, min(9, width - x))
            out += single(bits, count)
        elif kind < 0.93 and x > 0 and width - x > 2:
            count = rng.randint(1, 2)
            out += bytes([0, 2, count, 0])
        elif x > 0:
            break
        else:
            continue
        x += count
    return out


def runs(bits, width, height):
    out, y = b"", 0
    while y < height:
        out += row(bits, width)
        if y + 2 < height and rng.random() < 0.2:
            out += bytes([0, 0, 0, 2, rng.randint(0, width - 1), 1])
            out += bytes([rng.randint(1, 9), rng.randrange(256)])
            y += 1
        out += b"\0\0"
        y += 1
    return out[:-2] + b"\0\1"


lines = []
while len(lines) < 40:
    bits = (8, 4)[len(lines) % 2]
    width, height = rng.randint(3, 24), rng.randint(1, 7)
    data = runs(bits, width, height)
    try:
        pixels = np.asarray(Image.open(io.BytesIO(bitmap(bits, width, height, data))).convert("RGB"))
    except ValueError:  # the last row ends early
        continue
    lines.append(f"{bits} {width} {height} {data.hex()} {zlib.crc32(pixels.tobytes()):08x}\n")
(pathlib.Path(__file__).parent / "bmp_runs.txt").write_text("".join(lines))

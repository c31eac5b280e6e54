"""Writes tests/golden/images/*.{jpg,png,bmp} (pictures drawn here), images.txt (what PIL reads from each),
resize.txt, panoramas.txt, and, with the shared data at hand, photographs.txt.

images.txt:      file width height crc32(pixels as RGB) orientation
resize.txt:      in_width in_height channels width height crc32 of the resized picture of test_resize.c
panoramas.txt:   width height crc32 of the picture of test_image_limits.c, resized to 256 and cropped to 224
photographs.txt: crc32(path below data/) crc32(decoded RGB) crc32(resized to 256 and cropped to 224)

Pixels are those of Image.open(path).convert("RGB"). Run: python tests/golden/make_image.py [SHARED]
"""
import io
import pathlib
import struct
import sys
import zlib

import numpy as np
from PIL import Image

here = pathlib.Path(__file__).parent
images = here / "images"


def picture(width, height, channels=3, seed=1):
    """Smooth waves with a little noise: compresses like a photograph, and no two rows are the same."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        127 + 90 * np.sin(x / (3 + c) + y / (5 - c)) + rng.normal(0, 12, (height, width)) for c in range(channels)
    ]
    data = np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)
    return data[:, :, 0] if channels == 1 else data


def save_jpeg(name, data, mode=None, **options):
    image = Image.fromarray(data) if mode is None else Image.fromarray(data, mode)
    image.save(images / name, "JPEG", **options)


def jpegs():
    save_jpeg("jpeg_420_17x13.jpg", picture(17, 13), quality=90, subsampling=2)
    save_jpeg("jpeg_422_21x9.jpg", picture(21, 9), quality=85, subsampling=1)
    save_jpeg("jpeg_444_16x16.jpg", picture(16, 16), quality=95, subsampling=0)
    save_jpeg("jpeg_progressive_19x18.jpg", picture(19, 18), quality=80, progressive=True, optimize=True)
    save_jpeg("jpeg_grey_15x11.jpg", picture(15, 11, 1), quality=90)
    save_jpeg("jpeg_grey_progressive_9x9.jpg", picture(9, 9, 1), quality=90, progressive=True)
    save_jpeg("jpeg_cmyk_12x10.jpg", picture(12, 10, 4), mode="CMYK", quality=90)
    save_jpeg("jpeg_restart_24x24.jpg", picture(24, 24), quality=75, restart_marker_blocks=1, optimize=True)
    save_jpeg("jpeg_1x1.jpg", picture(1, 1), quality=90, optimize=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    save_jpeg("jpeg_turned_6_8x4.jpg", picture(8, 4), quality=90, exif=exif, optimize=True)
    save_jpeg("jpeg_rgb_10x10.jpg", picture(10, 10), quality=90, keep_rgb=True)
    # Bytes after the end, and a damaged byte in the scan.
    (images / "jpeg_grey_junk_after_15x11.jpg").write_bytes((images / "jpeg_grey_15x11.jpg").read_bytes() + b"junk" * 5)
    damaged = bytearray((images / "jpeg_restart_24x24.jpg").read_bytes())
    damaged[-30] ^= 0x5A
    (images / "jpeg_damaged_24x24.jpg").write_bytes(damaged)
    # An Adobe marker with transform 2 turns CMYK, which PIL writes, into YCCK.
    cmyk = bytearray((images / "jpeg_cmyk_12x10.jpg").read_bytes())
    at = cmyk.index(b"Adobe")
    cmyk[at + 11] = 2
    (images / "jpeg_ycck_12x10.jpg").write_bytes(cmyk)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack(samples, depth):
    """Rows of samples (height, width * channels) to bytes, most significant bit first."""
    if depth == 16:
        return [row.astype(">u2").tobytes() for row in samples]
    bits = np.unpackbits(samples.astype(np.uint8)[..., None], axis=-1)[..., 8 - depth :]
    return [np.packbits(row.reshape(-1)).tobytes() for row in bits]


def filtered(rows, bpp):
    """Filter type i % 5 on row i, so that all five occur."""
    out = b""
    before = bytes(len(rows[0])) if rows else b""
    for i, row in enumerate(rows):
        kind = i % 5
        line = bytearray([kind])
        for x, value in enumerate(row):
            a = row[x - bpp] if x >= bpp else 0
            b = before[x]
            c = before[x - bpp] if x >= bpp else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line.append((value - [0, a, b, (a + b) // 2, paeth][kind]) & 255)
        out += bytes(line)
        before = row
    return out


def save_png(name, color, depth, width, height, interlace=False, extra=(), palette=None, parts=1, seed=3):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    rng = np.random.default_rng(seed)
    top = 1 << depth if palette is None else len(palette) // 3
    samples = rng.integers(0, top, (height, width, channels))
    if color == 0 and depth == 16:
        samples[::2] = samples[::2] % 400
    bpp = max(1, channels * depth // 8)
    passes = [(0, 0, 1, 1)]
    if interlace:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = b""
    for x0, y0, dx, dy in passes:
        part = samples[y0::dy, x0::dx]
        if part.size:
            raw += filtered(pack(part.reshape(part.shape[0], -1), depth), bpp)
    packed = zlib.compress(raw, 9)
    step = -(-len(packed) // parts)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace))
    if palette is not None:
        data += chunk(b"PLTE", palette)
    for kind, body in extra:
        data += chunk(kind, body)
    for i in range(0, len(packed), step):
        data += chunk(b"IDAT", packed[i : i + step])
    (images / name).write_bytes(data + chunk(b"IEND", b""))


def pngs():
    rng = np.random.default_rng(2)
    for depth in (1, 2, 4, 8, 16):
        save_png(f"png_grey_{depth}.png", 0, depth, 11, 7, seed=depth)
    for depth in (1, 2, 4, 8):
        save_png(f"png_palette_{depth}.png", 3, depth, 13, 6, palette=rng.bytes(3 * min(1 << depth, 40)))
    for color, name in ((2, "rgb"), (4, "grey_alpha"), (6, "rgba")):
        for depth in (8, 16):
            save_png(f"png_{name}_{depth}.png", color, depth, 7, 6, seed=color + depth)
    save_png("png_interlaced_rgb_8.png", 2, 8, 9, 10, interlace=True)
    save_png("png_interlaced_grey_1.png", 0, 1, 17, 9, interlace=True)
    save_png("png_interlaced_rgba_16.png", 6, 16, 5, 5, interlace=True)
    save_png("png_interlaced_palette_4_3x2.png", 3, 4, 3, 2, interlace=True, palette=rng.bytes(48))
    save_png("png_transparent_grey_8.png", 0, 8, 6, 6, extra=[(b"tRNS", b"\0\x80")])
    save_png("png_transparent_grey_16.png", 0, 16, 6, 6, extra=[(b"tRNS", b"\0\x80")])
    save_png("png_transparent_rgb_8.png", 2, 8, 5, 6, extra=[(b"tRNS", b"\0\1\0\2\0\3")])
    save_png("png_transparent_palette_2.png", 3, 2, 6, 6, palette=rng.bytes(12), extra=[(b"tRNS", b"\0\x80")])
    save_png("png_many_idat.png", 2, 8, 6, 6, parts=7)
    save_png("png_1x1.png", 2, 8, 1, 1)
    tiff = b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHH", 0x0112, 3, 1, 8, 0) + bytes(4)
    save_png("png_turned_8.png", 2, 8, 4, 3, extra=[(b"tEXt", b"Comment\0a text"), (b"eXIf", tiff)])
    # Colours that the palette lacks are black.
    raw = b"\0" + bytes([0, 1, 2, 200])
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 1, 8, 3, 0, 0, 0))
    data += chunk(b"PLTE", bytes([10, 20, 30, 40, 50, 60])) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    (images / "png_short_palette.png").write_bytes(data)


def save_bmp(name, width, height, bits, rows, palette=b"", header=40, compression=0, masks=b"", colors=0, no_offset=False):
    offset = 14 + header + (len(masks) if header == 40 else 0) + len(palette)
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(rows), 0, 0, colors, 0)
        info += masks
        info += bytes(max(0, header - len(info)))
    head = b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, 0 if no_offset else offset)
    (images / name).write_bytes(head + info + palette + rows)


def bmps():
    rng = np.random.default_rng(5)

    def rows(width, bits, height=5):
        return rng.bytes((width * bits + 31) // 32 * 4 * height)

    save_bmp("bmp_1.bmp", 11, 5, 1, rows(11, 1), palette=rng.bytes(8), colors=2)
    save_bmp("bmp_4.bmp", 7, 5, 4, rows(7, 4), palette=rng.bytes(64))
    save_bmp("bmp_8_short_palette.bmp", 6, 5, 8, rows(6, 8), palette=rng.bytes(4 * 100), colors=100)
    save_bmp("bmp_8_os2.bmp", 6, 5, 8, rows(6, 8), palette=rng.bytes(768), header=12)
    save_bmp("bmp_16.bmp", 33, 5, 16, rows(33, 16))
    save_bmp("bmp_16_565.bmp", 33, 5, 16, rows(33, 16), compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    save_bmp("bmp_24.bmp", 7, 5, 24, rows(7, 24))
    save_bmp("bmp_4_no_offset.bmp", 5, 5, 4, rows(5, 4), palette=rng.bytes(64), no_offset=True)
    save_bmp("bmp_16_no_offset.bmp", 5, 5, 16, rows(5, 16), compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F),
             no_offset=True)
    save_bmp("bmp_24_os2.bmp", 7, 5, 24, rows(7, 24), header=12)
    save_bmp("bmp_24_top_down.bmp", 7, -5, 24, rows(7, 24))
    save_bmp("bmp_24_unpadded.bmp", 7, 5, 24, rows(7, 24)[:-3])
    save_bmp("bmp_32.bmp", 7, 5, 32, rows(7, 32))
    save_bmp("bmp_32_v5_rgba.bmp", 7, 5, 32, rows(7, 32), header=124, compression=3,
             masks=struct.pack("<IIII", 0xFF, 0xFF00, 0xFF0000, 0xFF000000))
    save_bmp("bmp_32_v4.bmp", 7, 5, 32, rows(7, 32), header=108)


def runs(bits, rows):
    """RLE8 or RLE4: a row of one colour is a run, any other row single pixels, and None is skipped."""
    data, skipped = b"", 0
    for row in rows:
        if row is None:
            skipped += 1
            continue
        if skipped:
            data += bytes([0, 2, 0, skipped])
            skipped = 0
        if len(set(row)) == 1:
            data += bytes([len(row), row[0] * (17 if bits == 4 else 1)])
        else:
            packed = bytes(row) if bits == 8 else bytes(a << 4 | b for a, b in zip(row[::2], row[1::2] + [0]))
            data += bytes([0, len(row)]) + packed + bytes(len(packed) % 2)
        data += b"\0\0"
    return data[:-2] + b"\0\1"


def rle_bmps():
    rng = np.random.default_rng(11)
    for bits, name in ((8, "rle8"), (4, "rle4")):
        palette = rng.bytes(64)
        rows = [[7] * 9, [int(v) for v in rng.integers(0, 16, 9)], None, [3] * 9, list(range(9)), [15] * 9]
        save_bmp(f"bmp_{name}.bmp", 9, 6, bits, runs(bits, rows), palette=palette, compression=(8, 4).index(bits) + 1,
                 colors=16)
    save_bmp("bmp_rle8_top_down.bmp", 9, -6, 8, runs(8, rows), palette=palette, compression=1, colors=16)


def crc(data):
    return zlib.crc32(np.ascontiguousarray(data).tobytes())


def decode(path):
    image = Image.open(path)
    return image.convert("RGB"), image.getexif().get(0x0112, 0)


def list_images():
    lines = []
    for path in sorted(images.iterdir()):
        image, orientation = decode(path)
        lines.append(f"{path.name} {image.width} {image.height} {crc(np.asarray(image)):08x} {orientation}\n")
    (here / "images.txt").write_text("".join(lines))


def noise(count):
    """The generator of test_resize.c: x = 1664525 x + 1013904223 mod 2^32 from 1; the top byte of each."""
    x = 1
    out = bytearray(count)
    for i in range(count):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = x >> 24
    return np.frombuffer(bytes(out), np.uint8)


def resizes():
    rng = np.random.default_rng(7)
    cases = [(1, 1, 3, 1, 1), (1, 1, 3, 5, 7), (5, 7, 3, 1, 1), (40, 30, 3, 40, 30), (64, 48, 3, 28, 28),
             (300, 2, 3, 7, 9), (2, 300, 1, 9, 7), (97, 61, 4, 33, 95), (50, 40, 2, 50, 13), (50, 40, 3, 21, 40),
             (65535, 2, 3, 9, 7), (2, 65535, 1, 7, 9), (65535, 1, 1, 1, 1)]
    for i in range(54):
        a, b, c, d = (int(v) for v in rng.integers(1, 90, 4))
        cases.append((a, b, 1 + i % 4, c, d))
    lines = []
    for in_width, in_height, channels, width, height in cases:
        data = noise(in_width * in_height * channels).reshape(in_height, in_width, channels)
        planes = [data[:, :, c] for c in range(channels)]
        # One axis after the other, so that every version of Pillow takes the horizontal pass first. Planes one
        # by one, so that alpha is a channel like any other.
        out = [
            np.asarray(Image.fromarray(np.ascontiguousarray(p)).resize((width, in_height), Image.BILINEAR)
                       .resize((width, height), Image.BILINEAR))
            for p in planes
        ]
        lines.append(f"{in_width} {in_height} {channels} {width} {height} {crc(np.stack(out, -1)):08x}\n")
    (here / "resize.txt").write_text("".join(lines))


def panoramas():
    lines = []
    for width, height in ((20000, 20), (20, 20000), (65535, 40)):
        image = Image.fromarray(noise(width * height * 3).reshape(height, width, 3))
        size = (int(256 * width / height), 256) if width > height else (256, int(256 * height / width))
        # Two steps, so that every version of Pillow takes the horizontal pass first.
        image = image.resize((size[0], height), Image.BILINEAR).resize(size, Image.BILINEAR)
        lines.append(f"{width} {height} {crc(np.asarray(crop(image, 224))):08x}\n")
    (here / "panoramas.txt").write_text("".join(lines))


def shorter_side(image, shorter):
    short, long = sorted(image.size)
    longer = int(shorter * long / short)
    size = (shorter, longer) if image.width <= image.height else (longer, shorter)
    return image.resize(size, Image.BILINEAR)


def crop(image, size):
    left, top = round((image.width - size) / 2), round((image.height - size) / 2)
    return image.crop((left, top, left + size, top + size))


def photographs(shared):
    data = pathlib.Path(shared) / "data"
    lines = []
    for path in sorted(list((data / "hymenoptera").rglob("*")) + list((data / "photos").rglob("*"))):
        if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
            continue
        image, _ = decode(path)
        cropped = crop(shorter_side(image, 256), 224)
        name = zlib.crc32(str(path.relative_to(data)).encode())
        lines.append(f"{name:08x} {crc(np.asarray(image)):08x} {crc(np.asarray(cropped)):08x}\n")
    assert len({line[:8] for line in lines}) == len(lines)
    (here / "photographs.txt").write_text("".join(sorted(lines)))


if __name__ == "__main__":
    images.mkdir(exist_ok=True)
    for old in images.iterdir():
        old.unlink()
    jpegs()
    pngs()
    bmps()
    rle_bmps()
    list_images()
    resizes()
    panoramas()
    if len(sys.argv) > 1:
        photographs(sys.argv[1])

"""Small files as NumPy writes them, for the tests of the .npy and .npz reader and writer.

    python tests/golden/make_npy.py

Element k of every array is k (bools: whether k is a multiple of 3), so the tests know the values
without a second file.
"""
import pathlib
import warnings

import numpy as np
from numpy.lib import format as npy

here = pathlib.Path(__file__).parent / "npy"
here.mkdir(exist_ok=True)


def count(*shape, dtype="<f4"):
    return np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)


def save(name, array, version=(1, 0)):
    with open(here / f"{name}.npy", "wb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions that older NumPys cannot read
        npy.write_array(file, array, version=version)


for dtype in ["<f2", "<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8"]:
    save(dtype[1:], count(2, 3, dtype=dtype))
for dtype in [">f2", ">f4", ">f8", ">i2", ">i8", ">u4"]:
    save("big_" + dtype[1:], count(2, 3, dtype=dtype))
save("b1", count(2, 3, dtype="i1") % 3 == 0)
save("fortran", np.asfortranarray(count(2, 3, 4)))
save("fortran_big", np.asfortranarray(count(2, 3, 4, dtype=">i4")))
save("scalar", np.float64(7))
save("one", count(3))
save("empty", count(0, 3))
save("version2", count(2, 3), version=(2, 0))
save("version3", count(2, 3), version=(3, 0))

save("text", np.array(["a", "bc"]))
save("bytes", np.array([b"a", b"bc"]))
save("complex", count(2, dtype="<c8"))
save("record", np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4", (2,))]))
save("void", np.zeros(2, dtype="V2"))
save("date", np.zeros(2, dtype="<M8[D]"))
save("long", np.zeros(2, dtype=np.longdouble))
np.save(here / "object.npy", np.array([None, 1], dtype=object), allow_pickle=True)

members = {
    "w": count(2, 3),
    "layer/b": count(4, dtype="<i8"),
    "f": np.asfortranarray(count(3, 4, dtype=">f8")),
    "empty": count(0, 3),
    "é": count(2, dtype="|u1"),
}
np.savez(here / "stored.npz", **members)
np.savez_compressed(here / "deflated.npz", long=count(40, 50, dtype="<i4") % 1000, **members)
np.savez(here / "arrays.npz", count(2, 3), count(5, dtype="<i4"), s=np.float32(7))
np.savez(here / "mixed.npz", allow_pickle=True, names=np.array(["a", "b"]), w=count(2, 3),
         objects=np.array([{}], dtype=object))

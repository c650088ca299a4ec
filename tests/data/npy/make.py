"""Makes the reference arrays of this folder. Run: python3 make.py"""
import io
import zipfile

import numpy as np

a = np.arange(24).reshape(2, 3, 4)
for name in "u1 i1 u2 i2 u4 i4 u8 i8 f2 f4 f8".split():
    for order, word in (("<", "little"), (">", "big")):
        np.save(f"{name}-{word}.npy", (a - (12 if name[0] != "u" else 0)).astype(order + name))
np.save("bool.npy", a % 3 == 0)
np.save("fortran.npy", np.asfortranarray(a.astype("<f4")))
np.save("fortran-big.npy", np.asfortranarray(a.astype(">i2")))
np.save("scalar.npy", np.float64(2.5))
np.save("empty.npy", np.zeros((0, 3), "f4"))
np.save("objects.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.save("records.npy", np.zeros(2, [("x", "f4"), ("y", "i4")]))
np.save("complex.npy", np.zeros(2, "c8"))
halves = np.array([0, -0.0, 1, -2, 65504, 6.1e-5, 5.96e-8, 1 / 3, np.inf, -np.inf], "f2")
np.save("halves.npy", halves)
np.save("halves-as-float32.npy", halves.astype("f4"))
for version in ((1, 0), (2, 0), (3, 0)):
    with open(f"version{version[0]}.npy", "wb") as f:
        np.lib.format.write_array(f, a.astype("f4"), version=version)
with open("two.npy", "wb") as f:
    np.save(f, a.astype("f4"))
    np.save(f, np.array([7, 8], "i4"))

np.savez("stored.npz", a=a.astype("f4"), b=np.array([1.5, 2.5]))
np.savez_compressed("deflated.npz", a=a.astype("f4"), zeros=np.zeros((100, 100), "u1"))
np.savez("objects.npz", good=np.ones(3), bad=np.array([None]))


def member(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


with zipfile.ZipFile("comment.npz", "w") as z:
    z.writestr("arr_0.npy", member(np.array([1, 2, 3], "i4")))
    z.writestr("readme.txt", "not an array")
    z.comment = b"a comment at the end PK\x05\x06"
with zipfile.ZipFile("bzip2.npz", "w", zipfile.ZIP_BZIP2) as z:
    z.writestr("arr_0.npy", member(np.array([1, 2, 3], "i4")))

# Python writes ZIP64 records from these limits up.
zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 10, 1
np.savez("zip64.npz", a=a.astype("f4"), b=np.array([1.5, 2.5]))

"""Makes the reference pictures of this folder. Run: python3 make.py"""
import struct
import zlib

import numpy as np
from PIL import Image

y, x = np.mgrid[0:5, 0:7]
grey = (x * 30 + y * 10).astype("u1")
rgb = np.stack([x * 40, y * 60, (x + y) * 20], -1).astype("u1")
alpha = ((x + 1) * 30).astype("u1")
Image.fromarray(grey).save("grey.png")
Image.fromarray(rgb).save("rgb.png")
Image.fromarray(np.dstack([rgb, alpha])).save("rgba.png")
Image.fromarray(np.dstack([grey, alpha])).save("grey-alpha.png")
Image.fromarray(grey.astype("u2") * 257 + 1).save("grey16.png")
Image.fromarray(grey > 90).save("bilevel.png")
palette = Image.fromarray((x % 3).astype("u1"))
palette.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
palette.save("palette.png")
palette.save("palette-transparent.png", transparency=bytes([255, 128, 0]))
Image.fromarray(np.kron(rgb, np.ones((8, 8, 1), "u1"))).save("rgb.jpg", quality=95, subsampling=0)
Image.fromarray(np.kron(grey, np.ones((8, 8), "u1"))).save("progressive.jpg", progressive=True)
Image.fromarray((grey / 100 - 0.5).astype("f4")).save("float.tif")
Image.fromarray(rgb).save("rgb.bmp")
Image.fromarray(rgb).save("rgb.ppm")
Image.fromarray(rgb).save("rgb.webp", lossless=True)
palette.save("palette.gif")


def chunk(name, data):
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(name, width, height, depth, colour, rows, *chunks):
    with open(name, "wb") as f:
        header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks))
        f.write(chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


rows = b"".join(b"\0" + (row.astype(">u2") * 257).tobytes() for row in rgb)
png("rgb16.png", 7, 5, 16, 2, rows)
rows = b"".join(b"\0" + row.tobytes() for row in rgb)
profile = chunk(b"iCCP", b"bad\0\0" + zlib.compress(b"no profile"))
png("bad-profile.png", 7, 5, 8, 2, rows, profile)
png("bad-pixels.png", 7, 5, 8, 2, rows[:40])
png("enormous.png", 100000, 100000, 8, 2, b"")

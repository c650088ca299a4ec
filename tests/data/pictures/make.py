"""Makes a picture of every kind that a format has, and what it should be read as.

Run: python3 make.py (Pillow 13.0.0, tifffile 2026.3.3, numpy 2.4.6). It writes the files into
folders named for their formats, and expected.txt. What Pillow makes of a file is the reference;
where Pillow keeps less than the file holds (16 bits of RGB, floats) or does not read it, the
values that went into the file are, and Pillow's, where it has any, must be their high bytes.
"""
import pathlib
import struct
import subprocess
import zlib

import numpy as np
import tifffile
from PIL import Image, ImageFile

here = pathlib.Path(__file__).parent
y, x = np.mgrid[0:5, 0:7]
grey = (x * 30 + y * 10).astype("u1")
rgb = np.stack([x * 40, y * 60, (x + y) * 20], -1).astype("u1")
alpha = (x * 40 + y * 3).astype("u1")
rgba = np.dstack([rgb, alpha])
grey_alpha = np.dstack([grey, alpha])
cmyk = np.dstack([rgb, (x * 9 + y * 30).astype("u1")])
palette = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 90, 200]] +
                   [[i * 16, 255 - i * 11, i * 7] for i in range(4, 16)], "u1")
index = ((x + 2 * y) % 4).astype("u1")
bits = (grey > 90).astype("u1")
Y, X = np.mgrid[0:18, 0:21]  # two tiles of 16 each way
big_grey = (X * 12 + Y).astype("u1")
big_rgb = np.stack([X * 12, Y * 14, X * 5 + Y * 8], -1).astype("u1")
big_rgba = np.dstack([big_rgb, (X * 7 + Y * 6).astype("u1")])
big_cmyk = np.dstack([big_rgb, (X * 2 + Y * 9).astype("u1")])

expected = {}


def wide(samples):
    """16 bits whose low bytes say something too."""
    return samples.astype("u2") * 257 - samples % 7 * 2


def depth_of(values):
    return {"u1": "uint8", "u2": "uint16", "f4": "float32"}[values.dtype.str[1:]]


def by_pillow(path):
    image = Image.open(path)
    transparent = "transparency" in image.info
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if transparent or image.mode == "PA" else "RGB")
    elif image.mode in ("RGB", "L", "1") and transparent:
        image = image.convert("RGBA" if image.mode == "RGB" else "LA")
    elif image.mode in ("1", "I;16", "I;16B", "F"):
        pass
    elif image.mode in ("CMYK", "YCbCr", "HSV", "RGBX"):
        image = image.convert("RGB")
    if image.mode == "1":
        image = image.convert("L")
    values = np.asarray(image)
    return values.astype(values.dtype.newbyteorder("=")).reshape(values.shape[:2] + (-1,))


def want(path, values=None, margin=0, compare=True):
    """What the file is to be read as: `values`, or Pillow's."""
    if values is None:
        values = by_pillow(here / path)
    else:
        values = np.asarray(values)
        if values.dtype.kind in "iu" and values.dtype != "u2":
            values = values.astype("u1")
        values = values.reshape(values.shape[:2] + (-1,))
        if compare:
            theirs = by_pillow(here / path)
            ours = values >> 8 if values.dtype == "u2" and theirs.dtype == "u1" else values
            assert theirs.shape == ours.shape, (path, theirs.shape, ours.shape)
            assert np.abs(theirs.astype(float) - ours).max() <= margin, path
    expected[path] = (depth_of(values), values, margin)


def eight_bits(path, values):
    """What Pillow makes of a picture whose 16 bits are `values`; None where it does not read it, or
    as something else."""
    if path == "tiff/planar16.tif":  # it takes the bytes of unpacked planes for samples
        return None
    try:
        image = Image.open(here / path)
        has_alpha = image.mode in ("RGBA", "LA")
        theirs = np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
    except (OSError, SyntaxError):
        return None
    colours = theirs[..., :3]
    if values.shape[2] < 3:
        assert (colours == colours[..., :1]).all(), path
        colours = colours[..., :1]
    if values.shape[2] % 2 == 1:
        return colours
    opacity = values[..., -1] >> 8
    assert not has_alpha or (theirs[..., 3] == opacity).all(), path
    return np.dstack([colours, opacity.astype("u1")])


def refuse(path, why):
    expected[path] = why


def put(path, data):
    (here / path).parent.mkdir(exist_ok=True)
    (here / path).write_bytes(data)


def save(path, image, **options):
    (here / path).parent.mkdir(exist_ok=True)
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    image.save(here / path, **options)


def packed(samples, bits_each):
    """Rows of samples of 1, 2, 4, 8 or 16 bits, high bits first, each row in whole bytes."""
    rows = samples.reshape(samples.shape[0], -1)
    if bits_each == 16:
        return [row.astype(">u2").tobytes() for row in rows]
    planes = (rows[..., None] >> np.arange(bits_each - 1, -1, -1)) & 1
    return [np.packbits(row).tobytes() for row in planes.reshape(rows.shape[0], -1)]


# --- PNG

def chunk(name, data):
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]


def png(path, samples, depth, colour, *chunks, interlaced=False, pieces=1):
    height, width = samples.shape[:2]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    passes = [samples]
    if interlaced:
        passes = [samples[top::down, left::right] for left, top, right, down in adam7]
    rows = [b"\0" + row for part in passes if part.size for row in packed(part, depth)]
    data = zlib.compress(b"".join(rows))
    step = -(-len(data) // pieces)
    body = b"".join(chunk(b"IDAT", data[i:i + step]) for i in range(0, len(data), step))
    put(path, b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + body + chunk(b"IEND", b""))


def make_png():
    plte = chunk(b"PLTE", palette.tobytes())
    for lace in (False, True):
        tail = "-interlaced" if lace else ""
        for depth in (1, 2, 4):
            png(f"png/grey{depth}{tail}.png", grey >> (8 - depth), depth, 0, interlaced=lace)
            want(f"png/grey{depth}{tail}.png", ((grey >> (8 - depth)) * (255 // (2**depth - 1))))
            png(f"png/palette{depth}{tail}.png", index & (2**depth - 1), depth, 3,
                chunk(b"PLTE", palette[:2**depth].tobytes()), interlaced=lace)
            want(f"png/palette{depth}{tail}.png")
        for name, samples, colour in (("grey", grey, 0), ("rgb", rgb, 2), ("grey-alpha", grey_alpha, 4),
                                      ("rgba", rgba, 6)):
            png(f"png/{name}8{tail}.png", samples, 8, colour, interlaced=lace)
            want(f"png/{name}8{tail}.png", samples)
            png(f"png/{name}16{tail}.png", wide(samples), 16, colour, interlaced=lace)
            # Pillow reads grey of 16 bits with opacity as RGBA.
            want(f"png/{name}16{tail}.png", wide(samples), compare=name != "grey-alpha")
        png(f"png/palette8{tail}.png", index, 8, 3, plte, interlaced=lace)
        want(f"png/palette8{tail}.png")
    png("png/palette4-trns.png", index, 4, 3, plte, chunk(b"tRNS", bytes([200, 0])))
    want("png/palette4-trns.png")
    png("png/palette8-trns.png", index, 8, 3, plte, chunk(b"tRNS", bytes([255, 0, 7, 128])))
    want("png/palette8-trns.png")
    png("png/grey8-trns.png", grey, 8, 0, chunk(b"tRNS", struct.pack(">H", int(grey[1, 2]))))
    want("png/grey8-trns.png")
    png("png/grey4-trns.png", grey >> 4, 4, 0, chunk(b"tRNS", struct.pack(">H", int(grey[1, 2] >> 4))))
    opaque = np.where(grey >> 4 == grey[1, 2] >> 4, 0, 255).astype("u1")
    want("png/grey4-trns.png", np.dstack([(grey >> 4) * 17, opaque]), compare=False)
    png("png/rgb8-trns.png", rgb, 8, 2, chunk(b"tRNS", struct.pack(">HHH", *map(int, rgb[1, 2]))))
    want("png/rgb8-trns.png")
    key = wide(rgb)[1, 2]
    png("png/rgb16-trns.png", wide(rgb), 16, 2, chunk(b"tRNS", struct.pack(">HHH", *map(int, key))))
    opaque = np.where((wide(rgb) == key).all(-1), 0, 65535).astype("u2")
    want("png/rgb16-trns.png", np.dstack([wide(rgb), opaque]), compare=False)
    key = wide(grey)[1, 2]
    png("png/grey16-trns.png", wide(grey), 16, 0, chunk(b"tRNS", struct.pack(">H", int(key))))
    opaque = np.where(wide(grey) == key, 0, 65535).astype("u2")
    want("png/grey16-trns.png", np.dstack([wide(grey), opaque]), compare=False)
    png("png/gamma.png", rgb, 8, 2, chunk(b"gAMA", struct.pack(">I", 100000)))
    want("png/gamma.png", rgb)
    png("png/background.png", rgba, 8, 6, chunk(b"bKGD", struct.pack(">HHH", 255, 0, 255)))
    want("png/background.png", rgba)
    png("png/many-chunks.png", rgb, 8, 2, pieces=9)
    want("png/many-chunks.png", rgb)
    for i, one in enumerate((rgb[:1, :1], rgb[:, :1], rgb[:2, :3])):  # passes that are empty
        png(f"png/tiny{i}-interlaced.png", one, 8, 2, interlaced=True)
        want(f"png/tiny{i}-interlaced.png", one)
    save("png/filters.png", big_rgba)
    want("png/filters.png", big_rgba)
    png("png/orientation8.png", rgb, 8, 2, chunk(b"eXIf", b"II*\0\x08\0\0\0\1\0" +
        struct.pack("<HHIHH", 274, 3, 1, 8, 0) + b"\0\0\0\0"))
    want("png/orientation8.png", rgb)  # as stored
    save("png/animated.png", Image.fromarray(rgb), save_all=True,
         append_images=[Image.fromarray(255 - rgb)])
    want("png/animated.png", rgb)
    png("png/palette-short.png", np.full_like(index, 3), 2, 3, chunk(b"PLTE", palette[:2].tobytes()))
    want("png/palette-short.png", np.zeros_like(rgb), compare=False)
    png("png/palette-twice.png", index, 2, 3, chunk(b"PLTE", palette[4:8].tobytes()),
        chunk(b"PLTE", palette[:4].tobytes()))
    want("png/palette-twice.png", palette[index])
    png("png/palette-missing.png", index, 2, 3)
    refuse("png/palette-missing.png", "damaged: a palette without colours")


# --- BMP

def bmp(path, depth, rows, size=40, compression=0, colours=b"", masks=b"", shape=(5, 7), used=0,
        top_down=False):
    height, width = shape
    if size == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, depth)
    else:
        head = struct.pack("<IiiHHIIiiII", size, width, -height if top_down else height, 1, depth,
                           compression, len(rows), 2835, 2835, used, 0)
        if size > 40:
            head += masks.ljust(size - 40, b"\0")
            masks = b""
    at = 14 + len(head) + len(masks) + len(colours)
    put(path, b"BM" + struct.pack("<IHHI", at + len(rows), 0, 0, at) + head + masks + colours + rows)


def bmp_rows(samples, depth, top_down=False):
    rows = packed(samples, depth) if depth <= 8 else [row.tobytes() for row in samples]
    return b"".join(row + b"\0" * (-len(row) % 4) for row in (rows if top_down else rows[::-1]))


def masks(*values):
    return struct.pack(f"<{len(values)}I", *values)


def make_bmp():
    table = b"".join(bytes([b, g, r, 0]) for r, g, b in palette)
    short = b"".join(bytes([b, g, r]) for r, g, b in palette)
    bgr, bgrx = rgb[..., ::-1], np.dstack([rgb[..., ::-1], 0 * alpha])
    bgra = np.dstack([rgb[..., ::-1], alpha])
    for depth in (1, 2, 4, 8):
        data, part = index & (2**depth - 1), 4 * min(2**depth, 16)
        bmp(f"bmp/palette{depth}.bmp", depth, bmp_rows(data, depth), colours=table[:part], used=part // 4)
        want(f"bmp/palette{depth}.bmp", palette[data], compare=depth != 2)
        if depth != 2:
            bmp(f"bmp/os2-palette{depth}.bmp", depth, bmp_rows(data, depth), size=12,
                colours=(short + bytes(768))[:3 * 2**depth])
            want(f"bmp/os2-palette{depth}.bmp", palette[data])
    ramp = b"".join(bytes([i, i, i, 0]) for i in range(256))
    bmp("bmp/grey8.bmp", 8, bmp_rows(grey, 8), colours=ramp)
    want("bmp/grey8.bmp", grey)
    bmp("bmp/bilevel.bmp", 1, bmp_rows(bits, 1), colours=ramp[:4] + ramp[-4:])
    want("bmp/bilevel.bmp", bits * 255)
    bmp("bmp/bgr.bmp", 24, bmp_rows(bgr, 24))
    want("bmp/bgr.bmp", rgb)
    bmp("bmp/bgr-os2.bmp", 24, bmp_rows(bgr, 24), size=12)
    want("bmp/bgr-os2.bmp", rgb)
    bmp("bmp/bgr-os2-64.bmp", 24, bmp_rows(bgr, 24), size=64)
    want("bmp/bgr-os2-64.bmp", rgb)
    bmp("bmp/bgr-top-down.bmp", 24, bmp_rows(bgr, 24, True), top_down=True)
    want("bmp/bgr-top-down.bmp", rgb)
    bmp("bmp/bgrx.bmp", 32, bmp_rows(bgrx, 32))
    want("bmp/bgrx.bmp", rgb)
    bmp("bmp/bgr-unused-byte.bmp", 32, bmp_rows(bgra, 32))
    want("bmp/bgr-unused-byte.bmp", rgb)
    five = np.stack([rgb[..., 0] >> 3, rgb[..., 1] >> 3, rgb[..., 2] >> 3], -1).astype("u2")
    six = rgb[..., 1].astype("u2") >> 2
    rows555 = bmp_rows((five[..., 0] << 10 | five[..., 1] << 5 | five[..., 2]).astype("<u2")[..., None], 16)
    rows565 = bmp_rows((five[..., 0] << 11 | six << 5 | five[..., 2]).astype("<u2")[..., None], 16)
    bmp("bmp/rgb555.bmp", 16, rows555)
    want("bmp/rgb555.bmp", five.astype("u4") * 255 // 31)
    bmp("bmp/rgb565.bmp", 16, rows565, compression=3, masks=masks(0xf800, 0x7e0, 0x1f))
    want("bmp/rgb565.bmp")
    bmp("bmp/masks-bgrx.bmp", 32, bmp_rows(bgra, 32), compression=3,
        masks=masks(0xff0000, 0xff00, 0xff))
    want("bmp/masks-bgrx.bmp", rgb)
    bmp("bmp/masks-v4-bgra.bmp", 32, bmp_rows(bgra, 32), size=108, compression=3,
        masks=masks(0xff0000, 0xff00, 0xff, 0xff000000))
    want("bmp/masks-v4-bgra.bmp", rgba)
    bmp("bmp/masks-v5-rgba.bmp", 32, bmp_rows(rgba, 32), size=124, compression=3,
        masks=masks(0xff, 0xff00, 0xff0000, 0xff000000))
    want("bmp/masks-v5-rgba.bmp", rgba)
    bmp("bmp/masks-v3-abgr.bmp", 32, bmp_rows(rgba[..., ::-1], 32), size=56, compression=3,
        masks=masks(0xff000000, 0xff0000, 0xff00, 0xff))
    want("bmp/masks-v3-abgr.bmp", rgba)
    ten = (rgb.astype("u4") * 1023 + 127) // 255
    word = (ten[..., 0] << 20 | ten[..., 1] << 10 | ten[..., 2]).astype("<u4")
    bmp("bmp/masks-10-bits.bmp", 32, bmp_rows(word[..., None], 32), compression=3,
        masks=masks(0x3ff00000, 0xffc00, 0x3ff))
    want("bmp/masks-10-bits.bmp", rgb, compare=False)
    bmp("bmp/rgb555-top-down.bmp", 16, bmp_rows((five[..., 0] << 10 | five[..., 1] << 5 |
        five[..., 2]).astype("<u2")[..., None], 16, True), top_down=True)
    want("bmp/rgb555-top-down.bmp", five.astype("u4") * 255 // 31)
    runs = b"".join(bytes(v for i in row for v in (1, i)) + b"\0\0" for row in index[::-1]) + b"\0\1"
    bmp("bmp/rle8.bmp", 8, runs, compression=1, colours=table)
    want("bmp/rle8.bmp", palette[index])
    # Absolute runs, padded to words; a step right and up, over pixels that keep colour 0.
    absolute = bytes([0, 7]) + index[4].tobytes() + b"\0\0\0" + bytes([3, 2, 0, 2, 1, 1, 3, 3, 0, 1])
    bmp("bmp/rle8-steps.bmp", 8, absolute, compression=1, colours=table)
    left = np.zeros_like(index)
    left[4], left[3, :3], left[2, 4:7] = index[4], 2, 3
    want("bmp/rle8-steps.bmp", palette[left], compare=False)
    bmp("bmp/rle8-grey.bmp", 8, b"".join(bytes(v for i in row for v in (1, i)) + b"\0\0"
        for row in grey[::-1]) + b"\0\1", compression=1, colours=ramp)
    want("bmp/rle8-grey.bmp", grey)
    nibbles = b"".join(bytes([2, r[0] << 4 | r[1], 0, 5, r[2] << 4 | r[3], r[4] << 4 | r[5],
                              r[6] << 4, 0, 0, 0]) for r in index[::-1].tolist()) + b"\0\1"
    bmp("bmp/rle4.bmp", 4, nibbles, compression=2, colours=table)
    want("bmp/rle4.bmp", palette[index])
    bmp("bmp/jpeg-inside.bmp", 24, b"\xff\xd8\xff", compression=4)
    refuse("bmp/jpeg-inside.bmp", "a BMP picture compressed as JPEG")
    bmp("bmp/depth.bmp", 5, bmp_rows(bgr, 24))
    refuse("bmp/depth.bmp", "a BMP picture of 5 bits a pixel")
    bmp("bmp/no-colours.bmp", 8, bmp_rows(grey[..., None], 8))
    refuse("bmp/no-colours.bmp", "damaged: a palette without colours")


# --- TIFF

def tiff(path, samples, **options):
    (here / path).parent.mkdir(exist_ok=True)
    tifffile.imwrite(here / path, samples, metadata=None, software=False, **options)


def tags(path, width, height, entries, data, order="<"):
    """By hand: entries are (tag, type, values); strips stand in front of them."""
    codes = {1: "B", 3: "H", 4: "I", 5: "II"}
    usual = [(256, 4, [width]), (257, 4, [height]), (273, 4, [8]), (278, 4, [height]),
             (279, 4, [len(data)])]
    entries = sorted(entries + [e for e in usual if e[0] not in [tag for tag, *_ in entries]])
    at = 8 + len(data) + len(data) % 2
    directory, more = b"", b""
    for tag, kind, values in entries:
        packed_values = struct.pack(order + codes[kind][0] * len(values), *values)
        count = len(values) // (2 if kind == 5 else 1)
        if len(packed_values) > 4:
            place = at + 6 + 12 * len(entries) + len(more)
            more += packed_values + b"\0" * (len(packed_values) % 2)
            packed_values = struct.pack(order + "I", place)
        directory += struct.pack(order + "HHI", tag, kind, count) + packed_values.ljust(4, b"\0")
    mark = b"II*\0" if order == "<" else b"MM\0*"
    put(path, mark + struct.pack(order + "I", at) + data + b"\0" * (len(data) % 2) +
        struct.pack(order + "H", len(entries)) + directory + b"\0\0\0\0" + more)


def to_rgb(samples):
    """CMYK as Pillow turns it into RGB, for 8 and 16 bits."""
    most = int(np.iinfo(samples.dtype).max)
    half = most // 2 + 1
    black = most - samples[..., 3:].astype("i8")
    product = samples[..., :3].astype("i8") * black + half
    shift = samples.dtype.itemsize * 8
    return np.clip(black - ((product >> shift) + product >> shift), 0, most).astype(samples.dtype)


def make_tiff():
    for bits_each in (1, 2, 4):
        top = 2**bits_each - 1
        data = b"".join(packed(grey >> (8 - bits_each), bits_each))
        base = [(258, 3, [bits_each]), (259, 3, [1]), (277, 3, [1])]
        tags(f"tiff/grey{bits_each}.tif", 7, 5, base + [(262, 3, [1])], data)
        want(f"tiff/grey{bits_each}.tif", (grey >> (8 - bits_each)) * (255 // top))
        tags(f"tiff/grey{bits_each}-inverted.tif", 7, 5, base + [(262, 3, [0])], data)
        want(f"tiff/grey{bits_each}-inverted.tif", 255 - (grey >> (8 - bits_each)) * (255 // top))
        table = np.zeros((3, top + 1), int)
        table[:, :min(16, top + 1)] = palette[:top + 1].T.astype(int) * 257
        tags(f"tiff/palette{bits_each}.tif", 7, 5, base + [(262, 3, [3]), (320, 3, table.ravel().tolist())],
             b"".join(packed(index & top, bits_each)))
        want(f"tiff/palette{bits_each}.tif", palette[index & top], compare=bits_each != 2)
    table = np.zeros((3, 256), int)
    table[:, :4] = palette[:4].T.astype(int) * 257
    for name, extra in (("unassociated", 2), ("associated", 1), ("unspecified", 0), ("untold", None)):
        for planar in (1, 2):
            path = f"tiff/palette-{name}{'-planar' if planar == 2 else ''}.tif"
            planes = np.dstack([index, alpha])
            data = (planes if planar == 1 else np.moveaxis(planes, -1, 0)).tobytes()
            entries = [(258, 3, [8, 8]), (259, 3, [1]), (262, 3, [3]), (277, 3, [2]), (284, 3, [planar]),
                       (320, 3, table.ravel().tolist())]
            if planar == 2:
                entries += [(273, 4, [8, 43]), (279, 4, [35, 35])]
            tags(path, 7, 5, entries + ([] if extra is None else [(338, 3, [extra])]), data)
            colours = palette[index].astype(int)
            if extra == 1:
                opaque = np.maximum(alpha, 1)[..., None].astype(int)
                colours = np.where(alpha[..., None] == 0, 0, np.minimum(colours * 255 // opaque, 255))
            want(path, colours if extra == 0 else np.dstack([colours, alpha]),
                 compare=extra == 2 and planar == 1)
    data = b"".join(packed(np.dstack([index, alpha >> 4]), 4))
    entries = [(258, 3, [4, 4]), (259, 3, [1]), (262, 3, [3]), (277, 3, [2]), (338, 3, [2]),
               (320, 3, table[:, :16].ravel().tolist())]
    tags("tiff/palette4-alpha.tif", 7, 5, entries, data)
    want("tiff/palette4-alpha.tif", np.dstack([palette[index], (alpha >> 4) * 17]), compare=False)
    twelve = (grey.astype("u2") << 4 | 5)
    data = b"".join(packed(twelve, 12)) if False else b"".join(
        np.packbits(((row[:, None] >> np.arange(11, -1, -1)) & 1).ravel()).tobytes() for row in twelve)
    tags("tiff/grey12.tif", 7, 5, [(258, 3, [12]), (259, 3, [1]), (277, 3, [1]), (262, 3, [1])], data)
    dark = (grey.astype("u2") + 100) * (grey < 200)  # of which Pillow keeps some
    tags("tiff/grey12-dark.tif", 7, 5, [(258, 3, [12]), (259, 3, [1]), (277, 3, [1]), (262, 3, [1])],
         b"".join(np.packbits(((row[:, None] >> np.arange(11, -1, -1)) & 1).ravel()).tobytes()
                  for row in dark))
    want("tiff/grey12-dark.tif", ((dark.astype("u4") * 65535 + 2047) // 4095).astype("u2"), compare=False)
    for tail, colour, order in (("", "minisblack", "<"), ("-inverted", "miniswhite", "<"),
                                ("-big-endian", "minisblack", ">")):
        tiff(f"tiff/grey16-dark{tail}.tif", dark, photometric=colour, byteorder=order)
        want(f"tiff/grey16-dark{tail}.tif", 65535 - dark if tail == "-inverted" else dark, compare=False)
    want("tiff/grey12.tif", ((twelve.astype("u4") * 65535 + 2047) // 4095).astype("u2"), compare=False)
    for name, samples, colour in (("grey", grey, "minisblack"), ("rgb", rgb, "rgb")):
        for order in ("<", ">"):
            tail = "-big-endian" if order == ">" else ""
            tiff(f"tiff/{name}8{tail}.tif", samples, photometric=colour, byteorder=order)
            want(f"tiff/{name}8{tail}.tif", samples)
            tiff(f"tiff/{name}16{tail}.tif", wide(samples), photometric=colour, byteorder=order)
            want(f"tiff/{name}16{tail}.tif", wide(samples))
    tiff("tiff/grey8-inverted.tif", grey, photometric="miniswhite")
    want("tiff/grey8-inverted.tif", 255 - grey)
    tiff("tiff/grey16-inverted.tif", wide(grey), photometric="miniswhite")
    want("tiff/grey16-inverted.tif", 65535 - wide(grey), compare=False)
    tiff("tiff/bigtiff.tif", rgb, photometric="rgb", bigtiff=True)
    want("tiff/bigtiff.tif", rgb)
    tiff("tiff/planar.tif", np.moveaxis(rgb, -1, 0), photometric="rgb", planarconfig="separate")
    want("tiff/planar.tif", rgb)
    tiff("tiff/planar16.tif", np.moveaxis(wide(rgb), -1, 0), photometric="rgb", planarconfig="separate")
    want("tiff/planar16.tif", wide(rgb), compare=False)
    tiff("tiff/strips.tif", rgb, photometric="rgb", rowsperstrip=2)
    want("tiff/strips.tif", rgb)
    for kind, code in (("unassociated", "unassalpha"), ("unspecified", "unspecified")):
        tiff(f"tiff/rgba-{kind}.tif", rgba, photometric="rgb", extrasamples=[code])
        want(f"tiff/rgba-{kind}.tif", rgba if kind == "unassociated" else rgb, compare=kind == "unassociated")
    premultiplied = (rgb.astype("u4") * alpha[..., None] + 127) // 255
    tiff("tiff/rgba-associated.tif", np.dstack([premultiplied, alpha]).astype("u1"), photometric="rgb",
         extrasamples=["assocalpha"])
    want("tiff/rgba-associated.tif")
    sixteen = np.dstack([premultiplied * 257, alpha.astype("u4") * 257]).astype("u2")
    tiff("tiff/rgba16-associated.tif", sixteen, photometric="rgb", extrasamples=["assocalpha"])
    colours = sixteen[..., :3].astype("u8") * 65535 // np.maximum(sixteen[..., 3:], 1)
    colours = np.where(sixteen[..., 3:] == 0, 0, np.minimum(colours, 65535))
    want("tiff/rgba16-associated.tif", np.dstack([colours, sixteen[..., 3]]).astype("u2"), compare=False)
    tiff("tiff/rgba16.tif", wide(rgba), photometric="rgb", extrasamples=["unassalpha"])
    want("tiff/rgba16.tif", wide(rgba))
    tiff("tiff/grey-alpha.tif", grey_alpha, photometric="minisblack", extrasamples=["unassalpha"],
         planarconfig="contig")
    want("tiff/grey-alpha.tif", grey_alpha)
    tiff("tiff/rgb-and-two.tif", np.dstack([rgb, alpha, 255 - alpha]), photometric="rgb",
         extrasamples=["unassalpha", "unspecified"])
    want("tiff/rgb-and-two.tif", rgba)
    for tail, how in (("", {}), ("-tiled", {"tile": (16, 16)})):
        for deep, cast in (("", lambda v: v), ("16", wide)):
            tiff(f"tiff/big-grey{deep}{tail}.tif", cast(big_grey), photometric="minisblack",
                 compression="zlib", **how)
            want(f"tiff/big-grey{deep}{tail}.tif", cast(big_grey))
            for planar in (False, True):
                end = f"{deep}{tail}{'-planar' if planar else ''}.tif"
                for name, samples, options in (
                        ("rgb", big_rgb, {"photometric": "rgb"}),
                        ("rgba", big_rgba, {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
                        ("cmyk", big_cmyk, {"photometric": "separated"})):
                    data = cast(samples)
                    final = to_rgb(data) if name == "cmyk" else data
                    tiff(f"tiff/big-{name}{end}", np.moveaxis(data, -1, 0) if planar else data,
                         planarconfig="separate" if planar else "contig", compression="zlib",
                         **options, **how)
                    want(f"tiff/big-{name}{end}", final, compare=not (planar or deep))
    for name in ("raw", "tiff_lzw", "packbits", "tiff_adobe_deflate", "tiff_deflate", "zstd", "lzma"):
        short = name.removeprefix("tiff_").replace("_", "-")
        try:
            save(f"tiff/rgb-{short}.tif", big_rgb, compression=name)
        except Exception as error:
            print("not made:", name, error)
            continue
        want(f"tiff/rgb-{short}.tif", big_rgb)
    for name in ("tiff_lzw", "tiff_adobe_deflate"):
        save(f"tiff/predictor-{name[5:].replace('_', '-')}.tif", big_rgb, compression=name, tiffinfo={317: 2})
        want(f"tiff/predictor-{name[5:].replace('_', '-')}.tif", big_rgb)
    for name in ("tiff_ccitt", "group3", "group4"):
        save(f"tiff/bilevel-{name.replace('_', '-')}.tif", Image.fromarray(big_grey > 90), compression=name)
        want(f"tiff/bilevel-{name.replace('_', '-')}.tif")
    smooth = np.kron(rgb, np.ones((8, 8, 1), "u1"))
    save("tiff/jpeg-rgb.tif", smooth, compression="jpeg", quality=95)
    want("tiff/jpeg-rgb.tif", margin=2)
    save("tiff/jpeg-grey.tif", np.kron(grey, np.ones((8, 8), "u1")), compression="jpeg", quality=95)
    want("tiff/jpeg-grey.tif", margin=1)
    save("tiff/jpeg-ycbcr.tif", Image.fromarray(smooth).convert("YCbCr"), compression="jpeg", quality=95)
    want("tiff/jpeg-ycbcr.tif", margin=2)
    ycbcr = np.asarray(Image.fromarray(rgb).convert("YCbCr"))
    tags("tiff/ycbcr.tif", 7, 5, [(258, 3, [8, 8, 8]), (259, 3, [1]), (262, 3, [6]), (277, 3, [3]),
                                  (530, 3, [1, 1]), (532, 5, [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1])],
         ycbcr.tobytes())
    want("tiff/ycbcr.tif", margin=2)
    # Of pairs of pixels in pairs of rows: four Y, then the Cb and Cr that they share.
    pairs = np.dstack([ycbcr[..., [0, 0, 0, 0]], ycbcr[..., 1:]])
    plain = [(259, 3, [1]), (262, 3, [6]), (277, 3, [3])]
    tags("tiff/ycbcr-420.tif", 14, 10, plain + [(258, 3, [8, 8, 8]), (530, 3, [2, 2])], pairs.tobytes())
    want("tiff/ycbcr-420.tif", np.kron(rgb, np.ones((2, 2, 1), "u1")), margin=3, compare=False)
    tags("tiff/ycbcr-untold.tif", 7, 5, plain + [(258, 3, [8, 8, 8])], ycbcr.tobytes())
    want("tiff/ycbcr-untold.tif", margin=2)
    tags("tiff/ycbcr16.tif", 7, 5, plain + [(258, 3, [16] * 3), (530, 3, [1, 1])],
         (ycbcr.astype("u2") * 257).tobytes())
    refuse("tiff/ycbcr16.tif", "a TIFF picture in YCbCr of 16 bits")
    plain = [(258, 3, [8]), (259, 3, [1]), (262, 3, [1]), (277, 3, [1])]
    tags("tiff/odd-tag.tif", 7, 5, plain[:1] + [(259, 5, [1, 1])] + plain[2:], grey.tobytes())
    refuse("tiff/odd-tag.tif", 'libtiff can\'t decode it: Incompatible type for "Compression"')
    tags("tiff/lacks-strips.tif", 7, 50, plain + [(278, 4, [5])], grey.tobytes())
    refuse("tiff/lacks-strips.tif", "damaged: it lacks strips")
    data = bytearray((here / "tiff/bilevel-group4.tif").read_bytes())
    at = data.index(struct.pack("<HH", 262, 3))
    data[at:at + 2] = struct.pack("<H", 260)  # says nothing of white
    put("tiff/fax.tif", data)
    want("tiff/fax.tif", 255 - by_pillow(here / "tiff/bilevel-group4.tif"), compare=False)
    tags("tiff/cut-off.tif", 7, 5, [(258, 3, [8]), (259, 3, [1]), (262, 3, [1]), (277, 3, [1]),
                                    (273, 3, [9999])], grey.tobytes())
    refuse("tiff/cut-off.tif", "(truncated: the file ends before the picture does)")
    tags("tiff/lab.tif", 7, 5, [(258, 3, [8, 8, 8]), (259, 3, [1]), (262, 3, [8]), (277, 3, [3])],
         rgb.tobytes())
    refuse("tiff/lab.tif", "a TIFF picture in Lab colours")
    tags("tiff/raw-sensor.tif", 7, 5, [(258, 3, [8]), (259, 3, [1]), (262, 3, [32803]), (277, 3, [1])],
         grey.tobytes())
    refuse("tiff/raw-sensor.tif", "a TIFF picture of a camera's raw samples")
    tiff("tiff/inks.tif", np.dstack([cmyk, alpha, alpha]), photometric="separated", planarconfig="contig")
    want("tiff/cmyk-strips.tif" if False else "tiff/inks.tif", to_rgb(cmyk), compare=False)
    for kind in ("f2", "f4", "f8"):
        real = (rgb / 100. - 0.5).astype(kind)
        for planar in (False, True):
            end = "-planar" if planar else ""
            tiff(f"tiff/rgb-{kind}{end}.tif", np.moveaxis(real, -1, 0) if planar else real, photometric="rgb",
                 planarconfig="separate" if planar else "contig")
            want(f"tiff/rgb-{kind}{end}.tif", real.astype("f4"), compare=False)
    real = (grey / 100. - 0.5).astype("f4")
    tiff("tiff/grey-f4.tif", real, photometric="minisblack")
    want("tiff/grey-f4.tif", real)
    tiff("tiff/grey-f4-big-endian.tif", real, photometric="minisblack", byteorder=">")
    want("tiff/grey-f4-big-endian.tif", real)
    for kind in ("u4", "i1", "i2", "i4"):
        tiff(f"tiff/grey-{kind}.tif", (grey // 2).astype(kind), photometric="minisblack")
        sign = "signed " if kind[0] == "i" else ""
        refuse(f"tiff/grey-{kind}.tif",
               f"of {sign}integers of {8 * int(kind[1])} bits, which do not say what is black")
    two = here / "tiff/two-pages.tif"
    tifffile.imwrite(two, np.stack([grey, 255 - grey]), metadata=None, software=False,
                     photometric="minisblack")
    want("tiff/two-pages.tif", grey)
    tiff("tiff/orientation6.tif", rgb, photometric="rgb", extratags=[(274, 3, 1, 6, True)])
    want("tiff/orientation6.tif", rgb, compare=False)  # as stored


# --- JPEG

def make_jpeg():
    smooth = np.kron(rgb, np.ones((4, 4, 1), "u1"))
    picture = Image.fromarray(smooth)
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        save(f"jpeg/ycbcr-{name}.jpg", picture, quality=90, subsampling=sampling)
        want(f"jpeg/ycbcr-{name}.jpg", margin=1)
    save("jpeg/grey.jpg", np.kron(grey, np.ones((4, 4), "u1")), quality=90)
    want("jpeg/grey.jpg", margin=1)
    save("jpeg/progressive.jpg", picture, quality=90, progressive=True)
    want("jpeg/progressive.jpg", margin=1)
    save("jpeg/restarts.jpg", picture, quality=90, restart_marker_blocks=1)
    want("jpeg/restarts.jpg", margin=1)
    save("jpeg/rgb.jpg", picture, quality=90, keep_rgb=True)
    want("jpeg/rgb.jpg", margin=1)
    inks = Image.fromarray(np.kron(cmyk, np.ones((4, 4, 1), "u1")), "CMYK")
    save("jpeg/cmyk.jpg", inks, quality=90)
    want("jpeg/cmyk.jpg", margin=2)
    data = (here / "jpeg/cmyk.jpg").read_bytes()
    at = data.index(b"Adobe") + 11
    put("jpeg/ycck.jpg", data[:at] + b"\2" + data[at + 1:])
    want("jpeg/ycck.jpg", margin=2)
    exif = Image.Exif()
    exif[274] = 6
    save("jpeg/orientation6.jpg", picture, quality=90, exif=exif)
    want("jpeg/orientation6.jpg", margin=1)
    data = (here / "jpeg/ycbcr-444.jpg").read_bytes()
    at = data.index(b"\xff\xc0")
    put("jpeg/12-bits.jpg", data[:at + 4] + b"\x0c" + data[at + 5:])
    refuse("jpeg/12-bits.jpg", "(OpenImageIO can't decode it: ")
    put("jpeg/lossless.jpg", data[:at] + b"\xff\xc3" + data[at + 2:])
    refuse("jpeg/lossless.jpg", "(OpenImageIO can't decode it: ")


# --- GIF, WebP, PNM and the rest

def make_gif():
    paletted = Image.fromarray(index)
    paletted.putpalette(palette[:4].ravel().tolist())
    save("gif/plain.gif", paletted, interlace=0)
    want("gif/plain.gif", palette[index])
    tall = Image.fromarray(np.tile(index, (4, 1)))
    tall.putpalette(palette[:4].ravel().tolist())
    save("gif/interlaced.gif", tall, interlace=1)
    want("gif/interlaced.gif", palette[np.tile(index, (4, 1))])
    save("gif/transparent.gif", paletted, transparency=1)
    want("gif/transparent.gif")
    save("gif/grey.gif", grey)
    want("gif/grey.gif", np.repeat(grey[..., None], 3, -1), compare=False)
    other = Image.fromarray(3 - index)
    other.putpalette(palette[:4].ravel().tolist())
    save("gif/animated.gif", paletted, save_all=True, append_images=[other], disposal=2, duration=50)
    want("gif/animated.gif", palette[index])
    data = bytearray((here / "gif/plain.gif").read_bytes())
    data[6:10] = struct.pack("<HH", 10, 8)  # a screen that the frame leaves in part uncovered
    at = data.index(b"\x2c", 13 + 3 * 2**((data[10] & 7) + 1))
    data[at + 1:at + 5] = struct.pack("<HH", 2, 1)
    put("gif/offset.gif", bytes(data))
    want("gif/offset.gif")
    data = bytearray((here / "gif/plain.gif").read_bytes())
    del data[13:13 + 3 * 2**((data[10] & 7) + 1)]
    data[10] = 0
    put("gif/no-colours.gif", bytes(data))
    want("gif/no-colours.gif")
    at = data.index(b"\x2c", 13)
    data[at + 5:at + 7] = bytes(2)
    put("gif/no-pixels.gif", bytes(data))
    refuse("gif/no-pixels.gif", "damaged: its frame has no pixels")


def make_webp():
    smooth = np.kron(rgb, np.ones((4, 4, 1), "u1"))
    save("webp/lossless.webp", rgb, lossless=True)
    want("webp/lossless.webp", rgb)
    save("webp/lossless-alpha.webp", rgba, lossless=True, exact=True)
    want("webp/lossless-alpha.webp", rgba)
    save("webp/lossy.webp", smooth, quality=80)
    want("webp/lossy.webp", margin=1)
    save("webp/lossy-alpha.webp", np.dstack([smooth, np.kron(alpha, np.ones((4, 4), "u1"))]), quality=80)
    want("webp/lossy-alpha.webp", margin=1)
    save("webp/animated.webp", Image.fromarray(rgb), save_all=True, lossless=True,
         append_images=[Image.fromarray(255 - rgb)])
    want("webp/animated.webp", rgb)
    save("webp/animated-alpha.webp", Image.fromarray(rgba), save_all=True, lossless=True, exact=True,
         append_images=[Image.fromarray(255 - rgba)])
    want("webp/animated-alpha.webp")
    exif = Image.Exif()
    exif[274] = 3
    save("webp/orientation3.webp", rgb, lossless=True, exif=exif)
    want("webp/orientation3.webp", rgb)


def make_pnm():
    def text(samples):
        return "\n".join(" ".join(map(str, row)) for row in samples.reshape(samples.shape[0], -1)).encode()
    put("pnm/p1.pbm", b"P1\n# a comment\n7 5\n" + text(bits))
    want("pnm/p1.pbm", 255 - bits * 255)
    put("pnm/p1-without-spaces.pbm", b"P1 7 5\n" + text(bits).replace(b" ", b""))
    want("pnm/p1-without-spaces.pbm", 255 - bits * 255)
    put("pnm/p2.pgm", b"P2\n7 5\n255\n" + text(grey))
    want("pnm/p2.pgm", grey)
    put("pnm/p3.ppm", b"P3\n7 5\n255\n" + text(rgb))
    want("pnm/p3.ppm", rgb)
    put("pnm/p4.pbm", b"P4\n7 5\n" + b"".join(packed(bits, 1)))
    want("pnm/p4.pbm", 255 - bits * 255)
    put("pnm/p5.pgm", b"P5\n7 5\n255\n" + grey.tobytes())
    want("pnm/p5.pgm", grey)
    put("pnm/p6.ppm", b"P6\n#c\n7 #d\n5\n255\n" + rgb.tobytes())
    want("pnm/p6.ppm", rgb)
    put("pnm/p5-100.pgm", b"P5\n7 5\n100\n" + (grey * (100 / 255.)).astype("u1").tobytes())
    want("pnm/p5-100.pgm")
    put("pnm/p6-31.ppm", b"P6\n7 5\n31\n" + (rgb >> 3).tobytes())
    want("pnm/p6-31.ppm")
    put("pnm/p2-15.pgm", b"P2\n7 5\n15\n" + text(grey >> 4))
    want("pnm/p2-15.pgm")
    put("pnm/p5-16.pgm", b"P5\n7 5\n65535\n" + wide(grey).astype(">u2").tobytes())
    want("pnm/p5-16.pgm", wide(grey), compare=False)
    put("pnm/p5-1023.pgm", b"P5\n7 5\n1023\n" + (grey.astype("u2") * 4).astype(">u2").tobytes())
    want("pnm/p5-1023.pgm", ((grey.astype("u4") * 4 * 65535 + 511) // 1023).astype("u2"), compare=False)
    put("pnm/p6-16.ppm", b"P6\n7 5\n65535\n" + wide(rgb).astype(">u2").tobytes())
    want("pnm/p6-16.ppm", wide(rgb), compare=False)
    for white in (1023, 4095):
        steps = (wide(rgb).astype("u4") * white // 65535).astype("u2")
        wanted = np.rint(steps.astype("f8") / white * 65535).astype("u2")
        put(f"pnm/p6-{white}.ppm", f"P6\n7 5\n{white}\n".encode() + steps.astype(">u2").tobytes())
        want(f"pnm/p6-{white}.ppm", wanted, compare=False)
        put(f"pnm/p3-{white}.ppm", f"P3\n7 5\n{white}\n".encode() + text(steps))
        want(f"pnm/p3-{white}.ppm", wanted, compare=False)
        put(f"pnm/p2-{white}.pgm", f"P2\n7 5\n{white}\n".encode() + text(steps[..., 0] // 64))
        want(f"pnm/p2-{white}.pgm",
             np.rint((steps[..., 0] // 64).astype("f8") / white * 65535).astype("u2"), compare=False)
    put("pnm/p3-16.ppm", b"P3\n7 5\n65535\n" + text(wide(rgb)))
    want("pnm/p3-16.ppm", wide(rgb), compare=False)
    real = (rgb / 100. - 0.5).astype("f4")
    for sign, order in (("-", "<"), ("", ">")):
        end = "little" if sign else "big"
        put(f"pnm/rgb-{end}.pfm", f"PF\n7 5\n{sign}1.0\n".encode() + real[::-1].astype(order + "f4").tobytes())
        want(f"pnm/rgb-{end}.pfm", real, compare=False)
        put(f"pnm/grey-{end}.pfm", f"Pf\n7 5\n{sign}1.0\n".encode() +
            real[::-1, :, 0].astype(order + "f4").tobytes())
        want(f"pnm/grey-{end}.pfm", real[..., :1])
    put("pnm/odd-header.pfm", b"PF\n7 \x1b[1m\xff5\n-1.0\n")
    refuse("pnm/odd-header.pfm", 'damaged: " [1m?5" instead of a number')


def make_others():
    for name, samples in (("grey", grey), ("rgb", rgb), ("rgba", rgba), ("grey-alpha", grey_alpha)):
        for runs in (False, True):
            path = f"tga/{name}{'-runs' if runs else ''}.tga"
            save(path, samples, compression="tga_rle" if runs else None)
            want(path, samples)
    paletted = Image.fromarray(index)
    paletted.putpalette(palette[:4].ravel().tolist())
    save("tga/palette.tga", paletted)
    want("tga/palette.tga", palette[index])
    data = bytearray((here / "tga/palette.tga").read_bytes())
    put("tga/palette-begins-at-1.tga", data[:3] + b"\1" + data[4:])
    refuse("tga/palette-begins-at-1.tga", "a TGA picture whose palette begins at colour 1")
    put("tga/palette-short.tga", data[:40] + b"\4" + data[41:])
    refuse("tga/palette-short.tga", "damaged: a pixel of a colour outside its palette")
    save("tga/palette-runs.tga", paletted, compression="tga_rle")
    want("tga/palette-runs.tga", palette[index])
    data = (here / "tga/palette-runs.tga").read_bytes()
    put("tga/palette-short-runs.tga", data[:5] + b"\3" + data[6:27] + data[30:])
    refuse("tga/palette-short-runs.tga", "damaged: a pixel of a colour outside its palette")
    save("tga/bilevel.tga", Image.fromarray(bits * 255).convert("1"))
    refuse("tga/bilevel.tga", "a TGA picture of 1 bit a pixel, which is not read")
    for name, image in (("grey", Image.fromarray(grey)), ("rgb", Image.fromarray(rgb)), ("palette", paletted),
                        ("bilevel", Image.fromarray(bits * 255).convert("1"))):
        save(f"pcx/{name}.pcx", image)
        refuse(f"pcx/{name}.pcx", "is a PCX picture, which the OpenImageIO that is installed does not read")
    save("jp2/rgb.jp2", rgb)
    want("jp2/rgb.jp2", rgb)
    save("jp2/grey.jp2", grey)
    want("jp2/grey.jp2", grey)
    save("jp2/rgba.jp2", rgba)
    want("jp2/rgba.jp2", rgba)
    save("jp2/grey16.jp2", wide(grey))
    want("jp2/grey16.jp2", wide(grey))
    save("jp2/stream.j2k", rgb)
    want("jp2/stream.j2k", rgb)
    save("avif/rgb.avif", np.kron(rgb, np.ones((4, 4, 1), "u1")), quality=90, subsampling="4:4:4")
    want("avif/rgb.avif", margin=3)
    exif = Image.Exif()
    exif[274] = 6  # which Pillow writes as what a decoder has to turn, and does not turn itself
    save("avif/orientation6.avif", np.kron(rgb, np.ones((4, 4, 1), "u1")), quality=90,
         subsampling="4:4:4", exif=exif)
    turned = by_pillow(here / "avif/orientation6.avif")
    want("avif/orientation6.avif", np.rot90(turned, -1), margin=3, compare=False)
    # Radiance, flat rows: colours are mantissas with a common exponent.
    mantissas = np.dstack([np.maximum(rgb, 128), np.full((5, 7), 128, "u1")]).astype("u1")
    put("hdr/flat.hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 5 +X 7\n" + mantissas.tobytes())
    want("hdr/flat.hdr", ((mantissas[..., :3] + 0.5) / 256).astype("f4"), compare=False, margin=1 / 256)
    values = (mantissas[..., :3] + 0.5) / 256
    for lines, pixels in (("-Y", "+X"), ("-Y", "-X"), ("+Y", "-X"), ("+Y", "+X"),
                          ("+X", "-Y"), ("-X", "-Y"), ("-X", "+Y"), ("+X", "+Y")):
        stored = mantissas  # as it is to be seen, rows from the top
        if "+Y" in (lines, pixels):
            stored = stored[::-1]
        if "-X" in (lines, pixels):
            stored = stored[:, ::-1]
        if lines[1] == "X":
            stored = stored.swapaxes(0, 1)
        path = f"hdr/lines{lines}{pixels}.hdr"
        put(path, f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n{lines} {stored.shape[0]} "
            f"{pixels} {stored.shape[1]}\n".encode() + stored.tobytes())
        want(path, values.astype("f4"), compare=False, margin=1 / 256)
    put("hdr/no-lines.hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 5 +Y 7\n" + mantissas.tobytes())
    refuse("hdr/no-lines.hdr", "damaged: its header does not say how its lines run")


def exr(path, channels, half=False):
    """Uncompressed rows. `channels`: by name, which the file sorts."""
    def attribute(name, kind, data):
        return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(data)) + data
    names = sorted(channels)
    height, width = channels[names[0]].shape
    listed = b"".join(n.encode() + b"\0" + struct.pack("<IIII", 1 if half else 2, 0, 1, 1) for n in names)
    window = struct.pack("<iiii", 0, 0, width - 1, height - 1)
    head = (b"\x76\x2f\x31\x01" + struct.pack("<I", 2) + attribute("channels", "chlist", listed + b"\0") +
            attribute("compression", "compression", b"\0") + attribute("dataWindow", "box2i", window) +
            attribute("displayWindow", "box2i", window) + attribute("lineOrder", "lineOrder", b"\0") +
            attribute("pixelAspectRatio", "float", struct.pack("<f", 1)) +
            attribute("screenWindowCenter", "v2f", struct.pack("<ff", 0, 0)) +
            attribute("screenWindowWidth", "float", struct.pack("<f", 1)) + b"\0")
    rows = []
    for line in range(height):
        data = b"".join(channels[n][line].astype("<f2" if half else "<f4").tobytes() for n in names)
        rows.append(struct.pack("<iI", line, len(data)) + data)
    at, places = len(head) + 8 * height, []
    for row in rows:
        places.append(at)
        at += len(row)
    put(path, head + struct.pack(f"<{height}Q", *places) + b"".join(rows))


def make_exr():
    real = (rgb / 100. - 0.5).astype("f4")
    opacity = (alpha / 256.).astype("f4")
    planes = dict(zip("RGB", np.moveaxis(real, -1, 0)))
    exr("exr/rgb.exr", planes)
    want("exr/rgb.exr", real, compare=False)
    exr("exr/rgb-half.exr", planes, half=True)
    want("exr/rgb-half.exr", real.astype("f2").astype("f4"), compare=False)
    exr("exr/grey.exr", {"Y": real[..., 0]})
    want("exr/grey.exr", real[..., 0], compare=False)
    multiplied = {name: plane * opacity for name, plane in planes.items()}
    exr("exr/rgba.exr", {**multiplied, "A": opacity})
    divided = np.where(opacity[..., None] == 0, 0, real)
    want("exr/rgba.exr", np.dstack([divided, opacity]).astype("f4"), compare=False, margin=1e-6)
    exr("exr/grey-alpha.exr", {"Y": multiplied["R"], "A": opacity})
    want("exr/grey-alpha.exr", np.dstack([divided[..., 0], opacity]).astype("f4"), compare=False, margin=1e-6)
    exr("exr/rgb-depth.exr", {**planes, "Z": real[..., 0]})
    want("exr/rgb-depth.exr", real, compare=False)
    exr("exr/two-depths.exr", {"Z": real[..., 0], "ZBack": real[..., 1]})
    refuse("exr/two-depths.exr", "its channels are Z and ZBack")
    for name, kind in (("rgba-depth", "RGBAZ"), ("layer", ["left.R", "left.G", "left.B", "left.A"])):
        planes_of = [*np.moveaxis(real, -1, 0) * opacity, opacity, opacity]
        exr(f"exr/{name}.exr", dict(zip(kind, planes_of)))
        want(f"exr/{name}.exr", np.dstack([divided, opacity]).astype("f4"), compare=False, margin=1e-6)
    for name in ("L", "gray", "left.Y"):
        exr(f"exr/grey-{name}.exr", {name: real[..., 0]})
        want(f"exr/grey-{name}.exr", real[..., 0], compare=False)
    for name, kinds, said in (
            ("red-green", "RG", "s are G and R"),
            ("red-green-alpha", "RGA", "s are A, G and R"),
            ("green-blue-alpha", "GBA", "s are A, B and G"),
            ("xyz", "XYZ", "s are X, Y and Z"),
            ("normals", ["N.X", "N.Y", "N.Z"], "s are N.X, N.Y and N.Z"),
            ("two-layers", ["a.R", "a.G", "b.B"], "s are a.G, a.R and b.B"),
            ("layer-alpha", ["a.R", "a.G", "a.B", "A"], "s are A, a.B, a.G and a.R"),
            ("many", "ABCDEFGH", "s are A, B, C, D, E and 3 more"),
            ("depth", "Z", " is Z"), ("alpha", "A", " is A"), ("red", "R", " is R")):
        exr(f"exr/{name}.exr", {channel: real[..., i % 3] for i, channel in enumerate(kinds)})
        refuse(f"exr/{name}.exr", f"its channel{said}: needs grey (Y), RGB, or either with A")
    exr("exr/luminance-chroma.exr", {channel: real[..., i] for i, channel in enumerate(["Y", "RY", "BY"])})
    refuse("exr/luminance-chroma.exr", "not an image that can be read")  # OpenImageIO 2.5 does it in its own words


make_exr()
make_png()
make_bmp()
make_tiff()
make_jpeg()
make_gif()
make_webp()
make_pnm()
make_others()


def numbers(values):
    if values.dtype.kind == "f":
        return " ".join(f"{v:.9g}" for v in values.ravel())
    return " ".join(map(str, values.ravel().tolist()))


def write_expected():
    """A picture a line, "name depth height width channels: values", where several files hold it
    once; then a file a line, "path picture margin" or "path refused reason"; "path pillow picture"
    for the 8 bits that Pillow makes of 16."""
    pictures, files = {}, []

    def name_of(depth, values):
        text = f"{depth} {' '.join(map(str, values.shape))} {numbers(values)}"
        return pictures.setdefault(text, len(pictures))

    for path, what in sorted(expected.items()):
        if isinstance(what, str):
            files.append(f"{path} refused {what}")
            continue
        depth, values, margin = what
        files.append(f"{path} {name_of(depth, values)} {margin:g}")
        eight = eight_bits(path, values) if depth == "uint16" else None
        if eight is not None:
            files.append(f"{path} pillow {name_of('uint8', eight)}")
    with open(here / "expected.txt", "w") as out:
        print(len(pictures), *pictures, *files, sep="\n", file=out)


write_expected()

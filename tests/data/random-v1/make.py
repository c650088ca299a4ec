"""Reference data of random_network_test.cpp: the features `random-v1`, from their definition alone.

Nothing is taken from the C++ sources: Philox 4x32-10 in integers, Box-Muller in double,
the resize by Pillow, the convolutions by PyTorch in double.
"""
import numpy as np
import torch
from PIL import Image

SIZE, CHANNELS = 64, [3, 64, 128, 256, 512]


def fnv1a(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return h


def philox(counter, key):
    c, k = [np.asarray(x, np.uint64) for x in counter], list(key)
    low, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(b >> shift) ^ c[1] ^ np.uint64(k[0]), b & low, (a >> shift) ^ c[3] ^ np.uint64(k[1]), a & low]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return [x.astype(np.float64) for x in c]


def normals(count, stream, tool="diff-fid", seed=0):
    key = seed ^ fnv1a(tool)
    block = np.arange(-(-count // 4), dtype=np.uint64)
    zero = np.zeros_like(block)
    w = philox([block, zero, zero + np.uint64(stream), zero], [key % 2**32, key >> 32])
    z = []
    for u, a in ((w[0], w[1]), (w[2], w[3])):
        r = np.sqrt(-2 * np.log((np.floor(u / 2) + 0.5) / 2**31))
        z += [r * np.cos(2 * np.pi * a / 2**32), r * np.sin(2 * np.pi * a / 2**32)]
    return np.stack(z, -1).reshape(-1)[:count]


def features(image):
    planes = [np.asarray(Image.fromarray(image[..., c]).resize((SIZE, SIZE), Image.BICUBIC)) for c in range(image.shape[-1])]
    planes = planes[:3] if len(planes) >= 3 else planes[:1] * 3
    x = torch.tensor(np.stack(planes)[None].astype(np.float64)).clip(0, 255) / 127.5 - 1
    for layer, (inputs, outputs) in enumerate(zip(CHANNELS, CHANNELS[1:])):
        w = normals(outputs * inputs * 9, layer).reshape(outputs, inputs, 3, 3) * np.sqrt(2 / (9 * inputs))
        x = torch.relu(torch.nn.functional.conv2d(x, torch.tensor(w), stride=2, padding=1))
    return x.mean((2, 3))[0].numpy()


def image(h, w, c):
    """The pattern of the resize tests: bytes from a formula that the C++ test repeats."""
    y, x, k = np.meshgrid(np.arange(h), np.arange(w), np.arange(c), indexing="ij")
    return ((y * 37 + x * 91 + k * 53 + (y * x) % 17 * 11) % 256).astype(np.float32)


if __name__ == "__main__":
    with open("features.txt", "w") as out:
        for h, w, c in [(28, 28, 1), (96, 80, 3), (64, 64, 4), (20, 33, 2)]:
            print(h, w, c, *(f"{v:.7g}" for v in features(image(h, w, c))), file=out)

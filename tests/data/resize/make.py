"""Reference data of resize_test.cpp: Pillow's bicubic on float images (mode F), channel by channel;
PyTorch's bilinear; TensorFlow 1's, by its formula in float32."""
import numpy as np
import torch
from PIL import Image

CASES = [  # height, width, channels -> height, width
    (28, 28, 1, 64, 64),
    (37, 23, 3, 64, 64),
    (96, 80, 3, 64, 64),
    (64, 50, 3, 64, 64),
    (41, 64, 1, 64, 64),
    (50, 60, 3, 7, 11),
    (13, 200, 1, 29, 17),
    (3, 2, 3, 1, 1),
    (1, 1, 1, 5, 4),
    (2, 3, 4, 9, 8),
]


def image(h, w, c):
    """Smooth waves and a hard edge, from a formula that the test repeats."""
    y, x, k = np.meshgrid(np.arange(h), np.arange(w), np.arange(c), indexing="ij")
    return ((y * 37 + x * 91 + k * 53 + (y * x) % 17 * 11) % 256).astype(np.float32)


with open("clean.txt", "w") as out:
    for h, w, c, oh, ow in CASES:
        x = image(h, w, c)
        y = np.stack([np.asarray(Image.fromarray(x[..., k]).resize((ow, oh), Image.BICUBIC)) for k in range(c)], -1)
        # Large results are sampled: every 7th value.
        values = y.reshape(-1)[:: 7 if y.size > 500 else 1]
        print(h, w, c, oh, ow, *(f"{v:.9g}" for v in values), file=out)


def by_torch(x, h, w):
    planes = torch.from_numpy(x).permute(2, 0, 1)[None]
    return torch.nn.functional.interpolate(planes, size=(h, w), mode="bilinear", align_corners=False)[
        0].permute(1, 2, 0).numpy()


def by_tensorflow(x, h, w):
    """LegacyScaler and compute_lerp of TensorFlow's resize_bilinear_op.cc."""
    def taps(n, out):
        at = np.arange(out, dtype="f4") * (np.float32(n) / np.float32(out))
        low = at.astype(int)
        return low, np.minimum(low + 1, n - 1), at - low.astype("f4")
    top, bottom, down = taps(x.shape[0], h)
    left, right, across = taps(x.shape[1], w)
    across, down = across[None, :, None], down[:, None, None]
    upper = x[top][:, left] + (x[top][:, right] - x[top][:, left]) * across
    lower = x[bottom][:, left] + (x[bottom][:, right] - x[bottom][:, left]) * across
    return upper + (lower - upper) * down


with open("legacy.txt", "w") as out:
    for h, w, c, oh, ow in [(9, 733, 1, 5, 299), (512, 5, 1, 299, 7), (32, 32, 3, 41, 299)]:
        x = image(h, w, c)
        for name, resize in (("centres", by_torch), ("corners", by_tensorflow)):
            values = resize(x, oh, ow).reshape(-1)[::53]
            print(name, h, w, c, oh, ow, *(f"{v:.9g}" for v in values), file=out)

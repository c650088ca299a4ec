"""Reference data of resize_test.cpp: Pillow's bicubic on float images (mode F), channel by channel."""
import numpy as np
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

"""Writes inputs.txt (what the network sees) and features.txt (what it says)."""
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from cleanfid.resize import build_resizer
from PIL import Image
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

import weights

folder = pathlib.Path(__file__).parent
clean, legacy = build_resizer("clean"), build_resizer("legacy_pytorch")


def tensorflow(image):
    x = torch.from_numpy(image.transpose(2, 0, 1).astype(np.float32))[None]
    x = interpolate_bilinear_2d_like_tensorflow1x(x, size=(299, 299), align_corners=False)
    return x[0].numpy().transpose(1, 2, 0)


def network_input(image, resize):
    """Height x width x 3 of bytes -> 299 x 299 x 3."""
    if resize == "legacy_pytorch":
        return 2 * (legacy(image) / np.float32(255)) - 1
    return ((clean if resize == "clean" else tensorflow)(image) - np.float32(128)) / 128


def pattern(height, width, shift):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return ((y * 7 + x * 5 + c * 53 + (y * x) % 17 * 3 + shift) % 256).astype(np.uint8)


def photographs():
    for path in sorted(folder.glob("*.png")):
        yield path.name, np.asarray(Image.open(path).convert("RGB"))


def spatial(net, x):
    for name in ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1",
                 "Conv2d_4a_3x3", "maxpool2", "Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_6a",
                 "Mixed_6b", "Mixed_6c"):
        x = getattr(net, name)(x)
    return net.Mixed_6d.branch1x1(x)[:, :7].permute(0, 2, 3, 1).flatten(1)


def taps(net, x):
    """Everything that can be asked for of one input, in double precision."""
    found = {}
    keep = {"maxpool1": "64", "maxpool2": "192", "Mixed_6e": "768", "Mixed_7c": "2048"}
    hooks = [getattr(net, layer).register_forward_hook(
        lambda m, i, o, tap=tap: found.__setitem__(tap, o.mean((2, 3))))
        for layer, tap in keep.items()]
    found["biased"] = net(x)
    for hook in hooks:
        hook.remove()
    found["unbiased"] = F.linear(found["2048"], net.fc.weight)
    found["spatial"] = spatial(net, x)
    return found


def row(file, *words, values):
    print(*words, *(f"{v:.8g}" for v in values), file=file)


def main():
    with open(folder / "inputs.txt", "w") as file:
        for name, image in photographs():
            for resize in ("clean", "legacy_pytorch", "legacy_tensorflow"):
                row(file, name, resize, values=network_input(image, resize).flatten()[::499])
    net = weights.network().double()
    net.transform_input = False
    images = {"pattern-40-60-0": pattern(40, 60, 0), "pattern-320-280-90": pattern(320, 280, 90),
              **dict(photographs())}
    with open(folder / "features.txt", "w") as file, torch.no_grad():
        for name, image in images.items():
            x = network_input(image, "legacy_pytorch").transpose(2, 0, 1)
            found = taps(net, torch.from_numpy(x.copy()).double()[None])
            for kind, values in found.items():  # not all of them: a small file
                row(file, name, kind, values=values.flatten()[::16 if len(values[0]) > 700 else 4])


if __name__ == "__main__":
    main()

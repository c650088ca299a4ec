"""Weights of the FID Inception from a formula, the same here and in inception_test.cpp.

Tensor number t of the state dictionary (without num_batches_tracked) has at i the value
a + b u, where u in [-1/2, 1/2) are the upper 24 bits of a hash of (t, i).
python weights.py FOLDER writes the network in every container that circulates; the
TorchScript archive has the names of NVIDIA's. It prints the hash that diff-fid tells.
"""
import collections
import hashlib
import pathlib
import sys

import numpy as np
import torch
from pytorch_fid import inception


def uniform(t, count):
    h = (np.arange(count, dtype=np.uint64) * 0x9E3779B1 + t * 0x7FEB352D) & 0xFFFFFFFF
    h ^= h >> np.uint64(15)
    h = h * 0x85EBCA77 & 0xFFFFFFFF
    h ^= h >> np.uint64(13)
    h = h * 0xC2B2AE35 & 0xFFFFFFFF
    h ^= h >> np.uint64(16)
    return ((h >> np.uint64(8)).astype(np.float32) * np.float32(2.0**-24)) - np.float32(0.5)


def values(t, name, shape):
    u = uniform(t, int(np.prod(shape)))
    if name.endswith(("conv.weight", "fc.weight")):  # He 2015: variance 2 / fan-in
        v = u * np.float32(np.sqrt(24 / np.prod(shape[1:])))
    elif name.endswith(("bn.weight", "running_var")):
        v = np.float32(1) + u * np.float32(0.5)
    else:
        v = u * np.float32(0.5)
    return torch.from_numpy(v.reshape(shape))


def network():
    """pytorch-fid's whole network, with these weights in place of the download."""
    download, load = inception.load_state_dict_from_url, torch.nn.Module.load_state_dict
    inception.load_state_dict_from_url = lambda *a, **k: {}
    torch.nn.Module.load_state_dict = lambda *a, **k: None
    try:
        net = inception.fid_inception_v3()
    finally:
        inception.load_state_dict_from_url, torch.nn.Module.load_state_dict = download, load
    shapes = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()
              if not name.endswith("num_batches_tracked")}
    state = {name: values(t, name, shape) for t, (name, shape) in enumerate(shapes.items())}
    net.load_state_dict(state, strict=False)
    return net.eval()


BLOCKS = {"Conv2d_1a_3x3": "conv", "Conv2d_2a_3x3": "conv_1", "Conv2d_2b_3x3": "conv_2",
          "Conv2d_3b_1x1": "conv_3", "Conv2d_4a_3x3": "conv_4", "Mixed_5b": "mixed",
          "Mixed_5c": "mixed_1", "Mixed_5d": "mixed_2", "Mixed_6a": "mixed_3",
          "Mixed_6b": "mixed_4", "Mixed_6c": "mixed_5", "Mixed_6d": "mixed_6",
          "Mixed_6e": "mixed_7", "Mixed_7a": "mixed_8", "Mixed_7b": "mixed_9",
          "Mixed_7c": "mixed_10"}
TOWERS = [  # by the blocks' letters
    ("5b5c5d", ["conv", "tower.conv", "tower.conv_1", "tower_1.conv", "tower_1.conv_1",
                "tower_1.conv_2", "tower_2.conv"]),
    ("6a", ["conv", "tower.conv", "tower.conv_1", "tower.conv_2"]),
    ("6b6c6d6e", ["conv", "tower.conv", "tower.conv_1", "tower.conv_2", "tower_1.conv",
                  "tower_1.conv_1", "tower_1.conv_2", "tower_1.conv_3", "tower_1.conv_4",
                  "tower_2.conv"]),
    ("7a", ["tower.conv", "tower.conv_1", "tower_1.conv", "tower_1.conv_1", "tower_1.conv_2",
            "tower_1.conv_3"]),
    ("7b7c", ["conv", "tower_conv", "tower_mixed_conv", "tower_mixed_conv_1", "tower_1_conv",
              "tower_1_conv_1", "tower_1_mixed_conv", "tower_1_mixed_conv_1", "tower_2_conv"]),
]


class Holder(torch.nn.Module):
    def forward(self, x):
        return x


def script(net):
    """A TorchScript module with the same tensors under TensorFlow's names; BatchNorm's
    factor, which NVIDIA's lacks, is taken into the deviation."""
    root = Holder()

    def holder(path):
        at = root
        for part in path.split("."):
            if not hasattr(at, part):
                setattr(at, part, Holder())
            at = getattr(at, part)
        return at

    def put(path, unit):
        at = holder(path)
        at.weight = torch.nn.Parameter(unit.conv.weight.detach().clone())
        at.beta = torch.nn.Parameter(unit.bn.bias.detach().clone())
        var = unit.bn.running_var.double()
        at.register_buffer("mean", unit.bn.running_mean.clone())
        at.register_buffer("var", ((var + 1e-3) / unit.bn.weight.detach().double() ** 2
                                   - 1e-3).float())

    for ours, theirs in BLOCKS.items():
        block = getattr(net, ours)
        if hasattr(block, "conv"):
            put("layers." + theirs, block)
            continue
        towers = next(names for letters, names in TOWERS if ours[6:] in letters)
        for (_, unit), tower in zip(block.named_children(), towers, strict=True):
            put(f"layers.{theirs}.{tower}", unit)
    output = holder("output")
    output.weight = torch.nn.Parameter(net.fc.weight.detach().clone())
    output.bias = torch.nn.Parameter(net.fc.bias.detach().clone())
    return torch.jit.script(root)


def content_hash(state):
    """What diff-fid says of them: the hash of the tensors, whatever holds them."""
    lines = (f"{name} {hashlib.sha256(value.numpy().tobytes()).hexdigest()}\n"
             for name, value in state.items() if not name.endswith("num_batches_tracked"))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def main():
    from safetensors.torch import save_file
    folder = pathlib.Path(sys.argv[1])
    net = network()
    state = net.state_dict()
    print(content_hash(state))
    torch.save(state, folder / "zip.pth")
    bare = collections.OrderedDict((n, v) for n, v in state.items()
                                   if not n.endswith("num_batches_tracked"))
    torch.save(bare, folder / "stream.pth", _use_new_zipfile_serialization=False)
    save_file({n: v.contiguous() for n, v in bare.items()}, folder / "weights.safetensors")
    script(net).save(str(folder / "script.pt"))


if __name__ == "__main__":
    main()

"""Reference results of networks under the names of their authors' programs, from PyTorch.

Writes beside this file, for each network, NAME.f32: float32 numbers, channels last: images,
timesteps, what the network says (of a SiT: what it says of u). For transformers also the file that
PyTorch saves, NAME.pt; for U-Nets NAME.json, with the shapes of their weights, whose values are
those of `numbers`, so that no file has to hold them.

The U-Nets are written here from the papers (Nichol and Dhariwal 2021; Dhariwal and Nichol 2021)
with the module names of OpenAI's code.
"""

import argparse
import importlib.util
import json
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
spec = importlib.util.spec_from_file_location("transformers", HERE.parent / "transformer/make.py")
transformers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(transformers)


def numbers(name, count):
    """Waves of a frequency and a phase that the name tells."""
    seed = sum((i + 1) * ord(c) for i, c in enumerate(name)) % 1000
    return 0.1 * np.sin((1.0 + 0.001 * seed) * np.arange(count) + seed)


def norm(channels):
    return nn.GroupNorm(32, channels)


class Residual(nn.Module):
    def __init__(self, c, out, time, scales, resample=None):
        super().__init__()
        self.scales, self.resample = scales, resample
        self.in_layers = nn.Sequential(norm(c), nn.SiLU(), nn.Conv2d(c, out, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(time, out * (2 if scales else 1)))
        self.out_layers = nn.Sequential(
            norm(out), nn.SiLU(), nn.Identity(), nn.Conv2d(out, out, 3, padding=1))
        self.skip_connection = nn.Identity() if c == out else nn.Conv2d(c, out, 1)

    def forward(self, x, told):
        h = self.in_layers[:2](x)
        if self.resample:
            h, x = self.resample(h), self.resample(x)
        h = self.in_layers[2](h)
        told = self.emb_layers(told)[..., None, None]
        if self.scales:
            scale, shift = told.chunk(2, dim=1)
            h = self.out_layers[1:](self.out_layers[0](h) * (1 + scale) + shift)
        else:
            h = self.out_layers(h + told)
        return self.skip_connection(x) + h


class Attention(nn.Module):
    def __init__(self, c, heads, order):
        super().__init__()
        self.heads, self.order = heads, order
        self.norm, self.qkv, self.proj_out = norm(c), nn.Conv1d(c, 3 * c, 1), nn.Conv1d(c, c, 1)

    def forward(self, x, told):
        n, c, *sides = x.shape
        flat = x.flatten(2)
        shape = (n, 3, self.heads, -1, flat.shape[2]) if self.order == "new" else (
            n, self.heads, 3, -1, flat.shape[2])
        qkv = self.qkv(self.norm(flat)).reshape(shape)
        q, k, v = qkv.unbind(1 if self.order == "new" else 2)
        y = F.scaled_dot_product_attention(*(a.transpose(2, 3) for a in (q, k, v)))
        return x + self.proj_out(y.transpose(2, 3).reshape(flat.shape)).reshape(x.shape)


class Halved(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.op = nn.Conv2d(c, c, 3, stride=2, padding=1)

    def forward(self, x, told):
        return self.op(x)


class Doubled(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, padding=1)

    def forward(self, x, told):
        return self.conv(F.interpolate(x, scale_factor=2))


class Plain(nn.Conv2d):
    def forward(self, x, told):
        return super().forward(x)


def run(block, x, told):
    for part in block:
        x = part(x, told)
    return x


class UNet(nn.Module):
    """`attends` has a flag for each level."""

    def __init__(self, channels, attends, heads, order, scales, updown, out, classes=None):
        super().__init__()
        c, time = channels[0], 4 * channels[0]
        self.sinusoids = c
        self.time_embed = nn.Sequential(nn.Linear(c, time), nn.SiLU(), nn.Linear(time, time))
        if classes:
            self.label_emb = nn.Embedding(classes, time)
        residual = lambda c, out, resample=None: Residual(c, out, time, scales, resample)
        half, twice = nn.AvgPool2d(2), nn.Upsample(scale_factor=2)
        self.input_blocks = nn.ModuleList([nn.ModuleList([Plain(3, c, 3, padding=1)])])
        kept = [c]
        for level, width in enumerate(channels):
            parts = [residual(c, width)] + [Attention(width, heads, order)] * attends[level]
            self.input_blocks.append(nn.ModuleList(parts))
            c = width
            kept.append(c)
            if level + 1 < len(channels):
                self.input_blocks.append(
                    nn.ModuleList([residual(c, c, half) if updown else Halved(c)]))
                kept.append(c)
        self.middle_block = nn.ModuleList(
            [residual(c, c), Attention(c, heads, order), residual(c, c)])
        self.output_blocks = nn.ModuleList()
        for level, width in reversed(list(enumerate(channels))):
            for i in range(2):
                parts = [residual(c + kept.pop(), width)]
                parts += [Attention(width, heads, order)] * attends[level]
                c = width
                if level and i == 1:
                    parts.append(residual(c, c, twice) if updown else Doubled(c))
                self.output_blocks.append(nn.ModuleList(parts))
        self.out = nn.Sequential(norm(c), nn.SiLU(), nn.Conv2d(c, out, 3, padding=1))

    def forward(self, x, t, labels=None):
        told = self.time_embed(transformers.waves(t, self.sinusoids))
        if labels is not None:
            told = told + self.label_emb(labels)
        kept = []
        for block in self.input_blocks:
            x = run(block, x, told)
            kept.append(x)
        x = run(self.middle_block, x, told)
        for block in self.output_blocks:
            x = run(block, torch.cat([x, kept.pop()], 1), told)
        return self.out(x)


UNETS = {
    "guided": (dict(channels=[32, 64], attends=[False, True], heads=4, order="new", scales=True,
                    updown=True, out=6, classes=3), "adm:size=8,head_channels=16,qkv=new"),
    "improved": (dict(channels=[32, 32], attends=[True, True], heads=4, order="legacy",
                      scales=False, updown=False, out=3), "adm:size=8x4,heads=4"),
}
TRANSFORMER = dict(kind="DiT", sample_size=8, patch_size=2, in_channels=3, out_channels=6,
                   hidden_size=24, depth=2, num_heads=3, mlp_ratio=2.5, num_classes=4)


def write_numbers(name, *arrays):
    last = lambda a: a.permute(0, 2, 3, 1) if a.dim() == 4 else a
    flat = [last(a).detach().numpy().ravel() for a in arrays]
    np.concatenate(flat).astype("<f4").tofile(HERE / f"{name}.f32")


def images(sides):
    torch.manual_seed(2)
    return torch.randn(3, 3, *sides, dtype=torch.float64)


def write_unet(name, config, form):
    network = UNet(**config).double()
    state = network.state_dict()
    for key, value in state.items():
        value.copy_(torch.tensor(numbers(key, value.numel())).reshape(value.shape))
    x = images((8, 4) if "x" in form else (8, 8))
    t = torch.tensor([1.0, 40.0, 900.0], dtype=torch.float64)
    labels = torch.tensor([0, 2, 1]) if "classes" in config else None
    write_numbers(name, x, t, network(x, t, labels))
    said = {"form": form, "labels": [] if labels is None else labels.tolist(),
            "shapes": {key: list(value.shape) for key, value in state.items()}}
    (HERE / f"{name}.json").write_text(json.dumps(said, indent=1) + "\n")


def write_transformer(name):
    torch.manual_seed(3)
    network = transformers.Transformer(**{**TRANSFORMER, "kind": "DiT"})
    for weight in network.parameters():
        if weight.requires_grad:
            weight.data.normal_(0, 0.2)
    network.pos_embed.data = network.pos_embed.data.float()
    state = network.state_dict()
    trained = {key: value + (key != "pos_embed") for key, value in state.items()}
    if name == "sit":
        torch.save(state, HERE / "sit.pt")
    else:
        torch.save({"model": {f"module.{k}": v for k, v in trained.items()}, "ema": state,
                    "opt": {"state": {0: {"step": torch.tensor(5.0)}}},
                    "args": argparse.Namespace(lr=1e-4, model="DiT-XL/2", betas=(0.9, 0.999))},
                   HERE / "dit.pt")
    network = network.double()
    x = images((8, 8))
    t = torch.tensor([1.0, 40.0, 900.0], dtype=torch.float64)
    labels = torch.tensor([0, 4, 2])
    if name == "dit":
        return write_numbers(name, x, t, network(x, t, labels))
    velocity = network(x, 1 - t / 1000, labels)[:, :3]
    write_numbers(name, x, t, -velocity)


if __name__ == "__main__":
    for name, (config, form) in UNETS.items():
        write_unet(name, config, form)
    write_transformer("dit")
    write_transformer("sit")

"""Reference results of the diffusion transformers, from PyTorch.

Writes NAME.json (the configuration, and the labels under "_labels") and NAME.f32 beside this file:
float32 numbers, one array after the other, channels last: images, timesteps, result, its
derivative, then weights and their derivatives, each sorted by name.

The networks are written here from the papers (Peebles and Xie 2023; Li and He 2025) with the module names of their authors' code, so that a state dict has their names.
Weights are random: their start, where every block is the identity, would hide most of it.
"""

import json
import math
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
CONFIGS = {
    "square": dict(kind="DiT", sample_size=8, patch_size=2, in_channels=3, out_channels=6,
                   hidden_size=24, depth=2, num_heads=3, mlp_ratio=2.5, num_classes=4),
    "oblong": dict(kind="DiT", sample_size=[6, 12], patch_size=3, in_channels=1, out_channels=1,
                   hidden_size=16, depth=1, num_heads=2, mlp_ratio=4.0,
                   time_scale=-0.001, time_offset=1.0),
    "jit": dict(kind="JiT", sample_size=[8, 12], patch_size=4, in_channels=3, out_channels=3,
                hidden_size=24, depth=2, num_heads=3, mlp_ratio=4.0, num_classes=4,
                bottleneck_dim=5),
    "context": dict(kind="JiT", sample_size=[8, 12], patch_size=4, in_channels=3, out_channels=3,
                    hidden_size=24, depth=3, num_heads=3, mlp_ratio=4.0, num_classes=4,
                    in_context_len=5, in_context_start=1),
    "diffusers": dict(kind="DiTTransformer2DModel", sample_size=8, patch_size=2, in_channels=4,
                      out_channels=8, num_attention_heads=3, attention_head_dim=8, num_layers=2,
                      num_embeds_ada_norm=4),
}


def modulate(x, shift, scale):
    return x * (1 + scale[:, None]) + shift[:, None]


class Condition(nn.Module):
    """SiLU, then one linear map."""

    def __init__(self, width, count):
        super().__init__()
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, count * width))
        self.count = count

    def parts(self, c):
        return self.adaLN_modulation(c).chunk(self.count, dim=1)


def plain_norm(width):
    return lambda x: F.layer_norm(x, x.shape[-1:], eps=1e-6)


def turned(x, rows, columns):
    """Pairs of channels as complex numbers, times e^(i angle)."""
    size = x.shape[-1]
    frequencies = 10000.0 ** -(torch.arange(0, size // 2, 2, dtype=x.dtype) / (size // 2))
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    angles = torch.cat([place.reshape(-1, 1) * frequencies for place in (row, column)], 1)
    pairs = torch.view_as_complex(x.unflatten(-1, (size // 2, 2)).contiguous())
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


class Attention(nn.Module):
    def __init__(self, width, heads, grid=None):
        super().__init__()
        self.heads, self.grid = heads, grid
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        if grid:
            self.q_norm = nn.RMSNorm(width // heads, eps=1e-6)
            self.k_norm = nn.RMSNorm(width // heads, eps=1e-6)

    def placed(self, x):
        """Tokens of the grid are the last; those before them have no place."""
        before = x.shape[-2] - self.grid[0] * self.grid[1]
        return torch.cat([x[..., :before, :], turned(x[..., before:, :], *self.grid)], -2)

    def forward(self, x):
        n, tokens, width = x.shape
        split = self.qkv(x).reshape(n, tokens, 3, self.heads, width // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4)
        if self.grid:
            q, k = self.placed(self.q_norm(q)), self.placed(self.k_norm(k))
        y = F.scaled_dot_product_attention(q, k, v)
        return self.proj(y.transpose(1, 2).reshape(n, tokens, width))


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x), approximate="tanh"))


class GatedMlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.w12, self.w3 = nn.Linear(width, 2 * hidden), nn.Linear(hidden, width)

    def forward(self, x):
        a, b = self.w12(x).chunk(2, dim=-1)
        return self.w3(F.silu(a) * b)


class Block(Condition):
    """With a grid of tokens, JiT's."""

    def __init__(self, width, heads, ratio, grid=None):
        super().__init__(width, 6)
        self.attn = Attention(width, heads, grid)
        if grid:
            self.norm1, self.norm2 = nn.RMSNorm(width, eps=1e-6), nn.RMSNorm(width, eps=1e-6)
            self.mlp = GatedMlp(width, int(int(width * ratio) * 2 / 3))
        else:
            self.norm1 = self.norm2 = plain_norm(width)
            self.mlp = Mlp(width, int(width * ratio))

    def forward(self, x, c):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.parts(c)
        x = x + gate1[:, None] * self.attn(modulate(self.norm1(x), shift1, scale1))
        return x + gate2[:, None] * self.mlp(modulate(self.norm2(x), shift2, scale2))


class Final(Condition):
    def __init__(self, width, out, grid=None):
        super().__init__(width, 2)
        self.norm_final = nn.RMSNorm(width, eps=1e-6) if grid else plain_norm(width)
        self.linear = nn.Linear(width, out)

    def forward(self, x, c):
        shift, scale = self.parts(c)
        return self.linear(modulate(self.norm_final(x), shift, scale))


class Names(nn.Module):
    def __init__(self, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)


def places(rows, columns, width):
    """1 x tokens x width: columns first, sines before cosines."""
    frequencies = 10000.0 ** -(np.arange(width // 4) / (width // 4))
    row, column = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    angles = [np.outer(place.ravel(), frequencies) for place in (column, row)]
    waves = [wave(angle) for angle in angles for wave in (np.sin, np.cos)]
    return torch.tensor(np.concatenate(waves, axis=1)[None], dtype=torch.float64)


def waves(t, width=256):
    """In float32, as the authors' code: at t = 900 the last bit of a frequency shows."""
    places = torch.arange(width // 2, dtype=torch.float32)
    angles = t.float()[:, None] * torch.exp(-math.log(10000) * places / (width // 2))
    return torch.cat([torch.cos(angles), torch.sin(angles)], 1).to(t.dtype)


class Transformer(nn.Module):
    def __init__(self, kind, sample_size, patch_size, in_channels, out_channels, hidden_size, depth,
                 num_heads, mlp_ratio, num_classes=None, bottleneck_dim=None, time_scale=1.0,
                 time_offset=0.0, in_context_len=0, in_context_start=0):
        super().__init__()
        self.patch, self.out = patch_size, out_channels
        self.context, self.start = in_context_len, in_context_start
        if in_context_len:
            self.in_context_posemb = nn.Parameter(torch.zeros(1, in_context_len, hidden_size))
        self.time = lambda t: time_offset + time_scale * t
        self.rows, self.columns = [int(s) // patch_size for s in np.broadcast_to(sample_size, 2)]
        first = nn.Conv2d(in_channels, bottleneck_dim or hidden_size, patch_size, patch_size)
        if bottleneck_dim:
            self.x_embedder = Names(proj1=first, proj2=nn.Conv2d(bottleneck_dim, hidden_size, 1))
        else:
            self.x_embedder = Names(proj=first)
        self.t_embedder = Names(mlp=nn.Sequential(
            nn.Linear(256, hidden_size), nn.SiLU(), nn.Linear(hidden_size, hidden_size)))
        if num_classes is not None:
            self.y_embedder = Names(embedding_table=nn.Embedding(num_classes + 1, hidden_size))
        self.pos_embed = nn.Parameter(places(self.rows, self.columns, hidden_size), False)
        grid = (self.rows, self.columns) if kind == "JiT" else None
        self.blocks = nn.ModuleList(
            Block(hidden_size, num_heads, mlp_ratio, grid) for _ in range(depth))
        self.final_layer = Final(hidden_size, patch_size**2 * out_channels, grid)

    def forward(self, x, t, y=None):
        for layer in self.x_embedder.children():
            x = layer(x)
        x = x.flatten(2).transpose(1, 2) + self.pos_embed
        c = self.t_embedder.mlp(waves(self.time(t)))
        if y is not None:
            label = self.y_embedder.embedding_table(y)
            c = c + label
        for i, block in enumerate(self.blocks):
            if self.context and i == self.start:
                x = torch.cat([label[:, None] + self.in_context_posemb, x], 1)
            x = block(x, c)
        x = x[:, self.context:]
        x = self.final_layer(x, c)
        p = self.patch
        x = x.reshape(len(x), self.rows, self.columns, p, p, self.out)
        return x.permute(0, 5, 1, 3, 2, 4).reshape(len(x), self.out, self.rows * p, self.columns * p)


def make(config):
    if config["kind"] == "DiTTransformer2DModel":
        import diffusers

        return diffusers.DiTTransformer2DModel(**{k: v for k, v in config.items() if k != "kind"}).eval()
    return Transformer(**config)


def write(name, config):
    torch.manual_seed(1)
    network = make(config).double()
    weights = {k: p for k, p in sorted(network.named_parameters()) if p.requires_grad}
    for weight in weights.values():
        weight.data.normal_(0, 0.2)
    height, width = np.broadcast_to(config["sample_size"], 2)
    x = torch.randn(3, config["in_channels"], height, width, dtype=torch.float64)
    t = torch.tensor([1.0, 40.0, 900.0], dtype=torch.float64)
    classes = config.get("num_classes", config.get("num_embeds_ada_norm"))
    labels = None if classes is None else torch.tensor([0, classes, 2])
    y = network(x, t, labels)
    y = getattr(y, "sample", y)
    dy = torch.randn_like(y)
    y.backward(dy)
    last = lambda image: image.permute(0, 2, 3, 1)
    arrays = [last(x), t, last(y), last(dy), *weights.values(), *(w.grad for w in weights.values())]
    numbers = np.concatenate([a.detach().numpy().ravel() for a in arrays]).astype("<f4")
    numbers.tofile(HERE / f"{name}.f32")
    said = {"_class_name": config["kind"], **config}
    del said["kind"]
    if labels is not None:
        said["_labels"] = labels.tolist()
    (HERE / f"{name}.json").write_text(json.dumps(said, indent=1) + "\n")


if __name__ == "__main__":
    for name, config in CONFIGS.items():
        write(name, config)

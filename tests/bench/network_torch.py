"""The peer of bench-network: the same networks in diffusers and PyTorch (the transformer is that
of tests/data/transformer/make.py).

python network_torch.py [steps] [quickstart|colour|dit] [ARRANGEMENT...]

An arrangement is float32, tf32 or bf16 (autocast), eager or compiled, first or last (where
the channels are), joined by hyphens: bf16-eager-last. All but tf32's by default.

From the environment: DEVICE (cpu), BATCH (64), and OPTIMISER=1 for whole steps, with clipping,
fused AdamW and a moving average of the weights.
"""
import contextlib
import itertools
import os
import resource
import pathlib
import statistics
import sys
import time

import diffusers
import torch

sys.path.append(str(pathlib.Path(__file__).parents[1] / "data" / "transformer"))
import make as transformers  # noqa: E402

RECIPES = {
    "quickstart": (dict(
        in_channels=1, out_channels=1, block_out_channels=(16, 32, 64), layers_per_block=1,
        down_block_types=("DownBlock2D",) * 3, up_block_types=("UpBlock2D",) * 3,
        attention_head_dim=None, norm_num_groups=8), (64, 1, 28, 28)),
    "colour": (dict(
        in_channels=3, out_channels=3, block_out_channels=(64, 128, 128), layers_per_block=2,
        down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=8), (64, 3, 32, 32)),
    "dit": (dict(
        kind="DiT", sample_size=32, patch_size=2, in_channels=3, out_channels=3, hidden_size=384, depth=12,
        num_heads=6, mlp_ratio=4), (64, 3, 32, 32)),
}
DEVICE = os.environ.get("DEVICE", "cpu")
BATCH = int(os.environ.get("BATCH", 64))
ARRANGEMENTS = ["-".join(parts) for parts in itertools.product(
    ("float32", "bf16"), ("eager", "compiled"), ("first", "last"))]


def make_network(name, config):
    """The network, and what it is called with to get its output."""
    if name == "dit":
        network = transformers.Transformer(**config).float()
        return network, lambda module, x, t: module(x, t)
    return diffusers.UNet2DModel(**config), lambda module, x, t: module(x, t).sample


def median_time(steps, call):
    """Wall and processor seconds of a call, after two that warm up."""
    times = []
    for _ in range(steps + 2):
        start = time.perf_counter(), time.process_time()
        call()
        if DEVICE != "cpu":
            torch.cuda.synchronize()
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    return [statistics.median(column) for column in zip(*times[2:])]


def run(name, arrangement, steps):
    """Peak memory is the process's, or the device's: give one arrangement to see its own."""
    config, (_, *image) = RECIPES[name]
    shape = (BATCH, *image)
    precision, mode, channels = arrangement.split("-")
    layout = torch.channels_last if channels == "last" else torch.contiguous_format
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.benchmark = True
    model, output = make_network(name, config)
    model = model.to(DEVICE, memory_format=layout)
    x = torch.randn(shape, device=DEVICE).to(memory_format=layout)
    timesteps = torch.arange(shape[0], device=DEVICE) % 64 * 15.0
    optimiser = average = None
    if os.environ.get("OPTIMISER"):
        optimiser = torch.optim.AdamW(model.parameters(), fused=True)
        average = [p.detach().clone() for p in model.parameters()]
    network = torch.compile(model) if mode == "compiled" else model

    def cast():
        if precision != "bf16":
            return contextlib.nullcontext()
        return torch.autocast(DEVICE, dtype=torch.bfloat16)

    def train():
        model.zero_grad()
        with cast():
            y = output(network, x, timesteps)
        y.float().square().mean().backward()
        if optimiser:
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
            optimiser.step()
            torch._foreach_lerp_(average, [p.detach() for p in model.parameters()], 0.005)

    def forward():
        with torch.no_grad(), cast():
            output(network, x, timesteps)

    for what, call in (("train", train), ("forward", forward)):
        wall, processor = median_time(steps, call)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        if DEVICE != "cpu":
            memory = torch.cuda.max_memory_allocated() / 2**20
        print(f"{name:10} {what:8} {arrangement:22} {shape[0] / wall:7.1f} images/s "
              f"{1e3 * processor / shape[0]:8.2f} ms of processor an image {memory:7.0f} MiB",
              flush=True)


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 2)))
    for name in RECIPES:
        if name.startswith(only):
            for arrangement in sys.argv[3:] or ARRANGEMENTS:
                run(name, arrangement, steps)


if __name__ == "__main__":
    main()

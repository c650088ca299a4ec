"""The peer of bench-inception: pytorch-fid's network in PyTorch.

python inception_torch.py [FOLDER] [ROUNDS] [ARRANGEMENT...]

An arrangement is float32 or bf16 (autocast), eager or frozen (traced and frozen), first or
last (where the channels are), joined by hyphens: bf16-frozen-last. Images are ready in memory;
with FOLDER its pictures are decoded by Pillow and resized to 299 x 299 as clean-fid does, in a
DataLoader whose number of workers ends the name: bf16-frozen-last-2. pytorch-fid-N is that
program as its users run it: get_activations() on the folder, batches of 50, N workers, and as
many threads as PyTorch takes by itself; pytorch-fid is its command line's own choice of workers.
All by default. OMP_NUM_THREADS sets the threads of the others (2).
"""
import contextlib
import io
import itertools
import os
import pathlib
import statistics
import sys
import time

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "data" / "fid-inception"))
import weights  # noqa: E402
from pytorch_fid import inception  # noqa: E402

KINDS = ["-".join(parts) for parts in itertools.product(
    ("float32", "bf16"), ("eager", "frozen"), ("first", "last"))]
BATCH, SIZE = 16, 299
THREADS_BY_ITSELF = torch.get_num_threads()


def network(**settings):
    state = weights.network().state_dict()
    inception.load_state_dict_from_url = lambda *a, **k: state
    return inception.InceptionV3([3], **settings).eval()


class Pictures(torch.utils.data.Dataset):
    """What clean-fid shows its network, on the scale that pytorch-fid's has at its door."""

    def __init__(self, folder):
        self.paths = sorted(pathlib.Path(folder).glob("*.png"))

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        pixels = np.asarray(Image.open(self.paths[i]).convert("RGB")).astype(np.float32)
        channels = [Image.fromarray(np.ascontiguousarray(pixels[:, :, c])) for c in range(3)]
        resized = [np.asarray(c.resize((SIZE, SIZE), resample=Image.BICUBIC)) for c in channels]
        return torch.from_numpy(np.stack(resized).clip(0, 255) / 256)


def processor_seconds():
    """Of this process and of workers that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def report(name, rounds, images, call):
    """The first two calls warm up: the second still compiles what was traced."""
    wall, processor = [], []
    for i in range(rounds + 2):
        start = time.perf_counter(), processor_seconds()
        call()
        if i >= 2:
            wall.append(time.perf_counter() - start[0])
            processor.append(processor_seconds() - start[1])
    print(f"{name:22} {images / statistics.median(wall):6.1f} images/s "
          f"{1e3 * statistics.median(processor) / images:8.2f} ms of processor an image, "
          f"{torch.get_num_threads()} threads", flush=True)


def run(net, name, rounds, pictures):
    precision, mode, channels, *workers = name.split("-")
    layout = torch.channels_last if channels == "last" else torch.contiguous_format
    x = torch.rand(BATCH, 3, SIZE, SIZE).contiguous(memory_format=layout)
    net = net.to(memory_format=layout)

    def cast():
        if precision == "float32":
            return contextlib.nullcontext()
        return torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=mode == "eager")

    with torch.no_grad(), cast():
        call = net
        if mode == "frozen":
            call = torch.jit.freeze(torch.jit.trace(net, x, check_trace=False))
        if not workers:
            return report(name, rounds, BATCH, lambda: call(x))

        def all_pictures():
            for batch in torch.utils.data.DataLoader(pictures, batch_size=BATCH,
                                                     num_workers=int(workers[0])):
                call(batch.contiguous(memory_format=layout))

        report(name, rounds, len(pictures), all_pictures)


def run_pytorch_fid(name, rounds, pictures):
    """workers: as its command line has it, the cores it may run on, at most eight."""
    from pytorch_fid import fid_score
    chosen = name.removeprefix("pytorch-fid").lstrip("-")
    workers = int(chosen) if chosen else min(len(os.sched_getaffinity(0)), 8)
    net, files = network(), [str(path) for path in pictures.paths]

    def activations():
        with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
            fid_score.get_activations(files, net, batch_size=50, num_workers=workers)

    torch.set_num_threads(THREADS_BY_ITSELF)
    report(name, rounds, len(files), activations)


def main():
    arguments = sys.argv[1:]
    pictures = None
    if arguments and os.path.isdir(arguments[0]):
        pictures = Pictures(arguments.pop(0))
    rounds = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 5
    net = network(resize_input=False)
    everything = KINDS
    if pictures:
        everything = [f"{kind}-{workers}" for kind in KINDS for workers in (0, 2)]
        everything += ["pytorch-fid", "pytorch-fid-0", "pytorch-fid-2"]
    for name in arguments or everything:
        if name.startswith("pytorch-fid"):
            run_pytorch_fid(name, rounds, pictures)
        else:
            torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 2)))
            run(net, name, rounds, pictures)


if __name__ == "__main__":
    main()

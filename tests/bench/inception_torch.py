"""The peer of bench-inception: pytorch-fid's network in PyTorch, images ready in memory.

python inception_torch.py [rounds] [ARRANGEMENT...]

An arrangement is float32 or bf16 (autocast), eager or frozen (traced and frozen), first or
last (where the channels are), joined by hyphens: bf16-frozen-last. All by default.
"""
import contextlib
import itertools
import os
import pathlib
import statistics
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "data" / "fid-inception"))
import weights  # noqa: E402
from pytorch_fid import inception  # noqa: E402

ARRANGEMENTS = ["-".join(parts) for parts in itertools.product(
    ("float32", "bf16"), ("eager", "frozen"), ("first", "last"))]
BATCH = 16


def network():
    state = weights.network().state_dict()
    inception.load_state_dict_from_url = lambda *a, **k: state
    return inception.InceptionV3([3], resize_input=False).eval()


def run(net, arrangement, rounds):
    precision, mode, channels = arrangement.split("-")
    layout = torch.channels_last if channels == "last" else torch.contiguous_format
    x = torch.rand(BATCH, 3, 299, 299).contiguous(memory_format=layout)
    net = net.to(memory_format=layout)

    def cast():
        if precision == "float32":
            return contextlib.nullcontext()
        return torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=mode == "eager")

    with torch.no_grad(), cast():
        call = net
        if mode == "frozen":
            call = torch.jit.freeze(torch.jit.trace(net, x, check_trace=False))
        wall, processor = [], []
        for i in range(rounds + 2):
            start = time.perf_counter(), time.process_time()
            call(x)
            if i >= 2:
                wall.append(time.perf_counter() - start[0])
                processor.append(time.process_time() - start[1])
    print(f"{arrangement:22} {BATCH / statistics.median(wall):6.1f} images/s "
          f"{1e3 * statistics.median(processor) / BATCH:8.2f} ms of processor an image", flush=True)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 2)))
    net = network()
    for arrangement in sys.argv[2:] or ARRANGEMENTS:
        run(net, arrangement, rounds)


if __name__ == "__main__":
    main()

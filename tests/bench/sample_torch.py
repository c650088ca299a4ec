"""Times drawing samples: diff-sample, and diffusers with the same weights in PyTorch.

usage: python tests/bench/sample_torch.py BIN MODEL [COUNT [STEPS [ROUNDS]]] [ARRANGEMENT...]

BIN is the folder of the built programs, MODEL a model file of diff-train. COUNT (64)
samples, one batch, take STEPS (50) of DDIM from the same noise. The contenders take turns,
ROUNDS (3) times, each in a process of its own; what is printed is the median of each, and
the ratios. diff-sample is timed from start to end. Of the peer only the loop is, as users
write it (scheduler.step after each call, under no_grad), when everything is loaded and has
been called.

An arrangement is float32 or bf16 (autocast), eager or compiled, first or last (where the
channels are), joined by hyphens: bf16-eager-last. All of them by default.
"""
import contextlib
import itertools
import json
import os
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import numpy

ARRANGEMENTS = ["-".join(parts) for parts in itertools.product(
    ("float32", "bf16"), ("eager", "compiled"), ("first", "last"))]
THREADS = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count()))
SCHEDULES = {"cosine": "squaredcos_cap_v2", "linear": "linear", "scaled-linear": "scaled_linear"}


def metadata(path):
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        texts = json.loads(file.read(length))["__metadata__"]
    return {key: json.loads(texts[key]) for key in ("model", "schedule", "objective")}


def load(path, about):
    import diffusers
    from safetensors.torch import load_file
    model = diffusers.UNet2DModel.from_config(about["model"])
    model.load_state_dict({name: value for name, value in load_file(path).items()
                           if "/" not in name})
    scheduler = diffusers.DDIMScheduler(
        num_train_timesteps=about["schedule"]["T"],
        beta_schedule=SCHEDULES[about["schedule"]["family"]],
        prediction_type={"eps": "epsilon", "v": "v_prediction"}[about["objective"]["prediction"]],
        timestep_spacing="trailing", clip_sample=True)
    return model.eval(), scheduler


def peer(path, arrangement, noise, steps, out):
    """The seconds, processor seconds and MiB of one arrangement, printed as JSON."""
    import torch
    torch.set_num_threads(THREADS)
    precision, mode, channels = arrangement.split("-")
    model, scheduler = load(path, metadata(path))
    layout = torch.channels_last if channels == "last" else torch.contiguous_format
    model = model.to(memory_format=layout)
    network = torch.compile(model) if mode == "compiled" else model
    start = torch.from_numpy(numpy.load(noise)).permute(0, 3, 1, 2).contiguous()

    def cast():
        return (contextlib.nullcontext() if precision == "float32" else
                torch.autocast("cpu", dtype=torch.bfloat16))

    def draw(most):
        image = start.to(memory_format=layout)
        scheduler.set_timesteps(steps)
        with torch.no_grad(), cast():
            for t in scheduler.timesteps[:most]:
                predicted = network(image, t).sample
                image = scheduler.step(predicted, t, image,
                                       use_clipped_model_output=True).prev_sample
        return image.float().permute(0, 2, 3, 1).contiguous().numpy()

    draw(2)
    began = time.perf_counter(), time.process_time()
    image = draw(steps)
    seconds = time.perf_counter() - began[0], time.process_time() - began[1]
    numpy.save(out, image)
    print(json.dumps([*seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def run(command):
    """Wall seconds, processor seconds, MiB and standard output of a program."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        text = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command[0]} failed")
    return (time.perf_counter() - began, usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024, text)


def ours(binary, path, precision, noise, steps, out):
    return run([os.path.join(binary, "diff-sample"), path, "--weights", "raw", "--precision",
                precision, "--init", noise, "--steps", str(steps), "--float", "-o", out, "-q",
                "-j", str(THREADS)])[:3]


def theirs(path, arrangement, noise, steps, out):
    return json.loads(run([sys.executable, __file__, "--peer", path, arrangement, noise,
                           str(steps), out])[3])


def report(name, count, times, best):
    wall, processor, memory = (statistics.median(column) for column in zip(*times))
    line = (f"{name:24} {count / wall:8.2f} images/s {1e3 * processor / count:9.1f} ms of "
            f"processor an image {memory:7.0f} MiB")
    if best:
        line += (f"; {best[1]} is {wall / best[0]:.2f} x as fast, in {best[2] / memory:.2f} of "
                 "the memory")
    print(line, flush=True)
    return wall, name, memory


def main():
    binary, path = sys.argv[1:3]
    numbers = [int(text) for text in sys.argv[3:] if text.isdigit()]
    count, steps, rounds = (numbers + [64, 50, 3][len(numbers):])[:3]
    names = [text for text in sys.argv[3:] if not text.isdigit()] or ARRANGEMENTS
    size = metadata(path)["model"]
    shape = (count, size["sample_size"], size["sample_size"], size["in_channels"])
    with tempfile.TemporaryDirectory() as folder:
        noise, mine, other = (os.path.join(folder, name) for name in ("x.npy", "a.npy", "b.npy"))
        numpy.save(noise, numpy.random.default_rng(0).standard_normal(shape, numpy.float32))
        contenders = {f"diff-sample {precision}": lambda precision=precision: ours(
            binary, path, precision, noise, steps, mine) for precision in ("bf16", "float32")}
        contenders |= {name: lambda name=name: theirs(path, name, noise, steps, other)
                       for name in names}
        times = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, call in contenders.items():
                times[name].append(call())
                if name == "float32-eager-first":
                    difference = numpy.abs(numpy.load(mine) - numpy.load(other)).max()
        if "float32-eager-first" in times:
            print(f"largest difference of the samples in float32: {difference:.1e}")
        best = {precision: report(f"diff-sample {precision}", count,
                                  times[f"diff-sample {precision}"], None)
                for precision in ("float32", "bf16")}
        for name in names:
            report(name, count, times[name], best[name.split("-")[0]])


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), sys.argv[6])
    else:
        main()

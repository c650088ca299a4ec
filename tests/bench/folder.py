"""Times noising a folder of PNG pictures: diff-noise, an OpenImageIO pass over the same
pixels (bench-pictures), and a loop in PyTorch and Pillow with as many worker processes.

usage: python tests/bench/folder.py BIN PHOTOS [COUNT [ROUNDS]]

BIN is the folder of the built programs; PHOTOS holds photographs, out of which COUNT
(2000) pieces of 256 x 256 are cut. The contenders take turns, ROUNDS (3) times; what is
printed is the median of each and the ratios.
"""
import math
import multiprocessing
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import torch
from PIL import Image

SIZE, WORKERS, STEP, STEPS = 256, os.cpu_count(), 500, 1000


def cut_pieces(photos, folder, count):
    pictures = []
    for name in sorted(os.listdir(photos)):
        try:
            picture = Image.open(os.path.join(photos, name)).convert("RGB")
        except OSError:
            continue
        if min(picture.size) > SIZE:
            pictures.append(picture)
    draw = random.Random(0)
    os.makedirs(folder)
    for i in range(count):
        picture = pictures[i % len(pictures)]
        left = draw.randrange(picture.width - SIZE)
        top = draw.randrange(picture.height - SIZE)
        piece = picture.crop((left, top, left + SIZE, top + SIZE))
        if draw.random() < 0.5:
            piece = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        piece.save(os.path.join(folder, f"{i:05d}.png"))


def cosine_alpha_bar(t):
    f = lambda u: math.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2
    return f(t / STEPS) / f(0)


def noise_some(arguments):
    paths, out, alpha, sigma = arguments
    torch.set_num_threads(1)
    for path in paths:
        pixels = numpy.asarray(Image.open(path))
        x0 = torch.from_numpy(pixels.copy()).float() / 127.5 - 1
        x_t = alpha * x0 + sigma * torch.randn_like(x0)
        bytes_ = ((x_t + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        Image.fromarray(bytes_.numpy()).save(os.path.join(out, os.path.basename(path)))


def pillow_loop(clean, out):
    os.makedirs(out)
    alpha_bar = cosine_alpha_bar(STEP)
    alpha, sigma = math.sqrt(alpha_bar), math.sqrt(1 - alpha_bar)
    paths = sorted(os.path.join(clean, name) for name in os.listdir(clean))
    parts = [(paths[i::WORKERS], out, alpha, sigma) for i in range(WORKERS)]
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        start = time.perf_counter()  # the workers stand ready
        pool.map(noise_some, parts)
        return time.perf_counter() - start


def main():
    programs, photos = sys.argv[1:3]
    count, rounds = (int(sys.argv[3]) if len(sys.argv) > 3 else 2000), (
        int(sys.argv[4]) if len(sys.argv) > 4 else 3)
    with tempfile.TemporaryDirectory() as top:
        clean, noisy = os.path.join(top, "clean"), os.path.join(top, "noisy")
        cut_pieces(photos, clean, count)

        def fresh(name):
            shutil.rmtree(os.path.join(top, name), ignore_errors=True)
            os.sync()
            return os.path.join(top, name)

        def ours():
            out = fresh("noisy")
            start = time.perf_counter()
            subprocess.run([os.path.join(programs, "diff-noise"), "-q", "-s", "cosine", "-t",
                            str(STEP), clean, "-o", out + "/"], check=True)
            return time.perf_counter() - start

        def floor():
            """The pass itself, and the start of a program that loads OpenImageIO."""
            out, program = fresh("floor"), os.path.join(programs, "bench-pictures")
            start = time.perf_counter()
            subprocess.run([program], capture_output=True)
            start_up = time.perf_counter() - start
            done = subprocess.run([program, clean, noisy, out], check=True, capture_output=True,
                                  text=True)
            return start_up + float(done.stdout)

        contenders = {"diff-noise": ours, "OpenImageIO": floor,
                      "Pillow": lambda: pillow_loop(clean, fresh("pillow"))}
        times = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, run in contenders.items():
                times[name].append(run())
        median = {name: statistics.median(values) for name, values in times.items()}
        for name, values in times.items():
            spread = " ".join(f"{value:.2f}" for value in values)
            print(f"{name}: {median[name]:.2f} s, {1e3 * median[name] / count:.2f} ms a picture "
                  f"({spread})")
        for name in ("OpenImageIO", "Pillow"):
            print(f"diff-noise / {name}: {median['diff-noise'] / median[name]:.2f}")
        for name in ("clean", "noisy", "pillow"):
            folder = os.path.join(top, name)
            size = sum(os.path.getsize(os.path.join(folder, f)) for f in os.listdir(folder))
            print(f"{name}: {size / count / 1000:.1f} kB a picture")


if __name__ == "__main__":
    main()

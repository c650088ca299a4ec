"""Times NumPy and PyTorch filling one array with standard normals.

usage: python tests/bench/normals_python.py [REPEATS]
"""
import sys
import time

import numpy
import torch

COUNT = 1 << 26


def best(repeats, work):
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    array = numpy.empty(COUNT, numpy.float32)
    generator = numpy.random.default_rng(0)
    tensor = torch.empty(COUNT)
    makers = {
        "NumPy " + numpy.__version__: lambda: generator.standard_normal(out=array, dtype=numpy.float32),
        "PyTorch " + torch.__version__: tensor.normal_,
    }
    for name, work in makers.items():
        print(f"{name}: {COUNT / best(repeats, work) / 1e6:.1f} million normals a second")


if __name__ == "__main__":
    main()

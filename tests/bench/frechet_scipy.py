"""The Frechet distance of two 2048-d Gaussians as pytorch-fid takes it (a general matrix square
root), and one symmetric eigenvalue problem: frechet_scipy.py [REPEATS]"""
import sys
import time

import numpy as np
import scipy.linalg
from pytorch_fid.fid_score import calculate_frechet_distance

repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
d = 2048
rng = np.random.default_rng(1)


def moments(n, power):
    x = rng.normal(size=(n, d)) * np.arange(1, d + 1) ** -power
    x[:, 1:] += 0.2 * x[:, :-1]
    return x.mean(0), np.cov(x, rowvar=False)


def best(work):
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


for power in (0.0, 0.5, 1.5):
    a, b = moments(10000, power), moments(9000, power)
    whole = best(lambda: calculate_frechet_distance(*a, *b))
    problem = best(lambda: scipy.linalg.eigvalsh(a[1]))
    print(f"2048 features, variances as k^-{2 * power}: {whole:.3f} s; eigenvalues {problem:.3f} s")

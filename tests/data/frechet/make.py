"""Reference data of frechet_test.cpp: features of two sets and their Frechet distance.

`exact` is the definition in 60 digits (mpmath, symmetric eigenvalues of S1^(1/2) S2 S1^(1/2));
`pytorch_fid` is calculate_frechet_distance of that package (scipy.linalg.sqrtm in double),
kept for the well-conditioned cases only.
"""
import mpmath as mp
import numpy as np
from pytorch_fid.fid_score import calculate_frechet_distance

mp.mp.dps = 60
rng = np.random.default_rng(7)


def features(n, d, scale, shift):
    mix = rng.normal(size=(d, d)) / np.sqrt(d)
    return ((rng.normal(size=(n, d)) @ mix) * scale + shift).astype(np.float32)


def moments(x):
    n, d = x.shape
    m = mp.matrix(x.tolist())
    mean = [mp.fsum(m[i, j] for i in range(n)) / n for j in range(d)]
    c = mp.matrix(n, d)
    for i in range(n):
        for j in range(d):
            c[i, j] = m[i, j] - mean[j]
    return mp.matrix(mean), (c.T * c) / (n - 1)


def exact(x, y):
    (m1, s1), (m2, s2) = moments(x), moments(y)
    values, vectors = mp.eigsy(s1)
    root = vectors * mp.diag([mp.sqrt(max(v, 0)) for v in values]) * vectors.T
    inner = root * s2 * root
    both = mp.eigsy((inner + inner.T) / 2, eigvals_only=True)
    trace = mp.fsum(mp.sqrt(max(v, 0)) for v in both)
    gap = m1 - m2
    d = len(m1)
    return (gap.T * gap)[0] + mp.fsum(s1[i, i] + s2[i, i] for i in range(d)) - 2 * trace


CASES = [  # n1, n2, d, scale of the second, shift of the second
    (40, 50, 6, 1.3, 0.2),
    (200, 300, 12, 0.7, -1.0),
    (60, 80, 10, 1.0, 0.0),
    (5, 7, 12, 1.5, 0.5),  # n < d: singular
    (5, 40, 12, 1.0, 0.1),  # one set singular
    (2, 2, 9, 1.0, 0.0),
]
with open("cases.txt", "w") as out:
    for n1, n2, d, scale, shift in CASES:
        x, y = features(n1, d, 1, 0), features(n2, d, scale, shift)
        stats = [f(z) for z in (x, y) for f in (lambda z: z.astype(float).mean(0), lambda z: np.cov(z.astype(float), rowvar=False))]
        peer = calculate_frechet_distance(*stats) if min(n1, n2) > d else float("nan")
        print(n1, n2, d, mp.nstr(exact(x, y), 17), repr(float(peer)), file=out)
        for z in (x, y):
            print(*(f"{v:.9g}" for v in z.reshape(-1)), file=out)

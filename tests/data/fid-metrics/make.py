"""Features of two sets, and what other programs say of them: the reference data of
tests/fid/metrics_test.cpp."""
import contextlib
import io

import numpy as np
import torch
from torch_fidelity.metric_kid import kernel_mmd
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_prc import calculate_precision_recall_full
from prdc import compute_prdc
from pytorch_fid.fid_score import calculate_frechet_distance
from sklearn.linear_model import LinearRegression

M32, M64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & M32, (a >> 32) ^ c[3] ^ k[1], a & M32]
        k = [(k[0] + 0x9E3779B9) & M32, (k[1] + 0xBB67AE85) & M32]
    return c


def fnv1a(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & M64
    return h


def uniform(seed, purpose, number, index):
    """diff-formats(5): uniform number `index` of the stream of diff-fid."""
    key = seed ^ fnv1a("diff-fid")
    words = philox([index // 2, purpose, number & M32, number >> 32], [key & M32, key >> 32])
    at = 2 * (index % 2)
    return ((words[at] << 32 | words[at + 1]) >> 11) * 2.0**-53


def subset(seed, purpose, number, count, chosen):
    order = list(range(count))
    for i in range(chosen):
        j = i + int(uniform(seed, purpose, number, i) * (count - i))
        order[i], order[j] = order[j], order[i]
    return order[:chosen]


rng = np.random.default_rng(7)
n, m, d = 120, 90, 24
mix = rng.normal(size=(d, d)) / np.sqrt(d) + 0.5 * np.eye(d)
real = (np.maximum(rng.normal(size=(n, d)) @ mix, -0.2) + 0.3).astype(np.float32)
fake = (np.maximum(1.1 * rng.normal(size=(m, d)) @ mix + 0.15, -0.2) + 0.25).astype(np.float32)
fake[5] = real[17]  # a copy, and a pair of duplicates
fake[40] = fake[41]
logits = (3 * rng.normal(size=(97, 11))).astype(np.float32)
for name, rows in (("real", real), ("fake", fake), ("logits", logits)):
    np.save(name + ".npy", rows)

x, y = real.astype(np.float64), fake.astype(np.float64)
want = {}


def kid(a, b):  # of sets of one size
    return float(kernel_mmd(a, b, kid_kernel="poly", kid_kernel_poly_degree=3,
                            kid_kernel_poly_gamma=None, kid_kernel_poly_coef0=1))


values = [kid(x[subset(3, 1, s, n, 50)], y[subset(3, 2, s, m, 50)]) for s in range(20)]
want["kid_mean"], want["kid_std"] = float(np.mean(values)), float(np.std(values))
want["kid_of_90"] = kid(x[:m], y)

out = isc_features_to_metric(torch.from_numpy(logits), 10, shuffle=False)
want["isc_mean"], want["isc_std"] = out["inception_score_mean"], out["inception_score_std"]

for k in (3, 5):
    with contextlib.redirect_stdout(io.StringIO()):
        out = compute_prdc(x, y, k)
    for key, value in out.items():
        want[f"prdc_{key}_{k}"] = float(value)
    p, r = calculate_precision_recall_full(torch.from_numpy(y), torch.from_numpy(x), k)
    want[f"fidelity_precision_{k}"], want[f"fidelity_recall_{k}"] = p, r


def cmmd(a, b):  # the formula of google-research/cmmd, distance.py
    k = lambda s, t: np.exp(-((s[:, None] - t[None]) ** 2).sum(-1) / (2 * 10.0**2)).mean()
    return float(1000 * (k(a, a) + k(b, b) - 2 * k(a, b)))


want["cmmd"] = cmmd(x, y)


def frechet(a, b):
    return calculate_frechet_distance(a.mean(0), np.cov(a, rowvar=False), b.mean(0),
                                      np.cov(b, rowvar=False))


sizes = [30 + (m - 30) * p // 4 for p in range(5)]
distances = [frechet(x, y[subset(3, 3, p, m, size)]) for p, size in enumerate(sizes)]
line = LinearRegression().fit(1 / np.array(sizes)[:, None], distances)
want["frechet_infinity"] = float(line.predict([[0.0]])[0])
want["frechet"] = float(frechet(x, y))

a, b = torch.from_numpy(x[:m]), torch.from_numpy(y)
cos = torch.nn.functional.cosine_similarity(a, b).clamp(min=0)
want["clip_score"] = float(100 * cos.mean())
np.savez("stored.npz", mu=x.mean(0), sigma=np.cov(x, rowvar=False), mu_s=y.mean(0),
         sigma_s=np.cov(y, rowvar=False), arr_0=np.zeros((2, 4, 4, 3), np.uint8))
with open("expected.txt", "w") as file:
    for key, value in want.items():
        file.write(f"{key} {value!r}\n")

"""What torch-fidelity makes of the sets beside this file with its own random choices, and what
exact arithmetic makes of sets with many equal distances: more reference data of
tests/fid/metrics_test.cpp."""
from fractions import Fraction

import numpy as np
import torch
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric

real, fake, logits = (np.load(name + ".npy") for name in ("real", "fake", "logits"))
want = {}

# In double: torch-fidelity itself sums its kernels in float32.
both = [torch.from_numpy(rows.astype(np.float64)) for rows in (real, fake)]
out = kid_features_to_metric(*both, kid_subsets=20, kid_subset_size=50, kid_kernel="poly",
                             kid_kernel_poly_degree=3, kid_kernel_poly_gamma=None,
                             kid_kernel_poly_coef0=1, rng_seed=2020, verbose=False)
want["kid_mean"] = out["kernel_inception_distance_mean"]
want["kid_std"] = out["kernel_inception_distance_std"]
out = isc_features_to_metric(torch.from_numpy(logits), 10, shuffle=True, rng_seed=2020)
want["isc_mean"], want["isc_std"] = out["inception_score_mean"], out["inception_score_std"]

# Few values, so that rows are often equally far apart, and sums in double round otherwise.
rng = np.random.default_rng(11)
values = np.array([0.1, 0.4, 0.9], np.float32)
tied_real, tied_fake = rng.choice(values, size=(50, 8)), rng.choice(values, size=(30, 8))
np.save("tied-real.npy", tied_real)
np.save("tied-fake.npy", tied_fake)


def squares(a, b):
    exact = lambda rows: [[Fraction(float(v)) for v in row] for row in rows]
    return [[sum((s - t) ** 2 for s, t in zip(x, y)) for y in exact(b)] for x in exact(a)]


def counts(a, b, k, inside):
    """Of each row of b the balls around rows of a that hold it, and balls that hold any."""
    radii = [sorted(row[:i] + row[i + 1:])[k - 1] for i, row in enumerate(squares(a, a))]
    hits = [[d <= r if inside else d < r for d in row] for r, row in zip(radii, squares(a, b))]
    return [sum(column) for column in zip(*hits)], sum(any(row) for row in hits)


for ties in ("inside", "outside"):
    over, covered = counts(tied_real, tied_fake, 5, ties == "inside")
    want[f"density_{ties}"] = sum(over) / (5 * len(tied_fake))
    want[f"coverage_{ties}"] = covered / len(tied_real)
    over, _ = counts(tied_real, tied_fake, 3, ties == "inside")
    want[f"precision_{ties}"] = sum(n > 0 for n in over) / len(tied_fake)

with open("draws.txt", "w") as file:
    for key, value in want.items():
        file.write(f"{key} {value!r}\n")
print(np.random.RandomState(2020).permutation(12).tolist(),
      np.random.RandomState(7).choice(70000, 4, replace=False).tolist())

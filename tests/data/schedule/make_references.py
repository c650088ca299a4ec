"""Writes references.json: schedules and spacings as other programs compute them.

Double precision by NumPy, term by term from the papers; float32 and timestep
spacings by diffusers. Needs numpy, torch, diffusers.
"""
import json
import numpy as np
import diffusers
from diffusers import DDPMScheduler, DDIMScheduler

T = 1000
t = np.arange(1, T + 1, dtype=np.float64)


def cosine(s=0.008, cap=0.999):
    f = lambda u: np.cos((u + s) / (1 + s) * np.pi / 2) ** 2
    return np.clip(1 - f(t / T) / f((t - 1) / T), 0, cap)


double = {
    "linear": np.linspace(1e-4, 0.02, T),
    "cosine": cosine(),
    "cosine:s=0.02,max_beta=0.9999": cosine(0.02, 0.9999),
    "quadratic": 1e-4 + (0.02 - 1e-4) * (t / T) ** 2,
    "sigmoid": 1e-4 + (0.02 - 1e-4) / (1 + np.exp(-(-6 + 12 * t / T))),
    "sigmoid:points=linspace": 1e-4 + (0.02 - 1e-4) / (1 + np.exp(-np.linspace(-6, 6, T))),
}
picks = [1, 2, 3, 10, 100, 250, 499, 500, 501, 750, 900, 998, 999, 1000]
at = lambda a: [float(a[i - 1]) for i in picks]
out = {"versions": {"numpy": np.__version__, "diffusers": diffusers.__version__}, "t": picks}
out["double"] = {
    name: {"betas": at(b), "alphas_cumprod": at(np.cumprod(1 - b))} for name, b in double.items()
}
out["float32"] = {}
for name, key in [("linear", "linear"), ("cosine", "squaredcos_cap_v2"), ("sigmoid:points=linspace", "sigmoid")]:
    peer = DDPMScheduler(num_train_timesteps=T, beta_schedule=key)
    out["float32"][name] = {
        "betas": at(peer.betas.numpy()),
        "alphas_cumprod": at(peer.alphas_cumprod.numpy()),
    }
out["spacings"] = []
for spacing in ["trailing", "leading", "linspace"]:
    for n in [1, 2, 7, 10, 50, 999, 1000]:
        if spacing == "linspace" and n == 1:
            continue  # a single linspace point is t = 0 there: no noise to start from
        peer = DDIMScheduler(num_train_timesteps=T, timestep_spacing=spacing, steps_offset=0)
        peer.set_timesteps(n)
        steps = [int(v) + 1 for v in peer.timesteps]  # 0-based there
        out["spacings"].append({"grid": spacing, "n": n, "sum": sum(steps), "first": steps[:3], "last": steps[-3:]})
json.dump(out, open("references.json", "w"), indent=1)

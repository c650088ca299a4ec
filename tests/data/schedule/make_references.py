"""Writes references.json: schedules, grids and transformations as other programs
compute them. Needs numpy, scipy, torch, diffusers, and, without what they depend on,
k-diffusion, denoising-diffusion-pytorch and guided-diffusion-sdk.

Steps are 1-based here, timesteps 0-based there.
"""
import importlib
import importlib.metadata
import json
import sys
from unittest.mock import MagicMock

import diffusers
import numpy as np
import torch
from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler
from diffusers import EDMEulerScheduler, EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler
from diffusers.schedulers.scheduling_ddim import betas_for_alpha_bar, rescale_zero_terminal_snr


def import_lightly(name):
    """A package of which only small functions are wanted: what it lacks is mocked."""
    while True:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            sys.modules[error.name] = MagicMock()


k_diffusion = import_lightly("k_diffusion.sampling")
lucidrains = import_lightly("denoising_diffusion_pytorch.denoising_diffusion_pytorch")
openai_schedules = import_lightly("guided_diffusion.gaussian_diffusion")
openai_respace = import_lightly("guided_diffusion.respace")

T = 1000
t = np.arange(1, T + 1, dtype=np.float64)
picks = [1, 2, 3, 10, 100, 250, 499, 500, 501, 750, 900, 998, 999, 1000]
LINEAR = dict(beta_start=1e-4, beta_end=0.02)
LATENT = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")


def at(array):
    return [float(array[i - 1]) for i in picks]


def table(betas):
    return {"betas": at(betas), "alphas_cumprod": at(np.cumprod(1 - np.asarray(betas)))}


def whole_table(betas):
    return {"T": len(betas), "betas": [float(b) for b in betas]}


def in_double(make, *args):
    """What a peer computes in torch's default type."""
    torch.set_default_dtype(torch.float64)
    values = make(*args)
    torch.set_default_dtype(torch.float32)
    return values


def double_schedules():
    """From the papers by NumPy, and from peers that compute in double."""
    cosine = lambda s, low, high: np.clip(
        1 - np.cos((t / T + s) / (1 + s) * np.pi / 2) ** 2
        / np.cos(((t - 1) / T + s) / (1 + s) * np.pi / 2) ** 2, low, high)
    start, end = 1e-4, 0.02
    warm = np.full(T, end)
    warm[:100] = np.linspace(start, end, 100)
    openai = openai_schedules.get_named_beta_schedule
    return {
        "linear": np.linspace(start, end, T),
        "linear:scale=1000/T": openai("linear", T),
        "scaled-linear": np.linspace(0.00085**0.5, 0.012**0.5, T) ** 2,
        "cosine": openai("cosine", T),
        "cosine:s=0.02,max_beta=0.9999": cosine(0.02, 0, 0.9999),
        "cosine:min_beta=1e-4,max_beta=0.9999": cosine(0.008, 1e-4, 0.9999),
        "quadratic": start + (end - start) * (t / T) ** 2,
        "sigmoid": start + (end - start) / (1 + np.exp(-(-6 + 12 * t / T))),
        "sigmoid:points=linspace": start + (end - start) / (1 + np.exp(-np.linspace(-6, 6, T))),
        "sigmoid-alpha-bar": in_double(lucidrains.sigmoid_beta_schedule, T).numpy(),
        "sigmoid-alpha-bar:start=0,end=3,tau=0.7":
            in_double(lucidrains.sigmoid_beta_schedule, T, 0, 3, 0.7).numpy(),
        "constant": np.full(T, end),
        "warm-up": warm,
        "jsd": 1 / np.linspace(T, 1, T),
    }


def short_schedules():
    """Whole tables of few steps, from peers that compute in double."""
    openai = openai_schedules.get_named_beta_schedule
    return {
        "linear:scale=1000/T,T=100": openai("linear", 100),
        "linear:scale=1000/T,T=50": lucidrains.linear_beta_schedule(50).numpy(),
        "cosine:T=10": openai("cosine", 10),
        "cosine:T=7": lucidrains.cosine_beta_schedule(7).numpy(),
        "sigmoid-alpha-bar:T=10": in_double(lucidrains.sigmoid_beta_schedule, 10).numpy(),
    }


def float32_schedules():
    peers = {
        "linear": DDPMScheduler(T, **LINEAR, beta_schedule="linear").betas,
        "scaled-linear": DDPMScheduler(T, **LATENT).betas,
        "scaled-linear:beta_start=1e-4,beta_end=0.02":
            DDPMScheduler(T, **LINEAR, beta_schedule="scaled_linear").betas,
        "cosine": DDPMScheduler(T, beta_schedule="squaredcos_cap_v2").betas,
        "sigmoid:points=linspace": DDPMScheduler(T, **LINEAR, beta_schedule="sigmoid").betas,
        "laplace": DDPMScheduler(T, beta_schedule="laplace").betas,
        "exponential": betas_for_alpha_bar(T, alpha_transform_type="exp"),
    }
    return {name: table(betas.numpy()) for name, betas in peers.items()}


def spacing(grid, n, steps):
    """Whole if short; else ends and two sums, in which no step can change unseen."""
    steps = [int(v) for v in steps]
    row = {"grid": grid, "n": n, "count": len(steps), "sum": sum(steps),
           "weighted": sum((i + 1) * v for i, v in enumerate(steps))}
    if len(steps) <= 10:
        row["steps"] = steps
    return row


def diffusers_steps(scheduler, n, **config):
    peer = scheduler(num_train_timesteps=T, **config)
    peer.set_timesteps(n)
    return [int(v) + 1 for v in peer.timesteps]


def spacings():
    rows = []
    counts = [*range(1, 61), 75, 90, 99, 100, 125, 150, 199, 200, 250, 300, 333, 499, 500, 501,
              750, 999, 1000]
    for name in ["trailing", "leading", "linspace"]:
        for n in counts:
            if name == "linspace" and n == 1:
                continue  # a single linspace point is t = 0 there: no noise to start from
            steps = diffusers_steps(DDIMScheduler, n, timestep_spacing=name, steps_offset=0)
            if len(steps) == n:  # not so for trailing and 499: rounding gives it a step 0
                rows.append(spacing(name, n, steps))
    for n in [1, 5, 20, 50]:
        steps = diffusers_steps(DDIMScheduler, n, timestep_spacing="leading", steps_offset=1)
        rows.append(spacing("leading:steps_offset=1", n, steps))
    for name in ["leading", "linspace"]:
        for n in [1, 2, 7, 20, 50, 999]:
            steps = diffusers_steps(DPMSolverMultistepScheduler, n, timestep_spacing=name)
            rows.append(spacing(name + ":points=n+1", n, steps))
    for counts in ["10,15,20", "1000", "250", "7", "1,1,1", "333,1,2", "50,50,50,50,50,50,50",
                   "ddim1000", "ddim500", "ddim250", "ddim50", "ddim25", "ddim10", "ddim7", "ddim2"]:
        steps = sorted((s + 1 for s in openai_respace.space_timesteps(T, counts)), reverse=True)
        rows.append(spacing(counts, 0, steps))
    steps = sorted((s + 1 for s in openai_respace.space_timesteps(300, [10, 15, 20])), reverse=True)
    rows.append(spacing("10,15,20", 0, steps) | {"T": 300})
    # Ho's and Song's quadratic: linspace(0, sqrt(0.8 T), n)^2, cut to whole numbers.
    for n in [10, 20, 50]:
        kept = sorted({int(s) + 1 for s in np.linspace(0, np.sqrt(T * 0.8), n) ** 2}, reverse=True)
        rows.append(spacing("quadratic", n, kept))
    return rows


def euler(n, **config):
    peer = EulerDiscreteScheduler(num_train_timesteps=T, **LATENT, **config)
    peer.set_timesteps(n)
    return {"ve_sigmas": [float(v) for v in peer.sigmas],
            "timesteps": [float(v) for v in peer.timesteps]}


def k(sigmas):
    return {"ve_sigmas": [float(v) for v in sigmas]}


def level_grids():
    rows = []
    add = lambda schedule, grid, n, values: rows.append(
        {"schedule": schedule, "grid": grid, "n": n, **values})
    latent = "scaled-linear"
    for n in [2, 10, 25]:
        add(latent, "karras", n, euler(n, use_karras_sigmas=True))
        add(latent, "exponential", n, euler(n, use_exponential_sigmas=True))
        add(latent, "beta", n, euler(n, use_beta_sigmas=True))
    add(latent, "karras:range=trailing", 10,
        euler(10, use_karras_sigmas=True, timestep_spacing="trailing"))
    add(latent, "karras:range=leading,steps_offset=1", 10,
        euler(10, use_karras_sigmas=True, timestep_spacing="leading", steps_offset=1))
    add(latent, "trailing:final=sigma_min", 10,
        euler(10, timestep_spacing="trailing", final_sigmas_type="sigma_min"))
    ends = "sigma_min=0.03,sigma_max=14.6"
    for n in [2, 10]:
        add("karras", "karras:" + ends, n, k(in_double(k_diffusion.get_sigmas_karras, n, 0.03, 14.6)) | {"double": True})
        add("karras", "karras:rho=3," + ends, n, k(in_double(k_diffusion.get_sigmas_karras, n, 0.03, 14.6, 3)) | {"double": True})
        add("karras", "exponential:" + ends, n, k(in_double(k_diffusion.get_sigmas_exponential, n, 0.03, 14.6)) | {"double": True})
        add("karras", "exponential:rho=2," + ends, n,
            k(in_double(k_diffusion.get_sigmas_polyexponential, n, 0.03, 14.6, 2.0)) | {"double": True})
        add("karras", "vp", n, k(in_double(k_diffusion.get_sigmas_vp, n)) | {"double": True})
    peer = EDMEulerScheduler()
    peer.set_timesteps(18)
    add("karras:timestep=c_noise", "karras", 18,
        k(peer.sigmas) | {"timesteps": [float(v) for v in peer.timesteps]})
    return rows


def zero_terminal_snr():
    """diffusers' rescaling, Algorithm 1 of Lin et al. 2023, of float32 betas."""
    rows = {}
    for name, betas in [
        ("linear", DDPMScheduler(T, **LINEAR).betas),
        ("scaled-linear", DDPMScheduler(T, **LATENT).betas),
        ("cosine", DDPMScheduler(T, beta_schedule="squaredcos_cap_v2").betas),
    ]:
        rescaled = rescale_zero_terminal_snr(betas).numpy()
        rows[name] = table(rescaled)
    rows["linear:T=10"] = whole_table(rescale_zero_terminal_snr(DDPMScheduler(10).betas).numpy())
    return rows


def flow_shifts():
    rows = []
    for shift in [1.0, 3.0, 6.0]:
        peer = FlowMatchEulerDiscreteScheduler(num_train_timesteps=T, shift=shift)
        sigmas = peer.sigmas.numpy()[::-1]  # cleanest first
        rows.append({"shift": shift, "sigmas": at(sigmas), "timesteps": at(peer.timesteps.numpy()[::-1])})
    return rows


versions = {name: importlib.metadata.version(name) for name in [
    "numpy", "scipy", "torch", "diffusers", "k-diffusion", "denoising-diffusion-pytorch",
    "guided-diffusion-sdk"]}
references = {
    "versions": versions,
    "t": picks,
    "double": {name: table(betas) for name, betas in double_schedules().items()},
    "short": {name: whole_table(betas) for name, betas in short_schedules().items()},
    "float32": float32_schedules(),
    "spacings": spacings(),
    "level_grids": level_grids(),
    "zero_terminal_snr": zero_terminal_snr(),
    "flow_shifts": flow_shifts(),
}
with open("references.json", "w") as file:
    file.write("{\n")
    for i, (key, value) in enumerate(references.items()):
        rows = value.items() if isinstance(value, dict) else None
        file.write((",\n" if i else "") + json.dumps(key) + ": ")
        if rows:
            file.write("{\n" + ",\n".join(json.dumps(n) + ": " + json.dumps(v) for n, v in rows) + "}")
        elif isinstance(value[0], dict):
            file.write("[\n" + ",\n".join(json.dumps(v) for v in value) + "]")
        else:
            file.write(json.dumps(value))
    file.write("\n}\n")

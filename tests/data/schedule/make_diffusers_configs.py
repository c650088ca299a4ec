"""Configurations of diffusers' schedulers, with the tables that diffusers makes of them.

python make_diffusers_configs.py > diffusers_configs.json    (versions are in the file)
"""
import json
import math

import diffusers
import torch
from diffusers.schedulers.scheduling_ddim import rescale_zero_terminal_snr

LATENT = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
CASES = [
    ("DDPMScheduler", {}),
    ("DDPMScheduler", dict(beta_schedule="squaredcos_cap_v2", variance_type="learned_range",
                           num_train_timesteps=200)),
    ("DDPMScheduler", dict(beta_schedule="sigmoid", clip_sample=False)),
    ("DDPMScheduler", dict(beta_schedule="laplace", prediction_type="v_prediction")),
    ("DDIMScheduler", dict(LATENT, steps_offset=1, set_alpha_to_one=False, clip_sample=False,
                           rescale_betas_zero_snr=True, timestep_spacing="trailing",
                           prediction_type="v_prediction")),
    ("DDIMScheduler", dict(trained_betas=[0.1, 0.2, 0.3, 0.4], num_train_timesteps=4)),
    ("PNDMScheduler", dict(LATENT, skip_prk_steps=True, steps_offset=1)),
    ("DPMSolverMultistepScheduler", dict(LATENT, use_karras_sigmas=True)),
    ("UniPCMultistepScheduler", dict(use_flow_sigmas=True, flow_shift=3.0,
                                     prediction_type="flow_prediction")),
    ("DEISMultistepScheduler", dict(LATENT)),
    ("EulerDiscreteScheduler", dict(LATENT, timestep_spacing="leading", steps_offset=1)),
    ("EulerAncestralDiscreteScheduler", dict(LATENT)),
    ("HeunDiscreteScheduler", {}),
    ("LMSDiscreteScheduler", dict(LATENT)),
    ("KDPM2DiscreteScheduler", {}),
    ("KDPM2AncestralDiscreteScheduler", {}),
    ("LCMScheduler", {}),
    ("EDMEulerScheduler", dict(sigma_max=50.0, num_train_timesteps=40)),
    ("EDMDPMSolverMultistepScheduler", dict(sigma_schedule="exponential", num_train_timesteps=40)),
    ("FlowMatchEulerDiscreteScheduler", dict(shift=3.0)),
    ("FlowMatchEulerDiscreteScheduler", dict(shift=3.0, use_dynamic_shifting=True)),
    ("FlowMatchHeunDiscreteScheduler", dict(num_train_timesteps=50, shift=2.0)),
    ("EulerDiscreteScheduler", dict(LATENT, timestep_type="continuous", num_train_timesteps=20,
                                    prediction_type="v_prediction")),
    ("CogVideoXDDIMScheduler", {}),
    ("CogVideoXDPMScheduler", dict(snr_shift_scale=1.0, rescale_betas_zero_snr=True,
                                   num_train_timesteps=50, beta_end=0.3)),
]


def steps(count):
    return sorted({1, 2, max(1, count // 2), count})


def table(name, scheduler):
    count = scheduler.config.num_train_timesteps
    at = steps(count)
    if scheduler.config.get("use_flow_sigmas"):
        return {"t": []}  # these classes have a grid of flow sigmas for sampling, but no table
    if name.startswith("EDM"):
        scheduler.set_timesteps(count)  # noisiest first, then perhaps a clean end
        sigmas = scheduler.sigmas[:count].flip(0)
        times = scheduler.timesteps[:count].flip(0)
    elif name.startswith("FlowMatch"):
        sigmas, times = scheduler.sigmas[:count].flip(0), scheduler.timesteps[:count].flip(0)
    elif name.startswith("CogVideoX"):  # which shifts what its betas come to
        kept = [1.0] + scheduler.alphas_cumprod.tolist()
        return {"t": at, "betas": [1 - kept[t] / kept[t - 1] for t in at]}
    elif scheduler.config.get("timestep_type") == "continuous":
        scheduler.set_timesteps(count)
        return {"t": at, "betas": [scheduler.betas[t - 1].item() for t in at],
                "timesteps": [scheduler.timesteps.flip(0)[t - 1].item() for t in at]}
    else:
        return {"t": at, "betas": [scheduler.betas[t - 1].item() for t in at]}
    return {"t": at, "sigmas": [sigmas[t - 1].item() for t in at],
            "timesteps": [times[t - 1].item() for t in at]}


def case(name, settings):
    scheduler = getattr(diffusers, name)(**settings)
    return {"config": json.loads(scheduler.to_json_string()), "table": table(name, scheduler)}


def zero_snr(betas):
    """Lin et al. 2023, Algorithm 1, by diffusers, in double."""
    at = steps(len(betas))
    rescaled = rescale_zero_terminal_snr(betas)
    return {"t": at, "betas": [rescaled[t - 1].item() for t in at]}


linear = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
print(json.dumps({
    "versions": {"diffusers": diffusers.__version__, "torch": torch.__version__},
    "configs": [case(name, settings) for name, settings in CASES],
    "zero_snr": {"linear": zero_snr(linear), "linear:T=10": zero_snr(
        torch.linspace(1e-4, 0.02, 10, dtype=torch.float64))},
}, indent=1, default=lambda x: "-Infinity" if x == -math.inf else str(x)))

"""Levels that schedulers of diffusers visit: python make_grids.py > grids.json

Made with diffusers 0.42.1, PyTorch 2.13.0, NumPy 2.4.6, SciPy 1.17.1. Each case: `schedule`,
`grid` and `steps` of ours, and `tau` or `ve_sigma` and `timesteps` of theirs, the noisiest
first, without the clean end.
"""
import json
import warnings

import diffusers
import numpy as np
import torch

warnings.filterwarnings("ignore")
cases = []


def case(schedule, grid, **theirs):
    steps = len(theirs["timesteps"])
    cases.append(dict(schedule=schedule, grid=grid, steps=steps,
                      **{key: [float(value) for value in values] for key, values in theirs.items()}))


def flow(grid, steps, schedule="flow", **settings):
    s = diffusers.FlowMatchEulerDiscreteScheduler(**settings)
    s.set_timesteps(steps)
    case(schedule, grid, tau=s.sigmas[:-1], timesteps=s.timesteps)


flow("tau", 10)
flow("tau:shift=3", 28, "flow:shift=3", shift=3.0)
flow("tau:shift=3,terminal=0.1", 20, "flow:shift=3", shift=3.0, shift_terminal=0.1)
flow("tau:terminal=0.02", 7, shift_terminal=0.02)
flow("karras:over=tau", 12, use_karras_sigmas=True)
flow("exponential:over=tau", 12, use_exponential_sigmas=True)
flow("beta:over=tau", 12, use_beta_sigmas=True)

for steps in (7, 20, 30):
    s = diffusers.EulerDiscreteScheduler(beta_schedule="linear", timestep_spacing="linspace")
    s.set_timesteps(steps)
    bars = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
    sigmas = np.interp(s.timesteps.double().numpy(), np.arange(1000), ((1 - bars) / bars) ** 0.5)
    assert np.allclose(sigmas, s.sigmas[:-1].numpy(), rtol=1e-4)
    case("linear", "linspace:timesteps=fractional", ve_sigma=sigmas, timesteps=s.timesteps)

for steps in (1, 4, 8, 33):
    s = diffusers.LCMScheduler(beta_schedule="linear")
    s.set_timesteps(steps)
    case("linear", "lcm", timesteps=s.timesteps)
s = diffusers.LCMScheduler(beta_schedule="linear")
s.set_timesteps(6, original_inference_steps=100)
case("linear", "lcm:origin=100", timesteps=s.timesteps)

print(json.dumps(cases))

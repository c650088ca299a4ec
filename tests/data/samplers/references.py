"""Steps of other people's samplers on a mixture whose denoiser is exact.

python references.py > references.json

States are y = x/alpha, grids are ve_sigma = sigma/alpha, so that one reference serves
every path on which a method is the same. In float64 wherever the peer allows it.
"""
import contextlib
import importlib.util
import inspect
import json
import math
import sys
import types
import unittest.mock

import diffusers
import numpy as np
import scipy.integrate
import torch
from diffusers.schedulers import scheduling_sde_ve
from diffusers.schedulers.deprecated import scheduling_sde_vp

# Its samplers without the rest of the package, which wants much more installed.
package = types.ModuleType("k_diffusion")
package.__path__ = importlib.util.find_spec("k_diffusion").submodule_search_locations
sys.modules["k_diffusion"] = package
sys.modules["k_diffusion.utils"] = types.ModuleType("k_diffusion.utils")
sys.modules["k_diffusion.utils"].append_dims = lambda x, n: x[(...,) + (None,) * (n - x.ndim)]
package.utils = sys.modules["k_diffusion.utils"]
import k_diffusion.sampling as k  # noqa: E402

torch.set_default_dtype(torch.float64)
MEANS = torch.tensor([[-0.6, 0.3], [0.5, 0.7], [0.2, -0.8]])
STDS = torch.tensor([0.1, 0.25, 0.15])
WEIGHTS = torch.tensor([0.5, 0.3, 0.2])
GENERATOR = np.random.default_rng(0)
START = torch.tensor(GENERATOR.standard_normal((6, 2)))
DRAWS = torch.tensor(GENERATOR.standard_normal((100, 6, 2)))


def denoise(y, sigma):
    """E[x0 | y] of the mixture; sigma is a number or one for each row."""
    sigma = torch.as_tensor(sigma, dtype=torch.float64).reshape(-1, 1)
    spread = STDS**2 + sigma**2
    away = y[:, None, :] - MEANS
    logits = WEIGHTS.log() - torch.log(spread) - (away**2).sum(-1) / (2 * spread)
    shares = torch.softmax(logits, dim=1)[..., None]
    each = MEANS + (STDS**2 / spread)[..., None] * away
    return (shares * each).sum(1)


def model(y, sigma, **_):
    return denoise(y, sigma)


class Draws:
    def __init__(self):
        self.next = 0

    def __call__(self, *_, **__):
        self.next += 1
        return DRAWS[self.next - 1]


def karras(n, final=True):
    sigmas = k.get_sigmas_karras(n, 0.05, 20.0).double()
    return sigmas if final else sigmas[:-1]


CASES = []


def case(spec, grid, end, peer, draws=0, start=None, paths=("vp", "ve", "flow")):
    CASES.append(dict(
        spec=spec, peer=peer, grid=[float(s) for s in grid], draws=draws, paths=list(paths),
        start=(START * float(grid[0]) if start is None else start).tolist(),
        end=end.tolist()))


def with_k(spec, function, steps, **settings):
    grid, draws = karras(steps), Draws()
    noisy = {"noise_sampler": draws} if "noise_sampler" in inspect.signature(function).parameters else {}
    with unittest.mock.patch.object(torch, "randn_like", draws):
        end = function(model, START * grid[0], grid, disable=True, **settings, **noisy)
    case(spec, grid, end, f"k_diffusion {function.__name__} {settings}", draws.next)


def k_diffusion():
    churn = dict(s_churn=8.0, s_tmin=0.1, s_tmax=10.0, s_noise=1.003)
    churned = "churn=8,s_min=0.1,s_max=10,s_noise=1.003,frame=ve"
    for n in (5, 20, 50):
        with_k("euler", k.sample_euler, n)
        with_k("euler-ancestral", k.sample_euler_ancestral, n)
        with_k("ddim:eta=1", k.sample_euler_ancestral, n)
        with_k("heun:frame=ve", k.sample_heun, n)
        with_k("dpm2", k.sample_dpm_2, n)
        with_k("dpm2-ancestral", k.sample_dpm_2_ancestral, n)
        with_k("dpm2-ancestral:eta=0.5,s_noise=0.9", k.sample_dpm_2_ancestral, n, eta=0.5,
               s_noise=0.9)
        with_k("lms", k.sample_lms, n)
        with_k("lms:order=2", k.sample_lms, n, order=2)
        with_k("dpmpp-2s", k.sample_dpmpp_2s_ancestral, n, eta=0.0)
        with_k("dpmpp-2s:eta=1", k.sample_dpmpp_2s_ancestral, n)
        with_k("dpmpp-sde:noise=independent", k.sample_dpmpp_sde, n)
        with_k("dpmpp-2m", k.sample_dpmpp_2m, n)
        with_k("dpmpp-2m-sde", k.sample_dpmpp_2m_sde, n)
        with_k("dpmpp-2m-sde:solver=heun,eta=0.7,s_noise=1.1", k.sample_dpmpp_2m_sde, n, eta=0.7,
               s_noise=1.1, solver_type="heun")
        with_k("dpmpp-3m-sde:curvature=half", k.sample_dpmpp_3m_sde, n)
        with_k("dpmpp-3m-sde:curvature=half,eta=0.4", k.sample_dpmpp_3m_sde, n, eta=0.4)
    with_k("euler:" + churned.replace(",frame=ve", ""), k.sample_euler, 20, **churn)
    with_k("heun:" + churned, k.sample_heun, 20, **churn)
    with_k("dpm2:" + churned.replace(",frame=ve", ""), k.sample_dpm_2, 20, **churn)
    for order in (1, 2, 3):
        dpm_solver(order, 10)


def dpm_solver(order, steps):
    grid = karras(steps, final=False)
    solver, y = k.DPMSolver(model), START * grid[0]
    for a, b in zip(grid[:-1], grid[1:]):
        y, _ = getattr(solver, f"dpm_solver_{order}_step")(y, -a.log(), -b.log())
    case(f"dpm:order={order}", grid, y, f"k_diffusion DPMSolver.dpm_solver_{order}_step")


def with_diffusers(spec, scheduler, steps, paths=("vp", "ve", "flow"), **settings):
    """The scheduler's own levels, in its own (variance-preserving) scale."""
    s = scheduler(beta_schedule="linear", num_train_timesteps=1000, **settings)
    s.set_timesteps(steps)
    if hasattr(s, "sigmas"):
        s.sigmas = s.sigmas.double()
    visited = list(dict.fromkeys(int(t) for t in s.timesteps))
    if hasattr(s, "sigmas") and len(s.sigmas):
        grid = [float(x) for x in s.sigmas[: len(visited)]]
    else:
        bars = s.alphas_cumprod.double()
        grid = [math.sqrt((1 - bars[t]) / bars[t]) for t in visited]
    sigma_of = dict(zip(visited, grid))
    scale = lambda sigma: 1 / math.sqrt(1 + sigma * sigma)
    x = START.clone()
    for t in s.timesteps:
        sigma = sigma_of[int(t)]
        eps = (x / scale(sigma) - denoise(x / scale(sigma), sigma)) / sigma
        x = s.step(eps, t, x).prev_sample
    if hasattr(s, "sigmas"):
        grid.append(float(s.sigmas[-1]))
    else:  # it ends at alphas_cumprod[0], of no step of the grid
        grid.append(math.sqrt((1 - bars[0]) / bars[0]))
    case(spec, grid, x / scale(grid[-1]), f"diffusers {scheduler.__name__} {settings}", 0,
         START / scale(grid[0]), paths)


def of_diffusers():
    d = diffusers
    for n in (10, 20):
        for order in (1, 2, 3):
            for basis in ("bh1", "bh2"):
                with_diffusers(f"unipc:order={order},basis={basis}", d.UniPCMultistepScheduler, n,
                               solver_order=order, solver_type=basis,
                               # bh1 gives NaN on the way to zero
                               final_sigmas_type="zero" if basis == "bh2" else "sigma_min")
            with_diffusers(f"deis:order={order},ending=lower", d.DEISMultistepScheduler, n,
                           solver_order=order) if n < 15 else None
        ending = "lower" if n < 15 else "full"
        with_diffusers(f"dpmpp-3m:curvature=half,ending={ending}", d.DPMSolverMultistepScheduler, n,
                       solver_order=3, final_sigmas_type="zero")
        with_diffusers(f"dpmpp-2m:solver=heun,ending={ending}", d.DPMSolverMultistepScheduler, n,
                       solver_order=2, solver_type="heun", final_sigmas_type="zero")
        with_diffusers("pndm:start=plms", d.PNDMScheduler, n, skip_prk_steps=True,
                       steps_offset=1)
    flow_heun(10)
    ipndm(12)
    for n in (10, 20):
        stochastic_ve(n)
        reverse_sde_vp(n)
    langevin(8, 5, 0.1)
    probability_flow()


def flow_heun(steps):
    s = diffusers.FlowMatchHeunDiscreteScheduler()
    s.set_timesteps(steps)
    x = START.clone()
    for t in s.timesteps:
        tau = float(t) / 1000
        if tau == 1:
            x0 = (WEIGHTS[:, None] * MEANS).sum(0).expand_as(x)
        else:
            x0 = denoise(x / (1 - tau), tau / (1 - tau))
        x = s.step((x - x0) / tau, t, x).prev_sample
    taus = list(dict.fromkeys(float(v) for v in s.sigmas))
    case("heun", [math.inf if v == 1 else v / (1 - v) for v in taus], x,
         "diffusers FlowMatchHeunDiscreteScheduler", 0, START, ["flow"])


def ipndm(steps):
    """Its alphas and betas are signal and noise scales, alpha^2 + beta^2 = 1."""
    s = diffusers.IPNDMScheduler()
    s.set_timesteps(steps)
    s.betas, s.alphas = s.betas.double(), s.alphas.double()
    # From the second level, as the first has alpha = 0, with a fresh history.
    s._step_index = 1
    alphas, betas = s.alphas[1:], s.betas[1:]
    x = START * 1.0
    for a, b, t in zip(alphas[:-1], betas[:-1], s.timesteps[1:]):
        x0 = denoise(x / a, float(b / a))
        # It is given what makes sample * beta + output * alpha the noise.
        eps = (x - a * x0) / b
        x = s.step((eps - x * b) / a, t, x).prev_sample
    grid = [float(b / a) for a, b in zip(alphas, betas)]
    case("ipndm", grid, x, "diffusers IPNDMScheduler", 0, START / float(alphas[0]))


def score(y, sigma):
    return (denoise(y, sigma) - y) / sigma**2


class OneByOne:
    """Draws for one start after the other, in its place in the batch."""

    def __init__(self, row):
        self.row, self.next = row, 0

    def __call__(self, *_, **__):
        self.next += 1
        return DRAWS[self.next - 1, self.row : self.row + 1]


def stochastic_ve(steps):
    """Starts one by one: its corrector takes the mean of norms over the batch, ours does not."""
    s = diffusers.ScoreSdeVeScheduler(steps, snr=0.16, sigma_min=0.05, sigma_max=10)
    s.set_timesteps(steps)
    s.set_sigmas(steps)
    sigmas = s.discrete_sigmas.flip(0)
    for spec, corrections in (("sde", 0), ("predictor-corrector:corrections=0", 0),
                              ("predictor-corrector", 1), ("predictor-corrector:corrections=2", 2)):
        ends = []
        for row in range(len(START)):
            x, draws = START[row : row + 1] * sigmas[0], OneByOne(row)
            with unittest.mock.patch.object(scheduling_sde_ve, "randn_tensor", draws):
                for i, sigma in enumerate(sigmas):
                    for _ in range(corrections):
                        x = s.step_correct(score(x, sigma), x).prev_sample
                    t = (steps - 1 - i + 1e-6) / (steps - 1)  # it rounds down
                    out = s.step_pred(score(x, sigma), t, x)
                    x = out.prev_sample
            ends.append(out.prev_sample_mean)  # the last step without noise
        case(spec, [*sigmas, 0.0], torch.cat(ends), "diffusers ScoreSdeVeScheduler",
             draws.next, paths=["ve"])


def reverse_sde_vp(steps):
    """A constant beta, and steps of what its dt is: then its steps end at levels."""
    beta = 6
    s = scheduling_sde_vp.ScoreSdeVpScheduler(steps, beta, beta, sampling_eps=1 / steps)
    s.set_timesteps(steps)
    alphas = torch.exp(-0.5 * beta * s.timesteps)
    sigmas = (1 - alphas**2).sqrt() / alphas
    x, draws = START.clone(), Draws()
    with unittest.mock.patch.object(scheduling_sde_vp, "randn_tensor", draws):
        for t, alpha, sigma in zip(s.timesteps, alphas, sigmas):
            eps = (x / alpha - denoise(x / alpha, sigma)) / sigma
            x, mean = s.step_pred(eps, x, t)
    case("sde", [*sigmas, 0.0], mean, "diffusers ScoreSdeVpScheduler", draws.next,
         START / alphas[0], ["vp"])


def langevin(levels, per_level, step):
    """The corrector of ScoreSdeVeScheduler, its ratio set so that the step is Langevin's own."""
    grid = torch.exp(torch.linspace(math.log(8), math.log(0.05), levels))
    s, ends = diffusers.ScoreSdeVeScheduler(levels), []
    for row in range(len(START)):
        x, draws = START[row : row + 1] * grid[0], OneByOne(row)
        for sigma in grid:
            for _ in range(per_level):
                slope, z = score(x, sigma), DRAWS[draws.next, row]
                s.register_to_config(snr=float(sigma * (step / 2) ** 0.5 * slope.norm() / z.norm()))
                with unittest.mock.patch.object(scheduling_sde_ve, "randn_tensor", draws):
                    x = s.step_correct(slope, x).prev_sample
        ends.append(denoise(x, grid[-1]))
    case(f"langevin:step={step},per_level={per_level}", [*grid, 0.0], torch.cat(ends),
         "diffusers ScoreSdeVeScheduler.step_correct", draws.next)


def probability_flow():
    """As score_sde solves it, but to more digits."""
    grid = karras(10, final=False)

    def slope(sigma, y):
        y = torch.tensor(y).reshape(START.shape)
        return ((y - denoise(y, sigma)) / sigma).numpy().ravel()

    solved = scipy.integrate.solve_ivp(slope, (float(grid[0]), float(grid[-1])),
                                       (START * grid[0]).numpy().ravel(), method="RK45",
                                       rtol=1e-10, atol=1e-12)
    end = torch.tensor(solved.y[:, -1]).reshape(START.shape)
    case("ode:rtol=1e-6,atol=1e-6", grid, end, "scipy solve_ivp RK45")


def main():
    with contextlib.redirect_stdout(sys.stderr):
        k_diffusion()
        of_diffusers()
    for each in CASES:
        each["grid"] = ["Infinity" if s == math.inf else s for s in each["grid"]]
    json.dump(dict(means=MEANS.tolist(), stds=STDS.tolist(), weights=WEIGHTS.tolist(),
                   draws=DRAWS.tolist(), cases=CASES), sys.stdout)


if __name__ == "__main__":
    main()

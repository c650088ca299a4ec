"""More steps of other people's samplers, and code that no package holds.

python variants.py SCORE_SDE EDM UNIPC DPM_SOLVER > variants.json

The arguments are checkouts of yang-song/score_sde_pytorch, NVlabs/edm, wl-zhao/UniPC and
LuChengTHU/dpm-solver. The mixture, its denoiser and the draws are those of references.py. A
case with `schedule` has its grid in steps of it; one without, in ve_sigma.
"""
import ast
import contextlib
import importlib.util
import json
import math
import sys
import types
import unittest.mock
import warnings

import numpy as np
import torch

import references as r
from references import CASES, DRAWS, START, Draws, OneByOne, case, denoise, diffusers, k, karras

torch.set_default_dtype(torch.float64)
warnings.filterwarnings("ignore")


def module_of(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def patched(scheduler, draws):
    module = sys.modules[scheduler.__module__]
    return unittest.mock.patch.object(module, "randn_tensor", draws, create=True)


def stepped(spec, scheduler, steps, peer=None, paths=("vp", "ve", "flow"), **settings):
    """A scheduler of diffusers on its own levels, with the shared draws where it asks."""
    draws = Draws()
    with patched(scheduler, draws):
        r.with_diffusers(spec, scheduler, steps, paths, **settings)
    CASES[-1]["draws"] = draws.next
    if peer:
        CASES[-1]["peer"] = peer


def dpm_solvers():
    single, multi = diffusers.DPMSolverSinglestepScheduler, diffusers.DPMSolverMultistepScheduler
    for n in (9, 10, 11):
        for solver in ("midpoint", "heun"):
            tail = f"levels=grid,solver={solver},inner={solver}"
            for order in (2, 3):
                stepped(f"dpmpp-{order}s:{tail}", single, n, solver_order=order,
                        solver_type=solver, final_sigmas_type="zero")
                lower = n > 9 or order == 2
                ending = "lower" if lower else "full"
                stepped(f"dpm:order={order},{tail},ending={ending}", single, n,
                        solver_order=order, solver_type=solver, algorithm_type="dpmsolver",
                        lower_order_final=lower, final_sigmas_type="sigma_min")
    for solver in ("midpoint", "heun"):
        stepped(f"dpm-2m:solver={solver},ending=lower", multi, 10, solver_order=2,
                solver_type=solver, algorithm_type="dpmsolver", final_sigmas_type="sigma_min")
        stepped(f"dpm-2m-sde:solver={solver}", multi, 20, solver_order=2, solver_type=solver,
                algorithm_type="sde-dpmsolver", final_sigmas_type="sigma_min")
    stepped("dpm-3m:curvature=half,ending=lower", multi, 10, solver_order=3,
            algorithm_type="dpmsolver", final_sigmas_type="sigma_min")


def unipc():
    for order in (1, 2, 3):
        for basis in ("bh1", "bh2"):
            stepped(f"unipc:order={order},basis={basis},predict=eps", diffusers.UniPCMultistepScheduler,
                    10, solver_order=order, solver_type=basis, predict_x0=False,
                    final_sigmas_type="sigma_min")
        stepped(f"unipc:order={order},corrector=off", diffusers.UniPCMultistepScheduler, 10,
                solver_order=order, disable_corrector=list(range(10)))


def as_images(x):
    return x.reshape(6, 2, 1, 1)


def authors_model(schedule):
    """eps of a continuous time."""
    def model(x, t):
        alpha, sigma = schedule.marginal_alpha(t[0]), schedule.marginal_std(t[0])
        y = x.reshape(6, 2) / alpha
        return as_images((y - denoise(y, float(sigma / alpha))) * alpha / sigma)
    return model


def unipc_of_authors(path):
    code = module_of(path + "/uni_pc.py", "uni_pc")
    schedule = code.NoiseScheduleVP("linear")
    for order in (1, 2, 3):
        for predicts, name in (("x0", "data_prediction"), ("eps", "noise_prediction")):
            solver = code.UniPC(authors_model(schedule), schedule, name, variant="vary_coeff")
            times = solver.get_time_steps("logSNR", 1.0, 1e-3, 10, "cpu")
            grid = torch.exp(-schedule.marginal_lambda(times))
            start = START * grid[0]
            x = solver.sample(as_images(start) * schedule.marginal_alpha(times[0]), 10, 1.0, 1e-3, order,
                              "logSNR")
            case(f"unipc:basis=vary,order={order},predict={predicts}", grid,
                 x.reshape(6, 2) / schedule.marginal_alpha(times[-1]), "UniPC vary_coeff", 0, start)


def single_steps_of_authors(path):
    code = module_of(path + "/dpm_solver_pytorch.py", "dpm_solver_pytorch")
    schedule = code.NoiseScheduleVP("linear")
    lambdas = torch.linspace(-2.5, 2.5, 7)
    times = torch.stack([schedule.inverse_lambda(each.reshape(1)) for each in lambdas])
    for name, prefix in (("dpmsolver++", "dpmpp-{}s:"), ("dpmsolver", "dpm:order={},")):
        solver = code.DPM_Solver(authors_model(schedule), schedule, name)
        for order, shares in ((2, dict(r1=0.3)), (3, dict(r1=0.25, r2=0.6))):
            for kind, ours in (("dpmsolver", "midpoint"), ("taylor", "heun")):
                update = (solver.singlestep_dpm_solver_second_update if order == 2
                          else solver.singlestep_dpm_solver_third_update)
                start = START * math.exp(2.5)
                x = as_images(start) * schedule.marginal_alpha(times[0])
                for s, t in zip(times[:-1], times[1:]):
                    x = update(x, s, t, solver_type=kind, **shares)
                spec = prefix.format(order) + ",".join(
                    [f"{key}={value}" for key, value in shares.items()] + [f"solver={ours}"])
                case(spec, torch.exp(-lambdas), x.reshape(6, 2) / schedule.marginal_alpha(times[-1]),
                     f"dpm-solver {name} {kind} {shares}", 0, start)


def k_diffusion():
    for n in (9, 10, 11):
        end = k.sample_dpm_fast(r.model, START * 20.0, 0.05, 20.0, n, disable=True)
        count = n // 3 + 1
        orders = [3] * (count - 2) + [2, 1] if n % 3 == 0 else [3] * (count - 1) + [n % 3]
        bounds, lambdas = torch.linspace(-math.log(20.0), -math.log(0.05), count + 1), []
        for low, high, order in zip(bounds[:-1], bounds[1:], orders):
            lambdas += [float(low + (high - low) * part / order) for part in range(order)]
        lambdas.append(-math.log(0.05))
        case("dpm-fast", [math.exp(-each) for each in lambdas], end,
             f"k_diffusion sample_dpm_fast {n}", 0, START * 20.0)
        CASES[-1]["made"] = n
    for order, settings in ((2, {}), (3, {}), (3, dict(rtol=0.01, atol=0.001, h_init=0.2))):
        ends = [k.sample_dpm_adaptive(r.model, START[row : row + 1] * 20.0, 0.05, 20.0,
                                      disable=True, order=order, **settings) for row in range(6)]
        ours = "".join(f",{key}={value}" for key, value in settings.items()).replace("h_init", "h")
        case(f"dpm-adaptive:order={order}{ours}", [20.0, 0.05], torch.cat(ends),
             f"k_diffusion sample_dpm_adaptive {settings}", 0, START * 20.0)


    # Steps over which sigma falls 33-fold, and more than 400-fold.
    for spec, function, sigmas in (
            ("dpm2-ancestral", k.sample_dpm_2_ancestral, [20.0, 0.6, 0.025, 0.0]),
            ("dpm2-ancestral:long=second", k.sample_dpm_2_ancestral, [80.0, 0.1, 0.025, 0.0]),
            ("dpm2:long=second", k.sample_dpm_2, [80.0, 0.1, 0.025, 0.0]),
            ("heun:frame=ve,long=second", k.sample_heun, [80.0, 0.1, 0.025, 0.0])):
        draws, grid = Draws(), torch.tensor(sigmas)
        with unittest.mock.patch.object(torch, "randn_like", draws):
            end = function(r.model, START * grid[0], grid, disable=True)
        case(spec, grid, end, f"k_diffusion {function.__name__}", draws.next)


def ipndm(steps):
    """From pure noise on: its alphas and betas are signal and noise scales."""
    s = diffusers.IPNDMScheduler()
    s.set_timesteps(steps)
    s.betas, s.alphas = s.betas.double(), s.alphas.double()
    x = START.clone()
    for a, b, t in zip(s.alphas, s.betas, s.timesteps):
        # It is given what makes sample * beta + output * alpha the noise.
        if a == 0:
            output = torch.zeros_like(x)
        else:
            eps = (x - a * denoise(x / a, float(b / a))) / b
            output = (eps - x * b) / a
        x = s.step(output, t, x).prev_sample
    grid = [math.inf if a == 0 else float(b / a) for a, b in zip(s.alphas, s.betas)] + [0.0]
    case("ipndm:noise=kept", grid[: steps + 1], x, "diffusers IPNDMScheduler", 0, START, ["vp"])


def exact_table(s):
    """Its linear schedule in double."""
    betas = torch.linspace(1e-4, 0.02, 1000)
    s.alphas_cumprod = torch.cumprod(1 - betas, 0)
    s.final_alpha_cumprod = s.alphas_cumprod[0]
    return s


def of_table(spec, s, end, steps=None, limits=None, **given):
    """A scheduler on steps of the linear table; `end` is the step where it ends, 0 is clean."""
    bars, draws = s.alphas_cumprod, Draws()
    y_of = lambda x, t: x / bars[t].sqrt()
    sigma_of = lambda t: float(((1 - bars[t]) / bars[t]).sqrt())
    x = START.clone()
    with patched(type(s), draws):
        for t in s.timesteps:
            eps = (y_of(x, t) - denoise(y_of(x, t), sigma_of(t))) / sigma_of(t)
            x = s.step(eps, t, x, **given).prev_sample
    grid = getattr(s, "_timesteps", s.timesteps)  # PNDM's holds its half-way places too
    visited = sorted({int(t) + 1 for t in grid}, reverse=True)
    case(spec, visited + [end], x / (bars[end - 1].sqrt() if end else 1),
         f"diffusers {type(s).__name__} {given}", draws.next, START / bars[visited[0] - 1].sqrt(), ["vp"])
    CASES[-1]["schedule"] = "linear"
    if limits:
        CASES[-1]["clip"] = limits


def on_tables():
    lin = dict(beta_schedule="linear", beta_start=1e-4, beta_end=0.02)
    for n in (10, 20, 50):  # at odd strides its state and its timestep half-way differ
        s = exact_table(diffusers.PNDMScheduler(skip_prk_steps=False, steps_offset=1, **lin))
        s.set_timesteps(n)
        of_table("pndm:long=second", s, 1)
        s = exact_table(diffusers.PNDMScheduler(skip_prk_steps=True, steps_offset=1, **lin))
        s.set_timesteps(n)
        of_table("plms:long=second", s, 1)
    for n in (1, 4, 8):
        s = exact_table(diffusers.LCMScheduler(clip_sample=False, **lin))
        s.set_timesteps(n)
        of_table("lcm", s, 0)
        for gamma in (0.0, 0.3, 1.0):
            s = exact_table(diffusers.TCDScheduler(clip_sample=False, **lin))
            s.set_timesteps(n)
            of_table(f"tcd:gamma={gamma}", s, 1, eta=gamma)
    s = exact_table(diffusers.DDIMScheduler(clip_sample_range=0.4, set_alpha_to_one=False,
                                            steps_offset=1, **lin))
    s.set_timesteps(20)
    of_table("ddim", s, 1, limits="static:range=0.4,eps=raw")
    for predictor, corrector in ((1, 1), (2, 2), (3, 3), (2, 4)):
        s = diffusers.SASolverScheduler(predictor_order=predictor, corrector_order=corrector, **lin)
        exact_table(s)
        s.set_timesteps(12)
        bars = s.alphas_cumprod
        sigmas = ((1 - bars) / bars).sqrt()
        s.sigmas = torch.cat([sigmas[s.timesteps], sigmas[:1]])
        of_table(f"sa-solver:order={predictor},corrector={corrector}", s, 1)


def euler_with_churn():
    s = diffusers.EulerDiscreteScheduler(beta_schedule="linear", timestep_spacing="trailing")
    for n in (10, 20):
        s.set_timesteps(n)
        s.sigmas = s.sigmas.double()
        s.is_scale_input_called = True
        s._step_index = None
        x, draws = START * s.sigmas[0], Draws()
        with patched(type(s), draws):
            for t, sigma in zip(s.timesteps, s.sigmas):
                eps = (x - denoise(x, float(sigma))) / sigma
                x = s.step(eps, t, x, s_churn=8.0, s_noise=1.003).prev_sample
        case("euler:churn=8,s_noise=1.003,asked=before", s.sigmas, x,
             "diffusers EulerDiscreteScheduler", draws.next, START * s.sigmas[0])


def score_sde(path):
    """On its discrete levels, one start at a time: its norms are means over the batch."""
    sys.modules.setdefault("models", types.ModuleType("models"))
    utils = types.ModuleType("models.utils")
    utils.from_flattened_numpy = utils.to_flattened_numpy = utils.get_score_fn = None
    sys.modules["models.utils"], sys.modules["models"].utils = utils, utils
    sys.modules["sde_lib"] = sde_lib = module_of(path + "/sde_lib.py", "sde_lib")
    code = module_of(path + "/sampling.py", "sampling")
    for path_name, sde in (("vp", sde_lib.VPSDE(0.1, 10, 20)), ("ve", sde_lib.VESDE(0.05, 10, 20))):
        if path_name == "vp":
            sde.discrete_betas = torch.linspace(0.1 / 20, 10 / 20, 20)
            sde.alphas = 1 - sde.discrete_betas
            bars = torch.cumprod(sde.alphas, 0)
            alphas, stds = bars.sqrt(), (1 - bars).sqrt()
        else:
            sde.discrete_sigmas = torch.exp(torch.linspace(math.log(0.05), math.log(10), 20))
            alphas, stds = torch.ones(20), sde.discrete_sigmas
        index = lambda t: int(float(t[0]) * 19)
        sde.marginal_prob = lambda x, t: (x, stds[index(t)].reshape(1))

        def score(x, t):
            i = index(t)
            y = x.reshape(-1, 2) / alphas[i]
            return (((denoise(y, float(stds[i] / alphas[i])) - y) * alphas[i] / stds[i] ** 2)
                    .reshape(x.shape))

        for ours, predictor, flow in (("reverse-diffusion", code.ReverseDiffusionPredictor, False),
                                      ("ancestral", code.AncestralSamplingPredictor, False),
                                      ("probability-flow", code.ReverseDiffusionPredictor, True)):
            for kind, corrector, count in (("norms", code.NoneCorrector, 0),
                                           ("norms", code.LangevinCorrector, 1),
                                           ("annealed", code.AnnealedLangevinDynamics, 2)):
                ends = []
                for row in range(6):
                    draws = OneByOne(row)
                    x = (START[row : row + 1] * stds[-1]).reshape(1, 2, 1, 1)
                    reshaped = lambda like: draws().reshape(like.shape)
                    with unittest.mock.patch.object(torch, "randn_like", reshaped):
                        for i in reversed(range(20)):
                            t = torch.full((1,), (i + 1e-6) / 19)
                            if count:
                                x, _ = corrector(sde, score, 0.16, count).update_fn(x, t)
                            asked = draws.next
                            x, mean = predictor(sde, score, flow).update_fn(x, t)
                            if flow:
                                draws.next = asked
                                x = mean
                    ends.append(mean.reshape(1, 2))
                large = ",variance=large" if ours == "ancestral" and path_name == "vp" else ""
                case(f"predictor-corrector:predictor={ours},corrector={kind},corrections={count}"
                     + large, [*((stds / alphas).flip(0)), 0.0], torch.cat(ends),
                     f"score_sde_pytorch {predictor.__name__} {corrector.__name__}", draws.next,
                     START * stds[-1] / alphas[-1], [path_name])


def edm(path):
    tree = ast.parse(open(path + "/generate.py").read())
    body = [each for each in tree.body
            if isinstance(each, ast.FunctionDef) and each.name == "ablation_sampler"]
    names = dict(torch=torch, np=np)
    exec(compile(ast.Module(body, []), "generate.py", "exec"), names)

    class Net:
        sigma_min, sigma_max = 0.0, math.inf
        round_sigma = staticmethod(torch.as_tensor)

        def __call__(self, x, sigma, _):
            return denoise(x, float(sigma))

    sampler = names["ablation_sampler"]
    for solver, time, scaling, alpha, churn in (
            ("euler", "vp", "vp", 1, 0), ("heun", "vp", "vp", 1, 0), ("heun", "ve", "none", 1, 0),
            ("heun", "linear", "none", 0.5, 0), ("heun", "vp", "vp", 2 / 3, 0),
            ("heun", "vp", "none", 1, 4), ("euler", "ve", "none", 1, 4), ("heun", "ve", "vp", 1, 4)):
        draws = Draws()
        end = sampler(Net(), START, num_steps=18, solver=solver, discretization="edm",
                      schedule=time, scaling=scaling, alpha=alpha, S_churn=churn,
                      randn_like=draws, sigma_min=0.02, sigma_max=20.0)
        steps = torch.arange(18)
        grid = (20.0 ** (1 / 7) + steps / 17 * (0.02 ** (1 / 7) - 20.0 ** (1 / 7))) ** 7
        spec = f"edm:solver={solver},time={time},scaling={scaling},alpha={alpha},long=second"
        case(spec + (f",churn={churn}" if churn else ""), [*grid, 0.0], end, "edm ablation_sampler",
             draws.next if churn else 0, START * 20.0)


def rounded(rows):
    return [[float(f"{value:.10g}") for value in row] for row in rows]


def main():
    score_sde_at, edm_at, unipc_at, dpm_solver_at = sys.argv[1:]
    with contextlib.redirect_stdout(sys.stderr):
        dpm_solvers()
        unipc()
        unipc_of_authors(unipc_at)
        single_steps_of_authors(dpm_solver_at)
        k_diffusion()
        for steps in (5, 12):
            ipndm(steps)
        on_tables()
        euler_with_churn()
        score_sde(score_sde_at)
        edm(edm_at)
    for each in CASES:
        each["grid"] = ["Infinity" if s == math.inf else s for s in each["grid"]]
    print(json.dumps([{**each, "start": rounded(each["start"]), "end": rounded(each["end"])}
                      for each in CASES]))


if __name__ == "__main__":
    main()

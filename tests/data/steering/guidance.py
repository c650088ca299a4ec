"""What guidance by a second model, with momentum and CFG-Zero* make of numbers: guidance.json."""
import json

import torch
from diffusers.guiders.adaptive_projected_guidance import MomentumBuffer, normalized_guidance
from diffusers.guiders.classifier_free_zero_star_guidance import cfg_zero_star_scale

generator = torch.Generator().manual_seed(5)
shape = (2, 2, 2, 3)


def draw():
    return torch.randn(shape, generator=generator)


def flat(values):
    return values.flatten().tolist()


# Estimates of x0 by a model with a class, by itself without one, and by a worse model.
towards, without, worse = draw(), draw(), draw()

# Karras et al. 2024, Eq. 3: from the worse model through the other.
by_model = [{"scale": w, "x0": flat(worse.lerp(towards, w))} for w in (0.0, 0.5, 2.0, 3.5)]

# Karras et al. 2024, App. B.2: the change by w - 1, of which alpha is the model's share.
by_both = []
for cfg, guide in [(2.0, 1.5), (1.25, 3.0), (4.0, 1.0)]:
    w, alpha = cfg + guide - 1, (guide - 1) / (cfg + guide - 2)
    x0 = towards + (w - 1) * ((1 - alpha) * (towards - without) + alpha * (towards - worse))
    by_both.append({"cfg": cfg, "guide": guide, "x0": flat(x0)})

# Sadat et al. 2024, Alg. 1, over a walk of three estimates.
momentum = []
steps = [(draw(), draw()) for _ in range(3)]
for scale, eta, norm, beta in [(4.0, 0.0, 0.0, -0.75), (2.5, 0.5, 2.5, 0.5), (3.0, 1.0, 0.0, -0.3)]:
    buffer = MomentumBuffer(beta)
    x0 = [
        # It adds its scale to the conditional prediction, whose share is one already.
        flat(normalized_guidance(one, other, scale - 1, momentum_buffer=buffer, eta=eta,
                                 norm_threshold=norm, use_original_formulation=True))
        for one, other in steps
    ]
    momentum.append({"scale": scale, "eta": eta, "norm": norm, "beta": beta, "x0": x0})

# Fan et al. 2025: velocities of the straight path, u = (x_t - x0) / tau, scaled for each sample.
zero_star = []
x_t = draw()
for tau, scale in [(0.9, 3.0), (0.3, 5.0), (1.0, 0.0)]:
    cond, uncond = (x_t - towards) / tau, (x_t - without) / tau
    rows = [each.reshape(shape[0], -1) for each in (cond, uncond)]
    star = cfg_zero_star_scale(*rows).reshape(-1, 1, 1, 1)
    velocity = star * uncond + scale * (cond - star * uncond)
    zero_star.append({"tau": tau, "scale": scale, "x0": flat(x_t - tau * velocity)})

with open("guidance.json", "w") as out:
    json.dump(
        {
            "shape": shape,
            "towards": flat(towards),
            "without": flat(without),
            "worse": flat(worse),
            "by_model": by_model,
            "by_both": by_both,
            "steps": [{"towards": flat(one), "away": flat(other)} for one, other in steps],
            "momentum": momentum,
            "x_t": flat(x_t),
            "zero_star": zero_star,
        },
        out,
    )
    out.write("\n")

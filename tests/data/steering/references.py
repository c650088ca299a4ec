"""What diffusers makes of large estimates and of guided predictions: references.json."""
import json

import torch
from diffusers import DDPMScheduler
from diffusers.guiders.adaptive_projected_guidance import normalized_guidance
from diffusers.guiders.guider_utils import rescale_noise_cfg

generator = torch.Generator().manual_seed(3)


def draw(scale):
    return scale * torch.randn(3, 2, 3, 5, generator=generator)


# Three samples: one inside [-1, 1], one that leaves it here and there, one far outside.
x0 = draw(1) * torch.tensor([0.2, 1, 3]).reshape(3, 1, 1, 1)
thresholded = []
for percentile, most in [(0.995, 1e9), (0.8, 1e9), (0.9, 1.5), (1.0, 1e9), (0.995, 1.0)]:
    scheduler = DDPMScheduler(
        thresholding=True, dynamic_thresholding_ratio=percentile, sample_max_value=most
    )
    thresholded.append(
        {
            "percentile": percentile,
            "max": most,
            "x0": scheduler._threshold_sample(x0).flatten().tolist(),
        }
    )

towards, away = draw(1), draw(1)
rescaled = []
for scale, phi in [(3.0, 0.7), (7.5, 1.0), (7.5, 0.0), (0.0, 0.5)]:
    guided = away + scale * (towards - away)
    rescaled.append(
        {
            "scale": scale,
            "phi": phi,
            "prediction": rescale_noise_cfg(guided, towards, phi).flatten().tolist(),
        }
    )

projected = []
for scale, eta, norm in [(3.0, 0.0, 0.0), (7.5, 0.5, 0.0), (7.5, 0.0, 2.0), (1.5, 1.0, 3.0)]:
    # It adds its scale to the conditional prediction, whose share is one already.
    prediction = normalized_guidance(towards, away, scale - 1, eta=eta, norm_threshold=norm,
                                     use_original_formulation=True)
    projected.append({"scale": scale, "eta": eta, "norm": norm,
                      "prediction": prediction.flatten().tolist()})

with open("references.json", "w") as out:
    json.dump(
        {
            "shape": list(x0.shape),
            "x0": x0.flatten().tolist(),
            "thresholded": thresholded,
            "towards": towards.flatten().tolist(),
            "away": away.flatten().tolist(),
            "rescaled": rescaled,
            "projected": projected,
        },
        out,
    )
    out.write("\n")

"""Writes adamw.json: weights after steps of PyTorch's AdamW on given gradients."""
import json
import pathlib

import torch

torch.manual_seed(0)
size, steps = 5, 4
start = torch.randn(size, dtype=torch.float64)
gradients = torch.randn(steps, size, dtype=torch.float64) * torch.tensor([1, 1e-3, 1e3, 1, 1e-6])
gradients[:, 3] = 0
rates = [1e-3, 2e-3, 3e-3, 1.5e-3]
options = dict(betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1)

weights = start.clone().requires_grad_(True)
optimiser = torch.optim.AdamW([weights], lr=rates[0], **options)
after = []
for gradient, rate in zip(gradients, rates):
    optimiser.param_groups[0]["lr"] = rate
    weights.grad = gradient.clone()
    optimiser.step()
    after.append(weights.detach().tolist())

torch.manual_seed(1)
norm_of = torch.nn.Parameter(torch.zeros(7, dtype=torch.float64))
norm_of.grad = torch.randn(7, dtype=torch.float64)
before = norm_of.grad.tolist()
norm = torch.nn.utils.clip_grad_norm_([norm_of], 1.0).item()

result = {
    "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6, "weight_decay": 0.1,
    "learning_rates": rates, "start": start.tolist(), "gradients": gradients.tolist(),
    "after": after,
    "clip": {"gradient": before, "norm": norm, "limit": 1.0, "clipped": norm_of.grad.tolist()},
}
path = pathlib.Path(__file__).parent / "adamw.json"
path.write_text(json.dumps(result, indent=1) + "\n")

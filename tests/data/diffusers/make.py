# Two small networks as diffusers saves them, and what its schedulers draw with them.
# usage: python make.py  (writes into the folder it is run in)
import json
import os
import shutil

import numpy as np
import torch
from diffusers import DDIMScheduler, DDPMPipeline, DDPMScheduler, UNet2DModel

torch.manual_seed(0)
torch.set_num_threads(1)

SETTINGS = dict(  # of google/ddpm-cifar10-32, smaller
    sample_size=[8, 4], in_channels=3, out_channels=3, layers_per_block=1,
    block_out_channels=[4, 8], norm_num_groups=2, norm_eps=1e-6,
    down_block_types=["DownBlock2D", "AttnDownBlock2D"],
    up_block_types=["AttnUpBlock2D", "UpBlock2D"],
    attention_head_dim=None, downsample_padding=0, flip_sin_to_cos=False, freq_shift=1)


def channels_last(x):
    return np.ascontiguousarray(x.numpy().transpose(0, 2, 3, 1))


def network():
    net = UNet2DModel(**SETTINGS).eval()
    with torch.no_grad():
        for weight in net.parameters():  # outputs of the size of noise
            weight.add_(0.1 * torch.randn_like(weight))
    return net


def draw(net, scheduler, steps, x, noise=None):
    """The loop of DDPMPipeline and DDIMPipeline; fresh noise is taken from a list."""
    import diffusers.schedulers.scheduling_ddpm as ddpm
    if noise is not None:
        ddpm.randn_tensor = lambda shape, **_: noise.pop(0)
    scheduler.set_timesteps(steps)
    with torch.no_grad():
        for t in scheduler.timesteps:
            x = scheduler.step(net(x, t).sample, t, x).prev_sample
    return x


def old_names(name):
    for new, old in (("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")):
        name = name.replace("." + new + ".", "." + old + ".")
    return name


x = torch.randn(2, 3, 8, 4)
np.save("start.npy", channels_last(x))

# A pipeline's folder, and all ten steps of DDPM.
net = network()
DDPMPipeline(net, DDPMScheduler(num_train_timesteps=10)).save_pretrained("pipeline")
noise = [torch.randn(2, 3, 8, 4) for _ in range(9)]
np.save("noise.npy", np.stack([channels_last(z) for z in noise]))
np.save("ddpm.npy", channels_last(draw(net, DDPMScheduler(num_train_timesteps=10), 10, x, noise)))

# The layout and the names of the first releases, PyTorch's container, v prediction.
net = network()
scheduler = DDIMScheduler(num_train_timesteps=1000, prediction_type="v_prediction",
                          timestep_spacing="trailing", clip_sample=False)
net.save_pretrained("old", safe_serialization=False)
scheduler.save_pretrained("old")
torch.save({old_names(name): value for name, value in net.state_dict().items()},
           "old/diffusion_pytorch_model.bin")
with open("old/model_index.json", "w") as file:
    json.dump({"_class_name": "DDIMPipeline", "_diffusers_version": "0.0.4",
               "scheduler": ["diffusers", "DDIMScheduler"], "unet": ["diffusers", "UNet2DModel"]},
              file, indent=2)
np.save("ddim.npy", channels_last(draw(net, scheduler, 5, x)))

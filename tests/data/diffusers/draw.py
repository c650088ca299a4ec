# What diffusers draws with a folder, from noise that it is given: to hold `diff-train export` to.
# usage: python draw.py FOLDER START.npy STEPS OUT.npy [NOISE.npy] [CLASS]
# START.npy: N x H x W x C; NOISE.npy: draws x N x H x W x C, in the order of asking.
# Loads strictly: a weight that is missing or that nobody asked for ends it.
import os
import sys

import diffusers
import numpy as np
import torch
import diffusers.schedulers.scheduling_ddim as ddim
import diffusers.schedulers.scheduling_ddpm as ddpm

folder, start, steps, out = sys.argv[1:5]
noise = list(np.load(sys.argv[5])) if len(sys.argv) > 5 and sys.argv[5] else []
label = int(sys.argv[6]) if len(sys.argv) > 6 else None


def channels_first(x):
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1))).float()


def given(shape, **_):
    return channels_first(noise.pop(0))


def strict(path):
    cls = getattr(diffusers, diffusers.UNet2DModel.load_config(path)["_class_name"])
    net, told = cls.from_pretrained(path, output_loading_info=True)
    assert not any(told[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), told
    return net


x = channels_first(np.load(start))
ddim.randn_tensor = ddpm.randn_tensor = given
torch.set_num_threads(1)
net = strict(os.path.join(folder, "unet"))
if os.path.exists(os.path.join(folder, "model_index.json")):
    pipeline = diffusers.DiffusionPipeline.from_pretrained(folder)
    module = sys.modules[type(pipeline).__module__]
    module.randn_tensor = lambda shape, **_: x
    pipeline.set_progress_bar_config(disable=True)
    more = {"use_clipped_model_output": True} if "DDIM" in type(pipeline).__name__ else {}
    images = pipeline(batch_size=len(x), num_inference_steps=int(steps), output_type="np", **more)
    print(type(pipeline).__name__)
    np.save(out, images.images)
else:
    path = os.path.join(folder, "scheduler")
    name = diffusers.DDPMScheduler.load_config(path)["_class_name"]
    scheduler = getattr(diffusers, name).from_pretrained(path)
    scheduler.set_timesteps(int(steps))
    labels = None if label is None else torch.full((len(x),), label)
    with torch.no_grad():
        for t in scheduler.timesteps:
            x = scheduler.step(net(x, t, labels).sample, t, x).prev_sample
    print("loop of", name)
    np.save(out, np.moveaxis((x / 2 + 0.5).clamp(0, 1).numpy(), 1, -1))

"""Writes the seeds of the fuzz targets, corpus/TARGET/NAME: python3 corpus.py, in tests/fuzz."""

import gzip
import io
import json
import os
import struct
import tarfile


def put(target, name, data):
    os.makedirs(f"corpus/{target}", exist_ok=True)
    if isinstance(data, (dict, list)):
        data = json.dumps(data)
    if isinstance(data, str):
        data = data.encode()
    open(f"corpus/{target}/{name}", "wb").write(data)


# schedules
put(
    "schedule",
    "family",
    {
        "format": "diffusion-schedule",
        "version": 1,
        "family": "cosine",
        "params": {"s": 0.008},
        "process": "vp",
        "T": 4,
    },
)
put(
    "schedule",
    "betas",
    {"betas": [0.1, 0.2, 0.3], "timesteps": [0, 1, 2.5], "snr": [9, "Infinity", 1]},
)
put(
    "schedule", "flow", {"process": "flow", "sigmas": [0.25, 0.5, 1], "timesteps": [250, 500, 1000]}
)
put("schedule", "listed", {"family": "log_snr", "params": {"log_snr": "5:0:-5"}, "T": 5})
# number lists
put("number_list", "json", {"betas": [0.1, "NaN", 2e-3]})
put("number_list", "columns", "t,betas\n1,0.1\n2,0.2\n")
put("number_list", "plain", "0.1\n0.2\n# end\n")
put("spec", "cosine", "cosine:s=0.008,T=10")
put("spec", "karras", "karras:rho=7,sigma_min=0.01")
put("spec", "heun", "heun:churn=40,s_noise=1.003")
put("spec", "sections", "3,2,1")
put("grid", "steps", [10, 7, 3, 1])
put("grid", "sigmas", {"ve_sigma": [80, 10, 0.5, 0]})
put("grid", "schedule", {"family": "linear", "T": 6})
# diffusers
put(
    "diffusers",
    "ddpm",
    {
        "_class_name": "DDPMScheduler",
        "num_train_timesteps": 10,
        "beta_schedule": "scaled_linear",
        "beta_start": 0.001,
        "beta_end": 0.02,
        "prediction_type": "v_prediction",
        "rescale_betas_zero_snr": True,
    },
)
put(
    "diffusers",
    "trained",
    {
        "_class_name": "DDIMScheduler",
        "num_train_timesteps": 3,
        "trained_betas": [0.1, 0.2, 0.3],
        "timestep_spacing": "trailing",
    },
)
put(
    "diffusers",
    "flow",
    {
        "_class_name": "FlowMatchEulerDiscreteScheduler",
        "num_train_timesteps": 10,
        "shift": 3.0,
        "use_dynamic_shifting": False,
    },
)
put(
    "diffusers",
    "edm",
    {
        "_class_name": "EDMEulerScheduler",
        "num_train_timesteps": 5,
        "sigma_min": 0.002,
        "sigma_max": 80,
        "rho": 7,
        "sigma_schedule": "karras",
    },
)
unet = {
    "_class_name": "UNet2DModel",
    "sample_size": [8, 8],
    "in_channels": 1,
    "out_channels": 1,
    "block_out_channels": [4, 8],
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "UpBlock2D"],
    "layers_per_block": 1,
    "norm_num_groups": 2,
    "attention_head_dim": 4,
    "num_class_embeds": 3,
    "dropout": 0.1,
    "freq_shift": 0,
    "flip_sin_to_cos": True,
    "mid_block_scale_factor": 1,
    "norm_eps": 1e-5,
    "time_embedding_dim": 16,
    "downsample_padding": 1,
    "add_attention": True,
    "attn_norm_num_groups": 2,
}
put("diffusers", "unet", unet)
# training
put(
    "training",
    "all",
    {
        "data": {
            "size": [16, 16],
            "crop": "8x8",
            "channels": 1,
            "flip": True,
            "shift": 2,
            "labels": "prefix",
            "validation": 0.1,
            "memory": "2G",
        },
        "model": {"block_out_channels": [4, 8], "layers_per_block": 1},
        "objective": {
            "prediction": "eps",
            "weight": "min-snr:gamma=5",
            "loss": "simple",
            "levels": "importance",
            "label_dropout": 0.1,
        },
        "train": {
            "steps": 100,
            "batch": 8,
            "accumulate": 2,
            "lr": 1e-3,
            "warmup": 10,
            "decay": "cosine",
            "clip": 1,
            "ema": [0.99, 0.999],
            "precision": "float32",
            "seed": 3,
        },
    },
)
put("training", "assignment", "model.block_out_channels=16,32")
put("training", "text", "train.batch=64")
put("training", "learned", {"objective": {"loss": "hybrid"}})
put(
    "mixture",
    "two",
    {
        "weights": [1, 3],
        "means": [[0, 0.5], [-0.5, 0]],
        "stds": [0.1, 0],
        "shape": [1, 2, 1],
        "labels": [0, 1],
    },
)
put("dataset_json", "labels", {"labels": [["a.png", 3], ["b/c.png", 0]]})
put("dataset_json", "none", {"labels": None})


# model file
def model(**change):
    meta = {
        "format": "diffusion-model",
        "version": "1",
        "model": {
            "_class_name": "UNet2DModel",
            "sample_size": 8,
            "in_channels": 1,
            "out_channels": 1,
            "block_out_channels": [2],
            "down_block_types": ["DownBlock2D"],
            "up_block_types": ["UpBlock2D"],
            "layers_per_block": 1,
            "norm_num_groups": 1,
        },
        "schedule": {"family": "linear", "T": 5},
        "objective": {
            "prediction": "v",
            "weight": "uniform",
            "loss": "simple",
            "label_dropout": 0.1,
        },
        "data": {"size": [8, 8], "channels": 1, "images": 10, "classes": 0, "label_names": []},
        "training": {
            "steps": 5,
            "images": 40,
            "updates": 5,
            "skipped": 0,
            "mean_loss": 0.5,
            "config": {"train": {"batch": 8}, "data": {"size": 8}},
        },
    }
    meta.update(change)
    header = {
        "__metadata__": {k: v if isinstance(v, str) else json.dumps(v) for k, v in meta.items()},
        "conv_in.weight": {"dtype": "F32", "shape": [2, 1, 3, 3], "data_offsets": [0, 72]},
    }
    return struct.pack("<H", 72) + json.dumps(header).encode()


put("model_file", "small", model())
put(
    "model_file",
    "classes",
    model(
        data={
            "size": [8, 8],
            "channels": 1,
            "images": 10,
            "classes": 2,
            "label_names": ["cat", "dog"],
        }
    ),
)
put("safetensors", "empty", struct.pack("<Q", 2) + b"{}")
# idx, cifar
put("idx", "labels", bytes([0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 0]))
put("idx", "images", bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2]) + bytes(range(8)))
put("idx", "packed", gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 0]), mtime=0))
put("idx", "floats", bytes([0, 0, 13, 1, 0, 0, 0, 1]) + struct.pack(">f", 1.5))
put("cifar", "ten", bytes([3]) + bytes(3072))
put("cifar", "hundred", bytes([3, 7]) + bytes(3072))


def tar(names):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for n, b in names.items():
            i = tarfile.TarInfo(n)
            i.size = len(b)
            t.addfile(i, io.BytesIO(b))
    return out.getvalue()[: 512 * (2 * len(names) + 2)]


pgm = b"P5 2 1 255\n\x01\x02"
put("tar", "folders", tar({"cats/a.pgm": pgm, "dogs/b_1.pgm": pgm}))
put("tar", "labels", tar({"a.pgm": pgm, "dataset.json": b'{"labels":[["a.pgm",1]]}'}))
put("tar", "escapes", tar({"../a_1.pgm": pgm, "/b_2.pgm": pgm, "c_\xff.pgm": pgm}))
put("images", "pgm", pgm)
put("images", "tar", tar({"cats/a.pgm": pgm}))
put("images", "idx", bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2]) + bytes(range(8)))
put("picture", "pgm", pgm)
put("picture", "ppm", b"P3 1 1 255\n1 2 3\n")
put("answers", "npy", open("../data/npy/bool.npy", "rb").read())
put("answers", "words", "hello\n")

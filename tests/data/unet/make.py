"""Reference outputs and gradients of diffusers' UNet2DModel: see README.md."""
import json
import pathlib
import sys

import diffusers
import numpy
import torch

CONFIGS = {
    # Attention at one level and in the middle, several heads.
    "attention": dict(
        sample_size=16, in_channels=3, out_channels=3, block_out_channels=(8, 16),
        layers_per_block=1, down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"), attention_head_dim=4,
        norm_num_groups=4, downsample_padding=1),
    # The conventions of the first DDPM checkpoints; not square, channels that fill
    # no vector.
    "plain": dict(
        sample_size=(8, 12), in_channels=1, out_channels=2, block_out_channels=(4, 8, 12),
        layers_per_block=2, down_block_types=("DownBlock2D",) * 3,
        up_block_types=("UpBlock2D",) * 3, attention_head_dim=None, norm_num_groups=2,
        downsample_padding=0, flip_sin_to_cos=False, freq_shift=1, norm_eps=1e-6,
        mid_block_scale_factor=2.0, center_input_sample=True),
    # As guided diffusion has it: the time scales, residual blocks resample.
    "guided": dict(
        sample_size=8, in_channels=3, out_channels=6, block_out_channels=(8, 12, 16),
        layers_per_block=1,
        down_block_types=("ResnetDownsampleBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D"),
        downsample_type="resnet", upsample_type="resnet",
        resnet_time_scale_shift="scale_shift", attention_head_dim=4, norm_num_groups=4,
        attn_norm_num_groups=2),
    # The time scales, which leaves the middle's attention without a norm.
    "scaled": dict(
        sample_size=8, in_channels=1, out_channels=1, block_out_channels=(8, 12),
        layers_per_block=1, down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D"), resnet_time_scale_shift="scale_shift",
        attention_head_dim=4, norm_num_groups=2),
    # google/ddpm-cifar10-32 and google/ddpm-celebahq-256 (and -church-256), for fewer channels.
    "cifar10": dict(
        sample_size=16, block_out_channels=(4, 8, 8, 8), layers_per_block=2,
        down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=None, downsample_padding=0, flip_sin_to_cos=False, freq_shift=1,
        norm_eps=1e-6, norm_num_groups=2, in_channels=3, out_channels=3),
    "celebahq": dict(
        sample_size=32, block_out_channels=(4, 4, 4, 4, 8, 8), layers_per_block=2,
        down_block_types=("DownBlock2D",) * 4 + ("AttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "AttnUpBlock2D") + ("UpBlock2D",) * 4,
        attention_head_dim=None, downsample_padding=0, flip_sin_to_cos=False, freq_shift=1,
        norm_eps=1e-6, norm_num_groups=2, in_channels=3, out_channels=3),
    # google/ncsnpp-church-256 (-ffhq-1024, -celebahq-256, ...), for fewer channels and levels.
    "ncsnpp": dict(
        sample_size=8, block_out_channels=(32, 32), layers_per_block=1, time_embedding_dim=16,
        down_block_types=("SkipDownBlock2D", "AttnSkipDownBlock2D"),
        up_block_types=("AttnSkipUpBlock2D", "SkipUpBlock2D"), attention_head_dim=None,
        mid_block_scale_factor=1.41421356237, norm_eps=1e-6, norm_num_groups=None,
        time_embedding_type="fourier", in_channels=3, out_channels=3),
    # The label goes the way of the time.
    "labelled": dict(
        sample_size=8, in_channels=1, out_channels=1, block_out_channels=(4, 8),
        layers_per_block=1, down_block_types=("UNetResDownBlock2D", "UNetResAttnDownBlock2D"),
        up_block_types=("UNetResAttnUpBlock2D", "UNetResUpBlock2D"), attention_head_dim=4,
        norm_num_groups=2, act_fn="gelu", class_embed_type="timestep", num_class_embeds=10,
        upsample_type="resnet", add_attention=False),
    # Vectors for times.
    "learned": dict(
        sample_size=8, in_channels=1, out_channels=1, block_out_channels=(4, 8),
        layers_per_block=1, down_block_types=("DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D"), attention_head_dim=None, norm_num_groups=2,
        act_fn="relu", time_embedding_type="learned", num_train_timesteps=20,
        class_embed_type="timestep", num_class_embeds=10),
    "mish": dict(
        sample_size=8, in_channels=1, out_channels=1, block_out_channels=(4, 8),
        layers_per_block=1, down_block_types=("DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D"), attention_head_dim=None, norm_num_groups=2,
        act_fn="mish", resnet_time_scale_shift="scale_shift", mid_block_type=None),
}
TIMES = {"ncsnpp": [0.3, 12.0], "learned": [3, 17]}
LABELS = [3, 7]  # of networks that take some


def make(name, config, folder):
    torch.manual_seed(len(name))
    model = diffusers.UNet2DModel(**config)
    with torch.no_grad():
        for weight in model.parameters():  # norms too, so that each weight matters
            weight.add_(0.1 * torch.randn_like(weight))
    size = config["sample_size"]
    height, width = size if isinstance(size, tuple) else (size, size)
    x = torch.randn(2, config["in_channels"], height, width)
    timesteps = torch.tensor(TIMES.get(name, [3.0, 871.0]))
    labels = torch.tensor(LABELS) if config.get("class_embed_type") else None
    y = model(x, timesteps, labels).sample
    dy = torch.randn_like(y)
    y.backward(dy)
    state = dict(sorted(model.named_parameters()))
    last = lambda image: image.detach().permute(0, 2, 3, 1)
    parts = [last(x), timesteps, last(y), last(dy)]
    parts += [weight.detach() for weight in state.values()]
    parts += [torch.zeros_like(weight) if weight.grad is None else weight.grad
              for weight in state.values()]
    flat = numpy.concatenate([part.numpy().ravel() for part in parts]).astype("<f4")
    flat.tofile(folder / f"{name}.f32")
    (folder / f"{name}.json").write_text(json.dumps(config) + "\n")


if __name__ == "__main__":
    for each in sys.argv[1:] or CONFIGS:
        make(each, CONFIGS[each], pathlib.Path(__file__).parent)

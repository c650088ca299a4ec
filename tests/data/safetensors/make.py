"""Writes reference.safetensors: every type that numpy or torch can put in one."""
import pathlib

import torch
from safetensors.torch import save_file

tensors = {
    "weight": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4 - 0.5,
    "double": torch.tensor([3.141592653589793, -1e-300], dtype=torch.float64),
    "long": torch.tensor([-(2**40), 7], dtype=torch.int64),
    "int": torch.tensor([-(2**30), 7], dtype=torch.int32),
    "short": torch.tensor([-32768, 7], dtype=torch.int16),
    "bytes": torch.tensor([[0, 255], [1, 2]], dtype=torch.uint8),
    "signed bytes": torch.tensor([-128, 127], dtype=torch.int8),
    "truth": torch.tensor([True, False, True]),
    "half": torch.tensor([1.5, -65504.0, 6e-8, 6.1e-5, float("inf"), -0.0], dtype=torch.float16),
    "brain": torch.tensor([1.5, -3.0e38, 1e-40, float("-inf")], dtype=torch.bfloat16),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 4),
    "größe": torch.tensor([1.0]),
}
save_file(tensors, pathlib.Path(__file__).parent / "reference.safetensors", {"made by": "torch"})

"""Writes the files of PyTorch that tests/tensor/torch_file_test.cpp reads."""
import collections
import pathlib

import torch

folder = pathlib.Path(__file__).parent
base = torch.arange(24, dtype=torch.float32) / 8 - 1
state = collections.OrderedDict()
state["dense"] = base.reshape(2, 3, 4)
state["window"] = base.reshape(6, 4)[1:5, 1:3]
state["transposed"] = base.reshape(4, 6).T
state["scalar"] = torch.tensor(2.5)
state["empty"] = torch.zeros(0, 4)
state["double"] = torch.tensor([3.141592653589793, -1e-300], dtype=torch.float64)
state["half"] = torch.tensor([1.5, -65504.0, 6e-8], dtype=torch.float16)
state["brain"] = torch.tensor([1.5, -3.0e38, 1e-40], dtype=torch.bfloat16)
state["long"] = torch.tensor([-(2**40), 7], dtype=torch.int64)
state["int"] = torch.tensor([-(2**30), 7], dtype=torch.int32)
state["short"] = torch.tensor([-32768, 7], dtype=torch.int16)
state["bytes"] = torch.tensor([0, 255], dtype=torch.uint8)
state["signed bytes"] = torch.tensor([-128, 127], dtype=torch.int8)
state["truth"] = torch.tensor([True, False, True])
state["parameter"] = torch.nn.Parameter(torch.tensor([0.5, 0.25]))
state._metadata = {"": {"version": 1}}
torch.save(state, folder / "zip.pth")
torch.save(state, folder / "stream.pth", _use_new_zipfile_serialization=False)
torch.save({"epoch": 3, "lr": 0.5, "model": {"layers": [base[:2], base[2:4]]}}, folder / "nested.pth")
torch.save(torch.nn.Linear(1, 1), folder / "module.pth")
torch.save({"x": torch.ones(2, dtype=torch.complex64)}, folder / "complex.pth")


class Inner(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3))
        self.register_buffer("mean", torch.tensor([0.5, -0.5]))
        self.sizes = [1, 2]

    def forward(self, x):
        return x @ self.weight.T + self.mean


class Script(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = Inner()
        self.output = torch.nn.Linear(2, 2)
        with torch.no_grad():
            self.output.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
            self.output.bias.zero_()

    def forward(self, x):
        return self.output(self.layers(x))


torch.jit.script(Script()).save(str(folder / "script.pt"))

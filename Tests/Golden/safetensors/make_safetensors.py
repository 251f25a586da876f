"""Makes types.safetensors with the reference implementation: every element type that is read, 0-d and empty tensors.

Needs safetensors and torch; made with safetensors 0.8.0 and torch 2.15.0.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

values = [0.0, 1.0, -2.5, 65504.0, 6.103515625e-05, 5.960464477539063e-08]
tensors = {
    "f32": torch.tensor(values, dtype=torch.float32).reshape(2, 3),
    "f64": torch.tensor(values, dtype=torch.float64).reshape(3, 2),
    "f16": torch.tensor(values, dtype=torch.float16),
    "bf16": torch.tensor([0.0, 1.0, -2.5, 3.3895313892515355e38, 9.1835e-41], dtype=torch.bfloat16),
    "i32": torch.tensor([0, -7, 2**24], dtype=torch.int32),
    "i64": torch.tensor([[0, -7], [2**24, -(2**62)]], dtype=torch.int64),
    "f16.special": torch.tensor([float("inf"), float("-inf"), float("nan"), -0.0], dtype=torch.float16),
    "scalar": torch.tensor(1.5),
    "empty": torch.zeros((0,), dtype=torch.float32),
    "empty.matrix": torch.zeros((3, 0, 2), dtype=torch.float64),
}
save_file(tensors, Path(__file__).parent / "types.safetensors", metadata={"made_by": "safetensors", "ä": "\"\\/"})

"""Weights of the published image code (.pth) to safetensors and back: python convert_weights.py IN OUT"""

import sys

import torch
from safetensors.torch import load_file, save_file

source, target = sys.argv[1:]
if source.endswith(".safetensors"):
    weights = load_file(source)
    blocks = {name.split(".")[1] for name in weights if name.startswith("blocks.")}
    tokens = weights["blocks.0.pos_embed"].shape[0]
    for block in blocks:  # The published state dict has the causal mask as well.
        weights[f"blocks.{block}.attn_mask"] = torch.tril(torch.ones(tokens, tokens))
    torch.save(weights, target)
else:
    weights = torch.load(source, map_location="cpu", weights_only=True)
    save_file({n: w.float().contiguous() for n, w in weights.items() if not n.endswith("attn_mask")}, target)

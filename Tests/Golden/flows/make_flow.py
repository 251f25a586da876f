"""Writes small-conditional: a small flow of several heads, layers and classes, and what the published code computes.

    python make_flow.py ML_TARFLOW        (a checkout of apple/ml-tarflow, for its transformer_flow.py; PyTorch 2.15)

Images of 6×6 pixels and three channels in patches of 2×2: nine tokens of twelve features; two blocks of two layers,
16 wide with heads of 8; three classes. All parameters are random. One label is -1: no class. The samples are drawn
without guidance, and with guidance of both outputs, of one of them, by an annealed weight and at a lower temperature of
the attention. `denoised` is a step of Tweedie's formula from the sample without guidance. The losses are those of ten
steps of AdamW (rate 1e-3, betas 0.9 and 0.95, decay 1e-4) on the same images.
"""

import functools
import json
import pathlib
import struct
import sys

import numpy as np
import torch

sys.path.insert(0, sys.argv[1])
import transformer_flow  # noqa: E402

folder = pathlib.Path(__file__).parent
shape = dict(image_size=6, channels=3, patch_size=2, width=16, blocks=2, layers_per_block=2, head_width=8, expansion=4,
             classes=3, affine_scale=True, batch=3)
samples = [(0, "ab", 1.0, 0), (1.5, "ab", 1.0, 0), (1.0, "a", 1.0, 0), (2.0, "b", 0.5, 1)]
sigma = 0.1


def write(name, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for key in sorted(tensors):
        array = tensors[key].detach().cpu().numpy()
        array = array.astype("<i4" if array.dtype.kind == "i" else "<f4")
        header[key] = {"dtype": "I32" if array.dtype.kind == "i" else "F32", "shape": list(array.shape),
                       "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (folder / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    # The published model has heads of 64 only.
    transformer_flow.MetaBlock = functools.partial(
        transformer_flow.MetaBlock, head_dim=shape["head_width"], expansion=shape["expansion"])
    model = transformer_flow.Model(
        shape["channels"], shape["image_size"], shape["patch_size"], shape["width"], shape["blocks"],
        shape["layers_per_block"], nvp=shape["affine_scale"], num_classes=shape["classes"])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn(parameter.shape)
    start = {name: value.clone() for name, value in model.state_dict().items() if not name.endswith("attn_mask")}
    images = (shape["batch"], shape["channels"], shape["image_size"], shape["image_size"])
    x = (2 * torch.rand(images) - 1).requires_grad_()
    labels, sample_labels = torch.tensor([-1, 2, 1]), torch.tensor([2, 0, 1])

    z, outputs, log_determinants = model(x, labels)
    loss = model.get_loss(z, log_determinants)
    loss.backward()
    found = {"x": x, "labels": labels, "z": z, "log_det_per_dim": log_determinants, "loss": loss[None],
             "grad.x": x.grad, "sample_labels": sample_labels, "prior_noise": torch.randn(z.shape)}
    found |= {f"block_output.{block}": output for block, output in enumerate(outputs)}
    found |= {f"grad.{name}": parameter.grad for name, parameter in model.named_parameters()}

    for guidance, what, temperature, annealed in samples:
        name = f"sample.guidance={guidance},what={what},temp={temperature},annealed={annealed}"
        with torch.no_grad():
            # It works in place.
            found[name] = model.reverse(
                found["prior_noise"].clone(), sample_labels, guidance, what, temperature, bool(annealed))
    drawn = found["sample.guidance=0,what=ab,temp=1.0,annealed=0"].clone().requires_grad_()
    z, _, log_determinants = model(drawn, sample_labels)
    slope, = torch.autograd.grad(model.get_loss(z, log_determinants), drawn)
    found[f"denoised.sigma={sigma}"] = drawn - drawn.numel() * sigma**2 * slope

    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=1e-4)
    losses = []
    for _ in range(10):
        z, _, log_determinants = model(x.detach(), labels)
        loss = model.get_loss(z, log_determinants)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    found["train_losses"] = torch.tensor(losses)
    gradients = [float(v.abs().max()) for name, v in found.items() if name.startswith("grad.")]
    assert min(gradients) > 1e-4, "a parameter without an effect"

    config = {"config": json.dumps(shape)}
    made_by = f"apple/ml-tarflow transformer_flow.py, torch {torch.__version__}, float32, 1 thread"
    write("small-conditional.weights", start, config)
    write("small-conditional.expected", found, config | {"made_by": made_by})
    assert np.isfinite(losses).all()


if __name__ == "__main__":
    main()

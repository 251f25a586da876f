"""Trains the image flow in PyTorch on the very batches, noise and initial weights of `tarflow-mol image train`.

    python train_torch.py digits --batch 8 --decay 0.1 > digits-losses.json
    python train_torch.py fashion-mnist --warm-up 937 > fashion-mnist-losses.json
    python train_torch.py fashion-mnist --noise uniform --steps 400 --bits 1000

Everything random is repeated from the counter-based generator of the program (Philox 4×32-10, Salmon et al. 2011), so
that no arrays have to change hands: `image train NAME --seed 1` with the same settings sees the same numbers. The flow
is written after its description in arXiv 2412.06329; the names of its tensors are those of safetensors files.
"""

import argparse
import gzip
import json
import math
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

STREAMS = {"initialization": 1, "shuffling": 2, "augmentation": 3, "validation": 4, "labels": 8}
SYSTEMS = {
    "digits": dict(
        folder=pathlib.Path(__file__).parents[3] / "systems" / "digits", size=8, patch=2, width=64, layers=1,
        train=("train-images.gz", "train-labels.gz"), test=("test-images.gz", "test-labels.gz")),
    "fashion-mnist": dict(
        folder=pathlib.Path("/usr/share/datasets/fashion-mnist"), size=28, patch=4, width=128, layers=4,
        train=("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        test=("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")),
}


# Random numbers


def uniforms(seed, stream, step, index, count):
    """Uniform doubles in [0, 1), [len(index), count], each row from the generator of its own index."""
    index = np.atleast_1d(np.asarray(index, np.uint64))
    blocks = (count + 1) // 2
    mask = np.uint64(0xFFFFFFFF)
    shape = (len(index), blocks)
    x = np.broadcast_to(np.arange(blocks, dtype=np.uint64), shape).copy()
    y = np.full(shape, STREAMS[stream], np.uint64)
    z = np.full(shape, step, np.uint64)
    w = np.broadcast_to(index[:, None], shape).copy()
    k0, k1 = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    for _ in range(10):
        first, second = np.uint64(0xD2511F53) * x, np.uint64(0xCD9E8D57) * z
        x, y, z, w = (second >> np.uint64(32)) ^ y ^ k0, second & mask, (first >> np.uint64(32)) ^ w ^ k1, first & mask
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & mask, (k1 + np.uint64(0xBB67AE85)) & mask
    words = np.stack([x << np.uint64(32) | y, z << np.uint64(32) | w], -1).reshape(len(index), -1)
    return words[:, :count], (words[:, :count] >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normals(seed, stream, step, index, count):
    """Standard normal doubles, [len(index), count], by the polar method with its rejections."""
    pairs = int(count / 2 * 4 / math.pi + 6 * math.sqrt(count) + 16)
    u = 2 * uniforms(seed, stream, step, index, 2 * pairs)[1] - 1
    x, y = u[:, 0::2], u[:, 1::2]
    square = x * x + y * y
    accepted = (square > 0) & (square < 1)
    square = np.where(accepted, square, 0.5)
    factor = np.sqrt(-2 * np.log(square) / square)
    both = np.stack([x * factor, y * factor], -1)
    return np.stack([row[kept].reshape(-1)[:count] for row, kept in zip(both, accepted)])


def shuffled(count, seed, epoch):
    """Fisher and Yates' shuffle with unbiased bounded numbers (Lemire 2019)."""
    order = list(range(count))
    numbers = iter([int(v) for v in uniforms(seed, "shuffling", epoch, 0, count + 64)[0][0]])
    for place in range(count - 1):
        bound = count - place
        product = next(numbers) * bound
        while product & (2**64 - 1) < (2**64 - bound) % bound:
            product = next(numbers) * bound
        other = place + (product >> 64)
        order[place], order[other] = order[other], order[place]
    return order


# The flow


class Layer(nn.Module):
    def __init__(self, width, head_width=64):
        super().__init__()
        self.heads = width // head_width
        self.attention = nn.Module()
        self.attention.norm = nn.LayerNorm(width)
        self.attention.qkv = nn.Linear(width, 3 * width)
        self.attention.proj = nn.Linear(width, width)
        self.mlp = nn.Module()
        self.mlp.norm = nn.LayerNorm(width)
        self.mlp.main = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        batch, tokens, width = x.shape
        parts = self.attention.qkv(self.attention.norm(x)).view(batch, tokens, 3, self.heads, -1)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attention.proj(mixed.transpose(1, 2).reshape(batch, tokens, width))
        return x + self.mlp.main(self.mlp.norm(x))


class Block(nn.Module):
    def __init__(self, tokens, features, width, layers, classes, reverse):
        super().__init__()
        self.reverse = reverse
        self.proj_in = nn.Linear(features, width)
        self.pos_embed = nn.Parameter(torch.zeros(tokens, width))
        self.class_embed = nn.Parameter(torch.zeros(classes, 1, width)) if classes else None
        self.attn_blocks = nn.ModuleList(Layer(width) for _ in range(layers))
        self.proj_out = nn.Linear(width, 2 * features)

    def forward(self, x, labels):
        turn = (lambda t, dim: t.flip(dim)) if self.reverse else (lambda t, dim: t)
        x = turn(x, 1)
        h = self.proj_in(x) + turn(self.pos_embed, 0)
        if self.class_embed is not None:
            table = torch.cat([self.class_embed, self.class_embed.mean(0, keepdim=True)])
            h = h + table[labels]  # −1 is the last row, the mean
        for layer in self.attn_blocks:
            h = layer(h)
        a, b = F.pad(self.proj_out(h)[:, :-1], (0, 0, 1, 0)).chunk(2, -1)
        return turn((x - b) * torch.exp(-a), 1), -a.mean((1, 2))


class Flow(nn.Module):
    def __init__(self, tokens, features, width, blocks, layers, classes):
        super().__init__()
        self.blocks = nn.ModuleList(
            Block(tokens, features, width, layers, classes, k % 2 == 1) for k in range(blocks))

    def forward(self, x, labels):
        total = 0
        for block in self.blocks:
            x, log_determinant = block(x, labels)
            total = total + log_determinant
        return x, total

    def start(self, seed):
        """The initial values of the program, tensor by tensor in its order."""
        named = dict(self.named_parameters())
        order = []
        for k, block in enumerate(self.blocks):
            prefix = f"blocks.{k}."
            order += [prefix + n for n in ("proj_in.weight", "proj_in.bias", "pos_embed", "class_embed")]
            for j in range(len(block.attn_blocks)):
                parts = ("attention.norm", "attention.qkv", "attention.proj", "mlp.norm", "mlp.main.0", "mlp.main.2")
                order += [f"{prefix}attn_blocks.{j}.{p}.{n}" for p in parts for n in ("weight", "bias")]
            order += [prefix + "proj_out.weight", prefix + "proj_out.bias"]
        order = [name for name in order if name in named]
        assert len(order) == len(named)
        with torch.no_grad():
            for index, name in enumerate(order):
                p = named[name]
                if "proj_out" in name or name.endswith("norm.bias"):
                    p.zero_()
                elif name.endswith("norm.weight"):
                    p.fill_(1)
                elif name.endswith("_embed"):
                    values = normals(seed, "initialization", 0, index, p.numel())[0].astype(np.float32)
                    p.copy_(torch.tensor(np.float32(1e-2) * values).view(p.shape))
                else:
                    inputs = named[name.replace("bias", "weight")].shape[1]
                    u = uniforms(seed, "initialization", 0, index, p.numel())[1]
                    bound = np.float32(1) / np.sqrt(np.float32(inputs))
                    p.copy_(torch.tensor(bound * (2 * u - 1).astype(np.float32)).view(p.shape))


# Data


def read(path):
    data = gzip.open(path).read()
    shape = [int.from_bytes(data[4 + 4 * d : 8 + 4 * d], "big") for d in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def tokens(images, patch):
    x = torch.from_numpy(images.astype(np.float32))[:, None]
    x = (x / 255 - 0.5) / 0.5
    return F.unfold(x, patch, stride=patch).transpose(1, 2).contiguous()


def noisy(x, kind, deviation, seed, stream, step, index):
    size = x[0].numel()
    if kind == "gaussian":
        return x + torch.tensor((deviation * normals(seed, stream, step, index, size)).astype(np.float32)).view_as(x)
    u = torch.tensor(uniforms(seed, stream, step, index, size)[1].astype(np.float32)).view_as(x)
    return ((x + 1) * 127.5 + u) / 256 * 2 - 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--warm-up", type=int, default=50)
    parser.add_argument("--decay", type=float, default=1e-4)
    parser.add_argument("--noise", choices=["gaussian", "uniform"], default="gaussian")
    parser.add_argument("--deviation", type=float, default=0.1)
    parser.add_argument("--drop", type=float, default=0.1)
    parser.add_argument("--unconditional", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bits", type=int, default=0, help="bits per dimension of so many test images")
    a = parser.parse_args()
    s = SYSTEMS[a.system]
    layers = a.layers or s["layers"]
    x = tokens(read(s["folder"] / s["train"][0]), s["patch"])
    y = read(s["folder"] / s["train"][1]).astype(np.int64)
    flow = Flow(x.shape[1], x.shape[2], s["width"], 4, layers, 0 if a.unconditional else 10)
    flow.start(a.seed)
    optimizer = torch.optim.AdamW(flow.parameters(), lr=a.rate, betas=(0.9, 0.95), weight_decay=a.decay)
    low = 1e-6
    losses = []
    epoch_steps = len(x) // a.batch
    for step in range(a.steps):
        if step % epoch_steps == 0:
            order = shuffled(len(x), a.seed, step // epoch_steps)
        chosen = order[step % epoch_steps * a.batch : (step % epoch_steps + 1) * a.batch]
        places = np.arange(a.batch)
        batch = noisy(x[chosen], a.noise, a.deviation, a.seed, "augmentation", step, places)
        labels = y[chosen].copy()
        labels[uniforms(a.seed, "labels", step, places, 1)[1][:, 0] < a.drop] = -1
        if step <= a.warm_up:
            rate = low + step / a.warm_up * (a.rate - low)
        else:
            part = (step - a.warm_up) / (a.steps - a.warm_up)
            rate = low + 0.5 * (1 + math.cos(math.pi * part)) * (a.rate - low)
        for group in optimizer.param_groups:
            group["lr"] = rate
        z, log_determinant = flow(batch, torch.from_numpy(labels))
        loss = 0.5 * z.square().mean() - log_determinant.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(round(loss.item(), 6))
    result = {
        "made_by": f"train_torch.py, torch {torch.__version__}",
        "settings": [
            f"training.steps={a.steps}", f"training.batch={a.batch}", f"flow.layers={layers}",
            f"training.learning_rate={a.rate}", f"training.warm_up_epochs={a.warm_up / epoch_steps!r}",
            f"training.weight_decay={a.decay}",
            f"noise.kind={a.noise}", f"noise.deviation={a.deviation}", f"training.label_drop={a.drop}",
            "training.clip=0", "training.held_out=0", "training.precision=fp32", "training.average_decay=0",
            "training.validate_every=1", f"seed={a.seed}",
        ],
        "losses": losses,
    }
    if a.bits:
        pixels = tokens(read(s["folder"] / s["test"][0])[: a.bits], s["patch"])
        bits = []
        with torch.no_grad():
            for first in range(0, a.bits, 250):
                index = np.arange(first, min(a.bits, first + 250))
                part = noisy(pixels[index], "uniform", 0, a.seed, "validation", 0, index)
                z, log_determinant = flow(part, torch.full((len(index),), -1))
                log_density = (-0.5 * (z**2 + math.log(2 * math.pi))).mean((1, 2)) + log_determinant
                bits += [(-log_density + math.log(128)) / math.log(2)]
        result["bits_per_dimension"] = torch.cat(bits).double().mean().item()
    print(json.dumps(result))


if __name__ == "__main__":
    main()

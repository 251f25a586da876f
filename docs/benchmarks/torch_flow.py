"""The peer in PyTorch: a TarFlow of a given shape, trained or sampled on the CPU, for compare.py.

  torch_flow.py train  --tokens 33 --features 3 --width 256 --blocks 6 --layers 6 --batch 64 --precision fp32|bf16 [--compile] [--threads 2]
  torch_flow.py sample --tokens 33 ... --batch 256                      (key-value cache)
  torch_flow.py memory ...                                               (five training steps, for their peak of resident memory)

Prints one line of JSON: seconds of the fastest and the median step, samples/s, GFLOP/s counted as 6·N·tokens·batch (train) or
2·N·tokens·batch (sample), the peak of memory in MiB, the number of parameters N and the version of PyTorch. --compile gives the flow to
torch.compile, for sampling a block's step of one token; the time to compile is not counted.

Written for this project; the architecture (not the code) is that of the published TarFlow: pre-LayerNorm blocks, GELU MLP x4, outputs
shifted by one token, z = (x - b) exp(-a).
"""
import torch
from torch import nn
from torch.nn.functional import gelu, scaled_dot_product_attention

import peer


class Layer(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        self.heads = width // head
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, h, cache=None, position=0):
        """cache: keys and values, [2, batch, heads, tokens, head], filled up to position; then h is one token."""
        batch, tokens, width = h.shape
        p = self.qkv(self.norm1(h)).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k, v = p
        if cache is not None:
            # narrow(), unlike an index, lets one compiled graph serve every position.
            cache.narrow(3, position, 1).copy_(p[1:])
            k, v = cache.narrow(3, 0, position + 1)
        a = scaled_dot_product_attention(q, k, v, is_causal=cache is None)
        h = h + self.out(a.transpose(1, 2).reshape(batch, tokens, width))
        return h + self.down(gelu(self.up(self.norm2(h))))


class Block(nn.Module):
    def __init__(self, tokens, features, width, layers, head, reverse):
        super().__init__()
        self.reverse = reverse
        self.enter, self.leave = nn.Linear(features, width), nn.Linear(width, 2 * features)
        with torch.no_grad():  # so small that decoding stays finite
            self.leave.weight.mul_(1e-2)
        self.position = nn.Parameter(1e-2 * torch.randn(tokens, width))
        self.layers = nn.ModuleList(Layer(width, head) for _ in range(layers))

    def encode(self, x):
        x = x.flip(1) if self.reverse else x
        h = self.enter(x) + self.position
        for layer in self.layers:
            h = layer(h)
        p = self.leave(h)
        a, b = torch.cat([torch.zeros_like(p[:, :1]), p[:, :-1]], 1).chunk(2, -1)
        z = (x - b) * torch.exp(-a.float())
        return (z.flip(1) if self.reverse else z), -a.float().sum((1, 2))

    def step(self, x, caches, t):
        """Scale and shift of token t + 1, from token t."""
        h = self.enter(x) + self.position[t]
        for layer, cache in zip(self.layers, caches):
            h = layer(h, cache, t)
        return self.leave(h)[:, 0].float().chunk(2, -1)

    def decode(self, z, step):
        z = (z.flip(1) if self.reverse else z).clone()
        batch, tokens, _ = z.shape
        kind = torch.bfloat16 if torch.is_autocast_enabled("cpu") else z.dtype
        heads = self.layers[0].heads
        caches = [torch.empty(2, batch, heads, tokens, self.position.shape[1] // heads, dtype=kind) for _ in self.layers]
        for t in range(tokens - 1):
            a, b = step(self, z[:, t : t + 1], caches, t)
            z[:, t + 1] = z[:, t + 1] * torch.exp(a) + b
        return z.flip(1) if self.reverse else z


class Flow(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.blocks = nn.ModuleList(Block(o.tokens, o.features, o.width, o.layers, o.head, bool(i % 2)) for i in range(o.blocks))

    def forward(self, x):
        log_det = 0
        for block in self.blocks:
            x, d = block.encode(x)
            log_det = log_det + d
        return x, log_det

    def decode(self, z, step=Block.step):
        for block in reversed(self.blocks):
            z = block.decode(z, step)
        return z


def loss(encode, x):
    z, log_det = encode(x)
    return (0.5 * z.float().square().sum((1, 2)) - log_det).mean()


def main():
    p = peer.parser(__doc__)
    p.add_argument("--compile", action="store_true")
    o = p.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    model = Flow(o)
    x = torch.randn(o.batch, o.tokens, o.features)
    autocast = lambda: torch.autocast("cpu", torch.bfloat16, enabled=o.precision == "bf16")
    one = torch.compile(Block.step, dynamic=True) if o.compile else Block.step
    encode = torch.compile(model) if o.compile else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=1e-4, fused=True)

    def sample():
        with torch.no_grad(), autocast():
            model.decode(x, one)

    def train():
        optimizer.zero_grad(set_to_none=True)
        with autocast():
            value = loss(encode, x)
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    count = sum(w.numel() for w in model.parameters())
    peer.measure(o, sample if o.work == "sample" else train, count, torch=torch.__version__)


if __name__ == "__main__":
    main()

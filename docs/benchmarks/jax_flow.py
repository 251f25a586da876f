"""The peer in JAX: the flow of torch_flow.py, compiled by XLA for the CPU, trained or sampled, for compare.py.

  jax_flow.py train  --tokens 33 --features 3 --width 256 --blocks 6 --layers 6 --batch 64 --precision fp32|bf16 [--threads 2]
  jax_flow.py sample --tokens 33 ... --batch 256                         (key-value cache)
  jax_flow.py memory ...                                                  (five training steps, for their peak of resident memory)

Prints the line of JSON that torch_flow.py prints. Parameters are fp32; with bf16 the factors of products are rounded to it. A training step
and the sampling of a batch are one compiled function each, and the time to compile is not counted. XLA has a thread for each processor
that the process may use, so --threads limits these.
"""
import os
from functools import partial

import peer

if __name__ == "__main__":  # before JAX is imported, which counts the processors
    o = peer.parser(__doc__).parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: o.threads])
    os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
from jax import lax


def parameters(o, key):
    """A list of blocks. A linear map is a matrix [in, out] and a bias, a norm a gain and a bias."""
    keys = iter(jax.random.split(key, o.blocks * (3 + 4 * o.layers)))
    width = o.width

    def linear(rows, columns, scale=1):
        return scale / rows**0.5 * jax.random.uniform(next(keys), (rows, columns), minval=-1, maxval=1), jnp.zeros(columns)

    def layer():
        return dict(norm1=(jnp.ones(width), jnp.zeros(width)), norm2=(jnp.ones(width), jnp.zeros(width)), qkv=linear(width, 3 * width),
                    out=linear(width, width), up=linear(width, 4 * width), down=linear(4 * width, width))

    # The outputs are so small that decoding stays finite.
    return [dict(enter=linear(o.features, width), leave=linear(width, 2 * o.features, 1e-2), layers=[layer() for _ in range(o.layers)],
                 position=1e-2 * jax.random.normal(next(keys), (o.tokens, width))) for _ in range(o.blocks)]


def linear(h, w, kind):
    return h.astype(kind) @ w[0].astype(kind) + w[1].astype(kind)


def norm(h, w):
    centred = h - h.mean(-1, keepdims=True)
    return centred * lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * w[0] + w[1]


def attend(q, k, v, mask):
    """q: [batch, heads, queries, head]; k, v: [batch, heads, keys, head]; mask: [queries, keys], true where a query sees a key."""
    scores = jnp.einsum("bhqd,bhkd->bhqk", q, k).astype(jnp.float32) / q.shape[-1] ** 0.5
    return jnp.einsum("bhqk,bhkd->bhqd", jax.nn.softmax(jnp.where(mask, scores, -jnp.inf)).astype(v.dtype), v)


def apply_layer(w, h, mask, head, kind, cache=None, t=0):
    """The layer's output and its cache, keys and values of [batch, heads, tokens, head], which h, then one token, joins at t."""
    batch, tokens, width = h.shape
    q, k, v = linear(norm(h, w["norm1"]), w["qkv"], kind).reshape(batch, tokens, 3, -1, head).transpose(2, 0, 3, 1, 4)
    if cache is not None:
        k, v = cache = [lax.dynamic_update_slice_in_dim(old, new, t, 2) for old, new in zip(cache, (k, v))]
    a = attend(q, k, v, mask).transpose(0, 2, 1, 3).reshape(batch, tokens, width)
    h = h + linear(a, w["out"], kind)
    return h + linear(jax.nn.gelu(linear(norm(h, w["norm2"]), w["up"], kind), approximate=False), w["down"], kind), cache


def encode(blocks, x, head, kind):
    """Latents, and the logarithm of the Jacobian's determinant for each sample."""
    log_det, mask = 0, jnp.tril(jnp.ones((x.shape[1], x.shape[1]), bool))
    for i, w in enumerate(blocks):
        x = x[:, ::-1] if i % 2 else x
        h = linear(x, w["enter"], kind) + w["position"]
        for layer in w["layers"]:
            h, _ = apply_layer(layer, h, mask, head, kind)
        p = linear(h, w["leave"], kind).astype(jnp.float32)
        a, b = jnp.split(jnp.pad(p[:, :-1], ((0, 0), (1, 0), (0, 0))), 2, -1)
        x, log_det = (x - b) * jnp.exp(-a), log_det - a.sum((1, 2))
        x = x[:, ::-1] if i % 2 else x
    return x, log_det


def decode_block(w, z, head, kind):
    batch, tokens, _ = z.shape
    width = w["position"].shape[1]
    caches = [[jnp.zeros((batch, width // head, tokens, head), kind)] * 2 for _ in w["layers"]]

    def step(t, state):
        z, caches = state
        h = linear(lax.dynamic_slice_in_dim(z, t, 1, 1), w["enter"], kind) + lax.dynamic_slice_in_dim(w["position"], t, 1)
        mask, joined = (jnp.arange(tokens) <= t)[None], []
        for layer, cache in zip(w["layers"], caches):
            h, cache = apply_layer(layer, h, mask, head, kind, cache, t)
            joined.append(cache)
        a, b = jnp.split(linear(h, w["leave"], kind).astype(jnp.float32), 2, -1)
        return lax.dynamic_update_slice_in_dim(z, lax.dynamic_slice_in_dim(z, t + 1, 1, 1) * jnp.exp(a) + b, t + 1, 1), joined

    return lax.fori_loop(0, tokens - 1, step, (z, caches))[0]


@partial(jax.jit, static_argnums=(2, 3))
def decode(blocks, z, head, kind):
    for i, w in reversed(list(enumerate(blocks))):
        z = decode_block(w, z[:, ::-1] if i % 2 else z, head, kind)
        z = z[:, ::-1] if i % 2 else z
    return z


def loss(blocks, x, head, kind):
    z, log_det = encode(blocks, x, head, kind)
    return (0.5 * (z**2).sum((1, 2)) - log_det).mean()


@partial(jax.jit, static_argnums=(2, 3), donate_argnums=0)
def train(state, x, head, kind, rate=1e-4, decay=1e-4, beta1=0.9, beta2=0.95):
    """A step of AdamW, with the norm of the whole gradient clipped at 1. state: parameters, both moments, steps so far."""
    blocks, first, second, steps = state
    gradient = jax.grad(loss)(blocks, x, head, kind)
    size = jnp.sqrt(sum((g**2).sum() for g in jax.tree.leaves(gradient)))
    gradient = jax.tree.map(lambda g: g * jnp.minimum(1, 1 / (size + 1e-6)), gradient)
    steps = steps + 1
    first = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, first, gradient)
    second = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g**2, second, gradient)
    scale1, scale2 = 1 / (1 - beta1**steps), 1 / (1 - beta2**steps)
    blocks = jax.tree.map(lambda w, m, v: (1 - rate * decay) * w - rate * scale1 * m / (jnp.sqrt(scale2 * v) + 1e-8), blocks, first, second)
    return blocks, first, second, steps


def main():
    kind = jnp.bfloat16 if o.precision == "bf16" else jnp.float32
    key = jax.random.key(0)
    x = jax.random.normal(key, (o.batch, o.tokens, o.features))
    blocks = parameters(o, key)
    state = (blocks, *[jax.tree.map(jnp.zeros_like, blocks) for _ in range(2)], jnp.zeros((), jnp.int32))
    count = sum(w.size for w in jax.tree.leaves(blocks))

    def sample_once():
        jax.block_until_ready(decode(blocks, x, o.head, kind))

    def train_once():
        nonlocal state
        state = jax.block_until_ready(train(state, x, o.head, kind))

    peer.measure(o, sample_once if o.work == "sample" else train_once, count, jax=jax.__version__)


if __name__ == "__main__":
    main()

"""Weights of tarflow-mol in PyTorch: densities and samples as the program has them.

    from tarflow_torch import load

    model = load("runs/AL3/checkpoints/best.safetensors")
    tokens, log_q = model.sample(1000, seed=1)      # those of `tarflow-mol sample`
    log_q = model.log_prob(tokens)                  # nats, over tokens
    x, log_jacobian, supported = model.coordinates(tokens)   # nm
    log_q = model.log_prob_of_coordinates(x)        # nats, over coordinates modulo rigid motion

    both = load("both.safetensors")                 # a mixture of flows, by `tarflow-mol mix`
    x, log_q, supported = both.sample_coordinates(1000, seed=1)

It reads every checkpoint and model file of the program: molecules and images, affine maps and
mixtures, periodic torsions, the within-token head, classes, and the context of the placed atoms.
The modules have the names of the file's tensors, so `state_dict()` is what the file holds, and
gradients flow through `log_prob`. The equations are in docs/equations.md. It needs PyTorch and
NumPy. All is computed in double precision; the program's networks are in single precision, and
agree to 1e-5.
"""

import json
import math
import struct

import numpy as np
import torch
from torch import nn
from torch.nn import functional

LOG_2PI = math.log(2 * math.pi)
# In the order of preference: what a training has as its result.
PREFIXES = ["best.", "average.", ""]
STORED = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "BF16": "<u2"}


def load(path, weights=None):
    """The model of a checkpoint or of a file with weights alone.

    A checkpoint holds several sets: `weights` names one, "best", "average" or "last"; by default
    it is what the training has as its result, the best or else the average.
    """
    tensors, notes = read_safetensors(path)
    if "mixture" in notes:
        parts = (f"flow{number + 1}." for number in range(int(notes["mixture"])))
        return Mixture([flow_of(path, below(part, tensors), below(part, notes), weights)
                        for part in parts])
    return flow_of(path, tensors, notes, weights)


def below(prefix, values):
    """What has a prefix, without it."""
    return {name[len(prefix):]: v for name, v in values.items() if name.startswith(prefix)}


def flow_of(path, tensors, notes, weights):
    """The flow of tensors and metadata."""
    prefixes = {"best": ["best."], "average": ["average."], "last": [""], None: PREFIXES}[weights]
    prefix = next((p for p in prefixes if p + "blocks.0.proj_in.weight" in tensors), None)
    if prefix is None:
        raise ValueError(f"{path}: holds no weights '{weights or 'blocks.0.proj_in.weight'}'")
    names = ("blocks.", "var")
    state = {n: t for n, t in below(prefix, tensors).items()
             if n.startswith(names) and not n.endswith("attn_mask")}
    model = TarFlow(configuration(notes, state), state, notes)
    model.load_state_dict({"var": model.var} | state)
    return model.eval()


def read_safetensors(path):
    """The tensors of a file, as they are stored but for bfloat16, and its metadata."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    notes = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = np.frombuffer(data[start:end], STORED.get(entry["dtype"], "<u1"))
        if entry["dtype"] == "BF16":
            values = (values.astype(np.uint32) << 16).view(np.float32)
        if values.dtype != "u1":  # Masks and the like, which are no weights.
            tensors[name] = torch.tensor(values).reshape(entry["shape"])
    return tensors, notes


def configuration(notes, tensors):
    """The shape of the flow: the metadata `flow`, or of image weights `config`."""
    if "flow" in notes:
        return json.loads(notes["flow"])
    image = json.loads(notes["config"])
    tokens, width = tensors["blocks.0.pos_embed"].shape
    return {
        "tokens": tokens, "features": tensors["blocks.0.proj_in.weight"].shape[1], "width": width,
        "classes": image["classes"], "blocks": image["blocks"],
        "layers": image["layers_per_block"], "headWidth": image["head_width"],
        "expansion": image["expansion"], "orders": [], "startToken": False, "finalNorm": False,
        "withinToken": False, "transform": "affine" if image["affine_scale"] else "translation"}


class TarFlow(nn.Module):
    """A stack of blocks from data x [samples, tokens, features] to standard normal z."""

    def __init__(self, flow, state, notes):
        super().__init__()
        self.flow, self.notes = flow, notes
        self.tokens, self.features = flow["tokens"], flow["features"]
        self.molecule = self.image = None
        if "representation" in notes:
            kind, fitted = next(iter(json.loads(notes["representation"]).items()))
            self.molecule = (Internal if kind == "internal" else Cartesian)(fitted["_0"])
        if "config" in notes:
            self.image = json.loads(notes["config"])
        windows = flow.get("windows") or {}
        shape = (self.tokens, self.features)
        self.register_buffer("var", torch.ones(shape, dtype=torch.float64))
        self.periods = torch.tensor(windows.get("periods", [0.0] * math.prod(shape)),
                                    dtype=torch.float64).reshape(shape)
        self.lows = torch.tensor(windows.get("lows", [0.0] * math.prod(shape)),
                                 dtype=torch.float64).reshape(shape)
        # Which features a token has; the others are 0, and have no density.
        sizes = torch.tensor(flow.get("present") or [self.features] * self.tokens)
        self.present = torch.arange(self.features) < sizes[:, None]
        context = PlacedAtoms(self.molecule) if flow.get("contextUnits") else None
        self.blocks = nn.ModuleList(
            Block(flow, self._order(index), self.periods, self.lows, self.present, context)
            for index in range(flow["blocks"]))
        self.double()

    def _order(self, block):
        if self.flow["orders"]:
            return self.flow["orders"][block]
        return list(range(self.tokens))[:: 1 if block % 2 == 0 else -1]

    # Densities

    def encode(self, tokens, labels=None):
        """z and log|∂z/∂x| of each sample.

        On a circle the latter is `log f_w(x) − log φ(z)`, so that the density is right.
        """
        x, log_determinant = as_tensor(tokens), 0
        for block in self.blocks:
            x, change = block(x, self._labels(labels, len(x)))
            log_determinant = log_determinant + change
        return x, log_determinant

    def log_prob(self, tokens, labels=None, prior_scale=1.0):
        """log p of each sample over tokens, nats.

        With a prior of deviation s (`sampling.prior_scale` of a run) it is the density with which
        the program draws: features on a circle keep a deviation of 1.
        """
        z, log_determinant = self.encode(tokens, labels)
        return self._log_prior(z, prior_scale) + log_determinant

    def _log_prior(self, z, prior_scale):
        scale = self._scale(prior_scale)
        return (-0.5 * (z / scale) ** 2 - 0.5 * LOG_2PI - scale.log())[:, self.present].sum(1)

    def _scale(self, prior_scale):
        scale = torch.full_like(self.periods, prior_scale)
        return torch.where(self.periods > 0, torch.ones_like(scale), scale)

    def _labels(self, labels, count):
        """The class of each sample, −1 for none, which is the mean of all.

        By default images have none. Those of molecules are the rungs of a replica exchange, and the
        program draws at the first.
        """
        if not self.flow["classes"]:
            return None
        if labels is None:
            labels = -1 if self.molecule is None else 0
        labels = torch.as_tensor(labels)
        return labels.long().expand(count) if labels.ndim == 0 else labels.long()

    # Samples

    @torch.no_grad()
    def decode(self, z, labels=None):
        """Tokens from latents, and log|∂x/∂z| of each sample: the inverse of `encode`.

        Tokens are rounded to single precision, as the program has them.
        """
        x, log_determinant = as_tensor(z), 0
        for block in reversed(self.blocks):
            x, change = block.inverse(x, self._labels(labels, len(x)))
            log_determinant = log_determinant + change
        return x, log_determinant

    def latents(self, n, seed, first=0, prior_scale=1.0, step=0):
        """The latents that the program draws for a seed, in single precision as there."""
        noise = torch.zeros(n, self.tokens, self.features, dtype=torch.float64)
        count = int(self.present.sum())
        noise[:, self.present] = torch.from_numpy(normal_numbers(n, count, seed, first, step))
        if self.image is not None:
            return noise.float().double()
        return (self._scale(prior_scale) * noise).float().double()

    @torch.no_grad()
    def sample(self, n, seed=1, labels=None, first=0, prior_scale=1.0, step=0):
        """n samples and their log-density over tokens.

        They are those of `tarflow-mol sample RUN --seed SEED` (with the `prior_scale` of its
        samples.json), of index `first` and on, or of `tarflow-mol image sample`. A mixture draws
        from its flows in steps of their own.
        """
        z = self.latents(n, seed, first, prior_scale, step)
        if self.image is not None:
            # The variance that a volume-preserving flow has learned; `log_prob` leaves it out.
            z = (z * self.var.sqrt()).float().double()
        x, log_determinant = self.decode(z, labels)
        return x, self._log_prior(z, prior_scale) - log_determinant

    # Molecules

    def coordinates(self, tokens):
        """Positions in nm [samples, atoms, 3], log|dx/dtokens|, and whether a conformation has
        these tokens."""
        return self._molecule().coordinates(as_tensor(tokens))

    def tokens_of(self, coordinates):
        """The tokens of positions in nm, [samples, atoms, 3]."""
        return self._molecule().tokens(as_tensor(coordinates))

    def log_prob_of_coordinates(self, coordinates, prior_scale=1.0):
        """log q of positions in nm [samples, atoms, 3], over coordinates modulo rigid motion.

        It is what weights.csv and `tarflow-mol evaluate` take: `log w = −U/kT − log q`.
        """
        tokens = self.tokens_of(coordinates)
        _, log_jacobian, _ = self.coordinates(tokens)
        return self.log_prob(tokens, prior_scale=prior_scale) - log_jacobian

    def _molecule(self):
        if self.molecule is None:
            raise ValueError("this model has no molecule: its file has no 'representation'")
        return self.molecule

    # Images

    def patches(self, images):
        """Tokens of images [images, channels, height, width] with pixels from −1 to 1."""
        patch = self.image["patch_size"]
        return functional.unfold(as_tensor(images), patch, stride=patch).transpose(1, 2)

    def images(self, tokens):
        """The images of tokens: the inverse of `patches`."""
        size, patch = self.image["image_size"], self.image["patch_size"]
        return functional.fold(as_tensor(tokens).transpose(1, 2), size, patch, stride=patch)


class Mixture(nn.Module):
    """Flows of one molecule in equal parts: q(x) = (1/K) Σ_k q_k(x)."""

    def __init__(self, flows):
        super().__init__()
        self.flows = nn.ModuleList(flows)

    @torch.no_grad()
    def sample_coordinates(self, n, seed=1, first=0, prior_scale=1.0):
        """n conformations in nm [samples, atoms, 3], log q over coordinates modulo rigid motion, and
        whether they are conformations.

        They are those of `tarflow-mol sample FILE --system SYSTEM --seed SEED`, of index `first` and
        on: sample i is one of flow i mod K.
        """
        count = len(self.flows)
        x = torch.zeros(n, self.flows[0].molecule.atoms, 3, dtype=torch.float64)
        supported = torch.zeros(n, dtype=bool)
        for number, flow in enumerate(self.flows):
            places = torch.arange((number - first) % count, n, count)
            if len(places):
                start = (first + int(places[0])) // count
                tokens, _ = flow.sample(len(places), seed, None, start, prior_scale, number + 1)
                x[places], _, supported[places] = flow.coordinates(tokens)
        return x, self.log_prob_of_coordinates(x, prior_scale), supported

    def log_prob_of_coordinates(self, coordinates, prior_scale=1.0):
        """log q of positions in nm [samples, atoms, 3], over coordinates modulo rigid motion."""
        densities = torch.stack(
            [f.log_prob_of_coordinates(coordinates, prior_scale) for f in self.flows])
        known = torch.where(densities.isfinite(), densities, -math.inf)
        return torch.logsumexp(known, 0) - math.log(len(self.flows))


def as_tensor(values):
    return torch.as_tensor(values).double()


# The blocks


class Block(nn.Module):
    """A causal Transformer whose output gives the map of the next token."""

    def __init__(self, flow, order, periods, lows, present, context):
        super().__init__()
        width, features = flow["width"], flow["features"]
        self.order = torch.tensor(order)
        self.place = torch.argsort(self.order)
        self.periods, self.lows = periods[self.order], lows[self.order]
        self.present, self.start_token = present[self.order], flow["startToken"]
        # The places in a token that lie on a circle in some tokens have four inputs each.
        self.circles = (periods > 0).any(0)
        self.components, self.transform = flow.get("components"), flow["transform"]
        self.features, self.within_token = features, flow["withinToken"]
        self.proj_in = nn.Linear(features + 3 * int(self.circles.sum()), width)
        self.pos_embed = nn.Parameter(torch.zeros(flow["tokens"], width))
        if flow["classes"]:
            self.class_embed = nn.Parameter(torch.zeros(flow["classes"], 1, width))
        if self.start_token:
            self.start = nn.Parameter(torch.zeros(width))
        self.attn_blocks = nn.ModuleList(
            Layer(width, flow["headWidth"], flow["expansion"]) for _ in range(flow["layers"]))
        self.norm = nn.LayerNorm(width) if flow["finalNorm"] else nn.Identity()
        per_feature = {"affine": 2, "translation": 1}.get(self.transform) or 3 * self.components
        if self.within_token:
            self.head = Head(width, features, flow["headUnits"], per_feature)
        else:
            self.proj_out = nn.Linear(width, features * per_feature)
        self.context = ContextNetwork(flow, context) if context else None

    def forward(self, x, labels):
        """z and log|∂z/∂x| of x [samples, tokens, features]."""
        x = torch.where(self.present, x[:, self.order], 0.0)
        entering = functional.pad(x, (0, 0, 1, -1)) if self.start_token else x
        sums = self.context(x) if self.context else None
        hidden = self._hidden(self._embed(entering, 0, labels), sums, None)
        if self.within_token:
            values = torch.stack(
                [self.head(hidden, x, d, self.periods) for d in range(self.features)], 2)
        else:
            values = self._split(self.proj_out(hidden))
        if not self.start_token:
            values = functional.pad(values, (0, 0, 0, 0, 1, -1))
        z, log_slope = (torch.where(self.present, v, 0.0) for v in self._map(x, values))
        return z[:, self.place], log_slope.sum((1, 2))

    def inverse(self, z, labels):
        """x and log|∂x/∂z| of z, token by token and feature by feature."""
        z = z[:, self.order]
        x, log_slope = torch.zeros_like(z), torch.zeros_like(z)
        caches = [[] for _ in self.attn_blocks]
        placed = self.context.begin(len(z)) if self.context else None
        hidden = None
        for t in range(z.shape[1]):
            if self.start_token:
                before = x[:, t - 1 : t] if t > 0 else torch.zeros_like(z[:, :1])
                sums = self.context.row(t, placed) if self.context else None
                hidden = self._hidden(self._embed(before, t, labels), sums, caches)
            elif t > 0:
                hidden = self._hidden(self._embed(x[:, t - 1 : t], t - 1, labels), None, caches)
            if not self.within_token:
                values = self._token_values(hidden, z)
            for d in range(int(self.present[t].sum())):
                v = (self.head(hidden[:, 0], x[:, t], d, self.periods[t]) if self.within_token
                     else values[:, d])
                x[:, t, d], log_slope[:, t, d] = self._inverse(z[:, t, d], v, t, d)
            if self.context and t + 1 < z.shape[1]:
                placed = self.context.take(t, x[:, t], placed)
        return x[:, self.place], log_slope.sum((1, 2))

    def _token_values(self, hidden, z):
        """The parameters of a token's features; zero, the identity, for one without a past."""
        if hidden is None:
            return z.new_zeros(len(z), self.features, 1 if self.transform == "translation" else 2)
        return self._split(self.proj_out(hidden))[:, 0]

    def _split(self, values):
        """The output as [..., features, parameters]; affine maps have all a, then all b."""
        if self.transform == "mixture":
            return values.unflatten(-1, (self.features, -1))
        return values.unflatten(-1, (-1, self.features)).transpose(-1, -2)

    def _embed(self, entering, first, labels):
        """The stream of tokens from place `first` on; `entering` is what each place reads."""
        places = range(first, first + entering.shape[1])
        # With a start token a place reads the token before it, whose period then counts.
        periods = self.periods[[max(0, p - 1) for p in places]]
        stream = self.proj_in(periodic_inputs(entering, periods, self.circles))
        if self.start_token and first == 0:
            stream = torch.cat([self.start.expand(len(stream), 1, -1), stream[:, 1:]], 1)
        stream = stream + self.pos_embed[self.order[first : first + len(places)]]
        if labels is None:
            return stream
        mean = self.class_embed.mean(0)
        return stream + torch.where((labels >= 0)[:, None, None], self.class_embed[labels], mean)

    def _hidden(self, stream, sums, caches):
        for index, layer in enumerate(self.attn_blocks):
            if sums is not None:
                stream = stream + self.context.layers[index](sums)
            stream = layer(stream, caches[index] if caches is not None else None)
        return self.norm(stream)

    def _map(self, x, values):
        if self.transform == "mixture":
            return mixture(x, values, self.periods)
        a, b = self._affine(values)
        return (x - b) * torch.exp(-a), -a.expand_as(x)

    def _inverse(self, z, values, t, d):
        if self.transform == "mixture":
            return mixture_inverse(z, values, self.periods[t, d], self.lows[t, d])
        a, b = self._affine(values)
        return (z * torch.exp(a) + b).float().double(), a.expand_as(z)

    def _affine(self, values):
        b = values[..., -1]
        return (torch.zeros_like(b) if self.transform == "translation" else values[..., 0]), b


class Layer(nn.Module):
    """`h = x + attention(norm(x))`, `y = h + mlp(norm(h))`."""

    def __init__(self, width, head_width, expansion):
        super().__init__()
        self.head_width = head_width
        self.attention, self.mlp = nn.Module(), nn.Module()
        self.attention.norm = nn.LayerNorm(width)
        self.attention.qkv = nn.Linear(width, 3 * width)
        self.attention.proj = nn.Linear(width, width)
        self.mlp.norm = nn.LayerNorm(width)
        self.mlp.main = nn.Sequential(
            nn.Linear(width, expansion * width), nn.GELU(), nn.Linear(expansion * width, width))

    def forward(self, x, cache=None):
        """`cache` holds keys and values of the tokens before; this call adds its own."""
        qkv = self.attention.qkv(self.attention.norm(x))
        q, k, v = (p.unflatten(-1, (-1, self.head_width)).transpose(1, 2) for p in qkv.chunk(3, -1))
        if cache is not None:
            if cache:
                k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
            cache[:] = [k, v]
        attended = functional.scaled_dot_product_attention(q, k, v, is_causal=cache is None)
        h = x + self.attention.proj(attended.transpose(1, 2).flatten(2))
        return h + self.mlp.main(self.mlp.norm(h))


class Head(nn.Module):
    """The parameters of feature d: `W₂ GELU(W_h h + W_x [x, sin 2x, cos 2x]_<d + b) + b₂`.

    A feature on a circle enters as `sin φ/ω, (1 − cos φ)/ω, sin 2φ/2ω`.
    """

    def __init__(self, width, features, units, per_feature):
        super().__init__()
        self.units, self.per_feature = units, per_feature
        self.token = nn.Linear(width, features * units)
        self.previous = nn.ModuleDict(
            {str(d): nn.Linear(3 * d, units, bias=False) for d in range(1, features)})
        self.output = nn.ModuleDict(
            {str(d): nn.Linear(units, per_feature, bias=False) for d in range(features)})
        self.output.register_parameter("bias", nn.Parameter(torch.zeros(features * per_feature)))

    def forward(self, hidden, x, d, periods):
        units = slice(d * self.units, (d + 1) * self.units)
        before = functional.linear(hidden, self.token.weight[units], self.token.bias[units])
        if d > 0:
            known = x[..., :d]
            inputs = torch.stack([known, torch.sin(2 * known), torch.cos(2 * known)], -1)
            periods = periods[..., :d, None]
            inputs = torch.where(periods > 0, on_circle(known, periods[..., 0])[..., :3], inputs)
            before = before + self.previous[str(d)](inputs.flatten(-2))
        bias = self.output.bias[d * self.per_feature : (d + 1) * self.per_feature]
        return self.output[str(d)](functional.gelu(before)) + bias


def on_circle(x, periods):
    """`sin φ/ω, (1 − cos φ)/ω, sin 2φ/2ω, (1 − cos 2φ)/2ω`, φ = ωx, [..., 4]."""
    omega = 2 * math.pi / torch.where(periods > 0, periods, 1.0)
    sine, cosine = torch.sin(omega * x), torch.cos(omega * x)
    return torch.stack([sine, 1 - cosine, sine * cosine, sine * sine], -1) / omega[..., None]


def periodic_inputs(x, periods, circles):
    """The features of each token, with sines and cosines for one on a circle.

    A place that lies on a circle in some tokens has four inputs, in others x and three zeros.
    """
    inputs = []
    for d, is_circle in enumerate(circles):
        feature, period = x[..., d], periods[:, d]
        plain = functional.pad(feature[..., None], (0, 3 if is_circle else 0))
        if is_circle:
            plain = torch.where((period > 0)[:, None], on_circle(feature, period), plain)
        inputs.append(plain)
    return torch.cat(inputs, -1)


# The mixture


def parameters_of(values, period):
    """Log-weights, means, log σ, [..., K]; on a circle of period P the latter is below log P/6."""
    logits, means, log_sigmas = values.unflatten(-1, (3, -1)).unbind(-2)
    log_sigmas = log_sigmas.clamp(-7, 4)
    limit = torch.log(torch.where(period > 0, period, 1.0) / 6)
    t = limit - log_sigmas
    wrapped = limit - 0.5 * (t + torch.sqrt(t * t + 0.25))
    return logits.log_softmax(-1), means, torch.where(period > 0, wrapped, log_sigmas)


def log_density(x, period, log_weights, means, log_sigmas):
    """log f(x), on a circle that of the two images nearest to each mean."""
    def term(d):
        return log_weights - log_sigmas - 0.5 * LOG_2PI - 0.5 * (d * torch.exp(-log_sigmas)) ** 2
    d = x[..., None] - means
    wrap = torch.where(period > 0, period, 1.0)
    near = d - wrap * torch.round(d / wrap)
    far = torch.where(near > 0, near - wrap, near + wrap)
    on_circle = torch.logaddexp(term(near), term(far))
    return torch.where(period > 0, on_circle, term(d)).logsumexp(-1)


def log_tails(x, log_weights, means, log_sigmas):
    """log F(x) and log(1 − F(x))."""
    u = (x[..., None] - means) * torch.exp(-log_sigmas)
    cdf = torch.special.log_ndtr
    return (log_weights + cdf(u)).logsumexp(-1), (log_weights + cdf(-u)).logsumexp(-1)


def mixture(x, values, periods):
    """`z = Φ⁻¹(F(x))` and `log f(x) − log φ(z)`."""
    parts = parameters_of(values, periods[..., None])
    lower, upper = log_tails(x, *parts)
    # By the smaller tail, which keeps its digits.
    z = torch.special.ndtri(torch.exp(torch.minimum(lower, upper)))
    z = torch.where(lower <= upper, z, -z)
    log_f = log_density(x, periods[..., None], *parts)
    return z, log_f + 0.5 * z * z + 0.5 * LOG_2PI


def mixture_inverse(z, values, period, low):
    """`x = F⁻¹(Φ(z))` in its window and `log φ(z) − log f(x)`, of one feature [samples]."""
    parts = parameters_of(values, period)
    ends = parts[1] + z[:, None] * torch.exp(parts[2])
    left, right = ends.amin(-1), ends.amax(-1)
    below = z <= 0
    target = torch.special.log_ndtr(torch.where(below, z, -z))
    x = 0.5 * (left + right)
    line = torch.zeros_like(period)
    # Newton's method inside a shrinking bracket.
    for _ in range(200):
        lower, upper = log_tails(x, *parts)
        value = torch.where(below, lower, upper)
        error = torch.where(below, value - target, target - value)
        left, right = torch.where(error > 0, left, x), torch.where(error > 0, x, right)
        newton = x - error / torch.exp(log_density(x, line, *parts) - value)
        inside = (newton > left) & (newton < right)
        following = torch.where(inside, newton, 0.5 * (left + right))
        done = bool(((following - x).abs() <= 1e-11 * (1 + x.abs())).all())
        x = following
        if done:
            break
    if period > 0:
        x = (x - period * torch.floor((x - low) / period)).float().double()
        x = torch.where((x >= low) & (x < low + period), x, low)
    x = x.float().double()
    return x, -0.5 * z * z - 0.5 * LOG_2PI - log_density(x, period, *parts)


# Molecules


def unit(v):
    return v / v.norm(dim=-1, keepdim=True).clamp_min(1e-150)


def dot(a, b):
    return (a * b).sum(-1)


def frame(parent, axis, plane):
    """The axes in which an atom's angle and torsion are measured."""
    e1 = unit(axis - parent)
    towards = unit(plane - parent)
    e2 = unit(towards - dot(towards, e1)[..., None] * e1)
    return e1, e2, torch.linalg.cross(e2, e1)


class Internal:
    """Standardised bond lengths, angles and torsions, of one atom or several a token.

    A placement is the three coordinates of an atom, the first those of three atoms.
    """

    longest_bond = 100.0

    def __init__(self, fitted):
        self.order = fitted["tree"]["order"]
        self.references = [
            (r["parent"], r["axis"], r["plane"]) for r in fitted["tree"]["references"]]
        self.atoms = len(self.order)
        self.cuts = torch.tensor(fitted["cuts"], dtype=torch.float64)
        self.means = torch.tensor(fitted["means"], dtype=torch.float64).reshape(-1, 3)
        self.deviations = torch.tensor(
            fitted["standardDeviations"], dtype=torch.float64).reshape(-1, 3)
        self.periodic = fitted.get("hasPeriodicTorsions", False)
        count, self.size = len(self.means), fitted.get("atomsPerToken", 1)
        self.starts = fitted.get("tokenStarts") or list(range(count))
        self.ends = self.starts[1:] + [count]
        # Where each placement stands among those that tokens have room for.
        self.places = torch.tensor([
            token * self.size + place for token in range(len(self.starts))
            for place in range(self.ends[token] - self.starts[token])])

    def tokens(self, x):
        first, middle, third = (x[:, atom] for atom in self.order[:3])
        a, b = first - middle, third - middle
        angle = torch.atan2(torch.linalg.cross(a, b).norm(dim=-1), dot(a, b))
        q = [torch.stack([a.norm(dim=-1), b.norm(dim=-1), angle], -1)]
        for atom, references in zip(self.order[3:], self.references):
            parent = x[:, references[0]]
            e1, e2, e3 = frame(*(x[:, r] for r in references))
            bond = x[:, atom] - parent
            along, u, v = dot(bond, e1), dot(bond, e2), dot(bond, e3)
            q.append(torch.stack(
                [bond.norm(dim=-1), torch.atan2(torch.hypot(u, v), along), torch.atan2(v, u)], -1))
        standardised = (self.cut(torch.stack(q, 1)) - self.means) / self.deviations
        tokens = torch.zeros(len(x), len(self.starts) * self.size, 3, dtype=x.dtype)
        tokens[:, self.places] = standardised
        return tokens.reshape(len(x), len(self.starts), -1)

    def cut(self, q):
        """Every torsion in its window, [cut, cut + 2π)."""
        torsion = q[:, 1:, 2]
        turns = torch.floor((torsion - self.cuts[1:]) / (2 * math.pi))
        moved = torch.cat([q[:, :1, 2], torsion - 2 * math.pi * turns], 1)
        return torch.cat([q[..., :2], moved[..., None]], -1)

    def coordinates(self, tokens):
        tokens = tokens.reshape(len(tokens), -1, 3)[:, self.places]
        q = self.means + self.deviations * tokens
        if self.periodic:
            q = self.cut(q)
        x = [None] * self.atoms
        for placement in range(len(self.order) - 2):
            self.place(placement, q[:, placement], x)
        lengths = torch.cat([q[:, 0, :2], q[:, 1:, 0]], 1)
        angles = torch.cat([q[:, :1, 2], q[:, 1:, 1]], 1)
        log_jacobian = (2 * lengths.abs().log().sum(1) + angles.sin().abs().log().sum(1)
                        + self.deviations.log().sum())
        supported = ((lengths > 0) & (lengths <= self.longest_bond)).all(1)
        supported &= ((angles > 0) & (angles < math.pi)).all(1)
        torsions, cuts = q[:, 1:, 2], self.cuts[1:]
        supported &= ((torsions >= cuts) & (torsions < cuts + 2 * math.pi)).all(1)
        return torch.stack(x, 1), log_jacobian, supported

    def place(self, placement, q, x):
        """Puts the atoms of a placement with the coordinates q [samples, 3] into the list x."""
        zero = torch.zeros_like(q[:, 0])
        reach = self.longest_bond
        r = q[:, 0].clamp(-reach, reach)
        if placement == 0:
            r2 = q[:, 1].clamp(-reach, reach)
            x[self.order[0]] = torch.stack([zero, zero, zero], -1)
            x[self.order[1]] = torch.stack([r, zero, zero], -1)
            x[self.order[2]] = torch.stack(
                [r - r2 * torch.cos(q[:, 2]), r2 * torch.sin(q[:, 2]), zero], -1)
            return
        references = self.references[placement - 1]
        axes = frame(*(x[atom] for atom in references))
        angle, torsion = q[:, 1], q[:, 2]
        parts = (torch.cos(angle), torch.sin(angle) * torch.cos(torsion),
                 torch.sin(angle) * torch.sin(torsion))
        bond = sum(p[:, None] * e for p, e in zip(parts, axes))
        x[self.order[placement + 2]] = x[references[0]] + r[:, None] * bond


class Cartesian:
    """Positions around their centroid over one scale."""

    def __init__(self, fitted):
        self.atoms, self.scale = fitted["atoms"], fitted["scale"]

    def tokens(self, x):
        return (x - x.mean(1, keepdim=True)) / self.scale

    def coordinates(self, tokens):
        centre = tokens.mean(1)
        volume = 3 * math.log(self.scale)
        log_jacobian = self.atoms * (volume - 0.5 * dot(centre, centre))
        return self.scale * tokens, log_jacobian, (tokens.abs() <= 1e6).all((1, 2))


class PlacedAtoms:
    """The atoms that are already placed, in the frame of a token's first one: 16 features each."""

    centres = torch.arange(13, dtype=torch.float64) / 10

    def __init__(self, molecule):
        self.molecule = molecule

    def features(self, token, x):
        """Of the atoms before a token, in the order of placement, [samples, atoms, 16]."""
        start = self.molecule.starts[token]
        references = [x[atom] for atom in self.molecule.references[start - 1]]
        axes = torch.stack(frame(*references), 1)
        placed = torch.stack([x[atom] for atom in self.molecule.order[: start + 2]], 1)
        away = placed - references[0][:, None]
        distance = away.norm(dim=-1, keepdim=True)
        direction = away @ axes.transpose(1, 2) / distance.clamp_min(1e-6)
        exponent = -50 * (distance - self.centres) ** 2
        radial = torch.where(exponent < -20, torch.zeros_like(exponent), torch.exp(exponent))
        return torch.cat([direction, radial], -1)


class ContextNetwork(nn.Module):
    """`S_t = Σ_j GELU(A φ_tj + e_j + f_t)` over the atoms j that are placed before token t."""

    def __init__(self, flow, placed):
        super().__init__()
        shape, units = flow["context"], flow["contextUnits"]
        self.placed = placed
        self.features = nn.Parameter(torch.zeros(shape["features"], units))
        self.entries = nn.Parameter(torch.zeros(max(shape["entries"]), units))
        self.rows = nn.Parameter(torch.zeros(flow["tokens"], units))
        self.layers = nn.ModuleList(
            nn.Linear(units, flow["width"], bias=False) for _ in range(flow["layers"]))

    def begin(self, count):
        self.count = count
        return [None] * self.placed.molecule.atoms

    def take(self, t, token, x):
        """The atoms with those of a token."""
        molecule, x = self.placed.molecule, list(x)
        for place, placement in enumerate(range(molecule.starts[t], molecule.ends[t])):
            standardised = token[:, 3 * place : 3 * place + 3]
            q = molecule.means[placement] + molecule.deviations[placement] * standardised
            molecule.place(placement, q, x)
        return x

    def row(self, t, x):
        """S of one token, [samples, 1, units]."""
        if t == 0:
            return self.rows.new_zeros(self.count, 1, self.rows.shape[1])
        features = self.placed.features(t, x)
        terms = features @ self.features + self.entries[: features.shape[1]] + self.rows[t]
        return functional.gelu(terms).sum(1, keepdim=True)

    def forward(self, tokens):
        """S of all tokens [samples, tokens, units]; gradients pass through the positions too."""
        x, sums = self.begin(len(tokens)), []
        for t in range(tokens.shape[1]):
            sums.append(self.row(t, x))
            x = self.take(t, tokens[:, t], x)
        return torch.cat(sums, 1)


# Random numbers

SAMPLING_STREAM = 5


def normal_numbers(samples, count, seed, first=0, step=0):
    """The standard normal numbers of samples `first` and on, [samples, count], as in the program.

    Philox 4×32-10 keyed by the seed, one block for each pair of Box and Muller's polar method.
    """
    pairs = (count + 1) // 2
    result = np.empty((samples, 2 * pairs))
    drawn = int(1.4 * pairs) + 40
    for start in range(0, samples, 1024):
        rows = np.arange(start, min(samples, start + 1024), dtype=np.uint64) + np.uint64(first)
        counter = np.zeros((4, len(rows), drawn), np.uint64)
        counter[0] = np.arange(drawn, dtype=np.uint64)
        counter[1] = SAMPLING_STREAM
        counter[2] = step
        counter[3] = (rows & np.uint64(0xFFFFFFFF))[:, None]
        words = philox(counter, seed)
        x, y = (2 * (((words[i] << np.uint64(32)) | words[i + 1]) >> np.uint64(11)) * 2.0**-53 - 1
                for i in (0, 2))
        square = x * x + y * y
        taken = (square > 0) & (square < 1)
        if taken.sum(1).min() < pairs:
            raise RuntimeError(f"fewer than {pairs} of {drawn} pairs lie inside the circle")
        for row in range(len(rows)):
            places = np.flatnonzero(taken[row])[:pairs]
            s = square[row, places]
            factor = np.sqrt(-2 * np.log(s) / s)
            result[start + row, 0::2] = x[row, places] * factor
            result[start + row, 1::2] = y[row, places] * factor
    return result[:, :count]


def philox(c, seed):
    """Ten rounds of Philox 4×32 (Salmon et al. 2011) of counters [4, …], in 64-bit words."""
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = np.stack([b >> half ^ c[1] ^ np.uint64(k0), b & low,
                      a >> half ^ c[3] ^ np.uint64(k1), a & low])
        k0, k1 = k0 + 0x9E3779B9 & 0xFFFFFFFF, k1 + 0xBB67AE85 & 0xFFFFFFFF
    return c

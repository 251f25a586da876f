"""Writes small pictures with Pillow, for the PNG reader: byte 5 · index in the order [channels, height, width]."""

import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

folder = pathlib.Path(__file__).parent / "png"
folder.mkdir(exist_ok=True)
values = (5 * np.arange(48)).astype(np.uint8).reshape(3, 4, 4)
rgb = np.ascontiguousarray(values.transpose(1, 2, 0))
Image.fromarray(rgb).save(folder / "rgb.png")
alpha = np.arange(16, dtype=np.uint8).reshape(4, 4, 1) * 16
Image.fromarray(np.concatenate([rgb, alpha], -1)).save(folder / "rgba.png")
Image.fromarray(rgb).convert("P", palette=Image.Palette.ADAPTIVE, colors=16).save(folder / "palette.png")
Image.fromarray(values[0]).save(folder / "grey.png")
Image.fromarray((values[0].astype(np.uint16) * 257)).save(folder / "deep.png")


# Every colour type and depth, with a gamma and primaries that ask for another look on a screen.
# Pillow writes few of them, so they are put together here by the specification; Pillow reads them.
def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def passes(interlaced: bool):
    """Start and step of the rows and columns of every pass."""
    if not interlaced:
        return [(0, 1, 0, 1)]
    return [(0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1)]


def png(path, samples, depth, colour, ancillary=(), palette=None, transparent=None, interlaced=False):
    """samples: [height, width, channels], whole numbers below 2^depth."""
    rows = b""
    for y, dy, x, dx in passes(interlaced):
        for row in samples[y::dy, x::dx]:
            if row.size == 0:
                continue
            bits = "".join(f"{value:0{depth}b}" for value in row.ravel())
            bits += "0" * (-len(bits) % 8)
            rows += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    height, width, _ = samples.shape
    data = b"\x89PNG\r\n\x1a\n"
    data += chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced)))
    for kind, content in ancillary:
        if kind != b"bKGD":
            data += chunk(kind, content)
    if palette is not None:
        data += chunk(b"PLTE", palette.astype(np.uint8).tobytes())
    if transparent is not None:
        data += chunk(b"tRNS", transparent)
    for kind, content in ancillary:
        if kind == b"bKGD":
            data += chunk(kind, content)
    path.write_bytes(data + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


gamma = [
    (b"gAMA", struct.pack(">I", 100_000)),
    (b"cHRM", struct.pack(">8I", 31270, 32900, 70000, 29000, 21000, 71000, 15000, 6000)),
]
kinds = folder / "kinds"
kinds.mkdir(exist_ok=True)
for old in kinds.glob("*"):
    old.unlink()
rng = np.random.default_rng(1)
size = 9
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6


def draw(depth, channels):
    return rng.integers(0, 2**depth, (size, size, channels))


for interlaced in (False, True):
    end = "-interlaced.png" if interlaced else ".png"
    for depth in (1, 2, 4, 8):
        png(kinds / f"grey{depth}{end}", draw(depth, 1), depth, GREY, gamma, interlaced=interlaced)
        entries = rng.integers(0, 256, (2**depth, 3))
        png(
            kinds / f"palette{depth}{end}", draw(depth, 1), depth, PALETTE, gamma, palette=entries,
            interlaced=interlaced)
        if not interlaced:
            png(
                kinds / f"grey{depth}-transparent.png", draw(depth, 1), depth, GREY,
                gamma + [(b"bKGD", struct.pack(">H", 1))], transparent=struct.pack(">H", 1))
            png(
                kinds / f"palette{depth}-transparent.png", draw(depth, 1), depth, PALETTE,
                gamma + [(b"bKGD", b"\1")], palette=entries, transparent=b"\0\x80")
    png(kinds / f"grey-alpha8{end}", draw(8, 2), 8, GREY_ALPHA, gamma, interlaced=interlaced)
    png(kinds / f"rgb8{end}", draw(8, 3), 8, RGB, gamma, interlaced=interlaced)
    png(kinds / f"rgba8{end}", draw(8, 4), 8, RGBA, gamma, interlaced=interlaced)
samples = draw(8, 3)
first = struct.pack(">3H", *samples[0, 0])
png(kinds / "rgb8-transparent.png", samples, 8, RGB, gamma + [(b"bKGD", first)], transparent=first)
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
for name, ancillary in {
    "plain": [],
    "gamma-0.45": [(b"gAMA", struct.pack(">I", 45_455))],
    "srgb": [(b"sRGB", b"\0"), *gamma],
    "profile": [(b"iCCP", b"p\0\0" + zlib.compress(profile))],
    "broken-profile": [(b"iCCP", b"p\0\0" + zlib.compress(b"no profile"))],
    "significant-bits": [(b"sBIT", b"\5\6\5"), *gamma],
}.items():
    png(kinds / f"rgb8-{name}.png", draw(8, 3), 8, RGB, ancillary)
png(kinds / "grey8-srgb.png", draw(8, 1), 8, GREY, [(b"sRGB", b"\0")])

expected = {}
for path in sorted(kinds.glob("*.png")):
    image = Image.open(path)
    pixels = np.asarray(image.convert("RGB" if image.mode in ("RGB", "RGBA", "P") else "L"))
    expected[path.name] = pixels.reshape(size, size, -1).transpose(2, 0, 1).ravel().tolist()
(kinds / "expected.json").write_text(json.dumps(expected, separators=(",", ":")).replace('],"', '],\n"') + "\n")

# What is refused: no byte of these would be faithful.
for name, colour, channels in (
    ("grey16", GREY, 1), ("rgb16", RGB, 3), ("grey-alpha16", GREY_ALPHA, 2), ("rgba16", RGBA, 4)
):
    png(folder / f"{name}.png", draw(16, channels), 16, colour, gamma)

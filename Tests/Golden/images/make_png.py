"""Writes small pictures with Pillow, for the PNG reader: byte 5 · index in the order [channels, height, width]."""

import pathlib

import numpy as np
from PIL import Image

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

"""Puts PNGs of the same height side by side: python side_by_side.py OUT.png A.png B.png …"""

import sys

from PIL import Image

target, *sources = sys.argv[1:]
pictures = [Image.open(source) for source in sources]
gap = 8
width = sum(p.width for p in pictures) + gap * (len(pictures) - 1)
sheet = Image.new("L" if pictures[0].mode == "L" else "RGB", (width, max(p.height for p in pictures)), "white")
left = 0
for picture in pictures:
    sheet.paste(picture, (left, 0))
    left += picture.width + gap
sheet.save(target)

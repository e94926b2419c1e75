"""The range of the residual before the anchor, which decides its 8-bit scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from .network import QuickSRNet
from .photos import list_photos, load_rgb, make_pair, to_tensor
from .quantise import DEFAULT_RANGE


def residual_range_of(metadata: dict[str, str]) -> float:
    return float(metadata.get("residual_range", DEFAULT_RANGE))


@torch.no_grad()
def measure_residual(model: QuickSRNet, pictures: list[np.ndarray]) -> float:
    """Largest magnitude of the residual over pictures (H, W, 3) uint8; text is the hardest of them."""
    largest = 0.0
    for picture in pictures:
        h = to_tensor(picture[None])
        for conv in model.conv[:-1]:
            h = conv(h).clamp(0, 1)
        largest = max(largest, float(model.conv[-1](h).abs().max()))
    return largest


def choose_range(model: QuickSRNet, pictures: list[np.ndarray]) -> float:
    """The measured range, up to the next 0.05, so that small changes of the weights keep it."""
    return float(np.ceil(measure_residual(model, pictures) * 20) / 20)


def text_pictures() -> list[np.ndarray]:
    """Black text on white as a camera, a scanner or a renderer gives it (soft edges), and its negative."""
    pictures = []
    for reduction in (1.5, 2.0, 3.0):
        side = round(192 * reduction)
        page = _draw_text(side // 2).resize((side, side), Image.NEAREST)
        pictures.append(np.asarray(page.resize((192, 192), Image.BICUBIC)))
    return pictures + [255 - picture for picture in pictures]


def hard_pictures() -> list[np.ndarray]:
    """Worse than any photo: one-bit text, a checkerboard, single pixels and thin lines, and their negatives."""
    board = np.indices((192, 192)).sum(axis=0)[..., None].repeat(3, axis=2)
    dots = np.zeros((192, 192, 3), dtype=bool)
    dots[::8, ::8] = True
    dots[:, ::31] = True
    pictures = [np.asarray(_draw_text(192))]
    pictures += [(mask * 255).astype(np.uint8) for mask in (board % 2 == 0, board // 2 % 2 == 0, dots)]
    return pictures + [255 - picture for picture in pictures]


def _draw_text(side: int) -> Image.Image:
    text = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(text)
    for row in range(0, side, 14):
        draw.text((2, row), "Sphinx of black quartz, judge my vow 0123", "black", ImageFont.load_default())
    return text


def photo_pictures(folder: Path, scale: int, limit: int = 20) -> list[np.ndarray]:
    """The first photos of a folder, reduced by the model's scale."""
    return [make_pair(load_rgb(path), scale).low for path in list_photos([folder])[:limit]]

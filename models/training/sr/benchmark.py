"""The benchmark sets (Set5, Set14, BSD100) in the layout `SET/xN/*_HR.png`, `*_LR.png`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .metrics import psnr_y, ssim_y
from .network import QuickSRNet
from .niqe import BLOCK_PX, Pristine, niqe
from .photos import load_rgb, make_pair, to_tensor

SETS = ("Set5", "Set14", "BSD100")
Upscale = Callable[[np.ndarray], np.ndarray]  # (H, W, 3) uint8 to (H*s, W*s, 3) uint8


def load_set(data: Path, name: str, scale: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of low (H, W, 3) and high (H*s, W*s, 3), uint8; a grey picture gets three equal channels.

    BSD100 has no x3 folder: there the originals of x4 are reduced with Pillow's bicubic.
    """
    low_paths = sorted((data / name / f"x{scale}").glob("*_LR.png"))
    if not low_paths:
        pairs = [make_pair(load_rgb(path), scale) for path in sorted((data / name / "x4").glob("*_HR.png"))]
        if not pairs:
            raise SystemExit(f"Expected *_LR.png in {data / name / f'x{scale}'}")
        return [(pair.low, pair.high) for pair in pairs]
    pairs = []
    for low_path in low_paths:
        low = np.asarray(load_rgb(low_path))
        high = np.asarray(load_rgb(find_high(low_path, scale)))
        pairs.append((low, high[: low.shape[0] * scale, : low.shape[1] * scale]))
    return pairs


def find_high(low_path: Path, scale: int) -> Path:
    """The original of a reduced picture; the x2 folder of BSD100 shares the originals of x4."""
    own = low_path.with_name(low_path.name.replace("_LR", "_HR"))
    if own.exists():
        return own
    return low_path.parent.parent / "x4" / own.name.replace(f"SRF_{scale}", "SRF_4")


def measure(upscale: Upscale, data: Path, name: str, scale: int) -> tuple[float, float]:
    """Mean PSNR (dB) and SSIM on Y over a set."""
    scores = []
    for low, high in load_set(data, name, scale):
        result = upscale(low)
        scores.append((psnr_y(result, high, scale), ssim_y(result, high, scale)))
    psnr, ssim = np.mean(scores, axis=0)
    return float(psnr), float(ssim)


def mean_niqe(upscale: Upscale, data: Path, name: str, scale: int, pristine: Pristine) -> float:
    """Mean NIQE of the results of a set; those with less than two blocks a side tell nothing and are left out."""
    results = (upscale(low) for low, _ in load_set(data, name, scale))
    return float(np.mean([niqe(result, pristine) for result in results if min(result.shape[:2]) >= 2 * BLOCK_PX]))


def float_upscale(model: QuickSRNet) -> Upscale:
    """The model in float32, rounded to uint8 at the end, half to even, as the graph does."""

    @torch.no_grad()
    def upscale(low: np.ndarray) -> np.ndarray:
        model.eval()
        output = model(to_tensor(low[None]))
        return (output * 255).round().clamp(0, 255).byte()[0].permute(1, 2, 0).numpy()

    return upscale


def bicubic_upscale(scale: int) -> Upscale:
    def upscale(low: np.ndarray) -> np.ndarray:
        size = (low.shape[1] * scale, low.shape[0] * scale)
        return np.asarray(Image.fromarray(low).resize(size, Image.BICUBIC))

    return upscale

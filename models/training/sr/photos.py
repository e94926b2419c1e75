"""Training photos in memory, and seeded random patches of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

# Standard deviation, 0..255, below which a patch is mostly drawn again: flat sky teaches nothing.
LEAST_CONTRAST = 8.0

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True)
class Pair:
    """One photo: `high` (H*s, W*s, 3) and its bicubic reduction `low` (H, W, 3), both uint8 RGB.

    Where pairs are trained on, `low` has the model's halo around it: (H + 2*halo, W + 2*halo, 3).
    """

    high: np.ndarray
    low: np.ndarray


def list_photos(folders: list[Path]) -> list[Path]:
    """Every picture of the folders, in an order that does not depend on the file system."""
    return sorted(p for folder in folders for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)


def load_rgb(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def reduce_photo(image: Image.Image, factor: float) -> Image.Image:
    size = (round(image.width / factor), round(image.height / factor))
    return image.resize(size, Image.BICUBIC)


def make_pair(image: Image.Image, scale: int) -> Pair:
    width, height = image.width // scale, image.height // scale
    high = image.crop((0, 0, width * scale, height * scale))
    return Pair(np.asarray(high), np.asarray(high.resize((width, height), Image.BICUBIC)))


def surround(low: np.ndarray, halo: int) -> np.ndarray:
    """A picture (H, W, 3) with its mirror around it, as the app reflects at the edge of a photo."""
    return np.pad(low, ((halo, halo), (halo, halo), (0, 0)), mode="reflect")


def load_pairs(
    folders: list[Path], scale: int, halo: int, patch: int, zooms: tuple[float, ...] = (1.0, 1.4)
) -> list[Pair]:
    """Pairs of every photo at every zoom (a reduction first: sharper, and free of JPEG) that holds a patch.

    `low` has `halo` px of mirror around it.
    """
    pairs = []
    for path in list_photos(folders):
        image = load_rgb(path)
        for zoom in zooms:
            reduced = image if zoom == 1.0 else reduce_photo(image, zoom)
            if min(reduced.size) >= patch * scale:
                pair = make_pair(reduced, scale)
                pairs.append(Pair(pair.high, surround(pair.low, halo)))
    if not pairs:
        raise SystemExit(f"Expected photos of at least {patch * scale} px in {[str(f) for f in folders]}")
    return pairs


class PatchSampler:
    """Draws aligned patches; the batch of a step depends on seed and step only, so a resumed run repeats nothing."""

    def __init__(
        self,
        pairs: list[Pair],
        scale: int,
        halo: int,
        patch: int,
        batch: int,
        seed: int,
        mix_colours: bool = False,
        tint: float = 0.0,
        least_contrast: float = LEAST_CONTRAST,
    ) -> None:
        """
        tint: the share of patches that are tinted (`random_tint`).
        least_contrast: see `LEAST_CONTRAST`; 0 takes patches as they come.
        """
        self.pairs, self.scale, self.halo, self.patch, self.batch, self.seed = pairs, scale, halo, patch, batch, seed
        self.mix_colours, self.tint, self.least_contrast = mix_colours, tint, least_contrast
        # By the square root of the area: large photos show more, but their patches resemble each other.
        area = np.array([p.low.shape[0] * p.low.shape[1] for p in pairs], dtype=np.float64)
        self.weights = np.sqrt(area) / np.sqrt(area).sum()

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Low with its halo (N, 3, P + 2*halo, ...) and high (N, 3, P*s, P*s), float32 0..1, channels last."""
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.choice(len(self.pairs), size=self.batch, p=self.weights)
        patches = [self._patch(self.pairs[i], rng) for i in chosen]
        return to_tensor(np.stack([p[0] for p in patches])), to_tensor(np.stack([p[1] for p in patches]))

    def _patch(self, pair: Pair, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        side = self.patch + 2 * self.halo
        for _ in range(4):  # again, but not for ever
            y = int(rng.integers(0, pair.low.shape[0] - side + 1))
            x = int(rng.integers(0, pair.low.shape[1] - side + 1))
            low = pair.low[y : y + side, x : x + side]
            if low[::2, ::2].std() > self.least_contrast:
                break
        s, p = self.scale, self.patch
        high = pair.high[y * s : (y + p) * s, x * s : (x + p) * s]
        turn = int(rng.integers(0, 8))
        if self.mix_colours and rng.random() < 0.5:
            order = rng.permutation(3)
            low, high = low[..., order], high[..., order]
        if self.tint and rng.random() < self.tint:
            tinted = random_tint(rng)
            low, high = tinted(low), tinted(high)
        return dihedral(low, turn), dihedral(high, turn)


def random_tint(rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Each colour darkened, put out or left, then inverted or not: pure colours, white and black, which photos lack.

    Bicubic reduction is linear, so that a tinted pair is a pair.
    """
    gain = rng.choice([0.0, 1.0, rng.random()], size=3)
    inverted = rng.random(3) < 0.5

    def tinted(image: np.ndarray) -> np.ndarray:
        return np.where(inverted, 255 - gain * image, gain * image).round().astype(np.uint8)

    return tinted


def dihedral(image: np.ndarray, turn: int) -> np.ndarray:
    """One of the eight flips and transposes of a square picture (H, W, 3)."""
    image = image[::-1] if turn & 1 else image
    image = image[:, ::-1] if turn & 2 else image
    return image.transpose(1, 0, 2) if turn & 4 else image


def to_tensor(images: np.ndarray) -> Tensor:
    """uint8 NHWC to float32 NCHW, 0..1; the memory stays NHWC, which is the faster layout on a CPU."""
    return torch.from_numpy(np.array(images, order="C")).permute(0, 3, 1, 2).float().div_(255)

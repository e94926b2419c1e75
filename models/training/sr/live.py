"""Patches whose photo is turned, reduced and shifted anew each time, so that no sample is ever seen twice."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from .photos import LEAST_CONTRAST, dihedral, list_photos, load_rgb, to_tensor

# Low pixels beyond a patch and its halo: what bicubic reduction by any scale reaches for.
MARGIN = 2
# A turned photo is resampled, which softens it, and is sharp again when it is reduced by at least this.
TURNED_ZOOM = 1.4
GREATEST_ZOOM = 2.4


class LiveSampler:
    """Draws pairs of a photo that is turned by any angle, reduced by 1 to 2.4 and shifted by any number of pixels.

    A photo that is always reduced on the same grid shows a network the same few samples, and a large network learns
    them by heart. Patches come from inside of photos: the mirror around them is what `PatchSampler` shows. The batch of
    a step depends on seed and step only.
    """

    def __init__(
        self, folders: list[Path], scale: int, halo: int, patch: int, batch: int, seed: int, mix_colours: bool
    ) -> None:
        self.scale, self.halo, self.batch, self.seed, self.mix_colours = scale, halo, batch, seed, mix_colours
        self.side = patch + 2 * (halo + MARGIN)  # low pixels that a patch is made of
        images = [load_rgb(path) for path in list_photos(folders)]
        self.photos = [image for image in images if min(image.size) >= self.side * scale]
        if not self.photos:
            raise SystemExit(f"Expected photos of at least {self.side * scale} px in {[str(f) for f in folders]}")
        # By the square root of the area, as in `PatchSampler`.
        area = np.array([math.sqrt(image.width * image.height) for image in self.photos])
        self.weights = area / area.sum()

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Low with its halo (N, 3, P + 2*halo, ...) and high (N, 3, P*s, P*s), float32 0..1, channels last."""
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.choice(len(self.photos), size=self.batch, p=self.weights)
        patches = [self._patch(self.photos[i], rng) for i in chosen]
        return to_tensor(np.stack([p[0] for p in patches])), to_tensor(np.stack([p[1] for p in patches]))

    def _patch(self, photo: Image.Image, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        for _ in range(4):  # again where it is flat, but not for ever
            view = self._view(photo, rng)
            low = np.asarray(view.resize((self.side, self.side), Image.BICUBIC))[MARGIN:-MARGIN, MARGIN:-MARGIN]
            if low[::2, ::2].std() > LEAST_CONTRAST:
                break
        edge = (self.halo + MARGIN) * self.scale
        high = np.asarray(view)[edge:-edge, edge:-edge]
        turn = int(rng.integers(0, 8))
        if self.mix_colours and rng.random() < 0.5:
            order = rng.permutation(3)
            low, high = low[..., order], high[..., order]
        return dihedral(low, turn), dihedral(high, turn)

    def _view(self, photo: Image.Image, rng: np.random.Generator) -> Image.Image:
        """A square of `side` * scale px of the photo, at a place, size and angle drawn at random."""
        wanted, room = self.side * self.scale, min(photo.size)
        angle = rng.uniform(-45, 45)
        grown = math.cos(math.radians(angle)) + math.sin(math.radians(abs(angle)))  # of the square around a turned one
        greatest = min(GREATEST_ZOOM, room / wanted)
        if rng.random() < 0.5 and room / wanted / grown >= TURNED_ZOOM:
            zoom = rng.uniform(TURNED_ZOOM, min(GREATEST_ZOOM, room / wanted / grown))
            around = self._cut(photo, math.ceil(wanted * zoom * grown), rng).rotate(angle, Image.BICUBIC)
            side, inset = round(wanted * zoom), (around.width - wanted * zoom) / 2
            square = around.crop((round(inset), round(inset), round(inset) + side, round(inset) + side))
        else:
            zoom = 1.0 if rng.random() < 0.5 else rng.uniform(1.0, greatest)
            square = self._cut(photo, round(wanted * zoom), rng)
        return square if square.width == wanted else square.resize((wanted, wanted), Image.BICUBIC)

    @staticmethod
    def _cut(photo: Image.Image, side: int, rng: np.random.Generator) -> Image.Image:
        side = min(side, *photo.size)
        x, y = (int(rng.integers(0, length - side + 1)) for length in photo.size)
        return photo.crop((x, y, x + side, y + side))

"""A cache of lessons: degraded pictures with the teacher's answers, computed once, in shards of a folder."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .degrade import degrade, resize, to_bytes
from .photos import Pair, list_photos, load_rgb, to_tensor
from .teacher import CompactTeacher

SHARD = 64  # lessons in a file
AREA_PX = 8  # over which colour is kept, in pixels before enlargement
LARGEST_REDUCTION = 4.0  # a lesson shows its photo reduced by 1 to 4


def build(folder: Path, photos: list[Path], teacher: CompactTeacher, tiles: int, side: int, seed: int) -> None:
    """Write shards until there are `tiles` lessons of side `side` px; shards that exist are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = list_photos(photos)
    for shard in range(-(-tiles // SHARD)):
        target = folder / f"lessons-{shard:04}.npz"
        if target.exists():
            continue
        rng = np.random.default_rng((seed, shard))
        low = np.stack([draw_input(paths, side, rng) for _ in range(SHARD)])
        high = np.concatenate([teach(teacher, low[i : i + 4]) for i in range(0, SHARD, 4)])
        temporary = folder / f".{target.name}"
        np.savez(temporary, low=low, high=high)
        os.replace(temporary, target)
        print(f"{target.name}: {(shard + 1) * SHARD} lessons", flush=True)


def draw_input(paths: list[Path], side: int, rng: np.random.Generator) -> np.ndarray:
    """A degraded square of `side` px from a random photo at a random reduction; uint8 (H, W, 3)."""
    while True:
        photo = load_rgb(paths[int(rng.integers(len(paths)))])
        largest = min(LARGEST_REDUCTION, min(photo.size) / side)
        if largest < 1:
            continue
        region = int(side * rng.uniform(1.0, largest))
        left = int(rng.integers(0, photo.width - region + 1))
        top = int(rng.integers(0, photo.height - region + 1))
        square = photo.crop((left, top, left + region, top + region))
        if np.asarray(square.convert("L")).std() > 6:
            return degrade(square, (side, side), rng)


def teach(teacher: CompactTeacher, low: np.ndarray) -> np.ndarray:
    """The teacher's answers, uint8 (N, 4H, 4W, 3)."""
    answers = teacher(to_tensor(low))
    return (answers * 255).round().byte().permute(0, 2, 3, 1).numpy()


def load(folder: Path, scale: int, halo: int) -> list[Pair]:
    """Every lesson as a pair, the input with `halo` px around it; for a smaller scale the teacher's answer is reduced.

    At least 8 px of each answer are cut off, where the teacher saw zero padding and not the photo.
    """
    margin = max(halo, 8)
    pairs = []
    for path in sorted(folder.glob("lessons-*.npz")):
        with np.load(path) as shard:
            for low, high in zip(shard["low"], shard["high"]):
                pairs.append(_pair(low, high, scale, margin, halo))
    if not pairs:
        raise SystemExit(f"Expected lessons in {folder}")
    return pairs


def _pair(low: np.ndarray, high: np.ndarray, scale: int, margin: int, halo: int) -> Pair:
    side = low.shape[0]
    high = keep_colour(low, high)
    if high.shape[0] != side * scale:
        high = np.asarray(Image.fromarray(high).resize((side * scale, side * scale), Image.BICUBIC))
    inner = slice(margin - halo, side - margin + halo)
    large = slice(margin * scale, (side - margin) * scale)
    return Pair(high[large, large], low[inner, inner])


def keep_colour(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The teacher's answer with the colour of its input.

    The teacher shifts areas by some steps (a grey photo turns bluish). What differs between the input and the
    reduced answer, averaged over 8 px so that neither noise nor detail counts, is added back.
    """
    side = low.shape[0]
    reduced = resize(high.astype(np.float32), (side, side), Image.BOX)
    drift = resize(low.astype(np.float32) - reduced, (side // AREA_PX, side // AREA_PX), Image.BOX)
    return to_bytes(high + resize(drift, (high.shape[1], high.shape[0]), Image.BICUBIC))


@torch.no_grad()
def held_out(
    photos: list[Path], teacher: CompactTeacher, side: int, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Degraded inputs and answers that no shard holds, from other photos: what a run is judged by."""
    paths = list_photos(photos)
    rng = np.random.default_rng((seed, 1_000_000))
    low = np.stack([draw_input(paths, side, rng) for _ in range(count)])
    answers = np.concatenate([teach(teacher, low[i : i + 4]) for i in range(0, count, 4)])
    return low, np.stack([keep_colour(a, b) for a, b in zip(low, answers)])

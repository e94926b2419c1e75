#!/usr/bin/env python3
"""Turn a checkpoint into weights for the app: fold batch norm, round to the int8 grid, write safetensors.

    export.py CHECKPOINT.pt [CHECKPOINT.pt ...] --photos FOLDER [FOLDER ...] --out FILE.safetensors --training faithful

Weights that were exported before (.safetensors) can stand for a checkpoint, to be rounded anew.

The same checkpoint always gives the same bytes: nothing in the file depends on the date or the machine.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import torch
from torch import Tensor

from sr import safetensors
from sr.channels import split_channels
from sr.fold import fold_batch_norm
from sr.loop import load_averaged
from sr.network import SIZES, QuickSRNet
from sr.photos import PatchSampler, load_pairs
from sr.rounding import grey_layer, round_to_grid
from sr.weights import load_model


def metadata_of(model: QuickSRNet, training: str, steps: int, licence: str) -> dict[str, str]:
    return {
        "architecture": "QuickSRNet",
        "size": model.size,
        "scale": str(model.scale),
        "anchor": str(model.anchor).lower(),
        "channel_order": "RGB",
        "input_range": "0..1",
        "training": training,
        "steps": str(steps),
        "licence": licence,
    }


# Patches to round on. Some are tinted: photos hardly hold the pure colours, white and black that must stay what they are.
PATCHES, PATCH_PX, TINT, SEED = 128, 48, 0.15, 7


def load_run(path: Path) -> tuple[QuickSRNet, int]:
    """A checkpoint's averaged weights, or weights as they were exported, and the steps behind them."""
    if path.suffix == ".safetensors":
        model, metadata = load_model(path)
        return model, int(metadata["steps"])
    return load_averaged(path), torch.load(path)["step"]


def mean_of(models: list[QuickSRNet]) -> QuickSRNet:
    """The mean of the weights of runs that began from the same weights (Wortsman et al. 2022)."""
    first, *others = models
    states = [model.state_dict() for model in models]
    if others:
        first.load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    return first


def round_on(model: QuickSRNet, photos: list[Path]) -> torch.nn.Conv2d | None:
    """Makes channels ready for bytes and rounds the weights so that their errors make up for each other on these photos.

    Returns the last layer for grey pictures, which a model with an anchor, whose last steps are fine, can do without.
    """
    halo = SIZES[model.size].halo
    pairs = load_pairs(photos, model.scale, halo, PATCH_PX)
    low, _ = PatchSampler(pairs, model.scale, halo, PATCH_PX, PATCHES, SEED, tint=TINT, least_contrast=0)(0)
    if not model.anchor:
        split_channels(model, low)
    unrounded = copy.deepcopy(model)
    round_to_grid(model, low)
    return None if model.anchor else grey_layer(model, unrounded, low)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", type=Path, nargs="+", help="one, or runs of the same model whose mean is taken")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--training", choices=("faithful", "photo"), required=True)
    parser.add_argument("--photos", type=Path, nargs="+", help="round the weights to the int8 grid on these photos")
    parser.add_argument("--earlier-steps", type=int, default=0, help="steps of the runs that this one started from")
    parser.add_argument("--licence", default="MIT", help="see models/LICENSES.md for photos and teachers")
    options = parser.parse_args()

    loaded = [load_run(path) for path in options.checkpoints]
    model = fold_batch_norm(mean_of([model for model, _ in loaded]))
    grey = round_on(model, options.photos) if options.photos else None
    steps = sum(steps for _, steps in loaded) + options.earlier_steps
    tensors = {name: value.numpy() for name, value in model.state_dict().items()}
    if grey:
        tensors.update({f"grey.{name}": value.numpy() for name, value in grey.state_dict().items()})
    safetensors.write(options.out, tensors, metadata_of(model, options.training, steps, options.licence))
    print(f"{options.out}: {options.out.stat().st_size} bytes, {steps} steps")


if __name__ == "__main__":
    main()

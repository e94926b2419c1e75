#!/usr/bin/env python3
"""Turn a checkpoint into weights for the app: fold batch norm, measure the residual's range, write safetensors.

    export.py CHECKPOINT.pt --out FILE.safetensors --training faithful --licence TEXT [--photos FOLDER]

The same checkpoint always gives the same bytes: nothing in the file depends on the date or the machine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from sr import safetensors
from sr.fold import fold_batch_norm
from sr.loop import load_averaged
from sr.network import QuickSRNet
from sr.quantise import IntegerModel
from sr.residual import choose_range, hard_pictures, photo_pictures, text_pictures

LICENCE = "MIT (weights); see models/LICENSES.md for the training photos and teachers"


def metadata_of(model: QuickSRNet, training: str, steps: int, licence: str, residual: float | None) -> dict[str, str]:
    entries = {
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
    return entries | ({"residual_range": f"{residual:.2f}"} if residual is not None else {})


def saturated_share(model: QuickSRNet, residual: float, pictures: list[np.ndarray]) -> float:
    integer = IntegerModel(model, residual)
    for picture in pictures:
        integer(picture)
    return integer.saturated / integer.total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--training", choices=("faithful", "photo"), required=True)
    parser.add_argument("--licence", default=LICENCE)
    parser.add_argument("--photos", type=Path, help="photos on which the residual is measured, beside text")
    parser.add_argument("--residual-range", type=float, help="the range a quantised fine-tuning trained with")
    options = parser.parse_args()

    model = fold_batch_norm(load_averaged(options.checkpoint))
    pictures = text_pictures() + (photo_pictures(options.photos, model.scale) if options.photos else [])
    residual = (options.residual_range or choose_range(model, pictures)) if model.anchor else None
    if residual is not None:
        for label, group in (("text and photos", pictures), ("hard patterns", hard_pictures())):
            print(f"residual ±{residual:.2f}, {label}: {saturated_share(model, residual, group):.6%} saturates")
    state = torch.load(options.checkpoint)
    metadata = metadata_of(model, options.training, state["step"], options.licence, residual)
    tensors = {name: value.numpy() for name, value in model.state_dict().items()}
    safetensors.write(options.out, tensors, metadata)
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()

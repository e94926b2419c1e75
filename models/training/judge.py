#!/usr/bin/env python3
"""Judge Photo models on noisy, JPEG-compressed photos, beside bicubic, Faithful models and the teacher.

    judge.py --data FOLDER [--pristine FILE.npz] --teacher FILE.param FILE.safetensors [...] [--sheet FILE.png]

For each: NIQE (lower is more natural), gradient-magnitude similarity and PSNR against the original, and PSNR
against the teacher's answer. The sheet shows crops side by side at 200 %.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from sr.benchmark import Upscale, bicubic_upscale, float_upscale, load_set
from sr.degrade import add_gaussian_noise, jpeg, to_bytes
from sr.lessons import teach
from sr.metrics import gradient_similarity, psnr_y
from sr.niqe import OWN_PRISTINE, load_pristine, niqe
from sr.photos import reduce_photo
from sr.quantise import IntegerModel
from sr.teacher import CompactTeacher
from sr.weights import load_model

TEACHER_SCALE = 4
NOISE_DEVIATION = 6.0  # of 255, before JPEG
JPEG_QUALITY = 60
CROP_PX = 160


def spoil(low: np.ndarray, index: int) -> np.ndarray:
    """Noise and JPEG, the same for everyone who asks."""
    rng = np.random.default_rng((5, index))
    noisy = add_gaussian_noise(low.astype(np.float32), rng, NOISE_DEVIATION)
    return jpeg(to_bytes(noisy), JPEG_QUALITY, subsampling=2)


def teacher_upscale(teacher: CompactTeacher, scale: int) -> Upscale:
    """The teacher's answer, reduced where less is asked for: what a student of that scale learns from."""

    def upscale(low: np.ndarray) -> np.ndarray:
        answer = Image.fromarray(teach(teacher, low[None])[0])
        return np.asarray(reduce_photo(answer, TEACHER_SCALE / scale) if scale != TEACHER_SCALE else answer)

    return upscale


def contestants(options: argparse.Namespace) -> dict[str, Upscale]:
    found: dict[str, Upscale] = {"bicubic": bicubic_upscale(options.scale)}
    for path in options.files:
        model, _ = load_model(path)
        found[f"{path.stem} fp32"] = float_upscale(model)
        found[f"{path.stem} int8"] = IntegerModel(model)
    found["teacher"] = teacher_upscale(CompactTeacher(options.teacher), options.scale)
    return found


def sheet_row(pictures: list[np.ndarray]) -> np.ndarray:
    """The middle of each picture at 200 %, side by side."""
    top, left = ((side - CROP_PX) // 2 for side in pictures[0].shape[:2])
    crops = [picture[top : top + CROP_PX, left : left + CROP_PX] for picture in pictures]
    return np.concatenate([c.repeat(2, axis=0).repeat(2, axis=1) for c in crops], axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True, help="folder of the benchmark sets")
    parser.add_argument("--set", default="BSD100")
    parser.add_argument("--scale", type=int, choices=(2, 4), default=4)
    parser.add_argument("--limit", type=int, default=100, help="photos to judge")
    parser.add_argument("--pristine", type=Path, default=OWN_PRISTINE, help="NIQE's pristine model")
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--sheet", type=Path, help="write side-by-side crops here")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    pristine, upscales = load_pristine(options.pristine), contestants(options)
    scores: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in upscales}
    rows = []
    for index, (low, high) in enumerate(load_set(options.data, options.set, options.scale)[: options.limit]):
        spoiled = spoil(low, index)
        results = {name: upscale(spoiled) for name, upscale in upscales.items()}
        for name, result in results.items():
            likeness = gradient_similarity(result, high, options.scale), psnr_y(result, high, options.scale)
            to_teacher = np.inf if name == "teacher" else psnr_y(result, results["teacher"], options.scale)
            scores[name].append((niqe(result, pristine), *likeness, to_teacher))
        if index % 12 == 0:
            rows.append(sheet_row([*results.values(), high]))

    print("| | NIQE | gradient similarity | PSNR | PSNR to the teacher |\n|---|---|---|---|---|")
    for name, values in scores.items():
        naturalness, gradients, psnr, to_teacher = np.mean(values, axis=0)
        print(f"| {name} | {naturalness:.2f} | {gradients:.4f} | {psnr:.2f} | {to_teacher:.2f} |")
    if options.sheet:
        Image.fromarray(np.concatenate(rows)).save(options.sheet)


if __name__ == "__main__":
    main()

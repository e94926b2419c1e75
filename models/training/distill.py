#!/usr/bin/env python3
"""Train a Photo QuickSRNet: it learns a restoring teacher's answers to degraded photos. Resumes like train.py.

    distill.py --size L --scale 4 --photos FOLDER [FOLDER ...] --teacher FILE.param --cache FOLDER --out FOLDER
               [--start FILE] [--judge FOLDER]

The lessons (degraded photo, teacher's answer) are computed once into --cache. A student learns the sharp output
of a deterministic teacher well with L1, where against ground truth it would learn the mean of all that could
have been there, which is blur.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from sr import lessons
from sr.benchmark import float_upscale
from sr.loop import Monitor, Run
from sr.metrics import gradient_similarity, psnr_y
from sr.network import SIZES, QuickSRNet
from sr.photos import PatchSampler
from sr.quantise import IntegerModel
from sr.teacher import CompactTeacher
from train import add_plan_options, build_model, plan_of


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, required=True)
    parser.add_argument("--scale", type=int, choices=(2, 4), required=True)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders of photos to degrade")
    parser.add_argument("--teacher", type=Path, required=True, help="ncnn .param of a compact generator")
    parser.add_argument("--cache", type=Path, required=True, help="folder of the lessons")
    parser.add_argument("--tiles", type=int, default=3072, help="lessons to prepare")
    parser.add_argument("--side", type=int, default=112, help="side of a lesson before enlargement, in pixels")
    parser.add_argument("--judge", type=Path, nargs="*", default=[], help="other photos, for the measurement")
    parser.add_argument("--out", type=Path, help="folder of the checkpoint; without it only lessons are prepared")
    parser.add_argument("--start", type=Path, help="weights (.safetensors) or checkpoint (.pt) to begin with")
    add_plan_options(parser)
    return parser.parse_args()


def teacher_monitor(options: argparse.Namespace, teacher: CompactTeacher) -> Monitor | None:
    """Likeness to the teacher on photos that are not trained on."""
    if not options.judge:
        return None
    low, high = lessons.held_out(options.judge, teacher, options.side, 32, options.seed)
    side = options.side * options.scale
    answers = [np.asarray(Image.fromarray(h).resize((side, side), Image.BICUBIC)) for h in high]
    border = 8 * options.scale

    def monitor(model: QuickSRNet) -> dict[str, float]:
        upscale = IntegerModel(model) if options.int8 else float_upscale(model)
        results = [upscale(picture) for picture in low]
        return {
            "psnr": float(np.mean([psnr_y(r, a, border) for r, a in zip(results, answers)])),
            "gradients": float(np.mean([gradient_similarity(r, a, border) for r, a in zip(results, answers)])),
        }

    return monitor


def main() -> None:
    options = parse_options()
    torch.set_num_threads(options.threads)
    teacher = CompactTeacher(options.teacher)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.bfloat16):
        lessons.build(options.cache, options.photos, teacher, options.tiles, options.side, options.seed)
    if not options.out:
        return
    run = Run(build_model(options), plan_of(options), options.out)
    halo = SIZES[options.size].halo
    pairs = lessons.load(options.cache, options.scale, halo)
    sampler = PatchSampler(pairs, options.scale, halo, options.patch, options.batch, options.seed)
    run.train(sampler, teacher_monitor(options, teacher))


if __name__ == "__main__":
    main()

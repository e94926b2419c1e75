#!/usr/bin/env python3
"""Measure weights: PSNR and SSIM on Y over Set5, Set14 and BSD100, in float32 and in the shipped graph's int8, and NIQE.

    evaluate.py --data FOLDER FILE.safetensors [FILE ...] [--json FILE] [--bicubic]
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import torch

from sr.benchmark import SETS, Upscale, bicubic_upscale, float_upscale, load_set, mean_niqe, measure
from sr.network import QuickSRNet, parameter_count
from sr.niqe import load_pristine
from sr.quantise import IntegerModel
from sr.weights import load_model

Scores = dict[str, dict[str, float]]


def score(upscale: Upscale, data: Path, sets: list[str], scale: int) -> Scores:
    pristine, results = load_pristine(), {}
    for name in sets:
        psnr, ssim = measure(upscale, data, name, scale)
        naturalness = mean_niqe(upscale, data, name, scale, pristine)
        results[name] = {"psnr": round(psnr, 3), "ssim": round(ssim, 4), "niqe": round(naturalness, 2)}
    return results


def evaluate_file(path: Path, data: Path, sets: list[str]) -> dict[str, object]:
    model, _ = load_model(path)
    integer = IntegerModel(model)
    result: dict[str, object] = {
        "parameters": parameter_count(model),
        "fp32": score(float_upscale(model), data, sets, model.scale),
        "int8": score(integer, data, sets, model.scale),
    }
    result["largestDifference"] = largest_difference(model, integer, data, sets[0])
    return result


def largest_difference(model: QuickSRNet, integer: IntegerModel, data: Path, name: str) -> int:
    """Steps of 1/255 between the two precisions, worst pixel of the first picture of a set."""
    low, _ = load_set(data, name, model.scale)[0]
    return int(abs(float_upscale(model)(low).astype(int) - integer(low).astype(int)).max())


def print_row(label: str, scores: Scores) -> None:
    cells = (f"  {n} {s['psnr']:.2f} / {s['ssim']:.4f} / {s['niqe']:.2f}" for n, s in scores.items())
    print(f"{label:30}" + "".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--data", type=Path, required=True, help="folder of the benchmark sets")
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--bicubic", type=int, nargs="*", default=[], help="scales at which to measure bicubic too")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    results: dict[str, object] = {}
    for scale in options.bicubic:
        scores = score(bicubic_upscale(scale), options.data, options.sets, scale)
        results[f"bicubic-x{scale}"] = scores
        print_row(f"bicubic x{scale}", scores)
    for path in options.files:
        result = evaluate_file(path, options.data, options.sets)
        results[path.stem] = result
        print_row(f"{path.stem} fp32", result["fp32"])
        print_row(f"{path.stem} int8", result["int8"])
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()

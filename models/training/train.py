#!/usr/bin/env python3
"""Train a Faithful QuickSRNet on bicubic pairs. Resumes by itself when its folder holds a checkpoint.

    train.py --size L --scale 4 --photos FOLDER [FOLDER ...] --out FOLDER [--start FILE] [--data FOLDER]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch

from sr.benchmark import float_upscale, measure
from sr.live import LiveSampler
from sr.loop import Monitor, Plan, Run, load_averaged
from sr.network import SIZES, QuickSRNet
from sr.photos import PatchSampler, load_pairs
from sr.quantise import IntegerModel
from sr.weights import load_model, start_from
from sr.winograd import clipped_convolution


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, required=True)
    parser.add_argument("--scale", type=int, choices=(2, 3, 4), required=True)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders of training photos")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the log")
    parser.add_argument("--data", type=Path, help="folder of the benchmark sets, measured while training")
    parser.add_argument("--sets", nargs="+", default=["Set5", "Set14"], help="benchmark sets to measure")
    parser.add_argument("--start", type=Path, help="weights (.safetensors) or checkpoint (.pt) to begin with")
    parser.add_argument("--zooms", type=float, nargs="+", default=[1.0, 1.4], help="reductions of every photo, first")
    parser.add_argument("--mix-colours", action="store_true", help="exchange red, green and blue in half of the patches")
    parser.add_argument("--live", action="store_true", help="turn, reduce and shift every patch anew, no --zooms or --tint")
    parser.add_argument("--tint", type=float, default=0.0, help="share of patches in pure colours")
    add_plan_options(parser)
    return parser.parse_args()


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=15_000)
    parser.add_argument("--rate", type=float, default=5e-4, help="highest learning rate")
    parser.add_argument("--final-rate", type=float, default=1e-6)
    parser.add_argument("--warm-up", type=int, default=100, help="steps over which the learning rate rises")
    parser.add_argument("--optimiser", choices=("soap", "adam"), default="soap")
    parser.add_argument("--loss", choices=("l1", "l2", "luma"), default="l1")
    parser.add_argument("--sharpness", type=float, default=0.0, help="weight of the loss of local gradient energy")
    parser.add_argument("--statistics", type=float, default=0.0, help="weight of the loss of local statistics")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--patch", type=int, default=48, help="side of a patch before enlargement, in pixels")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--monitor-every", type=int, default=500)
    parser.add_argument("--average", type=float, default=0.999, help="decay of the average of the weights")
    parser.add_argument("--bfloat16", action="store_true", help="twice as fast where the processor has it")
    parser.add_argument("--winograd", action="store_true", help="several times as fast, in float32; needs a C++ compiler")
    parser.add_argument("--int8", action="store_true", help="train through simulated 8-bit arithmetic")
    parser.add_argument("--init", choices=("identity", "plain"), default="identity")
    parser.add_argument("--batch-norm", action="store_true")


def plan_of(options: argparse.Namespace) -> Plan:
    return Plan(
        steps=options.steps,
        learning_rate=options.rate,
        final_learning_rate=options.final_rate,
        warm_up_steps=options.warm_up,
        optimiser=options.optimiser,
        loss=options.loss,
        sharpness=options.sharpness,
        statistics=options.statistics,
        average_decay=options.average,
        bfloat16=options.bfloat16,
        int8=options.int8,
        monitor_every=options.monitor_every,
    )


def build_model(options: argparse.Namespace) -> QuickSRNet:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    model = QuickSRNet(options.size, options.scale, options.init, options.batch_norm)
    if options.winograd:
        model.convolution = clipped_convolution
    if options.start:
        is_checkpoint = options.start.suffix == ".pt"
        start_from(model, load_averaged(options.start) if is_checkpoint else load_model(options.start)[0])
    return model


def sampler_of(options: argparse.Namespace) -> PatchSampler | LiveSampler:
    halo = SIZES[options.size].halo
    if options.live:
        return LiveSampler(
            options.photos, options.scale, halo, options.patch, options.batch, options.seed, options.mix_colours
        )
    pairs = load_pairs(options.photos, options.scale, halo, options.patch, tuple(options.zooms))
    return PatchSampler(
        pairs, options.scale, halo, options.patch, options.batch, options.seed, options.mix_colours, options.tint
    )


def benchmark_monitor(options: argparse.Namespace) -> Monitor | None:
    if not options.data:
        return None

    def monitor(model: QuickSRNet) -> dict[str, float]:
        upscale = IntegerModel(model) if options.int8 else float_upscale(model)
        return {name: measure(upscale, options.data, name, options.scale)[0] for name in options.sets}

    return monitor


def main() -> None:
    options = parse_options()
    run = Run(build_model(options), plan_of(options), options.out)
    sampler = sampler_of(options)
    print(f"{len(sampler.photos if options.live else sampler.pairs)} photos, process {os.getpid()}", flush=True)
    run.train(sampler, benchmark_monitor(options))


if __name__ == "__main__":
    main()

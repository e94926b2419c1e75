#!/usr/bin/env python3
"""Compare initialisations, batch norm and optimisers at equal steps: same seed, same patches, same schedule.

    ablate.py --size S --scale 4 --photos FOLDER [FOLDER ...] --data FOLDER --out FOLDER [--steps 4000]

Writes a run folder a variant and prints a table in Markdown; plot.py draws the curves.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from sr.loop import Run
from sr.network import SIZES
from train import add_plan_options, benchmark_monitor, build_model, plan_of, sampler_of

VARIANTS: dict[str, dict[str, object]] = {
    "identity": {"init": "identity", "batch_norm": False},
    "plain": {"init": "plain", "batch_norm": False},
    "identity-norm": {"init": "identity", "batch_norm": True},
    "plain-norm": {"init": "plain", "batch_norm": True},
    "identity-adam": {"init": "identity", "batch_norm": False, "optimiser": "adam"},
    "plain-adam": {"init": "plain", "batch_norm": False, "optimiser": "adam"},
}


def last_row(log: Path) -> dict[str, str]:
    with log.open(newline="") as stream:
        return list(csv.DictReader(stream))[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="S")
    parser.add_argument("--scale", type=int, choices=(2, 3, 4), default=4)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["Set5", "Set14"])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.set_defaults(start=None)
    add_plan_options(parser)
    options = parser.parse_args()

    sampler = sampler_of(options)
    for name in options.variants:
        variant = argparse.Namespace(**{**vars(options), **VARIANTS[name]})
        run = Run(build_model(variant), plan_of(variant), options.out / name)
        run.train(sampler, benchmark_monitor(variant))

    print("| variant | " + " | ".join(options.sets) + " |\n|---|" + "---|" * len(options.sets))
    for name in options.variants:
        row = last_row(options.out / name / "log.csv")
        print(f"| {name} | " + " | ".join(f"{float(row[s]):.2f}" for s in options.sets) + " |")


if __name__ == "__main__":
    main()

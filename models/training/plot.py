#!/usr/bin/env python3
"""Draw the curves of runs: loss, learning rate and every measured column, from their log.csv (needs matplotlib).

    plot.py RUN_FOLDER [RUN_FOLDER ...] --out FILE.png [--columns Set5 Set14]
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no display needed
import matplotlib.pyplot as plt  # noqa: E402 - the backend comes first

BOOKKEEPING = {"step", "seconds"}


def read_log(folder: Path) -> dict[str, list[float]]:
    with (folder / "log.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {name: [float(row[name]) for row in rows] for name in rows[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--columns", nargs="+", help="columns of the log; all of them by default")
    options = parser.parse_args()

    logs = {folder.name: read_log(folder) for folder in options.folders}
    columns = options.columns or [c for c in next(iter(logs.values())) if c not in BOOKKEEPING]
    figure, axes = plt.subplots(1, len(columns), figsize=(5 * len(columns), 4), squeeze=False)
    for axis, column in zip(axes[0], columns):
        for name, log in logs.items():
            axis.plot(log["step"], log[column], label=name)
        axis.set(title=column, xlabel="step")
        axis.grid(alpha=0.3)
    axes[0][0].legend()
    figure.tight_layout()
    figure.savefig(options.out, dpi=80)


if __name__ == "__main__":
    main()

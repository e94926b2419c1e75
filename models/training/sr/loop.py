"""The training loop that every program shares: schedule, average of weights, log, checkpoint, resume."""

from __future__ import annotations

import csv
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from .network import QuickSRNet
from .quantise import fake_quantised_sub_pixels
from .soap import Soap
from .statistics import pattern_loss, statistics_loss

Batches = Callable[[int], "tuple[Tensor, Tensor]"]
# Luma as the benchmarks weigh it (BT.601), and what colour weighs beside it: on luma alone colours would drift.
LUMA = (0.299, 0.587, 0.114)
COLOUR_WEIGHT = 0.3
PATTERN_WEIGHT = 0.25  # beside the loss of statistics, which alone would grow a grid

Monitor = Callable[[QuickSRNet], "dict[str, float]"]


@dataclass(frozen=True)
class Plan:
    """What a run does; stored in its checkpoint."""

    steps: int
    learning_rate: float = 5e-4
    final_learning_rate: float = 1e-6
    warm_up_steps: int = 100
    optimiser: Literal["soap", "adam"] = "soap"
    loss: Literal["l1", "l2", "luma"] = "l1"  # luma: L1 on luma, and COLOUR_WEIGHT of it on RGB
    sharpness: float = 0.0  # weight of the loss of local gradient energy, see `gradient_energy`
    statistics: float = 0.0  # weight of the loss of local statistics, see `statistics_loss`
    average_decay: float = 0.999  # exponential average of the weights, which is what is measured and exported
    bfloat16: bool = False
    int8: bool = False  # train through simulated 8-bit arithmetic
    freeze_norm_at: float = 0.5  # share of the steps after which batch norm uses its running statistics
    monitor_every: int = 500


def learning_rate(plan: Plan, step: int) -> float:
    """Linear warm-up, then a half cosine (Loshchilov and Hutter 2017)."""
    if step < plan.warm_up_steps:
        return plan.learning_rate * (step + 1) / plan.warm_up_steps
    progress = (step - plan.warm_up_steps) / max(1, plan.steps - plan.warm_up_steps)
    span = plan.learning_rate - plan.final_learning_rate
    return plan.final_learning_rate + span * (1 + math.cos(math.pi * min(1.0, progress))) / 2


class Run:
    """One training run in a folder: `checkpoint.pt`, `log.csv`."""

    def __init__(self, model: QuickSRNet, plan: Plan, folder: Path) -> None:
        self.model = model.to(memory_format=torch.channels_last)
        self.plan, self.folder, self.step, self.seconds = plan, folder, 0, 0.0
        optimiser = Soap if plan.optimiser == "soap" else torch.optim.Adam
        self.optimiser = optimiser(model.parameters(), lr=plan.learning_rate, betas=(0.9, 0.99))
        self.average = {k: v.detach().clone() for k, v in model.state_dict().items()}
        folder.mkdir(parents=True, exist_ok=True)
        self.checkpoint = folder / "checkpoint.pt"
        if self.checkpoint.exists():
            self._resume()

    def _resume(self) -> None:
        state = torch.load(self.checkpoint)
        if state["plan"].get("optimiser", "adam") != self.plan.optimiser:
            raise SystemExit(f"Expected --optimiser {state['plan'].get('optimiser', 'adam')}, which {self.checkpoint} has")
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.average, self.step, self.seconds = state["average"], state["step"], state["seconds"]
        print(f"resumed at step {self.step}", flush=True)

    def save(self) -> None:
        """Write beside and rename, so that a crash leaves the last good checkpoint."""
        state = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average,
            "step": self.step,
            "seconds": self.seconds,
            "plan": asdict(self.plan),
            "network": {"size": self.model.size, "scale": self.model.scale, "norm": self.model.norm is not None},
        }
        temporary = self.checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        os.replace(temporary, self.checkpoint)

    def averaged_model(self) -> QuickSRNet:
        model = QuickSRNet(self.model.size, self.model.scale, batch_norm=self.model.norm is not None)
        model.load_state_dict(self.average)
        return model.to(memory_format=torch.channels_last).eval()

    def train(self, batches: Batches, monitor: Monitor | None = None) -> QuickSRNet:
        """Run to the end of the plan; returns the averaged model."""
        losses: list[float] = []
        started = time.monotonic()
        if self.step == 0:
            self._report(losses, monitor)
        while self.step < self.plan.steps:
            losses.append(self._train_step(*batches(self.step)))
            self.step += 1
            if self.step % self.plan.monitor_every == 0 or self.step == self.plan.steps:
                now = time.monotonic()
                self.seconds, started = self.seconds + now - started, now
                self._report(losses, monitor)
                self.save()
                losses.clear()
        return self.averaged_model()

    def _train_step(self, low: Tensor, high: Tensor) -> float:
        rate = learning_rate(self.plan, self.step)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.model.train()
        if self.model.norm is not None and self.step >= self.plan.freeze_norm_at * self.plan.steps:
            self.model.norm.eval()
        loss = self._loss(low, high)
        if not math.isfinite(loss.item()):
            raise RuntimeError(f"Expected a finite loss at step {self.step} but got {loss.item()}")
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self._update_average()
        return loss.item()

    def _loss(self, low: Tensor, high: Tensor) -> Tensor:
        """Compared before the pixel shuffle: the same numbers in another order, and no shuffle to undo."""
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.plan.bfloat16):
            loss = self._loss_of(self.model.sub_pixels(low), high)
        if self.plan.int8:
            # Both, or the weights would learn to make up for the rounding alone, and float32 with it.
            loss = (loss + self._loss_of(fake_quantised_sub_pixels(self.model, low), high)) / 2
        return loss

    def _loss_of(self, output: Tensor, high: Tensor) -> Tensor:
        target = F.pixel_unshuffle(high, self.model.scale)
        loss = pixel_loss(output, target, self.plan.loss)
        if self.plan.sharpness or self.plan.statistics:
            picture = F.pixel_shuffle(output.clamp(0, 1), self.model.scale)
            if self.plan.sharpness:
                loss = loss + self.plan.sharpness * F.l1_loss(gradient_energy(picture), gradient_energy(high))
            if self.plan.statistics:
                loss = loss + self.plan.statistics * statistics_loss(picture, high)
                loss = loss + PATTERN_WEIGHT * self.plan.statistics * pattern_loss(picture, high, self.model.scale)
        return loss

    @torch.no_grad()
    def _update_average(self) -> None:
        decay = min(self.plan.average_decay, (1 + self.step) / (10 + self.step))
        for name, value in self.model.state_dict().items():
            if value.is_floating_point():
                self.average[name].lerp_(value, 1 - decay)
            else:
                self.average[name].copy_(value)

    def _report(self, losses: list[float], monitor: Monitor | None) -> None:
        row = {
            "step": float(self.step),
            "seconds": round(self.seconds, 1),
            "rate": learning_rate(self.plan, self.step),
            "loss": sum(losses) / len(losses) if losses else math.nan,
            **(monitor(self.averaged_model()) if monitor else {}),
        }
        log = self.folder / "log.csv"
        fresh = not log.exists()
        with log.open("a", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(row))
            if fresh:
                writer.writeheader()
            writer.writerow(row)
        print("  ".join(f"{k} {v:.6g}" for k, v in row.items()), flush=True)


def pixel_loss(output: Tensor, target: Tensor, kind: str) -> Tensor:
    """Mean difference of two pictures before the pixel shuffle, (N, 3*s*s, H, W)."""
    if kind == "l2":
        return F.mse_loss(output, target)
    absolute = F.l1_loss(output, target)
    if kind == "l1":
        return absolute
    red, green, blue = (output - target).chunk(3, dim=1)
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    return luma.abs().mean() + COLOUR_WEIGHT * absolute


def gradient_energy(picture: Tensor, window: int = 8) -> Tensor:
    """Root mean square of the gradient in half-overlapping windows: (N, 3, H, W) to (N, 1, h, w), 0..1.

    Where a student cannot know where the teacher puts an edge, the mean of the possible ones, which L1 asks for, is
    blur. Energy has no place: it asks for as much sharpness as the teacher gives, wherever the student thinks best.
    (The mean of magnitudes would not do: a blurred edge has the same.)
    """
    grey = picture.mean(dim=1, keepdim=True)
    across = grey[..., :-1, 1:] - grey[..., :-1, :-1]
    down = grey[..., 1:, :-1] - grey[..., :-1, :-1]
    energy = F.avg_pool2d(across**2 + down**2, window, stride=window // 2)
    return torch.sqrt(energy + 1e-5)


def load_averaged(checkpoint: Path) -> QuickSRNet:
    """The averaged model of a checkpoint."""
    state = torch.load(checkpoint, map_location="cpu")
    network = state["network"]
    model = QuickSRNet(network["size"], network["scale"], batch_norm=network["norm"])
    model.load_state_dict(state["average"])
    return model.eval()

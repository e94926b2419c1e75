"""Weights rounded to the int8 grid so that their errors make up for each other (GPTQ, Frantar et al. 2023).

Rounding each weight to the nearest step shifts a layer's output: flat parts of a photo get a little brighter or darker,
which costs 0.1 to 1 dB where a model is good. Here the weights of a layer are rounded one after the other, and what one
rounding does to the output of real photos is taken back by those that are not rounded yet, the bias last, which need not
be. The result lies on the grid that `models/graph/quantise.ts` will find, so that plain rounding there gives the same.
"""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor

from .network import QuickSRNet
from .quantise import ANCHOR_COPIES, LARGEST, pair_sums, round_through, weight_step

DAMPING = 1e-4
MAKE_UP_DAMPING = 1e-4
MOST_STEPS = 16  # that a weight moves; 4 were seen


@torch.no_grad()
def round_to_grid(model: QuickSRNet, low: Tensor) -> None:
    """Rounds every layer in place.

    low: patches of photos with their halo, (N, 3, H, W), 0..1.
    """
    h = exact = low
    *others, last = model.conv
    for conv in others:
        unrounded = copy.deepcopy(conv)
        _round_layer(conv, _make_up(conv, h, exact))
        h, exact = _activations(conv, h), unrounded(exact).clamp(0, 1)
    moments = _make_up(last, h, exact)
    if model.anchor:
        _round_anchored(last, moments)
    else:
        _round_layer(last, moments)


def _make_up(conv: torch.nn.Conv2d, h: Tensor, exact: Tensor) -> Tensor:
    """Changes a layer so that from h, which the rounding of the layers before it has changed, it comes as near as it can
    to what it makes of `exact` (as in Qronos, Zhang et al. 2025). Returns the second moments of h."""
    moments = _second_moments(h, h)
    changes = _second_moments(h, exact) - moments
    rows = torch.cat([conv.weight.flatten(1), conv.bias[:, None]], dim=1).double()
    damped = moments + MAKE_UP_DAMPING * moments.diagonal().mean() * torch.eye(len(moments)).double()
    rows += torch.linalg.solve(damped, changes @ rows.T).T
    conv.weight.copy_(rows[:, :-1].reshape(conv.weight.shape))
    conv.bias.copy_(rows[:, -1])
    return moments


@torch.no_grad()
def grey_layer(model: QuickSRNet, unrounded: QuickSRNet, low: Tensor) -> torch.nn.Conv2d:
    """The last layer for grey pictures, which gives the mean of the colours: (s*s, in, 3, 3), rounded to its grid.

    The mean of rounded kernels lies between the steps, and rounded plainly costs 0.1 to 0.3 dB.

    model: without anchor, rounded.
    unrounded: what it was.
    low: patches of photos with their halo, (N, 3, H, W), 0..1, whose mean over the colours is what the layer learns from.
    """
    last = unrounded.conv[-1]
    grey = torch.nn.Conv2d(last.in_channels, model.scale**2, 3)
    grey.weight.copy_(last.weight.unflatten(0, (3, -1)).mean(0))
    grey.bias.copy_(last.bias.unflatten(0, (3, -1)).mean(0))
    h = round_through(low.mean(1, keepdim=True) * 255).expand(-1, 3, -1, -1) / 255
    exact = h
    for conv, original in zip(model.conv[:-1], unrounded.conv[:-1]):
        h, exact = _activations(conv, h), original(exact).clamp(0, 1)
    _round_layer(grey, _make_up(grey, h, exact))
    return grey


def _activations(conv: torch.nn.Conv2d, h: Tensor) -> Tensor:
    """What 8-bit arithmetic makes of h: bytes, as 0..1."""
    step = weight_step(conv.weight, anchored=False)
    h = F.conv2d(h, round_through(conv.weight / step) * step, conv.bias)
    return round_through(h.clamp(0, 1) * 255) / 255


def _round_layer(conv: torch.nn.Conv2d, moments: Tensor) -> None:
    weight, bias = _rounded(conv, moments, weight_step(conv.weight, anchored=False), LARGEST, _peaks(conv.weight))
    conv.weight.copy_(weight)
    conv.bias.copy_(bias)


def _round_anchored(conv: torch.nn.Conv2d, moments: Tensor) -> None:
    """Rounds the outputs of the finest step. A coarser one follows from the largest pair, which would have to stay as it
    is to the last bit; there are few, and the app rounds them to the nearest."""
    step = weight_step(conv.weight, anchored=True)
    finest = step.view(-1) == step.min()
    if step.min() > 1.001 / (LARGEST * ANCHOR_COPIES):
        return
    # One less than the largest, which float32 could make a coarser step of.
    weight, bias = _rounded(conv, moments, step, LARGEST - 1, None)
    conv.weight[finest] = weight[finest]
    conv.bias[finest] = bias[finest]


def _rounded(
    conv: torch.nn.Conv2d, moments: Tensor, steps: Tensor, largest: int, peaks: tuple[Tensor, Tensor, Tensor] | None
) -> tuple[Tensor, Tensor]:
    """Weight and bias of whole steps.

    moments: of the layer's inputs (`_second_moments`).
    steps: (out, 1, 1, 1).
    largest: how many of them a pair may come to.
    peaks: which weights must fill up their pair, if any must (`_peaks`).
    """
    outputs, area = conv.out_channels, 9
    step = steps.view(outputs)
    rows = torch.cat([conv.weight.reshape(outputs, -1), conv.bias[:, None]], dim=1).double()
    upper = _inverse_factor(moments)
    whole = torch.zeros_like(rows)
    for column in range(rows.shape[1] - 1):
        # What the other of the pair leaves of the range, above 0 and below it.
        other = whole[:, column - area] if (column // area) % 2 else torch.zeros(outputs).double()
        above, below = largest - other.clamp_min(0), largest - (-other).clamp_min(0)
        whole[:, column] = (rows[:, column] / step).round().clamp(-below, above)
        if peaks:
            # The largest pair of a row tells the step to whoever reads the file, so its sum stays where it is.
            sign, first, second = peaks
            rest = torch.where(sign > 0, above, -below)
            whole[:, column] = torch.where((first == column) | (second == column), rest, whole[:, column])
        rounded = whole[:, column] * step
        error = (rows[:, column] - rounded) / upper[column, column]
        rows[:, column:] -= error[:, None] * upper[column, column:]
        rows[:, column] = rounded
    moved = ((rows[:, :-1] - conv.weight.reshape(outputs, -1)).abs() / step[:, None]).max().item()
    if moved > MOST_STEPS:
        raise RuntimeError(f"Expected weights near where they were, but one moved {moved:.0f} steps")
    return rows[:, :-1].reshape(conv.weight.shape).float(), rows[:, -1].float()


def _peaks(weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of each output's largest pair, the sign, and the column that must fill it up: the second where it has that sign,
    else the first. One of the two is -1."""
    outputs, inputs = weight.shape[:2]
    positive, negative = (sums.flatten(1) for sums in pair_sums(weight))
    sign = torch.where(positive.amax(1) >= negative.amax(1), 1, -1)
    place = torch.where(sign[:, None] > 0, positive, negative).argmax(1)
    first = place // 9 * 18 + place % 9
    columns = weight.reshape(outputs, -1)
    second = (first + 9).clamp_max(inputs * 9 - 1)
    filled = (first + 9 < inputs * 9) & (columns.gather(1, second[:, None])[:, 0] * sign > 0)
    dead = columns.abs().amax(1) == 0
    return sign, torch.where(filled | dead, -1, first), torch.where(filled & ~dead, second, -1)


def _second_moments(h: Tensor, other: Tensor) -> Tensor:
    """E[h other^T] of a layer's inputs, 3x3 windows with a 1 for the bias: (in*9 + 1, in*9 + 1), float64."""
    size = h.shape[1] * 9 + 1
    moments, count = torch.zeros(size, size, dtype=torch.float64), 0
    for n in range(0, len(h), 4):
        windows = _windows(h[n : n + 4])
        # Some ten thousand windows at a time are added up in float32, which is twice as fast, those sums in float64.
        moments += (windows.T @ (windows if other is h else _windows(other[n : n + 4]))).double()
        count += len(windows)
    return moments / count


def _windows(h: Tensor) -> Tensor:
    windows = F.unfold(h, 3).transpose(1, 2).flatten(0, 1)
    return torch.cat([windows, torch.ones(len(windows), 1)], dim=1)


def _inverse_factor(moments: Tensor) -> Tensor:
    """The upper Cholesky factor of the inverse; row j tells how the later weights make up for an error of weight j."""
    damping = DAMPING * moments.diagonal().mean()
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(moments + damping * torch.eye(len(moments)).double()))
    return torch.linalg.cholesky((inverse + inverse.T) / 2, upper=True)

"""Weights rounded to the int8 grid so that their errors make up for each other (GPTQ, Frantar et al. 2023).

Rounding each weight to the nearest step shifts a layer's output: flat parts of a photo get a little brighter or darker,
which costs 0.1 to 1 dB where a model is good. Here the weights of a layer are rounded one after the other, and what one
rounding does to the output of real photos is taken back by those that are not rounded yet, the bias last, which need not
be. The result lies on the grid that `models/graph/quantise.ts` will find, so that plain rounding there gives the same.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .network import QuickSRNet
from .quantise import LARGEST, pair_sums, round_through, weight_step

DAMPING = 1e-4
MOST_STEPS = 16  # that a weight moves; 4 were seen


@torch.no_grad()
def round_to_grid(model: QuickSRNet, low: Tensor) -> None:
    """Rounds every layer in place, but a last layer with an anchor, whose grid has rules of its own.

    low: patches of photos with their halo, (N, 3, H, W), 0..1.
    """
    h = low
    *others, last = model.conv
    for conv in others:
        _round_layer(conv, h)
        h = _activations(conv, h)
    if not model.anchor:
        _round_layer(last, h)


@torch.no_grad()
def grey_layer(model: QuickSRNet, last: torch.nn.Conv2d, low: Tensor) -> torch.nn.Conv2d:
    """The last layer for grey pictures, which gives the mean of the colours: (s*s, in, 3, 3), rounded to its grid.

    The mean of rounded kernels lies between the steps, and rounded plainly costs 0.1 to 0.3 dB.

    model: without anchor, all layers but the last already rounded.
    last: its last layer before it was rounded.
    low: patches of photos with their halo, (N, 3, H, W), 0..1, whose mean over the colours is what the layer learns from.
    """
    grey = torch.nn.Conv2d(last.in_channels, model.scale**2, 3)
    grey.weight.copy_(last.weight.unflatten(0, (3, -1)).mean(0))
    grey.bias.copy_(last.bias.unflatten(0, (3, -1)).mean(0))
    h = round_through(low.mean(1, keepdim=True) * 255).expand(-1, 3, -1, -1) / 255
    for conv in model.conv[:-1]:
        h = _activations(conv, h)
    _round_layer(grey, h)
    return grey


def _activations(conv: torch.nn.Conv2d, h: Tensor) -> Tensor:
    """What 8-bit arithmetic makes of h: bytes, as 0..1."""
    step = weight_step(conv.weight, anchored=False)
    h = F.conv2d(h, round_through(conv.weight / step) * step, conv.bias)
    return round_through(h.clamp(0, 1) * 255) / 255


def _round_layer(conv: torch.nn.Conv2d, h: Tensor) -> None:
    outputs, area = conv.out_channels, 9
    step = weight_step(conv.weight, anchored=False).view(outputs)
    rows = torch.cat([conv.weight.reshape(outputs, -1), conv.bias[:, None]], dim=1).double()
    sign, first_peak, second_peak = _peaks(conv.weight)
    upper = _inverse_factor(_second_moments(h))
    whole = torch.zeros_like(rows)
    for column in range(rows.shape[1] - 1):
        # What the other of the pair leaves of the range, above 0 and below it.
        other = whole[:, column - area] if (column // area) % 2 else torch.zeros(outputs).double()
        above, below = LARGEST - other.clamp_min(0), LARGEST - (-other).clamp_min(0)
        whole[:, column] = (rows[:, column] / step).round().clamp(-below, above)
        # The largest pair of a row tells the step to whoever reads the file, so its sum stays where it is.
        rest = torch.where(sign > 0, above, -below)
        whole[:, column] = torch.where((first_peak == column) | (second_peak == column), rest, whole[:, column])
        rounded = whole[:, column] * step
        error = (rows[:, column] - rounded) / upper[column, column]
        rows[:, column:] -= error[:, None] * upper[column, column:]
        rows[:, column] = rounded
    moved = ((rows[:, :-1] - conv.weight.reshape(outputs, -1)).abs() / step[:, None]).max().item()
    if moved > MOST_STEPS:
        raise RuntimeError(f"Expected weights near where they were, but one moved {moved:.0f} steps")
    conv.weight.copy_(rows[:, :-1].reshape(conv.weight.shape))
    conv.bias.copy_(rows[:, -1])


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


def _second_moments(h: Tensor) -> Tensor:
    """Of a layer's inputs, 3x3 windows with a 1 for the bias: (in*9 + 1, in*9 + 1), float64."""
    size = h.shape[1] * 9 + 1
    moments, count = torch.zeros(size, size, dtype=torch.float64), 0
    for picture in h.split(4):
        windows = F.unfold(picture, 3).transpose(1, 2).reshape(-1, size - 1)
        windows = torch.cat([windows, torch.ones(len(windows), 1)], dim=1).double()
        moments += windows.T @ windows
        count += len(windows)
    return moments / count


def _inverse_factor(moments: Tensor) -> Tensor:
    """The upper Cholesky factor of the inverse; row j tells how the later weights make up for an error of weight j."""
    damping = DAMPING * moments.diagonal().mean()
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(moments + damping * torch.eye(len(moments)).double()))
    return torch.linalg.cholesky((inverse + inverse.T) / 2, upper=True)

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
from .quantise import LARGEST, round_through, weight_step

DAMPING = 1e-4


@torch.no_grad()
def round_to_grid(model: QuickSRNet, low: Tensor) -> None:
    """Rounds every layer in place, but a last layer with an anchor, whose grid has rules of its own.

    low: patches of photos with their halo, (N, 3, H, W), 0..1.
    """
    h = low
    for index, conv in enumerate(model.conv):
        is_last = index == len(model.conv) - 1
        if not (is_last and model.anchor):
            _round_layer(conv, h)
        if not is_last:
            step = weight_step(conv.weight, anchored=False)
            h = F.conv2d(h, round_through(conv.weight / step) * step, conv.bias)
            h = round_through(h.clamp(0, 1) * 255) / 255


def _round_layer(conv: torch.nn.Conv2d, h: Tensor) -> None:
    outputs = conv.out_channels
    step = weight_step(conv.weight, anchored=False).view(outputs)
    rows = torch.cat([conv.weight.reshape(outputs, -1), conv.bias[:, None]], dim=1).double()
    # The largest weight of a row tells the step to whoever reads the file, so it stays where it is.
    peak = rows[:, :-1].abs().argmax(dim=1)
    upper = _inverse_factor(_second_moments(h))
    for column in range(rows.shape[1] - 1):
        rounded = (rows[:, column] / step).round().clamp(-LARGEST, LARGEST)
        sign = torch.sign(conv.weight.reshape(outputs, -1)[:, column])
        rounded = torch.where(peak == column, LARGEST * sign, rounded) * step
        error = (rows[:, column] - rounded) / upper[column, column]
        rows[:, column:] -= error[:, None] * upper[column, column:]
        rows[:, column] = rounded
    conv.weight.copy_(rows[:, :-1].reshape(conv.weight.shape))
    conv.bias.copy_(rows[:, -1])


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

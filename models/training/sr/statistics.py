"""Statistics of normalised luminance, differentiable: what NIQE's features are fitted to (Mittal et al. 2013).

Divided by the contrast around it, a faint mottle where the teacher is flat weighs as much as an edge. L1 hardly sees
it, the eye and NIQE do.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

BT601 = (65.481, 128.553, 24.966)
SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1))  # neighbours whose products are compared
WINDOW_PX = 32
PATTERN_WINDOW_PX = 8  # before enlargement


def statistics_loss(picture: Tensor, wanted: Tensor) -> Tensor:
    """Mean difference of the local moments of two pictures (N, 3, H, W), 0..1, at full and at half size."""
    pairs = zip(local_moments(picture), local_moments(wanted))
    return torch.stack([F.l1_loss(one, other) for one, other in pairs]).mean()


def pattern_loss(picture: Tensor, wanted: Tensor, scale: int) -> Tensor:
    """What repeats from source pixel to source pixel and is not wanted: a grid of the period of the scale.

    A network without chance meets the statistics of texture most cheaply with such a grid, and L1 alone leaves a faint
    one too. Each place in the source pixel has its mean of the normalised luminance over 8 x 8 source pixels; in a
    picture without a grid they are alike.
    """
    return F.l1_loss(_place_means(picture, scale), _place_means(wanted, scale))


def _place_means(picture: Tensor, scale: int) -> Tensor:
    places = F.pixel_unshuffle(normalised(luma(picture)), scale)
    means = F.avg_pool2d(places, PATTERN_WINDOW_PX, stride=PATTERN_WINDOW_PX // 2)
    return means - means.mean(dim=1, keepdim=True)


def local_moments(picture: Tensor) -> list[Tensor]:
    """Per scale (N, 10, h, w): mean magnitude and deviation of the normalised luminance, and of products of neighbours
    the deviation left and right of zero, in half-overlapping windows.
    """
    grey = luma(picture)
    return [_moments(grey, WINDOW_PX), _moments(F.avg_pool2d(grey, 2), WINDOW_PX // 2)]


def luma(picture: Tensor) -> Tensor:
    """(N, 3, H, W) in 0..1 to (N, 1, H, W) in 16..235."""
    return sum(weight * channel for weight, channel in zip(BT601, picture.split(1, dim=1))) + 16


def _moments(grey: Tensor, window: int) -> Tensor:
    structure = normalised(grey)
    maps = [structure.abs(), structure**2]
    for down, across in SHIFTS:
        product = structure * torch.roll(structure, (down, across), dims=(2, 3))
        maps += [product.clamp_min(0) ** 2, product.clamp_max(0) ** 2]
    means = F.avg_pool2d(torch.cat(maps, dim=1), window, stride=window // 2)
    # The root of all but the magnitude, so that each is in the units of the luminance; 1e-4 keeps its slope finite.
    return torch.cat([means[:, :1], torch.sqrt(means[:, 1:] + 1e-4)], dim=1)


def normalised(grey: Tensor) -> Tensor:
    """(g - mean) / (deviation + 1), by a Gaussian window of 7 px, deviation 7/6; g in 16..235."""
    mean = _blur(grey)
    variance = (_blur(grey**2) - mean**2).clamp_min(0)
    return (grey - mean) / (torch.sqrt(variance + 1e-4) + 1)


def _blur(grey: Tensor) -> Tensor:
    offsets = torch.arange(-3, 4, dtype=grey.dtype)
    taps = torch.exp(-(offsets**2) / (2 * (7 / 6) ** 2))
    taps = taps / taps.sum()
    padded = F.pad(grey, [3] * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, taps.view(1, 1, 7, 1)), taps.view(1, 1, 1, 7))

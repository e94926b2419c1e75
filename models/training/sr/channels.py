"""Channels made ready for bytes: what rounding hurts most goes twice.

It leaves float32 as it was and takes nothing at run time.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .network import QuickSRNet

BYTE = 1 / 255
LESSONS = 16  # patches on which the harm of rounding is measured
PART = 8  # patches at a time, since a wide layer of all of them would take gigabytes


@torch.no_grad()
def split_channels(model: QuickSRNet, low: Tensor) -> None:
    """Fills channels that lie idle with second copies of others, in place (after Zhao et al. 2019, channel splitting).

    Without an anchor three channels carry the picture from layer to layer, and each layer rounds it to bytes again: nearly
    all that 8 bits cost S and M. Of n copies, stored 1/n of a byte apart, the mean is what one copy in steps of 1/n would
    be. Some channels end up unused in training.

    low: patches of photos with their halo, (N, 3, H, W), 0..1; a channel is idle where it never comes to half a byte.
    """
    h = low
    for index, (conv, following) in enumerate(zip(model.conv, model.conv[1:])):
        idle = (_highest(conv, h) < BYTE / 2).nonzero()[:, 0].tolist()
        if idle:
            harm = _harm(model, index + 1, _apply(conv, h[:LESSONS]))
            _fill(conv, following, idle, harm)
        h = _apply(conv, h)


def _apply(conv: nn.Conv2d, h: Tensor) -> Tensor:
    return torch.cat([conv(part).clamp(0, 1) for part in h.split(PART)])


def _highest(conv: nn.Conv2d, h: Tensor) -> Tensor:
    """The highest value of each channel, (out,)."""
    return torch.stack([conv(part).amax(dim=(0, 2, 3)) for part in h.split(PART)]).amax(0)


def _harm(model: QuickSRNet, start: int, h: Tensor) -> list[float]:
    """What rounding one channel of h alone, the input of layer `start`, does to the output: mean square, by channel."""

    def output(x: Tensor) -> Tensor:
        for conv in model.conv[start:-1]:
            x = conv(x).clamp(0, 1)
        return model.conv[-1](x)

    exact, harm = output(h), []
    for channel in range(h.shape[1]):
        rounded = h.clone()
        rounded[:, channel] = (rounded[:, channel] / BYTE).round() * BYTE
        harm.append(float((output(rounded) - exact).square().mean()))
    return harm


def _fill(conv: nn.Conv2d, following: nn.Conv2d, idle: list[int], harm: list[float]) -> None:
    """Gives each idle channel to the one that a further copy helps most; the error falls with the square of the copies."""
    copies = {channel: [channel] for channel in range(len(harm)) if channel not in idle}
    for channel in idle:
        worst = max(copies, key=lambda c: harm[c] * (len(copies[c]) ** -2 - (len(copies[c]) + 1) ** -2))
        copies[worst].append(channel)
    for channel, places in copies.items():
        count = len(places)
        share = following.weight[:, channel] / count
        for index, place in enumerate(places):
            conv.weight[place] = conv.weight[channel]
            conv.bias[place] = conv.bias[channel] + (index / count * BYTE if index else 0)
            following.weight[:, place] = share
        # The copies' mean lies this much higher.
        following.bias -= share.sum(dim=(1, 2)) * (count - 1) / 2 * BYTE

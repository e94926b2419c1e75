"""QuickSRNet (Berger et al., CVPR Workshops 2023): plain 3x3 convolutions, clipped ReLU, sub-pixel output.

Tensors are NCHW float32, RGB, 0..1. A model of scale `s` maps (N, 3, H, W) to (N, 3, H*s, W*s).

No convolution pads. The app gives each tile its true surroundings, and beyond the edge of a photo their mirror, so
that is what the model learns from and is measured with; a zero that stands for "nothing there" it never meets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Init = Literal["identity", "plain"]
# A picture (N, C, H, W), its convolution, whether to clip to 0..1: (N, K, H - 2, W - 2).
Convolution = Callable[[Tensor, nn.Conv2d, bool], Tensor]


@dataclass(frozen=True)
class Size:
    """Width, depth and skip of one member of the family."""

    channels: int
    hidden: int  # convolutions between the first and the last
    anchor: bool  # add the input, channels repeated, before the pixel shuffle (ABPN, Du et al. 2021)

    @property
    def halo(self) -> int:
        """Pixels on each side that an output pixel sees: one a convolution."""
        return self.hidden + 2


SIZES: dict[str, Size] = {
    "S": Size(channels=32, hidden=2, anchor=False),
    "M": Size(channels=32, hidden=5, anchor=False),
    "L": Size(channels=64, hidden=11, anchor=True),
}


class QuickSRNet(nn.Module):
    """The network, with its parameters named as they are stored: `conv.N.weight`, `conv.N.bias`."""

    def __init__(self, size: str, scale: int, init: Init = "identity", batch_norm: bool = False) -> None:
        super().__init__()
        self.size, self.scale = size, scale
        self.anchor, self.halo = SIZES[size].anchor, SIZES[size].halo
        self.convolution: Convolution = plain_convolution
        widths = [3] + [SIZES[size].channels] * (SIZES[size].hidden + 1) + [3 * scale * scale]
        self.conv = nn.ModuleList(nn.Conv2d(a, b, 3) for a, b in zip(widths, widths[1:]))
        # Batch norm sits between a convolution and its clip; the last convolution has none.
        self.norm = nn.ModuleList(nn.BatchNorm2d(b) for b in widths[1:-1]) if batch_norm else None
        if init == "identity":
            self._initialise_identity()
        for norm in self.norm or []:
            # Centred in the clip's range; the default (mean 0, deviation 1) would clip two values of three.
            nn.init.constant_(norm.weight, 0.25)
            nn.init.constant_(norm.bias, 0.5)

    @torch.no_grad()
    def _initialise_identity(self) -> None:
        """Put the residual connections into the kernels: y = f(x) + x is f's kernel plus 1 at its centre.

        (SESR, Bhardwaj et al. 2022; QuickSRNet.) Hidden kernels start at 0.1 of the default noise, so that
        the signal passes almost untouched. With an anchor the last layer starts near zero, because the
        anchor already is the picture; without one it starts by repeating the first three channels.
        """
        first, *hidden, last = self.conv
        for channel in range(3):
            first.weight[channel, channel, 1, 1] += 1.0
        for conv in hidden:
            conv.weight.mul_(0.1)
            conv.bias.mul_(0.1)
            for channel in range(conv.out_channels):
                conv.weight[channel, channel, 1, 1] += 1.0
        last.weight.mul_(0.1)
        last.bias.mul_(0.1)
        if not self.anchor:
            repeat = self.scale**2
            for channel in range(last.out_channels):
                last.weight[channel, channel // repeat, 1, 1] += 1.0

    def sub_pixels(self, x: Tensor) -> Tensor:
        """Unclipped output before the pixel shuffle, of a picture with `halo` pixels around it.

        (N, 3, H + 2*halo, W + 2*halo) to (N, 3*s*s, H, W), channel order c, y, x.
        """
        h = x
        for index, conv in enumerate(self.conv[:-1]):
            if self.norm is not None:
                h = self.norm[index](conv(h)).clamp(0, 1)
            else:
                h = self.convolution(h, conv, True)
        residual = self.convolution(h, self.conv[-1], False).float()
        return residual + repeat_anchor(without_halo(x, self.halo), self.scale) if self.anchor else residual

    def forward(self, x: Tensor) -> Tensor:
        """A whole picture, its mirror around it: (N, 3, H, W) to (N, 3, H*s, W*s)."""
        surrounded = F.pad(x, [self.halo] * 4, mode="reflect")
        return F.pixel_shuffle(self.sub_pixels(surrounded).clamp(0, 1), self.scale)


def plain_convolution(x: Tensor, conv: nn.Conv2d, clip: bool) -> Tensor:
    return conv(x).clamp(0, 1) if clip else conv(x)


def without_halo(x: Tensor, halo: int) -> Tensor:
    return x[..., halo:-halo, halo:-halo]


def repeat_anchor(x: Tensor, scale: int) -> Tensor:
    """(N, 3, H, W) to (N, 3*s*s, H, W): each channel s*s times, which is nearest-neighbour enlargement."""
    return x.repeat_interleave(scale * scale, dim=1)


def parameter_count(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())

"""8-bit arithmetic of the shipped graph: simulated with gradients for fine-tuning, exact for evaluation.

Mirrors `models/graph/int8-graph.ts`. Every activation is clipped to 0..1, so it is stored as uint8 with scale 1/255
and zero point 0, and the input pixels already are the first quantised tensor. Weights are int8, symmetric, with one
step per output channel: the largest pair / 127 (`pair_sums`). With an anchor, the last convolution sees the input
beside its features, so that anchor and residual are summed in 32 bits and rounded once; there the step is 1/n with a
whole n, so that n steps are the pixel itself.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .network import QuickSRNet, repeat_anchor, without_halo

LARGEST = 127
ANCHOR_COPIES = 4  # of the input, over which n is spread, since one weight holds 127


def round_through(x: Tensor) -> Tensor:
    """Round half to even, with the gradient of the identity (straight-through, Bengio et al. 2013)."""
    return x + (x.round() - x).detach()


def pair_sums(weight: Tensor) -> tuple[Tensor, Tensor]:
    """(out, in, 3, 3) to what is positive and what is negative in each pair of inputs, two of (out, in / 2, 3, 3)."""
    if weight.shape[1] % 2:
        weight = F.pad(weight, [0, 0, 0, 0, 0, 1])
    pairs = weight.unflatten(1, (-1, 2))
    return pairs.clamp_min(0).sum(2), (-pairs).clamp_min(0).sum(2)


def weight_step(weight: Tensor, anchored: bool) -> Tensor:
    """(out, in, 3, 3) to (out, 1, 1, 1), float32."""
    largest = torch.maximum(*pair_sums(weight.detach())).amax(dim=(1, 2, 3)).view(-1, 1, 1, 1).clamp_min(1e-8)
    if anchored:
        # In float64, as JavaScript divides.
        return 1 / torch.floor(LARGEST / largest.double()).clamp(1, LARGEST * ANCHOR_COPIES).float()
    return largest / LARGEST


def fake_quantised_sub_pixels(model: QuickSRNet, x: Tensor) -> Tensor:
    """`model.sub_pixels(x).clamp(0, 1)` as 8-bit arithmetic computes it, differentiable; without batch norm."""
    h, last = x, len(model.conv) - 1
    for index, conv in enumerate(model.conv):
        step = weight_step(conv.weight, model.anchor and index == last)
        h = F.conv2d(h, round_through(conv.weight / step) * step, conv.bias)
        if index == last and model.anchor:
            h = h + repeat_anchor(without_halo(x, model.halo), model.scale)
        h = round_through(h.clamp(0, 1) * 255) / 255
    return h


class IntegerModel:
    """The int8 graph, computed with integers held in float32 (sums stay below 2^24, so they are exact)."""

    def __init__(self, model: QuickSRNet) -> None:
        if model.norm is not None:
            raise ValueError("Expected folded batch norm: export the model first")
        self.scale, self.anchor, self.halo = model.scale, model.anchor, model.halo
        self.layers: list[tuple[Tensor, Tensor, Tensor]] = []
        for index, conv in enumerate(model.conv):
            weight = conv.weight.detach()
            step = weight_step(weight, self.anchor and index == len(model.conv) - 1)
            integers = _round_half_up(weight.double() / step).clamp(-LARGEST, LARGEST)
            # Biases are in bytes: convolution and clip commute with the factor of 255.
            white = (conv.bias.detach() * 255)[None, :, None, None]
            step = step.view(1, -1, 1, 1)
            self.layers.append((integers.float(), _round_half_up(white.double() / step).float(), step))

    @torch.no_grad()
    def __call__(self, low: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 to (H*s, W*s, 3) uint8."""
        pixels = torch.from_numpy(np.array(low, order="C")).permute(2, 0, 1)[None].float()
        h, last = F.pad(pixels, [self.halo] * 4, mode="reflect"), len(self.layers) - 1
        for index, (weight, bias, step) in enumerate(self.layers):
            h = F.conv2d(h, weight) + bias
            if index == last and self.anchor:
                h = h + repeat_anchor(pixels, self.scale) * torch.round(1 / step)
            h = (h * step).round().clamp(0, 255)
        return F.pixel_shuffle(h, self.scale)[0].byte().permute(1, 2, 0).numpy()


def _round_half_up(x: Tensor) -> Tensor:
    """As JavaScript rounds, which quantises the weights of the app."""
    return torch.floor(x + 0.5)

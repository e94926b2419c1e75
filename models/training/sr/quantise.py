"""8-bit arithmetic of the shipped graph: simulated with gradients for fine-tuning, exact for evaluation.

Every activation is clipped to 0..1, so it is stored as uint8 with scale 1/255 and zero point 0, and the input
pixels already are the first quantised tensor. Weights are int8, symmetric, one scale per output channel
(largest magnitude / 127). The residual before the anchor is uint8 with zero point 128 and scale
`2 * range / 255`; `range` comes from measurement and is stored with the weights. See models/training/README.md.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .network import QuickSRNet, repeat_anchor

ZERO_POINT = 128
DEFAULT_RANGE = 0.75


def round_through(x: Tensor) -> Tensor:
    """Round half to even, with the gradient of the identity (straight-through, Bengio et al. 2013)."""
    return x + (x.round() - x).detach()


def weight_scale(weight: Tensor) -> Tensor:
    """(out, in, 3, 3) to (out, 1, 1, 1)."""
    return weight.detach().abs().amax(dim=(1, 2, 3), keepdim=True).clamp_min(1e-8) / 127


def fake_quantised_sub_pixels(model: QuickSRNet, x: Tensor, residual_range: float) -> Tensor:
    """`model.sub_pixels(x).clamp(0, 1)` as 8-bit arithmetic computes it, differentiable, batch norm folded."""
    h, last = x, len(model.conv) - 1
    for index, conv in enumerate(model.conv):
        scale = weight_scale(conv.weight)
        h = F.conv2d(h, round_through(conv.weight / scale) * scale, conv.bias, padding=1)
        if index < last or not model.anchor:
            h = round_through(h.clamp(0, 1) * 255) / 255
    if not model.anchor:
        return h
    step = 2 * residual_range / 255
    residual = round_through((h / step).clamp(-ZERO_POINT, 255 - ZERO_POINT)) * step
    return round_through((residual + repeat_anchor(x, model.scale)).clamp(0, 1) * 255) / 255


class IntegerModel:
    """The int8 graph, computed with integers held in float32 (sums stay below 2^24, so they are exact)."""

    def __init__(self, model: QuickSRNet, residual_range: float) -> None:
        if model.norm is not None:
            raise ValueError("Expected folded batch norm: export the model first")
        self.scale, self.anchor = model.scale, model.anchor
        pixel = np.float32(1 / 255)
        self.step = np.float32(2 * residual_range / 255)
        self.layers: list[tuple[Tensor, Tensor, Tensor]] = []
        self.saturated = self.total = 0  # residual values that met the end of their range
        for index, conv in enumerate(model.conv):
            output_scale = self.step if self.anchor and index == len(model.conv) - 1 else pixel
            weight = conv.weight.detach()
            scale = weight_scale(weight)
            accumulator_scale = scale.flatten().numpy() * pixel
            bias = np.rint(conv.bias.detach().numpy().astype(np.float64) / accumulator_scale)
            multiplier = (accumulator_scale / output_scale).astype(np.float32)
            integers = (weight / scale).round().clamp(-127, 127)
            self.layers.append((integers, _channels(bias.astype(np.float32)), _channels(multiplier)))

    @torch.no_grad()
    def __call__(self, low: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 to (H*s, W*s, 3) uint8."""
        pixels = torch.from_numpy(np.array(low, order="C")).permute(2, 0, 1)[None].float()
        h = pixels
        for weight, bias, multiplier in self.layers[:-1]:
            h = ((F.conv2d(h, weight, padding=1) + bias) * multiplier).round().clamp(0, 255)
        weight, bias, multiplier = self.layers[-1]
        h = ((F.conv2d(h, weight, padding=1) + bias) * multiplier).round()
        if self.anchor:
            residual = h.clamp(-ZERO_POINT, 255 - ZERO_POINT)
            self.saturated += int((residual != h).sum())
            self.total += h.numel()
            h = (residual * float(self.step * np.float32(255)) + repeat_anchor(pixels, self.scale)).round()
        return F.pixel_shuffle(h.clamp(0, 255), self.scale)[0].byte().permute(1, 2, 0).numpy()


def _channels(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values)[None, :, None, None]

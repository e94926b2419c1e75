"""Convolutions by Winograd's F(4x4, 3x3) on the processor: the same network, trained several times as fast.

PyTorch has no such kernels for processors. These are compiled at first use (g++, and ninja or not) and kept in torch's
own cache; the rest of training does not need them. `python3 -m sr.winograd` compares them with PyTorch's and times both.
"""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .network import plain_convolution

# Lavin and Gray 2016 (arXiv:1509.09308), section 4.3: the transform of a kernel is G g Gᵀ.
G = torch.tensor([[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
                  [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]])  # fmt: skip
GG = torch.kron(G, G)  # of the nine numbers of a kernel at once


@lru_cache
def kernels() -> ModuleType:
    from torch.utils import cpp_extension

    source = Path(__file__).with_name("winograd.cpp")
    flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp"]
    return cpp_extension.load("tessera_winograd", [str(source)], extra_cflags=flags, extra_ldflags=["-fopenmp"])


def clipped_convolution(x: Tensor, conv: nn.Conv2d, clip: bool) -> Tensor:
    """`conv` of x (N, C, H, W), clipped to 0..1 if asked: (N, K, H - 2, W - 2). Any C and K; float32."""
    inputs, outputs = _up_to(conv.in_channels, 16), _up_to(conv.out_channels, 16)
    weight = F.pad(conv.weight, (0, 0, 0, 0, 0, inputs, 0, outputs))
    y = _Convolution.apply(F.pad(x, (0, 0, 0, 0, 0, inputs)) if inputs else x, weight, F.pad(conv.bias, (0, outputs)), clip)
    return y[:, : conv.out_channels] if outputs else y


def _up_to(count: int, multiple: int) -> int:
    """How many are missing to the next multiple."""
    return -count % multiple


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor, clip: bool) -> Tensor:  # type: ignore[override]
        x = _last(x)
        y = kernels().forward(x, _transformed(weight), bias.contiguous(), clip)
        ctx.save_for_backward(x, weight, y)
        ctx.clip = clip
        return y.permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx, gradient: Tensor):  # type: ignore[override]
        x, weight, y = ctx.saved_tensors
        gradient = _last(gradient)
        by_x = None
        if ctx.needs_input_grad[0]:
            # Each pixel's gradient is a convolution too: by the kernels turned around, over the gradients and zeros.
            turned = _transformed(weight.flip(2, 3).transpose(0, 1))
            by_x = kernels().backward_input(gradient, y, turned, ctx.clip).permute(0, 3, 1, 2)
        by_weight, by_bias = kernels().backward_weights(x, gradient, y, ctx.clip)
        by_weight = (GG.T @ by_weight.reshape(36, -1)).reshape(3, 3, *weight.shape[1::-1]).permute(3, 2, 0, 1)
        return by_x, by_weight, by_bias, None


def _last(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1).contiguous()


def _transformed(weight: Tensor) -> Tensor:
    """(K, C, 3, 3) to (36, C, K)."""
    return (GG @ weight.permute(2, 3, 1, 0).reshape(9, -1)).reshape(36, *weight.shape[1::-1])


GREATEST_DIFFERENCE = 1e-3  # in sums over 44,000 pixels, float32


def _compare(channels: int, outputs: int) -> None:
    torch.manual_seed(1)
    conv = nn.Conv2d(channels, outputs, 3)
    x = torch.rand(16, channels, 55, 58).to(memory_format=torch.channels_last)
    with torch.no_grad():
        unclipped = plain_convolution(x, conv, False)
    # Beside the clip's edges rounding alone decides whether a gradient passes, so nothing is asked of outputs there.
    sure = torch.minimum(unclipped.abs(), (unclipped - 1).abs()) > 1e-5
    asked = torch.linspace(-1, 1, unclipped.numel()).reshape(unclipped.shape) * sure
    answers = []
    for convolution in (plain_convolution, clipped_convolution):
        source = x.clone().requires_grad_()
        spent = []
        for _ in range(4):
            conv.weight.grad = conv.bias.grad = source.grad = None
            started = time.monotonic()
            y = convolution(source, conv, True)
            (y * asked).sum().backward()
            spent.append(time.monotonic() - started)
        answers.append((y, source.grad, conv.weight.grad, conv.bias.grad))
        print(f"{channels} to {outputs}, {convolution.__name__}: {min(spent) * 1000:.0f} ms")
    for name, a, b in zip(("output", "by input", "by weight", "by bias"), *answers):
        difference = ((a - b).abs().max() / a.abs().max()).item()
        print(f"  {name}: greatest difference {difference:.1e} of the greatest value")
        if difference > GREATEST_DIFFERENCE:
            raise SystemExit(f"Expected at most {GREATEST_DIFFERENCE} of the greatest value")


if __name__ == "__main__":
    for shape in ((3, 64), (64, 64), (32, 32), (64, 27)):
        _compare(*shape)

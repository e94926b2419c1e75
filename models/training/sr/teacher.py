"""A teacher read from ncnn files: the compact generator of Real-ESRGAN (SRVGGNetCompact, Wang et al. 2021).

`.param` is text, a layer a line. In `.bin` each convolution has a 32-bit flag, its weights (out, in, k, k) and a
float32 bias; a PReLU has float32 slopes. Flag 0x01306B47 means float16 weights padded to 4 bytes, 0 float32.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

HALF_FLAG = 0x01306B47


class CompactTeacher:
    """Convolutions and PReLUs, then pixel shuffle x4 plus the nearest-neighbour enlargement of the input."""

    def __init__(self, param: Path) -> None:
        lines = [line.split() for line in param.read_text().splitlines()[2:]]
        reader = _Reader(param.with_suffix(".bin").read_bytes())
        self.convolutions: list[tuple[Tensor, Tensor]] = []
        self.slopes: list[Tensor] = []
        for kind, *fields in lines:
            values = dict(f.split("=") for f in fields if "=" in f)
            if kind == "Convolution":
                self.convolutions.append(reader.convolution(int(values["0"]), int(values["1"]), int(values["6"])))
            elif kind == "PReLU":
                self.slopes.append(reader.floats(int(values["0"])))
            elif kind not in {"Input", "Split", "PixelShuffle", "Interp", "BinaryOp"}:
                raise SystemExit(f"Expected a compact generator in {param} but received a layer {kind}")
        if reader.left:
            raise SystemExit(f"Expected the end of {param.with_suffix('.bin')} but {reader.left} bytes follow")
        self.scale = 4

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, 3, 4H, 4W), 0..1."""
        h = x
        for index, (weight, bias) in enumerate(self.convolutions):
            h = F.conv2d(h, weight, bias, padding=1)
            if index < len(self.slopes):
                h = F.prelu(h, self.slopes[index].to(h.dtype))
        enlarged = F.interpolate(x, scale_factor=self.scale, mode="nearest")
        return (F.pixel_shuffle(h.float(), self.scale) + enlarged).clamp(0, 1)


class _Reader:
    def __init__(self, blob: bytes) -> None:
        self.blob, self.at = blob, 0

    @property
    def left(self) -> int:
        return len(self.blob) - self.at

    def _take(self, dtype: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.blob, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def floats(self, count: int) -> Tensor:
        return torch.from_numpy(self._take("<f4", count).copy())

    def convolution(self, out: int, kernel: int, count: int) -> tuple[Tensor, Tensor]:
        flag = int(self._take("<u4", 1)[0])
        if flag not in (HALF_FLAG, 0):
            raise SystemExit(f"Expected float16 or float32 weights but received flag {flag:#x}")
        weight = self._take("<f2" if flag else "<f4", count).astype(np.float32)
        self.at += -self.at % 4
        shaped = torch.from_numpy(weight).reshape(out, -1, kernel, kernel)
        return shaped.contiguous(memory_format=torch.channels_last), self.floats(out)

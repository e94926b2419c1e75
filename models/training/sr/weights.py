"""Models as safetensors files, and models that start from another one."""

from __future__ import annotations

from pathlib import Path

import torch

from . import safetensors
from .network import QuickSRNet


def load_model(path: Path) -> tuple[QuickSRNet, dict[str, str]]:
    """A model and its metadata; its layer for grey pictures is the app's alone."""
    tensors, metadata = safetensors.read(path)
    model = QuickSRNet(metadata["size"], int(metadata["scale"]))
    model.load_state_dict({k: torch.from_numpy(v) for k, v in tensors.items() if not k.startswith("grey.")})
    return model.eval(), metadata


@torch.no_grad()
def start_from(model: QuickSRNet, source: QuickSRNet) -> None:
    """Copy what fits. Across scales all layers but the last are the same shape, and the last is resampled."""
    if source.size != model.size:
        raise SystemExit(f"Expected a start of size {model.size} but received {source.size}")
    for own, other in zip(model.conv[:-1], source.conv[:-1]):
        own.load_state_dict(other.state_dict())
    last, other = model.conv[-1], source.conv[-1]
    if model.scale == source.scale:
        last.load_state_dict(other.state_dict())
        return
    # Each sub-pixel's kernel is a sample of a smooth function of its place in the pixel: interpolate it there.
    weight = other.weight.reshape(3, source.scale, source.scale, -1).permute(0, 3, 1, 2)
    bias = other.bias.reshape(3, 1, source.scale, source.scale)
    size = (model.scale, model.scale)
    weight = torch.nn.functional.interpolate(weight, size, mode="bilinear", align_corners=False)
    bias = torch.nn.functional.interpolate(bias, size, mode="bilinear", align_corners=False)
    last.weight.copy_(weight.permute(0, 2, 3, 1).reshape(last.weight.shape))
    last.bias.copy_(bias.reshape(last.bias.shape))

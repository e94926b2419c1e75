"""Conv + batch norm as one convolution."""

from __future__ import annotations

import torch

from .network import QuickSRNet


@torch.no_grad()
def fold_batch_norm(model: QuickSRNet) -> QuickSRNet:
    """A model without batch norm that computes what `model` computes in evaluation mode.

    norm(conv(x)) = g (Wx + b - mean) / sqrt(var + eps) + beta.
    """
    folded = QuickSRNet(model.size, model.scale)
    for index, (target, conv) in enumerate(zip(folded.conv, model.conv)):
        target.load_state_dict(conv.state_dict())
        if model.norm is not None and index < len(model.norm):
            norm = model.norm[index]
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            target.weight.mul_(gain[:, None, None, None])
            target.bias.sub_(norm.running_mean).mul_(gain).add_(norm.bias)
    return folded.eval()

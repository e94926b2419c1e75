"""SOAP (Vyas et al. 2024, arXiv:2409.11321): Adam in the eigenbasis of Shampoo's preconditioner.

A kernel (out, in, 3, 3) is taken as a matrix (out, in*9). Running means of G Gᵀ and Gᵀ G give two rotations under which
its gradient's parts are least correlated; there Adam's step for each part alone is nearly right. The network is narrow
(64 channels at most), so that the rotations cost little beside the convolutions, and a step goes far further than
Adam's: see "Choices" in ../README.md. Biases are left to Adam.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import Parameter

EPSILON = 1e-8


class Soap(torch.optim.Optimizer):
    """Takes the place of `torch.optim.Adam`; its state is tensors and counts, so that it can be saved and resumed."""

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.99),
        basis_decay: float = 0.95,
        basis_every: int = 10,
    ) -> None:
        """
        basis_decay: of the running means that the rotations come from.
        basis_every: steps from one renewal of the rotations to the next.
        """
        super().__init__(parameters, {"lr": lr, "betas": betas, "basis_decay": basis_decay, "basis_every": basis_every})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                gradient = parameter.grad.reshape(parameter.shape[0], -1) if parameter.ndim == 4 else parameter.grad
                state = self.state[parameter]
                if not state:
                    _begin(state, gradient)
                    if "left" in state:
                        continue  # the first gradient only tells the basis
                change = _adam_in_basis(state, gradient, group["betas"])
                parameter.add_(change.reshape(parameter.shape), alpha=-group["lr"])
                if "left" in state:
                    _follow(state, gradient, group["basis_decay"], renew=state["step"] % group["basis_every"] == 0)


def _begin(state: dict[str, object], gradient: Tensor) -> None:
    state.update(step=0, mean=torch.zeros_like(gradient), square=torch.zeros_like(gradient))
    if gradient.ndim == 2:
        left, right = gradient @ gradient.T, gradient.T @ gradient
        state.update(left=left, right=right, left_basis=_eigenbasis(left), right_basis=_eigenbasis(right))


def _eigenbasis(matrix: Tensor) -> Tensor:
    # A little of the identity: half of the directions may be empty after one gradient.
    return torch.linalg.eigh(matrix + 1e-12 * torch.eye(len(matrix)))[1]


def _adam_in_basis(state: dict[str, object], gradient: Tensor, betas: tuple[float, float]) -> Tensor:
    """The step of one parameter before the learning rate. The first moment is kept in the parameter's own axes."""
    state["step"] += 1
    state["mean"].lerp_(gradient, 1 - betas[0])
    rotated, mean = _rotate(state, gradient), _rotate(state, state["mean"])
    state["square"].lerp_(rotated * rotated, 1 - betas[1])
    unbiased = mean / (1 - betas[0] ** state["step"])
    scale = (state["square"] / (1 - betas[1] ** state["step"])).sqrt() + EPSILON
    return _rotate_back(state, unbiased / scale)


def _rotate(state: dict[str, object], matrix: Tensor) -> Tensor:
    return state["left_basis"].T @ matrix @ state["right_basis"] if "left" in state else matrix


def _rotate_back(state: dict[str, object], matrix: Tensor) -> Tensor:
    return state["left_basis"] @ matrix @ state["right_basis"].T if "left" in state else matrix


def _follow(state: dict[str, object], gradient: Tensor, decay: float, renew: bool) -> None:
    """Lets the basis follow the gradients: one step of the power method, made orthogonal again, as in the paper."""
    state["left"].lerp_(gradient @ gradient.T, 1 - decay)
    state["right"].lerp_(gradient.T @ gradient, 1 - decay)
    if renew:
        state["left_basis"] = torch.linalg.qr(state["left"] @ state["left_basis"])[0]
        state["right_basis"] = torch.linalg.qr(state["right"] @ state["right_basis"])[0]

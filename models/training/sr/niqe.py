"""NIQE (Mittal, Soundararajan, Bovik 2013): distance of a picture's local statistics from those of pristine photos.

Lower is better. The pristine model is the app's own (`main/engine/quality/pristine.json`), or one in the format that
the authors publish: an .npz file with `mu_pris_param` and `cov_pris_param`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .metrics import luma

BLOCK_PX = 96
FEATURES = 36
SHAPES = np.arange(0.2, 10.001, 0.001)
GAMMA_1 = np.array([math.gamma(1 / s) for s in SHAPES])
GAMMA_2 = np.array([math.gamma(2 / s) for s in SHAPES])
GAMMA_3 = np.array([math.gamma(3 / s) for s in SHAPES])
RATIOS = GAMMA_2**2 / (GAMMA_1 * GAMMA_3)
SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1))  # neighbours whose products are fitted


@dataclass(frozen=True)
class Pristine:
    mean: np.ndarray  # (36,)
    covariance: np.ndarray  # (36, 36)
    window: np.ndarray  # (7, 7)


OWN_PRISTINE = Path(__file__).parents[3] / "main/engine/quality/pristine.json"


def load_pristine(path: Path = OWN_PRISTINE) -> Pristine:
    if path.suffix == ".json":
        fitted = json.loads(path.read_text())
        return Pristine(np.array(fitted["mean"]), _from_triangle(fitted["covariance"]), gaussian_window())
    with np.load(path) as file:
        return Pristine(file["mu_pris_param"].ravel(), file["cov_pris_param"], gaussian_window())


def _from_triangle(values: list[float]) -> np.ndarray:
    """A symmetric matrix from its lower triangle, row by row."""
    matrix = np.zeros((FEATURES, FEATURES))
    rows, columns = np.tril_indices(FEATURES)
    matrix[rows, columns] = matrix[columns, rows] = values
    return matrix


def gaussian_window() -> np.ndarray:
    """7 x 7, deviation 7/6, sum 1."""
    taps = np.exp(-((np.arange(7) - 3) ** 2) / (2 * (7 / 6) ** 2))
    window = np.outer(taps, taps)
    return window / window.sum()


def niqe(image: np.ndarray, pristine: Pristine) -> float:
    """Of (H, W, 3) RGB uint8, at least 96 px each way; a part block at the right and bottom is left out."""
    grey = np.rint(luma(image))
    rows, columns = grey.shape[0] // BLOCK_PX, grey.shape[1] // BLOCK_PX
    grey = grey[: rows * BLOCK_PX, : columns * BLOCK_PX]
    scales = [_features(grey, BLOCK_PX, pristine.window), _features(halve(grey), BLOCK_PX // 2, pristine.window)]
    features = np.concatenate(scales, axis=1)
    mean = np.nanmean(features, axis=0)
    complete = features[~np.isnan(features).any(axis=1)]
    covariance = (pristine.covariance + np.cov(complete, rowvar=False)) / 2
    difference = pristine.mean - mean
    return float(np.sqrt(difference @ np.linalg.pinv(covariance) @ difference))


def _features(grey: np.ndarray, block: int, window: np.ndarray) -> np.ndarray:
    """(blocks, 18): shape and width of the normalised luminance, and of the products of its neighbours."""
    mean = _filter(grey, window)
    deviation = np.sqrt(np.abs(_filter(grey**2, window) - mean**2))
    structure = (grey - mean) / (deviation + 1)
    blocks = []
    for y in range(0, grey.shape[0], block):
        for x in range(0, grey.shape[1], block):
            blocks.append(_block_features(structure[y : y + block, x : x + block]))
    return np.array(blocks)


def _block_features(block: np.ndarray) -> list[float]:
    shape, left, right = fit_generalised_gaussian(block)
    features = [shape, (left + right) / 2]
    for shift in SHIFTS:
        shape, left, right = fit_generalised_gaussian(block * np.roll(block, shift, axis=(0, 1)))
        mean = (right - left) * math.gamma(2 / shape) / math.gamma(1 / shape)
        features += [shape, mean, left, right]
    return features


def fit_generalised_gaussian(values: np.ndarray) -> tuple[float, float, float]:
    """Shape, left and right width of an asymmetric generalised Gaussian, by moments."""
    negative, positive = values[values < 0], values[values > 0]
    with np.errstate(invalid="ignore"):
        left = math.sqrt(np.mean(negative**2)) if negative.size else math.nan
        right = math.sqrt(np.mean(positive**2)) if positive.size else math.nan
    gain = left / right
    ratio = np.mean(np.abs(values)) ** 2 / np.mean(values**2) if values.any() else math.nan
    normalised = ratio * (gain**3 + 1) * (gain + 1) / (gain**2 + 1) ** 2
    at = int(np.argmin((RATIOS - normalised) ** 2))
    width = math.sqrt(GAMMA_1[at] / GAMMA_3[at])
    return float(SHAPES[at]), left * width, right * width


def _filter(grey: np.ndarray, window: np.ndarray) -> np.ndarray:
    half = window.shape[0] // 2
    padded = np.pad(grey, half, mode="edge")
    height, width = grey.shape
    return sum(
        window[y, x] * padded[y : y + height, x : x + width]
        for y in range(window.shape[0])
        for x in range(window.shape[1])
    )


def halve(grey: np.ndarray) -> np.ndarray:
    """MATLAB's imresize(0.5): antialiased bicubic, borders mirrored."""
    return _halve_rows(_halve_rows(grey).T).T


def _halve_rows(grey: np.ndarray) -> np.ndarray:
    offsets = np.arange(-3.5, 4, 1.0)  # distance of the eight source rows from the middle of two
    at = np.abs(offsets) / 2
    near = 1.5 * at**3 - 2.5 * at**2 + 1
    far = -0.5 * at**3 + 2.5 * at**2 - 4 * at + 2
    taps = np.where(at <= 1, near, np.where(at <= 2, far, 0.0))
    taps /= taps.sum()
    count = grey.shape[0] // 2
    padded = np.pad(grey, ((3, 3), (0, 0)), mode="symmetric")
    return sum(tap * padded[i : i + 2 * count : 2] for i, tap in enumerate(taps))

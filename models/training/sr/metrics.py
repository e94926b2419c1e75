"""PSNR and SSIM on luma, as the super-resolution literature reports them.

Pictures are (H, W, 3) RGB uint8, or (H, W) grey. Luma is BT.601 in 16..235; a border of `scale` pixels is left out.
"""

from __future__ import annotations

import numpy as np

BT601 = np.array([65.481, 128.553, 24.966]) / 255.0


def luma(image: np.ndarray) -> np.ndarray:
    """Y of BT.601, 16..235, float64, not rounded."""
    if image.ndim == 2:
        image = np.repeat(image[..., None], 3, axis=2)
    return image.astype(np.float64) @ BT601 + 16.0


def crop_border(image: np.ndarray, border: int) -> np.ndarray:
    return image[border:-border, border:-border]


def psnr_y(one: np.ndarray, other: np.ndarray, border: int) -> float:
    """Decibels, peak 255."""
    difference = crop_border(luma(one), border) - crop_border(luma(other), border)
    return float(10 * np.log10(255.0**2 / np.mean(difference**2)))


def ssim_y(one: np.ndarray, other: np.ndarray, border: int) -> float:
    """Mean structural similarity: Gaussian window 11x11, sigma 1.5, valid positions (Wang et al. 2004)."""
    a, b = crop_border(luma(one), border), crop_border(luma(other), border)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = blur_valid(a), blur_valid(b)
    variance_a = blur_valid(a * a) - mean_a**2
    variance_b = blur_valid(b * b) - mean_b**2
    covariance = blur_valid(a * b) - mean_a * mean_b
    structure = (2 * covariance + c2) / (variance_a + variance_b + c2)
    return float(np.mean((2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1) * structure))


def blur_valid(image: np.ndarray, window: int = 11, sigma: float = 1.5) -> np.ndarray:
    """Separable Gaussian blur without padding."""
    taps = np.exp(-((np.arange(window) - window // 2) ** 2) / (2 * sigma**2))
    taps /= taps.sum()
    rows = sum(t * image[i : image.shape[0] - window + 1 + i] for i, t in enumerate(taps))
    return sum(t * rows[:, i : image.shape[1] - window + 1 + i] for i, t in enumerate(taps))


def gradient_similarity(one: np.ndarray, other: np.ndarray, border: int) -> float:
    """Mean gradient-magnitude similarity of luma (GMSD's map, Xue et al. 2014: Prewitt, c = 170). 1 is equal."""
    a, b = (gradient_magnitude(crop_border(luma(i), border)) for i in (one, other))
    return float(np.mean((2 * a * b + 170.0) / (a * a + b * b + 170.0)))


def gradient_magnitude(image: np.ndarray) -> np.ndarray:
    column = (image[:-2] + image[1:-1] + image[2:]) / 3
    row = (image[:, :-2] + image[:, 1:-1] + image[:, 2:]) / 3
    return np.hypot(column[:, 2:] - column[:, :-2], row[2:] - row[:-2])

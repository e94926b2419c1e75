"""What happens to photos before people want them enhanced: the second-order degradation of Real-ESRGAN.

Wang et al. 2021: blur, resize, noise, JPEG, all of it twice, with random strengths. Order and ranges are theirs,
with two changes: a share of the pictures stays clean or gets mild JPEG only, since good photos must stay good,
and strengths are a little lower, since the student should restore and not repaint. Pictures are float32
(H, W, 3), 0..255, until `degrade` returns uint8.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

Picture = np.ndarray
RESAMPLERS = (Image.BILINEAR, Image.BICUBIC, Image.BOX)


def degrade(high: Image.Image, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Reduce `high` to `size` (width, height) the hard way; uint8 (H, W, 3)."""
    kind = rng.random()
    if kind < 0.15:
        return np.asarray(high.resize(size, Image.BICUBIC))
    if kind < 0.40:
        return jpeg(np.asarray(high.resize(size, Image.BICUBIC)), int(rng.integers(40, 96)), random_subsampling(rng))
    first = (round(high.width * rng.uniform(0.35, 1.1)), round(high.height * rng.uniform(0.35, 1.1)))
    picture = one_pass(np.asarray(high, np.float32), first, rng, blur_share=0.9, noise=18.0, quality=(40, 95))
    return one_pass(picture.astype(np.float32), size, rng, blur_share=0.5, noise=10.0, quality=(40, 95))


def one_pass(
    picture: Picture,
    size: tuple[int, int],
    rng: np.random.Generator,
    blur_share: float,
    noise: float,
    quality: tuple[int, int],
) -> Picture:
    """Blur, resize, noise and JPEG once; uint8."""
    if rng.random() < blur_share:
        picture = blur(picture, random_kernel(rng))
    picture = resize(picture, size, RESAMPLERS[int(rng.integers(len(RESAMPLERS)))])
    if rng.random() < 0.6:
        picture = add_noise(picture, rng, noise)
    return jpeg(to_bytes(picture), int(rng.integers(*quality)), random_subsampling(rng))


def random_kernel(rng: np.random.Generator) -> np.ndarray:
    """A normalised blur kernel, 7..15 wide: Gaussian, turned and stretched, generalised or plateau-shaped."""
    side = int(rng.choice([7, 9, 11, 13, 15]))
    sigma_x, sigma_y = rng.uniform(0.2, 2.2, size=2)
    if rng.random() < 0.5:
        sigma_y = sigma_x
    angle = rng.uniform(0, np.pi)
    at = np.arange(side) - side // 2
    x, y = np.meshgrid(at, at)
    u = (x * np.cos(angle) + y * np.sin(angle)) / sigma_x
    v = (-x * np.sin(angle) + y * np.cos(angle)) / sigma_y
    square, shape = u * u + v * v, rng.random()
    if shape < 0.7:
        kernel = np.exp(-square / 2)
    elif shape < 0.85:
        kernel = np.exp(-(square ** rng.uniform(0.5, 2.0)) / 2)
    else:
        kernel = 1 / (1 + square ** rng.uniform(1.0, 2.0))
    return (kernel / kernel.sum()).astype(np.float32)


def blur(picture: Picture, kernel: np.ndarray) -> Picture:
    half = kernel.shape[0] // 2
    padded = np.pad(picture, ((half, half), (half, half), (0, 0)), mode="reflect")
    spectrum = np.fft.rfft2(padded, axes=(0, 1)) * np.fft.rfft2(kernel, padded.shape[:2])[..., None]
    full = np.fft.irfft2(spectrum, padded.shape[:2], axes=(0, 1))
    return full[2 * half :, 2 * half :].astype(np.float32)


def resize(picture: Picture, size: tuple[int, int], resample: int) -> Picture:
    """Channel by channel in float, so that nothing is rounded between the steps of a pass."""
    channels = [Image.fromarray(picture[..., c]).resize(size, resample) for c in range(3)]
    return np.stack([np.asarray(c) for c in channels], axis=2)


def add_noise(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """Gaussian or Poisson noise of a random strength, grey in two cases of five, as sensors and film have it."""
    grey = rng.random() < 0.4
    if rng.random() < 0.5:
        return add_gaussian_noise(picture, rng, rng.uniform(1.0, strength), grey)
    return add_poisson_noise(picture, rng, rng.uniform(0.05, strength / 8), grey)


def add_gaussian_noise(picture: Picture, rng: np.random.Generator, deviation: float, grey: bool = False) -> Picture:
    return picture + deviation * _standard_noise(picture, rng, grey)


def add_poisson_noise(picture: Picture, rng: np.random.Generator, gain: float, grey: bool = False) -> Picture:
    """Its variance is `gain` times the light; the normal approximation is close at these strengths."""
    signal = picture.mean(axis=2, keepdims=True) if grey else picture
    return picture + _standard_noise(picture, rng, grey) * np.sqrt(np.maximum(signal, 0) * gain)


def _standard_noise(picture: Picture, rng: np.random.Generator, grey: bool) -> Picture:
    return rng.standard_normal((*picture.shape[:2], 1 if grey else 3), dtype=np.float32)


def jpeg(picture: Picture, quality: int, subsampling: int) -> Picture:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(stream))


def random_subsampling(rng: np.random.Generator) -> int:
    """4:2:0 as most cameras write it, or 4:4:4, in Pillow's numbers."""
    return 2 if rng.random() < 0.7 else 0


def to_bytes(picture: Picture) -> Picture:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)

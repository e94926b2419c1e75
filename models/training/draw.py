#!/usr/bin/env python3
"""Draw pages of text, charts, outlines and patterns: what photos show of signs, slides, print, stripes and wings.

    draw.py --to FOLDER [--pages 160] [--photos FOLDER [FOLDER ...]]

Collections of photos hold few of them, and a network that met none blurs letters. Everything is drawn larger and
reduced, so that edges lie between pixels as a lens puts them. Fonts are the machine's; a third of the pages lie on
photos where `--photos` is given. The same seed draws the same pages where fonts and photos are the same.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sr.photos import list_photos, load_rgb

FONTS = Path("/usr/share/fonts/truetype")
SIZE = (800, 600)
LARGER = 3  # drawn that many times as large
SYLLABLES = "ka lo mi ter an ber sol vi ne ru sta pho to gra ing er on al pre cum est ha ly qu zo wex fi jub dy".split()

Generator = np.random.Generator
Colour = tuple[int, int, int]


def find_fonts() -> list[Path]:
    """Fonts of Latin letters. Those of mathematics hold symbols, which no sign shows."""
    symbols = ("math", "lyx")
    found = sorted(p for p in FONTS.rglob("*.ttf") if not any(name in str(p).lower() for name in symbols))
    if not found:
        raise SystemExit(f"Expected fonts in {FONTS}")
    return found


def any_colour(rng: Generator) -> Colour:
    """Mostly muted, as paint and print are."""
    colour = rng.integers(0, 256, 3)
    grey = rng.beta(0.6, 0.6) * 255
    return tuple(int(v) for v in grey + (colour - grey) * rng.beta(1, 1.5))


def contrasting(rng: Generator, ground: Colour) -> Colour:
    """A colour at least a third of the range lighter or darker."""
    for _ in range(50):
        colour = any_colour(rng)
        if abs(sum(colour) - sum(ground)) > 255:
            return colour
    return (0, 0, 0) if sum(ground) > 382 else (255, 255, 255)


def words(rng: Generator, count: int) -> str:
    def word() -> str:
        if rng.random() < 0.12:
            return f"{rng.integers(0, 9999)}{rng.choice(['', '%', '.5', ':', ' €'])}"
        text = "".join(rng.choice(SYLLABLES) for _ in range(rng.integers(1, 5)))
        return text.upper() if rng.random() < 0.08 else text.capitalize() if rng.random() < 0.2 else text

    return " ".join(word() for _ in range(count))


class Page:
    """A canvas of LARGER times SIZE and what is drawn on it."""

    def __init__(self, rng: Generator, fonts: list[Path], photos: list[Path]) -> None:
        self.rng, self.fonts = rng, fonts
        self.width, self.height = SIZE[0] * LARGER, SIZE[1] * LARGER
        self.ground = any_colour(rng) if rng.random() < 0.6 else (255, 255, 255) if rng.random() < 0.7 else (10, 10, 12)
        self.image = self._on_photo(photos) if photos and rng.random() < 0.33 else self._on_gradient()
        self.pen = ImageDraw.Draw(self.image)

    def _on_gradient(self) -> Image.Image:
        flat = Image.new("RGB", (2, 2))
        for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
            flat.putpixel((x, y), tuple(int(np.clip(c + self.rng.normal(0, 12), 0, 255)) for c in self.ground))
        return flat.resize((self.width, self.height), Image.BICUBIC)

    def _on_photo(self, photos: list[Path]) -> Image.Image:
        photo = load_rgb(photos[int(self.rng.integers(len(photos)))]).resize((self.width, self.height), Image.BICUBIC)
        return Image.blend(photo, Image.new("RGB", photo.size, self.ground), float(self.rng.uniform(0.1, 0.7)))

    def font(self, px: float) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(self.fonts[int(self.rng.integers(len(self.fonts)))]), max(8, int(px * LARGER)))

    def place(self, margin: int = 0) -> tuple[int, int]:
        return tuple(int(self.rng.integers(margin, side - margin)) for side in (self.width, self.height))

    def text_block(self) -> None:
        """Lines of print, 9 to 40 px high."""
        px = float(np.exp(self.rng.uniform(np.log(9), np.log(40))))
        font, colour = self.font(px), contrasting(self.rng, self.ground)
        x, y = self.place()
        x = int(x * 0.7)
        for _ in range(int(self.rng.integers(1, 14))):
            self.pen.text((x, y), words(self.rng, int(self.rng.integers(2, 9))), font=font, fill=colour)
            y += int(px * LARGER * 1.35)

    def sign(self) -> None:
        """A board with large letters, turned a little."""
        ground = any_colour(self.rng)
        board = Image.new("RGBA", (int(self.rng.integers(300, 1100)), int(self.rng.integers(150, 500))), ground + (255,))
        pen, ink = ImageDraw.Draw(board), contrasting(self.rng, ground)
        edge = int(self.rng.integers(2, 24))
        pen.rectangle((edge, edge, board.width - edge, board.height - edge), outline=ink, width=max(1, edge // 2))
        font = self.font(board.height / LARGER * self.rng.uniform(0.2, 0.6))
        pen.text((edge * 2 + 8, edge + 8), words(self.rng, 2), font=font, fill=ink)
        turned = board.rotate(float(self.rng.normal(0, 15)), expand=True, resample=Image.BICUBIC)
        self.image.paste(turned, self.place(), turned)

    def chart(self) -> None:
        """Bars, a pie or curves, with a frame and a grid."""
        x, y = self.place()
        w, h = int(self.rng.integers(300, 1000)), int(self.rng.integers(300, 800))
        ink = contrasting(self.rng, self.ground)
        self.pen.rectangle((x, y, x + w, y + h), outline=ink, width=int(self.rng.integers(1, 8)))
        for i in range(1, 6):
            self.pen.line((x, y + h * i // 6, x + w, y + h * i // 6), fill=ink, width=int(self.rng.integers(1, 4)))
        kind = self.rng.integers(3)
        values = self.rng.random(int(self.rng.integers(3, 12)))
        if kind == 0:
            for i, value in enumerate(values):
                left = x + w * i // len(values)
                box = (left + 4, y + h - max(5, int(h * value)), left + w // len(values) - 4, y + h)
                if box[2] > box[0]:
                    self.pen.rectangle(box, fill=any_colour(self.rng))
        elif kind == 1:
            angles = np.cumsum(values) / values.sum() * 360
            for start, end in zip([0.0, *angles], angles):
                self.pen.pieslice((x, y, x + min(w, h), y + min(w, h)), start, end, fill=any_colour(self.rng), outline=ink)
        else:
            for _ in range(3):
                line = [(x + w * i / 30, y + h * (0.5 + 0.4 * v)) for i, v in enumerate(smooth(self.rng, 31))]
                self.pen.line(line, fill=any_colour(self.rng), width=int(self.rng.integers(2, 14)), joint="curve")

    def outline(self) -> None:
        """A filled shape with a drawn outline, as in comics; half of them hatched."""
        cx, cy = self.place()
        turn = np.linspace(0, 2 * np.pi, 60)
        radius = self.rng.uniform(60, 500) * (1 + 0.35 * smooth(self.rng, 60, closed=True))
        points = [(cx + r * np.cos(a), cy + r * np.sin(a)) for r, a in zip(radius, turn)]
        fill, ink = any_colour(self.rng), contrasting(self.rng, (200, 200, 200))
        self.pen.polygon(points, fill=fill)
        if self.rng.random() < 0.5:
            angle, gap = self.rng.uniform(0, np.pi), self.rng.uniform(8, 40)
            for k in np.arange(-radius.min() * 0.6, radius.min() * 0.6, gap):
                ends = [(cx + k * np.cos(angle) + s * np.sin(angle), cy + k * np.sin(angle) - s * np.cos(angle)) for s in (-radius.min() * 0.6, radius.min() * 0.6)]
                self.pen.line(ends, fill=ink, width=int(self.rng.integers(2, 8)))
        self.pen.line([*points, points[0]], fill=ink, width=int(self.rng.integers(2, 20)), joint="curve")

    def pattern(self) -> None:
        """A field of bent stripes, or of dark-edged cells: fur of a zebra, cloth, brick, wings."""
        w, h = int(self.rng.integers(500, 1400)), int(self.rng.integers(400, 1100))
        ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
        bend = bump(self.rng, w, h)
        one, other = np.array(any_colour(self.rng), np.float32), np.array(any_colour(self.rng), np.float32)
        if self.rng.random() < 0.6:
            angle, period = self.rng.uniform(0, np.pi), np.exp(self.rng.uniform(np.log(6), np.log(60))) * LARGER / 2
            phase = (xs * np.cos(angle) + ys * np.sin(angle)) / period + bend * self.rng.uniform(0, 6)
            mask = np.clip(np.sin(2 * np.pi * phase) * self.rng.uniform(2, 30) + self.rng.uniform(-0.8, 0.8), -1, 1) / 2 + 0.5
        else:
            seeds = self.rng.random((int(self.rng.integers(10, 120)), 2)) * (w, h)
            nearest = np.sort(np.stack([np.hypot(xs - x, ys - y) + bend * 20 for x, y in seeds[:60]]), axis=0)
            mask = np.clip((nearest[1] - nearest[0]) / self.rng.uniform(4, 40), 0, 1)
        field = Image.fromarray((one * mask[..., None] + other * (1 - mask[..., None])).astype(np.uint8))
        self.image.paste(field, self.place())

    def finish(self) -> Image.Image:
        """Reduced, some a little soft, all unevenly lit."""
        image = self.image.resize(SIZE, Image.BICUBIC if self.rng.random() < 0.6 else Image.BOX)
        if self.rng.random() < 0.3:
            image = image.filter(ImageFilter.GaussianBlur(float(self.rng.uniform(0.3, 0.7))))
        light = 1 + 0.12 * bump(self.rng, *SIZE)
        return Image.fromarray(np.clip(np.asarray(image, np.float32) * light[..., None], 0, 255).round().astype(np.uint8))


def smooth(rng: Generator, count: int, closed: bool = False) -> np.ndarray:
    """A random curve of a few waves, about -1..1."""
    t = np.linspace(0, 2 * np.pi if closed else np.pi * 1.7, count)
    return sum(rng.normal(0, 0.5) / k * np.sin(k * t + (rng.uniform(0, 6))) for k in range(1, 6))


def bump(rng: Generator, width: int, height: int) -> np.ndarray:
    """A random smooth surface (height, width), about -1..1."""
    coarse = Image.fromarray((rng.random((5, 5)) * 255).astype(np.uint8))
    return np.asarray(coarse.resize((width, height), Image.BICUBIC), np.float32) / 127.5 - 1


def draw_page(seed: int, number: int, fonts: list[Path], photos: list[Path]) -> Image.Image:
    rng = np.random.default_rng((seed, number))
    page = Page(rng, fonts, photos)
    kinds = [page.text_block, page.sign, page.chart, page.outline, page.pattern]
    # Each page has a taste: some are nearly all print, some nearly all patterns.
    weights = rng.dirichlet([1.2, 0.8, 0.5, 0.8, 0.7])
    for _ in range(int(rng.integers(10, 28))):
        kinds[int(rng.choice(len(kinds), p=weights))]()
    return page.finish()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=160)
    parser.add_argument("--photos", type=Path, nargs="*", default=[], help="folders of photos to draw on")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    fonts, photos = find_fonts(), list_photos(options.photos)
    for number in range(options.pages):
        draw_page(options.seed, number, fonts, photos).save(options.to / f"page-{number:03}.png")
    print(f"{options.pages} pages, {len(fonts)} fonts, {len(photos)} photos to draw on")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Prepare training photos: reduce large photos (wallpapers) so that noise, blur and JPEG of the camera vanish.

    prepare.py --from FOLDER [FOLDER ...] --to FOLDER
    prepare.py --list clean-photos.tsv --from FOLDER --to FOLDER

Only JPEG files of at least 1.2 megapixels are taken: PNG wallpapers are mostly drawings and gradients. With a list, the
photos that it names are taken, by its own reductions; each package lies unpacked below the folder under its name in the
list, such as `debian:krank@0.7+dfsg2-4`, with `/` written as `_`.
"""

from __future__ import annotations

import argparse
import csv
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps

from sr.photos import list_photos, reduce_photo
from sr.qt_resources import read_qt_resource

Image.MAX_IMAGE_PIXELS = None
MINIMUM_PIXELS = 1_200_000
LARGE_SIDE_PX = 3400  # longer photos are reduced by 3, others by 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="sources", type=Path, nargs="+", required=True)
    parser.add_argument("--to", dest="target", type=Path, required=True)
    parser.add_argument("--list", type=Path, help="photos to take, with the package, path and reduction of each")
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
    kept = prepare_listed(options) if options.list else prepare_large(options)
    print(f"{kept} photos in {options.target}")


def prepare_listed(options: argparse.Namespace) -> int:
    with options.list.open(newline="") as stream:
        listed = list(csv.DictReader(stream, delimiter="\t"))
    for index, photo in enumerate(listed, start=1):
        path = options.sources[0] / photo["package"].replace("/", "_") / photo["path"]
        factor = float(photo["reduction"])
        with open_listed(path) as stream, Image.open(stream) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
        size = (round(upright.width / factor), round(upright.height / factor))
        upright.resize(size, Image.LANCZOS).save(options.target / f"{index:03}-{path.stem}.png")
    return len(listed)


def open_listed(path: Path) -> BinaryIO:
    """A photo's bytes; below a `.rcc` file, that of the name inside it."""
    container, dot_rcc, inner = str(path).partition(".rcc/")
    return BytesIO(read_qt_resource(Path(container + ".rcc"), inner)) if dot_rcc else path.open("rb")


def prepare_large(options: argparse.Namespace) -> int:
    kept = 0
    for path in list_photos(options.sources):
        if path.suffix.lower() not in {".jpg", ".jpeg"} or path.is_symlink():
            continue
        with Image.open(path) as opened:
            if opened.width * opened.height < MINIMUM_PIXELS:
                continue
            factor = 3 if max(opened.size) > LARGE_SIDE_PX else 2
            reduced = reduce_photo(opened.convert("RGB"), factor)
        kept += 1
        reduced.save(options.target / f"{kept:03}-{path.stem}.png")
    return kept


if __name__ == "__main__":
    main()

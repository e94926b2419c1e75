#!/usr/bin/env python3
"""Prepare training photos: reduce large photos (wallpapers) so that noise, blur and JPEG of the camera vanish.

    prepare.py --from FOLDER [FOLDER ...] --to FOLDER

Only JPEG files of at least 1.2 megapixels are taken: PNG wallpapers are mostly drawings and gradients.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from sr.photos import list_photos, reduce_photo

Image.MAX_IMAGE_PIXELS = None
MINIMUM_PIXELS = 1_200_000
LARGE_SIDE_PX = 3400  # longer photos are reduced by 3, others by 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="sources", type=Path, nargs="+", required=True)
    parser.add_argument("--to", dest="target", type=Path, required=True)
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
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
    print(f"{kept} photos in {options.target}")


if __name__ == "__main__":
    main()

"""Files inside Qt's binary resource files (.rcc), the container in which some Debian packages carry their photos.

The format is that of `rcc --binary`: a header with three offsets, a tree of folders and files, their names in UTF-16,
and the files, each after its length. https://doc.qt.io/qt-6/rcc.html
"""

from __future__ import annotations

import struct
from pathlib import Path

FOLDER, COMPRESSED = 2, 5  # flags: a folder; either of zlib (1) and zstd (4)


def read_qt_resource(container: Path, inner: str) -> bytes:
    """The file at `inner` (folders and name, with `/`) of a .rcc file. Photos lie in it as they are, not compressed."""
    data = container.read_bytes()
    if data[:4] != b"qres":
        raise ValueError(f"{container} is no Qt resource file")
    version, tree, files, names = struct.unpack(">4I", data[4:20])
    node_bytes = 22 if version >= 2 else 14

    def node(index: int) -> tuple[int, int, int, int]:
        """Offset of the name, flags, and two numbers: children and the first of them, or language and the data."""
        return struct.unpack_from(">IHII", data, tree + index * node_bytes)

    def name_at(offset: int) -> str:
        (length,) = struct.unpack_from(">H", data, names + offset)
        begin = names + offset + 6  # after the length and a hash
        return data[begin : begin + 2 * length].decode("utf-16-be")

    _, flags, count, first = node(0)
    for part in inner.split("/"):
        if not flags & FOLDER:
            raise FileNotFoundError(f"{container} holds no {inner}: what stands before {part} is a file")
        children = {name_at(node(index)[0]): index for index in range(first, first + count)}
        if part not in children:
            raise FileNotFoundError(f"{container} holds no {inner}; at {part} it has {', '.join(sorted(children))}")
        _, flags, count, first = node(children[part])
    if flags & (FOLDER | COMPRESSED):
        raise ValueError(f"{inner} of {container} is a folder or compressed")
    (length,) = struct.unpack_from(">I", data, files + first)
    return data[files + first + 4 : files + first + 4 + length]

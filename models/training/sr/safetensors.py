"""Reading and writing of the safetensors format without its package: 8 bytes of header length, JSON, raw data."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import numpy as np

DTYPES = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "I32": np.dtype("<i4"), "I8": np.dtype("i1")}


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors and metadata of a file."""
    blob = path.read_bytes()
    (header_length,) = struct.unpack_from("<Q", blob)
    header = json.loads(blob[8 : 8 + header_length])
    metadata = header.pop("__metadata__", {})
    data = memoryview(blob)[8 + header_length :]
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[start:end], DTYPES[entry["dtype"]]).reshape(entry["shape"]).copy()
    return tensors, metadata


def write(path: Path, tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    """Write float32 tensors; the same tensors and metadata always give the same bytes."""
    header: dict[str, object] = {"__metadata__": dict(sorted(metadata.items()))}
    offset, chunks = 0, []
    for name, tensor in tensors.items():
        chunk = np.ascontiguousarray(tensor, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(chunk)]}
        offset += len(chunk)
        chunks.append(chunk)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # data starts on a multiple of 8 bytes
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))
    os.replace(temporary, path)

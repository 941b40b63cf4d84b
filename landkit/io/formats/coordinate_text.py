"""Coordinate text of land surveys (勘测定界坐标文本) as one family among the formats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from landkit.io.boundary.layer import describe_boundary_file, read_boundary_file
from landkit.io.source import Asked, slices
from landkit.model import Reading


def headers(asked: Asked) -> list[dict[str, Any]]:
    """The one layer of the file.   Raises: LayerError."""
    about = describe_boundary_file(asked.path)
    return [{"types": ["object"] * len(about["fields"]), "format": "TXT", **about}]


def read(asked: Asked) -> Reading:
    """All plots of the file, in the CRS that was decided.   Raises: LayerError, CRSError."""
    return read_boundary_file(asked.path, crs=asked.crs, encoding=asked.encoding, told=asked.told)


def batches(asked: Asked, rows: int) -> Iterator[Reading]:
    """The same in parts: these files are small.   Raises: LayerError, CRSError."""
    yield from slices(read(asked), rows)

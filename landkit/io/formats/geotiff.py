"""GeoTIFF headers: what a raster claims is read from its tags and judged before any library opens it (栅格概况).

landkit computes with vector layers; a raster is described so that its user knows what was delivered, and is no layer.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from landkit.errors import LayerError
from landkit.io.source import Asked
from landkit.model import Reading

_WIDTH, _HEIGHT, _BITS, _BANDS, _STRIP_ROWS, _TILE_WIDTH, _TILE_HEIGHT = 256, 257, 258, 277, 278, 322, 323
_OF_BLOCKS: Final = frozenset({273, 279, 324, 325})  # offsets and sizes: as many as there are blocks
_BYTES: Final = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_WHOLE: Final = {1: "B", 3: "H", 4: "I", 16: "Q"}
_MOST_DIRECTORIES: Final = 64  # overviews and masks; more is a chain that bites its tail


def headers(asked: Asked) -> list[dict[str, Any]]:
    """The one raster: size, bands, type, CRS, extent.   Raises: LayerError where it passes a limit or is no GeoTIFF."""
    tags = judged_header(asked)
    import rasterio

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)  # the extent says so
            with rasterio.open(asked.path, driver="GTiff", sharing=False) as raster:
                kind, crs, grid = raster.dtypes[0], raster.crs, raster.transform
    except (rasterio.errors.RasterioError, OSError) as error:
        raise LayerError("content_not_as_named", path=asked.name, kind=asked.path.suffix.lower()) from error
    return [
        {
            "layer": asked.path.stem,
            "rows": None,
            "crs": crs.to_string() if crs else None,
            "extent": _extent(grid, tags[_WIDTH], tags[_HEIGHT]),
            "fields": [f"band {i + 1}" for i in range(tags[_BANDS])],
            "types": [str(kind)] * tags[_BANDS],
            "geometry": f"Raster {tags[_WIDTH]} x {tags[_HEIGHT]}",
            "encoding": None,
            "encoding_by": "format",
            "format": "GeoTIFF",
        }
    ]


def _extent(grid: Any, width: int, height: int) -> list[float] | None:
    """West, south, east, north; None for a raster that is not placed, or stands turned."""
    if grid.is_identity or grid.b or grid.d:
        return None
    x, y = sorted((grid.c, grid.c + grid.a * width)), sorted((grid.f, grid.f + grid.e * height))
    return [float(x[0]), float(y[0]), float(x[1]), float(y[1])]


def read(asked: Asked) -> Reading:
    """Raises: LayerError: a raster is no layer."""
    raise LayerError("raster_no_layer", path=asked.name)


def batches(asked: Asked, rows: int) -> Iterator[Reading]:
    """Raises: LayerError: a raster is no layer."""
    del rows
    raise LayerError("raster_no_layer", path=asked.name)


def judged_header(asked: Asked) -> dict[int, int]:
    """The numbers of the first directory, once all directories keep the limits.   Raises: LayerError."""
    with asked.path.open("rb") as stream:
        try:
            found = list(_directories(stream, asked))
        except (struct.error, KeyError, OverflowError) as error:
            raise LayerError(
                "content_not_as_named", path=asked.name, kind=asked.path.suffix.lower()
            ) from error
    if not found or not all(each[_WIDTH] and each[_HEIGHT] for each in found):
        raise LayerError("content_not_as_named", path=asked.name, kind=asked.path.suffix.lower())
    for each in found:
        width, height, bands = each[_WIDTH], each[_HEIGHT], each[_BANDS]
        asked.limits.check("raster_bytes", width * height * bands * max(1, each[_BITS] // 8), path=asked.name)
        across = -(-width // (each[_TILE_WIDTH] or width))
        down = -(-height // (each[_TILE_HEIGHT] or each[_STRIP_ROWS] or height))
        asked.limits.check("raster_blocks", across * down, path=asked.name)
        block = (each[_TILE_WIDTH] or width) * (each[_TILE_HEIGHT] or each[_STRIP_ROWS] or height)
        block = min(block, width * height) if not each[_TILE_WIDTH] else block
        asked.limits.check("raster_block_bytes", block * bands * max(1, each[_BITS] // 8), path=asked.name)
    return found[0]


def _directories(stream: BinaryIO, asked: Asked) -> Iterator[dict[int, int]]:
    """The numbers of each directory of tags, classic or BigTIFF."""
    head = stream.read(16)
    order = {b"II": "<", b"MM": ">"}[head[:2]]
    version = struct.unpack(order + "H", head[2:4])[0]
    big = {42: False, 43: True}[version]
    place = struct.unpack(order + ("Q" if big else "I"), head[8:16] if big else head[4:8])[0]
    for _ in range(_MOST_DIRECTORIES):
        if not place:
            return
        numbers, place = _directory(stream, place, order, big, asked)
        yield numbers
    asked.limits.check("raster_blocks", float("inf"), path=asked.name)


def _directory(
    stream: BinaryIO, place: int, order: str, big: bool, asked: Asked
) -> tuple[dict[int, int], int]:
    stream.seek(place)
    count = struct.unpack(order + ("Q" if big else "H"), stream.read(8 if big else 2))[0]
    asked.limits.check("raster_tag_bytes", count * 20, path=asked.name)
    numbers = dict.fromkeys((_WIDTH, _HEIGHT, _BITS, _BANDS, _STRIP_ROWS, _TILE_WIDTH, _TILE_HEIGHT), 0)
    numbers[_BANDS] = numbers[_BITS] = 1
    entry = struct.Struct(order + ("HHQ8s" if big else "HHI4s"))
    for _ in range(count):
        tag, kind, many, value = entry.unpack(stream.read(entry.size))
        limit = "raster_tag_bytes" if tag not in _OF_BLOCKS else "raster_blocks"
        asked.limits.check(
            limit, many * _BYTES.get(kind, 1) if tag not in _OF_BLOCKS else many, path=asked.name
        )
        if tag in numbers and kind in _WHOLE and many * _BYTES[kind] <= len(value):
            numbers[tag] = struct.unpack_from(order + _WHOLE[kind], value)[0]
    return numbers, struct.unpack(order + ("Q" if big else "I"), stream.read(8 if big else 4))[0]

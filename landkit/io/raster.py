"""One band of a user's raster (栅格波段), read window by window: nothing is resampled, nothing is guessed.

The file must be a GeoTIFF by name and by content; its header is judged against the limits before GDAL sees it.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

import geopandas as gpd
import pyproj

from landkit.arrays import Flags, Floats
from landkit.errors import LayerError, nearest
from landkit.geometry.cells import Grid
from landkit.io.crs import settle_crs
from landkit.io.formats.geotiff import judged_header
from landkit.io.limits import Limits
from landkit.io.opener import check_path
from landkit.io.source import Asked
from landkit.model import Finding

KINDS: Final = (".tif", ".tiff")
_CACHE_BYTES: Final = 64 * 2**20


@dataclass(frozen=True)
class RasterBand:
    """A band that stands open: its cells in `crs`, and what was decided about it.

    Values are the stored ones times the band's scale plus its offset; `whole` where they are whole numbers by their type.
    """

    name: str
    grid: Grid
    crs: pyproj.CRS
    whole: bool
    unit: str
    facts: dict[str, Any]
    findings: tuple[Finding, ...]
    source: Any
    number: int

    def read(self, row: int, column: int, height: int, width: int) -> tuple[Floats, Flags]:
        """Values of a window and where it has data.   Raises: LayerError where the file is damaged."""
        import rasterio
        from rasterio.windows import Window

        try:
            window = Window(column, row, width, height)
            stored = self.source.read(self.number, window=window, masked=True)
        except (rasterio.errors.RasterioError, OSError) as error:
            raise LayerError("raster_damaged", path=self.facts["path"]) from error
        values = stored.data.astype(np.float64) * self.facts["scale"] + self.facts["offset"]
        return values, ~np.ma.getmaskarray(stored) & np.isfinite(values)


@contextlib.contextmanager
def open_band(
    path: str | Path,
    *,
    band: int | str | None = None,
    crs: str | None = None,
    name: str = "",
    limits: Limits | None = None,
) -> Iterator[RasterBand]:
    """A band of a GeoTIFF, by its number (from 1) or its description; the only one where none is named.

    `crs` is given only where the file states none.

    Raises: LayerError where the file is no plain GeoTIFF, passes a limit, is not placed or stands turned, or has no such
    band; CRSError where no CRS is stated, or two, or it has no place on the earth.
    """
    import rasterio

    asked = Asked(check_path(path), limits=limits or Limits(), said=str(path))
    if asked.path.suffix.lower() not in KINDS:
        raise LayerError("raster_kind", path=asked.name, known="/".join(KINDS))
    judged_header(asked)
    with contextlib.ExitStack() as stack:
        stack.enter_context(rasterio.Env(GDAL_CACHEMAX=_CACHE_BYTES))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter(
            "ignore", rasterio.errors.NotGeoreferencedWarning
        )  # refused below, in our words
        try:
            source = stack.enter_context(rasterio.open(asked.path, driver="GTiff", sharing=False))
        except (rasterio.errors.RasterioError, OSError) as error:
            raise LayerError(
                "content_not_as_named", path=asked.name, kind=asked.path.suffix.lower()
            ) from error
        yield _described(source, asked, band, crs, name or asked.path.stem)


def _described(source: Any, asked: Asked, band: int | str | None, crs: str | None, name: str) -> RasterBand:
    number = _band_number(source, band, asked.name)
    kind = np.dtype(source.dtypes[number - 1]).kind
    if kind not in "iuf":
        raise LayerError("raster_values", path=asked.name, kind=source.dtypes[number - 1])
    said = source.crs.to_wkt() if source.crs else None
    settled = settle_crs(gpd.GeoDataFrame(geometry=[], crs=said), crs, layer=name)
    scale, offset = float(source.scales[number - 1]), float(source.offsets[number - 1])
    facts = {
        "path": asked.name,
        "band": number,
        "description": source.descriptions[number - 1] or "",
        "scale": scale,
        "offset": offset,
        "nodata": source.nodatavals[number - 1],
        **settled.facts,
    }
    return RasterBand(
        name=name,
        grid=_grid(source, asked.name),
        crs=settled.frame.crs,
        whole=kind in "iu" and scale.is_integer() and offset.is_integer(),
        unit=source.units[number - 1] or "",
        facts=facts,
        findings=settled.findings,
        source=source,
        number=number,
    )


def _grid(source: Any, path: str) -> Grid:
    place = source.transform
    if place.is_identity:
        raise LayerError("raster_not_placed", path=path)
    if place.b or place.d or place.a <= 0 or place.e >= 0:
        raise LayerError("raster_turned", path=path)
    return Grid(place.c, place.f, place.a, -place.e, source.width, source.height)


def _band_number(source: Any, band: int | str | None, path: str) -> int:
    names = [n or "" for n in source.descriptions]
    choice = "/".join(f"{i} {n}".strip() for i, n in enumerate(names[:20], 1))
    if band is None:
        if source.count > 1:
            raise LayerError("raster_bands", path=path, bands=choice)
        return 1
    if isinstance(band, str):
        places = [i for i, n in enumerate(names, 1) if n == band]
        if len(places) != 1:
            guess = nearest(band, [n for n in names if n]) or choice
            raise LayerError("raster_no_band", path=path, band=band, guess=guess)
        return places[0]
    if not 1 <= band <= source.count:
        raise LayerError("raster_no_band", path=path, band=band, guess=choice)
    return band

"""Zips and KMZ: unpacked into a folder of their own, then each thing inside is read as what it is."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

from landkit.errors import LayerError
from landkit.io.formats import by_gdal, dxf, geoparquet
from landkit.io.source import Asked, Family, choose_layer
from landkit.io.zips import PACKED, names_in_zip, unpacked
from landkit.model import Finding, Reading, finding, why

_INSIDE: Final[dict[str, Family]] = {
    ".shp": by_gdal,
    ".gpkg": by_gdal,
    ".gdb": by_gdal,
    ".geojson": by_gdal,
    ".fgb": by_gdal,
    ".kml": by_gdal,
    ".dxf": dxf,
    ".parquet": geoparquet,
}
_WANTED: Final = frozenset({*_INSIDE, ".shx", ".dbf", ".prj", ".cpg"})


def headers(asked: Asked) -> list[dict[str, Any]]:
    """Each layer of each thing inside.   Raises: LayerError."""
    with _inside(asked) as (layers, _):
        return [header for _, header, _, _ in layers.values()]


def read(asked: Asked) -> Reading:
    """All rows of one layer inside.   Raises: LayerError."""
    with _inside(asked) as (layers, findings):
        inner, _, family, _ = layers[choose_layer(asked, list(layers))]
        found = family.read(inner)
        return dataclasses.replace(found, findings=(*findings, *found.findings))


def batches(asked: Asked, rows: int) -> Iterator[Reading]:
    """The rows of one layer inside, so many at a time.   Raises: LayerError."""
    with _inside(asked) as (layers, findings):
        inner, _, family, _ = layers[choose_layer(asked, list(layers))]
        for found in family.batches(inner, rows):
            yield dataclasses.replace(found, findings=(*findings, *found.findings))
            findings = []


_Layers = dict[str, tuple[Asked, dict[str, Any], Family, str]]


@contextlib.contextmanager
def _inside(asked: Asked) -> Iterator[tuple[_Layers, list[Finding]]]:
    """The layers inside by the name one asks for them: their own, with the path inside where two share one."""
    with unpacked(asked.path, _WANTED, asked.limits) as folder:
        places = sorted(
            p for p in folder.rglob("*") if p.suffix.lower() in _INSIDE and not _in_geodatabase(p, folder)
        )
        if not places:
            raise LayerError("zip_without_layer", path=asked.name)
        found = [each for place in places for each in _layers_of(asked, place, folder)]
        names = [header["layer"] for _, header, _, _ in found]
        layers: _Layers = {}
        for inner, header, family, where in found:
            name = header["layer"] if names.count(header["layer"]) == 1 else f"{where}/{header['layer']}"
            layers[name] = (inner, {**header, "layer": name}, family, where)
        yield layers, _nested(asked)


def _layers_of(
    asked: Asked, place: Path, folder: Path
) -> Iterator[tuple[Asked, dict[str, Any], Family, str]]:
    where = place.relative_to(folder).as_posix()
    family = _INSIDE[place.suffix.lower()]
    inner = dataclasses.replace(asked, path=place, layer=None, said=f"{asked.name}:{where}", packed_in=folder)
    for header in family.headers(inner):
        if place.suffix.lower() == ".kml" and not header["rows"]:
            continue  # the table of contents of a KMZ
        yield (
            dataclasses.replace(inner, layer=header["layer"]),
            header,
            family,
            str(PurePosixPath(where).with_suffix("")),
        )


def _in_geodatabase(place: Path, folder: Path) -> bool:
    return any(p.suffix.lower() == ".gdb" for p in place.relative_to(folder).parents)


def _nested(asked: Asked) -> list[Finding]:
    """A zip in a zip is not opened, and that is said."""
    names = [n for n in names_in_zip(asked.path, asked.limits) if PurePosixPath(n).suffix.lower() in PACKED]
    return [finding("", "zip.nested", why("zip_nested", names=", ".join(names[:5])))] if names else []

"""`layers`: what stands in files, before any of them is read: one row per layer, one per file that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd

import pyproj

from landkit.errors import LandkitError
from landkit.io.shapefile.parts import shapefile_of
from landkit.io.vector import describe_layers
from landkit.model import Layers
from landkit.text import Lang, term, text

_COLUMNS: Final = (
    "path", "layer", "rows", "geometry", "crs", "extent", "fields", "types", "encoding", "encoding_by", "format",
    "size_bytes", "problem",
)  # fmt: skip
_LOOKED_AT: Final = frozenset(
    {".shp", ".gpkg", ".gdb", ".geojson", ".json", ".fgb", ".kml", ".kmz", ".dxf", ".parquet", ".zip", ".csv", ".tsv",
     ".xlsx", ".xlsm", ".xls", ".txt", ".tif", ".tiff", ".mdb", ".dwg"}
)  # fmt: skip
_NO_LAYER: Final = frozenset({"boundary_not"})  # a text in a folder is mostly a note


def layers(path: str | Path | Iterable[str | Path], *, encoding: str | None = None) -> Layers:
    """What files and folders hold (图层概况), one row per layer, without loading its rows.

    `.table`: path, layer, rows, geometry, crs, extent (in that CRS), fields, types, encoding and who says so, format,
    size_bytes; `problem` is the error of a file that cannot be read, else None.
    """
    paths = [path] if isinstance(path, str | Path) else _without_parts(list(path))
    rows = [row for each in paths for row in _rows(each, encoding)]
    return Layers(pd.DataFrame(rows, columns=list(_COLUMNS), dtype="object"))


def _without_parts(paths: list[str | Path]) -> list[str | Path]:
    """Without the parts of shapefiles that are named too, as `landkit layers *` names them."""
    named = {Path(p) for p in paths}
    return [p for p in paths if shapefile_of(Path(p)) not in named]


def _rows(path: str | Path, encoding: str | None) -> Iterator[dict[str, Any]]:
    folder = Path(path)
    if not _is_folder(folder):
        yield from _of_file(path, encoding, skip=frozenset())
        return
    for each in sorted(folder.rglob("*")):
        inside = each.relative_to(folder).parents
        if each.suffix.lower() in _LOOKED_AT and not any(p.suffix.lower() == ".gdb" for p in inside):
            yield from _of_file(each, encoding, skip=_NO_LAYER)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir() and path.suffix.lower() != ".gdb"
    except (OSError, ValueError):  # a name that no file system allows: the reader says so
        return False


def _of_file(path: str | Path, encoding: str | None, *, skip: frozenset[str]) -> Iterator[dict[str, Any]]:
    try:
        found = describe_layers(path, encoding=encoding)
    except LandkitError as error:
        if error.key not in skip:
            yield dict.fromkeys(_COLUMNS) | {"path": str(path), "problem": error}
        return
    for header in found:
        yield {**header, "path": str(path), "problem": None}


def as_layer_records(result: Layers, lang: Lang) -> list[dict[str, Any]]:
    """The rows for machines; a problem is its sentence."""
    return [
        {**r, "problem": r["problem"].say(lang) if r["problem"] is not None else None}
        for r in _records(result)
    ]


def as_layer_list(result: Layers, lang: Lang) -> str:
    """The rows for a terminal, a few lines for each layer."""
    if result.table.empty:
        return text("layers.none", lang)
    return "\n".join(_said(row, lang) for row in _records(result))


def _records(result: Layers) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in result.table.to_dict("records")]


def _said(row: dict[str, Any], lang: Lang) -> str:
    if row["problem"] is not None:
        return text("layers.problem", lang, path=row["path"], why=row["problem"].say(lang))
    extent = ", ".join(f"{v:.6f}".rstrip("0").rstrip(".") for v in row["extent"]) if row["extent"] else ""
    named = zip(row["fields"], row["types"], strict=True)
    unknown = text("layers.unknown", lang)
    return text(
        "layers.layer" if row["geometry"] else "layers.flat",
        lang,
        path=row["path"],
        layer=row["layer"],
        rows=unknown if row["rows"] is None else f"{row['rows']:,}",
        geometry=row["geometry"] or text("layers.table", lang),
        crs=_crs(row["crs"]) or unknown,
        extent=extent or unknown,
        fields=", ".join(f"{n} ({term('field_type', t, lang)})" for n, t in named)
        or text("layers.no_fields", lang),
        encoding=row["encoding"] or unknown,
        by=term("encoding_by", row["encoding_by"], lang),
        size="" if row["size_bytes"] is None else _size(row["size_bytes"]),
        format=row["format"],
    )


def _size(size_bytes: int) -> str:
    return (
        f"{size_bytes / 2**20:,.1f} MB" if size_bytes >= 2**20 else f"{max(size_bytes / 2**10, 0.1):,.1f} kB"
    )


def _crs(said: str | None) -> str:
    """Code and name of a CRS; of one without a code, the name."""
    if not said:
        return ""
    name = str(pyproj.CRS.from_user_input(said).name)
    return f"{said} {name}" if len(said) < len("AUTHORITY:00000") else name

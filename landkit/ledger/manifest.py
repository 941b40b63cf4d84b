"""The manifest (成果清单): what a run read, which rules it used, what it found, what it wrote.

Two runs over the same inputs differ in the key `times` and nowhere else.  Paths are relative to the study
(inputs) or to the output folder (outputs): no machine shows through.
"""

from __future__ import annotations

import collections
import datetime as dt
import hashlib
import importlib.metadata
import json
import math
import os
import platform
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import pyproj
import shapely

from landkit.errors import ExportError, PlaceError
from landkit.model import Layer, Result, Rule
from landkit.text import known_columns

FORMAT: Final = 1
_ADDS_UP: Final = frozenset({"m2", "mu", "ha", "km2", "wan_yuan", "tce"})
_MOST_CATEGORIES: Final = 50
_SHAPEFILE: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_CHUNK: Final = 1 << 20


def build_manifest(
    *,
    study_file: Path,
    layers: Iterable[Layer],
    rules: Iterable[Rule],
    results: Mapping[str, Result],
    outputs: Mapping[str, Path],
    times: tuple[dt.datetime, dt.datetime],
    about: Mapping[str, Any] | None = None,
    tables: Mapping[str, Mapping[str, Any]] | None = None,
    versions: Mapping[str, str] | None = None,
    certificates: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest of one run.

    `outputs` maps published names to where the files stand now (the outbox's `staged()`); `tables`
    describes inputs that are no layers (id -> path, role, synthetic, source ...); `about` holds study facts
    (id, as_of, rules_on, synthetic); `versions` adds what only others know (the GDAL of pyogrio);
    `certificates` the round trips of the outputs.

    Raises: PlaceError where a file cannot be read.
    """
    folder = study_file.parent
    started, finished = times
    return {
        "format": FORMAT,
        "study": {**dict(about or {}), "file": study_file.name, **fingerprint(study_file)},
        "inputs": {
            **{layer.id: _layer_facts(layer, folder) for layer in layers},
            **{key: _table_facts(facts, folder) for key, facts in (tables or {}).items()},
        },
        "rules": [rule_facts(r) for r in _once(rules)],
        "versions": library_versions() | dict(versions or {}),
        "results": {name: result_facts(result) for name, result in results.items()},
        "outputs": {
            name: {
                **fingerprint(path),
                **({"round_trip": (certificates or {})[name]} if name in (certificates or {}) else {}),
            }
            for name, path in sorted(outputs.items())
        },
        "times": {
            "started": started.isoformat(timespec="seconds"),
            "finished": finished.isoformat(timespec="seconds"),
            "seconds": round((finished - started).total_seconds(), 3),
        },
    }


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """The manifest as JSON: keys sorted, two spaces, Chinese as Chinese.

    Raises: ExportError where a number is not finite.
    """
    return (
        json.dumps(_jsonable(manifest, ""), ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
        + "\n"
    )


def fingerprint(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a file; of a folder (a file geodatabase) or a shapefile, of all that belongs to it.

    Raises: PlaceError where it cannot be read.
    """
    try:
        parts = _parts(path)
        if parts == [path]:
            return {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        files = {
            p.relative_to(path if path.is_dir() else path.parent).as_posix(): {
                "bytes": p.stat().st_size,
                "sha256": _sha256(p),
            }
            for p in parts
        }
    except OSError as error:
        raise PlaceError("manifest_file", path=path.name) from error
    whole = hashlib.sha256(
        "".join(f"{n}\0{f['sha256']}\n" for n, f in sorted(files.items())).encode()
    ).hexdigest()
    return {"bytes": sum(f["bytes"] for f in files.values()), "sha256": whole, "files": files}


def _parts(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() != ".lock")
    if path.suffix.lower() == ".shp":
        beside = [p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in _SHAPEFILE]
        return sorted(beside, key=lambda p: p.name) or [path]
    return [path]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _layer_facts(layer: Layer, folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "role": layer.role,
        "version": layer.version,
        "source": layer.source,
        "licence": layer.licence,
        "synthetic": layer.synthetic,
        "accuracy_m": layer.accuracy_m,
        "accuracy_note": layer.accuracy_note,
        "generalised_m": layer.generalised_m,
        "reading": dict(layer.facts),
        "line": layer.line,
        "crs": layer.frame.crs.to_string() if layer.frame.crs is not None else None,
        "rows": len(layer.frame),
    }
    if "sha256" in layer.facts:  # of a database: there is no file
        facts |= {"path": layer.path, "sha256": layer.facts["sha256"]}
    elif layer.path:
        place = folder / layer.path
        facts |= {"path": relative_path(place, folder), **fingerprint(place)}
    return facts


def _table_facts(facts: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    place = folder / str(facts["path"])
    return {**facts, "path": relative_path(place, folder), **fingerprint(place)}


def relative_path(path: Path, folder: Path) -> str:
    """A path as seen from a folder, with forward slashes; the bare name where they share only the root."""
    ours, base = Path(os.path.abspath(path)), Path(os.path.abspath(folder))  # noqa: PTH100  links stay links
    try:
        shared = os.path.commonpath([ours, base])
        seen = os.path.relpath(ours, base)
    except ValueError:  # another drive
        return ours.name
    return ours.name if Path(shared) == Path(ours.anchor) else PurePosixPath(Path(seen)).as_posix()


def _once(rules: Iterable[Rule]) -> list[Rule]:
    unique = {(r.id, r.since, str(r.value)): r for r in rules}
    return [unique[k] for k in sorted(unique, key=str)]


def rule_facts(rule: Rule) -> dict[str, Any]:
    """A rule as it was used: value, unit, basis, whether the text was read, clause and dates."""
    return {
        "id": rule.id,
        "value": rule.value,
        "unit": rule.unit,
        "basis": rule.basis,
        "decides": rule.decides,
        "verified": rule.verified,
        "citation": rule.citation.say(),
        "url": rule.citation.url,
        "since": rule.since,
        "until": rule.until,
        "profile": rule.profile,
    }


def result_facts(result: Result) -> dict[str, Any]:
    """Rows, rows by category and sums of a result's table, the layers and rules it rests on."""
    table = result.table
    return {
        "rows": len(table),
        "counts": {c: _counts(table[c]) for c in _categories(table)},
        "sums": {c: _sum(table[c]) for c in table.columns if _adds_up(table, c)},
        "missing": {
            c: int(table[c].isna().sum())
            for c in table.columns
            if _adds_up(table, c) and table[c].isna().any()
        },
        "layers": dict(result.layers),
        "rules": sorted({r.id for r in result.rules}),
        "tables": {name: len(beside) for name, beside in result.tables.items()},
    }


def _categories(table: pd.DataFrame) -> list[str]:
    known = known_columns()
    return [
        c
        for c in table.columns
        if known.get(c, {}).get("terms")
        and not _holds_lists(table[c])
        and table[c].nunique() <= _MOST_CATEGORIES
    ]


def _holds_lists(values: pd.Series[Any]) -> bool:
    return bool(
        values.dtype == object and any(isinstance(v, list | tuple | set | frozenset | dict) for v in values)
    )


def _counts(values: pd.Series[Any]) -> dict[str, int]:
    said = ["" if pd.isna(v) else str(v.value if isinstance(v, Enum) else v) for v in values]
    return dict(sorted(collections.Counter(said).items()))


def _adds_up(table: pd.DataFrame, column: str) -> bool:
    return bool(
        known_columns().get(column, {}).get("unit") in _ADDS_UP
        and pd.api.types.is_numeric_dtype(table[column].dtype)
        and not pd.api.types.is_bool_dtype(table[column].dtype)
    )


def _sum(values: pd.Series[Any]) -> float:
    """An exactly rounded sum of what is known, to two decimals: the order of rows does not show."""
    return round(math.fsum(values.dropna().astype(float)), 2)


def library_versions() -> dict[str, str]:
    """Versions of what numbers can depend on."""
    import rasterio

    return {
        "landkit": _own_version(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "geopandas": gpd.__version__,
        "shapely": shapely.__version__,
        "geos": shapely.geos_version_string,
        "pyproj": pyproj.__version__,
        "proj": pyproj.proj_version_str,
        "rasterio": rasterio.__version__,
        "gdal_rasterio": rasterio.__gdal_version__,
    }


def _own_version() -> str:
    try:
        return importlib.metadata.version("landkit")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _jsonable(value: Any, where: str) -> Any:
    """The value as JSON has it; keys as text, days as ISO, numbers finite."""
    if isinstance(value, Mapping):
        return {str(k): _jsonable(v, f"{where}.{k}".lstrip(".")) for k, v in value.items()}
    if isinstance(value, Enum):
        return _jsonable(value.value, where)
    if isinstance(value, set | frozenset):
        return [_jsonable(v, where) for v in sorted(value, key=str)]
    if isinstance(value, list | tuple | np.ndarray):
        return [_jsonable(v, f"{where}[{i}]") for i, v in enumerate(value)]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            raise ExportError("manifest_number", where=where)
        return float(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return value.as_posix()
    return str(value)

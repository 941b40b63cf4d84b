"""Layers as they are asked for and as read, and what is found wrong in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from landkit.checklist import checklist
from landkit.model.reasons import Reason


@dataclass(frozen=True)
class Layer:
    """One source as read: rows in the study CRS, columns in our names, `area_m2` measured for polygons.

    `extent` is the area the source covers completely, or None where nobody says.  `missing` names columns of the role
    that the source does not have.
    """

    id: str
    role: str
    frame: gpd.GeoDataFrame
    version: str = ""
    accuracy_m: float | None = None
    accuracy_note: str = ""
    generalised_m: float = 0.0  # how far simplifying may have moved its lines
    extent: shapely.Geometry | None = None
    line: str | None = None
    code_scheme: str | None = None
    synthetic: bool = False
    source: str = ""
    licence: str = ""
    path: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LayerFile:
    """A layer in a file, with what the file does not say (图层文件); the names are those of study.toml and `read_layer`.

    `layer` is asked for where a file holds several, `crs` and `encoding` only where the file does not say.
    """

    path: str | Path
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None

    def asked(self) -> dict[str, str | None]:
        """What was said besides the path."""
        return {"layer": self.layer, "crs": self.crs, "encoding": self.encoding}


def as_layer_file(source: str | Path | LayerFile) -> LayerFile:
    """A path as a layer of which nothing more is said."""
    return source if isinstance(source, LayerFile) else LayerFile(source)


@dataclass(frozen=True)
class Finding:
    """One row of checking (质检问题): in which layer and row, of which check, why, and where (x, y in the study CRS).

    A finding of a whole layer has no row and no place.  `value` is what stands there: a cell, or the other row's id.
    How grave it is stands in the catalogue; `finding` takes it from there.
    """

    layer: str
    check: str  # an id of the catalogue, data/checks.toml
    severity: str  # error | warning | note
    reason: Reason
    row: str = ""
    value: str = ""
    x: float | None = None
    y: float | None = None


Place = tuple[float | None, float | None]  # x, y in the study CRS, metres
NOWHERE: Place = (None, None)


def finding(
    layer: str, check: str, reason: Reason, row: object = "", *, value: object = "", at: Place = NOWHERE
) -> Finding:
    """A Finding of a check of the catalogue, with the severity that stands there.   Raises: KeyError for an unknown id."""
    return Finding(layer, check, checklist()[check].severity, reason, str(row), str(value), *at)


def named(findings: Iterable[Finding], path: Path) -> tuple[Finding, ...]:
    """What was found while reading a file, with the file's name for that of the layer."""
    return tuple(replace(one, layer=path.name) for one in findings)


@dataclass(frozen=True)
class Reading:
    """A source as its file gave it (读取结果): its rows, what was decided while reading it, and complaints.

    `facts` say how (encoding and why, CRS operation and accuracy, rows skipped ...), `findings` what people should look at;
    their `layer` is "" and is named by whoever asked for the source.
    """

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

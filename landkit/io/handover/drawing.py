"""Outlines as a DXF drawing (CAD 轮廓线): closed polylines by class, each with its code as a label.

A drawing has no attributes and no coordinate system: both stay behind, and the changes say so.
"""

from __future__ import annotations

import importlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import pyogrio
import shapely

from landkit.errors import ExportError, PlaceError
from landkit.io.certificate import Certificate
from landkit.io.changes import Change
from landkit.io.handover.order import Handed, Order, Place
from landkit.io.plain import plain_frame
from landkit.text import data_toml

_LABELS: Final = "LABEL"
_FONT: Final = "simsun.ttc"  # on every Chinese Windows; other systems take their own
_LABEL_SHARE: Final = 0.02  # height of a label: this part of the median side of the shapes, in drawing units
_LEAST_LABEL: Final = 0.5
_METRES: Final = 6  # $INSUNITS


def write_dxf(order: Order, place: Place) -> list[Handed]:
    """The shapes of each layer as `dxf/<layer>.dxf` (AutoCAD 2010), read again by GDAL; tables are left out.

    One drawing layer for each code of the column that colours the layer, and one for the labels.

    Raises: PlaceError where ezdxf is not installed, ExportError where the drawing read again differs.
    """
    return [
        _write(order, name, place)
        for name, frame in order.layers.items()
        if isinstance(frame, gpd.GeoDataFrame)
    ]


def _write(order: Order, name: str, place: Place) -> Handed:
    meant = order.layers[name]
    plain = plain_frame(meant, layer=name, lang=order.lang)
    frame = gpd.GeoDataFrame(plain)[plain.geometry.notna().to_numpy()]
    column = data_toml("styles/layers.toml").get(name, {}).get("column", "")
    key = order.keys.get(name, "")
    labels = [_one_line(v) for v in frame[key]] if key in frame.columns else [""] * len(frame)
    is_code = data_toml("styles/layers.toml").get(name, {}).get("by") == "code"
    codes = (
        [str(v or "") for v in frame[column]] if is_code and column in frame.columns else [""] * len(frame)
    )
    file = f"dxf/{name}.dxf"
    path = place(file)
    rings, owner = _rings(np.asarray(frame.geometry.array, dtype=object))
    path.write_text(_drawing(rings, owner, codes, labels, name=name, column=column), encoding="utf-8")
    certificate = _certify(path, file, rings, [words for words in labels if words])
    left = [str(c) for c in meant.columns if c != meant.geometry.name and c != key]
    lost = Change("", "attributes_left_out", len(meant), ", ".join(left)[:120])
    nulls = len(plain) - len(frame)
    gone = [Change("geometry", "rows_left_out", nulls)] if nulls else []
    gone += [Change("geometry", "height_left_out", len(frame))] if frame.geometry.has_z.any() else []
    return Handed(
        file, "dxf", name, certificate, (lost, Change("geometry", "crs_left_out", len(frame)), *gone)
    )


def _rings(shapes: Any) -> tuple[list[Any], list[int]]:
    """Rings and lines of all shapes, and the row that each belongs to."""
    rings: list[Any] = []
    owner: list[int] = []
    for row, shape in enumerate(shapes):
        for part in shapely.get_parts(shapely.get_parts([shape])):
            lines = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            rings += [line for line in lines if line.geom_type in ("LinearRing", "LineString")]
            owner += [row] * (len(rings) - len(owner))
    return rings, owner


def _drawing(
    rings: list[Any], owner: list[int], codes: list[str], labels: list[str], *, name: str, column: str
) -> str:
    with _ezdxf() as ezdxf:
        document = ezdxf.new("R2010", units=_METRES)
        document.styles.add("LANDKIT", font=_FONT)
        colours = data_toml("palettes.toml").get(column, {})
        for code in sorted(set(codes)):
            colour = str(colours.get(code, data_toml("palettes.toml")["outline"]))
            document.layers.add(_layer(name, code), true_color=int(colour.removeprefix("#"), 16))
        document.layers.add(_layer(name, _LABELS))
        space = document.modelspace()
        for ring, row in zip(rings, owner, strict=True):
            at = {"layer": _layer(name, codes[row])}
            points = shapely.get_coordinates(ring)
            if ring.is_ring:
                space.add_lwpolyline(points[:-1].tolist(), close=True, dxfattribs=at)
            else:
                space.add_lwpolyline(points.tolist(), dxfattribs=at)
        _add_labels(space, rings, owner, labels, at={"layer": _layer(name, _LABELS), "style": "LANDKIT"})
        out = io.StringIO()
        document.write(out)
        return out.getvalue()


def _add_labels(
    space: Any, rings: list[Any], owner: list[int], labels: list[str], *, at: dict[str, str]
) -> None:
    """The code of each shape once, inside its largest ring."""
    largest: dict[int, Any] = {}
    for ring, row in zip(rings, owner, strict=True):
        size = ring.length
        if labels[row] and size > getattr(largest.get(row), "length", -1.0):
            largest[row] = ring
    if not largest:
        return
    sides = np.median([ring.length / 4 for ring in largest.values()])
    height = max(_LEAST_LABEL, round(float(sides) * _LABEL_SHARE, 1))
    for row, ring in largest.items():
        inside = shapely.Polygon(ring).representative_point() if ring.is_ring else ring.interpolate(0.5, True)
        space.add_text(labels[row], height=height, dxfattribs=at).set_placement((inside.x, inside.y))


def _layer(name: str, code: str) -> str:
    return re.sub(r'[<>/\\":;?*|=`,]', "_", f"{name}_{code}" if code else name)


def _one_line(value: Any) -> str:
    return "" if value is None or pd.isna(value) else " ".join(str(value).split())


@contextmanager
def _ezdxf() -> Iterator[Any]:
    """ezdxf with a fixed day and id in the drawing."""
    try:
        ezdxf = importlib.import_module("ezdxf")
    except ImportError as error:
        raise PlaceError("export_needs_package", package="ezdxf", extra="dxf") from error
    before = ezdxf.options.write_fixed_meta_data_for_testing
    ezdxf.options.write_fixed_meta_data_for_testing = True
    try:
        yield ezdxf
    finally:
        ezdxf.options.write_fixed_meta_data_for_testing = before


def _certify(path: Path, file: str, rings: list[Any], labels: list[str]) -> Certificate:
    """GDAL reads as many lines, of the same points, and the same labels."""

    def differs(detail: str) -> ExportError:
        return ExportError("export_roundtrip", path=file, detail=detail)

    try:
        found = pyogrio.read_dataframe(path, encoding="UTF-8", columns=["Layer", "Text"])
    except Exception as error:  # whatever a stranger's reader says, the file is not what was meant
        raise differs(str(error)) from error
    words = [str(v) for v in found["Text"].dropna()] if "Text" in found.columns else []
    lines = np.asarray(found.geometry[found.geometry.geom_type == "LineString"].array, dtype=object)
    if words != labels:
        raise differs(f"labels {len(words)} != {len(labels)}")
    if len(lines) != len(rings):
        raise differs(f"outlines {len(lines)} != {len(rings)}")
    wanted = shapely.force_2d(np.asarray(rings, dtype=object))
    apart = np.abs(shapely.bounds(wanted) - shapely.bounds(lines)).max(initial=0.0)
    longer = np.abs(shapely.length(wanted) - shapely.length(lines)).max(initial=0.0)
    if not (apart <= 1e-6 and longer <= 1e-6):
        raise differs("outline")
    bounds = [float(v) for v in shapely.total_bounds(wanted)] if len(rings) else None
    area = float(np.abs(_ring_area(lines)).sum())
    return {"rows": len(rings), "sum": {}, "bounds": bounds, "area": area, "ok": True}


def _ring_area(lines: Any) -> Any:
    return shapely.area(np.array([shapely.Polygon(line) for line in lines if line.is_ring], dtype=object))

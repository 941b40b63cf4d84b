"""DXF drawings in: closed polylines and hatches as polygons, and a report of what does not close (闭合缺口)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import pyogrio
import shapely

from landkit.errors import LayerError
from landkit.io.encoding.detect import Decision, about_decision
from landkit.io.opener import DXF_BINARY, driver_for, first_line
from landkit.io.shapefile.text import decide_frame, in_words
from landkit.io.source import Asked, choose_layer, slices
from landkit.model import Finding, Reading, finding, why

_UNICODE_SINCE: Final = "AC1021"  # AutoCAD 2007: text is UTF-8 from here on
_CODE_PAGES: Final = {
    "ANSI_936": "GBK",
    "ANSI_950": "Big5",
    "UTF-8": "UTF-8",
    "GB2312": "GBK",
    "BIG5": "Big5",
}
_HEADER_BYTES: Final = 1 << 16
_AREAS: Final = ("Polygon", "MultiPolygon")


def headers(asked: Asked) -> list[dict[str, Any]]:
    """Each layer of the drawing that holds areas or lines.   Raises: LayerError."""
    entities, text = _entities(asked)
    drawn = entities[entities.geom_type != "Point"]
    return [_header(name, part, text) for name, part in drawn.groupby("layer", sort=True)]


def read(asked: Asked) -> Reading:
    """The areas of one layer of the drawing; its lines where it has no area.   Raises: LayerError."""
    entities, text = _entities(asked)
    areal = sorted(entities.loc[entities.geom_type.isin(_AREAS) | _closed(entities), "layer"].unique())
    drawn = sorted(entities.loc[entities.geom_type != "Point", "layer"].unique())
    layer = choose_layer(asked, areal if asked.layer is None and areal else drawn)
    own = entities[entities["layer"] == layer]
    polygons, same = _polygons(own)
    lines = own[own.geom_type.isin(["LineString", "MultiLineString"]) & ~_closed(own)]
    frame = polygons if len(polygons) else lines
    texts = entities[(entities.geom_type == "Point") & entities["text"].notna()]
    facts = {
        "layer": layer,
        "format": "DXF",
        **text.facts,
        "open_lines": len(lines),
        "hatches_like_outline": same,
    }
    found = _gaps(lines, check="drawing.not_closed" if len(polygons) else "drawing.line")
    found += about_decision(text)
    return Reading(_with_texts(frame, texts).reset_index(drop=True), tuple(found), facts)


def batches(asked: Asked, rows: int) -> Iterator[Reading]:
    """The same in parts: a drawing stands whole in memory, so its size has a limit.   Raises: LayerError."""
    yield from slices(read(asked), rows)


def _header(name: Any, part: gpd.GeoDataFrame, text: Decision) -> dict[str, Any]:
    polygons, _ = _polygons(part)
    shown = polygons if len(polygons) else part
    return {
        "layer": str(name),
        "rows": len(shown),
        "crs": None,
        "extent": [float(v) for v in shown.total_bounds],
        "fields": ["layer", "text", "handle"],
        "types": ["object"] * 3,
        "geometry": "Polygon" if len(polygons) else "LineString",
        "encoding": text.encoding,
        "encoding_by": text.by,
        "format": "DXF",
    }


def _entities(asked: Asked) -> tuple[gpd.GeoDataFrame, Decision]:
    """What is drawn in model space, one simple shape a row: layer, text, handle; and how its text is written."""
    asked.limits.check("dxf_bytes", asked.path.stat().st_size, path=asked.name)
    driver_for(asked.path)
    with asked.path.open("rb") as stream:
        head = stream.read(_HEADER_BYTES)
    if head.startswith(DXF_BINARY):
        raise LayerError("dxf_binary", path=asked.name)
    code, by = _encoding(head, asked.encoding)
    try:
        with _text_as(code or "ISO-8859-1"):
            frame = pyogrio.read_dataframe(asked.path, layer="entities", force_2d=True, on_invalid="ignore")
    except UnicodeDecodeError as error:
        raise LayerError("encoding_wrong", path=asked.name, encoding=code or "UTF-8") from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, ValueError) as error:
        raise LayerError("file_unreadable", path=asked.name, detail=first_line(error)) from error
    if "PaperSpace" in frame.columns:
        frame = frame[
            frame["PaperSpace"].isna() | (frame["PaperSpace"].astype(str).isin(["0", "False", "None"]))
        ]
    names = {"Layer": "layer", "Text": "text", "EntityHandle": "handle"}
    frame = frame[[*names, "geometry"]].rename(columns=names).explode(ignore_index=True)
    shapes = frame.geometry.array
    frame = frame[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))].reset_index(drop=True)
    frame["layer"] = frame["layer"].fillna("")
    if code is not None:
        return frame, Decision(code, by)
    text = decide_frame(frame, name=asked.name)
    return in_words(frame, text)[0], text


def _encoding(head: bytes, given: str | None) -> tuple[str | None, str]:
    """The encoding of a drawing's text, and who says so; None where its header does not say."""
    if given:
        return given, "given"
    version = _header_value(head, b"$ACADVER")
    if version >= _UNICODE_SINCE:
        return "UTF-8", "format"
    return _CODE_PAGES.get(_header_value(head, b"$DWGCODEPAGE").upper()), "header"


def _header_value(head: bytes, name: bytes) -> str:
    found = re.search(re.escape(name) + rb"\s+\d+\s+(\S+)", head)
    return found.group(1).decode("ascii", "replace") if found else ""


@contextlib.contextmanager
def _text_as(encoding: str) -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("DXF_ENCODING")
    pyogrio.set_gdal_config_options({"DXF_ENCODING": encoding})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"DXF_ENCODING": before})


def _closed(entities: gpd.GeoDataFrame) -> pd.Series[bool]:
    rings = shapely.is_closed(entities.geometry.array) & (
        shapely.get_num_coordinates(entities.geometry.array) > 3
    )
    return pd.Series(rings & (entities.geom_type == "LineString"), index=entities.index, dtype=bool)


def _polygons(entities: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Closed lines and hatches as polygons, and how many hatches only fill an outline that is drawn too."""
    outlines = entities[_closed(entities)]
    points, line_of = shapely.get_coordinates(outlines.geometry.array, return_index=True)
    rings = shapely.polygons(shapely.linearrings(points, indices=line_of))
    outlines = outlines.set_geometry(gpd.GeoSeries(rings, index=outlines.index, crs=outlines.crs))
    hatches = entities[entities.geom_type.isin(_AREAS)]
    drawn = set(_places(outlines))
    same = np.array([place in drawn for place in _places(hatches)], dtype=bool)
    return pd.concat([outlines, hatches[~same]]).sort_index(), int(same.sum())


def _places(polygons: gpd.GeoDataFrame) -> list[bytes]:
    """Each shape as bytes that are equal where the shapes are (to a micrometre, wherever the ring begins)."""
    plain = shapely.normalize(shapely.transform(polygons.geometry.array, lambda xy: xy.round(6)))
    return [bytes(b) for b in shapely.to_wkb(plain)]


def _gaps(lines: gpd.GeoDataFrame, *, check: str) -> list[Finding]:
    """One finding for each polyline that does not close: how many metres lie between its ends, and where."""
    found = []
    for row in lines[shapely.get_num_coordinates(lines.geometry.array) > 2].itertuples():
        ends = shapely.get_coordinates(row.geometry)[[0, -1]]
        gap = float(np.hypot(*(ends[1] - ends[0])))
        reason = why("dxf_open", layer=row.layer, handle=row.handle, gap=f"{gap:.3f}")
        found.append(
            finding(
                "", check, reason, row.handle, value=f"{gap:.3f}", at=(float(ends[0][0]), float(ends[0][1]))
            )
        )
    straight = int((shapely.get_num_coordinates(lines.geometry.array) == 2).sum())
    if straight:
        found.append(finding("", "drawing.straight_lines", why("dxf_straight_lines", count=straight)))
    return found


def _with_texts(frame: gpd.GeoDataFrame, texts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Each text of the drawing goes to the smallest area it stands in."""
    if not len(texts) or not frame.geom_type.isin(_AREAS).all() or not len(frame):
        return frame
    order = frame.geometry.area.argsort()  # drawing units, only to know which is smaller
    tree = shapely.STRtree(frame.geometry.array[order])
    point, area = tree.query(texts.geometry.array, predicate="intersects")
    smallest = pd.Series(area).groupby(point).min()
    words: dict[int, list[str]] = {}
    for at, place in smallest.items():
        words.setdefault(int(order.iloc[place]), []).append(str(texts["text"].iloc[at]))
    said = ["; ".join(words[i]) if i in words else None for i in range(len(frame))]
    return frame.assign(text=pd.Series(said, index=frame.index, dtype=object))

"""One layer of a study: read, brought to our columns and the study CRS, looked at, measured."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import LayerError, StudyError
from landkit.geometry import area_m2, repair_structure
from landkit.io.boundary.crs import Told
from landkit.io.columns import role_fields, to_our_columns
from landkit.io.formats.postgis import is_database
from landkit.io.limits import Limits
from landkit.io.opener import refuse_address
from landkit.io.vector import read_source
from landkit.model import Finding, Layer, Reading, finding, why
from landkit.quality.declared import check_declared_areas
from landkit.quality.ids import check_ids, check_missing_ids, check_repeated, unique_ids
from landkit.quality.rows import Rows
from landkit.quality.shapes import check_geometry, check_inside, check_repaired
from landkit.study import LayerSpec
from landkit.text import data_toml
from landkit.workflow.corrected import apply_corrections
from landkit.workflow.ground import Ground, keep_rows, note_input
from landkit.workflow.reading.meaning import look_at_columns
from landkit.workflow.reading.place import bring_to_study

ROW = "@row"  # in `fields` of a layer without ids: the place of the row in its file, 1 the first


OPENED, NAMED, PLACED = 0.3, 0.7, 0.8  # of the time that a layer takes, roughly


def read_study_layer(ground: Ground, key: str, spec: LayerSpec, told: Callable[[float], object]) -> Layer:
    """One layer of the study, ready; its complaints go to the findings of `ground`, `told` hears which share is done.

    Raises: StudyError, LayerError, CRSError.
    """
    told(0.0)
    frame, facts = open_study_layer(ground, key, spec)
    told(OPENED)
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    columns = look_at_columns(ground, key, spec, attributes, spec.role)
    ours, complaints = to_our_columns(
        attributes,
        layer=key,
        role=spec.role,
        fields=spec.fields,
        units={**_units_of(facts, spec), **spec.units},
    )
    ground.findings += complaints
    told(NAMED)
    frame = gpd.GeoDataFrame(ours, geometry=frame.geometry, crs=frame.crs).reset_index(drop=True)
    frame, moved = bring_to_study(ground, key, spec, frame)
    told(PLACED)
    ids = _ids(ground, frame, key, spec)
    frame, usable = _check_shapes(ground, frame, ids, key, spec)
    return Layer(
        id=key,
        role=spec.role,
        frame=frame[usable.to_numpy()] if spec.role not in ("parcels", "control_line") else frame,
        version=spec.version,
        accuracy_m=_accuracy(ground, spec)[0],
        accuracy_note=_accuracy(ground, spec)[1],
        generalised_m=spec.generalised_m,
        line=spec.line,
        code_scheme=_scheme(frame, key, spec),
        synthetic=spec.provenance.synthetic,
        source=spec.provenance.source,
        licence=spec.provenance.licence,
        path=spec.path,
        facts={
            **facts,
            "fields": columns,
            "crs": {**facts.get("crs", {}), **moved},
            "rows": len(frame),
            "usable": int(usable.sum()),
        },
    )


def open_study_layer(ground: Ground, key: str, spec: LayerSpec) -> tuple[gpd.GeoDataFrame, Mapping[str, Any]]:
    """A layer with the columns and CRS of its source: the rows the study keeps, corrected; and how it was read.

    Raises: StudyError, LayerError, CRSError.
    """
    study = ground.study
    path = spec.path if is_database(spec.path) else study.resolve(refuse_address(spec.path))
    told = Told(spec.axes, spec.zone, _study_area(ground)) if Path(path).suffix.lower() == ".txt" else None
    source = read_source(
        path,
        layer=spec.layer,
        crs=spec.crs,
        encoding=spec.encoding,
        told=told,
        limits=Limits(study.limits),
    )
    ground.findings += _named(source, key, study.study.crs)
    if told is not None:
        ground.findings += _declared(ground, source.frame, key)
    frame = source.frame
    if ROW in spec.fields:
        frame[ROW] = [f"{i:0{len(str(len(frame)))}d}" for i in range(1, len(frame) + 1)]
        ground.findings.append(finding(key, "ids.numbered", why("ids_numbered")))
    frame = keep_rows(frame, spec.where, layer=key)
    note_input(ground, key, path, len(frame), spec, sha256=source.facts.get("sha256"))
    if not len(frame) and spec.role != "control_line":
        raise LayerError("layer_empty", layer=key, path=spec.path)
    frame = apply_corrections(ground, key, spec, frame)
    return gpd.GeoDataFrame(frame, geometry=source.frame.geometry.name, crs=source.frame.crs), source.facts


def _units_of(facts: Mapping[str, Any], spec: LayerSpec) -> dict[str, str]:
    """Units that a format lays down (坐标文本的面积以公顷计), by our columns; the study's word overrules them."""
    return {spec.fields.get(c, c): unit for c, unit in facts.get("units", {}).items() if c in spec.fields}


def _study_area(ground: Ground) -> shapely.Geometry | None:
    """The study area in degrees; None where the study has no boundary."""
    boundary = ground.of_role("boundary")
    if boundary is None or not len(boundary.frame):
        return None
    return shapely.union_all(boundary.frame.to_crs(boundary.frame.crs.geodetic_crs).geometry.array)


def _declared(ground: Ground, frame: gpd.GeoDataFrame, key: str) -> list[Finding]:
    return check_declared_areas(
        frame,
        layer=key,
        differs_share=float(ground.rules["check.declared_area_share"].value),
        differs_m2=float(ground.rules["check.declared_area_m2"].value),
    )


def _named(source: Reading, key: str, crs: str) -> list[Finding]:
    """What was found while reading, with the layer's name and its places in the study CRS."""
    placed = [f for f in source.findings if f.x is not None]
    points = gpd.GeoSeries.from_xy([f.x for f in placed], [f.y for f in placed], crs=source.frame.crs).to_crs(
        crs
    )
    at = {id(f): (float(p.x), float(p.y)) for f, p in zip(placed, points, strict=True)}
    named = [dataclasses.replace(f, layer=key) for f in source.findings]
    return [
        dataclasses.replace(n, x=at[id(f)][0], y=at[id(f)][1]) if id(f) in at else n
        for f, n in zip(source.findings, named, strict=True)
    ]


def _ids(ground: Ground, frame: gpd.GeoDataFrame, key: str, spec: LayerSpec) -> pd.Series[Any]:
    """The ids that findings name; parcels must have one each, and no two the same, or no question can be asked."""
    name = next(
        (n for n, f in role_fields(spec.role).items() if f["kind"] == "id" and n in frame.columns), None
    )
    if name is None:
        return pd.Series([str(i + 1) for i in range(len(frame))], index=frame.index)
    given = frame[name]
    if spec.role == "parcels" and (given.isna().any() or given.duplicated().any()):
        _refuse_ids(ground, frame, key, name)
        frame[name] = unique_ids(given)
    ids: pd.Series[Any] = frame[name].astype("object").where(frame[name].notna(), unique_ids(given))
    if spec.role != "parcels" and given.isna().any():
        rows = Rows(key, frame, ids.to_numpy(object), np.ones(len(frame), dtype=bool))
        ground.findings += check_missing_ids(rows, given)
    return ids


def _refuse_ids(ground: Ground, frame: gpd.GeoDataFrame, key: str, name: str) -> None:
    """Findings of ids that are missing or given twice, and the error for whoever asks a question."""
    given = frame[name]
    rows = Rows(key, frame, unique_ids(given).to_numpy(object), np.ones(len(frame), dtype=bool))
    ground.findings += check_ids(rows, given)
    missing = given.isna()
    if missing.any():
        facts: dict[str, object] = {"count": int(missing.sum()), "row": int(missing.argmax()) + 1}
        ground.refusals.append(LayerError("id_missing", layer=key, column=name, **facts))
    if twice := check_repeated(given):
        facts = {"count": len(twice), "ids": ", ".join(twice[:5])}
        ground.refusals.append(LayerError("id_twice", layer=key, column=name, **facts))


def _check_shapes(
    ground: Ground, frame: gpd.GeoDataFrame, ids: pd.Series[Any], key: str, spec: LayerSpec
) -> tuple[gpd.GeoDataFrame, pd.Series[bool]]:
    wants_lines = data_toml("fields/roles.toml")[spec.role]["geometry"] == "line"
    if spec.repair:
        mended = repair_structure(frame.geometry)
        ground.findings += check_repaired(frame.geometry, mended, ids, layer=key)
        frame = frame.set_geometry(mended)
    found, usable = check_geometry(frame, ids, layer=key)
    areal = frame.geometry[usable].geom_type.isin(["Polygon", "MultiPolygon"])
    if len(areal) and bool(areal.any()) == wants_lines:
        raise LayerError(
            "geometry_wrong", layer=key, role=spec.role, kind=str(frame.geometry[usable].geom_type.iloc[0])
        )
    ground.findings += found
    boundary = ground.of_role("boundary")
    if boundary is not None and len(boundary.frame) and spec.role != "boundary":
        area = shapely.union_all(boundary.frame.geometry.array)
        ground.findings += check_inside(frame, ids, usable, area, layer=key)
    if not wants_lines:
        frame = frame.assign(area_m2=area_m2(frame.geometry.where(usable)))
    return frame, usable


def _accuracy(ground: Ground, spec: LayerSpec) -> tuple[float | None, str]:
    given = spec.accuracy_m
    if given is None:
        return None, ""
    if isinstance(given, str):
        if not given.startswith("default:"):
            raise StudyError("accuracy_text", file=ground.study.file.name, value=given)
        return ground.rules.accuracy(given.removeprefix("default:"))
    if not 0 < given < math.inf:
        raise StudyError("accuracy_text", file=ground.study.file.name, value=str(given))
    return float(given), "study.toml"


def _scheme(frame: pd.DataFrame, key: str, spec: LayerSpec) -> str | None:
    if spec.role == "parcels" and "use_code" in frame.columns and spec.code_scheme is None:
        raise StudyError("scheme_missing", layer=key, column="use_code")
    return spec.code_scheme

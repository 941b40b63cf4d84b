"""Read a study: every layer in the study CRS, columns in our names, areas measured once, complaints as findings."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import LayerError, StudyError
from landkit.geometry import area_m2, repair_structure
from landkit.io.columns import role_fields, to_our_columns
from landkit.io.crs import to_study_crs
from landkit.io.opener import refuse_address
from landkit.io.tables import Match, join_table, read_table
from landkit.io.vector import read_layer
from landkit.ledger.manifest import fingerprint
from landkit.model import Code, Finding, Layer, Plan, why
from landkit.quality import checks
from landkit.rulebook import RuleBook, rulebook
from landkit.study import LayerSpec, Study, TableSpec, load_plan
from landkit.text import data_toml

ROW = "@row"  # in `fields` of a layer without ids: the place of the row in its file, 1 the first

Progress = Callable[[str, int, int], None]


def quiet(step: str, done: int, of: int) -> None:
    """Progress that nobody watches."""


@dataclass
class Ground:
    """A study that has been read: what all questions stand on."""

    study: Study
    rules: RuleBook
    plan: Plan
    layers: dict[str, Layer] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)

    def of_role(self, role: str) -> Layer | None:
        """The layer of a role; None where the study has none."""
        return next((x for x in self.layers.values() if x.role == role), None)

    def line(self, line: str) -> Layer | None:
        """The layer of a control line; None where the study has none."""
        return next((x for x in self.layers.values() if x.line == line), None)

    def table(self, role: str) -> pd.DataFrame | None:
        """The table of a role; None where the study has none."""
        key = next((k for k, spec in self.study.tables.items() if spec.role == role), None)
        return self.tables.get(key) if key else None

    @property
    def parcels(self) -> Layer:
        """The parcels.  Raises: StudyError where the study has none."""
        found = self.of_role("parcels")
        if found is None:
            raise StudyError("study_without_role", file=self.study.file.name, role="parcels")
        return found


def read_ground(study: Study, progress: Progress = quiet) -> Ground:
    """Open every layer and table of the study and make it ready.

    Raises: StudyError, RuleError, LayerError, CRSError: whatever cannot be used is named before anything is computed.
    """
    rules = rulebook(study.study.profile, on=study.rules_on, folder=study.folder)
    ground = Ground(study, rules, load_plan(study))
    _note_days(ground)
    steps = len(study.layers) + len(study.tables)
    order = sorted(study.layers, key=lambda k: study.layers[k].role != "boundary")
    for done, key in enumerate(order):
        progress("read", done, steps)
        ground.layers[key] = _read_one(ground, key, study.layers[key])
    for done, (key, spec) in enumerate(study.tables.items(), len(order)):
        progress("read", done, steps)
        _read_table(ground, key, spec)
    progress("read", steps, steps)
    _set_extents(ground)
    _check_line_layers(ground)
    parcels = ground.of_role("parcels")
    if parcels is not None:
        ground.findings += checks.check_parcels(
            parcels.frame,
            study.study.as_of,
            layer=parcels.id,
            differs_share=float(rules["check.area_differs_share"].value),
            overlap_m2=float(rules["check.overlap_m2"].value),
        )
    return ground


def _note_days(ground: Ground) -> None:
    head = ground.study.study
    if ground.study.rules_on != head.as_of:
        ground.findings.append(
            Finding(
                "study",
                "days.differ",
                "note",
                why("days_differ", as_of=str(head.as_of), rules_on=str(ground.study.rules_on)),
            )
        )
    for key in sorted(ground.rules.asleep):
        ground.findings.append(
            Finding(
                "study",
                "rules.asleep",
                "warning",
                why("rule_asleep", rule=key, day=str(ground.study.rules_on)),
            )
        )


def _read_one(ground: Ground, key: str, spec: LayerSpec) -> Layer:
    study = ground.study
    path = study.resolve(refuse_address(spec.path))
    frame = read_layer(path, layer=spec.layer, crs=spec.crs, encoding=spec.encoding)
    if ROW in spec.fields:
        frame[ROW] = [f"{i:0{len(str(len(frame)))}d}" for i in range(1, len(frame) + 1)]
        ground.findings.append(Finding(key, "ids.numbered", "note", why("ids_numbered")))
    frame = _keep(frame, spec.where, layer=key)
    _note_input(ground, key, path, len(frame), spec)
    if not len(frame) and spec.role != "control_line":
        raise LayerError("layer_empty", layer=key, path=spec.path)
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    ours, complaints = to_our_columns(
        attributes, layer=key, role=spec.role, fields=spec.fields, units=spec.units
    )
    ground.findings += complaints
    frame = gpd.GeoDataFrame(ours, geometry=frame.geometry, crs=frame.crs).reset_index(drop=True)
    frame = to_study_crs(frame, study.study.crs, layer=key)
    ids = _ids(frame, key, spec)
    frame, usable = _check_shapes(ground, frame, ids, key, spec)
    return Layer(
        id=key,
        role=spec.role,
        frame=frame[usable.to_numpy()] if spec.role not in ("parcels", "control_line") else frame,
        version=spec.version,
        accuracy_m=_accuracy(ground, spec)[0],
        accuracy_note=_accuracy(ground, spec)[1],
        line=spec.line,
        code_scheme=_scheme(frame, key, spec),
        synthetic=spec.provenance.synthetic,
        source=spec.provenance.source,
        licence=spec.provenance.licence,
        path=spec.path,
        facts={"rows": len(frame), "usable": int(usable.sum())},
    )


def _keep(frame: Any, where: dict[str, list[str | int]], *, layer: str) -> Any:
    for column, values in where.items():
        if column not in frame.columns:
            raise LayerError(
                "column_not_in_file", layer=layer, column=column, guess="/".join(map(str, frame.columns[:12]))
            )
        frame = frame[frame[column].astype(str).isin([str(v) for v in values])]
    return frame


def _ids(frame: gpd.GeoDataFrame, key: str, spec: LayerSpec) -> pd.Series[Any]:
    """The ids that findings name; parcels must have one each, and no two the same."""
    name = next(
        (n for n, f in role_fields(spec.role).items() if f["kind"] == "id" and n in frame.columns), None
    )
    if name is None:
        return pd.Series([str(i + 1) for i in range(len(frame))], index=frame.index)
    if spec.role == "parcels":
        if frame[name].isna().any():
            raise LayerError(
                "id_missing",
                layer=key,
                column=name,
                count=int(frame[name].isna().sum()),
                row=int(frame[name].isna().argmax()) + 1,
            )
        twice = checks.check_repeated(frame[name])
        if twice:
            raise LayerError("id_twice", layer=key, column=name, count=len(twice), ids=", ".join(twice[:5]))
    ids: pd.Series[Any] = frame[name].astype("object")
    return ids.where(ids.notna(), "?")


def _check_shapes(
    ground: Ground, frame: gpd.GeoDataFrame, ids: pd.Series[Any], key: str, spec: LayerSpec
) -> tuple[gpd.GeoDataFrame, pd.Series[bool]]:
    wants_lines = data_toml("fields/roles.toml")[spec.role]["geometry"] == "line"
    if spec.repair:
        mended = repair_structure(frame.geometry)
        ground.findings += checks.check_repaired(frame.geometry, mended, ids, layer=key)
        frame = frame.set_geometry(mended)
    found, usable = checks.check_geometry(frame, ids, layer=key)
    areal = frame.geometry[usable].geom_type.isin(["Polygon", "MultiPolygon"])
    if len(areal) and bool(areal.any()) == wants_lines:
        raise LayerError(
            "geometry_wrong", layer=key, role=spec.role, kind=str(frame.geometry[usable].geom_type.iloc[0])
        )
    ground.findings += found
    boundary = ground.of_role("boundary")
    if boundary is not None and len(boundary.frame) and spec.role != "boundary":
        area = shapely.union_all(boundary.frame.geometry.array)
        outside = checks.check_inside(frame, ids, usable, area, layer=key)
        if usable.any() and len(outside) == int(usable.sum()):
            raise LayerError("layer_elsewhere", layer=key, path=spec.path)
        ground.findings += outside
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


def _set_extents(ground: Ground) -> None:
    """Turn each layer's `valid_extent` into an area in the study CRS."""
    for key, spec in ground.study.layers.items():
        if spec.valid_extent is None:
            continue
        if isinstance(spec.valid_extent, str):
            area = _seamless(ground, key, ground.layers[spec.valid_extent])
        else:
            area = shapely.box(*spec.valid_extent)
        old = ground.layers[key]
        ground.layers[key] = dataclasses.replace(old, extent=area)


def _seamless(ground: Ground, key: str, layer: Layer) -> shapely.Geometry:
    """The ground of a layer; gaps between its polygons narrower than its own accuracy are seams, and are closed."""
    area = shapely.union_all(layer.frame.geometry.array)
    if not layer.accuracy_m:
        return area
    reach = layer.accuracy_m / 2
    whole = shapely.union_all([area, area.buffer(reach).buffer(-reach)])
    if whole.area - area.area > 1.0:
        facts = {"layer": layer.id, "sigma": f"{layer.accuracy_m:g}", "m2": f"{whole.area - area.area:,.0f}"}
        ground.findings.append(Finding(key, "extent.seams", "note", why("extent_seams", **facts)))
    return whole


def _check_line_layers(ground: Ground) -> None:
    seen: dict[str, str] = {}
    for layer in ground.layers.values():
        if layer.line is None:
            continue
        ground.rules.line(layer.line)
        if layer.line in seen:
            raise StudyError(
                "line_twice",
                file=ground.study.file.name,
                line=layer.line,
                first=seen[layer.line],
                second=layer.id,
            )
        seen[layer.line] = layer.id
        if not len(layer.frame):
            ground.findings.append(Finding(layer.id, "layer.empty", "error", why("control_layer_empty")))
        if layer.accuracy_m is None:
            ground.findings.append(Finding(layer.id, "accuracy.missing", "error", why("accuracy_missing")))
        if layer.extent is None:
            ground.findings.append(Finding(layer.id, "extent.missing", "error", why("extent_missing")))
    for line in ground.rules.lines:
        if line not in seen:
            ground.findings.append(Finding(line, "layer.missing", "error", why("line_layer_missing")))
    parcels = ground.of_role("parcels")
    if parcels is not None and parcels.accuracy_m is None:
        ground.findings.append(Finding(parcels.id, "accuracy.missing", "error", why("accuracy_missing")))


def _read_table(ground: Ground, key: str, spec: TableSpec) -> None:
    path = ground.study.resolve(refuse_address(spec.path))
    frame = _keep(
        read_table(path, sheet=spec.sheet, encoding=spec.encoding), spec.where, layer=key
    ).reset_index(drop=True)
    _note_input(ground, key, path, len(frame), spec)
    joined = ground.layers[spec.joins].role if spec.joins else None  # whose columns an attribute table brings
    frame, complaints = to_our_columns(
        frame,
        layer=key,
        role=joined or spec.role,
        fields=spec.fields,
        units=spec.units,
        whole=joined is None,
    )
    ground.findings += complaints
    ground.tables[key] = frame
    if spec.role == "attributes":
        _join(ground, key, spec, frame)
    elif spec.role == "enterprises":
        twice = checks.check_repeated(frame["enterprise_id"])
        if twice:
            raise LayerError(
                "id_twice", layer=key, column="enterprise_id", count=len(twice), ids=", ".join(twice[:5])
            )
        if "industry_code" in frame.columns and spec.code_scheme is None:
            raise StudyError("scheme_missing", layer=key, column="industry_code")
    elif spec.role == "enterprise_years":
        pairs = frame["enterprise_id"].astype(str) + " " + frame["year"].astype(str)
        twice = checks.check_repeated(pairs)
        if twice:
            raise LayerError(
                "id_twice",
                layer=key,
                column="enterprise_id + year",
                count=len(twice),
                ids=", ".join(twice[:5]),
            )


def _join(ground: Ground, key: str, spec: TableSpec, table: pd.DataFrame) -> None:
    target = spec.joins or ""
    layer = ground.layers[target]
    if "use_code" in spec.combine and not (spec.code_scheme or layer.code_scheme):
        raise StudyError("scheme_missing", layer=key, column="use_code")
    joined, match = join_table(
        pd.DataFrame(layer.frame), table, key=spec.key or "", combine=spec.combine, names=(key, target)
    )
    if match.unmatched_share > spec.max_unmatched_share:
        raise LayerError(
            "join_unmatched",
            table=key,
            layer=target,
            key=match.key,
            share=f"{match.unmatched_share * 100:.1f}",
            allowed=f"{spec.max_unmatched_share * 100:g}",
            ids=", ".join(match.table_only[:5]),
        )
    ground.matches.append(match)
    if match.keyless:
        ground.findings.append(
            Finding(key, "join.no_key", "error", why("join_no_key", rows=match.keyless, key=match.key))
        )
    ground.findings.append(
        Finding(
            key,
            "join.match",
            "note",
            why(
                "join_match",
                rows=match.rows,
                matched=match.matched_keys,
                table_only=len(match.table_only),
                layer_only=len(match.layer_only),
                repeated=match.repeated_keys,
                shared=match.shared_keys,
            ),
        )
    )
    for column, (given, placed) in match.sums.items():
        lost = 0.0 if math.isclose(given, placed, rel_tol=1e-12, abs_tol=1e-6) else given - placed
        facts = {"given": f"{given:,.2f}", "placed": f"{placed:,.2f}", "lost": f"{lost:,.2f}"}
        reason = why("join_total", column=Code("column", column), **facts)
        ground.findings.append(Finding(key, "join.total", "warning" if lost else "note", reason))
    frame = gpd.GeoDataFrame(
        joined.drop(columns="geometry"), geometry=layer.frame.geometry, crs=layer.frame.crs
    )
    ground.layers[target] = dataclasses.replace(
        layer, frame=frame, code_scheme=layer.code_scheme or spec.code_scheme
    )


def _note_input(ground: Ground, key: str, path: Path, rows: int, spec: LayerSpec | TableSpec) -> None:
    ground.inputs.append(
        {
            "id": key,
            "role": spec.role,
            "path": spec.path,
            "sha256": str(fingerprint(path)["sha256"]),
            "rows": rows,
            "version": spec.version,
            "source": spec.provenance.source,
            "licence": spec.provenance.licence,
            "synthetic": spec.provenance.synthetic,
        }
    )

"""Inspect a study (质检): every check of its layers and tables, beyond what reading it for questions looks at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.analysis.places import OUTSIDE
from landkit.errors import StudyError, nearest
from landkit.geometry import area_m2
from landkit.model import Finding, Layer, Place, finding, why
from landkit.quality.fields import check_fields
from landkit.quality.ids import check_codes
from landkit.quality.lines import check_delivered_twice, check_extent, check_vintage
from landkit.quality.neighbours import check_gaps, check_overlaps, shared_ground
from landkit.quality.rows import Rows, middle
from landkit.quality.shapes import check_drawing, check_one_piece
from landkit.quality.totals import ControlTotal, check_nested, check_occupied, check_total
from landkit.text import data_toml
from landkit.workflow.checked import drawing_limits, neighbour_limits, rows_of, table_rows
from landkit.workflow.common import Common

UNITS = {"counties": "county_id", "parks": "park_id", "clusters": "cluster_id"}  # roles compared unit by unit


def inspect(common: Common) -> list[Finding]:
    """All findings of the study that its reading does not have already, layer by layer, then across layers."""
    ground = common.ground
    across: list[Callable[[Common], list[Finding]]] = [_lines, _parks, _tables, _totals]
    steps = len(ground.layers) + len(across)
    out: list[Finding] = []
    for done, layer in enumerate(ground.layers.values()):
        common.progress("inspect", done, steps)
        out += _layer(common, layer)
    for done, check in enumerate(across, len(ground.layers)):
        common.progress("inspect", done, steps)
        out += check(common)
    common.progress("inspect", steps, steps)
    return out


def _layer(common: Common, layer: Layer) -> list[Finding]:
    """What data/checks/layers.toml asks of the layer's role."""
    asked, rules = data_toml("checks/layers.toml").get(layer.role, {}), common.ground.rules
    rows, limits = rows_of(layer), neighbour_limits(rules)
    out: list[Finding] = []
    if asked.get("drawing"):
        out += check_drawing(rows, drawing_limits(rules))
    if asked.get("one_piece"):
        out += check_one_piece(rows)
    if "overlap" in asked and layer.role != "parcels":  # parcels are compared when they are read
        pairs = shared_ground(rows)
        out += check_overlaps(rows, pairs, limits, check=asked["overlap"])
        if layer.line is not None:
            share = float(rules["check.twice_share"].value)
            out += check_delivered_twice(rows, pairs, twice_share=share)
    if asked.get("gaps"):
        most = int(rules["check.gap_most_rows"].value)
        if len(rows.frame) > most:
            reason = why("gaps_not_searched", rows=len(rows.frame), limit=most)
            out.append(finding(layer.id, "gaps.not_searched", reason))
        else:
            out += check_gaps(rows, limits)
    if layer.role == "parcels":
        out += check_codes(rows, "use_code", layer.code_scheme)
    return out


def _lines(common: Common) -> list[Finding]:
    """Control lines: how old they are, and which parcels they do not cover."""
    ground = common.ground
    parcels = ground.of_role("parcels")
    out: list[Finding] = []
    for layer in ground.layers.values():
        if layer.line is None:
            continue
        rules = [ground.rules[r] for r in ground.rules.line(layer.line).rules]
        out += check_vintage(layer, rules, ground.study.study.as_of)
        if parcels is not None:
            usable = parcels.frame.geometry[parcels.frame["area_m2"].notna()]
            out += check_extent(layer, usable.array, of=len(parcels.frame))
    return out


def _parks(common: Common) -> list[Finding]:
    """Units on each other, parcels in two parks, parks outside every county, built larger than planned."""
    ground = common.ground
    for role, key in UNITS.items():
        common.units_apart(role, key)  # its findings go to `findings_later`
    out = [*_outside_counties(common)]
    if ground.of_role("parks") is not None and ground.of_role("parcels") is not None:
        out += _in_two_parks(common)
    slack = float(ground.rules["check.compare_slack_share"].value)
    for rule in data_toml("checks/fields.toml")["nested"]:
        inner, outer = common.area_by_park(rule["inner"]), common.area_by_park(rule["outer"])
        out += check_nested(inner, outer, roles=(rule["inner"], rule["outer"]), slack=slack)
    return out


def _outside_counties(common: Common) -> list[Finding]:
    parks, counties = common.units("parks", "park_id"), common.units("counties", "county_id")
    if parks is None or counties is None:
        return []
    land = shapely.union_all(counties.geometry.array)
    rest = gpd.GeoSeries(parks.geometry.difference(land), crs=parks.crs)
    outside = area_m2(rest)
    more = outside[outside > float(common.rule("check.overlap_m2").value)]
    layer = common.ground.of_role("parks")
    return [
        finding(
            layer.id if layer else "parks",
            "parks.outside_counties",
            why("outside_counties", area=f"{m2:,.1f}"),
            park,
            at=middle(rest[park]),
        )
        for park, m2 in more.items()
    ]


def _in_two_parks(common: Common) -> list[Finding]:
    """Parcels of which more than the allowed share lies in a second park: counted by shares, once in all."""
    least = float(common.rule("check.park_share").value)
    pieces = common.places("parks", "park_id").pieces
    pieces = pieces[(pieces["unit"] != OUTSIDE) & (pieces["share"] > least)]
    several = pieces[pieces.duplicated("parcel", keep=False)]
    out = []
    for parcel, rows in several.groupby("parcel", sort=False):
        shares = [f"{u} {s * 100:.1f} %" for u, s in zip(rows["unit"], rows["share"], strict=True)]
        place: Place = middle(common.parcels.geometry[parcel])
        reason = why("two_parks", count=len(rows), shares=shares)
        out.append(finding(common.ground.parcels.id, "parcels.two_parks", reason, parcel, at=place))
    return out


def _tables(common: Common) -> list[Finding]:
    """The fields of the tables, and enterprises that stand on no land."""
    ground = common.ground
    out: list[Finding] = []
    for key, spec in ground.study.tables.items():
        if spec.role == "attributes":
            continue
        table = ground.tables[key]
        if ground.of_role("parcels") is not None:
            table = _on_land(common, table)
        rows = table_rows(key, spec.role, table)
        out += check_fields(rows, spec.role, ground.rules, ground.study.study.as_of)
        if spec.role == "enterprises":
            out += check_codes(rows, "industry_code", spec.code_scheme)
            out += _without_land(common, rows)
    return out


def _on_land(common: Common, table: pd.DataFrame) -> gpd.GeoDataFrame:
    """A table with the shape of the parcel of each row: its own, or the first that its enterprise occupies."""
    parcels = common.parcels.geometry
    named = table["parcel_id"] if "parcel_id" in table else _first_parcel(common, table["enterprise_id"])
    shapes = [parcels.get(str(p)) for p in named]
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, index=table.index, crs=parcels.crs))


def _first_parcel(common: Common, enterprises: pd.Series[Any]) -> pd.Series[Any]:
    occupancy = common.ground.table("occupancy")
    if occupancy is None:
        return pd.Series("", index=enterprises.index)
    first = occupancy.drop_duplicates("enterprise_id").set_index("enterprise_id")["parcel_id"]
    return enterprises.map(first).fillna("")


def _without_land(common: Common, enterprises: Rows) -> list[Finding]:
    occupancy = common.ground.table("occupancy")
    if occupancy is None:
        return []
    placed = set(occupancy["enterprise_id"].dropna().astype(str))
    return check_occupied(enterprises.layer, [str(i) for i in enterprises.ids if str(i) not in placed])


def _totals(common: Common) -> list[Finding]:
    """The control totals that the study states."""
    ground = common.ground
    usual = float(ground.rules["check.total_share"].value)
    out = []
    for spec in ground.study.totals:
        layer = ground.layers.get(spec.layer)
        frame = pd.DataFrame(layer.frame) if layer is not None else ground.tables[spec.layer]
        if spec.column not in frame.columns or not pd.api.types.is_numeric_dtype(frame[spec.column]):
            known = [str(c) for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])]
            guess = nearest(spec.column, known) or "/".join(known)
            facts = {"column": spec.column, "layer": spec.layer, "guess": guess}
            raise StudyError("total_column", file=ground.study.file.name, **facts)
        share = usual if spec.may_differ_share is None else spec.may_differ_share
        wanted = ControlTotal(spec.layer, spec.column, spec.total, share, spec.source)
        out.append(check_total(wanted, frame[spec.column].replace([np.inf, -np.inf], np.nan)))
    return out

"""One table of a study: read, brought to our columns, joined to its layer with a report of what found a partner."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Final

import pandas as pd

import geopandas as gpd

from landkit.errors import LayerError, StudyError
from landkit.io.columns import to_our_columns
from landkit.io.joins import join_table
from landkit.io.limits import Limits
from landkit.io.opener import refuse_address
from landkit.io.tables.read import read_table_source
from landkit.model import Code, finding, why
from landkit.quality.ids import check_repeated
from landkit.study import TableSpec
from landkit.workflow.corrected import apply_corrections
from landkit.workflow.ground import Ground, keep_rows, note_input
from landkit.workflow.reading.meaning import look_at_columns

_KEYED: Final = (
    "enterprises",
    "enterprise_years",
    "occupancy",
)  # whose rows speak of the enterprise that they name


def read_study_table(ground: Ground, key: str, spec: TableSpec) -> None:
    """One table into `ground`, joined to its layer where it says so.   Raises: StudyError, LayerError."""
    path = ground.study.resolve(refuse_address(spec.path))
    source = read_table_source(
        path,
        sheet=spec.sheet,
        encoding=spec.encoding,
        header_row=spec.header_row,
        limits=Limits(ground.study.limits),
    )
    ground.findings += [dataclasses.replace(f, layer=key) for f in source.findings]
    frame = keep_rows(source.frame, spec.where, layer=key)
    lines = [source.lines[place] for place in frame.index]
    frame = frame.reset_index(drop=True)
    note_input(ground, key, path, len(frame), spec)
    frame = apply_corrections(ground, key, spec, frame)
    joined = ground.layers[spec.joins].role if spec.joins else None  # whose columns an attribute table brings
    look_at_columns(ground, key, spec, frame, joined or spec.role)
    frame, complaints = to_our_columns(
        frame,
        layer=key,
        role=joined or spec.role,
        fields=spec.fields,
        units=spec.units,
        whole=joined is None,
    )
    ground.findings += complaints
    if spec.role in _KEYED:
        frame = _without_keyless(ground, key, frame, lines)
    ground.tables[key] = frame
    if spec.role == "attributes":
        _join(ground, key, spec, frame)
    elif spec.role == "enterprises":
        _refuse_repeated(ground, key, "enterprise_id", frame["enterprise_id"])
        if "industry_code" in frame.columns and spec.code_scheme is None:
            raise StudyError("scheme_missing", layer=key, column="industry_code")
    elif spec.role == "enterprise_years":
        pairs = frame["enterprise_id"].astype(str) + " " + frame["year"].astype(str)
        _refuse_repeated(ground, key, "enterprise_id + year", pairs)


def _without_keyless(ground: Ground, key: str, frame: pd.DataFrame, lines: list[int]) -> pd.DataFrame:
    """Without rows that name no enterprise, such as 合计 and 填报人 below a register: each is a finding.

    `lines` are the numbers of the rows as the sheet shows them.
    """
    missing = frame["enterprise_id"].isna()
    for place in frame.index[missing]:
        begins = next((str(v) for v in frame.loc[place] if pd.notna(v) and v != ""), "")
        facts = {"row": lines[place], "column": Code("column", "enterprise_id"), "begins": begins[:30]}
        ground.findings.append(finding(key, "ids.row_left_out", why("row_left_out", **facts), lines[place]))
    return frame[~missing].reset_index(drop=True) if missing.any() else frame


def _refuse_repeated(ground: Ground, key: str, column: str, ids: pd.Series[Any]) -> None:
    """A finding for each key that stands on more than one row, and the error for whoever asks a question."""
    twice = check_repeated(ids)
    for one in twice:
        rows = [int(i) + 1 for i in ids.index[ids.astype(str) == one]]
        reason = why("key_repeated", id=one, count=len(rows), rows=rows[:10])
        ground.findings.append(finding(key, "ids.key_repeated", reason, one))
    if twice:
        facts = {"count": len(twice), "ids": ", ".join(twice[:5])}
        ground.refusals.append(LayerError("id_twice", layer=key, column=column, **facts))


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
            finding(key, "join.no_key", why("join_no_key", rows=match.keyless, key=match.key))
        )
    ground.findings.append(
        finding(
            key,
            "join.match",
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
        ground.findings.append(finding(key, "join.lost" if lost else "join.total", reason, value=column))
    frame = gpd.GeoDataFrame(
        joined.drop(columns="geometry"), geometry=layer.frame.geometry, crs=layer.frame.crs
    )
    ground.layers[target] = dataclasses.replace(
        layer, frame=frame, code_scheme=layer.code_scheme or spec.code_scheme
    )

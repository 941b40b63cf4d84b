"""What the columns of a study mean: which are used, whether codes, units and kinds are what they say (字段含义)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from landkit.io.field_report import FieldReport, report_fields
from landkit.model import Code, Finding, Layer, finding, why
from landkit.quality.amounts import (
    AmountLimits,
    check_area_unit,
    check_money_columns,
    check_money_per_mu,
    check_money_years,
)
from landkit.quality.line_kinds import check_line_kind
from landkit.quality.schema import FieldResult, check_schema, schema, schema_findings
from landkit.quality.schemes import check_scheme
from landkit.study import LayerSpec, TableSpec
from landkit.units import to_mu
from landkit.workflow.checked import rows_of
from landkit.workflow.ground import Ground

MONEY = ("tax_wan_yuan", "sales_wan_yuan", "output_wan_yuan")  # of one size within a row, but for tax

AMOUNT_LIMITS = (
    "check.unit_near_share", "check.unit_most_share", "check.tax_per_mu_most", "check.sales_per_mu_most",
)  # fmt: skip


def look_at_columns(
    ground: Ground, key: str, spec: LayerSpec | TableSpec, frame: pd.DataFrame, role: str
) -> dict[str, Any]:
    """The columns of a source as its file has them: used, unused, rivals, and the table they should follow; for the record."""
    report = report_fields(map(str, frame.columns), role, spec.fields, also=spec.where)
    ground.findings += _of_report(key, report)
    facts: dict[str, Any] = {"used": report.used, "unused": list(report.unused)}
    named = spec.schema_name if isinstance(spec, LayerSpec) else None
    if named:
        table = schema(named)
        results = check_schema(frame, table)
        ground.findings += schema_findings(results, layer=key, table=table)
        ground.schemas[key] = schema_rows(results, layer=key, name=named)
        facts["schema"] = {"name": named, "failed": [r.field.name for r in results if r.result == "fail"]}
    return facts


def _of_report(key: str, report: FieldReport) -> list[Finding]:
    out = []
    for column, ours in report.looks_like.items():
        reason = why("field_looks_like", column=column, ours=ours, word=Code("column", ours))
        out.append(finding(key, "fields.looks_like", reason, value=column))
    for ours, rivals in report.twice.items():
        taken = next((c for c in rivals if c in report.used), rivals[0])
        reason = why("field_twice_mapped", word=Code("column", ours), rivals=rivals, taken=taken)
        out.append(finding(key, "fields.twice", reason, value=taken))
    left = [c for c in report.unused if c not in report.looks_like]
    if left:
        out.append(finding(key, "fields.unused", why("field_unused", count=len(left), columns=left[:30])))
    return out


def schema_rows(results: Sequence[FieldResult], *, layer: str, name: str) -> list[dict[str, Any]]:
    """One row per field of a statutory table: pass, fail or absent, and why."""
    return [
        {
            "layer": layer,
            "schema": name,
            "field": r.field.name,
            "field_zh": r.field.zh,
            "column": r.column,
            "required": r.field.required,
            "field_result": r.result,
            "rows": r.rows,
            "reasons": (r.reason,) if r.reason else (),
        }
        for r in results
    ]


def check_meaning(ground: Ground) -> None:
    """Findings about codes of another scheme, amounts in another unit, and lines of another kind."""
    limits = AmountLimits(*(float(ground.rules[name].value) for name in AMOUNT_LIMITS))
    for key, layer in ground.layers.items():
        unit = ground.study.layers[key].units.get("registered_area_m2", "m2")
        ground.findings += check_area_unit(rows_of(layer), "registered_area_m2", limits, unit=unit)
        ground.findings += _codes(ground, layer)
        if layer.line:
            ground.findings += check_line_kind(pd.DataFrame(layer.frame), layer=key, line=layer.line)
    for key, spec in ground.study.tables.items():
        if spec.role == "enterprise_years" and key in ground.tables:
            ground.findings += _money(ground, key, limits)


def _codes(ground: Ground, layer: Layer) -> list[Finding]:
    frame = layer.frame
    if layer.role != "parcels" or "use_code" not in frame.columns:
        return []
    names = frame["use_name"] if "use_name" in frame.columns else None
    found = check_scheme(
        frame["use_code"], names, layer=layer.id, column="use_code", scheme=layer.code_scheme
    )
    return found or _no_industry(ground, layer)


def _no_industry(ground: Ground, layer: Layer) -> list[Finding]:
    """Not one industrial parcel in a study of parks under the stated scheme, and many under another: most likely the other."""
    by_scheme = ground.rules.get("stock.industrial_use_codes")
    if by_scheme is None or layer.code_scheme not in by_scheme.value:
        return []
    codes = layer.frame["use_code"]
    counts = {scheme: int(codes.isin(listed).sum()) for scheme, listed in by_scheme.value.items()}
    other = max(counts, key=lambda s: counts[s])
    if counts[layer.code_scheme] or not counts[other]:
        return []
    facts = {"said": layer.code_scheme, "fits": other, "count": counts[other], "of": len(codes)}
    return [finding(layer.id, "codes.no_industry", why("scheme_no_industry", **facts))]


def _money(ground: Ground, key: str, limits: AmountLimits) -> list[Finding]:
    table = ground.tables[key]
    columns = [c for c in MONEY if c in table.columns]
    out = check_money_years(table, columns, layer=key) + check_money_columns(table, columns, layer=key)
    occupancy = ground.table("occupancy")
    if occupancy is None or "occupied_m2" not in occupancy.columns:
        return out
    land_mu = to_mu(occupancy.groupby("enterprise_id")["occupied_m2"].sum(min_count=1))
    per_mu = {c: table[c] / table["enterprise_id"].map(land_mu) for c in columns}
    return out + check_money_per_mu(per_mu, limits, layer=key)

"""The verb `repair`: copies of layers with their shapes mended, and a ledger of every repair; the inputs are not touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd

from landkit.errors import LayerError, StudyError
from landkit.io.columns import plain_text
from landkit.io.geopackage import write_geopackage
from landkit.io.tables.read import read_table
from landkit.io.write import outbox
from landkit.model import Repairs, Rule, say_all
from landkit.present.ledgers import Sheet, Summary, write_ledger
from landkit.quality.ids import unique_ids
from landkit.quality.repair import COLUMNS, RepairLimits, plan_repairs
from landkit.quality.rows import Rows
from landkit.rulebook import rulebook
from landkit.study import LayerSpec, Study, load_plan, load_study
from landkit.text import Lang, data_toml, term, text
from landkit.workflow.corrected import id_column, read_corrections
from landkit.workflow.ground import Ground, Progress, quiet
from landkit.workflow.reading.layers import open_study_layer
from landkit.workflow.say import write_csv

LIMITS = ("repair.area_change_m2", "repair.area_change_share")
SHOWN = tuple(c for c in COLUMNS if c != "reasons")


def repair(
    study: str | Path | Study,
    *,
    to: str | Path,
    accept: Sequence[str] = (),
    decisions: str | Path | None = None,
    lang: Lang = "zh",
    progress: Progress = quiet,
) -> Repairs:
    """Mend the invalid polygons of a study's layers (图形修复) into copies in `to`; one row per repair, areas in m2.

    `to` gets a GeoPackage for each layer with a repair that is applied, repairs.csv and repairs.xlsx, all or none.  A repair
    that changes the area by more than the rules allow is not applied unless its id is in `accept`, or in the column repair_id
    of the `decisions` table.

    Raises: LandkitError; also where an id is accepted that waits for no decision.
    """
    found = study if isinstance(study, Study) else load_study(study)
    rules = rulebook(found.study.profile, on=found.rules_on, folder=found.folder)
    limits = RepairLimits(*(float(rules[name].value) for name in LIMITS))
    decided = {*accept, *_decided(decisions)}
    ground = Ground(found, rules, load_plan(found))
    read_corrections(ground)
    tables, copies = [], {}
    for done, (key, spec) in enumerate(found.layers.items()):
        progress("repair", done, len(found.layers))
        if data_toml("fields/roles.toml")[spec.role]["geometry"] != "line":
            table, copy = _mend(ground, key, spec, limits, decided)
            tables.append(table)
            if (table["repair_state"] != "waiting").any():
                copies[key] = copy
    progress("repair", len(found.layers), len(found.layers))
    result = _result(pd.concat(tables, ignore_index=True), decided, [rules[n] for n in LIMITS], lang)
    with outbox(to) as box:
        for key, copy in copies.items():
            write_geopackage(box.path(f"{key}.gpkg"), {key: copy}, lang=lang)
        write_csv(box.path("repairs.csv"), result.table)
        box.write_bytes("repairs.xlsx", _ledger(result, found, lang))
    return result


def _mend(
    ground: Ground, key: str, spec: LayerSpec, limits: RepairLimits, decided: set[str]
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """The repairs of one layer in the CRS and with the columns of its source, and the layer with them."""
    frame, _ = open_study_layer(ground, key, spec)
    if frame.crs is None:
        raise LayerError("crs_missing", layer=key)
    column = id_column(spec, [str(c) for c in frame.columns])
    ids = (
        unique_ids(plain_text(frame[column]))
        if column
        else pd.Series(range(1, len(frame) + 1), index=frame.index)
    )
    rows = Rows(key, frame, np.asarray(ids, dtype=object), np.ones(len(frame), dtype=bool))
    table, shapes = plan_repairs(rows, limits, decided)
    return table, frame.set_geometry(shapes).drop(columns=[c for c in frame.columns if c.startswith("@")])


def _decided(decisions: str | Path | None) -> list[str]:
    if decisions is None:
        return []
    table = read_table(decisions)
    if "repair_id" not in table.columns:
        raise StudyError("decisions_unreadable", path=str(decisions))
    return [str(i) for i in table["repair_id"].dropna()]


def _result(table: pd.DataFrame, decided: set[str], rules: list[Rule], lang: Lang) -> Repairs:
    unknown = decided - set(table["repair_id"])
    if unknown:
        waiting = ", ".join(table.loc[table["repair_state"] == "waiting", "repair_id"]) or "-"
        raise StudyError("accept_unknown", ids=", ".join(sorted(unknown)), known=waiting)
    said = [say_all(r, lang) for r in table["reasons"]]
    return Repairs(table.drop(columns="reasons").assign(reason=said), rules=tuple(rules))


def _ledger(result: Repairs, study: Study, lang: Lang) -> bytes:
    """One sheet for what was mended, one for what waits for a decision."""
    head, table = study.study, result.table
    waits = table["repair_state"] == "waiting"
    sheets = [
        Sheet(text("mending.sheet", lang), table[~waits], summary=text("mending.about", lang)),
        Sheet(text("mending.sheet_waiting", lang), table[waits], summary=text("mending.about_waiting", lang)),
    ]
    return write_ledger(
        sheets,
        lang=lang,
        title=text("mending.title", lang, title=head.title_zh if lang == "zh" else head.title_en),
        notes=[f"{r.zh if lang == 'zh' else r.en}: {r.value:g}" for r in result.rules],
        created=dt.datetime.combine(head.as_of, dt.time(), tzinfo=dt.UTC),
        summary=Summary(synthetic=study.synthetic),
    )


def as_repair_report(result: Repairs, lang: Lang) -> str:
    """The repairs for a terminal: how many, then each; what waits for a decision last, with the ids to accept."""
    table = result.table
    if table.empty:
        return text("mending.nothing", lang)
    waits = table["repair_state"] == "waiting"
    lines = [text("mending.head", lang, done=int((~waits).sum()), waiting=int(waits.sum()))]
    lines += [_line(row, lang) for row in table[~waits].to_dict("records")]
    if waits.any():
        ids = " ".join(table.loc[waits, "repair_id"])
        lines += ["", text("mending.waiting", lang, ids=ids)]
        lines += [_line(row, lang) for row in table[waits].to_dict("records")]
    return "\n".join(lines)


def _line(row: dict[Any, Any], lang: Lang) -> str:
    areas = {f"area_{when}_m2": f"{row[f'area_{when}_m2']:,.2f}" for when in ("before", "after")}
    facts = {
        "id": row["repair_id"],
        "layer": row["layer"],
        "row": row["row"],
        "reason": f"{row['reason']}, {term('repair_method', row['repair_method'], lang)}",
        "before": areas["area_before_m2"],
        "after": areas["area_after_m2"],
        "parts_before": row["parts_before"],
        "parts_after": row["parts_after"],
    }
    return text("mending.row", lang, **facts)

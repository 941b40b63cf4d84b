"""The conflicts that another tool found, scored against what was planted in the demo study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from landkit.errors import LayerError, StudyError
from landkit.io.tables.read import read_table
from landkit.io.vector import read_layer
from landkit.study import load_study
from landkit.text import Lang, term, text
from landkit.workflow.say import as_html, as_text_table, clean
from landkit.workflow.their_table import LINES, calls_of

PLANTED = "planted.csv"
SHOWN = 3  # names quoted in a sentence


@dataclass(frozen=True)
class Scored:
    """How a tool called what was planted (评分): `table` of `landkit.bench.planted.score_calls`.

    `rows_not_scored` of its file are about lines that are not scored, `lines_not_scored`; `unknown` are parcels that the
    study does not have, made up by whoever wrote them; `columns` is which of its columns was read as which of ours.
    """

    table: pd.DataFrame
    rows_not_scored: int
    lines_not_scored: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """The same for machines."""
        rows = [{str(k): clean(v) for k, v in row.items()} for row in self.table.to_dict("records")]
        return {
            "rows": rows,
            "rows_not_scored": self.rows_not_scored,
            "lines_not_scored": list(self.lines_not_scored),
            "unknown": list(self.unknown),
            "columns": dict(self.columns),
        }

    def describe(self, lang: Lang) -> str:
        """The table for a terminal, its two sums, and what of the file was odd."""
        said = self.table.assign(planted=[term("planted", kind, lang) for kind in self.table["planted"]])
        missed, false = int(said["missed"].sum()), int(said["false_conflict"].sum())
        words = [text("cli.bench_scored", lang, missed=missed, false=false)]
        if self.rows_not_scored:
            names = _some(self.lines_not_scored)
            scored = ("、" if lang == "zh" else ", ").join(term("line", line, lang) for line in LINES)
            facts = {"rows": self.rows_not_scored, "names": names, "scored": scored}
            words.append(text("cli.bench_not_scored", lang, **facts))
        if self.unknown:
            words.append(text("cli.bench_unknown", lang, count=len(self.unknown), names=_some(self.unknown)))
        known = {ours: (ours, term("column", ours, lang)) for ours in self.columns}
        read_as = [
            f"{theirs} = {known[ours][1]}"
            for ours, theirs in self.columns.items()
            if theirs not in known[ours]
        ]
        if read_as:
            words.append(text("cli.bench_columns", lang, names=", ".join(read_as)))
        return "\n".join([as_text_table(said, lang), *words])

    def _repr_html_(self) -> str:
        return as_html(self.describe("zh"))


def score_conflicts(theirs: str | Path, *, study: str | Path) -> Scored:
    """The conflicts in a CSV or Excel table of any tool against the truth of the demo study (冲突评分).

    `theirs` has `parcel_id` and `line`, and perhaps `verdict` or `encroached_m2`, by these names or their Chinese and usual
    ones: without a verdict a row with more than 0 m2 is a conflict, without either every row is one.  `study` is the folder
    with `planted.csv`.

    Raises: StudyError where nothing is known of the truth, LayerError where the table cannot be read or understood.
    """
    from landkit.bench.planted import score_calls, truth_of

    table = _read(theirs)
    folder = Path(study).parent if Path(study).is_file() else Path(study)
    if not (folder / PLANTED).is_file():
        raise StudyError("score_truth", path=str(folder / PLANTED))
    truth = truth_of(read_table(folder / PLANTED))
    calls = calls_of(table, _parcels_of(folder), str(theirs))
    apart = ~calls.rows["line"].isin(truth["line"])
    return Scored(
        score_calls(truth, calls.rows[~apart]),
        int(apart.sum()),
        tuple(dict.fromkeys(calls.rows.loc[apart, "line"])),
        calls.unknown,
        calls.columns,
    )


def _read(path: str | Path) -> pd.DataFrame:
    """The table, whose names stand in its first row.   Raises: LayerError."""
    try:
        return read_table(path)
    except LayerError as error:
        if error.key != "table_title":
            raise
        raise LayerError("score_title", path=str(path), row=error.facts["row"]) from error


def _parcels_of(folder: Path) -> frozenset[str]:
    """The ids of the parcels of a study; none where the folder holds no study."""
    if not (folder / "study.toml").is_file():
        return frozenset()
    layers = load_study(folder).layers.values()
    spec = next((s for s in layers if s.role == "parcels"), None)
    if spec is None:
        return frozenset()
    frame = read_layer(folder / spec.path, layer=spec.layer, crs=spec.crs, encoding=spec.encoding)
    column = next((name for name, ours in spec.fields.items() if ours == "parcel_id"), "parcel_id")
    return frozenset(frame[column].dropna().astype(str).str.strip()) if column in frame else frozenset()


def _some(names: Sequence[str]) -> str:
    """The first few names, and that there are more."""
    return ", ".join(name or "?" for name in names[:SHOWN]) + (", …" if len(names) > SHOWN else "")

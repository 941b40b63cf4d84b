"""The conflicts that another tool found, scored against what was planted in the demo study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from landkit.errors import LayerError, StudyError
from landkit.io.tables import read_table
from landkit.model import Verdict
from landkit.text import LANGS, Lang, term, text
from landkit.workflow.say import as_html, as_text_table, clean

NEEDED = ("parcel_id", "line")
PLANTED = "planted.csv"
CODES: Final = {
    "verdict": [verdict.value for verdict in Verdict],
    "line": ["ecological_redline", "permanent_basic_farmland"],  # those that are scored
}


@dataclass(frozen=True)
class Scored:
    """How a tool called what was planted (评分): `table` of `landkit.bench.planted.score_calls`, and how many rows
    of its file are about lines that are not scored.
    """

    table: pd.DataFrame
    rows_not_scored: int

    def summary(self) -> dict[str, Any]:
        """The same for machines."""
        rows = [{str(k): clean(v) for k, v in row.items()} for row in self.table.to_dict("records")]
        return {"rows": rows, "rows_not_scored": self.rows_not_scored}

    def describe(self, lang: Lang) -> str:
        """The table for a terminal, and its two sums."""
        said = self.table.assign(planted=[term("planted", kind, lang) for kind in self.table["planted"]])
        facts = {"missed": int(said["missed"].sum()), "false": int(said["false_conflict"].sum())}
        words = text("cli.bench_scored", lang, rows=self.rows_not_scored, **facts)
        return f"{as_text_table(said, lang)}\n{words}"

    def _repr_html_(self) -> str:
        return as_html(self.describe("zh"))


def score_conflicts(theirs: str | Path, *, study: str | Path) -> Scored:
    """The conflicts in a CSV or Excel table of any tool against the truth of the demo study (冲突评分).

    `theirs` has `parcel_id` and `line` (a landkit code or its word), and perhaps `verdict` or `encroached_m2`: without a
    verdict a row with more than 0 m2 is a conflict, without either every row is one.  `study` is the folder with
    `planted.csv`.

    Raises: StudyError where nothing is known of the truth, LayerError where the table cannot be read or understood.
    """
    from landkit.bench.planted import score_calls, truth_of

    calls = _calls(read_table(theirs), str(theirs))
    folder = Path(study).parent if Path(study).is_file() else Path(study)
    if not (folder / PLANTED).is_file():
        raise StudyError("score_truth", path=str(folder / PLANTED))
    truth = truth_of(read_table(folder / PLANTED))
    apart = ~calls["line"].isin(truth["line"])
    return Scored(score_calls(truth, calls[~apart]), int(apart.sum()))


def _calls(table: pd.DataFrame, path: str) -> pd.DataFrame:
    for column in NEEDED:
        if column not in table.columns:
            raise LayerError(
                "score_column", path=path, column=column, known=", ".join(map(str, table.columns))
            )
    lines = _codes("line", table["line"])
    ids = table["parcel_id"].astype(str).str.strip()
    return pd.DataFrame({"parcel_id": ids, "line": lines, "verdict": _verdicts(table, path)})


def _verdicts(table: pd.DataFrame, path: str) -> list[Verdict]:
    if "verdict" in table.columns:
        codes = _codes("verdict", table["verdict"])
        for row, code in enumerate(codes, start=2):
            if code not in set(Verdict):
                raise LayerError("score_verdict", path=path, row=row, value=code, known=", ".join(Verdict))
        return [Verdict(code) for code in codes]
    if "encroached_m2" not in table.columns:
        return [Verdict.CONFLICT] * len(table)
    area = pd.to_numeric(table["encroached_m2"].fillna(0), errors="coerce").to_list()
    for row, value in enumerate(area, start=2):
        if not value >= 0:
            raise LayerError("score_area", path=path, row=row, value=table["encroached_m2"].iloc[row - 2])
    return [Verdict.CONFLICT if value > 0 else Verdict.CLEAR for value in area]


def _codes(group: str, words: pd.Series) -> list[str]:
    """Codes of a group, said as they are or by their word in either language."""
    meant = {term(group, code, lang): code for code in CODES[group] for lang in LANGS}
    said = words.astype(str).str.strip()
    return [meant.get(word, word) for word in said]

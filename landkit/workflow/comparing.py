"""Compare: two studies side by side on one page, and what became of every parcel between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from landkit.io.write import outbox
from landkit.present.maps import StudyMap, draw_comparison
from landkit.present.webmap import framed
from landkit.study import Study
from landkit.text import Lang, currency, term, text
from landkit.workflow.ask import answers_of
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.say import clean
from landkit.workflow.show.map import map_of
from landkit.workflow.written_run import is_written_run, map_of_run

PAGE: Final = "compare.html"
_SAME_M2: Final = 0.005
SAID: Final[Mapping[str, str]] = {
    "use": "popup.use",
    "area": "popup.area",
    "stock": "popup.stock",
    "conflict": "popup.conflict",
    "layout": "popup.layout",
    "rating_word": "popup.rating_word",
}
"""columns of the map's parcels that are compared word by word, and what each is called"""


@dataclass(frozen=True)
class Comparison:
    """What became of the parcels (对比): one row per parcel of either study with `change` and what changed in words."""

    to: Path
    outputs: Mapping[str, Path]
    table: pd.DataFrame = field(repr=False)

    def counts(self) -> dict[str, int]:
        """Parcels by change."""
        found = self.table["change"].value_counts()
        return {code: int(found.get(code, 0)) for code in ("changed", "appeared", "gone", "same")}

    def summary(self) -> dict[str, Any]:
        """Counts and every parcel that is not as it was, for machines."""
        rows = self.table[self.table["change"] != "same"].to_dict("records")
        facts: dict[str, Any] = clean({"to": str(self.to), "counts": self.counts(), "changes": rows})
        return facts

    def describe(self, lang: Lang) -> str:
        """The same for people, one line."""
        return text("compare.done", lang, path=self.outputs[PAGE], **self.counts())

    def _repr_html_(self) -> str:
        return framed(self.outputs[PAGE].read_text(encoding="utf-8"), title=PAGE)


def compare(
    before: str | Path | Study,
    after: str | Path | Study,
    *,
    to: str | Path,
    lang: Lang = "zh",
    progress: Progress = quiet,
) -> Comparison:
    """Two studies side by side in one page, parcels matched by id (对比); the classes of `before` are kept for both.

    Either may be the folder of a run instead: it is verified first, and compared as it was written.

    Raises: LandkitError, also where such a folder was changed; an earlier page in `to` is then as it was.
    """
    first, then = (_map(study, lang, progress) for study in (before, after))
    table = find_changes(first.parcels, then.parcels, lang=lang)
    heads = (f"{first.title} · {first.data_of}", f"{then.title} · {then.data_of}")
    title = text("compare.title", lang, before=first.data_of, after=then.data_of)
    halves = [_with_changes(half, table) for half in (first, replace(then, pins={**then.pins, **first.pins}))]
    with outbox(to) as box:
        box.write_text(PAGE, draw_comparison(halves[0], halves[1], title=title, heads=heads))
    return Comparison(Path(to), {PAGE: Path(to) / PAGE}, table)


def find_changes(before: pd.DataFrame, after: pd.DataFrame, *, lang: Lang) -> pd.DataFrame:
    """Per parcel id of either frame: `change` (changed, appeared, gone, same) and `change_words`, in order of id."""
    known = [column for column in SAID if column in before.columns and column in after.columns]
    old, new = (
        frame.drop_duplicates("parcel_id").set_index("parcel_id")[known].astype(object).fillna("")
        for frame in (before, after)
    )
    if "area" in known:
        new["area"] = new["area"].mask(
            _same_area(before, after).reindex(new.index, fill_value=False), old["area"]
        )
    ids = old.index.union(new.index)
    rows = [
        _change(old.loc[i] if i in old.index else None, new.loc[i] if i in new.index else None, lang)
        for i in ids
    ]
    return (
        pd.DataFrame(rows, columns=["change", "change_words"], index=ids)
        .rename_axis("parcel_id")
        .reset_index()
    )


def _same_area(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series[bool]:
    """By parcel of both, whether it is as large as it was: what is printed may be a hundredth off, so that parts add up."""
    old, new = (f.drop_duplicates("parcel_id").set_index("parcel_id") for f in (before, after))
    if "area_m2" not in old.columns or "area_m2" not in new.columns:
        return pd.Series(dtype=bool)
    both = old.index.intersection(new.index)
    same: pd.Series[bool] = (old.loc[both, "area_m2"] - new.loc[both, "area_m2"]).abs() < _SAME_M2
    return same


def _change(old: Any, new: Any, lang: Lang) -> tuple[str, str]:
    if old is None or new is None:
        code = "gone" if new is None else "appeared"
        return code, term("change", code, lang)
    said = [
        text(
            "compare.became",
            lang,
            what=text(key, lang),
            before=old[column] or text("compare.nothing", lang),
            after=new[column] or text("compare.nothing", lang),
        )
        for column, key in SAID.items()
        if column in old.index and old[column] != new[column]
    ]
    joiner = "；" if lang == "zh" else "; "
    return ("changed", joiner.join(said)) if said else ("same", term("change", "same", lang))


def _map(study: str | Path | Study, lang: Lang, progress: Progress) -> StudyMap:
    if is_written_run(study):
        return map_of_run(Path(str(study)), lang, progress)
    answers = answers_of(study, lang, progress)
    money = answers.ground.study.study
    with currency(money.currency_zh, money.currency_en):
        return map_of(answers)


def _with_changes(half: StudyMap, table: pd.DataFrame) -> StudyMap:
    by_id = table.set_index("parcel_id")
    ids = half.parcels["parcel_id"]
    parcels = half.parcels.assign(**{c: ids.map(by_id[c]) for c in ("change", "change_words")})
    return replace(half, parcels=parcels, first_theme="change")

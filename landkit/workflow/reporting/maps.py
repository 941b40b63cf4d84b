"""The maps of the report (专题图): the study by theme, and the park that has most of what a theme is about."""

from __future__ import annotations

import numpy as np

from landkit.present.sheets import Wish, draw_pictures
from landkit.text import data_toml, text
from landkit.workflow.ask import Answers
from landkit.workflow.atlas import overview_atlas, park_subjects


def pictures_of(answers: Answers) -> list[tuple[str, bytes]]:
    """Title and PNG of each map, in the order of report.toml.   Raises: as `landkit.sheets`."""
    plan, lang = data_toml("report.toml"), answers.lang
    themes = next(chapter["maps"] for chapter in plan["chapter"] if "maps" in chapter)
    atlas = overview_atlas(answers, themes[0], "A4")
    parks = park_subjects(answers)
    wishes, titles = [], []
    for theme in themes:
        wishes.append(Wish(theme, atlas.subjects[0]))
        titles.append(text(f"report_map.{theme}", lang))
        at = _most(answers, plan["park_map"].get(theme, ""))
        if at is not None:
            wishes.append(Wish(theme, parks[at]))
            titles.append(text(f"report_map.{theme}_park", lang, park=parks[at].heading))
    width, height = map(float, plan["page"]["picture_mm"])
    pictures = draw_pictures(atlas, wishes, size_mm=(width, height), dpi=plan["page"]["picture_dpi"])
    return list(zip(titles, pictures, strict=True))


def _most(answers: Answers, column: str) -> int | None:
    """The place of the park that has most of a column; None where none has any."""
    table = answers.parks.table
    if column not in table.columns:
        return None
    values = np.nan_to_num(table[column].to_numpy(float))
    return int(values.argmax()) if bool((values > 0).any()) else None

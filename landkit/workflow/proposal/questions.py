"""What a proposed study leaves open (待确认事项), entry by entry, as a colleague would ask it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import pyproj
import shapely

from landkit.io.crs.placing import area_of_use, likely, placements
from landkit.model import Code, Reason, why
from landkit.text import data_toml
from landkit.workflow.proposal.outlines import LABEL_OF_WEB_MAPS
from landkit.workflow.proposal.roles import is_common
from landkit.workflow.proposal.source import Source

ENOUGH_ROWS = 10  # fewer differ by chance


def questions(source: Source, *, extent: str | None, goal: str) -> list[Reason]:
    """The open questions of an entry; `extent` is the id of a layer that covers the study area, `goal` the study's CRS."""
    out = [*of_place(source, goal), *_of_header(source)]
    out += _of_ids(source)
    out += _of_columns(source)
    if source.role in ("control_line", "parcels"):
        out.append(why("ask_accuracy"))
    if source.role == "boundary" and source.rows > 1:
        out.append(why("ask_boundary_rows", rows=source.rows))
    if source.role == "control_line":
        out.append(why("ask_extent", layer=extent) if extent else why("ask_extent_open"))
    if source.line == "urban_development_boundary" and "czkfbj" in f"{source.path} {source.layer}".lower():
        out.append(why("ask_village"))
    return out


def open_questions(source: Source, goal: str) -> list[Reason]:
    """What may help a person to settle an entry that has no role of its own."""
    out = [*of_place(source, goal), *_of_header(source)]
    if source.table and not source.role:
        word = Code("plan", f"{source.table.zh}|{source.table.en}")
        out.append(why("ask_table", table=source.table.name, word=word))
    if source.ids and not source.role and source.rows >= ENOUGH_ROWS:
        out.append(why("ask_ids", columns=source.ids[:6]))
    return out


def of_joins(table: Source, known: dict[str, Source]) -> list[Reason]:
    """Layers that an open table shares a column with: it may be joined to them."""
    if table.geometry != "none" or table.role:
        return []
    out = []
    for key, layer in known.items():
        shared = [c for c in table.columns if c in layer.columns and not is_common(c)]
        if layer.geometry != "none" and shared:
            out.append(why("ask_join", layer=key, columns=shared))
    return out


def _of_ids(source: Source) -> list[Reason]:
    """An id column that was taken for its values, not for its name."""
    if not source.needs:
        return []
    word = Code("column", source.needs)
    if not source.ids:
        return [why("ask_no_id", word=word)]
    others = [*source.ids[1:], *source.ids_nearly][:6]
    taken = why("ask_id", word=word, taken=source.ids[0])
    return [taken, *([why("ask_id_others", others=others)] if others else [])]


def _of_header(source: Source) -> list[Reason]:
    """A row of names that was found below a title."""
    return [why("ask_header", row=source.header_row)] if source.header_row else []


def of_place(source: Source, goal: str) -> list[Reason]:
    """What is open about where a layer lies."""
    if source.geometry == "none":
        return []
    if source.crs is None:
        return [_of_missing_crs(source, pyproj.CRS.from_user_input(goal))]
    if source.offset is not None:
        return [source.offset]
    frame = pyproj.CRS.from_user_input(source.crs).geodetic_crs
    unchecked = source.role in ("boundary", "counties") and not source.compared
    if unchecked and frame is not None and frame.to_epsg() == LABEL_OF_WEB_MAPS:
        return [why("ask_web_offset")]
    return []


def _of_missing_crs(source: Source, goal: pyproj.CRS) -> Reason:
    """What the coordinates look like, where the file does not say: a suggestion, to be confirmed."""
    area = area_of_use(goal)
    points = np.array(source.points, dtype=float)
    if area is None or not len(points):
        return why("ask_crs")
    found = placements(points, goal, shapely.make_valid(area), goal)
    best = found[0] if found[0].share > 0.5 else likely(found)
    if best is None:
        return why("ask_crs")
    key = "ask_crs_as_study" if best.kind == "as_stated" and not best.swapped else "ask_crs_like"
    return why(key, place=best.say(), system=best.system)


def _of_columns(source: Source) -> list[Reason]:
    out = [
        why("ask_rivals", word=Code("column", ours), taken=_column_of(source, ours), others=others)
        for ours, others in sorted(source.rivals.items())
    ]
    if source.code_column and not source.code_scheme:
        out.append(why("ask_scheme", word=Code("column", source.code_column)))
    unused: Sequence[str] = source.unused
    if source.role and unused and data_toml("fields/roles.toml").get(source.role, {}).get("fields"):
        out.append(why("ask_unused", columns=list(unused[:20])))
    return out


def _column_of(source: Source, ours: str) -> str:
    return next((c for c, to in source.fields.items() if to == ours), ours)

"""Which columns of a source are used, which are not, and which look as if they should be (字段对应情况)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from landkit.io.columns import role_fields
from landkit.io.tables.cells import header_unit

# columns that software adds for itself, and helper columns that clipping leaves behind
_OF_SOFTWARE: Final = frozenset(
    {"fid", "objectid", "shape_length", "shape_area", "shape_leng", "gid", "geom", "@row"}
)
_HELPERS: Final = ("_ys", "_tq", "_ys_double")


class FieldReport(NamedTuple):
    """Columns by what became of them; `looks_like`: unused ones that fit a column of ours; `twice`: rivals for one."""

    used: dict[str, str]
    unused: tuple[str, ...]
    looks_like: dict[str, str]
    twice: dict[str, tuple[str, ...]]


def report_fields(
    columns: Iterable[str], role: str, fields: Mapping[str, str], *, also: Iterable[str] = ()
) -> FieldReport:
    """The columns of a source against a role and the study's mapping; `also` are columns that the study uses otherwise."""
    known = role_fields(role)
    here = [str(c) for c in columns if str(c).lower() not in _OF_SOFTWARE]
    here = [c for c in here if not c.lower().endswith(_HELPERS)]
    used = {c: fields.get(c, c) for c in here if c in fields or c in known}
    filled = set(used.values())
    candidates = {ours: tuple(matching(here, spec)) for ours, spec in known.items()}
    looks_like = {
        c: ours for ours, found in candidates.items() if ours not in filled for c in found if c not in used
    }
    twice: dict[str, tuple[str, ...]] = {}
    for ours, found in candidates.items():
        if ours in fields.values():
            continue  # the study says which
        rivals = tuple(dict.fromkeys([*(c for c, to in used.items() if to == ours), *found]))
        rivals = tuple(c for c in rivals if used.get(c, ours) == ours)
        if len(rivals) > 1:
            twice[ours] = rivals
    if not known:
        return FieldReport(used, (), {}, {})  # a role that takes the ground alone
    unused = tuple(c for c in here if c not in used and c not in set(also))
    return FieldReport(used, unused, looks_like, twice)


def matching(columns: Iterable[str], spec: Mapping[str, Any]) -> list[str]:
    """The columns that bear one of the names of a role's column (aliases, the Chinese word), the likeliest first."""
    lower: dict[str, str] = {}
    for column in columns:
        lower.setdefault(column.lower(), column)
    for column in list(lower.values()):  # 用地面积（亩）
        lower.setdefault(header_unit(column)[0].lower(), column)
    return [lower[a.lower()] for a in (*spec["aliases"], spec["zh"]) if a.lower() in lower]

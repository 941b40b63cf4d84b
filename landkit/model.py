"""What is handed from room to room: layers, verdict words, reasons, results.  Values only; nothing is computed here."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import pandas as pd

import geopandas as gpd
import shapely

from landkit.checklist import checklist
from landkit.text import Lang, term, text


class Verdict(StrEnum):
    """Of one parcel against one control line (结论)."""

    CONFLICT = "conflict"
    WITHIN_ACCURACY = "within_accuracy"
    CLEAR = "clear"
    NOT_CHECKED = "not_checked"


class StockStatus(StrEnum):
    """How sure it is that a parcel is stock (认定状态)."""

    CONFIRMED = "confirmed"
    CANDIDATE = "candidate"
    UNDECIDED = "undecided"
    NOT_STOCK = "not_stock"


class LayoutVerdict(StrEnum):
    """Of a parcel or park against the plan's layout (布局契合)."""

    FITS = "fits"
    PARTLY = "partly"
    DOES_NOT_FIT = "does_not_fit"
    TEXT_DOES_NOT_DECIDE = "text_does_not_decide"


class Reason(NamedTuple):
    """Why, as a key of messages.toml [reason] and its facts; words are found when the language is known."""

    key: str
    facts: tuple[tuple[str, object], ...] = ()

    def say(self, lang: Lang) -> str:
        """The sentence in a language.  A fact that is itself a code is put into words by its group (`group:code`)."""
        said = {name: _fact(value, lang) for name, value in self.facts}
        return text(f"reason.{self.key}", lang, **said)


def why(key: str, /, **facts: object) -> Reason:
    """A Reason with its facts."""
    return Reason(key, tuple((k, tuple(v) if isinstance(v, list) else v) for k, v in facts.items()))


class Code(NamedTuple):
    """A fact that is a code of a vocabulary group: said as its word."""

    group: str
    code: str


def _fact(value: object, lang: Lang) -> object:
    if isinstance(value, Code):
        if value.group == "plan":  # both languages stand in the plan file itself
            zh, _, en = value.code.partition("|")
            return zh if lang == "zh" else en
        return term(value.group, value.code, lang)
    if isinstance(value, Reason):
        return value.say(lang)
    if isinstance(value, list | tuple):
        return ("、" if lang == "zh" else ", ").join(str(_fact(v, lang)) for v in value)
    return value


def column_of(reasons: Sequence[object], index: pd.Index[Any] | None = None) -> pd.Series[Any]:
    """Reasons (or tuples of them) as a column of objects."""
    return pd.Series(list(reasons), index=index, dtype="object")


def say_all(reasons: Iterable[Reason], lang: Lang) -> str:
    """Several reasons as one text."""
    return ("；" if lang == "zh" else "; ").join(r.say(lang) for r in reasons)


@dataclass(frozen=True)
class Layer:
    """One source as read: rows in the study CRS, columns in our names, `area_m2` measured for polygons.

    `extent` is the area the source covers completely, or None where nobody says.  `missing` names columns of the role
    that the source does not have.
    """

    id: str
    role: str
    frame: gpd.GeoDataFrame
    version: str = ""
    accuracy_m: float | None = None
    accuracy_note: str = ""
    extent: shapely.Geometry | None = None
    line: str | None = None
    code_scheme: str | None = None
    synthetic: bool = False
    source: str = ""
    licence: str = ""
    path: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ControlLine:
    """A control line (控制线) as the rule profile defines it: what breaks it, how grave that is, under which clause."""

    id: str
    breach: str  # "inside" | "outside"
    severity: int
    rules: tuple[str, ...]
    forbids_building: bool = True
    zh: str = ""
    en: str = ""

    def name(self, lang: Lang) -> str:
        """Its name in a language."""
        return (self.zh if lang == "zh" else self.en) or term("line", self.id, lang)


@dataclass(frozen=True)
class Citation:
    """Where a rule stands (依据)."""

    title: str
    number: str = ""
    article: str = ""
    url: str = ""
    issued: datetime.date | None = None

    def say(self) -> str:
        """As one line."""
        return " ".join(
            p for p in (f"《{self.title}》", f"({self.number})" if self.number else "", self.article) if p
        )


@dataclass(frozen=True)
class Rule:
    """One rule value as it stands on a day (规则), with its source; `decides` is False where the law only says "may"."""

    id: str
    value: Any
    unit: str
    basis: str  # law | standard | local | plan | assumption
    decides: bool
    verified: bool
    citation: Citation
    zh: str
    en: str
    since: datetime.date | None
    until: datetime.date | None
    profile: str = ""


@dataclass(frozen=True)
class PlanPart:
    """An axis, a cluster or a park as the plan's text gives it, with the sentence (原文) it rests on."""

    id: str
    zh: str
    en: str
    quote: str
    parks: tuple[str, ...] = ()
    leading: tuple[str, ...] = ()
    emerging: tuple[str, ...] = ()
    parts: tuple[
        str, ...
    ] = ()  # industries of the park's parts (一区多园): listed, but not counted as the park's own

    @property
    def listed(self) -> frozenset[str]:
        """All industries that the text gives it or its parts."""
        return frozenset((*self.leading, *self.emerging, *self.parts))

    @property
    def name(self) -> Code:
        """Its name, said in the reader's language."""
        return Code("plan", f"{self.zh}|{self.en}")


@dataclass(frozen=True)
class Plan:
    """The layout that a plan's text gives (两轴六片区): axes, clusters, parks with their industries, and declared assumptions."""

    title: str = ""
    axes: Mapping[str, PlanPart] = field(default_factory=dict)
    clusters: Mapping[str, PlanPart] = field(default_factory=dict)
    parks: Mapping[str, PlanPart] = field(default_factory=dict)
    industries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    corridor_width_m: float = 0.0
    max_leading: int = 2
    corridor: tuple[str, str] = ("", "")  # what is assumed about the corridor, zh and en

    def cluster_of_park(self, park: str) -> str | None:
        """The cluster whose sentence names the park; None where no sentence does."""
        return next((c.id for c in self.clusters.values() if park in c.parks), None)


@dataclass(frozen=True)
class Finding:
    """One row of checking (质检问题): in which layer and row, of which check, why, and where (x, y in the study CRS).

    A finding of a whole layer has no row and no place.  `value` is what stands there: a cell, or the other row's id.
    How grave it is stands in the catalogue; `finding` takes it from there.
    """

    layer: str
    check: str  # an id of the catalogue, data/checks.toml
    severity: str  # error | warning | note
    reason: Reason
    row: str = ""
    value: str = ""
    x: float | None = None
    y: float | None = None


Place = tuple[float | None, float | None]  # x, y in the study CRS, metres
NOWHERE: Place = (None, None)


def finding(
    layer: str, check: str, reason: Reason, row: object = "", *, value: object = "", at: Place = NOWHERE
) -> Finding:
    """A Finding of a check of the catalogue, with the severity that stands there.   Raises: KeyError for an unknown id."""
    return Finding(layer, check, checklist()[check].severity, reason, str(row), str(value), *at)


@dataclass(frozen=True)
class Reading:
    """A source as its file gave it (读取结果): its rows, what was decided while reading it, and complaints.

    `facts` say how (encoding and why, CRS operation and accuracy, rows skipped ...), `findings` what people should look at;
    their `layer` is "" and is named by whoever asked for the source.
    """

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """Base of all results: a table, what it rests on, and further tables by name.

    `table` is a (Geo)DataFrame with a plain index; `rules` are the rule values used; `layers` the ids and versions of the
    layers used; `tables` holds what stands beside the main table (summaries, pieces).
    """

    table: pd.DataFrame
    rules: tuple[Rule, ...] = ()
    layers: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[Reason, ...] = ()
    drawn: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    """how a notebook shows it: HTML, made when it is wanted"""

    def _repr_html_(self) -> str:
        """A map where there is one, else the table."""
        return self.drawn() if self.drawn else str(self.table.to_html(max_rows=20))

    def replace(self, **changes: Any) -> Any:
        """The same result with some parts changed."""
        return dataclasses.replace(self, **changes)


class Stock(Result):
    """Redevelopment stock (存量), one row per parcel; `tables`: by_park, by_county, by_cluster, by_class."""


class Conflicts(Result):
    """Conflicts (冲突), one row per parcel x control line; `tables`: by_line, coverage, lines, parks."""


class Layout(Result):
    """Layout (布局), one row per parcel; `tables`: parks."""


class Intensity(Result):
    """Output intensity (强度), one row per parcel; `tables`: enterprises, conservation."""


class Parks(Result):
    """Parks (园区), one row per park."""


class Capacity(Result):
    """Capacity (增量), one row per park."""


class Findings(Result):
    """Findings (质检), one row per finding."""


class Repairs(Result):
    """Repairs of shapes (图形修复), one row per repair, applied or waiting for a decision."""


@dataclass(frozen=True)
class Layers(Result):
    """What files hold (图层概况), one row per layer and one per file that cannot be read."""

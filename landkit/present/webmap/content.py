"""What goes on the page: themes, parcels, overlays, words.  Plain values, checked before they are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from geopandas import GeoDataFrame

from landkit.errors import ExportError
from landkit.present.webmap.basemap import Basemap
from landkit.text import Lang

Shape = Literal["area", "line", "point"]
Fields = tuple[tuple[str, str], ...]
"""(column, label) pairs."""

WORD_KEYS: Final = (
    "all", "area", "basemap", "basemap_key", "basemap_online", "clear", "close", "coarse", "coordinates",
    "easting", "filters", "fold", "greatest", "here", "home", "items", "layers", "least", "legend",
    "length", "loading", "map_keys", "measure", "measure_how", "next", "no_data", "no_geometry", "no_hit",
    "north", "northing", "notes_all", "notes_less", "opacity", "previous", "print", "reset", "scale", "search", "shown",
    "simplified", "slow", "theme", "too_old", "undrawn", "unit_ha", "unit_km", "unit_m", "unit_m2",
    "unit_mu", "unreadable", "zoom_in", "zoom_out",
)  # fmt: skip
"""Every word the page needs.  `shown` holds {n} {m}; `here` and `items` {n}; `undrawn` {layer} {n}; `simplified` and
`coarse` {layer} {metres}; `basemap_online` {hosts}."""

MOST_CLASSES: Final = 250
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_KEY = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, kw_only=True)
class Theme:
    """One way to colour the parcels (专题); the reader switches between those of a map."""

    key: str
    title: str
    column: str
    kind: Literal["category", "number"]
    classes: tuple[tuple[str, str, str], ...] = ()
    """category: (value, label, colour) in legend order"""
    breaks: tuple[float, ...] = ()
    """number: lower bounds of all classes but the first, rising; a value equal to a break belongs above it"""
    colours: tuple[str, ...] = ()
    unit: str = ""
    about: str = ""
    """how the classes were made, below the title of the legend"""
    matrix: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """category: (row labels, column labels) of a legend drawn as a square; the classes then stand row by row"""
    missing_label: str = ""
    """legend line of the rows with no value or an unlisted one; the word `no_data` when empty"""

    def labels(self) -> tuple[str, ...]:
        """Class labels in legend order."""
        if self.kind == "category":
            return tuple(label for _, label, _ in self.classes)
        shown = [f"{value:,.10g}" for value in self.breaks]
        if not shown:
            return (self.title,)
        middle = [f"{low} – {high}" for low, high in pairwise(shown)]
        return (f"< {shown[0]}", *middle, f"≥ {shown[-1]}")

    def class_colours(self) -> tuple[str, ...]:
        """Class colours in legend order."""
        return tuple(colour for _, _, colour in self.classes) if self.kind == "category" else self.colours

    def check(self) -> None:
        """Raises ExportError when colours, breaks or classes do not fit together."""
        colours = self.class_colours()
        for colour in colours:
            check_colour(colour, where=self.key)
        if self.kind == "number" and len(colours) != len(self.breaks) + 1:
            raise ExportError(
                "map_theme_colours", theme=self.key, breaks=len(self.breaks), colours=len(colours)
            )
        if any(not low < high for low, high in pairwise(self.breaks)):
            raise ExportError("map_theme_breaks", theme=self.key, breaks=self.breaks)
        if len(colours) > MOST_CLASSES:
            raise ExportError("map_theme_classes", theme=self.key, classes=len(colours))
        if self.matrix and len(self.matrix[0]) * len(self.matrix[1]) != len(self.classes):
            raise ExportError("map_theme_square", theme=self.key, classes=len(self.classes))
        check_unique((value for value, _, _ in self.classes), where=self.key)


@dataclass(frozen=True, kw_only=True)
class Tour:
    """Rows to be gone through one after another (逐处查看), such as all conflicts, neighbours next to each other."""

    column: str
    values: tuple[str, ...]
    title: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Parcels:
    """The parcels of a map: polygons in any CRS, one row each; only columns named here reach the page.

    With `shapes`, lines and points (roads, enterprises) take themes, search and filters as well.
    """

    frame: GeoDataFrame
    name: str
    id_column: str
    themes: tuple[Theme, ...] = ()
    popup: Fields = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    """column of the popup -> the heading that stands before it"""
    glossaries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """column of the popup that lists codes (`a;b`) -> what is shown for each code, one per line"""
    search_columns: tuple[str, ...] = ()
    """the columns the search box looks in, the first being what a hit is called; the id alone when empty"""
    filters: Fields = ()
    """columns of values to choose from"""
    ranges: Fields = ()
    """columns of numbers to filter by least and greatest"""
    tour: Tour | None = None
    colour: str = "#d9cfb8"
    """of all parcels when there is no theme"""
    outline: str = "#6f675c"
    opacity: float = 0.9
    group: str = ""
    """heading under which the layer control lists them"""
    show: bool = True
    shapes: tuple[Shape, ...] = ("area",)
    coarse_m: float = 0.0
    """for layers that must not leave exactly: vertices lie on a grid at least this wide; the title block says so"""

    def check(self) -> None:
        """Raises ExportError for a missing column, a bad colour or a theme that contradicts itself."""
        for theme in self.themes:
            theme.check()
        check_unique((theme.key for theme in self.themes), where=self.name)
        check_colour(self.colour, where=self.name)
        check_colour(self.outline, where=self.name)
        wanted = [self.id_column, *self.search_columns, *self.headings, *self.glossaries]
        wanted += [theme.column for theme in self.themes]
        wanted += [column for column, _ in (*self.popup, *self.filters, *self.ranges)]
        wanted += [self.tour.column] if self.tour else []
        check_columns(self.frame, wanted, where=self.name)


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlay:
    """Polygons, lines or points over (with `below`, under) the parcels: parks, control lines, axes, conflicts, wells."""

    key: str
    name: str
    frame: GeoDataFrame
    colour: str
    weight: float = 1.5
    """line width in screen pixels; 0 draws no line"""
    radius: float = 4.0
    """of points, in screen pixels"""
    dash: str = ""
    """dash and gap lengths in screen pixels, as "7 4"; empty for a whole line"""
    line_opacity: float = 1.0
    fill: str = ""
    """fill and hatch colour; `colour` when empty"""
    fill_opacity: float = 0.0
    hatch: Literal["", "/", "\\"] = ""
    arrow: bool = False
    """an arrowhead at the end of each line"""
    colour_column: str = ""
    """a column of #rrggbb that replaces `colour` and `fill` row by row"""
    popup: Fields = ()
    """shown on click; when empty a click passes through to what lies below"""
    group: str = ""
    """heading under which the layer control lists it"""
    label_column: str = ""
    """text that stands on the map, such as park names"""
    below: bool = False
    show: bool = True
    coarse_m: float = 0.0
    """for layers that must not leave exactly: vertices lie on a grid at least this wide; the title block says so"""
    simplify_m: float = 0.0
    """greatest displacement allowed in drawing; when above 0 the title block says so"""

    def check(self) -> None:
        """Raises ExportError for a column that is not there or a bad style."""
        if not _KEY.fullmatch(self.key):
            raise ExportError("map_key", key=self.key)
        for colour in (self.colour, self.fill or self.colour):
            check_colour(colour, where=self.key)
        if not re.fullmatch(r"(\d+(\.\d+)?( |$))*", self.dash):
            raise ExportError("map_dash", layer=self.key, dash=self.dash)
        columns = [column for column, _ in self.popup]
        columns += [column for column in (self.label_column, self.colour_column) if column]
        check_columns(self.frame, columns, where=self.name)
        if self.colour_column:
            for value in self.frame[self.colour_column]:
                check_colour(str(value), where=self.key)


@dataclass(frozen=True, kw_only=True, eq=False)
class MapContent:
    """Everything on one page.  All words come from the caller, in the language of the page."""

    title: str
    words: Mapping[str, str]
    subtitle: str = ""
    notes: tuple[str, ...] = ()
    marks: Fields = ()
    """(label, value) lines of the title block: map approval number, secrecy, date"""
    study_crs: str = ""
    """the coordinates shown under the pointer; degrees alone when empty"""
    lang: Lang = "zh"
    parcels: Parcels | None = None
    overlays: tuple[Overlay, ...] = ()
    """drawn in this order, the last on top"""
    basemap: Basemap | None = None
    """tiles under the map; the page then needs the network"""

    def check(self) -> None:
        """Raises ExportError for anything that could not be drawn as asked."""
        check_words(self.words)
        check_unique((overlay.key for overlay in self.overlays), where=self.title)
        if self.parcels is not None:
            self.parcels.check()
        for overlay in self.overlays:
            overlay.check()


def check_words(words: Mapping[str, str]) -> None:
    """Raises ExportError naming the words that are missing."""
    missing = [key for key in WORD_KEYS if key not in words]
    if missing:
        raise ExportError("map_words", missing=", ".join(missing))


def check_colour(colour: str, *, where: str) -> None:
    """Raises ExportError unless the colour is #rrggbb."""
    if not _COLOUR.fullmatch(colour):
        raise ExportError("map_colour", layer=where, colour=colour)


def check_columns(frame: GeoDataFrame, columns: Iterable[str], *, where: str) -> None:
    """Raises ExportError naming the columns that the frame does not have."""
    missing = [column for column in dict.fromkeys(columns) if column not in frame.columns]
    if missing:
        raise ExportError("map_columns", layer=where, missing=", ".join(missing))


def check_unique(values: Iterable[str], *, where: str) -> None:
    """Raises ExportError naming a value that stands twice."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ExportError("map_twice", layer=where, value=value)
        seen.add(value)

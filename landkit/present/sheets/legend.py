"""How parcels and layers look on paper, and their legend (图例)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

import geopandas as gpd
import shapely

from landkit.arrays import Ints
from landkit.present.map_themes import study_themes
from landkit.present.maps import StudyMap, overlays_of, pieces_of
from landkit.present.webmap import Overlay, Theme
from landkit.text import data_toml, term, text

_ASIDE: Final = 0.02  # of a map's width
_SEE_THROUGH: Final = 0.45  # parcels coloured by verdict, so that the pieces of conflict stand out on them
_PIECES: Final = 0.9
_PIXEL_PT: Final = 0.55  # a screen pixel of a map's style, in points on paper


@dataclass(frozen=True, eq=False)
class Look:
    """A layer, or a class of parcels, as it is drawn: label, shapes by row, matplotlib's style of a collection."""

    label: str
    frame: gpd.GeoDataFrame
    style: dict[str, Any]
    line: bool = False
    label_column: str = ""
    step_m: float = 0.0

    @property
    def hollow(self) -> bool:
        """Whether nothing but the outline shows."""
        face = self.style["facecolor"]
        return bool(face == "none" or (isinstance(face, tuple) and face[3] == 0))

    def drawn(self, lettering: float) -> dict[str, Any]:
        """The style on a sheet whose lettering is so much larger than on A4: its lines are as much wider."""
        return self.style | {"linewidth": self.style.get("linewidth", 1.0) * lettering}

    def within(self, bounds: tuple[float, float, float, float]) -> Any:
        """The shapes cut to a map's frame, on the layer's coarse grid where it must not leave exactly."""
        hits = self.frame.sindex.query(shapely.box(*bounds))
        shapes = shapely.make_valid(self.frame.geometry.to_numpy()[hits])
        if self.hollow and not self.line:
            shapes = shapely.boundary(shapes)
        shapes = shapes[shapely.intersects(shapes, shapely.box(*bounds))]
        aside = (bounds[2] - bounds[0]) * _ASIDE  # the edge of a cut must not be seen
        west, south, east, north = bounds
        shapes = shapely.clip_by_rect(shapes, west - aside, south - aside, east + aside, north + aside)
        shapes = shapes[~shapely.is_empty(shapes)]
        step = self.step_m
        return shapely.transform(shapes, lambda xy: np.round(xy / step) * step) if step else shapes


def looks_of(study: StudyMap, theme: str) -> list[Look]:
    """Everything that is drawn, from the ground up."""
    lines = {layer.id for layer in study.layers if layer.role == "control_line"}
    shown = [o for o in overlays_of(study) if o.show or o.key in lines]
    below = [_overlay(o) for o in shown if o.below and o.key not in lines]
    above = [_overlay(o) for o in shown if not o.below]
    return [
        *below,
        *[_overlay(o) for o in shown if o.below and o.key in lines],
        *_parcels(study, theme),
        *above,
        *[_overlay(replace(o, fill_opacity=_PIECES)) for o in pieces_of(study)],
    ]


def _overlay(overlay: Overlay) -> Look:
    frame = overlay.frame[overlay.frame.geometry.notna()]
    line = not bool((shapely.get_dimensions(frame.geometry.to_numpy()) == 2).any())
    dash = [float(n) * _PIXEL_PT for n in overlay.dash.split()]
    style: dict[str, Any] = {
        "edgecolor": _faded(overlay.colour, overlay.line_opacity if overlay.weight else 0.0),
        "facecolor": "none" if line else _faded(overlay.fill or overlay.colour, overlay.fill_opacity),
        "linewidth": overlay.weight * _PIXEL_PT,
    }
    if dash:
        style["linestyle"] = (0, [d / max(style["linewidth"], 1e-9) for d in dash])
    if overlay.hatch:
        style["hatch"] = overlay.hatch * 3
    return Look(overlay.name, frame, style, line, overlay.label_column, overlay.coarse_m)


def _parcels(study: StudyMap, theme: str) -> list[Look]:
    """One look per class that has parcels; those of no class are hatched: missing is not zero."""
    frame = study.parcels[study.parcels.geometry.notna()]
    found = next(t for t in study_themes(frame, study.lang, study.pins, of=study.data_of) if t.key == theme)
    colours = data_toml("palettes.toml")
    step = study.steps_m.get("parcels", 0.0)
    outline = {"linewidth": 0.25, "edgecolor": colours["outline"]}
    place = class_places(found, frame)
    missing = ("", found.missing_label or text("map.no_data", study.lang), colours["missing"])
    out = []
    for at, (value, label, colour) in enumerate((*drawn_classes(found), missing)):
        rows = frame[place == at]
        if not len(rows):
            continue
        style: dict[str, Any] = outline | {
            "facecolor": _faded(colour, _SEE_THROUGH if theme == "verdict" else 1.0)
        }
        if value in colours["hatched"] or not value:
            style |= {"facecolor": "#f4f3f0", "edgecolor": colours["missing"], "hatch": "/////"}
        name = f"{term('role', 'parcels', study.lang)} · {label}"
        out.append(Look(name, gpd.GeoDataFrame(rows), style, step_m=step))
    return out


def drawn_classes(theme: Theme) -> list[tuple[str, str, str]]:
    """The classes of a theme: (code, label, colour); of numbers the ranges between the breaks, the lower end within."""
    if theme.kind != "number":
        return list(theme.classes)
    classes = zip(theme.labels(), theme.colours, strict=True)
    return [(label, f"{label} {theme.unit}".strip(), colour) for label, colour in classes]


def class_places(theme: Theme, frame: gpd.GeoDataFrame) -> Ints:
    """For each parcel the place of its class; after the last where it has none."""
    if theme.kind == "number":
        values = frame[theme.column].to_numpy(float)
        found = np.searchsorted(np.asarray(theme.breaks, float), values, side="right")
        return np.where(np.isnan(values), len(theme.breaks) + 1, found).astype(np.int64)
    order = {value: at for at, (value, _, _) in enumerate(theme.classes)}
    return np.array([order.get(v, len(order)) for v in frame[theme.column]], dtype=np.int64)


def _faded(colour: str, opacity: float) -> tuple[float, float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue, opacity

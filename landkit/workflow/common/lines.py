"""The parcels against the control lines (控制线): verdicts, zones, and the ground that must not be built on."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit import overlay
from landkit.analysis import conflicts
from landkit.geometry import area_m2
from landkit.model import ControlLine, Layer, Verdict
from landkit.text import Lang
from landkit.workflow.common.where import Where
from landkit.workflow.ground import Ground, Progress, quiet
from landkit.workflow.memory import give_back

if TYPE_CHECKING:
    from landkit.cluster.judging import Judges


class Lines(Where):
    """Verdicts of the parcels against each control line, each made once."""

    def __init__(
        self,
        ground: Ground,
        *,
        lang: Lang = "zh",
        progress: Progress = quiet,
        judges: Judges | None = None,
    ) -> None:
        super().__init__(ground, lang=lang, progress=progress)
        self.judges = judges  # workers that judge in place of this process
        self.pairs: dict[str, overlay.LayerPair] = {}  # line -> what it and the parcels say of each other

    @functools.cached_property
    def lines(self) -> dict[str, ControlLine]:
        """All control lines that must be or can be checked: the profile's, and those that the study brings."""
        extra = [
            x.line for x in self.ground.layers.values() if x.line and x.line not in self.ground.rules.lines
        ]
        return {**self.ground.rules.lines, **{name: self.ground.rules.line(name) for name in extra}}

    @functools.cached_property
    def judged(self) -> dict[str, gpd.GeoDataFrame]:
        """Verdicts of the parcels against each line, on the parcel id; a line without layer is all not_checked."""
        out = {}
        begun = {name: self._judging(line) for name, line in self.lines.items()}
        each, count = len(self.parcels), len(self.parcels) * len(self.lines)
        for done, (name, line) in enumerate(self.lines.items()):
            self.progress("judge", done * each, count)
            found = begun.pop(name)(_counted(self.progress, done * each, each, count))
            out[name] = found.table
            if found.pair is not None:
                self.pairs[name] = found.pair
            out[name]["zone_id"] = self._zones_hit(name, line)
            give_back()
        self.progress("judge", count, count)
        return out

    def keep_verdicts(self) -> None:
        """Let go of what verdicts rest on, once it stands in the table of conflicts; they and their pieces stay."""
        self.judged = {name: frame[["verdict", "geometry"]] for name, frame in self.judged.items()}

    def judge(
        self, line: ControlLine, shapes: gpd.GeoSeries, of: Layer, told: overlay.Told = overlay.unheard
    ) -> overlay.Judgement:
        """Verdicts of shapes of a layer against one line; all not_checked where the study has no layer of it.

        `told` hears how many are judged, of how many.
        """
        layer = self.ground.line(line.id)
        if layer is None:
            return overlay.Judgement(overlay.missing_line(shapes.index))
        return overlay.judge_layer(
            shapes,
            self.line_area(line.id),
            breach=line.breach,
            sigma_parcel_m=self.sigma_of(of),
            sigma_line_m=self.sigma_of(layer),
            extent=layer.extent,
            alpha=self.chances.alpha,
            beta=float(self.rule("conflict.beta").value),
            unusable_zones=self._unusable(layer),
            generalised_m=of.generalised_m + layer.generalised_m,
            told=told,
        )

    def _judging(self, line: ControlLine) -> Callable[[overlay.Told], overlay.Judgement]:
        """The verdicts of the parcels against one line when they are asked for; workers that there are begin at once."""
        layer, shapes, of = self.ground.line(line.id), self.parcels.geometry, self.ground.parcels
        if self.judges is None or layer is None:
            return lambda told: self.judge(line, shapes, of, told)
        case = overlay.case_of(
            line.breach,
            (self.sigma_of(of), self.sigma_of(layer)),
            (self.chances.alpha, float(self.rule("conflict.beta").value)),
            layer.extent,
            generalised_m=of.generalised_m + layer.generalised_m,
        )
        area, unusable = self.line_area(line.id), self._unusable(layer)
        prepared = overlay.prepare_judgement(shapes, area, case, unusable)
        if not prepared.may_spread:
            return lambda told: overlay.judge_prepared(shapes, prepared, told=told)
        columns = self.judges.begin(prepared, np.asarray(shapes.array, dtype=object)[prepared.good])
        return lambda _: overlay.judgement_of(prepared, shapes, columns())

    @staticmethod
    def _unusable(layer: Layer) -> gpd.GeoSeries:
        return layer.frame.geometry[layer.frame["area_m2"].isna()]

    def sigma_of(self, layer: Layer) -> float | None:
        """The accuracy of a layer with what simplifying adds to it, in m; None where none is stated."""
        if layer.accuracy_m is None or not layer.generalised_m:
            return layer.accuracy_m
        share = float(self.rule("conflict.generalisation_share").value)
        return math.hypot(layer.accuracy_m, share * layer.generalised_m)

    @functools.cached_property
    def chances(self) -> conflicts.Chances:
        """The chance of a false conflict that each verdict is made with, and what was asked of the whole run."""
        each = float(self.rule("conflict.alpha").value)
        whole = self.ground.rules.get("conflict.run_alpha")
        if whole is None or not float(whole.value):
            return conflicts.Chances(each)
        parks = self.units("parks", "park_id")
        judged = sum(self.ground.line(name) is not None for name in self.lines)
        count = judged * (len(self.parcels) + (0 if parks is None else len(parks)))
        return conflicts.Chances(min(each, float(whole.value) / max(count, 1)), float(whole.value), count)

    def generalised(self, of: Layer) -> dict[str, float]:
        """Of each line how far simplifying may have moved it and a layer together, in m; only lines where it did."""
        found = {name: self.ground.line(name) for name in self.lines}
        metres = {k: x.generalised_m + of.generalised_m for k, x in found.items() if x is not None}
        return {name: m for name, m in metres.items() if m}

    def _zones_hit(self, name: str, line: ControlLine) -> pd.Series[Any]:
        """Ids of the zones that a parcel lies in, the largest share first; "" for a line that is breached outside."""
        layer = self.ground.line(name)
        blank = pd.Series("", index=self.parcels.index, dtype="object")
        if layer is None or line.breach == "outside":
            return blank
        zones = layer.frame[layer.frame["area_m2"].notna()]
        ids = (
            zones["zone_id"].astype(str)
            if "zone_id" in zones.columns
            else pd.Series(zones.index.astype(str), index=zones.index)
        )
        good = self.parcels[self.parcels["area_m2"].notna()]
        if not len(zones) or not len(good):
            return blank
        hits = pd.DataFrame(overlay.overlaps(good, zones, geometry=False))
        hits["id"] = hits["zone"].map(ids)
        hits = hits.sort_values(["parcel", "area_m2", "id"], ascending=[True, False, True], kind="stable")
        hits = hits.drop_duplicates(["parcel", "id"])
        several = hits["parcel"].duplicated(keep=False)  # few: most parcels lie in one zone
        said = hits[several].groupby("parcel", sort=False)["id"].agg(";".join)
        said = pd.concat([hits[~several].set_index("parcel")["id"], said])
        said = said.reindex(self.parcels.index).fillna("")
        return pd.Series(said, dtype="object")

    @functools.cache  # noqa: B019  lives as long as the study's answers
    def line_area(self, name: str) -> gpd.GeoSeries:
        """All zones of a line as one area in disjoint polygons; empty where the study has no layer of it."""
        layer = self.ground.line(name)
        if layer is None:
            return gpd.GeoSeries([], crs=self.parcels.crs)
        return gpd.GeoSeries(
            overlay.union_of(layer.frame.geometry[layer.frame["area_m2"].notna()]), crs=layer.frame.crs
        )

    @functools.cached_property
    def forbidden(self) -> pd.DataFrame:
        """Of each parcel: `forbidden_m2`, the ground that building-forbidding lines take (union over lines, as measured),
        and `unknown` where such a line was not checked there.
        """
        frames = [self.judged[name] for name, line in self.lines.items() if line.forbids_building]
        unknown = np.zeros(len(self.parcels), dtype=bool)
        pieces = np.full((len(self.parcels), max(len(frames), 1)), None, dtype=object)
        for k, frame in enumerate(frames):
            unknown |= (frame["verdict"] == Verdict.NOT_CHECKED).to_numpy()
            pieces[:, k] = np.asarray(frame.geometry.array, dtype=object)
        pieces[shapely.is_empty(pieces)] = None
        taken = ~shapely.is_missing(pieces)
        has = taken.any(axis=1)
        union = np.full(len(pieces), None, dtype=object)
        union[has] = pieces[has, taken[has].argmax(axis=1)]
        several = taken.sum(axis=1) > 1
        union[several] = shapely.union_all(pieces[several], axis=1)
        area = np.zeros(len(pieces))
        area[has] = area_m2(gpd.GeoSeries(union[has], crs=self.parcels.crs))
        return pd.DataFrame({"forbidden_m2": area, "unknown": unknown}, index=self.parcels.index)


def _counted(progress: Progress, before: int, each: int, of: int) -> overlay.Told:
    """What is judged of one line, as progress over all lines, the parcels that cannot be judged among them."""
    return lambda done, usable: progress("judge", before + done * each // usable, of)

"""What the questions share: parcels, places, verdicts, enterprises; each made once and only when it is wanted."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit import overlay
from landkit.analysis import intensity
from landkit.analysis.places import OUTSIDE, Places, find_places
from landkit.analysis.stock import rating_columns
from landkit.checklist import checklist
from landkit.geometry import area_m2, polygons_of
from landkit.model import (
    NOWHERE,
    Code,
    ControlLine,
    Finding,
    Findings,
    Place,
    Rule,
    Verdict,
    column_of,
    finding,
    say_all,
    why,
)
from landkit.quality.findings import findings_table
from landkit.quality.rows import middle
from landkit.text import Lang
from landkit.workflow.contract import CONTRACT
from landkit.workflow.ground import Ground, Progress, quiet


class Common:
    """What several questions of one study share, in one language; nothing is computed twice."""

    def __init__(self, ground: Ground, *, lang: Lang = "zh", progress: Progress = quiet) -> None:
        self.ground = ground
        self.lang = lang
        self.progress = progress
        self.findings_later: list[Finding] = []
        self.pairs: dict[str, overlay.LayerPair] = {}  # line -> what it and the parcels say of each other

    # --- what several questions share -----------------------------------------------------------------------------

    @functools.cached_property
    def parcels(self) -> gpd.GeoDataFrame:
        """The parcels on their id as index."""
        frame = self.ground.parcels.frame
        return frame.set_index(frame["parcel_id"].astype(str).rename(None), drop=False)

    @functools.cached_property
    def _place_cache(self) -> dict[tuple[str, str], Places]:
        return {}

    def places(self, role: str, key: str) -> Places:
        """Shares of the parcels in the units of a layer, dissolved by `key`; all outside where there is no such layer."""
        if (role, key) not in self._place_cache:
            units = self.units_apart(role, key)
            good = self.parcels[self.parcels["area_m2"].notna()]
            if units is None:
                found = pd.DataFrame({"parcel": [], "zone": [], "area_m2": []})
            else:
                found = pd.DataFrame(overlay.overlaps(good, units, geometry=False))
            places = find_places(self.parcels["area_m2"].astype(float), found)
            self._place_cache[role, key] = places
        return self._place_cache[role, key]

    @functools.cache  # noqa: B019  lives as long as the study's answers
    def units(self, role: str, key: str) -> gpd.GeoDataFrame | None:
        """The units of a role, one row per id (parts of a park together), with their ellipsoidal area."""
        layer = self.ground.of_role(role)
        if layer is None:
            return None
        frame = layer.frame.sort_values(key, kind="stable")
        merged = frame.dissolve(by=key, aggfunc="first", as_index=True)
        return merged.assign(area_m2=area_m2(merged.geometry))

    def units_apart(self, role: str, key: str) -> gpd.GeoDataFrame | None:
        """The units with ground that two of them claim given to the first by id, and a finding for each such pair."""
        units = self.units(role, key)
        if units is None:
            return None
        pairs = overlay.overlaps(units, units, geometry=False)
        order = {name: at for at, name in enumerate(units.index)}
        apart = units.geometry.copy()
        for first, second, shared in zip(pairs["parcel"], pairs["zone"], pairs["area_m2"], strict=True):
            if order[first] < order[second] and shared > float(self.rule("check.overlap_m2").value):
                apart[second] = polygons_of(apart[second].difference(units.geometry[first]))
                reason = why(
                    "units_overlap",
                    role=Code("role", role),
                    first=str(first),
                    second=str(second),
                    area=f"{shared:,.1f}",
                )
                self.findings_later.append(finding(role, "units.overlap", reason, second, value=first))
        shapes = np.asarray(apart.array, dtype=object)
        left = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        return units.set_geometry(apart)[left]

    @functools.cached_property
    def park_of(self) -> pd.Series[Any]:
        """The park of each parcel (largest share), "" where none."""
        return self.places("parks", "park_id").of_parcel["unit"].astype(str)

    # --- conflicts ------------------------------------------------------------------------------------------------

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
        for done, (name, line) in enumerate(self.lines.items()):
            self.progress("judge", done, len(self.lines))
            found = self.judge(line, self.parcels.geometry, self.ground.parcels.accuracy_m)
            out[name] = found.table
            if found.pair is not None:
                self.pairs[name] = found.pair
            out[name]["zone_id"] = self._zones_hit(name, line)
        self.progress("judge", len(self.lines), len(self.lines))
        return out

    def judge(self, line: ControlLine, shapes: gpd.GeoSeries, sigma_m: float | None) -> overlay.Judgement:
        """Verdicts of shapes against one line; all not_checked where the study has no layer of it."""
        layer = self.ground.line(line.id)
        if layer is None:
            return overlay.Judgement(overlay.missing_line(shapes.index))
        good = layer.frame["area_m2"].notna()
        return overlay.judge_layer(
            shapes,
            self.line_area(line.id),
            breach=line.breach,
            sigma_parcel_m=sigma_m,
            sigma_line_m=layer.accuracy_m,
            extent=layer.extent,
            alpha=float(self.rule("conflict.alpha").value),
            beta=float(self.rule("conflict.beta").value),
            unusable_zones=layer.frame.geometry[~good],
        )

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
        said = hits.groupby("parcel", sort=False)["id"].agg(lambda v: ";".join(dict.fromkeys(v)))
        return said.reindex(self.parcels.index).fillna("").astype("object")

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
        shapes: list[list[shapely.Geometry]] = [[] for _ in self.parcels.index]
        unknown = np.zeros(len(self.parcels), dtype=bool)
        for name, line in self.lines.items():
            if not line.forbids_building:
                continue
            frame = self.judged[name]
            unknown |= (frame["verdict"] == Verdict.NOT_CHECKED).to_numpy()
            for at, piece in enumerate(frame.geometry):
                if piece is not None and not piece.is_empty:
                    shapes[at].append(piece)
        union = [shapely.union_all(s) if len(s) > 1 else (s[0] if s else None) for s in shapes]
        area = area_m2(gpd.GeoSeries(union, index=self.parcels.index, crs=self.parcels.crs))
        has = np.array([bool(s) for s in shapes])
        return pd.DataFrame(
            {"forbidden_m2": area.where(has, 0.0), "unknown": unknown}, index=self.parcels.index
        )

    # --- intensity ------------------------------------------------------------------------------------------------

    @functools.cached_property
    def years(self) -> tuple[int, ...]:
        """The years of enterprise figures up to the study day, latest first."""
        table = self.ground.table("enterprise_years")
        if table is None:
            return ()
        found = sorted({int(y) for y in table["year"].dropna()}, reverse=True)
        return tuple(y for y in found if y <= self.ground.study.study.as_of.year)

    @functools.cached_property
    def land(self) -> pd.DataFrame:
        """Occupancies in force, with the land they take."""
        table = self.ground.table("occupancy")
        if table is None:
            return pd.DataFrame(
                {
                    "parcel_id": [],
                    "enterprise_id": [],
                    "occupied_m2": [],
                    "over": [],
                    "known_parcel": pd.Series(dtype=bool),
                }
            )
        land = intensity.land_of_enterprises(
            table,
            self.parcels["area_m2"].astype(float),
            self.ground.study.study.as_of,
            over_share=float(self.rule("check.occupancy_over_share").value),
        )
        for parcel in sorted(set(land.loc[land["over"], "parcel_id"])):
            self.findings_later.append(
                finding(
                    "occupancy", "occupancy.over", why("occupancy_over"), parcel, at=self.middle_of(parcel)
                )
            )
        for parcel in sorted(set(land.loc[~land["known_parcel"], "parcel_id"].astype(str))):
            self.findings_later.append(
                finding("occupancy", "occupancy.unknown_parcel", why("occupancy_unknown_parcel"), parcel)
            )
        return land

    @functools.cached_property
    def enterprises(self) -> pd.DataFrame:
        """The enterprises on their id as index."""
        table = self.ground.table("enterprises")
        if table is None:
            ids = self.land["enterprise_id"].drop_duplicates()
            return pd.DataFrame({"enterprise_id": ids}, index=ids.to_numpy())
        return table.set_index(table["enterprise_id"].astype(str).rename(None), drop=False)

    def year_table(self, year: int) -> pd.DataFrame:
        """Figures of one year on the enterprise id."""
        table = self.ground.table("enterprise_years")
        if table is None:
            return pd.DataFrame(index=self.enterprises.index)
        rows = table[table["year"] == year]
        return rows.set_index(rows["enterprise_id"].astype(str).rename(None))

    @functools.cached_property
    def figures(self) -> dict[int, pd.DataFrame]:
        """Enterprise figures by year."""
        return {
            y: intensity.measure_enterprises(self.enterprises, self.land, self.year_table(y))
            for y in self.years
        }

    @functools.cached_property
    def ratings(self) -> dict[int, pd.DataFrame]:
        """Ratings by year, each against the year before where there is one; none where the profile has no rating rules."""
        if "rating.indicators" not in self.ground.rules:
            return {}
        return {
            y: intensity.rate(self.figures[y], y, self.ground.rules, self.figures.get(y - 1))
            for y in self.years
        }

    @functools.cached_property
    def parcel_figures(self) -> pd.DataFrame:
        """Figures of the parcels in the latest year and their ratings in the years that the rules look at, on the parcel id."""
        year = self.years[0] if self.years else None
        table = self.year_table(year) if year is not None else pd.DataFrame(index=self.enterprises.index)
        out = intensity.measure_parcels(self.parcels, self.land, table)
        out["rating_gap"] = column_of([None] * len(out), out.index)
        nobody = pd.DataFrame({"rating": None, "missing": None}, index=self.enterprises.index, dtype="object")
        for back, name in enumerate(rating_columns(self._rated_years())):
            rated = self.ratings.get(year - back, nobody) if year is not None else nobody
            found = intensity.rating_of_parcels(self.land, rated, out.index)
            out[name] = found["rating"]
            out["rating_gap"] = out["rating_gap"].where(out["rating_gap"].notna(), found["rating_gap"])
            if back == 0:
                out["ratings"] = found["ratings"]
        out["has_enterprise"] = out["enterprises"] > 0
        return out

    def _rated_years(self) -> int:
        """How many years of ratings the rules on inefficient land look at; at least the last two."""
        asked = [self.ground.rules.get(f"stock.inefficient.{g}_years") for g in ("d", "c")]
        return max([2, *(int(r.value) for r in asked if r is not None)])

    # --- stock ----------------------------------------------------------------------------------------------------

    # --- layout ---------------------------------------------------------------------------------------------------

    def enterprises_with_park(self) -> pd.DataFrame:
        """Enterprises with the park they say, or else the one most of their land lies in."""
        frame = self.enterprises
        rows = self.land[self.land["known_parcel"]].assign(park=lambda d: d["parcel_id"].map(self.park_of))
        rows = rows[rows["park"] != OUTSIDE].sort_values(
            ["enterprise_id", "occupied_m2"], ascending=[True, False], kind="stable"
        )
        by_land = (
            rows.drop_duplicates("enterprise_id").set_index("enterprise_id")["park"].reindex(frame.index)
        )
        said = (
            frame["park_id"]
            if "park_id" in frame.columns
            else pd.Series(None, index=frame.index, dtype="object")
        )
        return frame.assign(park_id=said.where(said.notna(), by_land))

    # --- parks, capacity --------------------------------------------------------------------------------------------

    def park_money(self, by: pd.Series[Any] | None = None) -> pd.DataFrame:
        """Sales of the latest year by park (and role), or all figures by park, in wan yuan."""
        frame = self.enterprises_with_park()
        if not self.years:
            return pd.DataFrame(index=pd.Index([], name="park_id"))
        figures = self.figures[self.years[0]]
        rows = pd.DataFrame(
            {
                "park_id": frame["park_id"],
                **{n: figures[n] for n in (*intensity.MONEY, "energy_tce", "rd_wan_yuan")},
            }
        )
        if by is not None:
            return rows.assign(role=by).pivot_table(
                index="park_id", columns="role", values="sales_wan_yuan", aggfunc="sum", fill_value=0.0
            )
        groups = rows.groupby("park_id")
        out = groups[list(intensity.MONEY)].sum(min_count=1)
        out["enterprises"] = groups.size()
        out["tax_records_missing"] = groups["tax_wan_yuan"].agg(lambda v: int(v.isna().sum()))
        if "high_tech" in frame.columns:
            out["high_tech_enterprises"] = (
                frame["high_tech"].fillna(False).astype(int).groupby(frame["park_id"]).sum()
            )
        return out

    def area_by_park(self, role: str) -> pd.Series[float]:
        """Ellipsoidal area of a layer by park, in m2; empty where the study has no such layer."""
        units = self.units(role, "park_id")
        return units["area_m2"] if units is not None else pd.Series(dtype=float)

    # --- findings, words --------------------------------------------------------------------------------------------

    @property
    def findings(self) -> Findings:
        """质检: everything found while reading and asking so far."""
        self.land  # noqa: B018  occupancy is checked when it is read
        unique = dict.fromkeys([*self.ground.findings, *self.findings_later])
        table = findings_table(unique)
        known = checklist()
        checks = [known[c] for c in table["check"]]
        table["reason"] = [say_all(r, self.lang) for r in table.pop("reasons")]
        table["check_name"] = [c.name(self.lang) for c in checks]
        table["todo"] = [c.todo(self.lang) for c in checks]
        table["rests_on"] = [c.rests_on(self.lang) for c in checks]
        return Findings(table, layers=self.versions(lambda _: True))

    def middle_of(self, parcel: object) -> Place:
        """The middle of a parcel; NOWHERE where there is none of this id."""
        return middle(self.parcels.geometry[parcel]) if parcel in self.parcels.index else NOWHERE

    def rule(self, key: str) -> Rule:
        """A rule in force."""
        return self.ground.rules[key]

    def rules_used(self, keys: Any) -> tuple[Rule, ...]:
        """The rules of these ids that are in force, in the order of their ids."""
        return tuple(self.ground.rules[k] for k in sorted(set(keys)) if k in self.ground.rules)

    def versions(self, which: Any) -> dict[str, str]:
        """Versions of the layers that `which` accepts, by id."""
        return {x.id: x.version for x in self.ground.layers.values() if which(x)}

    def word(self, table: pd.DataFrame, name: str, *, drop: tuple[str, ...] = ()) -> pd.DataFrame:
        """Reasons as text in the asked language; the contract's columns first, whatever else after them."""
        out = table.drop(columns=[c for c in drop if c in table.columns])
        out["reason"] = [say_all(r, self.lang) for r in out.pop("reasons")]
        wanted = CONTRACT[name]
        missing = [c for c in wanted if c not in out.columns]
        if missing:
            raise KeyError(f"{name} lacks {missing}")
        if "parcel_name" in self.parcels.columns:
            out["parcel_name"] = out["parcel_id"].map(self.parcels["parcel_name"])
        return out[[*wanted, *[c for c in out.columns if c not in wanted]]]

"""Ask: from a study that has been read to results, unrounded; each result is made once and only when it is wanted."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit import overlay
from landkit.analysis import capacity, conflicts, intensity, layout, parks, stock
from landkit.analysis.places import OUTSIDE, Places, find_places
from landkit.geometry import area_m2
from landkit.model import (
    Capacity,
    Code,
    Conflicts,
    ControlLine,
    Finding,
    Findings,
    Intensity,
    Layer,
    Layout,
    Parks,
    Rule,
    Stock,
    Verdict,
    column_of,
    say_all,
    why,
)
from landkit.quality import checks
from landkit.text import Lang
from landkit.units import to_mu
from landkit.workflow.ground import Ground, Progress, quiet

CONTRACT: dict[str, list[str]] = {
    "stock": ["parcel_id", "park_id", "area_m2", "area_mu", "stock_class", "stock_status", "rules", "reason", "net_area_m2"],
    "conflicts": [
        "conflict_id", "parcel_id", "park_id", "line", "zone_id", "encroached_m2", "encroached_mu", "parcel_share",
        "width_m", "margin_m", "verdict", "severity", "rules", "reason", "layer_version",
    ],
    "layout": ["parcel_id", "park_id", "cluster_id", "cluster_share", "axis_id", "axis_distance_m", "layout_verdict", "reason"],
    "intensity": [
        "parcel_id", "park_id", "area_mu", "tax_wan_yuan_per_mu", "sales_wan_yuan_per_mu", "output_wan_yuan_per_mu",
        "investment_wan_yuan_per_mu", "floor_area_ratio", "rating", "reason",
    ],
    "parks": ["park_id", "park_name", "area_m2", "stock_mu", "conflict_mu", "tax_wan_yuan_per_mu"],
}  # fmt: skip


class Answers:
    """All answers of one study (六问), in one language; nothing is computed twice."""

    def __init__(self, ground: Ground, *, lang: Lang = "zh", progress: Progress = quiet) -> None:
        self.ground = ground
        self.lang = lang
        self.progress = progress
        self.findings_later: list[Finding] = []

    # --- what several questions share -----------------------------------------------------------------------------

    @functools.cached_property
    def parcels(self) -> gpd.GeoDataFrame:
        """The parcels on their id as index."""
        frame = self.ground.parcels.frame
        return frame.set_index(frame["parcel_id"].astype(str).rename(None), drop=False)

    def places(self, role: str, key: str) -> Places:
        """Shares of the parcels in the units of a layer, dissolved by `key`; all outside where there is no such layer."""
        return self._places(role, key)

    @functools.cached_property
    def _place_cache(self) -> dict[tuple[str, str], Places]:
        return {}

    def _places(self, role: str, key: str) -> Places:
        if (role, key) not in self._place_cache:
            units = self.units(role, key)
            good = self.parcels[self.parcels["area_m2"].notna()]
            if units is None:
                found = pd.DataFrame({"parcel": [], "zone": [], "area_m2": []})
            else:
                found = pd.DataFrame(overlay.overlaps(good, units, geometry=False))
            places = find_places(self.parcels["area_m2"].astype(float), found)
            self.findings_later += [
                Finding(
                    "parcels",
                    "units.overlap",
                    "warning",
                    why("units_overlap", role=Code("role", role)),
                    str(p),
                )
                for p in places.overlapping
            ]
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

    @functools.cached_property
    def park_of(self) -> pd.Series[Any]:
        """The park of each parcel (largest share), "" where none."""
        return self._places("parks", "park_id").of_parcel["unit"].astype(str)

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
            out[name] = self._judge(line, self.parcels.geometry, self.ground.parcels.accuracy_m)
            out[name]["zone_id"] = self._zones_hit(name, line)
        self.progress("judge", len(self.lines), len(self.lines))
        return out

    def _judge(self, line: ControlLine, shapes: gpd.GeoSeries, sigma_m: float | None) -> gpd.GeoDataFrame:
        layer = self.ground.line(line.id)
        if layer is None:
            return overlay.missing_line(shapes.index)
        good = layer.frame["area_m2"].notna()
        return overlay.judge(
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

    @functools.cached_property
    def conflicts(self) -> Conflicts:
        """冲突: parcels against lines, lines against each other, parks against lines."""
        versions = {x.line: x.version for x in self.ground.layers.values() if x.line}
        table = conflicts.conflict_table(self.judged, self.lines, versions)
        table["park_id"] = table["parcel_id"].map(self.park_of)
        table["accuracy_note"] = table["line"].map(self._accuracy_note)
        worded = self._word(table, "conflicts", drop=("share",))
        frame = gpd.GeoDataFrame(worded, geometry="geometry", crs=self.parcels.crs)
        used = {r for line in self.lines.values() for r in line.rules} | {"conflict.alpha", "conflict.beta"}
        lines = self._lines_against_lines()
        self.findings_later += checks.check_lines_apart(
            [
                (a, b, m2)
                for a, b, m2, apart in zip(
                    lines["line"],
                    lines["other_line"],
                    lines["shared_m2"],
                    lines["must_be_apart"],
                    strict=True,
                )
                if apart
            ]
        )
        return Conflicts(
            frame,
            rules=self.rules_used(used),
            layers=self._versions(lambda x: x.line is not None or x.role == "parcels"),
            tables={
                "by_line": conflicts.sum_conflicts(table),
                "coverage": conflicts.coverage_matrix(table),
                "lines": lines,
                "parks": self._parks_against_lines(),
                "worst": conflicts.worst_verdict(table),
            },
        )

    def _accuracy_note(self, line: str) -> str:
        layer, mine = self.ground.line(line), self.ground.parcels
        said = [
            f"{x.accuracy_m:g} m ({x.accuracy_note})" if x is not None and x.accuracy_m else "?"
            for x in (mine, layer)
        ]
        return " / ".join(said)

    @functools.cache  # noqa: B019  lives as long as the study's answers
    def line_area(self, name: str) -> gpd.GeoSeries:
        """All zones of a line as one area in disjoint polygons; empty where the study has no layer of it."""
        layer = self.ground.line(name)
        if layer is None:
            return gpd.GeoSeries([], crs=self.parcels.crs)
        return gpd.GeoSeries(
            overlay.union_of(layer.frame.geometry[layer.frame["area_m2"].notna()]), crs=layer.frame.crs
        )

    def _lines_against_lines(self) -> pd.DataFrame:
        """Shared ground of each pair of lines (三线两两叠加): zones of one inside the zones of the other."""
        names = [n for n in self.lines if self.ground.line(n) is not None]
        rows = []
        for at, first in enumerate(names):
            for second in names[at + 1 :]:
                left = gpd.GeoDataFrame(geometry=self.line_area(first))
                right = gpd.GeoDataFrame(geometry=self.line_area(second))
                shared = (
                    float(overlay.overlaps(left, right, geometry=False)["area_m2"].sum())
                    if len(left) and len(right)
                    else 0.0
                )
                grave = self.lines[first].severity == 1 and self.lines[second].severity == 1
                rows.append((first, second, shared, shared / 1e4, grave))
        return pd.DataFrame(rows, columns=["line", "other_line", "shared_m2", "shared_ha", "must_be_apart"])

    def _parks_against_lines(self) -> pd.DataFrame:
        """The parks themselves against every line, by the same rule."""
        units, layer = self.units("parks", "park_id"), self.ground.of_role("parks")
        if units is None or layer is None:
            return pd.DataFrame(columns=["park_id", "line", "verdict", "encroached_m2"])
        judged = {
            name: self._judge(line, units.geometry, layer.accuracy_m).assign(zone_id="")
            for name, line in self.lines.items()
        }
        table = conflicts.conflict_table(judged, self.lines, {}).rename(columns={"parcel_id": "park_id"})
        table["park_name"] = table["park_id"].map(units["park_name"]) if "park_name" in units.columns else ""
        table["encroached_ha"] = table["encroached_m2"].astype(float) / 1e4
        table["reason"] = [say_all(r, self.lang) for r in table["reasons"]]
        columns = [
            "park_id",
            "park_name",
            "line",
            "verdict",
            "severity",
            "encroached_m2",
            "encroached_ha",
            "parcel_share",
            "reason",
        ]
        return table[columns].rename(columns={"parcel_share": "park_share"})

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
            table, self.parcels["area_m2"].astype(float), self.ground.study.study.as_of
        )
        for parcel in sorted(set(land.loc[land["over"], "parcel_id"])):
            self.findings_later.append(
                Finding("occupancy", "occupancy.over", "error", why("occupancy_over"), str(parcel))
            )
        for parcel in sorted(set(land.loc[~land["known_parcel"], "parcel_id"].astype(str))):
            self.findings_later.append(
                Finding(
                    "occupancy", "occupancy.unknown_parcel", "error", why("occupancy_unknown_parcel"), parcel
                )
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
        """Ratings by year, each against the year before where there is one."""
        return {
            y: intensity.rate(self.figures[y], y, self.ground.rules, self.figures.get(y - 1))
            for y in self.years
        }

    @functools.cached_property
    def parcel_figures(self) -> pd.DataFrame:
        """Figures and ratings of the parcels in the latest year, on the parcel id."""
        year = self.years[0] if self.years else None
        table = self.year_table(year) if year is not None else pd.DataFrame(index=self.enterprises.index)
        out = intensity.measure_parcels(self.parcels, self.land, table)
        for name, at in (("now", 0), ("before", 1)):
            has = len(self.years) > at and (at == 0 or self.years[at] == self.years[0] - 1)
            empty = pd.DataFrame(
                {"rating": None, "missing": None}, index=self.enterprises.index, dtype="object"
            )
            rated = intensity.rating_of_parcels(
                self.land, self.ratings[self.years[at]] if has else empty, out.index
            )
            out[f"rating_{name}"] = rated["rating"]
            if at == 0:
                out["ratings"], out["rating_gap"] = rated["ratings"], rated["rating_gap"]
            else:
                out["rating_gap"] = out["rating_gap"].where(out["rating_gap"].notna(), rated["rating_gap"])
        out["has_enterprise"] = out["enterprises"] > 0
        return out

    @functools.cached_property
    def intensity(self) -> Intensity:
        """强度: per parcel and per enterprise."""
        self.progress("intensity", 0, 1)
        figures = self.parcel_figures.copy()
        figures["rating"] = figures["rating_now"]
        figures["reasons"] = column_of(intensity.reasons_of(figures), figures.index)
        figures.insert(0, "parcel_id", figures.index)
        figures.insert(1, "park_id", self.park_of)
        figures["year"] = self.years[0] if self.years else pd.NA
        worded = self._word(figures, "intensity", drop=("gaps", "rating_gap", "rating_now", "has_enterprise"))
        frame = gpd.GeoDataFrame(worded, geometry=self.parcels.geometry.to_numpy(), crs=self.parcels.crs)
        ids = [k for k in self.ground.rules if k.startswith(("rating.", "intensity."))]
        self.progress("intensity", 1, 1)
        return Intensity(
            frame.reset_index(drop=True),
            rules=self.rules_used(ids),
            layers=self._versions(lambda x: x.role == "parcels"),
            tables={"enterprises": self._enterprise_table(), "conservation": self._conservation()},
        )

    def _enterprise_table(self) -> pd.DataFrame:
        if not self.years:
            return self.enterprises.reset_index(drop=True)
        year = self.years[0]
        rated = self.ratings[year]
        out = self.figures[year].assign(year=year, score=rated["score"], rating=rated["rating"])
        if len(self.years) > 1:
            out["rating_before"] = self.ratings[self.years[1]]["rating"]
        because = [
            why("inputs_of", enterprise=str(i), missing=tuple(Code("column", c) for c in m))
            if m
            else why("rated", year=year)
            for i, m in zip(out.index, rated["missing"], strict=True)
        ]
        out["reason"] = [r.say(self.lang) for r in because]
        out["parcels"] = (
            self.land.groupby("enterprise_id")["parcel_id"].nunique().reindex(out.index).fillna(0).astype(int)
        )
        return out.reset_index(drop=True)

    def _conservation(self) -> pd.DataFrame:
        """Totals of the enterprises against those of the parcels, in wan yuan to the cent, by figure (守恒表)."""
        rows = []
        year = self.years[0] if self.years else None
        for name in intensity.MONEY:
            if year is None or name not in self.year_table(year).columns:
                continue
            fen = intensity.to_fen(self.year_table(year)[name])
            on_land = self.land[self.land["known_parcel"] & (self.land["occupied_m2"] > 0)][
                "enterprise_id"
            ].unique()
            placed = int(fen.reindex(on_land).dropna().sum())
            parts = int(intensity.allocate(self.land, fen).dropna().sum())
            total = int(fen.dropna().sum())
            rows.append(
                (
                    name,
                    year,
                    total / 1e6,
                    parts / 1e6,
                    (total - placed) / 1e6,
                    (placed - parts) / 1e6,
                    int(fen.isna().sum()),
                )
            )
        return pd.DataFrame(
            rows,
            columns=[
                "figure",
                "year",
                "enterprise_total",
                "parcel_total",
                "without_land",
                "difference",
                "missing_records",
            ],
        )

    # --- stock ----------------------------------------------------------------------------------------------------

    @functools.cached_property
    def stock(self) -> Stock:
        """存量: one row per parcel, and by park, county, cluster and class."""
        self.progress("stock", 0, 1)
        ground = self.ground
        rules = dict(ground.rules)
        ask = stock.Ask(
            self.parcels, ground.study.study.as_of, rules, self.parcel_figures, ground.parcels.code_scheme
        )
        found, used = stock.find_stock(ask, tests=ground.rules.stock_tests)
        table = pd.DataFrame(
            {
                "parcel_id": self.parcels.index,
                "park_id": self.park_of,
                "area_m2": self.parcels["area_m2"].astype(float),
            },
            index=self.parcels.index,
        )
        table["area_mu"], table["area_ha"] = to_mu(table["area_m2"]), table["area_m2"] / 1e4
        table = table.join(found)
        table["net_area_m2"] = (
            (table["area_m2"] - self.forbidden["forbidden_m2"])
            .clip(lower=0.0)
            .where(~self.forbidden["unknown"])
        )
        unsure = table["area_m2"].isna()
        table.loc[unsure, "stock_status"] = "undecided"
        counties, clusters = self._places("counties", "county_id"), self._places("clusters", "cluster_id")
        table["county_id"], table["cluster_id"] = counties.of_parcel["unit"], clusters.of_parcel["unit"]
        table["parks"] = self._places("parks", "park_id").of_parcel["units"]
        worded = self._word(table, "stock")
        frame = gpd.GeoDataFrame(worded, geometry=self.parcels.geometry.to_numpy(), crs=self.parcels.crs)
        kinds = {
            "park": ("parks", "park_id"),
            "county": ("counties", "county_id"),
            "cluster": ("clusters", "cluster_id"),
        }
        tables = {f"by_{k}": stock.sum_stock(table, self._places(*v), unit=v[1]) for k, v in kinds.items()}
        tables["by_class"] = self._by_class(table)
        self.progress("stock", 1, 1)
        return Stock(
            frame.reset_index(drop=True),
            rules=used,
            layers=self._versions(lambda x: x.role in ("parcels", "parks")),
            tables=tables,
        )

    @staticmethod
    def _by_class(table: pd.DataFrame) -> pd.DataFrame:
        everything = Places(
            pd.DataFrame(),
            pd.DataFrame(
                {"parcel": table.index, "unit": "", "area_m2": table["area_m2"].to_numpy(), "share": 1.0}
            ),
        )
        return stock.sum_stock(table, everything, unit="unit").drop(columns="unit")

    # --- layout ---------------------------------------------------------------------------------------------------

    @functools.cached_property
    def layout(self) -> Layout:
        """布局: parcels and parks against the plan's axes and clusters."""
        self.progress("layout", 0, 1)
        plan = self.ground.plan
        clusters = self._places("clusters", "cluster_id").of_parcel
        axes = self.ground.of_role("axes")
        distances = layout.axis_distances(
            self.parcels.geometry,
            axes.frame if axes else gpd.GeoDataFrame({"axis_id": []}, geometry=[], crs=self.parcels.crs),
        )
        roles = layout.industry_roles(self._enterprises_with_park(), plan)
        listed = layout.listed_share(self.land, roles.to_dict(), self.parcels.index)
        table = pd.DataFrame(
            {"parcel_id": self.parcels.index, "park_id": self.park_of}, index=self.parcels.index
        )
        table["cluster_id"], table["cluster_share"], table["cluster_shares"] = (
            clusters["unit"],
            clusters["share"],
            clusters["shares"],
        )
        table = table.join(distances).assign(listed_share=listed)
        table["in_corridor"] = (
            table["axis_distance_m"] <= plan.corridor_width_m if plan.corridor_width_m else pd.NA
        )
        table = table.join(layout.judge_parcels(self.park_of, clusters, listed, distances, plan))
        worded = self._word(table, "layout")
        frame = gpd.GeoDataFrame(worded, geometry=self.parcels.geometry.to_numpy(), crs=self.parcels.crs)
        self.progress("layout", 1, 1)
        notes = (
            (
                why(
                    "corridor",
                    zh=plan.corridor[0],
                    en=plan.corridor[1],
                    words=Code("plan", f"{plan.corridor[0]}|{plan.corridor[1]}"),
                ),
            )
            if plan.corridor[0]
            else ()
        )
        return Layout(
            frame.reset_index(drop=True),
            layers=self._versions(lambda x: x.role in ("parcels", "parks", "clusters", "axes")),
            tables={"parks": self._layout_of_parks(roles), "sentences": self._sentences()},
            notes=notes,
        )

    def _enterprises_with_park(self) -> pd.DataFrame:
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

    def _layout_of_parks(self, roles: pd.Series[Any]) -> pd.DataFrame:
        units = self.units("parks", "park_id")
        clusters = self.units("clusters", "cluster_id")
        if units is None:
            return pd.DataFrame(columns=["park_id", "layout_verdict", "reason"])
        shared = (
            pd.DataFrame(overlay.overlaps(units, clusters, geometry=False))
            if clusters is not None
            else pd.DataFrame({"parcel": [], "zone": [], "area_m2": []})
        )
        places = find_places(units["area_m2"].astype(float), shared)
        sales = self._park_money(by=roles.fillna("unknown"))
        out = layout.judge_parks(units, places.of_parcel, sales, self.ground.plan)
        out["reason"] = [say_all(r, self.lang) for r in out.pop("reasons")]
        return out

    def _sentences(self) -> pd.DataFrame:
        """The plan's sentences that verdicts rest on."""
        plan = self.ground.plan
        parts = (
            [("cluster", p) for p in plan.clusters.values()]
            + [("axis", p) for p in plan.axes.values()]
            + [("park", p) for p in plan.parks.values()]
        )
        rows = [
            (f"{kind}:{p.id}", p.name.code.split("|")[0 if self.lang == "zh" else 1], p.quote, plan.title)
            for kind, p in parts
        ]
        return pd.DataFrame(rows, columns=["sentence", "what", "quote", "document"])

    # --- parks, capacity --------------------------------------------------------------------------------------------

    def _park_money(self, by: pd.Series[Any] | None = None) -> pd.DataFrame:
        """Sales of the latest year by park (and role), or all figures by park, in wan yuan."""
        frame = self._enterprises_with_park()
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

    def _area_by_park(self, role: str) -> pd.Series[float]:
        units = self.units(role, "park_id")
        return units["area_m2"] if units is not None else pd.Series(dtype=float)

    @functools.cached_property
    def parks(self) -> Parks:
        """园区: one row per park."""
        units = self.units("parks", "park_id")
        if units is None:
            return Parks(pd.DataFrame(columns=CONTRACT["parks"]), notes=(why("no_parks_layer"),))
        head = pd.DataFrame(
            {
                "park_name": units["park_name"] if "park_name" in units.columns else "",
                "area_m2": units["area_m2"],
            }
        )
        certain = self._certain_m2()
        areas = {
            n: self._area_by_park(r)
            for n, r in (("built", "parks_built"), ("administered", "parks_administered"))
            if self.ground.of_role(r)
        }
        table = parks.park_table(
            head,
            stock=self.stock.tables["by_park"],
            encroached=self._places("parks", "park_id").split(certain),
            money=self._park_money(),
            areas_m2=areas,
        )
        rated = self._enterprises_with_park()["park_id"]
        if self.years:
            share = pd.crosstab(rated, self.ratings[self.years[0]]["rating"].fillna("-"))
            for name in ("A", "B", "C", "D", "T"):
                table[f"rated_{name.lower()}"] = (
                    table["park_id"].map(share[name]).fillna(0).astype(int) if name in share.columns else 0
                )
        ordered = [*CONTRACT["parks"], *[c for c in table.columns if c not in CONTRACT["parks"]]]
        frame = gpd.GeoDataFrame(
            table[ordered], geometry=units.geometry.reindex(table["park_id"]).to_numpy(), crs=units.crs
        )
        return Parks(
            frame,
            rules=self.rules_used(r.id for r in self.stock.rules),
            layers=self._versions(lambda x: x.role.startswith("parks")),
        )

    def _certain_m2(self) -> pd.Series[float]:
        """Of each parcel, the ground in certain conflict with any line, counted once."""
        shapes: list[list[shapely.Geometry]] = [[] for _ in self.parcels.index]
        for frame in self.judged.values():
            for at in np.flatnonzero((frame["verdict"] == Verdict.CONFLICT).to_numpy()):
                piece = frame.geometry.iloc[at]
                if piece is not None and not piece.is_empty:
                    shapes[at].append(piece)
        union = [shapely.union_all(s) if s else None for s in shapes]
        return area_m2(gpd.GeoSeries(union, index=self.parcels.index, crs=self.parcels.crs)).fillna(0.0)

    @functools.cached_property
    def capacity(self) -> Capacity:
        """增量: one row per park."""
        units = self.units("parks", "park_id")
        if units is None:
            return Capacity(
                pd.DataFrame(columns=["park_id", "park_name", "spare_mu", "years_left", "reason"]),
                notes=(why("no_parks_layer"),),
            )
        self.progress("capacity", 0, 1)
        spare, shapes = self._spare(units)
        dated = self._places("parks", "park_id").pieces.rename(columns={"unit": "park_id"})
        supply_date = (
            self.parcels["supply_date"]
            if "supply_date" in self.parcels.columns
            else pd.Series(pd.NaT, index=self.parcels.index)
        )
        dated = dated.assign(supply_date=dated["parcel"].map(supply_date))
        years = (
            int(self.rule("capacity.supply_years").value)
            if "capacity.supply_years" in self.ground.rules
            else 5
        )
        supply = capacity.yearly_supply_m2(dated, as_of=self.ground.study.study.as_of, years=years)
        by_park = self.stock.tables["by_park"]
        counted = (
            by_park[by_park["stock_status"].isin(("confirmed", "candidate"))]
            .groupby("park_id")["area_m2"]
            .sum()
        )
        reserve = self.ground.rules.get("capacity.reserve_years")
        table = capacity.capacity_table(spare, supply, counted, reserve=reserve)
        table["reason"] = [say_all(r, self.lang) for r in table.pop("reasons")]
        frame = gpd.GeoDataFrame(table, geometry=shapes.reindex(table["park_id"]).to_numpy(), crs=units.crs)
        self.progress("capacity", 1, 1)
        return Capacity(
            frame,
            rules=self.rules_used(k for k in self.ground.rules if k.startswith("capacity.")),
            layers=self._versions(lambda _: True),
        )

    def _spare(self, units: gpd.GeoDataFrame) -> tuple[pd.DataFrame, gpd.GeoSeries]:
        """Planned land inside the urban development boundary, not built, not forbidden by another line; its shape too."""
        out = pd.DataFrame(
            {
                "park_name": units["park_name"] if "park_name" in units.columns else "",
                "area_m2": units["area_m2"],
            },
            index=units.index,
        )
        built = self.units("parks_built", "park_id")
        forbidding = {n: line for n, line in self.lines.items() if line.forbids_building}
        missing = [n for n in forbidding if self.ground.line(n) is None]
        empty = gpd.GeoSeries([None] * len(units), index=units.index, crs=units.crs)
        out["built_m2"] = self._area_by_park("parks_built").reindex(units.index)
        if built is None or missing or "urban_development_boundary" not in forbidding:
            return out.assign(inside_boundary_m2=np.nan, spare_m2=np.nan), empty
        inside = overlay.encroachment(
            units.geometry, self.line_area("urban_development_boundary"), breach="inside"
        )
        shape = gpd.GeoSeries(inside.geometry.to_numpy(), index=units.index, crs=units.crs)
        out["inside_boundary_m2"] = area_m2(shape).fillna(0.0)
        taken = [built.geometry] + [
            self.line_area(n) for n, line in forbidding.items() if line.breach == "inside"
        ]
        for away in taken:
            usable = shape[shape.notna() & ~shape.is_empty]
            rest = overlay.encroachment(usable, away, breach="outside")
            shape = gpd.GeoSeries(rest.geometry.to_numpy(), index=usable.index, crs=units.crs).reindex(
                units.index
            )
        out["spare_m2"] = area_m2(shape).fillna(0.0)
        return out, shape

    # --- findings, words --------------------------------------------------------------------------------------------

    @property
    def findings(self) -> Findings:
        """质检: everything found while reading and asking so far."""
        self.land  # noqa: B018  occupancy is checked when it is read
        unique = dict.fromkeys([*self.ground.findings, *self.findings_later])
        table = checks.findings_table(unique)
        table["reason"] = [say_all(r, self.lang) for r in table.pop("reasons")]
        return Findings(table, layers=self._versions(lambda _: True))

    def rule(self, key: str) -> Rule:
        """A rule in force."""
        return self.ground.rules[key]

    def rules_used(self, keys: Any) -> tuple[Rule, ...]:
        """The rules of these ids that are in force, in the order of their ids."""
        return tuple(self.ground.rules[k] for k in sorted(set(keys)) if k in self.ground.rules)

    def _versions(self, which: Any) -> dict[str, str]:
        return {x.id: x.version for x in self.ground.layers.values() if which(x)}

    def _word(self, table: pd.DataFrame, name: str, *, drop: tuple[str, ...] = ()) -> pd.DataFrame:
        """Reasons as text in the asked language; the contract's columns first, whatever else after them."""
        out = table.drop(columns=[c for c in drop if c in table.columns])
        out["reason"] = [say_all(r, self.lang) for r in out.pop("reasons")]
        wanted = CONTRACT[name]
        missing = [c for c in wanted if c not in out.columns]
        if missing:
            raise KeyError(f"{name} lacks {missing}")
        return out[[*wanted, *[c for c in out.columns if c not in wanted]]]


def layer_rows(ground: Ground) -> pd.DataFrame:
    """The layers and tables of the study as a table: id, role, version, source, licence, synthetic, rows, accuracy, sha256."""
    rows = []
    for entry in ground.inputs:
        layer: Layer | None = ground.layers.get(entry["id"])
        rows.append(
            {
                "layer": entry["id"],
                "role": entry["role"],
                "version": entry["version"],
                "synthetic": entry["synthetic"],
                "source": entry["source"],
                "licence": entry["licence"],
                "rows": entry["rows"],
                "accuracy_m": layer.accuracy_m if layer else None,
                "accuracy_note": layer.accuracy_note if layer else "",
                "path": entry["path"],
                "sha256": entry["sha256"],
            }
        )
    return pd.DataFrame(rows)

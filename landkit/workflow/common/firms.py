"""The enterprises on the parcels (企业): the land they take, their figures and ratings by year."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd

from landkit.analysis import intensity
from landkit.analysis.places import OUTSIDE
from landkit.analysis.stock import rating_columns
from landkit.model import column_of, finding, why
from landkit.workflow.common.where import Where


class Firms(Where):
    """Enterprises, occupancies and their figures, each made once."""

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

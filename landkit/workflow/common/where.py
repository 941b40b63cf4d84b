"""Where the parcels lie: in which parks, counties and clusters, and with which share."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit import overlay
from landkit.analysis.places import Places, find_places
from landkit.geometry import area_m2, polygons_of
from landkit.model import NOWHERE, Code, Place, finding, why
from landkit.quality.rows import middle
from landkit.workflow.common.asked import Asked


class Where(Asked):
    """Parcels and the units that they lie in; ground that two units claim is given to one, and said."""

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

    def middle_of(self, parcel: object) -> Place:
        """The middle of a parcel; NOWHERE where there is none of this id."""
        return middle(self.parcels.geometry[parcel]) if parcel in self.parcels.index else NOWHERE

    def area_by_park(self, role: str) -> pd.Series[float]:
        """Ellipsoidal area of a layer by park, in m2; empty where the study has no such layer."""
        units = self.units(role, "park_id")
        return units["area_m2"] if units is not None else pd.Series(dtype=float)

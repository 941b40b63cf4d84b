"""A study of a whole city on disk: parcels, a red line of a million vertices, farmland, towns, parks; nothing in it is real.

python tests/benchmarks/whole_study.py FOLDER [PARCELS]
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import numpy as np
import tomli_w

import geopandas as gpd
import pyogrio
import shapely

from landkit.arrays import Shapes
from landkit.bench import city

PARK_M, PARKS = 6000.0, 40
LINES = {"ecological_redline": 0.4, "permanent_basic_farmland": 0.7, "urban_development_boundary": 0.7}


def write_whole_study(folder: Path, parcels: int = 1_000_000) -> Path:
    """The files of the study and its study.toml; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = shapely.box(*city.CORNER, *np.add(city.CORNER, [city.WIDTH_M, city.HEIGHT_M])).buffer(3000)
    layers = {
        "boundary": gpd.GeoDataFrame({"name": ["city"]}, geometry=[whole], crs=city.CRS),
        "parks": _parks(),
        "parcels": _parcels(parcels),
        "ecological_redline": _zones(city.red_lines()),
        "permanent_basic_farmland": _zones(city.farmland()),
        "urban_development_boundary": _zones(city.towns()),
    }
    for name, frame in layers.items():
        pyogrio.write_dataframe(frame, folder / f"{name}.gpkg", layer=name)
    study = {"id": "whole", "title_zh": "百万地块", "title_en": "A million parcels", "crs": city.CRS}
    study |= {"as_of": datetime.date(2020, 12, 31), "rules_on": datetime.date(2025, 6, 30), "synthetic": True}
    (folder / "study.toml").write_text(
        tomli_w.dumps({"study": study, "layers": {name: _entry(name) for name in layers}}), encoding="utf-8"
    )
    return folder


def _entry(name: str) -> dict[str, object]:
    entry: dict[str, object] = {"role": "control_line" if name in LINES else name, "path": f"{name}.gpkg"}
    if name in LINES:
        entry |= {"line": name, "accuracy_m": LINES[name], "valid_extent": "boundary"}
    if name == "parcels":
        entry |= {"code_scheme": "ydyh-2023", "accuracy_m": 0.1}
    return entry | {"version": "made", "provenance": {"source": "made", "licence": "made", "synthetic": True}}


def _zones(shapes: Shapes) -> gpd.GeoDataFrame:
    ids = [f"Z{k:06d}" for k in range(len(shapes))]
    parts, zone = shapely.get_parts(shapes, return_index=True)
    return gpd.GeoDataFrame(
        {"zone_id": ids}, geometry=shapely.multipolygons(parts, indices=zone), crs=city.CRS
    )


def _parks() -> gpd.GeoDataFrame:
    """Squares side by side in rows, a lane of a kilometre between them."""
    column, row = np.divmod(np.arange(PARKS), 8)
    low = city.CORNER + 2000 + (PARK_M + 1000) * np.stack([column, row], axis=1)
    ids = [f"P{k:02d}" for k in range(PARKS)]
    return gpd.GeoDataFrame(
        {"park_id": ids, "park_name": ids}, geometry=shapely.box(*low.T, *(low + PARK_M).T), crs=city.CRS
    )


def _parcels(count: int) -> gpd.GeoDataFrame:
    """Parcels with what questions of stock ask for: uses, dates of supply and building, areas and money."""
    shapes, at = city.parcels(count), np.arange(count)
    supplied = np.datetime64("2012-01-01") + (at % 2900).astype("timedelta64[D]")
    begun = np.where(at % 5, (supplied + 300).astype("datetime64[s]"), np.datetime64("NaT", "s"))
    return gpd.GeoDataFrame(
        {
            "parcel_id": np.char.add("321000GB", np.char.zfill(at.astype(str), 8)),
            "parcel_name": np.char.add("地块", at.astype(str)),
            "use_code": np.where(at % 3, "100102", "070101"),
            "registered_area_m2": shapely.area(shapes).round(2),
            "supply_date": supplied.astype("datetime64[s]"),
            "handover_date": (supplied + 60).astype("datetime64[s]"),
            "start_date": begun,
            "land_price_wan_yuan": (at % 997) + 100.0,
            "floor_area_m2": shapely.area(shapes).round(0),
        },
        geometry=shapes,
        crs=city.CRS,
    )


if __name__ == "__main__":
    write_whole_study(Path(sys.argv[1]), *map(int, sys.argv[2:]))

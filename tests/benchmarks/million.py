"""A city of parcels made from numbers: cells of a bent lattice in blocks with streets, and faults whose number is known."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

CRS: Final = "EPSG:4549"
LEFT, BOTTOM, CELL_M, BLOCK, STREET_M = 410_000.0, 3_575_000.0, 60.0, 10, 12.0
PLANTED: Final = {
    "geometry.invalid": 500,
    "overlap.same": 500,
    "overlap.parcels": 500,
    "dates.order": 1000,
    "dates.default": 700,
    "area.registered": 900,
    "codes.unknown": 300,
}


def make_parcels(count: int, *, seed: int = 7) -> gpd.GeoDataFrame:
    """`count` parcels of twelve vertices each that share their corners, with the faults of PLANTED (few cities have fewer)."""
    side = int(np.ceil(np.sqrt(count)))
    column, row = np.divmod(np.arange(count), side)
    shapes = shapely.polygons(_rings(column, row, seed))
    ids = np.char.add("321000GB", np.char.zfill(np.arange(count).astype(str), 8))
    supplied = np.datetime64("2015-01-01") + (np.arange(count) % 1500).astype("timedelta64[D]")
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": ids,
            "parcel_name": np.char.add("地块", np.arange(count).astype(str)),
            "use_code": np.where(np.arange(count) % 3, "1001", "070101"),
            "registered_area_m2": shapely.area(shapes).round(2),
            "supply_date": supplied.astype("datetime64[s]"),
            "handover_date": (supplied + 60).astype("datetime64[s]"),
            "start_date": (supplied + 200).astype("datetime64[s]"),
        },
        geometry=shapes,
        crs=CRS,
    )
    return _with_faults(frame)


def _rings(column: np.ndarray, row: np.ndarray, seed: int) -> np.ndarray:
    """Closed rings: each edge in three, bent by a smooth wave that both neighbours share."""
    steps = np.array(
        [
            (0, 0),
            (1, 0),
            (2, 0),
            (3, 0),
            (3, 1),
            (3, 2),
            (3, 3),
            (2, 3),
            (1, 3),
            (0, 3),
            (0, 2),
            (0, 1),
            (0, 0),
        ]
    )
    at = np.stack([column, row], axis=1)[:, None, :] + steps[None] / 3
    street = (np.stack([column, row], axis=1) // BLOCK)[:, None, :] * STREET_M
    phase = np.random.default_rng(seed).uniform(0, 6.3, 4)
    bend = np.stack(
        [6 * np.sin(at[..., 1] * 1.7 + at[..., 0] * 0.3 + phase[0]), 6 * np.sin(at[..., 0] * 1.9 + phase[1])], axis=-1
    )  # fmt: skip
    return at * CELL_M + street + bend + np.array([LEFT, BOTTOM])


def _with_faults(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Each fault on parcels of its own, far apart."""
    order = np.random.default_rng(1).permutation(len(frame) - 2000)  # the last rows make room for doubles
    groups = np.split(order[: sum(PLANTED.values())], np.cumsum(list(PLANTED.values()))[:-1])
    at = dict(zip(PLANTED, groups, strict=True))
    shapes = np.asarray(frame.geometry.array, dtype=object).copy()
    x0, y0, x1, y1 = shapely.bounds(shapes).T
    bow_ties = np.stack(
        [np.stack([x0, y0], 1), np.stack([x1, y1], 1), np.stack([x1, y0], 1), np.stack([x0, y1], 1)], 1
    )
    shapes[at["geometry.invalid"]] = shapely.polygons(bow_ties[at["geometry.invalid"]])
    table, shapes = _with_doubles(frame, shapes, at)
    table.loc[at["dates.order"], "handover_date"] = pd.Timestamp("2010-01-01")
    table.loc[at["dates.default"], "start_date"] = pd.Timestamp("1970-01-01")
    table.loc[at["area.registered"], "registered_area_m2"] *= 1.5
    table.loc[at["codes.unknown"], "use_code"] = "99X"
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


def _with_doubles(
    frame: gpd.GeoDataFrame, shapes: np.ndarray, at: dict[str, np.ndarray]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Parcels that stand twice (under another id) and parcels that lie half on another, as rows at the end."""
    same, half = shapes[at["overlap.same"]], shapely.bounds(shapes[at["overlap.parcels"]])
    middle = (half[:, 1] + half[:, 3]) / 2
    strips = shapely.box(half[:, 0] + 10, middle - 5, half[:, 0] + 20, middle + 5)
    more = pd.concat([frame.iloc[at["overlap.same"]], frame.iloc[at["overlap.parcels"]]])
    doubles = np.concatenate([same, strips])
    more = more.assign(
        parcel_id=[f"321000GC{i:08d}" for i in range(len(more))],
        registered_area_m2=shapely.area(doubles).round(2),
    )
    kept = len(frame) - len(more)  # the last rows make room
    table = pd.concat([frame.iloc[:kept], more], ignore_index=True).drop(columns="geometry")
    return pd.DataFrame(table), np.concatenate([shapes[:kept], doubles])

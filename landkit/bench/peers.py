"""Engines for the same job: read two GeoParquet files, find what parcels and zones share, write GeoParquet.

A peer is a function of three paths; `PEERS` names them and the package each needs, so that another engine is one
entry more.  Each writes the columns `parcel`, `zone`, `area_m2`, `geometry`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

import geopandas as gpd
import shapely

from landkit.overlay.shapes import Ints, Shapes

Job: TypeAlias = Callable[[Path, Path, Path], None]
THREADS = 2


class Peer(NamedTuple):
    """One engine: the job, how it is made ready before the clock starts, and the package it needs."""

    job: Job
    ready: Callable[[], None]
    needs: str


def by_landkit(parcels: Path, zones: Path, out: Path) -> None:
    """landkit's kernel from Arrow to Arrow."""
    from pyarrow import parquet

    from landkit.overlay.kernel.arrow import overlap_table, prepare_zones

    columns = ["id", "geometry"]
    prepared = prepare_zones(parquet.read_table(zones, columns=columns), label="id")
    rows = overlap_table(parquet.read_table(parcels, columns=columns), prepared, label="id")
    parquet.write_table(rows, out)


def by_geopandas(parcels: Path, zones: Path, out: Path) -> None:
    """geopandas.overlay, as its documentation has it."""
    left = gpd.read_parquet(parcels, columns=["id", "geometry"]).rename(columns={"id": "parcel"})
    right = gpd.read_parquet(zones, columns=["id", "geometry"]).rename(columns={"id": "zone"})
    rows = gpd.overlay(left, right, how="intersection", keep_geom_type=True)
    rows.assign(area_m2=rows.area).to_parquet(out)


def by_shapely(parcels: Path, zones: Path, out: Path) -> None:
    """What a shapely expert writes: a tree of parcels, prepared zones, what is covered is not cut, two threads."""
    left = gpd.read_parquet(parcels, columns=["id", "geometry"])
    right = gpd.read_parquet(zones, columns=["id", "geometry"])
    mine, theirs = np.asarray(left.geometry.array), np.asarray(right.geometry.array)
    tree = shapely.STRtree(mine)
    shapely.prepare(theirs)
    zone, parcel = tree.query(theirs, predicate="intersects")
    zone_over, parcel_under = tree.query(theirs, predicate="covers")
    covered = np.isin(zone * len(mine) + parcel, zone_over * len(mine) + parcel_under)
    pieces = mine[parcel]
    pieces[~covered] = _cut(mine, theirs, parcel[~covered], zone[~covered])
    area = shapely.area(pieces)
    some = area > 0
    rows = {
        "parcel": left["id"].to_numpy()[parcel[some]],
        "zone": right["id"].to_numpy()[zone[some]],
        "area_m2": area[some],
    }
    gpd.GeoDataFrame(rows, geometry=pieces[some], crs=left.crs).to_parquet(out)


def _cut(mine: Shapes, theirs: Shapes, parcel: Ints, zone: Ints) -> Shapes:
    blocks = np.array_split(np.arange(len(parcel)), 64)
    with ThreadPoolExecutor(THREADS) as pool:
        work = pool.map(lambda rows: shapely.intersection(mine[parcel[rows]], theirs[zone[rows]]), blocks)
        return np.concatenate(list(work))


def warm_kernel() -> None:
    """Load the kernel's machine code before the clock starts, as the peers' libraries are loaded."""
    from landkit.overlay.kernel.warm import warm

    warm()


def nothing() -> None:
    """A peer that is ready once it is imported."""


PEERS: dict[str, Peer] = {
    "landkit": Peer(by_landkit, warm_kernel, "numba"),
    "geopandas": Peer(by_geopandas, nothing, "geopandas"),
    "shapely": Peer(by_shapely, nothing, "shapely"),
}


def installed() -> list[str]:
    """The peers whose package is there."""
    return [name for name, peer in PEERS.items() if importlib.util.find_spec(peer.needs)]

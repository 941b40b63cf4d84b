"""Zones in a folder: what a worker maps is what was prepared, and nothing of it stays."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pytest
import rings

import shapely

from landkit.cluster.zones_folder import PREFIX, laid_out, mapped
from landkit.errors import LayerError, PlaceError
from landkit.overlay.kernel.arrow import overlap_table, prepare_zones, writable

CRS = "EPSG:4549"


def table_of(shapes, labels):
    return pa.table({"name": labels, "geometry": pa.array(shapely.to_wkb(shapes), pa.binary())})


@pytest.mark.parametrize("count", [0, 1, 40])
def test_zones_come_back_as_they_were(count, tmp_path):
    """Arrays, labels of their type, CRS; an empty layer too."""
    shapes = rings.everything(np.random.default_rng(3), 10)[:count]
    zones = prepare_zones(
        table_of(shapes, pa.array([f"Z{k}" for k in range(count)], pa.string())), label="name", crs=CRS
    )

    with laid_out(zones, tmp_path) as folder:
        again = mapped(folder)
        for ours, theirs in zip(
            [*zones.layer.polygons, *zones.layer.wkb], [*again.layer.polygons, *again.layer.wkb], strict=True
        ):
            assert type(theirs) is np.ndarray
            assert (theirs.dtype, theirs.tolist()) == (ours.dtype, ours.tolist())
        assert (again.labels.to_pylist(), again.crs) == (zones.labels.to_pylist(), zones.crs)
        assert again.labels.type == zones.labels.type


def test_mapped_zones_give_the_same_rows_and_are_not_copied(tmp_path):
    """Compiled code is given the mapped arrays themselves; what it might write there stays in memory."""
    rng = np.random.default_rng(5)
    zones = prepare_zones(table_of(rings.everything(rng, 20), pa.array(range(80))), label="name", crs=CRS)
    parcels = table_of(rings.everything(rng, 50), pa.array(range(200)))

    with laid_out(zones, tmp_path) as folder:
        again = mapped(folder)
        for before, after in zip(again.layer.polygons, writable(again.layer).polygons, strict=True):
            assert np.shares_memory(before, after)
        again.layer.polygons.area[:] = -1.0
        rows = overlap_table(parcels, mapped(folder), label="name", crs=CRS)
    assert rows.equals(overlap_table(parcels, zones, label="name", crs=CRS))
    assert rows.num_rows > 100


def test_nothing_stays_and_what_a_killed_run_left_goes(tmp_path):
    zones = prepare_zones(table_of([shapely.box(0, 0, 1, 1)], pa.array(["a"])), label="name", crs=CRS)
    left = tmp_path / f"{PREFIX}of-a-killed-run"
    left.mkdir()
    (left / "xy.npy").write_bytes(b"half")

    def stopped():
        with laid_out(zones, tmp_path):
            assert not left.exists()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes of folders")
def test_who_may_write_beside_it_may_write_into_it(tmp_path):
    """Workers of another user write their parts there."""
    zones = prepare_zones(table_of([shapely.box(0, 0, 1, 1)], pa.array(["a"])), label="name", crs=CRS)
    tmp_path.chmod(0o2775)

    with laid_out(zones, tmp_path) as folder:
        assert folder.stat().st_mode == tmp_path.stat().st_mode
        assert folder.stat().st_gid == tmp_path.stat().st_gid


def test_a_folder_that_is_not_seen_or_cannot_be_written_is_one_sentence(tmp_path):
    zones = prepare_zones(table_of([shapely.box(0, 0, 1, 1)], pa.array(["a"])), label="name", crs=CRS)

    with pytest.raises(LayerError, match="A worker does not see"):
        mapped(tmp_path / "elsewhere")
    with pytest.raises(PlaceError, match="nowhere"), laid_out(zones, tmp_path / "nowhere"):
        pass

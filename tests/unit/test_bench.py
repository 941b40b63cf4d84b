"""The made city is what it says, and the bench tells a right answer from a wrong one."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import geopandas as gpd
import shapely

from landkit.bench import city, peers, workers
from landkit.bench.rounds import compare, growth_exponent, parcels_file, run_alone, zones_file


def disjoint(shapes):
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = one < other
    return shapely.area(shapely.intersection(shapes[one[apart]], shapes[other[apart]])).sum() < 1e-3


@pytest.mark.parametrize(
    ("shapes", "count"),
    [
        (city.parcels(2000), 2000),
        (city.farmland(2000), 2000),
        (city.red_lines(20_000, 30), 30),
        (city.towns(9000), 120),
        (city.clusters(4000), 6),
    ],
    ids=["parcels", "farmland", "red lines", "towns", "clusters"],
)
def test_every_layer_is_valid_and_shares_no_area_with_itself(shapes, count):
    assert count * 0.8 <= len(shapes) <= count
    assert shapely.is_valid(shapes).all()
    assert disjoint(shapes)


def test_parcels_have_some_eighteen_vertices_and_a_hectare():
    shapes = city.parcels(3000)
    corners = shapely.get_num_coordinates(shapes) - 1
    assert (corners.min() >= 4, corners.max() <= 52) == (True, True)
    assert np.median(corners) == pytest.approx(17, abs=2)
    assert np.median(shapely.area(shapes)) == pytest.approx(11_000, rel=0.2)


def test_clusters_tile_the_city():
    assert shapely.area(city.clusters(4000)).sum() == pytest.approx(city.WIDTH_M * city.HEIGHT_M, rel=1e-9)


def test_the_same_seed_gives_the_same_city():
    assert shapely.equals_exact(city.parcels(500), city.parcels(500)).all()
    assert not shapely.equals_exact(city.parcels(500), city.parcels(500, seed=22)).all()


def test_the_peers_agree(tmp_path):
    files = parcels_file(tmp_path, 3000), zones_file(tmp_path, "redline-20000")
    totals = []
    for name in [name for name in sorted(peers.installed()) if name not in peers.WITH_OTHERS]:
        out = tmp_path / f"{name}.parquet"
        peers.PEERS[name].ready(files[0])
        peers.PEERS[name].job(*files, out)
        rows = gpd.read_parquet(out)
        assert {"parcel", "zone", "area_m2", "geometry"} <= set(rows.columns)
        totals.append((len(rows), rows["area_m2"].sum(), rows.area.sum()))
    assert len({rows for rows, *_ in totals}) == 1
    assert [area for _, *areas in totals for area in areas] == pytest.approx(
        [totals[0][1]] * 2 * len(totals), rel=1e-9
    )


@pytest.mark.parametrize("name", ["dask", "dask-running"])
def test_two_processes_of_dask_find_what_one_process_finds(name, tmp_path):
    files = parcels_file(tmp_path, 3000), zones_file(tmp_path, "redline-20000")
    one, two = (run_alone(name, *files) for name in ("landkit", name))
    assert (two["rows"], two["area_m2"]) == (one["rows"], pytest.approx(one["area_m2"], rel=1e-12))
    assert len(list(tmp_path.glob("parcels-3000.split/part-*.parquet"))) == workers.SPLIT_PARTS
    assert not list(tmp_path.glob("out-*"))


def test_reading_and_writing_alone_gives_the_same_rows_and_leaves_nothing_behind(tmp_path):
    files = parcels_file(tmp_path, 300), zones_file(tmp_path, "redline-4000")
    own, alone = (run_alone(name, *files) for name in ("landkit", "plain"))
    assert (alone["rows"], alone["area_m2"]) == (own["rows"], own["area_m2"])
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_growth_is_the_power_of_the_size():
    assert growth_exponent([10, 100, 1000], [3, 3, 3]) == pytest.approx(0, abs=1e-12)
    assert growth_exponent([10, 100, 1000], [2, 20, 200]) == pytest.approx(1)
    assert growth_exponent([1, 4, 16], [5, 10, 20]) == pytest.approx(0.5)


def test_an_engine_without_its_packages_is_not_offered(monkeypatch):
    monkeypatch.setattr(peers.importlib.util, "find_spec", lambda name: None if name == "duckdb" else "there")
    assert set(peers.PEERS) - set(peers.installed()) == {"duckdb"}


def test_an_engine_without_its_server_says_which_program_it_lacks(monkeypatch):
    monkeypatch.setattr(peers.postgres_server, "PACKAGES", Path("/nowhere"))
    monkeypatch.setattr(peers.postgres_server.shutil, "which", lambda name: None)
    assert peers.lacks("postgis") == ["initdb"]
    assert "postgis" not in peers.installed()


def test_negative_control_a_wrong_total_is_shown_as_such():
    runs = pd.DataFrame(
        {
            "engine": ["landkit", "other"],
            "round": [1, 1],
            "wall_s": [1.0, 3.0],
            "cpu_s": [1.0, 2.0],
            "area_m2": [1e9, 1e9 + 10],
        }
    )
    table = compare(runs)
    assert table["same_area"].to_dict() == {"landkit": True, "other": False}
    assert table.loc["other", "times_wall"] == 3

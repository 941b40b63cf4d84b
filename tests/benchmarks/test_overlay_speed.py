"""landkit's overlay beside its peers, in rotated rounds of fresh processes; ratios, never seconds.

`pytest -m benchmark tests/benchmarks/test_overlay_speed.py -s`; more sizes: `landkit bench --help`.
"""

import pytest

from landkit.bench.peers import installed, lacks
from landkit.bench.rounds import compare, parcels_file, take_turns, zones_file

pytestmark = [pytest.mark.benchmark, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bench")


def needs(*names):
    missing = [f"{name} needs {', '.join(lacks(name))}" for name in names if lacks(name)]
    return pytest.mark.skipif(bool(missing), reason="; ".join(missing))


def table(folder, parcels, zones, names, rounds):
    files = parcels_file(folder, parcels), zones_file(folder, zones)
    found = compare(take_turns(*files, names, rounds, print))
    print(f"\n{parcels} parcels x {zones}\n{found.round(3).to_string()}")  # noqa: T201  the figures are what this is for
    assert found["same_area"].all()
    return found["times_wall"]


def test_a_red_line_of_a_million_vertices_costs_geopandas_sixty_times_as_much(folder):
    assert table(folder, 10_000, "redline-1000000", ["landkit", "geopandas"], 5)["geopandas"] >= 60


@pytest.mark.parametrize(
    ("zones", "times"),
    [("redline-1000000", 6), ("towns-200000", 2.5), ("clusters-28000", 2.5), ("farmland-200000", 2.3)],
)
def test_a_hundred_thousand_parcels_cost_the_shapely_expert_several_times_as_much(folder, zones, times):
    assert table(folder, 100_000, zones, ["landkit", "shapely"], 5)["shapely"] >= times


@pytest.mark.parametrize("zones", ["redline-5000", "towns-9000", "farmland-2000"])
def test_where_there_is_little_to_win_nothing_is_lost(folder, zones):
    assert table(folder, 100_000, zones, ["landkit", "shapely"], 5)["shapely"] >= 0.8


SMALL = [200, 2000, 10_000, 30_000, 60_000]


@pytest.mark.parametrize("parcels", SMALL)
@pytest.mark.parametrize("zones", ["redline-5000", "towns-9000", "farmland-2000", "redline-1000000"])
def test_small_jobs_on_frames_cost_no_more_than_the_shapely_expert(folder, parcels, zones):
    """The public function, with all that it checks, in a fresh process: the kernel is loaded where it is worth it.

    Jobs of 30 to 100 ms do not repeat to better than a fifth: they take more turns.
    """
    files, rounds = (parcels_file(folder, parcels), zones_file(folder, zones)), 15 if parcels <= 10_000 else 7
    found = compare(take_turns(*files, ["frames", "shapely"], rounds, print), to="frames")
    print(f"\n{parcels} parcels x {zones}\n{found.round(3).to_string()}")  # noqa: T201  the figures are what this is for
    assert found["same_area"].all()
    assert found["times_wall"]["shapely"] >= 0.8


@needs("sedona", "duckdb")
def test_farmland_costs_sedona_and_duckdb_twice_as_much(folder):
    found = table(folder, 100_000, "farmland-200000", ["landkit", "sedona", "duckdb"], 5)
    assert found[["sedona", "duckdb"]].min() >= 2


@needs("postgis", "postgis-load")
def test_postgis_takes_longer_on_tables_that_are_there_and_much_longer_from_files(folder):
    found = table(folder, 100_000, "redline-1000000", ["landkit", "postgis", "postgis-load"], 5)
    assert found["postgis"] >= 1.3
    assert found["postgis-load"] >= 8


def test_a_hundred_thousand_parcels_and_a_million_vertices_cost_geopandas_three_hundred_times_as_much(folder):
    assert table(folder, 100_000, "redline-1000000", ["landkit", "geopandas"], 1)["geopandas"] >= 300


def test_every_peer_that_is_installed_finds_the_same_area(folder):
    table(folder, 2000, "redline-20000", installed(), 1)

"""landkit's overlay beside its peers, in rotated rounds of fresh processes; ratios, never seconds.

`pytest -m benchmark tests/benchmarks/test_overlay_speed.py -s`; more sizes: `landkit bench --help`.
"""

import pytest

from landkit.bench.peers import installed
from landkit.bench.rounds import compare, parcels_file, take_turns, zones_file

pytestmark = [pytest.mark.benchmark, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bench")


def table(folder, parcels, zones, names, rounds):
    files = parcels_file(folder, parcels), zones_file(folder, zones)
    found = compare(take_turns(*files, names, rounds, print))
    print(f"\n{parcels} parcels x {zones}\n{found.round(3).to_string()}")  # noqa: T201  the figures are what this is for
    assert found["same_area"].all()
    return found["times_wall"]


def test_a_red_line_of_a_million_vertices_costs_geopandas_sixty_times_as_much(folder):
    assert table(folder, 10_000, "redline-1000000", ["landkit", "geopandas"], 3)["geopandas"] >= 60


@pytest.mark.parametrize(
    ("zones", "times"),
    [("redline-1000000", 6), ("towns-200000", 2.5), ("clusters-28000", 2.5), ("farmland-200000", 2.3)],
)
def test_a_hundred_thousand_parcels_cost_the_shapely_expert_several_times_as_much(folder, zones, times):
    assert table(folder, 100_000, zones, ["landkit", "shapely"], 5)["shapely"] >= times


def test_every_peer_that_is_installed_finds_the_same_area(folder):
    table(folder, 2000, "redline-20000", installed(), 1)

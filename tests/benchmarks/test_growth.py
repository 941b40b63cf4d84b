"""How landkit's time grows with the vertices of the zones and with the parcels; a million of both beside others.

`pytest -m benchmark tests/benchmarks/test_growth.py -s`
"""

import pytest

from landkit.bench.rounds import compare, growth_exponent, parcels_file, run_alone, take_turns, zones_file

pytestmark = [pytest.mark.benchmark, pytest.mark.slow]
ROUNDS = 5
VERTICES = [73_000, 270_000, 1_000_000]
PARCELS = [100_000, 316_000, 1_000_000]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("growth")


def exponents(jobs, sizes):
    """From medians of rounds in which the sizes take turns: by the clock and by the processor."""
    runs = [[run_alone("landkit", *job) for job in jobs] for _ in range(ROUNDS)]
    found = {}
    for kind in ("wall_s", "cpu_s"):
        seconds = [sorted(run[kind] for run in of_size)[ROUNDS // 2] for of_size in zip(*runs, strict=True)]
        found[kind] = growth_exponent(sizes, seconds)
        print(f"{kind}: {dict(zip(sizes, seconds, strict=True))}, exponent {found[kind]:.2f}")  # noqa: T201  the figures are what this is for
    return found


def test_time_grows_with_less_than_the_square_root_of_the_vertices(folder):
    parcels = parcels_file(folder, 100_000)
    jobs = [(parcels, zones_file(folder, f"redline-{count}")) for count in VERTICES]
    assert exponents(jobs, VERTICES)["wall_s"] <= 0.4


def test_time_grows_no_faster_than_the_parcels(folder):
    zones = zones_file(folder, "redline-1000000")
    jobs = [(parcels_file(folder, count), zones) for count in PARCELS]
    assert exponents(jobs, PARCELS)["wall_s"] <= 1.05


def test_a_million_parcels_take_the_shapely_expert_four_times_as_long_and_reading_and_writing_a_quarter(
    folder,
):
    files = parcels_file(folder, 1_000_000), zones_file(folder, "redline-1000000")
    found = compare(take_turns(*files, ["landkit", "shapely", "plain"], ROUNDS, print))
    print(f"\n{found.round(3).to_string()}")  # noqa: T201
    assert found["same_area"].all()
    assert found.loc["shapely", "times_wall"] >= 4
    assert found.loc["plain", "times_wall"] >= 1 / 4

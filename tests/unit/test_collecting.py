"""How often Python looks for circles of objects while a million shapes are made."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

import geopandas as gpd
import shapely

from landkit.collecting import SELDOM, seldom_collected
from landkit.overlay import judge_layer


@pytest.fixture(autouse=True)
def usual() -> Iterator[tuple[int, int, int]]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield 700, 10, 10
    gc.set_threshold(*before)


def test_circles_are_looked_for_seldom_inside_and_as_before_outside(usual: tuple[int, int, int]) -> None:
    with seldom_collected():
        assert gc.get_threshold()[:2] == SELDOM[:2]
        with seldom_collected():
            pass
        assert gc.get_threshold()[:2] == SELDOM[:2]
    assert gc.get_threshold()[:2] == usual[:2]


def test_after_an_error_it_is_as_before(usual: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="x"), seldom_collected():
        raise ValueError("x")
    assert gc.get_threshold()[:2] == usual[:2]


def test_the_last_of_several_threads_to_leave_restores_it(usual: tuple[int, int, int]) -> None:
    entered, may_leave = threading.Event(), threading.Event()

    def stay() -> None:
        with seldom_collected():
            entered.set()
            may_leave.wait(10)

    other = threading.Thread(target=stay)
    with seldom_collected():
        other.start()
        assert entered.wait(10)
    assert gc.get_threshold()[:2] == SELDOM[:2]
    may_leave.set()
    other.join()
    assert gc.get_threshold()[:2] == usual[:2]


@pytest.mark.parametrize("asked", [0, SELDOM[0] * 2])
def test_who_asked_for_less_or_for_none_keeps_it(asked: int) -> None:
    gc.set_threshold(asked, 10, 10)
    with seldom_collected():
        assert gc.get_threshold()[0] == asked
    assert gc.get_threshold()[0] == asked


def test_a_judgement_of_thousands_of_parcels_does_not_look_through_them() -> None:
    parcels = gpd.GeoSeries(
        [shapely.box(x, 0, x + 9, 9) for x in range(500_000, 530_000, 10)], crs="EPSG:4549"
    )
    zones = gpd.GeoSeries([shapely.box(500_000, 5, 520_000, 20)], crs="EPSG:4549")
    looks = []

    def look(phase: str, info: dict[str, int]) -> None:
        looks.append((phase, info["generation"]))

    gc.callbacks.append(look)
    try:
        judge_layer(
            parcels, zones, breach="inside", sigma_parcel_m=0.5, sigma_line_m=0.5, extent=shapely.box(4e5, -99, 6e5, 99)
        )  # fmt: skip
    finally:
        gc.callbacks.remove(look)
    assert ("start", 2) not in looks

"""Bad inputs 102, 105, 106, 108-110: planning data that contradicts itself, its rules, or the ground that it covers.

Each is a tiny study with one thing changed, checked and asked.  What is wrong is a finding with its row and what to do; sums
count nothing twice; what was not looked at is never clear; a rule that is not in force is refused before anything is written.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import box, layer, square, tiny_study

import geopandas as gpd

import landkit
from landkit.study import load_study
from landkit.workflow.ask import Answers
from landkit.workflow.reading.study import read_ground

MONEY = ("enterprises", "enterprise_years", "occupancy")
LINES = ("eco_control_area", "urban_development_boundary", "permanent_basic_farmland")
UNITS = ("counties", "parks", "parks_built", "clusters", "axes")


def rows_of(table: pd.DataFrame, check: str) -> list[str]:
    """The rows of a check's findings."""
    return sorted(table[table["check"] == check]["row"])


@pytest.mark.bad_input(102)
def test_a_parcel_in_two_parks_is_said_and_shared_by_area(tmp_path: Path) -> None:
    """L6 by design: half in each; the two halves are its area."""
    folder = tiny_study(tmp_path / "s", without=(*MONEY, *LINES, "clusters", "axes"), head={"plan": None})
    answers = Answers(read_ground(load_study(folder)))
    pieces = answers.places("parks", "park_id").pieces
    mine = pieces[pieces["parcel"] == "L6"]

    assert rows_of(landkit.check(folder).table, "parcels.two_parks") == ["L6"]
    assert mine["area_m2"].sum() == pytest.approx(float(answers.parcels["area_m2"]["L6"]), rel=1e-12)
    assert mine["share"].tolist() == pytest.approx([0.5, 0.5], abs=1e-6)


@pytest.mark.bad_input(102)
def test_parks_on_each_other_are_said_and_their_ground_counted_once(tmp_path: Path) -> None:
    """P2 claims 200 m of P1: the first by code has it, in every sum."""
    parks = layer(
        {"P1": box(200, 200, 2000, 1600), "P2": box(1800, 200, 3600, 1600)}, "park_id", park_name=["西", "东"]
    )
    folder = tiny_study(
        tmp_path / "s", without=(*MONEY, *LINES, "clusters", "axes"), head={"plan": None}, parks=parks
    )
    table = landkit.check(folder).table
    answers = Answers(read_ground(load_study(folder)))
    apart = answers.units_apart("parks", "park_id")

    assert rows_of(table, "units.overlap") == ["P2"]
    assert apart is not None
    assert not apart.geometry["P1"].intersection(apart.geometry["P2"]).area


@pytest.mark.bad_input(102)
def test_a_park_beyond_every_county_is_said_with_the_area_and_the_place(tmp_path: Path) -> None:
    """400 m x 1,400 m of P2 lie in no county."""
    counties = layer({"321003": box(0, 0, 2000, 3000), "321012": box(2000, 0, 3200, 3000)}, "county_id")
    folder = tiny_study(
        tmp_path / "s", without=(*MONEY, *LINES, "clusters", "axes"), head={"plan": None}, counties=counties
    )
    table = landkit.check(folder).table
    row = table[table["check"] == "parks.outside_counties"].iloc[0]
    said = re.search(r"([\d,.]+) 平方米", row["reason"])

    assert row["row"] == "P2"
    assert said is not None
    assert float(said[1].replace(",", "")) == pytest.approx(560_000, rel=3e-4)
    assert (row["x"] - 450_000, row["y"] - 3_580_000) == (3400, 900)


@pytest.mark.bad_input(105)
def test_days_that_cannot_be_are_errors_and_make_no_parcel_idle(tmp_path: Path) -> None:
    """Without a start or hand-over day, start before contract, suspended before the start, in the future, a default, 民国 98."""

    def spoil(p: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        p = p.set_index("parcel_id", drop=False).rename_axis(None)
        for name in ("start_due_date", "handover_date", "start_date", "completion_date"):
            p.loc["L1", name] = None
        p.loc["L4", "start_date"] = "2009-01-01"
        p.loc["L5", "suspended_from"] = "2010-06-01"
        p.loc["L6", "completion_date"] = "2031-01-01"
        p.loc["L7", "approval_date"] = "1970-01-01"
        p.loc["L8", "approval_date"] = "0098-05-01"
        return p.reset_index(drop=True)

    folder = tiny_study(tmp_path / "s", without=(*MONEY, *LINES, *UNITS), head={"plan": None}, parcels=spoil)
    table = landkit.check(folder).table
    stock = Answers(read_ground(load_study(folder))).stock.table.set_index("parcel_id")

    assert rows_of(table, "dates.start_due_missing") == ["L1"]
    assert rows_of(table, "dates.order") == ["L4", "L5"]
    assert rows_of(table, "dates.future") == ["L6"]
    assert rows_of(table, "dates.default") == ["L7"]
    assert rows_of(table, "dates.too_early") == ["L8"]
    assert "2009 年" in table[table["check"] == "dates.too_early"]["reason"].iloc[0]
    assert stock.loc["L1", "stock_status"] == "undecided"  # nobody can count from no day


@pytest.mark.bad_input(106)
def test_enterprises_without_land_and_with_more_than_there_is_are_said(tmp_path: Path) -> None:
    """E1 has none, E2 has 0, E3 has 120 % of L6; E4 and E5 each claim all of L8."""
    occupancy = pd.DataFrame(
        {
            "enterprise_id": ["E2", "E3", "E4", "E5"],
            "parcel_id": ["L5", "L6", "L8", "L8"],
            "occupied_m2": [0.0, 12000.0, 10000.0, 10000.0],
        }
    )
    folder = tiny_study(
        tmp_path / "s",
        without=(*LINES, *UNITS, "enterprise_years"),
        head={"plan": None},
        occupancy=occupancy,
        enterprises=lambda e: pd.concat([e, e.tail(1).assign(enterprise_id="E5")], ignore_index=True),
    )
    table = landkit.check(folder).table

    assert rows_of(table, "enterprises.without_land") == ["E1"]
    assert rows_of(table, "values.zero") == ["E2 L5"]
    assert rows_of(table, "occupancy.over") == ["L6", "L8"]
    assert (table[table["check"] == "occupancy.over"]["mends"] == "statistics").all()
    assert table[table["check"] == "occupancy.over"]["x"].notna().all()


RULE = """[[rule]]
id = "idle.fee_share"
zh = "闲置费"
en = "fee"
unit = "share"
"""
VERSION = """[[rule.version]]
value = 0.2
{days}
basis = "law"
decides = true
verified = false
{citation}
"""
CITED = 'citation = { title = "某办法" }'


@pytest.mark.bad_input(108)
@pytest.mark.parametrize(
    ("text", "zh"),
    [
        (RULE + VERSION.format(days="", citation=""), "citation"),
        (
            RULE + VERSION.format(days="since = 2012-07-01", citation=CITED)
            + VERSION.format(days="since = 2013-07-01", citation=CITED),
            "同时生效",
        ),
    ],
    ids=["no source", "two in force at once"],
)  # fmt: skip
def test_a_rule_without_source_or_twice_in_force_is_refused_and_nothing_is_written(
    text: str,
    zh: str,
    tmp_path: Path,
    earlier: tuple[Path, dict[str, bytes]],
    contents: Callable[[Path], dict[str, bytes]],
) -> None:
    """Exit code 2, before any layer is opened; earlier outputs stand."""
    folder = tiny_study(tmp_path / "s", head={"profile": "mine.toml"})
    (folder / "mine.toml").write_text(f'extends = "yangzhou"\n{text}', encoding="utf-8")
    out, before = earlier

    for verb in (lambda: landkit.check(folder, to=out), lambda: landkit.run(folder, to=out)):
        with pytest.raises(landkit.LandkitError) as caught:
            verb()
        assert caught.value.exit_code == 2
        assert zh in caught.value.say("zh")
    assert contents(out) == before


@pytest.mark.bad_input(108)
@pytest.mark.parametrize("day", [datetime.date(2005, 1, 1), datetime.date(2012, 6, 30)])
def test_a_day_before_a_rule_existed_is_said_for_each_rule_that_sleeps(
    day: datetime.date, tmp_path: Path
) -> None:
    """The order on idle land is in force since 2012-07-01: the day before, it sleeps, and no parcel is idle by it."""
    folder = tiny_study(
        tmp_path / "s", without=(*MONEY, *UNITS, *LINES), head={"plan": None, "rules_on": day, "as_of": day}
    )
    table = landkit.check(folder).table
    asleep = table[table["check"] == "rules.asleep"]
    stock = Answers(read_ground(load_study(folder))).stock.table

    assert any(v.startswith("stock.idle.") for v in asleep["value"])
    assert (asleep["severity"] == "warning").all()
    assert "idle" not in set(stock["stock_class"])


def red_lines(p: Any) -> gpd.GeoDataFrame:
    """The line as it was and as it is, in one layer: shifted by 2 m."""
    return layer(
        {
            "R1-2018": box(300, 300, 500, 500),
            "R1-2022": box(302, 300, 502, 500),
            "R2": square(1400, 1200, 50),
        },
        "zone_id",
    )


@pytest.mark.bad_input(109)
def test_a_red_line_in_two_versions_is_an_error_and_its_ground_counted_once(tmp_path: Path) -> None:
    """198 m of 200 m are the same: 98 % alike, and more than half of the layer stands twice."""
    folder = tiny_study(
        tmp_path / "s", without=(*MONEY, *LINES, *UNITS), head={"plan": None}, ecological_redline=red_lines,
        spec={"ecological_redline": {"version": "2018-06"}},
    )  # fmt: skip
    table = landkit.check(folder).table
    conflicts = Answers(read_ground(load_study(folder))).conflicts.table
    row = conflicts[(conflicts["parcel_id"] == "L1") & (conflicts["line"] == "ecological_redline")].iloc[0]

    assert table[table["check"] == "overlap.alike"][["row", "value"]].to_numpy().tolist() == [
        ["R1-2018", "R1-2022"]
    ]
    assert table[table["check"] == "lines.delivered_twice"]["severity"].tolist() == ["error"]
    assert "自 2022-08-16 起生效" in table[table["check"] == "vintage.older_than_rule"]["reason"].iloc[0]
    assert row["encroached_m2"] == pytest.approx(10_000, rel=3e-4)
    assert row["verdict"] == "conflict"


@pytest.mark.bad_input(110)
def test_parcels_outside_a_layers_extent_are_counted_and_never_clear(tmp_path: Path) -> None:
    """The red line covers the west only: L8 and L6 are not (wholly) inside."""
    folder = tiny_study(
        tmp_path / "s",
        without=(*MONEY, *LINES, *UNITS),
        head={"plan": None},
        spec={"ecological_redline": {"valid_extent": [450_000, 3_580_000, 452_000, 3_583_000]}},
    )
    table = landkit.check(folder).table
    verdicts = Answers(read_ground(load_study(folder))).conflicts.table
    verdicts = verdicts[verdicts["line"] == "ecological_redline"].set_index("parcel_id")["verdict"]
    partial = table[table["check"] == "extent.partial"]

    assert partial["layer"].tolist() == ["ecological_redline"]
    assert "8 宗地块中有 2 宗" in partial["reason"].iloc[0]
    assert verdicts[["L6", "L8"]].tolist() == ["not_checked", "not_checked"]
    assert np.isin(verdicts.drop(["L6", "L8"]), ["clear", "conflict", "within_accuracy"]).all()

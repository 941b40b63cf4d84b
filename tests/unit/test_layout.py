"""Layout (布局): four answers, each resting on a sentence of the plan; and the plan file itself against the plan's text."""

import dataclasses
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import CRS, TINY_PLAN, box, line, polygons, square

import geopandas as gpd
import shapely

from landkit.analysis import layout
from landkit.model import Plan, PlanPart
from landkit.study import load_plan, load_study

YANGZHOU = Path(__file__).resolve().parents[2] / "layers" / "yangzhou"


def part(entry):
    lists = {k: tuple(entry.get(k, ())) for k in ("parks", "leading", "emerging", "parts")}
    return PlanPart(entry["id"], entry["zh"], entry["en"], entry["quote"], **lists)


def parts(name):
    return {e["id"]: part(e) for e in TINY_PLAN[name]}


# P1 leads in cars (36) and grows electronics (39), in the west; P2 leads in medicine (27), in the east; P3 stands in no sentence
PLAN = Plan(
    title="小规划", axes=parts("axis"), clusters=parts("cluster"), parks=parts("park"),
    industries={k: tuple(v) for k, v in TINY_PLAN["industries"].items()}, corridor_width_m=500.0, max_leading=2,
)  # fmt: skip


def judge(park, cluster, share=1.0, axis="A1", distance=0.0, plan=PLAN):
    index = pd.Index(["L1"])
    return layout.judge_parcels(
        pd.Series([park], index=index),
        pd.DataFrame({"unit": [cluster], "share": [1.0]}, index=index),
        pd.Series([share], index=index),
        pd.DataFrame({"axis_id": [axis], "axis_distance_m": [distance]}, index=index),
        plan,
    ).loc["L1"]


# --- parcels ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("park", "cluster", "share", "verdict"),
    [
        ("P1", "C1", 1.0, "fits"),
        ("P1", "C1", 0.4, "partly"),
        ("P1", "C1", 0.0, "partly"),  # the place fits, the industry does not
        ("P1", "C2", 1.0, "partly"),  # the industry fits, the place does not
        ("P1", "C2", 0.0, "does_not_fit"),
        ("P1", "C1", np.nan, "text_does_not_decide"),  # nobody on it, or no industry code
        ("P1", "C2", np.nan, "does_not_fit"),  # the place alone is against the text
        ("P1", "", 1.0, "partly"),  # in no cluster at all
        ("", "C1", 1.0, "text_does_not_decide"),  # the text speaks of parks
        ("P3", "C1", 1.0, "text_does_not_decide"),
    ],
)
def test_place_and_industry_together_give_the_verdict(park, cluster, share, verdict):
    """Both fit: fits; one of two: partly; none: does not fit; what the text leaves open stays open."""
    assert judge(park, cluster, share)["layout_verdict"] == verdict


def test_without_a_plan_the_text_decides_nothing():
    """A study need not have a plan; it is not blamed for that."""
    found = judge("P1", "C1", plan=Plan())
    assert found["layout_verdict"] == "text_does_not_decide"
    assert found["plan_sentences"] == ""


def test_each_verdict_names_the_sentences_it_rests_on():
    """design.md 1: every finding explained; these keys are looked up on the sentences sheet."""
    assert judge("P1", "C1")["plan_sentences"] == "cluster:C1;park:P1"
    assert judge("P1", "C2", 0.0)["plan_sentences"] == "cluster:C1;park:P1"


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "所属西片，实际位于东片"), ("en", "belongs to West cluster but lies in East cluster")],
)
def test_the_reason_says_where_it_belongs_and_where_it_is(lang, said):
    """In the reader's language, with the plan's own names."""
    assert judge("P1", "C2")["reasons"][0].say(lang) == said


def test_the_corridor_is_said_with_its_width_and_that_it_is_assumed_but_never_decides():
    """A2: the plan gives no width; report the value used.  Parks 7 and 11 are in no corridor: no tool must force-fit them."""
    near, far = judge("P1", "C1", distance=500.0), judge("P1", "C1", distance=500.1)
    assert "within the 0.5 km corridor (an assumption)" in near["reasons"][2].say("en")
    assert "beyond the 0.5 km corridor" in far["reasons"][2].say("en")
    assert near["layout_verdict"] == far["layout_verdict"] == "fits"


# --- industries ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "names"), [
    ("3620", ("汽车",)), ("C3620", ("汽车",)), ("39", ("电子",)), ("3", ()), ("1711", ()), (None, ()), (np.nan, ()),
])  # fmt: skip
def test_a_code_belongs_to_the_industries_whose_prefix_it_has(code, names):
    """GB/T 4754 codes come with and without the section letter, in any number of digits."""
    assert layout.industries_of(code, PLAN) == names


def test_the_role_of_an_industry_is_its_role_in_that_park():
    """Medicine leads in the east and is foreign in the west; an unknown code or park is no role, not `other`."""
    enterprises = pd.DataFrame(
        {
            "industry_code": ["3620", "3911", "2710", "2710", None, "3620"],
            "park_id": ["P1", "P1", "P1", "P2", "P1", "P9"],
        }
    )
    roles = layout.industry_roles(enterprises, PLAN)
    assert roles.tolist() == ["leading", "emerging", "other", "leading", None, None]


def test_the_listed_share_is_by_occupied_land_and_unknown_where_any_of_it_is():
    """6,000 of 8,000 m2 by listed industries; one unknown firm leaves the parcel open."""
    land = pd.DataFrame(
        {
            "parcel_id": ["L1", "L1", "L2", "L2"], "enterprise_id": ["E1", "E2", "E1", "E3"],
            "occupied_m2": [6000.0, 2000.0, 1.0, 1.0], "known_parcel": True,
        }
    )  # fmt: skip
    share = layout.listed_share(
        land, {"E1": "leading", "E2": "other", "E3": None}, pd.Index(["L1", "L2", "L3"])
    )
    assert share["L1"] == 0.75
    assert share[["L2", "L3"]].isna().all()


# --- distance to the axes ------------------------------------------------------------------------------------------


def axes(*lines):
    return gpd.GeoDataFrame({"axis_id": [n for n, _ in lines]}, geometry=[g for _, g in lines], crs=CRS)


def test_distance_runs_from_the_parcel_s_edge_to_the_line():
    """Square (300,300)-(400,400): 600 m west of x = 1000, 350 m below y = 750; on the line it is 0."""
    found = layout.axis_distances(
        polygons(square(300, 300), square(950, 900), None, index=["L1", "L2", "L3"]),
        axes(("A1", line((1000, 0), (1000, 3000))), ("A2", line((0, 750), (4000, 750)))),
    )
    assert found["axis_id"].tolist() == ["A2", "A1", None]
    assert found["axis_distance_m"].tolist() == pytest.approx([350.0, 0.0, np.nan], nan_ok=True)


def test_of_two_axes_at_the_same_distance_the_first_by_name_is_named():
    """The order of the file must not decide."""
    lines = [("A2", line((0, 0), (0, 1000))), ("A1", line((300, 0), (300, 1000)))]
    for given in (lines, lines[::-1]):
        assert layout.axis_distances(polygons(square(100, 0)), axes(*given))["axis_id"].tolist() == ["A1"]


def test_without_axes_there_is_no_distance():
    """Not 0 and not infinity."""
    found = layout.axis_distances(polygons(square(0, 0)), axes())
    assert found["axis_distance_m"].isna().all()
    assert "no axis layer" in judge("P1", "C1", axis=None, distance=np.nan)["reasons"][2].say("en")


# --- parks ----------------------------------------------------------------------------------------------------------


def judge_park(park="P1", cluster="C1", plan=PLAN, **sales):
    index = pd.Index([park])
    return layout.judge_parks(
        pd.DataFrame({"park_name": ["西园"]}, index=index),
        pd.DataFrame({"unit": [cluster], "share": [1.0], "shares": [f"{cluster}=1.0"]}, index=index),
        pd.DataFrame(sales, index=index, dtype=float),
        plan,
    ).iloc[0]


@pytest.mark.parametrize(
    ("cluster", "sales", "verdict", "share"),
    [
        ("C1", {"leading": 60.0, "emerging": 40.0}, "fits", 1.0),
        ("C1", {"leading": 60.0, "other": 40.0}, "partly", 0.6),
        ("C1", {"other": 40.0}, "partly", 0.0),
        ("C2", {"other": 40.0}, "does_not_fit", 0.0),
        ("C1", {}, "text_does_not_decide", np.nan),
        ("C1", {"unknown": 50.0}, "text_does_not_decide", np.nan),
        ("C1", {"leading": 60.0, "unknown": 40.0}, "text_does_not_decide", 1.0),
        ("C1", {"other": 60.0, "unknown": 40.0}, "text_does_not_decide", 0.0),
        ("C1", {"leading": 30.0, "other": 30.0, "unknown": 40.0}, "partly", 0.5),
    ],
)  # fmt: skip
def test_a_park_is_judged_by_its_place_and_by_what_it_really_sells(cluster, sales, verdict, share):
    """Sales of unknown industry prove nothing.  Regression: they counted as "not listed", a park without codes did not fit."""
    found = judge_park(cluster=cluster, **sales)
    assert found["layout_verdict"] == verdict
    assert found["listed_sales_share"] == pytest.approx(share, nan_ok=True)


def test_a_park_with_more_leading_industries_than_the_plan_asks_for_is_told_so():
    """A4 item 20: "1-2个主导产业"; it is a remark, not a verdict."""
    three = dataclasses.replace(PLAN.parks["P1"], leading=("汽车", "电子", "医药"))
    plan = dataclasses.replace(PLAN, parks={"P1": three})
    found = judge_park(plan=plan, leading=1.0)
    assert found["leading_count"] == 3
    assert any("3 leading industries, more than the 2" in r.say("en") for r in found["reasons"])
    assert not any("leading industries" in r.say("en") for r in judge_park(leading=1.0)["reasons"])
    assert found["layout_verdict"] == "fits"


# --- the plan file of Yangzhou against the plan's text -----------------------------------------------------------------


@pytest.fixture(scope="module")
def plan():
    return load_plan(load_study(YANGZHOU))


def parks_with(plan, *words):
    """Numbers of the parks whose leading industries hold one of the words."""
    return {int(p.id[-2:]) for p in plan.parks.values() if any(w in i for i in p.leading for w in words)}


def test_the_plan_s_own_count_of_like_parks_comes_out_7_6_3(plan):
    """domain.md A4 item 20 [C]: 机械装备或汽车及零部件 7 parks, 电子信息 6, 生物医药或光伏 3, exactly what the plan states."""
    assert parks_with(plan, "高端装备", "汽车", "车船") == {1, 2, 3, 6, 7, 8, 11}
    assert parks_with(plan, "新一代信息技术") == {4, 5, 6, 7, 9, 10}
    assert parks_with(plan, "生物医药", "光伏", "光储充") == {2, 4, 10}


def test_six_of_eleven_parks_list_three_leading_industries(plan):
    """A4 item 20: parks 1, 2, 3, 6, 10, 11 break the plan's own "1-2个主导产业"."""
    assert len(plan.parks) == 11
    assert {int(p.id[-2:]) for p in plan.parks.values() if len(p.leading) > plan.max_leading} == {
        1,
        2,
        3,
        6,
        10,
        11,
    }
    assert max(len(p.leading) for p in plan.parks.values()) == 3


def test_the_membership_of_parks_in_clusters_is_that_of_the_text(plan):
    """A2: 仪征->8, 江都->3,11, 高邮->4,10, 宝应->5, 沿江->1,2,6,7,9, 都市服务核心区->none; two axes, six clusters."""
    members = {c.zh[:2]: sorted(int(p[-2:]) for p in c.parks) for c in plan.clusters.values()}
    assert members == {
        "都市": [],
        "沿江": [1, 2, 6, 7, 9],
        "仪征": [8],
        "江都": [3, 11],
        "高邮": [4, 10],
        "宝应": [5],
    }
    assert len(plan.axes) == 2


def test_every_industry_of_the_plan_has_codes(plan):
    """A name without codes would make its enterprises foreign in their own park."""
    named = {i for p in plan.parks.values() for i in p.listed}
    assert named == set(plan.industries)
    assert all(
        codes and all(c.isdigit() and 2 <= len(c) <= 4 for c in codes) for codes in plan.industries.values()
    )


def quotes(node):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from [value] if key == "quote" else quotes(value)
    elif isinstance(node, list):
        for value in node:
            yield from quotes(value)


def not_in_text(found, text):
    """Quotes that do not stand in the text, white space ignored."""
    whole = re.sub(r"\s+", "", text)
    return [q for q in found if re.sub(r"\s+", "", q) not in whole]


def test_every_quote_stands_in_the_plan_s_text_and_a_planted_one_is_found():
    """A verdict that rests on a sentence nobody wrote is worse than none."""
    text = (YANGZHOU / "plan.txt").read_text(encoding="utf-8")
    found = list(quotes(tomllib.loads((YANGZHOU / "plan.toml").read_text(encoding="utf-8"))))
    assert len(found) >= 20
    assert not_in_text(found, text) == []
    planted = found[3].replace("沿江", "沿河") if "沿江" in found[3] else found[3] + "!"
    assert not_in_text([*found, planted], text) == [planted]


def test_every_listed_industry_stands_in_the_plan_s_text(plan):
    """The industries are the plan's words, not ours."""
    text = (YANGZHOU / "plan.txt").read_text(encoding="utf-8")
    named = sorted({i for p in plan.parks.values() for i in p.listed})
    assert not_in_text(named, text) == []


def test_the_totals_of_the_plan_file_are_those_of_the_text():
    """158.5 / 460.06 / 694.15 km2, 3921 yi yuan, 534 of 1547 high-tech (domain.md A3), in that order of size."""
    totals = tomllib.loads((YANGZHOU / "plan.toml").read_text(encoding="utf-8"))["totals"]
    assert totals["built_km2"] < totals["planned_km2"] < totals["administered_km2"]
    text = (YANGZHOU / "plan.txt").read_text(encoding="utf-8")
    numbers = ["158.5", "460.06", "694.15", "3921"]
    assert not_in_text(numbers, text) == []
    assert [
        f"{totals[k]:g}" for k in ("built_km2", "planned_km2", "administered_km2", "sales_2020_yi_yuan")
    ] == numbers


def test_a_box_of_the_builders_is_where_it_says():
    """The local metres of these tests (300,300) are E 450300 N 3580300."""
    assert shapely.bounds(box(300, 300, 400, 400)).tolist() == [450_300, 3_580_300, 450_400, 3_580_400]

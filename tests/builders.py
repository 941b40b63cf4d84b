"""What tests build with: squares of whole metres, rules, questions on paper, and a tiny study on disk.

    from builders import box, square, polygons, ask, book, tiny_study

All shapes stand on CGCS2000 / 3-degree Gauss-Kruger CM 120E (EPSG:4549) at whole metres from E 450000 N 3580000, so
`square(300, 400)` is the 100 m x 100 m square whose lower left corner is E 450300 N 3580400: 10,000 m2 on the plane,
15 mu.  (On the ellipsoid 0.6 m2 less: a Gauss-Kruger plane is a little too large away from its meridian.)

The tiny study, in those local metres (x to the right, y up):

    boundary   (0,0)-(4000,3000)          counties  K1 x < 2000, K2 x > 2000        clusters  C1, C2: the same halves
    parks      P1 (200,200)-(2000,1600)   P2 (2000,200)-(3600,1600)                 they share the edge x = 2000
      built    P1 (200,200)-(1200,1600)   P2 (2000,200)-(2800,1600)
    urban development boundary  (100,100)-(3700,1700) with a hole 天窗 (1400,1200)-(1600,1400)
    ecological red line R1      fills that hole exactly                             accuracy 0.4 m
    farmland F1                 (2000,1700)-(3050,2000), north of the boundary      accuracy 0.7 m
    eco-control area G1         (0,2500)-(4000,3000)
    axes       A1 x = 1000 (north-south)  A2 y = 1700 (west-east); the corridor is 500 m to either side

The study day is 2020-12-31, the rules are those of 2025-06-30.  The parcels are 100 m squares:

    L1  (300,300)    idle 18 months, the enterprise's fault, price 1000 wan yuan: fee 200
    L2  (500,300)    no agreed start; handed over 2018-06-01, so due 2019-06-01: idle 18 months, a government cause
    L3  (700,300)    approved 2019, not supplied
    L4  (900,300)    built; E1, rated B in both years
    L5  (300,600)    built; E2, rated D in both years: inefficient
    L6  (1950,300)   built; half in P1, half in P2; E3
    L7  (1380,1250)  built; 80 m of it in the red line and in the hole of the development boundary; no enterprise
    L8  (3000,1650)  built; outside the parks; upper half outside the development boundary, 50 m x 50 m on farmland; E3, E4
"""

from __future__ import annotations

import copy
import dataclasses
import datetime
import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tomli_w

import geopandas as gpd
import pyogrio
import shapely

from landkit.analysis import stock
from landkit.model import Citation, Rule
from landkit.rulebook import RuleBook, rulebook

CRS = 4549
X, Y = 450_000.0, 3_580_000.0
AS_OF = datetime.date(2020, 12, 31)
RULES_ON = datetime.date(2025, 6, 30)


# --- shapes ---------------------------------------------------------------------------------------------------------


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    """A rectangle by its corners, in local metres."""
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def square(x: float, y: float, side: float = 100.0) -> shapely.Polygon:
    """A square by its lower left corner, in local metres; 100 m x 100 m = 15 mu unless another side is given."""
    return box(x, y, x + side, y + side)


def line(*points: tuple[float, float]) -> shapely.LineString:
    """A line through points in local metres."""
    return shapely.LineString([(X + x, Y + y) for x, y in points])


def polygons(
    *shapes: shapely.Geometry | None, index: Iterable[Any] | None = None, crs: Any = CRS
) -> gpd.GeoSeries:
    """Shapes as a GeoSeries."""
    return gpd.GeoSeries(list(shapes), index=None if index is None else list(index), crs=crs)


def layer(shapes: Mapping[str, shapely.Geometry | None], name: str, **columns: list[Any]) -> gpd.GeoDataFrame:
    """A layer: the ids of `shapes` in the column `name`, further columns beside it."""
    return gpd.GeoDataFrame({name: list(shapes), **columns}, geometry=list(shapes.values()), crs=CRS)


# --- rules ----------------------------------------------------------------------------------------------------------


@functools.cache
def book(on: datetime.date = RULES_ON) -> RuleBook:
    """The shipped rules of Yangzhou on a day."""
    return rulebook("yangzhou", on=on)


def rule(key: str, value: Any, *, decides: bool = True, verified: bool = True, **more: Any) -> Rule:
    """A rule as a test needs it."""
    given = {"unit": "", "basis": "assumption", "zh": key, "en": key, "since": None, "until": None, **more}
    return Rule(id=key, value=value, decides=decides, verified=verified, citation=Citation("test"), **given)


def rules_with(**values: Any) -> dict[str, Rule]:
    """The shipped rules with some values changed: `rules_with(stock__idle__fee_share=0.1)`; `__` stands for a dot."""
    rules = dict(book())
    for name, value in values.items():
        key = name.replace("__", ".")
        rules[key] = dataclasses.replace(rules[key], value=value) if key in rules else rule(key, value)
    return rules


# --- stock on paper -------------------------------------------------------------------------------------------------

DATES = (
    "approval_date", "supply_date", "handover_date", "start_due_date", "start_date", "completion_date",
    "suspended_from", "suspended_to",
)  # fmt: skip
PERFORMANCE: dict[str, Any] = {
    "rating_now": None, "rating_before": None, "rating_gap": None, "has_enterprise": False,
    "tax_wan_yuan_per_mu": np.nan, "floor_area_ratio": np.nan, "investment_wan_yuan_per_mu": np.nan,
}  # fmt: skip


def ask(
    *facts: Mapping[str, Any],
    as_of: datetime.date = AS_OF,
    rules: Mapping[str, Rule] | None = None,
    code_scheme: str | None = "ydyh-2023",
) -> stock.Ask:
    """A question about stock: one mapping of facts per parcel, in our column names; dates as ISO text.

    What is not said of any parcel is a column that the source lacks.  Names of `PERFORMANCE` (ratings, per-mu figures) go
    to the performance frame.  Parcels are called L1, L2, ... in their order.
    """
    index = pd.Index([f"L{i + 1}" for i in range(len(facts))])
    names = list(dict.fromkeys(n for one in facts for n in one if n not in PERFORMANCE))
    parcels = pd.DataFrame(
        {n: pd.Series([one.get(n) for one in facts], index=index) for n in names}, index=index
    )
    for name in names:
        if name in DATES:
            parcels[name] = pd.to_datetime(parcels[name]).astype("datetime64[s]")
        elif parcels[name].map(lambda v: v is None or isinstance(v, int | float)).all():
            parcels[name] = parcels[name].astype(float)
    performance = pd.DataFrame(
        {n: pd.Series([one.get(n, default) for one in facts], index=index, dtype="object" if default is None else None)
         for n, default in PERFORMANCE.items()},
        index=index,
    )  # fmt: skip
    return stock.Ask(parcels, as_of, book() if rules is None else rules, performance, code_scheme)


def find(
    *facts: Mapping[str, Any],
    tests: tuple[str, ...] = ("approved_unsupplied", "idle", "supplied_unbuilt", "inefficient", "underused"),
    **how: Any,
) -> pd.DataFrame:
    """What `find_stock` says of parcels described as for `ask`, with the reasons in English beside it (`said`)."""
    table, _ = stock.find_stock(ask(*facts, **how), tests=tests)
    return table.assign(said=["; ".join(r.say("en") for r in reasons) for reasons in table["reasons"]])


# --- a tiny study on disk -------------------------------------------------------------------------------------------

Change = pd.DataFrame | gpd.GeoDataFrame | Callable[[Any], Any]

_HEAD: dict[str, Any] = {
    "id": "tiny", "title_zh": "小研究", "title_en": "A tiny study", "crs": "EPSG:4549", "as_of": AS_OF,
    "rules_on": RULES_ON, "profile": "yangzhou", "plan": "plan.toml", "synthetic": True,
}  # fmt: skip

_LAYERS: dict[str, dict[str, Any]] = {
    "boundary": {"role": "boundary"},
    "counties": {"role": "counties"},
    "parks": {"role": "parks", "accuracy_m": 0.5},
    "parks_built": {"role": "parks_built"},
    "clusters": {"role": "clusters"},
    "axes": {"role": "axes"},
    "ecological_redline": {
        "role": "control_line", "line": "ecological_redline", "valid_extent": "boundary", "accuracy_m": 0.4,
    },
    "permanent_basic_farmland": {
        "role": "control_line", "line": "permanent_basic_farmland", "valid_extent": "boundary", "accuracy_m": 0.7,
    },
    "urban_development_boundary": {
        "role": "control_line", "line": "urban_development_boundary", "valid_extent": "boundary", "accuracy_m": 0.7,
    },
    "eco_control_area": {
        "role": "control_line", "line": "eco_control_area", "valid_extent": "boundary", "accuracy_m": "default:dom-10000",
    },
    "parcels": {"role": "parcels", "accuracy_m": "default:parcel-class-2", "code_scheme": "ydyh-2023"},
}  # fmt: skip
_TABLES: dict[str, dict[str, Any]] = {
    "enterprises": {"role": "enterprises", "code_scheme": "gbt4754-2017"},
    "enterprise_years": {"role": "enterprise_years"},
    "occupancy": {"role": "occupancy"},
}

_PARCELS: dict[str, dict[str, Any]] = {
    "L1": {
        "at": (300, 300), "approval_date": "2017-05-01", "contract_no": "HT1", "supply_date": "2018-06-30",
        "handover_date": "2018-07-30", "start_due_date": "2019-06-30", "land_price_wan_yuan": 1000.0,
        "idle_cause": "enterprise",
    },
    "L2": {
        "at": (500, 300), "approval_date": "2017-05-01", "contract_no": "HT2", "supply_date": "2018-03-01",
        "handover_date": "2018-06-01", "land_price_wan_yuan": 800.0, "idle_cause": "gov_plan_change",
    },
    "L3": {"at": (700, 300), "approval_no": "PW3", "approval_date": "2019-04-01"},
    "L4": {"at": (900, 300), "floor_area_m2": 15000.0, "agreed_floor_area_ratio": 1.2, "investment_wan_yuan": 6000.0},
    "L5": {"at": (300, 600), "floor_area_m2": 13000.0, "agreed_floor_area_ratio": 1.2, "investment_wan_yuan": 900.0},
    "L6": {"at": (1950, 300), "floor_area_m2": 14000.0, "agreed_floor_area_ratio": 1.2, "investment_wan_yuan": 3000.0},
    "L7": {"at": (1380, 1250), "floor_area_m2": 16000.0, "agreed_floor_area_ratio": 1.2, "investment_wan_yuan": 3000.0},
    "L8": {"at": (3000, 1650), "floor_area_m2": 12500.0, "agreed_floor_area_ratio": 1.2, "investment_wan_yuan": 3000.0},
}  # fmt: skip
_BUILT = {
    "approval_date": "2009-05-01", "contract_no": "HT0", "supply_date": "2010-03-01", "handover_date": "2010-04-01",
    "start_due_date": "2010-12-01", "start_date": "2010-10-01", "completion_date": "2012-10-01",
}  # fmt: skip
_PARCEL_COLUMNS = (
    "parcel_id", "parcel_name", "use_code", "registered_area_m2", "approval_no", "approval_date", "contract_no",
    "supply_date", "handover_date", "start_due_date", "start_date", "completion_date", "suspended_from", "suspended_to",
    "area_due_m2", "area_started_m2", "investment_planned_wan_yuan", "investment_wan_yuan", "land_price_wan_yuan",
    "idle_cause", "agreed_floor_area_ratio", "floor_area_m2",
)  # fmt: skip
_NUMBERS = ("_m2", "_wan_yuan", "_ratio")


def tiny_parcels() -> gpd.GeoDataFrame:
    """The eight parcels of the tiny study; dates as ISO text."""
    rows = []
    for key, facts in _PARCELS.items():
        own = {k: v for k, v in facts.items() if k != "at"}
        built = _BUILT if "floor_area_m2" in own else {}
        given = {
            "parcel_id": key, "parcel_name": f"地块{key}", "use_code": "1001", "registered_area_m2": 10000.0,
            **built, **own,
        }  # fmt: skip
        rows.append({name: given.get(name) for name in _PARCEL_COLUMNS})
    table = pd.DataFrame(rows, dtype="object")
    for name in table.columns:
        if name.endswith(_NUMBERS):
            table[name] = table[name].astype(float)
    return gpd.GeoDataFrame(table, geometry=[square(*f["at"]) for f in _PARCELS.values()], crs=CRS)


def tiny_frames() -> dict[str, Any]:
    """All layers and tables of the tiny study, by id."""
    window = box(1400, 1200, 1600, 1400)
    west, east = box(0, 0, 2000, 3000), box(2000, 0, 4000, 3000)
    years = [
        ("E1", 2019, 500.0, 9000.0, 12000.0, 800.0), ("E1", 2020, 600.0, 10000.0, 13000.0, 800.0),
        ("E2", 2019, 20.0, 500.0, 700.0, 900.0), ("E2", 2020, 15.0, 400.0, 600.0, 900.0),
        ("E3", 2019, 300.0, 5000.0, 6000.0, 500.0), ("E3", 2020, 300.01, 5000.0, 6000.0, 500.0),
        ("E4", 2019, 90.0, 2000.0, 2500.0, 700.0), ("E4", 2020, 100.0, 2100.0, 2600.0, 700.0),
    ]  # fmt: skip
    return {
        "boundary": layer({"tiny": box(0, 0, 4000, 3000)}, "name"),
        "counties": layer({"321003": west, "321012": east}, "county_id", county_name=["西县", "东县"]),
        "parks": layer(
            {"P1": box(200, 200, 2000, 1600), "P2": box(2000, 200, 3600, 1600)}, "park_id",
            park_name=["西园", "东园"],
        ),
        "parks_built": layer({"P1": box(200, 200, 1200, 1600), "P2": box(2000, 200, 2800, 1600)}, "park_id"),
        "clusters": layer({"C1": west, "C2": east}, "cluster_id", cluster_name=["西片", "东片"]),
        "axes": layer(
            {"A1": line((1000, 0), (1000, 3000)), "A2": line((0, 1700), (4000, 1700))}, "axis_id",
            axis_name=["南北轴", "东西轴"],
        ),
        "ecological_redline": layer({"R1": window}, "zone_id", zone_name=["湿地"]),
        "permanent_basic_farmland": layer({"F1": box(2000, 1700, 3050, 2000)}, "zone_id", zone_name=["水田"]),
        "urban_development_boundary": layer(
            {"U1": box(100, 100, 3700, 1700).difference(window)}, "zone_id", zone_name=["集中建设区"]
        ),
        "eco_control_area": layer({"G1": box(0, 2500, 4000, 3000)}, "zone_id", zone_name=["公益林"]),
        "parcels": tiny_parcels(),
        "enterprises": pd.DataFrame(
            {
                "enterprise_id": ["E1", "E2", "E3", "E4"],
                "enterprise_name": ["甲公司", "乙公司", "丙公司", "丁公司"],
                "industry_code": ["3620", "1711", "3911", "2710"],
                "production_date": ["2013-01-01"] * 4,
                "county_id": ["321003", "321003", "321012", "321012"],
            }
        ),
        "enterprise_years": pd.DataFrame(
            years, columns=["enterprise_id", "year", "tax_wan_yuan", "sales_wan_yuan", "output_wan_yuan", "energy_tce"]
        ),
        "occupancy": pd.DataFrame(
            {
                "enterprise_id": ["E1", "E2", "E3", "E3", "E4"],
                "parcel_id": ["L4", "L5", "L6", "L8", "L8"],
                "occupied_m2": [None, 10000.0, 9000.0, 3000.0, 6000.0],
            }
        ),
    }  # fmt: skip


TINY_PLAN: dict[str, Any] = {
    "title": "小规划",
    "corridor": {"width_m": 500, "zh": "走廊宽度为设定", "en": "the corridor's width is an assumption"},
    "leading": {"at_most": 2, "quote": "主导产业不超过两个"},
    "axis": [
        {"id": "A1", "zh": "南北轴", "en": "North-south axis", "quote": "南北轴"},
        {"id": "A2", "zh": "东西轴", "en": "West-east axis", "quote": "东西轴"},
    ],
    "cluster": [
        {"id": "C1", "zh": "西片", "en": "West cluster", "parks": ["P1"], "quote": "西片含西园"},
        {"id": "C2", "zh": "东片", "en": "East cluster", "parks": ["P2"], "quote": "东片含东园"},
    ],
    "park": [
        {
            "id": "P1",
            "zh": "西园",
            "en": "West park",
            "leading": ["汽车"],
            "emerging": ["电子"],
            "quote": "西园主导汽车",
        },
        {
            "id": "P2",
            "zh": "东园",
            "en": "East park",
            "leading": ["医药"],
            "emerging": [],
            "quote": "东园主导医药",
        },
    ],
    "industries": {"汽车": ["36"], "电子": ["39"], "医药": ["27"]},
}


def tiny_study(
    folder: Path,
    *,
    head: Mapping[str, Any] | None = None,
    spec: Mapping[str, Mapping[str, Any]] | None = None,
    without: Iterable[str] = (),
    plan: Mapping[str, Any] | None = None,
    **changes: Change,
) -> Path:
    """Write the tiny study of this file's docstring into `folder` and give the folder back, ready for `landkit.run`.

    `head`      keys of [study] that differ; None takes a key away:        head={"as_of": date(2021, 12, 31), "plan": None}
    `spec`      keys of a layer's or table's entry; None takes one away:   spec={"parcels": {"accuracy_m": None}}
    `without`   ids of layers and tables left out, file and entry:         without=["eco_control_area"]
    `plan`      keys of plan.toml that differ:                             plan={"cluster": []}
    `**changes` a frame in place of a layer or table, or a function from the usual frame to another one:
                    tiny_study(tmp_path, parcels=lambda p: p[p["parcel_id"] != "L8"])
                    tiny_study(tmp_path, ecological_redline=layer({"R1": square(300, 300)}, "zone_id"))
                A name that is not a layer or table of the tiny study is a KeyError.

    Layers are GeoPackages `<id>.gpkg`, tables CSV files `<id>.csv` (UTF-8 with BOM); column names are landkit's own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frames = tiny_frames()
    for name, change in changes.items():
        usual = frames[name]  # KeyError: no such layer or table
        frames[name] = change(usual) if callable(change) else change
    entries: dict[str, dict[str, dict[str, Any]]] = {
        "layers": copy.deepcopy(_LAYERS),
        "tables": copy.deepcopy(_TABLES),
    }
    unknown = (set(without) | set(spec or {})) - set(frames)
    if unknown:
        raise KeyError(f"not in the tiny study: {sorted(unknown)}")
    for group, found in entries.items():
        for name in list(found):
            if name in set(without):
                del found[name]
                continue
            path = f"{name}.{'gpkg' if group == 'layers' else 'csv'}"
            found[name] = _some({"path": path, **found[name], **dict((spec or {}).get(name, {}))})
            _write_once(name, frames[name], folder / path, usual=name not in changes)
    text = {"study": _some({**_HEAD, **(head or {})}), **entries}
    (folder / "study.toml").write_text(tomli_w.dumps(text), encoding="utf-8")
    (folder / "plan.toml").write_text(tomli_w.dumps({**TINY_PLAN, **(plan or {})}), encoding="utf-8")
    return folder


def _some(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in entry.items() if v is not None}


_usual: dict[str, bytes] = {}


def _write_once(name: str, frame: Any, path: Path, *, usual: bool) -> None:
    """Write a frame; the usual ones are written by GDAL once, and from then on as the same bytes."""
    if usual and name in _usual:
        path.write_bytes(_usual[name])
        return
    _write(frame, path)
    if usual:
        _usual[name] = path.read_bytes()


def _write(frame: Any, path: Path) -> None:
    if isinstance(frame, gpd.GeoDataFrame):
        pyogrio.write_dataframe(frame, path, layer=path.stem, driver="GPKG")
    else:
        frame.to_csv(path, index=False, encoding="utf-8-sig")


def a_year_later(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The parcels of the tiny study when L3, approved but not supplied, is built upon like L4, and L8 is gone."""
    kept = parcels[parcels["parcel_id"] != "L8"].copy()
    usual = kept.set_index("parcel_id")
    for column in kept.columns.difference(["parcel_id", "geometry", "parcel_name"]):
        kept.loc[kept["parcel_id"] == "L3", column] = usual.at["L4", column]
    return kept

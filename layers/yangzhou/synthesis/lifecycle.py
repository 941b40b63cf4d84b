"""The life of each parcel as of 2020-12-31, with its dates, money and floor area."""

from __future__ import annotations

import datetime as dt
from functools import partial

import numpy as np
import pandas as pd

from .lots import INDUSTRY
from .shapes import rng

AS_OF = dt.date(2020, 12, 31)
USES = {
    "100101": "一类工业用地",
    "100102": "二类工业用地",
    "100103": "三类工业用地",
    "110101": "一类物流仓储用地",
    "110102": "二类物流仓储用地",
    "070102": "二类城镇住宅用地",
    "0901": "商业用地",
    "0902": "商务金融用地",
    "0802": "科研用地",
    "0803": "文化用地",
    "080402": "中等职业教育用地",
    "1302": "排水用地",
}
GOVERNMENT = (
    "gov_handover",
    "gov_plan_change",
    "gov_policy",
    "gov_petition",
    "gov_military_relics",
    "gov_other",
)
# share of all parcels in each state; what is left is completed
UNBUILT = {"approved": 0.045, "in_time": 0.022, "idle_1": 0.014}
BUILT = {
    "idle_1": 0.021,
    "in_time": 0.008,
    "suspended": 0.014,
    "suspended_short": 0.004,
    "building": 0.022,
    "underused": 0.05,
}
# how the land of limb 1 (not started a year after the agreed day) came to be so
IDLE_KINDS = {
    "one_year": 0.42,
    "two_years": 0.26,
    "government": 0.11,
    "force_majeure": 0.02,
    "handover_only": 0.10,
    "no_dates": 0.05,
    "unknown": 0.04,
}


def add_states(parcels: pd.DataFrame) -> pd.DataFrame:
    """A state for each parcel, drawn in fixed numbers, so that no class is empty by bad luck."""
    random = rng("states")
    parcels["state"] = "completed"
    industrial = parcels.theme.isin(INDUSTRY) & ~parcels.drawn.eq("across_parks")
    for pool, shares in (
        (industrial & parcels["where"].eq("planned"), UNBUILT),
        (industrial & ~parcels["where"].eq("planned"), BUILT),
    ):
        order = random.permutation(parcels.index[pool])
        start = 0
        for state, share in shares.items():
            count = round(share * len(parcels))
            parcels.loc[order[start : start + count], "state"] = state
            start += count
    parcels["kind"] = ""
    idle = random.permutation(parcels.index[parcels.state == "idle_1"])
    kinds = [k for k, share in IDLE_KINDS.items() for _ in range(max(2, round(share * len(idle))))][
        : len(idle)
    ]
    kinds += ["one_year"] * (len(idle) - len(kinds))
    parcels.loc[idle, "kind"] = kinds
    suspended = random.permutation(parcels.index[parcels.state == "suspended"])
    thirds = np.array(["by_area", "by_money", "by_both", "above_limits"])[np.arange(len(suspended)) % 4]
    parcels.loc[suspended, "kind"] = thirds
    return _edges_of_the_year(parcels)


def _edges_of_the_year(parcels: pd.DataFrame) -> pd.DataFrame:
    """Parcels due on the very day that decides: one and two years before the study, and a day later."""
    ones = parcels.index[parcels.kind == "one_year"][:6]
    for i, kind in zip(
        ones,
        (
            "edge_one_year",
            "edge_one_year",
            "edge_day_short",
            "edge_day_short",
            "edge_two_years",
            "edge_two_years",
        ),
        strict=True,
    ):
        parcels.loc[i, "kind"] = kind
    return parcels


def attributes(parcels: pd.DataFrame) -> pd.DataFrame:
    """The office's columns, one row per parcel, on the index of the parcels."""
    return pd.DataFrame(
        [_row(p, rng("life", p.parcel_id)) for p in parcels.itertuples()], index=parcels.index
    )


def _row(p, random) -> dict:
    row: dict = {"用途代码": p.use_code, "用途": USES[p.use_code]}
    off = random.uniform(0.90, 1.10) if random.random() < 0.012 else random.normal(1, 0.0025)
    row["登记面积"] = round(p.area_m2 * float(np.clip(off, 0.9, 1.1)), 2)
    year = _approval_year(p.state, random)
    row["批文号"] = f"苏政地〔{year}〕{random.integers(10, 990)}号(示例)"
    approved = dt.date(year, int(random.integers(1, 13)), int(random.integers(1, 28)))
    row["批准日期"] = approved
    if p.state != "approved":
        row |= _supply(p, approved, random)
        row |= _progress(p, row, random)
        row |= _money_and_floors(p, row, random)
    return {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in row.items()}


def _approval_year(state: str, random) -> int:
    spans = {
        "approved": (2015, 2021),
        "in_time": (2018, 2020),
        "idle_1": (2012, 2016),
        "suspended": (2013, 2016),
        "suspended_short": (2014, 2017),
        "building": (2015, 2018),
        "underused": (2001, 2013),
    }
    return int(random.integers(*spans.get(state, (2001, 2016))))


def _days(random, low: int, high: int) -> dt.timedelta:
    return dt.timedelta(days=int(random.integers(low, high)))


def _supply(p, approved: dt.date, random) -> dict:
    """Contract, hand-over and agreed start: the dates that the idle test is made of."""
    gap = partial(_days, random)
    due, handover = None, None
    if p.state == "in_time":
        due = AS_OF + gap(-330, 300)
    elif p.state == "idle_1":
        due, handover = _idle_dates(p.kind, gap)
    signed = (
        (due or handover or dt.date(2017, 6, 1)) - gap(240, 420)
        if p.state in ("in_time", "idle_1")
        else approved + gap(150, 700)
    )
    signed = min(signed, dt.date(2020, 11, 20))
    late = p.kind == "government" and random.random() < 0.4  # not handed over
    if handover is None and p.kind != "no_dates" and not late:
        handover = min(signed + gap(20, 90), dt.date(2020, 12, 25))
    if due is None and p.kind not in ("handover_only", "no_dates"):
        due = signed + gap(200, 380)
    approved = min(approved, signed - dt.timedelta(days=60))
    public = p.theme == "public"
    supply = "划拨" if public else "租赁" if random.random() < 0.01 else "出让"
    return {
        "批准日期": approved,
        "合同编号": f"3210{signed.year}{'HB' if public else 'CR'}{int(p.parcel_id[-5:]):05d}",
        "供应方式": supply,
        "签订日期": signed,
        "交地日期": handover,
        "约定动工时间": due,
    }


def _idle_dates(kind: str, gap) -> tuple[dt.date | None, dt.date | None]:
    """Agreed start and hand-over of land not started in time."""
    fixed = {
        "edge_one_year": dt.date(2019, 12, 31),
        "edge_day_short": dt.date(2020, 1, 1),
        "edge_two_years": dt.date(2018, 12, 31),
    }
    if kind in fixed:
        return fixed[kind], None
    if kind == "handover_only":  # agreed start missing: hand-over plus one year counts
        return None, AS_OF - gap(800, 1500)
    if kind == "no_dates":
        return None, None
    return AS_OF - (gap(400, 700) if kind == "one_year" else gap(760, 1700)), None


def _progress(p, row: dict, random) -> dict:
    """What happened on the land after it was supplied."""
    gap = partial(_days, random)
    if p.state in ("in_time", "idle_1"):
        cause = {
            "government": str(random.choice(GOVERNMENT)),
            "force_majeure": "force_majeure",
            "unknown": None,
        }.get(p.kind, "enterprise")
        return {"原因": cause} if p.state == "idle_1" else {}
    start = row["约定动工时间"] + gap(-60, 120)
    if p.state == "building":
        return {"实际开工时间": min(max(start, dt.date(2019, 2, 1) + gap(0, 600)), dt.date(2020, 12, 10))}
    if p.state == "suspended":
        return {
            "实际开工时间": min(start, dt.date(2018, 6, 1)),
            "中止开发时间": dt.date(2018, 9, 1) + gap(0, 450),
            "原因": "enterprise",
        }
    if p.state == "suspended_short":
        return {
            "实际开工时间": min(start, dt.date(2019, 6, 1)),
            "中止开发时间": dt.date(2020, 3, 1) + gap(0, 240),
        }
    done = {"竣工日期": min(start + gap(330, 900), dt.date(2020, 10, 31)), "实际开工时间": start}
    if random.random() < 0.03 and (done["竣工日期"] - start).days > 300:  # stopped once, went on
        done |= {
            "中止开发时间": start + dt.timedelta(days=90),
            "恢复开发时间": start + dt.timedelta(days=200),
        }
    return done


def _money_and_floors(p, row: dict, random) -> dict:
    area, mu = row["登记面积"], row["登记面积"] * 3 / 2000
    share = {
        "completed": 1.0,
        "underused": 1.0,
        "building": random.uniform(0.4, 0.9),
        "in_time": 0.0,
        "idle_1": 0.0,
    }.get(p.state)
    built, spent = (share, share) if share is not None else _suspended_shares(p.kind, random)
    due = round(area * random.uniform(0.85, 1.0), 2)
    planned = round(mu * float(random.lognormal(np.log(330), 0.35)), 2)
    price = {"070102": 3200, "0901": 2400, "0902": 2200}.get(p.use_code, 384) * float(
        random.uniform(0.85, 1.25)
    )
    agreed = {"070102": 1.8, "0901": 1.5, "0902": 2.0, "0802": 1.4}.get(
        p.use_code, 0.8 if row["签订日期"].year < 2009 else 1.0 if row["签订日期"].year < 2016 else 1.2
    )
    found = {
        "应动工面积": due,
        "已动工面积": round(due * built, 2),
        "总投资": planned,
        "约定容积率": agreed,
        "已投资": round(planned * spent * (random.uniform(0.95, 1.2) if spent == 1.0 else 1.0), 2),
        "成交价款": None if row["供应方式"] == "划拨" else round(area * price / 10000, 2),
    }
    if p.state in ("completed", "underused"):
        ratio = agreed * (random.uniform(0.35, 0.8) if p.state == "underused" else random.uniform(1.02, 1.7))
        density = min(random.uniform(0.36, 0.58), ratio * 0.95)
        found |= {"总建筑面积": round(area * ratio, 2), "建筑基底面积": round(area * density, 2)}
    elif built:
        found |= {
            "总建筑面积": round(area * agreed * built * 0.6, 2),
            "建筑基底面积": round(area * 0.4 * built, 2),
        }
    return found


def _suspended_shares(kind: str, random) -> tuple[float, float]:
    """Shares built and spent of land where work stopped: limits are one third and 25 %."""
    low_area, low_money = float(random.uniform(0.08, 0.31)), float(random.uniform(0.06, 0.23))
    high_area, high_money = float(random.uniform(0.38, 0.75)), float(random.uniform(0.3, 0.7))
    return {
        "by_area": (low_area, high_money),
        "by_money": (high_area, low_money),
        "by_both": (low_area, low_money),
    }.get(kind, (high_area, high_money))

"""Enterprises, their two years of figures, and the parcels they stand on. All invented."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from . import places
from .industries import CLASSES, HABITS, ORDINARY, TRADES
from .lots import INDUSTRY
from .shapes import rng

FIRMS, HIGH_TECH = 1547, 534
SALES_2020_CENTS = 39_210_000_00  # 3,921 亿元, in hundredths of 万元
# how the city's sales lie over the parks (亿元 goals of the plan, softened), and how many firms
WEIGHT = {
    "YZ01": 2000,
    "YZ02": 700,
    "YZ03": 1500,
    "YZ04": 1000,
    "YZ05": 1000,
    "YZ06": 400,
    "YZ07": 500,
    "YZ08": 2000,
    "YZ09": 200,
    "YZ10": 500,
    "YZ11": 500,
}
SHORT = {
    "YZ01": "扬州",
    "YZ02": "邗江",
    "YZ03": "江都",
    "YZ04": "高邮",
    "YZ05": "宝应",
    "YZ06": "广陵",
    "YZ07": "维扬",
    "YZ08": "仪征",
    "YZ09": "杭集",
    "YZ10": "湖西",
    "YZ11": "仙女",
}
WORDS = {
    "auto": "汽车部件",
    "equip": "机械",
    "electronics": "电子",
    "lighting": "照明",
    "pv": "新能源",
    "power": "电气",
    "pharma": "药业",
    "medical": "医疗器械",
    "daily": "日化",
    "chemicals": "化工",
    "materials": "新材料",
    "building": "建材",
    "steel": "特钢",
    "ship": "船舶",
    "light": "轻工",
    "food": "食品",
    "utility": "公用",
    "intelligent": "智能科技",
}
_FIRST, _SECOND = "恒瑞鼎华宏泰盛隆嘉鑫远博腾启明骏昌安信源", "达丰茂祥通润科成业兴和顺康平诚亿发辉荣利"
_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(county: str, serial: int) -> str:
    """A 统一社会信用代码 of valid form (both check characters) in an invented series, DEMX...."""
    body = f"DEMX{serial:04d}"
    value = sum(w * int(c, 36) for w, c in zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True))
    check = 11 - value % 11
    code = f"91{county}{body}{ {10: 'X', 11: '0'}.get(check, str(check)) }"
    total = sum(_DIGITS.index(c) * pow(3, n, 31) for n, c in enumerate(code))
    return code + _DIGITS[(31 - total % 31) % 31]


def _shares(weights: dict[str, float], total: int) -> dict[str, int]:
    """Whole numbers in proportion that add up to the total (largest remainder)."""
    whole = sum(weights.values())
    exact = {k: total * w / whole for k, w in weights.items()}
    found = {k: int(v) for k, v in exact.items()}
    for k in sorted(exact, key=lambda k: (found[k] - exact[k], k))[: total - sum(found.values())]:
        found[k] += 1
    return found


def enterprises(parcels: pd.DataFrame) -> pd.DataFrame:
    """1,547 enterprises over the 11 parks, 534 of them high-tech."""
    room = parcels[_usable(parcels)].groupby("park_id").size()
    per_park = _shares({p: (WEIGHT[p] / 10300) ** 0.5 * room[p] ** 0.7 for p in WEIGHT}, FIRMS)
    county = {s.park_id: s.county_id for s in places.PARKS}
    rows, serial, used = [], 0, set()
    for park, count in per_park.items():
        for _ in range(count):
            serial += 1
            random = rng("firm", serial)
            trade = _trade(park, serial, random)
            code = str(random.choice(sorted(CLASSES[trade])))
            name = _name(park, trade, random, used)
            since = dt.date(
                int(random.integers(1998, 2019)), int(random.integers(1, 13)), int(random.integers(1, 28))
            )
            if random.random() < 0.05:
                since = dt.date(2019, 3, 1) + dt.timedelta(
                    days=int(random.integers(0, 600))
                )  # new: not rated for want of two years
            rows.append(
                {
                    "统一社会信用代码": credit_code(county[park], serial),
                    "企业名称": name,
                    "行业代码": code,
                    "行业名称": CLASSES[trade][code],
                    "投产日期": since.isoformat(),
                    "所属园区": park,
                    "所属区县": county[park],
                    "trade": trade,
                    "luck": HABITS[trade][3] * float(random.exponential()),
                }
            )
    table = pd.DataFrame(rows)
    table["是否高企"] = np.where(table.luck.rank(ascending=False, method="first") <= HIGH_TECH, "是", "否")
    return table


def _usable(parcels: pd.DataFrame) -> pd.Series:
    return (
        parcels.park_id.ne("")
        & parcels.theme.isin(INDUSTRY)
        & parcels.state.isin(["completed", "underused", "building"])
        & parcels["where"].eq("built")
    )


def _trade(park: str, serial: int, random) -> str:
    leading, emerging = TRADES[park]
    chance = random.random()
    if serial % 130 == 7:
        return "utility"
    return str(random.choice(leading if chance < 0.62 else emerging if chance < 0.82 else ORDINARY))


def _name(park: str, trade: str, random, used: set) -> str:
    while True:
        pair = random.choice(list(_FIRST)) + random.choice(list(_SECOND))
        name = f"{SHORT[park]}{pair}{WORDS[trade]}(示例)有限公司"
        if name not in used:
            used.add(name)
            return name


def years(firms: pd.DataFrame, planted: dict[str, str]) -> pd.DataFrame:
    """Figures of 2019 and 2020: log-normal, alike in both years, with the sales of 2020 exact to the cent."""
    random = rng("years")
    weight = firms["所属园区"].map(WEIGHT) / firms.groupby("所属园区")["所属园区"].transform("size")
    sales = np.maximum(
        weight.to_numpy() ** 0.8 * random.lognormal(0, 1.15, len(firms)),
        0.17 * (weight.to_numpy() ** 0.8).mean(),
    )
    cents = _exact(sales, SALES_2020_CENTS)
    growth = random.normal(1.07, 0.10, len(firms)).clip(0.7, 1.5)
    habit = np.array([HABITS[t][:3] for t in firms.trade])
    weak = (
        random.random(len(firms)) < 0.12
    )  # firms that pay little in both years, so that a low rating is no accident
    care = random.lognormal(0, 0.35, len(firms)) * np.where(weak, 0.22, 1.0)
    rows = []
    for n, firm in enumerate(firms.itertuples()):
        for year, sold in ((2019, round(cents[n] / growth[n])), (2020, int(cents[n]))):
            if year < int(firm.投产日期[:4]):
                continue
            tax, energy, research = (
                habit[n]
                * sold
                / 100
                * np.array([care[n], 1.0, 1.6 if firm.是否高企 == "是" else 0.5])
                * random.lognormal(0, 0.07, 3)
            )
            rows.append(
                {
                    "统一社会信用代码": firm.统一社会信用代码,
                    "年度": year,
                    "实缴税收": _tax(tax, planted.get(firm.统一社会信用代码), year),
                    "开票销售": f"{sold / 100:.2f}",
                    "总产值": f"{sold / 100 * random.uniform(0.94, 1.08):.2f}",
                    "综合能耗": f"{energy:.2f}",
                    "研发费用": f"{research:.2f}",
                    "数据性质": "示例",
                }
            )
    return pd.DataFrame(rows)


def _tax(tax: float, planted: str | None, year: int) -> str:
    odd = {"no_tax_record": "", "zero_tax": "0.00", "negative_tax": "-86.40"}
    return odd[planted] if planted and year == 2020 else f"{tax:.2f}"


def _exact(weights: np.ndarray, total: int) -> np.ndarray:
    shares = weights / weights.sum() * total
    whole = np.floor(shares).astype(np.int64)
    order = np.argsort(whole - shares, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def occupancy(firms: pd.DataFrame, parcels: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, list]]:
    """Which enterprise holds how much of which parcel; and the cases planted in it."""
    rows: list[dict] = []
    cases: dict[str, list] = {}
    for park, group in firms.groupby("所属园区", sort=True):
        random = rng("occupancy", park)
        free = list(random.permutation(parcels.index[_usable(parcels) & parcels.park_id.eq(park)]))
        landless = 1 if park in ("YZ01", "YZ02", "YZ03", "YZ05", "YZ08") else 0
        members = list(group.itertuples())
        for n, firm in enumerate(members):
            if n < landless:
                cases.setdefault("enterprise_without_land", []).append(firm.统一社会信用代码)
                continue
            rows += _take(firm, free, rows, parcels, random, must_own=n < landless + 8, left=len(members) - n)
    table = pd.DataFrame(rows)
    first = table[table.park.eq("YZ03") & table.alone].iloc[1]
    table.loc[first.name, "area"] = round(parcels.area_m2[first.parcel] * 1.2, 2)
    cases["occupied_over_100_percent"] = [parcels.parcel_id[first.parcel]]
    for case, park in (("no_tax_record", "YZ01"), ("zero_tax", "YZ04"), ("negative_tax", "YZ08")):
        firm = table[table.park.eq(park) & table.alone].iloc[3]
        cases[case] = [firm.code, parcels.parcel_id[firm.parcel]]
    return table, cases


def _take(
    firm, free: list, rows: list, parcels: pd.DataFrame, random, *, must_own: bool, left: int
) -> list[dict]:
    """Land of one enterprise: a parcel or several of its own, or part of a parcel together with others."""

    def row(index, area, alone=False, shared=False):
        since = max(str(parcels.completion[index] or "")[:10], firm.投产日期)
        return {
            "code": firm.统一社会信用代码,
            "parcel": index,
            "area": round(float(area), 2),
            "since": min(since, "2020-12-01"),
            "park": firm.所属园区,
            "alone": alone,
            "shared": shared,
        }

    chance = random.random()
    if must_own:
        index = free.pop()
        return [row(index, parcels.area_m2[index] * random.uniform(0.93, 0.995), alone=True)]
    if chance < 0.09 or not free:
        shared = [r for r in rows if r["park"] == firm.所属园区 and r["shared"]]
        for r in random.permutation(np.array(shared, dtype=object)) if shared else []:
            whole = parcels.area_m2[r["parcel"]]
            spare = 0.99 * whole - sum(x["area"] for x in rows if x["parcel"] == r["parcel"])
            if spare > 0.12 * whole:
                return [row(r["parcel"], spare * random.uniform(0.45, 0.9), shared=True)]
    index = free.pop()
    if chance < 0.19:
        return [row(index, parcels.area_m2[index] * random.uniform(0.2, 0.45), shared=True)]
    own = [row(index, parcels.area_m2[index] * random.uniform(0.93, 0.995))]
    while chance > 0.78 and len(free) > 1.3 * left:
        index = free.pop()
        own.append(row(index, parcels.area_m2[index] * random.uniform(0.9, 0.995)))
        chance -= 0.12
    return own

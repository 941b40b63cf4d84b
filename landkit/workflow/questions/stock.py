"""The question of stock (存量): per parcel, and by park, county, cluster and class."""

from __future__ import annotations

import pandas as pd

import geopandas as gpd

from landkit.analysis import stock
from landkit.analysis.assemblies import find_assemblies
from landkit.analysis.places import Places
from landkit.model import Rule, Stock, StockStatus, say_all
from landkit.units import to_ha, to_mu
from landkit.workflow.common import Common


def answer(common: Common) -> Stock:
    """存量: one row per parcel, and by park, county, cluster and class."""
    ground = common.ground
    ask = stock.Ask(
        common.parcels,
        ground.study.study.as_of,
        ground.rules,
        common.parcel_figures,
        ground.parcels.code_scheme,
    )
    forbidden = common.forbidden  # judged before there are sentences: both at once would fill the memory
    common.progress("stock", 0, 1)
    found, used = stock.find_stock(ask, tests=ground.rules.stock_tests)
    table = pd.DataFrame(
        {
            "parcel_id": common.parcels.index,
            "park_id": common.park_of,
            "area_m2": common.parcels["area_m2"].astype(float),
        },
        index=common.parcels.index,
    )
    table["area_mu"], table["area_ha"] = to_mu(table["area_m2"]), to_ha(table["area_m2"])
    table = table.join(found)
    table["net_area_m2"] = (
        (table["area_m2"] - forbidden["forbidden_m2"]).clip(lower=0.0).where(~forbidden["unknown"])
    )
    unsure = table["area_m2"].isna()
    table.loc[unsure, "stock_status"] = str(StockStatus.UNDECIDED)
    counties, clusters = common.places("counties", "county_id"), common.places("clusters", "cluster_id")
    table["county_id"], table["cluster_id"] = counties.of_parcel["unit"], clusters.of_parcel["unit"]
    table["parks"] = common.places("parks", "park_id").of_parcel["units"]
    worded = common.word(table, "stock")
    frame = gpd.GeoDataFrame(worded, geometry=common.parcels.geometry.to_numpy(), crs=common.parcels.crs)
    kinds = {
        "park": ("parks", "park_id"),
        "county": ("counties", "county_id"),
        "cluster": ("clusters", "cluster_id"),
    }
    tables = {f"by_{k}": stock.sum_stock(table, common.places(*v), unit=v[1]) for k, v in kinds.items()}
    tables["by_class"] = _by_class(table)
    tables["assemblies"], block_rules = _assemblies(common, frame)
    common.progress("stock", 1, 1)
    return Stock(
        frame.reset_index(drop=True),
        rules=(*used, *block_rules),
        layers=common.versions(lambda x: x.role in ("parcels", "parks")),
        tables=tables,
    )


def _assemblies(common: Common, frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Rule, ...]]:
    """连片存量: groups of adjoining stock parcels against the size of the reserve, where it is in force."""
    names = {
        "stock.assembly.gap_m": "gap_m",
        "stock.assembly.min_mu": "min_mu",
        "stock.assembly.max_mu": "max_mu",
    }
    rules = [rule for rule in map(common.ground.rules.get, names) if rule is not None]
    table = find_assemblies(frame, **{"gap_m": 0.0, **{names[r.id]: float(r.value) for r in rules}})
    table["reason"] = [say_all(r, common.lang) for r in table.pop("reasons")]
    return table, tuple(rules)


def _by_class(table: pd.DataFrame) -> pd.DataFrame:
    everything = Places(
        pd.DataFrame(),
        pd.DataFrame(
            {"parcel": table.index, "unit": "", "area_m2": table["area_m2"].to_numpy(), "share": 1.0}
        ),
    )
    return stock.sum_stock(table, everything, unit="unit").drop(columns="unit")

"""The rows of the map (一张图): everything known of a parcel, in codes for the themes and words for the card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd

from landkit.analysis.conflicts import worst_verdict
from landkit.model import Verdict
from landkit.present.maps import parcel_words
from landkit.text import Lang, term, text


@dataclass(frozen=True, eq=False)
class ParcelTables:
    """What the rows of a map are made of: of a study that was asked, or of a run that was written.

    `parcels` is on parcel_id with shapes, area_m2, area_mu and area_ha; `park` names the park of each; the results are
    the tables of their layers; `lines` names the control lines.
    """

    parcels: gpd.GeoDataFrame
    park: Sequence[Any]
    firms: pd.Series[Any]
    stock: pd.DataFrame
    conflicts: pd.DataFrame
    layout: pd.DataFrame
    intensity: pd.DataFrame
    lines: Mapping[str, str]
    version: str
    lang: Lang


def map_pieces(pieces: gpd.GeoDataFrame, lines: Mapping[str, str], lang: Lang) -> gpd.GeoDataFrame:
    """Pieces of conflicts with words for their cards."""
    return pieces.assign(
        verdict_word=parcel_words(pieces, "verdict", "verdict", lang),
        line=pieces["line"].map(lines),
        encroached_m2=pieces["encroached_m2"].round(2),
        margin_m=pieces["margin_m"].round(2),
    )


def map_rows(tables: ParcelTables) -> gpd.GeoDataFrame:
    """One row per parcel with codes for the themes and words for the popup."""
    lang, parcels = tables.lang, tables.parcels
    out = gpd.GeoDataFrame(
        {"parcel_id": parcels.index},
        geometry=parcels.geometry.to_numpy(),
        crs=parcels.crs,
        index=parcels.index,
    )
    for name, source in (("parcel_name", "parcel_name"), ("use", "use_name")):
        if source in parcels.columns:
            out[name] = parcels[source]
    out["park"] = [name or text("map_words.no_park", lang) for name in tables.park]
    out["area_m2"], out["area_mu"] = parcels["area_m2"], parcels["area_mu"]
    out["firms"] = tables.firms.reindex(out.index)
    out["area"] = [
        _area_text(mu, ha, lang) for mu, ha in zip(parcels["area_mu"], parcels["area_ha"], strict=True)
    ]
    _add_stock(out, tables)
    _add_conflicts(out, tables)
    layout = tables.layout.set_index("parcel_id")
    out["layout_verdict"] = layout["layout_verdict"]
    out["layout"] = parcel_words(layout, "layout_verdict", "layout_verdict", lang)
    out["layout_reason"] = layout["reason"]
    _add_intensity(out, tables)
    return out.reset_index(drop=True)


def _area_text(area_mu: float, area_ha: float, lang: Lang) -> str:
    if np.isnan(area_mu):
        return "—"
    return text("map_words.area_mu", lang, mu=f"{area_mu:,.2f}", ha=f"{area_ha:,.4f}")


def _add_stock(out: gpd.GeoDataFrame, tables: ParcelTables) -> None:
    stock = tables.stock.set_index("parcel_id")
    unsure = stock["stock_status"].isin(["undecided", "not_stock"])
    out["stock_status"] = stock["stock_status"]
    out["stock_theme"] = stock["stock_class"].where(~unsure, stock["stock_status"])
    kinds = [
        " · ".join(
            p
            for p in (
                term("stock_class", c, tables.lang) if c else "",
                term("stock_status", s, tables.lang),
            )
            if p
        )
        for c, s in zip(stock["stock_class"], stock["stock_status"], strict=True)
    ]
    out["stock"] = pd.Series(kinds, index=stock.index)
    out["stock_reason"] = stock["reason"]
    out["stock_rules"] = stock["rules"]


def _add_conflicts(out: gpd.GeoDataFrame, tables: ParcelTables) -> None:
    lang = tables.lang
    table, lines = tables.conflicts, tables.lines
    out["verdict"] = worst_verdict(table)["verdict"]
    open_rows = table[table["verdict"] != Verdict.CLEAR]
    said = [
        text("map_words.in_line", lang, line=lines[n], verdict=term("verdict", v, lang))
        for n, v in zip(open_rows["line"], open_rows["verdict"], strict=True)
    ]
    joiner = "；" if lang == "zh" else "; "
    grouped = open_rows.assign(said=said).groupby("parcel_id")
    out["conflict"] = (
        grouped["said"].agg(joiner.join).reindex(out.index).fillna(text("map_words.all_clear", lang))
    )
    because = open_rows.assign(
        why=[f"{lines[n]}: {r}" for n, r in zip(open_rows["line"], open_rows["reason"], strict=True)]
    )
    out["conflict_reason"] = (
        because.groupby("parcel_id")["why"].agg(joiner.join).reindex(out.index).fillna("")
    )
    cited = open_rows.groupby("parcel_id")["rules"].agg(
        lambda some: ";".join(dict.fromkeys(";".join(some).split(";")))
    )
    out["conflict_rules"] = cited.reindex(out.index).fillna("")
    versions = table.drop_duplicates("line").set_index("line")["layer_version"]
    out["layer_versions"] = joiner.join(
        [
            f"{term('role', 'parcels', lang)} {tables.version}",
            *(f"{lines[str(n)]} {v}" for n, v in versions.items()),
        ]
    )


def _add_intensity(out: gpd.GeoDataFrame, tables: ParcelTables) -> None:
    lang = tables.lang
    table = tables.intensity.set_index("parcel_id")
    unit = text("unit.wan_yuan_per_mu", lang)
    for name, column in (("tax", "tax_wan_yuan_per_mu"), ("sales", "sales_wan_yuan_per_mu")):
        out[column] = table[column]
        out[name] = [f"{v:,.2f} {unit}" if pd.notna(v) else None for v in table[column]]
    invested = table["investment_wan_yuan_per_mu"]
    out["investment_wan_yuan_per_mu"] = invested
    out["investment"] = [f"{v:,.2f} {unit}" if pd.notna(v) else None for v in invested]
    out["far"] = [f"{v:.2f}" if pd.notna(v) else None for v in table["floor_area_ratio"]]
    out["rating"] = table["rating"]
    out["rating_word"] = parcel_words(table, "rating", "rating", lang)
    out["intensity_reason"] = table["reason"]

"""The rows of the map (一张图): everything known of a parcel, in codes for the themes and words for the card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd

from landkit.analysis.conflicts import worst_verdict
from landkit.model import Verdict
from landkit.present.maps import parcel_words
from landkit.text import Lang, term, text

AT_ONCE: Final = 20_000  # parcels whose sentences are put together at a time


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
    """The pieces that are drawn, certain or within accuracy, with words for their cards."""
    wanted = ["parcel_id", "line", "verdict", "encroached_m2", "margin_m", "reason", pieces.geometry.name]
    drawn = pieces["verdict"].isin([Verdict.WITHIN_ACCURACY, Verdict.CONFLICT]) & pieces.geometry.notna()
    rows = gpd.GeoDataFrame(pieces.loc[drawn, wanted])
    return rows.assign(
        verdict_word=parcel_words(rows, "verdict", "verdict", lang),
        line=rows["line"].map(lines),
        encroached_m2=rows["encroached_m2"].round(2),
        margin_m=rows["margin_m"].round(2),
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
    joiner = "；" if lang == "zh" else "; "
    said = pd.concat([_said(rows, lines, joiner, lang) for rows in _open_rows(table, out.index)])
    said = said.reindex(out.index)
    out["conflict"] = said["conflict"].fillna(text("map_words.all_clear", lang))
    out["conflict_reason"], out["conflict_rules"] = said["reason"].fillna(""), said["rules"].fillna("")
    versions = table.drop_duplicates("line").set_index("line")["layer_version"]
    out["layer_versions"] = joiner.join(
        [
            f"{term('role', 'parcels', lang)} {tables.version}",
            *(f"{lines[str(n)]} {v}" for n, v in versions.items()),
        ]
    )


def _open_rows(table: pd.DataFrame, parcels: pd.Index[Any]) -> Iterator[pd.DataFrame]:
    """The verdicts that are not clear, those of some parcels after the other: texts of all would fill the memory."""
    rows = np.flatnonzero((table["verdict"] != Verdict.CLEAR).to_numpy(bool))
    at = parcels.get_indexer(pd.Index(table["parcel_id"].iloc[rows]))
    order = np.argsort(at, kind="stable")
    rows, at = rows[order], at[order]
    columns = ["parcel_id", "line", "verdict", "reason", "rules"]
    for first in range(0, max(len(parcels), 1), AT_ONCE):
        some = slice(*np.searchsorted(at, [first, first + AT_ONCE]))
        yield pd.DataFrame({c: table[c].iloc[rows[some]] for c in columns})


def _said(rows: pd.DataFrame, lines: Mapping[str, str], joiner: str, lang: Lang) -> pd.DataFrame:
    """Of each parcel what its verdicts say, why, and under which rules."""
    words = [
        text("map_words.in_line", lang, line=lines[n], verdict=term("verdict", v, lang))
        for n, v in zip(rows["line"], rows["verdict"], strict=True)
    ]
    because = [f"{lines[n]}: {r}" for n, r in zip(rows["line"], rows["reason"], strict=True)]
    groups = rows.assign(said=words, why=because).groupby("parcel_id")
    cited = groups["rules"].agg(lambda some: ";".join(dict.fromkeys(";".join(some).split(";"))))
    parts = {"conflict": groups["said"].agg(joiner.join), "reason": groups["why"].agg(joiner.join)}
    return pd.DataFrame({**parts, "rules": cited}, dtype="str")


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

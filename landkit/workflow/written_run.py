"""A run that was written (既有成果): its map made anew from results.gpkg, once the folder is found intact."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import geopandas as gpd

from landkit.errors import LandkitError
from landkit.io.gdal import read_ogr
from landkit.model import Layer
from landkit.present.breaks import read_pins
from landkit.present.maps import StudyMap
from landkit.text import Lang, currency, term, text
from landkit.units import to_ha
from landkit.workflow.adding_up import STOCK_GROUPS, printed_conflicts, printed_groups
from landkit.workflow.ground import Progress
from landkit.workflow.show.map_rows import ParcelTables, map_pieces, map_rows
from landkit.workflow.verification import MANIFEST, SOURCE, verify


def is_written_run(path: object) -> bool:
    """Whether a path is a folder that `landkit run` wrote, and not a study."""
    return (
        isinstance(path, str | Path)
        and (Path(path) / MANIFEST).is_file()
        and not (Path(path) / "study.toml").is_file()
    )


def map_of_run(folder: Path, lang: Lang, progress: Progress) -> StudyMap:
    """The map's input, from the files of a run: parcels, conflicts and parks; other layers are not in them.

    Raises: LandkitError where the folder is not as it was written.
    """
    found = verify(folder, progress=progress)
    if found.differences:
        raise LandkitError("compare_spoilt", path=str(folder), count=len(found.differences))
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    layers = {
        n: read_ogr(folder / SOURCE, layer=n) for n in ("stock", "conflicts", "layout", "intensity", "parks")
    }
    tables = _tables(layers, manifest, lang)
    about = manifest["study"]
    money = about.get("currency", {})
    with currency(money.get("zh", ""), money.get("en", "")) if money else contextlib.nullcontext():
        parcels = map_rows(tables)
    return StudyMap(
        title=about["title"],
        subtitle=text(
            "map_words.as_of",
            lang,
            as_of=about["as_of"],
            rules_on=about["rules_on"],
            profile=about["profile"],
        ),
        notes=_notes(about, lang),
        lang=lang,
        parcels=parcels,
        pins=read_pins(folder / "breaks.toml"),
        data_of=about["as_of"],
        layers=_parks(layers["parks"], manifest),
        line_names=tables.lines,
        pieces=map_pieces(printed_conflicts(layers["conflicts"]), tables.lines, lang),
        clauses={rule["id"]: f"{rule['id']} · {rule['citation']}" for rule in manifest["rules"]},
        marks=[(text("marks.drawn_of", lang), about["as_of"]), (text("marks.crs", lang), about["crs"])],
        crs=about["crs"],
    )


def _tables(layers: Mapping[str, gpd.GeoDataFrame], manifest: Mapping[str, Any], lang: Lang) -> ParcelTables:
    stock = layers["stock"].assign(stock_class=layers["stock"]["stock_class"].fillna(""))
    printed = printed_groups(pd.DataFrame(stock).assign(area_ha=to_ha(stock["area_m2"])), STOCK_GROUPS)
    parcels = stock.assign(area_mu=printed["area_mu"], area_ha=printed["area_ha"]).set_index("parcel_id")
    parks = layers["parks"]
    names = dict(zip(parks["park_id"], parks["park_name"], strict=True)) if len(parks) else {}
    version = next((x["version"] for x in manifest["inputs"].values() if x["role"] == "parcels"), "")
    return ParcelTables(
        parcels=parcels,
        park=[names.get(p, p) for p in parcels["park_id"].fillna("")],
        firms=pd.Series(dtype=object),
        stock=stock,
        conflicts=layers["conflicts"].fillna({"rules": "", "layer_version": ""}),
        layout=layers["layout"],
        intensity=layers["intensity"],
        lines={str(n): term("line", n, lang) for n in pd.unique(layers["conflicts"]["line"])},
        version=version,
        lang=lang,
    )


def _notes(about: Mapping[str, Any], lang: Lang) -> list[str]:
    made_up = [text("map_words.synthetic_note", lang)] if about["synthetic"] else []
    return [*made_up, text("compare.from_run", lang)]


def _parks(parks: pd.DataFrame, manifest: Mapping[str, Any]) -> list[Layer]:
    about = next((x for x in manifest["inputs"].values() if x["role"] == "parks"), None)
    if about is None or not isinstance(parks, gpd.GeoDataFrame):
        return []
    return [Layer("parks", "parks", parks, about["version"], synthetic=bool(about["synthetic"]))]

"""Pezou, France: a town plan's zones against its prescriptions, in Lambert-93, with accents and without a .cpg."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import geopandas as gpd
import pyproj
import shapely

import landkit

pytestmark = pytest.mark.real

HERE = Path(__file__).resolve().parent
KINDS = {"landscape": "07", "reserved_site": "01"}
GEOD = pyproj.Geod(ellps="GRS80")


@pytest.fixture(scope="module")
def to(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("france") / "out"


@pytest.fixture(scope="module")
def run(real_data, to) -> landkit.Run:
    """The study run once, in English."""
    return landkit.run(HERE / "france_41175", to=to, lang="en")


@pytest.fixture(scope="module")
def zones(real_data) -> gpd.GeoDataFrame:
    """The zones read without landkit, numbered from 001 as the study numbers them."""
    frame = gpd.read_file(real_data / "france_41175" / "ZONE_URBA.shp", encoding="utf-8")
    return frame.set_index(pd.Index([f"{i:03d}" for i in range(1, len(frame) + 1)]))


@pytest.fixture(scope="module")
def cut(real_data, zones) -> dict[str, gpd.GeoSeries]:
    """The oracle: each zone cut with the union of a kind of prescription."""
    frame = gpd.read_file(real_data / "france_41175" / "PRESCRIPTION_SURF.shp", encoding="utf-8")
    unions = {n: shapely.union_all(frame.geometry[frame["TYPEPSC"] == k].values) for n, k in KINDS.items()}
    return {
        n: gpd.GeoSeries(shapely.intersection(zones.geometry.values, u), index=zones.index, crs=2154)
        for n, u in unions.items()
    }


def of_line(table: pd.DataFrame, line: str) -> pd.DataFrame:
    return table[table["line"] == line].set_index("parcel_id")


def geodesic(shapes: gpd.GeoSeries) -> pd.Series:
    """Geodesic area by PROJ, with points every 10 m so that a straight line of the plan stays one."""
    dense = shapes.segmentize(10.0).to_crs(4171)

    def measure(shape: shapely.Geometry) -> float:
        parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and not p.is_empty]
        return sum(abs(GEOD.geometry_area_perimeter(p)[0]) for p in parts)

    return pd.Series([measure(g) for g in dense], index=shapes.index)


def test_without_a_stated_encoding_the_text_tells_it_and_both_readings_are_shown(variant):
    """There is no .cpg and the .dbf does not say: « urbanisée » is UTF-8 and no GB18030 « urbanis茅e »."""
    study = variant(
        "france_41175", ('encoding = "UTF-8" # there is no .cpg, and the .dbf does not say\n', "")
    )
    found = landkit.check(study).table
    (said,) = found.loc[found["check"] == "encoding.decided", "reason"]

    assert "UTF-8" in said
    assert "Zone urbanisée dédiée au" in said
    assert "urbanis茅e" in said


def test_the_run_writes_every_file_of_the_contract_in_seconds(run, to, tmp_path):
    """118 zones, two lines: all documents, well under a minute of processor time; run again, but for its times, to the byte."""
    started = time.process_time()
    again = landkit.run(HERE / "france_41175", to=tmp_path / "again", lang="en")

    assert time.process_time() - started < 60
    for name in sorted(set(again.outputs) - {"manifest.json"}):
        assert (tmp_path / "again" / name).read_bytes() == (to / name).read_bytes(), name
    names = {p.relative_to(to).as_posix() for p in to.rglob("*") if p.is_file()}
    zips = {f"shp/{n}.zip" for n in ("stock", "conflicts", "layout", "intensity", "parks")}
    assert {"map.html", "results.gpkg", "ledger.xlsx", "intensity.tif", "manifest.json"} | zips <= names


def test_zones_without_ids_are_numbered_and_that_is_a_finding(run, zones):
    """ZONE_URBA has no column that tells one zone from another (20 are called Nh): `@row` numbers them, and says so."""
    findings = run.findings.table

    assert zones["LIBELLE"].duplicated().any()
    assert run.results["stock"].table["parcel_id"].tolist() == zones.index.tolist()
    assert set(findings.loc[findings["check"] == "ids.numbered", "layer"]) == {"zones", "landscape"}


@pytest.mark.parametrize(("line", "hectares"), [("landscape", 130.3089), ("reserved_site", 0.6089)])
def test_totals_by_prescription_are_those_of_an_independent_overlay(run, cut, line, hectares):
    """Planar figures as stated; ours are ellipsoidal, as PROJ's geodesics are, zone by zone.

    Lambert-93 here shrinks lengths by about 0.08 %, so the planar total is 0.16 % short of the ground.
    """
    ours = of_line(run.results["conflicts"].table, line)["encroached_m2"]
    theirs = geodesic(cut[line])

    assert cut[line].area.sum() / 1e4 == pytest.approx(hectares, abs=0.00005)
    assert ours.sum() == pytest.approx(theirs.sum(), rel=1e-7)
    assert (ours - theirs).abs().max() < 0.05
    assert ours.sum() / cut[line].area.sum() == pytest.approx(1.0016, abs=0.0004)


def test_a_prescription_drawn_twice_counts_once(run, real_data, variant, tmp_path):
    """Union, never sum: the same file with every prescription in it twice gives the same areas."""
    frame = gpd.read_file(real_data / "france_41175" / "PRESCRIPTION_SURF.shp", encoding="utf-8")
    twice = tmp_path / "twice.gpkg"
    pd.concat([frame, frame]).to_file(twice, layer="twice")
    study = variant(
        "france_41175", ("../../../../shared/data/real/france_41175/PRESCRIPTION_SURF.shp", twice.as_posix())
    )

    ours = landkit.conflicts(study, lang="en").table.set_index("conflict_id")
    first = run.results["conflicts"].table.set_index("conflict_id")

    assert np.allclose(ours["encroached_m2"], first["encroached_m2"].reindex(ours.index), atol=1e-6)
    assert (ours["verdict"] == first["verdict"].reindex(ours.index)).all()


def test_verdicts_of_the_town_plan_make_sense(run, zones, cut):
    """Certain where a zone holds a landscape element; four zones hold the three reserved sites; none that is cut is clear."""
    table = run.results["conflicts"].table
    landscape, reserved = of_line(table, "landscape"), of_line(table, "reserved_site")

    assert set(landscape["verdict"]) == {"conflict", "within_accuracy", "clear", "not_checked"}
    assert (reserved["verdict"] == "conflict").sum() == 4
    for line in KINDS:
        touched = cut[line].index[cut[line].area > 0]
        assert "clear" not in set(of_line(table, line).loc[touched, "verdict"])
    certain = landscape[landscape["verdict"] == "conflict"]
    assert set(zones.loc[certain.index, "TYPEZONE"]) <= {"A", "N", "Nh", "U", "AUc", "AUs"}
    assert certain["encroached_m2"].sum() > 0.9 * landscape["encroached_m2"].sum()


def test_a_zone_cut_out_along_a_landscape_element_is_a_certain_conflict(run, zones, cut):
    """Zones 049, 059 and 069 are the landscape elements themselves, drawn twice: their edges run 1 to 3 m apart, inside both.

    Seen along the edge that is within error; but 99 % of the zone lies inside, up to 104 m from any edge.
    """
    table = of_line(run.results["conflicts"].table, "landscape").loc[["049", "059", "069"]]

    assert (cut["landscape"].area / zones.area)[table.index].min() > 0.98
    assert (table["verdict"] == "conflict").all()
    widest = shapely.length(shapely.maximum_inscribed_circle(cut["landscape"][table.index].values))
    assert np.allclose(table["depth_m"], widest, rtol=0.01)


def test_hairline_gaps_between_zones_do_not_leave_the_village_unchecked(run, zones):
    """The zones share 236 gaps of up to a metre; closed as seams, the inner zones are checked and only the rim is not."""
    table = of_line(run.results["conflicts"].table, "landscape")
    commune = shapely.union_all(zones.geometry.values)
    outer = shapely.MultiPolygon([shapely.Polygon(p.exterior) for p in shapely.get_parts(commune)]).boundary

    unchecked = table.index[table["verdict"] == "not_checked"]
    assert sum(len(p.interiors) for p in shapely.get_parts(commune)) == 236
    assert len(unchecked) < 30
    assert (zones.distance(outer)[unchecked] < 5.0).mean() > 0.7
    findings = run.findings.table
    assert set(findings.loc[findings["check"] == "extent.seams", "layer"]) == {"landscape", "reserved_sites"}


def test_zones_to_be_urbanised_are_candidates_for_a_person(run, zones):
    """AUc and AUs are counted as unbuilt by an assumption of the study, so nothing is confirmed."""
    stock = run.results["stock"].table.set_index("parcel_id")

    candidates = stock.index[stock["stock_status"] == "candidate"]
    assert set(candidates) == set(zones.index[zones["TYPEZONE"].isin(["AUc", "AUs"])])
    assert len(candidates) == 8
    assert "confirmed" not in set(stock["stock_status"])


def test_accents_arrive_whole_in_every_document(run, to, words_of_map):
    """é from the .dbf and from study.toml: in map, ledger, shapefile and manifest, and nowhere as mojibake."""
    page = words_of_map(to / "map.html")
    book = openpyxl.load_workbook(to / "ledger.xlsx", read_only=True)
    ledger = "\n".join(
        str(c) for sheet in book for row in sheet.iter_rows(values_only=True) for c in row if c
    )
    manifest = json.dumps(json.loads((to / "manifest.json").read_text(encoding="utf-8")), ensure_ascii=False)
    with zipfile.ZipFile(to / "shp" / "conflicts.zip") as box:
        assert box.read(next(n for n in box.namelist() if n.endswith(".cpg"))).strip() == b"UTF-8"

    assert "Emplacement réservé" in page
    assert "Zone urbanisée en périphérie du bourg ancien" in page
    assert "Elément de paysage" in ledger
    assert "« Emplacement réservé »" in manifest
    for said in (page, ledger, manifest):
        assert "Ã©" not in said
        assert "ElÃ" not in said

"""Bad inputs 1-31: shapes that cannot be measured, are oddly drawn, or lie on each other.

Each stands as parcel L1 of the tiny study (beside good ones) and is checked and judged.  What cannot be measured is an error
finding with its row, has no area (never 0) and no verdict; what can is measured as it is and the oddity is said.  Files keep
every byte, and the good parcels beside it are judged as ever.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from builders import X, Y, box, layer, line, square, tiny_parcels, tiny_study

import geopandas as gpd
import shapely

import landkit
from landkit.geometry import area_m2
from landkit.study import load_study
from landkit.workflow.ask import Answers
from landkit.workflow.inspection import inspect
from landkit.workflow.reading.study import read_ground

FEW = (
    "counties", "parks", "parks_built", "clusters", "axes", "enterprises", "enterprise_years", "occupancy", "eco_control_area",
    "urban_development_boundary", "permanent_basic_farmland",
)  # fmt: skip
LINE = "ecological_redline"
NAN, INF = float("nan"), float("inf")


class Outcome(NamedTuple):
    """What came of L1: (check, severity) of its findings, its verdict, its area; the verdicts of the others."""

    findings: list[tuple[str, str]]
    verdict: str
    area_m2: float
    others: set[str]
    table: pd.DataFrame


def study(folder: Path, **changes: Any) -> Path:
    """Boundary, red line and parcels of the tiny study."""
    return tiny_study(folder, without=FEW, head={"plan": None}, **changes)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """All shapes of UNUSABLE and USABLE as parcels of one study, called by their names, and two good ones."""
    shapes = {name: shape for name, (_, shape, _) in UNUSABLE.items()}
    for at, (name, (_, shape, _, _)) in enumerate(USABLE.items()):
        shapes[name] = shapely.transform(shape, lambda xy, at=at: xy + np.array([400 + 300 * at, 0]))
    shapes |= {"good": square(300, 2000), "also good": square(600, 2000)}
    parcels = layer(shapes, "parcel_id", use_code=["1001"] * len(shapes))
    folder = study(tmp_path_factory.mktemp("shapes") / "s", parcels=parcels)
    before = hashes(folder)
    made = Answers(read_ground(load_study(folder)))
    made.findings_later += inspect(made)

    assert made.findings.table is not None
    assert hashes(folder) == before
    return made


def of_row(answers: Answers, row: str) -> Outcome:
    verdicts = answers.conflicts.table
    verdicts = verdicts[verdicts["line"] == LINE].set_index("parcel_id")["verdict"]
    table = answers.findings.table
    mine = table[table["row"] == row]
    return Outcome(
        list(zip(mine["check"], mine["severity"], strict=True)),
        str(verdicts[row]),
        float(answers.parcels["area_m2"][row]),
        set(verdicts.drop(row)),
        table,
    )


def with_shape(shape: shapely.Geometry | None) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    return lambda p: p.set_geometry([shape, *p.geometry[1:]], crs=p.crs)


def outcome(folder: Path, row: str = "L1") -> Outcome:
    before = hashes(folder)
    answers = Answers(read_ground(load_study(folder)))
    answers.findings_later += inspect(answers)
    found = of_row(answers, row)

    assert hashes(folder) == before
    return found


def hashes(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.is_file()}


def ring(*points: tuple[float, float]) -> shapely.Polygon:
    with np.errstate(invalid="ignore"):
        return shapely.Polygon([(X + x, Y + y) for x, y in points])


def broken(value: float) -> shapely.Polygon:
    return ring((300, 300), (400, 300), (value, 400), (300, 400))


UNUSABLE: dict[str, tuple[int, shapely.Geometry | None, str]] = {
    "bow-tie": (1, ring((300, 300), (400, 400), (400, 300), (300, 400)), "geometry.invalid"),
    "figure-8": (
        2,
        ring((300, 300), (350, 350), (400, 300), (400, 400), (350, 350), (300, 400)),
        "geometry.invalid",
    ),
    "zero-width gore": (
        3,
        ring((300, 300), (400, 300), (400, 350), (450, 350), (400, 350), (400, 400), (300, 400)),
        "geometry.invalid",
    ),
    "self-touching ring": (
        4,
        ring((300, 300), (400, 300), (400, 400), (350, 300), (300, 400)),
        "geometry.invalid",
    ),
    "hole outside": (
        5,
        shapely.Polygon(square(300, 300).exterior, [square(600, 600, 10).exterior]),
        "geometry.invalid",
    ),
    "hole equal to shell": (
        6,
        shapely.Polygon(square(300, 300).exterior, [square(300, 300).exterior]),
        "geometry.invalid",
    ),
    "overlapping parts": (7, shapely.MultiPolygon([square(300, 300), square(350, 300)]), "geometry.invalid"),
    "no number": (12, broken(NAN), "geometry.not_finite"),
    "infinite": (13, broken(INF), "geometry.not_finite"),
    "1e17": (15, shapely.box(1e17, 0, 1e17 + 1e6, 1e6), "geometry.not_finite"),
    "empty shape": (16, shapely.Polygon(), "geometry.empty"),
    "no shape": (17, None, "geometry.null"),
    "collection": (
        18,
        shapely.GeometryCollection([square(300, 300), line((300, 300), (500, 300))]),
        "geometry.kind",
    ),
    "line": (19, line((300, 300), (500, 300)), "geometry.kind"),
    "point": (19, shapely.Point(X + 300, Y + 300), "geometry.kind"),
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.bad_input(v[0])) for n, v in UNUSABLE.items()]
)
def test_what_cannot_be_measured_is_one_error_and_never_clear(name: str, answers: Answers) -> None:
    """One finding; area missing and not 0; not_checked; the good ones beside it stand."""
    found = of_row(answers, name)

    assert found.findings == [(UNUSABLE[name][2], "error")]
    assert found.verdict == "not_checked"
    assert np.isnan(found.area_m2)
    assert of_row(answers, "good").verdict == "clear"


TWO_PARTS = shapely.MultiPolygon([square(300, 300, 40), square(360, 300, 40)])
THOUSANDS = shapely.MultiPolygon(
    [square(300 + 2 * (i % 100), 300 + 2 * (i // 100), 1) for i in range(10_000)]
)
USABLE: dict[str, tuple[int, shapely.Geometry, list[tuple[str, str]], float]] = {
    "spike": (
        3,
        ring((300, 300), (400, 300), (400, 349), (480, 350), (400, 351), (400, 400), (300, 400)),
        [("geometry.spike", "warning")],
        10080,
    ),
    "duplicate vertices": (
        8,
        ring((300, 300), (400, 300), (400, 300), (400, 400), (300, 400)),
        [("vertices.repeated", "note")],
        10000,
    ),
    "wrong winding": (11, shapely.Polygon(list(square(300, 300).exterior.coords)[::-1]), [], 10000),
    "z": (20, shapely.force_3d(square(300, 300), 5.0), [], 10000),
    "two parts": (24, TWO_PARTS, [("geometry.multipart", "warning")], 3200),
    "ten thousand parts": (24, THOUSANDS, [("geometry.sliver", "warning"), ("geometry.multipart", "warning")], 10000),
    "sliver": (25, box(300, 300, 300.5, 400), [("geometry.sliver", "warning")], 50),
}  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.bad_input(v[0])) for n, v in USABLE.items()]
)
def test_what_is_oddly_drawn_is_said_measured_and_judged(name: str, answers: Answers) -> None:
    """Far from the red line: clear, with the area that its corners enclose."""
    _, _, checks, area = USABLE[name]
    found = of_row(answers, name)

    assert [f for f in found.findings if f[0] != "gaps.slit"] == checks
    assert found.verdict == "clear"
    assert found.area_m2 == pytest.approx(area, rel=3e-4)


@pytest.mark.slow
@pytest.mark.bad_input(23)
def test_a_polygon_of_a_million_vertices_is_measured_and_judged(tmp_path: Path) -> None:
    """A circle of 40 m: pi r2 less what a million chords leave out."""
    turn = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    circle = shapely.Polygon(np.stack([X + 350 + 40 * np.cos(turn), Y + 350 + 40 * np.sin(turn)], axis=1))
    found = outcome(study(tmp_path / "s", parcels=with_shape(circle)))

    assert found.verdict == "clear"
    assert found.area_m2 == pytest.approx(np.pi * 1600, rel=3e-4)
    assert "vertices.repeated" in {c for c, _ in found.findings}  # they stand 0.25 mm apart


@pytest.mark.bad_input(21)
@pytest.mark.parametrize("kind", ["M", "ZM"])
def test_measures_are_left_out_and_the_shape_kept(kind: str, tmp_path: Path) -> None:
    """GeoParquet can hold M; the shape is the same square."""
    frame = tiny_parcels()
    xy = [(X + 300, Y + 300), (X + 400, Y + 300), (X + 400, Y + 400), (X + 300, Y + 400), (X + 300, Y + 300)]
    words = ",".join(" ".join(map(str, (*p, *[7] * len(kind)))) for p in xy)
    frame = frame.set_geometry(
        [shapely.from_wkt(f"POLYGON {kind} (({words}))"), *frame.geometry[1:]], crs=frame.crs
    )
    folder = study(tmp_path / "s", spec={"parcels": {"path": "parcels.parquet"}})
    frame.to_parquet(folder / "parcels.parquet")
    found = outcome(folder)

    assert found.findings == []
    assert found.verdict == "clear"
    assert found.area_m2 == pytest.approx(10000, rel=3e-4)


def geojson_study(folder: Path, coordinates: str) -> Path:
    """The parcels as GeoJSON, L1 with coordinates as written here; degrees of the study's ellipsoid."""
    made = study(folder, spec={"parcels": {"path": "parcels.geojson", "crs": None}})
    rows = tiny_parcels()[["parcel_id", "use_code", "geometry"]].to_crs(4490)
    whole = json.loads(rows.to_json())
    whole["features"][0]["geometry"] = {"type": "Polygon", "coordinates": "HERE"}
    whole["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    (made / "parcels.geojson").write_text(json.dumps(whole).replace('"HERE"', coordinates), encoding="utf-8")
    return made


@pytest.mark.bad_input(9)
def test_a_ring_of_two_points_is_no_shape(tmp_path: Path) -> None:
    """It encloses nothing: never an area of 0 that could be clear."""
    folder = geojson_study(tmp_path / "s", "[[[119.47, 32.345], [119.471, 32.345], [119.47, 32.345]]]")
    found = outcome(folder)

    assert found.findings[0][1] == "error"
    assert found.findings[0][0].startswith("geometry.")
    assert found.verdict == "not_checked"
    assert np.isnan(found.area_m2)


@pytest.mark.bad_input(10)
def test_a_ring_that_is_not_closed_is_no_shape(tmp_path: Path) -> None:
    """Which edge is missing nobody knows: an error finding, and never clear."""
    corners = list(gpd.GeoSeries([square(300, 300)], crs=4549).to_crs(4490)[0].exterior.coords)[:-1]
    found = outcome(geojson_study(tmp_path / "s", json.dumps([corners])))

    assert [s for c, s in found.findings if c.startswith("geometry.")] == ["error"]
    assert found.verdict == "not_checked"
    assert np.isnan(found.area_m2)


@pytest.mark.bad_input(14)
def test_a_number_that_no_computer_holds_is_refused(tmp_path: Path) -> None:
    """1e400: the whole file is refused with exit code 3, by its name."""
    written = "[[[119.47, 32.345], [1e400, 32.345], [119.471, 32.346], [119.47, 32.345]]]"
    folder = geojson_study(tmp_path / "s", written)

    with pytest.raises(landkit.LandkitError) as caught:
        read_ground(load_study(folder))

    assert caught.value.exit_code == 3
    assert "parcels.geojson" in caught.value.say("zh")


@pytest.mark.bad_input(22)
def test_a_curve_is_measured_along_its_arc_or_refused(tmp_path: Path) -> None:
    """A full circle of 40 m as two arcs: its area is pi r2, not that of the square through its points."""
    folder = study(tmp_path / "s")
    points = [
        (X + 310, Y + 350),
        (X + 350, Y + 390),
        (X + 390, Y + 350),
        (X + 350, Y + 310),
        (X + 310, Y + 350),
    ]
    arc = b"\x01" + (8).to_bytes(4, "little") + len(points).to_bytes(4, "little") + np.array(points).tobytes()
    curve = b"\x01" + (10).to_bytes(4, "little") + (1).to_bytes(4, "little") + arc
    blob = b"GP\x00\x01" + (4549).to_bytes(4, "little") + curve
    with sqlite3.connect(folder / "parcels.gpkg") as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute("UPDATE parcels SET geom = ? WHERE parcel_id = 'L1'", (blob,))
    base.close()
    found = outcome(folder)

    assert found.area_m2 == pytest.approx(np.pi * 1600, rel=2e-3)
    assert found.verdict == "clear"


# --- neighbours


@pytest.mark.bad_input(26)
def test_parcels_that_only_touch_are_neighbours(tmp_path: Path) -> None:
    """No finding, and the red line that only touches is no conflict."""
    folder = study(
        tmp_path / "s",
        parcels=lambda p: p.set_geometry([square(300, 300), square(400, 300), *p.geometry[2:]], crs=p.crs),
        ecological_redline=layer({"R1": square(300, 400)}, "zone_id"),
    )
    found = outcome(folder)

    assert found.findings == []
    assert found.verdict == "within_accuracy"  # the lines coincide: a person looks at the strip


@pytest.mark.bad_input(27)
@pytest.mark.bad_input(28)
def test_parcels_on_each_other_are_named_with_the_area_and_both_are_judged(tmp_path: Path) -> None:
    """Half on each other, and the same once more."""
    shapes = [square(300, 300), square(350, 300), square(350, 300)]
    folder = study(tmp_path / "s", parcels=lambda p: p.set_geometry([*shapes, *p.geometry[3:]], crs=p.crs))
    found = outcome(folder)
    overlaps = found.table[found.table["check"].str.startswith("overlap.")]
    shared = area_m2(gpd.GeoSeries([box(350, 300, 400, 400)], crs=4549))[0]

    assert overlaps[["row", "value", "check"]].to_numpy().tolist() == [
        ["L1", "L2", "overlap.parcels"],
        ["L1", "L3", "overlap.parcels"],
        ["L2", "L3", "overlap.same"],
    ]
    assert f"{shared:,.1f}" in overlaps["reason"].iloc[0]
    assert found.verdict == "clear"


@pytest.mark.bad_input(29)
def test_a_slit_between_parcels_is_a_warning(tmp_path: Path) -> None:
    """0.3 m x 100 m that nobody owns."""
    folder = study(
        tmp_path / "s",
        parcels=lambda p: p.set_geometry([square(300, 300), square(400.3, 300), *p.geometry[2:]], crs=p.crs),
    )
    found = outcome(folder)

    assert found.findings == [("gaps.slit", "warning")]
    assert found.table.set_index("check").loc["gaps.slit", "value"] == "L2"


@pytest.mark.bad_input(30)
def test_a_red_line_with_overlapping_zones_is_said_and_counted_once(tmp_path: Path) -> None:
    """Two zones over all of L1: encroached is its area, not twice that."""
    zones = layer({"R1": box(250, 250, 450, 450), "R2": box(260, 260, 460, 460)}, "zone_id")
    folder = study(tmp_path / "s", ecological_redline=zones)
    answers = Answers(read_ground(load_study(folder)))
    rows = answers.conflicts.table
    row = rows[(rows["parcel_id"] == "L1") & (rows["line"] == LINE)].iloc[0]
    found = inspect(answers)

    assert row["encroached_m2"] == pytest.approx(float(answers.parcels["area_m2"]["L1"]), rel=1e-9)
    assert row["verdict"] == "conflict"
    assert ("overlap.zones", "R1", "R2") in [(f.check, f.row, f.value) for f in found]


@pytest.mark.bad_input(31)
@pytest.mark.parametrize("lon", [121.5, 180.0])
def test_a_shape_across_the_edge_of_the_zone_is_measured_and_one_across_the_world_is_not(
    lon: float, tmp_path: Path
) -> None:
    """At 121.5°E the projection is still good to the ppm; 180° is in no study here: outside, never clear."""
    strip = shapely.box(lon - 0.001, 32.345, lon + 0.001, 32.347)
    moved = gpd.GeoSeries([strip], crs=4490).to_crs(4549)[0]
    folder = study(tmp_path / "s", parcels=with_shape(moved))
    if lon < 180:
        wide = shapely.union_all([box(0, 0, 4000, 3000), moved.buffer(500)])
        folder = study(tmp_path / "wide", parcels=with_shape(moved), boundary=layer({"t": wide}, "name"))
    found = outcome(folder)

    if lon < 180:
        geodesic = area_m2(gpd.GeoSeries([strip], crs=4490))[0]
        assert found.area_m2 == pytest.approx(geodesic, rel=2e-6)
        assert found.verdict == "clear"
    else:
        assert {c for c, _ in found.findings} & {"geometry.outside_study", "geometry.not_finite"}
        assert found.verdict == "not_checked"

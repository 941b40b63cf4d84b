"""`landkit repair` and corrections on read: copies and ledgers; the inputs keep every byte."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from builders import X, Y, square, tiny_study

import geopandas as gpd
import shapely

import landkit
from landkit.cli import main
from landkit.geometry import area_m2
from landkit.workflow.reading.study import read_ground

SMALL = ("counties", "clusters", "axes", "parks_built", "enterprises", "enterprise_years", "occupancy")


def ring(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(X + x, Y + y) for x, y in points])


# a tail of 0.2 m x 0.4 m crosses itself at the corner: 0.04 m2 of 10,000 m2
SMALL_FAULT = ring((300, 300), (400, 300), (400, 400), (300, 400), (300, 300), (299.8, 300.2), (299.8, 299.8))
BOW_TIE = ring((500, 300), (600, 400), (600, 300), (500, 400))
PARTS = shapely.MultiPolygon([square(700, 300), square(750, 300)])
HOLE_OUTSIDE = shapely.Polygon(square(900, 300).exterior, [square(1100, 300, 10).exterior])


def study(folder: Path, *shapes: shapely.Geometry) -> Path:
    """The tiny study, its first parcels with these shapes."""
    return tiny_study(
        folder,
        without=SMALL,
        head={"plan": None},
        parcels=lambda p: p.set_geometry([*shapes, *p.geometry[len(shapes) :]], crs=p.crs),
    )


def hashes(folder: Path) -> dict[str, str]:
    return {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir()) if p.is_file()
    }


def test_a_small_fault_is_mended_into_a_copy_and_the_input_keeps_every_byte(tmp_path: Path) -> None:
    """One row of the ledger with method, areas and parts; the copy has all rows and columns of the source."""
    folder = study(tmp_path / "s", SMALL_FAULT)
    before = hashes(folder)
    done = landkit.repair(folder, to=tmp_path / "out")
    source = gpd.read_file(folder / "parcels.gpkg")
    copy = gpd.read_file(tmp_path / "out" / "parcels.gpkg")
    (row,) = done.table.to_dict("records")

    assert hashes(folder) == before
    assert (row["layer"], row["row"], row["repair_method"], row["repair_state"]) == (
        "parcels",
        "L1",
        "structure",
        "applied",
    )
    assert (row["parts_before"], row["parts_after"]) == (1, 2)
    assert row["area_after_m2"] == pytest.approx(area_m2(copy.geometry)[0], abs=1e-6)
    assert abs(row["change_m2"]) < 1
    assert copy.geometry.is_valid.all()
    assert set(copy.columns) == set(source.columns)
    assert copy["parcel_name"].tolist() == source["parcel_name"].tolist()
    assert [a.equals(b) for a, b in zip(copy.geometry[1:], source.geometry[1:], strict=True)] == [True] * 7
    assert sorted(p.name for p in (tmp_path / "out").iterdir() if p.is_file()) == [
        "parcels.gpkg",
        "repairs.csv",
        "repairs.xlsx",
    ]


@pytest.mark.parametrize(
    ("shape", "before", "after"),
    [
        pytest.param(BOW_TIE, 0, 5000, marks=pytest.mark.bad_input(1)),
        pytest.param(PARTS, 20000, 15000, marks=pytest.mark.bad_input(7)),
        pytest.param(HOLE_OUTSIDE, 9900, 10100, marks=pytest.mark.bad_input(5)),
    ],
)
def test_a_repair_that_changes_the_area_waits_for_a_decision(
    tmp_path: Path, shape: shapely.Geometry, before: float, after: float
) -> None:
    """More than max(1 m2, 0.01 %): listed, not applied, no copy.  The hole outside would become land: a person must see that."""
    folder = study(tmp_path / "s", shape)
    done = landkit.repair(folder, to=tmp_path / "out")
    (row,) = done.table.to_dict("records")

    assert row["repair_state"] == "waiting"
    assert row["area_before_m2"] == pytest.approx(before, rel=3e-4, abs=0.1)
    assert row["area_after_m2"] == pytest.approx(after, rel=3e-4)
    assert not (tmp_path / "out" / "parcels.gpkg").exists()


@pytest.mark.parametrize("blank", [None, "None", " "])
def test_a_row_without_a_code_is_named_by_its_place(tmp_path: Path, blank: str | None) -> None:
    """As `landkit check` names it; seen in a web package whose codes read None."""
    folder = tiny_study(
        tmp_path / "s",
        without=SMALL,
        head={"plan": None},
        parcels=lambda p: p.set_geometry([p.geometry[0], SMALL_FAULT, *p.geometry[2:]], crs=p.crs).assign(
            parcel_id=[p["parcel_id"][0], blank, *p["parcel_id"][2:]]
        ),
    )

    assert landkit.repair(folder, to=tmp_path / "out").table["row"].tolist() == ["@2"]


def test_a_decision_applies_one_repair_and_leaves_the_other(tmp_path: Path) -> None:
    """By its id, on the command line or in a table; the exit code says whether any still waits."""
    folder = study(tmp_path / "s", BOW_TIE, PARTS)
    first = landkit.repair(folder, to=tmp_path / "a").table.set_index("row")
    (tmp_path / "yes.csv").write_text(
        f"repair_id,who\n{first.loc['L1', 'repair_id']},王工\n", encoding="utf-8-sig"
    )
    codes = []
    for more in (
        ["--accept", first.loc["L2", "repair_id"]],
        ["--decisions", str(tmp_path / "yes.csv"), "--accept", first.loc["L2", "repair_id"]],
    ):
        with pytest.raises(SystemExit) as ended:
            main(["repair", str(folder), "--to", str(tmp_path / "b"), *more])
        codes.append(ended.value.code)
    copy = gpd.read_file(tmp_path / "b" / "parcels.gpkg")
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "b" / "repairs.xlsx").read_bytes()))

    assert codes == [1, 0]
    assert copy.geometry.is_valid.all()
    assert "经决定采用" in {c.value for row in book["修复"].iter_rows() for c in row}
    assert book["待决定"].max_row == 1


def test_a_decision_does_not_hold_for_another_shape(tmp_path: Path) -> None:
    """Whoever looked at the bow-tie did not look at what stands there now; earlier outputs stay."""
    old = landkit.repair(study(tmp_path / "a", BOW_TIE), to=tmp_path / "out").table["repair_id"][0]
    kept = hashes(tmp_path / "out")

    with pytest.raises(landkit.LandkitError) as caught:
        landkit.repair(study(tmp_path / "b", PARTS), to=tmp_path / "out", accept=[old])

    assert caught.value.key == "accept_unknown"
    assert caught.value.exit_code == 2
    assert hashes(tmp_path / "out") == kept


def test_good_layers_need_no_repair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Negative control: no copy, an empty ledger, exit code 0."""
    with pytest.raises(SystemExit) as ended:
        main(["repair", str(study(tmp_path / "s")), "--to", str(tmp_path / "out")])

    assert ended.value.code == 0
    assert "没有需要修复的图形" in capsys.readouterr().out
    assert not list((tmp_path / "out").glob("*.gpkg"))


def test_a_mended_copy_mends_the_study(tmp_path: Path) -> None:
    """The copy in place of the source: the finding is gone."""
    folder = study(tmp_path / "s", SMALL_FAULT)
    landkit.repair(folder, to=tmp_path / "out")
    assert "geometry.invalid" in set(landkit.check(folder).table["check"])
    (folder / "parcels.gpkg").write_bytes((tmp_path / "out" / "parcels.gpkg").read_bytes())

    assert "geometry.invalid" not in set(landkit.check(folder).table["check"])


# --- corrections on read


def corrections(folder: Path, *rows: tuple[str, ...]) -> Path:
    """The tiny study with a file of corrections."""
    head = ("layer", "feature", "field", "old", "new", "reason", "who", "date")
    made = tiny_study(folder, head={"plan": None, "corrections": "corrections.csv"})
    with (folder / "corrections.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return made


ROWS = (
    ("", "L4", "floor_area_m2", "15000", "15500", "复测", "王工", "2025-03-01"),
    ("enterprises", "E1", "enterprise_name", "甲公司", "甲公司(更名)", "更名", "李工", "2025-03-02"),
    ("", "L5", "floor_area_m2", "1", "2", "?", "王工", "2025-03-01"),
    ("", "L99", "floor_area_m2", "1", "2", "?", "王工", "2025-03-01"),
    ("no_such", "L1", "floor_area_m2", "1", "2", "?", "王工", "2025-03-01"),
)


def test_corrections_are_applied_on_read_and_those_that_no_longer_apply_are_findings(tmp_path: Path) -> None:
    """Layers and tables; the files keep every byte."""
    folder = corrections(tmp_path / "s", *ROWS)
    before = hashes(folder)
    ground = read_ground(landkit.load_study(folder))
    parcels = ground.parcels.frame.set_index("parcel_id")
    found = sorted((f.check, f.row) for f in ground.findings if f.check.startswith("corrections."))

    assert parcels.loc["L4", "floor_area_m2"] == 15500
    assert parcels.loc["L5", "floor_area_m2"] == 13000
    assert "甲公司(更名)" in set(ground.tables["enterprises"]["enterprise_name"])
    assert found == [
        ("corrections.applied", "E1"),
        ("corrections.applied", "L4"),
        ("corrections.no_feature", "L1"),
        ("corrections.no_feature", "L99"),
        ("corrections.stale", "L5"),
    ]
    assert hashes(folder) == before


def test_corrections_stand_in_the_manifest(tmp_path: Path) -> None:
    """The file with its checksum, each correction, and whether it was applied."""
    done = landkit.run(corrections(tmp_path / "s", *ROWS[:3]), to=tmp_path / "out")
    written = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["study"][
        "corrections"
    ]

    assert written["path"] == "corrections.csv"
    assert len(written["sha256"]) == 64
    assert [(r["feature"], r["who"], r["applied"]) for r in written["rows"]] == [
        ("L4", "王工", True),
        ("E1", "李工", True),
        ("L5", "王工", False),
    ]
    assert "corrections.applied" in set(done.findings.table["check"])


def test_corrections_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    """Silently going on without them would give other answers."""
    folder = tiny_study(tmp_path / "s", head={"corrections": "gone.xlsx"})

    with pytest.raises(landkit.LandkitError) as caught:
        landkit.check(folder)

    assert caught.value.key == "corrections_missing"
    assert caught.value.exit_code == 3


def test_a_sum_that_is_not_its_control_total_is_an_error(tmp_path: Path) -> None:
    """Stated in study.toml; in landkit's unit of the column."""
    folder = tiny_study(tmp_path / "s", without=SMALL, head={"plan": None})
    with (folder / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write(
            '\n[[totals]]\nlayer = "parcels"\ncolumn = "registered_area_m2"\ntotal = 80000\nsource = "年报"\n'
            '\n[[totals]]\nlayer = "parcels"\ncolumn = "registered_area_m2"\ntotal = 90000\n'
        )
    table = landkit.check(folder).table
    totals = table[table["check"].str.startswith("totals.")]

    assert totals["check"].tolist() == ["totals.differ", "totals.agree"]
    assert "-10,000.00" in totals["reason"].iloc[0]
    assert isinstance(totals, pd.DataFrame)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('layer = "parcel"\ncolumn = "area_m2"', "total_layer"),
        ('layer = "parcels"\ncolumn = "area"', "total_column"),
    ],
)
def test_a_control_total_of_nothing_is_refused(tmp_path: Path, line: str, key: str) -> None:
    """With the nearest name."""
    folder = tiny_study(tmp_path / "s", without=SMALL, head={"plan": None})
    with (folder / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write(f"\n[[totals]]\n{line}\ntotal = 1\n")

    with pytest.raises(landkit.LandkitError) as caught:
        landkit.check(folder)

    assert caught.value.key == key
    assert caught.value.exit_code == 2

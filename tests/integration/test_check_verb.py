"""`landkit check STUDY --to DIR`: what is said, what is written, and what is new since the last time."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from builders import Y, square, tiny_study

import geopandas as gpd

import landkit
from landkit.cli import main
from landkit.workflow import as_report

SMALL = ("counties", "clusters", "axes", "parks_built", "enterprises", "enterprise_years", "occupancy")


def small(folder: Path, **changes: object) -> Path:
    """The tiny study without what these tests do not ask for."""
    return tiny_study(folder, without=SMALL, head={"plan": None}, **changes)


def bad_parcels(p: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """L2 lies half on L1; L3 was completed before it began."""
    moved = p.set_geometry([p.geometry[0], square(350, 300), *p.geometry[2:]], crs=p.crs)
    return moved.assign(
        start_date=["2020-05-01" if i == "L3" else v for i, v in zip(p["parcel_id"], p["start_date"], strict=True)],
        completion_date=["2020-01-01" if i == "L3" else v for i, v in zip(p["parcel_id"], p["completion_date"], strict=True)],
    )  # fmt: skip


def test_good_data_have_nothing_but_notes_and_old_layers(tmp_path: Path) -> None:
    """Negative control: the tiny study states no version of its layers, and L6 lies half in either park by design."""
    table = landkit.check(small(tmp_path / "s")).table

    assert set(table["check"]) == {"days.differ", "vintage.unknown", "parcels.two_parks"}
    assert table[table["check"] == "parcels.two_parks"]["row"].tolist() == ["L6"]


def test_every_finding_of_a_row_has_its_place_party_and_remedy(tmp_path: Path) -> None:
    """In metres of the study CRS; whole-layer findings have none."""
    table = landkit.check(small(tmp_path / "s", parcels=bad_parcels), lang="en").table
    rows = table[table["row"] != ""]

    assert {"overlap.parcels", "dates.order"} <= set(rows["check"])
    assert rows["x"].notna().all()
    assert table[table["row"] == ""]["x"].isna().all()
    assert (table["mends"] != "").all()
    assert (table["todo"] != "").all()
    overlap = rows[rows["check"] == "overlap.parcels"].iloc[0]
    assert overlap["check_name"] == "parcels overlap"
    assert (overlap["mends"], overlap["value"]) == ("surveyor", "L2")
    assert (overlap["x"] - 450_000, overlap["y"] - Y) == (375.0, 350.0)


def test_the_folder_gets_a_ledger_points_and_a_table(tmp_path: Path) -> None:
    """A sheet for each party that has something to mend, the summary first; each place a point with its words."""
    landkit.check(small(tmp_path / "s", parcels=bad_parcels), to=tmp_path / "out")
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "out" / "findings.xlsx").read_bytes()))
    points = gpd.read_file(tmp_path / "out" / "findings.gpkg", layer="findings")
    styles = gpd.read_file(tmp_path / "out" / "findings.gpkg", layer="layer_styles")

    assert sorted(p.name for p in (tmp_path / "out").glob("*.*") if p.name != ".landkit") == [
        "findings.csv",
        "findings.gpkg",
        "findings.xlsx",
    ]
    assert book.sheetnames == ["汇总", "勘测单位", "规划管理", "土地利用管理", "研究编制人员", "整改办法"]
    assert [h.value for h in book["勘测单位"][1]][:4] == ["等级", "图层", "要素", "检查项"]
    assert book["勘测单位"]["C2"].value == "L1"
    assert any(c.hyperlink for row in book["汇总"].iter_rows() for c in row)
    assert set(points["check"]) == {"overlap.parcels", "dates.order", "parcels.two_parks"}
    assert points.crs.to_epsg() == 4549
    assert "marker" in styles["styleQML"][0]
    assert "错误" in styles["styleQML"][0]


def test_the_second_run_says_what_is_new_and_what_is_resolved(tmp_path: Path) -> None:
    """The overlap was mended; a day after the study day came; the order of days is still wrong."""
    out = tmp_path / "out"
    first = landkit.check(small(tmp_path / "a", parcels=bad_parcels), to=out)
    mended = small(
        tmp_path / "b",
        parcels=lambda p: bad_parcels(p).set_geometry(p.geometry, crs=p.crs).assign(
            completion_date=["2020-01-01" if i == "L3" else "2030-01-01" if i == "L4" else None for i in p["parcel_id"]]
        ),
    )  # fmt: skip
    second = landkit.check(mended, to=out)
    states = second.table.set_index("check")["state"]

    assert set(first.table["state"]) == {""}
    assert states["dates.order"] == "again"
    assert states["dates.future"] == "new"
    assert second.tables["resolved"]["check"].tolist() == ["overlap.parcels"]
    assert "新增 1" in as_report(second, "zh")
    assert "已消除" in openpyxl.load_workbook(out / "findings.xlsx").sheetnames


def test_equal_checks_are_equal_files(tmp_path: Path) -> None:
    """Nothing in them depends on the day or the machine."""
    study = small(tmp_path / "s", parcels=bad_parcels)
    for name in ("a", "b"):
        landkit.check(study, to=tmp_path / name)

    for file in ("findings.csv", "findings.xlsx", "findings.gpkg"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_table_of_somebody_else_in_the_folder_is_no_earlier_run(tmp_path: Path) -> None:
    """It is replaced as any earlier output; nothing is called new."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "findings.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = landkit.check(small(tmp_path / "s", parcels=bad_parcels), to=tmp_path / "out")

    assert set(done.table["state"]) == {""}


@pytest.mark.bad_input(27)
def test_ids_given_twice_are_findings_for_a_check_and_refused_by_a_run(
    tmp_path: Path, earlier: tuple[Path, dict[str, bytes]], contents: Callable[[Path], dict[str, bytes]]
) -> None:
    """Acceptance lists them all with their places; a question would count one twice, and changes nothing."""
    study = small(tmp_path / "s", parcels=lambda p: p.assign(parcel_id=["A", "A", None, *p["parcel_id"][3:]]))
    table = landkit.check(study).table
    out, before = earlier

    assert table[table["check"].str.startswith("ids.")][["check", "row"]].to_numpy().tolist() == [
        ["ids.missing", "@3"],
        ["ids.repeated", "A@2"],
    ]
    with pytest.raises(landkit.LandkitError) as caught:
        landkit.run(study, to=out)
    assert caught.value.exit_code == 3
    assert contents(out) == before


def test_many_alike_findings_are_one_paragraph(tmp_path: Path) -> None:
    """Eight parcels registered in mu: one line with the count, three examples, the party and the remedy."""
    study = small(tmp_path / "s", parcels=lambda p: p.assign(registered_area_m2=15.0))
    said = as_report(landkit.check(study), "zh")

    assert said.count("area.registered") == 1
    assert "登记面积与量算面积不符(area.registered) 8 条 · 土地利用管理" in said
    assert "L1, L2, L3 …" in said
    assert "办法：核对面积单位" in said


def test_the_command_says_writes_and_fails_only_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """stdout is the result, stderr the files; exit code 1 only with --fail-on error."""
    study = small(tmp_path / "s", parcels=bad_parcels)
    codes = []
    for more in ([], ["--fail-on", "error"]):
        with pytest.raises(SystemExit) as ended:
            main(["check", str(study), "--to", str(tmp_path / "out"), *more])
        codes.append(ended.value.code)
    out, err = capsys.readouterr()

    assert codes == [0, 1]
    assert "地块重叠(overlap.parcels) 1 条" in out
    assert "findings.gpkg" in err
    assert "新增 0，仍在" in out


def test_a_folder_that_cannot_be_written_keeps_what_it_had(tmp_path: Path) -> None:
    """A folder stands where findings.gpkg should go: refused, and the earlier table stays."""
    out = tmp_path / "out"
    (out / "findings.gpkg").mkdir(parents=True)
    (out / "findings.csv").write_text("mine", encoding="utf-8")

    with pytest.raises(landkit.LandkitError) as caught:
        landkit.check(small(tmp_path / "s"), to=out)

    assert caught.value.exit_code == 4
    assert (out / "findings.csv").read_text(encoding="utf-8") == "mine"

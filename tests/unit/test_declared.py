"""The declared area of a plot is compared with the area that its points enclose."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import box, tiny_study

import geopandas as gpd

import landkit
from landkit.errors import CRSError
from landkit.io.boundary.write import write_boundary_text
from landkit.quality.declared import check_declared_areas


def plots(*said: str | None) -> gpd.GeoDataFrame:
    """Squares of 10,000 m2, each with a declared area."""
    shapes = [box(200 * i, 0, 200 * i + 100, 100) for i in range(len(said))]
    return gpd.GeoDataFrame({"地块面积": list(said)}, geometry=shapes, crs=4549)


@pytest.mark.parametrize(
    ("said", "reads"),
    [
        ("1.0000", None),
        ("1.0001", None),  # the last digit is 1 m2
        (None, None),  # nothing was declared
        ("1.1", "按界址点计算的平面面积是 1.0000 公顷"),
        ("10000", "按平方米则相符"),
        ("15", "按亩则相符"),
        ("约1", "申报面积 约1 公顷"),
    ],
)
def test_declared_hectares_are_compared_with_the_plane(said: str | None, reads: str | None) -> None:
    """Both values are said; where another unit fits, that unit is named."""
    found = check_declared_areas(plots("1", said), layer="k", differs_share=0.001, differs_m2=1.0)

    assert [(f.check, f.row) for f in found] == ([("boundary.area", "2")] if reads else [])
    if reads:
        assert reads in found[0].reason.say("zh")


def test_the_limit_is_the_larger_of_both() -> None:
    """10 m2 of 10,000 are a thousandth."""
    limits = {"layer": "k", "differs_m2": 1.0}

    assert check_declared_areas(plots("1.0010"), differs_share=0.001, **limits) == []
    assert len(check_declared_areas(plots("1.0010"), differs_share=0.0005, **limits)) == 1


def red_line_as_text(folder: Path, *lines: str, said: str = "4.0000", **keys: object) -> Path:
    """The tiny study with its red line (200 m x 200 m, 4 ha) as coordinate text whose header has these lines."""
    spec = {"path": "hx.txt", "fields": {"地块编号": "zone_id"}, "crs": None, **keys}
    study = tiny_study(folder, spec={"ecological_redline": spec})
    made = (
        gpd.read_file(study / "ecological_redline.gpkg")
        if (study / "ecological_redline.gpkg").exists()
        else None
    )
    shape = made.geometry[0] if made is not None else box(1400, 1200, 1600, 1400)
    frame = gpd.GeoDataFrame({"地块编号": ["R1"], "地块面积": [said]}, geometry=[shape], crs=4549)
    write_boundary_text(frame, study / "hx.txt", header=lines)
    return study


def test_a_study_reads_coordinate_text_as_a_layer(tmp_path: Path) -> None:
    """The same verdicts as from a GeoPackage; a declared area that does not fit is a finding of its layer."""
    plain = landkit.conflicts(tiny_study(tmp_path / "a")).table
    study = red_line_as_text(tmp_path / "b", said="5.0000")
    found = landkit.check(study).table
    ours = found[found["check"] == "boundary.area"]

    assert landkit.conflicts(study).table["verdict"].tolist() == plain["verdict"].tolist()
    assert ours[["layer", "severity", "value"]].values.tolist() == [
        ["ecological_redline", "warning", "5.0000"]
    ]


def test_a_study_says_the_zone_of_a_text_that_does_not(tmp_path: Path) -> None:
    """Without it the error tells how far each zone would lie from the study; with `zone` it is read."""
    lines = ["坐标系=2000国家大地坐标系", "几度分带=3"]
    with pytest.raises(CRSError) as caught:
        landkit.check(red_line_as_text(tmp_path / "a", *lines))

    assert caught.value.key == "boundary_ambiguous"
    assert "CM 120E (EPSG:4549)" in caught.value.say("zh").split(" | ")[0]
    assert "距研究范围 0.0 km" in caught.value.say("zh").split(" | ")[0]
    assert len(landkit.check(red_line_as_text(tmp_path / "b", *lines, zone=40)).table) > 0


def test_hectares_of_a_text_are_hectares_without_a_word(tmp_path: Path) -> None:
    """The format lays them down: `init` proposes the unit, and a study that does not say it reads them right, too."""
    frame = gpd.GeoDataFrame(
        {"地块编号": ["K1"], "地块名称": ["甲"], "地块面积": ["1.0000"]},
        geometry=[box(0, 0, 100, 100)],
        crs=4549,
    )
    write_boundary_text(frame, tmp_path / "地块.txt")
    (tmp_path / "说明.txt").write_text("联系人,电话\n王小红,1\n", encoding="gbk")
    file = landkit.init(tmp_path)

    assert 'registered_area_m2 = "ha"' in file.read_text(encoding="utf-8")
    assert "说明.txt" in file.read_text(encoding="utf-8")
    words = file.read_text(encoding="utf-8").replace('registered_area_m2 = "ha"\n', "")
    file.write_text(
        words.replace('role = "parcels"', 'role = "parcels"\ncode_scheme = "x"'), encoding="utf-8"
    )
    found = landkit.check(tmp_path).table

    assert not {"area.registered", "units.area_column", "boundary.area"} & set(found["check"])

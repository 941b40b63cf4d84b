"""Coordinate text of land surveys: every dialect is read as the same land, and what is ambiguous is refused with its readings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import refused

import geopandas as gpd
import pyproj
import shapely

from landkit.errors import CRSError, ExportError, LayerError
from landkit.geometry import planar_area_m2
from landkit.io.boundary.crs import Told, family_of
from landkit.io.boundary.layer import read_boundary_text
from landkit.io.boundary.text import (
    BoundaryText,
    Plot,
    Point,
    format_boundary_text,
    is_boundary_text,
    parse_boundary_text,
)
from landkit.io.boundary.write import boundary_text_of, write_boundary_text
from landkit.io.vector import describe_layers, read_layer, read_source

# a square of 100 m x 100 m, 1 ha, in zone 40; its middle is at about 119.33 E 32.36 N
NORTH, EAST = 3_583_000, 437_000
CORNERS = [(0, 0), (100, 0), (100, 100), (0, 100)]
HEADER = (
    "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n"
    "带号=40\n精度=0.001\n转换参数=,,,,,,\n"
)
ROW = "5,1.0000,K1,甲地块,面,I50G001,工业用地,0601,@\n"


def points(
    corners: list[tuple[int, int]] = CORNERS,
    *,
    zone: str = "40",
    ring: str = "1",
    start: int = 1,
    swapped: bool = False,
    close: bool = True,
    sep: str = ",",
    name: str = "J{}",
) -> str:
    """Points of a ring as lines; the corners are metres to the north and to the east."""
    lines = []
    numbered = [(start + i, n, e) for i, (n, e) in enumerate(corners)]
    for number, north, east in [*numbered, *([numbered[0]] if close else [])]:
        n, e = f"{NORTH + north}.000", f"{zone}{EAST + east}.000"
        cells = [name.format(number), ring, *((e, n) if swapped else (n, e))]
        lines.append(sep.join(c for c in cells if c))
    return "\n".join(lines) + "\n"


def text_file(path: Path, words: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(words.encode(encoding))
    return path


WHOLE = HEADER + "[地块坐标]\n" + ROW
DIALECTS = {
    "as the standard has it": WHOLE + points(),
    "windows line ends": (WHOLE + points()).replace("\n", "\r\n"),
    "blank lines": (WHOLE + points()).replace("\n", "\n\n"),
    "no section before the plots": HEADER + ROW + points(),
    "point names without a letter": WHOLE + points(name="{}"),
    "point names with zeros": WHOLE + points(name="J0{}"),
    "closing point numbered on": WHOLE + points([*CORNERS, (0, 0)], close=False),
    "ring not closed": WHOLE + points(close=False),
    "easting first": WHOLE + points(swapped=True),
    "tabs": WHOLE + points(sep="\t"),
    "blanks": WHOLE + points(sep="  "),
    "full-width commas": WHOLE + points(sep="，"),
    "no ring numbers": WHOLE + points(ring=""),
    "a comma at the end": (WHOLE + points()).replace(".000\n", ".000,\n"),
    "@ without a comma": WHOLE.replace(",@", "@") + points(),
    "full-width equal sign": (WHOLE + points()).replace("带号=", "带号＝"),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_the_same_land(tmp_path: Path, dialect: str, encoding: str) -> None:
    """1 ha in zone 40, with all cells of its row."""
    found = read_layer(text_file(tmp_path / "x.txt", DIALECTS[dialect], encoding))

    assert found.crs.to_epsg() == 4528
    assert found.geometry[0].equals(
        shapely.box(40_000_000 + EAST, NORTH, 40_000_000 + EAST + 100, NORTH + 100)
    )
    assert found.iloc[0, :8].tolist() == ["5", "1.0000", "K1", "甲地块", "面", "I50G001", "工业用地", "0601"]


def test_the_zone_may_stand_in_the_header_alone(tmp_path: Path) -> None:
    """Eastings of six digits: the CRS without the zone's number, the same place."""
    found = read_layer(text_file(tmp_path / "x.txt", WHOLE + points(zone="")))

    assert found.crs.to_epsg() == 4549
    assert found.geometry[0].bounds == (EAST, NORTH, EAST + 100, NORTH + 100)


def test_the_zone_may_stand_in_the_eastings_alone(tmp_path: Path) -> None:
    """Without 带号 in the header."""
    words = (WHOLE + points()).replace("带号=40\n", "").replace("几度分带=3\n", "")

    assert read_layer(text_file(tmp_path / "x.txt", words)).crs.to_epsg() == 4528


@pytest.mark.parametrize(
    ("datum", "degrees", "zone", "epsg"),
    [
        ("2000国家大地坐标系", "3", "40", 4528),
        ("国家2000", "6", "20", 4498),
        ("CGCS2000", "3", "25", 4513),
        ("CGCS2000", "3", "45", 4533),
        ("80国家大地坐标系", "3", "40", 2364),
        ("西安80", "6", "20", 2334),
        ("54国家大地坐标系", "3", "40", 2416),
        ("北京54", "6", "20", 21420),
    ],
)
def test_header_keys_name_the_crs(tmp_path: Path, datum: str, degrees: str, zone: str, epsg: int) -> None:
    """The numbers are those of the EPSG database, looked up by hand."""
    words = WHOLE.replace("2000国家大地坐标系", datum).replace("几度分带=3", f"几度分带={degrees}")
    words = words.replace("带号=40", f"带号={zone}") + points(zone=zone)
    numbered = read_layer(text_file(tmp_path / "x.txt", words)).crs

    assert numbered.to_epsg() == epsg
    assert f"zone {zone}" in numbered.name


def test_all_numbers_of_the_crs_table_are_what_they_claim() -> None:
    """Each zone of each family, by the false easting and the meridian that PROJ knows for it."""
    for epsg in (*range(4491, 4555), *range(2327, 2391), *range(2401, 2443), *range(21413, 21424)):
        crs = pyproj.CRS.from_epsg(epsg)
        own = family_of(crs)
        about = crs.to_cf()
        width = 6 if own and own.degrees == "6" else 3

        assert own is not None
        assert own.zone is not None
        assert about["longitude_of_central_meridian"] == own.zone * width - (3 if width == 6 else 0)
        assert about["false_easting"] in (500_000, own.zone * 1_000_000 + 500_000)


def test_old_datums_are_named(tmp_path: Path) -> None:
    """A person must find the parameters; nothing is moved in silence."""
    words = (WHOLE + points()).replace("2000国家大地坐标系", "1980西安坐标系")
    found = read_source(text_file(tmp_path / "x.txt", words))

    assert [f.check for f in found.findings] == ["boundary.datum"]
    assert "Xian 1980 / 3-degree Gauss-Kruger zone 40 (EPSG:2364)" in found.findings[0].reason.say("zh")


def test_degrees_are_degrees(tmp_path: Path) -> None:
    """Latitude and longitude, in either order: they cannot be taken for each other in China."""
    head = HEADER.replace("计量单位=米", "计量单位=度").replace("带号=40", "带号=") + "[地块坐标]\n" + ROW
    rows = [(32.36, 119.33), (32.37, 119.33), (32.37, 119.34)]
    for order in (1, -1):
        lines = [f"J{i},1,{r[::order][0]},{r[::order][1]}" for i, r in enumerate(rows)]
        found = read_layer(text_file(tmp_path / "x.txt", head + "\n".join(lines)))

        assert found.crs.to_epsg() == 4490
        assert found.geometry[0].bounds == (119.33, 32.36, 119.34, 32.37)


# --- plots, rings, holes


def test_rings_inside_are_holes_and_rings_outside_are_parts(tmp_path: Path) -> None:
    """A hole, an island in it, and a part beside: 10,000 - 3,600 + 400 + 2,500 m2."""
    corners = [
        CORNERS,
        [(20, 20), (80, 20), (80, 80), (20, 80)],
        [(40, 40), (60, 40), (60, 60), (40, 60)],
        [(0, 200), (50, 200), (50, 250), (0, 250)],
    ]
    body = "".join(points(c, ring=str(i), start=10 * i) for i, c in enumerate(corners, 1))
    shape = read_layer(text_file(tmp_path / "x.txt", WHOLE + body)).geometry[0]

    assert shape.is_valid
    assert shape.area == 10_000 - 3_600 + 400 + 2_500
    assert [len(p.interiors) for p in shape.geoms] == [1, 0, 0]


def test_rings_of_one_number_are_told_apart_by_their_closing_points(tmp_path: Path) -> None:
    """Seen: all points carry ring 1."""
    body = points() + points([(20, 20), (80, 20), (80, 80), (20, 80)], start=5)

    assert read_layer(text_file(tmp_path / "x.txt", WHOLE + body)).geometry[0].area == 6_400


def test_several_plots_are_several_rows(tmp_path: Path) -> None:
    """A blank area cell is missing, not 0; cells beyond the standard's are kept under a numbered name."""
    second = "4,,K2,,面,,,,2021,乙,@\n" + points([(0, 300), (100, 300), (100, 400)])
    found = read_source(text_file(tmp_path / "x.txt", WHOLE + points() + second))

    assert found.frame["地块编号"].tolist() == ["K1", "K2"]
    assert found.frame["地块面积"].tolist() == ["1.0000", None]
    assert found.frame[["其他属性1", "其他属性2"]].values.tolist() == [[None, None], ["2021", "乙"]]
    assert found.frame.geometry.area.tolist() == [10_000.0, 5_000.0]
    assert found.findings == ()


@pytest.mark.parametrize(("kind", "shape"), [("线", "LineString"), ("点", "MultiPoint"), ("面", "Polygon")])
def test_the_kind_of_shape_is_the_rows(tmp_path: Path, kind: str, shape: str) -> None:
    """面, 线 or 点."""
    words = WHOLE.replace(",面,", f",{kind},") + points(close=False)

    assert read_layer(text_file(tmp_path / "x.txt", words)).geometry[0].geom_type == shape


def test_points_alone_are_one_plot_once_the_crs_is_stated(tmp_path: Path) -> None:
    """No header, no row: which datum it is, nobody can see."""
    file = text_file(tmp_path / "x.txt", points())

    with refused(CRSError, "boundary_datum", zh="没有写坐标系.*EPSG:4528.*EPSG:2364.*EPSG:2416", en="datum"):
        read_layer(file)
    assert read_layer(file, crs="EPSG:4528").geometry[0].area == 10_000


# --- what is said about it


def test_eastings_first_is_said(tmp_path: Path) -> None:
    """Only that reading lies in China, so it is taken; the surveyor hears of it."""
    found = read_source(text_file(tmp_path / "x.txt", WHOLE + points(swapped=True)))

    assert found.facts["axes"] == "easting_first"
    assert [f.check for f in found.findings] == ["boundary.axes"]


def test_a_wrong_number_of_points_is_found(tmp_path: Path) -> None:
    """A line was lost on the way: 5 are said and 3 are there."""
    lines = points(close=False).splitlines()[:3]
    (found,) = read_source(text_file(tmp_path / "x.txt", WHOLE + "\n".join(lines))).findings

    assert (found.check, found.row, found.value) == ("boundary.count", "1", "5")
    assert "实有 3 个" in found.reason.say("zh")


def test_an_open_ring_is_found(tmp_path: Path) -> None:
    """The last point has the name of the first and lies 3 m beside it."""
    body = points(close=False) + points([(0, 3)], close=False)
    (found,) = read_source(text_file(tmp_path / "x.txt", WHOLE + body)).findings

    assert (found.check, found.value) == ("boundary.open", "3.000")


def test_a_plot_of_two_points_is_found_and_the_others_are_read(tmp_path: Path) -> None:
    """One bad row does not cost the file."""
    body = points() + ROW.replace("5,1.0000,K1", "2,,K2") + points(CORNERS[:2], close=False)
    found = read_source(text_file(tmp_path / "x.txt", WHOLE + body))

    assert [(f.check, f.severity, f.row) for f in found.findings] == [("boundary.short", "error", "2")]
    assert found.frame.geometry.notna().tolist() == [True, False]


def test_a_header_that_contradicts_itself_is_found(tmp_path: Path) -> None:
    """Zone 40 is none of the 6-degree zones of China."""
    words = (WHOLE + points()).replace("几度分带=3", "几度分带=6")
    found = read_source(text_file(tmp_path / "x.txt", words))

    assert [f.check for f in found.findings] == ["boundary.degrees"]
    assert found.frame.crs.to_epsg() == 4528


def test_transformation_parameters_are_said_not_applied(tmp_path: Path) -> None:
    """Seven zeros are none."""
    for given_, found in (("0,0,0,0,0,0,0", []), ("12.3,-4,5,0,0,0,1", ["boundary.parameters"])):
        words = (WHOLE + points()).replace("转换参数=,,,,,,", f"转换参数={given_}")
        assert [f.check for f in read_source(text_file(tmp_path / "x.txt", words)).findings] == found


# --- what is refused

YANGZHOU = shapely.box(119.0, 32.25, 119.9, 33.41)


@pytest.mark.bad_input(36)
def test_a_missing_zone_is_refused_with_the_readings_and_their_distances(tmp_path: Path) -> None:
    """Bad inputs 36: zone 40 lies in the study, its neighbours one zone away (3 degrees: 282 km from 119.0 E)."""
    words = (WHOLE + points(zone="")).replace("带号=40\n", "")
    file = text_file(tmp_path / "x.txt", words)
    told = Told(near=YANGZHOU)

    with refused(
        CRSError,
        "boundary_ambiguous",
        zh=r"CM 120E.*距研究范围 0.0 km.*CM 123E.*距研究范围 228.* km.*另有 17 种",
        en=r"zone.*CM 120E.*0.0 km from the study area.*17 more",
    ):
        read_source(file, told=told)
    assert read_source(file, told=Told(zone=40)).frame.crs.to_epsg() == 4549
    assert read_source(file, crs="EPSG:4549").frame.crs.to_epsg() == 4549


@pytest.mark.bad_input(35)
def test_axes_that_both_lead_to_china_are_refused_with_both_distances(tmp_path: Path) -> None:
    """Bad inputs 35: in the far south a northing is as small as an easting."""
    rows = "J1,1,400000,600000\nJ2,1,400000,600100\nJ3,1,400100,600100\n"
    file = text_file(tmp_path / "x.txt", HEADER + "[地块坐标]\n" + ROW + rows)

    with refused(
        CRSError,
        "boundary_ambiguous",
        zh=r"先纵坐标.*距研究范围 [\d,.]+ km.*先横坐标.*距研究范围 [\d,.]+ km|先横坐标.*先纵坐标",
        en=r"axes.*northing first.*easting first|easting first.*northing first",
    ):
        read_source(file, told=Told(near=YANGZHOU))
    north = read_source(file, told=Told(axes="northing_first")).frame.geometry[0]
    east = read_source(file, told=Told(axes="easting_first")).frame.geometry[0]
    assert north.bounds[:2] == (600_000, 400_000)
    assert east.bounds[:2] == (400_000, 600_000)


@pytest.mark.bad_input(36)
def test_a_zone_that_the_header_denies_is_refused_with_both(tmp_path: Path) -> None:
    """The header says 39, the eastings 40: 3 degrees apart."""
    file = text_file(tmp_path / "x.txt", (WHOLE + points()).replace("带号=40", "带号=39"))

    with refused(CRSError, "boundary_ambiguous", zh="zone 40.*km.*zone 39.*km", en="zone 40.*zone 39"):
        read_source(file, told=Told(near=YANGZHOU))
    told = read_source(file, told=Told(zone=40))
    assert told.frame.crs.to_epsg() == 4528
    assert told.findings == ()
    moved = read_source(file, told=Told(zone=39))
    assert [f.check for f in moved.findings] == ["boundary.zone"]
    assert moved.frame.geometry[0].bounds[0] == 39_000_000 + EAST


def test_a_crs_of_the_study_that_the_numbers_deny_is_refused(tmp_path: Path) -> None:
    """Bad inputs 36: EPSG:4549 has no zone before its eastings; the text has."""
    file = text_file(tmp_path / "x.txt", WHOLE + points())

    with refused(CRSError, "boundary_crs_other", zh="CM 120E.*只能读成.*zone 40", en="only as.*zone 40"):
        read_layer(file, crs="EPSG:4549")


def test_plots_of_different_axes_are_refused(tmp_path: Path) -> None:
    """Two surveyors, one file."""
    file = text_file(tmp_path / "x.txt", WHOLE + points() + ROW + points(swapped=True))

    with refused(CRSError, "boundary_mixed", zh="第 1 个与第 2 个", en="plots 1 and 2"):
        read_layer(file)


def test_coordinates_outside_china_are_refused(tmp_path: Path) -> None:
    """A local grid."""
    rows = "J1,1,12.5,30000\nJ2,1,80.5,30000\nJ3,1,80.5,30090\n"
    with refused(CRSError, "boundary_nowhere", zh="12.500-80.500", en="12.500-80.500"):
        read_layer(text_file(tmp_path / "x.txt", HEADER + "[地块坐标]\n" + ROW + rows))


def test_a_header_word_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    """A city's own system; the study may say which CRS it is."""
    file = text_file(tmp_path / "x.txt", (WHOLE + points()).replace("2000国家大地坐标系", "扬州独立坐标系"))

    with refused(LayerError, "boundary_header", zh="坐标系=扬州独立坐标系", en="坐标系=扬州独立坐标系"):
        read_layer(file)
    assert read_layer(file, crs="EPSG:4528").geometry[0].area == 10_000


def test_a_line_that_is_nothing_is_refused_with_its_number(tmp_path: Path) -> None:
    """A coordinate with a letter in it: dropping the line would move the boundary."""
    file = text_file(tmp_path / "x.txt", WHOLE + points().replace("J3,1,3583100.000", "J3,1,35831O0.000"))

    with refused(LayerError, "boundary_line", zh="第 13 行.*35831O0", en="Line 13.*35831O0"):
        read_layer(file)


def test_a_table_in_a_txt_is_no_layer(tmp_path: Path) -> None:
    """It is told where it belongs."""
    with refused(LayerError, "boundary_not", zh=r"\[tables\]", en=r"\[tables\]"):
        read_layer(text_file(tmp_path / "x.txt", "宗地代码,面积,产值\n001,12.5,3\n002,13,4\n"))


def test_a_coordinate_text_without_points_is_refused(tmp_path: Path) -> None:
    """The header alone."""
    with refused(LayerError, "boundary_empty", zh="没有界址点", en="no boundary points"):
        read_layer(text_file(tmp_path / "x.txt", WHOLE))


@pytest.mark.parametrize(
    ("words", "is_text"),
    [
        (WHOLE + points(), True),
        (ROW + points(), True),
        (points(), True),
        (points(ring="", name=""), True),
        ("a,b,c\n1,2,3\n", False),
        ("宗地代码,面积\n1,2\n", False),
        ("1,2\n", False),
        ("", False),
        ("someone@\nelse\n", False),
    ],
)
def test_coordinate_text_is_told_from_a_table(words: str, is_text: bool) -> None:
    """A table has a header row."""
    assert is_boundary_text(words) == is_text


# --- out again


def test_a_layer_written_and_read_is_the_same_file(tmp_path: Path) -> None:
    """Header keys that landkit does not know, cells beyond the standard's, holes, parts: byte for byte."""
    header = HEADER.replace("[属性描述]\n", "[属性描述]\n格式版本号=1.01版本\n数据产生单位=某测绘院\n")
    hole = points([(20, 20), (80, 20), (80, 80), (20, 80)], ring="2", start=5)
    words = (
        header + "[地块坐标]\n" + ROW.replace("5,1.0", "10,1.0").replace(",@", ",附注,@") + points() + hole
    )
    words += ROW.replace("K1,甲", "K2,乙").replace(",@", ",,@") + points(
        [(0, 300), (9, 300), (9, 400), (0, 400)]
    )
    file = text_file(tmp_path / "x.txt", words)
    read = read_source(file)
    written = write_boundary_text(read.frame, tmp_path / "y.txt", header=read.facts["header"])

    assert written.read_text(encoding="utf-8") == words


def test_a_layer_of_any_source_is_written_with_the_usual_header(tmp_path: Path) -> None:
    """Ours columns fill the cells; the area is planar, in hectares."""
    frame = read_layer(text_file(tmp_path / "x.txt", WHOLE + points(zone="")))[["geometry"]]
    frame = frame.assign(parcel_id=["P,1"], use_code=["0601"])
    content = boundary_text_of(frame)

    assert format_boundary_text(content) == HEADER + "[地块坐标]\n5,1.0000,P，1,,面,,,0601,@\n" + points(
        zone=""
    )


def test_a_header_is_set_right_where_the_layer_was_brought_elsewhere(tmp_path: Path) -> None:
    """Read in zone 40, written in zone 39 of Xian 1980: the keys that say the CRS follow, all others stay."""
    read = read_source(text_file(tmp_path / "x.txt", WHOLE + points()))
    moved = read.frame.set_crs("EPSG:2363", allow_override=True)
    header = boundary_text_of(moved, header=read.facts["header"]).header

    assert [line for line in header if line not in read.facts["header"]] == [
        "坐标系=1980西安坐标系",
        "带号=39",
    ]


def test_a_crs_that_the_text_cannot_say_is_refused(tmp_path: Path) -> None:
    """UTM is no Gauss-Kruger zone."""
    frame = read_layer(text_file(tmp_path / "x.txt", WHOLE + points())).to_crs(32650)

    with refused(ExportError, "boundary_crs", zh="UTM zone 50N", en="UTM zone 50N"):
        write_boundary_text(frame, tmp_path / "y.txt")
    assert not (tmp_path / "y.txt").exists()


def test_an_encoding_that_cannot_hold_the_text_is_refused(tmp_path: Path) -> None:
    """Rare characters are not in GBK; GB18030 has them (bad inputs 63)."""
    frame = read_layer(text_file(tmp_path / "x.txt", (WHOLE + points()).replace("甲地块", "㙍𠮷地块")))

    with refused(ExportError, "boundary_unheld", zh="GBK.*㙍", en="GBK.*㙍"):
        write_boundary_text(frame, tmp_path / "y.txt", encoding="GBK")
    assert not (tmp_path / "y.txt").exists()
    written = write_boundary_text(frame, tmp_path / "y.txt", encoding="GB18030")
    assert read_layer(written)["地块名称"].tolist() == ["㙍𠮷地块"]


def test_headers_are_described_without_a_study(tmp_path: Path) -> None:
    """What `landkit init` and `landkit layers` look at; a CRS that needs the study is none."""
    (header,) = describe_layers(text_file(tmp_path / "x.txt", WHOLE + points()))
    (open_,) = describe_layers(text_file(tmp_path / "y.txt", points()))

    assert (header["layer"], header["rows"], header["crs"]) == ("x", 1, "EPSG:4528")
    assert open_["crs"] is None


# --- properties

cell = st.text(st.sampled_from("甲乙ABC12.-/() 块"), max_size=8).map(str.strip)
number = st.decimals(-(10**8), 10**8, places=3).map(str).filter(lambda s: "E" not in s)
point = st.builds(
    Point,
    st.from_regex(r"J?[0-9]{1,3}", fullmatch=True),
    st.integers(1, 9).map(str),
    number,
    number,
    st.lists(number, max_size=2).map(tuple),
)
plot = st.builds(
    Plot, st.lists(cell, min_size=1, max_size=11).map(tuple), st.lists(point, max_size=6).map(tuple)
)
keys = st.from_regex(r"[A-Za-z坐标系带号]{1,6}", fullmatch=True)
texts = st.builds(
    BoundaryText,
    st.lists(st.tuples(keys, cell).map("=".join), max_size=6).map(tuple),
    st.lists(plot, max_size=4).map(tuple),
)


@given(texts)
def test_parse_undoes_write(content: BoundaryText) -> None:
    """Whatever cells, names, header keys and plots: nothing is changed on the way out and in."""
    assert parse_boundary_text(format_boundary_text(content)) == content


@given(texts, st.sampled_from(["\n", "\r\n", "\n \n"]), st.sampled_from(["", "\ufeff"]))
def test_parse_write_parse_is_parse(content: BoundaryText, end: str, mark: str) -> None:
    """Also from a text that another program wrote."""
    once = parse_boundary_text(mark + format_boundary_text(content).replace("\n", end))

    assert parse_boundary_text(format_boundary_text(once)) == once == content


@given(st.integers(25, 45), st.floats(-80_000, 80_000), st.floats(2_000_000, 5_800_000), st.booleans())
def test_land_keeps_its_place_to_the_millimetre(zone: int, off: float, north: float, numbered: bool) -> None:
    """In any zone of China: out with three decimals and back."""
    epsg = (4513 if numbered else 4534) + zone - 25
    east = 500_000 + off + (zone * 1_000_000 if numbered else 0)
    frame = gpd.GeoDataFrame(
        {"id": ["a"]}, geometry=[shapely.box(east, north, east + 90, north + 50)], crs=epsg
    )
    words = format_boundary_text(boundary_text_of(frame))
    found = read_boundary_text(words, path="x.txt").frame

    assert found.crs.to_epsg() == epsg
    assert shapely.hausdorff_distance(found.geometry[0], frame.geometry[0]) < 0.001
    assert planar_area_m2(found.geometry)[0] == pytest.approx(4500, abs=0.2)

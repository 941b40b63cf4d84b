"""Map sheets on paper: size, scale, bar, convergence, edges, letters.  Expected values come from other formulas than ours."""

from __future__ import annotations

import math
import warnings
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import geopandas as gpd
import pyproj
import shapely

from landkit.errors import ExportError, PlaceError
from landkit.present.sheets import SIZES
from landkit.present.sheets.earth import Place, degree_ticks, dms, grid_step_m, round_length_m, ticks
from landkit.present.sheets.ink import Ink
from landkit.present.sheets.legend import Look, class_places, drawn_classes
from landkit.present.sheets.lettering import Font
from landkit.present.sheets.page import draw_page, draw_title
from landkit.present.sheets.panel import Said
from landkit.present.sheets.paper import SCALES, Box, Paper, round_scale
from landkit.present.webmap import Theme

pytest.importorskip("matplotlib")
CRS = "EPSG:4549"  # central meridian 120 E
HERE = (445_000.0, 3_572_000.0)


@pytest.fixture(scope="module")
def font() -> Font:
    try:
        return Font()
    except PlaceError:
        pytest.skip("no font for Chinese on this system")


@pytest.fixture(scope="module")
def sheet(font: Font) -> tuple[Ink, int]:
    """A whole A4 sheet with one hatched area, a name that is a formula to matplotlib, and everything around it."""
    x, y = HERE
    frame = gpd.GeoDataFrame(
        {"name": ["$\\frac{1}{2}$园区"]}, geometry=[shapely.box(x, y, x + 900, y + 700)], crs=CRS
    )
    look = Look(
        "地块 · 示例",
        frame,
        {"facecolor": "#aabbcc", "edgecolor": "#000000", "hatch": "//"},
        label_column="name",
    )
    said = Said(
        "一个很长的园区名称" * 4,
        [("面积", "1.00")] * 4,
        ["说明" * 40] * 3,
        ["来源" * 40],
        [("审图号", "(未填)")],
        "zh",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ink, scale = draw_page(Paper("A4"), font, [look], (x, y, x + 900, y + 700), CRS, said)
        draw_title(ink, "图名" * 40, "副题" * 60, "示意 · 合成数据", "第 1 幅 / 共 2 幅")
        ink.figure.canvas.draw()
    return ink, scale


@pytest.mark.parametrize(
    ("size", "mm"), [("A4", (297, 210)), ("A3", (420, 297)), ("A2", (594, 420)), ("A1", (841, 594))]
)
def test_a_sheet_has_the_size_of_its_name(size: str, mm: tuple[int, int]) -> None:
    """ISO 216, lying; map, panel and title lie on it, apart from each other."""
    paper = Paper(size)
    boxes = [paper.frame, paper.panel, paper.title]

    assert SIZES[size] == mm
    assert all(b.x > 0 and b.y > 0 and b.right < mm[0] and b.top < mm[1] for b in boxes)
    for one, two in combinations(boxes, 2):
        assert one.right <= two.x or two.right <= one.x or one.top <= two.y or two.top <= one.y


def test_the_scale_is_the_largest_round_one_that_fits() -> None:
    """200 mm of paper: 900 m and 4 % of air need 1:4,680, so 1:5,000; one too large for all is refused."""
    frame = Box(0, 0, 200, 200)

    assert round_scale(900, 500, frame) == 5_000
    assert round_scale(500, 900, frame) == 5_000
    assert round_scale(1, 1, frame) == min(SCALES) == 500
    with pytest.raises(ExportError, match="1:5,000,000"):
        round_scale(1_000_000, 1, frame)


@pytest.mark.parametrize("x", [300_000.0, 445_000.0, 500_000.0, 640_000.0])
def test_the_scale_bar_is_true_on_the_ellipsoid(x: float) -> None:
    """Its two ends on the grid, taken back to the ellipsoid by pyproj.Geod, are as far apart as it says (1 ppm)."""
    grid_m = Place(CRS, x, HERE[1]).grid_m(2_000.0)
    back = pyproj.Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    lon, lat = back.transform([x - grid_m / 2, x + grid_m / 2], [HERE[1]] * 2)
    _, _, ground_m = pyproj.Geod(ellps="GRS80").inv(lon[0], lat[0], lon[1], lat[1])

    assert ground_m == pytest.approx(2_000.0, rel=1e-6)
    assert (grid_m == pytest.approx(2_000.0, rel=1e-6)) == (x == 500_000.0)


@pytest.mark.parametrize(("lon", "lat"), [(119.4, 32.3), (121.2, 32.3), (120.0, 33.0), (118.6, 31.0)])
def test_the_convergence_is_that_of_the_textbook(lon: float, lat: float) -> None:
    """Gauss's series: l sin B (1 + l^2 cos^2 B (1 + 3 eta^2) / 3), positive east of the central meridian; within 0.1 second."""
    x, y = pyproj.Transformer.from_crs("EPSG:4490", CRS, always_xy=True).transform(lon, lat)
    away, b = math.radians(lon - 120), math.radians(lat)
    eta2 = 0.00673949677548 * math.cos(b) ** 2
    expected = math.degrees(away * math.sin(b) * (1 + away**2 * math.cos(b) ** 2 * (1 + 3 * eta2) / 3))

    assert Place(CRS, x, y).convergence_deg() == pytest.approx(expected, abs=0.1 / 3600)


def test_a_study_in_degrees_has_no_sheets() -> None:
    """Metres are needed."""
    with pytest.raises(ExportError, match="EPSG:4490"):
        Place("EPSG:4490", 119.4, 32.3)


def test_grid_bar_and_degrees_are_round() -> None:
    """Worked out by hand."""
    assert round_length_m(5_000, 50) == 200.0  # room for 250 m
    assert grid_step_m(5_000, 30) == 200.0  # 150 m at least
    assert ticks(95.0, 310.0, 100.0).tolist() == [100.0, 200.0, 300.0]
    assert dms(119.425) == "119°25′30″"
    assert dms(-0.25) == "−0°15′00″"
    assert dms(32.99999999) == "33°00′00″"
    share = np.linspace(0, 1, 3)
    assert degree_ticks(share, 119.0 + share, most=3) == [(0.0, 119.0), (0.5, 119.5), (1.0, 120.0)]


def test_words_are_broken_to_the_width_and_none_is_lost(font: Font) -> None:
    """Every line fits, all letters are there, a code stays whole where a line can hold it."""
    said = "地块 321002001001GB00001 与生态保护红线重叠，面积为 12.5 亩；" * 3
    lines = font.wrapped(said, 7, 45)

    assert "".join(lines).replace(" ", "") == said.replace(" ", "")
    assert all(font.width_mm(line, 7) <= 45 for line in lines)
    assert sum("321002001001GB00001" in line for line in lines) == 3


def test_no_line_begins_with_what_closes(font: Font) -> None:
    """禁则: brackets and stops stay with the character before them, at every width."""
    said = "开发园区(规划范围)、开发园区(已开发范围)、片区；生态保护红线（示例），完。"
    lines = [line for width in range(8, 40) for line in font.wrapped(said, 6, width)]

    assert {line for line in lines if line[0] in ")）、，。；"} == set()
    assert "".join(font.wrapped(said, 6, 20)) == said


def test_a_character_without_a_glyph_is_refused_by_name(font: Font) -> None:
    """Never an empty box: the sheet is not drawn."""
    with pytest.raises(ExportError, match=r"U\+E000"):
        Ink(Paper("A4"), font).write("甲\ue000", 10, 10, 7)
    assert font.families("扬州市开发园区 “十四五” 1:5,000 −0°17′45″") == [font.name]


def test_what_the_first_font_lacks_is_written_in_the_next_that_has_it(font: Font, tmp_path: Path) -> None:
    """A letter of DejaVu Sans that the Chinese font lacks: as wide as there, on screen and in PDF without a box."""
    from matplotlib import font_manager

    glyphs = [
        font_manager.get_font(font_manager.findfont(name)).get_charmap()
        for name in (font.name, "DejaVu Sans")
    ]
    letter = next(chr(c) for c in sorted(set(glyphs[1]) - set(glyphs[0])) if chr(c).isalpha())
    both = Font(others=["DejaVu Sans"])
    alone = Font(["DejaVu Sans"])

    assert both.families(f"扬{letter}") == [both.name, "DejaVu Sans"]
    assert both.width_mm(f"扬{letter}", 10) == pytest.approx(
        both.width_mm("扬", 10) + alone.width_mm(letter, 10)
    )
    ink = Ink(Paper("A4"), both)
    ink.write(f"扬{letter}", 50, 50, 8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ink.figure.savefig(tmp_path / "page.pdf")
        ink.figure.savefig(tmp_path / "page.png")


def test_a_system_without_chinese_takes_the_font_of_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """`landkit[fonts]` carries Noto Sans CJK (OFL)."""
    from matplotlib import font_manager

    pytest.importorskip("noto_cjk_sans_otc")
    monkeypatch.setattr(
        font_manager.fontManager,
        "ttflist",
        [f for f in font_manager.fontManager.ttflist if f.name == "DejaVu Sans"],
    )
    font = Font()

    assert font.name.startswith("Noto Sans CJK")
    assert font.families("扬州市开发园区") == [font.name]


def test_a_system_without_a_chinese_font_is_told_what_to_install() -> None:
    with pytest.raises(PlaceError, match="Noto Sans CJK"):
        Font(["No Such Font"])


def test_nothing_on_a_sheet_overlaps_or_is_cut(sheet: tuple[Ink, int]) -> None:
    """All texts lie on the page and apart from each other, long titles and notes too."""
    ink, _ = sheet
    page = ink.figure.bbox
    boxes = [(t.get_text(), t.get_window_extent()) for t in ink.sheet.texts if t.get_text()]
    cut = [
        w for w, b in boxes if not (b.x0 >= 0 and b.y0 >= 0 and b.x1 <= page.width and b.y1 <= page.height)
    ]
    touching = [(v, w) for (v, a), (w, b) in combinations(boxes, 2) if _overlap(a, b)]

    assert len(boxes) > 30
    assert cut == []
    assert touching == []


def test_the_search_for_overlaps_finds_a_planted_one(font: Font) -> None:
    """Negative control."""
    ink = Ink(Paper("A4"), font)
    one, two = ink.write("甲乙丙", 50, 50, 8), ink.write("丁戊己", 52, 50.5, 8)

    assert _overlap(one.get_window_extent(), two.get_window_extent())


def _overlap(one: Any, two: Any) -> bool:
    """Whether two boxes share more than the hair that line boxes share (a third of a line)."""
    wide = min(one.x1, two.x1) - max(one.x0, two.x0)
    high = min(one.y1, two.y1) - max(one.y0, two.y0)
    return bool(wide > 1 and high > min(one.height, two.height) / 3)


def test_a_name_is_never_read_as_a_formula(sheet: tuple[Ink, int]) -> None:
    """Attribute text is shown as it is."""
    ink, scale = sheet

    assert "$\\frac{1}{2}$园区" in {t.get_text() for t in ink.sheet.texts}
    assert f"1:{scale:,}" in {t.get_text() for t in ink.sheet.texts}


def test_what_is_on_paper_has_the_size_of_the_scale(sheet: tuple[Ink, int]) -> None:
    """The map shows as many metres as its frame has mm times the denominator."""
    ink, scale = sheet
    low, high = ink.map.get_xlim()
    place = ink.map.get_position()

    assert (high - low) == pytest.approx(place.width * 297 / 1000 * scale)
    assert ink.figure.get_size_inches() * 25.4 == pytest.approx([297, 210])


def test_a_sheet_that_cannot_hold_its_words_is_refused(font: Font) -> None:
    """Not cut: the reader is told to take larger paper."""
    said = Said("图", [], ["说明" * 3000], [], [], "zh")
    with pytest.raises(ExportError, match="larger --size"):
        draw_page(Paper("A4"), font, [], (*HERE, HERE[0] + 9, HERE[1] + 9), CRS, said)


def test_a_layer_that_must_not_leave_exactly_is_drawn_on_its_grid() -> None:
    """Vertices on multiples of 50 m."""
    frame = gpd.GeoDataFrame(geometry=[shapely.box(103, 208, 391, 477)], crs=CRS)
    look = Look("线", frame, {"facecolor": "#ffffff"}, step_m=50.0)
    shapes = look.within((0.0, 0.0, 1000.0, 1000.0))

    assert {tuple(xy) for xy in shapely.get_coordinates(shapes)} == {
        (100, 200),
        (400, 200),
        (400, 500),
        (100, 500),
    }


def test_numbers_are_drawn_in_the_classes_of_the_map_and_missing_is_a_class_of_its_own() -> None:
    """Breaks 1 and 5: a value at a break belongs to the class above it, as on the web map; nothing known is not zero."""
    colours = ("#111111", "#222222", "#333333")
    theme = Theme(
        key="intensity",
        title="亩均税收",
        column="tax",
        kind="number",
        breaks=(1.0, 5.0),
        colours=colours,
        unit="u",
    )
    values = [0.0, 1.0, 4.9, 5.0, float("nan")]
    frame = gpd.GeoDataFrame({"tax": values}, geometry=[shapely.Point(i, 0) for i in range(5)])

    assert [label for _, label, _ in drawn_classes(theme)] == ["< 1 u", "1 – 5 u", "≥ 5 u"]
    assert [colour for _, _, colour in drawn_classes(theme)] == list(colours)
    assert list(class_places(theme, frame)) == [0, 1, 1, 2, 3]


def test_lines_are_wider_on_a_larger_sheet_as_letters_are() -> None:
    """A1 is read from farther off: 1.75 times what A4 has, in the map and in its legend."""
    frame = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=CRS)
    look = Look("", frame, {"edgecolor": "#000000", "facecolor": "none", "linewidth": 1.4})

    assert look.drawn(Paper("A4").lettering) == look.style
    assert look.drawn(Paper("A1").lettering)["linewidth"] == pytest.approx(2.45)

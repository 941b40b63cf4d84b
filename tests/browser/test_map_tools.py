"""Finding and measuring on the map: search, filters, tour, card, ruler, coordinates, keys, phone, print."""

from itertools import pairwise

import numpy as np
import pytest
from mappages import IDLE, SOUTH, STEP, WEST, content, count_text, near, parcel_place, set_opacity, squares

import pyproj
from shapely.geometry import Point, box

from landkit.present.webmap import Overlay, Parcels, Tour, draw_map

pytestmark = pytest.mark.browser

CRS = "EPSG:4549"
ON_THE_GROUND = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
FACT = "(document.querySelector('.lk-facts td') || {}).textContent"
FOUR = """corners => corners.map(c => ({ lng: c[0], lat: c[1] }))"""


def lots() -> Parcels:
    """The thirty squares with names, enterprises, clauses and a tour through the idle ones."""
    firms = [f"第{k}机械厂" if k % 3 == 0 else None for k in range(30)]
    frame = squares().assign(
        name=[f"街坊{k:02d}" for k in range(30)], firm=firms, rules="r.one;r.two;r.unheard"
    )
    return Parcels(
        frame=frame, name="地块", id_column="id", themes=content().parcels.themes, search_columns=("id", "name", "firm"),
        popup=(("id", "编号"), ("rules", "条款"), ("tax", "税收")), headings={"rules": "存量"},
        glossaries={"rules": {"r.one": "满一年 · 第二条", "r.two": "满两年 · 第十四条"}},
        filters=(("park", "园区"), ("use", "用途")), ranges=(("tax", "税收"),),
        tour=Tour(column="use", values=("idle",), title="逐处查看"), group="结果",
    )  # fmt: skip


@pytest.fixture(scope="module")
def page_text():
    return draw_map(
        content(parcels=lots(), study_crs=CRS, marks=(("审图号", "苏S(2026)1号"), ("密级", "内部")))
    )


@pytest.fixture
def opened(open_page, page_text):
    return open_page(page_text)


def chosen(one):
    """Id on the open card."""
    one.until("() => document.querySelector('.lk-facts td')")
    return one.page.inner_text(".lk-facts td >> nth=0")


def test_search_finds_a_parcel_by_its_name_and_by_its_enterprise_and_says_which(opened):
    """GB-11 is the seventh square: the one with index 7 has no firm, 6 has `第6机械厂`."""
    opened.page.fill(".lk-search input", "街坊07")
    opened.until("() => document.querySelector('.lk-hits button')")
    assert opened.page.locator(".lk-hits button").all_inner_texts() == ["GB-11街坊07"]

    opened.page.fill(".lk-search input", "第6机")
    opened.until("() => document.querySelector('.lk-hits').textContent.includes('机械')")
    opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("Enter")

    assert chosen(opened) == "GB-10"


def test_numbers_between_two_bounds_are_left_and_missing_ones_are_not(opened):
    """Twelve lots pay 5, twelve pay 50, six say nothing; what says nothing is not between 0 and 1000."""
    opened.page.click(".lk-fold-head")
    least, greatest = (opened.page.locator(".lk-range input").nth(k) for k in (0, 1))
    counts = []
    for low, high in (("5", "5"), ("5.01", ""), ("0", "1,000"), ("", ""), ("abc", "")):
        least.fill(low)
        greatest.fill(high)
        counts.append(count_text(opened))

    assert counts == [f"显示 {n} / 30" for n in (12, 12, 24, 30, 30)]
    assert opened.page.locator(".lk-wrong").count() == 1


def test_filters_add_up_and_are_cleared_together(opened):
    """东园 holds twelve lots, six of them idle; the bound of 50 leaves none there."""
    opened.page.click(".lk-fold-head")
    opened.page.select_option(".lk-filter select >> nth=0", label="东园")
    opened.page.select_option(".lk-filter select >> nth=1", label="闲置")
    assert count_text(opened) == "显示 6 / 30"
    assert opened.page.locator(".lk-tour .lk-class-count").inner_text() == "6"

    opened.page.locator(".lk-range input").nth(0).fill("50")
    assert count_text(opened) == "显示 0 / 30"

    opened.page.click(".lk-reset")
    assert count_text(opened) == "显示 30 / 30"
    assert not opened.page.locator(".lk-reset").is_visible()


def test_the_card_holds_headings_clauses_and_the_way_to_the_next(opened):
    """A clause without words is shown by its id: nothing is left out."""
    opened.click(parcel_place(opened, "GB-22"))
    opened.page.click(".lk-facts summary")
    assert opened.page.locator(".lk-item").all_inner_texts() == [
        "满一年 · 第二条",
        "满两年 · 第十四条",
        "r.unheard",
    ]
    assert opened.page.inner_text(".lk-facts h4") == "存量"

    seen = {chosen(opened)}
    for _ in range(11):
        before = chosen(opened)
        opened.page.click(".lk-card-tour button:last-child")
        opened.until(f"() => {FACT} && {FACT} !== '{before}'")
        seen.add(chosen(opened))

    assert len(seen) == 12  # twelve idle lots, each visited once
    assert "12" in opened.page.inner_text(".lk-tour .lk-class-count")


def test_coordinates_under_the_pointer_are_those_of_the_study(opened):
    """Against PROJ at forty points around the lots, to the decimetre shown."""
    rng = np.random.default_rng(4)
    east, north = WEST + rng.uniform(-500, 1500, 40), SOUTH + rng.uniform(-500, 1500, 40)
    longitude, latitude = ON_THE_GROUND.transform(east, north)
    script = """points => { const map = landkit.views[0].map, out = [];
        points.forEach(p => { map.fire('mousemove', { latlng: L.latLng(p[1], p[0]) });
            out.push(document.querySelector('.lk-coordinates').textContent); });
        return out; }"""
    said = opened.run(script, np.c_[longitude, latitude].tolist())

    for k in range(40):
        assert f"w-easting {east[k]:.1f}  w-northing {north[k]:.1f}  {CRS}" in said[k]


def test_lengths_and_areas_are_those_of_the_ellipsoid(opened):
    """Against GeographicLib (pyproj.Geod): lines of 1 m to 3,000 km, and lots of one hectare to a county."""
    geod = pyproj.Geod(ellps="GRS80")
    rng = np.random.default_rng(5)
    for reach in (1e-5, 0.01, 1.0, 20.0):
        ends = np.c_[rng.uniform(90, 120, 6), rng.uniform(20, 50, 6)]
        others = ends + rng.uniform(-reach, reach, (6, 2))
        wanted = geod.inv(*ends.T, *others.T)[2]
        got = opened.run("""rows => rows.map(r => landkit.distance({ lng: r[0], lat: r[1] }, { lng: r[2], lat: r[3] }))""",
                         np.c_[ends, others].tolist())  # fmt: skip
        assert got == pytest.approx(wanted.tolist(), rel=1e-6, abs=1e-4)
    for side in (100.0, 10_000.0, 60_000.0):
        corners = [(450_000 + side * x, 3_580_000 + side * y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
        degrees = [list(ON_THE_GROUND.transform(*c)) for c in corners]
        mercator = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
        flat = np.column_stack(mercator.transform(*np.array([*degrees, degrees[0]]).T))
        dense = np.vstack([np.linspace(a, b, 400)[:-1] for a, b in pairwise(flat)])
        wanted = abs(geod.polygon_area_perimeter(*mercator.transform(*dense.T, direction="INVERSE"))[0])
        got = opened.run(f"c => landkit.areaOf(({FOUR})(c))", degrees)
        assert got == pytest.approx(wanted, rel=1e-7)


def test_the_ruler_measures_a_lot_and_gives_the_map_back(opened):
    """A square of 180 m: 3.24 ha, 48.6 mu on the plane; the ellipsoid differs by less than a thousandth here."""
    opened.page.click(".lk-ruler")
    corners = [(WEST + x * 180, SOUTH + y * 180) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    spots = opened.run(
        "points => points.map(p => { const q = landkit.views[0].map.latLngToContainerPoint([p[1], p[0]]); return [q.x, q.y]; })",
        [list(ON_THE_GROUND.transform(*c)) for c in corners],
    )
    for spot in spots:
        opened.click(tuple(spot))
    assert opened.popup() == ""
    opened.page.keyboard.press("Escape")
    text = opened.page.inner_text(".lk-measure")
    opened.page.keyboard.press("Escape")

    mu = float(text.split("w-unit_mu")[0].split("·")[-1].replace(",", ""))
    assert mu == pytest.approx(48.6, rel=0.02)  # whole pixels of the clicks
    assert not opened.page.locator(".lk-measure").is_visible()

    opened.click(parcel_place(opened, "GB-22"))
    assert opened.popup().startswith("地块\n编号: GB-22")


def test_the_keyboard_alone_reaches_parcels_search_and_tour(opened):
    """Enter asks the middle, n goes to the next, / searches, Escape closes."""
    middle = opened.row_of("GB-22")
    opened.run(
        """row => {
            const view = landkit.views[0], layer = view.layers.find(one => one.hovers);
            view.map.setView(layer.store.pointIn(row), 16, { animate: false });
            view.map.getContainer().focus();
        }""",
        middle,
    )
    opened.settle()
    opened.page.keyboard.press("Enter")
    assert chosen(opened) == "GB-22"
    assert opened.run("() => document.activeElement.getAttribute('role')") == "dialog"

    opened.page.keyboard.press("Escape")
    opened.until("() => !document.querySelector('.lk-facts')")
    opened.page.keyboard.press("n")
    assert chosen(opened) in {f"GB-{row}{column}" for row in range(4) for column in range(3)}

    opened.page.keyboard.press("/")
    assert opened.run("() => document.activeElement.type") == "search"


def test_on_a_phone_cards_are_folded_and_the_map_is_seen(open_page, page_text):
    one = open_page(page_text, width=390, height=844)
    bottoms = [one.page.locator(card).bounding_box() for card in (".lk-title", ".lk-layers", ".lk-panel")]

    assert max(b["y"] + b["height"] for b in bottoms) < 330
    assert all(b["x"] >= 0 and b["x"] + b["width"] <= 390 for b in bottoms)
    assert "示例数据" in one.page.inner_text("#lk-title")
    x, y = parcel_place(one, "GB-22")
    assert 0 < x < 390
    assert 330 < y < 844

    one.click((x, y))
    sheet = one.page.locator(".lk-sheet").bounding_box()
    assert sheet["y"] + sheet["height"] == pytest.approx(844, abs=1)
    assert sheet["height"] <= 0.46 * 844
    assert one.page.inner_text(".lk-sheet td >> nth=0") == "GB-22"
    one.page.click(".lk-sheet > button")
    assert one.page.locator(".lk-sheet").count() == 0


def test_on_paper_stand_title_marks_and_legend_but_no_tools(opened):
    opened.page.emulate_media(media="print")
    for kept in (
        "#lk-title h1",
        "#lk-title dl",
        "#lk-title li",
        ".lk-legend .lk-class-label",
        ".lk-north",
        ".leaflet-control-scale",
    ):
        assert opened.page.locator(kept).first.is_visible(), kept
    for gone in (
        ".lk-search",
        ".lk-filters",
        ".lk-themes",
        ".lk-tools-bar button",
        ".lk-opacity",
        ".lk-layer button",
    ):
        assert not opened.page.locator(gone).first.is_visible(), gone
    assert "苏S(2026)1号" in opened.page.inner_text("#lk-title dl")


def test_layers_stand_in_groups_and_each_has_its_opacity(opened):
    heads = opened.page.locator(".lk-group-head").all_inner_texts()
    assert heads == ["结果"]

    opened.page.click(".lk-layer:has-text('红线') > button")
    opened.run("""() => {
        const range = document.querySelector('.lk-layer input[type=range]:not([hidden])');
        range.value = 20;
        range.dispatchEvent(new Event('input'));
    }""")
    assert opened.run("() => landkit.views[0].layers.find(l => l.description.name === '红线').opacity") == 0.2

    opened.page.click(".lk-group-head")
    assert not opened.page.locator("label:has-text('地块')").is_visible()


def test_a_browser_that_cannot_read_the_scripts_is_told_what_to_do(open_page, page_text):
    """A script changed on its way is refused by the policy, as an old browser refuses syntax it does not know."""
    broken = page_text.replace("class View {", "class View  {").replace("class Store {", "class Store  {")
    one = open_page(broken, idle=False)
    one.until("() => document.querySelector('.lk-broken')")

    assert one.page.inner_text("#lk-loading b") == "w-too_old"
    one.messages.clear()


def test_points_are_drawn_found_and_named(open_page):
    wells = squares().iloc[[0, 29]].assign(kind=["#7a1f5c", "#1f6a7a"]).set_geometry(
        [Point(WEST + 2.5 * STEP - 10, SOUTH + 1.5 * STEP), Point(WEST + 4.5 * STEP, SOUTH + 3 * STEP)], crs=CRS
    )  # fmt: skip
    overlay = Overlay(
        key="w",
        name="井",
        frame=wells,
        colour="#7a1f5c",
        colour_column="kind",
        radius=7,
        popup=(("id", "编号"),),
    )
    one = open_page(draw_map(content(overlays=(overlay,))))
    set_opacity(one, 100)
    place = one.place_of("井", 0)
    assert near(one.colour(place), "#7a1f5c")
    assert near(one.colour((place[0] - 25, place[1])), IDLE)

    one.click((place[0] + 5, place[1]))
    assert "2/2" in one.page.inner_text(".lk-pager").replace("\n", "") or "1/2" in one.page.inner_text(
        ".lk-pager"
    )
    assert "2 w-here" in one.page.inner_text(".lk-pager")
    one.page.click(".lk-pager button:last-child")
    assert one.popup() == "井\n编号: GB-00"


def test_roads_and_enterprises_take_themes_like_parcels(open_page):
    frame = squares().iloc[:3].set_geometry(
        [
            Point(WEST, SOUTH),
            box(WEST + 100, SOUTH, WEST + 300, SOUTH + 200).exterior,
            box(WEST, SOUTH + 300, WEST + 90, SOUTH + 390),
        ],
        crs=CRS,
    )  # fmt: skip
    parcels = Parcels(frame=frame, name="混合", id_column="id", themes=content().parcels.themes[:1], opacity=1.0,
                      shapes=("area", "line", "point"))  # fmt: skip
    one = open_page(draw_map(content(parcels=parcels, overlays=())))

    rows = one.run("() => Array.from(landkit.views[0].layers[0].store.kinds)")
    for row in range(3):
        assert near(one.colour(one.place_of("混合", row)), IDLE, 12), rows[row]

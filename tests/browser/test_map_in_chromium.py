"""The map as a reader meets it: opened from disk in Chromium, with no network."""

import time

import numpy as np
import pytest
from mappages import (
    HIGH,
    HOSTILE,
    IDLE,
    LOW,
    SOUTH,
    USED,
    WEST,
    WORDS,
    content,
    count_text,
    line_frame,
    near,
    parcel_place,
    set_opacity,
    squares,
    switch_layer,
)  # fmt: skip

import folium
import geopandas as gpd
import shapely
from shapely.geometry import box

from landkit.present.webmap import (
    Overlay,
    OverlayLayer,
    ParcelLayer,
    Parcels,
    draw_map,
    offline_html,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_text() -> str:
    return draw_map(content())


@pytest.fixture
def opened(open_page, page_text):
    one = open_page(page_text)
    set_opacity(one, 100)
    return one


def test_the_page_opens_without_a_request_or_a_message(opened):
    """The fixture fails a page that asks for anything or says anything."""
    assert opened.page.title() == "测试图"
    assert "示例数据" in opened.page.inner_text("#lk-title")
    assert opened.page.query_selector("#lk-loading") is None


def test_parcels_are_drawn_in_the_colours_of_their_classes(opened):
    for identity, wanted in (("GB-00", IDLE), ("GB-12", IDLE), ("GB-14", USED), ("GB-35", USED)):
        assert near(opened.colour(parcel_place(opened, identity)), wanted), identity


def test_a_click_on_a_parcel_shows_its_labels_and_values(opened):
    opened.click(parcel_place(opened, "GB-14"))

    assert opened.popup() == "地块\n编号: GB-14\n用途: 在用\n税收: 5\n理由: —"


def test_missing_values_are_said_to_be_missing(opened):
    opened.click(parcel_place(opened, "GB-44"))

    assert "用途: w-no_data\n税收: w-no_data" in opened.popup()


def test_a_click_on_an_overlay_beside_the_parcels_shows_the_overlay(opened):
    opened.click(opened.place_of("红线", 0))

    assert opened.popup() == "红线\n名称: 红线甲"


def test_a_click_on_a_line_finds_it(opened):
    x, y = opened.place_of("发展轴", 0)
    opened.click((x, y + 3))

    assert opened.popup() == "发展轴\n名称: 沿江轴"


def test_where_things_overlap_arrows_lead_through_them(opened):
    """GB-00 lies partly in the red line: parcel first, then the line."""
    script = """() => {
        const view = landkit.views[0], layer = view.layers.find(one => one.hovers);
        const box = layer.store.rowBounds(layer.find('GB-00', 1)[0]);
        const longitude = box.getWest() * 0.85 + box.getEast() * 0.15;
        const point = view.map.latLngToContainerPoint([box.getCenter().lat, longitude]);
        return [point.x, point.y];
    }"""
    opened.click(tuple(opened.run(script)))
    first = opened.popup()
    opened.page.click(".lk-pager button:last-child")
    opened.until("() => document.querySelector('.lk-pager').innerText.includes('2/2')")

    assert first.startswith("地块\n编号: GB-00")
    assert opened.popup() == "红线\n名称: 红线甲"


def test_a_click_on_empty_paper_shows_nothing(opened):
    opened.click((640, 770))

    assert opened.popup() == ""


def test_search_and_enter_fly_to_the_parcel_and_open_it(opened):
    opened.page.fill(".lk-search input", "gb-35")
    opened.page.press(".lk-search input", "Enter")
    opened.until("() => document.querySelectorAll('.lk-popup').length")

    assert opened.popup().startswith("地块\n编号: GB-35")
    assert opened.run("() => landkit.views[0].map.getZoom()") >= 16


def test_search_lists_the_whole_id_before_parts_and_says_when_there_is_none(opened):
    opened.page.fill(".lk-search input", "GB-1")
    opened.until("() => document.querySelectorAll('.lk-hits button').length")

    assert [f"GB-1{k}" for k in range(6)] == sorted(opened.page.locator(".lk-hits button").all_inner_texts())

    opened.page.fill(".lk-search input", "nowhere")
    opened.until("() => document.querySelector('.lk-no-hit')")

    assert opened.page.inner_text(".lk-no-hit") == "w-no_hit"


def test_switching_the_theme_repaints_with_its_colours(opened):
    opened.page.click(".lk-choice >> nth=1")
    opened.settle()

    assert near(opened.colour(parcel_place(opened, "GB-14")), LOW)
    assert near(opened.colour(parcel_place(opened, "GB-35")), HIGH)
    assert opened.page.locator(".lk-class-label").all_inner_texts() == ["< 20", "≥ 20", "w-no_data"]
    assert opened.page.locator(".lk-class-count").all_inner_texts() == ["12", "12", "6"]


def test_rows_without_a_value_are_hatched_not_coloured(opened):
    """Silence is never clear: missing must not look like any class."""
    x, y = parcel_place(opened, "GB-44")
    seen = {opened.colour((x + k, y)) for k in range(8)}

    assert len(seen) > 1
    assert not any(near(colour, wanted, 20) for colour in seen for wanted in (IDLE, USED))


def test_a_class_can_be_switched_off(opened):
    opened.page.click(".lk-class >> nth=0")
    opened.settle()

    assert count_text(opened) == "显示 18 / 30"
    assert not near(opened.colour(parcel_place(opened, "GB-12")), IDLE, 20)
    assert near(opened.colour(parcel_place(opened, "GB-14")), USED)

    opened.click(parcel_place(opened, "GB-12"))

    assert opened.popup() == ""


def test_a_filter_leaves_what_it_names_and_counts_it(opened):
    opened.page.click(".lk-fold-head")
    opened.page.select_option(".lk-filter select", label="东园")
    opened.settle()

    assert count_text(opened) == "显示 12 / 30"
    assert [t or "0" for t in opened.page.locator(".lk-class-count").all_text_contents()] == ["6", "6", "0"]
    assert not near(opened.colour(parcel_place(opened, "GB-35")), USED, 20)


def test_the_layer_control_takes_the_parcels_off_and_brings_them_back(opened):
    place = parcel_place(opened, "GB-14")
    switch_layer(opened, "地块")

    assert not near(opened.colour(place), USED, 20)
    assert opened.page.locator(".lk-panel").count() == 0

    switch_layer(opened, "地块")

    assert near(opened.colour(place), USED)
    assert opened.page.locator(".lk-panel").count() == 1


def test_the_layer_control_takes_an_overlay_off_with_its_label(opened):
    place = opened.place_of("红线", 0)

    assert "红线甲" in opened.page.locator(".lk-label").all_inner_texts()

    switch_layer(opened, "红线")
    opened.click(place)

    assert opened.popup() == ""
    assert opened.page.locator(".lk-label").count() == 0


def test_hostile_text_is_shown_and_does_not_run(opened):
    opened.click(parcel_place(opened, "GB-00"))

    assert HOSTILE in opened.popup()
    assert opened.run("() => window.fired === undefined")
    assert opened.page.locator(".leaflet-popup img").count() == 0


def test_cards_fold_and_leave_the_map_free(open_page):
    """The first note stays: that the data are made up must not fold away."""
    one = open_page(draw_map(content(notes=("示例数据", "第二条"))))
    for card in (".lk-panel", ".lk-layers", ".lk-title"):
        one.page.click(f"{card} .lk-card-head")
    heights = [one.page.locator(card).bounding_box()["height"] for card in (".lk-panel", ".lk-layers")]

    assert max(heights) < 45
    assert "示例数据" in one.page.inner_text("#lk-title")
    assert "第二条" not in one.page.inner_text("#lk-title")


LONG_NOTE = (
    "确定冲突只排除正常的点位误差：个别点位若有粗差，图上与真压占无法区分，处置前应核对证据所在的点位。" * 4
)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 780)])
def test_all_notes_are_read_in_full_without_scrolling_a_small_box(open_page, width, height):
    """Seen: the last notes stood below the edge of a box of 112 pixels, with nothing to say so."""
    notes = ("示例数据", LONG_NOTE, "第三条", "第四条", LONG_NOTE)
    one = open_page(draw_map(content(notes=notes)), width=width, height=height)
    if width < 760:
        one.page.click(".lk-title .lk-card-head")
    cut = "() => [...document.querySelectorAll('#lk-title li')].filter(n => n.scrollHeight > n.clientHeight + 1).length"
    hidden = "() => [...document.querySelectorAll('#lk-title li')].filter(n => !n.clientHeight).length"
    before = one.run(cut), one.run(hidden)
    said = one.page.inner_text(".lk-read")
    one.page.click(".lk-read")
    box = one.page.locator("#lk-title ul")

    assert before == (1, 3)
    assert said.endswith(" (5)")
    assert (one.run(cut), one.run(hidden)) == (0, 0)
    assert box.evaluate("box => box.scrollHeight <= box.clientHeight + 1")
    assert one.page.locator("#lk-title").bounding_box()["height"] < height
    one.page.click(".lk-read")
    assert (one.run(cut), one.run(hidden)) == before


def test_short_notes_need_no_button(open_page):
    one = open_page(draw_map(content(notes=("示例数据", "第二条"))))

    assert one.page.locator(".lk-read").count() == 0


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_every_card_is_on_the_screen(open_page, page_text, width, height):
    one = open_page(page_text, width=width, height=height)
    for card in (".lk-title", ".lk-panel", ".lk-layers", ".lk-tools-bar", ".leaflet-control-scale"):
        place = one.page.locator(card).first.bounding_box()

        assert min(place["x"], place["y"]) >= 0, card
        assert place["x"] + place["width"] <= width, card
        assert place["y"] + place["height"] <= height, card

    x, _ = one.place_of("地块", 0)

    assert 310 < x < width - 220


def test_the_scale_bar_is_metric(opened):
    assert opened.page.inner_text(".leaflet-control-scale-line").endswith(" m")


def test_a_page_with_nothing_to_draw_opens(open_page):
    empty = Parcels(
        frame=squares().iloc[:0],
        name="地块",
        id_column="id",
        themes=content().parcels.themes,
        filters=(("park", "园区"),),
    )

    one = open_page(draw_map(content(parcels=empty, overlays=())))

    assert count_text(one) == "显示 0 / 0"


def test_a_page_without_any_layer_opens(open_page):
    one = open_page(draw_map(content(parcels=None, overlays=())))

    assert "示例数据" in one.page.inner_text("#lk-title")
    assert one.page.locator(".lk-tools-bar button").count() == 5


def test_a_theme_without_any_value_shows_every_parcel_as_missing(open_page):
    parcels = Parcels(
        frame=squares().assign(tax=np.nan), name="地块", id_column="id", themes=content().parcels.themes[1:]
    )

    one = open_page(draw_map(content(parcels=parcels)))

    assert one.page.locator(".lk-class-count").all_inner_texts() == ["0", "0", "30"]


def test_a_parcel_without_geometry_is_noted_and_found_as_such(open_page):
    frame = squares()
    frame.loc[7, "geometry"] = None

    one = open_page(draw_map(content(parcels=Parcels(frame=frame, name="地块", id_column="id"))))
    one.page.fill(".lk-search input", "GB-11")
    one.page.press(".lk-search input", "Enter")

    assert "地块 1" in one.page.inner_text("#lk-title")
    assert one.page.inner_text(".lk-no-hit") == "w-no_geometry"


def test_the_layers_work_in_a_map_that_a_planner_made(open_page):
    """An ordinary folium map, with folium's own layers beside ours."""
    given = content()
    m = folium.Map(location=[32.35, 119.48], zoom_start=15, tiles=None)
    ParcelLayer(given.parcels, words=WORDS).add_to(m)
    OverlayLayer(given.overlays[1], words=WORDS).add_to(m)
    ring = line_frame(box(WEST, SOUTH, WEST + 500, SOUTH + 500), name=["x"]).to_crs("EPSG:4326")
    folium.GeoJson(ring.__geo_interface__, name="own").add_to(m)
    folium.Marker([32.35, 119.48], tooltip="well").add_to(m)
    folium.LayerControl(collapsed=False).add_to(m)
    m.fit_bounds([[32.33, 119.46], [32.36, 119.49]])

    one = open_page(offline_html(m, title="mine"))
    one.page.fill(".lk-search input", "GB-35")
    one.page.press(".lk-search input", "Enter")
    one.until("() => document.querySelectorAll('.lk-popup').length")

    assert one.popup().startswith("地块\n编号: GB-35")


def test_a_browser_without_native_unzip_and_base64_draws_the_same(open_page, page_text):
    """Chromium before 80 and before 140; the fallbacks must not rot unseen."""
    one = open_page(page_text, before="delete window.DecompressionStream; delete Uint8Array.fromBase64;")
    set_opacity(one, 100)

    assert one.run("() => typeof DecompressionStream") == "undefined"
    assert near(one.colour(parcel_place(one, "GB-14")), USED)
    assert count_text(one) == "显示 30 / 30"


def test_a_script_that_got_onto_the_page_would_not_run(open_page, page_text):
    """Negative control of the policy, and of the watch that the other tests rely on."""
    foreign = '<script>window.fired=1</script><img src="https://a.example/x.png" onerror="window.fired=2">'
    one = open_page(page_text.replace("</body>", foreign + "</body>"))

    assert one.run("() => window.fired === undefined")
    assert any("Content Security Policy" in message for message in one.messages)

    one.messages.clear()
    one.requests.clear()


def test_a_damaged_file_says_so(open_page, page_text):
    """A half-copied file must not look like a map with nothing on it."""
    begin = page_text.index('id="parcel_layer_')
    data = page_text.index(">", begin) + 1000
    one = open_page(page_text[:data] + "AAAA" + page_text[data + 4 :], idle=False)

    one.until("() => document.querySelector('.lk-broken')")
    assert "w-unreadable" in one.page.inner_text("#lk-loading")


@pytest.mark.slow
def test_five_thousand_parcels_and_a_hundred_thousand_overlay_vertices_are_usable_in_five_seconds(open_page):
    count = 71
    x, y = (grid.ravel() * 60.0 for grid in np.meshgrid(np.arange(count), np.arange(count)))
    shapes = shapely.box(WEST + x, SOUTH + y, WEST + x + 55, SOUTH + y + 55)
    frame = gpd.GeoDataFrame(
        {"id": [f"N{k}" for k in range(len(shapes))], "tax": x / 50}, geometry=shapes, crs="EPSG:4549"
    )
    angle = np.linspace(0, 2 * np.pi, 25_000)
    rings = [
        shapely.Polygon(np.c_[WEST + 2000 + r * np.cos(angle), SOUTH + 2000 + r * np.sin(angle)])
        for r in (700, 1200, 1700, 2300)
    ]
    parcels = Parcels(frame=frame, name="地块", id_column="id", themes=(content().parcels.themes[1],))
    overlay = Overlay(
        key="rings",
        name="环",
        frame=line_frame(*rings),
        colour="#b3142b",
        dash="6 3",
        hatch="/",
        fill_opacity=0.05,
    )
    text = draw_map(content(parcels=parcels, overlays=(overlay,)))

    begun = time.perf_counter()
    one = open_page(text)
    seconds = time.perf_counter() - begun

    assert seconds < 5
    assert count_text(one) == "显示 5,041 / 5,041"

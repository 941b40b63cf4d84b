"""The map that `landkit run` writes, opened as a planner opens it: from disk, with no network."""

import time

import pytest


@pytest.fixture(scope="module")
def written(done, done_en):
    """Maps of the tiny study in both languages."""
    runs = {"zh": done, "en": done_en}
    return {lang: run.outputs["map.html"].read_text(encoding="utf-8") for lang, run in runs.items()}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("存量", "闲置", "示例")), ("en", ("Stock", "idle", "SYNTHETIC"))]
)
def test_a_parcel_is_found_by_its_code_and_says_why(open_page, written, lang, words):
    """Search, fly, popup: the reasons stand in it, in the language asked for."""
    one = open_page(written[lang])
    one.page.fill("input[type=search]", "L1")
    one.page.keyboard.press("Enter")
    one.until("() => document.querySelectorAll('.lk-popup .lk-facts').length")
    popup = one.popup()
    assert "L1" in popup
    assert words[0] in popup
    assert words[1] in popup
    assert words[2] in one.page.inner_text("body")


@pytest.mark.browser
def test_every_layer_of_the_study_stands_in_the_layer_list(open_page, written):
    """Parks, lines, clusters, axes, conflict pieces."""
    listed = open_page(written["zh"]).page.inner_text(".leaflet-control-layers")
    for word in ("开发园区", "生态保护红线", "永久基本农田", "城镇开发边界", "片区", "发展轴", "冲突图斑"):
        assert word in listed


@pytest.mark.browser
@pytest.mark.slow
def test_the_map_of_the_demo_city_is_usable_within_five_seconds(open_page, demo_run):
    """4,982 parcels, four control lines, no network, no console message (the fixture looks), search at hand."""
    html = demo_run.outputs["map.html"].read_text(encoding="utf-8")
    began = time.perf_counter()
    one = open_page(html)
    took = time.perf_counter() - began
    assert "4,982" in one.page.inner_text("body")
    assert took < 5.0
    table = demo_run.results["conflicts"].table
    parcel = table.loc[
        (table["line"] == "ecological_redline") & (table["verdict"] == "conflict"), "parcel_id"
    ].iloc[0]
    one.page.fill("input[type=search]", parcel)
    one.page.keyboard.press("Enter")
    one.until("() => document.querySelectorAll('.lk-popup .lk-facts').length")
    assert "生态保护红线" in one.popup()

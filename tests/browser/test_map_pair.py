"""Two maps side by side: they move, colour and filter together, and a parcel chosen in one is outlined in the other."""

import pytest
from mappages import IDLE, USED, content, near, squares

from landkit.present.webmap import Parcels, draw_pair

pytestmark = pytest.mark.browser


def half(frame):
    given = content().parcels
    parcels = Parcels(frame=frame, name="地块", id_column="id", themes=given.themes, popup=(("id", "编号"), ("use", "用途")),
                      filters=(("park", "园区"),), opacity=1.0)  # fmt: skip
    return content(parcels=parcels, overlays=())


@pytest.fixture
def opened(open_page):
    """Before, GB-22 was used and GB-00 was there; after, it is idle and GB-00 is gone."""
    before = squares()
    before.loc[before["id"] == "GB-22", "use"] = "used"
    one = open_page(
        draw_pair(half(before), half(squares().iloc[1:]), heads=("2023", "2024")), width=1500, height=800
    )
    settle(one)
    return one


def settle(one):
    one.settle()
    one.run("() => Promise.all(landkit.views.map(view => view.whenIdle()))")
    one.page.wait_for_timeout(250)


def place(one, side, identity):
    script = """([side, id]) => {
        const view = landkit.views[side], layer = view.parcels(), box = view.map.getContainer().getBoundingClientRect();
        const point = view.map.latLngToContainerPoint(layer.store.pointIn(layer.rowOf(id)));
        return [box.left + point.x, box.top + point.y];
    }"""
    return tuple(one.run(script, [side, identity]))


def test_each_half_fills_its_side_and_shows_its_own_year(opened):
    sizes = opened.run("() => landkit.views.map(v => [v.map.getSize().x, v.map.getContainer().clientWidth])")
    assert all(measured == real and real > 740 for measured, real in sizes)
    assert opened.page.locator(".lk-half-head").all_inner_texts() == ["2023", "2024"]
    assert near(opened.colour(place(opened, 0, "GB-22")), USED)
    assert near(opened.colour(place(opened, 1, "GB-22")), IDLE)
    assert opened.page.locator(".lk-panel").count() == 1


def test_moving_zooming_and_filtering_one_half_moves_the_other(opened):
    opened.run("() => { landkit.views[0].map.panBy([130, -40], { animate: false }); }")
    opened.run(
        "() => { landkit.views[1].map.setZoom(landkit.views[1].map.getZoom() - 1, { animate: false }); }"
    )
    settle(opened)
    centres = opened.run(
        "() => landkit.views.map(v => [v.map.getCenter().lat, v.map.getCenter().lng, v.map.getZoom()])"
    )
    assert centres[0] == pytest.approx(centres[1], abs=2e-5)

    opened.page.click(".lk-choice >> nth=1")
    opened.page.click(".lk-fold-head")
    opened.page.select_option(".lk-filter select", label="东园")
    script = "() => landkit.views.map(v => [v.parcels().theme.key, v.parcels().count])"
    assert opened.run(script) == [["tax", 12], ["tax", 11]]


def test_a_parcel_chosen_in_one_half_is_outlined_in_the_other_where_it_is(opened):
    opened.click(place(opened, 0, "GB-22"))
    assert "编号: GB-22\n用途: 在用" in opened.popup()
    assert opened.run("() => Boolean(landkit.views[1].echoed)")

    opened.page.keyboard.press("Escape")
    opened.run("""() => {
        const view = landkit.views[0], layer = view.parcels();
        view.show([{ layer: layer, row: layer.rowOf('GB-00') }], 0, view.map.getCenter());
    }""")
    assert "编号: GB-00" in opened.popup()
    assert not opened.run("() => Boolean(landkit.views[1].echoed)")

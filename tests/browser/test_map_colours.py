"""What is on the screen is what the legend says: at four hundred parcels, at rest and while the map moves."""

import pytest
from mapcolours import clear_view, lots_page, right_colours

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(open_page):
    one = open_page(lots_page(), width=1500, height=1000)
    clear_view(one.page)
    return one


def test_400_of_400_colours_are_those_of_the_classes_at_rest_and_at_every_moment_of_a_drag(opened):
    assert right_colours(opened.page) == (400, 400)

    opened.page.mouse.move(800, 500)
    opened.page.mouse.down()
    for step in range(1, 7):
        opened.page.mouse.move(800 + 12 * step, 500 - 8 * step, steps=2)
        assert right_colours(opened.page) == (400, 400), step
    opened.page.mouse.up()
    opened.settle()
    assert right_colours(opened.page) == (400, 400)


def test_colours_hold_after_zooming_by_wheel_and_by_button_and_after_a_resize(opened):
    opened.page.mouse.move(750, 500)
    opened.page.mouse.wheel(0, -120)
    opened.page.wait_for_timeout(500)
    opened.settle()
    got, seen = right_colours(opened.page)
    assert got == seen > 60

    opened.run("() => { landkit.views[0].map.zoomOut(2); }")
    opened.page.wait_for_timeout(400)
    opened.settle()
    opened.page.set_viewport_size({"width": 1100, "height": 800})
    opened.page.wait_for_timeout(300)
    opened.settle()
    got, seen = right_colours(opened.page)
    assert got == seen == 400

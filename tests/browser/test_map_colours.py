"""What is on the screen is what the legend says: at four hundred parcels, at rest and while the map moves."""

from io import BytesIO

import numpy as np
import pytest
from mappages import WORDS, set_opacity
from PIL import Image

import geopandas as gpd
import shapely

from landkit.present.webmap import MapContent, Parcels, Theme, draw_map

pytestmark = pytest.mark.browser

COLOURS = ("#1f5a78", "#6aa5bd", "#ecc46c", "#b5483a", "#4a2f7d", "#3f7f3f", "#c9c9c9")
SIDE, COLUMNS = 60.0, 20
PLACES = """() => {
    const view = landkit.views[0], layer = view.layers[0], out = [];
    for (let row = 0; row < layer.store.rows; row++) {
        const point = view.map.latLngToContainerPoint(layer.store.pointIn(row));
        out.push([point.x, point.y, layer.theme.classOf[row]]);
    }
    return out;
}"""


@pytest.fixture
def opened(open_page):
    """400 lots, each of a class drawn by lot; neighbours share their edges."""
    k = np.arange(COLUMNS * COLUMNS)
    x, y = 450_000 + SIDE * (k % COLUMNS), 3_580_000 + SIDE * (k // COLUMNS)
    kind = np.random.default_rng(7).integers(0, len(COLOURS), len(k)).astype(str)
    frame = gpd.GeoDataFrame(
        {"id": k.astype(str), "kind": kind}, geometry=shapely.box(x, y, x + SIDE, y + SIDE), crs="EPSG:4549"
    )
    theme = Theme(key="k", title="k", column="kind", kind="category",
                  classes=tuple((str(n), str(n), colour) for n, colour in enumerate(COLOURS)))  # fmt: skip
    parcels = Parcels(frame=frame, name="lots", id_column="id", themes=(theme,))
    one = open_page(draw_map(MapContent(title="t", words=WORDS, parcels=parcels)), width=1500, height=1000)
    set_opacity(one, 100)
    for card in (".lk-panel", ".lk-layers"):
        one.page.click(f"{card} .lk-card-head")
    one.page.evaluate(
        "() => document.querySelectorAll('.leaflet-control-container').forEach(c => c.remove())"
    )
    return one


def right(one) -> tuple[int, int]:
    """How many of the parcels in view have the colour of their class, and how many are in view."""
    places = one.run(PLACES)
    image = Image.open(BytesIO(one.page.screenshot())).convert("RGB")
    seen = [(p, image.getpixel((round(p[0]), round(p[1])))) for p in places
            if 2 < p[0] < image.width - 2 and 2 < p[1] < image.height - 2]  # fmt: skip
    wanted = [tuple(int(COLOURS[int(p[2])][k : k + 2], 16) for k in (1, 3, 5)) for p, _ in seen]
    return sum(a == b for (_, a), b in zip(seen, wanted, strict=True)), len(seen)


def test_400_of_400_colours_are_those_of_the_classes_at_rest_and_at_every_moment_of_a_drag(opened):
    assert right(opened) == (400, 400)

    opened.page.mouse.move(800, 500)
    opened.page.mouse.down()
    for step in range(1, 7):
        opened.page.mouse.move(800 + 12 * step, 500 - 8 * step, steps=2)
        assert right(opened) == (400, 400), step
    opened.page.mouse.up()
    opened.settle()
    assert right(opened) == (400, 400)


def test_colours_hold_after_zooming_by_wheel_and_by_button_and_after_a_resize(opened):
    opened.page.mouse.move(750, 500)
    opened.page.mouse.wheel(0, -120)
    opened.page.wait_for_timeout(500)
    opened.settle()
    got, seen = right(opened)
    assert got == seen > 60

    opened.run("() => { landkit.views[0].map.zoomOut(2); }")
    opened.page.wait_for_timeout(400)
    opened.settle()
    opened.page.set_viewport_size({"width": 1100, "height": 800})
    opened.page.wait_for_timeout(300)
    opened.settle()
    got, seen = right(opened)
    assert got == seen == 400

"""400 lots whose colours are known, and what stands on the screen of them: shared by the browser tests and the benchmark."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

import geopandas as gpd
import shapely

from landkit.present.webmap import WORD_KEYS, MapContent, Parcels, Theme, draw_map

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
OPAQUE = """() => {
    const range = document.querySelector('.lk-opacity input');
    range.value = 100;
    range.dispatchEvent(new Event('input'));
}"""
BARE = "() => document.querySelectorAll('.leaflet-control-container').forEach(c => c.remove())"


def lots_page() -> str:
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
    return draw_map(MapContent(title="t", words={key: f"w-{key}" for key in WORD_KEYS}, parcels=parcels))


def clear_view(page: Any) -> None:
    """Lots without see-through, nothing over them."""
    page.evaluate(OPAQUE)
    for card in (".lk-panel", ".lk-layers"):
        page.click(f"{card} .lk-card-head")
    page.evaluate(BARE)


def right_colours(page: Any) -> tuple[int, int]:
    """How many of the lots in view have the colour of their class, and how many are in view."""
    places = page.evaluate(PLACES)
    image = Image.open(BytesIO(page.screenshot())).convert("RGB")
    seen = [(p, image.getpixel((round(p[0]), round(p[1])))) for p in places
            if 2 < p[0] < image.width - 2 and 2 < p[1] < image.height - 2]  # fmt: skip
    wanted = [tuple(int(COLOURS[int(p[2])][k : k + 2], 16) for k in (1, 3, 5)) for p, _ in seen]
    return sum(a == b for (_, a), b in zip(seen, wanted, strict=True)), len(seen)

"""Pages that the browser tests open, and what they do on them again and again."""

import numpy as np

import geopandas as gpd
import shapely
from shapely.geometry import LineString, box

from landkit.present.webmap import WORD_KEYS, MapContent, Overlay, Parcels, Theme

HOSTILE = (
    '</script><img src=x onerror="window.fired=1"><script>window.fired=2</script>${window.fired=3}`{{7*7}}'
)
WORDS = {key: f"w-{key}" for key in WORD_KEYS} | {
    "shown": "显示 {n} / {m}",
    "here": "{n} w-here",
    "items": "{n} w-items",
    "undrawn": "{layer} {n}",
    "simplified": "{layer} {metres}",
}
IDLE, USED, LOW, HIGH = "#c8553d", "#5d8aa8", "#fbf3d5", "#7f3b1d"
STEP, SIDE, COLUMNS, ROWS = 200, 180, 6, 5
WEST, SOUTH = 450_000, 3_580_000


def squares() -> gpd.GeoDataFrame:
    """Thirty squares in five rows of six; the last three columns are used, the first three idle."""
    places = [(column, row) for row in range(ROWS) for column in range(COLUMNS)]
    shapes = [
        box(WEST + STEP * c, SOUTH + STEP * r, WEST + STEP * c + SIDE, SOUTH + STEP * r + SIDE)
        for c, r in places
    ]
    table = {
        "id": [f"GB-{row}{column}" for column, row in places],
        "use": [None if row == 4 else "idle" if column < 3 else "used" for column, row in places],
        "tax": [np.nan if row == 4 else 5.0 if row < 2 else 50.0 for _, row in places],
        "park": ["东园" if row < 2 else "西园" for _, row in places],
        "reason": [HOSTILE if (column, row) == (0, 0) else "" for column, row in places],
    }
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4549")


def line_frame(*shapes: shapely.Geometry, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4549")


def content(**change: object) -> MapContent:
    themes = (
        Theme(
            key="use",
            title="用途",
            column="use",
            kind="category",
            classes=(("idle", "闲置", IDLE), ("used", "在用", USED)),
            missing_label="未判定",
        ),
        Theme(
            key="tax",
            title="税收",
            column="tax",
            kind="number",
            breaks=(20,),
            colours=(LOW, HIGH),
            unit="万元/亩",
        ),
    )
    popup = (("id", "编号"), ("use", "用途"), ("tax", "税收"), ("reason", "理由"))
    parcels = Parcels(
        frame=squares(), name="地块", id_column="id", themes=themes, popup=popup, filters=(("park", "园区"),)
    )
    red = line_frame(box(WEST - 600, SOUTH, WEST + 80, SOUTH + 300), name=["红线甲"])
    axis = line_frame(LineString([(WEST - 500, SOUTH + 1300), (WEST + 1600, SOUTH + 1300)]), name=["沿江轴"])
    mute = line_frame(box(WEST - 50, SOUTH - 50, WEST + 1300, SOUTH + 1100), name=["x"])
    overlays = (
        Overlay(key="mute", name="范围", frame=mute, colour="#222222", dash="6 4"),
        Overlay(
            key="red",
            name="红线",
            frame=red,
            colour="#b3142b",
            hatch="/",
            popup=(("name", "名称"),),
            label_column="name",
        ),
        Overlay(
            key="axis",
            name="发展轴",
            frame=axis,
            colour="#3b6ea5",
            weight=8,
            arrow=True,
            line_opacity=0.4,
            popup=(("name", "名称"),),
        ),
    )
    given = {
        "title": "测试图",
        "notes": ("示例数据",),
        "words": WORDS,
        "parcels": parcels,
        "overlays": overlays,
    }
    return MapContent(**{**given, **change})


def set_opacity(one, percent):
    script = """value => {
        const range = document.querySelector('.lk-opacity input');
        range.value = value;
        range.dispatchEvent(new Event('input'));
    }"""
    one.run(script, percent)


def switch_layer(one, name):
    one.page.click(f".leaflet-control-layers-overlays label:has-text('{name}')")
    one.settle()


def count_text(one):
    return one.page.inner_text(".lk-count")


def rgb(colour):
    return tuple(int(colour[k : k + 2], 16) for k in (1, 3, 5))


def near(seen, wanted, tolerance=4):
    return max(abs(a - b) for a, b in zip(seen, rgb(wanted), strict=True)) <= tolerance


def parcel_place(one, identity):
    return one.place_of("地块", one.row_of(identity))

"""The page asks nobody for anything, runs only its own scripts, and shows hostile text as text."""

import base64
import hashlib
import re
import tomllib
from html.parser import HTMLParser
from importlib import resources

import numpy as np
import pytest

import folium
import geopandas as gpd
from folium.plugins import Fullscreen
from shapely.geometry import LineString, box

from landkit.errors import ExportError
from landkit.present.webmap import (
    WORD_KEYS,
    Basemap,
    MapContent,
    Overlay,
    OverlayLayer,
    ParcelLayer,
    Parcels,
    Theme,
    draw_map,
    known_basemap,
    offline_html,
)

TAGS = "</script></title><script>alert(1)</script><img src=x onerror=alert(1)>"
HOSTILE = TAGS + "${alert(1)}`\"'\\ {{7*7}} {% raw %} {# x #}"
WORDS = {key: key for key in WORD_KEYS} | {
    "undrawn": "{layer}: {n} not drawn",
    "simplified": "{layer}: {metres} m",
}
VENDOR = resources.files("landkit.present.webmap") / "vendor"


def squares(count: int = 4, **columns: object) -> gpd.GeoDataFrame:
    shapes = [box(500_000 + 100 * k, 3_580_000, 500_090 + 100 * k, 3_580_090) for k in range(count)]
    table = {"id": [f"P{k}" for k in range(count)], "tax": np.linspace(1.0, 40.0, count), **columns}
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4549")


def content(text: str = "plain", **change: object) -> MapContent:
    """A page on which every text that a caller can give is `text`."""
    tax = Theme(
        key="tax",
        title=text,
        column="tax",
        kind="number",
        breaks=(10,),
        colours=("#eeeecc", "#aa5500"),
        unit=text,
        missing_label=text,
    )
    kind = Theme(key="kind", title=text, column="kind", kind="category", classes=((text, text, "#336699"),))
    parcels = Parcels(
        frame=squares(kind=text, **{text: text}), name=text, id_column="id", themes=(tax, kind),
        popup=((text, text),), filters=(("kind", text),),
    )  # fmt: skip
    line = gpd.GeoDataFrame(
        {"name": [text]}, geometry=[LineString([(500_000, 3_580_000), (501_000, 3_580_500)])], crs="EPSG:4549"
    )
    overlay = Overlay(
        key="axis", name=text, frame=line, colour="#2255aa", popup=(("name", text),), label_column="name"
    )
    given = {
        "title": text,
        "subtitle": text,
        "notes": (text,),
        "words": WORDS,
        "parcels": parcels,
        "overlays": (overlay,),
    }
    return MapContent(**{**given, **change})


class Reader(HTMLParser):
    """What a browser would find: tags with attributes, and the text of scripts, styles and the title."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags:
            self.texts.append((self.tags[-1][0] if "type" not in self.tags[-1][1] else "data", data))


def policy(page: str) -> str:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found
    return found.group(1)


def hashes(texts: list[str]) -> set[str]:
    return {f"'sha256-{base64.b64encode(hashlib.sha256(t.encode()).digest()).decode()}'" for t in texts}


@pytest.fixture(scope="module")
def hostile_page() -> str:
    return draw_map(content(HOSTILE))


def test_the_policy_allows_exactly_the_scripts_and_styles_of_the_page(hostile_page):
    scripts = re.findall(r"<script>(.*?)</script>", hostile_page, flags=re.S)
    styles = re.findall(r"<style>(.*?)</style>", hostile_page, flags=re.S)
    rules = dict(rule.split(" ", 1) for rule in policy(hostile_page).split("; "))

    assert hashes(scripts) == set(rules["script-src"].split())
    assert hashes(styles) == set(rules["style-src"].split())
    assert (
        "'none'" == rules["default-src"] == rules["connect-src"] == rules["base-uri"] == rules["form-action"]
    )
    assert "unsafe" not in policy(hostile_page)


def test_hostile_text_adds_no_element_and_no_script(hostile_page):
    """Every text a caller can give is hostile here; the page must have the elements of a harmless one."""
    harmless = Reader(draw_map(content("plain")))
    hostile = Reader(hostile_page)

    assert [tag for tag, _ in harmless.tags] == [tag for tag, _ in hostile.tags]
    assert not [name for _, attrs in hostile.tags for name in attrs if name.startswith("on")]


def test_hostile_text_is_not_run_as_a_template(hostile_page):
    """folium compiles what it renders a second time: {{7*7}} in a layer name became 49."""
    shown = "".join(
        text for tag, text in Reader(hostile_page).texts if tag not in {"script", "style", "data"}
    )

    assert HOSTILE in shown
    assert "{49}" not in hostile_page
    assert "&#123;&#123;7*7&#125;&#125;" in hostile_page


def test_no_tag_loads_anything_from_outside(hostile_page):
    loading = [
        value
        for _, attrs in Reader(hostile_page).tags
        for name, value in attrs.items()
        if name in {"src", "href", "srcset"}
    ]

    assert loading == []
    assert not re.search(
        r"@import|url\((?!#|data:)", "".join(re.findall(r"<style>(.*?)</style>", hostile_page, flags=re.S))
    )


def test_the_same_content_gives_the_same_bytes():
    """Runs are compared by hash; folium's random element ids would make every run differ."""
    assert draw_map(content()) == draw_map(content())


def test_two_layers_of_one_name_are_both_in_the_layer_control():
    parks = [Overlay(key=key, name="parks", frame=squares(), colour="#112233") for key in ("a", "b")]

    page = draw_map(content(overlays=tuple(parks)))

    assert len(set(re.findall(r'"[^"\n]*parks[^"\n]*" : overlay_layer_', page))) == 2


def test_rows_without_geometry_are_noted_on_the_page():
    frame = squares()
    frame.loc[1, "geometry"] = None

    page = draw_map(content(parcels=Parcels(frame=frame, name="地块", id_column="id")))

    assert "<li>地块: 1 not drawn</li>" in page


def test_simplification_is_noted_on_the_page():
    overlay = Overlay(key="a", name="UDB", frame=squares(), colour="#112233", simplify_m=2.5)

    assert "<li>UDB: 2.5 m</li>" in draw_map(content(overlays=(overlay,)))


@pytest.mark.parametrize("empty", [0, None], ids=["no rows", "no parcels"])
def test_a_page_without_parcels_can_be_drawn(empty):
    parcels = None if empty is None else Parcels(frame=squares(1).iloc[:0], name="地块", id_column="id")

    assert "<title>plain</title>" in draw_map(content(parcels=parcels, overlays=()))


def test_a_basemap_is_the_only_host_the_policy_names_and_the_title_block_says_so():
    base = Basemap(urls=("https://t{s}.tiles.example/{z}/{x}/{y}",), attribution=HOSTILE, subdomains="01")

    page = draw_map(content(basemap=base, words=WORDS | {"basemap_online": "asks {hosts}"}))

    assert "img-src data: blob: https://t0.tiles.example https://t1.tiles.example;" in policy(page)
    assert "asks t0.tiles.example, t1.tiles.example" in page
    assert "https:" not in policy(draw_map(content()))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://a.example/{z}",
        "file:///{z}/{x}/{y}",
        "https://a;b/{z}/{x}/{y}",
        "https://{t}.a.example/{z}/{x}/{y}",
        "https://*/{z}/{x}/{y}",
    ],
)
def test_a_basemap_address_that_is_no_tile_address_is_refused(url):
    with pytest.raises(ExportError) as caught:
        draw_map(content(basemap=Basemap(urls=(url,))))

    assert caught.value.key == "map_basemap"


@pytest.mark.parametrize(
    "host",
    [
        "webrd0{s}.is.autonavi.com",
        "wprd01.IS.autonavi.com",
        "rt0.map.gtimg.com",
        "p2.map.gtimg.com:443",
        "mt1.google.cn",
        "maponline0.bdimg.com",
    ],
)
def test_shifted_tiles_are_refused_with_a_sentence(host):
    """GCJ-02 lies 363 to 621 m beside the ground in the cities looked at; a planner would trust the picture."""
    with pytest.raises(ExportError) as caught:
        draw_map(content(basemap=Basemap(urls=(f"https://{host}/{{z}}/{{x}}/{{y}}",))))

    assert caught.value.key == "map_basemap_shifted"
    assert "GCJ-02" in caught.value.say("zh")


def test_a_host_that_only_sounds_like_a_shifted_one_is_not_refused():
    Basemap(urls=("https://notamap.com/{z}/{x}/{y}", "https://amap.com.city.example/{z}/{x}/{y}")).check()


def test_a_known_service_carries_the_key_and_says_that_it_can_be_read():
    base = known_basemap("tianditu_vector", key="K3Y", lang="zh")
    base.check()

    assert all("tk=K3Y" in url for url in base.urls)
    assert "basemap_key" in draw_map(content(basemap=base))
    with pytest.raises(ExportError) as caught:
        known_basemap("amap", key="", lang="zh")
    assert caught.value.key == "map_basemap_unknown"


def test_missing_words_are_named():
    with pytest.raises(ExportError) as caught:
        draw_map(content(words={key: key for key in WORD_KEYS if key != "no_hit"}))

    assert caught.value.facts == {"missing": "no_hit"}


def test_a_planner_can_put_the_layers_into_a_map_of_his_own():
    m = folium.Map(location=[32.4, 119.4], tiles=None)
    given = content()
    ParcelLayer(given.parcels, words=WORDS).add_to(m)
    OverlayLayer(given.overlays[0], words=WORDS).add_to(m)
    folium.GeoJson({"type": "Point", "coordinates": [119.4, 32.4]}, name="well").add_to(m)
    folium.LayerControl().add_to(m)

    page = offline_html(m, title="mine", lang="en")

    assert '<html lang="en">' in page
    assert page.count("landkit.parcels(") == page.count("landkit.overlay(") == 1


@pytest.mark.parametrize(
    "part", [folium.TileLayer("OpenStreetMap"), folium.Marker([32, 119], popup="x")], ids=["tiles", "popup"]
)
def test_a_part_that_needs_the_network_or_jquery_is_refused(part):
    m = folium.Map(tiles=None)
    part.add_to(m)

    with pytest.raises(ExportError) as caught:
        offline_html(m, title="x")

    assert caught.value.key == "map_part"


def test_an_address_that_is_not_vendored_is_refused():
    """A new plugin must not slip a foreign host into an offline page."""
    m = folium.Map(tiles=None)
    Fullscreen().add_to(m)

    with pytest.raises(ExportError) as caught:
        offline_html(m, title="x")

    assert caught.value.key == "map_needs_network"
    assert "fullscreen" in caught.value.facts["url"]


def test_a_script_that_would_end_early_is_refused():
    """A marker's text sits in a script; a closing tag in it would let the rest of it become page."""
    m = folium.Map(tiles=None)
    folium.Marker([32, 119], tooltip="</script><script>alert(1)</script>").add_to(m)

    with pytest.raises(ExportError) as caught:
        offline_html(m, title="x")

    assert caught.value.key == "map_breaks_out"


def vendor_files() -> list[dict[str, str]]:
    return tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))["file"]


@pytest.mark.parametrize("entry", vendor_files(), ids=lambda entry: entry["file"])
def test_a_vendored_file_is_what_its_makers_published(entry):
    assert entry["sha256"] == hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest()


def test_nothing_is_vendored_that_is_not_listed():
    listed = {entry["file"] for entry in vendor_files()} | {"VENDOR.toml"}

    assert listed == {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["leaflet", "fflate"])
def test_every_library_comes_with_its_licence(name):
    libraries = {
        entry["name"]: entry
        for entry in tomllib.loads((VENDOR / "VENDOR.toml").read_text("utf-8"))["library"]
    }

    assert "Copyright" in (VENDOR / libraries[name]["licence_file"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("breaks", "labels"),
    [((), ("tax",)), ((5,), ("< 5", "≥ 5")), ((0.5, 1500), ("< 0.5", "0.5 – 1,500", "≥ 1,500"))],
    ids=["one", "two", "three"],
)
def test_class_labels_are_made_from_breaks(breaks, labels):
    theme = Theme(
        key="t",
        title="tax",
        column="tax",
        kind="number",
        breaks=breaks,
        colours=("#000000",) * (len(breaks) + 1),
    )

    assert labels == theme.labels()

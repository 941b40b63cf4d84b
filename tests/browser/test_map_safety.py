"""A table of payloads in every place that takes text: shown as text in Chromium, nothing runs, nothing is asked for."""

import pytest
from mappages import SOUTH, USED, WEST, content, line_frame, squares

from shapely.geometry import LineString, Point

from landkit.present.webmap import WORD_KEYS, Basemap, Overlay, Parcels, Theme, Tour, draw_map

pytestmark = pytest.mark.browser

PAYLOADS = (
    "</script><script>window.fired=1</script>",
    '<img src=x onerror="window.fired=2">',
    "<svg onload=window.fired=3><set onbegin=window.fired=3 attributename=x></svg>",
    "</textarea></title></style><script>window.fired=4</script>",
    '"><img src=x onerror=window.fired=5>',
    "' onfocus='window.fired=6' autofocus='",
    "<iframe srcdoc='<script>parent.fired=7</script>'></iframe>",
    "`${window.fired=8}`",
    "{{ ''.__class__ }}{% for x in [1] %}{{7*7}}{% endfor %}{# x #}",
    "<a href='javascript:window.fired=9' id=lk-title>x</a>",
    "<!--<script>window.fired=10</script>-->",
    "\\u003cimg src=x onerror=window.fired=11\\u003e",
    "<details open ontoggle=window.fired=12>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.fired=13>",
    "<base href='https://a.example/'><link rel=stylesheet href='//a.example/x.css'>",
    "__proto__",
)
ALL = " ".join(PAYLOADS)
LIVE = """() => ['script', 'img', 'iframe', 'svg[onload]', 'base', 'link', 'form', 'details', 'math', '[onerror]', '[onfocus]',
    '[onload]', '[ontoggle]'].map(one => one + ' ' + document.querySelectorAll(one).length)"""


def hostile_content(texts, everywhere, **change):
    """`texts` in the cells, row by row; `everywhere` in each other place that takes text."""
    rows = [texts[k % len(texts)] for k in range(30)]
    frame = squares().assign(use=rows, name=rows, park=rows, rules=[f"{one};r" for one in rows])
    frame[everywhere] = rows
    theme = Theme(
        key="t", title=everywhere, column="use", kind="category", unit=everywhere, about=everywhere, missing_label=everywhere,
        classes=tuple((one, one, USED) for one in dict.fromkeys(texts)),
    )  # fmt: skip
    parcels = Parcels(
        frame=frame, name=everywhere, id_column="id", themes=(theme, *content().parcels.themes[1:]), group=everywhere,
        popup=(("id", everywhere), ("name", everywhere), (everywhere, everywhere), ("rules", everywhere)),
        headings={"name": everywhere}, glossaries={"rules": {one: one for one in (*texts, "r")}},
        search_columns=("id", "name"), filters=(("park", everywhere), (everywhere, everywhere)),
        ranges=(("tax", everywhere),), tour=Tour(column="use", values=tuple(texts), title=everywhere),
    )  # fmt: skip
    places = [
        LineString([(WEST + 40 * k, SOUTH - 300), (WEST + 40 * k, SOUTH - 100)]) for k in range(len(texts))
    ]
    lines = line_frame(*places, name=list(texts))
    wells = line_frame(Point(WEST - 200, SOUTH), name=[everywhere])
    common = {
        "name": everywhere,
        "popup": (("name", everywhere),),
        "label_column": "name",
        "group": everywhere,
    }
    overlays = (
        Overlay(key="lines", frame=lines, colour="#3b6ea5", **common),
        Overlay(key="wells", frame=wells, colour="#3b6ea5", coarse_m=1.0, **common),
    )
    given = {
        "title": everywhere, "subtitle": everywhere, "notes": (everywhere,), "marks": ((everywhere, everywhere),),
        "words": {key: f"{everywhere} {key}" for key in WORD_KEYS} | {"shown": everywhere + "{n}", "coarse": "{layer}"},
        "parcels": parcels, "overlays": overlays,
    }  # fmt: skip
    return content(**{**given, **change})


def walk_through(one, name):
    """Everything that puts text on the page: card, pager, search, filters, themes, tour, measuring."""
    one.click(one.run("""() => { const v = landkit.views[0], l = v.layers.find(x => x.hovers);
        const p = v.map.latLngToContainerPoint(l.store.pointIn(0)); return [p.x, p.y]; }"""))  # fmt: skip
    one.run("""() => {
        document.querySelectorAll('.lk-fold-head, .lk-group-head, .lk-ruler, .lk-choice, .lk-tour button, .lk-layer button')
            .forEach(button => button.click());
        const input = document.querySelector('.lk-search input');
        input.value = '<';
        input.dispatchEvent(new Event('input'));
    }""")
    one.until("() => document.querySelector('.lk-hits button, .lk-no-hit')")
    one.run("""() => { document.querySelectorAll('.lk-hits button').forEach(b => b.focus());
        const v = landkit.views[0], l = v.layers.find(x => !x.hovers);
        v.measure.clear(); v.show(v.layers.map(x => ({ layer: x, row: 0 })), 0, v.map.getCenter()); }""")  # fmt: skip
    one.settle()


@pytest.mark.bad_input(82)
@pytest.mark.bad_input(83)
def test_no_payload_runs_and_none_becomes_an_element_wherever_text_can_stand(open_page):
    """The page with payloads has exactly the elements of the page with plain words."""
    plain = open_page(draw_map(hostile_content([f"w{k}" for k in range(len(PAYLOADS))], "word")))
    walk_through(plain, "word")
    wanted = plain.run(LIVE)
    plain.page.close()
    hostile = open_page(draw_map(hostile_content(PAYLOADS, ALL)))
    walk_through(hostile, ALL)

    assert hostile.run("() => window.fired === undefined && ({}).fired === undefined")
    assert hostile.run(LIVE) == wanted
    assert hostile.page.title() == ALL
    assert ALL in hostile.page.inner_text("#lk-title h1").replace("\n", " ")
    assert hostile.page.locator(".lk-panel").count() == 1


def test_the_payloads_are_live(open_page):
    """Negative control: on a page without escaping and policy the first that can does run."""
    one = open_page(
        f"<html><body>{''.join(f'<div>{p}</div>' for p in PAYLOADS[:2])}</body></html>", idle=False
    )
    one.until("() => window.fired !== undefined")
    one.messages.clear()


def test_an_attribution_is_text_too(open_page):
    """Tiles do not come (there is no network); nothing else may be asked for, and nothing runs."""
    base = Basemap(urls=("https://tiles.example/{z}/{x}/{y}?a=" + "%3Cscript%3E",), attribution=ALL)
    one = open_page(draw_map(hostile_content(PAYLOADS, "word", basemap=base)), idle=False)
    one.until(
        "() => document.querySelector('.leaflet-control-attribution').textContent.includes('__proto__')"
    )

    assert one.run("() => window.fired === undefined")
    assert {url.split("/")[2] for url in one.requests} <= {"tiles.example"}
    assert all("tiles.example" in m or "ERR_INTERNET" in m for m in one.messages), one.messages
    one.requests.clear()
    one.messages.clear()

"""A Chromium that is cut off from the network, and pages that remember what they asked for and said."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
LOCAL = ("file:", "data:", "blob:")
STILL = """() => !landkit.isPainting() && !landkit.views[0].map._animatingZoom &&
    Array.from(document.querySelectorAll('.leaflet-tile')).every(tile => tile.style.opacity === '1' || !tile.style.opacity)"""


def give_up(reason: str) -> None:
    """Skip, or fail where a browser is promised (LANDKIT_REQUIRE_BROWSER=1)."""
    if os.environ.get("LANDKIT_REQUIRE_BROWSER") == "1":
        pytest.fail(f"LANDKIT_REQUIRE_BROWSER=1, but {reason}")
    pytest.skip(reason)


def find_chromium() -> str | None:
    named = os.environ.get("LANDKIT_CHROMIUM")
    found = [named, *(shutil.which(name) for name in CANDIDATES)]
    return next((path for path in found if path and Path(path).exists()), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    path = find_chromium()
    if path is None:
        give_up("no Chromium was found (looked on PATH and in LANDKIT_CHROMIUM)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        give_up("playwright is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page in the browser.  Its policy forbids evaluating text, so waiting is polling."""

    page: Any
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def run(self, script: str, argument: object = None) -> Any:
        return self.page.evaluate(script, argument)

    def settle(self) -> None:
        """Until nothing moves, every tile is painted and faded in."""
        self.page.wait_for_timeout(30)
        self.run("() => landkit.views[0].whenIdle()")
        self.until(STILL)

    def until(self, script: str, *, seconds: float = 60.0) -> Any:
        for _ in range(int(seconds * 20)):
            found = self.run(script)
            if found:
                return found
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never came true: {script}")

    def place_of(self, layer: str, row: int) -> tuple[float, float]:
        """Screen place of a point inside a row's shape."""
        script = """([name, row]) => {
            const view = landkit.views[0], layer = view.layers.find(one => one.description.name === name);
            const point = view.map.latLngToContainerPoint(layer.store.pointIn(row));
            return [point.x, point.y];
        }"""
        x, y = self.run(script, [layer, row])
        return x, y

    def row_of(self, identity: str) -> int:
        script = "text => landkit.views[0].layers.find(one => one.hovers).find(text, 1)[0]"
        return int(self.run(script, identity))

    def click(self, place: tuple[float, float]) -> None:
        self.page.mouse.move(*place)
        self.page.mouse.click(*place)
        self.page.wait_for_timeout(40)

    def popup(self) -> str:
        """Text of the open popup, one `label: value` per line; "" when there is none."""
        script = """() => Array.from(document.querySelectorAll('.lk-popup .lk-facts')).map(card => [
            card.querySelector('.lk-facts-layer').textContent,
            ...Array.from(card.querySelectorAll('tr'))
                .map(row => Array.from(row.children).map(cell => cell.textContent).join(': '))
        ].join('\\n')).join('\\n---\\n')"""
        return str(self.run(script))

    def colour(self, place: tuple[float, float]) -> tuple[int, ...]:
        image = Image.open(BytesIO(self.page.screenshot())).convert("RGB")
        return image.getpixel((int(place[0]), int(place[1])))


@pytest.fixture
def open_page(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Opens HTML from disk with the network off; at the end there must be no request and no message."""
    opened: list[Opened] = []

    def open_html(
        html: str, *, width: int = 1280, height: int = 800, before: str = "", idle: bool = True
    ) -> Opened:
        path = tmp_path / f"页面 {len(opened)}.html"
        path.write_text(html, encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": height}, offline=True, reduced_motion="reduce"
        )
        context.set_default_timeout(60_000)
        one = Opened(context.new_page())
        opened.append(one)
        one.page.on("request", lambda r: None if r.url.startswith(LOCAL) else one.requests.append(r.url))
        one.page.on("console", lambda message: one.messages.append(message.text))
        one.page.on("pageerror", lambda error: one.messages.append(str(error)))
        one.page.on("dialog", lambda dialog: (one.messages.append("dialog"), dialog.dismiss()))
        if before:
            one.page.add_init_script(before)
        one.page.goto(path.as_uri())
        if idle:
            one.settle()
        return one

    yield open_html
    for one in opened:
        one.page.context.close()
    assert [url for one in opened for url in one.requests] == []
    assert [message for one in opened for message in one.messages] == []

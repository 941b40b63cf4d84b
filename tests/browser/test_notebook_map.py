"""A result at the end of a notebook cell is a map: framed, cut off from the notebook, coloured by its own question."""

import re

import pytest

import landkit

pytestmark = pytest.mark.browser

QUESTIONS = {"stock": "存量类型", "conflicts": "控制线冲突(最重)"}


@pytest.fixture(scope="module")
def shown(study_folder):
    return {name: getattr(landkit, name)(study_folder)._repr_html_() for name in QUESTIONS}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_result_shows_itself_as_a_map_of_its_question(open_page, shown, name):
    """The frame runs its scripts under its own policy; the page around it sees nothing of them."""
    one = open_page(f"<!doctype html><html><body>{shown[name]}</body></html>", idle=False)
    frame = one.page.frame_locator("iframe")
    frame.locator(".lk-legend h3").wait_for()

    assert frame.locator(".lk-legend h3").inner_text().startswith(QUESTIONS[name])
    assert "8" in frame.locator(".lk-count").inner_text()
    assert one.run("() => window.landkit === undefined && window.L === undefined")


def test_the_frame_has_no_way_out_of_its_attribute(shown):
    """Quotes of the page would end `srcdoc`; same origin would let it read the notebook."""
    head = re.match(
        r'<iframe srcdoc="[^"<]*" title="[^"<]*" sandbox="allow-scripts allow-modals" style="[^"]*"></iframe>$',
        shown["stock"],
    )

    assert head is not None


def test_a_run_shows_the_map_that_it_wrote_and_findings_show_their_table(done):
    assert done._repr_html_().startswith("<iframe srcdoc=")
    assert "<table" in done.findings._repr_html_()

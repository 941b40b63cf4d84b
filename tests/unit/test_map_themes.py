"""Themes of the study map: what crosses two questions, what is kept from last year, what is missing."""

import base64
import re
from types import SimpleNamespace

import builders
import numpy as np
import pandas as pd
import pytest

import shapely

from landkit.errors import ExportError, StudyError
from landkit.present.breaks import Pin, pinned
from landkit.present.map_themes import SQUARE, SQUARE_PIN, crossed, default_pins, ramp_colours, study_themes
from landkit.present.maps import draw_study_map
from landkit.present.webmap.block import to_grid, unpack
from landkit.study import load_study
from landkit.workflow.ask import Answers
from landkit.workflow.ground import quiet
from landkit.workflow.reading.study import read_ground
from landkit.workflow.show.map import basemap_of, map_of

PINS = default_pins() | {SQUARE_PIN: Pin("quantile", (2.0, 8.0), 3, of="2023-12-31")}


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stock_status": ["not_stock", "candidate", "confirmed", "undecided", "confirmed", "confirmed"],
            "tax_wan_yuan_per_mu": [1.0, 2.0, 8.0, 5.0, np.nan, 0.0],
            "stock_theme": "idle",
        }
    )


def test_stock_crosses_output_and_what_is_unknown_stands_in_no_square():
    """A break belongs to the class above it; zero is low, missing is not zero."""
    squares = crossed(table(), PINS)[SQUARE].tolist()

    assert squares == ["not_stock.low", "candidate.middle", "confirmed.high", None, None, "confirmed.low"]


def test_the_square_has_nine_classes_and_says_where_it_is_parted_and_whose_breaks_these_are():
    themes = {t.key: t for t in study_themes(crossed(table(), PINS), "zh", PINS, of="2024-12-31")}
    square = themes["stock_by_output"]
    square.check()

    assert len(square.classes) == 9
    assert "2、8" in square.about
    assert "2023-12-31" in square.about


def test_without_output_there_is_no_square():
    frame = table().assign(tax_wan_yuan_per_mu=np.nan)
    pins = {SQUARE_PIN: pinned(Pin("quantile", classes=3), np.array([np.nan]), column="x", of="", rules={})}

    assert SQUARE not in crossed(frame, pins).columns


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_a_ramp_gives_as_many_colours_as_there_are_classes_from_end_to_end(count):
    colours = ramp_colours(("#000000", "#808080", "#ffffff"), count)

    assert len(colours) == count
    assert count == 1 or (colours[0], colours[-1]) == ("#000000", "#ffffff")


def test_a_study_that_names_a_breaks_file_draws_its_classes_again(tmp_path):
    """And a column that the file does not name is classed as ever."""
    folder = builders.tiny_study(tmp_path / "study")
    (folder / "last.toml").write_text(
        "[tax_wan_yuan_per_mu]\nmethod = 'jenks'\nbreaks = [3.5, 11.0]\nof = '2019-12-31'\n", encoding="utf-8"
    )
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        text.replace("[study]", '[study]\nbreaks = "last.toml"', 1), encoding="utf-8"
    )

    drawn = map_of(Answers(read_ground(load_study(folder), quiet), lang="zh", progress=quiet))

    assert drawn.pins["tax_wan_yuan_per_mu"] == Pin("jenks", (3.5, 11.0), 5, "", "2019-12-31")
    assert drawn.pins["investment_wan_yuan_per_mu"].method == "quantile"


@pytest.mark.parametrize(("basemap", "key", "refused"), [
    ('{ provider = "tianditu_vector", key_env = "MY_KEY" }', "K3Y", ""),
    ('{ url = "https://tiles.city.example/{z}/{x}/{y}" }', "", ""),
    ('{ provider = "tianditu_vector", key_env = "MY_KEY" }', "", "map_basemap_key"),
    ('{ provider = "tianditu_vector" }', "K3Y", "map_basemap_key"),
    ('{ url = "https://tiles.city.example/{z}/{x}/{y}?k={key}" }', "", "map_basemap_key"),
])  # fmt: skip
def test_the_key_of_a_basemap_comes_from_the_environment_only(tmp_path, monkeypatch, basemap, key, refused):
    """A key in study.toml would travel with the study."""
    folder = builders.tiny_study(tmp_path / "study")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        text.replace("[study]", f"[study]\nbasemap = {basemap}", 1), encoding="utf-8"
    )
    monkeypatch.setenv("MY_KEY", key)
    study = load_study(folder)
    answers = SimpleNamespace(ground=SimpleNamespace(study=study), lang="zh")

    if refused:
        with pytest.raises(ExportError) as caught:
            basemap_of(answers)
        assert caught.value.key == refused
    else:
        found = basemap_of(answers)
        found.check()
        assert found.has_key == bool(key)


def test_a_basemap_is_one_service(tmp_path):
    folder = builders.tiny_study(tmp_path / "study")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    both = 'basemap = { provider = "tianditu_vector", url = "https://a.example/{z}/{x}/{y}" }'
    (folder / "study.toml").write_text(text.replace("[study]", f"[study]\n{both}", 1), encoding="utf-8")
    with pytest.raises(StudyError):
        load_study(folder)


def test_a_layer_that_must_not_leave_exactly_does_not_leave_through_its_conflicts_either(tmp_path):
    """A piece of conflict has the red line's own edge: it is drawn as coarsely as the red line."""
    folder = builders.tiny_study(tmp_path / "study", spec={"ecological_redline": {"map_step_m": 25.0}})
    drawn = map_of(Answers(read_ground(load_study(folder), quiet), lang="zh", progress=quiet))

    page = draw_study_map(drawn)
    data = [base64.b64decode(d) for d in re.findall(r"octet-stream\" id=\"[^\"]*_data\">([^<]*)<", page)]
    blocks = {b.header["layer"]["name"]: b for b in map(unpack, data)}
    exact = {"地块", "永久基本农田"}
    steps = {}
    for name, block in blocks.items():
        x = np.unique(to_grid(shapely.get_coordinates(block.geometries))[:, 0])
        steps[name.split(" · ")[0]] = np.gcd.reduce(x) * 40_075_017 / 2**30 * np.cos(np.radians(32.4))

    assert steps["生态保护红线"] >= 25
    assert steps["冲突图斑"] >= 25
    assert all(steps[name] < 1 for name in exact)
    assert "不小于 25 米的格网" in page

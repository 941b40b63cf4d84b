"""What a study may state beyond accuracy: the chance of any false conflict in the run, and how far lines were simplified."""

from __future__ import annotations

import pytest
from builders import tiny_study

from landkit.study import load_study
from landkit.workflow.ask import Answers, layer_rows
from landkit.workflow.reading.study import read_ground

RULES = """
id = "mine"
zh = "本地"
en = "local"
extends = "yangzhou"
[[rule]]
id = "conflict.run_alpha"
zh = "整次运行"
en = "whole run"
unit = "probability"
[[rule.version]]
value = 0.01
basis = "assumption"
decides = true
verified = true
citation = { title = "本地约定" }
"""
NEEDLESS = ("counties", "clusters", "axes", "parks_built", "enterprises", "enterprise_years", "occupancy")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    folder = tiny_study(
        tmp_path_factory.mktemp("stated") / "study",
        without=NEEDLESS,
        head={"plan": None, "profile": "mine.toml"},
        spec={
            "ecological_redline": {"generalised_m": 3.0, "accuracy_m": 2.0},
            "parcels": {"accuracy_m": 0.5},
        },
    )
    (folder / "mine.toml").write_text(RULES, encoding="utf-8")
    return Answers(read_ground(load_study(folder)), lang="en")


def test_the_chance_of_a_run_is_shared_by_all_its_verdicts(answers: Answers) -> None:
    """8 parcels and 2 parks against 4 lines: 40 verdicts, each made at 0.01 / 40."""
    assert answers.chances.verdicts == 40
    assert answers.chances.alpha == pytest.approx(0.01 / 40)
    table = answers.conflicts.table
    proven = table[table["verdict"] == "conflict"]
    assert len(proven) == 4
    assert proven["reason"].str.contains("of the 40 verdicts of this run").all()
    assert proven["reason"].str.contains("below 0.01").all()
    assert "conflict.run_alpha" in {r.id for r in answers.conflicts.rules}


def test_a_simplified_line_is_less_accurate_and_its_cards_say_so(answers: Answers) -> None:
    """The joint accuracy is the root of 0.5^2 + 2^2 + (3 / 2)^2, 2.5495 m; other lines know nothing of it."""
    table = answers.conflicts.table.set_index("line")
    red = table.loc["ecological_redline"]
    others = table.drop("ecological_redline")
    assert red["sigma_m"].unique() == pytest.approx([6.5**0.5])
    assert red["reason"].str.contains("a tolerance of 3 m for generalisation").all()
    assert red["rules"].str.contains("conflict.generalisation_share").all()
    assert not others["reason"].str.contains("generalisation").any()
    layers = layer_rows(answers.ground).set_index("layer")
    assert layers.at["ecological_redline", "generalised_m"] == 3.0

"""What no rule can tell from the drawing is said where verdicts are read: ledger and map, report, cards, in both languages."""

import pytest

import landkit
from landkit.analysis.conflicts import reason_of
from landkit.text import LANGS
from landkit.workflow.ask import Answers
from landkit.workflow.reading.study import read_ground
from landkit.workflow.reporting.content import _method
from landkit.workflow.show.results import notes_of

BLUNDER = {"zh": "粗差", "en": "simply wrong"}
ONE_WAY = {"zh": "同一侧压占", "en": "encroach the same way"}


@pytest.fixture(scope="module", params=LANGS)
def answers(request, study_folder) -> Answers:
    return Answers(read_ground(landkit.load_study(study_folder)), lang=request.param)


def test_certain_conflicts_come_with_what_a_blunder_does(answers):
    """The note counts them; where nothing is certain nothing is said."""
    table = answers.conflicts.table
    certain = int((table["verdict"] == "conflict").sum())
    [note] = [n for n in notes_of(answers) if BLUNDER[answers.lang] in n]
    assert f" {certain} " in note
    assert notes_of(answers)[-1] == note  # behind what is missing or wrong in this study
    calm = Answers(answers.ground, lang=answers.lang)
    calm.__dict__["conflicts"] = answers.conflicts.replace(table=table[table["verdict"] != "conflict"])
    assert not any(BLUNDER[answers.lang] in n for n in notes_of(calm))


def test_verdicts_that_hang_on_a_displacement_come_with_what_else_looks_like_one(answers):
    assert not any(ONE_WAY[answers.lang] in n for n in notes_of(answers))
    moved = Answers(answers.ground, lang=answers.lang)
    table = answers.conflicts.table.assign(why="depends_on_displacement")
    moved.__dict__["conflicts"] = answers.conflicts.replace(table=table)
    [note] = [n for n in notes_of(moved) if ONE_WAY[answers.lang] in n]
    assert f" {len(table)} " in note


def test_the_report_says_both(answers):
    said = " ".join(_method(answers))
    assert "3%–7%" in said or "3-7 %" in said
    assert {"zh": "同一侧压占", "en": "encroach the same way"}[answers.lang] in said


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("depth", [1.5, float("nan")])
def test_the_card_of_a_displaced_parcel_says_what_else_looks_like_it(lang, depth):
    row = {
        "why": "depends_on_displacement",
        "verdict": "within_accuracy",
        "depth_m": depth,
        "gap_m": 2.0,
        "encroached_m2": 3.0,
    }
    said = reason_of(row, 0.001).say(lang)
    assert {"zh": "同向压占", "en": "encroach the same way"}[lang] in said

"""`landkit sheets`: the tiny study as an atlas of parks and of conflicts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import landkit
from landkit.analysis.assemblies import find_assemblies
from landkit.cli import main
from landkit.errors import ExportError
from landkit.model import say_all
from landkit.present.sheets.lettering import FONTS
from landkit.text import column_label, term
from landkit.workflow.ask import Answers
from landkit.workflow.atlas import _assemblies, _overview, park_subjects
from landkit.workflow.reading.study import read_ground
from landkit.workflow.show import results as show

font_manager = pytest.importorskip("matplotlib.font_manager")
pytestmark = pytest.mark.skipif(
    not {f.name for f in font_manager.fontManager.ttflist} & set(FONTS), reason="no font for Chinese"
)


def pages_of(pdf: Path) -> list[tuple[float, float]]:
    """Width and height in mm of every page of a PDF."""
    boxes = re.findall(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", pdf.read_bytes())
    return [(float(w) * 25.4 / 72, float(h) * 25.4 / 72) for w, h in boxes]


def test_an_atlas_has_an_overview_and_a_page_for_each_park(atlas: landkit.Sheets) -> None:
    """Two parks: three pages of A4, three pictures of the same size."""
    done, pages = atlas, pages_of(atlas.to / "atlas.pdf")

    assert len(pages) == len(done.table) == 3
    assert all(page == pytest.approx((297, 210), abs=0.1) for page in pages)
    assert set(done.files) == {"atlas.pdf", "png/001.png", "png/002.png", "png/003.png", "sheets.json"}
    with Image.open(atlas.to / "png" / "001.png") as picture:
        assert [n / 200 * 25.4 for n in picture.size] == pytest.approx([297, 210], abs=0.2)


def test_an_atlas_of_conflicts_has_a_page_for_each_certain_one(
    done: landkit.Run, study_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As many as the ledger has; in English from the command line."""
    certain = (done.results["conflicts"].table["verdict"] == "conflict").sum()
    with pytest.raises(SystemExit, match="0"):
        main(
            [
                "sheets",
                str(study_folder),
                "--to",
                str(tmp_path / "out"),
                "--of",
                "conflicts",
                "--lang",
                "en",
                "--json",
            ]
        )
    said = json.loads(capsys.readouterr().out)

    assert certain > 0
    assert len(said["pages"]) == len(pages_of(tmp_path / "out" / "atlas.pdf")) == certain + 1
    assert said["files"] == ["atlas.pdf", "sheets.json"]


@pytest.fixture(scope="module")
def answers(study_folder: Path) -> Answers:
    return Answers(read_ground(landkit.load_study(study_folder)), lang="en")


def test_an_atlas_of_assemblies_has_a_page_for_each_of_the_reserves_size(answers: Answers) -> None:
    """L1, L2 and L3 stand 100 m apart in a row; asked for 40-60 mu within that gap they are one page, and say so."""
    table = find_assemblies(answers.stock.table.assign(park_id="P1"), gap_m=100, min_mu=40, max_mu=60)
    table["reason"] = [say_all(r, "en") for r in table.pop("reasons")]
    asked = Answers(answers.ground, lang="en")
    asked.__dict__["stock"] = answers.stock.replace(tables={"assemblies": table})
    (subject,) = _assemblies(asked)

    assert subject.heading == "Assembly A-L1"
    assert subject.outlined
    assert dict(subject.facts)[column_label("area_mu", "en")] == "45.00"
    assert "within the 40–60 mu" in dict(subject.facts)[column_label("reason", "en")]
    assert _assemblies(answers) == []  # with the rules as they are, none of the tiny study's is so large


def test_a_sheet_says_what_the_ledger_says(answers: Answers) -> None:
    """Stock of each park in mu, rounded so that parts add up, letter for letter."""
    ledger = next(s for s in show.sheets_of(answers) if s.id == "parks").frame
    said = [dict(subject.facts) for subject in park_subjects(answers)]

    assert [s[column_label("stock_mu", "en")] for s in said] == [f"{v:,.2f}" for v in ledger["stock_mu"]]
    assert len(said) == 2


def test_a_study_without_parks_has_the_overview_alone(answers: Answers) -> None:
    """As Cambridge has none: no sheet, and no count of nothing."""
    asked = Answers(answers.ground, lang="en")
    asked.__dict__["parks"] = answers.parks.replace(table=pd.DataFrame(columns=["park_id", "park_name"]))

    assert park_subjects(asked) == []
    assert [label for label, _ in _overview(asked).facts] == [term("role", "parcels", "en")]


def test_sheets_that_fail_leave_the_earlier_ones(study_folder: Path, tmp_path: Path) -> None:
    """All or nothing."""
    (tmp_path / "atlas.pdf").write_bytes(b"earlier")
    with pytest.raises(ExportError, match="A4/A3/A2/A1"):
        landkit.sheets(study_folder, to=tmp_path, size="A0")
    assert (tmp_path / "atlas.pdf").read_bytes() == b"earlier"

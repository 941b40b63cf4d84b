"""`landkit compare` of folders that `landkit run` wrote: verified first, and nothing is a change that is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import builders
import pytest
from refusals import refused

import landkit
from landkit.cli import main
from landkit.errors import LandkitError


def test_a_run_compared_with_itself_has_no_change(
    done: landkit.Run, done_en: landkit.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One was written in English: codes are compared in one language."""
    with pytest.raises(SystemExit) as end:
        main(["compare", str(done.to), str(done_en.to), "--to", str(tmp_path / "out"), "--quiet"])

    assert end.value.code == 0
    assert "有变化 0 宗，新出现 0 宗，已消失 0 宗，无变化 8 宗" in capsys.readouterr().out


def test_a_run_compared_with_a_later_study_tells_what_became_of_its_parcels(
    done: landkit.Run, tmp_path: Path
) -> None:
    """L3 is built upon and L8 gone; the study is asked, the run is read."""
    then = builders.tiny_study(tmp_path / "later", parcels=builders.a_year_later)
    found = landkit.compare(done.to, then, to=tmp_path / "out")

    assert found.counts() == {"changed": 1, "appeared": 0, "gone": 1, "same": 6}
    assert found.table.set_index("parcel_id").loc["L3", "change_words"].startswith("存量：批而未供")


def test_a_run_that_was_changed_is_not_compared(done: landkit.Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(done.to, run)
    (run / "coverage.csv").write_bytes((run / "coverage.csv").read_bytes() + b"L9,x,clear,x,\r\n")
    with refused(LandkitError, "compare_spoilt", zh="landkit verify", en="landkit verify"):
        landkit.compare(run, done.to, to=tmp_path / "out")
    assert not (tmp_path / "out").exists()

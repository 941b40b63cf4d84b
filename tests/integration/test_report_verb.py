"""`landkit report`: the tiny study's Word report, added to its run, read again, spoilt figure by figure."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from refusals import refused

import landkit
from landkit.cli import main
from landkit.errors import ExportError, PlaceError, StudyError
from landkit.io.office import as_pdf
from landkit.io.printed.document import printed_document
from landkit.io.write import outbox
from landkit.ledger.documents import with_figures_named
from landkit.ledger.manifest import fingerprint
from landkit.ledger.registry import compare_file, fingerprints
from landkit.present.sheets.lettering import FONTS
from landkit.workflow.reporting import write as reporting
from landkit.workflow.verification import read_run

font_manager = pytest.importorskip("matplotlib.font_manager")
pytestmark = pytest.mark.skipif(
    not {f.name for f in font_manager.fontManager.ttflist} & set(FONTS), reason="no font for Chinese"
)
NUMBER = re.compile(r">([^<]*\d[^<]*)</w:t>")


@pytest.fixture(scope="module")
def reported(done: landkit.Run, study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with its report."""
    to = tmp_path_factory.mktemp("reported") / "out"
    shutil.copytree(done.to, to, ignore=shutil.ignore_patterns(".landkit"))
    landkit.report(study_folder, to=to)
    return to


@pytest.fixture
def spoilt(reported: Path, tmp_path: Path) -> Path:
    shutil.copytree(reported, tmp_path / "out", ignore=shutil.ignore_patterns(".landkit"))
    return tmp_path / "out"


def body_of(document: Path) -> str:
    with zipfile.ZipFile(document) as packed:
        return packed.read("word/document.xml").decode()


def with_body(document: Path, body: str) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(document) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, body.encode() if name == "word/document.xml" else old.read(name))
    return out


def cells_of(document: Path) -> dict[str, dict[str, list[str]]]:
    return {t.name: {c: list(v) for c, v in t.columns.items()} for t in printed_document(document)}


def test_a_report_joins_the_run_and_is_verified_with_it(done: landkit.Run, reported: Path) -> None:
    """Nothing else of the run has changed."""
    manifest = json.loads((reported / "manifest.json").read_text(encoding="utf-8"))
    found = landkit.verify(reported)

    assert found.differences == ()
    assert found.files == len(done.outputs) + 1
    assert "report.docx" in manifest["outputs"]
    assert (reported / "ledger.xlsx").read_bytes() == (done.to / "ledger.xlsx").read_bytes()


def test_the_report_says_what_the_run_found_and_what_it_did_not(done: landkit.Run, reported: Path) -> None:
    """Every chapter speaks: a table, a sentence, or that there is nothing; no tag is left."""
    body = body_of(reported / "report.docx")
    words = "\n".join(printed_document(reported / "report.docx")[0].columns["text"])
    conflicts = done.results["conflicts"].table
    certain = set(conflicts.loc[conflicts["verdict"] == "conflict", "parcel_id"])
    tables = [t for n, t in cells_of(reported / "report.docx").items() if n.startswith("table ")]

    assert not re.search(r"\{\{|\{%|%\}|\}\}|[\ue000-\uf8ff]", body)
    for chapter in (
        "摘要",
        "专题图",
        "未核查事项",
        "规则依据",
        "图层、版本与校验码",
        "审签",
        "未核查不等于无冲突|均已核查",
    ):
        assert re.search(chapter, words), chapter
    assert certain <= {cell for t in tables for cell in t["A"]}
    assert body.count("<w:drawing>") == 7
    assert all(
        any(cell and cell != "—" for cell in column)
        for t in tables
        for column in t.values()
        if len(column) > 5
    )


def test_rounded_parts_of_every_total_add_up(reported: Path) -> None:
    """As printed: the last row says 合计, the rows above it add up to it."""
    checked = 0
    for columns in cells_of(reported / "report.docx").values():
        first = next(iter(columns.values()))
        if first[-1:] != ["合计"]:
            continue
        for cells in list(columns.values())[1:]:
            if cells[-1]:
                parts = [round(float(c.replace(",", "")) * 1e4) for c in cells[1:] if c != "—"]
                assert sum(parts[:-1]) == parts[-1]
                checked += 1

    assert checked >= 8


def test_any_changed_number_is_named_with_its_figure(reported: Path) -> None:
    """Every 29th number of the body in turn: one place differs, and where it is a figure it is called by its id."""
    registry = json.loads((reported / "figures.json").read_text(encoding="utf-8"))
    body = body_of(reported / "report.docx")
    numbers = list(NUMBER.finditer(body))
    with_id = 0
    for number in numbers[::29]:
        at = next(i for i in range(number.end(1) - 1, number.start(1) - 1, -1) if body[i].isdigit())
        other = body[:at] + str((int(body[at]) + 1) % 10) + body[at + 1 :]
        tables = printed_document(with_body(reported / "report.docx", other))
        found = with_figures_named(
            compare_file("report.docx", tables, registry["files"]["report.docx"]),
            registry["documents"]["report.docx"],
        )

        assert [d.kind for d in found] == ["cell"], number[1]
        with_id += bool(found[0].figure)
    assert len(numbers) > 200
    assert with_id > 3


def test_a_report_that_was_changed_with_its_registry_still_contradicts_the_ledger(spoilt: Path) -> None:
    """One number, one id: fingerprints and checksum fit, and yet the ledger says otherwise."""
    report, registry = spoilt / "report.docx", spoilt / "figures.json"
    content = json.loads(registry.read_text(encoding="utf-8"))
    places: dict[str, Any] = content["documents"]["report.docx"]
    table, place, figure = next(
        (t, p, ids[0]) for t, cells in places.items() for p, ids in cells.items() if ids[0].startswith("stock_by_class.area_mu[")
    )  # fmt: skip
    cells = {t.name: t for t in printed_document(report)}[table]
    row = int(re.sub(r"\D", "", place)) - 1
    old = cells.columns[re.sub(r"\d", "", place)][row]
    at = body_of(report).index(f">{old}<", body_of(report).index("存量按类型"))
    body = body_of(report)
    report.write_bytes(with_body(report, f"{body[:at]}>99,999.99<{body[at + len(old) + 2 :]}").getvalue())
    content["files"]["report.docx"] = {t.name: fingerprints(t) for t in printed_document(report)}
    registry.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    manifest = json.loads((spoilt / "manifest.json").read_text(encoding="utf-8"))
    manifest["outputs"] |= {n: fingerprint(spoilt / n) for n in ("report.docx", "figures.json")}
    content["files"]["manifest.json"] = {}
    (spoilt / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    found = [d for d in landkit.verify(spoilt).differences if d.file == "report.docx"]

    assert [(d.kind, d.figure, d.found, d.meant) for d in found] == [
        ("figure", figure, "99,999.99", f"{float(old.replace(',', '')):.15g}")
    ]


def test_a_report_alone_by_the_written_template_is_the_same_bytes(
    reported: Path, study_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the command line; the template that is written is the one that is used; alone it can be verified too."""
    with pytest.raises(SystemExit, match="0"):
        main(["report", "--write-template", str(tmp_path / "my.docx")])
    capsys.readouterr()
    with pytest.raises(SystemExit, match="0"):
        main(
            [
                *("report", str(study_folder), "--to", str(tmp_path / "out"), "--json"),
                *("--template", str(tmp_path / "my.docx")),
            ]
        )
    said = json.loads(capsys.readouterr().out)

    assert said["files"] == ["report.docx", "figures.json", "manifest.json"]
    assert (said["joined"], said["maps"]) == (False, 7)
    assert said["figures"] > 100
    assert (tmp_path / "out" / "report.docx").read_bytes() == (reported / "report.docx").read_bytes()
    assert landkit.verify(tmp_path / "out").differences == ()


def test_a_template_is_never_written_over_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "my.docx").write_bytes(b"mine")
    with pytest.raises(SystemExit, match="4"):
        main(["report", "--write-template", str(tmp_path / "my.docx")])

    assert "my.docx" in capsys.readouterr().err
    assert (tmp_path / "my.docx").read_bytes() == b"mine"


@pytest.mark.parametrize("arguments", [["report"], ["report", "STUDY"]])
def test_what_is_missing_on_the_command_line_is_said(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)

    assert "缺少" in capsys.readouterr().err


def test_a_run_of_something_else_is_not_joined(study_folder: Path, spoilt: Path) -> None:
    """Another study id; what stands there stays."""
    manifest = json.loads((spoilt / "manifest.json").read_text(encoding="utf-8"))
    manifest["study"]["id"] = "another"
    (spoilt / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    before = (spoilt / "report.docx").read_bytes()
    with refused(ExportError, "report_other_run", zh="id", en="id"):
        landkit.report(study_folder, to=spoilt)
    assert (spoilt / "report.docx").read_bytes() == before


def test_a_run_folder_in_place_of_the_study_is_explained(reported: Path, tmp_path: Path) -> None:
    with refused(StudyError, "report_of_run", zh="--to", en="--to"):
        landkit.report(reported, to=tmp_path)


@pytest.mark.parametrize("name", ["missing.docx", "words.txt"])
def test_a_template_that_is_none_is_told_before_the_study_is_asked(
    study_folder: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "words.txt").write_text("x", encoding="utf-8")
    with refused(ExportError, "file_missing_alone" if "missing" in name else "report_template_kind", zh=name):
        landkit.report(study_folder, to=tmp_path / "out", template=tmp_path / name)
    assert not (tmp_path / "out").exists()


def test_no_office_program_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on the path, nor where it usually stands."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with refused(PlaceError, "report_no_office", zh="Word", en="Word"):
        as_pdf(tmp_path / "report.docx", tmp_path / "report.pdf")


def test_an_office_program_that_makes_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As LibreOffice without Writer: it complains, and ends well."""
    (tmp_path / "soffice").write_text(
        "#!/bin/sh\necho 'source file could not be loaded' >&2\n", encoding="utf-8"
    )
    (tmp_path / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with refused(PlaceError, "report_pdf", zh="could not be loaded", en="could not be loaded"):
        as_pdf(tmp_path / "report.docx", tmp_path / "report.pdf")
    assert not (tmp_path / "report.pdf").exists()


def test_a_pdf_of_an_earlier_report_is_no_part_of_the_run_any_more(spoilt: Path) -> None:
    """It says what the document said before: verifying names it as not compared, not as whole."""
    manifest, registry = read_run(spoilt)
    (spoilt / "report.pdf").write_bytes(b"%PDF of the report before")
    manifest["outputs"]["report.pdf"] = fingerprint(spoilt / "report.pdf")
    registry["files"]["report.pdf"] = {}
    with outbox(spoilt) as box:
        box.write_bytes("report.docx", (spoilt / "report.docx").read_bytes())
        written = reporting.Written(registry["documents"]["report.docx"], tables=0, maps=0)
        reporting._join(manifest, registry, box, written)
    found = landkit.verify(spoilt)

    assert found.differences == ()
    assert found.beside == ("report.pdf",)


def test_a_missing_library_is_told_before_the_study_is_asked(
    study_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By both ways to a report, in one sentence with what to install."""
    for name in [n for n in sys.modules if n.startswith("landkit.present.reports")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("landkit.present.reports", raising=False)
    monkeypatch.setitem(sys.modules, "docxtpl", None)
    monkeypatch.setattr("landkit.workflow.reporting.write.answers_of", None)
    monkeypatch.setattr("landkit.workflow.running.answers_of", None)
    for ask in (landkit.report, partial(landkit.run, report=True)):
        with refused(PlaceError, "export_needs_package", zh="landkit\\[report\\]", en="docxtpl"):
            ask(study_folder, to=tmp_path / "out")
    assert not (tmp_path / "out").exists()

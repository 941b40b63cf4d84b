"""The command line: one result on stdout, one sentence on stderr, the exit code of the contract; in both languages."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from builders import tiny_study as build

from landkit import cli
from landkit.cli.parts import examples
from landkit.study import load_study
from landkit.workflow import running, verbs
from landkit.workflow.ask import Answers
from landkit.workflow.reading.study import read_ground

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
COMMANDS = (
    "run",
    "check",
    "stock",
    "conflicts",
    "layout",
    "intensity",
    "parks",
    "capacity",
    "rules",
    "layers",
    "init",
)
ROOT = Path(__file__).parents[2]
QUESTIONS = ("check", "stock", "conflicts", "layout", "intensity", "parks", "capacity")


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def landkit_says(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """`landkit_says("stock", folder)`: the command in this process."""
    monkeypatch.delenv("LANDKIT_LANG", raising=False)

    def call(*arguments: object) -> Said:
        with pytest.raises(SystemExit) as end:
            cli.main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return Said(int(end.value.code or 0), out, err)

    return call


_READ: dict[tuple[str, str], Answers] = {}


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested here is the command line: a study is read and asked once for all commands."""

    def shared(study: Any, lang: Any, progress: Any) -> Answers:
        key = (str(study), lang)
        if key not in _READ:
            _READ[key] = Answers(read_ground(load_study(study)), lang=lang)
        return _READ[key]

    for module in (verbs, running):
        monkeypatch.setattr(module, "answers_of", shared)


def assert_one_sentence(said: Said) -> None:
    assert said.out == ""
    assert said.err.startswith("landkit: ")
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err


# --- help


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_in_the_language_asked_for(landkit_says: Callable[..., Said], command: str) -> None:
    """Every command and every option of it."""
    words = [command] if command else []
    zh = landkit_says(*words, "--help")
    en = landkit_says(*words, "--help", "--lang", "en") if command else landkit_says("--lang", "en", "--help")

    assert (zh.code, en.code, zh.err, en.err) == (0, 0, "", "")
    assert CHINESE.search(zh.out)
    assert not CHINESE.search(en.out)
    assert en.out.count("--") == zh.out.count("--")


@pytest.mark.parametrize("command", [c for c in cli.commands("en").commands if c != "zonal"])
def test_every_help_ends_with_lines_that_parse_and_name_what_is_there(
    landkit_says: Callable[..., Said], command: str
) -> None:
    """The demo study has no rasters to ask `zonal` of."""
    said = landkit_says(command, "--help").out
    shown = [line.strip() for line in said.splitlines() if line.startswith("    landkit ")]

    assert shown == examples(command)
    assert shown
    for line in shown:
        _, verb, *words = line.split()
        cli.commands("en").commands[verb].make_context(verb, list(words))
        named = [w for w in words if w.startswith("layers/")]
        assert [n for n in named if not (ROOT / n).exists()] == []


@pytest.mark.parametrize("command", [*QUESTIONS, "run", "export", "sheets", "report", "repair"])
def test_help_says_what_a_study_is(landkit_says: Callable[..., Said], command: str) -> None:
    assert "STUDY is a folder with a study.toml" in landkit_says(command, "--help", "--lang", "en").out


def test_help_lists_every_command_with_a_sentence(landkit_says: Callable[..., Said]) -> None:
    """A planner reads this first."""
    said = landkit_says("--help")

    assert all(re.search(rf"^  {c} +\S", said.out, re.MULTILINE) for c in COMMANDS)


def test_no_argument_shows_the_help_and_is_a_usage_error(landkit_says: Callable[..., Said]) -> None:
    """On stderr: nothing was asked, nothing is the result."""
    said = landkit_says()

    assert said.code == 2
    assert said.out == ""
    assert "conflicts" in said.err


def test_the_version_is_the_packages(landkit_says: Callable[..., Said]) -> None:
    """For a report of a fault."""
    said = landkit_says("--version")

    assert said.code == 0
    assert re.fullmatch(r"landkit \d+\.\d+\.\d+\S*\n", said.out)


@pytest.mark.parametrize("how", ["variable", "equals", "after", "before"])
def test_the_language_is_taken_wherever_it_stands(
    landkit_says: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """--lang before or after the command, with = or without, or LANDKIT_LANG for the whole office."""
    if how == "variable":
        monkeypatch.setenv("LANDKIT_LANG", "en")
    words = {
        "variable": ["rules", "--help"],
        "equals": ["rules", "--lang=en", "--help"],
        "after": ["rules", "--lang", "en", "--help"],
        "before": ["--lang", "en", "rules", "--help"],
    }

    assert not CHINESE.search(landkit_says(*words[how]).out)


# --- results


@pytest.mark.usefixtures("read_once")
@pytest.mark.parametrize("command", QUESTIONS)
def test_json_is_json_without_nan(
    landkit_says: Callable[..., Said], study_folder: Path, command: str
) -> None:
    """Other programs read it: rows, further tables, rules, layers."""
    said = landkit_says(command, study_folder, "--json")

    def refuse(word: str) -> Any:
        raise AssertionError(f"{word} is no JSON")

    found = json.loads(said.out, parse_constant=refuse)
    assert (said.code, said.err) == (0, "")
    assert set(found) >= {"rows", "tables", "rules", "layers"}
    assert len(found["rows"]) > 0


def test_json_of_rules_is_a_list_with_citations(landkit_says: Callable[..., Said]) -> None:
    """One row per rule."""
    rows = json.loads(landkit_says("rules", "--on", "2025-06-30", "--json").out)

    assert {r["rule"] for r in rows} >= {"conflict.alpha", "conflict.beta"}
    assert all(r["citation"] for r in rows)


@pytest.mark.usefixtures("read_once")
@pytest.mark.parametrize("command", [*QUESTIONS, "rules"])
def test_english_leaves_no_chinese_but_what_the_data_hold(
    landkit_says: Callable[..., Said], tmp_path_factory: pytest.TempPathFactory, command: str
) -> None:
    """Names of parks and titles of laws are data; headers, verdicts, reasons and marks are ours."""
    folder = english_study(tmp_path_factory)
    said = landkit_says(*([command, folder] if command != "rules" else [command]), "--lang", "en")
    # a citation stands in the language of its law: 《title》(number) article
    ours = (
        "\n".join(line for line in said.out.splitlines() if "《" not in line)
        if command == "rules"
        else said.out
    )

    assert said.code == 0
    assert [line for line in ours.splitlines() if CHINESE.search(line)] == []


def english_study(factory: pytest.TempPathFactory) -> Path:
    """The tiny study with names in English: what is left in Chinese would be landkit's own words."""
    folder = factory.getbasetemp() / "english"
    if not folder.exists():
        build(
            folder,
            parks=lambda p: p.assign(park_name=["West", "East"]),
            counties=lambda c: c.assign(county_name=["West", "East"]),
            clusters=lambda c: c.assign(cluster_name=["West", "East"]),
            axes=lambda a: a.assign(axis_name=["NS", "WE"]),
            parcels=lambda p: p.assign(parcel_name=p["parcel_id"]),
            enterprises=lambda e: e.assign(enterprise_name=e["enterprise_id"]),
        )
    return folder


@pytest.mark.usefixtures("read_once")
@pytest.mark.parametrize("command", QUESTIONS)
def test_to_writes_the_tables_as_csv_that_excel_reads(
    landkit_says: Callable[..., Said], study_folder: Path, tmp_path: Path, command: str
) -> None:
    """UTF-8 with its mark; the paths are talk and go to stderr."""
    said = landkit_says(command, study_folder, "--to", tmp_path / "csv", "--quiet")
    written = sorted((tmp_path / "csv").glob("*.csv"))

    assert said.code == 0
    assert written
    assert all(p.read_bytes().startswith(b"\xef\xbb\xbf") for p in written)
    assert all(p.name in said.err for p in written)


def test_run_says_that_data_are_made_up_and_gives_its_summary_as_json(
    landkit_says: Callable[..., Said], study_folder: Path, tmp_path: Path
) -> None:
    """Nobody may decide on the example."""
    said = landkit_says("run", study_folder, "--to", tmp_path / "out", "--json")
    found = json.loads(said.out)

    assert said.code == 0
    assert found["synthetic"] is True
    assert {"map.html", "results.gpkg", "ledger.xlsx", "intensity.tif", "manifest.json"} <= set(
        found["outputs"]
    )


@pytest.mark.usefixtures("read_once")
def test_stdout_is_the_result_alone(landkit_says: Callable[..., Said], study_folder: Path) -> None:
    """No progress where nobody watches, so a pipe stays clean."""
    assert landkit_says("conflicts", study_folder).err == ""


# --- exit codes


def errors_study(folder: Path) -> Path:
    """One parcel whose completion comes before its start: an error finding."""
    return build(folder, parcels=lambda p: p.assign(completion_date="2001-01-01"))


def test_findings_fail_a_check_only_when_asked(landkit_says: Callable[..., Said], tmp_path: Path) -> None:
    """0 done; 1 done, and asked to fail."""
    folder = errors_study(tmp_path / "s")

    assert landkit_says("check", folder).code == 0
    assert landkit_says("check", folder, "--fail-on", "error").code == 1


def test_good_data_do_not_fail_a_check(landkit_says: Callable[..., Said], study_folder: Path) -> None:
    """Negative control of the test above."""
    assert landkit_says("check", study_folder, "--fail-on", "error").code == 0


def test_certain_conflicts_fail_a_run_that_was_asked_to_and_its_documents_stand(
    landkit_says: Callable[..., Said], study_folder: Path, tmp_path: Path
) -> None:
    """Exit code 1 is no error: everything is written."""
    said = landkit_says("run", study_folder, "--to", tmp_path / "out", "--fail-on", "conflict")

    assert said.code == 1
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_a_study_error_is_2(landkit_says: Callable[..., Said], tmp_path: Path) -> None:
    """No such study."""
    said = landkit_says("stock", tmp_path / "none")

    assert said.code == 2
    assert_one_sentence(said)


def test_a_rule_error_is_2(landkit_says: Callable[..., Said], tmp_path: Path) -> None:
    """An unknown profile."""
    said = landkit_says("stock", build(tmp_path / "s", head={"profile": "yangzho"}))

    assert said.code == 2
    assert "yangzhou" in said.err
    assert_one_sentence(said)


def test_a_layer_error_is_3(landkit_says: Callable[..., Said], tmp_path: Path) -> None:
    """A file that is not there."""
    folder = build(tmp_path / "s")
    (folder / "parcels.gpkg").unlink()
    said = landkit_says("stock", folder)

    assert said.code == 3
    assert_one_sentence(said)


def test_an_error_of_the_environment_is_4(
    landkit_says: Callable[..., Said], study_folder: Path, tmp_path: Path
) -> None:
    """Output into a file."""
    (tmp_path / "file").write_text("x")
    said = landkit_says("run", study_folder, "--to", tmp_path / "file")

    assert said.code == 4
    assert_one_sentence(said)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_fault_of_ours_is_4_without_a_traceback(
    landkit_says: Callable[..., Said], study_folder: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    """With the way to report it; --debug shows the inside."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr("landkit.workflow.stock", fail)
    said = landkit_says("stock", study_folder, "--lang", lang)

    assert said.code == 4
    assert "--debug" in said.err
    assert_one_sentence(said)
    with pytest.raises(ZeroDivisionError):
        cli.main(["stock", str(study_folder), "--debug"])


@pytest.mark.bad_input(100)
def test_memory_that_ran_out_is_4(
    landkit_says: Callable[..., Said], study_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad inputs 100: with what to do."""

    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("landkit.workflow.stock", fail)
    said = landkit_says("stock", study_folder, "--lang", "en")

    assert said.code == 4
    assert "Memory ran out" in said.err
    assert_one_sentence(said)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["run", "x", "--too", "y"], "--to"),
        (["check", "x", "--lnag", "en"], "--lang"),
        (["rnu", "x"], "run"),
        (["conflict", "x"], "conflicts"),
        (["--versoin"], "--version"),
    ],
)
def test_a_slip_of_the_pen_is_a_usage_error_with_a_guess(
    landkit_says: Callable[..., Said], arguments: list[str], word: str
) -> None:
    """Options and commands."""
    said = landkit_says(*arguments)

    assert said.code == 2
    assert re.search(rf"{word}\b", said.err.split("，", 1)[-1])
    assert_one_sentence(said)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "x"],
        ["stock"],
        ["stock", "a", "b"],
        ["check", "x", "--fail-on", "everything"],
        ["rules", "--lang", "fr"],
        ["init"],
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_wrong_usage_is_2_and_one_sentence(
    landkit_says: Callable[..., Said], arguments: list[str], lang: str
) -> None:
    """In the language asked for."""
    said = landkit_says("--lang", lang, *arguments)

    assert said.code == 2
    assert_one_sentence(said)
    assert bool(CHINESE.search(said.err)) == (lang == "zh")


@pytest.mark.parametrize("day", ["tomorrow", "2025-13-01", "20250630x", ""])
def test_a_day_that_is_none_is_a_usage_error(landkit_says: Callable[..., Said], day: str) -> None:
    """With an example."""
    said = landkit_says("rules", "--on", day, "--lang", "en")

    assert said.code == 2
    assert "2025-06-30" in said.err
    assert_one_sentence(said)


def test_debug_shows_the_inside_of_an_error(study_folder: Path) -> None:
    """And nothing else does."""
    with pytest.raises(Exception, match="No study at"):
        cli.main(["stock", str(study_folder / "none"), "--debug"])


# --- terminals


def test_escapes_in_the_data_do_not_reach_the_terminal(
    landkit_says: Callable[..., Said], tmp_path: Path
) -> None:
    """Bad inputs 88: an attribute value must not move the cursor or change the title; nor turn text round (89)."""
    evil = "\x1b[31mred\x1b]0;title\x07\u202e"
    folder = build(
        tmp_path / "s",
        parks=lambda p: p.assign(park_name=[evil, evil]),
        parcels=lambda p: p.assign(floor_area_m2=["about " + evil, *["1"] * 7]),
    )
    for command in ("check", "parks", "capacity"):
        said = landkit_says(command, folder)
        assert said.code == 0
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said.out + said.err)


def test_escapes_in_an_error_do_not_reach_the_terminal_and_it_stays_one_line(
    landkit_says: Callable[..., Said], tmp_path: Path
) -> None:
    """A path or a column name is data too."""
    folder = build(tmp_path / "s", spec={"parcels": {"fields": {"a\nb\x1b[2Jc": "parcel_name"}}})
    said = landkit_says("stock", folder)

    assert said.code == 3
    assert "\x1b" not in said.err
    assert_one_sentence(said)


@pytest.mark.bad_input(95)
@pytest.mark.parametrize("coding", ["gbk", "ascii", "cp1252"])
def test_a_console_of_another_code_page_shows_what_it_can(study_folder: Path, coding: str) -> None:
    """Bad inputs 95: a ? for a character is better than dying."""
    done = subprocess.run(
        [sys.executable, "-m", "landkit", "rules", "--help"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": coding, "PYTHONUTF8": "0"},
        timeout=60,
    )

    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"--profile" in done.stdout


# --- interruption

CHILD = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background of a shell
from landkit.workflow import running

def wait(*_, **__):
    print("ready", file=sys.stderr, flush=True)
    time.sleep(60)

running.write_ledger = wait
from landkit.cli import main
main(sys.argv[1:])
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing on Windows")
def test_ctrl_c_in_the_middle_of_writing_leaves_the_earlier_outputs_as_they_were(
    study_folder: Path, tmp_path: Path
) -> None:
    """Bad inputs 92: 130, one sentence, and a folder that the next run can use."""
    out = tmp_path / "out"
    out.mkdir()
    for name in ("map.html", "manifest.json"):
        (out / name).write_text(f"earlier {name}", encoding="utf-8")
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(CHILD),
            "run",
            str(study_folder),
            "--to",
            str(out),
            "--quiet",  # where the kernel is compiled for the first time, progress would be told before
        ],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert child.stderr is not None
    assert child.stderr.readline() == "ready\n"
    child.send_signal(signal.SIGINT)
    stdout, err = child.communicate(timeout=60)

    assert child.returncode == 130
    assert stdout == ""
    assert err.lstrip("\n") == "landkit: 已中断，原有成果未动。\n"
    assert sorted(p.name for p in out.iterdir() if p.name != ".landkit") == ["manifest.json", "map.html"]
    assert (out / "map.html").read_text(encoding="utf-8") == "earlier map.html"


@pytest.mark.parametrize("verb", [("run", "study"), ("overlaps", "parcels.gpkg", "line.gpkg")])
def test_processes_and_a_cluster_cannot_both_be_asked_for(
    verb: tuple[str, ...], landkit_says: Callable[..., Said], tmp_path: Path
) -> None:
    """Seen: `--workers` said nothing beside `--cluster`."""
    asked = ("--to", tmp_path / "out", "--workers", 2, "--cluster", "tcp://nowhere:8786")
    code, out, err = landkit_says(*verb, *asked, "--lang", "en")

    assert (code, out) == (2, "")
    assert err.strip() == "landkit: --workers and --cluster cannot be asked at once; see --help."
    assert not (tmp_path / "out").exists()
    said = landkit_says(*verb, *asked).err.strip()
    assert said == "landkit: 用法有误：--workers 与 --cluster 只能选一个；用 --help 查看用法。"


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "缺少 STUDY，用 --help 查看用法。"), ("en", "STUDY is missing; see --help.")]
)
def test_what_a_report_lacks_is_said_once(landkit_says: Callable[..., Said], lang: str, said: str) -> None:
    """Seen: 用法有误：缺少 STUDY，用 --help 查看用法。 用 --help 查看用法。"""
    assert landkit_says("report", "--lang", lang).err.strip() == f"landkit: {said}"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--workers", "0"), "--workers 的值不可用，应为 不小于 1 的整数。"),
        (("--workers", "two"), "--workers 的值不可用，应为 不小于 1 的整数。"),
    ],
)
def test_a_number_out_of_range_is_asked_for_in_words(
    asked: tuple[str, str], said: str, landkit_says: Callable[..., Said]
) -> None:
    """Seen: 应为 integer range."""
    code, _, err = landkit_says("overlaps", "a.parquet", "b.gpkg", "--to", "out", *asked)

    assert (code, err.split("landkit: ")[1].split("\n")[0].startswith(said)) == (2, True)


def test_a_number_that_is_not_above_nought_is_asked_for_in_words(landkit_says: Callable[..., Said]) -> None:
    for lang, words in (("zh", "应为 大于 0 的数。"), ("en", "it should be a number above 0.")):
        assert words in landkit_says("bench", "--sigmas", "0", "--lang", lang).err


def test_the_module_is_the_command() -> None:
    """`python -m landkit` where the command is not on the path."""
    done = subprocess.run(
        [sys.executable, "-m", "landkit", "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("landkit ")

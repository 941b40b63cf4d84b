"""Words by key: both languages say the same facts, every key that is used has words, and no words are idle."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from source import PACKAGE, facts_of, keys_said, modules, strings

import landkit
from landkit import text as words_of
from landkit.model import Code, Reason, why
from landkit.text import LANGS, column_label, data_toml, has_text, known_columns, term, text, with_unit

WORDS = words_of._words()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAID = keys_said()
# facts that one language alone can say: the Chinese word for a column is not said to an English reader
ONE_LANGUAGE = {("error.column_missing", "word")}
# keys made of parts: the rest of the key is a code of the vocabulary
FAMILIES = {
    "reason.verdict_": ("analysis/conflicts.py", "verdict_"),
    "reason.idle_then_": ("analysis/stock/idle.py", "idle_then_"),
    "reason.assembly_": ("analysis/assemblies.py", "assembly_"),
    "reason.capacity_": ("analysis/capacity.py", "capacity_"),
    "reason.crs_identified_": ("io/crs/stated.py", "crs_identified_"),
    "reason.json_": ("io/formats/geojson.py", "json_"),
    "reason.limit.": ("io/limits.py", "limit."),
}


def test_every_key_is_said_in_both_languages_with_the_same_facts() -> None:
    """A fact that one language drops is a fact that half the readers never see."""
    unlike = {k: facts_of(w["zh"]) ^ facts_of(w["en"]) for k, w in WORDS.items()}
    unlike = {k: {f for f in facts if (k, f) not in ONE_LANGUAGE} for k, facts in unlike.items()}

    assert {k for k, facts in unlike.items() if facts} == set()
    assert {k for k, w in WORDS.items() if not all(w[lang].strip() for lang in LANGS)} == set()


def test_english_words_hold_no_chinese_and_chinese_sentences_some() -> None:
    """Nothing was copied over."""
    sentences = [k for k in WORDS if k.split(".")[0] in ("error", "reason", "cli")]

    assert {k for k, w in WORDS.items() if CHINESE.search(w["en"])} == set()
    assert {
        k for k in sentences if not CHINESE.search(WORDS[k]["zh"]) and not WORDS[k]["zh"].startswith("{")
    } == set()


def test_an_error_is_one_line_that_ends() -> None:
    """One sentence, or two: what is wrong, what to do; a command to copy may stand at its end."""
    said = {(k, w[lang]) for k, w in WORDS.items() for lang in LANGS if k.startswith("error.")}

    assert {k for k, words in said if "\n" in words} == set()
    assert {k for k, words in said if words[-1] not in "。.？?}！!"} <= {"error.mdb"}


def test_a_key_in_the_code_has_words_and_all_their_facts() -> None:
    """A missing fact would be a KeyError in front of the user, in the place of the message."""
    said = [s for s in SAID if s.call != "text" or "." in s.key]
    wordless = [f"{s.file}:{s.line} {s.key}" for s in said if not has_text(s.key)]
    lacking = [
        f"{s.file}:{s.line} {s.key} lacks {lack}"
        for s in said
        if has_text(s.key) and s.facts is not None
        if (lack := (facts_of(WORDS[s.key]["zh"]) | facts_of(WORDS[s.key]["en"])) - s.facts)
    ]

    assert len(said) > 200
    assert wordless == []
    assert lacking == []


def test_the_search_for_keys_finds_what_is_planted(tmp_path: Path) -> None:
    """Negative control: a misspelt key and a missing fact are seen."""
    (tmp_path / "x.py").write_text(
        'def f():\n    raise LayerError("no_such" if f else "mdb", pth=1)\n    why("rated")\n'
    )
    found = keys_said(tmp_path)

    assert [(s.key, s.facts) for s in found] == [
        ("error.no_such", frozenset({"pth"})),
        ("error.mdb", frozenset({"pth"})),
        ("reason.rated", frozenset()),
    ]
    assert not has_text("error.no_such")
    assert not facts_of(WORDS["error.mdb"]["en"]) <= {"pth"}


def test_no_sentence_is_idle() -> None:
    """Words that no line of code asks for are words nobody keeps true."""
    literal = {value for file in modules() for _, value in strings(file)}
    idle = [
        key
        for key in WORDS
        if key.split(".")[0] in ("error", "reason")
        and key.split(".", 1)[1] not in literal
        and not any(key.startswith(family) for family in FAMILIES)
    ]

    assert idle == []


@pytest.mark.parametrize(("family", "where"), FAMILIES.items())
def test_the_families_of_keys_are_made_where_they_are_said_to_be(family: str, where: tuple[str, str]) -> None:
    """The exemption of the test above is not a hole."""
    file, start = where

    assert any(value.startswith(start) for _, value in strings(PACKAGE / file)), family


@pytest.mark.parametrize("why_not", sorted(k.removeprefix("why.") for k in WORDS if k.startswith("why.")))
def test_every_reason_of_a_verdict_has_its_short_words_and_its_sentence(why_not: str) -> None:
    """The coverage sheet says the one, the card the other."""
    deeper = {"deeper_than_error": ("verdict_deeper_than_error", "verdict_deeper_one_vertex")}

    assert all(has_text(f"reason.{k}") for k in deeper.get(why_not, (f"verdict_{why_not}",)))


@pytest.mark.parametrize(
    "command",
    ["run", "check", "stock", "conflicts", "layout", "intensity", "parks", "capacity", "rules", "init"],
)
def test_every_command_has_its_help(command: str) -> None:
    """In both languages."""
    assert text(f"cli.{command}", "zh") != text(f"cli.{command}", "en")


def test_an_unknown_key_is_a_fault_of_ours() -> None:
    """KeyError, not an empty label."""
    with pytest.raises(KeyError):
        text("error.no_such_key")


def test_a_code_without_a_word_is_said_as_it_is() -> None:
    """A source may bring codes that nobody has named."""
    assert term("verdict", "clear", "en") == "clear"
    assert term("verdict", "clear", "zh") == "无冲突"
    assert term("verdict", "strange", "zh") == "strange"
    assert term("verdict", None, "zh") == ""


def test_a_reason_says_codes_in_the_readers_language() -> None:
    """The same Reason, said twice; names of a plan stand in both languages in its file."""
    reason = why("date_order", first=Code("column", "supply_date"), second=Code("column", "handover_date"))

    assert reason.say("zh") == "实际交地日期早于合同签订日期"
    assert reason.say("en") == "hand-over date comes before contract date"
    assert why("no_axis").say("en") == "the study has no axis layer"
    assert isinstance(reason, Reason)


def test_braces_in_a_fact_are_only_text() -> None:
    """Bad inputs 83: a file called {0}.shp is no format."""
    assert "{path}{0}" in text("error.mdb", "en", path="{path}{0}")


@pytest.mark.parametrize(
    "file", ["terms.toml", "messages.toml", "messages_export.toml", "messages_overlay.toml"]
)
def test_the_files_of_words_hold_pairs_only(file: str) -> None:
    """zh and en, nothing else, at every leaf."""

    def leaves(node: dict[str, object]) -> list[set[str]]:
        if not any(isinstance(v, dict) for v in node.values()):
            return [set(node)]
        return [leaf for v in node.values() if isinstance(v, dict) for leaf in leaves(v)]

    assert all(leaf == {"zh", "en"} for leaf in leaves(data_toml(file)))


def test_no_key_has_words_in_two_files() -> None:
    """Seen: the files are read one after another, and the encoding of an export was explained as that of a source."""
    folder = PACKAGE / "data"
    files = [f.name for f in sorted(folder.glob("messages*.toml"))]

    def keys(node: dict[str, Any], path: str = "") -> list[str]:
        if set(node) == set(LANGS):
            return [path]
        return [key for name, below in node.items() for key in keys(below, f"{path}.{name}")]

    said = [key for file in files for key in keys(data_toml(file))]

    assert len(files) > 5
    assert [key for key, times in Counter(said).items() if times > 1] == []


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 row in 1 part, in x."), ("1,000", "1,000 rows in 1 part, in x.")]
)
def test_english_says_one_row_and_a_thousand_rows(count: object, said: str) -> None:
    """Seen: "1 rows in 1 parts"."""
    assert text("cli.split_done", "en", rows=count, parts=1, path="x") == said
    assert text("cli.split_done", "zh", rows=count, parts=1, path="x") == f"{count} 行分为 1 块，写入 x。"


def test_a_word_that_follows_its_number_has_a_form_for_one_and_one_for_many() -> None:
    """`{n:row|rows}`; a sentence that is filled in elsewhere (the map's own) must not use it."""
    forms = {k: re.findall(r"\{\w+:([^{}]*\|[^{}]*)\}", w["en"]) for k, w in WORDS.items() if "|" in w["en"]}

    assert len([k for k, pairs in forms.items() if pairs]) > 30
    assert {
        k for k, pairs in forms.items() if any(p.count("|") != 1 or "" in p.split("|") for p in pairs)
    } == set()
    assert {
        k for k, pairs in forms.items() if pairs and k.startswith("map_words.") and "{n" in WORDS[k]["en"]
    } == set()


def test_a_unit_stands_apart_from_an_english_word_and_is_said_once() -> None:
    """Seen: "area(mu)"; Chinese sets no space."""
    assert column_label("area_mu", "en") == "ellipsoidal area (mu)"
    assert column_label("area_mu", "zh") == "椭球面积(亩)"
    assert column_label("verdict", "en") == "verdict"
    assert with_unit("area (mu)", "mu", "en") == "area (mu)"


def test_no_english_label_has_a_bracket_without_a_space_before_it() -> None:
    labels = [column_label(column, "en") for column in known_columns()]

    assert [label for label in labels if re.search(r"\w\(", label)] == []


def test_what_lacks_inputs_is_said_to_lack_them_in_both_languages() -> None:
    """Seen: 资料不足 was "undecided" in English, which sounds as if somebody had only to decide."""
    words = [
        (term("stock_status", "undecided", lang), column_label("stock_undecided_mu", lang)) for lang in LANGS
    ]

    assert words == [("资料不足", "资料不足(亩)"), ("inputs missing", "inputs missing (mu)")]


def test_every_unit_of_a_rule_and_every_way_an_encoding_was_told_has_a_word() -> None:
    """Seen: `5、10 [year]` among Chinese rules, and UTF-8(mark)."""
    units = {row["unit"] for row in landkit.rules().table().to_dict("records")}

    assert {unit for unit in units if not has_text(f"rule_unit.{unit}")} == set()
    assert {
        by for by in ("mark", "ascii", "text", "given", "cpg", "dbf") if not has_text(f"encoding_by.{by}")
    } == set()

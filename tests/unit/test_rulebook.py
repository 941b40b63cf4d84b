"""Law as dated data (规则库): what is in force on a day, who says so, and how sure that is."""

import datetime
import itertools
import re
from pathlib import Path

import pytest
from builders import RULES_ON, book
from hypothesis import given
from hypothesis import strategies as st

from landkit.errors import RuleError
from landkit.rulebook import PROFILES, RuleBook, rulebook, rules_table
from landkit.text import data_text, data_toml

PACKAGE = Path(__file__).parents[2] / "landkit"
FILES = ("accuracy", "capacity", "checks", "idle", "lines", "rasters", "rating", "stock")
EVERY = [r for name in FILES for r in data_toml(f"rules/{name}.toml").get("rule", [])]
VERSIONS = [(r, v) for r in EVERY for v in r["version"]]

# Rules whose wording, number or day nobody has read in a source.  Adding one is a decision: say here why it is shipped at all.
UNVERIFIED = {
    "capacity.supply_years": "TD/T 1029-2010 averages over recent years; how many was not read",
    "intensity.allocation": "our own convention",
    "line.ecological_redline until 2022-08-16": "the 2019 guideline was read in a mirror, its day is recalled",
    "line.eco_control_area": "苏政发〔2020〕1号: that it exists was read, its wording and day are recalled",
    "line.urban_development_boundary until 2023-10-08": "the 2019 guideline was read in a mirror, its day is recalled",
    "stock.assembly.gap_m": "the document says contiguous and gives no distance",
    "stock.priority": "our own convention, after domain.md 2.4",
    "stock.supplied_unbuilt": "a usage, no clause was seen",
    "zonal.min_cells": "our own convention",
    "stock.underused.agreed_far_share": "the later part of 扬府办发〔2025〕2号 is not public",
}
UNVERIFIED_ACCURACIES = {"udb"}


def day(text):
    return datetime.date.fromisoformat(text)


# --- dates --------------------------------------------------------------------------------------------------------


def test_a_rule_comes_into_force_on_its_first_day():
    """Order 53 is in force from 2012-07-01."""
    assert book(day("2012-07-01"))["stock.idle.after_months"].value == 12
    with pytest.raises(RuleError) as caught:
        book(day("2012-06-30"))["stock.idle.after_months"]
    assert caught.value.key == "rule_not_in_force"
    assert "2012-07-01" in str(caught.value)


def test_a_rule_asked_for_before_it_existed_says_when_it_was_in_force():
    """Land of 2019 judged by the local rule of 2025: the error tells the spans, so that rules_on can be mended."""
    with pytest.raises(RuleError) as caught:
        book(day("2019-01-01"))["stock.inefficient.d_years"]
    assert caught.value.rule == "stock.inefficient.d_years"
    assert "2025-01-01 – …" in caught.value.spans
    assert "2019-01-01" in caught.value.say("zh")


def test_the_version_of_the_day_is_used_and_the_last_day_of_the_old_one_is_the_day_before():
    """193号 of 2023-10-08, replaced by the 2026 measures (domain.md 6.2): the same ban, another clause to cite."""
    names = {d: book(day(d))["line.urban_development_boundary"].citation.number for d in
             ("2023-10-07", "2023-10-08", "2026-02-27", "2026-02-28")}  # fmt: skip
    assert "2019" in names["2023-10-07"]
    assert names["2023-10-08"] == names["2026-02-27"] == "自然资发〔2023〕193号"
    assert "2026" in names["2026-02-28"]


def test_a_rule_without_days_is_always_in_force():
    """Conventions of the tool have no day of issue."""
    assert "conflict.alpha" in book(day("1990-01-01"))


def test_a_control_line_cites_only_what_is_in_force():
    """Before its law a line may still be looked at, but under no clause."""
    assert book(day("2018-01-01")).line("ecological_redline").rules == ()
    assert book().line("ecological_redline").rules == ("line.ecological_redline",)


@pytest.mark.parametrize("profile", PROFILES)
@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2060, 1, 1)))
def test_on_every_day_each_rule_has_one_version_or_none(profile, on):
    """Monotone in date: no day on which two versions hold, none on which a rule is in force and asleep."""
    rules = rulebook(profile, on=on)
    assert not set(rules) & set(rules.asleep)
    ids = {r["id"] for r in EVERY}
    if profile == "yangzhou":
        assert set(rules) | set(rules.asleep) == ids
    for rule in rules.values():
        assert rule.since is None or rule.since <= on
        assert rule.until is None or on < rule.until


@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2060, 1, 1)), st.integers(0, 20_000))
def test_between_two_changes_of_the_law_nothing_changes(on, later):
    """A rule value changes only on a day that one of its versions names."""
    changes = sorted({d for _, v in VERSIONS for d in (v.get("since"), v.get("until")) if d})
    other = on + datetime.timedelta(days=later)
    if not any(on < d <= other for d in changes):
        assert dict(rulebook(on=on)) == dict(rulebook(on=other))


def test_versions_of_a_rule_leave_no_gap_between_them():
    """What was forbidden in 2022 and is in 2026 was so in between."""
    for rule in EVERY:
        spans = sorted((v.get("since") or datetime.date.min, v.get("until")) for v in rule["version"])
        for (_, until), (since, _) in itertools.pairwise(spans):
            assert until == since, rule["id"]


# --- a study's own rules --------------------------------------------------------------------------------------------

OWN = """
id = "own"
extends = "yangzhou"
[[rule]]
id = "{id}"
zh = "试"
en = "test"
unit = "share"
"""
VERSION = """
[[rule.version]]
value = {value}
{days}
basis = "local"
decides = false
verified = true
citation = {{ title = "某市办法" }}
"""


def own(folder, *versions, key="stock.idle.fee_share", head=OWN):
    text = head.format(id=key) + "".join(VERSION.format(value=v, days=d) for v, d in versions)
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return rulebook("own.toml", on=RULES_ON, folder=folder)


def test_a_study_s_own_profile_extends_and_overrides_the_shipped_one(tmp_path):
    """A city with its own fee states that rule again; all others stay."""
    rules = own(tmp_path, (0.1, ""))
    assert rules["stock.idle.fee_share"].value == 0.1
    assert rules["stock.idle.fee_share"].profile == "own"
    assert rules["stock.idle.after_months"].value == 12
    assert rules.stock_tests == book().stock_tests
    assert set(rules.lines) == set(book().lines)


def test_a_new_rule_may_be_added(tmp_path):
    """Floors of output are local: a study brings them."""
    assert (
        own(tmp_path, (25, ""), key="stock.inefficient.tax_floor")["stock.inefficient.tax_floor"].value == 25
    )


def test_two_versions_in_force_on_one_day_are_an_error(tmp_path):
    """Which one would win must not hang on the order in the file."""
    with pytest.raises(RuleError) as caught:
        own(tmp_path, (0.1, "since = 2020-01-01"), (0.2, "since = 2024-01-01"))
    assert caught.value.key == "rule_twice"
    assert caught.value.rule == "stock.idle.fee_share"


def test_an_override_that_is_not_in_force_puts_the_rule_to_sleep_and_does_not_fall_back(tmp_path):
    """A study that says "our rule begins in 2030" has no rule today; the shipped one is not its rule."""
    rules = own(tmp_path, (0.1, "since = 2030-01-01"))
    assert "stock.idle.fee_share" in rules.asleep
    with pytest.raises(RuleError, match="not in force"):
        rules["stock.idle.fee_share"]


def test_an_override_wakes_a_rule_that_the_shipped_file_has_asleep(tmp_path):
    """Regression: the rule was in force and still reported as not applied."""
    own(tmp_path, (3, ""), key="stock.inefficient.d_years")
    rules = rulebook("own.toml", on=day("2019-01-01"), folder=tmp_path)
    assert rules["stock.inefficient.d_years"].value == 3
    assert "stock.inefficient.d_years" not in rules.asleep


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("id = ", "rules_not_toml"),
        ("nonsense = 1", "rules_bad"),
        ('[[rule]]\nid = "x"\nzh = "x"\nen = "x"\nunit = ""\nversion = []', "rules_bad"),
        ('extends = "own.toml"', "profile_circle"),
        ('extends = "jangzhou"', "profile_not_found"),
        ('include = ["nothing"]', "rules_bad"),
        ('include = ["../profiles/yangzhou"]', "rules_bad"),
    ],
)
def test_a_rules_file_that_is_wrong_is_an_error_with_its_name(tmp_path, text, key):
    """Never a traceback of a library, whoever wrote the file."""
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        rulebook("own.toml", on=RULES_ON, folder=tmp_path)
    assert caught.value.key == key


def test_a_rule_must_cite_something(tmp_path):
    """design.md 2: law as dated data, each rule has a source."""
    text = OWN.format(id="x.y") + VERSION.format(value=1, days="").replace("某市办法", "")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        rulebook("own.toml", on=RULES_ON, folder=tmp_path)
    assert caught.value.where.endswith("citation.title")


# --- names -----------------------------------------------------------------------------------------------------------


def test_an_unknown_rule_line_accuracy_or_profile_names_the_nearest_one():
    """A slip of the pen is mended at a glance."""
    rules = book()
    with pytest.raises(RuleError) as caught:
        rules["stock.idle.after_month"]
    assert caught.value.guess == "stock.idle.after_months"
    with pytest.raises(RuleError) as caught:
        rules.line("ecological_red_line")
    assert caught.value.guess == "ecological_redline"
    with pytest.raises(RuleError) as caught:
        rules.accuracy("dom-1000")
    assert caught.value.guess == "dom-10000"
    with pytest.raises(RuleError) as caught:
        rulebook("yangzou", on=RULES_ON)
    assert caught.value.guess == "yangzhou"


def test_a_default_accuracy_comes_with_its_source():
    """Printed on every card that uses it."""
    sigma, source = book().accuracy("dom-10000")
    assert sigma == 3.5  # 5.0 m planar point error / sqrt 2, domain-additions.md 8
    assert "5.0 m" in source


@pytest.mark.parametrize(
    ("name", "planar"), [("parcel-class-1", 0.05), ("parcel-class-2", 0.075), ("parcel-class-3", 0.10),
                         ("dom-2000", 1.0), ("dom-5000", 2.5), ("dom-10000", 5.0)],
)  # fmt: skip
def test_default_accuracies_are_published_point_errors_by_the_root_of_two(name, planar):
    """design.md 5: accuracy_m is the deviation of ONE axis; a planar point error is sqrt(2) times it.

    Shipped values are rounded up or to two digits, never made finer than 15 % below.
    """
    sigma, _ = book().accuracy(name)
    assert planar / 2**0.5 * 0.98 <= sigma <= planar


# --- what is shipped ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "version"), VERSIONS, ids=[f"{r['id']}-{v.get('since', '')}" for r, v in VERSIONS]
)
def test_every_shipped_rule_says_who_says_so(rule, version):
    """Smell 7: a citation that is a title without number, date and URL; law that nobody has read."""
    cited = version["citation"]
    assert len(cited["title"]) >= 4
    assert re.search(r"[\u4e00-\u9fff]", rule["zh"])
    assert re.search(r"[a-z]", rule["en"])
    assert version["basis"] in ("law", "standard", "local", "plan", "assumption")
    assert isinstance(version["verified"], bool)
    assert isinstance(version["decides"], bool)
    assert rule["unit"]
    if version["basis"] in ("law", "local"):
        assert cited["number"]
        assert cited["url"].startswith("http")
        assert version["since"]


def test_rules_that_were_not_verified_are_these_and_no_others():
    """Nothing marked M- in domain.md is shipped as a default, and adding an unverified rule is a decision made here."""
    several = {r["id"] for r in EVERY if len(r["version"]) > 1}
    found = {
        r["id"] + (f" until {v['until']}" if r["id"] in several and v.get("until") else "")
        for r, v in VERSIONS
        if not v["verified"]
    }
    assert found == set(UNVERIFIED)
    accuracies = data_toml("rules/accuracy.toml")["accuracy"]
    assert {a["name"] for a in accuracies if not a["verified"]} == UNVERIFIED_ACCURACIES


def test_an_unverified_rule_decides_no_classification():
    """design.md 2: where the law says "may" or nobody has read it, the answer is a candidate.

    `stock.priority` and `intensity.allocation` only arrange figures; the two old lines are the same ban as their successors.
    """
    deciding = {r["id"] for r, v in VERSIONS if v["decides"] and not v["verified"]}
    assert deciding == {
        "stock.priority", "intensity.allocation", "line.ecological_redline", "line.urban_development_boundary",
    }  # fmt: skip


def test_the_may_of_order_53_is_not_a_must():
    """Art. 2(2): 也可以认定为闲置土地."""
    rules = book()
    for key in ("suspended_months", "started_share_below", "invested_share_below"):
        assert not rules[f"stock.idle.{key}"].decides
    for key in ("after_months", "fee_share", "take_back_months", "start_after_handover_months"):
        assert rules[f"stock.idle.{key}"].decides


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("stock.idle.after_months", 12), ("stock.idle.take_back_months", 24), ("stock.idle.suspended_months", 12),
        ("stock.idle.start_after_handover_months", 12), ("stock.idle.fee_share", 0.2),
        ("stock.idle.started_share_below", 1 / 3), ("stock.idle.invested_share_below", 0.25),
        ("stock.inefficient.d_years", 2), ("stock.inefficient.c_years", 2),
        ("stock.inefficient.new_project_far_floor", 1.2), ("capacity.reserve_years", [5, 10]),
    ],
)  # fmt: skip
def test_the_numbers_are_those_of_the_sources(key, value):
    """Order 53 articles 2, 14, 22; 扬府办发〔2025〕2号; 苏自然资发〔2021〕264号; the plan (domain documents)."""
    assert book()[key].value == value


def test_the_weights_of_the_rating_sum_to_100_and_its_bounds_rise():
    """domain-additions.md 3.4: landkit must refuse nodes whose weights do not sum; ours do."""
    rules = book()
    assert sum(rules["rating.indicators"].value.values()) == 100
    shares = rules["rating.upper_shares"].value
    assert 0 < shares["A"] < shares["B"] < shares["C"] < 1


def _code():
    return "\n".join(p.read_text(encoding="utf-8") for p in sorted(PACKAGE.rglob("*.py")))


# rules that only a study may bring: floors are local, codes of another country's tax roll
OPTIONAL = {
    "stock.inefficient.tax_floor", "stock.inefficient.far_floor", "stock.inefficient.investment_floor",
    "stock.unbuilt_use_codes",
}  # fmt: skip
GROUPS = tuple(sorted({r["id"].split(".")[0] for r in EVERY}))


def test_every_rule_that_the_code_asks_for_exists():
    """A key with a slip would raise in the middle of a run, or never be applied."""
    wanted = set(re.findall(rf'"((?:{"|".join(GROUPS)})\.[a-z_.]*[a-z_])"', _code()))
    wanted -= {w for w in wanted if w.endswith((".tif", ".toml", ".gpkg", ".csv", ".zip"))}
    assert wanted - {r["id"] for r in EVERY} <= OPTIONAL
    assert len(wanted) > 20


def test_every_shipped_rule_is_used_by_some_verb():
    """Smell 7: a rule no verb uses.  Lines use the rules that lines.toml names; some verbs take a whole group by prefix."""
    code = _code()
    by_line = {r for entry in data_toml("rules/lines.toml")["line"] for r in entry["rules"]}
    prefixes = tuple(re.findall(rf'startswith\(\(?"((?:{"|".join(GROUPS)})[a-z_.]*)"', code))
    prefixes += tuple(re.findall(rf'startswith\(\("[a-z_.]+", "((?:{"|".join(GROUPS)})[a-z_.]*)"', code))
    unused = {
        r["id"]
        for r in EVERY
        if f'"{r["id"]}"' not in code and r["id"] not in by_line and not r["id"].startswith(prefixes)
    }
    assert unused == set()


def test_every_line_names_rules_that_exist_and_a_severity():
    """1 forbidden, 2 restricted, 3 note; which side breaks it is data (smell 5)."""
    ids = {r["id"] for r in EVERY}
    breaches = {}
    for entry in data_toml("rules/lines.toml")["line"]:
        assert set(entry["rules"]) <= ids
        breaches[entry["id"]] = (entry["breach"], entry["severity"])
    assert breaches == {
        "ecological_redline": ("inside", 1), "permanent_basic_farmland": ("inside", 1),
        "urban_development_boundary": ("outside", 1), "eco_control_area": ("inside", 2),
    }  # fmt: skip


def test_every_profile_names_files_lines_and_tests_that_exist():
    """A shipped profile must load on any day."""
    from landkit.analysis.stock import TESTS

    for profile in PROFILES:
        assert data_text(f"profiles/{profile}.toml")
        rules = rulebook(profile, on=RULES_ON)
        assert isinstance(rules, RuleBook)
        assert set(rules.stock_tests) <= set(TESTS)
        assert set(rules.lines) <= set(rules.known_lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_of_rules_shows_each_with_its_citation_and_whether_it_was_verified(lang):
    """`landkit rules`: what a reviewer asks for first."""
    rules = book()
    table = rules_table(rules.values(), lang).set_index("rule")
    assert len(table) == len(rules)
    assert (
        table.at["stock.idle.fee_share", "citation"]
        == "《闲置土地处置办法》 (国土资源部令第53号) 第十四条第一项"
    )
    assert not table.at["stock.underused.agreed_far_share", "verified"]
    assert table.index.is_monotonic_increasing
    assert (table["rule_name"].str.len() > 0).all()

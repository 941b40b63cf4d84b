"""The contract of design.md 5: commands, verbs and what they take; other people's scripts call these."""

from __future__ import annotations

import inspect
import re
import typing

import click
import pytest
from source import PACKAGE

import landkit
from landkit import cli, workflow
from landkit.workflow.contract import CONTRACT

# design.md 5, word for word: shell verb -> Python verb, what it gives
VERBS = {
    "run": ("run", "Run"),
    "check": ("check", "Findings"),
    "stock": ("stock", "Stock"),
    "conflicts": ("conflicts", "Conflicts"),
    "layout": ("layout", "Layout"),
    "intensity": ("intensity", "Intensity"),
    "parks": ("parks", "Parks"),
    "capacity": ("capacity", "Capacity"),
    "zonal": ("zonal", "Zonal"),
    "repair": ("repair", "Repairs"),
    "rules": ("rules", "RuleBook"),
    "layers": ("layers", "Layers"),
    "init": ("init", None),
    "export": ("export", "HandOver"),
    "sheets": ("sheets", "Sheets"),
    "report": ("report", "Report"),
    "verify": ("verify", "Verification"),
    "compare": ("compare", "Comparison"),
    "overlaps": ("stream_overlaps", "Streamed"),
    "split": ("split_parcels", "Split"),
    "bench": ("run_bench", "Benchmark"),
}
LIBRARY = {"load_study", "read_layer", "area_m2", "overlaps"}
NAMES = (
    {v for v, _ in VERBS.values()}
    | {r for _, r in VERBS.values() if r}
    | LIBRARY
    | {"LandkitError", "LandkitWarning", "LayerFile", "Study"}
)
SIGNATURES = {
    "run": "(study, *, to)",
    "check": "(study)",
    "stock": "(study)",
    "conflicts": "(study)",
    "layout": "(study)",
    "intensity": "(study)",
    "parks": "(study)",
    "capacity": "(study)",
    "zonal": "(study)",
    "repair": "(study, *, to)",
    "rules": "(*, on)",
    "layers": "(path)",
    "init": "(folder, files)",
    "export": "(study, *, to, formats)",
    "sheets": "(study, *, to)",
    "report": "(study, *, to)",
    "verify": "(folder)",
    "compare": "(before, after, *, to)",
    "load_study": "(path)",
    "read_layer": "(path, *, crs, encoding)",
    "area_m2": "(geometries)",
    "overlaps": "(parcels, zones, *, geometry, workers)",
}
# design.md 6: columns that other scripts read, first and in this order
COLUMNS = {
    "stock": "parcel_id, park_id, area_m2, area_mu, stock_class, stock_status, rules, reason, net_area_m2",
    "conflicts": "conflict_id, parcel_id, park_id, line, zone_id, encroached_m2, encroached_mu, "
    "parcel_share, width_m, margin_m, verdict, severity, rules, reason, layer_version",
    "layout": "parcel_id, park_id, cluster_id, cluster_share, axis_id, axis_distance_m, layout_verdict, reason",
    "intensity": "parcel_id, park_id, area_mu, tax_wan_yuan_per_mu, sales_wan_yuan_per_mu, "
    "output_wan_yuan_per_mu, investment_wan_yuan_per_mu, floor_area_ratio, rating, reason",
    "parks": "park_id, park_name, area_m2, stock_mu, conflict_mu, tax_wan_yuan_per_mu",
}
PUBLIC = sorted(n for n in landkit.__all__)


def test_the_face_is_the_contract() -> None:
    """__all__ holds what the table names, no more: what is there must be kept."""
    assert set(landkit.__all__) == NAMES
    assert list(landkit.__all__) == sorted(landkit.__all__, key=lambda n: (n[0].islower(), n)) or sorted(
        landkit.__all__
    ) == list(landkit.__all__)
    assert dir(landkit) == sorted(landkit.__all__)


@pytest.mark.parametrize("name", PUBLIC)
def test_everything_on_the_face_is_there(name: str) -> None:
    """Names are loaded late; a misspelt home would be found by a user."""
    assert getattr(landkit, name) is not None


def test_another_name_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="no_such"):
        landkit.no_such  # noqa: B018


@pytest.mark.parametrize(("name", "signature"), SIGNATURES.items())
def test_a_verb_takes_what_the_contract_says(name: str, signature: str) -> None:
    """Its arguments by position and by name stand first and in this order; more by name may follow."""
    found = inspect.signature(getattr(landkit, name)).parameters
    positional = [p for p, v in found.items() if v.kind is v.POSITIONAL_OR_KEYWORD]
    by_name = [p for p, v in found.items() if v.kind is v.KEYWORD_ONLY]
    wanted, _, named = signature.strip("()").partition("*")
    names = [n.strip() for n in named.split(",") if n.strip()]

    assert positional == [n.strip() for n in wanted.split(",") if n.strip()]
    assert set(names) <= set(by_name)
    assert all(found[n].default is not found[n].empty for n in by_name if n not in names)


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_public_functions_are_typed(name: str) -> None:
    """Every argument and the result: types live in the signature."""
    function = getattr(landkit, name)
    missing = [p for p in inspect.signature(function).parameters if p not in function.__annotations__]

    assert missing == []
    assert "return" in function.__annotations__


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_public_is_documented(name: str) -> None:
    """One sentence says what it answers."""
    assert inspect.getdoc(getattr(landkit, name))


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("stock", "m2"),
        ("conflicts", r"\(m\).*\(m2\)"),
        ("intensity", "wan yuan per mu"),
        ("capacity", "mu, years"),
        ("area_m2", "m2"),
        ("overlaps", "m2"),
    ],
)
def test_a_docstring_says_the_units(name: str, unit: str) -> None:
    """Of what is measured."""
    assert re.search(unit, inspect.getdoc(getattr(landkit, name)) or "", re.DOTALL)


@pytest.mark.parametrize("name", sorted(v for v, _ in VERBS.values()))
def test_a_verb_says_what_it_gives_in_chinese_too(name: str) -> None:
    """The vocabulary of design.md 4."""
    assert re.search(r"[\u4e00-\u9fff]", inspect.getdoc(getattr(landkit, name)) or "")


@pytest.mark.parametrize(("name", "result"), [(v, r) for v, r in VERBS.values() if r])
def test_a_verb_gives_the_result_of_its_name(name: str, result: str) -> None:
    """-> Stock, -> Conflicts, ..."""
    assert getattr(landkit, name).__annotations__["return"] == result


def commands() -> dict[str, click.Command]:
    return dict(cli.commands("en").commands)


def test_the_commands_are_those_of_the_contract() -> None:
    """Each is a verb of the library."""
    assert set(commands()) == set(VERBS)
    assert all(hasattr(workflow, verb) for verb, _ in VERBS.values())


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_command_takes_the_common_options(name: str) -> None:
    """--lang, --json, --quiet."""
    options = {o for p in commands()[name].params for o in p.opts}

    assert {"--lang", "--json", "--quiet", "--debug", "--help"} <= options


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("run", {"study", "--to", "--fail-on"}),
        ("check", {"study", "--fail-on"}),
        ("rules", {"--on"}),
        ("init", {"folder", "files"}),
        ("export", {"study", "--to", "--format"}),
        ("verify", {"folder"}),
        ("compare", {"before", "after", "--to"}),
        ("bench", {"--folder", "--parcels", "--zones", "--peers", "--rounds", "--noise"}),
        *[(q, {"study"}) for q in ("stock", "conflicts", "layout", "intensity", "parks", "capacity")],
    ],
)
def test_every_command_takes_what_the_contract_says(name: str, wanted: set[str]) -> None:
    """STUDY, --to DIR, --on DATE, DIR [FILES...]."""
    assert wanted <= {o for p in commands()[name].params for o in p.opts}


@pytest.mark.parametrize(("name", "columns"), COLUMNS.items())
def test_the_columns_are_those_of_the_contract(name: str, columns: str) -> None:
    """In this order, before any other."""
    assert CONTRACT[name] == columns.split(", ")


def test_results_share_one_shape() -> None:
    """`.table`, and which rules and layers were used."""
    for name in ("Stock", "Conflicts", "Layout", "Intensity", "Parks", "Capacity", "Findings"):
        fields = typing.get_type_hints(getattr(landkit, name)).keys()
        assert {"table", "rules", "layers", "tables"} <= set(fields)


def test_the_package_says_that_it_is_typed() -> None:
    """py.typed stands where type checkers look."""
    from importlib import resources

    assert resources.files("landkit").joinpath("py.typed").is_file()


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_every_command_stands_in_the_readme(readme: str) -> None:
    """As `landkit NAME`, or in a row of them; a command that nobody finds is of no use."""
    words = (PACKAGE.parent / readme).read_text(encoding="utf-8")
    named = {
        name for row in re.findall(r"landkit ([a-z]+(?: \| [a-z]+)*)", words) for name in row.split(" | ")
    }

    assert set(cli.commands("en").commands) <= named

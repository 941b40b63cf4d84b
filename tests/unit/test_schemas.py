"""Statutory tables as data: each is whole, has a source, is recognised by its fields; and what becomes of each kind of value."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from refusals import refused

from landkit.errors import StudyError
from landkit.io.columns import role_fields
from landkit.quality.ids import code_list
from landkit.quality.schema import Field, Schema, check_schema, schema, schema_for, schema_names
from landkit.text import data_toml
from landkit.units import FACTORS

STATUTORY = {"KFQBJ", "CZKFBJ", "STBHHX", "YJJBNTBHTB", "DLTB", "PEWG"}


def test_the_statutory_layers_are_all_there() -> None:
    """Park boundary, development boundary, red line, farmland, land patches, approved but not supplied."""
    assert set(schema_names()) >= STATUTORY


@pytest.mark.parametrize("name", schema_names())
def test_a_table_is_whole(name: str) -> None:
    """Fields once each, kinds and code lists that exist, a source, at least one required field; verified is never claimed."""
    table = schema(name)
    names = [f.name for f in table.fields]

    assert table.name == name
    assert len(set(names)) == len(names)
    assert all(f.kind in ("text", "number", "integer", "date") for f in table.fields)
    assert all(code_list(f.codes) for f in table.fields if f.codes)
    assert all(f.unit in FACTORS["m2"] for f in table.fields if f.unit)
    assert any(f.required for f in table.fields)
    assert len(table.source) > 10
    assert not table.verified
    assert table.role in ("", *data_toml("fields/roles.toml"))


@pytest.mark.parametrize("name", schema_names())
def test_a_table_is_recognised_by_its_required_fields(name: str) -> None:
    """Without the layer's name; and not by a name without its fields."""
    found = schema_for("x", [f.name.lower() for f in schema(name).fields if f.required])

    assert found is not None
    assert found.name == name
    assert schema_for(name, ["id", "name"]) is None


def test_an_unknown_table_is_named_with_the_nearest() -> None:
    """Before any file is opened."""
    with refused(StudyError, "schema_unknown", zh="没有名为 CZKFB .*CZKFBJ", en="no table CZKFB.*CZKFBJ"):
        schema("CZKFB")


def judged(values: list[Any], **about: Any) -> tuple[str, str, int]:
    """Result, reason in Chinese and bad rows of one field."""
    field = Field(name="X", zh="某字段", **{"kind": "text", **about})
    table = Schema("T", "表", "table", (field,), (), "", "", "source", verified=False)
    (result,) = check_schema(pd.DataFrame({"x": values}), table)
    return result.result, result.reason.say("zh") if result.reason else "", result.rows


@pytest.mark.parametrize(
    ("values", "about", "result"),
    [
        (["01", "02"], {}, "pass"),
        ([1, 2], {}, "fail"),
        ([1.0, 2.0], {}, "fail"),
        (["a", None], {}, "pass"),
        (["a", None], {"required": True}, "fail"),
        (["a", " "], {"required": True}, "fail"),
        (["abc"], {"length": 3}, "pass"),
        (["abcd"], {"length": 3}, "fail"),
        (["邗江区城"], {"length": 4}, "pass"),
        (["a", "b"], {"unique": True}, "pass"),
        (["a", "a"], {"unique": True}, "fail"),
        (["0601", "05H1"], {"codes": "dlbm-sandiao"}, "pass"),
        (["0601", "9999"], {"codes": "dlbm-sandiao"}, "fail"),
        ([1.5, 2], {"kind": "number"}, "pass"),
        (["1.5"], {"kind": "number"}, "fail"),
        ([2020, 2021], {"kind": "integer"}, "pass"),
        ([2020.5], {"kind": "integer"}, "fail"),
        (["2020", "2021"], {"kind": "integer"}, "pass"),
        (["20200101", "2021-02-03", "2021/02/03"], {"kind": "date"}, "pass"),
        ([20200101], {"kind": "date"}, "pass"),
        (["20201301"], {"kind": "date"}, "fail"),
        (["去年"], {"kind": "date"}, "fail"),
        ([pd.Timestamp(2020, 1, 1)], {"kind": "date"}, "pass"),
        ([], {"required": True}, "pass"),
        ([None, None], {"codes": "dlbm-sandiao"}, "pass"),
    ],
)
def test_a_field_passes_or_fails_by_what_stands_in_it(
    values: list[Any], about: dict[str, Any], result: str
) -> None:
    """Type, length in characters, code list, blanks, repetition."""
    assert judged(values, **about)[0] == result


def test_a_failure_says_how_many_rows_and_shows_one() -> None:
    """For the office that must mend it."""
    assert judged(["a", "bcd", "efg"], length=2) == ("fail", "有 2 个值超过 2 个字符，如 bcd", 2)


def test_a_field_that_is_not_there_fails_only_where_it_is_required() -> None:
    """Found also in other case, or under its Chinese word."""
    fields = (
        Field("MJ", "面积", "number", required=True),
        Field("BZ", "备注", "text"),
        Field("BSM", "标识码", "text"),
    )
    table = Schema("T", "表", "table", fields, (), "", "", "source", verified=False)
    results = {
        r.field.name: (r.result, r.column)
        for r in check_schema(pd.DataFrame({"bsm": ["1"], "面积": [1.0]}), table)
    }

    assert results == {"MJ": ("pass", "面积"), "BZ": ("absent", ""), "BSM": ("pass", "bsm")}
    missing = check_schema(pd.DataFrame({"bsm": ["1"]}), table)[0]
    assert (missing.result, missing.reason.say("zh") if missing.reason else "") == ("fail", "缺少该字段")


def test_every_alias_of_a_role_has_a_source() -> None:
    """Once: in a database's table structure, a summary, the initials of its name, a header, or software."""
    sources = data_toml("fields/alias_sources.toml")
    listed = [a for group in sources.values() for a in group["aliases"]]
    used = {
        a for role in data_toml("fields/roles.toml") for f in role_fields(role).values() for a in f["aliases"]
    }

    assert sorted(set(listed)) == sorted(listed)
    assert used == set(listed)
    assert all(group["about"] for group in sources.values())


def test_aliases_that_bring_a_unit_are_aliases_and_units() -> None:
    """QYMJ is in km2, 供地总面积 in hectares."""
    for role in data_toml("fields/roles.toml"):
        for name, spec in role_fields(role).items():
            for alias, unit in spec.get("alias_units", {}).items():
                assert alias in spec["aliases"], (role, name)
                assert unit in FACTORS[spec["unit"]], (role, name)

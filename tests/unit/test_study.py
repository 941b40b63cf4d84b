"""study.toml -> Study: what is written wrong is named with its place and the nearest right word, before data is opened."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli_w
from refusals import refused

from landkit.errors import StudyError
from landkit.study import load_plan, load_study, study_schema

HEAD: dict[str, Any] = {
    "id": "tiny",
    "title_zh": "小研究",
    "title_en": "A tiny study",
    "crs": "EPSG:4549",
    "as_of": datetime.date(2020, 12, 31),
}
REDLINE: dict[str, Any] = {
    "role": "control_line",
    "line": "ecological_redline",
    "path": "redline.gpkg",
    "valid_extent": "boundary",
    "accuracy_m": 0.4,
}


def plain() -> dict[str, Any]:
    return {
        "study": dict(HEAD),
        "layers": {
            "boundary": {"path": "boundary.gpkg"},
            "redline": dict(REDLINE),
            "parcels": {"path": "parcels.gpkg", "fields": {"宗地代码": "parcel_id"}},
        },
        "tables": {"enterprises": {"path": "enterprises.csv"}},
    }


def write(folder: Path, change: Callable[[dict[str, Any]], object] | None = None) -> Path:
    content = plain()
    if change:
        change(content)
    file = folder / "study.toml"
    file.write_text(tomli_w.dumps(content), encoding="utf-8")
    return file


def at(*place: str, **keys: Any) -> Callable[[dict[str, Any]], None]:
    """A change that sets keys at a place of the file."""

    def change(content: dict[str, Any]) -> None:
        node = content
        for part in place:
            node = node.setdefault(part, {})
        node.update(keys)

    return change


def without(*place: str) -> Callable[[dict[str, Any]], None]:
    """A change that takes a key away."""

    def change(content: dict[str, Any]) -> None:
        node = content
        for part in place[:-1]:
            node = node[part]
        del node[place[-1]]

    return change


def test_a_study_is_read_from_its_folder_and_from_its_file(tmp_path: Path) -> None:
    """Both spellings are in the contract."""
    file = write(tmp_path)

    assert load_study(tmp_path) == load_study(file) == load_study(str(file))


def test_a_layer_named_like_a_role_has_that_role(tmp_path: Path) -> None:
    """[layers.parcels] needs no role = "parcels"."""
    study = load_study(write(tmp_path))

    assert [study.layers[k].role for k in study.layers] == ["boundary", "control_line", "parcels"]


def test_paths_are_read_from_the_folder_of_the_study_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study folder can be moved, and landkit be started from anywhere."""
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    study = load_study(".")

    assert study.resolve("../a/b.shp") == tmp_path.parent.resolve() / "a" / "b.shp"
    assert study.folder.is_absolute()


@pytest.mark.parametrize(
    ("place", "key", "guess"),
    [
        ((), "layer", "layers"),
        (("study",), "titel_zh", "title_zh"),
        (("layers", "redline"), "acuracy_m", "accuracy_m"),
        (("layers", "redline"), "valid_extend", "valid_extent"),
        (("layers", "parcels", "provenance"), "license", "licence"),
        (("tables", "enterprises"), "codescheme", "code_scheme"),
        (("tables", "enterprises"), "accuracy_m", ""),
        (("tables", "enterprises", "provenance"), "sources", "source"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(
    tmp_path: Path, place: tuple[str, ...], key: str, guess: str
) -> None:
    """A misspelt key that is passed over in silence changes verdicts: `acuracy_m` makes a line not_checked."""
    where = ".".join((*place, key))
    file = write(tmp_path, at(*place, **{key: "x"}))

    with refused(StudyError, "study_unknown_key", zh=f"没有 {where}.*{guess}", en=f"no key {where}.*{guess}"):
        load_study(file)


@pytest.mark.parametrize(
    ("place", "given", "guess"),
    [
        (("rasters", "ndvi"), {"path": "ndvi.tif", "bnad": 1}, "band"),
        (("rasters", "ndvi", "provenance"), {"license": "x"}, "licence"),
        (("study", "basemap"), {"provider": "tianditu_vector", "keyenv": "K"}, "key_env"),
    ],
)
def test_rasters_and_basemaps_guess_among_their_own_keys(
    tmp_path: Path, place: tuple[str, ...], given: dict[str, Any], guess: str
) -> None:
    """Not among the tables of the whole file, of which none is near."""
    base = at("rasters", "ndvi", path="ndvi.tif")

    def change(content: dict[str, Any]) -> None:
        base(content)
        at(*place, **given)(content)

    with refused(StudyError, "study_unknown_key", zh=guess, en=rf"\b{guess}\b"):
        load_study(write(tmp_path, change))


@pytest.mark.parametrize("key", ["folder", "file"])
def test_what_only_the_reader_knows_may_not_be_said_in_the_file(tmp_path: Path, key: str) -> None:
    """`folder` and `file` are attributes of a Study, not keys of study.toml."""
    with refused(StudyError, "study_unknown_key", zh=key, en=key):
        load_study(write(tmp_path, at(**{key: "/etc"})))


@pytest.mark.parametrize(
    "place",
    [
        ("study",),
        ("layers",),
        ("study", "crs"),
        ("study", "as_of"),
        ("study", "title_en"),
        ("layers", "parcels", "path"),
    ],
)
def test_a_missing_key_is_named(tmp_path: Path, place: tuple[str, ...]) -> None:
    """The place is said as one would write it."""
    where = ".".join(place)

    with refused(StudyError, "study_missing_key", zh=f"缺少 {where}", en=f"{where} is missing"):
        load_study(write(tmp_path, without(*place)))


AN_HOUR = datetime.datetime(2020, 12, 31, 10)  # noqa: DTZ001  TOML may well have none


@pytest.mark.parametrize("value", ["last year", 20201231, AN_HOUR, True])
def test_a_day_that_is_no_day_is_refused(tmp_path: Path, value: object) -> None:
    """Also 20201231, which pydantic would take for seconds since 1970."""
    with refused(
        StudyError, "study_bad_value", zh=r"study\.as_of.*应为日期，如 2025-06-30", en="must be a day such as"
    ):
        load_study(write(tmp_path, at("study", as_of=value)))


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "EPSG:2229", "EPSG:4978"])
def test_a_crs_in_degrees_or_feet_is_refused(tmp_path: Path, crs: str) -> None:
    """Widths and accuracies are metres; 4490 degrees, 2229 US feet, 4978 geocentric."""
    with refused(
        StudyError, "study_crs_not_metres", zh=f"{crs}.*以米为单位", en=f"{crs}.*metres.*3-degree zone.*UTM"
    ):
        load_study(write(tmp_path, at("study", crs=crs)))


@pytest.mark.parametrize("crs", ["EPSG:0", "EPSG:45x9", "4549号", "+proj=nothing"])
def test_a_crs_that_proj_does_not_know_is_refused(tmp_path: Path, crs: str) -> None:
    """With an example of one that it does."""
    with refused(StudyError, "study_crs_unknown", zh="EPSG 代码", en="give an EPSG code"):
        load_study(write(tmp_path, at("study", crs=crs)))


@pytest.mark.parametrize("name", ["", "../up", "a/b", "有名", "-x", "a" * 65])
def test_a_study_id_is_a_plain_name(tmp_path: Path, name: str) -> None:
    """It becomes part of file names (bad inputs 78)."""
    with refused(StudyError, "study_bad_value", zh=r"study\.id.*英文字母", en=r"study\.id.*letters, digits"):
        load_study(write(tmp_path, at("study", id=name)))


def test_an_unknown_role_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """The role decides everything that is done with a layer."""
    with refused(
        StudyError, "study_unknown_role", zh="parcel 不认识.*parcels", en="unknown role parcel.*parcels"
    ):
        load_study(write(tmp_path, at("layers", "parcels", role="parcel")))


def test_a_role_spelled_wrongly_is_what_is_said_though_the_line_stands_beside_it(tmp_path: Path) -> None:
    """Who wrote `controlline` and its line has both: to add or drop one would not help."""
    with refused(
        StudyError,
        "study_unknown_role",
        zh="controlline 不认识.*control_line",
        en="unknown role controlline.*control_line",
    ):
        load_study(write(tmp_path, at("layers", "redline", role="controlline")))


@pytest.mark.parametrize(
    ("group", "key", "role"), [("layers", "parcels", "enterprises"), ("tables", "enterprises", "parcels")]
)
def test_a_layer_has_no_role_of_a_table_and_a_table_none_of_a_layer(
    tmp_path: Path, group: str, key: str, role: str
) -> None:
    """Parcels in a CSV have no geometry: they would be read and never asked."""
    with refused(StudyError, "study_unknown_role", zh=f"{group}.{key}", en=f"unknown role {role}"):
        load_study(write(tmp_path, at(group, key, role=role)))


def test_a_role_may_stand_once(tmp_path: Path) -> None:
    """Two parcel layers would be two answers (bad inputs 71); only control lines and joined tables may be several."""
    second = {"path": "parcels.gpkg", "role": "parcels"}

    with refused(StudyError, "study_role_twice", zh="parcels 与 copy 都是", en="parcels and copy both"):
        load_study(write(tmp_path, at("layers", copy=second)))


def test_one_name_cannot_be_a_layer_and_a_table(tmp_path: Path) -> None:
    """The manifest lists both by their name."""
    table = {"role": "occupancy", "path": "o.csv"}

    with refused(
        StudyError,
        "study_id_twice",
        zh="boundary.*图层和表",
        en="boundary is the name of a layer and of a table",
    ):
        load_study(write(tmp_path, at("tables", boundary=table)))


def test_several_control_lines_are_allowed(tmp_path: Path) -> None:
    """One layer for each line."""
    other = {**REDLINE, "line": "permanent_basic_farmland"}

    assert len(load_study(write(tmp_path, at("layers", farmland=other))).of_role("control_line")) == 2


def test_a_column_that_the_role_does_not_have_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """fields maps source column = our column."""
    with refused(
        StudyError,
        "study_unknown_field",
        zh="parcels.fields.宗地.*parcel_id",
        en="maps to parcelid.*parcel_id",
    ):
        load_study(write(tmp_path, at("layers", "parcels", fields={"宗地": "parcelid"})))


def test_a_unit_for_a_column_that_the_role_does_not_have_is_refused(tmp_path: Path) -> None:
    """units = {registered_area = "mu"} passed over in silence would make 667 times less land."""
    change = at("layers", "parcels", units={"registered_area": "mu"})

    with refused(StudyError, "study_unknown_field", zh="units.*registered_area_m2", en="registered_area_m2"):
        load_study(write(tmp_path, change))


@pytest.mark.parametrize("key", ["valid_extent", "joins"])
def test_a_layer_that_is_named_must_be_in_the_study(tmp_path: Path, key: str) -> None:
    """With the nearest one that is."""
    if key == "valid_extent":
        change = at("layers", "redline", valid_extent="boundry")
    else:
        change = at("tables", "more", role="attributes", path="m.csv", joins="parcel", key="parcel_id")
    guess = "boundary" if key == "valid_extent" else "parcels"

    with refused(StudyError, "study_unknown_layer", zh=f"{key}.*{guess}", en=f"{key}.*{guess}"):
        load_study(write(tmp_path, change))


@pytest.mark.parametrize(
    "change", [without("layers", "redline", "line"), at("layers", "parcels", line="ecological_redline")]
)
def test_a_control_line_says_which_line_it_is_and_no_other_layer_does(tmp_path: Path, change: Any) -> None:
    """Which side is forbidden, and under which clause, is a property of the line."""
    with refused(StudyError, "study_line_role", zh="line 必须同时写", en="`line` go together"):
        load_study(write(tmp_path, change))


@pytest.mark.parametrize(
    "table",
    [
        {"role": "attributes", "path": "m.csv"},
        {"role": "attributes", "path": "m.csv", "key": "parcel_id"},
        {"role": "occupancy", "path": "o.csv", "joins": "parcels", "key": "parcel_id"},
    ],
)
def test_a_joined_table_says_to_what_and_by_what(tmp_path: Path, table: dict[str, str]) -> None:
    """And only a joined table does."""
    with refused(StudyError, "study_join_role", zh="joins", en="joins"):
        load_study(write(tmp_path, at("tables", more=table)))


@pytest.mark.parametrize("box", [[1, 2, 3], [4, 0, 1, 9], [0, 9, 1, 2], ["a", 1, 2, 3], [0, 0, True, 3]])
def test_a_valid_extent_is_a_layer_or_a_box(tmp_path: Path, box: list[Any]) -> None:
    """West before east, south before north: turned round it would be another box, not an error."""
    with refused(StudyError, "study_extent", zh="西, 南, 东, 北", en="west, south, east, north"):
        load_study(write(tmp_path, at("layers", "redline", valid_extent=box)))


@pytest.mark.parametrize("value", [True, False])
def test_an_accuracy_is_no_flag(tmp_path: Path, value: bool) -> None:
    """`accuracy_m = true` would quietly be one metre."""
    with refused(StudyError, "accuracy_text", zh="accuracy_m", en="metres above 0"):
        load_study(write(tmp_path, at("layers", "redline", accuracy_m=value)))


def test_an_accuracy_may_be_a_default_by_name(tmp_path: Path) -> None:
    """The name is kept; the rulebook knows the metres."""
    study = load_study(write(tmp_path, at("layers", "redline", accuracy_m="default:dom-2000")))

    assert study.layers["redline"].accuracy_m == "default:dom-2000"


def test_other_values_are_refused_in_both_languages(tmp_path: Path) -> None:
    """What the checker says in English is said in Chinese too."""
    with refused(StudyError, "study_bad_value", zh="只能是 'structure'", en="it must be 'structure'"):
        load_study(write(tmp_path, at("layers", "redline", repair="linework")))


def test_rules_on_is_the_study_day_unless_it_is_given(tmp_path: Path) -> None:
    """Land of one day may be judged by the rules of another, if somebody says so."""
    later = datetime.date(2025, 6, 30)

    assert load_study(write(tmp_path)).rules_on == HEAD["as_of"]
    assert load_study(write(tmp_path, at("study", rules_on=later))).rules_on == later


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, False),
        (at("study", synthetic=True), True),
        (at("layers", "parcels", "provenance", synthetic=True), True),
        (at("tables", "enterprises", "provenance", synthetic=True), True),
    ],
)
def test_a_study_is_synthetic_as_soon_as_one_part_of_it_is(tmp_path: Path, change: Any, said: bool) -> None:
    """Nobody may decide on made-up data because only one layer was."""
    assert load_study(write(tmp_path, change)).synthetic is said


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Windows Notepad writes one."""
    file = write(tmp_path)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())

    assert load_study(file).study.title_zh == "小研究"


def test_a_file_in_gbk_is_refused_with_the_cure(tmp_path: Path) -> None:
    """TOML is UTF-8."""
    file = write(tmp_path)
    file.write_bytes(file.read_text(encoding="utf-8").encode("gbk"))

    with refused(StudyError, "study_not_utf8", zh="UTF-8", en="save it as UTF-8"):
        load_study(file)


def test_a_file_that_is_no_toml_is_refused_with_the_line(tmp_path: Path) -> None:
    """Mostly a backslash of a Windows path, or a missing quote."""
    file = tmp_path / "study.toml"
    file.write_text('[study]\nid = "x\n', encoding="utf-8")

    with refused(StudyError, "study_not_toml", zh="TOML.*line 2", en="not valid TOML.*line 2"):
        load_study(file)


@pytest.mark.parametrize(
    "text", ["layers = 5\n", "[[layers]]\nrole = 'x'\n", "layers = 'x'\n", "tables = []\n"]
)
def test_a_group_of_the_wrong_kind_is_refused(tmp_path: Path, text: str) -> None:
    """`[[layers]]` instead of `[layers.x]` is an easy slip."""
    content = plain()
    del content[text.split()[0].strip("[]")]
    file = tmp_path / "study.toml"
    loose = "" if text.startswith("[") else text
    file.write_text(loose + tomli_w.dumps(content) + ("" if loose else text), encoding="utf-8")

    with refused(StudyError, "study_bad_value", zh="应为一个表", en="must be a table"):
        load_study(file)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_no_study_is_said_with_what_to_do(tmp_path: Path, name: str) -> None:
    """A folder without study.toml, and no folder at all."""
    (tmp_path / "empty").mkdir()

    with refused(StudyError, "study_not_found", zh=f"landkit init .*{name}", en="landkit init"):
        load_study(tmp_path / name)


def test_the_schema_is_a_json_schema_that_lists_the_keys(tmp_path: Path) -> None:
    """Editors complete and check study.toml with it."""
    schema = json.loads(study_schema())
    jsonschema.Draft202012Validator.check_schema(schema)

    assert set(schema["properties"]) == {"study", "layers", "tables", "limits", "totals", "datum", "rasters"}
    assert {"path", "role", "line", "crs", "valid_extent", "accuracy_m", "repair", "encoding"} <= set(
        schema["$defs"]["LayerSpec"]["properties"]
    )
    assert {"joins", "key", "combine", "max_unmatched_share", "sheet"} <= set(
        schema["$defs"]["TableSpec"]["properties"]
    )


def test_the_schema_accepts_a_good_study_and_refuses_a_misspelt_one() -> None:
    """The same file is right or wrong in the editor and for landkit."""
    good = plain()
    good["study"]["as_of"] = "2020-12-31"
    good["tables"]["enterprises"]["role"] = "enterprises"
    for name in ("boundary", "parcels"):
        good["layers"][name]["role"] = name
    bad = plain()
    bad["study"]["as_off"] = "2020-12-31"
    check = jsonschema.Draft202012Validator(json.loads(study_schema()))

    assert list(check.iter_errors(good)) == []
    assert any("as_off" in e.message for e in check.iter_errors(bad))


def test_a_study_without_a_plan_has_an_empty_plan(tmp_path: Path) -> None:
    """Then the text decides nothing."""
    assert load_plan(load_study(write(tmp_path))).clusters == {}


@pytest.mark.parametrize(
    ("text", "key", "zh", "en"),
    [
        (None, "study_bad_value", "没有这个文件", "no such file"),
        ("[corridor\n", "study_not_toml", "plan.toml", "plan.toml"),
        ("title = 'x'\n", "study_bad_value", "corridor", "corridor"),
        ("title = 'x'\ncoridor = 1\n", "study_bad_value", "plan.toml", "plan.toml"),
    ],
)
def test_a_plan_that_is_missing_or_wrong_is_named(
    tmp_path: Path, text: str | None, key: str, zh: str, en: str
) -> None:
    """It is read with the study, before any layer is opened."""
    if text is not None:
        (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    study = load_study(write(tmp_path, at("study", plan="plan.toml")))

    with refused(StudyError, key, zh=zh, en=en):
        load_plan(study)

"""`landkit init`: from a folder of files with the names that offices give them to a study that `landkit check` takes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from builders import box, layer, square, tiny_frames
from refusals import refused

import geopandas as gpd
import pyogrio
import shapely

import landkit
from landkit import workflow
from landkit.errors import LayerError, StudyError
from landkit.io.crs.web_coordinates import to_web
from landkit.study import load_study
from landkit.text import Lang, data_toml

FILES = {
    "boundary": "市域边界.gpkg",
    "counties": "县区.gpkg",
    "parks": "开发区园区.gpkg",
    "parcels": "宗地.gpkg",
    "ecological_redline": "STBHHX.gpkg",
    "permanent_basic_farmland": "永久基本农田.gpkg",
    "urban_development_boundary": "CZKFBJ.gpkg",
    "enterprises": "企业.csv",
    "occupancy": "占用关系.csv",
    "enterprise_years": "企业年度数据.csv",
    "axes": "发展轴.gpkg",
}


def chinese_folder(folder: Path) -> Path:
    """The tiny study's files with Chinese names and Chinese columns, and no study.toml."""
    folder.mkdir()
    roles = data_toml("fields/roles.toml")
    for name, file in FILES.items():
        frame = tiny_frames()[name]
        role = name if name in roles else "control_line"
        words = {c: f["zh"] for c, f in roles[role].get("fields", {}).items()}
        frame = frame.rename(columns=words)
        if isinstance(frame, gpd.GeoDataFrame):
            pyogrio.write_dataframe(frame, folder / file, layer=Path(file).stem)
        else:
            frame.to_csv(folder / file, index=False, encoding="utf-8-sig")
    return folder


def test_a_folder_of_chinese_files_becomes_a_study_that_check_accepts(tmp_path: Path) -> None:
    """Roles by names and columns, fields by their Chinese words; what nobody can know is left for a person."""
    folder = chinese_folder(tmp_path / "项目")
    path = landkit.init(folder)
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    roles = {v["path"]: v["role"] for g in ("layers", "tables") for v in content[g].values()}
    wanted = {
        file: name if name in data_toml("fields/roles.toml") else "control_line"
        for name, file in FILES.items()
    }

    assert path == folder / "study.toml"
    assert {f: r for f, r in roles.items() if f not in ("市域边界.gpkg",)} == {
        f: r for f, r in wanted.items() if f != "市域边界.gpkg"
    }
    assert content["layers"]["parcels"]["fields"]["宗地代码"] == "parcel_id"
    assert content["study"]["crs"] == "EPSG:4549"
    assert {v.get("line") for v in content["layers"].values() if v["role"] == "control_line"} == {
        "ecological_redline",
        "permanent_basic_farmland",
        "urban_development_boundary",
    }
    complete(path)
    findings = landkit.check(folder).table
    assert "accuracy.missing" in set(findings["check"])
    assert "L1" in set(landkit.stock(folder).table["parcel_id"])


def complete(path: Path) -> None:
    """What the sentence after `landkit init` asks a person to do: code schemes."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    for group, key, scheme in (("layers", "parcels", "ydyh-2023"), ("tables", "enterprises", "gbt4754-2017")):
        if "code_scheme" not in content[group][key]:
            text = text.replace(f"[{group}.{key}]\n", f'[{group}.{key}]\ncode_scheme = "{scheme}"\n')
    path.write_text(text, encoding="utf-8")


def test_verdicts_of_a_proposed_study_are_not_checked_until_somebody_says_more(tmp_path: Path) -> None:
    """No accuracy and no extent is ever made up."""
    folder = chinese_folder(tmp_path / "s")
    complete(landkit.init(folder))

    assert set(landkit.conflicts(folder).table["verdict"]) == {"not_checked"}


def test_the_schema_for_editors_stands_beside_it(tmp_path: Path) -> None:
    """And the study names it in its first line."""
    path = landkit.init(chinese_folder(tmp_path / "s"))

    assert path.read_text(encoding="utf-8").splitlines()[0] == "#:schema ./study.schema.json"
    assert (path.parent / "study.schema.json").is_file()


def test_an_existing_study_is_never_replaced(tmp_path: Path) -> None:
    """Unless somebody forces it."""
    folder = chinese_folder(tmp_path / "s")
    (folder / "study.toml").write_text("mine", encoding="utf-8")

    with refused(
        StudyError, "study_exists", zh="已存在，不覆盖.*--force", en="exists and is not overwritten.*--force"
    ):
        landkit.init(folder)
    assert (folder / "study.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["nothing", "notes.txt"])
def test_a_folder_without_layers_is_said_so(tmp_path: Path, name: str) -> None:
    """Nothing is written then."""
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / name).write_text("x")

    with refused(LayerError, "nothing_found", zh="没有可识别", en="No layer or table"):
        landkit.init(tmp_path / "s")
    assert not (tmp_path / "s" / "study.toml").exists()


def test_a_damaged_file_is_left_out_and_the_rest_is_proposed(tmp_path: Path) -> None:
    """Seen: one cut GeoPackage stopped the whole."""
    folder = chinese_folder(tmp_path / "s")
    (folder / "损坏.gpkg").write_bytes((folder / "宗地.gpkg").read_bytes()[:5000])
    (folder / "假的.geojson").write_text("<OGRVRTDataSource/>")
    path = landkit.init(folder)

    assert "parcels" in load_study(path).layers
    said = path.read_text(encoding="utf-8")
    assert "# 未能读取 损坏.gpkg：" in said
    assert "# 未能读取 假的.geojson：" in said


def test_a_folder_with_one_damaged_file_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    """Not that there is nothing."""
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "假的.geojson").write_text("<OGRVRTDataSource/>")

    with pytest.raises(LayerError) as caught:
        landkit.init(folder)
    assert caught.value.key != "nothing_found"
    assert "假的.geojson" in caught.value.say("zh")
    assert not (folder / "study.toml").exists()


def test_a_crs_that_no_layer_names_is_said_to_be_a_placeholder(tmp_path: Path) -> None:
    """Seen: a city measured in feet was given the meridian of Yangzhou without a word."""
    frame = gpd.GeoDataFrame({"宗地代码": ["L1"]}, geometry=[square(760000, 2950000)], crs=2249)
    for name, crs in (("feet", 2249), ("metres", 26986)):
        (tmp_path / name).mkdir()
        frame.to_crs(crs).to_file(tmp_path / name / "宗地.gpkg")

    feet = landkit.init(tmp_path / "feet").read_text(encoding="utf-8")
    metres = landkit.init(tmp_path / "metres", lang="en").read_text(encoding="utf-8")

    assert "# crs 为暂定" in feet
    assert "placeholder" not in metres
    assert 'crs = "EPSG:26986"' in metres
    assert "# Proposed by landkit init" in metres


def test_two_files_for_one_role_leave_the_second_to_a_person(tmp_path: Path) -> None:
    """Which delivery is in force, landkit cannot know; both stand in the file."""
    folder = chinese_folder(tmp_path / "s")
    (folder / "宗地_旧.gpkg").write_bytes((folder / "宗地.gpkg").read_bytes())
    path = landkit.init(folder)

    assert len(load_study(path).of_role("parcels")) == 1
    assert "宗地_旧.gpkg" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("column", ["a\nb", 'a"b', "a]b = 1", "#", "a\\b", "[study]\nid = 'evil'"])
def test_a_column_name_cannot_write_into_the_study(tmp_path: Path, column: str) -> None:
    """Names of columns stand in comments and as keys: they stay names."""
    (tmp_path / "s").mkdir()
    frame = layer({"1": square(0, 0)}, "宗地代码").assign(**{column: ["x"]})
    frame.to_file(tmp_path / "s" / "宗地.gpkg")
    path = landkit.init(tmp_path / "s")
    content = tomllib.loads(path.read_text(encoding="utf-8"))

    assert content["study"]["id"] == "s"
    assert set(content["layers"]) == {"parcels"}


def test_files_elsewhere_may_be_named(tmp_path: Path) -> None:
    """`landkit init DIR FILES...`: paths that the study can find again."""
    folder = chinese_folder(tmp_path / "data")
    (tmp_path / "study").mkdir()
    path = landkit.init(tmp_path / "study", (str(folder / "宗地.gpkg"),))
    study = load_study(path)

    assert study.resolve(study.layers["parcels"].path) == (folder / "宗地.gpkg").resolve()


def outlines(folder: Path, *, label: int = 4326) -> Path:
    """Counties three times over: two honest ones, and one of a web map under the label of WGS 84."""
    folder.mkdir()
    halves = {"321003": box(-20_000, -20_000, 5_000, 30_000), "321012": box(5_000, -20_000, 30_000, 30_000)}
    frame = layer(halves, "XZQDM", XZQMC=["西县", "东县"]).to_crs(4326)
    offset = shapely.transform(
        np.asarray(frame.geometry.array), lambda x, y: to_web(x, y, "gcj02"), interleaved=False
    )
    frame.set_geometry(gpd.GeoSeries(offset, crs=4326)).to_file(folder / "a县界_网络.geojson")
    frame.to_file(folder / "b县界.geojson")
    frame.to_crs(4490).to_file(folder / "c县界_天地图.geojson")
    return folder


def test_of_several_outlines_the_offset_one_steps_back_and_says_how_far(tmp_path: Path) -> None:
    """First by name is the web map's; the study gets the one in CGCS2000, and the comment says why not the first."""
    path = landkit.init(outlines(tmp_path / "s"))
    said = path.read_text(encoding="utf-8")

    assert load_study(path).layers["counties"].path == "c县界_天地图.geojson"
    assert "b县界.geojson" in said
    (line,) = [x for x in said.splitlines() if "整体偏移" in x]
    assert "GCJ-02" in line
    assert 'convert = "gcj02"' in line
    assert "常是网络地图的火星坐标" not in said


def test_codes_are_given_their_scheme_where_the_rows_leave_no_doubt(tmp_path: Path) -> None:
    """By the names beside them, by codes that one list alone has; asked about otherwise."""
    names = {
        "a": (["1001"], ["工业用地"]),
        "b": (["05H1"], [None]),
        "c": (["0601"], [None]),
        "d": (["0601"], ["工业用地"]),
    }
    for key, (codes, words) in names.items():
        (tmp_path / key).mkdir()
        frame = layer({"1": square(0, 0)}, "宗地代码").assign(用途代码=codes, 用途=words)
        frame.to_file(tmp_path / key / "宗地.gpkg")
        landkit.init(tmp_path / key)
    said = {k: (tmp_path / k / "study.toml").read_text(encoding="utf-8") for k in names}
    scheme = {k: tomllib.loads(t)["layers"]["parcels"].get("code_scheme") for k, t in said.items()}

    assert scheme == {"a": "ydyh-2023", "b": "dlbm-sandiao", "c": None, "d": "dlbm-sandiao"}
    assert "按哪个代码体系" in said["c"]
    assert "按哪个代码体系" not in said["a"]


def test_tables_units_and_open_questions_stand_with_their_layer(tmp_path: Path) -> None:
    """The survey form of the red line: its table, its square kilometres, and what nobody but the office knows."""
    (tmp_path / "s").mkdir()
    columns = {
        "XJXZQHDM": "321003",
        "LXDM": "1",
        "MC": "湿地",
        "QYMJ": 0.01,
        "SLSJ": "20200101",
        "GKCS": "禁止",
        "备用": "x",
    }
    frame = layer({"1": square(0, 0)}, "SLDM").assign(**columns)
    frame.to_file(tmp_path / "s" / "STBHHX.gpkg")
    path = landkit.init(tmp_path / "s")
    entry = tomllib.loads(path.read_text(encoding="utf-8"))["layers"]["ecological_redline"]
    said = path.read_text(encoding="utf-8")

    assert entry["schema"] == "STBHHX_DC"
    assert entry["units"] == {"registered_area_m2": "km2"}
    assert entry["fields"]["QYMJ"] == "registered_area_m2"
    for words in ("accuracy_m", "valid_extent", "没有采用的列：.*备用"):
        assert re.search(f"# 待确认：.*{words}", said), words


@pytest.mark.parametrize(
    ("beside", "asked"),
    [
        ((), "先加上该范围的面图层"),
        (("县区",), '填 valid_extent(如 "counties")'),
        (("县区", "市域边界"), '填 valid_extent(如 "boundary")'),
    ],
)
def test_the_extent_of_a_line_is_asked_by_a_layer_that_is_there(
    tmp_path: Path, beside: tuple[str, ...], asked: str
) -> None:
    """A name that stands for nothing, as `?`, is no example to follow."""
    (tmp_path / "s").mkdir()
    layer({"1": square(0, 0)}, "HXBM").to_file(tmp_path / "s" / "STBHHX.gpkg")
    for name in beside:
        layer({"321003": square(0, 0)}, "adcode").assign(name="邗江区").to_file(
            tmp_path / "s" / f"{name}.gpkg"
        )
    said = landkit.init(tmp_path / "s").read_text(encoding="utf-8")

    assert asked in said
    assert '如 "?"' not in said


def test_a_layer_without_crs_is_given_what_its_coordinates_look_like(tmp_path: Path) -> None:
    """As a question: the datum cannot be seen, so `crs` stays open."""
    (tmp_path / "s").mkdir()
    frame = layer({"1": square(0, 0)}, "ZDDM")
    frame.to_crs(4528).to_file(tmp_path / "s" / "宗地.shp", encoding="UTF-8")
    frame.to_file(tmp_path / "s" / "县区.gpkg")
    (tmp_path / "s" / "宗地.prj").unlink()
    said = landkit.init(tmp_path / "s").read_text(encoding="utf-8")

    assert "坐标像是高斯-克吕格平面坐标(CGCS2000 / 3-degree Gauss-Kruger zone 40, EPSG:4528)" in said
    assert tomllib.loads(said)["layers"]["parcels"]["crs"] == "?"


def test_a_village_boundary_is_asked_about_by_its_name(tmp_path: Path) -> None:
    """Bad inputs 103: CZKFBJ means two things."""
    said = landkit.init(chinese_folder(tmp_path / "s")).read_text(encoding="utf-8")

    assert "CZKFBJ 在有的数据库中是村庄开发边界" in said


def content(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_a_city_of_one_row_is_the_study_area_and_its_counties_are_the_counties(tmp_path: Path) -> None:
    """Seen: 市界 with XZQDM and XZQMC was taken for the counties, and 县代码 was not known."""
    (tmp_path / "s").mkdir()
    layer({"321000": box(0, 0, 20, 20)}, "XZQDM", XZQMC=["某市"]).to_file(tmp_path / "s" / "市界.gpkg")
    halves = {"321002": box(0, 0, 10, 20), "321003": box(10, 0, 20, 20)}
    layer(halves, "县代码", 县名称=["甲区", "乙区"]).to_file(tmp_path / "s" / "b.gpkg")
    layers = content(landkit.init(tmp_path / "s"))["layers"]

    assert {k: v["path"] for k, v in layers.items()} == {"boundary": "市界.gpkg", "counties": "b.gpkg"}
    assert layers["counties"]["fields"] == {"县代码": "county_id", "县名称": "county_name"}


def test_a_city_among_its_counties_is_told_apart_by_its_ground(tmp_path: Path) -> None:
    """A row that is all others together is the study area; three neighbours of which none is stay as they are."""
    counties = {"321002": box(0, 0, 10, 20), "321003": box(10, 0, 20, 20), "321084": box(20, 0, 30, 20)}
    for name, more in (("with", {"321000": box(0, 0, 30, 20)}), ("without", {})):
        (tmp_path / name).mkdir()
        shapes = {**counties, **more}
        layer(shapes, "adcode").assign(name=list(shapes)).to_file(tmp_path / name / "区划.gpkg")
    found = content(landkit.init(tmp_path / "with"))["layers"]
    plain = content(landkit.init(tmp_path / "without"))["layers"]

    assert found["boundary"]["where"] == {"adcode": ["321000"]}
    assert found["counties"]["where"] == {"adcode": list(counties)}
    assert found["boundary"]["path"] == found["counties"]["path"] == "区划.gpkg"
    assert set(plain) == {"counties"}
    assert "where" not in plain["counties"]


def test_a_layer_called_parcels_gets_an_id_by_its_values(tmp_path: Path) -> None:
    """Seen at Cambridge: no column of a known name.  What software numbers anew is the last choice; without any, the row."""
    numbers = [str(i) for i in range(20)]
    frame = layer({n: square(100 * int(n), 0) for n in numbers}, "LOC")
    frame = frame.assign(OBJECTID=range(20), area=1.5, twice="x", nearly=[*numbers[:19], None])
    for name, part in (("ids", frame), ("none", frame[["twice", "geometry"]])):
        (tmp_path / name).mkdir()
        part.to_file(tmp_path / name / "parcels.gpkg")
    path = landkit.init(tmp_path / "ids", lang="en")
    said = path.read_text(encoding="utf-8")

    assert content(path)["layers"]["parcels"]["fields"] == {"LOC": "parcel_id"}
    assert "the values of LOC are all there and all differ" in said
    assert "could be the code as well: OBJECTID\n" in said
    none = landkit.init(tmp_path / "none")
    assert content(none)["layers"]["parcels"]["fields"] == {"@row": "parcel_id"}
    assert "暂用行号 @row" in none.read_text(encoding="utf-8")


def test_columns_that_any_layer_has_speak_for_no_role(tmp_path: Path) -> None:
    """Seen: NAME and OBJECTID made a control line of parks and playgrounds, XZQDM counties of approved land."""
    (tmp_path / "s").mkdir()
    layer({"1": square(0, 0)}, "OBJECTID", NAME=["x"]).to_file(tmp_path / "s" / "openspace.gpkg")
    layer({"1": square(0, 0)}, "BSM", XZQDM=["321002"], XZQMC=["甲区"]).to_file(tmp_path / "s" / "PEWG.gpkg")
    layer({"1": square(0, 0)}, "ZDDM").to_file(tmp_path / "s" / "宗地.gpkg")
    path = landkit.init(tmp_path / "s")
    said = path.read_text(encoding="utf-8")

    assert set(content(path)["layers"]) == {"parcels"}
    assert said.count('# role = "?"') == 2
    assert "role 可取" in said


def test_the_file_that_fits_a_role_best_gets_it(tmp_path: Path) -> None:
    """Seen: figures of a year, first by name, were taken for the enterprises."""
    (tmp_path / "s").mkdir()
    layer({"1": square(0, 0)}, "ZDDM").to_file(tmp_path / "s" / "宗地.gpkg")
    code = {"统一社会信用代码": ["91321000MA00000001"]}
    tables = {
        "a企业税收2023": {**code, "年度": [2023], "开票销售（万元）": [1.0], "税收(元)": [2.0]},
        "b规上企业名录": {**code, "企业名称": ["某厂"], "行业代码": ["3411"]},
    }
    for name, columns in tables.items():
        pd.DataFrame(columns).to_csv(tmp_path / "s" / f"{name}.csv", index=False, encoding="utf-8-sig")
    found = content(landkit.init(tmp_path / "s"))["tables"]

    assert {k: v["path"] for k, v in found.items()} == {
        "enterprise_years": "a企业税收2023.csv",
        "enterprises": "b规上企业名录.csv",
    }
    assert found["enterprise_years"]["fields"]["税收(元)"] == "tax_wan_yuan"
    assert found["enterprise_years"]["units"] == {"tax_wan_yuan": "yuan"}


def test_a_chinese_folder_and_chinese_files_keep_their_names(tmp_path: Path) -> None:
    """Seen: three entries called study, study_2 and study_3.  The id alone must be ASCII, and the file says so."""
    folder = tmp_path / "某市开发区"
    folder.mkdir()
    layer({"1": square(0, 0)}, "ZDDM").to_file(folder / "宗地.gpkg")
    layer({"1": square(0, 0)}, "备注").to_file(folder / "高压走廊.gpkg")
    path = landkit.init(folder)
    said = path.read_text(encoding="utf-8")

    assert content(path)["study"]["id"] == "study"
    assert content(path)["study"]["title_zh"] == "某市开发区"
    assert '# [layers."高压走廊"]' in said
    assert "暂写 study" in said


def test_a_folder_that_is_called_study_is_not_told_that_its_name_has_no_letter(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    layer({"1": square(0, 0)}, "ZDDM").to_file(folder / "宗地.gpkg")
    path = landkit.init(folder)

    assert content(path)["study"]["id"] == "study"
    assert "暂写 study" not in path.read_text(encoding="utf-8")


def test_names_for_an_accuracy_stand_below_the_layers_that_want_one(tmp_path: Path) -> None:
    """All that are shipped, with what they are of."""
    said = landkit.init(chinese_folder(tmp_path / "s")).read_text(encoding="utf-8")
    names = [a["name"] for a in data_toml("rules/accuracy.toml")["accuracy"]]

    assert all(f'# "default:{name}" ' in said for name in names)


def french_folder(folder: Path) -> Path:
    """Polygons that nobody of ours knows, points, a database table alone, and somebody's notes."""
    folder.mkdir()
    layer({"a": square(0, 0), "b": square(200, 0)}, "idAss", typeAss=["P", "P"]).to_file(
        folder / "ASSIETTE.gpkg"
    )
    points = layer({"a": shapely.Point(0, 0)}, "REF")
    points.to_file(folder / "bornes.gpkg")
    (folder / "SERVITUDE.dbf").write_bytes(b"\x03")
    (folder / "notes.txt").write_text("appeler la mairie", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "zh",
            [
                "ASSIETTE.gpkg(面，2 行)：未采用，文件名和列名都不像任何角色",
                "去掉 [layers.ASSIETTE] 一节行首的 #，并把 role 一行换成(一项一行)",
                '`role = "parcels"`, `fields = { idAss = "parcel_id" }`；或 `role = "control_line"`',
                "bornes.gpkg(点，1 行)：未采用，点没有面积，没有角色使用点图层",
                "没有查看的其他文件：SERVITUDE.dbf、notes.txt。",
            ],
        ),
        (
            "en",
            [
                "ASSIETTE.gpkg (polygons, 2 rows): not used, neither its name nor its columns are those of a role",
                '`role = "parcels"`, `fields = { idAss = "parcel_id" }`; or `role = "control_line"`',
                "bornes.gpkg (points, 1 row): not used, points have no area",
                "Other files, not looked at: SERVITUDE.dbf, notes.txt.",
            ],
        ),
    ],
)
def test_every_file_that_was_seen_is_told_with_what_to_write_to_use_it(
    tmp_path: Path, lang: Lang, said: list[str]
) -> None:
    """Seen: of a French folder `init` said "2 wait for a role" and no more, and nothing of its tables."""
    _, proposal = workflow.propose(french_folder(tmp_path / "s"), lang=lang)
    told = "\n".join(proposal["seen"])

    assert [line for line in said if line not in told] == []


def test_a_used_layer_is_told_with_its_role(tmp_path: Path) -> None:
    _, proposal = workflow.propose(chinese_folder(tmp_path / "s"))

    told = [re.sub(r"\d+ ", "n ", line) for line in proposal["seen"]]
    assert "宗地.gpkg(面，n 行)：用作地块" in told
    assert "STBHHX.gpkg(面，n 行)：用作生态保护红线" in told
    assert len(proposal["seen"]) == len(FILES)


def test_a_study_without_a_used_layer_names_those_that_wait(tmp_path: Path) -> None:
    """Seen: "layers is missing; add it", and nothing of the layers that init had found."""
    folder = french_folder(tmp_path / "s")
    landkit.init(folder)

    with refused(
        StudyError, "study_no_layers", zh="待定的有：ASSIETTE, bornes。", en="these wait: ASSIETTE, bornes."
    ):
        landkit.check(folder)


def test_what_init_says_to_write_makes_a_study_that_names_what_still_waits(tmp_path: Path) -> None:
    folder = french_folder(tmp_path / "s")
    path = landkit.init(folder)
    words = path.read_text(encoding="utf-8")
    entry = '# [layers.ASSIETTE]\n# role = "?"\n# path = "ASSIETTE.gpkg"'
    assert entry in words
    used = '[layers.ASSIETTE]\nrole = "parcels"\nfields = { idAss = "parcel_id" }\npath = "ASSIETTE.gpkg"'
    path.write_text(words.replace(entry, used), encoding="utf-8")

    found = landkit.check(folder, lang="en").table
    waiting = found[found["check"] == "study.waiting"]

    assert waiting["reason"].tolist() == ["not used, for in study.toml they still stand as comments: bornes"]


def test_a_register_under_a_title_is_proposed_with_the_row_of_its_names(tmp_path: Path) -> None:
    """Registers of offices have a merged title above and heads of groups over the names."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["2024年规上企业台账", None, None],
        ["企业名称", "统一社会信用代码", "备注"],
        ["甲", "91321000MA1A00001X", "无"],
        ["乙", "91321000MA1A00002X", "无"],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    (tmp_path / "s").mkdir()
    layer({"1": square(0, 0)}, "ZDDM").to_file(tmp_path / "s" / "宗地.gpkg")
    book.save(tmp_path / "s" / "企业台账.xlsx")
    path = landkit.init(tmp_path / "s")

    entry = content(path)["tables"]["enterprises"]
    assert (entry["header_row"], entry["fields"]["统一社会信用代码"]) == (2, "enterprise_id")
    assert "列名取自第 2 行" in path.read_text(encoding="utf-8")


def test_coordinates_that_fit_the_study_are_not_said_to_fit_a_stated_system(tmp_path: Path) -> None:
    """Seen: "coordinates look like the stated system", of a file that states none."""
    (tmp_path / "s").mkdir()
    layer({"1": square(0, 0)}, "KFQDM").to_file(tmp_path / "s" / "园区.gpkg")
    layer({"1": square(0, 0)}, "ZDDM").to_file(tmp_path / "s" / "宗地.shp")
    (tmp_path / "s" / "宗地.prj").unlink()
    said = landkit.init(tmp_path / "s", lang="en").read_text(encoding="utf-8")

    assert "the coordinates fit the study's own, " in said
    assert "stated system" not in said


def test_the_name_of_a_layer_says_more_than_that_of_its_file(tmp_path: Path) -> None:
    """Seen: of parks.gpkg with the layers parks, parks_built and parks_administered two waited for a role."""
    (tmp_path / "s").mkdir()
    for name in ("parks", "parks_built", "parks_administered"):
        layer({"Y1": square(0, 0)}, "park_id").to_file(tmp_path / "s" / "parks.gpkg", layer=name)
    found = content(landkit.init(tmp_path / "s"))["layers"]

    assert {k: v["layer"] for k, v in found.items()} == {
        name: name for name in ("parks", "parks_built", "parks_administered")
    }


def test_parts_of_a_shapefile_with_a_point_in_its_name_are_looked_at_with_it(tmp_path: Path) -> None:
    folder = french_folder(tmp_path / "s")
    layer({"a": square(0, 0)}, "ZDDM").to_file(folder / "宗地 2.0.shp")
    _, proposal = workflow.propose(folder)

    assert "没有查看的其他文件：SERVITUDE.dbf、notes.txt。" in proposal["seen"][-1]


def test_a_role_that_is_taken_is_not_offered(tmp_path: Path) -> None:
    """A study has one layer of parcels: writing what was offered was refused."""
    folder = french_folder(tmp_path / "s")
    layer({"a": square(0, 0)}, "ZDDM").to_file(folder / "宗地.gpkg")
    layer({"a": square(0, 0)}, "HXMC").to_file(folder / "生态保护红线.gpkg")
    _, proposal = workflow.propose(folder)
    told = next(line for line in proposal["seen"] if line.startswith("ASSIETTE"))

    assert 'role = "parcels"' not in told
    assert '`role = "control_line"`, `line = "permanent_basic_farmland"`' in told

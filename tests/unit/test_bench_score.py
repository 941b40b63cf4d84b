"""The conflicts of any tool against what was planted in the demo: a perfect one, an empty one, a plain intersection."""

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

import geopandas as gpd

from landkit import cli
from landkit.errors import LayerError, StudyError
from landkit.workflow import score_conflicts

STUDY = Path(__file__).parents[2] / "layers" / "yangzhou"
RED, FARM = "ecological_redline", "permanent_basic_farmland"
# counted by hand from the table in layers/yangzhou/README.md
PLANTED = {
    (RED, "encroachment"): 43,
    (RED, "sliver"): 168,
    (RED, "near_miss"): 52,
    (FARM, "encroachment"): 6,
}


@pytest.fixture(scope="module")
def planted():
    with (STUDY / "planted.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return lambda case: [row["id"] for row in rows if row["case"] == case]


def scored(folder, rows, columns="parcel_id,line"):
    path = folder / "theirs.csv"
    path.write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    return score_conflicts(path, study=STUDY)


def by_kind(found, column):
    return found.table.set_index(["line", "planted"])[column].to_dict()


def nonzero(found, column):
    return {kind: count for kind, count in by_kind(found, column).items() if count}


def test_a_perfect_tool_misses_nothing_and_makes_nothing_up(tmp_path, planted):
    rows = [f"{parcel},{RED}" for parcel in planted("red_line_encroached")]
    rows += [f"{parcel},{FARM}" for parcel in planted("in_farmland")]
    found = scored(tmp_path, rows)
    assert nonzero(found, "missed") == nonzero(found, "false_conflict") == {}
    assert nonzero(found, "parcels") == PLANTED
    assert nonzero(found, "called_conflict") == {(RED, "encroachment"): 43, (FARM, "encroachment"): 6}


def test_an_empty_table_misses_every_encroachment(tmp_path):
    found = scored(tmp_path, [])
    assert nonzero(found, "missed") == {(RED, "encroachment"): 43, (FARM, "encroachment"): 6}
    assert nonzero(found, "false_conflict") == {}
    assert nonzero(found, "called_clear") == PLANTED


def test_a_plain_intersection_calls_every_sliver_a_conflict(tmp_path):
    """What most tools give: every pair with shared area, more than once where zones overlap."""
    parcels = gpd.read_file(STUDY / "parcels.gpkg")[["宗地代码", "geometry"]]
    rows = []
    for line, file in ((RED, "STBHHX.shp"), (FARM, "YJJBNT.gpkg")):
        pieces = gpd.overlay(parcels, gpd.read_file(STUDY / file)[["geometry"]], keep_geom_type=True)
        rows += [f"{row.宗地代码},{line},{row.geometry.area}" for row in pieces.itertuples()]
    found = scored(tmp_path, rows, "parcel_id,line,encroached_m2")
    assert nonzero(found, "missed") == {}
    false = nonzero(found, "false_conflict")
    assert false[RED, "sliver"] == 168
    assert (RED, "near_miss") not in false
    assert false[FARM, "elsewhere"] > 0


def test_the_gravest_of_several_verdicts_on_a_pair_counts_and_words_are_understood(tmp_path, planted):
    first, second, third = planted("red_line_encroached")[:3]
    rows = [
        f"{first},{RED},clear",
        f"{first},生态保护红线,确定冲突",
        f"{second},{RED},within accuracy",
        f"{third},{RED},clear",
    ]
    rows += [f"X,{RED},conflict", "X,urban_development_boundary,conflict"]
    found = scored(tmp_path, rows, "parcel_id,line,verdict")
    real = (RED, "encroachment")
    counts = [by_kind(found, c)[real] for c in ("called_conflict", "called_open", "called_clear", "missed")]
    assert counts == [1, 1, 41, 42]
    assert nonzero(found, "false_conflict") == {(RED, "elsewhere"): 1}
    assert found.rows_not_scored == 1


def test_no_area_is_no_conflict(tmp_path, planted):
    first, second = planted("red_line_sliver")[:2]
    found = scored(tmp_path, [f"{first},{RED},0", f"{second},{RED},"], "parcel_id,line,encroached_m2")
    assert nonzero(found, "false_conflict") == {}


def written(folder, columns, rows, encoding):
    path = folder / "theirs.csv"
    path.write_bytes("\r\n".join([columns, *rows, ""]).encode(encoding))
    return score_conflicts(path, study=STUDY)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "utf-8"])
@pytest.mark.parametrize(
    ("columns", "row"),
    [
        ("parcel_id,line,verdict", "{},ecological_redline,conflict"),
        ("宗地代码,控制线,结论", "{},生态保护红线,确定冲突"),
        ("地块编号,控制线,压占面积(平方米)", '{},STBHHX,"1,234.5"'),
        ("压占面积（亩）,ZDDM,Line", "0.5,'{},Ecological Redline"),
    ],
)
def test_the_words_and_the_encoding_of_the_other_tool_do_not_matter(
    tmp_path, planted, columns, row, encoding
):
    """Chinese headings, units in brackets, usual codes, thousands in areas, Excel's apostrophe: 43 of 43 all the same."""
    found = written(tmp_path, columns, [row.format(i) for i in planted("red_line_encroached")], encoding)
    assert by_kind(found, "called_conflict")[RED, "encroachment"] == 43
    assert nonzero(found, "false_conflict") == {}
    assert found.unknown == ()
    assert list(found.columns)[:2] == ["parcel_id", "line"]


def test_a_column_of_our_own_name_goes_before_any_other_and_each_is_read_once(tmp_path, planted):
    [first, *_] = planted("red_line_encroached")
    found = written(tmp_path, "宗地代码,parcel_id,line,压占面积", [f"X,{first},{RED},3"], "utf-8")
    assert found.columns == {"parcel_id": "parcel_id", "line": "line", "encroached_m2": "压占面积"}
    assert by_kind(found, "called_conflict")[RED, "encroachment"] == 1
    assert "压占面积 = encroached area" in found.describe("en")
    assert "列的读法" not in found.describe("zh")
    assert "parcel_id = parcel_id" not in found.describe("zh")


def test_codes_that_the_study_does_not_have_are_named_and_count_as_made_up(tmp_path, planted):
    """Codes as numbers with a decimal, none at all, and of another city; blank rows do not count, repeated ones once."""
    [first, *_] = planted("red_line_encroached")
    rows = [
        f"{first.lower()} ,{RED}",
        f"{first},{RED}",
        f"321003.0,{RED}",
        f",{RED}",
        f"X1,{RED}",
        f"X1,{RED}",
        ",",
    ]
    found = written(tmp_path, "parcel_id,line", rows, "utf-8")
    assert found.unknown == ("321003.0", "", "X1")
    assert by_kind(found, "called_conflict")[RED, "encroachment"] == 1
    assert nonzero(found, "false_conflict") == {(RED, "elsewhere"): 3}
    assert "321003.0, ?, X1" in found.describe("en")
    assert found.summary()["unknown"] == ["321003.0", "", "X1"]


def test_lines_that_are_not_scored_are_named(tmp_path, planted):
    [first, *_] = planted("red_line_encroached")
    found = written(
        tmp_path, "parcel_id,line", [f"{first},{RED}", f"{first},heritage", f"{first},heritage"], "utf-8"
    )
    assert (found.rows_not_scored, found.lines_not_scored) == (2, ("heritage",))
    assert (
        "2 rows are about lines that are not scored: heritage; scored are ecological red line, permanent"
        in found.describe("en")
    )
    assert "not scored" not in written(tmp_path, "parcel_id,line", [f"{first},{RED}"], "utf-8").describe("en")


def test_numbers_that_excel_made_of_codes_are_found_again():
    from landkit.workflow.their_table import calls_of

    table = pd.DataFrame({"parcel_id": [101.0, "102.0", "００103"], "line": RED})
    calls = calls_of(table, ["101", "102", "00103"], "theirs.xlsx")
    assert calls.rows["parcel_id"].to_list() == ["101", "102", "00103"]
    assert calls.unknown == ()


@pytest.mark.parametrize(
    ("columns", "row", "word"),
    [
        ("plan,line", f"1,{RED}", "parcel_id"),
        ("parcel_id,zone", "1,2", "line"),
        ("parcel_id,line,verdict", f"1,{RED},maybe", "Row 2.*maybe"),
        ("parcel_id,line,encroached_m2", f"1,{RED},much", "Row 2.*much"),
        ("parcel_id,line,encroached_m2", f"1,{RED},-3", "Row 2.*-3"),
        ("parcel_id,line,encroached_m2", f"1,{RED},1e999", "Row 2.*1e999"),
    ],
)
def test_what_cannot_be_understood_is_refused(tmp_path, columns, row, word):
    with pytest.raises(LayerError, match=word):
        scored(tmp_path, [row], columns)


def test_a_verdict_is_asked_for_in_words_of_the_reader(tmp_path, planted):
    """Seen: 应为 conflict, within_accuracy, clear, not_checked."""
    with pytest.raises(LayerError) as refused:
        scored(tmp_path, [f"1,{RED},是"], "parcel_id,line,verdict")

    assert "“是”无法识别；应为 确定冲突、精度范围内、无冲突、未核查。" in refused.value.say("zh")


def test_a_title_above_the_names_is_told_without_a_study(tmp_path):
    """Seen: "write header_row in study.toml", where no study is asked."""
    with pytest.raises(LayerError) as refused:
        written(tmp_path, "冲突清单,,", ["宗地代码,控制线,压占面积", f"1,{RED},3", f"2,{RED},4"], "gbk")

    assert refused.value.say("zh").endswith(
        "的列名在第 2 行，上方有标题或表头不止一行；请只留一行列名，放在第一行。"
    )


def test_columns_are_said_to_be_read_as_what_the_reader_calls_them(tmp_path):
    """Seen: `压占面积（亩） = encroached_m2`, though no square metres were meant."""
    said = written(tmp_path, "地块编号,控制线,压占面积（亩）", [f"1,{RED},3"], "gbk").describe("zh")

    assert said.splitlines()[-1] == "列的读法：地块编号 = 宗地代码, 压占面积（亩） = 压占面积。"


def test_without_a_truth_nothing_is_scored(tmp_path):
    (tmp_path / "theirs.csv").write_text("parcel_id,line\n")
    with pytest.raises(StudyError, match=r"planted\.csv"):
        score_conflicts(tmp_path / "theirs.csv", study=tmp_path)


def test_the_command_prints_the_score(tmp_path, planted, capsys):
    path = tmp_path / "theirs.csv"
    pd.DataFrame({"parcel_id": planted("red_line_near")[:4], "line": RED}).to_csv(path, index=False)

    def says(*more):
        with pytest.raises(SystemExit) as end:
            cli.main(["bench", "--score", str(path), "--study", str(STUDY), *more])
        return end.value.code, capsys.readouterr().out

    assert says("--lang", "zh")[1].splitlines()[-1].startswith("共漏判 49，误判 4。")
    assert "near miss" in says("--lang", "en")[1]
    rows = json.loads(says("--json")[1])["rows"]
    assert sum(row["false_conflict"] for row in rows) == 4
    assert says("--noise", "null")[0] == 2

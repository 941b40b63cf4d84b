"""Bad inputs, one by one: the one clear sentence and the exit code of the contract, or a finding and never clear.

The numbers are those of the list of bad inputs.  Each is given to `landkit.run` over a folder with the outputs of an
earlier run; after a refusal that folder is the same, byte by byte, and the input files are untouched.
"""

from __future__ import annotations

import datetime
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from builders import X, Y, box, layer, square, tiny_frames
from builders import tiny_study as build
from refusals import assert_one_sentence

import geopandas as gpd
import pyogrio
import shapely

import landkit
from landkit.study import load_study
from landkit.workflow.ask import Answers
from landkit.workflow.reading.study import read_ground

Make = Callable[[Path], Path]


def edit(old: str, new: str) -> Make:
    def make(folder: Path) -> Path:
        build(folder)
        text = (folder / "study.toml").read_text(encoding="utf-8")
        assert old in text
        (folder / "study.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return make


def but(**changes: Any) -> Make:
    return lambda folder: build(folder, **changes)


def then(change: Callable[[Path], object], **changes: Any) -> Make:
    def make(folder: Path) -> Path:
        build(folder, **changes)
        change(folder)
        return folder

    return make


def shapefile(folder: Path, *, drop: tuple[str, ...] = (), encoding: str = "UTF-8") -> None:
    """The parcels as a shapefile under the old entry."""
    frame = tiny_frames()["parcels"][["parcel_id", "parcel_name", "geometry"]].rename(
        columns={"parcel_name": "name"}
    )
    pyogrio.write_dataframe(frame.rename(columns={"name": "名称"}), folder / "parcels.shp", encoding=encoding)
    for part in drop:
        (folder / f"parcels{part}").unlink()
    _point(folder, "parcels.shp")


def _point(folder: Path, path: str) -> None:
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        text.replace('path = "parcels.gpkg"', f"path = {json.dumps(path)}"), encoding="utf-8"
    )


def named_so(name: str, content: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_text(content.replace("SECRET", str(folder / "boundary.gpkg")), encoding="utf-8")
        _point(folder, name)

    return change


def cut(folder: Path, name: str, kept: float = 0.5) -> None:
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: int(len(whole) * kept)])


def lon_lat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Degrees under the name of metres."""
    return frame.to_crs(4490).set_crs(4549, allow_override=True)


VRT = '<OGRVRTDataSource><!-- kml --><OGRVRTLayer name="x"><SrcDataSource>SECRET</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
REFUSED: dict[str, tuple[Make, int, str, str]] = {
    # study
    "no-study": (lambda f: f, 2, "找不到研究", "No study"),
    "study-not-toml": (edit("[study]", "[study"), 2, "TOML", "not valid TOML"),
    "study-gbk": (
        then(
            lambda f: (f / "study.toml").write_bytes((f / "study.toml").read_bytes().decode().encode("gbk"))
        ),
        2,
        "UTF-8",
        "UTF-8",
    ),
    "unknown-key": (edit("accuracy_m", "acuracy_m"), 2, "是否应为 accuracy_m", "did you mean accuracy_m"),
    "unknown-role": (
        edit('role = "parcels"', 'role = "parcel"'),
        2,
        "是否应为 parcels",
        "did you mean parcels",
    ),
    "wrong-field": (
        but(spec={"parcels": {"fields": {"宗地": "parcel_id"}}}),
        3,
        "没有列 宗地",
        "no column 宗地",
    ),
    "no-parcels": (but(without=["parcels", "occupancy"]), 2, "parcels", "parcels"),
    "bad-plan": (then(lambda f: (f / "plan.toml").unlink()), 2, "plan", "plan"),
    "71-role-twice": (edit('role = "counties"', 'role = "parcels"'), 2, "只能有一个", "a study has one"),
    "109-line-twice": (
        edit('line = "permanent_basic_farmland"', 'line = "ecological_redline"'),
        2,
        "现行版本",
        "version in force",
    ),
    "accuracy-zero": (but(spec={"parcels": {"accuracy_m": 0}}), 2, "大于 0", "above 0"),
    "accuracy-nan": (edit("accuracy_m = 0.4", "accuracy_m = nan"), 2, "大于 0", "above 0"),
    "accuracy-unknown": (
        but(spec={"parcels": {"accuracy_m": "default:parcel-class-9"}}),
        2,
        "parcel-class",
        "parcel-class",
    ),
    # files
    "no-such-file": (then(lambda f: (f / "parcels.gpkg").unlink()), 3, "找不到文件", "There is no file"),
    "missing-layer": (
        but(spec={"parcels": {"layer": "parcel"}}),
        3,
        "没有图层 parcel，是否应为 parcels",
        "no layer parcel; did you mean parcels",
    ),
    "69-empty-layer": (but(parcels=lambda p: p.head(0)), 3, "没有任何要素", "has no rows"),
    "45-no-shx": (then(lambda f: shapefile(f, drop=(".shx",))), 3, r"缺少同名的 \.shx", r"lacks its \.shx"),
    "46-no-dbf": (then(lambda f: shapefile(f, drop=(".dbf",))), 3, r"缺少同名的 \.dbf", r"lacks its \.dbf"),
    "50-cut-dbf": (
        then(lambda f: (shapefile(f), cut(f, "parcels.dbf"))),
        3,
        r"\.dbf 不完整",
        r"\.dbf.*cut off",
    ),
    "51-cut-shp": (
        then(lambda f: (shapefile(f), cut(f, "parcels.shp", 0.9))),
        3,
        r"\.shp 不完整",
        r"\.shp.*cut off",
    ),
    "58-cut-gpkg": (then(lambda f: cut(f, "parcels.gpkg")), 3, "无法读取", "cannot be read"),
    "62-column-twice": (
        but(spec={"parcels": {"fields": {"parcel_name": "parcel_id"}}}),
        3,
        "两列 parcel_id",
        "two columns parcel_id",
    ),
    "64-xls": (
        then(lambda f: (f / "occupancy.csv").rename(f / "o.xls") and _swap(f, "occupancy.csv", "o.xls")),
        3,
        "xlsx",
        "xlsx",
    ),
    # coordinate systems
    "32-no-crs": (then(lambda f: shapefile(f, drop=(".prj",))), 3, "没有坐标系", "no coordinate system"),
    "33-crs-disagrees": (
        but(spec={"parcels": {"crs": "EPSG:4548"}}),
        3,
        "写的是",
        "study.toml or the command says",
    ),
    "34-degrees-as-metres": (
        but(parcels=lon_lat),
        3,
        "最可能其实是经纬度.*EPSG:4490",
        "longitude and latitude.*EPSG:4490",
    ),
    "36-zone-number": (
        but(parcels=lambda p: p.set_geometry(p.translate(4.0e7, 0))),
        3,
        'zone 40, EPSG:4528.*crs_instead = "EPSG:4528"',
        "zone 40, EPSG:4528",
    ),
    "37-other-meridian": (
        but(parcels=lambda p: p.to_crs(4548).set_crs(4549, allow_override=True)),
        3,
        "全部落在研究范围之外：最可能.*CM 117E, EPSG:4548",
        "lies outside the study area: most likely.*CM 117E, EPSG:4548",
    ),
    "35-swapped": (
        but(
            parcels=lambda p: p.set_geometry(
                p.geometry.map(lambda g: shapely.transform(g, lambda xy: xy[:, ::-1]))
            )
        ),
        3,
        "横纵坐标颠倒.*swap_axes = true",
        "axes swapped.*swap_axes = true",
    ),
    "38-xian80": (
        but(parcels=lambda p: p.set_crs(2384, allow_override=True)),
        3,
        "需要转换参数",
        "needs parameters",
    ),
    # ids and kinds
    "27-duplicate-ids": (
        but(parcels=lambda p: p.assign(parcel_id="L1")),
        3,
        "重复：L1",
        "more than once.*L1",
    ),
    "missing-ids": (
        but(parcels=lambda p: p.assign(parcel_id=[None, *p["parcel_id"][1:]])),
        3,
        "没有 parcel_id",
        "1 row has no parcel_id",
    ),
    "19-lines-as-parcels": (
        but(parcels=lambda p: p.set_geometry(p.geometry.boundary)),
        3,
        "几何类型",
        "cannot serve",
    ),
    "111-no-scheme": (but(spec={"parcels": {"code_scheme": None}}), 2, "代码体系", "code scheme"),
    # hostile
    "72-vrt-as-shp": (then(named_so("x.shp", VRT)), 3, "拒绝打开", "not opened"),
    "72-vrt-as-geojson": (then(named_so("x.geojson", VRT)), 3, "拒绝打开", "not opened"),
    "72-vrt-as-kml": (then(named_so("x.kml", VRT)), 3, "拒绝打开", "not opened"),
    "73-vsicurl": (
        edit('path = "parcels.gpkg"', 'path = "/vsicurl/http://127.0.0.1/x.gpkg"'),
        3,
        "只读本机文件",
        "local files only",
    ),
    "73-http": (
        edit('path = "parcels.gpkg"', 'path = "http://127.0.0.1/x.gpkg"'),
        3,
        "只读本机文件",
        "local files only",
    ),
    "73-postgres": (
        edit('path = "occupancy.csv"', 'path = "PG:host=localhost"'),
        3,
        "只读本机文件",
        "local files only",
    ),
    "73-nul": (
        edit('path = "parcels.gpkg"', r'path = "parcels\u0000.gpkg"'),
        3,
        "只读本机文件",
        "local files only",
    ),
    "79-sql-layer": (
        but(spec={"parcels": {"layer": "parcels'; DROP TABLE parcels; --"}}),
        3,
        "没有图层",
        "has no layer",
    ),
}


def _swap(folder: Path, old: str, new: str) -> None:
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text.replace(f'"{old}"', f'"{new}"'), encoding="utf-8")


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_one_sentence_and_nothing_is_lost(
    name: str,
    tmp_path: Path,
    earlier: tuple[Path, dict[str, bytes]],
    contents: Callable[[Path], dict[str, bytes]],
) -> None:
    """In both languages; the exit code says who can cure it: 2 the study, 3 the layer.

    That the command line prints this sentence and ends with this code is shown in test_cli.py.
    """
    make, code, zh, en = REFUSED[name]
    study = make(tmp_path / "study")
    out, before = earlier
    given = {p.name: p.read_bytes() for p in study.iterdir() if p.is_file()} if study.is_dir() else {}

    with pytest.raises(landkit.LandkitError) as caught:
        landkit.run(study, to=out)

    assert caught.value.exit_code == code, str(caught.value)
    for lang, words in (("zh", zh), ("en", en)):
        said = caught.value.say(lang)
        assert re.search(words, said), said
        assert_one_sentence(said)
    assert contents(out) == before
    assert (
        {p.name: p.read_bytes() for p in study.iterdir() if p.is_file()} == given
        if given
        else not study.exists()
    )


def ring(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(X + x, Y + y) for x, y in points])


# what these tests do not ask for, and need not read
NEEDLESS = ("counties", "clusters", "axes", "parks_built", "enterprises", "enterprise_years", "occupancy")
NO_PLAN = {"plan": None}

SHAPES: dict[str, shapely.Geometry | None] = {
    "1-bow-tie": ring((300, 300), (400, 400), (400, 300), (300, 400)),
    "2-figure-8": ring((300, 300), (350, 350), (400, 300), (400, 400), (350, 350), (300, 400)),
    "5-hole-outside": shapely.Polygon(square(300, 300).exterior, [square(600, 600, 10).exterior]),
    "6-hole-equal": shapely.Polygon(square(300, 300).exterior, [square(300, 300).exterior]),
    "7-overlapping-parts": shapely.MultiPolygon([square(300, 300), square(350, 300)]),
    "15-far-away": shapely.box(1e17, 0, 1e17 + 1e6, 1e6),
    "16-empty": shapely.Polygon(),
    "17-null": None,
}


def with_shape(shape: shapely.Geometry | None) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    return lambda p: p.set_geometry([shape, *p.geometry[1:]], crs=p.crs)


@pytest.mark.parametrize("name", SHAPES)
def test_a_parcel_with_bad_geometry_is_a_finding_and_never_clear(name: str, tmp_path: Path) -> None:
    """L1 is named with its place and is not checked against any line; its area is missing and not 0; the others stand."""
    study = build(tmp_path / "study", parcels=with_shape(SHAPES[name]), without=NEEDLESS, head=NO_PLAN)
    answers = Answers(read_ground(load_study(study)))
    table, stock = answers.conflicts.table, answers.stock.table.set_index("parcel_id")
    findings = answers.findings.table

    assert "L1" in set(
        findings[findings["check"].str.startswith("geometry.") & (findings["severity"] == "error")]["row"]
    )
    assert set(table[table["parcel_id"] == "L1"]["verdict"]) == {"not_checked"}
    assert (table[table["parcel_id"] != "L1"]["verdict"] != "not_checked").all()
    assert pd.isna(stock.loc["L1", "area_m2"])
    assert pd.isna(stock.loc["L1", "net_area_m2"])
    assert stock.loc["L1", "stock_status"] == "undecided"


@pytest.mark.parametrize("name", ["1-bow-tie", "7-overlapping-parts"])
def test_a_repair_that_was_asked_for_is_a_finding_and_is_judged(name: str, tmp_path: Path) -> None:
    """repair = "structure": mended, said so with both areas, and then like any other parcel."""
    study = build(
        tmp_path / "study", parcels=with_shape(SHAPES[name]), spec={"parcels": {"repair": "structure"}}
    )
    answers = Answers(read_ground(load_study(study)))
    table, findings = answers.conflicts.table, answers.findings.table

    assert "geometry.repaired" in set(findings[findings["row"] == "L1"]["check"])
    assert "not_checked" not in set(table[table["parcel_id"] == "L1"]["verdict"])


def test_a_run_with_bad_geometry_writes_everything(tmp_path: Path) -> None:
    """A null and an invalid parcel, a wrong unit, an unknown park: findings are rows, not exceptions; exit code 0."""
    study = build(
        tmp_path / "study",
        parcels=lambda p: p.set_geometry(
            [None, SHAPES["1-bow-tie"], shapely.Polygon(), *p.geometry[3:]], crs=p.crs
        ).assign(floor_area_m2="约1万"),
        occupancy=lambda o: o.assign(parcel_id=["L4", "L5", "没有", "L8", "L8"]),
    )
    done = landkit.run(study, to=tmp_path / "out")
    found = gpd.read_file(done.to / "results.gpkg", layer="conflicts")

    assert (done.to / "manifest.json").is_file()
    assert set(found[found["parcel_id"].isin(["L1", "L2", "L3"])]["verdict"]) == {"not_checked"}
    assert {
        "geometry.null",
        "geometry.invalid",
        "geometry.empty",
        "value.number",
        "occupancy.unknown_parcel",
    } <= set(done.findings.table["check"])


def test_a_boundary_that_cannot_be_used_makes_nothing_clear(tmp_path: Path) -> None:
    """It is the valid extent of the lines: without it nobody knows what they cover."""
    study = build(
        tmp_path / "study",
        boundary=layer({"tiny": SHAPES["1-bow-tie"]}, "name"),
        without=NEEDLESS,
        head=NO_PLAN,
    )
    answers = Answers(read_ground(load_study(study)))
    table = answers.conflicts.table

    assert "geometry.invalid" in set(answers.findings.table["check"])
    assert "clear" not in set(table[table["line"] != "urban_development_boundary"]["verdict"])


@pytest.mark.bad_input(84)
@pytest.mark.parametrize(
    "name",
    ["甲,乙", "=1+1", "<script>alert(1)</script>", "${7*7}", "{{7*7}}", "a\nb", "`x`", "L1'", "L 1", "Ｌ１"],
)
def test_odd_parcel_codes_are_only_codes(tmp_path: Path, name: str) -> None:
    """Bad inputs 81 to 84, 89: they come out as they went in, as text (full-width letters as plain ones)."""
    study = build(
        tmp_path / "study",
        parcels=lambda p: p.assign(parcel_id=[name, *p["parcel_id"][1:]]),
        without=NEEDLESS,
        head=NO_PLAN,
    )
    table = Answers(read_ground(load_study(study))).parcels.reset_index(drop=True)

    assert table["parcel_id"][0] == ("L1" if name == "Ｌ１" else name)


@pytest.mark.bad_input(67)
@pytest.mark.bad_input(90)
def test_a_read_only_study_is_read(tmp_path: Path) -> None:
    """Bad inputs 90, 67: data on a read-only share."""
    study = build(tmp_path / "study")
    for path in [*study.iterdir(), study]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert len(landkit.conflicts(study).table) == 32
    finally:
        study.chmod(0o755)


def test_a_table_joined_to_the_parcels_is_read_like_their_own_columns(tmp_path: Path) -> None:
    """Seen: a joined number with a thousands separator was an internal fault, and a maximum was that of the text."""
    study = build(tmp_path / "study", parcels=lambda p: p.drop(columns="floor_area_m2"))
    (study / "extra.csv").write_text(
        '编号,建筑面积,开工\nL4,"9,000",2010.10.1\nL4,"10,000",\nＬ5,12000,\nL6,约1万,\nL7,5,\nL8,7,\n',
        encoding="utf-8",
    )
    text = (study / "study.toml").read_text(encoding="utf-8")
    text += """
[tables.extra]
role = "attributes"
path = "extra.csv"
joins = "parcels"
key = "parcel_id"
fields = { "编号" = "parcel_id", "建筑面积" = "floor_area_m2" }
units = { floor_area_m2 = "mu" }
combine = { floor_area_m2 = "max" }
"""
    (study / "study.toml").write_text(text, encoding="utf-8")
    findings = landkit.check(study).table
    ratio = landkit.intensity(study).table.set_index("parcel_id")["floor_area_ratio"]

    assert ratio["L4"] == pytest.approx(10000 * 2000 / 3 / 10000, rel=1e-3)
    assert ratio["L5"] == pytest.approx(12000 * 2000 / 3 / 10000, rel=1e-3)
    assert pd.isna(ratio["L6"])
    assert list(findings[findings["check"] == "value.number"]["row"]) == ["L6"]
    assert "join.match" in set(findings["check"])


def test_a_join_that_mostly_fails_is_refused(tmp_path: Path) -> None:
    """Codes of another scheme: the share, the limit and examples are said."""
    study = build(tmp_path / "study")
    (study / "extra.csv").write_text("parcel_id,note\nX1,a\nX2,b\nL4,c\n", encoding="utf-8")
    text = (study / "study.toml").read_text(encoding="utf-8")
    text += (
        '\n[tables.extra]\nrole = "attributes"\npath = "extra.csv"\njoins = "parcels"\nkey = "parcel_id"\n'
    )
    text += 'combine = { note = "first" }\n'
    (study / "study.toml").write_text(text, encoding="utf-8")

    with pytest.raises(landkit.LandkitError, match=r"66\.7 %.*5 % allowed.*X1, X2"):
        landkit.check(study)


@pytest.mark.bad_input(77)
def test_links_as_inputs_are_read_and_kept(tmp_path: Path) -> None:
    """Bad inputs 77."""
    study = build(tmp_path / "study")
    real = shutil.move(study / "parcels.gpkg", tmp_path / "real.gpkg")
    (study / "parcels.gpkg").symlink_to(real)
    before = Path(real).read_bytes()
    landkit.conflicts(study)

    assert (study / "parcels.gpkg").is_symlink()
    assert Path(real).read_bytes() == before


def test_rules_asked_for_before_they_existed_are_said_to_sleep(tmp_path: Path) -> None:
    """Bad inputs 108: the land is still laid against the lines; no clause stands behind it, and every one is named."""
    study = build(tmp_path / "study", head={"rules_on": datetime.date(1990, 1, 1)})
    findings = landkit.check(study).table
    table = landkit.conflicts(study).table

    assert (findings["check"] == "rules.asleep").sum() > 3
    assert set(table["rules"]) == {"conflict.alpha;conflict.beta"}
    assert (table["verdict"] == "conflict").sum() == 4


def test_a_park_outside_every_county_is_kept(tmp_path: Path) -> None:
    """Bad inputs 102: a unit that lies in no other is a row like the others."""
    study = build(
        tmp_path / "study",
        counties=layer({"K": box(3900, 2900, 4000, 3000)}, "county_id"),
        without=["enterprises", "enterprise_years", "occupancy"],
    )

    assert len(landkit.parks(study).table) == 2

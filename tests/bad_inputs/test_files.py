"""Bad files, by the numbers of the list of bad inputs: the exact answer, the exit code, and that nothing is touched or lost."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import CRS, box, layer, square
from builders import tiny_study as build
from gdal_writer import add_code_list
from refusals import assert_one_sentence, refused

import geopandas as gpd
import pyogrio
import shapely

from landkit import cli
from landkit.errors import CRSError, LayerError
from landkit.io import vector
from landkit.io.formats.geodatabase import lists_in
from landkit.io.vector import describe_layers, read_batches, read_layer, read_source

Answer = tuple[int, str]


def frame(rows: int = 2) -> gpd.GeoDataFrame:
    return layer({f"{i:03d}": square(i * 200, 0) for i in range(rows)}, "id", 名称=["地块"] * rows)


def shapefile(folder: Path, name: str = "x") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pyogrio.write_dataframe(frame(), folder / f"{name}.shp", encoding="UTF-8")
    return folder / f"{name}.shp"


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Answer]]:
    """`asked(damage)`: a study whose parcels are a shapefile that `damage` has spoilt, run over good earlier outputs.

    Gives the exit code and what was said; afterwards inputs and earlier outputs must be what they were.
    """
    study = build(tmp_path / "study", parcels=lambda p: p[["parcel_id", "use_code", "geometry"]])
    parcels = gpd.read_file(study / "parcels.gpkg")
    (study / "parcels.gpkg").unlink()
    pyogrio.write_dataframe(parcels, study / "parcels.shp", encoding="UTF-8")
    toml = (study / "study.toml").read_text(encoding="utf-8").replace("parcels.gpkg", "parcels.shp")
    (study / "study.toml").write_text(toml, encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / "map.html").write_text("earlier")

    def ask(damage: Callable[[Path], object]) -> Answer:
        damage(study / "parcels.shp")
        before, earlier = bytes_of(study), bytes_of(out)
        with pytest.raises(SystemExit) as end:
            cli.main(["run", str(study), "--to", str(out), "--lang", "en"])
        said = capsys.readouterr().err
        assert bytes_of(study) == before
        assert {k: v for k, v in bytes_of(out).items() if not k.startswith(".landkit")} == earlier
        return int(end.value.code or 0), said

    return ask


def without(part: str) -> Callable[[Path], object]:
    return lambda path: path.with_suffix(part).unlink()


def cut(part: str, kept: float) -> Callable[[Path], object]:
    def damage(path: Path) -> None:
        whole = path.with_suffix(part).read_bytes()
        path.with_suffix(part).write_bytes(whole[: int(len(whole) * kept)])

    return damage


SPOILT = {
    "44 no prj": (without(".prj"), "no coordinate system"),
    "45 no shx": (without(".shx"), r"lacks its .shx"),
    "46 no dbf": (without(".dbf"), r"lacks its .dbf"),
    "49 empty dbf": (cut(".dbf", 0), r".dbf of .* is cut off"),
    "50 cut dbf": (cut(".dbf", 0.5), r".dbf of .* is cut off"),
    "51 cut shp": (cut(".shp", 0.5), r".shp of .* is cut off"),
    "52 cut shx": (cut(".shx", 0.5), r".shx of .* is cut off"),
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.bad_input(int(n.split()[0]))) for n in SPOILT]
)
def test_a_spoilt_shapefile_ends_the_run_with_3_and_one_sentence(
    name: str, asked: Callable[..., Answer]
) -> None:
    """GDAL would give null shapes or no attributes in silence, and restore an index beside the source."""
    damage, words = SPOILT[name]
    code, said = asked(damage)

    assert code == 3
    assert len(said.strip().splitlines()) == 1
    assert re.search(words, said), said


@pytest.mark.bad_input(53)
def test_rows_of_another_table_end_the_run_with_3(tmp_path: Path, asked: Callable[..., Answer]) -> None:
    """The .dbf of another delivery: GDAL would put its attributes on the wrong land."""
    other = shapefile(tmp_path / "other")

    code, said = asked(lambda path: shutil.copy(other.with_suffix(".dbf"), path.with_suffix(".dbf")))

    assert code == 3
    assert "8 shapes and 2 rows" in said


@pytest.mark.bad_input(54)
def test_upper_case_extensions_are_read_in_batches_and_listed_too(tmp_path: Path) -> None:
    """From older Windows programs; on Linux the parts must be found all the same."""
    shapefile(tmp_path)
    for part in list(tmp_path.iterdir()):
        part.rename(tmp_path / part.name.upper())

    assert list(read_layer(tmp_path / "X.SHP")["名称"]) == ["地块", "地块"]
    assert sum(len(r.frame) for r in read_batches(tmp_path / "X.SHP", rows=1)) == 2
    assert describe_layers(tmp_path / "X.SHP")[0]["rows"] == 2


@pytest.mark.bad_input(55)
@pytest.mark.parametrize("name", ["扬州 市#1", "50%", "a[1]", "'x'", "é", "a&b?c=d"])
@pytest.mark.parametrize("suffix", [".dxf", ".parquet", ".csv", ".gdb"])
def test_odd_names_are_only_names_for_every_format(tmp_path: Path, name: str, suffix: str) -> None:
    """Also as a folder."""
    path = tmp_path / name / f"{name}{suffix}"
    path.parent.mkdir()
    if suffix == ".dxf":
        from drawings import polyline, ring, write_dxf

        write_dxf(path, polyline("0", ring(0, 0), closed=True))
    elif suffix == ".csv":
        path.write_text('id,WKT\n1,"POLYGON((0 0,9 0,9 9,0 0))"\n', encoding="utf-8")
    elif suffix == ".gdb":
        pyogrio.write_dataframe(
            frame(1),
            path,
            driver="OpenFileGDB",
            layer="x",
            geometry_type="MultiPolygon",
            promote_to_multi=True,
        )
    else:
        frame(1).to_parquet(path)

    crs = f"EPSG:{CRS}" if suffix in (".dxf", ".csv") else None
    assert len(read_layer(path, crs=crs)) == 1


@pytest.mark.bad_input(56)
def test_a_path_longer_than_260_is_read_where_the_system_allows_it(tmp_path: Path) -> None:
    """Windows stops there; elsewhere it is a path like any other."""
    folder = tmp_path / ("深" * 60) / ("a" * 120)
    path = folder / "x.gpkg"
    try:
        folder.mkdir(parents=True)
        pyogrio.write_dataframe(frame(), path)
    except OSError as error:
        pytest.skip(f"this system does not hold such a path: {error.strerror}")

    assert len(str(path)) > 260 or len(str(path).encode()) > 260
    assert len(read_layer(path)) == 2


@pytest.mark.bad_input(57)
@pytest.mark.parametrize("name", ["CON", "nul", "COM1", "aux"])
def test_names_that_windows_keeps_for_itself_are_read_elsewhere(tmp_path: Path, name: str) -> None:
    """As a file and as a layer; no output is ever called so (test_write)."""
    if os.name == "nt":
        pytest.skip("Windows does not let a file be called so")
    pyogrio.write_dataframe(frame(), tmp_path / f"{name}.gpkg", layer=name)

    assert len(read_layer(tmp_path / f"{name}.gpkg", layer=name)) == 2


# --- 58: GeoJSON

GOOD = '{"type":"Polygon","coordinates":[[[119,32],[119.1,32],[119.1,32.1],[119,32]]]}'


def geojson(path: Path, *features: str, head: str = "") -> Path:
    rows = ",".join(f'{{"type":"Feature",{f}}}' for f in features)
    path.write_text(f'{head}{{"type":"FeatureCollection","features":[{rows}]}}', encoding="utf-8")
    return path


def feature(properties: str = "{}", geometry: str = GOOD) -> str:
    return f'"properties":{properties},"geometry":{geometry}'


@pytest.mark.bad_input(58)
def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Windows editors write it."""
    assert len(read_layer(geojson(tmp_path / "x.json", feature(), head="\ufeff"))) == 1


@pytest.mark.bad_input(58)
@pytest.mark.parametrize(
    ("properties", "geometry", "check", "words"),
    [
        ('{"a":1,"a":2}', GOOD, "json.key_twice", "property a twice"),
        ('{"a":NaN}', GOOD, "json.not_number", "a of feature 2 is NaN"),
        ('{"a":-Infinity}', GOOD, "json.not_number", "-Infinity"),
        (
            '{"dm":321003001012345678901}',
            GOOD,
            "json.number_long",
            "dm of feature 2 is a number of 21 digits",
        ),
        ("{}", GOOD.replace("119.1,32]", '"119.1","32"]'), "json.coordinate", "hold 32"),
        ("{}", GOOD.replace("119.1,32]", "null,32]"), "json.coordinate", "hold null"),
    ],
)
def test_what_gdal_repairs_in_silence_is_a_finding_with_its_row(
    tmp_path: Path, properties: str, geometry: str, check: str, words: str
) -> None:
    """The last of two values, a null shape, a code that became 3.2e20: seen, all without a word."""
    found = read_source(geojson(tmp_path / "x.geojson", feature(), feature(properties, geometry)))
    told = [f for f in found.findings if f.check == check]

    assert [f.row for f in told] == ["2"]
    assert words in told[0].reason.say("en")
    assert len(found.frame) == 2
    assert found.frame.geometry[0].equals(shapely.from_geojson(GOOD))


@pytest.mark.bad_input(12)
@pytest.mark.bad_input(58)
def test_a_shape_that_cannot_be_built_loses_its_shape_and_not_its_row(tmp_path: Path) -> None:
    """GEOS refuses the whole file for it; the other rows are as they were, and the finding says why."""
    odd = GOOD.replace("[[[119,32]", "[[[NaN,32]")
    found = read_source(geojson(tmp_path / "x.geojson", feature('{"a":"1"}'), feature('{"a":"2"}', odd)))

    assert list(found.frame["a"]) == ["1", "2"]
    assert list(found.frame.geometry.isna()) == [False, True]
    assert [(f.check, f.row) for f in found.findings if f.check != "file.warned"] == [
        ("json.coordinate", "2"),
        ("geometry.unreadable", "2"),
    ]


@pytest.mark.bad_input(58)
@pytest.mark.parametrize(
    ("content", "key", "words"),
    [
        ('{"type":"FeatureCollection","features":[', "json_broken", "line 1, column 41"),
        ("{'type': 'Feature'}", "json_broken", "line 1, column 2"),
        ('{"type":"Topology","objects":{}}', "json_not_features", "Topology"),
        ("[1,2]", "json_not_features", "list"),
        ("[" * 20_000 + "]" * 20_000, "json_broken", "deeply nested"),
    ],
)
def test_json_that_is_cut_or_something_else_says_where(
    tmp_path: Path, content: str, key: str, words: str
) -> None:
    """Line and column; exit code 3."""
    (tmp_path / "x.geojson").write_text(content)

    with refused(LayerError, key, zh="重新导出", en=words):
        read_layer(tmp_path / "x.geojson")


@pytest.mark.bad_input(58)
def test_mixed_kinds_are_read_and_kept_apart(tmp_path: Path) -> None:
    """A point among polygons stays a point: the checks say that it does not belong."""
    point = '{"type":"Point","coordinates":[119,32]}'
    found = read_layer(geojson(tmp_path / "x.geojson", feature('{"a":1}'), feature('{"a":"x"}', point)))

    assert list(found.geom_type) == ["Polygon", "Point"]
    assert list(found["a"]) == ["1", "x"]


# --- 66: geodatabases


def geodatabase(path: Path, *, kinds: tuple[str, ...] = ("01", "99", "01")) -> Path:
    shapes = [shapely.MultiPolygon([square(i * 200, 0)]) for i in range(len(kinds))]
    own = gpd.GeoDataFrame({"kind": list(kinds)}, geometry=shapes, crs=CRS)
    pyogrio.write_dataframe(own, path, driver="OpenFileGDB", layer="地块")
    return path


@pytest.mark.bad_input(66)
@pytest.mark.parametrize("zipped", [False, True])
def test_the_code_list_of_a_geodatabase_is_a_fact_and_a_value_outside_it_a_finding(
    tmp_path: Path, zipped: bool
) -> None:
    """属性域: the rows hold codes, their words stand elsewhere in the geodatabase; codes stay codes."""
    path = geodatabase(tmp_path / "in" / "x.gdb") if (tmp_path / "in").mkdir() is None else tmp_path
    add_code_list(path, "地块", "kind", {"01": "工业", "02": "商业"})
    if zipped:
        path = Path(shutil.make_archive(str(tmp_path / "x"), "zip", tmp_path / "in"))
    found = read_source(path)

    assert found.facts["code_lists"] == {"kind": {"01": "工业", "02": "商业"}}
    assert list(found.frame["kind"]) == ["01", "99", "01"]
    assert [(f.check, f.row, f.value) for f in found.findings] == [("value.code_list", "2", "99")]


@pytest.mark.bad_input(66)
def test_the_subtypes_of_a_layer_are_a_code_list_too() -> None:
    """As ArcGIS writes them into the definition of a feature class."""
    definition = """<DEFeatureClassInfo><GPFieldInfoExs><GPFieldInfoEx><Name>LX</Name></GPFieldInfoEx></GPFieldInfoExs>
        <SubtypeFieldName>LX</SubtypeFieldName><Subtypes><Subtype><SubtypeName>国有</SubtypeName><SubtypeCode>1</SubtypeCode>
        </Subtype><Subtype><SubtypeName>集体</SubtypeName><SubtypeCode>2</SubtypeCode></Subtype></Subtypes></DEFeatureClassInfo>"""

    assert lists_in({"地块": definition}, "地块") == {"LX": {"1": "国有", "2": "集体"}}


@pytest.mark.bad_input(66)
@pytest.mark.bad_input(80)
def test_entities_in_the_definitions_of_a_geodatabase_are_not_expanded() -> None:
    """The XML comes from the file: what declares entities is left unread."""
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x><SubtypeFieldName>&b;</SubtypeFieldName></x>'
    )

    assert lists_in({"地块": bomb}, "地块") == {}


@pytest.mark.bad_input(66)
def test_lock_files_of_a_geodatabase_are_said_and_do_no_harm(tmp_path: Path) -> None:
    """ArcMap leaves them, also when it crashed."""
    path = geodatabase(tmp_path / "x.gdb")
    (path / "PC1.123.sr.lock").write_bytes(b"")
    found = read_source(path)

    assert len(found.frame) == 3
    assert [(f.check, "PC1.123.sr.lock" in f.reason.say("zh")) for f in found.findings] == [
        ("file.open_elsewhere", True)
    ]


# --- 67: geopackages that others have open


def open_elsewhere(path: Path) -> sqlite3.Connection:
    """Another program has changed a row and not closed: the change stands in the -wal."""
    pyogrio.write_dataframe(frame(), path, layer="x")
    base = sqlite3.connect(path)
    base.execute("PRAGMA journal_mode = WAL")
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        base.execute(f'DROP TRIGGER "{name}"')
    base.execute("DELETE FROM x WHERE id = '001'")
    base.execute("UPDATE gpkg_ogr_contents SET feature_count = 1")
    base.commit()
    return base


@pytest.mark.bad_input(67)
def test_changes_of_an_open_geopackage_are_read_and_the_source_is_not_touched(tmp_path: Path) -> None:
    """Seen: GDAL, reading, merged the -wal into the source and removed it; now a copy is read."""
    with contextlib.closing(open_elsewhere(tmp_path / "x.gpkg")):
        stray = tmp_path / "copied"
        stray.mkdir()
        for part in ("x.gpkg", "x.gpkg-wal"):
            shutil.copy(tmp_path / part, stray)
    before = bytes_of(stray)
    found = read_source(stray / "x.gpkg")

    assert list(found.frame["id"]) == ["000"]
    assert [f.check for f in found.findings] == ["file.open_elsewhere"]
    assert bytes_of(stray) == before
    assert describe_layers(stray / "x.gpkg")[0]["rows"] == 1
    assert bytes_of(stray) == before


@pytest.mark.bad_input(67)
@pytest.mark.bad_input(90)
def test_a_geopackage_in_wal_mode_is_read_from_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """SQLite would want to write -wal and -shm beside it."""
    folder = tmp_path / "cd"
    folder.mkdir()
    with contextlib.closing(open_elsewhere(folder / "x.gpkg")):
        pass
    before = bytes_of(folder)
    folder.chmod(0o555)
    try:
        found = read_source(folder / "x.gpkg")
    finally:
        folder.chmod(0o755)

    assert (len(found.frame), found.findings) == (1, ())
    assert bytes_of(folder) == before


@pytest.mark.bad_input(101)
def test_a_geopackage_that_another_program_keeps_locked_is_read_or_refused_in_a_sentence(
    tmp_path: Path,
) -> None:
    """As on a network share whose locks hang: all rows or none, and nothing is left beside it."""
    path = tmp_path / "x.gpkg"
    pyogrio.write_dataframe(frame(), path, layer="x")
    before = path.read_bytes()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("PRAGMA locking_mode = EXCLUSIVE")
        base.execute("BEGIN EXCLUSIVE")
        try:
            assert len(read_layer(path)) == 2
        except LayerError as error:
            assert_one_sentence(error.say("zh"))
    assert bytes_of(tmp_path) == {"x.gpkg": before}


@pytest.mark.bad_input(68)
def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a copy is not the layer; reading again is."""
    path = tmp_path / "x.parquet"
    frame().to_parquet(path)
    real = gpd.read_parquet

    def grow(*arguments: object, **more: object) -> object:
        found = real(*arguments, **more)
        with path.open("ab") as stream:
            stream.write(b"more")
        return found

    monkeypatch.setattr(gpd, "read_parquet", grow)
    with refused(LayerError, "file_changed", zh="读取过程中被改动", en="changed while it was read"):
        read_layer(path)


@pytest.mark.bad_input(69)
def test_an_empty_layer_of_parcels_ends_the_run_with_3(asked: Callable[..., Answer]) -> None:
    """And an empty control line is a finding, not a clearance (test_bad_inputs)."""

    def empty(path: Path) -> None:
        pyogrio.write_dataframe(gpd.read_file(path).head(0), path, encoding="UTF-8", geometry_type="Polygon")

    code, said = asked(empty)

    assert code == 3
    assert "has no rows" in said


@pytest.mark.bad_input(70)
@pytest.mark.parametrize("name", ["x.gpkg", "x.shp", "x.fgb", "x.parquet", "x.geojson"])
def test_no_columns_and_two_hundred_are_read_whole(tmp_path: Path, name: str) -> None:
    """In every format; beyond the limit (2,000) it is said."""
    shapes = [box(0, 0, 9, 9)]
    for columns in (0, 200):
        own = gpd.GeoDataFrame({f"c{i}": [i] for i in range(columns)}, geometry=shapes, crs=CRS)
        path = tmp_path / f"{columns}{name}"
        own.to_parquet(path) if name.endswith("parquet") else pyogrio.write_dataframe(own, path)
        found = [c for c in read_layer(path).columns if str(c).startswith("c")]
        assert len(found) == columns


@pytest.mark.bad_input(71)
def test_one_file_given_as_two_lines_is_read_twice_and_said_alike(tmp_path: Path) -> None:
    """Two control lines from one file: each is judged on its own; the manifest shows the same checksum."""
    from landkit.study import load_study
    from landkit.workflow.reading.study import read_ground

    study = build(tmp_path / "study")
    toml = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(
        toml.replace("permanent_basic_farmland.gpkg", "ecological_redline.gpkg"), encoding="utf-8"
    )
    ground = read_ground(load_study(study))
    sums = {i["id"]: i["sha256"] for i in ground.inputs}

    assert sums["ecological_redline"] == sums["permanent_basic_farmland"]
    assert ground.layers["ecological_redline"].frame.geometry.equals(
        ground.layers["permanent_basic_farmland"].frame.geometry
    )


# --- the machine around the file

IN_OTHER_PLACE = """
import json, sys
from landkit.io.vector import read_layer, describe_layers
found = read_layer(sys.argv[1])
print(json.dumps([list(found["id"]), str(found.crs.to_epsg()), [str(d) for d in found["day"]]]))
"""


def read_in(environment: dict[str, str], path: Path) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", IN_OTHER_PLACE, str(path)], env={**os.environ, **environment}, capture_output=True,
        text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-800:]
    found: list[object] = json.loads(done.stdout)
    return found


@pytest.fixture
def with_days(tmp_path: Path) -> Path:
    own = frame().assign(day=__import__("pandas").to_datetime(["2020-01-01", "2020-07-01"]))
    pyogrio.write_dataframe(own, tmp_path / "x.gpkg")
    return tmp_path / "x.gpkg"


@pytest.mark.bad_input(96)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC", "nonsense/zone"])
def test_days_do_not_move_with_the_time_zone_of_the_machine(with_days: Path, zone: str) -> None:
    """2020-01-01 in Shanghai is not 2019-12-31 in the file."""
    assert read_in({"TZ": zone}, with_days)[2] == ["2020-01-01 00:00:00", "2020-07-01 00:00:00"]


@pytest.mark.bad_input(97)
def test_without_home_and_temporary_folder_plain_files_are_read(with_days: Path) -> None:
    """As under a service account."""
    nowhere = str(with_days.parent / "nowhere")
    found = read_in({"HOME": nowhere, "TMPDIR": nowhere, "TMP": nowhere, "TEMP": nowhere}, with_days)

    assert found[:2] == [["000", "001"], str(CRS)]


@pytest.mark.bad_input(97)
def test_without_a_temporary_folder_a_zip_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It must be unpacked somewhere."""
    import tempfile

    shapefile(tmp_path / "a")
    packed = Path(shutil.make_archive(str(tmp_path / "x"), "zip", tmp_path / "a"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))

    with refused(Exception, "no_place_to_unpack", zh="TMPDIR", en="TMPDIR"):  # type: ignore[type-var]
        read_layer(packed)


@pytest.mark.bad_input(98)
def test_the_projection_data_of_another_product_change_nothing(tmp_path: Path, with_days: Path) -> None:
    """ArcGIS and PostGIS installers set PROJ_DATA to their own, older data."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "proj.db").write_bytes(b"SQLite format 3\x00 of another product")
    found = read_in({"PROJ_DATA": str(other), "PROJ_LIB": str(other), "GDAL_DATA": str(other)}, with_days)

    assert found[:2] == [["000", "001"], str(CRS)]


@pytest.mark.bad_input(44)
@pytest.mark.parametrize("name", ["x.dxf", "x.csv", "x.shp"])
def test_nothing_that_states_no_crs_gets_one(tmp_path: Path, name: str) -> None:
    """In every format that cannot, or did not."""
    from drawings import polyline, ring, write_dxf

    if name == "x.shp":
        shapefile(tmp_path).with_suffix(".prj").unlink()
    elif name == "x.dxf":
        write_dxf(tmp_path / name, polyline("0", ring(0, 0), closed=True))
    else:
        (tmp_path / name).write_text('id,WKT\n1,"POLYGON((0 0,9 0,9 9,0 0))"\n')

    with refused(CRSError, "crs_missing", zh="没有坐标系", en="no coordinate system"):
        vector.read_layer(tmp_path / name)

"""The one door for files: what a name promises must be what the bytes hold, and nothing leads out of the file."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import layer, square
from refusals import refused

import pyogrio

from landkit.errors import LayerError
from landkit.io.formats.families import _FAMILIES
from landkit.io.limits import Limits
from landkit.io.opener import BY_OTHERS, DRIVER_OF, driver_for, first_line
from landkit.io.tables.read import read_table
from landkit.io.vector import describe_layers, read_layer, read_source

SECRET = "机密"


def write_layer(path: Path, name: str = "甲") -> Path:
    frame = layer({"1": square(0, 0), "2": square(100, 0)}, "id", label=[name, "乙"])
    more = {".shp": {"encoding": "UTF-8"}, ".gpkg": {"layer": "x"}, ".kml": {"driver": "LIBKML"}}
    pyogrio.write_dataframe(frame, path, **more.get(path.suffix, {}))
    return path


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file elsewhere on this machine that nobody gave to landkit."""
    (tmp_path / "elsewhere").mkdir()
    return write_layer(tmp_path / "elsewhere" / "secret.gpkg", SECRET)


def virtual(source: str) -> str:
    layer_of = f'<OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer>'
    return f"<OGRVRTDataSource>{layer_of}</OGRVRTDataSource>"


def pipeline(source: str) -> str:
    command = f"gdal vector pipeline ! read {source} ! write --format stream streamed_dataset"
    return json.dumps({"type": "gdal_streamed_alg", "command_line": command})


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A web server on this machine that notes who calls."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    stop = threading.Event()

    def listen() -> None:
        while not stop.is_set():
            try:
                caller, _ = server.accept()
            except TimeoutError:
                continue
            heard.append(caller.recv(200))
            caller.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], heard
    stop.set()
    thread.join()
    server.close()


@pytest.mark.bad_input(72)
@pytest.mark.parametrize("name", ["x.shp", "x.geojson", "x.json", "x.gpkg", "x.fgb", "x.kml"])
def test_a_virtual_dataset_under_another_name_is_not_opened(tmp_path: Path, secret: Path, name: str) -> None:
    """Bad inputs 72: GDAL believes the content, and the content names another file."""
    file = tmp_path / name
    file.write_text(virtual(str(secret)), encoding="utf-8")

    with refused(LayerError, "content_not_as_named", zh="内容不是.*拒绝", en=r"not that of a \.\w+ file"):
        read_layer(file)


@pytest.mark.bad_input(72)
@pytest.mark.parametrize(
    "before",
    [
        "<!-- kml -->",
        '<?xml version="1.0"?><!-- <kml> -->',
        "<kml></kml>",
        "<kml:kml xmlns:kml='x'/>",
        "<kmlx></kmlx>",
    ],
)
def test_a_virtual_dataset_that_speaks_of_kml_is_not_opened(
    tmp_path: Path, secret: Path, before: str
) -> None:
    """GDAL takes a file with two roots for a virtual dataset: seen, the rows of the secret file came back."""
    file = tmp_path / "x.kml"
    file.write_text(before + virtual(str(secret)), encoding="utf-8")

    with refused(LayerError, "content_not_as_named", zh="kml", en="kml"):
        read_layer(file)


@pytest.mark.bad_input(72)
@pytest.mark.parametrize("name", ["x.json", "x.geojson", "X.GEOJSON"])
def test_a_gdal_pipeline_under_the_name_of_json_does_not_run(tmp_path: Path, secret: Path, name: str) -> None:
    """GDAL 3.11 and later run `gdal_streamed_alg` JSON: seen, the rows of the secret file came back."""
    file = tmp_path / name
    file.write_text(pipeline(str(secret)), encoding="utf-8")

    with refused(LayerError, "json_not_features", zh="gdal_streamed_alg.*不是 GeoJSON", en="no GeoJSON"):
        read_layer(file)
    with refused(LayerError, "json_not_features"):
        describe_layers(file)


@pytest.mark.bad_input(72)
@pytest.mark.parametrize("name", ["x.shp", "inside/x.shp", "x.gdb"])
def test_a_virtual_dataset_in_a_zip_is_not_opened(tmp_path: Path, secret: Path, name: str) -> None:
    """Seen: a zip with one file x.shp that was a virtual dataset gave the rows of the secret file."""
    packed = tmp_path / "x.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, virtual(str(secret)))

    with pytest.raises(LayerError) as caught:
        read_layer(packed)

    assert caught.value.key in ("content_not_as_named", "zip_without_layer")


@pytest.mark.bad_input(73)
@pytest.mark.bad_input(99)
@pytest.mark.parametrize("kind", ["vrt", "pipeline", "features"])
def test_no_file_makes_landkit_call_the_network(
    tmp_path: Path, listener: tuple[int, list[bytes]], kind: str
) -> None:
    """Bad inputs 73: server-side request forgery.  The server on this machine hears nothing."""
    port, heard = listener
    address = f"/vsicurl/http://127.0.0.1:{port}/x.geojson"
    text = {
        "vrt": "<!-- kml -->" + virtual(address),
        "pipeline": pipeline(address),
        "features": json.dumps(
            {"links": [{"rel": "data", "href": f"http://127.0.0.1:{port}/"}], "conformsTo": []}
        ),
    }[kind]
    file = tmp_path / ("x.kml" if kind == "vrt" else "x.json")
    file.write_text(text, encoding="utf-8")

    with pytest.raises(LayerError):
        read_layer(file)

    assert heard == []


@pytest.mark.bad_input(73)
@pytest.mark.parametrize(
    "path",
    [
        "/vsicurl/http://127.0.0.1/x.geojson",
        "/VSIZIP/x.zip",
        "/vsimem/x",
        "http://127.0.0.1/x.geojson",
        "s3://bucket/x.gpkg",
        "PG:host=localhost",
        "pg:dbname=x",
        "GPKG:/tmp/x.gpkg:a",
        "MySQL:x",
        "ODBC:x",
        "<OGRVRTDataSource/>",
        "x\0.shp",
        "file:///etc/passwd",
    ],
)
@pytest.mark.parametrize("reader", [read_layer, read_table, describe_layers])
def test_an_address_is_no_path(path: str, reader: object) -> None:
    """Bad inputs 73: refused before anything is opened."""
    with refused(LayerError, "path_not_local", zh="只读本机文件", en="local files only"):
        reader(path)  # type: ignore[operator]


def test_a_missing_file_is_named_with_the_nearest_there_is(tmp_path: Path) -> None:
    """Mostly a slip of the pen."""
    write_layer(tmp_path / "parcels.gpkg")

    with refused(LayerError, "file_missing", zh="相近的有 parcels.gpkg", en="nearby there is parcels.gpkg"):
        read_layer(tmp_path / "parcel.gpkg")


@pytest.mark.bad_input(56)
@pytest.mark.parametrize("name", ["nothing/like/it.gpkg", "qqqqqqqq.gpkg", "a" * 400 + ".gpkg", "b" * 5000])
def test_a_missing_file_without_a_neighbour_is_still_one_sentence(tmp_path: Path, name: str) -> None:
    """Bad inputs 56 too: a name longer than any file system allows."""
    with refused(
        LayerError, "file_missing_alone", zh="找不到文件.*检查路径", en="There is no file.*check the path"
    ):
        read_layer(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "key", "zh", "en"),
    [
        ("x.mdb", "mdb", "ogr2ogr", "ogr2ogr"),
        ("x.dwg", "dwg", "另存为 DXF", "save it as an ASCII DXF"),
        ("x.tab", "kind_unknown", r"支持.*\.gpkg", r"supported.*\.gpkg"),
        ("x", "kind_unknown", "支持", "supported"),
        ("x.vrt", "kind_unknown", "支持", "supported"),
        ("x.gml", "kind_unknown", "支持", "supported"),
    ],
)
def test_a_kind_that_is_not_read_says_what_to_do(
    tmp_path: Path, name: str, key: str, zh: str, en: str
) -> None:
    """A personal geodatabase is common in offices; the command that converts it stands in the message."""
    (tmp_path / name).write_bytes(b"x")

    with refused(LayerError, key, zh=zh, en=en):
        read_layer(tmp_path / name)


def test_an_old_excel_file_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    """A .xls that holds no workbook."""
    (tmp_path / "x.xls").write_bytes(b"x")

    with refused(LayerError, "xlsx_unreadable", zh="重新保存", en="Save it again"):
        read_table(tmp_path / "x.xls")


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".geojson", ".json", ".fgb", ".kml", ".zip"])
@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 600, b"PK\x03\x04 no zip"])
def test_content_that_is_not_as_named_is_not_opened(tmp_path: Path, suffix: str, content: bytes) -> None:
    """Zero bytes are not a layer either."""
    (tmp_path / f"x{suffix}").write_bytes(content)

    with refused(LayerError, "content_not_as_named", zh="拒绝打开", en="not opened"):
        read_layer(tmp_path / f"x{suffix}")


def test_a_folder_is_no_geodatabase_because_of_its_name(tmp_path: Path) -> None:
    """It must hold .gdbtable files."""
    (tmp_path / "x.gdb").mkdir()

    with refused(LayerError, "content_not_as_named", zh="gdb", en="gdb"):
        read_layer(tmp_path / "x.gdb")


@pytest.mark.bad_input(55)
@pytest.mark.parametrize(
    "name", ["地块", "a b", "a#1", "50%", "a[1]", "a'b", "é", "100%25", "a&b=c", "$HOME", "{x}"]
)
@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".geojson", ".zip"])
def test_odd_names_are_only_names(tmp_path: Path, name: str, suffix: str) -> None:
    """Bad inputs 55: also brackets, which a search for sister files would take for a pattern."""
    folder = tmp_path / f"{name} 数据"
    folder.mkdir()
    file = folder / f"{name}{suffix}"
    if suffix == ".zip":
        pack(write_layer(folder / "x.shp"), file, inner="x")
    else:
        write_layer(file)

    assert list(read_layer(file)["label"]) == ["甲", "乙"]


def pack(shapefile: Path, target: Path, *, inner: str, folder: str = "") -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(shapefile.parent.glob(f"{shapefile.stem}.*")):
            if part.suffix != ".zip":
                archive.write(part, f"{folder}{inner}{part.suffix}")


@pytest.mark.bad_input(54)
def test_upper_case_extensions_are_the_same_kind(tmp_path: Path) -> None:
    """Bad inputs 54: data from older Windows programs."""
    write_layer(tmp_path / "x.shp")
    for part in list(tmp_path.glob("x.*")):
        part.rename(tmp_path / part.name.upper())
    write_layer(tmp_path / "y.gpkg").rename(tmp_path / "Y.GPKG")

    assert len(read_layer(tmp_path / "X.SHP")) == len(read_layer(tmp_path / "Y.GPKG")) == 2
    assert read_layer(tmp_path / "X.SHP")["label"][0] == "甲"


@pytest.mark.bad_input(79)
@pytest.mark.parametrize("name", ["x'; DROP TABLE y; --", 'a"b', "a/b", "select", "图层 1", "a;b", "x--"])
def test_a_layer_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    """Bad inputs 79: it reaches no SQL; other layers stay."""
    file = tmp_path / "x.gpkg"
    frame = layer({"1": square(0, 0)}, "id", label=["甲"])
    for each in ("y", name):
        pyogrio.write_dataframe(frame, file, layer=each, append=file.exists())
    before = file.read_bytes()

    assert list(read_layer(file, layer=name)["label"]) == ["甲"]
    assert len(read_layer(file, layer="y")) == 1
    assert file.read_bytes() == before


@pytest.mark.bad_input(79)
@pytest.mark.parametrize(
    "name", ["y' OR '1'='1", "y; DROP TABLE y", "(SELECT 1)", "sqlite_master", "gpkg_contents"]
)
def test_a_layer_name_that_is_not_there_is_not_tried(tmp_path: Path, name: str) -> None:
    """Bad inputs 79: only names that the file itself lists are asked for."""
    file = tmp_path / "x.gpkg"
    pyogrio.write_dataframe(layer({"1": square(0, 0)}, "id"), file, layer="y")

    with refused(LayerError, "layer_missing", zh="没有图层", en="has no layer"):
        read_layer(file, layer=name)


@pytest.mark.bad_input(77)
def test_links_are_read_and_stay_links(tmp_path: Path) -> None:
    """Bad inputs 77: neither the link nor what it points to is touched by reading."""
    real = write_layer(tmp_path / "real.gpkg")
    link = tmp_path / "link.gpkg"
    link.symlink_to(real)
    before = real.read_bytes()

    assert len(read_layer(link)) == 2
    assert link.is_symlink()
    assert real.read_bytes() == before


@pytest.mark.bad_input(45)
@pytest.mark.bad_input(67)
@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".geojson", ".fgb", ".kml"])
def test_reading_leaves_nothing_beside_the_source(tmp_path: Path, suffix: str) -> None:
    """Bad inputs 45 and 67: no .shx restored, no -wal or -shm left; the folder may well be read-only."""
    write_layer(tmp_path / f"x{suffix}")
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    read_layer(tmp_path / f"x{suffix}")
    describe_layers(tmp_path / f"x{suffix}")

    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


# --- zips


@pytest.mark.parametrize("folder", ["", "data/", "数据/", "a/b/"])
def test_a_zipped_shapefile_is_read_in_place(tmp_path: Path, folder: str) -> None:
    """Also in a folder of the zip."""
    pack(write_layer(tmp_path / "x.shp"), tmp_path / "x.zip", inner="地块", folder=folder)
    before = sorted(p.name for p in tmp_path.iterdir())

    assert list(read_layer(tmp_path / "x.zip")["label"]) == ["甲", "乙"]
    assert sorted(p.name for p in tmp_path.iterdir()) == before


@pytest.mark.bad_input(76)
def test_names_of_a_zip_in_gbk_do_no_harm(tmp_path: Path) -> None:
    """Bad inputs 76: Windows packs names in GBK and does not say so."""
    write_layer(tmp_path / "x.shp")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for part in sorted(tmp_path.glob("x.*")):
            if part.suffix != ".zip":
                archive.write(part, f"dikuai{part.suffix}")
    raw = (tmp_path / "x.zip").read_bytes().replace(b"dikuai", "地块数".encode("gbk"))
    (tmp_path / "x.zip").write_bytes(raw)

    assert list(read_layer(tmp_path / "x.zip")["label"]) == ["甲", "乙"]


def test_several_shapefiles_in_a_zip_must_be_named(tmp_path: Path) -> None:
    """None is chosen in silence."""
    write_layer(tmp_path / "x.shp")
    for name, place in (("one", ""), ("two", "")):
        with zipfile.ZipFile(tmp_path / "x.zip", "a") as archive:
            for part in sorted(tmp_path.glob("x.*")):
                if part.suffix != ".zip":
                    archive.write(part, f"{place}{name}{part.suffix}")

    with refused(LayerError, "layer_not_named", zh="one.*two|two.*one", en="one.*two|two.*one"):
        read_layer(tmp_path / "x.zip")
    assert len(read_layer(tmp_path / "x.zip", layer="two")) == 2


@pytest.mark.bad_input(75)
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """Bad inputs 75: 50 kB that unpack to 50 MB."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.shp", b"\x00\x00\x27\x0a" + b"\x00" * 50_000_000)

    with refused(LayerError, "zip_too_big", zh="压缩比异常", en="packed suspiciously"):
        read_layer(tmp_path / "x.zip")


@pytest.mark.bad_input(75)
def test_a_zip_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    """Bad inputs 75: the total counts, not only the ratio."""
    pack(write_layer(tmp_path / "x.shp"), tmp_path / "x.zip", inner="x")

    with refused(LayerError, "zip_too_big", zh="MB", en="MB"):
        read_source(tmp_path / "x.zip", limits=Limits({"zip_bytes": 100.0}))


@pytest.mark.bad_input(74)
@pytest.mark.parametrize(
    "name", ["../x.shp", "/etc/x.shp", "a/../../x.shp", "\\x.shp", "C:\\x.shp", "a\\..\\..\\x.shp"]
)
def test_names_that_leave_the_zip_are_refused(tmp_path: Path, name: str) -> None:
    """Bad inputs 74: zip slip, also with the separators of Windows."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        info = zipfile.ZipInfo("x.shp")
        info.filename = name
        archive.writestr(info, b"\x00\x00\x27\x0a")

    with refused(LayerError, "zip_names", zh="越界", en="leave its folder"):
        read_layer(tmp_path / "x.zip")


@pytest.mark.bad_input(75)
def test_a_zip_without_a_layer_is_named(tmp_path: Path) -> None:
    """Bad inputs 75 too: a zip in a zip is not searched."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.shp", b"\x00\x00\x27\x0a")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("readme.txt", "x")

    with refused(LayerError, "zip_without_layer", zh="没有 shapefile", en="no shapefile"):
        read_layer(tmp_path / "x.zip")


def test_a_cut_zip_is_one_sentence(tmp_path: Path) -> None:
    """Half a download."""
    pack(write_layer(tmp_path / "x.shp"), tmp_path / "x.zip", inner="x")
    whole = (tmp_path / "x.zip").read_bytes()
    (tmp_path / "x.zip").write_bytes(whole[: len(whole) // 2])

    with refused(LayerError, "content_not_as_named", zh="zip", en="zip"):
        read_layer(tmp_path / "x.zip")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_sentence(tmp_path: Path) -> None:
    """Bad inputs 90."""
    file = write_layer(tmp_path / "x.gpkg")
    file.chmod(0)

    with pytest.raises(LayerError):
        read_layer(file)


def test_the_driver_that_gdal_took_must_be_the_one_that_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second wall behind the look at the bytes."""
    file = write_layer(tmp_path / "x.gpkg")
    told = dict(pyogrio.read_info(file))
    monkeypatch.setattr(pyogrio, "read_info", lambda *_, **__: {**told, "driver": "OGR_VRT"})

    with refused(LayerError, "content_not_as_named", zh="gpkg", en="gpkg"):
        read_layer(file)


def test_a_zipped_geodatabase_is_read_with_its_folder_or_without(tmp_path: Path) -> None:
    """Both are handed round."""
    frame = layer({"1": square(0, 0)}, "id", label=["甲"])
    pyogrio.write_dataframe(
        frame,
        tmp_path / "x.gdb",
        driver="OpenFileGDB",
        layer="宗地",
        geometry_type="MultiPolygon",
        promote_to_multi=True,
    )
    shutil.make_archive(str(tmp_path / "with"), "zip", tmp_path, "x.gdb")
    shutil.make_archive(str(tmp_path / "without.gdb"), "zip", tmp_path / "x.gdb")

    assert read_layer(tmp_path / "with.zip", layer="宗地")["label"][0] == "甲"
    assert read_layer(tmp_path / "without.gdb.zip")["label"][0] == "甲"


def test_the_refusal_of_a_kind_names_every_kind_that_is_read() -> None:
    """Seen: it left out .txt, .xls and databases."""
    with pytest.raises(LayerError) as caught:
        driver_for(Path("x.tab"))
    said = caught.value.say("zh")

    assert set(_FAMILIES) <= {*BY_OTHERS, *DRIVER_OF}
    assert all(suffix in said for suffix in (*_FAMILIES, *DRIVER_OF, "postgis:"))


def test_what_a_database_said_is_passed_on_without_its_sql() -> None:
    """A planner can do something about a damaged file, nothing about a statement."""
    said = "sqlite3_prepare_v2(SELECT COUNT(*) FROM t WHERE name IN ('a')) failed: database disk image is malformed"

    assert first_line(RuntimeError(said)) == "database disk image is malformed"
    assert first_line(RuntimeError("it is cut; it is cut; mend it")) == "it is cut; mend it"
    assert first_line(RuntimeError("no such layer (x)\nmore")) == "no such layer (x)"
    said = "'a.gdb' not recognized.; It might help to specify the correct driver explicitly by prefixing the file path"
    assert first_line(RuntimeError(said)) == "'a.gdb' not recognized"
    assert (
        first_line(RuntimeError("not this kind of file.. ")) == "not this kind of file"
    )  # our sentence ends itself
    assert first_line(RuntimeError("")) == "RuntimeError"

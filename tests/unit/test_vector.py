"""Vector layers in: every format as it is really delivered, whole or refused, its text and place never guessed."""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from builders import CRS, box, layer, square
from refusals import assert_one_sentence, refused

import geopandas as gpd
import pyogrio
import shapely

from landkit.errors import CRSError, LayerError
from landkit.io.vector import describe_layers, read_layer, read_source

WORDS = ["地块甲", "㐂"]
GBK_WORDS = ["地块甲", "乙"]


def frame(words: list[str] | None = None, **columns: list[object]) -> gpd.GeoDataFrame:
    return layer({"001": square(0, 0), "002": square(100, 0)}, "id", 名称=words or GBK_WORDS, **columns)


def shapefile(path: Path, *, encoding: str = "UTF-8", words: list[str] | None = None) -> Path:
    pyogrio.write_dataframe(frame(words), path, encoding=encoding)
    return path


def geodatabase(path: Path) -> Path:
    pyogrio.write_dataframe(
        frame(), path, driver="OpenFileGDB", layer="宗地", geometry_type="MultiPolygon", promote_to_multi=True
    )
    return path


def zipped(path: Path) -> Path:
    source = shapefile(path.with_suffix(".shp"))
    folder = path.with_name("parts")
    folder.mkdir()
    for part in source.parent.glob(f"{source.stem}.*"):
        shutil.move(part, folder)
    return Path(shutil.make_archive(str(path.with_suffix("")), "zip", folder))


def zipped_geodatabase(path: Path) -> Path:
    folder = path.with_name("parts")
    folder.mkdir()
    geodatabase(folder / "x.gdb")
    return Path(shutil.make_archive(str(path.with_suffix("")), "zip", folder))


def parquet(path: Path) -> Path:
    frame().to_parquet(path)
    return path


def geojson_with_bom(path: Path) -> Path:
    pyogrio.write_dataframe(frame(), path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    return path


def by_gdal(path: Path) -> Path:
    pyogrio.write_dataframe(frame(), path)
    return path


FORMATS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "shapefile utf-8": ("x.shp", shapefile),
    "shapefile gbk": ("x.shp", lambda p: shapefile(p, encoding="GBK")),
    "shapefile zipped": ("x.zip", zipped),
    "geopackage": ("x.gpkg", by_gdal),
    "geodatabase": ("x.gdb", geodatabase),
    "geodatabase zipped": ("x.zip", zipped_geodatabase),
    "geojson": ("x.geojson", by_gdal),
    "geojson with bom": ("x.geojson", geojson_with_bom),
    "flatgeobuf": ("x.fgb", by_gdal),
    "geoparquet": ("x.parquet", parquet),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_rows(tmp_path: Path, kind: str) -> None:
    """Chinese columns and values, ids with their zeros, whole squares of 10,000 m2, the CRS it was written in."""
    name, write = FORMATS[kind]
    found = read_layer(write(tmp_path / name))
    found = found.sort_values("id").reset_index(drop=True)

    assert list(found["id"]) == ["001", "002"]
    assert list(found["名称"]) == GBK_WORDS
    assert found.crs.equals(f"EPSG:{CRS}", ignore_axis_order=True)
    assert [round(a, 3) for a in found.geometry.area] == [10000.0, 10000.0]


def test_kml_is_read_in_degrees(tmp_path: Path) -> None:
    """KML knows nothing but WGS 84."""
    pyogrio.write_dataframe(
        frame().rename(columns={"名称": "Name"}).to_crs(4326), tmp_path / "x.kml", driver="LIBKML"
    )
    found = read_layer(tmp_path / "x.kml")

    assert list(found["Name"]) == GBK_WORDS
    assert found.crs.to_epsg() == 4326
    assert found.to_crs(CRS).geometry.area.round(0).tolist() == [10000.0, 10000.0]


@pytest.mark.parametrize("said", ["936", "GBK", "gb2312", "CP936", "ANSI 936", "GB18030", " GBK \r\n"])
def test_the_cpg_is_believed_in_all_its_spellings(tmp_path: Path, said: str) -> None:
    """ArcGIS, QGIS and SuperMap write it differently; GB2312 is read as GBK, of which it is a part."""
    path = shapefile(tmp_path / "x.shp", encoding="GBK")
    path.with_suffix(".cpg").write_text(said)

    assert list(read_layer(path)["名称"]) == GBK_WORDS


def test_a_zipped_shapefile_is_read_by_its_own_cpg(tmp_path: Path) -> None:
    """Seen: it was read as UTF-8 whatever its .cpg said."""
    path = (
        shapefile(tmp_path / "a" / "x.shp", encoding="GBK") if (tmp_path / "a").mkdir() is None else tmp_path
    )
    packed = Path(shutil.make_archive(str(tmp_path / "x"), "zip", path.parent))

    assert list(read_layer(packed)["名称"]) == GBK_WORDS


def test_a_zipped_shapefile_that_does_not_state_its_encoding_is_read_by_its_text(tmp_path: Path) -> None:
    """As outside a zip."""
    (tmp_path / "a").mkdir()
    shapefile(tmp_path / "a" / "x.shp", encoding="GBK").with_suffix(".cpg").unlink()
    packed = Path(shutil.make_archive(str(tmp_path / "x"), "zip", tmp_path / "a"))

    assert list(read_layer(packed)["名称"]) == GBK_WORDS
    assert list(read_layer(packed, encoding="GBK")["名称"]) == GBK_WORDS


def test_the_language_byte_of_the_dbf_is_believed(tmp_path: Path) -> None:
    """ArcGIS 9 wrote 0x4D and no .cpg."""
    path = shapefile(tmp_path / "x.shp", encoding="GBK")
    path.with_suffix(".cpg").unlink()
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0x4D
    path.with_suffix(".dbf").write_bytes(dbf)

    assert list(read_layer(path)["名称"]) == GBK_WORDS


@pytest.mark.parametrize("byte", [0x00, 0x57, 0x03])
@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_chinese_text_without_a_stated_encoding_is_told_by_its_text(
    tmp_path: Path, encoding: str, byte: int
) -> None:
    """Bad inputs 47: with a finding that shows this reading and the next.

    0x57 (Western Windows) is what programs write whatever the text is.
    """
    path = shapefile(tmp_path / "x.shp", encoding=encoding)
    path.with_suffix(".cpg").unlink()
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = byte
    path.with_suffix(".dbf").write_bytes(dbf)
    reading = "GB18030" if encoding == "GBK" else "UTF-8"

    found = read_source(path)
    assert list(found.frame["名称"]) == GBK_WORDS
    assert (found.facts["encoding"], found.facts["encoding_by"]) == (reading, "text")
    assert [f.check for f in found.findings if f.check.startswith("encoding")] == ["encoding.decided"]
    assert "读作“地块甲”" in found.findings[0].reason.say("zh")
    assert list(read_layer(path, encoding=encoding)["名称"]) == GBK_WORDS


def test_ascii_text_needs_no_stated_encoding(tmp_path: Path) -> None:
    """It reads the same in all of them."""
    plain = frame().rename(columns={"名称": "NAME"}).assign(NAME=["a", "b"])
    pyogrio.write_dataframe(plain, tmp_path / "x.shp")
    (tmp_path / "x.cpg").unlink()

    assert list(read_layer(tmp_path / "x.shp")["NAME"]) == ["a", "b"]


@pytest.mark.parametrize("given", ["UTF-8", "nonsense", "ascii"])
def test_a_wrong_encoding_is_refused_by_name(tmp_path: Path, given: str) -> None:
    """Bad inputs 48."""
    path = shapefile(tmp_path / "x.shp", encoding="GBK")

    with refused(LayerError, "encoding_wrong", zh=f"{given} 解码", en=f"does not decode as {given}"):
        read_layer(path, encoding=given)


def test_a_wrong_cpg_is_refused_by_name(tmp_path: Path) -> None:
    """Bad inputs 48: and `encoding` in study.toml overrules it."""
    path = shapefile(tmp_path / "x.shp", encoding="GBK")
    path.with_suffix(".cpg").write_text("UTF-8")

    with refused(LayerError, "encoding_denied", zh="UTF-8.*GB18030: 地块甲", en="UTF-8.*GB18030: 地块甲"):
        read_layer(path)
    assert list(read_layer(path, encoding="GBK")["名称"]) == GBK_WORDS


# --- layers


def test_of_several_layers_one_must_be_named(tmp_path: Path) -> None:
    """The first is not taken in silence."""
    for name in ("STBHHX", "YJJBNT"):
        pyogrio.write_dataframe(
            frame(), tmp_path / "x.gpkg", layer=name, append=(tmp_path / "x.gpkg").exists()
        )

    with refused(LayerError, "layer_not_named", zh="STBHHX/YJJBNT.*layer", en="STBHHX/YJJBNT.*`layer`"):
        read_layer(tmp_path / "x.gpkg")
    assert len(read_layer(tmp_path / "x.gpkg", layer="YJJBNT")) == 2


def test_a_missing_layer_is_named_with_the_nearest(tmp_path: Path) -> None:
    """Case and a letter too many are the usual slips."""
    pyogrio.write_dataframe(frame(), tmp_path / "x.gpkg", layer="STBHHX")

    with refused(LayerError, "layer_missing", zh="没有图层 stbhhx.*STBHHX", en="no layer stbhhx.*STBHHX"):
        read_layer(tmp_path / "x.gpkg", layer="stbhhx")


def test_a_table_is_no_layer(tmp_path: Path) -> None:
    """A GeoPackage may hold tables without geometry."""
    pyogrio.write_dataframe(frame().drop(columns="geometry"), tmp_path / "x.gpkg", layer="t")

    with refused(LayerError, "no_geometry", zh="没有图形列", en="no geometry"):
        read_layer(tmp_path / "x.gpkg")


def test_layers_are_described_without_their_rows(tmp_path: Path) -> None:
    """What `landkit init` looks at."""
    pyogrio.write_dataframe(frame(), tmp_path / "x.gpkg", layer="宗地")
    (header,) = describe_layers(tmp_path / "x.gpkg")

    assert (header["layer"], header["rows"], header["fields"], header["geometry"]) == (
        "宗地",
        2,
        ["id", "名称"],
        "Polygon",
    )


# --- files that lack something


@pytest.mark.bad_input(45)
@pytest.mark.bad_input(46)
@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_without_a_part_is_refused(tmp_path: Path, part: str) -> None:
    """Bad inputs 45, 46: without .dbf all attributes would be gone in silence."""
    path = shapefile(tmp_path / "x.shp")
    path.with_suffix(part).unlink()

    with refused(LayerError, "shapefile_part_missing", zh=rf"缺少同名的 \{part}", en=rf"lacks its \{part}"):
        read_layer(path)
    assert not path.with_suffix(part).exists()


@pytest.mark.bad_input(49)
@pytest.mark.bad_input(50)
@pytest.mark.bad_input(51)
@pytest.mark.bad_input(52)
@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
@pytest.mark.parametrize("kept", [0.0, 0.2, 0.6, 0.95])
def test_a_cut_shapefile_is_refused(tmp_path: Path, part: str, kept: float) -> None:
    """Bad inputs 49 to 52: GDAL gives null geometry, or no attributes, in silence."""
    path = shapefile(tmp_path / "x.shp")
    whole = path.with_suffix(part).read_bytes()
    path.with_suffix(part).write_bytes(whole[: int(len(whole) * kept)])

    with pytest.raises(LayerError) as caught:
        read_layer(path)

    assert caught.value.key in ("shapefile_part_cut", "content_not_as_named")
    assert "x.shp" in caught.value.say("zh")


@pytest.mark.bad_input(53)
def test_a_dbf_of_another_layer_is_refused(tmp_path: Path) -> None:
    """Bad inputs 53: GDAL would give the rows that both have, and drop the rest."""
    path = shapefile(tmp_path / "x.shp")
    pyogrio.write_dataframe(frame().head(1), tmp_path / "y.shp", encoding="UTF-8")
    shutil.copy(tmp_path / "y.dbf", tmp_path / "x.dbf")

    with refused(LayerError, "shapefile_rows_differ", zh="2 个图形却有 1 行", en="2 shapes and 1 row of"):
        read_layer(path)


def test_a_dbf_without_its_end_mark_is_whole(tmp_path: Path) -> None:
    """Some programs leave the last byte out."""
    path = shapefile(tmp_path / "x.shp")
    dbf = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").write_bytes(dbf.removesuffix(b"\x1a"))

    assert len(read_layer(path)) == 2


@pytest.mark.parametrize("name", ["x.gpkg", "x.geojson", "x.fgb", "x.parquet"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_cut_file_is_one_sentence(tmp_path: Path, name: str, kept: float) -> None:
    """An aborted copy."""
    path = parquet(tmp_path / name) if name.endswith("parquet") else by_gdal(tmp_path / name)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])

    if name.endswith("geojson"):
        with refused(
            LayerError, "json_broken", zh="不是合法的 JSON.*重新导出", en="not valid JSON.*export it again"
        ):
            read_layer(path)
        return
    with refused(LayerError, "file_unreadable", zh="无法读取.*重新取得", en="cannot be read.*get it again"):
        read_layer(path)


def test_describing_a_cut_file_is_one_sentence_too(tmp_path: Path) -> None:
    """Seen: `landkit init` over a folder with one damaged file died of GDAL's own error."""
    path = by_gdal(tmp_path / "x.gpkg")
    path.write_bytes(path.read_bytes()[:5000])

    with refused(LayerError, "file_unreadable", zh="无法读取", en="cannot be read"):
        describe_layers(path)


def test_a_parquet_file_without_geometry_is_refused(tmp_path: Path) -> None:
    """A plain table."""
    frame().drop(columns="geometry").to_parquet(tmp_path / "x.parquet")

    with refused(LayerError, "file_unreadable", zh="无法读取", en="cannot be read"):
        read_layer(tmp_path / "x.parquet")


def geojson(path: Path, *geometries: str) -> Path:
    rows = ",".join(
        f'{{"type":"Feature","properties":{{"a":"{i}"}},"geometry":{g}}}' for i, g in enumerate(geometries)
    )
    path.write_text(f'{{"type":"FeatureCollection","features":[{rows}]}}', encoding="utf-8")
    return path


GOOD = '{"type":"Polygon","coordinates":[[[120,32],[120.1,32],[120.1,32.1],[120,32]]]}'


@pytest.mark.bad_input(12)
@pytest.mark.bad_input(13)
@pytest.mark.bad_input(14)
@pytest.mark.bad_input(58)
@pytest.mark.parametrize(
    "number",
    ["NaN", "1e400", "Infinity", '"x"', "null"],
    ids=["12-NaN", "14-1e400", "13-inf", "58-string", "58-null"],
)
def test_a_coordinate_that_is_no_number_never_becomes_one(tmp_path: Path, number: str) -> None:
    """Refused, null or not finite; the other rows are as they were.  Never a polygon with another place."""
    path = geojson(tmp_path / "x.geojson", GOOD, GOOD.replace("120.1,32]", f"{number},32]"))
    try:
        found = read_layer(path)
    except LayerError as error:
        assert_one_sentence(error.say("zh"))
        return

    odd = found.geometry[1]
    assert found.geometry[0].equals(shapely.from_geojson(GOOD))
    assert odd is None or not np.isfinite(shapely.get_coordinates(odd)).all()


def test_a_ring_of_too_few_points_is_one_sentence_or_a_finding(tmp_path: Path) -> None:
    """Bad inputs 9: GEOS refuses to build it."""
    path = geojson(
        tmp_path / "x.geojson", GOOD, '{"type":"Polygon","coordinates":[[[120,32],[120.1,32],[120,32]]]}'
    )
    try:
        found = read_layer(path)
    except LayerError as error:
        assert_one_sentence(error.say("zh"))
        return

    assert found.geometry[1] is None or not found.geometry[1].is_valid


@pytest.mark.bad_input(20)
@pytest.mark.bad_input(21)
def test_z_and_m_are_dropped(tmp_path: Path) -> None:
    """Bad inputs 20, 21: shapely keeps M and pyogrio then cannot write it."""
    flat = square(0, 0)
    high = shapely.force_3d(flat, 5.0)
    measured = shapely.from_wkt("POLYGON ZM ((0 0 1 2, 9 0 1 2, 9 9 1 2, 0 0 1 2))")
    mixed = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[high, measured], crs=CRS)
    mixed.to_parquet(tmp_path / "x.parquet")
    pyogrio.write_dataframe(mixed.head(1), tmp_path / "x.gpkg")
    pyogrio.write_dataframe(mixed.head(1), tmp_path / "z.shp", encoding="UTF-8")

    for name in ("x.parquet", "x.gpkg", "z.shp"):
        shapes = read_layer(tmp_path / name).geometry
        assert not shapes.has_z.any()
        assert not shapely.has_m(shapes.to_numpy()).any()
        assert shapes[0].equals(flat)


def circle_of_arcs(path: Path, radius: float) -> Path:
    """A GeoPackage whose one feature is a CURVEPOLYGON of a circular arc, as survey drawings hold them."""
    by_gdal(path)
    east, north = 450_000.0, 3_580_000.0
    points = ((east, north), (east + 2 * radius, north), (east, north))
    arc = struct.pack("<BII", 1, 8, 3) + b"".join(struct.pack("<dd", *p) for p in points)
    blob = b"GP" + bytes([0, 1]) + struct.pack("<i", CRS) + struct.pack("<BII", 1, 10, 1) + arc
    with contextlib.closing(sqlite3.connect(path)) as base, base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute("UPDATE x SET geom = ?", (blob,))
        base.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'CURVEPOLYGON'")
    return path


@pytest.mark.bad_input(22)
@pytest.mark.filterwarnings("ignore:.*CURVEPOLYGON.*")
def test_curves_come_as_polygons(tmp_path: Path) -> None:
    """Bad inputs 22: survey drawings hold arcs; GDAL strokes them, and a circle loses less than a thousandth of its area."""
    found = read_layer(circle_of_arcs(tmp_path / "x.gpkg", 50.0))

    assert set(found.geom_type) == {"Polygon"}
    assert found.area.to_numpy() == pytest.approx(math.pi * 50**2, rel=1e-3)


# --- coordinate systems


@pytest.mark.bad_input(32)
@pytest.mark.bad_input(44)
def test_a_layer_without_crs_is_refused(tmp_path: Path) -> None:
    """Bad inputs 32, 44: nothing is assumed."""
    path = shapefile(tmp_path / "x.shp")
    path.with_suffix(".prj").unlink()

    with refused(CRSError, "crs_missing", zh="没有坐标系.*crs.*prj", en="no coordinate system.*crs.*prj"):
        read_layer(path)
    assert read_layer(path, crs="EPSG:4549").crs.to_epsg() == CRS


def test_a_crs_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    """With the layer's name."""
    path = shapefile(tmp_path / "x.shp")
    path.with_suffix(".prj").unlink()

    with refused(CRSError, "crs_unknown", zh="x.shp.*EPSG:99999", en="does not know.*EPSG:99999"):
        read_layer(path, crs="EPSG:99999")


def test_two_statements_that_disagree_are_refused(tmp_path: Path) -> None:
    """Bad inputs 37: one of the two meridians is wrong, and nobody but the owner knows which."""
    with refused(
        CRSError, "crs_disagrees", zh="文件写明.*CM 120E.*CM 117E", en="file says.*CM 120E.*CM 117E"
    ):
        read_layer(shapefile(tmp_path / "x.shp"), crs="EPSG:4548")


def test_two_statements_that_agree_are_fine(tmp_path: Path) -> None:
    """Also where one is written by ESRI and the other by EPSG."""
    assert read_layer(shapefile(tmp_path / "x.shp"), crs="EPSG:4549").crs.to_epsg() == CRS


def test_geojson_with_a_named_crs_keeps_it(tmp_path: Path) -> None:
    """The old `crs` member, which Chinese portals still write."""
    path = geojson(tmp_path / "x.geojson", GOOD)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    path.write_text(json.dumps(content), encoding="utf-8")

    assert read_layer(path).crs.to_epsg() == 4490


@pytest.mark.bad_input(69)
def test_an_empty_layer_is_read_with_its_columns(tmp_path: Path) -> None:
    """Bad inputs 69: whether that is an error is for the study to say."""
    pyogrio.write_dataframe(frame().head(0), tmp_path / "x.gpkg", geometry_type="Polygon")
    found = read_layer(tmp_path / "x.gpkg")

    assert len(found) == 0
    assert {"id", "名称"} <= set(found.columns)


@pytest.mark.bad_input(70)
def test_a_wide_layer_is_read_whole(tmp_path: Path) -> None:
    """Bad inputs 70: 300 columns, and none."""
    wide = gpd.GeoDataFrame({f"c{i}": [i] for i in range(300)}, geometry=[box(0, 0, 9, 9)], crs=CRS)
    pyogrio.write_dataframe(wide, tmp_path / "x.gpkg")
    pyogrio.write_dataframe(wide[["geometry"]], tmp_path / "y.gpkg")

    assert len(read_layer(tmp_path / "x.gpkg").columns) == 301
    assert list(read_layer(tmp_path / "y.gpkg").columns) == ["geometry"]

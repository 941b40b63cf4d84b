"""Hostile files, by the numbers of the list of bad inputs: refused with a reason, nothing opened, written or called."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import re
import sqlite3
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from builders import CRS, layer, square
from builders import tiny_study as build
from refusals import refused

import pyogrio

import landkit
from landkit import cli
from landkit.errors import LandkitError, LayerError, StudyError
from landkit.io.limits import Limits
from landkit.io.tables.read import read_table
from landkit.io.vector import describe_layers, read_layer, read_source
from landkit.study import load_study

SECRET = "机密"
Said = tuple[int, str, str]


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command in this process: exit code, stdout, stderr."""

    def call(*arguments: object) -> Said:
        with pytest.raises(SystemExit) as end:
            cli.main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A layer elsewhere on this machine that nobody gave to landkit."""
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / "elsewhere" / "secret.gpkg"
    pyogrio.write_dataframe(layer({"1": square(0, 0)}, "id", label=[SECRET]), path)
    return path


def vrt(source: Path) -> str:
    inside = f'<OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer>'
    return f"<OGRVRTDataSource>{inside}</OGRVRTDataSource>"


# --- 72, 73: what leads elsewhere


@pytest.mark.bad_input(72)
@pytest.mark.parametrize(
    "name",
    [
        "x.dxf",
        "x.parquet",
        "x.kmz",
        "x.tif",
        "x.zip",
        "x.gdb",
        "x.fgb",
        "x.shp",
        "x.geojson",
        "x.kml",
        "x.gpkg",
    ],
)
def test_a_virtual_dataset_is_opened_under_no_name(tmp_path: Path, secret: Path, name: str) -> None:
    """GDAL believes the content: the rows of another file would come back, or a server be called."""
    (tmp_path / name).write_text(vrt(secret), encoding="utf-8")

    for look in (read_layer, describe_layers):
        with pytest.raises(LayerError) as caught:
            look(tmp_path / name)
        assert caught.value.key in (
            "content_not_as_named",
            "file_unreadable",
            "json_broken",
            "raster_no_layer",
        )
        assert SECRET not in caught.value.say("zh")


@pytest.mark.bad_input(72)
def test_a_raster_vrt_called_tif_is_no_geotiff(tmp_path: Path) -> None:
    """Its tags are read by us before any library sees it."""
    (tmp_path / "x.tif").write_text('<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>')

    with refused(LayerError, "content_not_as_named", zh="tif", en="tif"):
        describe_layers(tmp_path / "x.tif")


@pytest.mark.bad_input(73)
@pytest.mark.parametrize(
    "path",
    ["/vsicurl/http://127.0.0.1/x.geojson", "http://127.0.0.1/x.gpkg", "PG:dbname=x", "GPKG:x.gpkg:y", "MYSQL:x", "MSSQL:x",
     "OCI:x", "CSV:x", "WFS:http://x", "GeoJSON:x", "\\vsizip\\x.zip", "//vsimem/x", "SQLITE:x", "file:x"],
)  # fmt: skip
def test_an_address_in_a_study_ends_with_3(tmp_path: Path, says: Callable[..., Said], path: str) -> None:
    """Before anything is opened; `landkit layers` refuses it in a row."""
    study = build(tmp_path / "study")
    toml = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(toml.replace('"parcels.gpkg"', json.dumps(path)), encoding="utf-8")
    code, _, said = says("check", study, "--lang", "en")
    code_of_layers, out, _ = says("layers", path, "--lang", "en")

    assert (code, code_of_layers) == (3, 3)
    assert "local files only" in said
    assert "local files only" in out


@pytest.mark.bad_input(73)
@pytest.mark.parametrize("name", ["a.zip!b.gpkg", "a;b.gpkg"])
def test_names_that_would_be_taken_for_an_address_are_refused(tmp_path: Path, name: str) -> None:
    """Seen in pyogrio: `a.zip!b.gpkg` opens b.gpkg inside a.zip, though a file of that very name was checked."""
    pyogrio.write_dataframe(layer({"1": square(0, 0)}, "id"), tmp_path / "x.gpkg")
    (tmp_path / "x.gpkg").rename(tmp_path / name)

    with refused(LayerError, "name_misread", zh="请改名", en="rename it"):
        read_layer(tmp_path / name)


# --- 74, 75: zips


def shapefile_bytes(tmp_path: Path) -> dict[str, bytes]:
    folder = tmp_path / "made"
    folder.mkdir(exist_ok=True)
    pyogrio.write_dataframe(
        layer({"1": square(0, 0)}, "id", label=["甲"]), folder / "x.shp", encoding="UTF-8"
    )
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def pack(path: Path, files: dict[str, bytes], **how: object) -> Path:
    with zipfile.ZipFile(path, "w", **how) as archive:  # type: ignore[arg-type]
        for name, content in files.items():
            entry = zipfile.ZipInfo("x")
            entry.filename = name
            entry.compress_type = archive.compression
            archive.writestr(entry, content)
    return path


@pytest.mark.bad_input(74)
@pytest.mark.parametrize(
    "name",
    ["../slip.shp", "/abs.shp", "a/../../slip.shp", "..\\slip.shp", "C:\\slip.shp", "\\\\srv\\x.shp"],
)
def test_a_zip_that_slips_writes_nothing_anywhere(tmp_path: Path, name: str) -> None:
    """Even beside a good shapefile: the whole zip is refused before a byte is unpacked."""
    packed = pack(tmp_path / "x.zip", {**shapefile_bytes(tmp_path), name: b"\x00\x00\x27\x0a"})
    before = sorted(p.name for p in tmp_path.rglob("*"))

    with refused(LayerError, "zip_names", zh="越界", en="leave its folder"):
        read_layer(packed)
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


@pytest.mark.bad_input(74)
@pytest.mark.bad_input(77)
def test_a_link_in_a_zip_is_refused(tmp_path: Path, secret: Path) -> None:
    """Unpacked as a link, it would read whatever it points to."""
    link = zipfile.ZipInfo("x.gpkg")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link, str(secret))

    with refused(LayerError, "zip_link", zh=r"x\.gpkg 是链接", en=r"x\.gpkg .* is a link"):
        read_layer(tmp_path / "x.zip")


@pytest.mark.bad_input(74)
def test_two_files_of_one_name_in_a_zip_are_refused(tmp_path: Path) -> None:
    """Which of them was checked, and which is read?"""
    packed = pack(tmp_path / "x.zip", {"x.shp": b"\x00\x00\x27\x0a", "y.shp": b"\x00\x00\x27\x0b"})
    packed.write_bytes(packed.read_bytes().replace(b"y.shp", b"x.shp"))

    with refused(LayerError, "zip_twice", zh="两个 x.shp", en="x.shp twice"):
        read_layer(tmp_path / "x.zip")


@pytest.mark.bad_input(75)
def test_bombs_are_refused_by_ratio_by_total_and_by_count(tmp_path: Path) -> None:
    """50 kB that become 50 MB; a total over the limit; ten thousand and one empty files."""
    by_ratio = pack(
        tmp_path / "a.zip",
        {"x.shp": b"\x00\x00\x27\x0a" + b"\x00" * 50_000_000},
        compression=zipfile.ZIP_DEFLATED,
    )
    plain = pack(tmp_path / "b.zip", shapefile_bytes(tmp_path))
    by_count = pack(tmp_path / "c.zip", {f"{i}.txt": b"" for i in range(10_001)})

    with refused(LayerError, "zip_too_big", zh="压缩比异常", en="packed suspiciously"):
        read_layer(by_ratio)
    with refused(LayerError, "zip_too_big"):
        read_source(plain, limits=Limits({"zip_bytes": 500.0}))
    with refused(
        LayerError, "over_limit", zh="文件数为 10001.*zip_entries", en="files in a zip is 10001.*zip_entries"
    ):
        read_layer(by_count)


@pytest.mark.bad_input(75)
def test_a_zip_that_lies_about_its_sizes_is_still_stopped(tmp_path: Path) -> None:
    """The header says 10 bytes; what comes out is counted, whatever the header says."""
    packed = pack(
        tmp_path / "x.zip",
        {"x.shp": b"\x00\x00\x27\x0a" + b"\x00" * 3_000_000},
        compression=zipfile.ZIP_DEFLATED,
    )
    raw = bytearray(packed.read_bytes())
    central = raw.rindex(b"PK\x01\x02")
    raw[central + 24 : central + 28] = struct.pack("<I", 10)
    raw[22:26] = struct.pack("<I", 10)
    packed.write_bytes(raw)

    with pytest.raises(LayerError) as caught:
        read_source(packed, limits=Limits({"zip_bytes": 1_000_000.0, "zip_ratio": 1e9}))
    assert caught.value.key in ("zip_too_big", "content_not_as_named")


@pytest.mark.bad_input(75)
def test_a_zip_in_a_zip_is_not_opened_and_that_is_said(tmp_path: Path) -> None:
    """The layer beside it is read; alone, there is no layer."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.txt", "x")
    beside = pack(tmp_path / "a.zip", {**shapefile_bytes(tmp_path), "inner.zip": inner.getvalue()})
    alone = pack(tmp_path / "b.zip", {"inner.zip": inner.getvalue()})
    found = read_source(beside)

    assert list(found.frame["label"]) == ["甲"]
    assert [
        (f.check, "inner.zip" in f.reason.say("zh")) for f in found.findings if f.check == "zip.nested"
    ] == [("zip.nested", True)]
    with refused(
        LayerError, "zip_without_layer", zh="压缩包内的压缩包不打开", en="a zip in a zip is not opened"
    ):
        read_layer(alone)


@pytest.mark.bad_input(75)
def test_a_zip_with_a_password_says_so(tmp_path: Path) -> None:
    """It is not "damaged"."""
    packed = pack(tmp_path / "x.zip", {"x.gpkg": b"x"})
    raw = bytearray(packed.read_bytes())
    raw[6] |= 1
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    packed.write_bytes(raw)

    with refused(LayerError, "zip_password", zh="有密码", en="has a password"):
        read_layer(packed)


# --- 77, 78: links and paths


@pytest.mark.bad_input(77)
def test_a_link_given_as_input_is_read_kept_and_said(tmp_path: Path, secret: Path) -> None:
    """Shares are linked in offices: it is read, and a note names what was really read."""
    link = tmp_path / "parcels.gpkg"
    link.symlink_to(secret)
    before = secret.read_bytes()
    found = read_source(link)

    assert len(found.frame) == 1
    assert [(f.check, "secret.gpkg" in f.reason.say("zh")) for f in found.findings] == [
        ("file.is_link", True)
    ]
    assert link.is_symlink()
    assert secret.read_bytes() == before


@pytest.mark.bad_input(77)
def test_a_link_inside_a_geodatabase_is_refused(tmp_path: Path) -> None:
    """A folder looks whole while one of its tables stands elsewhere."""
    pyogrio.write_dataframe(
        layer({"1": square(0, 0)}, "id"), tmp_path / "x.gdb", driver="OpenFileGDB", layer="x", geometry_type="MultiPolygon",
        promote_to_multi=True,
    )  # fmt: skip
    table = next((tmp_path / "x.gdb").glob("a00000009.gdbtable"))
    table.rename(tmp_path / "moved.gdbtable")
    table.symlink_to(tmp_path / "moved.gdbtable")

    with refused(LayerError, "geodatabase_link", zh="指向别处", en="link to elsewhere"):
        read_layer(tmp_path / "x.gdb")


@pytest.mark.bad_input(78)
@pytest.mark.parametrize("name", ["../../outside", "..\\outside", "/etc/outside", "a/b"])
def test_a_layer_called_like_a_path_is_only_a_name(tmp_path: Path, name: str) -> None:
    """In a GeoPackage; nothing is looked for at that place."""
    pyogrio.write_dataframe(
        layer({"1": square(0, 0)}, "id"), tmp_path / "x.gpkg", layer="x", SPATIAL_INDEX="NO"
    )
    with contextlib.closing(sqlite3.connect(tmp_path / "x.gpkg")) as base, base:
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{trigger}"')
        base.execute(f'ALTER TABLE x RENAME TO "{name}"')
        for table in ("gpkg_contents", "gpkg_geometry_columns", "gpkg_ogr_contents"):
            base.execute(f"UPDATE {table} SET table_name = ?", (name,))

    assert describe_layers(tmp_path / "x.gpkg")[0]["layer"] == name
    assert len(read_layer(tmp_path / "x.gpkg", layer=name)) == 1
    with refused(LayerError, "layer_missing", zh="没有图层", en="has no layer"):
        read_layer(tmp_path / "x.gpkg", layer="../../etc/passwd")


@pytest.mark.bad_input(78)
def test_a_study_cannot_be_called_like_a_path(tmp_path: Path) -> None:
    """Its id becomes part of names of outputs."""
    study = build(tmp_path / "study", head={"id": "../outside"})

    with refused(StudyError, "study_bad_value", zh="study.id", en=r"study\.id"):
        load_study(study)


# --- 79: SQL


@pytest.mark.bad_input(79)
@pytest.mark.parametrize("value", ["x' OR '1'='1", "1; DROP TABLE parcels", "L1' --"])
def test_what_where_asks_for_is_a_value_and_no_sql(tmp_path: Path, value: str) -> None:
    """`where` of a study is compared with the cells: no row has such an id, so there is no row."""
    study = build(tmp_path / "study", spec={"parcels": {"where": {"parcel_id": [value]}}})
    before = (study / "parcels.gpkg").read_bytes()

    with refused(LayerError, "layer_empty", zh="没有任何要素", en="has no rows"):
        landkit.check(study)
    assert (study / "parcels.gpkg").read_bytes() == before


# --- 80: XML

KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>%s</Document></kml>'
XXE = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.bad_input(80)
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (XXE + KML % "<name>&x;</name>", "DOCTYPE"),
        (LAUGHS + KML % "<name>&b;</name>", "DOCTYPE"),
        (KML % '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>', "include"),
        (KML % "<NetworkLink><Link><href>http://127.0.0.1/x.kml</href></Link></NetworkLink>", "NetworkLink"),
        (KML % "<NetworkLink><Link><href>../secret.kml</href></Link></NetworkLink>", "NetworkLink"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_kml_that_leads_elsewhere_is_refused(tmp_path: Path, content: str, what: str, packed: bool) -> None:
    """Entities, documents included, links to a server or a neighbour; also inside a KMZ."""
    path = tmp_path / "x.kml"
    path.write_text(content, encoding="utf-8")
    if packed:
        path = pack(tmp_path / "x.kmz", {"doc.kml": content.encode()})

    with pytest.raises(LayerError) as caught:
        read_layer(path)
    assert caught.value.key in ("xml_leads_elsewhere", "content_not_as_named")
    if caught.value.key == "xml_leads_elsewhere":
        assert what in caught.value.say("en")


@pytest.mark.bad_input(80)
def test_a_workbook_whose_xml_declares_entities_ends_in_one_sentence(tmp_path: Path) -> None:
    """A billion laughs in the sheet: not expanded, not hung."""
    pd.DataFrame({"id": ["1"]}).to_excel(tmp_path / "x.xlsx", index=False)
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'
    with zipfile.ZipFile(tmp_path / "x.xlsx") as good, zipfile.ZipFile(tmp_path / "y.xlsx", "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            if name.endswith("sheet1.xml"):
                body = re.sub(rb"^<\?xml.*?\?>", b"", content).replace(
                    b"</worksheet>", b"<x>&l9;</x></worksheet>"
                )
                content = bomb.encode() + body
            bad.writestr(name, content)

    with pytest.raises(LandkitError):
        read_table(tmp_path / "y.xlsx")


# --- 85: what runs code when it is loaded


class Bite:
    """Unpickled, it would leave a file behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.mark,))


@pytest.mark.bad_input(85)
@pytest.mark.parametrize(
    "name", ["x.pkl", "x.joblib", "x.npy", "x.feather.pkl", "x.yaml", "x.parquet", "x.gpkg", "x.csv.zip"]
)
def test_nothing_is_ever_unpickled(tmp_path: Path, name: str) -> None:
    """Under its own name or another."""
    (tmp_path / name).write_bytes(pickle.dumps(Bite(tmp_path / "bitten")))

    for look in (read_layer, describe_layers):
        with pytest.raises(LayerError) as caught:
            look(tmp_path / name)
        assert caught.value.key in ("kind_unknown", "content_not_as_named", "file_unreadable")
    assert not (tmp_path / "bitten").exists()


# --- 86, 87: rasters


def tiff(path: Path, tags: dict[int, tuple[int, int, int]], *, following: int = 0) -> Path:
    """A classic TIFF of one directory: tag -> type, count, value."""
    entries = b"".join(struct.pack("<HHII", tag, *tags[tag]) for tag in sorted(tags))
    path.write_bytes(
        b"II*\x00"
        + struct.pack("<I", 8)
        + struct.pack("<H", len(tags))
        + entries
        + struct.pack("<I", following)
    )
    return path


def size(width: int, height: int, **more: tuple[int, int, int]) -> dict[int, tuple[int, int, int]]:
    tags = {
        256: (4, 1, width),
        257: (4, 1, height),
        258: (3, 1, 32),
        259: (3, 1, 1),
        277: (3, 1, 1),
        278: (4, 1, height),
    }
    return tags | {int(k[1:]): v for k, v in more.items()}


@pytest.mark.bad_input(86)
@pytest.mark.parametrize(
    ("tags", "key", "words"),
    [
        (size(300_000, 300_000), "over_limit", "raster_bytes"),
        (size(60_000, 60_000, t322=(3, 1, 16), t323=(3, 1, 16)), "over_limit", "raster_blocks"),
        (size(1, 60_000_000, t278=(4, 1, 1)), "over_limit", "raster_blocks"),
        (size(0, 10), "content_not_as_named", "tif"),
        ({257: (4, 1, 5)}, "content_not_as_named", "tif"),
    ],
)
def test_a_raster_that_claims_too_much_is_refused_by_its_tags(
    tmp_path: Path, tags: dict[int, tuple[int, int, int]], key: str, words: str
) -> None:
    """A file of 100 bytes that claims 360 GB, fourteen million tiles, no width: no library is asked."""
    path = tiff(tmp_path / "x.tif", tags)

    with refused(LayerError, key, zh=words, en=words):
        describe_layers(path)


@pytest.mark.bad_input(86)
def test_a_chain_of_directories_that_bites_its_tail_ends(tmp_path: Path) -> None:
    """The directory names itself as the next."""
    with refused(LayerError, "over_limit", zh="raster_blocks", en="raster_blocks"):
        describe_layers(tiff(tmp_path / "x.tif", size(10, 10), following=8))


@pytest.mark.bad_input(87)
def test_a_geotiff_with_a_huge_tag_is_refused(tmp_path: Path) -> None:
    """A description of 2 GB that a library would allocate."""
    with refused(LayerError, "over_limit", zh="raster_tag_bytes", en="raster_tag_bytes"):
        describe_layers(tiff(tmp_path / "x.tif", size(10, 10, t270=(2, 2_000_000_000, 8))))


@pytest.mark.bad_input(86)
def test_a_good_geotiff_is_described_and_is_no_layer(tmp_path: Path) -> None:
    """Negative control: size, bands, type, CRS, extent; without a transform there is no extent."""
    import numpy as np

    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    placed = {"transform": rasterio.Affine(10, 0, 450_000, 0, -10, 3_580_100), "crs": f"EPSG:{CRS}"}
    plain = {"driver": "GTiff", "width": 20, "height": 10, "count": 1, "dtype": "float32"}
    values = np.zeros((1, 10, 20), dtype="float32")
    with rasterio.open(tmp_path / "a.tif", "w", **plain, **placed) as out:
        out.write(values)
    with pytest.warns(NotGeoreferencedWarning), rasterio.open(tmp_path / "b.tif", "w", **plain) as out:
        out.write(values)
    (good,), (bare,) = describe_layers(tmp_path / "a.tif"), describe_layers(tmp_path / "b.tif")

    assert (good["geometry"], good["types"], good["crs"]) == ("Raster 20 x 10", ["number"], f"EPSG:{CRS}")
    assert good["extent"] == [450_000, 3_580_000, 450_200, 3_580_100]
    assert (bare["crs"], bare["extent"]) == (None, None)
    with refused(LayerError, "raster_no_layer", zh="栅格", en="raster"):
        read_layer(tmp_path / "a.tif")


# --- 88, 89: what a terminal or a reader would be fooled by


@pytest.mark.bad_input(88)
def test_escapes_in_names_of_layers_and_fields_do_not_reach_the_terminal(
    tmp_path: Path, says: Callable[..., Said]
) -> None:
    """They could clear the screen, or rewrite what was said."""
    own = layer({"1": square(0, 0)}, "id").assign(**{"\x1b[31m红": ["x"]})
    own.to_parquet(tmp_path / "x.parquet")
    pyogrio.write_dataframe(layer({"1": square(0, 0)}, "id"), tmp_path / "y.gpkg", layer="\x1b[2J层")
    code, out, err = says("layers", tmp_path)
    _, refusal, said = says("layers", tmp_path / "\x1b[31m.gpkg")

    assert code == 0
    assert "红" in out
    assert "层" in out
    assert "\x1b" not in out + err + refusal + said


@pytest.mark.bad_input(89)
@pytest.mark.parametrize("mark", ["\u200b", "\u202e", "\ufeff", "\u2060"])
def test_codes_that_only_look_different_are_the_same_code(tmp_path: Path, mark: str) -> None:
    """L1 and L1 with a mark that shows nothing: two parcels of one number, said by name."""
    study = build(
        tmp_path / "study", parcels=lambda p: p.assign(parcel_id=["L1", f"L{mark}1", *p["parcel_id"][2:]])
    )

    findings = landkit.check(study).table
    told = findings[findings["check"] == "ids.repeated"]

    assert list(told["row"]) == ["L1@2"]
    assert "L1" in told["reason"].iloc[0]


# --- limits that a study raises


@pytest.mark.bad_input(75)
def test_a_limit_that_a_study_raises_is_said_in_its_outputs(tmp_path: Path) -> None:
    """Knowingly: the findings, and with them ledger and manifest, carry it."""
    study = build(tmp_path / "study")
    with (study / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n[limits]\nzip_entries = 20000\ncolumns = 100\n")
    table = landkit.check(study).table
    raised = table[table["check"] == "limits.raised"]

    assert len(raised) == 1  # columns = 100 is below the usual 2,000: nothing is raised
    assert "zip_entries" in raised["reason"].iloc[0]
    assert "20000" in raised["reason"].iloc[0]


@pytest.mark.bad_input(75)
@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("zip_byte = 5", "study_unknown_key"),
        ("zip_bytes = -1", "study_bad_value"),
        ('zip_bytes = "x"', "study_bad_value"),
    ],
)
def test_a_limit_that_is_misspelt_or_no_number_is_refused(tmp_path: Path, line: str, key: str) -> None:
    """With the nearest name there is."""
    study = build(tmp_path / "study")
    with (study / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write(f"\n[limits]\n{line}\n")

    with refused(StudyError, key, zh="limits.zip_byte", en=r"limits\.zip_byte"):
        load_study(study)

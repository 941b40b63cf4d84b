"""Text without a word on its encoding is read right, or its reading is doubted, or it is refused; never mojibake in silence."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest
from builders import layer, square
from refusals import refused

import geopandas as gpd
import pyogrio

from landkit.errors import LayerError
from landkit.io.encoding.detect import Text, decide, read_as
from landkit.io.encoding.mojibake import meant_by
from landkit.io.vector import describe_layers, read_batches, read_source

ADDRESSES = [f"扬州市广陵区文昌中路{n}号{c}座" for n, c in ((160, "A"), (88, "B"), (1, "C"))]
INDUSTRIES = [
    "纺织业",
    "化学原料和化学制品制造业",
    "计算机、通信和其他电子设备制造业",
    "汽车零部件及配件制造",
]
# each is the text of one column of one shapefile
FIXTURES: dict[str, list[str]] = {
    "one name of two characters": ["邗江"],
    "one name of three": ["仪征市"],
    "people": ["王小红", "李明", "陈喆", "刘洋"],
    "addresses": ADDRESSES,
    "industries": INDUSTRIES,
    "a long text": ["本地块位于开发区核心区，东至扬子江路，南至沿江高等级公路，西至古运河，北至开发路。" * 2],
    "with ascii": ["A-03地块", "No.12 扬州LED产业园(二期)", "GB/T 4754 C38"],
    "one among many that are ascii": ["a", "b12", "x@y.com", "工业用地"],
    "yes and no": ["是", "否"],
    "full-width": ["（一）Ａ区　１２３号", "面积：１２．５亩"],
    "rare characters": ["㙍头村", "喆", "𠮷田工业园", "堃泰"],
    "land types": ["水浇地", "设施农用地", "其他园地", "采矿用地"],
    "towns": ["汊河街道", "槐泗镇", "邵伯镇", "樊川镇", "氾水镇"],
    "companies": ["扬州中集通华专用车有限公司", "江苏恒远国际工程有限公司"],
    "lines": ["生态保护红线", "永久基本农田", "城镇开发边界"],
    "units": ["㎡", "12.5公顷", "亩均税收≥15万元"],
    "lian tong": ["联通"],
    "notes": ["同意", "已批未供", "—", "无"],
}
TRADITIONAL = {
    "companies": ["台灣電子股份有限公司", "香港置業(揚州)有限公司"],
    "places": ["揚州市經濟技術開發區", "臺北市"],
    "people": ["陳先生", "黃小姐", "劉經理"],
    "words": ["工業用地", "名稱", "地塊編號", "備註"],
}
FRENCH = {
    "zones": ["Zone à urbaniser", "Secteur agricole où", "Zone urbanisée"],
    "heritage": ["Périmètre de protection", "Église Saint-Rémi", "Château"],
}


def shapefile(path: Path, words: list[str], encoding: str, *, name: str = "MC") -> Path:
    """A shapefile whose text is in an encoding that nothing names: no .cpg, language byte 0."""
    frame = layer({str(i): square(200 * i, 0) for i in range(len(words))}, "ID", **{name: words})
    pyogrio.write_dataframe(frame, path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    path.with_suffix(".dbf").write_bytes(dbf)
    return path


CASES = [
    *((f"zh {k}", w, e) for k, w in FIXTURES.items() for e in ("GB18030", "UTF-8")),
    *((f"zh {k}", w, "GBK") for k, w in FIXTURES.items() if k != "rare characters"),
    *((f"zh-hant {k}", w, e) for k, w in TRADITIONAL.items() for e in ("Big5", "UTF-8", "GB18030")),
    *((f"fr {k}", w, e) for k, w in FRENCH.items() for e in ("ISO-8859-1", "CP1252", "UTF-8")),
]


@pytest.mark.bad_input(47)
@pytest.mark.parametrize(("kind", "words", "encoding"), CASES, ids=[f"{k}-{e}" for k, _, e in CASES])
def test_a_shapefile_that_says_nothing_is_read_right(
    tmp_path: Path, kind: str, words: list[str], encoding: str
) -> None:
    """Names, addresses, industries, short and long, with ASCII between: each alone in its file."""
    assert len(CASES) >= 40
    found = read_source(shapefile(tmp_path / "x.shp", words, encoding))

    assert found.frame["MC"].tolist() == words
    assert {f.check for f in found.findings} <= {"encoding.decided", "encoding.doubtful"}
    assert len(found.findings) == 1
    assert found.facts["encoding_by"] == "text"
    assert 0.9 < found.facts["encoding_confidence"] <= 1


@pytest.mark.bad_input(63)
def test_rare_characters_are_read_from_both_encodings_that_hold_them(tmp_path: Path) -> None:
    """Bad inputs 63: 㙍 and 𠮷 are not in GBK; a .cpg that says GBK does not lose them."""
    path = shapefile(tmp_path / "x.shp", ["㙍头村", "𠮷田"], "GB18030")
    path.with_suffix(".cpg").write_text("GBK")

    assert read_source(path).frame["MC"].tolist() == ["㙍头村", "𠮷田"]


@pytest.mark.bad_input(47)
@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_the_name_of_one_field_alone_tells(tmp_path: Path, encoding: str) -> None:
    """All values are ASCII; a wrong reading would make `µØ¿é±àºÅ` a column that nobody can map."""
    path = shapefile(tmp_path / "x.shp", ["K1", "K2"], encoding, name="地块")
    (header,) = describe_layers(path)

    assert list(read_source(path).frame.columns) == ["ID", "地块", "geometry"]
    assert header["fields"] == ["ID", "地块"]


@pytest.mark.bad_input(47)
def test_text_cut_inside_a_character_is_read_to_its_last_whole_one(tmp_path: Path) -> None:
    """ArcMap cuts UTF-8 at 254 bytes: 84 characters and two thirds of one.  The row is named; the others are whole."""
    long = "扬" * 84
    path = shapefile(tmp_path / "x.shp", [long + "州", "邗江"], "GB18030")
    _put(path, (long + "州").encode()[:254], "邗江".encode())
    found = read_source(path)

    assert found.frame["MC"].tolist() == [long, "邗江"]
    assert found.facts["encoding"] == "UTF-8"
    assert [(f.check, f.row) for f in found.findings if f.check == "encoding.cut"] == [("encoding.cut", "1")]
    assert "列 MC" in next(f for f in found.findings if f.check == "encoding.cut").reason.say("zh")


def _put(path: Path, *values: bytes) -> None:
    """Write values into the field MC of a .dbf by hand, field length 254."""
    import struct

    table = path.with_suffix(".dbf")
    head = bytearray(table.read_bytes()[:32])
    width = 1 + 10 + 254
    fields = b"".join(
        n.ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([w]) + b"\0" * 15
        for n, w in ((b"ID", 10), (b"MC", 254))
    )
    head[8:12] = struct.pack("<HH", 32 + len(fields) + 1, width)
    rows = b"".join(b" " + str(i).encode().ljust(10) + v.ljust(254) for i, v in enumerate(values))
    table.write_bytes(bytes(head) + fields + b"\r" + rows + b"\x1a")


@pytest.mark.bad_input(47)
def test_one_damaged_value_costs_one_value(tmp_path: Path) -> None:
    """A byte was lost on the way: that row is named, and all others read as they are."""
    path = shapefile(tmp_path / "x.shp", ["甲", "乙"], "GBK")
    _put(path, "扬州市邗江区".encode("gbk"), "仪征".encode("gbk") + b"\xff" + "化工园区".encode("gbk"))
    found = read_source(path)

    assert found.frame["MC"].tolist()[0] == "扬州市邗江区"
    assert found.frame["MC"].tolist()[1].startswith("仪征\ufffd")
    assert [(f.check, f.row, f.severity) for f in found.findings if f.check == "encoding.damaged"] == [
        ("encoding.damaged", "2", "error")
    ]


@pytest.mark.bad_input(48)
@pytest.mark.parametrize(
    ("said", "written", "reading"),
    [
        ("UTF-8", "GBK", "GB18030: 仪征化工园区"),  # does not decode
        ("936", "UTF-8", "UTF-8: 扬州市邗江区"),  # decodes, to nonsense
        ("ISO-8859-1", "GBK", "GB18030: 仪征化工园区"),  # always decodes
        ("1252", "UTF-8", "UTF-8: 扬州市邗江区"),
        ("BIG5", "GBK", "GB18030: 仪征化工园区"),
    ],
)
def test_a_cpg_that_the_text_denies_is_refused_with_the_readings(
    tmp_path: Path, said: str, written: str, reading: str
) -> None:
    """Bad inputs 48; `encoding` in study.toml overrules it."""
    words = ["扬州市邗江区", "仪征化工园区", "高邮市"]
    path = shapefile(tmp_path / "x.shp", words, written)
    path.with_suffix(".cpg").write_text(said)

    with refused(LayerError, "encoding_denied", zh=f"{said}.*{reading}", en=f"says {said}.*{reading}"):
        read_source(path)
    assert read_source(path, encoding=written).frame["MC"].tolist() == words
    assert path.with_suffix(".cpg").read_text() == said


@pytest.mark.bad_input(48)
def test_a_persons_word_stands_and_is_doubted(tmp_path: Path) -> None:
    """`encoding = "GBK"` over a UTF-8 file decodes to nonsense: done as told, with a warning that shows both."""
    path = shapefile(tmp_path / "x.shp", ["地块甲乙", "工业用地"], "UTF-8")
    found = read_source(path, encoding="GBK")

    assert found.facts["encoding_by"] == "given"
    assert [f.check for f in found.findings] == ["encoding.doubtful", "encoding.spoilt"]
    assert "若按 UTF-8 则读作“工业用地”" in found.findings[0].reason.say("zh")


@pytest.mark.bad_input(48)
@pytest.mark.parametrize("said", ["OEM", "SYSTEM", "what is this", ""])
def test_a_cpg_that_names_no_encoding_lets_the_text_decide(tmp_path: Path, said: str) -> None:
    """ArcGIS writes OEM."""
    path = shapefile(tmp_path / "x.shp", ["扬州市邗江区", "高邮市"], "GBK")
    path.with_suffix(".cpg").write_text(said)

    assert read_source(path).frame["MC"].tolist() == ["扬州市邗江区", "高邮市"]


@pytest.mark.bad_input(47)
def test_a_wrong_language_byte_is_passed_over(tmp_path: Path) -> None:
    """0x4D (GBK) over UTF-8 text, whose .cpg was lost."""
    path = shapefile(tmp_path / "x.shp", ["扬州市邗江区", "高邮市"], "UTF-8")
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0x4D
    path.with_suffix(".dbf").write_bytes(dbf)
    found = read_source(path)

    assert found.frame["MC"].tolist() == ["扬州市邗江区", "高邮市"]
    assert [f.check for f in found.findings] == ["encoding.decided"]


@pytest.mark.bad_input(47)
def test_what_nobody_can_tell_is_refused_with_all_readings(tmp_path: Path) -> None:
    """Two bytes that are 茅 or é, and nothing else in the file."""
    path = shapefile(tmp_path / "x.shp", ["é"], "UTF-8")

    with refused(LayerError, "encoding_unknown", zh="UTF-8: é", en="GB18030: 茅"):
        read_source(path)
    assert read_source(path, encoding="UTF-8").frame["MC"].tolist() == ["é"]


@pytest.mark.bad_input(47)
def test_batches_read_as_the_whole(tmp_path: Path) -> None:
    """The encoding is told by all rows, though the first batch has only ASCII."""
    path = shapefile(tmp_path / "x.shp", ["a", "b", "扬州市", "高邮市"], "GBK")
    found = [w for part in read_batches(path, rows=2) for w in part.frame["MC"]]

    assert found == ["a", "b", "扬州市", "高邮市"]


@pytest.mark.bad_input(47)
def test_mojibake_is_never_the_likeliest_reading() -> None:
    """Each of 2,000 made-up short names, alone: read right, or by so small a margin that it is doubted."""
    draw = random.Random(7)
    words = sorted(
        {
            c
            for w in (*FIXTURES.values(), *TRADITIONAL.values())
            for v in w
            for c in v
            if "\u4e00" <= c < "\ua000"
        }
    )
    wrong = []
    for _ in range(500):
        name = "".join(draw.choices(words, k=draw.randint(2, 6)))
        for codec in ("gbk", "utf-8"):
            best, other = read_as([Text(name.encode(codec))])[:2]
            if best.sample != name and other.bits - best.bits >= 20:
                wrong.append((name, codec, best))

    assert wrong == []


def test_a_reading_that_is_certain_says_so() -> None:
    """Confidence grows with text: one character of GBK, then an address."""
    short = decide([Text("水".encode("gbk"))], said=None, by="text", path="x")
    long = decide([Text(ADDRESSES[0].encode("gbk"))], said=None, by="text", path="x")

    assert short.confidence < long.confidence
    assert long.confidence > 0.999999


def test_a_persons_word_against_very_much_text_stands_however_unlikely() -> None:
    """Seen: a French layer given as latin1 was "cannot be read": the odds against it were no number any more."""
    zones = [Text(f"zone à urbaniser {k}, équipements collectifs".encode()) for k in range(200)]
    decision = decide(zones, said="latin1", by="given", path="zones.shp")
    assert decision.encoding == "Windows-1252"
    assert decision.readings[0].bits - decision.readings[1].bits > 1100
    assert decision.confidence < 1e-300


def test_ascii_needs_no_decision() -> None:
    """All encodings read it alike."""
    assert decide([Text(b"abc")], said=None, by="text", path="x").by == "ascii"


@pytest.mark.bad_input(47)
def test_two_names_cut_to_the_same_stay_two_columns(tmp_path: Path) -> None:
    """Ten bytes are three characters of UTF-8 and a third of the next: 再开发潜 and 再开发区 become one name."""
    path = shapefile(tmp_path / "x.shp", ["甲"], "UTF-8")
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    for place, name in ((32, "再开发潜"), (64, "再开发区")):
        raw[place : place + 11] = name.encode()[:10].ljust(11, b"\0")
    path.with_suffix(".dbf").write_bytes(raw)
    found = read_source(path)

    assert list(found.frame.columns) == ["再开发", "再开发_2", "geometry"]
    assert isinstance(found.frame, gpd.GeoDataFrame)
    assert [f.value for f in found.findings if f.check == "encoding.cut"] == ["再开发", "再开发_2"]


def _spoilt(words: list[str], wrong: str, right: str) -> list[str]:
    """The words as another program spoils them; those that it could not even have read are left out."""
    out = []
    for word in words:
        try:
            out.append(word.encode(right).decode(wrong))
        except UnicodeError:
            continue
    return out


SPOILT = [
    pytest.param(words, spoilt, id=f"{kind}: {right} as {wrong}")
    for wrong, right in (("latin-1", "gbk"), ("cp1252", "gbk"), ("gbk", "utf-8"), ("latin-1", "utf-8"))
    for kind, words in FIXTURES.items()
    for spoilt in [_spoilt(words, wrong, right)]
    if any(not s.isascii() for s in spoilt) and sum(len(s) for s in spoilt) >= 4
]


@pytest.mark.bad_input(47)
@pytest.mark.parametrize(("words", "spoilt"), SPOILT)
def test_text_that_another_program_spoilt_is_found(words: list[str], spoilt: list[str]) -> None:
    """`µØ¿é` and `鍦板潡` in a GeoPackage: no encoding of the file mends them, and nobody shall think they are names."""
    found = meant_by(spoilt)

    assert found is not None
    assert found[1] in words


@pytest.mark.bad_input(47)
@pytest.mark.parametrize("words", [*FIXTURES.values(), *TRADITIONAL.values(), *FRENCH.values()])
def test_sound_text_is_not_taken_for_spoilt(words: list[str]) -> None:
    """Negative control."""
    assert meant_by(words) is None


@pytest.mark.bad_input(47)
def test_spoilt_text_of_any_format_is_an_error_with_what_it_should_be(tmp_path: Path) -> None:
    """It is not mended: only its owner knows what else was lost."""
    frame = layer({"1": square(0, 0)}, "ID", 名称=["扬州市邗江区".encode("gbk").decode("latin-1")])
    pyogrio.write_dataframe(frame, tmp_path / "x.gpkg")
    found = read_source(tmp_path / "x.gpkg")

    assert [(f.check, f.severity) for f in found.findings] == [("encoding.spoilt", "error")]
    assert "应为“扬州市邗江区”" in found.findings[0].reason.say("zh")
    assert found.frame["名称"].tolist() == frame["名称"].tolist()


def _with_field(path: Path, place: int, name: bytes) -> Path:
    """The shapefile with another name of a field."""
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    raw[32 + 32 * place : 43 + 32 * place] = name.ljust(11, b"\0")
    path.with_suffix(".dbf").write_bytes(raw)
    return path


@pytest.mark.bad_input(62)
def test_two_fields_of_one_name_are_refused(tmp_path: Path) -> None:
    """GDAL gives the values of the second for both: those of the first would be gone in silence."""
    path = _with_field(shapefile(tmp_path / "x.shp", ["甲", "乙"], "GBK"), 1, b"ID")

    with refused(LayerError, "field_twice", zh="两个字段都叫 ID", en="called ID"):
        read_source(path)


@pytest.mark.bad_input(62)
def test_fields_that_differ_in_case_are_kept_apart_and_said(tmp_path: Path) -> None:
    """A geodatabase would take them for one."""
    found = read_source(_with_field(shapefile(tmp_path / "x.shp", ["甲地块", "乙地块"], "GBK"), 1, b"id"))

    assert list(found.frame.columns) == ["ID", "id", "geometry"]
    assert found.frame["id"].tolist() == ["甲地块", "乙地块"]
    assert "table.alike" in {f.check for f in found.findings}


@pytest.mark.bad_input(59)
@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("says", [True, False])
def test_long_numbers_of_a_field_with_a_chinese_name_are_exact(
    tmp_path: Path, encoding: str, says: bool
) -> None:
    """Seen: they are read a second time, as whole numbers, and the field was not found by its name."""
    numbers = pd.array([2**53 + 1, None], dtype="Int64")
    frame = layer({"1": square(0, 0), "2": square(200, 0)}, "ID", 编号=numbers, 名称=["扬州地块", "乙"])
    pyogrio.write_dataframe(frame, tmp_path / "x.shp", encoding=encoding)
    if not says:
        (tmp_path / "x.cpg").unlink()
    found = read_source(tmp_path / "x.shp").frame

    assert found["编号"][0] == 2**53 + 1
    assert found["编号"].isna().tolist() == [False, True]

"""Where results cannot be written the reader is told what stands in the way and what to do, not what the system calls it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from refusals import refused

import geopandas as gpd
import shapely

from landkit.errors import PlaceError
from landkit.io.parts import held, open_parts
from landkit.io.split import split_parcels
from landkit.io.workroom import workroom
from landkit.io.write import outbox, write_whole


def _split(to: Path) -> None:
    parcels = to.parents[1] / "parcels.parquet"
    square = gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs="EPSG:4549")
    gpd.GeoDataFrame(geometry=square).to_parquet(parcels)
    split_parcels(parcels, to=to)


def _hold(to: Path) -> None:
    with held(to):
        pass


def _work(to: Path) -> None:
    with workroom(to) as room:
        room.folder()


def _send(to: Path) -> None:
    with outbox(to):
        pass


def _text(to: Path) -> None:
    write_whole(to / "study.toml", "")


@pytest.mark.parametrize("write", [_hold, _work, _send, _text])
@pytest.mark.parametrize("below", ["", "deep/down"])
def test_a_file_where_a_folder_should_be_is_named_with_what_to_do(
    tmp_path: Path, write: Callable[[Path], None], below: str
) -> None:
    """Seen: "out 写入失败：File exists", "Not a directory"."""
    there = tmp_path / "out"
    there.write_text("mine")
    with refused(PlaceError, "output_is_file", zh="out 是一个文件.*请换", en="out is a file.*name another"):
        write(there / below)
    assert there.read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_file_above_the_folder_of_a_split_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with refused(PlaceError, "output_is_file", zh="out 是一个文件", en="out is a file"):
        _split(tmp_path / "out" / "parts")


def test_a_split_can_be_read_by_whoever_reads_other_folders(tmp_path: Path) -> None:
    """Seen: drwx------, so that workers of another user (YARN's, say) found no parts."""
    (tmp_path / "plain").mkdir()
    _split(tmp_path / "parts")
    assert (tmp_path / "parts").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_where_a_file_should_be_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "_parts.json").mkdir()
    with refused(
        PlaceError, "output_is_folder", zh="_parts.json 是一个文件夹.*改名", en="_parts.json.*Rename"
    ):
        open_parts(tmp_path, {})
    with refused(PlaceError, "output_is_folder", zh="_parts.json 是一个文件夹", en="_parts.json is a folder"):
        write_whole(tmp_path / "_parts.json", "{}")


def test_a_name_that_is_too_long_is_said_to_be(tmp_path: Path) -> None:
    with refused(PlaceError, "output_long", zh="太长.*短些", en="too long.*shorter"):
        _hold(tmp_path / ("研" * 200))

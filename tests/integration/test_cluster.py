"""The kernel on several processes: the same rows as in one, also when a worker is killed on the way."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rings

import geopandas as gpd
import shapely

import landkit
from landkit.cli import main
from landkit.cluster.local import FORKS, local_cluster, warm_up
from landkit.errors import ExportError, LayerError, PlaceError
from landkit.workflow import overlapping

CRS = "EPSG:4549"


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """2,000 parcels that lie in no order, once as a file and once split by place into eight parts."""
    folder, rng = tmp_path_factory.mktemp("city"), np.random.default_rng(7)
    parcels = gpd.GeoDataFrame(geometry=rings.everything(rng, 500), crs=CRS)
    parcels.insert(0, "地块编号", [f"P{k:05d}" for k in range(len(parcels))])
    parcels = parcels.sample(frac=1, random_state=1)
    parcels.to_parquet(folder / "parcels.parquet", row_group_size=300, index=False)
    gpd.GeoDataFrame(geometry=rings.everything(rng, 100), crs=CRS).to_parquet(folder / "zones.parquet")
    landkit.split_parcels(folder / "parcels.parquet", to=folder / "split", rows=250)
    return folder


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Several groups instead of one."""
    monkeypatch.setattr(overlapping, "PART_ROWS", 300)


def rows_of(done):
    """All rows in one order, with shapes as bytes."""
    table = pa.concat_tables([pq.read_table(part) for part in done.parts])
    frame = table.to_pandas().sort_values(["parcel", "zone"], kind="stable")
    return list(frame.itertuples(index=False, name=None))


@pytest.mark.skipif(not FORKS, reason="processes are not copied here")
def test_what_workers_are_copied_from_has_dask_and_the_kernel_loaded_and_does_not_look_through_them(tmp_path):
    """Each worker would load them for itself, in 0.3 s, and Python's collector look through them in each."""
    warm_up(wait=True)
    look = """import gc, json, sys
seen = [name in sys.modules for name in ("distributed.worker", "landkit.overlay.kernel.arrow")]
open(path, "w").write(json.dumps([seen, gc.get_freeze_count()]))"""
    copy = multiprocessing.get_context("forkserver").Process(
        target=exec, args=(look, {"path": str(tmp_path / "seen")})
    )
    copy.start()
    copy.join()
    loaded, frozen = json.loads((tmp_path / "seen").read_text())
    assert loaded == [True, True]
    assert frozen > 100_000


def test_splitting_keeps_every_row_and_column_and_puts_neighbours_together(city):
    parts = [gpd.read_parquet(p) for p in sorted((city / "split").glob("part-*.parquet"))]
    source = gpd.read_parquet(city / "parcels.parquet")

    together = gpd.pd.concat(parts).set_index("source_row").sort_index()
    assert len(parts) == 8
    assert together["地块编号"].tolist() == source["地块编号"].tolist()
    assert (together.geometry.to_wkb() == source.geometry.to_wkb()).all()

    spread = [shapely.box(*p.total_bounds).area for p in parts]
    halves = [shapely.box(*source.iloc[k::8].total_bounds).area for k in range(8)]
    assert sum(spread) < 0.5 * sum(halves)


def test_a_split_layer_gives_the_rows_of_the_file(city, tmp_path):
    """Without a label the positions are those of the source, not of the parts."""
    of_file = landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path / "a")
    of_parts = landkit.stream_overlaps(city / "split", city / "zones.parquet", to=tmp_path / "b")

    assert of_parts.rows == of_file.rows > 1000
    assert rows_of(of_parts) == rows_of(of_file)


def test_splitting_never_replaces_a_folder_and_leaves_nothing_half_done(city, tmp_path):
    bad = gpd.GeoDataFrame({"id": [1, 2]}, geometry=[shapely.box(0, 0, 1, 1), None], crs=CRS)
    bad.to_parquet(tmp_path / "bad.parquet")

    with pytest.raises(ExportError, match="exists"):
        landkit.split_parcels(city / "parcels.parquet", to=city / "split")
    with pytest.raises(LayerError, match="Row 2"):
        landkit.split_parcels(tmp_path / "bad.parquet", to=tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["bad.parquet"]


def test_a_list_of_parts_cannot_lead_out_of_its_folder(city, tmp_path):
    """The list is data like any other: a name with a path in it is taken as the name beside the list."""
    folder = tmp_path / "split"
    folder.mkdir()
    said = json.loads((city / "split" / "_split.json").read_text(encoding="utf-8"))
    said["parts"][0]["name"] = "../../" + said["parts"][0]["name"]
    (folder / "_split.json").write_text(json.dumps(said), encoding="utf-8")

    with pytest.raises(LayerError, match=r"split.part-00000"):
        landkit.stream_overlaps(folder, city / "zones.parquet", to=tmp_path / "to")


@pytest.mark.slow
def test_two_workers_give_the_rows_of_one_process(city, tmp_path):
    alone = landkit.stream_overlaps(
        city / "split", city / "zones.parquet", to=tmp_path / "a", label="地块编号"
    )
    spread = landkit.stream_overlaps(
        city / "split", city / "zones.parquet", to=tmp_path / "b", label="地块编号", cluster=2
    )
    again = landkit.stream_overlaps(
        city / "split", city / "zones.parquet", to=tmp_path / "b", label="地块编号", cluster=2
    )

    assert rows_of(spread) == rows_of(alone)
    assert again.taken_over == len(spread.parts) == 8


@pytest.mark.slow
def test_two_runs_with_workers_at_once_do_not_quarrel_about_a_port():
    with local_cluster(1) as one, local_cluster(1) as other:  # what dask warns of is an error here
        assert one.scheduler_address != other.scheduler_address


def test_a_worker_killed_on_the_way_changes_no_row(city, tmp_path):
    """A real scheduler by its address, two real workers, one SIGKILLed once the first part is done."""
    alone = landkit.stream_overlaps(city / "split", city / "zones.parquet", to=tmp_path / "a")
    with local_cluster(2) as cluster:
        victim = next(iter(cluster.workers.values())).process.pid
        spread = landkit.stream_overlaps(
            city / "split",
            city / "zones.parquet",
            to=tmp_path / "b",
            cluster=cluster.scheduler_address,
            progress=lambda step, done, of: os.kill(victim, signal.SIGKILL) if done == 1 else None,
        )

    assert rows_of(spread) == rows_of(alone)


def started(*command):
    """A process of dask's own commands that finds the landkit that is tested."""
    environment = {**os.environ, "PYTHONPATH": str(Path(landkit.__file__).parents[1])}
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler and a worker, each a process of its own: the scheduler's process and address."""
    file = tmp_path / "scheduler.json"
    told = "--scheduler-file", str(file), "--no-dashboard", "--host", "127.0.0.1"
    processes = [started("distributed.cli.dask_scheduler", *told, "--port", "0")]
    processes.append(started("distributed.cli.dask_worker", *told, "--nthreads", "1"))
    while not file.exists():
        assert processes[0].poll() is None
        time.sleep(0.05)
    yield processes[0], json.loads(file.read_text(encoding="utf-8"))["address"]
    for process in reversed(processes):
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def never_read(part):
    """A part that nobody comes to the end of: in its place stands a pipe that nothing is written to."""
    real = part.with_suffix(".real")
    part.rename(real)
    os.mkfifo(part)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # whoever waits for it is let go; nobody may
            os.close(os.open(part, os.O_WRONLY | os.O_NONBLOCK))
        real.replace(part)


@pytest.mark.slow
def test_a_scheduler_killed_on_the_way_is_one_sentence_and_keeps_what_is_done(
    city, scheduler, tmp_path, capfd
):
    """However slow this process is to hear of what is done, the worker waits at the sixth of eight parts."""
    process, address = scheduler
    shutil.copytree(city / "split", tmp_path / "split")
    with contextlib.ExitStack() as stack:

        def progress(step, done, of):
            if done == 0:  # the parcels have been looked at, no part of them yet
                stack.enter_context(never_read(tmp_path / "split" / "part-00005.parquet"))
            if done == 2:
                process.kill()

        with pytest.raises(PlaceError) as lost:
            landkit.stream_overlaps(
                tmp_path / "split",
                city / "zones.parquet",
                to=tmp_path / "to",
                cluster=address,
                progress=progress,
            )
    assert lost.value.key == "cluster_gone"
    assert "Traceback" not in capfd.readouterr().err

    done = landkit.stream_overlaps(tmp_path / "split", city / "zones.parquet", to=tmp_path / "to")
    assert 2 <= done.taken_over < len(done.parts) == 8


@pytest.mark.slow
def test_bad_land_on_a_worker_is_the_same_one_sentence(city, tmp_path):
    """An error crosses from the worker with its words and its facts."""
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    parcels = gpd.GeoDataFrame({"id": ["B1"]}, geometry=[bow], crs=CRS)
    parcels.to_parquet(tmp_path / "bow.parquet")

    said = []
    for cluster in (None, 1):
        with pytest.raises(landkit.LandkitError) as refused:
            landkit.stream_overlaps(
                tmp_path / "bow.parquet", city / "zones.parquet", to=tmp_path / f"{cluster}", cluster=cluster
            )
        said.append((type(refused.value), refused.value.say("zh"), refused.value.exit_code))
    assert said[0] == said[1]


@pytest.mark.slow
def test_what_a_worker_writes_after_a_run_has_failed_is_in_nobodys_way(tmp_path, monkeypatch):
    """One part fails at once while another still runs, which cannot be stopped; then the next run comes."""
    from distributed import Client

    monkeypatch.setattr(overlapping, "PART_ROWS", 20)
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    many = [shapely.Point(k / 100, 0).buffer(100, quad_segs=2_500) for k in range(20)]
    gpd.GeoDataFrame(geometry=[*many, bow], crs=CRS).to_parquet(tmp_path / "bad.parquet", row_group_size=20)
    gpd.GeoDataFrame(geometry=many, crs=CRS).to_parquet(tmp_path / "zones.parquet")
    gpd.GeoDataFrame(geometry=many[:1], crs=CRS).to_parquet(tmp_path / "good.parquet")
    to = tmp_path / "to"
    to.mkdir()

    def asked(parcels):
        return landkit.stream_overlaps(parcels, tmp_path / "zones.parquet", to=to, cluster=at)

    with local_cluster(2) as cluster, Client(cluster) as client:
        at = cluster.scheduler_address
        with pytest.raises(landkit.LandkitError, match="labels 20"):
            asked(tmp_path / "bad.parquet")
        assert list(to.iterdir()) == []
        workers = list(client.scheduler_info()["workers"])
        after = [client.submit(os.getpid, workers=[one], pure=False) for one in workers]
        time.sleep(0.5)
        assert sum(one.done() for one in after) == 1  # the other worker is still at the first part
        client.gather(after)
        assert list(to.iterdir()) == []
        assert asked(tmp_path / "good.parquet").rows == 20


def test_what_workers_of_a_killed_run_left_goes_also_without_workers(city, tmp_path):
    left = tmp_path / "to" / ".zones-of-a-killed-run"
    left.mkdir(parents=True)
    (left / "part-00000.parquet").write_bytes(b"half")

    landkit.stream_overlaps(city / "split", city / "zones.parquet", to=tmp_path / "to")
    assert not left.exists()


def test_an_address_where_nobody_answers_is_one_sentence(city, tmp_path, monkeypatch):
    monkeypatch.setattr("landkit.cluster.connection.CONNECT_WITHIN_S", 1)

    with pytest.raises(PlaceError, match=r"No scheduler answers at tcp://127.0.0.1:1"):
        landkit.stream_overlaps(
            city / "split", city / "zones.parquet", to=tmp_path / "to", cluster="tcp://127.0.0.1:1"
        )


def test_the_commands_split_and_overlay(city, tmp_path, capsys):
    """As a user types them; the second says what the first wrote, in the user's words."""
    gpd.read_parquet(city / "zones.parquet").iloc[::20].to_parquet(tmp_path / "zones.parquet")
    split = f"split {city}/parcels.parquet --to {tmp_path}/s --rows 700 --lang en"
    overlay = f"overlaps {tmp_path}/s {tmp_path}/zones.parquet --to {tmp_path}/o --line red --json"

    assert typed(split) == 0
    assert "2,000 rows in 3 parts" in capsys.readouterr().out
    assert typed(overlay) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["parts"] == [p.name for p in sorted((tmp_path / "o").glob("*.parquet"))]
    assert facts["rows"] == sum(pq.read_metadata(p).num_rows for p in (tmp_path / "o").glob("*.parquet"))


def typed(words):
    with pytest.raises(SystemExit) as end:
        main(words.split())
    return end.value.code

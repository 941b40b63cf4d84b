"""A run whose verdicts are made by many workers is, byte for byte, the run of one process."""

from __future__ import annotations

import json
import os
import signal

import pytest

import landkit
from landkit.cli import main
from landkit.cluster import judging
from landkit.cluster.connection import SAME, require_same
from landkit.cluster.local import local_cluster
from landkit.errors import PlaceError
from landkit.io.parts import Parts
from landkit.overlay import engine


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """The kernel for a few parcels, and three of them in a part."""
    monkeypatch.setattr(engine, "KERNEL_FROM_PARCELS", 1)
    monkeypatch.setattr(judging, "PART_ROWS", 3)


def without_times(files):
    manifest = json.loads(files["manifest.json"])
    del manifest["times"]
    return {**files, "manifest.json": manifest}


@pytest.mark.slow
def test_a_run_on_workers_that_is_stopped_and_loses_a_worker_writes_the_same_bytes(
    study_folder, tmp_path, contents, monkeypatch
):
    """A real scheduler and two workers, beside one process with the same kernel.

    On the first try a worker is killed after one part and the run is interrupted after three; the second is as a user
    types it, with three parts that it finds done and does not judge again.  Nothing is left behind.
    """
    out = tmp_path / "out"
    judged = []
    note = Parts.note

    def noted(parts, group, facts):
        judged.append(parts.path(group))
        note(parts, group, facts)

    monkeypatch.setattr(Parts, "note", noted)
    with local_cluster(2) as cluster:
        address = cluster.scheduler_address
        victim = next(iter(cluster.workers.values())).process.pid
        with pytest.raises(KeyboardInterrupt):
            landkit.run(study_folder, to=out, cluster=address, progress=luckless(victim))
        done, judged[:] = sorted(judged), []
        # quick workers finish what they had begun, all of it perhaps: some is left to do
        for part in set(out.rglob("judged-*/part-*.parquet")) - set(done[:3]):
            part.unlink()
        with pytest.raises(SystemExit) as end:
            main(["run", str(study_folder), "--to", str(out), "--cluster", address])

    assert end.value.code == 0
    assert len(done) >= 3
    assert judged
    assert not set(judged) & set(done[:3])
    landkit.run(study_folder, to=tmp_path / "alone")
    assert without_times(contents(out)) == without_times(contents(tmp_path / "alone"))
    assert not list(out.rglob("judged-*"))


def luckless(victim):
    """A run that loses a worker after its first part and is interrupted after its third."""

    def progress(step, done, of):
        if (step, done) == ("judge_parts", 1):
            os.kill(victim, signal.SIGKILL)
        if step == "judge_parts" and done >= 3:
            raise KeyboardInterrupt

    return progress


def test_workers_of_another_version_are_refused_by_name():
    """The first that differs is named with both versions; the last digit of Python does not matter."""
    same = {"packages": {"python": "3.11.7.final.0", **dict.fromkeys(SAME, "1.0")}}
    newer = {"packages": {**same["packages"], "shapely": "2.9"}}
    bare = {"packages": {k: v for k, v in same["packages"].items() if k != "landkit"}}
    patch = {"packages": {**same["packages"], "python": "3.11.9.final.0"}}

    require_same({"client": same, "workers": {"tcp://a:1": same, "tcp://b:1": patch}})
    with pytest.raises(PlaceError, match=r"Worker tcp://b:1 has shapely 2.9, this machine 1.0"):
        require_same({"client": same, "workers": {"tcp://a:1": same, "tcp://b:1": newer}})
    with pytest.raises(PlaceError, match=r"Worker tcp://a:1 has landkit -"):
        require_same({"client": same, "workers": {"tcp://a:1": bare}})


def test_a_cluster_that_does_not_answer_is_told_before_anything_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("landkit.cluster.connection.CONNECT_WITHIN_S", 1)

    with pytest.raises(PlaceError, match=r"No scheduler answers at tcp://127.0.0.1:1"):
        landkit.run(tmp_path / "nowhere", to=tmp_path / "out", cluster="tcp://127.0.0.1:1")
    assert list(tmp_path.iterdir()) == []

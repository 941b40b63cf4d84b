"""A PostGIS server of the tests' own: a cluster in a temporary folder, on a free port, run as a user without rights."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

PASSWORD = "s3cret-of-the-tests"
REQUIRED = os.environ.get("LANDKIT_REQUIRE_POSTGIS") == "1"


class Server(NamedTuple):
    """Where it listens; the password is PASSWORD."""

    port: int

    def address(self, prefix: str = "postgis:") -> str:
        """As a study would name it."""
        return f"{prefix}host=127.0.0.1 port={self.port} dbname=land user=landkit"


def programs() -> Path | None:
    """The folder of initdb: newest version first, then the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    beside = shutil.which("initdb")
    return found[0].parent if found else Path(beside).parent if beside else None


def missing() -> str:
    """Why there is no server here, or ""."""
    if programs() is None:
        return "no PostgreSQL server on this machine (Debian: postgresql postgresql-15-postgis-3)"
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        return "runuser is needed to start PostgreSQL as root"
    return ""


@contextmanager
def server() -> Iterator[Server]:
    """A running server with a database `land` and PostGIS in it."""
    reason = missing()
    if reason:
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="landkit-pg-"))
    try:
        yield from _running(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _running(folder: Path) -> Iterator[Server]:
    bin_ = programs()
    assert bin_ is not None
    (folder / "password").write_text(PASSWORD)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "password", "postgres")
    port = _free_port()
    data = str(folder / "data")
    _run(bin_ / "initdb", "-D", data, "-U", "landkit", "-E", "UTF8", "--locale=C", "--auth=scram-sha-256",
         f"--pwfile={folder / 'password'}")  # fmt: skip
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    _run(bin_ / "pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        _make_database(port)
        yield Server(port)
    finally:
        _run(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _make_database(port: int) -> None:
    import psycopg

    where = f"host=127.0.0.1 port={port} user=landkit password={PASSWORD}"
    with psycopg.connect(f"{where} dbname=postgres", autocommit=True) as base:
        base.execute("CREATE DATABASE land")
    with psycopg.connect(f"{where} dbname=land", autocommit=True) as base:
        try:
            base.execute("CREATE EXTENSION postgis")
        except psycopg.errors.FeatureNotSupported:
            if REQUIRED:
                raise
            pytest.skip("PostgreSQL is here, its PostGIS extension is not")


def _run(program: Path, *arguments: str) -> None:
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*as_user, str(program), *arguments], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, f"{program.name} ended with {done.returncode}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""A PostgreSQL server of one's own, with PostGIS: a cluster in a temporary folder, on a free port, gone afterwards.

It is a child of this process, so that its processor time can be counted.  A server does not run as root: there the
user `postgres` of the system's packages runs it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

PACKAGES: Final = Path("/usr/lib/postgresql")  # where Debian keeps the programs of each version
SYSTEM_USER: Final = "postgres"
USER: Final = "landkit"
DATABASE: Final = "land"
START_S: Final = 60.0
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "512MB",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "jit": "off",
}


class Server(NamedTuple):
    """Where it listens, and for whom."""

    port: int
    password: str

    def variables(self) -> dict[str, str]:
        """The same as libpq reads it from the environment."""
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": USER,
            "PGDATABASE": DATABASE,
            "PGPASSWORD": self.password,
        }


def programs() -> Path | None:
    """The folder of initdb: newest version first, then the path."""
    found = sorted(PACKAGES.glob("*/bin/initdb"), reverse=True)
    beside = shutil.which("initdb")
    return found[0].parent if found else Path(beside).parent if beside else None


def lacking() -> str | None:
    """The program that is missing here to run a server; None where none is."""
    if programs() is None:
        return "initdb"
    return "runuser" if _is_root() and shutil.which("runuser") is None else None


@contextmanager
def server(password: str) -> Iterator[Server]:
    """A running server with an empty database that has PostGIS, for a user with this password.

    Raises: OSError where a program of the server fails, psycopg.Error where PostGIS is not there.
    """
    folder = Path(tempfile.mkdtemp(prefix="landkit-pg-"))
    try:
        (folder / "password").write_text(password, encoding="ascii")
        if _is_root():
            for path in (folder, folder / "password"):
                shutil.chown(path, SYSTEM_USER)
        auth = ["--auth=scram-sha-256", f"--pwfile={folder / 'password'}"]
        _run("initdb", "-D", str(folder / "data"), "-U", USER, "-E", "UTF8", "--locale=C", *auth)
        with _postmaster(folder) as port:
            _make_database(port, password)
            yield Server(port, password)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postmaster(folder: Path) -> Iterator[int]:
    port, data = _free_port(), str(folder / "data")
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command = _command("postgres", "-D", data, "-p", str(port), "-k", str(folder), *settings)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd="/", **quiet) as process:  # type: ignore[call-overload]  # noqa: S603
        try:
            yield port
        finally:
            if process.poll() is None:
                _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _make_database(port: int, password: str) -> None:
    import psycopg

    where = f"host=127.0.0.1 port={port} user={USER} password={password}"
    end = time.monotonic() + START_S
    while True:
        try:
            base = psycopg.connect(f"{where} dbname=postgres", autocommit=True)
            break
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    with base:
        base.execute(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(f"{where} dbname={DATABASE}", autocommit=True) as base:
        base.execute("CREATE EXTENSION postgis")


def _command(program: str, *arguments: str) -> list[str]:
    folder = programs()
    as_user = ["runuser", "-u", SYSTEM_USER, "--"] if _is_root() else []
    return [*as_user, str(folder / program if folder else program), *arguments]


def _run(program: str, *arguments: str) -> None:
    command = _command(program, *arguments)
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    if done.returncode:
        raise OSError(done.returncode, f"{program}: {done.stderr.strip()}")


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

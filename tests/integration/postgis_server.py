"""A PostGIS server of the tests' own; where there can be none the tests are skipped, unless it is required."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import psycopg
import pytest

from landkit.bench import postgres_server

PASSWORD = "s3cret-of-the-tests"
REQUIRED = os.environ.get("LANDKIT_REQUIRE_POSTGIS") == "1"


class Server(NamedTuple):
    """Where it listens; the password is PASSWORD."""

    port: int

    def address(self, prefix: str = "postgis:") -> str:
        """As a study would name it."""
        return f"{prefix}host=127.0.0.1 port={self.port} dbname=land user=landkit"


@contextmanager
def server() -> Iterator[Server]:
    """A running server with a database `land` and PostGIS in it."""
    program = postgres_server.lacking()
    if program is not None:
        _cannot(f"no {program} on this machine (Debian: postgresql postgresql-15-postgis-3)")
    try:
        with postgres_server.server(PASSWORD) as found:
            yield Server(found.port)
    except psycopg.errors.FeatureNotSupported:
        _cannot("PostgreSQL is here, its PostGIS extension is not")


def _cannot(reason: str) -> None:
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)

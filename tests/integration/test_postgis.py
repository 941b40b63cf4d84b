"""PostGIS: a table of a real server is a layer like any other; the password stands nowhere; names are only names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from builders import X, Y, square, tiny_frames
from builders import tiny_study as build
from postgis_server import PASSWORD, Server, server
from refusals import refused

import geopandas as gpd

import landkit
from landkit import cli
from landkit.bench import peers, postgis, postgres_server
from landkit.bench.rounds import parcels_file, zones_file
from landkit.errors import LayerError, PlaceError
from landkit.io.vector import describe_layers, read_batches, read_layer, read_source

ODD = 'x"; DROP TABLE parcels; --'


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    """A server with parcels in three schemas' worth of oddities."""
    with server() as found:
        _fill(found)
        yield found


@pytest.fixture
def base(running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server, its password where libpq looks for it."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return running


def connect(found: Server) -> psycopg.Connection:
    return psycopg.connect(found.address(""), password=PASSWORD, autocommit=True)


def _fill(found: Server) -> None:
    with connect(found) as base:
        base.execute("""
            CREATE TABLE parcels (id text PRIMARY KEY, "名称" text, big bigint, code numeric(21), area numeric(12,2),
                since date, seen timestamptz, built boolean, tags jsonb, geom geometry(Polygon, 4549))""")
        rows = [
            (
                "002",
                "乙",
                None,
                123456789012345678901,
                1.5,
                "2020-01-02",
                None,
                None,
                '{"a": 1}',
                square(100, 0),
            ),
            ("001", "甲㙍", 2**53 + 1, 5, None, None, "2020-01-02 03:04:05+08", True, None, square(0, 0)),
        ]
        for *values, shape in rows:
            base.execute(
                f"INSERT INTO parcels VALUES ({', '.join(['%s'] * 9)}, ST_GeomFromText(%s, 4549))",
                [*values, shape.wkt],
            )
        base.execute("CREATE TABLE notes (id int)")
        base.execute("CREATE SCHEMA plan")
        base.execute("CREATE TABLE plan.arcs (id int, geom geometry(CurvePolygonZ, 4549))")
        arc = f"CURVEPOLYGON Z (CIRCULARSTRING Z ({X} {Y} 1, {X + 100} {Y} 1, {X} {Y} 1))"
        base.execute("INSERT INTO plan.arcs VALUES (1, ST_GeomFromText(%s, 4549))", [arc])
        base.execute(
            psycopg.sql.SQL("CREATE TABLE {} (id int, geom geometry(Point))").format(
                psycopg.sql.Identifier(ODD)
            )
        )
        base.execute("CREATE VIEW plan.first AS SELECT * FROM parcels WHERE id = '001'")


def test_a_table_is_a_layer_with_nothing_lost(base: Server) -> None:
    """Chinese, gaps, numbers too long for a float, days, the CRS of the SRID; in the order of the primary key."""
    found = read_source(base.address(), layer="parcels")
    frame = found.frame

    assert list(frame["id"]) == ["001", "002"]
    assert list(frame["名称"]) == ["甲㙍", "乙"]
    assert frame["big"][0] == 2**53 + 1
    assert list(frame["code"]) == ["5", "123456789012345678901"]
    assert str(frame["since"][1].date()) == "2020-01-02"
    assert frame["seen"][0].isoformat() == "2020-01-01T19:04:05+00:00"
    assert json.loads(frame["tags"][1]) == {"a": 1}
    assert frame.crs.to_epsg() == 4549
    assert frame.geometry[0].equals(square(0, 0))
    assert found.facts["layer"] == "public.parcels"


def test_curves_and_heights_come_flat_and_stroked(base: Server) -> None:
    """A circle of 50 m radius loses less than a thousandth of its area."""
    frame = read_layer(base.address(), layer="plan.arcs")

    assert frame.geom_type[0] == "Polygon"
    assert not frame.geometry.has_z.any()
    assert frame.area[0] == pytest.approx(3.14159265 * 50**2, rel=1e-3)


def test_tables_and_views_are_listed_without_their_rows(base: Server) -> None:
    """What has no geometry is no layer."""
    found = {h["layer"]: h for h in describe_layers(base.address())}

    assert set(found) == {"public.parcels", "plan.arcs", "plan.first", f"public.{ODD}"}
    assert (found["public.parcels"]["rows"], found["public.parcels"]["crs"]) == (2, "EPSG:4549")
    assert found["public.parcels"]["extent"] == [X, Y, X + 200, Y + 100]
    assert found["public.parcels"]["fields"][:2] == ["id", "名称"]
    assert found["public.parcels"]["types"][2:4] == ["integer", "number"]


def test_the_command_lists_them(base: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """The address is shown, and no password."""
    with pytest.raises(SystemExit) as end:
        cli.main(["layers", base.address()])
    out = capsys.readouterr().out

    assert end.value.code == 0
    assert "plan.first" in out
    assert PASSWORD not in out


def test_a_missing_table_is_answered_with_the_nearest(base: Server) -> None:
    """As for any source of several layers."""
    with refused(LayerError, "layer_missing", zh="public.parcels", en="public.parcels"):
        read_layer(base.address(), layer="public.parcel")
    with refused(LayerError, "layer_not_named", zh="plan.arcs/plan.first", en="plan.arcs/plan.first"):
        read_layer(base.address())


@pytest.mark.bad_input(79)
@pytest.mark.parametrize(
    "name", ["parcels; DROP TABLE parcels", "parcels' OR '1'='1", '"parcels"', "pg_authid", "notes"]
)
def test_sql_in_the_name_of_a_table_is_only_a_name(base: Server, name: str) -> None:
    """Only names that the database lists are asked for, and they are quoted."""
    with refused(LayerError, "layer_missing", zh="没有图层", en="has no layer"):
        read_layer(base.address(), layer=name)
    assert len(read_layer(base.address(), layer="parcels")) == 2


@pytest.mark.bad_input(79)
def test_a_table_whose_name_is_sql_is_read_and_harms_nothing(base: Server) -> None:
    """It exists, and reading it drops nothing."""
    assert len(read_layer(base.address(), layer=ODD, crs="EPSG:4549")) == 0
    assert len(read_layer(base.address(), layer="parcels")) == 2


def test_batches_hold_the_rows_of_the_whole(base: Server) -> None:
    """By a cursor of the server: memory holds one batch; the checksum of the last is that of the whole."""
    parts = list(read_batches(base.address(), layer="parcels", rows=1))

    assert [list(p.frame["id"]) for p in parts if len(p.frame)] == [["001"], ["002"]]
    assert parts[-1].facts["sha256"] == read_source(base.address(), layer="parcels").facts["sha256"]


def test_reading_cannot_write(base: Server) -> None:
    """The session is read only: even a view that writes could not."""
    with connect(base) as own:
        own.execute(
            "CREATE OR REPLACE FUNCTION bite() RETURNS int LANGUAGE sql AS 'DELETE FROM parcels RETURNING 1'"
        )
        own.execute("CREATE OR REPLACE VIEW plan.bites AS SELECT bite() AS id, geom FROM parcels")
    try:
        with refused(LayerError, "postgis_failed", zh="拒绝读取", en="refused"):
            read_layer(base.address(), layer="plan.bites")
        assert len(read_layer(base.address(), layer="parcels")) == 2
    finally:
        with connect(base) as own:
            own.execute("DROP VIEW plan.bites")


def test_a_password_in_the_address_is_refused(base: Server) -> None:
    """study.toml is copied around; the message does not repeat it."""
    for address in (
        f"{base.address()} password={PASSWORD}",
        f"postgresql://landkit:{PASSWORD}@127.0.0.1:{base.port}/land",
    ):
        with refused(LayerError, "postgis_password", zh="不要写密码", en="Leave the password out") as caught:
            read_layer(address, layer="parcels")
        assert PASSWORD not in caught.value.say("zh") + caught.value.say("en")


@pytest.mark.parametrize("words", ["options=-crole=x", "sslkey=/etc/x", "krbsrvname=x"])
def test_words_that_change_what_is_run_are_refused(base: Server, words: str) -> None:
    """Only where, who and how safely."""
    with refused(LayerError, "postgis_words", zh="不接受", en="may not say"):
        read_layer(f"{base.address()} {words}", layer="parcels")


def test_a_uri_and_a_service_file_lead_to_the_same_rows(
    base: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service file and a password file keep address and password out of the study."""
    monkeypatch.delenv("PGPASSWORD")
    (tmp_path / "pass").write_text(f"127.0.0.1:{base.port}:*:landkit:{PASSWORD}\n")
    (tmp_path / "pass").chmod(0o600)
    (tmp_path / "services").write_text(
        f"[land]\nhost=127.0.0.1\nport={base.port}\ndbname=land\nuser=landkit\n"
    )
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pass"))
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))

    for address in ("postgis:service=land", f"postgresql://landkit@127.0.0.1:{base.port}/land"):
        assert len(read_layer(address, layer="parcels")) == 2


def test_a_server_that_is_not_there_or_says_no_is_one_sentence(
    base: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Exit code 4: the machine, not the data."""
    monkeypatch.setenv("PGPASSWORD", "wrong")
    with refused(PlaceError, "postgis_unreachable", zh="无法连接", en="cannot be reached"):
        read_layer(base.address(), layer="parcels")
    with refused(PlaceError, "postgis_unreachable"):
        read_layer("postgis:host=127.0.0.1 port=1 dbname=x user=y", layer="parcels")


@pytest.mark.slow
def test_a_study_reads_its_parcels_from_the_database(base: Server, tmp_path: Path) -> None:
    """The answers are those of the file, the manifest holds a checksum, and no output holds the password."""
    study = build(tmp_path / "study")
    parcels = tiny_frames()["parcels"]
    with connect(base) as own:
        own.execute("DROP TABLE IF EXISTS plan.tiny")
        columns = ", ".join(
            f'"{c}" {"float8" if parcels[c].dtype.kind == "f" else "text"}' for c in parcels.columns[:-1]
        )
        own.execute(
            f"CREATE TABLE plan.tiny ({columns}, geom geometry(Polygon, 4549), PRIMARY KEY (parcel_id))"
        )
        for row in parcels.itertuples(index=False):
            values = [None if v != v else v for v in row[:-1]]
            marks = ", ".join(["%s"] * len(values))
            own.execute(
                f"INSERT INTO plan.tiny VALUES ({marks}, ST_GeomFromText(%s, 4549))", [*values, row[-1].wkt]
            )
    expected = landkit.stock(study).table
    toml = (study / "study.toml").read_text(encoding="utf-8")
    changed = toml.replace('path = "parcels.gpkg"', f'path = "{base.address()}"\nlayer = "plan.tiny"')
    assert changed != toml
    (study / "study.toml").write_text(changed, encoding="utf-8")
    (study / "parcels.gpkg").unlink()
    done = landkit.run(study, to=tmp_path / "out")
    manifest = (tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")

    assert list(done.results["stock"].table["stock_class"]) == list(expected["stock_class"])
    entry = json.loads(manifest)["inputs"]["parcels"]
    assert entry["path"] == base.address()
    assert len(entry["sha256"]) == 64
    assert PASSWORD not in manifest


def test_as_a_peer_of_the_bench_it_finds_what_landkit_finds(
    base: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zones in pieces of 256 vertices, and a piece put together again of several: rows, areas and shapes are the same."""
    with connect(base) as own:
        own.execute("CREATE DATABASE bench")
    for name, value in postgres_server.Server(base.port, PASSWORD).variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PGDATABASE", "bench")
    with psycopg.connect(autocommit=True) as own:
        own.execute("CREATE EXTENSION postgis")
    files = parcels_file(tmp_path, 3000), zones_file(tmp_path, "redline-20000")
    peers.by_landkit(*files, tmp_path / "own.parquet")
    postgis.by_postgis(*files, tmp_path / "theirs.parquet")
    postgis.write_shared(tmp_path / "theirs.parquet")
    own, theirs = (gpd.read_parquet(tmp_path / f"{name}.parquet") for name in ("own", "theirs"))
    own, theirs = (
        rows.astype({"zone": int}).set_index(["parcel", "zone"]).sort_index() for rows in (own, theirs)
    )

    assert list(theirs.index) == list(own.index)
    assert theirs["area_m2"].to_numpy() == pytest.approx(own["area_m2"].to_numpy(), rel=1e-9, abs=1e-6)
    assert theirs.area.to_numpy() == pytest.approx(theirs["area_m2"].to_numpy(), rel=1e-12)
    assert theirs.crs == own.crs
    with psycopg.connect() as looked:
        pieces, zones = looked.execute("SELECT count(*), (SELECT count(*) FROM zones) FROM pieces").fetchone()
    assert pieces > zones > 0

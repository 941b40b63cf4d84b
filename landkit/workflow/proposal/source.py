"""One layer or table that was found (草拟的图层): what it seems to be, by its name, its columns and a few of its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

import shapely

from landkit.errors import LandkitError, LayerError
from landkit.io.boundary.layer import holds_boundary_text
from landkit.io.field_report import matching
from landkit.io.tables.cells import header_unit
from landkit.io.tables.read import read_table_source
from landkit.io.vector import describe_layers, read_batches
from landkit.model import Reason
from landkit.quality.ids import code_list
from landkit.quality.schema import Schema, schema, schema_for
from landkit.quality.schemes import scheme_fits
from landkit.text import data_toml
from landkit.units import FACTORS
from landkit.workflow.proposal.roles import Guess, guess_role, id_columns, line_called, mapping

VECTOR: Final = frozenset(
    {".shp", ".gpkg", ".geojson", ".gdb", ".fgb", ".kml", ".kmz", ".zip", ".parquet", ".dxf", ".txt"}
)
TABLE: Final = frozenset({".csv", ".tsv", ".xlsx", ".xlsm", ".xls"})
SAMPLE_ROWS: Final = 2000
_NAMED: Final = 100.0  # a role that the whole name says
CLEAR: Final = 0.9  # share of the codes that a scheme must have to be proposed
TOLD: Final = (
    "cpg",
    "dbf",
    "header",
    "format",
    "given",
    "mark",
    "ascii",
)  # the file says its encoding, or needs none


@dataclass
class Source:
    """One layer or table that was found, and what it seems to be; `role` "" where a person must say."""

    path: str
    layer: str | None
    columns: list[str]
    geometry: str  # polygon | line | point | none
    rows: int
    crs: str | None = None
    role: str = ""
    line: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    rivals: dict[str, list[str]] = field(default_factory=dict)  # our column -> further columns that fit it
    units: dict[str, str] = field(default_factory=dict)
    schema: str = ""
    code_scheme: str = ""
    code_column: str = ""  # ours, that needs a scheme
    header_row: int | None = None  # of a table whose names stand below a title or the heads of groups
    encoding: str = ""  # read by a guess of ours, not by what the file says
    score: float = 0.0  # how well the role fits
    needs: str = ""  # our id column that no column is called
    ids: list[str] = field(default_factory=list)  # columns that tell its rows apart
    ids_nearly: list[str] = field(default_factory=list)
    table: Schema | None = None  # the statutory table that its columns follow
    where: dict[str, list[str]] = field(default_factory=dict)
    extent: list[float] | None = None
    compared: bool = False  # with another outline of the same ground
    offset: Reason | None = None  # how far its outline lies off another one of the same ground, and why
    points: list[list[float]] = field(default_factory=list)  # a few corners, where the CRS is open

    def entry(self) -> dict[str, Any]:
        """Its table in study.toml."""
        out: dict[str, Any] = {"role": self.role or "?", "path": self.path}
        if self.layer:
            out["layer"] = self.layer
        if self.header_row:
            out["header_row"] = self.header_row
        if self.line:
            out["line"] = self.line
        if self.geometry != "none" and self.crs is None:
            out["crs"] = "?"
        for key in ("schema", "code_scheme", "encoding", "where", "units", "fields"):
            if getattr(self, key):
                out[key] = getattr(self, key)
        return out

    @property
    def unused(self) -> list[str]:
        """Columns that the proposal maps to nothing."""
        known = data_toml("fields/roles.toml").get(self.role, {}).get("fields", {})
        return [c for c in self.columns if c not in self.fields and c not in known]


def sources_of(path: Path, where: str) -> list[Source]:
    """The layers or the table of a file; `where` is its path as the study will say it.   Raises: LandkitError."""
    is_note = path.suffix.lower() == ".txt" and not holds_boundary_text(path)
    if path.suffix.lower() in TABLE or is_note:
        table, header_row = _table_of(path)
        if is_note and len(table.columns) < 2:
            raise LayerError("boundary_not", path=str(path))  # a text of one column is no table
        found = Source(where, None, [str(c) for c in table.columns], "none", len(table))
        found.header_row = header_row
        _take(found, guess_role(path.stem, found.columns, "none"))
        _look_inside(found, table)
        return [found]
    headers = describe_layers(path)
    return [_layer(path, where, header, alone=len(headers) == 1) for header in headers]


def _table_of(path: Path) -> tuple[pd.DataFrame, int | None]:
    """A table, and the row of its names where that is not the first: below a title, as merged cells show."""
    try:
        return read_table_source(path).frame, None
    except LayerError as error:
        if error.key != "table_title":
            raise
        row = int(str(error.facts["row"]))
        return read_table_source(path, header_row=row).frame, row


def _layer(path: Path, where: str, header: dict[str, Any], *, alone: bool) -> Source:
    of_file = str(header["geometry"])
    geometry = "line" if "Line" in of_file else "point" if "Point" in of_file else "polygon"
    crs, rows = header["crs"], header["rows"] or 0
    found = Source(where, None if alone else header["layer"], list(header["fields"]), geometry, rows, crs)
    found.extent = header["extent"]
    found.encoding = header["encoding"] if header["encoding"] and header["encoding_by"] not in TOLD else ""
    name = f"{path.stem} {header['layer']}"
    found.line = line_called(name) if geometry != "point" else None
    if found.line:
        known = data_toml("fields/roles.toml")["control_line"]["fields"]
        _take(found, Guess("control_line", 1.0, mapping(known, found.columns)))
    else:
        _take(found, guess_role(name, found.columns, geometry))
    units = header.get("units", {})
    found.units = {found.fields[c]: unit for c, unit in units.items() if c in found.fields}
    found.table = schema_for(str(header["layer"] or path.stem), found.columns)
    if found.table and found.table.line == (found.line or "") and found.table.role in ("", found.role):
        found.schema = found.table.name if found.role else ""
    rows = _first_rows(path, found)
    _look_for_ids(found, rows)
    _look_inside(found, rows)
    return found


def _take(found: Source, guess: Guess) -> None:
    """What was guessed.  One row that counties could be is the outline of the whole, unless the name says otherwise."""
    found.role, found.score, found.fields, found.needs = guess
    if found.role == "counties" and found.rows == 1 and guess.score < _NAMED:
        found.role, found.fields, found.needs = "boundary", {}, ""


def _look_for_ids(found: Source, rows: pd.DataFrame) -> None:
    """An id for a layer that has none of a known name; for a layer that nobody knows, what could be one."""
    if found.role and not found.needs:
        return
    found.ids, found.ids_nearly = id_columns(rows)
    if found.needs:
        found.fields[found.ids[0] if found.ids else "@row"] = found.needs


def _first_rows(path: Path, found: Source) -> pd.DataFrame:
    """A few rows of a layer; none where they cannot be read so (which `check` will say)."""
    crs = None if found.crs else "OGC:CRS84"  # any will do: the coordinates are looked at as they stand
    try:
        frame = next(read_batches(path, layer=found.layer, crs=crs, rows=SAMPLE_ROWS), None)
    except LandkitError:
        return pd.DataFrame()
    if frame is None:
        return pd.DataFrame()
    if found.crs is None:
        shapes = np.asarray(frame.frame.geometry.array, dtype=object)
        xy = shapely.get_coordinates(shapes)
        found.points = xy[np.isfinite(xy).all(axis=1)][:: max(1, len(xy) // 200)].tolist()
    return pd.DataFrame(frame.frame.drop(columns=frame.frame.geometry.name))


def _look_inside(found: Source, rows: pd.DataFrame) -> None:
    """What columns and rows say beyond their names: rivals, units that come with a name, the scheme of the codes."""
    known = data_toml("fields/roles.toml").get(found.role, {}).get("fields", {})
    ours_of = {**{c: c for c in found.columns if c in known}, **found.fields}
    for ours in set(ours_of.values()):
        names = [c for c in matching(found.columns, known[ours]) if ours_of.get(c, ours) == ours]
        others = [c for c in names if c not in ours_of]
        if others:
            found.rivals[ours] = others
    table = schema(found.schema) if found.schema else None
    of_schema = {f.name.upper(): f.unit for f in table.fields if f.unit} if table else {}
    for column, ours in found.fields.items():
        units = known[ours].get("alias_units", {})
        told = header_unit(column)[1]
        unit = (told if told in FACTORS.get(known[ours].get("unit"), {}) else "") or next(
            (u for a, u in units.items() if a.lower() == column.lower()), of_schema.get(column.upper(), "")
        )
        if unit and unit != known[ours].get("unit"):
            found.units[ours] = unit
    _guess_scheme(found, rows, {ours: c for c, ours in ours_of.items()})


def _guess_scheme(found: Source, rows: pd.DataFrame, column_of: dict[str, str]) -> None:
    """The scheme of use codes or industry codes, where the rows leave no doubt."""
    if found.role == "parcels" and column_of.get("use_code") in rows.columns:
        found.code_column = "use_code"
        names = rows.get(column_of.get("use_name", ""))
        best, other = scheme_fits(rows[column_of["use_code"]].astype("object"), names)[:2]
        if best.known >= CLEAR and ((best.named or 0) > (other.named or 0) or best.known > other.known):
            found.code_scheme = best.scheme
    if found.role == "enterprises" and column_of.get("industry_code") in rows.columns:
        found.code_column = "industry_code"
        codes = rows[column_of["industry_code"]].dropna().astype(str).str.strip()
        if len(codes) and codes.isin(code_list("gbt4754-2017")).mean() >= CLEAR:
            found.code_scheme = "gbt4754-2017"

"""DXF drawings for tests, written tag by tag as CAD programs write them; places in local metres of `builders`."""

from __future__ import annotations

from pathlib import Path

from builders import X, Y

Point = tuple[float, float]
Tags = list[str]


def ring(x: float, y: float, side: float = 100.0) -> list[Point]:
    """The corners of a square, not repeated at the end."""
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def polyline(layer: str, points: list[Point], *, closed: bool) -> Tags:
    """An LWPOLYLINE."""
    tags = ["0", "LWPOLYLINE", "8", layer, "90", str(len(points)), "70", "1" if closed else "0"]
    return [*tags, *(t for x, y in points for t in ("10", f"{X + x}", "20", f"{Y + y}"))]


def straight(layer: str, start: Point, end: Point) -> Tags:
    """A LINE."""
    (x, y), (u, v) = start, end
    return ["0", "LINE", "8", layer, "10", f"{X + x}", "20", f"{Y + y}", "11", f"{X + u}", "21", f"{Y + v}"]


def note(layer: str, at: Point, words: str) -> Tags:
    """A TEXT."""
    place = ["10", f"{X + at[0]}", "20", f"{Y + at[1]}", "30", "0"]
    return ["0", "TEXT", "8", layer, *place, "40", "2", "1", words]


def hatch(layer: str, points: list[Point]) -> Tags:
    """A HATCH with one polyline boundary."""
    tags = ["0", "HATCH", "8", layer, "10", "0", "20", "0", "30", "0", "2", "SOLID", "70", "1", "71", "0"]
    tags += ["91", "1", "92", "3", "72", "0", "73", "1", "93", str(len(points))]
    tags += [t for x, y in points for t in ("10", f"{X + x}", "20", f"{Y + y}")]
    return [*tags, "97", "0", "75", "0", "76", "1", "98", "0"]


def write_dxf(
    path: Path, *entities: Tags, version: str = "AC1015", code_page: str = "ANSI_936", encoding: str = "gbk"
) -> Path:
    """A drawing with these entities; handles are 65, 66 ... (hexadecimal) in their order."""
    head = ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", version, "9", "$DWGCODEPAGE", "3", code_page]
    tags = [*head, "0", "ENDSEC", "0", "SECTION", "2", "ENTITIES"]
    for handle, entity in enumerate(entities, 0x65):
        tags += [*entity[:2], "5", f"{handle:X}", *entity[2:]]
    path.write_bytes("\r\n".join([*tags, "0", "ENDSEC", "0", "EOF"]).encode(encoding))
    return path

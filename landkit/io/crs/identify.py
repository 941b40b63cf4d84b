"""Which EPSG system a definition means: the spellings of ArcMap, SuperMap and QGIS for CGCS2000, Xian 1980, Beijing 1954.

PROJ knows the usual names.  What it does not know (renamed planes, `unnamed`, `D_CGCS2000`, 扬州2000) is told by its
parameters: ellipsoid or datum name, central meridian, false easting, scale 1.
"""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

import pyproj

from landkit.text import data_toml


def datums() -> dict[str, dict[str, Any]]:
    """The Chinese datums of data/crs/systems.toml by key: names, ellipsoid, EPSG codes."""
    return dict(data_toml("crs/systems.toml")["datum"])


def _says(what: str, name: str) -> re.Match[str] | None:
    return re.search(data_toml("crs/systems.toml")["names"][what], name, re.IGNORECASE)


class Identity(NamedTuple):
    """What a CRS was taken for: its EPSG code (None where it is none), by what (`name`, `parameters`, `ellipsoid`)."""

    epsg: int | None
    by: str = ""


class Plane(NamedTuple):
    """A Gauss-Kruger plane (高斯-克吕格平面): central meridian in degrees, false easting in metres."""

    meridian: float
    easting: float


def identify(crs: pyproj.CRS) -> Identity:
    """The EPSG code a CRS means (坐标系认定), never by less than its datum or ellipsoid and all its parameters."""
    return _identify(crs.srs)


@functools.lru_cache(maxsize=256)  # PROJ looks through its whole database for a name that it does not know
def _identify(said: str) -> Identity:
    """By the words that the CRS was made from: WKT written anew may have lost what PROJ knew it by."""
    crs = pyproj.CRS.from_user_input(said)
    code = crs.to_epsg()
    if code is not None:
        return Identity(code, "name")
    family, by = _family(crs)
    if family is None:
        return Identity(None)
    if crs.is_geographic:
        return Identity(int(datums()[family]["geographic"]), by)
    plane = plane_of(crs)
    code = epsg_of(family, plane, crs.name) if plane else None
    return Identity(code, by) if code else Identity(None)


def plane_of(crs: pyproj.CRS) -> Plane | None:
    """The Gauss-Kruger plane of a projected CRS; None where it is another projection, scale or unit."""
    operation = crs.coordinate_operation
    if not crs.is_projected or operation is None or "Transverse Mercator" not in _method(operation):
        return None
    given = {p.name: float(p.value) for p in operation.params}
    if (
        crs.axis_info[0].unit_name not in ("metre", "Meter")
        or given.get("Scale factor at natural origin", 1) != 1
    ):
        return None
    if given.get("Latitude of natural origin", 0) or given.get("False northing", 0):
        return None
    return Plane(given["Longitude of natural origin"], given.get("False easting", 0.0))


def _method(operation: Any) -> str:
    name = str(operation.method_name).replace("_", " ")
    return "Transverse Mercator" if name in ("Gauss Kruger", "Gauss-Kruger") else name


def epsg_of(family: str, plane: Plane, name: str = "") -> int | None:
    """The EPSG code of a plane on a datum of data/crs/systems.toml; None where EPSG has no such plane.

    The 3-degree and the 6-degree plane of one meridian without zone number are the same; the name decides, else 3 degrees.
    """
    about = datums()[family]
    meridian, easting = plane
    three, six = (meridian - 75) / 3, (meridian - 75) / 6
    if easting == 500_000:
        if (
            six == int(six)
            and 0 <= six <= 10
            and _says("six_degrees", name)
            and not _says("three_degrees", name)
        ):
            return int(about["first_cm_6"] + six)
        return int(about["first_cm_3"] + three) if three == int(three) and 0 <= three <= 20 else None
    zone, rest = divmod(easting, 1_000_000)
    if rest != 500_000:
        return None
    if zone * 3 == meridian and 25 <= zone <= 45:
        return int(about["first_zone_3"] + zone - 25)
    if zone * 6 - 3 == meridian and 13 <= zone <= 23:
        return int(about["first_zone_6"] + zone - 13)
    return None


def _family(crs: pyproj.CRS) -> tuple[str | None, str]:
    """The datum of data/crs/systems.toml that a CRS stands on: by the datum's name, else by the ellipsoid."""
    systems = datums()
    datum = crs.datum.name if crs.datum is not None else ""
    for said in (datum, crs.geodetic_crs.name if crs.geodetic_crs else ""):
        for family, about in systems.items():
            if any(n in said.lower() for n in about["names"]) and _same_ellipsoid(crs, about):
                return family, "parameters"
    for family, about in systems.items():
        if _nameless(datum) and _same_ellipsoid(crs, about):
            return family, "ellipsoid"
    return None, ""


def _nameless(datum: str) -> bool:
    said = datum.lower()
    return not said or any(
        w in said for w in ("unknown", "unnamed", "user", "custom", "not specified", "based on")
    )


def _same_ellipsoid(crs: pyproj.CRS, about: dict[str, Any]) -> bool:
    found = crs.ellipsoid
    return (
        found is not None
        and abs(found.semi_major_metre - about["semi_major_m"]) < 1e-3
        and abs(found.inverse_flattening - about["inverse_flattening"]) < 1e-6
    )


def contradiction(crs: pyproj.CRS) -> tuple[str, str] | None:
    """What the name of a plane says against its own parameters (名实不符), as (said, is); None where they agree.

    A definition that was edited by hand, or a datum that was only relabelled, often shows here.
    """
    plane = plane_of(crs)
    if plane is None:
        return None
    zone, meridian = _says("zone", crs.name), _says("meridian", crs.name)
    if zone:
        number = int(zone[1])
        said = number * 3.0 if number >= 25 else number * 6.0 - 3
        if said != plane.meridian and 13 <= number <= 45:
            return f"{said:g}°E", f"{plane.meridian:g}°E"
    elif meridian and float(meridian[1]) != plane.meridian:
        return f"{meridian[1]}°E", f"{plane.meridian:g}°E"
    for family, about in datums().items():
        if any(n in crs.name.lower() for n in about["names"]) and not _same_ellipsoid(crs, about):
            return str(about["en"]), str(crs.ellipsoid.name if crs.ellipsoid else family)
    return None

"""Which of the two numbers of a coordinate text is the northing, and in which zone of which datum: decided or refused.

Every reading that leads to land of China is listed (axes x zone).  One is left: it is taken, and said.  Several: an error
gives them all, each with its distance from the study area.  The study may state axes, zone or CRS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np

import pyproj
import shapely

from landkit.arrays import Floats
from landkit.errors import CRSError, LayerError
from landkit.io.boundary.text import BoundaryText
from landkit.io.crs import read_crs
from landkit.text import Lang, data_toml, term, text

Axes = Literal["northing_first", "easting_first"]
AXES: Final[tuple[Axes, ...]] = ("northing_first", "easting_first")
_SHOWN: Final = 4  # readings that an error lists
_ZONE_M: Final = 1_000_000.0  # what a zone's number before the easting counts


class Told(NamedTuple):
    """What a study says of its coordinate texts: axes, zone, and where its area lies (degrees, longitude first)."""

    axes: Axes | None = None
    zone: int | None = None
    near: shapely.Geometry | None = None


@dataclass(frozen=True)
class Place:
    """One reading of the numbers: the axes, the CRS, what is added to the easting, and where the middle then lies."""

    axes: Axes
    crs: pyproj.CRS
    datum: str | None
    zone: int | None
    shift_m: float
    longitude: float
    latitude: float

    def distance_km(self, near: shapely.Geometry | None) -> float | None:
        """Kilometres on the ellipsoid from the study area; 0 inside it, None where the study has none."""
        if near is None or near.is_empty:
            return None
        here = shapely.Point(self.longitude, self.latitude)
        there = shapely.shortest_line(here, near).coords[-1]
        metres = pyproj.Geod(ellps="GRS80").inv(self.longitude, self.latitude, *there[:2])[2]
        return float(metres) / 1000


class Readings(NamedTuple):
    """Several readings, as one fact of an error."""

    places: Sequence[Place]
    near: shapely.Geometry | None = None

    def say(self, lang: Lang) -> str:
        """The nearest first."""
        far = {id(p): p.distance_km(self.near) for p in self.places}
        ordered = sorted(self.places, key=lambda p: far[id(p)] or 0.0)
        said = [self._one(p, far[id(p)], lang) for p in ordered[:_SHOWN]]
        left = len(ordered) - len(said)
        more = [text("boundary.more", lang, count=left)] if left else []
        return (" | ").join(said + more)

    def _one(self, place: Place, far: float | None, lang: Lang) -> str:
        where = text("boundary.reading", lang, axes=term("axes", place.axes, lang), crs=name_of(place.crs),
                     lon=f"{place.longitude:.3f}", lat=f"{place.latitude:.3f}")  # fmt: skip
        return where if far is None else where + text("boundary.distance", lang, km=f"{far:,.1f}")


def name_of(crs: pyproj.CRS) -> str:
    """A CRS for a reader: `CGCS2000 / 3-degree Gauss-Kruger zone 40 (EPSG:4528)`."""
    number = crs.to_epsg()
    return f"{crs.name} (EPSG:{number})" if number else str(crs.name)


@dataclass(frozen=True)
class Header:
    """What a header says of its CRS, in codes: None where it says nothing."""

    datum: str | None
    degrees: str | None
    zone: int | None
    in_degrees: bool

    @classmethod
    def of(cls, content: BoundaryText, *, path: str, crs_is_stated: bool) -> Header:
        """Raises: LayerError for words that are not known; a CRS that the study states stands for them."""
        known = data_toml("coordinate_text.toml")
        datum = code_of(content.said("datum"), {d["id"]: d["words"] for d in known["datum"]})
        projection = code_of(content.said("projection"), known["projections"])
        unit = code_of(content.said("unit"), known["units"])
        degrees = digits_of(content.said("degrees"))
        zone = content.said("zone")
        odd = {
            "datum": datum == "?" and not crs_is_stated,
            "projection": projection == "?" and not crs_is_stated,
            "unit": unit == "?",
            "degrees": degrees not in ("", "3", "6") and not crs_is_stated,
            "zone": bool(zone) and not zone.isdigit(),
        }
        for key in (k for k, is_odd in odd.items() if is_odd):
            word = known["keys"][key][0]
            raise LayerError("boundary_header", path=path, key=word, value=content.said(key))
        return cls(
            None if datum == "?" else datum, degrees or None, int(zone) if zone else None, unit == "degree"
        )


def digits_of(said: str) -> str:
    """The number in `3`, `3度` or `3度带`; what was said where there is none."""
    found = re.match(r"\d+", said)
    return found[0] if found else said


def code_of(said: str, known: Mapping[str, Sequence[str]]) -> str | None:
    """The code whose words hold what was said; None where nothing was, "?" where nobody knows it."""
    plain = "".join(said.split()).upper()
    if not plain:
        return None
    return next((code for code, words in known.items() if plain in {w.upper() for w in words}), "?")


def decide_place(
    content: BoundaryText, pairs: Sequence[Floats], *, path: str, crs: str | None, told: Told
) -> Place:
    """The one reading of the plots' number pairs (each an array n x 2) that can be.

    Raises: CRSError where there are several or none, where the datum is not said, or the study's CRS is another one.
    """
    stated = read_crs(crs, layer=path) if crs else None
    header = Header.of(content, path=path, crs_is_stated=stated is not None)
    numbers = np.concatenate(list(pairs))
    places = list(_places(numbers, header, stated, told))
    if not places:
        _refuse_nowhere(pairs, header, stated, told, path)
    if stated is not None:
        fits = [p for p in places if p.crs.equals(stated, ignore_axis_order=True)]
        if not fits:
            raise CRSError(
                "boundary_crs_other", path=path, crs=name_of(stated), readings=Readings(places, told.near)
            )
        places = fits
    if len(places) > 1:
        raise CRSError("boundary_ambiguous", path=path, readings=Readings(places, told.near))
    if places[0].datum is None and stated is None:
        codes = " / ".join(name_of(_crs_of(d, places[0])) for d in data_toml("coordinate_text.toml")["datum"])
        raise CRSError("boundary_datum", path=path, codes=codes)
    return places[0]


def _refuse_nowhere(
    pairs: Sequence[Floats], header: Header, stated: pyproj.CRS | None, told: Told, path: str
) -> None:
    """No reading fits all plots.  Raises: CRSError that tells whether the plots differ among themselves."""
    each = [list(_places(p, header, stated, told)) for p in pairs]
    keys = [{(p.axes, p.zone) for p in places} for places in each]
    odd = next((i for i, k in enumerate(keys) if k and keys[0] and not k & keys[0]), None)
    if odd is not None:
        both = Readings([each[0][0], each[odd][0]], told.near)
        raise CRSError("boundary_mixed", path=path, first=1, second=odd + 1, readings=both)
    numbers = np.concatenate(list(pairs))
    low, high = numbers.min(axis=0), numbers.max(axis=0)
    raise CRSError(
        "boundary_nowhere",
        path=path,
        first=f"{low[0]:.3f}-{high[0]:.3f}",
        second=f"{low[1]:.3f}-{high[1]:.3f}",
    )


def _places(numbers: Floats, header: Header, stated: pyproj.CRS | None, told: Told) -> Iterator[Place]:
    """All readings that lead to land of China."""
    own = family_of(stated) if stated is not None else None
    for axes in (told.axes,) if told.axes else AXES:
        north, east = (0, 1) if axes == "northing_first" else (1, 0)
        ne = numbers[:, [north, east]]
        if stated is not None and own is None:
            yield from _place(axes, ne, stated, None, None, 0.0)
        elif header.in_degrees or (own is not None and own.degrees is None) or _look_like_degrees(ne):
            datum = header.datum or (own.datum if own else None)
            yield from _place(axes, ne, _crs(datum, None, None, numbered=False), datum, None, 0.0)
        else:
            yield from _gauss_places(axes, ne, header, own, told)


def _look_like_degrees(ne: Floats) -> bool:
    return bool((np.abs(ne) <= 180.0).all())  # metres as small as that lie nowhere in China


class Family(NamedTuple):
    """Where a CRS stands in the table of coordinate_text.toml; `degrees` None for a geographic one."""

    datum: str
    degrees: str | None
    zone: int | None


def family_of(crs: pyproj.CRS) -> Family | None:
    """Datum, width and zone of a Gauss-Kruger or geographic CRS of China; None for any other."""
    number = crs.to_epsg()
    known = data_toml("coordinate_text.toml")
    for datum in known["datum"]:
        if number == datum["geographic"]:
            return Family(datum["id"], None, None)
        for kind in ("numbered", "plain"):
            for degrees, first in datum[kind].items():
                low, high = known["china"]["first_zone"][degrees], known["china"]["last_zone"][degrees]
                if number is not None and first <= number <= first + high - low:
                    return Family(datum["id"], degrees, low + number - first)
    return None


def _crs(datum: str | None, degrees: str | None, zone: int | None, *, numbered: bool) -> pyproj.CRS:
    """The CRS of a zone; CGCS2000 stands for a datum that nobody has said: they differ by some hundred metres at most."""
    known = data_toml("coordinate_text.toml")
    about = next((d for d in known["datum"] if d["id"] == datum), known["datum"][0])
    if degrees is None or zone is None:
        return pyproj.CRS.from_epsg(about["geographic"])
    first = about["numbered" if numbered else "plain"][degrees]
    return pyproj.CRS.from_epsg(first + zone - known["china"]["first_zone"][degrees])


def _crs_of(datum: dict[str, Any], place: Place) -> pyproj.CRS:
    """The same zone of another datum."""
    own = family_of(place.crs)
    degrees = own.degrees if own else None
    numbered = bool(place.crs.is_projected and false_easting_m(place.crs) > _ZONE_M)
    return _crs(datum["id"], degrees, place.zone, numbered=numbered)


def false_easting_m(crs: pyproj.CRS) -> float:
    """40,500,000 where the zone's number stands before the easting, else 500,000."""
    return float(crs.to_cf().get("false_easting", 0.0))


def _gauss_places(axes: Axes, ne: Floats, header: Header, own: Family | None, told: Told) -> Iterator[Place]:
    prefix = np.unique(np.floor(ne[:, 1] / _ZONE_M))
    if len(prefix) != 1 or prefix[0] < 0:
        return
    inside = int(prefix[0])
    if inside and not any(_zones([inside], None)):
        return  # a northing of thousands of kilometres, no zone
    said = told.zone or header.zone
    datum = header.datum or (own.datum if own else None)
    if inside:
        zones = [told.zone] if told.zone else sorted({inside, header.zone or inside})
    else:
        zones = [z for z in (told.zone, header.zone, own.zone if own else None) if z][:1]
    for zone, degrees in _zones(zones, (own.degrees if own else None) or (None if said else header.degrees)):
        crs = _crs(datum, degrees, zone, numbered=inside > 0)
        yield from _place(axes, ne, crs, datum, zone, (zone - inside) * _ZONE_M if inside else 0.0)


def _zones(zones: Sequence[int], degrees: str | None) -> Iterator[tuple[int, str]]:
    """Zones with their width: a number belongs to one width alone; where none is known, all of the width that is said."""
    china = data_toml("coordinate_text.toml")["china"]
    for width in ("3", "6"):
        known = range(china["first_zone"][width], china["last_zone"][width] + 1)
        if not zones and degrees in (None, width):
            yield from ((zone, width) for zone in known)
        yield from ((zone, width) for zone in zones if zone in known)


def _place(
    axes: Axes, ne: Floats, crs: pyproj.CRS, datum: str | None, zone: int | None, shift_m: float
) -> Iterator[Place]:
    """The reading, if it leads to land of China and keeps within reach of its meridian."""
    china = data_toml("coordinate_text.toml")["china"]
    north, east = ne.mean(axis=0)
    own = family_of(crs)
    if own is not None and own.degrees is not None:
        off = np.abs(ne[:, 1] + shift_m - false_easting_m(crs)).max()
        if off > china["reach"][own.degrees]:
            return
    there = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    corners = there.transform(
        np.array([east, ne[:, 1].min(), ne[:, 1].max()]) + shift_m,
        np.array([north, ne[:, 0].min(), ne[:, 0].max()]),
    )
    lon, lat = (np.asarray(values, dtype=float) for values in corners)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return
    if ((lon >= china["west"]) & (lon <= china["east"])).all() and (
        (lat >= china["south"]) & (lat <= china["north"])
    ).all():
        yield Place(axes, crs, datum, zone, shift_m, float(lon[0]), float(lat[0]))

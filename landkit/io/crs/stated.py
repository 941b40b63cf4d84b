"""What a file and a study say of a layer's CRS (坐标系), and what that means: nothing is assumed, a contradiction stops."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import pyproj

from landkit.errors import CRSError
from landkit.io.crs.identify import contradiction, identify
from landkit.model import Finding, why


class Settled(NamedTuple):
    """A frame with its CRS, what people should look at, and what was decided."""

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    facts: dict[str, Any]


class Agreed(NamedTuple):
    """A CRS, what people should look at, and what was decided."""

    crs: pyproj.CRS
    findings: tuple[Finding, ...]
    facts: dict[str, Any]


def read_crs(user_input: object, *, layer: str) -> pyproj.CRS:
    """A CRS from a study file, or as a file states it.  Raises: CRSError naming the layer."""
    try:
        return pyproj.CRS.from_user_input(user_input)
    except pyproj.exceptions.CRSError as error:
        raise CRSError("crs_unknown", layer=layer, crs=str(user_input)) from error


def with_crs(frame: gpd.GeoDataFrame, crs: str | None, *, layer: str) -> gpd.GeoDataFrame:
    """The frame with the CRS that its file or else the study states.   Raises: as `settle_crs`."""
    return settle_crs(frame, crs, layer=layer).frame


def settle_crs(frame: gpd.GeoDataFrame, crs: str | None, *, layer: str) -> Settled:
    """The CRS of a frame: what its file says, or else the study; as EPSG numbers it, where it is one of EPSG's.

    Raises: CRSError where neither says, the two disagree, or it is a local grid that has no place on the earth.
    """
    agreed = agree_on_crs(frame.crs, crs, layer=layer)
    return Settled(frame.set_crs(agreed.crs, allow_override=True), agreed.findings, {"crs": agreed.facts})


def agree_on_crs(said: pyproj.CRS | None, given: str | None, *, layer: str) -> Agreed:
    """The same without rows: what a file says of its CRS, or else what was given by hand.   Raises: as `settle_crs`."""
    stated = read_crs(given, layer=layer) if given else None
    found = said if said is not None else stated
    if found is None:
        raise CRSError("crs_missing", layer=layer)
    if not _on_earth(found):
        raise CRSError("crs_local", layer=layer, crs=found.name)
    meant, findings, facts = _meant(found)
    if said is not None and stated is not None and not _equal(meant, _meant(stated)[0]):
        raise CRSError("crs_disagrees", layer=layer, file_crs=said.name, study_crs=stated.name)
    source = "file" if said is not None else "study"
    return Agreed(meant, tuple(findings), {"said": found.name, "source": source, **facts})


def _on_earth(crs: pyproj.CRS) -> bool:
    return (crs.is_projected or crs.is_geographic or crs.is_bound) and crs.ellipsoid is not None


def _equal(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    return bool(one.equals(other, ignore_axis_order=True))


def _meant(said: pyproj.CRS) -> tuple[pyproj.CRS, list[Finding], dict[str, Any]]:
    """The EPSG system that a definition means, itself where it means none; with findings about the way there."""
    identity, findings = identify(said), []
    meant = said if identity.epsg is None or said.is_bound else pyproj.CRS.from_epsg(identity.epsg)
    if identity.by in ("parameters", "ellipsoid"):
        check = "crs.identified" if identity.by == "parameters" else "crs.guessed_datum"
        reason = why(
            f"crs_identified_{identity.by}", said=said.name, epsg=f"EPSG:{identity.epsg}", name=meant.name
        )
        findings.append(Finding("", check, "note" if identity.by == "parameters" else "warning", reason))
    clash = contradiction(said)
    if clash:
        reason = why("crs_name_contradicts", said=said.name, name_says=clash[0], it_is=clash[1])
        findings.append(Finding("", "crs.name_contradicts", "warning", reason))
    return meant, findings, {"epsg": identity.epsg, "by": identity.by or "definition"}

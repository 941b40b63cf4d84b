"""What only GDAL's own functions write: code lists (domains) of a file geodatabase, and curves in it.

pyogrio has no function for them, so the library that stands in its wheel is called by its C interface.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import pytest

import pyogrio

_POINTER, _WORDS, _NUMBER = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "GDALOpenEx": (_POINTER, [_WORDS, ctypes.c_uint, _POINTER, _POINTER, _POINTER]),
    "GDALClose": (_NUMBER, [_POINTER]),
    "GDALDatasetGetLayerByName": (_POINTER, [_POINTER, _WORDS]),
    "GDALDatasetAddFieldDomain": (ctypes.c_bool, [_POINTER, _POINTER, _POINTER]),
    "OGR_CodedFldDomain_Create": (_POINTER, [_WORDS, _WORDS, _NUMBER, _NUMBER, _POINTER]),
    "OGR_Fld_Create": (_POINTER, [_WORDS, _NUMBER]),
    "OGR_Fld_SetDomainName": (None, [_POINTER, _WORDS]),
    "OGR_L_AlterFieldDefn": (_NUMBER, [_POINTER, _NUMBER, _POINTER, _NUMBER]),
}
_UPDATE_VECTOR, _STRING, _DOMAIN_FLAG = 0x05, 4, 0x40


class _Code(ctypes.Structure):
    _fields_ = (("code", _WORDS), ("words", _WORDS))


def _library() -> Any:
    folder = Path(pyogrio.__file__).parent.parent
    found = sorted(folder.glob("pyogrio.libs/libgdal*"))
    if not found:
        pytest.skip("pyogrio's wheel on this system does not carry libgdal as a file of its own")
    library = ctypes.CDLL(str(found[0]))
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def add_code_list(path: Path, layer: str, field: str, codes: dict[str, str]) -> None:
    """Give the first field of a layer a coded-value domain, as ArcGIS does."""
    gdal = _library()
    base = gdal.GDALOpenEx(str(path).encode(), _UPDATE_VECTOR, None, None, None)
    listed = (_Code * (len(codes) + 1))(
        *[_Code(c.encode(), w.encode()) for c, w in codes.items()], _Code(None, None)
    )
    domain = gdal.OGR_CodedFldDomain_Create("用途".encode(), b"", _STRING, 0, listed)
    assert gdal.GDALDatasetAddFieldDomain(base, domain, None)
    place = gdal.GDALDatasetGetLayerByName(base, layer.encode())
    definition = gdal.OGR_Fld_Create(field.encode(), _STRING)
    gdal.OGR_Fld_SetDomainName(definition, "用途".encode())
    assert gdal.OGR_L_AlterFieldDefn(place, 0, definition, _DOMAIN_FLAG) == 0
    gdal.GDALClose(base)

"""Who made a part: parts that different code or different libraries made are not put together."""

from __future__ import annotations

import functools
import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pyproj
import shapely

PACKAGE: Final = Path(__file__).parents[1]
RECKONERS: Final = ("numba", "numpy", "pyarrow", "shapely")


def made_by() -> dict[str, str]:
    """What the numbers of an overlay depend on besides its data (计算程序状态): landkit's own sources and the libraries below.

    The version of landkit does not tell one state under development from another; the sources do.
    """
    libraries = {name: version(name) for name in RECKONERS}
    below = {"geos": shapely.geos_version_string, "proj": pyproj.proj_version_str}
    return {"landkit": sources_digest(PACKAGE), **libraries, **below}


@functools.cache
def sources_digest(package: Path) -> str:
    """A name for the sources of a package: another one as soon as a byte of them differs, whatever version it states."""
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        content = source.read_bytes()
        digest.update(len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()[:24]

"""What is asked of a source: which file, which layer, how its text is written, within which limits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from landkit.errors import LayerError, nearest
from landkit.io.boundary.crs import Told
from landkit.io.limits import Limits
from landkit.model import Finding, Reading, finding, why

BATCH_ROWS = 50_000


@dataclass(frozen=True)
class Asked:
    """One source as it was asked for (读取请求): `path` is what is opened, `said` how its user calls it.

    `packed_in` is the folder that a zip was unpacked into, for what stands in one.
    """

    path: Path
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    limits: Limits = field(default_factory=Limits)
    told: Told | None = None  # what a study says of a coordinate text
    said: str = ""
    packed_in: Path | None = None
    address: str = ""  # of a database, for what is no file

    @property
    def name(self) -> str:
        """The file as messages call it."""
        return self.said or str(self.path)


class Family(Protocol):
    """How one family of formats is read; its rows may lack a CRS."""

    def headers(self, asked: Asked) -> list[dict[str, Any]]:
        """Each layer without its rows: layer, rows, crs, extent, fields, types, geometry, encoding, encoding_by."""

    def read(self, asked: Asked) -> Reading:
        """All rows of one layer."""

    def batches(self, asked: Asked, rows: int) -> Iterator[Reading]:
        """The same rows, so many at a time."""


def choose_layer(asked: Asked, names: Sequence[str]) -> str:
    """The layer that was asked for, or the only one.   Raises: LayerError with the names there are, the nearest first."""
    if not names:
        raise LayerError("file_unreadable", path=asked.name, detail="0 layers")
    if asked.layer is None:
        if len(names) > 1:
            raise LayerError("layer_not_named", path=asked.name, names="/".join(names[:20]))
        return names[0]
    if asked.layer not in names:
        guess = nearest(asked.layer, names) or "/".join(names[:20])
        raise LayerError("layer_missing", path=asked.name, layer=asked.layer, guess=guess)
    return asked.layer


def about_link(path: Path) -> list[Finding]:
    """A note where the path is a link: what was read stands elsewhere."""
    if not path.is_symlink():
        return []
    target = os.path.realpath(path)
    return [finding("", "file.is_link", why("is_link", path=path.name, target=Path(target).name))]


def slices(reading: Reading, rows: int) -> Iterator[Reading]:
    """A reading that stands whole in memory, so many rows at a time; what was found goes with the first."""
    for start in range(0, max(len(reading.frame), 1), rows):
        part = reading.frame.iloc[start : start + rows]
        yield Reading(part, reading.findings if start == 0 else (), reading.facts)

"""Prepared zones as files that workers map into memory: read by nobody who does not need them, copied by nobody.

The zones of a province weigh hundreds of megabytes.  Sent through a scheduler they are packed, sent, unpacked and held once
for every worker; as files beside the results, which every worker sees anyway, they are held once for each machine.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landkit.errors import LayerError
from landkit.io.folders import refusal
from landkit.io.parts import ZONES as PREFIX

if TYPE_CHECKING:
    from landkit.overlay.kernel.arrow import PreparedZones

LABELS: Final = "labels.arrow"


@contextlib.contextmanager
def laid_out(zones: PreparedZones, beside: Path) -> Iterator[Path]:
    """The folder with the zones (共享控制区), in the folder `beside`, gone when it is left; what a killed run left goes too.

    Workers may write into it what they could write beside it, which goes with it unless it is moved.

    Raises: PlaceError where it cannot be written.
    """
    for left in beside.glob(f"{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=beside))
        _open_like(beside, folder)
        _write(zones, folder)
    except OSError as error:
        raise refusal(error, beside) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open_like(beside: Path, folder: Path) -> None:
    """Workers may belong to another user: who may write beside it may write into it."""
    there = beside.stat()
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):  # a group that this user is not in
            os.chown(folder, -1, there.st_gid)
    folder.chmod(stat.S_IMODE(there.st_mode))


def _write(zones: PreparedZones, folder: Path) -> None:
    import pyarrow as pa

    layer = zones.layer
    columns = {**layer.polygons._asdict(), **layer.wkb._asdict()}
    for name, values in columns.items():
        np.save(folder / f"{name}.npy", values, allow_pickle=False)
    labels = pa.table({"label": zones.labels}).replace_schema_metadata({"crs": zones.crs})
    with pa.ipc.new_file(folder / LABELS, labels.schema) as file:
        file.write_table(labels)


def mapped(folder: Path) -> PreparedZones:
    """The zones of such a folder, of which only what is looked at is read.

    What would be written into them stays in this process.

    Raises: LayerError where this machine does not see the folder.
    """
    import pyarrow as pa

    from landkit.overlay.kernel.arrow import PreparedZones  # loads numba
    from landkit.overlay.kernel.polygons import Polygons
    from landkit.overlay.kernel.reading import Layer, Wkb

    def columns(kind: Any) -> Any:
        files = [folder / f"{name}.npy" for name in kind._fields]
        return kind(*[np.load(file, mmap_mode="c", allow_pickle=False).view(np.ndarray) for file in files])

    try:
        with pa.ipc.open_file(folder / LABELS) as file:
            table = file.read_all()
        layer = Layer(columns(Polygons), columns(Wkb))
    except OSError as error:
        raise LayerError("cluster_unseen", path=str(folder)) from error
    labels = table["label"].combine_chunks()
    return PreparedZones(layer, labels, table.schema.metadata[b"crs"].decode())

"""Files packed into a zip, the same bytes for the same content; and what no spreadsheet takes for a formula."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Final

_ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def zip_folder(folder: Path, path: Path) -> None:
    """Pack all files below a folder, in order of name and with a fixed time; names are marked as UTF-8 where needed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _ZIP_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            with file.open("rb") as source, packed.open(entry, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)


def defused(cell: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe before it where it would be one."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

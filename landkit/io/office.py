"""LibreOffice, where a machine has it: a Word document as PDF (转 PDF)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from landkit.errors import PlaceError

_PROGRAMS: Final = ("soffice", "libreoffice")
_PLACES: Final = (
    Path("C:/Program Files/LibreOffice/program/soffice.exe"),
    Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
)
_LONGEST_S: Final = 120


def as_pdf(document: Path, pdf: Path) -> None:
    """Write the document as PDF; the user's own LibreOffice settings are neither read nor changed.

    Raises: PlaceError where there is no LibreOffice, or it fails or takes too long.
    """
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    program = program or next((str(p) for p in _PLACES if p.is_file()), None)
    if program is None:
        raise PlaceError("report_no_office")
    with tempfile.TemporaryDirectory(prefix="landkit-", ignore_cleanup_errors=True) as folder:
        profile = Path(folder, "profile").as_uri()
        command = [
            program,
            f"-env:UserInstallation={profile}",
            "--headless",
            "--norestore",
            "--convert-to",
            "pdf",
        ]
        try:
            done = subprocess.run(  # noqa: S603  a program of the machine, and our own document
                [*command, "--outdir", folder, str(document)],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_LONGEST_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PlaceError("report_pdf", path=document.name, detail=type(error).__name__) from error
        made = Path(folder, document.with_suffix(".pdf").name)
        if done.returncode or not made.is_file():
            detail = (done.stderr or done.stdout).strip()[:160] or str(done.returncode)
            raise PlaceError("report_pdf", path=document.name, detail=detail)
        shutil.copyfile(made, pdf)

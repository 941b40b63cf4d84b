"""Loops compiled by numba, and where their machine code is kept between runs.

The cache lies in the user's own cache folder, under a name made from the kernel's sources: a changed source
never meets old machine code (numba itself looks only at the file of the outer function, not at those it
calls), and nobody waits for the compiler twice.  Where no folder can be written the code is compiled anew.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numba


def cache_home() -> Path:
    """The user's cache folder for landkit (缓存目录); `LANDKIT_CACHE` names another."""
    if "LANDKIT_CACHE" in os.environ:
        return Path(os.environ["LANDKIT_CACHE"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / "landkit"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "landkit"


def sources() -> list[Path]:
    """Every file that machine code is made from: loops, the numbers they take and the shape of what they are given."""
    overlay = Path(__file__).parents[1]
    return [
        *sorted(overlay.glob("kernel/*.py")),
        *sorted(overlay.glob("walk/*.py")),
        overlay / "edge_tree.py",
    ]


def _digest() -> str:
    """A name for the machine code: it changes with any of its sources."""
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources())).hexdigest()[:16]


def is_own(folder: Path) -> bool:
    """Whether the folder can be written, and by nobody else: what lies in it is loaded and run."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
        if hasattr(os, "getuid") and (state.st_uid != os.getuid() or state.st_mode & 0o022):
            return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _cache_folder() -> Path | None:
    name = f"kernel-{_digest()}"
    own = Path(tempfile.gettempdir()) / f"landkit-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    return next((home / name for home in (cache_home(), own) if is_own(home / name)), None)


CACHE = _cache_folder()


def compiled(
    function: Callable[..., Any], *, inline: Literal["never", "always"] = "never", counted: bool = True
) -> Callable[..., Any]:
    """The function as machine code that runs without the interpreter lock (编译).

    With `counted` false it does not count references to arrays: it may make views of arrays, and no array.
    """
    settings: Any = numba.config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(CACHE or before)
    try:
        how: Any = {"cache": CACHE is not None, "nogil": True, "inline": inline}
        how |= {} if counted else {"_nrt": False}  # numba's own switch for its runtime, not in its manual
        quick: Callable[..., Any] = numba.njit(**how)(function)
    finally:
        settings.CACHE_DIR = before
    return quick


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same, compiled into its callers: for what is called at every point, where handing arrays over costs most."""
    return compiled(function, inline="always")


def borrowing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a loop that only works on its caller's arrays: counting references to them would cost half its time."""
    return compiled(function, counted=False)

"""Machine code kept between runs never outlives what it was made from."""

import ast
from pathlib import Path

import landkit
from landkit.overlay.kernel.compiled import sources

ROOT = Path(landkit.__file__).parents[1]  # of the package that is tested, wherever it is installed
LOOPS = "landkit.overlay.kernel.compiled"


def taken_from(source):
    """Files of landkit.overlay from which a file takes names when it is loaded."""
    modules = [
        n.module for n in ast.parse(source.read_text(encoding="utf-8")).body if isinstance(n, ast.ImportFrom)
    ]
    return {f"{m.replace('.', '/')}.py" for m in modules if m and m.startswith("landkit.overlay")}


def test_the_cache_of_machine_code_is_named_after_every_file_that_loops_take_numbers_from():
    named = {source.relative_to(ROOT).as_posix() for source in sources()}
    loops = {
        source.relative_to(ROOT).as_posix(): taken_from(source)
        for source in (ROOT / "landkit").rglob("*.py")
        if f"{LOOPS.replace('.', '/')}.py" in taken_from(source)
    }
    assert len(loops) > 10
    assert "landkit/overlay/walk/columns.py" in loops["landkit/overlay/walk/meeting.py"]
    assert set(loops) <= named
    assert set().union(*loops.values()) <= named

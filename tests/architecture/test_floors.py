"""Imports go down only, heavy libraries are loaded where they are used, and nothing in the house is tied to one machine."""

from __future__ import annotations

import ast
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from source import PACKAGE, modules, strings

ROOT = PACKAGE.parent
HEAVY = (
    "pandas",
    "geopandas",
    "folium",
    "rasterio",
    "numpy",
    "shapely",
    "pyproj",
    "pyogrio",
    "matplotlib",
    "xlsxwriter",
    "openpyxl",
    "pydantic",
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")

# What may stand in Chinese in a .py: what is looked for in the data of others, a font, a default of study.toml.
CHINESE_ALLOWED = {
    "io/columns.py": {"无", "是", "有", "否"},
    "present/workbook.py": {"微软雅黑"},
    "study/spec.py": {"元"},
    "text.py": {"元"},
}
# EPSG codes in the code: the working CRS that `init` proposes for Yangzhou; the degrees of a web map.
EPSG_ALLOWED = {
    "bench/city.py": {"EPSG:4549"},
    "workflow/proposal/study.py": {"EPSG:4549"},
    "present/webmap/prepare.py": {"EPSG:4326"},
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("import-linter is not installed")
    return subprocess.run(
        [command, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


def test_imports_go_down_only() -> None:
    """The contracts of pyproject.toml: floors, drawing only in present, data files only in io."""
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("units.py", "import landkit.cli", "imports go down only"),
        ("analysis/parks.py", "import landkit.io.write", "imports go down only"),
        ("workflow/verbs.py", "import folium", "only present draws"),
        ("analysis/parks.py", "import pyogrio", "only io opens data files"),
    ],
)
def test_an_import_in_the_wrong_direction_is_found(
    tmp_path: Path, file: str, line: str, contract: str
) -> None:
    """Negative control: each contract refuses a planted import, a wing importing a wing too."""
    shutil.copytree(PACKAGE, tmp_path / "landkit", ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "landkit" / file
    planted.write_text(planted.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = lint(tmp_path)

    assert done.returncode != 0
    assert re.search(rf"{contract}.* BROKEN", done.stdout), done.stdout[-2000:]


def chinese_in(package: Path) -> list[str]:
    found = []
    for file in modules(package):
        name = file.relative_to(package).as_posix()
        for line, value in strings(file):
            left = value
            for allowed in sorted(CHINESE_ALLOWED.get(name, ()), key=len, reverse=True):
                left = left.replace(allowed, "")
            if CHINESE.search(left):
                found.append(f"{name}:{line} {value[:40]!r}")
    return found


def test_words_for_users_stand_in_the_data() -> None:
    """No Chinese in a .py but in docstrings, comments and what is listed here: words come by key (style 11)."""
    assert chinese_in(PACKAGE) == []


def test_a_chinese_word_in_the_code_is_found(tmp_path: Path) -> None:
    """Negative control, also inside an f-string; docstrings and comments are free."""
    (tmp_path / "x.py").write_text(
        '"""说明"""\n\ndef f(n):\n    """说明"""\n    # 注释\n    return f"共{n}宗"\n', encoding="utf-8"
    )

    assert [line.split(" ")[0] for line in chinese_in(tmp_path)] == ["x.py:6", "x.py:6"]


def test_every_exemption_is_still_needed() -> None:
    """A list of exceptions must not outlive them."""
    for name, words in CHINESE_ALLOWED.items():
        said = " ".join(value for _, value in strings(PACKAGE / name))
        assert [w for w in words if w not in said] == [], name
    for name, codes in EPSG_ALLOWED.items():
        said = " ".join(value for _, value in strings(PACKAGE / name))
        assert [c for c in codes if c not in said] == [], name


def test_no_coordinate_system_is_fixed_in_the_code() -> None:
    """The study says where it is; a literal would be Yangzhou everywhere (smell 2)."""
    found = {
        (file.relative_to(PACKAGE).as_posix(), code)
        for file in modules()
        for _, value in strings(file)
        for code in re.findall(r"(?i)epsg:\d+", value)
    }

    assert found == {(name, code) for name, codes in EPSG_ALLOWED.items() for code in codes}


def test_no_path_of_a_machine_stands_in_the_code_or_its_data() -> None:
    """Neither of this one nor of anybody's."""
    machine = re.compile(r"(?<![\w.])/(?:home|root|work|Users|mnt|opt)/\w|[A-Z]:\\\\?\w")
    texts = {
        f: f.read_text(encoding="utf-8") for f in [*modules(), *sorted((PACKAGE / "data").rglob("*.toml"))]
    }

    assert [
        f"{f.relative_to(PACKAGE)}: {m.group()}" for f, t in texts.items() if (m := machine.search(t))
    ] == []


def test_nothing_is_passed_over_in_silence() -> None:
    """No bare `except: pass`, no warning switched off for all, no print, no buffer(0), no assertion about users."""
    found = []
    for file in modules():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            said = ast.unparse(node) if isinstance(node, ast.Call) else ""
            if re.search(r"simplefilter\('ignore'\)$|\.buffer\(0\)$|inplace=True\)$|pickle\.", said):
                found.append(f"{file.name}: {said}")
            if isinstance(node, ast.ExceptHandler) and all(isinstance(x, ast.Pass) for x in node.body):
                found.append(f"{file.name}:{node.lineno} except and pass")
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("print", "exec", "eval"):
                found.append(f"{file.name}:{node.lineno} {node.func.id}")  # type: ignore[attr-defined]

    assert found == []


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "doing",
    [
        "import landkit; dir(landkit)",
        "import landkit; landkit.LandkitError",
        "from landkit import cli; cli.commands('zh')",
    ],
)
def test_importing_landkit_loads_nothing_heavy(doing: str) -> None:
    """A verb loads what it needs when it is called."""
    loaded = run_python(f"import sys; {doing}; print([m for m in {HEAVY!r} if m in sys.modules])")

    assert loaded == "[]"


def test_help_loads_nothing_heavy() -> None:
    """Checked at the end of the real command."""
    code = f"""
import sys
from landkit.cli import main
try:
    main(["--help"])
except SystemExit as end:
    assert not end.code
print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stdout)
"""
    assert run_python(code).splitlines()[-1] == "[]"


def test_help_answers_in_half_a_second() -> None:
    """The median of five starts of the installed command; processor time, so that a busy machine does not matter."""
    command = Path(sys.executable).parent / "landkit"
    if not command.exists():
        pytest.skip("the landkit command is not installed beside this Python")
    took = []
    for _ in range(5):
        before = os.times()
        subprocess.run([command, "--help"], capture_output=True, check=True, timeout=30)
        after = os.times()
        took.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )

    assert statistics.median(took) < 0.5

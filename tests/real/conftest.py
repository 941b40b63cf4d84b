"""Where the real data are, and what happens without them."""

from __future__ import annotations

import base64
import gzip
import os
import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
REAL = HERE.parents[2] / "shared" / "data" / "real"
LINK = "../../../../shared/data/real"  # how the studies here point to it


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data; without it the test is skipped, or fails where LANDKIT_REQUIRE_REAL=1."""
    if REAL.is_dir():
        return REAL
    reason = (
        f"the real data are not here: {REAL} (they are not part of the repository, see tests/real/README.md)"
    )
    if os.environ.get("LANDKIT_REQUIRE_REAL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def variant(real_data: Path, tmp_path: Path):
    """`variant("cambridge", (old, new), ...)`: a study of this folder, changed, in a folder of its own."""

    def make(name: str, *changes: tuple[str, str]) -> Path:
        folder = tmp_path / f"study{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "rules.toml").write_bytes((HERE / name / "rules.toml").read_bytes())
        said = (HERE / name / "study.toml").read_text(encoding="utf-8")
        for old, new in changes:
            assert old in said, f"{name}/study.toml does not say {old!r}"
            said = said.replace(old, new)
        said = said.replace(LINK, real_data.as_posix())
        (folder / "study.toml").write_text(said, encoding="utf-8")
        return folder

    return make


@pytest.fixture(scope="session")
def words_of_map():
    """`words_of_map(path)`: a map's page, with what it carries packed (base64 of gzip) written out and escapes undone."""

    def read(path: Path) -> str:
        page = path.read_text(encoding="utf-8")
        packed = [gzip.decompress(base64.b64decode(b)) for b in re.findall(r"H4sI[A-Za-z0-9+/=]{40,}", page)]
        plain = re.sub(r"\\u00[0-9a-f]{2}", lambda m: chr(int(m[0][2:], 16)), page)
        return plain + "".join(b.decode("utf-8", "replace") for b in packed)

    return read

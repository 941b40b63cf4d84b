"""What holds for every test: no network, hypothesis without a stopwatch, builders at hand.

Builders are plain functions of `builders.py` beside this file (`from builders import square, tiny_study`); the fixtures
below hand the most used ones to tests that prefer an argument:

    def test_a_run_writes_a_map(tiny_study, tmp_path):
        landkit.run(tiny_study(tmp_path / "study"), to=tmp_path / "out")
"""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import builders
import hypothesis
import pytest
from marks import BAD_INPUTS
from once import once

hypothesis.settings.register_profile(
    "landkit", deadline=None, max_examples=25, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "gate", hypothesis.settings.get_profile("landkit"), max_examples=50, derandomize=True
)  # the gate judges the change, not the draw
hypothesis.settings.load_profile("gate" if os.environ.get("CI") else "landkit")


# each test of these opens a study, a page or a server of its own: slow together, quick alone
SLOW_ROOMS = ("bad_inputs", "browser", "integration", "notebooks", "real")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Before some are deselected: note which kinds of bad input the tests are about; rooms that are slow as a whole."""
    if config.args == config.getini("testpaths"):
        for item in items:
            if item.path.parent.name in SLOW_ROOMS:
                item.add_marker(pytest.mark.slow)
    marks = [mark for item in items for mark in item.iter_markers("bad_input")]
    config.stash[BAD_INPUTS] = frozenset(number for mark in marks for number in mark.args)


def pytest_collection_finish() -> None:
    """Python looks through all that lives for dead circles, again and again: what collecting made lives to the end."""
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def what_is_left_lives_to_the_end() -> Iterator[None]:
    """The same when a file is done: dead circles go, and what is left then (modules, what is made once) is looked at no more."""
    yield
    gc.collect()
    gc.freeze()


HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails; this machine itself and pipes are allowed."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in HERE:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def tiny_study() -> Callable[..., Path]:
    """`tiny_study(folder, **changes)`: see builders.tiny_study."""
    return builders.tiny_study


@pytest.fixture(scope="session")
def study_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unchanged tiny study, written once for the whole session: read it, do not write into it."""
    return once(tmp_path_factory, "tiny", lambda folder: builders.tiny_study(folder / "study"))


@pytest.fixture(scope="session")
def done(study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tiny study run in Chinese: read it, do not write into it."""
    return once(tmp_path_factory, "zh", lambda folder: run(study_folder, to=folder / "out"))


@pytest.fixture(scope="session")
def done_en(study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same in English."""
    return once(tmp_path_factory, "en", lambda folder: run(study_folder, to=folder / "out", lang="en"))


@pytest.fixture(scope="session")
def rule_book() -> Any:
    """The shipped rules of Yangzhou on 2025-06-30."""
    return builders.book()


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The README's first command, once: `landkit.run("layers/yangzhou")`."""
    root = Path(__file__).parents[1]
    return once(tmp_path_factory, "demo", lambda folder: run(root / "layers" / "yangzhou", to=folder / "out"))


def run(study: Path, **asked: Any) -> Any:
    """`landkit.run`; landkit is loaded when it is first wanted."""
    import landkit

    return landkit.run(study, **asked)

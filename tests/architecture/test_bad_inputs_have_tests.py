"""Every kind of bad input on the list has a test that carries its number."""

from __future__ import annotations

import pytest
from marks import BAD_INPUTS

LISTED = frozenset(range(1, 112))


def test_every_kind_of_bad_input_has_a_test_of_its_number(pytestconfig: pytest.Config) -> None:
    """Asked of the whole suite: a part of it has only its own numbers."""
    if pytestconfig.args != pytestconfig.getini("testpaths"):
        pytest.skip("only a part of the tests was collected")

    assert pytestconfig.stash[BAD_INPUTS] == LISTED

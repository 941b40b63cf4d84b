"""Where the test run keeps what its marks say."""

import pytest

BAD_INPUTS = pytest.StashKey[frozenset[int]]()

"""One family of errors: which thing, what is wrong, what to do; facts as attributes; exit codes by kind."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landkit import errors
from landkit.errors import LandkitError, LayerError, nearest

FAMILY = {
    "LandkitError": 2,
    "StudyError": 2,
    "RuleError": 2,
    "LayerError": 3,
    "CRSError": 3,
    "GeometryError": 3,
    "ExportError": 4,
    "PlaceError": 4,
}


@pytest.mark.parametrize(("name", "code"), FAMILY.items())
def test_every_error_is_a_landkit_error_with_the_exit_code_of_the_contract(name: str, code: int) -> None:
    """2 usage, study, rule; 3 layer or geometry; 4 the environment."""
    kind = getattr(errors, name)

    assert issubclass(kind, LandkitError)
    assert kind.exit_code == code
    assert kind.__doc__


def test_the_family_is_listed_here_in_full() -> None:
    """A new one needs an exit code that somebody thought about."""
    found = {n for n, v in vars(errors).items() if isinstance(v, type) and issubclass(v, LandkitError)}

    assert found == set(FAMILY)


def test_facts_are_attributes_and_words() -> None:
    """A script asks `error.path`; a person reads the sentence."""
    error = LayerError("layer_missing", path="x.gpkg", layer="a", guess="b")

    assert (error.path, error.layer, error.guess) == ("x.gpkg", "a", "b")
    assert str(error) == error.say("en") == "x.gpkg has no layer a; did you mean b?"
    assert error.say() == error.say("zh") == "x.gpkg 中没有图层 a，是否应为 b？"
    with pytest.raises(AttributeError):
        error.nothing  # noqa: B018


def test_an_error_survives_the_way_from_a_worker() -> None:
    """Overlays run in worker processes; what they raise comes back whole."""
    error = LayerError("layer_missing", path="x.gpkg", layer="a", guess="b")
    back = pickle.loads(pickle.dumps(error))

    assert (type(back), back.say("zh")) == (LayerError, error.say("zh"))


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("parcel", ["parcels", "parks"], "parcels"),
        ("STBHHX", ["stbhhx", "x"], "stbhhx"),
        ("宗地编码", ["宗地代码", "坐落"], "宗地代码"),
        ("zzz", ["parcels"], ""),
        ("x", [], ""),
    ],
)
def test_the_nearest_name_is_one_that_is_like_it_or_none(name: str, known: list[str], found: str) -> None:
    """A guess that is not like it at all would mislead."""
    assert nearest(name, known) == found


@given(st.text(), st.lists(st.text(), max_size=5))
def test_the_nearest_name_is_always_one_of_the_known(name: str, known: list[str]) -> None:
    """Or empty."""
    assert nearest(name, known) in {*known, ""}

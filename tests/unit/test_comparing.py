"""What became of parcels between two studies: matched by id, said in words, nothing lost."""

import builders
import pandas as pd
import pytest

import landkit
from landkit.workflow.comparing import find_changes


def frame(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_every_parcel_of_either_study_has_one_row():
    before = frame(parcel_id=["a", "b", "c"], stock=["闲置", "低效", None], area=["1 亩", "2 亩", "3 亩"])
    after = frame(parcel_id=["b", "c", "d"], stock=["用而不足", None, "闲置"], area=["2 亩", "3 亩", "4 亩"])

    found = find_changes(before, after, lang="zh").set_index("parcel_id")

    assert found["change"].to_dict() == {"a": "gone", "b": "changed", "c": "same", "d": "appeared"}
    assert found.loc["b", "change_words"] == "存量：低效 → 用而不足"


def test_a_value_that_came_or_went_is_a_change():
    """Missing is not the same as any word; twice missing is the same."""
    before = frame(parcel_id=["a", "b"], rating_word=[None, "A"])
    after = frame(parcel_id=["a", "b"], rating_word=["B", None])

    assert find_changes(before, after, lang="en")["change_words"].tolist() == [
        "Rating: none → B", "Rating: A → none",
    ]  # fmt: skip


def test_what_only_one_study_knows_is_not_called_a_change():
    assert find_changes(frame(parcel_id=["a"], layout=["契合"]), frame(parcel_id=["a"]), lang="zh")[
        "change"
    ].tolist() == ["same"]


@pytest.mark.parametrize(("lang", "words"), [("zh", "存量：批而未供"), ("en", "Stock: approved")])
def test_two_studies_are_compared_into_one_page(study_folder, tmp_path, lang, words):
    """Later L3, approved but not supplied, is supplied and built upon, and L8 is gone: the other six are as they were."""
    then = builders.tiny_study(tmp_path / "later", parcels=builders.a_year_later)

    found = landkit.compare(study_folder, then, to=tmp_path / "out", lang=lang)
    changes = found.table.set_index("parcel_id")

    assert found.counts() == {"changed": 1, "appeared": 0, "gone": 1, "same": 6}
    assert changes.loc["L8", "change"] == "gone"
    assert changes.loc["L3", "change_words"].startswith(words)
    assert [p.name for p in (tmp_path / "out").iterdir() if p.name != ".landkit"] == ["compare.html"]
    assert {row["parcel_id"] for row in found.summary()["changes"]} == {"L3", "L8"}

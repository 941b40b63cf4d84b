"""`landkit bench`: what it prints is what it measured, and what cannot be measured is said in one sentence."""

import json

import pytest

import landkit
from landkit import cli, workflow
from landkit.errors import PlaceError, StudyError
from landkit.text import text
from landkit.workflow.say import _width


@pytest.fixture
def landkit_says(capsys, monkeypatch):
    monkeypatch.delenv("LANDKIT_LANG", raising=False)

    def call(*arguments):
        with pytest.raises(SystemExit) as end:
            cli.main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call


def test_engines_take_turns_and_find_the_same_area(tmp_path, landkit_says):
    steps = []
    found = landkit.run_bench(
        tmp_path,
        parcels=400,
        zones=["redline-4000"],
        peers=["shapely"],
        rounds=2,
        progress=lambda *step: steps.append(step),
    )
    table = found.table.set_index("engine")
    assert set(table.index) == {"landkit", "shapely"}
    assert table.loc["landkit", "times_wall"] == 1
    assert table.loc["shapely", "times_wall"] == pytest.approx(
        table.loc["shapely", "wall_s"] / table.loc["landkit", "wall_s"]
    )
    assert table["same_area"].all()
    assert table["pairs"].nunique() == 1
    assert steps == [("bench", done, 4) for done in range(5)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parcels-400.parquet", "redline-4000.parquet"]
    for lang, word in (("zh", "用时倍数"), ("en", "times wall")):
        assert word in found.describe(lang)


def test_noise_is_counted_and_printed_in_both_languages(landkit_says):
    asked = ("bench", "--noise", "null", "--models", "indep", "--parcels", 60, "--quiet")
    code, out, _ = landkit_says(*asked, "--json")
    rows = json.loads(out)["rows"]
    assert code == 0
    assert [(row["model"], row["parcels"], row["real"]) for row in rows] == [("indep", 60, 0)]
    assert "误判冲突" in landkit_says(*asked)[1]
    assert "false conflict" in landkit_says(*asked, "--lang", "en")[1]


def test_rows_of_the_noise_bench_are_read_in_a_terminal_of_120_columns():
    """Seen: one table of 250 columns, with True and False in Chinese."""
    found = workflow.run_noise_bench("shift", models=["pshift"], parcels=60)
    assert {"displaced", "tiles", "shift_error", "understated", "scatter_m"} <= set(found.table)
    for lang, words in (
        ("zh", ["压占而判无冲突", "精度报高"]),
        ("en", ["real called clear", "accuracy understated"]),
    ):
        said = found.describe(lang)
        rows = [line for line in said.splitlines() if line.startswith("pshift ")]
        assert len(rows) == 2 * len(found.table)
        assert (
            max(_width(row) for row in said.splitlines() if "sigma (m)" in row or "sigma(米)" in row) <= 120
        )
        assert max(len(row) for row in rows) <= 120
        assert all(word in said for word in words)
        assert "True" not in said
        assert "False" not in said


def test_what_a_column_of_the_bench_means_stands_above_it(tmp_path):
    """`times` were "those of landkit", and the sigma of one axis was called 点位中误差, which is √2 of it."""
    found = landkit.run_bench(tmp_path, parcels=400, zones=["redline-4000"], peers=["shapely"], rounds=1)
    assert "用时倍数、处理器倍数：为 landkit 的多少倍" in found.describe("zh")
    assert found.describe("zh").splitlines()[-1].endswith("是")
    assert "how many times what landkit takes" in found.describe("en")
    assert found.describe("en").splitlines()[-1].endswith("yes")
    assert "点位中误差" not in text("cli.bench_sigmas", "zh")
    assert "one coordinate axis" in text("cli.bench_sigmas", "en")


def test_a_layer_is_shifted_by_each_of_the_shifts(monkeypatch):
    monkeypatch.setattr("landkit.bench.noise.SHIFTS", (1.0, 8.0))
    found = workflow.run_noise_bench("shift", parcels=60, models=["indep"], seeds=[1, 2])
    assert found.table["shift_sigmas"].tolist() == [1, 1, 8, 8]


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"peers": ["oracle"]}, "oracle"),
        ({"zones": ["redline"]}, "redline"),
        ({"zones": ["moat-20"]}, "moat-20"),
        ({"zones": ["towns-0"]}, "towns-0"),
    ],
)
def test_what_nobody_knows_is_refused_before_anything_is_made(tmp_path, asked, word):
    with pytest.raises(StudyError, match=word):
        landkit.run_bench(tmp_path / "none", **asked)
    assert not (tmp_path / "none").exists()


def test_an_engine_that_cannot_run_here_is_refused_with_what_it_lacks(tmp_path, monkeypatch):
    monkeypatch.setattr("landkit.bench.peers.importlib.util.find_spec", lambda name: None)
    with pytest.raises(PlaceError) as refused:
        landkit.run_bench(tmp_path / "none", peers=["duckdb"])
    assert all("duckdb_extensions" in refused.value.say(lang) for lang in ("zh", "en"))
    assert not (tmp_path / "none").exists()


def test_a_noise_model_nobody_knows_is_refused():
    with pytest.raises(StudyError, match="gp100"):
        workflow.run_noise_bench("grid", models=["pink"])


def test_an_engine_that_fails_is_named(tmp_path):
    (tmp_path / "redline-4000.parquet").write_bytes(b"no such thing")
    with pytest.raises(PlaceError, match=r"shapely|landkit"):
        landkit.run_bench(tmp_path, parcels=100, zones=["redline-4000"], peers=["shapely"], rounds=1)

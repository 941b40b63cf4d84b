"""Long work says what it does, how far it is and how long it still takes: to who watches, and to a log."""

import re
import sys

import pytest

import landkit
from landkit.cli.progress import EVERY_S, Steps, lines, progress_bar


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_what_is_left_is_what_a_quarter_took_three_times(clock):
    """A quarter in 20 s: 60 s more; ten seconds later without news, 50."""
    steps = Steps(clock)
    steps.at("judge", 0, 4000)
    clock.now += 20
    steps.at("judge", 1000, 4000)
    assert (steps.gone("judge"), steps.left("judge")) == ("0:00:20", "0:01:00")
    clock.now += 10
    assert (steps.gone("judge"), steps.left("judge")) == ("0:00:30", "0:00:50")
    clock.now += 300
    assert steps.left("judge") == "0:00:00"


def test_nothing_is_promised_before_anything_is_done(clock):
    steps = Steps(clock)
    steps.at("read", 0, 6)
    clock.now += 50
    assert steps.left("read") == ""


def test_a_log_gets_a_line_in_half_a_minute_and_none_of_what_is_soon_done(clock):
    """20 s of reading, then 54 of 120 in 27 looks of 1.5 s: 40.5 s, so that 66 take 49.5 s more."""
    said = []
    show = lines("en", said.append, Steps(clock))
    for done in range(20):
        show("read", done, 20)
        clock.now += 1
    assert said == []
    for done in range(0, 120, 2):
        show("judge", done, 120)
        clock.now += 1.5
    assert len(said) == 3
    assert said[1] == "landkit: checking control lines 45 %, 0:00:40 gone, about 0:00:50 left"
    assert re.search("[一-鿿]", _only_line("zh", Clock()))


def _only_line(lang, clock):
    said = []
    show = lines(lang, said.append, Steps(clock))
    clock.now += EVERY_S
    show("write", 0, 8)
    return said[0]


def test_a_step_that_has_just_begun_says_no_time_left(clock):
    assert _only_line("en", clock) == "landkit: writing documents 0 %, 0:00:00 gone"


def test_who_asks_for_quiet_gets_no_line(capsys):
    with progress_bar("en", quiet=True) as show:
        show("read", 0, 6)
    assert capsys.readouterr().err == ""


def test_a_terminal_shows_step_share_and_times(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", Terminal(sys.stderr))
    with progress_bar("en", quiet=False) as show:
        show("judge", 0, 4)
        show("judge", 1, 4)
    said = capsys.readouterr().err
    assert "checking control lines" in said
    assert "25%" in said
    assert "left" in said


class Terminal:
    """The standard error of a test as a terminal."""

    def __init__(self, stream):
        self.stream = stream

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def isatty(self):
        return True


def test_reading_and_judging_go_forward_to_their_end(study_folder):
    """Each layer moves the reading several times, each line the judging at least once."""
    heard = {}
    landkit.conflicts(
        study_folder, progress=lambda step, done, of: heard.setdefault(step, []).append((done, of))
    )
    for step in ("read", "judge"):
        done, of = zip(*heard[step], strict=True)
        assert len(set(of)) == 1
        assert list(done) == sorted(done)
        assert (done[0], done[-1]) == (0, of[0])
        assert len(set(done)) > 4


def test_what_is_done_does_not_say_how_long_it_still_takes(clock):
    said = []
    show = lines("en", said.append, Steps(clock))
    show("judge", 0, 4)
    clock.now += EVERY_S
    show("judge", 4, 4)
    assert said == ["landkit: checking control lines 100 %, 0:00:30 gone"]

"""How far a command is (进度): a bar where somebody watches, a line now and then where the talk goes into a file."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import click

from landkit.text import Lang, text

EVERY_S: Final = 30.0  # between two lines in a file; what is done sooner says nothing
Show = Callable[[str, int, int], None]


@dataclass
class Steps:
    """The steps of a command with the time that each has taken: how long one still takes is told by how far it is."""

    clock: Callable[[], float] = time.monotonic
    begun: dict[str, float] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)

    def at(self, step: str, done: int, of: int) -> None:
        """A step is so far."""
        now = self.clock()
        gone = now - self.begun.setdefault(step, now)
        if done > 0:
            self.ends[step] = now + gone * (of - done) / done

    def gone(self, step: str) -> str:
        """How long a step has taken so far."""
        return _clock_words(self.clock() - self.begun[step])

    def left(self, step: str) -> str:
        """About how long it still takes; "" where nothing is done yet that would tell."""
        return _clock_words(max(0.0, self.ends[step] - self.clock())) if step in self.ends else ""


def _clock_words(seconds: float) -> str:
    return str(datetime.timedelta(seconds=round(seconds)))


@contextmanager
def progress_bar(lang: Lang, *, quiet: bool) -> Iterator[Show]:
    """What, how far, how long still, on stderr: a bar, or lines where it is no terminal.  Silent when asked."""
    if quiet:
        yield lambda *_: None
    elif sys.stderr.isatty():
        with _bars(lang) as show:
            yield show
    else:
        yield lines(lang, lambda words: click.echo(words, err=True))


def lines(lang: Lang, say: Callable[[str], object], steps: Steps | None = None) -> Show:
    """Progress as lines of text, one in half a minute."""
    steps = steps or Steps()
    last = steps.clock()

    def show(step: str, done: int, of: int) -> None:
        nonlocal last
        steps.at(step, done, of)
        if steps.clock() - last < EVERY_S:
            return
        last = steps.clock()
        facts = {"step": text(f"step.{step}", lang), "share": f"{100 * done // max(of, 1)} %"}
        left = steps.left(step) if done < of else ""
        key = "cli.progress" if left else "cli.progress_begun"
        say(f"landkit: {text(key, lang, **facts, gone=steps.gone(step), left=left)}")

    return show


@contextmanager
def _bars(lang: Lang) -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn
    from rich.text import Text

    steps = Steps()

    class Times(ProgressColumn):
        """Time gone, and time left."""

        def render(self, task: Task) -> Text:
            step = str(task.fields["step"])
            if task.finished:
                return Text("")
            return Text(text("cli.progress_times", lang, gone=steps.gone(step), left=steps.left(step) or "?"))

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), Times())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, of: int) -> None:
            steps.at(step, done, of)
            if step not in tasks:
                tasks[step] = bar.add_task(text(f"step.{step}", lang), total=of, step=step)
            bar.update(tasks[step], completed=done, total=of)

        yield show

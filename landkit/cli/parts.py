"""What all commands share: their common options, and how an answer is printed."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, Protocol

import click

from landkit.cli.progress import progress_bar
from landkit.text import LANGS, Lang, data_toml, text

EXIT_FINDINGS, EXIT_USAGE, EXIT_LAYER, EXIT_PLACE, EXIT_INTERRUPTED = 1, 2, 3, 4, 130


def command(
    name: str, lang: Lang, params: list[click.Parameter], call: Callable[..., int | None]
) -> click.Command:
    """A command with the options that all have: language, JSON, quiet, debug, help."""
    common: list[click.Parameter] = [
        click.Option(
            ["--lang"], type=click.Choice(LANGS), default=lang, show_default=True, help=text("cli.lang", lang)
        ),
        click.Option(["--json", "as_json"], is_flag=True, help=text("cli.json", lang)),
        click.Option(["--quiet"], is_flag=True, help=text("cli.quiet", lang)),
        click.Option(["--debug"], is_flag=True, help=text("cli.debug", lang)),
        help_option(lang),
    ]
    about = text(f"cli.{name}", lang)
    return click.Command(
        name,
        params=[*params, *common],
        callback=call,
        help=about,
        short_help=about,
        epilog=_after(name, params, lang),
        add_help_option=False,
    )


def examples(name: str) -> list[str]:
    """Lines that show a command at work on the demo study, from a clone of the repository."""
    lines: list[str] = data_toml("examples.toml").get(name, [])
    return lines


def _after(name: str, params: list[click.Parameter], lang: Lang) -> str:
    """What stands below the options: what a STUDY is, and lines to paste."""
    takes_study = any(isinstance(p, click.Argument) and p.metavar == "STUDY" for p in params)
    out = [text("cli.study", lang)] if takes_study else []
    if lines := examples(name):
        out.append("\n".join(["\b", text("cli.examples", lang), *(f"  {line}" for line in lines)]))
    return "\n\n".join(out)


class Done(Protocol):
    """What a job has done: facts for machines, and words for people."""

    def summary(self) -> dict[str, Any]:
        """The facts."""

    def describe(self, lang: Lang) -> str:
        """The same in words."""


def job(name: str, lang: Lang, params: list[click.Parameter], do: Callable[..., Done]) -> click.Command:
    """A command that does one long thing under a progress bar and prints what was done.

    `do` takes the command's own options by their names, and `lang` and `progress`.
    """

    def call(*, lang: Lang, as_json: bool, quiet: bool, debug: bool, **options: Any) -> None:
        del debug
        with progress_bar(lang, quiet=quiet) as progress:
            done = do(**options, lang=lang, progress=progress)
        if as_json:
            print_json(done.summary())
        else:
            click.echo(plain(done.describe(lang)))

    return command(name, lang, params, call)


def to_option(lang: Lang, *, about: str = "to") -> click.Option:
    """The folder that a command writes into; `about` is the key of its help."""
    return click.Option(
        ["--to"], metavar="DIR", required=True, type=click.Path(), help=text(f"cli.{about}", lang)
    )


def study_argument() -> click.Argument:
    """The study that a verb takes: a folder or its study.toml."""
    return click.Argument(["study"], metavar="STUDY", type=click.Path())


def file_options(lang: Lang, *, of: str = "") -> list[click.Parameter]:
    """What a file does not say: which of its layers, its CRS, its encoding; `of` begins the names of a second file's."""
    start = f"--{of}-" if of else "--"
    about = f"{of}_" if of else "file_"
    return [
        click.Option([f"{start}layer"], metavar="NAME", help=text(f"cli.{about}layer", lang)),
        click.Option([f"{start}crs"], metavar="CRS", help=text(f"cli.{about}crs", lang)),
        click.Option([f"{start}encoding"], metavar="NAME", help=text(f"cli.{about}encoding", lang)),
    ]


def cluster_options(lang: Lang) -> list[click.Parameter]:
    """Where large work is done: processes of this machine, or the workers of a scheduler."""
    return [
        click.Option(["--workers"], metavar="N", type=click.IntRange(1), help=text("cli.workers", lang)),
        click.Option(["--cluster"], metavar="ADDRESS", help=text("cli.cluster", lang)),
    ]


def where_of(workers: int | None, cluster: str | None, lang: Lang) -> int | str | None:
    """Which of the two was asked for.   Raises: UsageError where both were."""
    if workers is not None and cluster is not None:
        raise click.UsageError(text("cli.cluster_one", lang))
    return workers if cluster is None else cluster


def help_option(lang: Lang) -> click.Option:
    """`--help` in the reader's language."""
    return click.Option(
        ["--help"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=functools.partial(_print_help, lang),
        help=text("cli.help", lang),
    )


def _print_help(lang: Lang, context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(headings(context.get_help(), lang))
        context.exit(0)


def headings(help_text: str, lang: Lang) -> str:
    """The few words that click itself puts into a help text."""
    for word in ("usage", "options", "commands", "required", "default"):
        help_text = help_text.replace(text(f"cli_heading.{word}", "en"), text(f"cli_heading.{word}", lang))
    return help_text


def answer(result: Any, name: str, *, to: str | None, as_json: bool, lang: Lang) -> None:
    """Print a result as a summary or JSON, and write its tables where asked."""
    from landkit import workflow

    if to is not None:
        written = workflow.write_tables(result, name, to)
        for path in written:
            click.echo(text("cli.wrote", lang, path=path), err=True)
    if as_json:
        print_json(workflow.as_records(result))
    else:
        click.echo(plain(workflow.as_summary(result, name, lang)))


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False, default=str))


def plain(words: str) -> str:
    """Text from data without control characters: it must not steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in words)

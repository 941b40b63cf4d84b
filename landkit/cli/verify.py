"""`landkit verify`: whether the files of a run still say what was written."""

from __future__ import annotations

import click

from landkit.cli.parts import EXIT_FINDINGS, command, plain, print_json
from landkit.cli.progress import progress_bar
from landkit.text import Lang


def verify_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(folder: str, as_json: bool, quiet: bool, lang: Lang, debug: bool) -> int:
        del debug
        from landkit import workflow

        with progress_bar(lang, quiet=quiet) as progress:
            done = workflow.verify(folder, lang=lang, progress=progress)
        if as_json:
            print_json(done.summary())
        else:
            click.echo(plain(done.describe(lang)))
        return EXIT_FINDINGS if done.differences else 0

    params: list[click.Parameter] = [click.Argument(["folder"], metavar="DIR", type=click.Path())]
    return command("verify", lang, params, call)

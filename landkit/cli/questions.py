"""The questions one by one."""

from __future__ import annotations

import click

from landkit.cli.parts import answer, command, study_argument
from landkit.cli.progress import progress_bar
from landkit.text import Lang, text

QUESTIONS = ("stock", "conflicts", "layout", "intensity", "parks", "capacity", "zonal")


def question_command(name: str, lang: Lang) -> click.Command:
    """The command of one question, with help in one language."""

    def call(study: str, to: str | None, as_json: bool, quiet: bool, lang: Lang, debug: bool) -> None:
        del debug
        from landkit import workflow

        with progress_bar(lang, quiet=quiet) as progress:
            result = getattr(workflow, name)(study, lang=lang, progress=progress)
        answer(result, name, to=to, as_json=as_json, lang=lang)

    to = click.Option(["--to"], metavar="DIR", type=click.Path(), help=text("cli.to_csv", lang))
    return command(name, lang, [study_argument(), to], call)

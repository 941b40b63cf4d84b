"""`landkit run`: everything, written into one folder."""

from __future__ import annotations

import time

import click

from landkit.cli.parts import (
    EXIT_FINDINGS,
    cluster_options,
    command,
    plain,
    print_json,
    study_argument,
    where_of,
)
from landkit.cli.progress import progress_bar
from landkit.text import Lang, text


def run_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(
        study: str,
        to: str,
        report: bool,
        fail_on: str | None,
        workers: int | None,
        cluster: str | None,
        as_json: bool,
        quiet: bool,
        lang: Lang,
        debug: bool,
    ) -> int:
        del debug
        from landkit import workflow

        where = where_of(workers, cluster, lang)
        began = time.perf_counter()
        with progress_bar(lang, quiet=quiet) as progress:
            done = workflow.run(study, to=to, report=report, lang=lang, progress=progress, cluster=where)
        if as_json:
            print_json(done.summary())
        else:
            click.echo(plain(done.describe(lang, seconds=time.perf_counter() - began)))
        return EXIT_FINDINGS if done.fails_on(fail_on) else 0

    params: list[click.Parameter] = [
        study_argument(),
        click.Option(["--to"], metavar="DIR", required=True, type=click.Path(), help=text("cli.to", lang)),
        click.Option(["--report"], is_flag=True, help=text("cli.run_report", lang)),
        click.Option(
            ["--fail-on"],
            type=click.Choice(["error", "conflict"]),
            default=None,
            help=text("cli.fail_on", lang),
        ),
        *cluster_options(lang),
    ]
    return command("run", lang, params, call)

"""`landkit report`: the Word report of a study, or the template that it is made from."""

from __future__ import annotations

import click

from landkit.cli.parts import command, plain, print_json
from landkit.cli.progress import progress_bar
from landkit.text import Lang, text


def report_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(
        study: str | None,
        to: str | None,
        template: str | None,
        write_template: str | None,
        pdf: bool,
        as_json: bool,
        quiet: bool,
        lang: Lang,
        debug: bool,
    ) -> None:
        del debug
        from landkit import workflow

        if write_template is not None:
            path = workflow.write_report_template(write_template, lang=lang)
            click.echo(plain(text("cli.wrote", lang, path=path)))
            return
        for name, value in (("STUDY", study), ("--to", to)):
            if value is None:
                raise click.MissingParameter(param_hint=name)
        with progress_bar(lang, quiet=quiet) as progress:
            done = workflow.report(
                str(study), to=str(to), template=template, pdf=pdf, lang=lang, progress=progress
            )
        if as_json:
            print_json(done.summary())
        else:
            click.echo(plain(done.describe(lang)))

    params: list[click.Parameter] = [
        click.Argument(["study"], metavar="STUDY", type=click.Path(), required=False),
        click.Option(["--to"], metavar="DIR", type=click.Path(), help=text("cli.to", lang)),
        click.Option(
            ["--template"], metavar="FILE", type=click.Path(), help=text("cli.report_template", lang)
        ),
        click.Option(
            ["--write-template"],
            metavar="FILE",
            type=click.Path(),
            help=text("cli.report_write_template", lang),
        ),
        click.Option(["--pdf"], is_flag=True, help=text("cli.report_pdf", lang)),
    ]
    return command("report", lang, params, call)

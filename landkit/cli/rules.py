"""`landkit rules`: the rules in force on a day."""

from __future__ import annotations

import click

from landkit.cli.parts import command, plain, print_json
from landkit.text import Lang, text


def rules_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(on: str | None, profile: str, as_json: bool, quiet: bool, lang: Lang, debug: bool) -> None:
        del debug, quiet
        from landkit import workflow

        table = workflow.rules(on=on, profile=profile).table(lang)
        if as_json:
            print_json(table.to_dict("records"))
        else:
            click.echo(plain(workflow.as_rule_list(table, lang)))

    params: list[click.Parameter] = [
        click.Option(["--on"], metavar="DATE", help=text("cli.on", lang)),
        click.Option(
            ["--profile"],
            metavar="NAME|FILE",
            default="yangzhou",
            show_default=True,
            help=text("cli.profile", lang),
        ),
    ]
    return command("rules", lang, params, call)

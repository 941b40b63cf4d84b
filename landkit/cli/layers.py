"""`landkit layers`: what files hold, before they are read."""

from __future__ import annotations

import click

from landkit.cli.parts import EXIT_LAYER, command, plain, print_json
from landkit.text import Lang, text


def layers_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(
        files: tuple[str, ...], encoding: str | None, as_json: bool, quiet: bool, lang: Lang, debug: bool
    ) -> int:
        del debug, quiet
        from landkit import workflow

        found = workflow.layers(files, encoding=encoding)
        if as_json:
            print_json(workflow.as_layer_records(found, lang))
        else:
            click.echo(plain(workflow.as_layer_list(found, lang)))
        return EXIT_LAYER if found.table["problem"].notna().any() else 0

    params: list[click.Parameter] = [
        click.Argument(["files"], metavar="FILES...", nargs=-1, required=True, type=click.Path()),
        click.Option(["--encoding"], metavar="NAME", help=text("cli.encoding", lang)),
    ]
    return command("layers", lang, params, call)

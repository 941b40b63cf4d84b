"""The command line: argv -> one verb -> print.  No geometry, no thresholds; one sentence for an error, never a traceback."""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from landkit.errors import LandkitError, nearest
from landkit.text import LANGS, Lang, text

QUESTIONS = ("stock", "conflicts", "layout", "intensity", "parks", "capacity")
EXIT_FINDINGS, EXIT_USAGE, EXIT_PLACE, EXIT_INTERRUPTED = 1, 2, 4, 130


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point of the `landkit` command; ends the process with its exit code.

    0 done, 1 asked to fail, 2 usage, study or rule, 3 layer or geometry, 4 the machine, 130 interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    _speak_utf8()
    lang = _lang_of(arguments)
    debug = "--debug" in arguments
    try:
        code = _commands(lang).main(args=arguments, prog_name="landkit", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(_headings(error.format_message(), lang), err=True)
        sys.exit(EXIT_USAGE)
    except click.ClickException as error:
        _complain(_usage(error, lang, arguments))
        sys.exit(EXIT_USAGE)
    except (KeyboardInterrupt, click.exceptions.Abort):
        _complain(text("cli.interrupted", lang))
        sys.exit(EXIT_INTERRUPTED)
    except LandkitError as error:
        if debug:
            raise
        _complain(error.say(lang))
        sys.exit(error.exit_code)
    except (MemoryError, OSError) as error:
        if debug:
            raise
        key = "out_of_memory" if isinstance(error, MemoryError) else "unexpected"
        _complain(text(f"error.{key}", lang, kind=f"{type(error).__name__}: {error}"))
        sys.exit(EXIT_PLACE)
    except Exception as error:
        if debug:
            raise
        _complain(text("error.unexpected", lang, kind=f"{type(error).__name__}: {str(error)[:120]}"))
        sys.exit(EXIT_PLACE)


def _speak_utf8() -> None:
    """A console of another code page shows a ? for what it lacks instead of dying."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _lang_of(arguments: list[str]) -> Lang:
    """The language asked for, known before the help texts are made."""
    for at, argument in enumerate(arguments):
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else None
        if argument == "--lang" and at + 1 < len(arguments):
            value = arguments[at + 1]
        if value in LANGS:
            return "en" if value == "en" else "zh"
    wanted = os.environ.get("LANDKIT_LANG", "zh")
    return "en" if wanted == "en" else "zh"


def _complain(sentence: str) -> None:
    click.echo(f"landkit: {' '.join(_plain(sentence).split())}", err=True)


def _plain(words: str) -> str:
    """Text from data without control characters: it must not steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in words)


def _usage(error: click.ClickException, lang: Lang, arguments: list[str]) -> str:
    if isinstance(error, click.NoSuchOption):
        return text(
            "cli.no_such_option",
            lang,
            name=error.option_name,
            guess=" ".join(error.possibilities or []) or "--help",
        )
    if isinstance(error, click.MissingParameter):
        return text(
            "cli.missing_parameter", lang, name=(error.param.human_readable_name if error.param else "") or ""
        )
    if isinstance(error, click.BadParameter) and error.param is not None:
        return text("cli.bad_value", lang, name=error.param.opts[-1], detail=_choices(error.param))
    if (
        isinstance(error, click.UsageError)
        and error.ctx is not None
        and isinstance(error.ctx.command, click.Group)
    ):
        words = [w for w in arguments if not w.startswith("-") and w not in LANGS]
        known = list(error.ctx.command.commands)
        if words and words[0] not in known:
            guess = nearest(words[0], known) or "/".join(known)
            return text("cli.no_such_command", lang, name=words[0], guess=guess)
    return text("cli.usage", lang, detail=error.format_message())


def _choices(param: click.Parameter) -> str:
    return (
        "/".join(map(str, param.type.choices))
        if isinstance(param.type, click.Choice)
        else str(param.type.name)
    )


def _commands(lang: Lang) -> click.Group:
    """All commands, with help in one language."""
    group = click.Group(
        "landkit", help=text("cli.about", lang), context_settings=_settings(), add_help_option=False
    )
    group.params += [
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help=text("cli.version", lang),
        ),
        click.Option(["--lang"], type=click.Choice(LANGS), expose_value=False, help=text("cli.lang", lang)),
        _help_option(lang),
    ]
    group.add_command(_run(lang))
    for question in QUESTIONS:
        group.add_command(_question(question, lang))
    for make in (_check, _rules, _init):
        group.add_command(make(lang))
    return group


def _settings() -> dict[str, Any]:
    return {"max_content_width": 110}


def _print_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"landkit {version('landkit')}")
        context.exit(0)


def _help_option(lang: Lang) -> click.Option:
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
        click.echo(_headings(context.get_help(), lang))
        context.exit(0)


def _headings(help_text: str, lang: Lang) -> str:
    """The few words that click itself puts into a help text."""
    for word in ("usage", "options", "commands", "required", "default"):
        help_text = help_text.replace(text(f"cli_heading.{word}", "en"), text(f"cli_heading.{word}", lang))
    return help_text


def _command(
    name: str, lang: Lang, params: list[click.Parameter], call: Callable[..., int | None]
) -> click.Command:
    common: list[click.Parameter] = [
        click.Option(
            ["--lang"], type=click.Choice(LANGS), default=lang, show_default=True, help=text("cli.lang", lang)
        ),
        click.Option(["--json", "as_json"], is_flag=True, help=text("cli.json", lang)),
        click.Option(["--quiet"], is_flag=True, help=text("cli.quiet", lang)),
        click.Option(["--debug"], is_flag=True, help=text("cli.debug", lang)),
        _help_option(lang),
    ]
    about = text(f"cli.{name}", lang)
    return click.Command(
        name, params=[*params, *common], callback=call, help=about, short_help=about, add_help_option=False
    )


def _study_argument() -> click.Argument:
    return click.Argument(["study"], metavar="STUDY", type=click.Path())


def _run(lang: Lang) -> click.Command:
    def call(
        study: str, to: str, fail_on: str | None, as_json: bool, quiet: bool, lang: Lang, debug: bool
    ) -> int:
        del debug
        from landkit import workflow

        began = time.perf_counter()
        with _progress(lang, quiet=quiet) as progress:
            done = workflow.run(study, to=to, lang=lang, progress=progress)
        if as_json:
            _print_json(done.summary())
        else:
            click.echo(_plain(done.describe(lang, seconds=time.perf_counter() - began)))
        return EXIT_FINDINGS if done.fails_on(fail_on) else 0

    params: list[click.Parameter] = [
        _study_argument(),
        click.Option(["--to"], metavar="DIR", required=True, type=click.Path(), help=text("cli.to", lang)),
        click.Option(
            ["--fail-on"],
            type=click.Choice(["error", "conflict"]),
            default=None,
            help=text("cli.fail_on", lang),
        ),
    ]
    return _command("run", lang, params, call)


def _question(name: str, lang: Lang) -> click.Command:
    def call(study: str, to: str | None, as_json: bool, quiet: bool, lang: Lang, debug: bool) -> None:
        del debug
        from landkit import workflow

        with _progress(lang, quiet=quiet) as progress:
            result = getattr(workflow, name)(study, lang=lang, progress=progress)
        _answer(result, name, to=to, as_json=as_json, lang=lang)

    to = click.Option(["--to"], metavar="DIR", type=click.Path(), help=text("cli.to_csv", lang))
    return _command(name, lang, [_study_argument(), to], call)


def _check(lang: Lang) -> click.Command:
    def call(
        study: str, to: str | None, fail_on: str | None, as_json: bool, quiet: bool, lang: Lang, debug: bool
    ) -> int:
        del debug
        from landkit import workflow

        with _progress(lang, quiet=quiet) as progress:
            result = workflow.check(study, lang=lang, progress=progress)
        _answer(result, "findings", to=to, as_json=as_json, lang=lang)
        failed = fail_on == "error" and (result.table["severity"] == "error").any()
        return EXIT_FINDINGS if failed else 0

    params: list[click.Parameter] = [
        _study_argument(),
        click.Option(["--to"], metavar="DIR", type=click.Path(), help=text("cli.to_csv", lang)),
        click.Option(
            ["--fail-on"], type=click.Choice(["error"]), default=None, help=text("cli.fail_on", lang)
        ),
    ]
    return _command("check", lang, params, call)


def _rules(lang: Lang) -> click.Command:
    def call(on: str | None, profile: str, as_json: bool, quiet: bool, lang: Lang, debug: bool) -> None:
        del debug, quiet
        from landkit import workflow

        table = workflow.rules(on=on, profile=profile).table(lang)
        if as_json:
            _print_json(table.to_dict("records"))
        else:
            click.echo(_plain(workflow.as_rule_list(table, lang)))

    params: list[click.Parameter] = [
        click.Option(["--on"], metavar="DATE", help=text("cli.on", lang)),
        click.Option(["--profile"], default="yangzhou", show_default=True, help=text("cli.profile", lang)),
    ]
    return _command("rules", lang, params, call)


def _init(lang: Lang) -> click.Command:
    def call(
        folder: str, files: tuple[str, ...], force: bool, as_json: bool, quiet: bool, lang: Lang, debug: bool
    ) -> None:
        del debug, quiet
        from landkit import workflow

        path, proposal = workflow.propose(folder, files, force=force, lang=lang)
        if as_json:
            _print_json(proposal)
        else:
            click.echo(
                _plain(
                    text(
                        "cli.init_done",
                        lang,
                        path=path,
                        count=len(proposal["layers"]) + len(proposal.get("tables", {})),
                    )
                )
            )

    params: list[click.Parameter] = [
        click.Argument(["folder"], metavar="DIR", type=click.Path()),
        click.Argument(["files"], metavar="[FILES]...", nargs=-1, type=click.Path()),
        click.Option(["--force"], is_flag=True, help=text("cli.force", lang)),
    ]
    return _command("init", lang, params, call)


def _answer(result: Any, name: str, *, to: str | None, as_json: bool, lang: Lang) -> None:
    from landkit import workflow

    if to is not None:
        written = workflow.write_tables(result, name, to)
        for path in written:
            click.echo(text("cli.wrote", lang, path=path), err=True)
    if as_json:
        _print_json(workflow.as_records(result))
    else:
        click.echo(_plain(workflow.as_summary(result, name, lang)))


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False, default=str))


@contextmanager
def _progress(lang: Lang, *, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr: what, how far, how long still.  Silent when asked, or where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(text(f"step.{step}", lang), total=of)
            bar.update(tasks[step], completed=done, total=of)

        yield show

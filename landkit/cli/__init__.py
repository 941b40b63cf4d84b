"""The command line: argv -> one verb -> print.  No geometry, no thresholds; one sentence for an error, never a traceback.

Each verb has a file; what they share stands in parts.py; COMMANDS lists them in the order of the help.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Sequence

import click

from landkit.cli.bench import bench_command
from landkit.cli.check import check_command
from landkit.cli.compare import compare_command
from landkit.cli.export import export_command
from landkit.cli.init import init_command
from landkit.cli.layers import layers_command
from landkit.cli.overlaps import overlaps_command
from landkit.cli.parts import EXIT_INTERRUPTED, EXIT_PLACE, EXIT_USAGE, headings, help_option, plain
from landkit.cli.questions import QUESTIONS, question_command
from landkit.cli.repair import repair_command
from landkit.cli.report import report_command
from landkit.cli.rules import rules_command
from landkit.cli.run import run_command
from landkit.cli.sheets import sheets_command
from landkit.cli.split import split_command
from landkit.cli.verify import verify_command
from landkit.errors import LandkitError, nearest
from landkit.text import LANGS, Lang, has_text, text

COMMANDS: tuple[Callable[[Lang], click.Command], ...] = (
    run_command,
    *(functools.partial(question_command, question) for question in QUESTIONS),
    check_command,
    repair_command,
    compare_command,
    export_command,
    sheets_command,
    report_command,
    verify_command,
    rules_command,
    layers_command,
    init_command,
    overlaps_command,
    split_command,
    bench_command,
)


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point of the `landkit` command; ends the process with its exit code.

    0 done, 1 asked to fail, 2 usage, study or rule, 3 layer or geometry, 4 the machine, 130 interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    _speak_utf8()
    lang = _lang_of(arguments)
    debug = "--debug" in arguments
    try:
        code = commands(lang).main(args=arguments, prog_name="landkit", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(headings(error.format_message(), lang), err=True)
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
    click.echo(f"landkit: {' '.join(plain(sentence).split())}", err=True)


def _usage(error: click.ClickException, lang: Lang, arguments: list[str]) -> str:
    if isinstance(error, click.NoSuchOption):
        return text(
            "cli.no_such_option",
            lang,
            name=error.option_name,
            guess=" ".join(error.possibilities or []) or "--help",
        )
    if isinstance(error, click.MissingParameter):
        name = error.param_hint or (error.param.human_readable_name if error.param else "")
        return text("cli.missing_parameter", lang, name=name or "")
    if isinstance(error, click.BadParameter) and error.param is not None:
        return text("cli.bad_value", lang, name=error.param.opts[-1], detail=_choices(error.param, lang))
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
    return text("cli.usage", lang, detail=error.format_message().rstrip("。. "))


def _choices(param: click.Parameter, lang: Lang) -> str:
    """What a value should be: one of some words, a number from some on, or click's name of its kind."""
    kind = param.type
    if isinstance(kind, click.Choice):
        return "/".join(map(str, kind.choices))
    if isinstance(kind, click.IntRange | click.FloatRange):
        sort = "whole" if isinstance(kind, click.IntRange) else "above" if kind.min_open else "number"
        return text(f"cli.value_{sort}", lang, least=kind.min)
    return text(f"cli.value_{kind.name}", lang) if has_text(f"cli.value_{kind.name}") else str(kind.name)


def commands(lang: Lang) -> click.Group:
    """All commands, with help in one language."""
    group = click.Group(
        "landkit",
        help=text("cli.about", lang),
        context_settings={"max_content_width": 110},
        add_help_option=False,
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
        help_option(lang),
    ]
    for make in COMMANDS:
        group.add_command(make(lang))
    return group


def _print_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"landkit {version('landkit')}")
        context.exit(0)

"""What every command stands on: the global options, the words, talk and JSON.

Not here: any command.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kzreminder.core.languages import language_named, language_unconfigured
from kzreminder.errors import N_, BadValue, KzreminderError, for_terminal
from kzreminder.wording.language import Words

if TYPE_CHECKING:
    from datetime import date, datetime

    from kzreminder.assembly import Parts
    from kzreminder.settings.reading import Given, Settings


T = TypeVar("T")

_UNESCAPED = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"What may stand in JSON as it is, and a terminal obeys."
_PASSWORD = re.compile(r"://[^/@]*:[^@]|[?&]password=", re.IGNORECASE)
"In the address of a database."


class App:
    """One run of the command line: what was given, and the parts it asks for."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.given: dict[str, Any] = {}
        self.command: str | None = None
        self.exit_code = 0

    @cached_property
    def now(self) -> datetime:
        """Read once: one command happens at one instant."""
        from kzreminder import clock

        return clock.now()

    @property
    def today(self) -> date:
        """The day in Almaty, on any host."""
        from kzreminder.core.zone import almaty_day

        return almaty_day(self.now)

    @cached_property
    def settings(self) -> Settings:
        loaded = self._load_settings()
        self.use_words(loaded.language)
        return loaded

    def _load_settings(self) -> Settings:
        from kzreminder.assembly import load_settings

        return load_settings(self.asked, self.environ)

    @cached_property
    def parts(self) -> Parts:
        from kzreminder.assembly import Parts

        return Parts(self.settings, self._load_settings, self.tell)

    @cached_property
    def words(self) -> Words:
        """In the language asked for; a faulty configuration does not silence its own error."""
        named = self.given.get("lang") or self.environ.get("KZREMINDER_LANG")
        if not named and self.config_path.is_file():
            with suppress(KzreminderError):
                return Words(self.settings.language)
        return Words(language_unconfigured(named, self.environ))

    def use_words(self, language: str) -> None:
        """From here on speak that language, and let Click speak it."""
        self.__dict__["words"] = Words(language)
        if language != "en":
            from kzreminder.cli.click_words import speak

            speak(language)

    @property
    def may_ask(self) -> bool:
        return sys.stdin is not None and sys.stdin.isatty() and not self.given.get("no_input")

    @property
    def config_path(self) -> Path:
        """The file that option or environment name, else the user's own."""
        from kzreminder import places

        return self._named_config or places.config_file()

    @property
    def _named_config(self) -> Path | None:
        named = self.given.get("config") or self.environ.get("KZREMINDER_CONFIG")
        return Path(named) if named else None

    @property
    def asked(self) -> Given:
        """What the command line says of the settings."""
        from kzreminder.settings.reading import Given

        return Given(
            file=self._named_config,
            database_url=self.given.get("db"),
            language=self.given.get("lang"),
        )

    def tell(self, sentence: str, **values: object) -> None:
        """Talk to the user: on stderr, in their language."""
        self.say_aside(self.words.gettext(sentence, **values))

    def close(self) -> None:
        """Let the database go, if the command had one open: SQLite then tidies up beside it."""
        parts = self.__dict__.get("parts")
        if parts is not None:
            parts.close()

    def warn_of_password(self) -> None:
        """Said last, where nothing went wrong: an error comes first."""
        if _PASSWORD.search(self.given.get("db", "")):
            self.tell(
                N_("Note: a password on a command line can be read by others on this computer.")
            )
            self.tell(N_("Write the address into the settings, or into KZREMINDER_DATABASE."))

    def say_aside(self, text: str) -> None:
        """Talk that needs no translation, on stderr."""
        click.echo(for_terminal(text), err=True)

    def say(self, text: str) -> None:
        """A result, on stdout."""
        click.echo(for_terminal(text))

    def print_json(self, value: object) -> None:
        click.echo(json_text(value))


def json_text(value: object) -> str:
    """With nothing in it that a terminal obeys."""
    import json

    written = json.dumps(value, ensure_ascii=False, indent=2)
    return _UNESCAPED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", written)


def app_of(ctx: click.Context) -> App:
    app = ctx.find_root().obj
    assert isinstance(app, App)
    return app


pass_app: Callable[..., Any] = click.make_pass_decorator(App)


def translated(ctx: click.Context, sentence: str) -> str:
    return app_of(ctx).words.gettext(sentence)


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """A global option counts wherever it stands; the later one wins."""
    if value in (None, False) or not param.name:
        return
    if value == "" or (param.name == "lang" and language_named(str(value)) is None):
        _refuse(param.name, str(value))
    app = app_of(ctx)
    app.given[param.name] = value
    app.__dict__.pop("settings", None)  # read again with what is given now
    if param.name == "lang":
        app.use_words(language_unconfigured(str(value), app.environ))


def read(place: str, reader: Callable[..., T], *typed: Any, **rules: Any) -> T:
    """What `reader` makes of what was typed; its refusal names the option or argument."""
    try:
        return reader(*typed, **rules)
    except BadValue as error:
        error.place = place
        raise


def _refuse(name: str, text: str) -> None:
    """An empty value is a slip in a script, not a wish for the default."""
    from kzreminder.core.typed import read_label, read_language

    read(f"--{name}", read_language if name == "lang" else read_label, text)


def _global_options(hidden: bool) -> list[click.Parameter]:
    def option(*names: str, **rest: Any) -> click.Option:
        return Option(names, expose_value=False, callback=_remember, hidden=hidden, **rest)

    return [
        option("--config", metavar="FILE", help=N_("The configuration file.")),
        option("--db", metavar="URL", help=N_("The database.")),
        option(
            "--lang",
            metavar="LANG",
            is_eager=True,
            help=N_("The language: en, zh, zh-Hant, ru or kk."),
        ),
        option("--no-input", is_flag=True, help=N_("Never ask anything.")),
        option("-v", "--verbose", is_flag=True, help=N_("Say more on stderr.")),
    ]


class Option(click.Option):
    """An option whose help is put into the user's language when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        english = self.help
        try:
            if english:
                self.help = translated(ctx, english)
            return super().get_help_record(ctx)
        finally:
            self.help = english


class GlobalOptions(click.Command):
    """A command that knows the options all commands share, and shows its help translated."""

    own_language = False
    "after `add` and `edit`, --lang is the card's language"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hidden = not isinstance(self, click.Group) or self.name != "root"
        self.params += [
            option
            for option in _global_options(hidden)
            if not (self.own_language and option.name == "lang")
        ]

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        params = super().get_params(ctx)
        if ctx.resilient_parsing:  # a shell asks what could stand here
            from kzreminder.cli.offering import give_offers

            give_offers(params)
        return params

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = translated(ctx, N_("Show this message and exit."))
        return found

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        return ["-h", "--help"]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.help:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(translated(ctx, self.help))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.epilog:
            formatter.write_paragraph()
            for line in translated(ctx, self.epilog).splitlines():
                formatter.write_text(line)


class Command(GlobalOptions):
    """A plain command."""


class CardCommand(Command):
    """`add` and `edit`: --lang after the command is the card's."""

    own_language = True


class Group(GlobalOptions, click.Group):
    """A command of commands, each listed with what it is for."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(translated(ctx, N_("Commands"))):
            formatter.write_dl(
                [
                    (name, translated(ctx, found.help or ""))
                    for name, found in sorted(self.commands.items())
                ]
            )


def option(*names: str, **rest: Any) -> Callable[[Any], Any]:
    return click.option(*names, cls=Option, **rest)


def command(name: str, *, cls: type[Command] = Command, **rest: Any) -> Callable[[Any], Any]:
    """A command that gets the App as its first argument."""

    def decorate(function: Callable[..., None]) -> click.Command:
        made: click.Command = click.command(name, cls=cls, **rest)(pass_app(function))
        return made

    return decorate


TO_STDOUT = "-"
"In place of the name of a file."
STATE_NAMES = ("archived", "muted", "lapsed", "overdue", "low", "ending", "ok")
"The values of planning.State, which no list of choices needs to load."

json_option = option("--json", "as_json", is_flag=True, help=N_("Print JSON."))

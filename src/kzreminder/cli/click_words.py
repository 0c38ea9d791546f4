"""Click's own sentences, as far as a user can meet them, listed so that our catalogues have them.

Not here: our own sentences. Click asks gettext's global domain; `speak` points it at our catalogue.
"""

from __future__ import annotations

import gettext
import os

from kzreminder.errors import N_
from kzreminder.wording.language import DOMAIN, LOCALE


def speak(language: str) -> None:
    """Let Click speak that language from here on."""
    os.environ["LANGUAGE"] = f"{language.replace('-', '_')}:{language.partition('-')[0]}"
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)


def Nn_(one: str, many: str) -> tuple[str, str]:  # noqa: N802 - as N_, for a plural
    return one, many


_SENTENCES = (
    N_("Aborted!"),
    N_("Commands"),
    N_("Error: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Invalid value: {message}"),
    N_("Missing argument"),
    N_("Missing command."),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Option {name!r} does not take a value."),
    N_("Options"),
    N_("Show the version and exit."),
    N_("Show this message and exit."),
    N_("Usage:"),
    N_("default: {default}"),
    N_("directory"),
    N_("file"),
    N_("path"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is not readable."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    Nn_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    Nn_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    Nn_(
        "Option {name!r} requires an argument.",
        "Option {name!r} requires {nargs} arguments.",
    ),
    Nn_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)

"""doctor: everything that a reminder needs, line by line, and how to mend what is wrong.

Not here: the checks (doctor).
"""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from kzreminder.cli.base import App, command, json_option, option
from kzreminder.errors import N_, ConfigurationInvalid, printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from kzreminder.doctor.finding import Finding, Sentence
    from kzreminder.doctor.patient import Patient
    from kzreminder.wording.language import Words

MARKS = {
    "ok": (N_("ok"), "green"),
    "warning": (N_("warning"), "yellow"),
    "failed": (N_("NO"), "red"),
    "skipped": ("-", None),
}


@command(
    "doctor",
    help=N_("Check everything that a reminder needs; nothing is changed. Exit code 1 for a NO."),
    epilog=N_("Example: kzreminder doctor"),
)
@option("--deep", is_flag=True, help=N_("Look at every page of the database; it may take long."))
@json_option
def doctor(app: App, deep: bool, as_json: bool) -> None:
    from kzreminder.doctor.examining import examine
    from kzreminder.doctor.patient import patient_of

    _refuse_wrong_options(app)
    patient = patient_of(app.asked, app.environ, app.now, deep=deep)
    teller = Teller(app.words, patient)
    told, counts = [], dict.fromkeys(MARKS, 0)
    for check, finding in examine(patient):
        counts[finding.ok] += 1
        if as_json:
            told.append(teller.as_json(check.name, finding))
        else:
            teller.say(check.name, finding)
    is_well = not counts["failed"]
    if as_json:
        app.print_json({"ok": is_well, "checks": told})
    else:
        app.say(_summary(app.words, counts["failed"], counts["warning"]))
    app.exit_code = 0 if is_well else 1


def _refuse_wrong_options(app: App) -> None:
    """What was typed on this very command line is refused as everywhere, not examined."""
    from kzreminder.settings.reading import read_file
    from kzreminder.storage.address import read_address

    if app.given.get("config"):
        with suppress(ConfigurationInvalid):
            read_file(app.config_path, must_exist=True)
    if app.given.get("db"):
        read_address(app.given["db"])


def _summary(words: Words, failed: int, warnings: int) -> str:
    warned = words.ngettext("{count} warning", "{count} warnings", warnings)
    if failed:
        wrong = words.ngettext(
            "{count} thing keeps reminders from you: see NO above",
            "{count} things keep reminders from you: see NO above",
            failed,
        )
        return f"{wrong} ({warned})"
    if warnings:
        return words.gettext("Reminders reach you. {warned}.", warned=warned)
    return words.gettext("All is well: reminders reach you.")


class Teller:
    """Puts findings into words, lines and JSON."""

    def __init__(self, words: Words, patient: Patient) -> None:
        from rich.cells import cell_len

        self._words = words
        self._now = patient.now
        self._zone: tzinfo = patient.parts.settings.policy.zone
        self._cell_len = cell_len
        marks = [words.gettext(mark) for mark, _ in MARKS.values()]
        self._width = max(cell_len(mark) for mark in marks)
        self._is_coloured = sys.stdout.isatty() and not _wants_no_colour()

    def as_json(self, name: str, finding: Finding) -> dict[str, object]:
        return {
            "id": finding.what,
            "name": self._words.gettext(name),
            "state": finding.ok.value,
            "text": "; ".join(
                [self._text(finding.sentence, finding.values), *self._faults(finding)]
            ),
            "mend": self._mend(finding),
        }

    def say(self, name: str, finding: Finding) -> None:
        mark, colour = MARKS[finding.ok]
        shown = self._words.gettext(mark)
        padding = " " * (self._width - self._cell_len(shown))
        if self._is_coloured and colour:
            shown = click.style(shown, fg=colour, bold=True)
        text = self._text(finding.sentence, finding.values)
        indent = " " * (self._width + 2)
        click.echo(f"{shown}{padding}  {self._words.gettext(name)}: {text}")
        for fault in self._faults(finding):
            click.echo(f"{indent}{fault}")
        mend = self._mend(finding)
        if mend:
            click.echo(f"{indent}{mend}")

    def _faults(self, finding: Finding) -> list[str]:
        return [printable(self._words.fault(fault)) for fault in finding.faults]

    def _mend(self, finding: Finding) -> str | None:
        return None if finding.mend is None else self._text(finding.mend, finding.values)

    def _text(self, sentence: Sentence, values: Mapping[str, object]) -> str:
        shown: dict[str, Any] = {key: self._value(value) for key, value in values.items()}
        if isinstance(sentence, str):
            return self._words.gettext(sentence, **shown)
        count = values["count"]
        assert isinstance(count, int)
        shown.pop("count")
        return self._words.ngettext(*sentence, count, **shown)

    def _value(self, value: object) -> object:
        from kzreminder.doctor.finding import Said

        if isinstance(value, Said):
            return self._text(value.sentence, value.values)
        if isinstance(value, tuple):
            return ", ".join(str(self._value(one)) for one in value)
        if isinstance(value, datetime):
            today = self._now.astimezone(self._zone).date()
            return self._words.moment(value, self._zone, today)
        return value if isinstance(value, int) else printable(str(value))


def _wants_no_colour() -> bool:
    import os

    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"

"""Every error that is raised on purpose lives here; no words in another language, no printing.

KzreminderError                 1
├── BadValue                    2   what was typed means nothing, or two things
├── NotFound                    3
│   ├── CardNotFound
│   ├── NoCardMatches
│   ├── OperatorNotFound
│   ├── OperatorUnknown
│   └── NothingToUndo
├── SeveralCardsMatch           4
├── AlreadyExists               5
├── OutOfDate                   1   a button was pressed on what is not true any more
│   └── AnsweredBefore
├── ImportRefused             2, 5  all faults at once
├── CardsRefused              2, 3  all faults at once
├── StorageFault                6
├── AddressNotHere              1   a target's, which only the service is given
├── DeliveryFailed              7
├── DaemonRuns                  8
├── ServicesDiffer              9   two services of one database go by different rules
└── ConfigurationInvalid        9   all faults at once
"""

from __future__ import annotations

import re
from dataclasses import dataclass


def N_(sentence: str) -> str:  # noqa: N802 - the field's name for "translate this later"
    """Mark a sentence for the catalogues; it is translated where it is printed."""
    return sentence


def N2_(one: str, many: str) -> tuple[str, str]:  # noqa: N802 - as above
    """Mark a sentence with a plural."""
    return one, many


def printable(text: str) -> str:
    """What was typed, fit for an error: nothing in it that a terminal obeys or nobody sees."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def for_terminal(text: str) -> str:
    """The text with its line breaks, and with nothing in it that a terminal obeys."""
    return _OBEYED.sub(lambda found: ascii(found[0])[1:-1], text)


_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def toml_line(error: Exception, text: str) -> int | None:
    """The line that a TOML error names; the last, where the text ends too early."""
    found = re.search(r"at line (\d+)", str(error))
    if found:
        return int(found[1])
    return text.count("\n") + 1 if "at end of document" in str(error) else None


class KzreminderError(Exception):
    """A sentence the user can act on: English here, put into the user's language by `wording`.

    `sentence` and `hint` are message ids with `{name}` fields; `values` fills both.
    """

    exit_code = 1
    place: str | None = None
    "the option or argument that it is about"

    def __init__(self, sentence: str, *, hint: str | None = None, **values: object) -> None:
        self.sentence = sentence
        self.hint = hint
        self.values = values
        super().__init__(sentence.format(**values))


class BadValue(KzreminderError):
    """What was typed means nothing, or could mean two things."""

    exit_code = 2


class NotFound(KzreminderError):
    exit_code = 3


class CardNotFound(NotFound):
    def __init__(self, wanted: str, candidates: tuple[str, ...] = ()) -> None:
        self.candidates = candidates
        hint = (
            N_("Your cards: {candidates}")
            if candidates
            else N_("Register a card first: kzreminder add --help")
        )
        super().__init__(
            N_("no card is called {wanted}"),
            hint=hint,
            wanted=wanted.strip() or '""',
            candidates=", ".join(candidates),
        )


class NoCardMatches(NotFound):
    def __init__(self) -> None:
        super().__init__(N_("no card matches"), hint=N_("See them all: kzreminder list"))


class OperatorNotFound(NotFound):
    def __init__(self, wanted: str, known: tuple[str, ...]) -> None:
        super().__init__(
            N_("no operator is called {wanted}"),
            hint=N_("Known operators: {known}"),
            wanted=wanted.strip() or '""',
            known=", ".join(known),
        )


class OperatorUnknown(NotFound):
    def __init__(self, label: str, card_id: int) -> None:
        super().__init__(
            N_("whose card {label} is was not told"),
            hint=N_("Say it: kzreminder edit {id} --operator NAME"),
            label=label,
            id=card_id,
        )


class NothingToUndo(NotFound):
    def __init__(self, label: str) -> None:
        super().__init__(N_("nothing that happened to {label} is left to undo"), label=label)


class SeveralCardsMatch(KzreminderError):
    exit_code = 4

    def __init__(self, wanted: str, candidates: tuple[str, ...]) -> None:
        super().__init__(
            N_("{wanted} fits several cards"),
            hint=N_("Say which one: {candidates}"),
            wanted=wanted,
            candidates=", ".join(candidates),
        )


class AlreadyExists(KzreminderError):
    exit_code = 5


class ServicesDiffer(KzreminderError):
    exit_code = 9

    def __init__(self, host: str, keys: tuple[str, ...]) -> None:
        self.keys = keys
        super().__init__(
            N_("a service on {host} shares this database and has other settings: {keys}"),
            hint=N_("Write the same on all machines; to change it, end all services first."),
            host=host,
            keys=", ".join(keys),
        )


class OutOfDate(KzreminderError):
    """A button was pressed on a message whose deadline has moved; nothing was recorded."""

    def __init__(self) -> None:
        super().__init__(N_("This reminder is out of date: its deadline has moved."))


class AnsweredBefore(OutOfDate):
    """It was answered already; nothing was recorded again."""

    def __init__(self) -> None:
        KzreminderError.__init__(self, N_("A button on this reminder was pressed before."))


class StorageFault(KzreminderError):
    """The database cannot be used; nothing was changed."""

    exit_code = 6


class AddressNotHere(KzreminderError):
    """The address of a target is handed to the service alone, and this is another process."""


class DeliveryFailed(KzreminderError):
    """A reminder did not reach its target."""

    exit_code = 7


class DaemonRuns(KzreminderError):
    exit_code = 8

    def __init__(self, pid: int | None) -> None:
        super().__init__(
            N_("kzreminder is already running for this database (process {pid})"),
            hint=N_("To stop it: kzreminder service stop, or Ctrl-C where it was started."),
            pid=pid or "?",
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file: where, and a message id with its values."""

    file: str
    line: int | None
    key: str
    sentence: str
    values: tuple[tuple[str, object], ...] = ()
    hint: str | None = None
    "what would be right; with the same values"
    value: str = ""
    "what stands there, where the sentence does not say it"
    is_card: bool = False
    "`line` is the ordinal number of a card: the file has no rows"
    column: int | None = None
    "of the line, where that is told apart into signs"


class ConfigurationInvalid(KzreminderError):
    exit_code = 9

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(N_("the configuration has faults"))


class ImportRefused(KzreminderError):
    """A file of cards has faults; no card of it was added."""

    exit_code = 2

    def __init__(
        self, file: str, faults: tuple[Fault, ...], count: int, *, known: bool, update: bool = False
    ) -> None:
        """`known`: nothing is wrong but that the database has these cards already; `update`: those
        were to be corrected."""
        self.faults = faults
        self.place = file
        if known:
            self.exit_code = AlreadyExists.exit_code
        if known and not update:
            hint = N_("Correct these cards by the file with --update, or take them out of it.")
        else:
            hint = N_("Mend the file and import it again. What may be told: kzreminder add --help")
        super().__init__(
            N_("no card was imported; faults: {count}, shown: {shown}"),
            hint=hint,
            count=count,
            shown=len(faults),
        )


class CardsRefused(KzreminderError):
    """Of many cards that were to be changed some are not there or cannot be; none was changed."""

    MOST = 100

    def __init__(self, faults: tuple[Fault, ...], *, exit_code: int = BadValue.exit_code) -> None:
        self.faults = faults[: self.MOST]
        self.exit_code = exit_code
        super().__init__(
            N_("no card was changed; faults: {count}, shown: {shown}"),
            count=len(faults),
            shown=len(self.faults),
        )

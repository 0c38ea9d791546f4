"""What a check found, as values: the answer, a sentence, and how to mend what is wrong.

Not here: making a check (the other modules of this room), putting a sentence into words (cli).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kzreminder.errors import N_, ConfigurationInvalid, Fault, KzreminderError

Sentence = str | tuple[str, str]
"A message id with `{name}` fields; two, for one and for many, where it has a `{count}`."


class Answer(StrEnum):
    YES = "ok"
    WARNING = "warning"
    "reminders come, but something is not as it should be"
    NO = "failed"
    "reminders do not come, or may not"
    NOT_CHECKED = "skipped"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence inside another: translated before it is put in."""

    sentence: Sentence
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    "the id of the check"
    ok: Answer
    sentence: Sentence
    values: Mapping[str, object] = field(default_factory=dict)
    "of the sentence and of the mend; an instant, a Said or several of them are put into words"
    mend: Sentence | None = None
    "what to do, or to type"
    faults: tuple[Fault, ...] = ()


def yes(sentence: Sentence, mend: str | None = None, /, **values: object) -> Finding:
    """`mend`: what could be better though nothing is wrong."""
    return Finding("", Answer.YES, sentence, values, mend)


def warning(sentence: Sentence, mend: str | None = None, /, **values: object) -> Finding:
    return Finding("", Answer.WARNING, sentence, values, mend)


def no(sentence: Sentence, mend: str | None = None, /, **values: object) -> Finding:
    return Finding("", Answer.NO, sentence, values, mend)


def not_checked(sentence: Sentence, mend: str | None = None, /, **values: object) -> Finding:
    return Finding("", Answer.NOT_CHECKED, sentence, values, mend)


def of_error(error: KzreminderError) -> Finding:
    """An error of ours says all that a finding needs."""
    faults = error.faults if isinstance(error, ConfigurationInvalid) else ()
    return Finding("", Answer.NO, error.sentence, error.values, error.hint, faults)


NO_DATABASE = not_checked(N_("not checked, because there is no database yet"))

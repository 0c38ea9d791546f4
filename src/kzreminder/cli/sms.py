"""sms: what an operator's message says, and recording it.

Not here: understanding it (operators.sms). Nothing of a message is printed, logged or put into
an error: it may hold a one-time code that nobody recognised.
"""

from __future__ import annotations

import re
import shlex
import sys
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, command, json_option, option
from kzreminder.cli.show import change_cards, print_table
from kzreminder.core.typed import money_shown
from kzreminder.errors import (
    N_,
    BadValue,
    CardNotFound,
    KzreminderError,
    SeveralCardsMatch,
    for_terminal,
)
from kzreminder.operators.sms import LONGEST, Reading, read_sms
from kzreminder.operators.sms_patterns import SmsKind
from kzreminder.operators.sms_record import Record, record_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzreminder.core.card import Card

_MOST_BYTES = 8 * LONGEST
"What is longer is not understood, whatever it says: the rest need not be read."

_CAUTION = N_(
    "Renewing never needs a code from an SMS. Tell it to nobody; whoever asks for it is a swindler."
)
_TITLES = {
    SmsKind.NUMBER_CLOSING: N_("The number will be closed"),
    SmsKind.CHARGE_FAILED: N_("Not charged"),
    SmsKind.CHARGE_DUE: N_("Charge due"),
    SmsKind.CHARGE_DONE: N_("Charged"),
    SmsKind.TOPPED_UP: N_("Topped up"),
    SmsKind.LOW_BALANCE: N_("Low balance"),
    SmsKind.BALANCE: N_("Balance"),
    SmsKind.PACKAGE_LEFT: N_("What is left of a package"),
    SmsKind.ADVERT: N_("An advert"),
}
_WHAT_TO_DO = {
    SmsKind.NUMBER_CLOSING: N_("How to pay: kzreminder guide {card}"),
    SmsKind.CHARGE_FAILED: N_("How to pay: kzreminder guide {card}"),
    SmsKind.CHARGE_DUE: N_("How to pay: kzreminder guide {card}"),
    SmsKind.CHARGE_DONE: N_("If that renewed the plan: kzreminder renew {card}"),
    SmsKind.TOPPED_UP: N_("If you know how much: kzreminder topup {card} AMOUNT"),
    SmsKind.LOW_BALANCE: N_("If you know how much is left: kzreminder balance {card} AMOUNT"),
}


@command(
    "sms",
    help=N_(
        "Read what an operator sent: as TEXT, from the clipboard, or pasted. Nothing of it is kept"
        " but what --apply records."
    ),
    epilog=N_('Example: kzreminder sms "Balance: 1200 tg" --card Mum --apply'),
    context_settings={"ignore_unknown_options": True},  # a text may begin with -1200
)
@click.argument("text", nargs=-1, metavar="[TEXT]...")
@option("--card", metavar="CARD", help=N_("Whose message it is."))
@option("--apply", "is_to_apply", is_flag=True, help=N_("Record the balance or the top-up."))
@option("--clipboard", is_flag=True, help=N_("Read the message from the clipboard."))
@json_option
def sms(
    app: App,
    text: tuple[str, ...],
    card: str | None,
    is_to_apply: bool,
    clipboard: bool,
    as_json: bool,
) -> None:
    if any(re.fullmatch(r"--[a-z][a-z-]*", word) for word in text):
        raise BadValue(
            N_("there is no such option, and a message with one in it is given in quotes"),
            hint=N_("See: kzreminder {command} --help"),
            command="sms",
        )
    message = _message(app, " ".join(text), clipboard)
    reading = read_sms(message, app.parts.sms_patterns, app.today)
    is_code = reading.kind is SmsKind.ONE_TIME_CODE
    found = _card(app, reading, card, is_to_apply=is_to_apply) if not is_code else None
    record = record_of(reading, app.settings.policy, app.now)
    if is_to_apply and record is not None and found is None:
        raise BadValue(
            N_("the message does not tell whose it is"), hint=N_("Say which card: --card CARD")
        )
    if reading.caution:
        app.tell(_CAUTION)
    if not as_json:
        _print(app, reading, found)
    is_applied = False
    if record is not None and found is not None:
        is_applied = _may_record(app, found, is_to_apply=is_to_apply, as_json=as_json)
    if record is not None and found is not None and is_applied:
        _apply(app, found, record, as_json=as_json)
    elif not as_json:
        _advise(app, reading, record, found)
    if is_to_apply and not is_applied:
        app.exit_code = 1
    if as_json:
        from kzreminder.cli.objects import reading_json

        app.print_json(reading_json(reading, found, applied=is_applied))


def _message(app: App, text: str, clipboard: bool) -> str:
    if text and clipboard:
        raise BadValue(N_("--clipboard and a text cannot both be the message"))
    if clipboard:
        text = _pasted()
    elif not text:
        text = _from_stdin(app)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _unreadable() from None
    if not text.strip():
        raise BadValue(
            N_("there is no message to read"),
            hint=N_('Give it in quotes: kzreminder sms "...", or pipe it in, or use --clipboard'),
        )
    return text


def _pasted() -> str:
    import pyperclip

    try:
        return str(pyperclip.paste())
    except (pyperclip.PyperclipException, OSError, ValueError) as error:
        raise KzreminderError(
            N_("the clipboard cannot be read here"),
            hint=N_("Paste the message instead: kzreminder sms, then Ctrl-D"),
        ) from error


def _from_stdin(app: App) -> str:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        return ""
    if sys.stdin.isatty():
        if not app.may_ask:
            return ""
        app.tell(N_("Paste the message, then press Enter and Ctrl-D"))
    content: bytes = stream.read(_MOST_BYTES)
    is_cut = len(content) == _MOST_BYTES
    try:
        return content.decode("utf-8-sig", errors="ignore" if is_cut else "strict")
    except UnicodeDecodeError:
        raise _unreadable() from None


def _unreadable() -> BadValue:
    return BadValue(N_("the message is not UTF-8 text"))


def _card(app: App, reading: Reading, wanted: str | None, *, is_to_apply: bool) -> Card | None:
    """The card that was named, else the one registered card whose number stands in the text.

    Refuses to record on one card what the text says of another.
    """
    named = {card.id: card for card in map(partial(_registered, app), reading.numbers) if card}
    if wanted is None:
        return next(iter(named.values())) if len(named) == 1 else None
    found = app.parts.store.find(wanted)
    for refusal in _strangeness(app, reading, found, [card.label for card in named.values()]):
        if is_to_apply:
            raise refusal
        app.tell(N_("Note: {what}."), what=app.words.gettext(refusal.sentence, **refusal.values))
    return found


def _strangeness(
    app: App, reading: Reading, card: Card, others: Sequence[str]
) -> Iterator[BadValue]:
    """What in the message is not of that card."""
    if reading.numbers and card.number not in reading.numbers:
        if others:
            yield BadValue(N_("the message names the number of {others}"), others=", ".join(others))
        else:
            yield BadValue(N_("the message names another number than that of this card"))
    told, own = reading.operator, card.operator
    if told is not None and own is not None and told != own and not card.operator_guessed:
        catalogue, language = app.parts.operators, app.words.language
        yield BadValue(
            N_("the message is of {told}, the card of {own}"),
            told=catalogue.name_of(told, language),
            own=catalogue.name_of(own, language),
        )


def _registered(app: App, number: str) -> Card | None:
    try:
        found = app.parts.store.find(number)
    except (CardNotFound, SeveralCardsMatch):
        return None
    return found if found.number == number else None


def _may_record(app: App, found: Card, *, is_to_apply: bool, as_json: bool) -> bool:
    if is_to_apply or as_json or not app.may_ask:
        return is_to_apply
    question = app.words.gettext("Record it for {label}?", label=found.label)
    return click.confirm(for_terminal(question), default=False, err=True)


def _apply(app: App, found: Card, record: Record, *, as_json: bool) -> None:
    read_at, newest = record.details.get("at"), found.balance.read_at
    is_old = read_at is not None and newest is not None and datetime.fromisoformat(read_at) < newest
    if is_old and not as_json:
        app.tell(N_("A newer reading is known: this one is kept as history only."))
    change_cards(app, [found], record.event, record.move, record.details)
    if not as_json:
        app.tell(
            N_("Recorded for {label}. It is taken back with: kzreminder undo {card}"),
            label=found.label,
            card=shlex.quote(found.label),
        )


def _advise(app: App, reading: Reading, record: Record | None, found: Card | None) -> None:
    if reading.kind is None:
        app.tell(N_("Not understood. What you read yourself is recorded with balance or topup."))
        return
    if reading.kind is SmsKind.ONE_TIME_CODE:
        return
    card = shlex.quote(found.label) if found is not None else "CARD"
    if record is not None:
        for command in record.by_hand:
            app.tell(N_("Record it: {command}"), command=command.format(card=card))
        return
    app.tell(N_("There is nothing in it to record."))
    if reading.kind in _WHAT_TO_DO:
        app.tell(_WHAT_TO_DO[reading.kind], card=card)


def _print(app: App, reading: Reading, found: Card | None) -> None:
    if reading.kind not in _TITLES:
        return
    words = app.words
    title = words.gettext(_TITLES[reading.kind])
    if reading.amount is not None:
        title = words.gettext("{what}: {amount}", what=title, amount=money_shown(reading.amount))
    app.say(title)
    rows = []
    if reading.missing is not None:
        rows.append((words.gettext("Lacking"), money_shown(reading.missing)))
    if reading.balance is not None:
        rows.append((words.gettext("Balance"), money_shown(reading.balance)))
    if reading.on is not None:
        rows.append((words.gettext("Day"), words.day(reading.on, app.today)))
    operator = reading.operator_of(found.operator if found is not None else None)
    if operator is not None:
        name = app.parts.operators.name_of(operator, words.language)
        rows.append((words.gettext("Operator"), name))
    if found is not None:
        rows.append((words.gettext("Card"), found.label))
    print_table(rows)

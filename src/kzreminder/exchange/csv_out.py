"""Cards as the rows of a CSV file; what csv_cards reads of them is the same cards.

Dates, money and yes or no are written as JSON has them; unknown is an empty cell. Commas, line
feeds and no byte order mark, as programs like it best; spreadsheets read that too.

Not here: which cards, and where to (cli).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from kzreminder.core.card import Card, Kind
from kzreminder.core.period import Period
from kzreminder.core.policy import Policy
from kzreminder.core.rolling import as_of
from kzreminder.core.silence import is_muted, snooze_ends_at
from kzreminder.core.told_by_file import keeps_day
from kzreminder.core.typed import money_text
from kzreminder.core.typed_leads import leads_text
from kzreminder.core.zone import almaty
from kzreminder.exchange.cells import BETWEEN_TAGS, CLEARED, COLUMNS, SELDOM
from kzreminder.exchange.spreadsheet_cells import shielded

Teller = Callable[[Card], str]


def csv_rows(
    cards: Iterable[Card], policy: Policy, now: datetime, seldom: Collection[str] = ()
) -> Iterator[str]:
    """The header, then a row for each card as it stands at `now`.

    `seldom`: which of these columns some card needs, as `seldom_cells` finds it.
    """
    needed = [column for column in SELDOM if column in seldom]
    tellers = [seldom_cells(policy, now)[column] for column in needed]
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow([*COLUMNS, *needed])
    for card in cards:
        yield _taken(line)
        standing = as_of(card, now)
        cells = [_CELLS[column](standing) for column in COLUMNS]
        writer.writerow(cells + [tell(card) for tell in tellers])
    yield _taken(line)


def seldom_cells(policy: Policy, now: datetime) -> dict[str, Teller]:
    """What each seldom column says of a card as it was stored: nothing, where it needs none."""

    def snoozed_until(card: Card) -> str:
        ends_at = snooze_ends_at(card, policy, now)
        return _instant(ends_at if ends_at is not None and ends_at > now else None)

    def muted(card: Card) -> str:
        return "true" if is_muted(card, now) and card.silence.muted_until is None else ""

    def muted_until(card: Card) -> str:
        return _day(card.silence.muted_until if is_muted(card, now) else None)

    return {
        "balance_at": lambda card: _instant(card.balance.read_at),
        "estimated": lambda card: "true" if as_of(card, now).balance.estimated else "",
        "keeps_day": lambda card: str(keeps_day(as_of(card, now).plan) or ""),
        "muted": muted,
        "muted_until": muted_until,
        "snoozed_until": snoozed_until,
        "targets": lambda card: shielded(BETWEEN_TAGS.join(card.targets)),
        "watcher": lambda card: _text(card.watcher),
    }


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _text(value: str | None) -> str:
    return "" if value is None else shielded(value)


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _money(value: Decimal | None) -> str:
    return "" if value is None else money_text(value)


def _period(value: Period | None) -> str:
    return str(value) if value else ""


def _yes_no(value: bool) -> str:
    return "true" if value else "false"


def _instant(value: datetime | None) -> str:
    return value.astimezone(almaty()).isoformat(timespec="seconds") if value else ""


def _operator(card: Card) -> str:
    """One that was only guessed is guessed again, and goes on being called so; one that is known to
    be unknown is not."""
    if card.operator_guessed:
        return ""
    return card.operator or (CLEARED if card.number else "")


def _started(card: Card) -> str:
    """Left empty beside an empty `expires` it would be the day on which the file is read."""
    plan = card.plan
    is_cleared = plan.started_on is None and plan.last_good_on is None
    return CLEARED if is_cleared else _day(plan.started_on)


_CELLS: dict[str, Teller] = {
    "number": lambda card: card.number or "",
    "label": lambda card: shielded(card.label),
    "operator": _operator,
    "esim": lambda card: _yes_no(card.kind is Kind.ESIM),
    "plan": lambda card: _text(card.plan.name),
    "period": lambda card: _period(card.plan.period),
    "started": _started,
    "expires": lambda card: _day(card.plan.last_good_on),
    "price": lambda card: _money(card.plan.price),
    "auto_renew": lambda card: _yes_no(card.plan.auto_renew),
    "balance": lambda card: _money(card.balance.amount),
    "threshold": lambda card: _money(card.balance.threshold),
    "keep_alive": lambda card: _period(card.keep_alive.period),
    "last_used": lambda card: _day(card.keep_alive.last_used_on),
    "device_entered": lambda card: _day(card.device_entered_on),
    "protects": lambda card: _text(card.protects),
    "leads": lambda card: leads_text(card.leads) if card.leads else "",
    "lang": lambda card: card.lang or "",
    "tags": lambda card: shielded(BETWEEN_TAGS.join(card.tags)),
    "note": lambda card: _text(card.note),
    "archived": lambda card: _yes_no(card.archived),
}

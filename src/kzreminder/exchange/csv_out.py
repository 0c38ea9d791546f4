"""Cards as the rows of a CSV file; what csv_cards reads of them is the same cards.

Dates, money and yes or no are written as JSON has them; unknown is an empty cell. Commas, line
feeds and no byte order mark, as programs like it best; spreadsheets read that too.

Not here: which cards, and where to (cli).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from kzreminder.core.card import Card, Kind
from kzreminder.core.period import Period
from kzreminder.core.rolling import as_of
from kzreminder.core.typed import money_text
from kzreminder.core.typed_leads import leads_text
from kzreminder.exchange.csv_cards import CLEARED, COLUMNS, SHARED
from kzreminder.exchange.spreadsheet_cells import shielded

BETWEEN_TAGS = "|"


def csv_rows(cards: Iterable[Card], now: datetime, *, are_shared: bool = False) -> Iterator[str]:
    """The header, then a row for each card as it stands at `now`.

    `are_shared`: some have targets or a watcher of their own.
    """
    columns = (*COLUMNS, *SHARED) if are_shared else COLUMNS
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow(columns)
    for card in cards:
        yield _taken(line)
        writer.writerow(_row(as_of(card, now), columns))
    yield _taken(line)


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _row(card: Card, columns: Sequence[str]) -> list[str]:
    return [_CELLS[column](card) for column in columns]


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


def _operator(card: Card) -> str:
    """One that was only guessed is guessed again, and goes on being called so."""
    return "" if card.operator_guessed else card.operator or ""


def _started(card: Card) -> str:
    """Left empty beside an empty `expires` it would be the day on which the file is read."""
    plan = card.plan
    is_cleared = plan.started_on is None and plan.last_good_on is None
    return CLEARED if is_cleared else _day(plan.started_on)


_CELLS: dict[str, Callable[[Card], str]] = {
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
    "targets": lambda card: BETWEEN_TAGS.join(card.targets),
    "watcher": lambda card: _text(card.watcher),
}

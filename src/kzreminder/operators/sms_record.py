"""What there is to record of a message that was understood: a reading, a top-up, or both in one.

Not here: understanding it (sms), asking whether to record it (cli).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kzreminder.core.card import Card, Move
from kzreminder.core.moves import read_balance, top_up
from kzreminder.core.policy import Policy
from kzreminder.core.typed import money_text
from kzreminder.core.zone import almaty, almaty_day, end_of_day
from kzreminder.operators.sms import Reading
from kzreminder.operators.sms_patterns import SmsKind

SOURCE = {"source": "message"}
"How history tells it from what was typed."


@dataclass(frozen=True, slots=True)
class Record:
    event: str
    move: Move
    details: dict[str, str]
    by_hand: tuple[str, ...]
    "the commands that record the same, with {card} for its name"


def record_of(reading: Reading, policy: Policy, now: datetime) -> Record | None:
    """One event, of the day that the message tells where that has passed; None: nothing to record.

    A day ahead is that of something else, as when to pay by; a balance of such a day is none.
    """
    amount, balance, today = reading.amount, reading.balance, almaty_day(now)
    is_ahead = reading.on is not None and reading.on > today
    if amount is None or (is_ahead and reading.kind is SmsKind.BALANCE):
        return None
    on = today if reading.on is None else min(reading.on, today)
    at = now if on == today else end_of_day(on)
    if reading.kind in (SmsKind.BALANCE, SmsKind.LOW_BALANCE):
        read_at = at.astimezone(almaty()).isoformat(timespec="seconds")

        def read(card: Card) -> Card:
            return read_balance(card, amount, at, policy)

        details = {"amount": money_text(amount), "at": read_at, **SOURCE}
        return Record("balance_read", read, details, (_balance(amount),))
    if reading.kind is not SmsKind.TOPPED_UP or amount == 0:
        return None

    def credit(card: Card) -> Card:
        card = top_up(card, amount, on, policy, now)
        return card if balance is None else read_balance(card, balance, at, policy)

    details = {"amount": money_text(amount), "on": on.isoformat()}
    by_hand = [f"kzreminder topup {{card}} {money_text(amount)}"]
    if balance is not None:
        details["balance"] = money_text(balance)
        by_hand.append(_balance(balance))
    return Record("topped_up", credit, {**details, **SOURCE}, tuple(by_hand))


def _balance(amount: Decimal) -> str:
    return f"kzreminder balance {{card}} {money_text(amount)}"

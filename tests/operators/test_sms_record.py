"""What is recorded of a message: a table of readings, and a property of every one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzreminder.core.policy import Policy
from kzreminder.operators.sms import Reading
from kzreminder.operators.sms_patterns import SmsKind
from kzreminder.operators.sms_record import record_of
from tests.operators.shipped import a_card

NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)  # noon in Almaty
TODAY = date(2026, 11, 21)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
AT_NOON, AT_ITS_END = "2026-11-21T12:00:00+05:00", "2026-11-20T23:59:59+05:00"


def reading(kind: SmsKind, amount: str | None, on: date | None, balance: str | None) -> Reading:
    return Reading(
        kind,
        amount=None if amount is None else Decimal(amount),
        on=on,
        balance=None if balance is None else Decimal(balance),
    )


@pytest.mark.parametrize(
    ("kind", "amount", "on", "balance", "event", "details"),
    [
        ("balance", "350", None, None, "balance_read", {"amount": "350", "at": AT_NOON}),
        ("balance", "350", YESTERDAY, None, "balance_read", {"amount": "350", "at": AT_ITS_END}),
        ("balance", "-50", TODAY, None, "balance_read", {"amount": "-50", "at": AT_NOON}),
        ("balance", "350", TOMORROW, None, None, None),
        ("low_balance", "20", TOMORROW, None, "balance_read", {"amount": "20", "at": AT_NOON}),
        ("topped_up", "2000", None, None, "topped_up", {"amount": "2000", "on": "2026-11-21"}),
        ("topped_up", "2000", YESTERDAY, "2350", "topped_up",
         {"amount": "2000", "on": "2026-11-20", "balance": "2350"}),
        ("topped_up", "0", None, None, None, None),
        ("topped_up", None, None, "2350", None, None),
        ("charge_done", "4990", None, "200", None, None),
    ],
)  # fmt: skip
def test_a_message_is_recorded_as_this(
    kind: str,
    amount: str | None,
    on: date | None,
    balance: str | None,
    event: str | None,
    details: dict[str, str] | None,
) -> None:
    record = record_of(reading(SmsKind(kind), amount, on, balance), Policy(), NOW)
    assert (record.event if record else None) == event
    if record is not None and details is not None:
        assert record.details == {**details, "source": "message"}


AMOUNTS = st.none() | st.integers(-500, 9000).map(str)
DAYS = st.none() | st.dates(TODAY - timedelta(days=90), TODAY + timedelta(days=90))


@given(st.builds(reading, st.sampled_from(SmsKind), AMOUNTS, DAYS, AMOUNTS))
def test_only_a_balance_or_a_top_up_is_recorded_and_never_of_a_day_ahead(told: Reading) -> None:
    record = record_of(told, Policy(), NOW)
    if told.kind not in (SmsKind.BALANCE, SmsKind.LOW_BALANCE, SmsKind.TOPPED_UP):
        assert record is None
    if record is None:
        return
    assert told.amount is not None
    assert date.fromisoformat((record.details.get("on") or record.details["at"])[:10]) <= TODAY
    moved = record.move(a_card())
    last = told.amount if record.event == "balance_read" else told.balance
    assert moved.balance.amount == last  # a top-up alone leaves an unknown balance unknown

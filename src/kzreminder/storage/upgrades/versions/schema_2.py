"""2: what the user silenced, payments to look for, what a forecast is made from.

A charge that was made is no mark on the old period any more: the next period has begun. The rule of
periods stands here as it was then, in its own words.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = None

NEW: tuple[sa.Column[Any], ...] = (
    sa.Column("estimated", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("spendings", sa.Text()),
    sa.Column("changes", sa.Text()),
    sa.Column("acked_at", sa.BigInteger()),
    sa.Column("snoozed_at", sa.BigInteger()),
    sa.Column("snoozed_until", sa.BigInteger()),
    sa.Column("muted", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("muted_until", sa.Date()),
    sa.Column("paid_on", sa.Date()),
)
CHARGED = sa.text(
    "select id, period, anchor_day, last_good_on from cards"
    " where charged_on = last_good_on and period is not null"
)
NEXT = sa.text(
    "update cards set started_on = :started_on, last_good_on = :ends_on, estimated = true"
    " where id = :card_id"
).bindparams(sa.bindparam("started_on", type_=sa.Date), sa.bindparam("ends_on", type_=sa.Date))


def upgrade() -> None:
    for column in NEW:
        op.add_column("cards", column.copy())
    connection = op.get_bind()
    for card_id, period, anchor_day, last_good_on in connection.execute(CHARGED).all():
        started_on = date.fromisoformat(str(last_good_on)) + timedelta(days=1)
        ends_on = _last_good_day(started_on, period, anchor_day)
        if ends_on is not None:
            values = {"card_id": card_id, "started_on": started_on, "ends_on": ends_on}
            connection.execute(NEXT, values)
    op.drop_column("cards", "charged_on")


def _last_good_day(first: date, period: str, anchor_day: int | None) -> date | None:
    """The first day counts: `30d` from 21 November ends on 20 December. None: no period."""
    if period == "none":
        return None
    if period == "month-start":
        return _months_later(first, 0, 31)
    if period.endswith("d"):
        return first + timedelta(days=int(period[:-1]) - 1)
    months = int(period[:-2]) if period.endswith("mo") else 12 * int(period.removesuffix("y"))
    anchor = first.day
    if anchor_day is not None and first == _months_later(first, 0, anchor_day):
        anchor = anchor_day  # the 31st comes back after a shorter month
    return _months_later(first, months, anchor) - timedelta(days=1)


def _months_later(day: date, count: int, anchor_day: int) -> date:
    year, month0 = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month0 + 1, min(anchor_day, calendar.monthrange(year, month0 + 1)[1]))
